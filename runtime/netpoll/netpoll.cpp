// netpoll.cpp: the poll descriptors of internal/poll, edge-triggered epoll, deadlines.
//
// Each direction of a descriptor has a state: 0 nothing known, 1 ready (an edge came and nobody has used it), or the goroutine that
// waits. A deadline is a timer that sets `expired` of the direction and wakes its waiter. Descriptors are recycled, never freed, and
// their `seq` tells stale epoll events from fresh ones.

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
  Timer timer;
};

struct PollDesc {
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
u64 open_descriptors = 0;
u64 waiters = 0;
FixedPool<PollDesc> pool;

int index_of(i64 mode) { return mode == 'w'; }

i64 check(const PollDesc* d, i64 mode) {
  if (d->closing) return kErrClosing;
  if (d->dir[index_of(mode)].expired) return kErrTimeout;
  if (mode == 'r' && d->event_error) return kErrNotPollable;
  return kNoError;
}

// Makes a direction ready (or only wakes its waiter, if `mark` is false).
void notify(PollDesc* d, int i, bool mark) {
  u64 state = d->dir[i].state;
  d->dir[i].state = mark ? kReadyMark : 0;
  if (state > kReadyMark) {
    --waiters;
    ready(reinterpret_cast<G*>(state));
  }
}

void expire(Timer* t, int i) {
  auto* d = static_cast<PollDesc*>(t->off_heap_arg);
  d->dir[i].expired = true;
  notify(d, i, false);
}
void expire_read(Timer* t) { expire(t, 0); }
void expire_write(Timer* t) { expire(t, 1); }

void set_deadline(PollDesc* d, int i, i64 when) {
  Direction& x = d->dir[i];
  timer_stop(&x.timer);
  x.expired = when < 0;
  if (when > 0) {
    x.timer.off_heap_arg = d;
    x.timer.fire = i == 0 ? expire_read : expire_write;
    timer_start(&x.timer, when, 0);
  }
  if (when < 0) notify(d, i, false);
}

Outcome wait_again(G* g, u64* args) {
  g->ret[0] = static_cast<u64>(check(reinterpret_cast<PollDesc*>(args[0]), static_cast<i64>(args[1])));
  return Outcome::kDone;
}

}  // namespace

void prepare_wakeups() {
  if (epoll_fd >= 0) return;
  epoll_fd = static_cast<i32>(syscall6(sysno::kEpollCreate1, 0x80000 /* CLOEXEC */));
  RT_CHECK(epoll_fd >= 0, "runtime: epoll_create1 failed");
  event_fd = static_cast<i32>(syscall6(sysno::kEventfd2, 0, 0x80800 /* CLOEXEC, NONBLOCK */));
  RT_CHECK(event_fd >= 0, "runtime: eventfd failed");
  EpollEvent e{kIn, 0};
  syscall6(sysno::kEpollCtl, static_cast<u64>(epoll_fd), 1, static_cast<u64>(event_fd), word(&e));
}

void wake_poller() {
  u64 one = 1;
  if (event_fd >= 0) write_fd(event_fd, &one, 8);
}

bool network_active() { return waiters > 0 || signals_wanted(); }

bool poll_network(i64 timeout_ns) {
  if (epoll_fd < 0) {
    if (timeout_ns > 0) {
      Timespec t{timeout_ns / 1000000000, timeout_ns % 1000000000};
      syscall6(sysno::kNanosleep, word(&t), 0);
    }
    return false;
  }
  i64 ms = timeout_ns < 0 ? -1 : timeout_ns == 0 ? 0 : timeout_ns < 1000000 ? 0 : timeout_ns / 1000000;
  if (timeout_ns > 0 && ms == 0) {  // epoll counts milliseconds: sleep the rest exactly, unless something is ready now
    EpollEvent probe;
    if (syscall6(sysno::kEpollPwait, static_cast<u64>(epoll_fd), word(&probe), 1, 0, 0, 8) == 0) {
      Timespec t{0, timeout_ns};
      syscall6(sysno::kNanosleep, word(&t), 0);
      return false;
    }
  }
  EpollEvent events[64];
  i64 n = syscall6(sysno::kEpollPwait, static_cast<u64>(epoll_fd), word(events), 64, static_cast<u64>(ms > 1000000000 ? 1000000000 : ms), 0, 8);
  for (i64 k = 0; k < n; ++k) {
    u32 what = events[k].events;
    u64 data = events[k].data;
    if (data == 0) {
      u64 drained;
      syscall6(sysno::kRead, static_cast<u64>(event_fd), word(&drained), 8);
      continue;
    }
    auto* d = reinterpret_cast<PollDesc*>(data & ((u64{1} << 48) - 1));
    if ((d->seq & 0xffff) != data >> 48 || d->closing) continue;
    d->event_error = what == kErr;
    if ((what & (kIn | kRdHup | kHup | kErr)) != 0) notify(d, 0, true);
    if ((what & (kOut | kHup | kErr)) != 0) notify(d, 1, true);
  }
  deliver_signals();
  return n > 0;
}

// ---- gates

RT_FN void rt_poll_init() { prepare_wakeups(); }
RT_FN u64 rt_poll_is_descriptor(i32 fd) { return fd >= 0 && (fd == epoll_fd || fd == event_fd); }

RT_FN Pair rt_poll_open(G*, i32 fd) {
  PollDesc* d = pool.get();
  static u32 next_seq = 0;
  d->fd = fd;
  d->seq = ++next_seq & 0xffff;
  EpollEvent e{kIn | kOut | kRdHup | kEdgeTriggered, word(d) | static_cast<u64>(d->seq) << 48};
  i64 r = syscall6(sysno::kEpollCtl, static_cast<u64>(epoll_fd), 1, static_cast<u64>(fd), word(&e));
  if (r < 0) {
    pool.put(d);
    return {0, static_cast<u64>(-r)};
  }
  ++open_descriptors;
  return {word(d), 0};
}

RT_FN void rt_poll_close(G*, PollDesc* d) {
  RT_CHECK(d->closing, "runtime: close polldesc w/o unblock");
  EpollEvent e{};
  syscall6(sysno::kEpollCtl, static_cast<u64>(epoll_fd), 2, static_cast<u64>(d->fd), word(&e));
  --open_descriptors;
  d->seq = ~u32{0};
  pool.put(d);
}

RT_FN i64 rt_poll_reset(G*, PollDesc* d, i64 mode) {
  i64 error = check(d, mode);
  if (error != kNoError) return error;
  d->dir[index_of(mode)].state = 0;
  return kNoError;
}

RT_FN Outcome rt_poll_wait(G* g, u64* args) {
  auto* d = reinterpret_cast<PollDesc*>(args[0]);
  i64 mode = static_cast<i64>(args[1]);
  Direction& x = d->dir[index_of(mode)];
  i64 error = check(d, mode);
  if (error == kNoError && x.state == 0) {
    x.state = word(g);
    ++waiters;
    return park(g, Wait::kIOWait, wait_again);
  }
  if (error == kNoError) x.state = 0;  // use the edge
  g->ret[0] = static_cast<u64>(error);
  return Outcome::kDone;
}

RT_FN Outcome rt_poll_wait_canceled(G* g, u64* args) { return rt_poll_wait(g, args); }

RT_FN void rt_poll_set_deadline(G*, PollDesc* d, i64 delta, i64 mode) {
  if (d->closing) return;
  i64 when = delta > 0 ? nanotime() + delta : delta;
  if (delta > 0 && when < 0) when = INT64_MAX;
  if (mode != 'w') set_deadline(d, 0, when);
  if (mode != 'r') set_deadline(d, 1, when);
}

RT_FN void rt_poll_unblock(G*, PollDesc* d) {
  d->closing = true;
  for (int i = 0; i < 2; ++i) {
    timer_stop(&d->dir[i].timer);
    notify(d, i, false);
  }
}

}  // namespace gale::rt
