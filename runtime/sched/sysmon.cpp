// sysmon.cpp: a thread without a P that looks after the others: takes Ps from system calls that last, asks goroutines that have run
// 10 ms to yield, polls the network when nobody does, and starts a collection when there was none for two minutes. It
// looks every 20 us at first, every 10 ms when there is nothing to do, and sleeps while everything is idle.

#include "runtime/heap/heap.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/signal/signal.h"
#include "runtime/sys/start.h"

namespace gale::rt {

namespace {

constexpr i64 kSlice = 10000000, kPollEvery = 10000000, kForceGC = i64{120} * 1000000000, kMaxSleep = i64{60} * 1000000000;

// True if it took a P away. That a goroutine was asked to yield is no reason to look again soon: one that only computes is
// asked every 10 ms of its life.
bool retake(i64 now) {
  bool acted = false;
  for (i32 i = 0; i < sched.gomaxprocs; ++i) {
    P* p = sched.ps[i];
    PStatus status = status_of(p);
    if (status == PStatus::kRunning || status == PStatus::kSyscall) {
      u32 tick = __atomic_load_n(&p->schedtick, __ATOMIC_RELAXED);
      if (p->seen_schedtick != tick) {
        p->seen_schedtick = tick;
        p->seen_sched_when = now;
      } else if (p->seen_sched_when + kSlice <= now) {
        request_preempt(p);
      }
    }
    if (status != PStatus::kSyscall) continue;
    u32 tick = __atomic_load_n(&p->syscalltick, __ATOMIC_RELAXED);
    if (p->seen_syscalltick != tick) {
      p->seen_syscalltick = tick;
      p->seen_syscall_when = now;
      continue;
    }
    bool others_look = __atomic_load_n(&sched.nspinning, __ATOMIC_SEQ_CST) + __atomic_load_n(&sched.nidle_ps, __ATOMIC_SEQ_CST) > 0;
    if (runq_empty(p) && others_look && p->seen_syscall_when + kSlice > now) continue;
    // With a P in hand this thread counts as one of the others: the one in the call may come out of it, find no P, and be the last to fall
    // asleep, with its goroutine in the global queue.
    count_system_m(-1);
    if (change_status(p, PStatus::kSyscall, PStatus::kIdle)) {
      ++p->syscalltick;
      handoff_p(p);
      acted = true;
    }
    count_system_m(1);
  }
  return acted;
}

void collect_if_old(i64 now) {
  if (heap_stats.gc_percent < 0) return;
  static i64 last_seen = 0;
  static u32 last_count = 0;
  u32 count = __atomic_load_n(&heap_stats.num_gc, __ATOMIC_RELAXED);
  if (last_seen == 0 || count != last_count) {
    last_seen = now;
    last_count = count;
  }
  if (now - last_seen < kForceGC) return;
  G* g = __atomic_exchange_n(&sched.force_gc, nullptr, __ATOMIC_ACQ_REL);
  if (g == nullptr) return;
  last_seen = now;
  __atomic_store_n(&sched.gc_is_old, true, __ATOMIC_RELAXED);
  ready(g);
}

bool all_idle() { return world_waits() || __atomic_load_n(&sched.nidle_ps, __ATOMIC_SEQ_CST) == static_cast<u32>(sched.gomaxprocs); }

void doze() {
  sched.lock.lock(Rank::kSched);
  if (!all_idle()) return sched.lock.unlock(Rank::kSched);
  __atomic_store_n(&sched.sysmon_waiting, 1, __ATOMIC_SEQ_CST);
  sched.lock.unlock(Rank::kSched);
  note_sleep_for(&sched.sysmon_note, kMaxSleep);
  __atomic_store_n(&sched.sysmon_waiting, 0, __ATOMIC_SEQ_CST);
}

void sysmon(M* m) {
  init_thread_signals(m);
  i64 next_trace = nanotime() + sched.trace_ns;
  u32 calm = 0;
  i64 delay = 20000;
  for (;;) {
    if (calm == 0) {
      delay = 20000;
    } else if (calm > 50) {
      delay = delay * 2 > 10000000 ? 10000000 : delay * 2;
    }
    Timespec t{0, delay};
    syscall6(sysno::kNanosleep, word(&t), 0);
    if (sched.frozen) continue;
    if (sched.trace_ns == 0 && all_idle()) {
      doze();
      calm = 0;
    }
    i64 now = nanotime();
    i64 polled = __atomic_load_n(&sched.last_poll, __ATOMIC_SEQ_CST);
    if (poller_ready() && polled != 0 && polled + kPollEvery < now &&
        __atomic_compare_exchange_n(&sched.last_poll, &polled, now, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
      GList list;
      count_system_m(-1);  // whom the network has let go waits for nothing any more, and is not in a queue yet
      poll_network(0, list);
      ready_list(list);
      count_system_m(1);
    }
    calm = retake(now) ? 0 : calm + 1;
    if (debug_flags.preempt_stress) {  // as often as nanosleep can: the goroutines stop at instructions of every kind
      preempt_all();
      calm = 0;
    }
    collect_if_old(now);
    if (sched.trace_ns != 0 && now >= next_trace) {
      next_trace = now + sched.trace_ns;
      trace_sched(sched.trace_detail);
    }
  }
}

void field(const char* name, i64 v) {
  print(name);
  print_int(v);
}

}  // namespace

void start_sysmon() {
  M* m = new_m();
  ++sched.nsystem_ms;
  start_thread(m, sysmon);
}

void wake_sysmon() {
  if (__atomic_exchange_n(&sched.sysmon_waiting, 0, __ATOMIC_SEQ_CST) != 0) note_wake(&sched.sysmon_note);
}

// One line in gc's form, with the steals since the start behind it; `detail` adds a line for each P, M and goroutine.
void trace_sched(bool detail) {
  static i64 start = 0;
  i64 now = nanotime();
  if (start == 0) start = process_start();
  print_lock();
  field("SCHED ", (now - start) / 1000000);
  field("ms: gomaxprocs=", sched.gomaxprocs);
  field(" idleprocs=", sched.nidle_ps);
  field(" threads=", sched.nms);
  field(" spinningthreads=", sched.nspinning);
  field(" needspinning=", 0);
  field(" idlethreads=", sched.nidle_ms);
  field(" runqueue=", sched.global_size);
  if (detail) {
    field(" gcwaiting=", sched.gc_waiting);
    field(" nmidlelocked=", sched.nidle_locked);
    field(" stopwait=", sched.stop_wait);
    field(" sysmonwait=", sched.sysmon_waiting);
  }
  u64 steals = 0;
  for (i32 i = 0; i < sched.gomaxprocs; ++i) {
    P* p = sched.ps[i];
    i64 n = __atomic_load_n(&p->runqtail, __ATOMIC_RELAXED) - __atomic_load_n(&p->runqhead, __ATOMIC_RELAXED);
    steals += p->steals;
    if (!detail) {
      print(i == 0 ? " [ " : " ");
      print_int(n);
      continue;
    }
    field("\n  P", i);
    field(": status=", static_cast<i64>(status_of(p)));
    field(" schedtick=", p->schedtick);
    field(" syscalltick=", p->syscalltick);
    M* m = p->m;
    print(" m=");
    print(m == nullptr ? "nil" : "");
    if (m != nullptr) print_uint(m->id);
    field(" runqsize=", n);
    field(" gfreecnt=", p->ndead);
    field(" steals=", static_cast<i64>(p->steals));
  }
  if (!detail) {
    print(" ] steals=");
    print_uint(steals);
  } else {
    for (M* m = sched.all_ms; m != nullptr; m = m->all_next) {
      field("\n  M", static_cast<i64>(m->id));
      print(": p=");
      P* p = m->p;
      if (p != nullptr) print_int(p->id);
      if (p == nullptr) print("nil");
      print(" curg=");
      G* g = m->curg;
      if (g != nullptr) print_uint(g->goid);
      if (g == nullptr) print("nil");
      field(" locks=", m->locks);
      print(m->spinning ? " spinning=true" : " spinning=false");
    }
  }
  print("\n");
  print_unlock();
}

}  // namespace gale::rt
