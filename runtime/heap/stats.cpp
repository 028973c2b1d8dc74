// stats.cpp: runtime.MemStats and debug.ReadGCStats.

#include "runtime/gc/gc.h"
#include "runtime/heap/heap.h"
#include "runtime/sched/sched.h"
#include "runtime/sys/start.h"

extern "C" gale::rt::u8 rt_zero_val[1024] asm("runtime.zeroVal");

namespace gale::rt {

void* zero_value() { return rt_zero_val; }

namespace {

struct MemStats {
  u64 alloc, total_alloc, sys, lookups, mallocs, frees;
  u64 heap_alloc, heap_sys, heap_idle, heap_inuse, heap_released, heap_objects;
  u64 stack_inuse, stack_sys, mspan_inuse, mspan_sys, mcache_inuse, mcache_sys, buck_hash_sys, gc_sys, other_sys;
  u64 next_gc, last_gc, pause_total;
  u64 pauses[256], pause_ends[256];
  u32 num_gc, num_forced_gc;
  double gc_cpu_fraction;
  bool enable_gc, debug_gc;
  struct {
    u32 size;
    u64 mallocs, frees;
  } by_size[61];
};
static_assert(sizeof(MemStats) == 5776);

// What lies unused in the spans that Ps have.
struct Unused {
  u64 bytes, slots, tiny;
};
Unused unused_slots() {
  Unused u{0, 0, 0};
  for (i32 k = 0; k < sched.gomaxprocs; ++k) {
    const P* p = sched.ps[k];
    u.tiny += p->tiny_allocs;
    for (u32 i = 0; i < abi::kNumSpanClasses; ++i) {
      const Span* s = p->span[i];
      if (s == nullptr) continue;
      u64 slots = (p->run[i].limit - p->run[i].next) / s->elem_size + free_slots(s);
      u.bytes += slots * s->elem_size;
      u.slots += slots;
    }
  }
  return u;
}

}  // namespace

double gc_cpu_fraction() {
  double had = static_cast<double>(nanotime() - heap_stats.start) * sched.gomaxprocs;
  return had <= 0 ? 0 : static_cast<double>(heap_stats.work_ns) / had;
}

// The world is stopped.
RT_FN void rt_read_memstats(G*, MemStats* m) {
  sweep_some(~u64{0});  // frees are counted by the sweep
  const HeapStats& h = heap_stats;
  Unused unused = unused_slots();
  *m = MemStats{};
  m->alloc = m->heap_alloc = h.live - unused.bytes;
  u64 mallocs = 0, frees = 0, bytes = h.large_alloc;
  for (u32 i = 0; i < abi::kNumSpanClasses; ++i) {
    const Central& c = heap.central[i];
    mallocs += c.mallocs;
    frees += c.frees;
    bytes += c.mallocs * abi::kSizeClasses[i / 2].size;
    if (i / 2 == 0 || i / 2 >= 61) continue;
    m->by_size[i / 2].mallocs += c.mallocs;
    m->by_size[i / 2].frees += c.frees;
  }
  m->total_alloc = bytes - unused.bytes;
  m->mallocs = mallocs - unused.slots + h.tiny_allocs + unused.tiny;
  m->frees = frees + h.tiny_allocs + unused.tiny;
  m->heap_sys = h.arena_bytes - h.stack_pages * kPage;
  m->heap_inuse = h.object_pages * kPage;
  m->heap_idle = m->heap_sys - m->heap_inuse;
  m->heap_released = (h.free_pages - h.dirty_free_pages) * kPage;
  m->heap_objects = m->mallocs - m->frees;
  m->stack_inuse = m->stack_sys = h.stack_pages * kPage;
  m->sys = h.arena_bytes;
  m->next_gc = h.goal;
  m->last_gc = h.last_gc_wall;
  m->pause_total = h.pause_total;
  __builtin_memcpy(m->pauses, h.pauses, sizeof(m->pauses));
  __builtin_memcpy(m->pause_ends, h.pause_ends, sizeof(m->pause_ends));
  m->num_gc = h.num_gc;
  m->num_forced_gc = h.num_forced_gc;
  m->gc_cpu_fraction = gc_cpu_fraction();
  m->enable_gc = true;
  for (u32 i = 0; i < 61; ++i) m->by_size[i].size = abi::kSizeClasses[i].size;
}

}  // namespace gale::rt
