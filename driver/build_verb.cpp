// gale build [-o output] [build flags] [packages]
#include <errno.h>
#include <fmt/core.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

bool make_folders(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != path.npos; slash = path.find('/', slash + 1)) {
    ::mkdir(path.substr(0, slash).c_str(), 0777);
  }
  return ::mkdir(path.c_str(), 0777) == 0 || is_folder(path);
}

// As the go command does, with the folders above it.
int write(const Build& build, const std::string& output) {
  DeferSignals defer;
  if (const size_t slash = output.rfind('/'); slash != output.npos && slash != 0) {
    const std::string folder = output.substr(0, slash);
    if (!make_folders(folder)) return fail(fmt::format("gale: mkdir {}: {}", folder, ::strerror(errno)));
  }
  std::string error = link::write_executable(output, build.image);
  return error.empty() ? 0 : fail("gale: " + error);
}

// One program, to its file.
int build_one(const BuildOptions& options, const BuildFlags& flags, const std::string& output) {
  std::unique_ptr<Build> build = build_program(options);
  if (!build->ok()) return report_failure(*build, flags);
  return write(*build, output);
}

// -o FOLDER: every program goes into it, one after the other, each compiled as a whole by a process of its own: the checker's
// universe is one per process and holds what the first compilation made of it.
int build_each(const Build& all, const BuildOptions& options, const BuildFlags& flags, const std::string& folder) {
  for (const MainPackage& m : all.mains) {
    BuildOptions one = options;
    if (m.path != "command-line-arguments") one.patterns = {m.dir};
    const std::string output = folder + "/" + m.executable;
    ::fflush(stdout);
    pid_t child = ::fork();
    if (child < 0) return fail(fmt::format("gale: cannot start a process: {}", ::strerror(errno)));
    if (child == 0) {
      const int code = build_one(one, flags, output);
      ::fflush(stdout);
      ::_exit(code);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
    if (WEXITSTATUS(status) != 0) return WEXITSTATUS(status);
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
  options.refuse = [&](const Build& build) -> std::string {
    if (build.named == 0) return output.empty() ? "" : "no packages to build";
    if (into_folder) return build.mains.empty() ? "go: no main packages to build" : "";
    if (output.empty()) {
      const bool taken = build.named == 1 && build.mains.size() == 1 && is_folder(build.mains[0].executable);
      return taken ? fmt::format("go: build output \"{}\" already exists and is a directory", build.mains[0].executable) : "";
    }
    if (build.named > 1) return fmt::format("go: cannot write multiple packages to non-directory {}", output);
    if (build.mains.size() == 1) return "";
    return fmt::format("package {} is not a main package: gale writes programs only", build.program->targets[0]->path.text());
  };
  std::unique_ptr<Build> build = build_program(options);
  print_warnings(*build);
  if (!build->refusal.empty()) return fail(build->refusal);
  if (!build->ok() && (!build->checked || !build->errors.empty() || !build->sink.empty())) return report_failure(*build, flags);
  if (flags.only_print || build->named == 0) return 0;
  if (into_folder) {
    while (output.size() > 1 && output.ends_with('/')) output.pop_back();
    if (!make_folders(output)) return fail(fmt::format("gale: mkdir {}: {}", output, ::strerror(errno)));
    options.check_only = false;
    options.refuse = nullptr;
    return build_each(*build, options, flags, output);
  }
  if (!build->ok()) return 0;  // everything was checked, and nothing is written
  return write(*build, output.empty() ? build->mains[0].executable : output);
}

}  // namespace gale::driver
