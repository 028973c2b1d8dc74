// traceback.h: stacks of goroutines as text, in gc's format.

#ifndef GALE_RUNTIME_PANIC_TRACEBACK_H_
#define GALE_RUNTIME_PANIC_TRACEBACK_H_

#include "runtime/sched/g.h"

namespace gale::rt {

const char* wait_reason_text(Wait w);

// "goroutine 1 [running]:" and the frames. The goroutine does not run (it may be the current one, seen from g0 in a gate).
void print_goroutine(G* g);
void print_other_goroutines(G* except);

// After the message of a panic or fatal error: the current goroutine, others as GOTRACEBACK wants; then exit status 2.
[[noreturn]] void die_with_traceback(G* g);

}  // namespace gale::rt

#endif  // GALE_RUNTIME_PANIC_TRACEBACK_H_
