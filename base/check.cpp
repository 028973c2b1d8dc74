#include "base/check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

namespace gale {
namespace {

thread_local CrashScope* innermost = nullptr;
int command_argc = 0;
char** command_argv = nullptr;

void write_text(std::string_view s) {
  if (::write(2, s.data(), s.size()) < 0) return;
}

void on_crash(int signal_number) {
  // First failure wins: a second fault inside this handler dies at once.
  ::signal(SIGSEGV, SIG_DFL);
  ::signal(SIGABRT, SIG_DFL);
  ::signal(SIGBUS, SIG_DFL);
  ::signal(SIGILL, SIG_DFL);
  ::signal(SIGFPE, SIG_DFL);
  if (signal_number != SIGABRT) {
    write_text("gale: internal compiler error: ");
    write_text(::strsignal(signal_number));
    write_text("\n");
    print_crash_scopes();
  }
  ::raise(signal_number);
}

}  // namespace

CrashScope::CrashScope(std::string_view stage, std::string_view what)
    : stage_(stage), what_(what), outer_(innermost) {
  innermost = this;
}

CrashScope::~CrashScope() { innermost = outer_; }

void print_crash_scopes() {
  for (CrashScope* s = innermost; s != nullptr; s = s->outer_) {
    write_text("  in ");
    write_text(s->stage_);
    write_text(": ");
    write_text(s->what_);
    write_text("\n");
  }
  if (command_argc > 0) {
    write_text("  to reproduce:");
    for (int i = 0; i < command_argc; i++) {
      write_text(" ");
      write_text(command_argv[i]);
    }
    write_text("\nThis is a bug in gale, not in your program. Please report it with the lines above.\n");
  }
}

void set_crash_command(int argc, char** argv) {
  command_argc = argc;
  command_argv = argv;
  static char alternate_stack[64 * 1024];
  stack_t stack{};
  stack.ss_sp = alternate_stack;
  stack.ss_size = sizeof alternate_stack;
  ::sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_handler = on_crash;
  action.sa_flags = SA_ONSTACK;
  for (int number : {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE}) ::sigaction(number, &action, nullptr);
}

void check_failed(const char* file, int line, const char* condition, std::string_view expected) {
  char text[512];
  snprintf(text, sizeof text, "gale: internal compiler error: %s:%d: %s: ", file, line, condition);
  write_text(text);
  write_text(expected);
  write_text("\n");
  print_crash_scopes();
  ::abort();
}

}  // namespace gale
