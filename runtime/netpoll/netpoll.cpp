// netpoll.cpp: the poll descriptors of internal/poll, edge-triggered epoll, deadlines.
//
// Each direction of a descriptor has a state: 0 nothing known, 1 ready (an edge came and nobody has used it), or the goroutine that
// waits. A deadline is a timer that sets `expired` of the direction and wakes its waiter; `deadline_seq` tells it from an older one that
// came due at the same time as it was replaced. Descriptors are recycled, never freed, and their `seq` tells stale epoll events from
// fresh ones. A descriptor's lock protects all of it.
//
// One thread at most is blocked in epoll_wait (sched.last_poll == 0 then). It is woken through an eventfd.

#include "runtime/netpoll/netpoll.h"

#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/signal/signal.h"
#include "runtime/time/timer.h"

namespace gale::rt {

namespace {

constexpr u64 kReadyMark = 1;
constexpr i64 kNoError = 0, kErrClosing = 1, kErrTimeout = 2, kErrNotPollable = 3;
constexpr u32 kIn = 1, kOut = 4, kErr = 8, kHup = 16, kRdHup = 0x2000, kEdgeTriggered = 1u << 31;

struct PollDesc;

struct Direction {
  u64 state;      // 0, kReadyMark, or G*
  bool expired;
  u64 deadline_seq;
  Timer timer;
};

struct PollDesc {
  PollDesc* next_free;
  Lock lock;
  i32 fd;
  u32 seq;
  bool closing, event_error;
  Direction dir[2];  // 0 read, 1 write
};

#pragma pack(push, 1)
struct EpollEvent {
  u32 events;
  u64 data;
};
#pragma pack(pop)

i32 epoll_fd = -1, event_fd = -1;
u64 waiters = 0;        // goroutines that wait for a descriptor
Lock pool_lock;
PollDesc* free_descs = nullptr;
u32 next_seq = 0;

int index_of(i64 mode) { return mode == 'w'; }

i64 check(const PollDesc* d, i64 mode) {
  if (d->closing) return kErrClosing;
  if (d->dir[index_of(mode)].expired) return kErrTimeout;
  if (mode == 'r' && d->event_error) return kErrNotPollable;
  return kNoError;
}

// With d->lock: makes a direction ready (or only wakes its waiter, if `mark` is false). The goroutine to wake, if any.
G* notify(PollDesc* d, int i, bool mark) {
  u64 state = d->dir[i].state;
  d->dir[i].state = mark ? kReadyMark : 0;
  if (state <= kReadyMark) return nullptr;
  __atomic_fetch_sub(&waiters, 1, __ATOMIC_SEQ_CST);
  return reinterpret_cast<G*>(state);
}

// Commits of poll_wait may still be on their way: the lock is held until the goroutine's status says that it waits.
void wake(G* g) {
  if (g != nullptr) ready(g);
}

void expire(Timer* t, int i, u64 seq) {
  auto* d = static_cast<PollDesc*>(t->off_heap_arg);
  d->lock.lock(Rank::kPoll);
  G* g = nullptr;
  if (d->dir[i].deadline_seq == seq) {
    d->dir[i].expired = true;
    g = notify(d, i, false);
  }
  d->lock.unlock(Rank::kPoll);
  wake(g);
}
void expire_read(Timer* t, u64 seq) { expire(t, 0, seq); }
void expire_write(Timer* t, u64 seq) { expire(t, 1, seq); }

G* set_deadline(PollDesc* d, int i, i64 when) {
  Direction& x = d->dir[i];
  timer_stop(&x.timer);
  x.deadline_seq = 0;
  x.expired = when < 0;
  if (when > 0) {
    x.timer.off_heap_arg = d;
    x.timer.fire = i == 0 ? expire_read : expire_write;
    x.deadline_seq = timer_start(&x.timer, when, 0);
  }
  return when < 0 ? notify(d, i, false) : nullptr;
}

Outcome wait_again(G* g, u64* args) {
  auto* d = reinterpret_cast<PollDesc*>(args[0]);
  Guard guard(d->lock, Rank::kPoll);
  g->ret[0] = static_cast<u64>(check(d, static_cast<i64>(args[1])));
  return Outcome::kDone;
}

void unlock_desc(G* g) { static_cast<PollDesc*>(g->commit_lock)->lock.unlock(Rank::kPoll); }

PollDesc* get_desc() {
  Guard guard(pool_lock, Rank::kPoll);
  PollDesc* d = free_descs;
  if (d != nullptr) {
    free_descs = d->next_free;
  } else {
    d = static_cast<PollDesc*>(persistent_alloc(sizeof(PollDesc)));
  }
  d->seq = ++next_seq & 0xffff;
  return d;
}

void put_desc(PollDesc* d) {
  Guard guard(pool_lock, Rank::kPoll);
  d->next_free = free_descs;
  free_descs = d;
}

i64 wait_events(EpollEvent* events, int n, i64 timeout_ns) {
  static bool no_pwait2 = false;
  if (timeout_ns > 0 && !no_pwait2) {
    Timespec t{timeout_ns / 1000000000, timeout_ns % 1000000000};
    i64 r = syscall6(sysno::kEpollPwait2, static_cast<u64>(epoll_fd), word(events), static_cast<u64>(n), word(&t), 0, 8);
    if (r != -38) return r;
    no_pwait2 = true;
  }
  i64 ms = timeout_ns < 0 ? -1 : (timeout_ns + 999999) / 1000000;
  return syscall6(sysno::kEpollPwait, static_cast<u64>(epoll_fd), word(events), static_cast<u64>(n), static_cast<u64>(ms > 1000000000 ? 1000000000 : ms), 0, 8);
}

void take_event(const EpollEvent& e, GList& out) {
  auto* d = reinterpret_cast<PollDesc*>(e.data & ((u64{1} << 48) - 1));
  Guard guard(d->lock, Rank::kPoll);
  if ((d->seq & 0xffff) != e.data >> 48 || d->closing) return;
  d->event_error = e.events == kErr;
  if ((e.events & (kIn | kRdHup | kHup | kErr)) != 0) {
    if (G* g = notify(d, 0, true)) out.push(g);
  }
  if ((e.events & (kOut | kHup | kErr)) != 0) {
    if (G* g = notify(d, 1, true)) out.push(g);
  }
}

}  // namespace

void prepare_wakeups() {
  if (__atomic_load_n(&epoll_fd, __ATOMIC_ACQUIRE) >= 0) return;
  Guard guard(pool_lock, Rank::kPoll);
  if (epoll_fd >= 0) return;
  i32 fd = static_cast<i32>(syscall6(sysno::kEpollCreate1, 0x80000 /* CLOEXEC */));
  RT_CHECK(fd >= 0, "runtime: epoll_create1 failed");
  event_fd = static_cast<i32>(syscall6(sysno::kEventfd2, 0, 0x80800 /* CLOEXEC, NONBLOCK */));
  RT_CHECK(event_fd >= 0, "runtime: eventfd failed");
  EpollEvent e{kIn, 0};
  syscall6(sysno::kEpollCtl, static_cast<u64>(fd), 1, static_cast<u64>(event_fd), word(&e));
  __atomic_store_n(&epoll_fd, fd, __ATOMIC_RELEASE);
}

bool poller_ready() { return __atomic_load_n(&epoll_fd, __ATOMIC_ACQUIRE) >= 0; }

void wake_poller() {
  u64 one = 1;
  if (poller_ready()) write_fd(event_fd, &one, 8);
}

void note_timer(i64 when) {
  prepare_wakeups();
  if (__atomic_load_n(&sched.last_poll, __ATOMIC_SEQ_CST) != 0) return wake_p();
  i64 until = __atomic_load_n(&sched.poll_until, __ATOMIC_SEQ_CST);
  if (until == 0 || until > when) wake_poller();
}

bool network_active() { return __atomic_load_n(&waiters, __ATOMIC_SEQ_CST) > 0 || signals_wanted(); }

// The goroutines in `out` are waiting still: ready_list makes them runnable.
void poll_network(i64 timeout_ns, GList& out) {
  if (!poller_ready()) return;
  EpollEvent events[64];
  i64 n = wait_events(events, 64, timeout_ns);
  for (i64 k = 0; k < n; ++k) {
    if (events[k].data != 0) {
      take_event(events[k], out);
    } else if (timeout_ns != 0) {  // only the thread that blocks takes the wake-up
      u64 drained;
      syscall6(sysno::kRead, static_cast<u64>(event_fd), word(&drained), 8);
    }
  }
  if (G* g = signal_receiver()) out.push(g);
}

// ---- gates

RT_FN void rt_poll_init() { prepare_wakeups(); }
RT_FN u64 rt_poll_is_descriptor(i32 fd) { return fd >= 0 && (fd == epoll_fd || fd == event_fd); }

RT_FN Pair rt_poll_open(G*, i32 fd) {
  PollDesc* d = get_desc();
  d->lock.lock(Rank::kPoll);
  d->fd = fd;
  d->closing = d->event_error = false;
  for (Direction& x : d->dir) {
    x.state = 0;
    x.expired = false;
    x.deadline_seq = 0;
    x.timer.home = nullptr;
  }
  d->lock.unlock(Rank::kPoll);
  EpollEvent e{kIn | kOut | kRdHup | kEdgeTriggered, word(d) | static_cast<u64>(d->seq) << 48};
  i64 r = syscall6(sysno::kEpollCtl, static_cast<u64>(epoll_fd), 1, static_cast<u64>(fd), word(&e));
  if (r < 0) {
    put_desc(d);
    return {0, static_cast<u64>(-r)};
  }
  return {word(d), 0};
}

RT_FN void rt_poll_close(G*, PollDesc* d) {
  RT_CHECK(d->closing, "runtime: close polldesc w/o unblock");
  EpollEvent e{};
  syscall6(sysno::kEpollCtl, static_cast<u64>(epoll_fd), 2, static_cast<u64>(d->fd), word(&e));
  d->lock.lock(Rank::kPoll);
  d->seq = ~u32{0};
  d->lock.unlock(Rank::kPoll);
  put_desc(d);
}

RT_FN i64 rt_poll_reset(G*, PollDesc* d, i64 mode) {
  Guard guard(d->lock, Rank::kPoll);
  i64 error = check(d, mode);
  if (error != kNoError) return error;
  d->dir[index_of(mode)].state = 0;
  return kNoError;
}

RT_FN Outcome rt_poll_wait(G* g, u64* args) {
  auto* d = reinterpret_cast<PollDesc*>(args[0]);
  i64 mode = static_cast<i64>(args[1]);
  d->lock.lock(Rank::kPoll);
  Direction& x = d->dir[index_of(mode)];
  i64 error = check(d, mode);
  if (error == kNoError && x.state == 0) {
    x.state = word(g);
    __atomic_fetch_add(&waiters, 1, __ATOMIC_SEQ_CST);
    g->commit_lock = d;
    return park(g, Wait::kIOWait, wait_again, unlock_desc);
  }
  if (error == kNoError) x.state = 0;  // use the edge
  d->lock.unlock(Rank::kPoll);
  g->ret[0] = static_cast<u64>(error);
  return Outcome::kDone;
}

// Waits for an operation that was cancelled to be over (no operation is asynchronous here).
RT_FN Outcome rt_poll_wait_canceled(G*, u64*) { return Outcome::kDone; }

RT_FN void rt_poll_set_deadline(G*, PollDesc* d, i64 delta, i64 mode) {
  i64 when = delta > 0 ? nanotime() + delta : delta;
  if (delta > 0 && when < 0) when = INT64_MAX;
  G* woken[2] = {nullptr, nullptr};
  d->lock.lock(Rank::kPoll);
  if (!d->closing) {
    if (mode != 'w') woken[0] = set_deadline(d, 0, when);
    if (mode != 'r') woken[1] = set_deadline(d, 1, when);
  }
  d->lock.unlock(Rank::kPoll);
  for (G* g : woken) wake(g);
}

RT_FN void rt_poll_unblock(G*, PollDesc* d) {
  G* woken[2];
  d->lock.lock(Rank::kPoll);
  d->closing = true;
  for (int i = 0; i < 2; ++i) {
    timer_stop(&d->dir[i].timer);
    d->dir[i].deadline_seq = 0;
    woken[i] = notify(d, i, false);
  }
  d->lock.unlock(Rank::kPoll);
  for (G* g : woken) wake(g);
}

}  // namespace gale::rt
