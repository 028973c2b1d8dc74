// allocate.cpp: objects: size classes, runs, the tiny allocator, large objects, and the gates that allocate.

#include "runtime/gc/gc.h"
#include "runtime/heap/fast.h"
#include "runtime/print/print.h"
#include "runtime/prof/mem_profile.h"
#include "runtime/sched/sched.h"
#include "runtime/sys/start.h"

extern "C" gale::rt::u64 rt_zerobase asm("runtime.zerobase");

namespace gale::rt {

namespace {

// Bit arrays of spans, recycled by capacity: 1, 2, 4, 8, 16 words.
u64* free_bit_arrays[5];

u32 bits_rank(u32 nelems) {
  u32 words = (nelems + 63) / 64, rank = 0;
  while ((1u << rank) < words) ++rank;
  return rank;
}

u64* get_bits(u32 nelems) {
  u32 rank = bits_rank(nelems);
  u64* p = free_bit_arrays[rank];
  if (p == nullptr) return static_cast<u64*>(persistent_alloc(8u << rank));
  free_bit_arrays[rank] = *reinterpret_cast<u64**>(p);
  __builtin_memset(p, 0, 8u << rank);
  return p;
}

// With heap_lock. The caller puts it into its class's list.
Span* new_object_span(u64 npages, u64 elem_size, u8 span_class) {
  Span* s = alloc_pages(npages, SpanState::kObjects);  // whose state becomes that when it is whole: see mark_conservative
  s->span_class = span_class;
  s->elem_size = elem_size;
  u64 usable = npages * kPage;
  if (s->has_bitmap()) usable -= kSpanBitmapBytes;
  s->nelems = static_cast<u32>(usable / elem_size);
  s->divisor = span_class < 2 ? 0 : static_cast<u32>((u64{0xffffffff} + elem_size) / elem_size);
  s->alloc_bits = get_bits(s->nelems);
  s->mark_bits = get_bits(s->nelems);
  s->index = heap.objects.size();
  heap.objects.push(s);
  __atomic_store_n(&s->state, SpanState::kObjects, __ATOMIC_RELEASE);
  return s;
}

// Clears bits [from, to) of a byte-addressed bitmap.
void clear_bits(u8* bits, u64 from, u64 to) {
  while (from < to && from % 8 != 0) {
    bits[from / 8] = static_cast<u8>(bits[from / 8] & ~(1u << from % 8));
    ++from;
  }
  if (from < to) {
    __builtin_memset(bits + from / 8, 0, (to - from) / 8);
    from += (to - from) / 8 * 8;
  }
  for (; from < to; ++from) bits[from / 8] = static_cast<u8>(bits[from / 8] & ~(1u << from % 8));
}

bool bit(const u64* bits, u32 i) { return (bits[i / 64] >> (i % 64) & 1) != 0; }

// Every allocation goes through the gate: see fast.h.
bool one_by_one() { return debug_flags.gc_stress || debug_flags.stack_stress || debug_flags.sched_stress; }

// What the debug modes do at each allocation.
void stress(G* g) {
  if (debug_flags.gc_stress) set_edge(g, kEdgeStartGC);
  if (debug_flags.stack_stress) g->stackguard0 = abi::kStackPreempt;
  if (debug_flags.sched_stress) reset_guard(g);
  if (debug_flags.preempt_stress) set_edge(g, kEdgePreempt);
}

// Marks of slots [from, to) that are made while the collector marks. Others set bits of the same words.
void mark_slots(Span* s, u32 from, u32 to) {
  while (from < to) {
    u32 at = from % 64, n = 64 - at < to - from ? 64 - at : to - from;
    u64 bits = (n == 64 ? ~u64{0} : (u64{1} << n) - 1) << at;
    __atomic_fetch_or(&s->mark_bits[from / 64], bits, __ATOMIC_RELAXED);
    from += n;
  }
}

// Where a run of the slots [from, to) of s ends, so that a slot that goes into the memory profile is a run of its own.
u32 cut_for_profile(P* p, const Span* s, u32 from, u32 to, bool* sampled) {
  u64& due = p->sample_due[s->span_class / 64];
  const u64 bit = u64{1} << s->span_class % 64;
  u64 before = (due & bit) != 0 ? 0 : bytes_before_sample() / s->elem_size;
  due &= ~bit;
  if (before >= to - from) return to;
  *sampled = before == 0;
  if (*sampled) return from + 1;
  due |= bit;
  return from + static_cast<u32>(before);
}

// The next free slots of s from free_index, as a zeroed run. False if there is none. `sampled`: it has one slot, which is for the
// memory profile.
bool next_run(P* p, Span* s, AllocRun& run, bool* sampled) {
  u32 i = s->free_index;
  while (i < s->nelems && bit(s->alloc_bits, i)) ++i;
  if (i >= s->nelems) {
    s->free_index = s->nelems;
    return false;
  }
  u32 end = i + 1;
  while (!one_by_one() && end < s->nelems && !bit(s->alloc_bits, end)) ++end;
  if (bytes_before_sample != nullptr) end = cut_for_profile(p, s, i, end, sampled);
  // First the marks: a stray word may be taken for a pointer to a slot below free_index.
  if (marking()) {
    mark_slots(s, i, end);
    p->marks.marked += (end - i) * s->elem_size;
  }
  __atomic_store_n(&s->free_index, end, __ATOMIC_RELEASE);
  run = {s->slot(i), s->slot(end)};
  if (s->needs_zero) {
    __builtin_memset(reinterpret_cast<void*>(run.next), 0, run.limit - run.next);
    if (s->has_bitmap()) clear_bits(s->bitmap(), (run.next - s->base) / 8, (run.limit - s->base) / 8);
  }
  return true;
}

void add_live(G* g, u64 bytes) {
  u64 live = __atomic_add_fetch(&heap_stats.live, bytes, __ATOMIC_RELAXED);
  if (live >= heap_stats.trigger && !cycle_runs()) set_edge(g, kEdgeStartGC);
}

Span* pop_partial(Central& c) {
  if (__atomic_load_n(&c.partial, __ATOMIC_RELAXED) == nullptr) return nullptr;
  Guard guard(c.lock, Rank::kCentral);
  Span* s = c.partial;
  if (s == nullptr) return nullptr;
  __atomic_store_n(&c.partial, s->next, __ATOMIC_RELAXED);
  s->next = nullptr;
  s->in_partial = false;
  return s;
}

void put_new(Span* s) {
  Central& c = heap.central[s->span_class];
  Guard guard(c.lock, Rank::kCentral);
  s->class_next = c.swept;
  c.swept = s;
}

Span* new_small_span(u32 span_class) {
  const auto& c = abi::kSizeClasses[span_class / 2];
  heap_lock.lock(Rank::kHeap);
  Span* s = new_object_span(c.pages, c.size, static_cast<u8>(span_class));
  heap_lock.unlock(Rank::kHeap);
  if (s->needs_zero && s->has_bitmap()) __builtin_memset(s->bitmap(), 0, kSpanBitmapBytes);
  put_new(s);
  return s;
}

// A span with free slots, which counts as full from now on.
Span* take_span(G* g, u32 span_class) {
  constexpr u32 kPatience = 100;  // full spans that are swept in search of a free slot
  Central& c = heap.central[span_class];
  Span* s = pop_partial(c);
  for (u32 i = 0; s == nullptr && i < kPatience && sweep_one(span_class); ++i) s = pop_partial(c);
  if (s == nullptr) s = new_small_span(span_class);
  u64 slots = s->nelems - s->alloc_count;
  s->alloc_count = s->nelems;
  __atomic_fetch_add(&c.mallocs, slots, __ATOMIC_RELAXED);
  add_live(g, slots * s->elem_size);
  return s;
}

// The next slots of this P are not those that the marks of the profile were meant for.
void forget_samples(P* p) {
  for (u64& due : p->sample_due) due = 0;
}

// What is left of the runs is found unmarked by the next cycle.
void abandon_runs(P* p) {
  for (AllocRun& run : p->run) run = {0, 0};
  p->tiny = 0;
  forget_samples(p);
}

// Is the slot that comes for the memory profile?
bool refill(G* g, P* p, u32 span_class) {
  AllocRun& run = p->run[span_class];
  bool sampled = false;
  if (marking()) assist(p);
  Span*& s = p->span[span_class];
  while (s == nullptr || !next_run(p, s, run, &sampled)) s = take_span(g, span_class);
  if (marking()) charge(p, run.limit - run.next);
  return sampled;
}

uptr take_slot(G* g, u32 span_class, u64 elem_size) {
  P* p = g->p;
  if (profile_rate_changed != nullptr && profile_rate_changed(p)) abandon_runs(p);
  uptr x = take_from_run(p, span_class, elem_size);
  if (x != 0) return x;
  bool sampled = refill(g, p, span_class);
  x = take_from_run(p, span_class, elem_size);
  if (sampled) sample_allocation(g, x, elem_size);
  return x;
}

void* allocate_tiny(G* g, u64 size) {
  P* p = g->p;
  uptr x = take_from_tiny(p, size);
  if (x != 0) return reinterpret_cast<void*>(x);
  uptr block = take_slot(g, 2 * 2 + 1, kTinyBlock);  // class 2 is 16 bytes
  if (!one_by_one()) {
    p->tiny = block;
    p->tiny_used = size;
  }
  return reinterpret_cast<void*>(block);
}

// What the pages of a large object are about to see.
enum class Use { kAny, kFull };  // kFull: all will be written soon

void touch_pages(uptr from, uptr to) {
  for (; from < to; from += kOsPage) *reinterpret_cast<volatile u8*>(from) = 0;
}

// Zeroes [from, to), which will be written all over. Fresh pages are written to once: reading first costs a fault of its own.
void zero_full(const Span* s, uptr from, uptr to) {
  if (from >= to) return;
  if (s->needs_zero) {
    __builtin_memset(reinterpret_cast<void*>(from), 0, to - from);
  } else {
    touch_pages(from, to);
  }
}

// A large array that will be written all over gets huge pages, if the system lets it: a fault and an entry of the TLB are for 2 MB
// then. The kernel zeroes them one by one as they are met.
void prepare_full(Span* s) {
  uptr limit = s->limit(), from = (s->base + kHugePage - 1) & ~(kHugePage - 1), to = limit & ~(kHugePage - 1);
  if (from >= to || !huge_pages_allowed()) {
    if (s->needs_zero || limit - s->base <= kHugePage) zero_full(s, s->base, limit);
    return;
  }
  if (s->needs_zero) sys_unused(reinterpret_cast<void*>(from), to - from);
  sys_huge(reinterpret_cast<void*>(from), to - from);
  s->huge = true;
  zero_full(s, s->base, from);
  zero_full(s, to, limit);
}

u64 free_pages_now() {
  Guard guard(heap_lock, Rank::kHeap);
  return heap_stats.free_pages;
}

void* allocate_large(G* g, u64 size, const Type* type, bool zero, Use use = Use::kAny) {
  u64 npages = (size + kPage - 1) / kPage;
  if (npages == 0 || size > (u64{1} << 47)) fatal_error("runtime: out of memory");
  if (profile_rate_changed != nullptr && profile_rate_changed(g->p)) abandon_runs(g->p);
  if (marking()) assist(g->p);
  for (u64 before = free_pages_now(); free_pages_now() < before + npages && (sweep_one(0) || sweep_one(1));) {}
  heap_lock.lock(Rank::kHeap);
  Span* s = new_object_span(npages, npages * kPage, type == nullptr ? 1 : 0);
  s->large_type = type;
  if (marking()) {  // first: see next_run
    mark_slots(s, 0, 1);
    g->p->marks.marked += npages * kPage;
  }
  s->alloc_count = 1;
  __atomic_store_n(&s->free_index, 1, __ATOMIC_RELEASE);
  heap_stats.large_alloc += npages * kPage;
  heap_lock.unlock(Rank::kHeap);
  put_new(s);
  __atomic_fetch_add(&heap.central[s->span_class].mallocs, 1, __ATOMIC_RELAXED);
  add_live(g, npages * kPage);
  if (marking()) charge(g->p, npages * kPage);
  if (use == Use::kFull) {
    prepare_full(s);
  } else if (s->needs_zero && (zero || type != nullptr)) {
    __builtin_memset(reinterpret_cast<void*>(s->base), 0, npages * kPage);
  }
  if (bytes_before_sample != nullptr && bytes_before_sample() < npages * kPage) sample_allocation(g, s->base, npages * kPage);
  return reinterpret_cast<void*>(s->base);
}

}  // namespace

u32 size_class_of(u64 size) {
  return size <= 1024 ? kClasses.fine[(size + 7) / 8] : kClasses.coarse[(size - 1024 + 127) / 128];
}

u32 free_slots(const Span* s) {
  u32 used = 0;
  for (u32 i = s->free_index; i < s->nelems; i = (i / 64 + 1) * 64) {
    u32 end = (i / 64 + 1) * 64, n = (end < s->nelems ? end : s->nelems) - i;
    u64 bits = s->alloc_bits[i / 64] >> i % 64;
    used += static_cast<u32>(population(n == 64 ? bits : bits & ((u64{1} << n) - 1)));
  }
  return s->nelems - s->free_index - used;
}

u64 rounded_size(u64 size, bool noscan) {
  u64 request = size;
  if (!noscan && request > kMaxBitmapObject) request += kHeaderBytes;
  if (request <= abi::kMaxSmallSize) return abi::kSizeClasses[size_class_of(request)].size - (request - size);
  return (size + kPage - 1) & ~(kPage - 1);
}

void* allocate(G* g, u64 size, const Type* type, bool zero) {
  if (size == 0) return &rt_zerobase;
  stress(g);
  if (type == nullptr || !type->has_pointers()) {
    if (is_tiny(size)) return allocate_tiny(g, size);
    if (size > abi::kMaxSmallSize) return allocate_large(g, size, nullptr, zero);
    u32 c = size_class_of(size);
    return reinterpret_cast<void*>(take_slot(g, c * 2 + 1, abi::kSizeClasses[c].size));
  }
  if (size <= kMaxBitmapObject) {
    u32 c = size_class_of(size);
    uptr x = take_slot(g, c * 2, abi::kSizeClasses[c].size);
    write_mask(x, object_mask(type, size));
    return reinterpret_cast<void*>(x);
  }
  if (size + kHeaderBytes > abi::kMaxSmallSize) return allocate_large(g, size, type, true);
  u32 c = size_class_of(size + kHeaderBytes);
  uptr x = take_slot(g, c * 2, abi::kSizeClasses[c].size);
  *reinterpret_cast<const Type**>(x) = type;
  return reinterpret_cast<void*>(x + kHeaderBytes);
}

void* new_object(G* g, const Type* type) { return allocate(g, type->size_, type, true); }

void* new_array(G* g, const Type* type, u64 n) { return allocate(g, type->size_ * n, type, true); }

void* new_full_array(G* g, const Type* type, u64 n) {
  u64 size = type->size_ * n;
  if (size + (type->has_pointers() ? kHeaderBytes : 0) <= abi::kMaxSmallSize) return new_array(g, type, n);
  stress(g);
  return allocate_large(g, size, type->has_pointers() ? type : nullptr, true, Use::kFull);
}

void flush_runs(P* p) {
  forget_samples(p);
  for (u32 i = 0; i < abi::kNumSpanClasses; ++i) {
    Span* s = p->span[i];
    if (s == nullptr) continue;
    AllocRun& run = p->run[i];
    u64 bytes = run.limit - run.next, slots = bytes / s->elem_size;
    if (slots != 0) {  // a run ends where free_index is
      s->free_index -= static_cast<u32>(slots);
      if (marking()) {
        for (u32 k = s->free_index; k < s->free_index + slots; ++k) s->mark_bits[k / 64] &= ~(u64{1} << k % 64);
        p->marks.marked -= bytes;
      }
    }
    Central& c = heap.central[i];
    u32 unused = free_slots(s);
    c.mallocs -= unused;
    s->alloc_count -= unused;
    heap_stats.live -= unused * s->elem_size;
    if (s->free_index < s->nelems) {  // it may have more than this run
      s->in_partial = true;
      s->next = c.partial;
      c.partial = s;
    }
    run = {0, 0};
    p->span[i] = nullptr;
  }
  heap_stats.tiny_allocs += p->tiny_allocs;
  p->tiny_allocs = 0;
  p->tiny = 0;
  p->tiny_used = 0;
}

void free_bits(u64* bits, u32 nelems) {
  u32 rank = bits_rank(nelems);
  *reinterpret_cast<u64**>(bits) = free_bit_arrays[rank];
  free_bit_arrays[rank] = bits;
}

ObjectRef find_object(uptr p) {
  Span* s = span_of(p);
  if (s == nullptr || s->state != SpanState::kObjects) return {};
  u32 slot = s->slot_of(p);
  if (slot >= s->nelems) return {};
  uptr base = s->slot(slot);
  u64 size = s->elem_size;
  if (s->has_header()) {
    base += kHeaderBytes;
    size -= kHeaderBytes;
  }
  return {base, size, s, slot};
}

// ---- gates

RT_FN void* rt_newobject(G* g, const Type* t) { return new_object(g, t); }

RT_FN Pair rt_newobject_fast(const Type* t, G* g) {
  void* p = allocate_fast(g->p, t->size_, t);
  return {word(p), p != nullptr};
}

RT_FN void* rt_newarray(G* g, const Type* t, i64 n) {
  u64 bytes = 0;
  if (n < 0 || __builtin_mul_overflow(t->size_, static_cast<u64>(n), &bytes) || bytes > (u64{1} << 47)) {
    pend_panic(g, abi::PendingPanic::kAllocTooLarge);
    return nullptr;
  }
  return allocate(g, bytes, t, true);
}

RT_FN Pair rt_newarray_fast(const Type* t, u64 n, G* g) {
  void* p = n > kMaxBitmapObject ? nullptr : allocate_fast(g->p, t->size_ * n, t);
  return {word(p), p != nullptr};
}

RT_FN void* rt_mallocgc(G* g, u64 size, const Type* t, u8 zero) { return allocate(g, size, t, zero != 0); }

RT_FN void* rt_convT(G* g, const Type* t, const void* v) {
  void* p = allocate(g, t->size_, t, false);
  __builtin_memcpy(p, v, t->size_);
  return p;
}

namespace {
template <class T>
void* box_word(G* g, T v, const void* small) {
  if (v < 256) return const_cast<void*>(small);
  void* p = allocate(g, sizeof(T), nullptr, false);
  *static_cast<T*>(p) = v;
  return p;
}
}  // namespace

extern "C" const u64 rt_static_words[256] asm("runtime.staticuint64s");

RT_FN void* rt_convT16(G* g, u16 v) { return box_word<u16>(g, v, &rt_static_words[v & 255]); }
RT_FN void* rt_convT32(G* g, u32 v) { return box_word<u32>(g, v, &rt_static_words[v & 255]); }
RT_FN void* rt_convT64(G* g, u64 v) { return box_word<u64>(g, v, &rt_static_words[v & 255]); }

namespace {
u8 pointer_first_mask[8] = {1};
const Type kStringType = {16, 8, 0, 0, 8, 8, abi::kKindString, nullptr, pointer_first_mask, 0, 0};
const Type kSliceType = {24, 8, 0, 0, 8, 8, abi::kKindSlice, nullptr, pointer_first_mask, 0, 0};
}  // namespace

RT_FN void* rt_convTstring(G* g, const u8* p, u64 n) {
  if (n == 0) return zero_value();
  auto* s = static_cast<GoString*>(new_object(g, &kStringType));
  *s = {p, n};
  return s;
}

RT_FN void* rt_convTslice(G* g, void* p, i64 len, i64 cap) {
  if (p == nullptr) return zero_value();
  auto* s = static_cast<GoSlice*>(new_object(g, &kSliceType));
  *s = {p, len, cap};
  return s;
}

RT_FN u64 rt_verify_not_in_heap(G*, uptr p) { return span_of(p) == nullptr || span_of(p)->state != SpanState::kObjects; }

RT_FN void rt_find_object(G* g, uptr p) {
  ObjectRef r = find_object(p);
  g->ret[0] = r.base;
  g->ret[1] = r.size;
  g->ret[2] = r.span != nullptr && r.span->noscan();
}

RT_FN void rt_free_os_memory(G*) { scavenge_all(); }

}  // namespace gale::rt
