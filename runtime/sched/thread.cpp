// thread.cpp: threads: made by clone, put to sleep and woken, bound to goroutines; deadlock detection.

#include "runtime/panic/traceback.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/signal/signal.h"
#include "runtime/stack/stack.h"
#include "runtime/sys/start.h"

extern "C" gale::rt::i64 rt_clone(gale::rt::u64 flags, gale::rt::uptr stack, gale::rt::M* m, void (*fn)(gale::rt::M*), void* tls,
                                  gale::rt::u32* ended);

namespace gale::rt {

namespace {

constexpr u64 kG0Stack = 64 << 10;
// CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, SETTLS, CHILD_CLEARTID
constexpr u64 kCloneFlags = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000 | 0x80000 | 0x200000;

bool timers_wait() {
  for (i32 i = 0; i < sched.nps; ++i) {
    if (next_timer(sched.ps[i]) != 0) return true;
  }
  return false;
}

[[noreturn]] void deadlock() {
  bool user = false;
  for (G* g : sched.all_gs) user |= status_of(g) == Status::kWaiting && (g->flags & abi::kGFlagSystem) == 0;
  traceback_level.all = traceback_level.level > 0;
  begin_dying();
  print(user ? "fatal error: all goroutines are asleep - deadlock!\n" : "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n");
  die_with_traceback(nullptr);
}

// With sched.lock, when a thread has become idle: does anything still run, or can anything come from outside?
void check_deadlock() {
  if (sched.frozen) return;
  u32 idle = sched.nidle_ms + sched.nidle_locked + sched.nsystem_ms;
  if (sched.nms > idle) return;
  if (network_active() || timers_wait() || world_waits()) return;
  sched.lock.unlock(Rank::kSched);
  deadlock();
}

void put_idle_m(M* m) {
  m->idle_next = sched.idle_ms;
  sched.idle_ms = m;
  ++sched.nidle_ms;
  check_deadlock();
}

M* get_idle_m() {
  M* m = sched.idle_ms;
  if (m == nullptr) return nullptr;
  sched.idle_ms = m->idle_next;
  --sched.nidle_ms;
  return m;
}

// Changes a number of threads that do nothing; who makes it larger may be the last that did something.
void count_idle(u32& threads, int by) {
  Guard guard(sched.lock, Rank::kSched);
  threads += static_cast<u32>(by);
  if (by > 0) check_deadlock();
}

void run_m(M* m) {
  init_thread_signals(m);
  acquire_p(m, m->next_p);
  m->next_p = nullptr;
  schedule();
}

// A record of a thread that has ended; its stack is used again.
M* ended_m() {
  for (M* m = sched.all_ms; m != nullptr; m = m->all_next) {
    if (m->blocked && __atomic_load_n(&m->alive, __ATOMIC_ACQUIRE) == 0) {
      m->blocked = false;
      return m;
    }
  }
  return nullptr;
}

}  // namespace

void count_system_m(int by) { count_idle(sched.nsystem_ms, by); }

M* new_m() {
  Guard guard(sched.lock, Rank::kSched);
  M* m = ended_m();
  if (sched.nms >= sched.max_ms) {
    sched.lock.unlock(Rank::kSched);
    print_lock();
    print("runtime: program exceeds ");
    print_uint(sched.max_ms);
    print("-thread limit\n");
    throw_error("thread exhaustion");
  }
  ++sched.nms;
  if (m != nullptr) return m;
  m = static_cast<M*>(persistent_alloc(sizeof(M)));
  m->self = m;
  m->id = sched.next_m_id++;
  m->g0 = static_cast<G*>(persistent_alloc(sizeof(G)));
  m->g0->m = m;
  u8* stack = static_cast<u8*>(sys_alloc(kG0Stack + abi::kPageSize));
  sys_protect_none(stack, abi::kPageSize);
  m->g0->stack_lo = word(stack) + abi::kPageSize;
  m->g0->stack_hi = m->g0->stack_lo + kG0Stack;
  m->g0sp = m->g0->stack_hi - 64;
  seed_random(m);
  make_signal_stack(m);
  m->all_next = sched.all_ms;
  __atomic_store_n(&sched.all_ms, m, __ATOMIC_RELEASE);
  return m;
}

void start_thread(M* m, void (*fn)(M*)) {
  sched.exec_lock.lock(Rank::kExec);
  u64 all = ~u64{0}, old = 0;
  syscall6(sysno::kRtSigprocmask, 2, word(&all), word(&old), 8);
  m->signal_mask = current_m()->signal_mask;
  __atomic_store_n(&m->alive, 1, __ATOMIC_RELEASE);
  i64 r = 0;
  for (int tries = 0; tries < 20; ++tries) {
    r = rt_clone(kCloneFlags, m->g0sp, m, fn, &m->self, &m->alive);
    if (r != -11) break;  // EAGAIN: maybe for a moment only
    Timespec t{0, (tries + 1) * 1000000};
    syscall6(sysno::kNanosleep, word(&t), 0);
  }
  syscall6(sysno::kRtSigprocmask, 2, word(&old), 0, 8);
  sched.exec_lock.unlock(Rank::kExec);
  if (r > 0) return;
  print_lock();
  print("runtime: failed to create new OS thread (have ");
  print_uint(sched.nms - 1);
  print(" already; errno=");
  print_int(-r);
  print(")\n");
  if (r == -11) print("runtime: may need to increase max user processes (ulimit -u)\n");
  throw_error("newosproc");
}

void stop_making_threads(bool stop) {
  if (stop) {
    sched.exec_lock.lock(Rank::kExec);
  } else {
    sched.exec_lock.unlock(Rank::kExec);
  }
}

void exit_thread(M* m) {
  {
    Guard guard(sched.lock, Rank::kSched);
    --sched.nms;
    check_deadlock();
    m->blocked = true;  // may be used again once `alive` is 0
  }
  for (;;) syscall6(sysno::kExit, 0);
}

void acquire_p(M* m, P* p) {
  RT_CHECK(m->p == nullptr && p->m == nullptr, "runtime: a P is in use");
  m->p = p;
  p->m = m;
  set_status(p, PStatus::kRunning);
}

P* release_p(M* m) {
  P* p = m->p;
  m->p = nullptr;
  p->m = nullptr;
  set_status(p, PStatus::kIdle);
  return p;
}

void put_idle_p(P* p) {
  p->idle_next = sched.idle_ps;
  sched.idle_ps = p;
  __atomic_fetch_add(&sched.nidle_ps, 1, __ATOMIC_SEQ_CST);
}

P* get_idle_p() {
  P* p = sched.idle_ps;
  if (p == nullptr) return nullptr;
  sched.idle_ps = p->idle_next;
  __atomic_fetch_sub(&sched.nidle_ps, 1, __ATOMIC_SEQ_CST);
  return p;
}

void start_m(P* p, bool spinning) {
  sched.lock.lock(Rank::kSched);
  if (p == nullptr) {
    p = get_idle_p();
    if (p == nullptr) {
      sched.lock.unlock(Rank::kSched);
      if (spinning) __atomic_fetch_sub(&sched.nspinning, 1, __ATOMIC_SEQ_CST);
      return;
    }
  }
  M* m = get_idle_m();
  sched.lock.unlock(Rank::kSched);
  if (m != nullptr) {
    m->spinning = spinning;
    m->next_p = p;
    note_wake(&m->park);
    return;
  }
  m = new_m();
  m->spinning = spinning;
  m->next_p = p;
  start_thread(m, run_m);
}

void stop_m(M* m) {
  {
    Guard guard(sched.lock, Rank::kSched);
    put_idle_m(m);
  }
  note_sleep(&m->park);
  acquire_p(m, m->next_p);
  m->next_p = nullptr;
}

void handoff_p(P* p) {
  if (!runq_empty(p) || __atomic_load_n(&sched.global_size, __ATOMIC_ACQUIRE) != 0) return start_m(p, false);
  u32 none = 0;
  if (__atomic_load_n(&sched.nspinning, __ATOMIC_SEQ_CST) + __atomic_load_n(&sched.nidle_ps, __ATOMIC_SEQ_CST) == 0 &&
      __atomic_compare_exchange_n(&sched.nspinning, &none, 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    return start_m(p, true);
  }
  sched.lock.lock(Rank::kSched);
  if (world_waits()) {
    set_status(p, PStatus::kStopped);
    if (--sched.stop_wait == 0) note_wake(&sched.stop_note);
    return sched.lock.unlock(Rank::kSched);
  }
  if (!sched.global.empty() || (sched.nidle_ps == static_cast<u32>(sched.gomaxprocs) - 1 && sched.last_poll != 0 && network_active())) {
    sched.lock.unlock(Rank::kSched);
    return start_m(p, false);
  }
  i64 when = next_timer(p);
  put_idle_p(p);
  sched.lock.unlock(Rank::kSched);
  if (when != 0) note_timer(when);
}

void wake_p() {
  u32 none = 0;
  if (__atomic_load_n(&sched.nidle_ps, __ATOMIC_SEQ_CST) == 0) return;
  if (__atomic_load_n(&sched.nspinning, __ATOMIC_SEQ_CST) != 0 ||
      !__atomic_compare_exchange_n(&sched.nspinning, &none, 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    return;
  }
  start_m(nullptr, true);
}

void stop_locked_m(M* m) {
  if (m->p != nullptr) handoff_p(release_p(m));
  count_idle(sched.nidle_locked, 1);
  note_sleep(&m->park);
  acquire_p(m, m->next_p);
  m->next_p = nullptr;
}

void start_locked_m(M* m, G* g) {
  M* other = g->locked_m;
  count_idle(sched.nidle_locked, -1);
  other->next_p = release_p(m);
  note_wake(&other->park);
  stop_m(m);
}

}  // namespace gale::rt
