// heap.h: the Go heap.
//
//   arena   64 MiB of address space, cut into pages of 8 KiB
//   span    a run of pages: free, a goroutine stack, or objects of one size class (or one large object)
//   slot    place of one object in a span; `slot 0` starts at the span's base
//   run     free, zeroed slots side by side, handed to a P as {next, limit}: allocation is a bump (ABI.md section 7)
//
// Pointer information (which words of an object hold pointers):
//   pointer-free spans        none
//   slots of <= 512 bytes     a bitmap of 128 bytes at the end of the one-page span, one bit a word of the span
//   larger slots              the first word of the slot is the element type; the object begins after it
//   large objects             Span::large_type
// An element type's mask repeats every size_ bytes up to the end of the slot (the tail is zero).
//
// A slot is in use if its mark bit was set by the last collection, or if it was handed out in a run since. Free slots may hold
// old bytes; a run is zeroed when it is handed out, and marked if the collector marks: all that is made meanwhile stays. Marks become allocation bits when a span is swept: when its class has no
// other free slots, or by the goroutine that collected, after the pause.

#ifndef GALE_RUNTIME_HEAP_HEAP_H_
#define GALE_RUNTIME_HEAP_HEAP_H_

#include "runtime/iface/type.h"
#include "runtime/sched/g.h"
#include "runtime/sys/memory.h"

namespace gale::rt {

inline constexpr u64 kPage = abi::kPageSize;
inline constexpr u64 kArenaBytes = 64 << 20;
inline constexpr u64 kArenaPages = kArenaBytes / kPage;
inline constexpr u64 kSpanBitmapBytes = kPage / 64;
inline constexpr u64 kMaxBitmapObject = 512;
inline constexpr u64 kHeaderBytes = 8;
inline constexpr u64 kTinyBlock = 16;

enum class SpanState : u8 { kFree, kObjects, kStack };

struct Special;

struct Span {
  Span* next;
  Span* prev;
  uptr base;
  u64 npages;
  u64 elem_size;
  u32 nelems;
  u32 divisor;      // ceil(2^32 / elem_size): slot = offset * divisor >> 32
  u8 span_class;    // size class * 2 + noscan
  SpanState state;
  bool needs_zero;  // may hold old bytes
  bool in_partial;
  bool huge;        // some of it may have been asked of the kernel in huge pages; a free run that is clean has none
  u32 free_index;   // no free slot below it has been passed over
  u32 alloc_count;
  u64* alloc_bits;  // slots that were live at the last sweep
  u64* mark_bits;
  const Type* large_type;
  Special* specials;  // sorted by offset
  Special* special_hint;  // the one attached last, if none has been taken away since: the next often comes behind it
  u64 index;          // in the list of all object spans
  Span* class_next;   // in Heap::swept or Heap::unswept
  u64 special_index;  // in the list of spans with specials, if there are any

  bool noscan() const { return (span_class & 1) != 0; }
  u32 size_class() const { return span_class >> 1; }
  bool has_bitmap() const { return !noscan() && size_class() != 0 && elem_size <= kMaxBitmapObject; }
  bool has_header() const { return !noscan() && size_class() != 0 && elem_size > kMaxBitmapObject; }
  uptr limit() const { return base + npages * kPage; }
  u8* bitmap() const { return reinterpret_cast<u8*>(base + kPage - kSpanBitmapBytes); }
  u32 slot_of(uptr p) const {
    return size_class() == 0 ? 0 : static_cast<u32>(((p - base) * divisor) >> 32);
  }
  uptr slot(u32 i) const { return base + i * elem_size; }
};

struct Arena {
  Span* page[kArenaPages];
};
extern Arena** arena_table;  // index = address >> 26

inline Span* span_of(uptr p) {
  if (p >> 48 != 0) return nullptr;
  Arena* a = arena_table[p / kArenaBytes];
  return a == nullptr ? nullptr : a->page[p % kArenaBytes / kPage];
}

inline u64 population(u64 w) {  // without the POPCNT instruction, which amd64 v1 lacks
  w -= (w >> 1) & 0x5555555555555555;
  w = (w & 0x3333333333333333) + ((w >> 2) & 0x3333333333333333);
  return ((w + (w >> 4)) & 0x0f0f0f0f0f0f0f0f) * 0x0101010101010101 >> 56;
}

struct HeapStats {
  u64 live;           // bytes handed out and not known dead; a span that a P takes is handed out as a whole (changes atomically)
  u64 trigger;        // a cycle starts when live reaches it
  u64 goal;           // and should end before live reaches this
  u64 marked;         // live after the last collection
  u64 tiny_allocs;
  u64 large_alloc;    // bytes of large objects, ever
  u64 arena_bytes;    // mapped
  u64 free_pages, dirty_free_pages, scavenged_pages, stack_pages, object_pages;
  u32 num_gc, num_forced_gc;
  u64 pause_total, last_gc_wall;
  u64 work_ns;        // CPU time of the stops, of background marking and of assists, ever
  u64 scanned;        // bytes of objects with pointers that the last cycle marked
  u64 mark_growth;    // bytes allocated while the last cycle marked
  u64 pauses[256], pause_ends[256];
  i64 start;          // of the process, monotonic
  i64 gc_percent;     // < 0: off
  i64 memory_limit;
};
extern HeapStats heap_stats;

// The spans of one class that no P has. Size class 0 is that of large objects.
struct alignas(64) Central {
  Lock lock;
  Span* partial;  // swept spans with free slots (this and `unswept` are looked at without the lock too)
  // Each span of objects is in one of these, but for one that is just being swept. An unswept one still has the last cycle's marks;
  // nothing is allocated in it.
  Span* swept;
  Span* unswept;
  u64 mallocs, frees;  // slots, ever (change atomically)
};

struct Heap {
  Central central[abi::kNumSpanClasses];
  u64 num_unswept;                      // changes atomically
  bool sweep_ended;                     // all is swept, and what memory is too much has been given back
  SysVector<Span*> objects;             // all spans in state kObjects
};
extern Heap heap;

// Protects pages, bit arrays, the list of all spans, stack lists, heap_stats. A P's own runs and spans need no lock, and a span that is
// being swept is its sweeper's. The collector works while the world is stopped and takes none.
extern Lock heap_lock;

void heap_init();

// Pages, with heap_lock. A span comes back with base, npages, needs_zero set.
Span* alloc_pages(u64 npages, SpanState state);
void free_pages(Span* s);
void scavenge_all();
void scavenge(u64 npages);  // with heap_lock: gives at least so many dirty pages back, long runs first, if there are

// Objects. `type` describes the elements (nullptr: no pointers); the memory is zero unless `zero` is false and it has no pointers.
void* allocate(G* g, u64 size, const Type* type, bool zero);
void* new_object(G* g, const Type* type);
void* new_array(G* g, const Type* type, u64 n);  // caller has checked n * size
void* new_full_array(G* g, const Type* type, u64 n);  // of which all will be written soon, in any order: hash tables
u64 rounded_size(u64 size, bool noscan);         // bytes usable by an object of this request
void flush_runs(P* p);                           // the rest of each run is free (and unmarked) again. The world is stopped
void free_bits(u64* bits, u32 nelems);

// The object that p points into: its first byte, usable size, and span; {0} if p is not in an object.
struct ObjectRef {
  uptr base;
  u64 size;
  Span* span;
  u32 slot;
};
ObjectRef find_object(uptr p);

u32 size_class_of(u64 size);
u32 free_slots(const Span* s);  // from free_index on
double gc_cpu_fraction();  // of the CPU time that the process could have had
void check_heap();  // just after a sweep: walks everything; throws on the first broken rule (gc/check.cpp)
void* zero_value();  // runtime.zeroVal: 1024 zero bytes

}  // namespace gale::rt

#endif  // GALE_RUNTIME_HEAP_HEAP_H_
