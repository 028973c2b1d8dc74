// mark.cpp: marking objects and finding the pointers in them.

#include "runtime/gc/gc.h"
#include "runtime/gc/map_check.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/sys/start.h"

namespace gale::rt {

namespace {

// With one P there is nobody to race with: only who has a P marks.
inline void mark_slot(MarkQueue& q, Span* s, u32 slot) {
  u64 bit = u64{1} << (slot % 64);
  u64* word = &s->mark_bits[slot / 64];
  if ((__atomic_load_n(word, __ATOMIC_RELAXED) & bit) != 0) return;
  if (sched.gomaxprocs == 1) {
    *word |= bit;
  } else if ((__atomic_fetch_or(word, bit, __ATOMIC_RELAXED) & bit) != 0) {
    return;
  }
  q.marked += s->elem_size;
  if (s->noscan()) return;
  q.with_pointers += s->elem_size;
  q.push({s->slot(slot), s});
}

inline void mark_word(MarkQueue& q, uptr p) {
  Span* s = span_of(p);
  if (s == nullptr || s->state != SpanState::kObjects) return;
  u32 slot = s->slot_of(p);
  if (slot < s->nelems) mark_slot(q, s, slot);
}

void scan_words(MarkQueue& q, uptr base, u64 bit_offset, const u8* mask, u64 nwords) {
  for (u64 i = 0; i < nwords;) {
    u64 at = bit_offset + i;
    u32 bits = mask[at / 8] >> (at % 8);
    u64 here = 8 - at % 8;
    for (u64 k = 0; bits != 0 && k < here && i + k < nwords; ++k, bits >>= 1) {
      if ((bits & 1) != 0) mark_word(q, *reinterpret_cast<uptr*>(base + (i + k) * 8));
    }
    i += here;
  }
}

// An object of a span with a bitmap: up to 64 bits of it at a time.
void scan_small(MarkQueue& q, uptr base, const Span* s) {
  const u8* bitmap = s->bitmap();
  u64 at = (base - s->base) / 8;
  for (u64 left = s->elem_size / 8; left != 0;) {
    u64 byte = at / 8 < kSpanBitmapBytes - 8 ? at / 8 : kSpanBitmapBytes - 8;
    u64 shift = at - byte * 8, n = 64 - shift < left ? 64 - shift : left;
    u64 bits;
    __builtin_memcpy(&bits, bitmap + byte, 8);
    bits >>= shift;
    if (n < 64) bits &= (u64{1} << n) - 1;
    for (; bits != 0; bits &= bits - 1) mark_word(q, *reinterpret_cast<uptr*>(base + static_cast<u32>(__builtin_ctzll(bits)) * 8));
    at += n;
    base += n * 8;
    left -= n;
  }
}

// Pointers of the elements that fill [base, end), as far as they lie in [from, to).
void scan_elements(MarkQueue& q, uptr base, uptr end, const Type* type, uptr from, uptr to) {
  const u8* mask = pointer_mask(type);
  u64 nwords = type->ptr_bytes / 8;
  for (uptr e = base + (from - base) / type->size_ * type->size_; e < to && e + type->ptr_bytes <= end; e += type->size_) {
    u64 first = e < from ? (from - e) / 8 : 0, last = e + type->ptr_bytes > to ? (to - e) / 8 : nwords;
    if (first < last) scan_words(q, e + first * 8, first, mask, last - first);
  }
}

// A large object is scanned a piece at a time: what follows can be taken by another thread meanwhile.
constexpr u64 kPiece = 128 << 10;

void scan_large(MarkQueue& q, const MarkItem& item) {
  Span* s = item.span;
  if (s->large_type == nullptr) return;
  uptr end = s->base + s->elem_size, to = item.base + kPiece;
  if (to < end) q.push({to, s});
  scan_elements(q, s->base, end, s->large_type, item.base, to < end ? to : end);
}

void scan_object(MarkQueue& q, const MarkItem& item) {
  Span* s = item.span;
  if (s->has_bitmap()) {
    scan_small(q, item.base, s);
  } else if (s->has_header()) {
    auto* type = *reinterpret_cast<const Type**>(item.base);
    uptr first = item.base + kHeaderBytes, end = item.base + s->elem_size;
    if (type != nullptr) scan_elements(q, first, end, type, first, end);
  } else {
    scan_large(q, item);
  }
}

// Masks of the composite types, for kTFlagGCMaskOnDemand: set the bits of one value of t at word `at`.
void build_mask(const Type* t, u8* mask, u64 at) {
  // Only arrays and structs are ever large; their parts are found with an explicit work list, so that nesting costs no stack.
  struct Work {
    const Type* type;
    u64 at;
  };
  SysVector<Work> todo;
  todo.push({t, at});
  while (!todo.empty()) {
    Work w = todo.pop();
    if (!w.type->has_pointers()) continue;
    if ((w.type->tflag & abi::kTFlagGCMaskOnDemand) == 0) {
      for (u64 i = 0; i < w.type->ptr_bytes / 8; ++i) {
        u64 b = w.at + i;
        if ((w.type->gc_data[i / 8] >> (i % 8) & 1) != 0) mask[b / 8] = static_cast<u8>(mask[b / 8] | 1u << b % 8);
      }
    } else if (w.type->kind == abi::kKindArray) {
      auto* a = static_cast<const ArrayType*>(w.type);
      for (u64 i = 0; i < a->len; ++i) todo.push({a->elem, w.at + i * a->elem->size_ / 8});
    } else if (w.type->kind == abi::kKindStruct) {
      auto* s = static_cast<const StructType*>(w.type);
      for (u64 i = 0; i < s->nfields; ++i) todo.push({s->fields[i].typ, w.at + s->fields[i].offset / 8});
    } else {
      throw_error("runtime: mask on demand of a type that is not an array or struct");
    }
  }
}

}  // namespace

const u8* pointer_mask(const Type* t) {
  if ((t->tflag & abi::kTFlagGCMaskOnDemand) == 0) return t->gc_data;
  u8** slot = reinterpret_cast<u8**>(t->gc_data);
  if (*slot == nullptr) {
    u8* mask = static_cast<u8*>(persistent_alloc((t->ptr_bytes / 8 + 63) / 64 * 8));
    build_mask(t, mask, 0);
    __atomic_store_n(slot, mask, __ATOMIC_RELEASE);  // two threads may both make one
  }
  return *slot;
}

void mark_pointer(MarkQueue& q, uptr p) { mark_word(q, p); }

// Of a word that is no pointer, the page table can lead to a span that is being made or given up. It is made known (state) when it is
// whole, and spans of objects are not given up while marking: so if it is still the one of this page, it was all along.
void mark_conservative(MarkQueue& q, uptr p) {
  Span* s = span_of(p);
  if (s == nullptr || __atomic_load_n(&s->state, __ATOMIC_ACQUIRE) != SpanState::kObjects || span_of(p) != s) return;
  u32 slot = s->slot_of(p);
  if (slot >= s->nelems) return;
  bool allocated = slot < __atomic_load_n(&s->free_index, __ATOMIC_RELAXED) || (s->alloc_bits[slot / 64] >> (slot % 64) & 1) != 0;
  // A stale word that a barrier has found leads to a held object as well as one of a frame; that does not make it alive.
  if (debug_flags.map_check && is_held(p)) return;
  if (allocated) mark_slot(q, s, slot);
}

bool mark_held(MarkQueue& q, uptr p) {
  if (is_marked(p)) return false;
  Span* s = span_of(p);
  u32 slot = s->slot_of(p);
  s->mark_bits[slot / 64] |= u64{1} << (slot % 64);
  q.marked += s->elem_size;
  return true;
}

void mark_contents(MarkQueue& q, uptr p) {
  Span* s = span_of(p);
  if (s != nullptr && s->state == SpanState::kObjects && !s->noscan()) scan_object(q, {s->slot(s->slot_of(p)), s});
}

bool is_marked(uptr p) {
  Span* s = span_of(p);
  if (s == nullptr || s->state != SpanState::kObjects) return true;
  u32 slot = s->slot_of(p);
  return slot >= s->nelems || (s->mark_bits[slot / 64] >> (slot % 64) & 1) != 0;
}

bool MarkLimit::reached(const MarkQueue& q) const {
  if (stop_for_world && world_waits()) return true;
  if (q.marked >= bytes) return true;
  return deadline != 0 && nanotime() >= deadline;
}

// Between the queue and the scan lies a short ring: an object's memory is asked for when it enters, and has come when it leaves.
bool drain(MarkQueue& q, const MarkLimit& limit) {
  constexpr u32 kAhead = 16, kLookEvery = 64;
  MarkItem ahead[kAhead];
  u32 head = 0, count = 0, until_look = kLookEvery;
  for (;;) {
    while (count < kAhead) {
      MarkItem item;
      if (!q.pop(&item)) break;
      __builtin_prefetch(reinterpret_cast<void*>(item.base));
      if (item.span->has_bitmap()) __builtin_prefetch(item.span->bitmap() + (item.base - item.span->base) / 64);
      ahead[(head + count++) % kAhead] = item;
    }
    if (count == 0) return true;
    MarkItem item = ahead[head];
    head = (head + 1) % kAhead;
    --count;
    scan_object(q, item);
    bool large = item.span->size_class() == 0;
    if (--until_look != 0 && !large) continue;
    until_look = kLookEvery;
    if (sched.gomaxprocs > 1) q.share();
    if (!limit.reached(q)) continue;
    for (; count != 0; --count) q.push(ahead[(head + count - 1) % kAhead]);
    return false;
  }
}

}  // namespace gale::rt
