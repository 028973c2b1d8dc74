// print.h: text to standard error, in gc's formats, without allocation. Output is gathered until the print lock is released.

#ifndef GALE_RUNTIME_PRINT_PRINT_H_
#define GALE_RUNTIME_PRINT_PRINT_H_

#include "runtime/sys/gate.h"

namespace gale::rt {

void print_lock();
void print_unlock();
void print_flush();
void print(const char* s);
void print(GoString s);
void print_bytes(const void* p, u64 n);
void print_int(i64 v);
void print_uint(u64 v);
void print_hex(u64 v);

void seize_print_lock();

// A fatal error begins: the first thread goes on with the print lock while the others are stopped; any other one sleeps for ever.
void begin_dying();
bool dying();

// Where prints go: nullptr = standard error. Used for runtime.Stack.
struct PrintSink {
  u8* buf;
  u64 len, cap;
};
PrintSink* set_print_sink(PrintSink* sink);

// Fatal errors of the program or of the runtime: message, tracebacks, exit status 2.
[[noreturn]] void throw_error(const char* message);   // "fatal error: message": our own inconsistency
[[noreturn]] void fatal_error(const char* message);   // the program's mistake (unlock of unlocked mutex, concurrent map writes...)

}  // namespace gale::rt

#define RT_CHECK(cond, what)                       \
  do {                                             \
    if (__builtin_expect(!(cond), 0)) ::gale::rt::throw_error(what); \
  } while (0)

#endif  // GALE_RUNTIME_PRINT_PRINT_H_
