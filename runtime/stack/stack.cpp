// stack.cpp: memory of stacks, and the decision to grow. Stacks of 2 to 32 KiB come from free lists by size, cut from 64 KiB
// spans; larger ones are spans of their own.

#include "runtime/stack/stack.h"

#include "runtime/heap/heap.h"
#include "runtime/panic/traceback.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/sys/start.h"

extern "C" [[noreturn]] void rt_gogo(gale::rt::G* g);

namespace gale::rt {

u64 max_stack = kDefaultMaxStack;

namespace {

constexpr u32 kSmallOrders = 5;  // 2, 4, 8, 16, 32 KiB
constexpr u64 kCarve = 64 << 10;

struct FreeStack {
  FreeStack* next;
};
FreeStack* free_stacks[kSmallOrders];

u32 order_of(u64 bytes) {
  u32 order = 0;
  while ((abi::kStackMin << order) < bytes) ++order;
  return order;
}

uptr take_small(u32 order) {
  if (free_stacks[order] == nullptr) {
    Span* s = alloc_pages(kCarve / kPage, SpanState::kStack);
    u64 size = abi::kStackMin << order;
    for (uptr p = s->base; p + size <= s->limit(); p += size) {
      auto* f = reinterpret_cast<FreeStack*>(p);
      f->next = free_stacks[order];
      free_stacks[order] = f;
    }
  }
  FreeStack* f = free_stacks[order];
  free_stacks[order] = f->next;
  return reinterpret_cast<uptr>(f);
}

[[noreturn]] void overflow(G* g) {
  print_lock();
  print("runtime: goroutine stack exceeds ");
  print_uint(max_stack);
  print("-byte limit\nruntime: sp=");
  print_hex(g->sched_sp);
  print(" stack=[");
  print_hex(g->stack_lo);
  print(", ");
  print_hex(g->stack_hi);
  print("]\n");
  fatal_error("stack overflow");
}

void grow(G* g, u64 wanted) {
  u64 size = (g->stack_hi - g->stack_lo) * 2;
  u64 used = g->stack_hi - g->sched_sp;
  while (size < used + wanted + abi::kStackGuard) size *= 2;
  if (size > max_stack) overflow(g);
  copy_stack(g, size);
}

}  // namespace

void allocate_stack(G* g, u64 bytes) {
  Guard guard(heap_lock, Rank::kHeap);
  u32 order = order_of(bytes);
  uptr lo = order < kSmallOrders ? take_small(order) : alloc_pages(bytes / kPage, SpanState::kStack)->base;
  g->stack_lo = lo;
  g->stack_hi = lo + bytes;
}

void free_stack(G* g) {
  u64 bytes = g->stack_hi - g->stack_lo;
  if (debug_flags.poison) __builtin_memset(reinterpret_cast<void*>(g->stack_lo), 0xdb, bytes);
  u32 order = order_of(bytes);
  Guard guard(heap_lock, Rank::kHeap);
  if (order < kSmallOrders) {
    auto* f = reinterpret_cast<FreeStack*>(g->stack_lo);
    f->next = free_stacks[order];
    free_stacks[order] = f;
  } else {
    free_pages(span_of(g->stack_lo));
  }
  g->stack_lo = g->stack_hi = 0;
}

void shrink_stack(G* g) {
  u64 size = g->stack_hi - g->stack_lo;
  if (g->pinned() || g->syscallsp != 0 || (g->flags & abi::kGFlagAsyncSafePoint) != 0 || size / 2 < abi::kStackMin) return;
  if (g->stack_hi - g->sched_sp + abi::kStackNosplit >= size / 4) return;
  copy_stack(g, size / 2);
}

u64 stack_in_use() { return heap_stats.stack_pages * kPage; }

namespace {

// The check failed because something is asked of g. If the stack is too small as well, the check comes back.
[[noreturn]] void yield_at_check(G* g) {
  M* m = g->m;
  if (m->locks == 0 && (g->edge & kEdgePreempt) != 0) {
    clear_edge(g, kEdgePreempt);
    m->curg = nullptr;
    set_status(g, Status::kRunnable);
    enqueue_global(g);
    schedule();
  }
  // Pinned to the thread: procUnpin asks again.
  __atomic_store_n(&g->stackguard0, g->stack_lo + abi::kStackGuard, __ATOMIC_RELAXED);
  rt_gogo(g);
}

}  // namespace

// From morestack, on g0: g.sched is the entry of the function that found its stack too small.
RT_FN void rt_newstack(G* g) {
  if (g == g->m->g0) throw_error("runtime: stack split on g0");
  bool asked = __atomic_load_n(&g->stackguard0, __ATOMIC_RELAXED) == abi::kStackPreempt;
  if (asked && debug_flags.stack_stress) {  // move at every check; grow if it was needed as well
    bool full = g->sched_sp < g->stack_lo + abi::kStackGuard + 4096;
    u64 size = g->stack_hi - g->stack_lo;
    if (full && size * 2 > max_stack) overflow(g);
    copy_stack(g, full ? size * 2 : size);
    // The check that follows must pass: the guard becomes huge again at the next allocation.
    g->stackguard0 = g->stack_lo + abi::kStackGuard;
    if (g->m->locks != 0 || (g->edge & kEdgePreempt) == 0) rt_gogo(g);
  }
  if (asked) yield_at_check(g);
  grow(g, 0);
  reset_guard(g);
  rt_gogo(g);
}

// reflectcall needs `bytes` of stack; it stands in its own stub frame.
RT_FN void rt_grow_for_call(G* g, u64 bytes) {
  if (__atomic_load_n(&g->stackguard0, __ATOMIC_RELAXED) == abi::kStackPreempt) yield_at_check(g);
  grow(g, bytes + 256);
  reset_guard(g);
  rt_gogo(g);
}

RT_FN u64 rt_set_max_stack(G*, u64 bytes) {
  u64 old = max_stack;
  max_stack = bytes;
  return old;
}

}  // namespace gale::rt
