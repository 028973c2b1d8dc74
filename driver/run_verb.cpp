// gale run [flags] package [arguments...]: builds into memory and becomes the program. Nothing is written to disk.
#include <errno.h>
#include <fmt/core.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver/build_flags.h"
#include "driver/verbs.h"

namespace gale::driver {
namespace {

// The image as a file that can be executed: an anonymous memory file, or a temporary one where that is not allowed.
int executable_file(const std::vector<uint8_t>& image, const std::string& name) {
  int fd = ::memfd_create(name.c_str(), MFD_CLOEXEC);
  if (fd < 0) return -1;
  size_t done = 0;
  while (done < image.size()) {
    ssize_t n = ::write(fd, image.data() + done, image.size() - done);
    if (n <= 0) {
      ::close(fd);
      return -1;
    }
    done += static_cast<size_t>(n);
  }
  return fd;
}

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
  std::vector<Flag> table = flags.table(false);
  BuildOptions options;
  if (!parse_flags(table, &args, &error) || !flags.apply(&options, &error)) {
    fmt::print(stderr, "{}\nusage: gale run [flags] package [arguments...]\nRun 'gale help run' for details.\n", error);
    return 2;
  }
  size_t files = 0;
  while (files < args.size() && args[files].ends_with(".go")) files++;
  if (files == 0 && !args.empty()) files = 1;
  if (files == 0) {
    fmt::print(stderr, "gale run: no go files listed\n");
    return 1;
  }
  for (size_t i = 0; i < files && args[i].ends_with(".go"); i++) {
    if (::access(args[i].c_str(), F_OK) == 0) continue;
    fmt::print(stderr, "stat {}: no such file or directory\n", args[i]);
    return 1;
  }
  options.patterns.assign(args.begin(), args.begin() + static_cast<ptrdiff_t>(files));
  std::unique_ptr<Build> build = build_program(options);
  if (!build->ok()) return report_failure(*build, flags);

  int fd = executable_file(build->image, build->default_name);
  if (fd < 0) {
    fmt::print(stderr, "gale: cannot hold the program in memory: {}\n", ::strerror(errno));
    return 1;
  }
  std::vector<char*> argv{build->default_name.data()};
  for (size_t i = files; i < args.size(); i++) argv.push_back(args[i].data());
  argv.push_back(nullptr);
  // The program gets the terminal's signals itself; gale waits for it.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGQUIT, SIG_IGN);
  pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGINT, SIG_DFL);
    ::signal(SIGQUIT, SIG_DFL);
    ::fexecve(fd, argv.data(), environ);
    fmt::print(stderr, "gale: cannot run the program: {}\n", ::strerror(errno));
    ::_exit(126);
  }
  ::close(fd);
  if (child < 0) {
    fmt::print(stderr, "gale: cannot start a process: {}\n", ::strerror(errno));
    return 1;
  }
  build.reset();
  return wait_for(child);
}

}  // namespace gale::driver
