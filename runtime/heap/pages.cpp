// pages.cpp: arenas and free page runs.
//
// Free runs below 128 pages lie in exact bins, longer ones in one list searched best fit. Neighbours are found through
// the page table (first and last page of a free run point to its Span) and merged if both are clean or both are dirty: a
// merge of a clean run into a dirty one would make all of a fresh arena need zeroing.

#include "runtime/gc/gc.h"
#include "runtime/heap/heap.h"
#include "runtime/print/print.h"
#include "runtime/sys/syscall.h"

namespace gale::rt {

Arena** arena_table;
HeapStats heap_stats;
Heap heap{};
Lock heap_lock;

namespace {

constexpr u64 kBins = 128;
Span* bins[kBins + 1];  // [kBins]: longer runs
FixedPool<Span> span_pool;
uptr next_hint = 0xc000000000;

void link(Span*& list, Span* s) {
  s->prev = nullptr;
  s->next = list;
  if (list != nullptr) list->prev = s;
  list = s;
}

void unlink(Span*& list, Span* s) {
  if (s->prev != nullptr) {
    s->prev->next = s->next;
  } else {
    list = s->next;
  }
  if (s->next != nullptr) s->next->prev = s->prev;
  s->next = s->prev = nullptr;
}

Span*& bin_of(u64 npages) { return bins[npages < kBins ? npages : kBins]; }

void set_page(uptr p, Span* s) { arena_table[p / kArenaBytes]->page[p % kArenaBytes / kPage] = s; }

void add_free(Span* s) {
  s->state = SpanState::kFree;
  set_page(s->base, s);
  set_page(s->limit() - kPage, s);
  heap_stats.free_pages += s->npages;
  if (s->needs_zero) heap_stats.dirty_free_pages += s->npages;
  link(bin_of(s->npages), s);
}

void take_free(Span* s) {
  heap_stats.free_pages -= s->npages;
  if (s->needs_zero) heap_stats.dirty_free_pages -= s->npages;
  unlink(bin_of(s->npages), s);
}

bool grow_heap(u64 npages) {
  u64 bytes = (npages * kPage + kArenaBytes - 1) & ~(kArenaBytes - 1);
  auto p = reinterpret_cast<uptr>(sys_try_alloc(bytes, next_hint));
  if (p == 0) return false;
  if (p % kArenaBytes != 0) {  // the hint was taken: over-allocate and align
    sys_free(reinterpret_cast<void*>(p), bytes);
    p = reinterpret_cast<uptr>(sys_try_alloc(bytes + kArenaBytes, 0));
    if (p == 0) return false;
    uptr aligned = (p + kArenaBytes - 1) & ~(kArenaBytes - 1);
    if (aligned != p) sys_free(reinterpret_cast<void*>(p), aligned - p);
    if (aligned - p != kArenaBytes) sys_free(reinterpret_cast<void*>(aligned + bytes), kArenaBytes - (aligned - p));
    p = aligned;
  }
  next_hint = p + bytes;
  heap_stats.arena_bytes += bytes;
  for (uptr a = p; a < p + bytes; a += kArenaBytes) {
    if (arena_table[a / kArenaBytes] == nullptr) {
      __atomic_store_n(&arena_table[a / kArenaBytes], static_cast<Arena*>(sys_alloc(sizeof(Arena))), __ATOMIC_RELEASE);
    }
  }
  Span* s = span_pool.get();
  s->base = p;
  s->npages = bytes / kPage;
  add_free(s);
  return true;
}

Span* find_run(u64 npages) {
  for (u64 n = npages; n < kBins; ++n) {
    if (bins[n] != nullptr) return bins[n];
  }
  Span* best = nullptr;
  for (Span* s = bins[kBins]; s != nullptr; s = s->next) {
    if (s->npages < npages) continue;
    if (best == nullptr || s->npages < best->npages || (s->npages == best->npages && s->base < best->base)) best = s;
  }
  return best;
}

}  // namespace

void heap_init() {
  arena_table = static_cast<Arena**>(sys_alloc((u64{1} << 48) / kArenaBytes * sizeof(Arena*)));
  heap_stats.start = nanotime();
  heap_stats.gc_percent = 100;
  heap_stats.memory_limit = INT64_MAX;
  heap_stats.trigger = heap_stats.goal = 4 << 20;
}

Span* alloc_pages(u64 npages, SpanState state) {
  Span* s = find_run(npages);
  while (s == nullptr && sweep_some(16, Under::kHeapLock)) s = find_run(npages);
  if (s == nullptr) {
    if (!grow_heap(npages)) fatal_error("runtime: out of memory");
    s = find_run(npages);
  }
  take_free(s);
  if (s->npages > npages) {
    Span* rest = span_pool.get();
    rest->base = s->base + npages * kPage;
    rest->npages = s->npages - npages;
    rest->needs_zero = s->needs_zero;
    rest->huge = s->huge;
    s->npages = npages;
    add_free(rest);
  }
  for (u64 i = 0; i < npages; ++i) set_page(s->base + i * kPage, s);
  if (state == SpanState::kStack) s->state = state;  // new_object_span has more to do first
  (state == SpanState::kStack ? heap_stats.stack_pages : heap_stats.object_pages) += npages;
  return s;
}

void free_pages(Span* s) {
  (s->state == SpanState::kStack ? heap_stats.stack_pages : heap_stats.object_pages) -= s->npages;
  for (u64 i = 0; i < s->npages; ++i) set_page(s->base + i * kPage, nullptr);
  uptr base = s->base;
  u64 npages = s->npages;
  bool huge = s->huge;
  *s = Span{};
  s->base = base;
  s->npages = npages;
  s->needs_zero = true;
  s->huge = huge;
  Span* before = span_of(base - 1);
  if (before != nullptr && before->state == SpanState::kFree && before->needs_zero) {
    take_free(before);
    set_page(before->limit() - kPage, nullptr);
    s->base = before->base;
    s->npages += before->npages;
    s->huge |= before->huge;
    span_pool.put(before);
  }
  Span* after = span_of(s->limit());
  if (after != nullptr && after->state == SpanState::kFree && after->needs_zero) {
    take_free(after);
    set_page(after->base, nullptr);
    s->npages += after->npages;
    s->huge |= after->huge;
    span_pool.put(after);
  }
  add_free(s);
}

void scavenge(u64 npages) {
  for (u64 i = kBins + 1; i-- > 0;) {
    for (Span* s = bins[i]; s != nullptr; s = s->next) {
      if (!s->needs_zero) continue;
      sys_unused(reinterpret_cast<void*>(s->base), s->npages * kPage);
      // Or the next small object here would cost a huge page.
      if (s->huge) sys_not_huge(reinterpret_cast<void*>(s->base), s->npages * kPage);
      s->needs_zero = s->huge = false;
      heap_stats.dirty_free_pages -= s->npages;
      heap_stats.scavenged_pages += s->npages;
      if (npages <= s->npages) return;
      npages -= s->npages;
    }
  }
}

void scavenge_all() {
  Guard guard(heap_lock, Rank::kHeap);
  scavenge(~u64{0});
}

}  // namespace gale::rt
