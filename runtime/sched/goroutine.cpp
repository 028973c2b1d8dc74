// goroutine.cpp: birth and death of goroutines, their numbers, and their tie to a thread.

#include "runtime/gc/gc.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/stack/stack.h"
#include "runtime/sys/start.h"

extern "C" const char rt_goexit_code[] asm("runtime.goexit");

namespace gale::rt {

namespace {

constexpr u32 kKeepDead = 64;
constexpr u64 kIdBatch = 16;

G* take_dead(P* p) {
  if (p->dead == nullptr && __atomic_load_n(&sched.ndead, __ATOMIC_RELAXED) != 0) {
    Guard guard(sched.lock, Rank::kSched);
    for (u32 i = 0; i < kKeepDead / 2 && sched.dead != nullptr; ++i) {
      G* g = sched.dead;
      sched.dead = g->schedlink;
      --sched.ndead;
      g->schedlink = p->dead;
      p->dead = g;
      ++p->ndead;
    }
  }
  G* g = p->dead;
  if (g == nullptr) return nullptr;
  p->dead = g->schedlink;
  --p->ndead;
  g->schedlink = nullptr;
  return g;
}

void put_dead(P* p, G* g) {
  g->schedlink = p->dead;
  p->dead = g;
  if (++p->ndead < kKeepDead) return;
  Guard guard(sched.lock, Rank::kSched);
  for (; p->ndead > kKeepDead / 2; --p->ndead) {
    G* d = p->dead;
    p->dead = d->schedlink;
    d->schedlink = sched.dead;
    sched.dead = d;
    ++sched.ndead;
  }
}

G* make_g() {
  auto* g = static_cast<G*>(persistent_alloc(sizeof(G)));
  g->status = Status::kDead;
  Guard guard(sched.all_gs_lock, Rank::kAllGs);
  g->allg_index = sched.all_gs.size();
  sched.all_gs.push(g);
  return g;
}

u64 next_id(P* p) {
  if (p->next_goid == p->end_goid) {
    p->next_goid = __atomic_fetch_add(&sched.next_goid, kIdBatch, __ATOMIC_RELAXED) + 1;
    p->end_goid = p->next_goid + kIdBatch;
  }
  return p->next_goid++;
}

}  // namespace

G* new_goroutine(G* creator, const Closure* fn, uptr gopc) {
  P* p = current_m()->p;
  G* g = take_dead(p);
  if (g == nullptr) g = make_g();
  begin_scanned(g);
  if (g->stack_lo == 0) allocate_stack(g, abi::kStackMin);
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
  g->goid = next_id(p);
  g->parent_goid = creator != nullptr ? creator->goid : 0;
  g->labels = creator != nullptr ? creator->labels : nullptr;
  g->flags = 0;
  g->edge = 0;
  g->resume = nullptr;
  g->commit = nullptr;
  g->locked_m = nullptr;
  g->lock_count = 0;
  g->syscallsp = 0;
  reset_guard(g);
  return g;
}

// ---- gates

RT_FN void rt_newproc(G* g, const Closure* fn) {
  if (fn == nullptr) return pend_panic(g, abi::PendingPanic::kGoNilFunc);
  uptr gopc = *reinterpret_cast<uptr*>(g->sched_bp + 8);
  enqueue(g->p, new_goroutine(g, fn, gopc), true);
  wake_p();
}

// The goroutine's function has returned (or Goexit has run its defers).
RT_FN Outcome rt_goexit0(G* g, u64*) {
  M* m = g->m;
  bool locked = m->locked_g == g;
  m->curg = nullptr;
  m->locked_g = nullptr;
  if ((g->flags & abi::kGFlagSystem) != 0) __atomic_fetch_sub(&sched.nsystem, 1, __ATOMIC_RELAXED);
  g->m = nullptr;
  g->locked_m = nullptr;
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
  set_status(g, Status::kDead);
  put_dead(m->p, g);
  if (locked && m != &sched.m0) {  // what was done to the thread must not be seen by others: it ends
    handoff_p(release_p(m));
    exit_thread(m);
  }
  schedule();
}

// All that are not dead, but for the runtime's own.
RT_FN u64 rt_gcount(G*) {
  i64 n = static_cast<i64>(sched.all_gs.size()) - static_cast<i64>(sched.ndead) - sched.nsystem;
  for (i32 i = 0; i < sched.nps; ++i) n -= __atomic_load_n(&sched.ps[i]->ndead, __ATOMIC_RELAXED);
  return static_cast<u64>(n < 1 ? 1 : n);
}

RT_FN void rt_become_system(G* g) {
  g->flags |= abi::kGFlagSystem;
  __atomic_fetch_add(&sched.nsystem, 1, __ATOMIC_RELAXED);
}

RT_FN void rt_lock_os_thread(G* g) {
  ++g->lock_count;
  g->locked_m = g->m;
  g->m->locked_g = g;
}

RT_FN void rt_unlock_os_thread(G* g) {
  if (g->lock_count == 0 || --g->lock_count != 0) return;
  g->m->locked_g = nullptr;
  g->locked_m = nullptr;
}

RT_FN u64 rt_set_max_threads(G*, u64 n) {
  u64 old = sched.max_ms;
  sched.max_ms = n > 0x7fffffff ? 0x7fffffff : static_cast<u32>(n);
  if (sched.nms > sched.max_ms) fatal_error("thread exhaustion");
  return old;
}

// Waits until sysmon wants a collection, or a cycle is to be driven.
RT_FN Outcome rt_force_gc_wait(G* g, u64*) {
  return park(g, Wait::kForceGC, nullptr, [](G* self) {
    __atomic_store_n(&sched.force_gc, self, __ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&sched.gc_handed_over, __ATOMIC_SEQ_CST)) return;
    if (__atomic_exchange_n(&sched.force_gc, nullptr, __ATOMIC_SEQ_CST) != nullptr) ready(self);
  });
}

}  // namespace gale::rt
