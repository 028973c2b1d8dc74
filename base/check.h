// CHECK: "our bug" errors. A failed check prints where the compiler was (stage, pass, function: see CrashScope), what
// was expected, and how to reproduce, then aborts. Never used for a user's mistake (that is a Diagnostic).
#pragma once

#include <string_view>

namespace gale {

// Names what this thread is working on, for crash reports. Nested scopes print innermost last.
class CrashScope {
 public:
  CrashScope(std::string_view stage, std::string_view what);
  ~CrashScope();
  CrashScope(const CrashScope&) = delete;
  CrashScope& operator=(const CrashScope&) = delete;

 private:
  friend void print_crash_scopes();
  std::string_view stage_, what_;
  CrashScope* outer_;
};

// The command line, kept for the "to reproduce" line. Installs handlers for SIGSEGV, SIGABRT and stack overflow.
void set_crash_command(int argc, char** argv);
void print_crash_scopes();

[[noreturn]] void check_failed(const char* file, int line, const char* condition, std::string_view expected);

}  // namespace gale

#define CHECK(condition, expected)                                          \
  do {                                                                      \
    if (!(condition)) [[unlikely]]                                          \
      ::gale::check_failed(__FILE__, __LINE__, #condition, (expected));     \
  } while (0)
