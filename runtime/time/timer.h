// timer.h: timers: a binary heap by time, of records that are off the Go heap (time.Sleep, poll deadlines) or are the Go heap's
// time.Timer objects. What a heap timer refers to is kept alive by the heap of timers (mark_timers).

#ifndef GALE_RUNTIME_TIME_TIMER_H_
#define GALE_RUNTIME_TIME_TIMER_H_

#include "runtime/sched/g.h"

namespace gale::rt {

struct Timer {
  i64 when;             // monotonic ns; meaningful while active
  i64 period;
  u64 heap_index;       // 1-based place in the timer heap; 0 = not active
  u64 order;            // ties fire in the order of start
  void (*fire)(Timer*); // on g0, must not block
  void* off_heap_arg;
};

void timer_start(Timer* t, i64 when, i64 period);
bool timer_stop(Timer* t);  // true if it was active

}  // namespace gale::rt

#endif  // GALE_RUNTIME_TIME_TIMER_H_
