// sched.h: the scheduler: run queues, parking, goroutine creation. One thread (M0) and one P for now; all transitions go through
// the functions below, so that more threads change their bodies, not their callers.
//
// The park protocol (ABI.md section 3): a blocking gate's begin function puts the goroutine on some queue, sets
// g->resume, g->commit and g->waitreason, and returns Outcome::kPark. The stub then calls rt_park on g0: status = waiting, commit
// (which releases the queue's lock, so that a waker can come), schedule(). A waker calls ready(g). execute(g) calls
// g->resume until it says kDone, then returns to Go at the stub's load of results.

#ifndef GALE_RUNTIME_SCHED_SCHED_H_
#define GALE_RUNTIME_SCHED_SCHED_H_

#include "runtime/sched/g.h"
#include "runtime/sys/memory.h"

namespace gale::rt {

struct Sched {
  SysVector<G*> all_gs;
  G* dead;           // recycled
  G* global_head;    // run queue of what does not fit elsewhere
  G* global_tail;
  u64 next_goid;
  i64 ngs;           // not dead, not system
  i32 gomaxprocs;
  u64 io_waiters;    // goroutines that only the poller or a signal can wake
  M m0;
  P* p0;
  G g0;
};
extern Sched sched;

[[noreturn]] void schedule();
void ready(G* g);              // waiting -> runnable, runs next
void enqueue(P* p, G* g, bool next);

// Prepares a park: what a begin or resume function does before it returns Outcome::kPark.
Outcome park(G* g, Wait reason, ResumeFn resume, CommitFn commit = nullptr);

G* new_goroutine(G* creator, const Closure* fn, uptr gopc);
void init_sched();

void seed_random(M* m);
u64 random_word();

// Timers and poller, as the scheduler sees them.
i64 run_timers(i64 now);       // fires what is due; returns the time of the next one, 0 if none
bool poll_network(i64 timeout_ns);  // < 0 blocks; true if goroutines became ready
bool network_active();

// A spin lock with no owner. One thread now: only checks that nobody parks while holding it.
struct Lock {
  u32 held = 0;
  void lock() {
    while (__atomic_exchange_n(&held, 1, __ATOMIC_ACQUIRE) != 0) __builtin_ia32_pause();
  }
  void unlock() { __atomic_store_n(&held, 0, __ATOMIC_RELEASE); }
};

}  // namespace gale::rt

#endif  // GALE_RUNTIME_SCHED_SCHED_H_
