// collect.cpp: the two stops of a cycle, its trace, sweeping, and the gates for that.

#include "runtime/gc/gc.h"
#include "runtime/gc/map_check.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/stack/stack.h"
#include "runtime/sys/module.h"
#include "runtime/sys/start.h"

namespace gale::rt {

namespace {

// The cycle that runs, or the last one. Times are nanotime.
struct Cycle {
  bool running, forced;
  u32 stops;             // to end it, until nothing was left
  i64 start;             // of the first stop
  i64 pause;             // ns of all stops
  i64 first_pause, end;
  u64 before, at_end, goal, marked;
};
Cycle cycle;

void poison_free(Span* s) {
  for (u32 i = 0; i < s->nelems; ++i) {
    if ((s->alloc_bits[i / 64] >> (i % 64) & 1) == 0) __builtin_memset(reinterpret_cast<void*>(s->slot(i)), 0xdb, s->elem_size);
  }
}

u64 count_bits(const u64* bits, u32 n) {
  u64 count = 0;
  for (u32 i = 0; i < (n + 63) / 64; ++i) count += population(bits[i]);
  return count;
}

void release_span(Span* s) {
  Span* last = heap.objects.back();
  heap.objects[s->index] = last;
  last->index = s->index;
  heap.objects.pop();
  free_bits(s->alloc_bits, s->nelems);
  free_bits(s->mark_bits, s->nelems);
  if (debug_flags.poison) __builtin_memset(reinterpret_cast<void*>(s->base), 0xdb, s->npages * kPage);
  free_pages(s);
}

// Marks become allocation bits. An empty span gives its pages back. The caller alone has it.
void sweep(Span* s, Under lock) {
  Central& c = heap.central[s->span_class];
  u64 live = count_bits(s->mark_bits, s->nelems), freed = s->alloc_count - live;
  __atomic_fetch_add(&c.frees, freed, __ATOMIC_RELAXED);
  if (live == 0) {
    if (lock == Under::kHeapLock) return release_span(s);
    Guard guard(heap_lock, Rank::kHeap);
    return release_span(s);
  }
  u64* marks = s->mark_bits;
  s->mark_bits = s->alloc_bits;
  s->alloc_bits = marks;
  __builtin_memset(s->mark_bits, 0, (s->nelems + 63) / 64 * 8);
  s->alloc_count = static_cast<u32>(live);
  s->free_index = s->size_class() == 0 ? 1 : 0;
  s->needs_zero = true;
  if (debug_flags.poison && s->size_class() != 0) poison_free(s);
  Guard guard(c.lock, Rank::kCentral);
  s->class_next = c.swept;
  c.swept = s;
  s->in_partial = live < s->nelems;
  if (s->in_partial) {
    s->next = c.partial;
    __atomic_store_n(&c.partial, s, __ATOMIC_RELAXED);
  }
}

// Milliseconds with two digits that count, as gc prints them.
void print_ms(u64 ns) {
  u64 us = ns / 1000;
  if (us >= 10000) return print_uint(us / 1000);
  u64 whole = us / 1000, part = us % 1000;
  print_uint(whole);
  if (part == 0) return;
  print(".");
  u64 digit = 100;
  for (u64 shown = whole == 0 ? 0 : 1; digit != 0 && part != 0 && shown < 2; digit /= 10) {
    u64 d = part / digit;
    print_uint(d);
    part %= digit;
    if (shown != 0 || d != 0) ++shown;
  }
}

u64 megabytes(u64 bytes) { return bytes >> 20; }

// One line a cycle, in the form of gc's: the first stop, marking beside the program, the last stop.
void trace() {
  const Cycle& c = cycle;
  u64 first = static_cast<u64>(c.first_pause), last = static_cast<u64>(c.pause - c.first_pause);
  u64 between = static_cast<u64>(c.end - c.start) - first - last, procs = static_cast<u64>(sched.gomaxprocs);
  MarkingTime t = marking_time();
  print_lock();
  print("gc ");
  print_uint(heap_stats.num_gc);
  print(" @");
  u64 ms = static_cast<u64>(c.start - heap_stats.start) / 1000000;
  print_uint(ms / 1000);
  print(".");
  print(ms % 1000 < 10 ? "00" : ms % 1000 < 100 ? "0" : "");
  print_uint(ms % 1000);
  print("s ");
  print_uint(static_cast<u64>(gc_cpu_fraction() * 100));
  print("%: ");
  print_ms(first);
  print("+");
  print_ms(between);
  print("+");
  print_ms(last);
  print(" ms clock, ");
  print_ms(first * procs);
  print("+");
  print_ms(t.assist);
  print("/");
  print_ms(t.background);
  print("/");
  print_ms(t.idle);
  print("+");
  print_ms(last * procs);
  print(" ms cpu, ");
  print_uint(megabytes(c.before));
  print("->");
  print_uint(megabytes(c.at_end));
  print("->");
  print_uint(megabytes(c.marked));
  print(" MB, ");
  print_uint(megabytes(c.goal));
  print(" MB goal, ");
  print_uint(megabytes(stack_in_use()));
  print(" MB stacks, ");
  print_uint(megabytes((gale_module.edata - gale_module.data) + (gale_module.ebss - gale_module.bss)));
  print(" MB globals, ");
  print_uint(procs);
  print(" P");
  if (c.forced) print(" (forced)");
  print("\n");
  print_unlock();
}

// What barriers of generated code and of C++ have left with each P becomes this queue's.
void gather(MarkQueue& q) {
  for (i32 i = 0; i < sched.nps; ++i) {
    flush_barrier(sched.ps[i]);
    if (&sched.ps[i]->marks != &q) sched.ps[i]->marks.publish();
  }
}

// How much of a stop may go to marking what is left before the program is let on instead, and how often that may be put off.
constexpr i64 kLastMarking = 200000;
constexpr u32 kMostStops = 8;

void record(i64 now) {
  HeapStats& h = heap_stats;
  u64 pause = static_cast<u64>(cycle.pause);
  MarkingTime t = marking_time();
  Timespec wall = walltime();
  h.last_gc_wall = static_cast<u64>(wall.sec) * 1000000000 + static_cast<u64>(wall.nsec);
  h.pauses[h.num_gc % 256] = pause;
  h.pause_ends[h.num_gc % 256] = h.last_gc_wall;
  h.pause_total += pause;
  h.work_ns += pause * static_cast<u64>(sched.gomaxprocs) + t.background + t.assist;
  h.num_forced_gc += cycle.forced;
  cycle.end = now;
  __atomic_store_n(&h.num_gc, h.num_gc + 1, __ATOMIC_RELAXED);
}

void start_cycle(bool forced) {
  cycle = {};
  cycle.start = sched.stop_began;
  cycle.forced = forced;
  sweep_some(~u64{0});
  for (i32 i = 0; i < sched.nps; ++i) flush_runs(sched.ps[i]);
  cycle.before = heap_stats.live;
  cycle.goal = heap_stats.goal;
  __atomic_store_n(&cycle.running, true, __ATOMIC_RELAXED);
  start_roots();
  start_marking();
}

// Marks, in a stop. False: the limit came first.
bool mark_all(MarkQueue& q, const MarkLimit& limit) {
  while (drain(q, limit)) {
    if (limit.reached(q)) return false;
    if (!run_root_job(q)) return true;
  }
  return false;
}

// A heap with few pointers is done sooner than other threads can be asked to help. How many there will be, the last cycle tells; if it was
// wrong, marking goes on beside the program.
constexpr u64 kFewPointers = 256 << 10;
constexpr i64 kFirstMarking = 100000;

bool marked_at_once(MarkQueue& q) {
  if (debug_flags.gc_concurrent || heap_stats.scanned > kFewPointers) return false;
  MarkLimit limit;
  limit.deadline = nanotime() + kFirstMarking;
  return mark_all(q, limit);
}

// From here on Go code runs beside the collector.
void go_on_beside(G* g) {
  __atomic_store_n(&rt_wb_enabled, 1, __ATOMIC_SEQ_CST);
  ensure_scanned(g->p->marks, g);  // the only one that goes on without being taken from a queue
  g->p->marks.publish();
  cycle.first_pause = cycle.pause = nanotime() - cycle.start;
}

// The last stop. False: much is left to be marked, the program goes on.
bool finish_cycle(G* g) {
  MarkQueue& q = g->p->marks;
  bool only_stop = !marking();
  gather(q);
  MarkLimit limit;
  if (!only_stop && ++cycle.stops < kMostStops) limit.deadline = nanotime() + kLastMarking;
  if (!drain(q, limit)) {
    q.publish();
    cycle.pause += nanotime() - sched.stop_began;
    return false;
  }
  finish_specials(q);
  if (debug_flags.map_check) hold_suspects();
  cycle.at_end = heap_stats.live;
  for (i32 i = 0; i < sched.nps; ++i) flush_runs(sched.ps[i]);
  __atomic_store_n(&rt_wb_enabled, 0, __ATOMIC_SEQ_CST);
  u64 marked = 0;
  heap_stats.scanned = 0;
  for (i32 i = 0; i < sched.nps; ++i) {
    marked += sched.ps[i]->marks.marked;
    heap_stats.scanned += sched.ps[i]->marks.with_pointers;
  }
  cycle.marked = marked;
  heap_stats.mark_growth = cycle.at_end - cycle.before;
  start_sweeping(marked);
  if (debug_flags.gc_stress || debug_flags.poison || debug_flags.gc_check) sweep_some(~u64{0});  // what was lost shows at once
  if (debug_flags.gc_check) check_heap();
  set_trigger();
  i64 now = nanotime();
  cycle.pause += now - sched.stop_began;
  if (only_stop) cycle.first_pause = cycle.pause;
  record(now);
  __atomic_store_n(&cycle.running, false, __ATOMIC_RELAXED);
  if (debug_flags.gc_trace) trace();
  return true;
}

}  // namespace

bool cycle_runs() { return __atomic_load_n(&cycle.running, __ATOMIC_RELAXED); }

void start_sweeping(u64 marked) {
  for (Central& c : heap.central) {
    c.unswept = c.swept;
    c.partial = c.swept = nullptr;
  }
  heap.num_unswept = heap.objects.size();
  heap.sweep_ended = false;
  heap_stats.live = heap_stats.marked = marked;
}

bool sweep_one(u32 span_class, Under lock) {
  Central& c = heap.central[span_class];
  if (__atomic_load_n(&c.unswept, __ATOMIC_RELAXED) == nullptr) return false;
  Span* s;
  {
    Guard guard(c.lock, Rank::kCentral);
    s = c.unswept;
    if (s == nullptr) return false;
    __atomic_store_n(&c.unswept, s->class_next, __ATOMIC_RELAXED);
  }
  sweep(s, lock);
  __atomic_fetch_sub(&heap.num_unswept, 1, __ATOMIC_RELAXED);
  return true;
}

bool sweep_some(u64 spans, Under lock) {
  auto left = [] { return __atomic_load_n(&heap.num_unswept, __ATOMIC_RELAXED) != 0; };
  for (u32 i = 0; i < abi::kNumSpanClasses && left(); ++i) {
    while (spans != 0 && sweep_one(i, lock)) --spans;
  }
  return spans == 0 && left();
}

// ---- gates

RT_FN i64 rt_gc_run(G* g, u64 forced) {
  clear_edge(g, kEdgeStartGC);
  start_cycle(forced != 0);
  mark_all(g->p->marks, {});
  finish_cycle(g);
  return static_cast<i64>(specials_due());
}

RT_FN i64 rt_gc_start(G* g, u64 forced) {
  clear_edge(g, kEdgeStartGC);
  start_cycle(forced != 0);
  if (marked_at_once(g->p->marks) && finish_cycle(g)) return static_cast<i64>(specials_due());
  go_on_beside(g);
  return -1;
}

RT_FN i64 rt_gc_finish(G* g) { return finish_cycle(g) ? static_cast<i64>(specials_due()) : -1; }

// The heap has reached the trigger, says the edge of a gate.
RT_FN u64 rt_gc_wanted(G* g) {
  clear_edge(g, kEdgeStartGC);
  if (debug_flags.gc_stress) return 1;
  return cycle_runs() || debug_flags.gc_concurrent || __atomic_load_n(&heap_stats.live, __ATOMIC_RELAXED) < heap_stats.trigger ? 0 : 2;
}

RT_FN void rt_gc_hand_over(G* g) {
  __atomic_store_n(&sched.gc_handed_over, true, __ATOMIC_SEQ_CST);
  G* driver = __atomic_exchange_n(&sched.force_gc, nullptr, __ATOMIC_SEQ_CST);
  if (driver == nullptr) return;
  ready(driver);
  set_edge(g, kEdgePreempt);  // it should wait already when all is marked, so that it can be woken wherever it is
}

RT_FN u64 rt_gc_handed_over(G*) { return __atomic_exchange_n(&sched.gc_handed_over, false, __ATOMIC_SEQ_CST); }

// Is a cycle due, now that the one that was waited for is over?
RT_FN u64 rt_gc_due(G*) {
  bool old = __atomic_exchange_n(&sched.gc_is_old, false, __ATOMIC_RELAXED);
  return old || debug_flags.gc_concurrent || __atomic_load_n(&heap_stats.live, __ATOMIC_RELAXED) >= heap_stats.trigger;
}

RT_FN u64 rt_gc_always(G*) { return debug_flags.gc_concurrent; }

RT_FN u64 rt_gc_sweep(G*, u64 spans) {
  if (sweep_some(spans)) return 1;
  Guard guard(heap_lock, Rank::kHeap);
  if (!heap.sweep_ended) return_memory();
  heap.sweep_ended = true;
  return 0;
}

}  // namespace gale::rt
