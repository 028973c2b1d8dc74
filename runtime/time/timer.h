// timer.h: timers: a binary heap by time for each P, of records that are off the Go heap (time.Sleep, poll deadlines) or are the Go
// heap's time.Timer objects. What a heap timer refers to is kept alive by the heap of timers (mark_timers).
//
// A timer belongs to one P's heap (`home`), that of the P which first started it; its fields are protected by that heap's lock.
// Any thread with a P may fire what is due in any heap. `home` changes only while the world is stopped.

#ifndef GALE_RUNTIME_TIME_TIMER_H_
#define GALE_RUNTIME_TIME_TIMER_H_

#include "runtime/sched/g.h"
#include "runtime/sys/memory.h"

namespace gale::rt {

// How a timer's function is called: under the heap's lock (it must not take a lock of lower rank), or after it, with the sequence
// number that the timer had when it became due: a later timer_start or timer_stop has another.
using FireFn = void (*)(Timer*, u64 seq);

struct Timer {
  i64 when;             // monotonic ns; meaningful while active
  i64 period;
  u64 heap_index;       // 1-based place in the timer heap; 0 = not active
  u64 seq;              // changed by each start and stop; also the order of timers with one time
  TimerHeap* home;
  FireFn fire;          // on g0, must not block
  void* off_heap_arg;
  u64 under_lock;       // fire is called with the heap's lock held
};

struct TimerHeap {
  Lock lock;
  SysVector<Timer*> timers;  // timers[i] has heap_index i + 1
  i64 first;                 // when of timers[0], 0 if none: read without the lock
  u64 next_seq;
};

void init_timers(P* p);
u64 timer_start(Timer* t, i64 when, i64 period);  // its new seq. Stops it first.
bool timer_stop(Timer* t);                        // true if it was active
void move_timers(P* from, P* to);                 // world stopped
void fire_if_due(Timer* t);                       // a channel's own timer, before somebody looks into the channel

}  // namespace gale::rt

#endif  // GALE_RUNTIME_TIME_TIMER_H_
