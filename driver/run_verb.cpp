// gale run [flags] package [arguments...]: builds in memory, runs the program from a temporary file, removes it.
#include <errno.h>
#include <fmt/core.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver/build_flags.h"
#include "driver/verbs.h"

namespace gale::driver {
namespace {

// The program as a file in a folder of its own, which goes when the program has ended. Not in anonymous memory: os.Executable and
// os.Args[0] must be paths that can be opened and started again.
class TemporaryProgram {
 public:
  TemporaryProgram(const std::vector<uint8_t>& image, const std::string& name) {
    const char* base = ::getenv("GOTMPDIR");
    if (base == nullptr || *base == 0) base = ::getenv("TMPDIR");
    if (base == nullptr || *base == 0) base = "/tmp";
    std::string folder = fmt::format("{}/gale-runXXXXXX", base);
    if (::mkdtemp(folder.data()) == nullptr) {
      error_ = fmt::format("mkdir {}: {}", folder, ::strerror(errno));
      return;
    }
    folder_ = folder;
    file_ = folder + "/" + name;
    error_ = link::write_executable(file_, image);
  }
  TemporaryProgram(const TemporaryProgram&) = delete;
  TemporaryProgram& operator=(const TemporaryProgram&) = delete;
  ~TemporaryProgram() {
    if (folder_.empty()) return;
    ::unlink(file_.c_str());
    ::rmdir(folder_.c_str());
  }
  const std::string& error() const { return error_; }  // empty: none
  const std::string& path() const { return file_; }

 private:
  std::string folder_, file_, error_;
};

// As `go run` does: exit code 1 and "exit status N" for a program that failed, "signal: name" for one that was killed.
int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return 1;
  }
  if (WIFEXITED(status)) {
    int code = WEXITSTATUS(status);
    if (code == 0) return 0;
    fmt::print(stderr, "exit status {}\n", code);
    return 1;
  }
  int number = WTERMSIG(status);
  std::string name = ::strsignal(number);
  for (char& c : name) c = static_cast<char>(::tolower(c));
  fmt::print(stderr, "signal: {}{}\n", name, WCOREDUMP(status) ? " (core dumped)" : "");
  return 1;
}

}  // namespace

int run_verb(Arguments args) {
  BuildFlags flags;
  std::string error;
  int code;
  BuildOptions options;
  if (!flags.parse(BuildFlags::Verb::Run, &args, &options, &error, &code)) {
    fmt::print(stderr, "{}\n", error);
    if (code == 2) {
      fmt::print(stderr, "usage: gale run [build flags] [-exec xprog] package [arguments...]\nRun 'gale help run' for details.\n");
    }
    return code;
  }
  options.buildvcs = "false";  // as for the go command: only build records it
  size_t files = 0;
  while (files < args.size() && args[files].ends_with(".go")) files++;
  for (size_t i = 0; i < files; i++) {
    if (!args[i].ends_with("_test.go")) continue;
    fmt::print(stderr, "go: cannot run *_test.go files ({})\n", args[i]);
    return 1;
  }
  for (size_t i = 0; i < files; i++) {
    if (::access(args[i].c_str(), F_OK) == 0) continue;
    fmt::print(stderr, "stat {}: {}\n", args[i], errno == ENOENT ? "no such file or directory" : "permission denied");
    return 1;
  }
  const bool one_package = files == 0;
  if (one_package && !args.empty() && !args[0].starts_with('-')) files = 1;
  if (files == 0) {
    fmt::print(stderr, "go: no go files listed\n");
    return 1;
  }
  options.patterns.assign(args.begin(), args.begin() + static_cast<ptrdiff_t>(files));
  std::string only;
  options.refuse = [&](const Build& build) -> std::string {
    if (build.named == 1 && build.mains.size() == 1) return "";
    if (build.named == 1) return fmt::format("package {} is not a main package", build.program->targets[0]->path.text());
    if (build.mains.empty()) return fmt::format("go: no packages loaded from {}", args[0]);
    if (build.mains.size() == 1) {  // others that the pattern matches do not count
      only = build.mains[0].dir;
      return "again";
    }
    std::string text = fmt::format("go: pattern {} matches multiple packages:", args[0]);
    for (const MainPackage& m : build.mains) text += fmt::format("\n\t{}", m.path);
    return text;
  };
  std::unique_ptr<Build> build = build_program(options);
  if (!only.empty()) {
    options.patterns = {only};
    build = build_program(options);
  }
  print_warnings(*build);
  if (!build->refusal.empty()) {
    fmt::print(stderr, "{}\n", build->refusal);
    return 1;
  }
  if (!build->ok()) return report_failure(*build, flags);
  std::string name = build->mains[0].executable;

  TemporaryProgram program(build->image, name);
  if (!program.error().empty()) {
    fmt::print(stderr, "gale: cannot write the program: {}\n", program.error());
    return 1;
  }
  // -exec 'cmd arg': cmd starts the program.
  Arguments words;
  if (!flags.exec.empty() && (!split_words(flags.exec, &words) || words.empty())) {
    fmt::print(stderr, "go: invalid -exec command: {}\n", flags.exec);
    return 1;
  }
  std::string file = program.path();
  std::vector<char*> argv;
  for (std::string& w : words) argv.push_back(w.data());
  argv.push_back(file.data());
  for (size_t i = files; i < args.size(); i++) argv.push_back(args[i].data());
  argv.push_back(nullptr);
  // The program gets the terminal's signals itself; gale waits for it.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGQUIT, SIG_IGN);
  pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGINT, SIG_DFL);
    ::signal(SIGQUIT, SIG_DFL);
    ::execvp(argv[0], argv.data());
    fmt::print(stderr, "gale: cannot run the program: {}\n", ::strerror(errno));
    ::_exit(126);
  }
  if (child < 0) {
    fmt::print(stderr, "gale: cannot start a process: {}\n", ::strerror(errno));
    return 1;
  }
  build.reset();
  return wait_for(child);
}

}  // namespace gale::driver
