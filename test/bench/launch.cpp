// Runs a command and writes its CPU seconds, peak resident bytes and exit code to a file: launch FILE COMMAND ARGUMENT...
// A process of its own, because Linux counts the memory of whoever called exec into the peak of what it started: started by
// Python, each program seems to need 16 MB.
#include <cstdio>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const pid_t child = fork();
  if (child == 0) {
    execvp(argv[2], argv + 2);
    _exit(127);
  }
  int status = 0;
  struct rusage u {};
  if (child < 0 || wait4(child, &status, 0, &u) != child) return 2;
  FILE* f = fopen(argv[1], "w");
  if (f == nullptr) return 2;
  fprintf(f, "%ld.%06ld %ld.%06ld %ld %d\n", u.ru_utime.tv_sec, u.ru_utime.tv_usec, u.ru_stime.tv_sec, u.ru_stime.tv_usec, u.ru_maxrss,
          WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
  return fclose(f) == 0 ? 0 : 2;
}
