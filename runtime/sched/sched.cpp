// sched.cpp: see sched.h: what a thread does between two goroutines, parking, and the start of the process.

#include "runtime/sched/sched.h"

#include "runtime/gc/gc.h"
#include "runtime/heap/heap.h"
#include "runtime/print/print.h"
#include "runtime/signal/signal.h"
#include "runtime/stack/stack.h"
#include "runtime/sys/module.h"
#include "runtime/sys/start.h"

extern "C" {
[[noreturn]] void rt_call_on(gale::rt::uptr sp, void (*fn)(void*), void* arg);
[[noreturn]] void rt_gogo(gale::rt::G* g);
gale::rt::M* rt_current_m();  // hosted
extern const char rt_main_code[] asm("runtime.main");
}

namespace gale::rt {

Sched sched{};

#ifdef GALE_RT_CHECKED
M* current_m() { return rt_current_m(); }
#endif

namespace {

constexpr u64 kG0Stack = 64 << 10;
constexpr int kStealRounds = 4;

u32 load(const u32* p) { return __atomic_load_n(p, __ATOMIC_SEQ_CST); }

// Looks through all other Ps, from a random one on. *next: the earliest timer that was seen; *again: something ran that may have
// made work for this P.
G* steal(M* m, i64 now, i64* next, bool* again) {
  P* p = m->p;
  i32 n = sched.gomaxprocs;
  for (int round = 0; round < kStealRounds; ++round) {
    bool last = round == kStealRounds - 1;
    i32 at = static_cast<i32>(random_word() % static_cast<u64>(n));
    for (i32 i = 0; i < n; ++i, at = at + 1 == n ? 0 : at + 1) {
      if (world_waits()) return nullptr;
      P* victim = sched.ps[at];
      if (victim == p) continue;
      if (last) {
        bool ran = false;
        i64 when = run_timers(victim, now, &ran);
        if (when != 0 && (*next == 0 || when < *next)) *next = when;
        if (ran) {
          bool inherit = false;
          if (G* g = runq_get(p, &inherit)) return g;
          *again = true;
        }
      }
      if (status_of(victim) == PStatus::kIdle) continue;
      if (G* g = runq_steal(p, victim, last)) return g;
    }
  }
  return nullptr;
}

G* from_poller(P* p) {
  GList list;
  poll_network(0, list);
  G* g = list.pop();
  if (g == nullptr) return nullptr;
  ready_list(list);
  set_status(g, Status::kRunnable);
  (void)p;
  return g;
}

// After the last look: is there work on any P that came too late to be seen?
P* p_with_work() {
  for (i32 i = 0; i < sched.gomaxprocs; ++i) {
    if (runq_empty(sched.ps[i])) continue;
    Guard guard(sched.lock, Rank::kSched);
    return get_idle_p();
  }
  return nullptr;
}

void stop_spinning(M* m) {
  m->spinning = false;
  __atomic_fetch_sub(&sched.nspinning, 1, __ATOMIC_SEQ_CST);
}

// The next goroutine to run; sleeps until there is one.
G* find_runnable(M* m, bool* inherit) {
  for (;;) {
    P* p = m->p;
    if (world_waits()) {
      stop_for_world(m);
      continue;
    }
    if (marking()) background_marking(p);
    bool ran = false;
    i64 next = next_timer(p);
    if (next != 0) next = run_timers(p, 0, &ran);
    *inherit = false;
    if (p->schedtick % 61 == 0) {  // busy local queues must not starve the global one, nor those that wait for I/O
      if (load(&sched.global_size) != 0) {
        Guard guard(sched.lock, Rank::kSched);
        if (G* g = global_get(p, 1)) return g;
      }
    }
    if (G* g = runq_get(p, inherit)) return g;
    if (load(&sched.global_size) != 0) {
      Guard guard(sched.lock, Rank::kSched);
      if (G* g = global_get(p, 0)) return g;
    }
    if (poller_ready() && network_active() && __atomic_load_n(&sched.last_poll, __ATOMIC_SEQ_CST) != 0) {
      if (G* g = from_poller(p)) return g;
    }
    u32 busy = static_cast<u32>(sched.gomaxprocs) - load(&sched.nidle_ps);
    if (m->spinning || 2 * load(&sched.nspinning) < busy) {
      if (!m->spinning) {
        m->spinning = true;
        __atomic_fetch_add(&sched.nspinning, 1, __ATOMIC_SEQ_CST);
      }
      bool again = false;
      i64 other = next;
      G* g = steal(m, nanotime(), &other, &again);
      if (g != nullptr) return g;
      if (again) continue;
      next = other;
    }
    if (marking() && work_left()) {  // whoever makes work meanwhile need not think that this thread looks for some
      if (m->spinning) stop_spinning(m);
      if (idle_marking(m)) continue;
    }
    // Nothing: give the P up.
    sched.lock.lock(Rank::kSched);
    if (world_waits()) {
      sched.lock.unlock(Rank::kSched);
      continue;
    }
    if (!sched.global.empty()) {
      G* g = global_get(p, 0);
      sched.lock.unlock(Rank::kSched);
      return g;
    }
    release_p(m);
    put_idle_p(p);
    sched.lock.unlock(Rank::kSched);
    if (m->spinning) {
      stop_spinning(m);
      P* again = p_with_work();
      if (again != nullptr) {
        acquire_p(m, again);
        m->spinning = true;
        __atomic_fetch_add(&sched.nspinning, 1, __ATOMIC_SEQ_CST);
        continue;
      }
    }
    // Timers of every P: also those that were started since.
    for (i32 i = 0; i < sched.nps; ++i) {
      i64 when = next_timer(sched.ps[i]);
      if (when != 0 && (next == 0 || when < next)) next = when;
    }
    if (poller_ready() && (network_active() || next != 0) && __atomic_exchange_n(&sched.last_poll, 0, __ATOMIC_SEQ_CST) != 0) {
      __atomic_store_n(&sched.poll_until, next, __ATOMIC_SEQ_CST);
      i64 now = nanotime();
      GList list;
      // A timer that was started before poll_until was published is seen here; a later one wakes the poller.
      i64 timeout = next == 0 ? -1 : next > now ? next - now : 0;
      poll_network(timeout, list);
      __atomic_store_n(&sched.poll_until, 0, __ATOMIC_SEQ_CST);
      __atomic_store_n(&sched.last_poll, nanotime(), __ATOMIC_SEQ_CST);
      sched.lock.lock(Rank::kSched);
      P* idle = world_waits() ? nullptr : get_idle_p();
      sched.lock.unlock(Rank::kSched);
      if (idle == nullptr) {
        ready_list(list);
      } else {
        acquire_p(m, idle);
        G* g = list.pop();
        if (g != nullptr) {
          ready_list(list);
          set_status(g, Status::kRunnable);
          return g;
        }
        m->spinning = true;
        __atomic_fetch_add(&sched.nspinning, 1, __ATOMIC_SEQ_CST);
        continue;
      }
    } else if (next != 0 && poller_ready()) {
      i64 until = __atomic_load_n(&sched.poll_until, __ATOMIC_SEQ_CST);
      if (until == 0 || until > next) wake_poller();
    }
    stop_m(m);
  }
}

[[noreturn]] void execute(M* m, G* g, bool inherit) {
  P* p = m->p;
  if (marking()) {
    ensure_scanned(p->marks, g);
    p->marks.publish();
  }
  if (!inherit) __atomic_store_n(&p->schedtick, p->schedtick + 1, __ATOMIC_RELAXED);
  m->curg = g;
  m->tls_g = g;
  g->m = m;
  g->p = p;
  set_status(g, Status::kRunning);
  g->waitsince = 0;
  clear_edge(g, kEdgePreempt);
  reset_guard(g);
  while (g->resume != nullptr) {
    ResumeFn resume = g->resume;
    g->resume = nullptr;
    if (resume(g, g->gate_args) == Outcome::kPark) {
      m->curg = nullptr;
      set_status(g, Status::kWaiting);
      if (CommitFn commit = g->commit) {
        g->commit = nullptr;
        commit(g);
      }
      schedule();
    }
  }
  rt_gogo(g);
}

}  // namespace

void schedule() {
  M* m = current_m();
  RT_CHECK(m->locks == 0, "schedule: holding locks");
  if (m->locked_g != nullptr) {
    stop_locked_m(m);
    execute(m, m->locked_g, false);
  }
  if (m->p == nullptr) stop_m(m);
  for (;;) {
    G* g = m->direct;
    bool inherit = true;
    m->direct = nullptr;
    if (g == nullptr) g = find_runnable(m, &inherit);
    if (m->spinning) {
      stop_spinning(m);
      wake_p();
    }
    if (g->locked_m != nullptr && g->locked_m != m) {
      start_locked_m(m, g);
      continue;
    }
    execute(m, g, inherit);
  }
}

void enqueue(P* p, G* g, bool next) {
  set_status(g, Status::kRunnable);
  runq_put(p, g, next);
}

void ready(G* g) {
  RT_CHECK(change_status(g, Status::kWaiting, Status::kRunnable), "ready: goroutine does not wait");
  if (P* p = current_m()->p) {
    runq_put(p, g, true);
    wake_p();
  } else {
    enqueue_global(g);
    start_m(nullptr, false);
  }
}

void ready_list(GList& list) {
  if (list.empty()) return;
  u32 n = list.size;
  for (G* g = list.head; g != nullptr; g = g->schedlink) set_status(g, Status::kRunnable);
  P* p = current_m()->p;
  if (p != nullptr) runq_put_list(p, list);
  if (!list.empty()) {
    Guard guard(sched.lock, Rank::kSched);
    sched.global.append(list);
    __atomic_store_n(&sched.global_size, sched.global.size, __ATOMIC_RELEASE);
  }
  for (; n > 0 && load(&sched.nidle_ps) != 0 && !world_waits(); --n) start_m(nullptr, false);
}

Outcome park(G* g, Wait reason, ResumeFn resume, CommitFn commit) {
  g->waitreason = reason;
  g->resume = resume;
  g->commit = commit;
  return Outcome::kPark;
}

Outcome yield_now(G* g) {
  return park(g, Wait::kNone, [](G*, u64*) { return Outcome::kDone; }, [](G* self) {
    set_status(self, Status::kRunnable);
    enqueue_global(self);
  });
}

// Stub, on g0: begin() said kPark.
RT_FN void rt_park(G* g) {
  g->m->curg = nullptr;
  set_status(g, Status::kWaiting);
  if (CommitFn commit = g->commit) {
    g->commit = nullptr;
    commit(g);
  }
  schedule();
}

namespace {

const Closure main_closure = {reinterpret_cast<uptr>(rt_main_code)};

i32 wanted_procs() {
  const char* s = get_env("GOMAXPROCS");
  i64 n = 0;
  for (; s != nullptr && *s >= '0' && *s <= '9' && n < kMaxProcs; ++s) n = n * 10 + (*s - '0');
  if (s == nullptr || *s != 0 || n <= 0) n = process_args.ncpu;
  return n > kMaxProcs ? kMaxProcs : static_cast<i32>(n);
}

[[noreturn]] void start_main(void*) {
  M* m = current_m();
  init_signals(m);
  for (i32 i = 0; i < sched.gomaxprocs; ++i) {
    P* p = sched.ps[sched.gomaxprocs - 1 - i];
    if (p == m->p) continue;
    set_status(p, PStatus::kIdle);
    put_idle_p(p);
  }
  start_sysmon();
  enqueue(m->p, new_goroutine(nullptr, &main_closure, 0), false);
  schedule();
}

}  // namespace

void init_sched() {
  M* m = &sched.m0;
  m->self = m;
  syscall6(sysno::kArchPrctl, 0x1002 /* ARCH_SET_FS */, word(&m->self));
  seed_random(m);
  u8* stack = static_cast<u8*>(sys_alloc(kG0Stack + kPage));
  sys_protect_none(stack, kPage);
  m->g0 = &sched.g0;
  m->g0->m = m;
  m->g0->stack_lo = word(stack + kPage);
  m->g0->stack_hi = word(stack + kPage + kG0Stack);
  m->g0sp = m->g0->stack_hi - 64;
  m->procid = static_cast<u64>(syscall6(sysno::kGettid));
  sched.nms = sched.next_m_id = 1;
  sched.max_ms = 10000;
  sched.all_ms = m;
  sched.last_poll = nanotime();
  heap_init();
  init_pacing();
  resize_procs(wanted_procs());
}

// Entry from the assembler, on the kernel's stack.
RT_FN void rt_start(u64* argc) {
  init_process(argc);
  init_sched();
  rt_call_on(sched.m0.g0sp, start_main, nullptr);
}

// ---- gates

RT_FN Outcome rt_gosched(G* g, u64*) { return yield_now(g); }
RT_FN Outcome rt_goparkunlock(G* g, u64* args) { return park(g, static_cast<Wait>(args[0]), nullptr); }
RT_FN Outcome rt_block(G* g, u64*) { return park(g, Wait::kSelectNoCases, nullptr); }

RT_FN u64 rt_ncpu(G*) { return static_cast<u64>(process_args.ncpu); }

// Spinning for a mutex: only if its holder can be running meanwhile.
RT_FN u64 rt_can_spin(i64 i) {
  if (i >= 4 || process_args.ncpu <= 1) return 0;
  if (sched.gomaxprocs <= static_cast<i32>(load(&sched.nidle_ps) + load(&sched.nspinning)) + 1) return 0;
  return runq_empty(current_m()->p);
}

RT_FN void rt_do_spin() {
  for (int i = 0; i < 30; ++i) __builtin_ia32_pause();
}

void pend_panic(G* g, abi::PendingPanic code, const void* type, u64 a, u64 b) {
  if (g->pending_code != 0) return;
  g->pending_code = static_cast<u32>(code);
  g->pending_type = static_cast<const Type*>(type);
  g->pending_a = a;
  g->pending_b = b;
  set_edge(g, kEdgePanic);
}

}  // namespace gale::rt
