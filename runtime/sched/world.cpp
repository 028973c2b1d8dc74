// world.cpp: stopping and starting all threads, and changing the number of Ps.
//
// To stop: gc_waiting is set, every idle P and every P in a system call is taken at once, every running one is asked until
// its thread has come to schedule() and given it up. The stopping thread keeps its own P. Threads in system calls go on in the
// kernel; they cannot get a P back until the world starts.

#include "runtime/gc/gc.h"
#include "runtime/heap/heap.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/time/timer.h"

namespace gale::rt {

namespace {

// How long the others are waited for: after they have been asked by flags, which most code looks at all the time and which cost it
// nothing; after they have got a signal, without sleeping, since waking up takes longer than most of them; then asleep.
constexpr i64 kFlagsOnly = 4000, kAwake = 40000, kAskAgain = 100000;

// Until stop_note says that nobody runs.
void wait_for_others() {
  if (note_spin_for(&sched.stop_note, kFlagsOnly)) return;
  preempt_all();
  if (note_spin_for(&sched.stop_note, kAwake)) return;
  while (!note_sleep_for(&sched.stop_note, kAskAgain)) preempt_all();
}

P* make_p(i32 id) {
  auto* p = static_cast<P*>(persistent_alloc(sizeof(P)));
  init_p_caches(p, id);
  sched.ps[id] = p;
  __atomic_store_n(&sched.nps, id + 1, __ATOMIC_RELEASE);
  return p;
}

// A P that will not be used for now: what it holds goes where all can find it.
void empty_p(P* p) {
  GList list;
  runq_drain(p, list);
  {
    Guard guard(sched.lock, Rank::kSched);
    sched.global.append(list);
    __atomic_store_n(&sched.global_size, sched.global.size, __ATOMIC_RELEASE);
    while (G* g = p->dead) {
      p->dead = g->schedlink;
      g->schedlink = sched.dead;
      sched.dead = g;
    }
    sched.ndead += p->ndead;
    p->ndead = 0;
  }
  flush_barrier(p);
  p->marks.publish();
  flush_runs(p);
  move_timers(p, sched.ps[0]);
}

}  // namespace

void init_p_caches(P* p, i32 id) {
  p->id = id;
  p->wbbuf_next = p->wbbuf;
  p->wbbuf_end = p->wbbuf + sizeof(p->wbbuf) / sizeof(p->wbbuf[0]);
  p->status = PStatus::kStopped;
  init_timers(p);
}

// The world is stopped. The caller's thread keeps a P.
void resize_procs(i32 n) {
  if (n < 1) n = 1;
  if (n > kMaxProcs) n = kMaxProcs;
  i32 old = sched.gomaxprocs;
  for (i32 i = sched.nps; i < n; ++i) make_p(i);
  M* m = current_m();
  if (m->p != nullptr && m->p->id >= n) {
    release_p(m);
    acquire_p(m, sched.ps[0]);
    if (m->curg != nullptr) m->curg->p = sched.ps[0];
  }
  if (m->p == nullptr) acquire_p(m, sched.ps[0]);
  for (i32 i = n; i < old; ++i) {
    empty_p(sched.ps[i]);
    set_status(sched.ps[i], PStatus::kDead);
  }
  for (i32 i = old; i < n; ++i) {
    if (sched.ps[i] != m->p) set_status(sched.ps[i], PStatus::kStopped);
  }
  __atomic_store_n(&sched.gomaxprocs, n, __ATOMIC_RELEASE);
}

void stop_the_world() {
  M* m = current_m();
  ++m->locks;
  sched.stop_began = nanotime();
  sched.lock.lock(Rank::kSched);
  sched.stop_wait = sched.gomaxprocs;
  __atomic_store_n(&sched.stop_note, 0, __ATOMIC_RELEASE);
  __atomic_store_n(&sched.gc_waiting, 1, __ATOMIC_SEQ_CST);
  preempt_all(Ask::kFlags);
  set_status(m->p, PStatus::kStopped);
  --sched.stop_wait;
  for (i32 i = 0; i < sched.gomaxprocs; ++i) {
    P* p = sched.ps[i];
    if (!change_status(p, PStatus::kSyscall, PStatus::kStopped)) continue;
    ++p->syscalltick;
    --sched.stop_wait;
  }
  while (P* p = get_idle_p()) {
    set_status(p, PStatus::kStopped);
    --sched.stop_wait;
  }
  bool wait = sched.stop_wait > 0;
  sched.lock.unlock(Rank::kSched);
  if (wait) wait_for_others();
}

void start_the_world() {
  M* m = current_m();
  if (sched.new_procs > 0) {
    resize_procs(sched.new_procs);
    sched.new_procs = 0;
  }
  P* work = nullptr;  // Ps with goroutines, by idle_next
  sched.lock.lock(Rank::kSched);
  for (i32 i = sched.gomaxprocs; i-- > 0;) {
    P* p = sched.ps[i];
    if (p == m->p) continue;
    p->m = nullptr;
    set_status(p, PStatus::kIdle);
    if (runq_empty(p)) {
      put_idle_p(p);
    } else {
      p->idle_next = work;
      work = p;
    }
  }
  set_status(m->p, PStatus::kRunning);
  __atomic_store_n(&sched.gc_waiting, 0, __ATOMIC_SEQ_CST);
  bool sleeping = sched.sysmon_waiting != 0;
  sched.lock.unlock(Rank::kSched);
  if (sleeping) wake_sysmon();
  while (work != nullptr) {
    P* p = work;
    work = p->idle_next;
    start_m(p, false);
  }
  wake_p();
  --m->locks;
}

void stop_for_world(M* m) {
  if (m->spinning) {
    m->spinning = false;
    __atomic_fetch_sub(&sched.nspinning, 1, __ATOMIC_SEQ_CST);
  }
  P* p = release_p(m);
  {
    Guard guard(sched.lock, Rank::kSched);
    set_status(p, PStatus::kStopped);
    if (--sched.stop_wait == 0) note_wake(&sched.stop_note);
  }
  stop_m(m);
}

// Best effort: a thread in a long stretch of C++, or in a system call, is not waited for.
void freeze_the_world() {
  sched.frozen = true;
  __atomic_store_n(&sched.stop_wait, 0x40000000, __ATOMIC_RELEASE);
  __atomic_store_n(&sched.gc_waiting, 1, __ATOMIC_SEQ_CST);
  P* own = current_m()->p;
  for (int tries = 0; tries < 20; ++tries) {
    bool running = false;
    for (i32 i = 0; i < sched.gomaxprocs; ++i) running |= sched.ps[i] != own && status_of(sched.ps[i]) == PStatus::kRunning;
    if (!running) return;
    preempt_all();
    Timespec t{0, 200000};
    syscall6(sysno::kNanosleep, word(&t), 0);
  }
}

// ---- gates

RT_FN void rt_gc_stop_world(G*, u64) { stop_the_world(); }
RT_FN void rt_gc_start_world(G*) { start_the_world(); }

// n > 0: with the world stopped; takes effect when it starts.
RT_FN u64 rt_gomaxprocs(G*, i64 n) {
  i64 old = sched.gomaxprocs;
  if (n > 0) sched.new_procs = n > kMaxProcs ? kMaxProcs : static_cast<i32>(n);
  return static_cast<u64>(old);
}

}  // namespace gale::rt
