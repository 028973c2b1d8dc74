// preempt.cpp: asking goroutines to yield.
//
// A request sets the edge bit (seen by gates) and makes the stack guard huge (seen by prologues). If that is not enough, as in a
// loop without calls, the thread gets SIGURG; the handler (signal/) lets the goroutine enter asyncPreempt if it stands at a safe pc:
// Go text whose UnsafePoint value is "safe", or one of a restartable sequence, which begins anew. C++ and stubs are never stopped: they
// come to an edge.

#include "runtime/panic/functable.h"
#include "runtime/panic/unwind.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/signal/signal.h"
#include "runtime/stack/stack.h"
#include "runtime/sys/start.h"

namespace gale::rt {

void reset_guard(G* g) {
  uptr guard = g->stack_lo + abi::kStackGuard;
  if (debug_flags.stack_stress || (__atomic_load_n(&g->edge, __ATOMIC_RELAXED) & kEdgePreempt) != 0 || world_waits() ||
      (debug_flags.sched_stress && (random_word() & 1) != 0)) {
    if (!debug_flags.stack_stress) set_edge(g, kEdgePreempt);
    guard = abi::kStackPreempt;
  }
  __atomic_store_n(&g->stackguard0, guard, __ATOMIC_RELAXED);
}

void request_preempt(P* p, Ask how) {
  M* m = __atomic_load_n(&p->m, __ATOMIC_RELAXED);
  if (m == nullptr || m == current_m()) return;
  G* g = __atomic_load_n(&m->curg, __ATOMIC_RELAXED);
  if (g == nullptr) return;
  set_edge(g, kEdgePreempt);
  __atomic_store_n(&g->stackguard0, abi::kStackPreempt, __ATOMIC_RELAXED);
  if (how == Ask::kSignal && !debug_flags.async_preempt_off) signal_thread(m, kPreemptSignal);
}

void preempt_all(Ask how) {
  for (i32 i = 0; i < sched.gomaxprocs; ++i) {
    if (status_of(sched.ps[i]) == PStatus::kRunning) request_preempt(sched.ps[i], how);
  }
}

// On g0, from runtime.asyncPreempt: every register is saved in its frame.
RT_FN void rt_async_preempt(G* g) {
  M* m = g->m;
  clear_edge(g, kEdgePreempt);
  g->flags |= abi::kGFlagAsyncSafePoint;
  g->resume = [](G* self, u64*) {
    self->flags &= static_cast<u16>(~abi::kGFlagAsyncSafePoint);
    return Outcome::kDone;
  };
  m->curg = nullptr;
  set_status(g, Status::kRunnable);
  enqueue_global(g);
  schedule();
}

}  // namespace gale::rt
