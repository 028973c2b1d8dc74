// lock.h: locks of the runtime itself. A futex lock: it sleeps the thread, never the goroutine, so it is held for short stretches
// of C++ only, never across a park or a gate's edge.
//
// Locks are ranked: a thread takes them in ascending order (of one rank only where the caller orders them itself, as select does by
// address). Checked when GALE_RT_CHECKED is defined, as in the hosted tests.

#ifndef GALE_RUNTIME_SCHED_LOCK_H_
#define GALE_RUNTIME_SCHED_LOCK_H_

#include "runtime/sys/syscall.h"

namespace gale::rt {

enum class Rank : u8 { kNone, kExec, kPoll, kTimers, kChan, kSema, kSpecials, kSignals, kTypes, kOffsets, kSched, kAllGs, kProfile, kHeap, kCentral, kMark, kPersistent, kMapCheck, kPrint };

void check_rank(Rank rank);    // before a lock of this rank is waited for
void forget_rank(Rank rank);

void futex_sleep(u32* word, u32 while_value, i64 timeout_ns);  // timeout < 0: none
void futex_wake(u32* word, u32 threads);

// 0 free, 1 held, 2 held and somebody sleeps.
struct Lock {
  u32 state = 0;

  void lock([[maybe_unused]] Rank rank) {
#ifdef GALE_RT_CHECKED
    check_rank(rank);
#endif
    u32 free = 0;
    if (!__atomic_compare_exchange_n(&state, &free, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) wait();
  }
  void unlock([[maybe_unused]] Rank rank) {
#ifdef GALE_RT_CHECKED
    forget_rank(rank);
#endif
    if (__atomic_exchange_n(&state, 0, __ATOMIC_RELEASE) == 2) futex_wake(&state, 1);
  }

 private:
  void wait();
};

class Guard {
 public:
  Guard(Lock& lock, Rank rank) : lock_(lock), rank_(rank) { lock_.lock(rank); }
  ~Guard() { lock_.unlock(rank_); }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  Lock& lock_;
  Rank rank_;
};

// A one-shot event for one sleeper; 0: neither signalled nor slept on.
void note_sleep(u32* note);                       // until signalled; clears it
bool note_sleep_for(u32* note, i64 timeout_ns);   // false: timed out
bool note_spin_for(u32* note, i64 timeout_ns);    // likewise, without giving the core up: for what comes sooner than a thread wakes
void note_wake(u32* note);

}  // namespace gale::rt

#endif  // GALE_RUNTIME_SCHED_LOCK_H_
