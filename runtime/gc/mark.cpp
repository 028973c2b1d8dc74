// mark.cpp: marking objects and finding the pointers in them.

#include "runtime/gc/gc.h"
#include "runtime/print/print.h"
#include "runtime/sys/start.h"

namespace gale::rt {

u64 marked_bytes;

namespace {

struct MarkItem {
  uptr base;
  Span* span;
};
SysVector<MarkItem> mark_stack;

inline void mark_slot(Span* s, u32 slot) {
  u64 bit = u64{1} << (slot % 64);
  u64& word = s->mark_bits[slot / 64];
  if ((word & bit) != 0) return;
  word |= bit;
  marked_bytes += s->elem_size;
  if (!s->noscan()) mark_stack.push({s->slot(slot), s});
}

inline void mark_word(uptr p) {
  Span* s = span_of(p);
  if (s == nullptr || s->state != SpanState::kObjects) return;
  u32 slot = s->slot_of(p);
  if (slot < s->nelems) mark_slot(s, slot);
}

void scan_words(uptr base, u64 bit_offset, const u8* mask, u64 nwords) {
  for (u64 i = 0; i < nwords;) {
    u64 at = bit_offset + i;
    u32 bits = mask[at / 8] >> (at % 8);
    u64 here = 8 - at % 8;
    for (u64 k = 0; bits != 0 && k < here && i + k < nwords; ++k, bits >>= 1) {
      if ((bits & 1) != 0) mark_word(*reinterpret_cast<uptr*>(base + (i + k) * 8));
    }
    i += here;
  }
}

// An object of a span with a bitmap: up to 64 bits of it at a time.
void scan_small(uptr base, const Span* s) {
  const u8* bitmap = s->bitmap();
  u64 at = (base - s->base) / 8;
  for (u64 left = s->elem_size / 8; left != 0;) {
    u64 byte = at / 8 < kSpanBitmapBytes - 8 ? at / 8 : kSpanBitmapBytes - 8;
    u64 shift = at - byte * 8, n = 64 - shift < left ? 64 - shift : left;
    u64 bits;
    __builtin_memcpy(&bits, bitmap + byte, 8);
    bits >>= shift;
    if (n < 64) bits &= (u64{1} << n) - 1;
    for (; bits != 0; bits &= bits - 1) mark_word(*reinterpret_cast<uptr*>(base + static_cast<u32>(__builtin_ctzll(bits)) * 8));
    at += n;
    base += n * 8;
    left -= n;
  }
}

void scan_elements(uptr base, u64 size, const Type* type) {
  const u8* mask = pointer_mask(type);
  for (u64 off = 0; off + type->ptr_bytes <= size; off += type->size_) scan_words(base + off, 0, mask, type->ptr_bytes / 8);
}

void scan_object(const MarkItem& item) {
  Span* s = item.span;
  if (s->has_bitmap()) {
    scan_small(item.base, s);
  } else if (s->has_header()) {
    auto* type = *reinterpret_cast<const Type**>(item.base);
    if (type != nullptr) scan_elements(item.base + kHeaderBytes, s->elem_size - kHeaderBytes, type);
  } else if (s->large_type != nullptr) {
    scan_elements(s->base, s->elem_size, s->large_type);
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
    *slot = mask;
  }
  return *slot;
}

void mark_pointer(uptr p) { mark_word(p); }

void mark_conservative(uptr p) {
  Span* s = span_of(p);
  if (s == nullptr || s->state != SpanState::kObjects) return;
  u32 slot = s->slot_of(p);
  if (slot >= s->nelems) return;
  bool allocated = slot < s->free_index || (s->alloc_bits[slot / 64] >> (slot % 64) & 1) != 0;
  if (allocated) mark_slot(s, slot);
}

bool mark_held(uptr p) {
  if (is_marked(p)) return false;
  Span* s = span_of(p);
  u32 slot = s->slot_of(p);
  s->mark_bits[slot / 64] |= u64{1} << (slot % 64);
  marked_bytes += s->elem_size;
  return true;
}

void mark_contents(uptr p) {
  Span* s = span_of(p);
  if (s != nullptr && s->state == SpanState::kObjects && !s->noscan()) scan_object({s->slot(s->slot_of(p)), s});
}

bool is_marked(uptr p) {
  Span* s = span_of(p);
  if (s == nullptr || s->state != SpanState::kObjects) return true;
  u32 slot = s->slot_of(p);
  return slot >= s->nelems || (s->mark_bits[slot / 64] >> (slot % 64) & 1) != 0;
}

// Between the mark stack and the scan lies a short queue: an object's memory is asked for when it enters, and has come when it leaves.
void drain() {
  constexpr u32 kAhead = 16;
  MarkItem ahead[kAhead];
  u32 head = 0, count = 0;
  for (;;) {
    while (count < kAhead && !mark_stack.empty()) {
      MarkItem item = mark_stack.pop();
      __builtin_prefetch(reinterpret_cast<void*>(item.base));
      if (item.span->has_bitmap()) __builtin_prefetch(item.span->bitmap() + (item.base - item.span->base) / 64);
      ahead[(head + count++) % kAhead] = item;
    }
    if (count == 0) return;
    MarkItem item = ahead[head];
    head = (head + 1) % kAhead;
    --count;
    scan_object(item);
  }
}

// Words that the write barrier has gathered. Nothing marks while Go runs, yet: they can be dropped.
RT_FN void rt_wb_flush(G* g) { g->p->wbbuf_next = g->p->wbbuf; }

}  // namespace gale::rt
