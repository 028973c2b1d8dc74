// gale build [-o file] [flags] [packages]
#include <fmt/core.h>
#include <sys/stat.h>

#include "driver/build_flags.h"
#include "driver/verbs.h"

namespace gale::driver {

int build_verb(Arguments args) {
  BuildFlags flags;
  std::string error;
  std::vector<Flag> table = flags.table(true);
  BuildOptions options;
  options.level = opt::Level::Full;
  if (!parse_flags(table, &args, &error) || !flags.apply(&options, &error)) {
    fmt::print(stderr, "{}\nusage: gale build [-o file] [flags] [packages]\nRun 'gale help build' for details.\n", error);
    return 2;
  }
  options.patterns = args.empty() ? Arguments{"."} : args;
  std::unique_ptr<Build> build = build_program(options);
  if (build->program != nullptr) {
    for (const std::string& w : build->program->warnings) fmt::print(stderr, "{}\n", w);
  }
  if (!build->ok()) return report_failure(*build, flags);
  std::string output = flags.output.empty() ? build->default_name : flags.output;
  struct stat st {};
  if (::stat(output.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) {
    if (flags.output.empty()) {
      fmt::print(stderr, "gale: build output \"{}\" already exists and is a directory\n", output);
      return 1;
    }
    output += "/" + build->default_name;
  }
  error = link::write_executable(output, build->image);
  if (!error.empty()) {
    fmt::print(stderr, "gale: {}\n", error);
    return 1;
  }
  return 0;
}

}  // namespace gale::driver
