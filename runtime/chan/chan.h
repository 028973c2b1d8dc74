// chan.h: channels.
//
// Invariants: at most one of sendq, recvq is not empty (but for one goroutine blocked on both in a select). Buffered: qcount > 0
// implies recvq is empty; qcount < dataqsiz implies sendq is empty. A waiter's element address is on its stack or in the heap:
// its goroutine is pinned, so a partner copies straight to or from it. `lock` protects all fields and the waiters' sudogs.

#ifndef GALE_RUNTIME_CHAN_CHAN_H_
#define GALE_RUNTIME_CHAN_CHAN_H_

#include "runtime/sched/sched.h"

namespace gale::rt {

struct Chan;

// One goroutine's place in one queue.
struct Sudog {
  G* g;
  Sudog* next;
  Sudog* prev;
  void* elem;
  Sudog* wait_link;  // the next one of the same goroutine (select)
  Chan* chan;
  u64 ticket;
  bool is_select;
  bool success;      // woken by a partner, not by close
  bool on_queue;
};
Sudog* acquire_sudog(G* g);
void release_sudog(Sudog* s);

struct WaitQueue {
  Sudog* first;
  Sudog* last;
  void push(Sudog* s);
  void push_front(Sudog* s);
  void remove(Sudog* s);
  Sudog* pop();  // skips selects that another case has won
};

struct Chan {
  u64 qcount;
  u64 dataqsiz;
  u8* buf;
  u64 elem_size;
  const Type* elem_type;
  u64 sendx, recvx;
  WaitQueue recvq, sendq;
  u32 closed;
  Lock lock;
  Timer* timer;      // of time.Timer.C and time.Ticker.C: lies in the time.Timer
  bool timer_full;   // such a channel has len and cap 0 for the program; its one value is in buf[0] all the same
};

bool chan_discard(Chan* c);                       // takes back the value of a timer; true if there was one
void chan_send_now(Chan* c, const void* elem);    // from no goroutine; dropped if there is no room

// Copies a value with pointers; the place for the write barrier.
void copy_value(const Type* t, void* dst, const void* src);
void clear_value(const Type* t, void* dst);

}  // namespace gale::rt

#endif  // GALE_RUNTIME_CHAN_CHAN_H_
