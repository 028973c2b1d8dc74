// gale build [-o file] [flags] [packages]
#include <fmt/core.h>
#include <signal.h>
#include <sys/stat.h>

#include <array>

#include "driver/build_flags.h"
#include "driver/verbs.h"

namespace gale::driver {
namespace {

volatile sig_atomic_t deferred_signal = 0;

// While it lives, Ctrl-C and the like wait: the executable being written would be left behind under its temporary name.
class DeferSignals {
 public:
  DeferSignals() {
    struct sigaction action {};
    action.sa_handler = [](int number) { deferred_signal = number; };
    for (size_t i = 0; i < kSignals.size(); i++) {
      ::sigaction(kSignals[i], nullptr, &before_[i]);
      if (before_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);
    }
  }
  ~DeferSignals() {
    for (size_t i = 0; i < kSignals.size(); i++) ::sigaction(kSignals[i], &before_[i], nullptr);
    if (deferred_signal != 0) ::raise(deferred_signal);
  }
  DeferSignals(const DeferSignals&) = delete;
  DeferSignals& operator=(const DeferSignals&) = delete;

 private:
  static constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction before_[kSignals.size()];
};

}  // namespace

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
  {
    DeferSignals defer;
    error = link::write_executable(output, build->image);
  }
  if (!error.empty()) {
    fmt::print(stderr, "gale: {}\n", error);
    return 1;
  }
  return 0;
}

}  // namespace gale::driver
