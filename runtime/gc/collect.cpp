// collect.cpp: one collection from start to end, its trace, sweeping, and the gates for that.

#include "runtime/gc/gc.h"
#include "runtime/gc/map_check.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/stack/stack.h"
#include "runtime/sys/module.h"
#include "runtime/sys/start.h"

namespace gale::rt {

namespace {

// One collection, for the trace.
struct Cycle {
  i64 start, end;
  u64 before, goal;
  bool forced;
};

void poison_free(Span* s) {
  for (u32 i = 0; i < s->nelems; ++i) {
    if ((s->alloc_bits[i / 64] >> (i % 64) & 1) == 0) __builtin_memset(reinterpret_cast<void*>(s->slot(i)), 0xdb, s->elem_size);
  }
}

u64 population(u64 w) {  // without the POPCNT instruction, which amd64 v1 lacks
  w -= (w >> 1) & 0x5555555555555555;
  w = (w & 0x3333333333333333) + ((w >> 2) & 0x3333333333333333);
  return ((w + (w >> 4)) & 0x0f0f0f0f0f0f0f0f) * 0x0101010101010101 >> 56;
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

// Marks become allocation bits. An empty span gives its pages back.
void sweep(Span* s) {
  u64 live = count_bits(s->mark_bits, s->nelems), freed = s->alloc_count - live;
  heap_stats.frees += freed;
  if (s->size_class() == 0) {
    heap_stats.large_frees += freed;
  } else {
    heap_stats.class_frees[s->size_class()] += freed;
  }
  if (live == 0) return release_span(s);
  u64* marks = s->mark_bits;
  s->mark_bits = s->alloc_bits;
  s->alloc_bits = marks;
  __builtin_memset(s->mark_bits, 0, (s->nelems + 63) / 64 * 8);
  s->alloc_count = static_cast<u32>(live);
  s->free_index = s->size_class() == 0 ? 1 : 0;
  s->needs_zero = true;
  if (debug_flags.poison && s->size_class() != 0) poison_free(s);
  s->class_next = heap.swept[s->span_class];
  heap.swept[s->span_class] = s;
  s->in_partial = live < s->nelems;
  if (s->in_partial) {
    s->next = heap.partial[s->span_class];
    heap.partial[s->span_class] = s;
  }
}

void shrink_stacks() {
  for (G* g : sched.all_gs) {
    if (g->status == Status::kWaiting || g->status == Status::kRunnable) shrink_stack(g);
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

// One line a collection, in the form of gc's. All of the marking is in its first column: the world stands meanwhile.
void trace(const Cycle& c) {
  u64 pause = static_cast<u64>(c.end - c.start);
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
  print_ms(pause);
  print("+0+0 ms clock, ");
  print_ms(pause);
  print("+0/0/0+0 ms cpu, ");
  print_uint(megabytes(c.before));
  print("->");
  print_uint(megabytes(c.before));
  print("->");
  print_uint(megabytes(heap_stats.marked));
  print(" MB, ");
  print_uint(megabytes(c.goal));
  print(" MB goal, ");
  print_uint(megabytes(stack_in_use()));
  print(" MB stacks, ");
  print_uint(megabytes((gale_module.edata - gale_module.data) + (gale_module.ebss - gale_module.bss)));
  print(" MB globals, ");
  print_uint(static_cast<u64>(sched.gomaxprocs));
  print(" P");
  if (c.forced) print(" (forced)");
  print("\n");
  print_unlock();
}

}  // namespace

void start_sweeping() {
  for (u32 i = 0; i < abi::kNumSpanClasses; ++i) {
    heap.partial[i] = nullptr;
    heap.unswept[i] = heap.swept[i];
    heap.swept[i] = nullptr;
  }
  heap.num_unswept = heap.objects.size();
  heap_stats.live = heap_stats.marked = marked_bytes;
}

bool sweep_one(u32 span_class) {
  Span* s = heap.unswept[span_class];
  if (s == nullptr) return false;
  heap.unswept[span_class] = s->class_next;
  --heap.num_unswept;
  sweep(s);
  return true;
}

bool sweep_some(u64 spans) {
  for (u32 i = 0; i < abi::kNumSpanClasses && heap.num_unswept != 0; ++i) {
    while (spans != 0 && sweep_one(i)) --spans;
  }
  return heap.num_unswept != 0;
}

void collect(G* g, bool forced) {
  Cycle cycle{nanotime(), 0, heap_stats.live, heap_stats.trigger, forced};
  clear_edge(g, kEdgeStartGC);
  sweep_some(~u64{0});
  for (i32 i = 0; i < sched.gomaxprocs; ++i) flush_runs(sched.ps[i]);
  marked_bytes = 0;
  mark_roots();
  drain();
  finish_specials();
  if (debug_flags.map_check) hold_suspects();
  start_sweeping();
  if (debug_flags.gc_stress || debug_flags.poison || debug_flags.gc_check) sweep_some(~u64{0});  // what was lost shows at once
  if (debug_flags.gc_check) check_heap();
  shrink_stacks();
  set_trigger();
  cycle.end = nanotime();
  u64 pause = static_cast<u64>(cycle.end - cycle.start);
  heap_stats.pauses[heap_stats.num_gc % 256] = pause;
  Timespec wall = walltime();
  heap_stats.last_gc_wall = static_cast<u64>(wall.sec) * 1000000000 + static_cast<u64>(wall.nsec);
  heap_stats.pause_ends[heap_stats.num_gc % 256] = heap_stats.last_gc_wall;
  heap_stats.pause_total += pause;
  ++heap_stats.num_gc;
  heap_stats.num_forced_gc += forced;
  if (debug_flags.gc_trace) trace(cycle);
}

// ---- gates

RT_FN u64 rt_gc_run(G* g, u64 forced) {
  collect(g, forced != 0);
  return specials_due();
}

RT_FN u64 rt_gc_sweep(G*, u64 spans) {
  Guard guard(heap_lock, Rank::kHeap);
  if (sweep_some(spans)) return 1;
  return_memory();
  return 0;
}

}  // namespace gale::rt
