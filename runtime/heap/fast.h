// fast.h: allocation as generated code does it: a bump in a run of this P, on whatever stack the caller stands. No lock, no
// refill, no safepoint. What it cannot do (an empty run, a large object) is left to allocate(): nullptr.
//
// The debug modes that want to see every allocation hand out runs of one slot, which the gate uses up itself: nothing is ever
// found here then.

#ifndef GALE_RUNTIME_HEAP_FAST_H_
#define GALE_RUNTIME_HEAP_FAST_H_

#include "runtime/heap/heap.h"

namespace gale::rt {

// Request -> size class: steps of 8 bytes up to 1024, then of 128.
struct ClassTable {
  u8 fine[1024 / 8 + 1] = {};
  u8 coarse[(32768 - 1024) / 128 + 1] = {};
  constexpr ClassTable() {
    u8 c = 1;
    for (u64 i = 0; i <= 1024 / 8; ++i) {
      while (abi::kSizeClasses[c].size < i * 8) ++c;
      fine[i] = c;
    }
    for (u64 i = 0; i <= (32768 - 1024) / 128; ++i) {
      while (abi::kSizeClasses[c].size < 1024 + i * 128) ++c;
      coarse[i] = c;
    }
  }
};
inline constexpr ClassTable kClasses;

// The pointer words of an object of `size` <= 512 bytes that consists of values of `t`: bit i is word i.
inline u64 object_mask(const Type* t, u64 size) {
  u64 mask = t->gc_data[0], words = size / 8;
  for (u64 i = 8; i < t->ptr_bytes / 8; i += 8) mask |= u64{t->gc_data[i / 8]} << i;
  for (u64 n = t->size_ / 8; n < words; n *= 2) mask |= mask << n;
  return words >= 64 ? mask : mask & ((u64{1} << words) - 1);
}

// Writes the mask of the object at x, which lies in a span with a bitmap whose bits for x are clear.
inline void write_mask(uptr x, u64 mask) {
  u64* bits = reinterpret_cast<u64*>((x & ~(kPage - 1)) + kPage - kSpanBitmapBytes);
  u64 at = x % kPage / 8, shift = at % 64;
  bits[at / 64] |= mask << shift;
  if (shift != 0 && (mask >> (64 - shift)) != 0) bits[at / 64 + 1] |= mask >> (64 - shift);
}

inline uptr take_from_run(P* p, u32 span_class, u64 elem_size) {
  AllocRun& run = p->run[span_class];
  uptr x = run.next, end = x + elem_size;
  if (end > run.limit) return 0;
  run.next = end;
  return x;
}

// Room in the current tiny block for a pointer-free object of `size` < kTinyBlock.
inline uptr take_from_tiny(P* p, u64 size) {
  u64 align = size % 8 == 0 ? 8 : size % 4 == 0 ? 4 : size % 2 == 0 ? 2 : 1;
  u64 at = (p->tiny_used + align - 1) & ~(align - 1);
  if (p->tiny == 0 || at + size > kTinyBlock) return 0;
  p->tiny_used = at + size;
  ++p->tiny_allocs;
  return p->tiny + at;
}

// 8 bytes have a class of their own, as cheap as the tiny block.
inline bool is_tiny(u64 size) { return size < kTinyBlock && size != 8; }

inline void* allocate_fast(P* p, u64 size, const Type* type) {
  if (type == nullptr || !type->has_pointers()) {
    if (size - 1 >= 1024) return nullptr;
    if (is_tiny(size)) return reinterpret_cast<void*>(take_from_tiny(p, size));
    u32 c = kClasses.fine[(size + 7) / 8];
    return reinterpret_cast<void*>(take_from_run(p, c * 2 + 1, abi::kSizeClasses[c].size));
  }
  if (size > kMaxBitmapObject) return nullptr;
  u32 c = kClasses.fine[(size + 7) / 8];
  uptr x = take_from_run(p, c * 2, abi::kSizeClasses[c].size);
  if (x != 0) write_mask(x, object_mask(type, size));
  return reinterpret_cast<void*>(x);
}

}  // namespace gale::rt

#endif  // GALE_RUNTIME_HEAP_FAST_H_
