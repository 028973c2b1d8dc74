// gale build [-o output] [build flags] [packages]
#include <errno.h>
#include <fmt/core.h>
#include <string.h>
#include <sys/stat.h>

#include "driver/build_flags.h"
#include "driver/defer_signals.h"
#include "driver/verbs.h"

namespace gale::driver {
namespace {

bool is_folder(const std::string& path) {
  struct stat st {};
  return ::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

int fail(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  return 1;
}

int write(const Build& build, const std::string& output) {
  DeferSignals defer;
  std::string error = link::write_executable(output, build.image);
  return error.empty() ? 0 : fail("gale: " + error);
}

bool make_folders(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != path.npos; slash = path.find('/', slash + 1)) {
    ::mkdir(path.substr(0, slash).c_str(), 0777);
  }
  return ::mkdir(path.c_str(), 0777) == 0 || is_folder(path);
}

// -o FOLDER with several packages: every program goes into it. They are built one after the other, each as a whole program.
int build_each(const Build& all, const BuildOptions& options, const BuildFlags& flags, const std::string& folder) {
  for (const MainPackage& m : all.mains) {
    BuildOptions one = options;
    if (m.path != "command-line-arguments") one.patterns = {m.dir};
    std::unique_ptr<Build> build = build_program(one);
    if (!build->ok()) return report_failure(*build, flags);
    if (int code = write(*build, folder + "/" + m.executable); code != 0) return code;
  }
  return 0;
}

}  // namespace

int build_verb(Arguments args) {
  BuildFlags flags;
  std::string error;
  int code;
  BuildOptions options;
  options.level = opt::Level::Full;
  if (!flags.parse(BuildFlags::Verb::Build, &args, &options, &error, &code)) {
    fmt::print(stderr, "{}\n", error);
    if (code == 2) fmt::print(stderr, "usage: gale build [-o output] [build flags] [packages]\nRun 'gale help build' for details.\n");
    return code;
  }
  options.patterns = args.empty() ? Arguments{"."} : args;
  options.check_only = flags.only_print;
  std::string output = flags.output;
  const bool into_folder = output.ends_with('/') || (!output.empty() && is_folder(output));
  if (into_folder) options.check_only = true;  // which programs there are is known first
  std::unique_ptr<Build> build = build_program(options);
  print_warnings(*build);
  if (!build->ok() && !build->checked) {
    const bool nothing_named = build->program != nullptr && build->named == 0 && build->errors.empty() && build->sink.empty();
    if (nothing_named) return output.empty() ? 0 : fail("no packages to build");
    return report_failure(*build, flags);
  }
  if (flags.only_print) return 0;
  if (into_folder) {
    if (build->mains.empty()) return fail("go: no main packages to build");
    while (output.size() > 1 && output.ends_with('/')) output.pop_back();
    if (!make_folders(output)) return fail(fmt::format("gale: mkdir {}: {}", output, ::strerror(errno)));
    options.check_only = false;
    return build_each(*build, options, flags, output);
  }
  if (build->ok()) {
    if (!output.empty()) return write(*build, output);
    output = build->mains[0].executable;
    if (is_folder(output)) return fail(fmt::format("go: build output \"{}\" already exists and is a directory", output));
    return write(*build, output);
  }
  // Everything was checked, and nothing is written.
  if (output.empty()) return 0;
  if (build->named > 1) return fail(fmt::format("go: cannot write multiple packages to non-directory {}", output));
  return fail(fmt::format("package {} is not a main package: gale writes programs only", build->package_path));
}

}  // namespace gale::driver
