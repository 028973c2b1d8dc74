// blocking.cpp: system calls that may block. entersyscall leaves the P behind, marked kSyscall, with the goroutine still bound to the
// thread; the thread takes it back at the end if nobody has wanted it (one compare-and-swap). sysmon gives it to another
// thread when the call lasts; a stop of the world takes it at once.
//
// While the goroutine is in the call, its stack is scanned from syscallpc/sp/bp, the caller of entersyscall, and does not move.

#include "runtime/gc/gc.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"

namespace gale::rt {

namespace {

void running_again(G* g, M* m, P* p) {
  g->p = p;
  if (marking()) {
    ensure_scanned(p->marks, g);
    p->marks.publish();
  }
  ++p->syscalltick;
  set_status(g, Status::kRunning);
  g->syscallsp = 0;
  reset_guard(g);
  (void)m;
}

}  // namespace

RT_FN void rt_entersyscall(G* g) {
  M* m = g->m;
  P* p = m->p;
  auto* frame = reinterpret_cast<uptr*>(g->sched_bp);  // of the stub
  g->syscallbp = frame[0];
  g->syscallpc = frame[1];
  __atomic_store_n(&g->syscallsp, word(frame + 2), __ATOMIC_RELEASE);
  ++m->locks;  // nothing from here on may yield
  set_status(g, Status::kSyscall);
  m->old_p = p;
  m->p = nullptr;
  p->m = nullptr;
  if (__atomic_load_n(&sched.sysmon_waiting, __ATOMIC_SEQ_CST) != 0) wake_sysmon();
  set_status(p, PStatus::kSyscall);
  --m->locks;
  if (!world_waits()) return;
  Guard guard(sched.lock, Rank::kSched);
  if (world_waits() && change_status(p, PStatus::kSyscall, PStatus::kStopped)) {
    ++p->syscalltick;
    if (--sched.stop_wait == 0) note_wake(&sched.stop_note);
  }
}

RT_FN Outcome rt_exitsyscall(G* g, u64*) {
  M* m = g->m;
  P* p = m->old_p;
  m->old_p = nullptr;
  if (p != nullptr && change_status(p, PStatus::kSyscall, PStatus::kRunning)) {
    m->p = p;
    p->m = m;
    running_again(g, m, p);
    return Outcome::kDone;
  }
  if (__atomic_load_n(&sched.nidle_ps, __ATOMIC_SEQ_CST) != 0) {
    sched.lock.lock(Rank::kSched);
    p = world_waits() ? nullptr : get_idle_p();
    bool sleeping = p != nullptr && sched.sysmon_waiting != 0;
    sched.lock.unlock(Rank::kSched);
    if (sleeping) wake_sysmon();
    if (p != nullptr) {
      acquire_p(m, p);
      running_again(g, m, p);
      return Outcome::kDone;
    }
  }
  return park(g, Wait::kNone,
              [](G* self, u64*) {
                self->syscallsp = 0;
                return Outcome::kDone;
              },
              [](G* self) {
                set_status(self, Status::kRunnable);
                enqueue_global(self);
                if (__atomic_load_n(&sched.nidle_ps, __ATOMIC_SEQ_CST) != 0) start_m(nullptr, false);
              });
}

}  // namespace gale::rt
