// sched.cpp: see sched.h.

#include "runtime/sched/sched.h"

#include "runtime/heap/heap.h"
#include "runtime/panic/traceback.h"
#include "runtime/print/print.h"
#include "runtime/signal/signal.h"
#include "runtime/stack/stack.h"
#include "runtime/sys/module.h"
#include "runtime/sys/start.h"

extern "C" {
[[noreturn]] void rt_call_on(gale::rt::uptr sp, void (*fn)(void*), void* arg);
[[noreturn]] void rt_gogo(gale::rt::G* g);
gale::rt::M* rt_current_m();
extern const char rt_goexit_code[] asm("runtime.goexit");
extern const char rt_main_code[] asm("runtime.main");
}

namespace gale::rt {

Sched sched{};

M* current_m() { return rt_current_m(); }

namespace {

constexpr u64 kG0Stack = 64 << 10;
constexpr u32 kRunQueue = 256;

G* dequeue(P* p) {
  if (G* g = p->runnext; g != nullptr) {
    p->runnext = nullptr;
    return g;
  }
  if (p->schedtick % 61 == 0 && sched.global_head != nullptr) return nullptr;
  if (p->runqhead == p->runqtail) return nullptr;
  return p->runq[p->runqhead++ % kRunQueue];
}

G* dequeue_global() {
  G* g = sched.global_head;
  if (g == nullptr) return nullptr;
  sched.global_head = g->schedlink;
  if (sched.global_head == nullptr) sched.global_tail = nullptr;
  g->schedlink = nullptr;
  return g;
}

[[noreturn]] void deadlock() {
  M* m = current_m();
  m->curg = nullptr;
  bool user = false;
  for (G* g : sched.all_gs) user |= g->status == Status::kWaiting && (g->flags & abi::kGFlagSystem) == 0;
  traceback_level.all = traceback_level.level > 0;
  print_lock();
  print(user ? "fatal error: all goroutines are asleep - deadlock!\n" : "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n");
  die_with_traceback(nullptr);
}

// The next goroutine to run; sleeps until there is one.
G* find_runnable(P* p) {
  for (;;) {
    i64 next = run_timers(0);
    if (p->schedtick % 61 == 0 && network_active()) poll_network(0);  // busy goroutines must not starve those that wait for I/O
    if (G* g = dequeue(p)) return g;
    if (G* g = dequeue_global()) return g;
    if (p->runqhead != p->runqtail) return p->runq[p->runqhead++ % kRunQueue];
    bool network = network_active();
    if (next == 0 && !network) deadlock();
    i64 timeout = next == 0 ? -1 : next - nanotime();
    if (next != 0 && timeout < 0) timeout = 0;
    poll_network(timeout);
  }
}

[[noreturn]] void execute(M* m, G* g) {
  P* p = m->p;
  ++p->schedtick;
  m->curg = g;
  g->m = m;
  g->p = p;
  g->status = Status::kRunning;
  g->waitsince = 0;
  while (g->resume != nullptr) {
    ResumeFn resume = g->resume;
    g->resume = nullptr;
    if (resume(g, g->gate_args) == Outcome::kPark) {
      g->status = Status::kWaiting;
      m->curg = nullptr;
      if (CommitFn commit = g->commit) {
        g->commit = nullptr;
        commit(g);
      }
      schedule();
    }
  }
  rt_gogo(g);
}

G* recycled_g() {
  G* g = sched.dead;
  if (g != nullptr) {
    sched.dead = g->schedlink;
    g->schedlink = nullptr;
    return g;
  }
  g = static_cast<G*>(persistent_alloc(sizeof(G)));
  g->allg_index = sched.all_gs.size();
  sched.all_gs.push(g);
  return g;
}

}  // namespace

void schedule() {
  M* m = current_m();
  RT_CHECK(m->locks == 0, "schedule: holding locks");
  G* g = find_runnable(m->p);
  execute(m, g);
}

void enqueue(P* p, G* g, bool next) {
  g->status = Status::kRunnable;
  if (next) {
    G* old = p->runnext;
    p->runnext = g;
    if (old == nullptr) return;
    g = old;
  }
  if (p->runqtail - p->runqhead < kRunQueue) {
    p->runq[p->runqtail++ % kRunQueue] = g;
    return;
  }
  g->schedlink = nullptr;
  (sched.global_tail == nullptr ? sched.global_head : sched.global_tail->schedlink) = g;
  sched.global_tail = g;
}

void ready(G* g) {
  RT_CHECK(g->status == Status::kWaiting, "ready: goroutine does not wait");
  enqueue(current_m()->p, g, true);
}

Outcome park(G* g, Wait reason, ResumeFn resume, CommitFn commit) {
  g->waitreason = reason;
  g->waitsince = nanotime();
  g->resume = resume;
  g->commit = commit;
  return Outcome::kPark;
}

// Stub, on g0: begin() said kPark.
RT_FN void rt_park(G* g) {
  M* m = g->m;
  g->status = Status::kWaiting;
  m->curg = nullptr;
  if (CommitFn commit = g->commit) {
    g->commit = nullptr;
    commit(g);
  }
  schedule();
}

G* new_goroutine(G* creator, const Closure* fn, uptr gopc) {
  G* g = recycled_g();
  if (g->stack_lo == 0) allocate_stack(g, abi::kStackMin);
  g->stackguard0 = debug_flags.stack_stress ? abi::kStackPreempt : g->stack_lo + abi::kStackGuard;
  g->stackguard1 = ~uptr{0};
  uptr sp = g->stack_hi - 64;  // room for the spill area that a callee may touch
  *reinterpret_cast<uptr*>(sp) = reinterpret_cast<uptr>(rt_goexit_code) + 1;
  g->sched_sp = sp;
  g->stktopsp = sp;
  g->sched_pc = fn->code;
  g->sched_ctxt = fn;
  g->sched_g = g;
  g->sched_bp = 0;
  g->startpc = fn->code;
  g->gopc = gopc;
  g->goid = ++sched.next_goid;
  g->parent_goid = creator != nullptr ? creator->goid : 0;
  g->labels = creator != nullptr ? creator->labels : nullptr;
  g->flags = 0;
  g->edge = 0;
  g->resume = nullptr;
  g->commit = nullptr;
  ++sched.ngs;
  return g;
}

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
  heap_init();
  P* p = static_cast<P*>(persistent_alloc(sizeof(P)));
  p->m = m;
  p->wbbuf_next = p->wbbuf;
  p->wbbuf_end = p->wbbuf + sizeof(p->wbbuf) / sizeof(p->wbbuf[0]);
  m->p = p;
  sched.p0 = p;
  sched.gomaxprocs = 1;
}

namespace {

const Closure main_closure = {reinterpret_cast<uptr>(rt_main_code)};

[[noreturn]] void start_main(void*) {
  M* m = current_m();
  init_signals(m);
  enqueue(m->p, new_goroutine(nullptr, &main_closure, 0), false);
  schedule();
}

}  // namespace

// Entry from the assembler, on the kernel's stack.
RT_FN void rt_start(u64* argc) {
  init_process(argc);
  init_sched();
  rt_call_on(sched.m0.g0sp, start_main, nullptr);
}

// ---- gates

RT_FN void rt_newproc(G* g, const Closure* fn) {
  if (fn == nullptr) return pend_panic(g, abi::PendingPanic::kGoNilFunc);
  uptr gopc = *reinterpret_cast<uptr*>(g->sched_bp + 8);
  enqueue(g->p, new_goroutine(g, fn, gopc), true);
}

RT_FN Outcome rt_gosched(G* g, u64*) {
  return park(g, Wait::kNone, [](G*, u64*) { return Outcome::kDone; }, [](G* self) {
    self->status = Status::kRunnable;
    self->waitsince = 0;
    self->schedlink = nullptr;
    (sched.global_tail == nullptr ? sched.global_head : sched.global_tail->schedlink) = self;
    sched.global_tail = self;
  });
}

RT_FN Outcome rt_goparkunlock(G* g, u64* args) {
  return park(g, static_cast<Wait>(args[0]), nullptr);
}

RT_FN Outcome rt_block(G* g, u64*) { return park(g, Wait::kSelectNoCases, nullptr); }

// The goroutine's function has returned (or Goexit has run its defers).
RT_FN Outcome rt_goexit0(G* g, u64*) {
  M* m = g->m;
  m->curg = nullptr;
  --sched.ngs;
  g->status = Status::kDead;
  g->m = nullptr;
  g->panic = nullptr;
  g->defer = nullptr;
  g->free_defers = nullptr;
  g->param = nullptr;
  g->labels = nullptr;
  g->bubble = nullptr;
  g->waiting = nullptr;
  g->pending_code = 0;
  g->gopc = 0;
  g->sched_ctxt = nullptr;
  if (g->stack_hi - g->stack_lo != abi::kStackMin) free_stack(g);
  g->schedlink = sched.dead;
  sched.dead = g;
  schedule();
}

RT_FN u64 rt_proc_pin() {
  M* m = current_m();
  ++m->locks;
  return static_cast<u64>(m->p->id);
}

RT_FN void rt_proc_unpin() { --current_m()->locks; }

RT_FN u64 rt_gomaxprocs(G*, i64 n) {
  i64 old = sched.gomaxprocs;
  if (n > 0) sched.gomaxprocs = static_cast<i32>(n);  // reported; one P runs until the many-thread step
  return static_cast<u64>(old);
}

RT_FN u64 rt_ncpu(G*) { return static_cast<u64>(process_args.ncpu); }
RT_FN u64 rt_gcount(G*) { return static_cast<u64>(sched.ngs); }
RT_FN u64 rt_can_spin(i64) { return 0; }

RT_FN void rt_do_spin() {
  for (int i = 0; i < 30; ++i) __builtin_ia32_pause();
}

RT_FN void rt_entersyscall() {}
RT_FN void rt_exitsyscall() {}

void pend_panic(G* g, abi::PendingPanic code, const void* type, u64 a, u64 b) {
  if (g->pending_code != 0) return;
  g->pending_code = static_cast<u32>(code);
  g->pending_type = static_cast<const Type*>(type);
  g->pending_a = a;
  g->pending_b = b;
  g->edge |= kEdgePanic;
}

}  // namespace gale::rt
