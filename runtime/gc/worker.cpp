// worker.cpp: who marks, and when.
//
//   background  each P owes marking a quarter of the time since marking began; it pays between two goroutines, a few ms at most at a time
//   idle        a P without a goroutine to run marks instead of going idle
//   assists     who allocates pays for it in bytes to be marked, at such a rate that marking is done when the heap reaches its goal. What
//               background and idle marking have done beyond the program's own debts is credit that assists draw from first
//
// All of it is slices of marking on g0, which end early when the world is to stop. Marking is complete when nothing can be taken and
// nobody is in a slice: the last one out wakes the goroutine that drives the cycle. It waits in rt_gc_wait_marked.

#include "runtime/gc/gc.h"
#include "runtime/sched/sched.h"
#include "runtime/sys/start.h"

namespace gale::rt {

namespace {

constexpr i64 kShare = 4;  // a P owes one part in so many
constexpr i64 kLeastSlice = 50000, kMostSlice = 2000000, kIdleSlice = 100000, kAssistSlice = 100000;
constexpr i64 kAssistUnit = 64 << 10;  // bytes of debt that are worth a slice

struct Work {
  u32 active;       // threads in a slice
  G* driver;        // waits for the end
  i64 start;
  u64 expected;     // bytes to be marked, as far as the last cycle tells
  u64 done;
  i64 credit;       // bytes marked that assists need not mark
  u64 background_ns, assist_ns, idle_ns;
};
Work work;

template <class T>
void add(T* to, T n) {
  __atomic_fetch_add(to, n, __ATOMIC_RELAXED);
}

bool complete() { return __atomic_load_n(&work.active, __ATOMIC_SEQ_CST) == 0 && !work_left(); }

void wake_driver() {
  G* g = __atomic_exchange_n(&work.driver, nullptr, __ATOMIC_SEQ_CST);
  if (g != nullptr) ready(g);
  // An assist gives way, or the heap grows until somebody else does. The driver may be about to run and not have come to wait yet.
  if (G* running = current_m()->curg) set_edge(running, kEdgePreempt);
}

// With gcconcurrent, slices are short, so that a cycle lasts and the program gets into every gap.
constexpr u64 kShortSlice = 4096;

// Marks until the limit. Returns the bytes.
u64 slice(P* p, MarkLimit limit) {
  MarkQueue& q = p->marks;
  u64 before = q.marked;
  limit.stop_for_world = true;
  if (debug_flags.gc_concurrent && limit.bytes - before > kShortSlice) limit.bytes = before + kShortSlice;
  __atomic_fetch_add(&work.active, 1, __ATOMIC_SEQ_CST);
  while (drain(q, limit) && !limit.reached(q) && run_root_job(q)) {}
  q.publish();
  u64 bytes = q.marked - before;
  add(&work.done, bytes);
  if (__atomic_sub_fetch(&work.active, 1, __ATOMIC_SEQ_CST) == 0 && complete()) wake_driver();
  return bytes;
}

void others_help() {
  if (work_left() && !world_waits()) wake_p();
}

}  // namespace

void start_marking() {
  work = {};
  work.start = nanotime();
  work.expected = heap_stats.marked;
  for (i32 i = 0; i < sched.nps; ++i) {
    P* p = sched.ps[i];
    p->marks.marked = p->marks.with_pointers = 0;
    p->mark_ns = 0;
    p->assist_debt = 0;
    p->wbbuf_next = p->wbbuf;
  }
}

bool work_left() { return roots_left() || shared_marks(); }

MarkingTime marking_time() { return {work.background_ns, work.assist_ns, work.idle_ns}; }

void background_marking(P* p) {
  if (!work_left()) return;
  i64 now = nanotime(), owed = (now - work.start) / kShare - p->mark_ns;
  if (owed < kLeastSlice) return;
  others_help();
  MarkLimit limit;
  limit.deadline = now + (owed < kMostSlice ? owed : kMostSlice);
  u64 bytes = slice(p, limit);
  i64 took = nanotime() - now;
  p->mark_ns += took;
  add(&work.background_ns, static_cast<u64>(took));
  add(&work.credit, static_cast<i64>(bytes));
}

bool idle_marking(M* m) {
  if (!work_left()) return false;
  i64 now = nanotime();
  others_help();
  MarkLimit limit;
  limit.deadline = now + kIdleSlice;
  add(&work.credit, static_cast<i64>(slice(m->p, limit)));
  add(&work.idle_ns, static_cast<u64>(nanotime() - now));
  return true;
}

// Debt for so many bytes: what is left to be marked, spread over what is left to be allocated.
void charge(P* p, u64 bytes) {
  u64 done = __atomic_load_n(&work.done, __ATOMIC_RELAXED);
  u64 left = work.expected > done ? work.expected - done : 0;
  if (left < work.expected / 16) left = work.expected / 16;  // the estimate was too low
  u64 live = __atomic_load_n(&heap_stats.live, __ATOMIC_RELAXED), room = heap_stats.goal > live ? heap_stats.goal - live : 0;
  if (room < left / 32 + 4096) room = left / 32 + 4096;
  p->assist_debt += static_cast<i64>(static_cast<double>(bytes) * static_cast<double>(left) / static_cast<double>(room));
}

void assist(P* p) {
  if (p->assist_debt < kAssistUnit) return;
  i64 credit = __atomic_load_n(&work.credit, __ATOMIC_RELAXED);
  if (credit > 0) {
    i64 used = credit < p->assist_debt ? credit : p->assist_debt;
    add(&work.credit, -used);
    p->assist_debt -= used;
    if (p->assist_debt < kAssistUnit) return;
  }
  if (!work_left()) {
    p->assist_debt = 0;
    return;
  }
  i64 now = nanotime();
  MarkLimit limit;
  limit.deadline = now + kAssistSlice;
  limit.bytes = p->marks.marked + static_cast<u64>(p->assist_debt);
  p->assist_debt -= static_cast<i64>(slice(p, limit));
  add(&work.assist_ns, static_cast<u64>(nanotime() - now));
}

// ---- gates

RT_FN Outcome rt_gc_wait_marked(G* g, u64*) {
  if (complete()) return Outcome::kDone;
  return park(g, Wait::kGarbageCollection, nullptr, [](G* self) {
    __atomic_store_n(&work.driver, self, __ATOMIC_SEQ_CST);
    if (complete()) wake_driver();
  });
}

}  // namespace gale::rt
