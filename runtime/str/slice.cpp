// slice.cpp: making and growing slices. Capacities after growth are gc's: double up to 256 elements, then by a quarter plus 192, then
// rounded up to what the size class holds.

#include "runtime/chan/chan.h"
#include "runtime/heap/fast.h"
#include "runtime/sched/g.h"

extern "C" gale::rt::u32 rt_wb_enabled asm("runtime.wb_enabled");

namespace gale::rt {

namespace {

constexpr u64 kMaxAlloc = u64{1} << 48;
constexpr i64 kDoubled = 256;        // capacities below are doubled
constexpr u64 kFewElements = 1024;  // where products of counts and sizes need no check

i64 next_capacity(i64 len, i64 old_cap) {
  i64 doubled = old_cap + old_cap;
  if (len > doubled) return len;
  if (old_cap < kDoubled) return doubled;
  u64 cap = static_cast<u64>(old_cap);
  while (cap < static_cast<u64>(len)) cap += (cap + 3 * kDoubled) >> 2;
  return static_cast<i64>(cap) <= 0 ? len : static_cast<i64>(cap);
}

// Memory with the first `used` bytes left to the caller; zero after them.
u8* grown_memory(G* g, const Type* elem, u64 bytes, u64 used) {
  if (elem->has_pointers()) return static_cast<u8*>(allocate(g, bytes, elem, true));
  auto* p = static_cast<u8*>(allocate(g, bytes, nullptr, false));
  __builtin_memset(p + used, 0, bytes - used);
  return p;
}

// Growth to at most 1024 bytes, which is most of it.
bool grow_fast(G* g, const void* old, u64 len, u64 old_cap, u64 num, const Type* elem) {
  u64 cap = 2 * old_cap;
  if (len > cap) cap = len;
  u64 bytes = cap * elem->size_;
  if (cap > kFewElements || old_cap >= static_cast<u64>(kDoubled) || elem->size_ - 1 >= kFewElements || bytes > kFewElements) return false;
  if (elem->has_pointers() && (bytes > kMaxBitmapObject || rt_wb_enabled != 0)) return false;
  bytes = abi::kSizeClasses[kClasses.fine[(bytes + 7) / 8]].size;
  if (elem->size_ == 8) cap = bytes / 8;
  else if (elem->size_ == 1) cap = bytes;
  else cap = static_cast<u32>(bytes) / static_cast<u32>(elem->size_);
  void* p = allocate_fast(g->p, cap * elem->size_, elem);
  if (p == nullptr) return false;
  __builtin_memcpy(p, old, (len - num) * elem->size_);
  g->ret[0] = word(p);
  g->ret[1] = len;
  g->ret[2] = cap;
  return true;
}

void grow(G* g, const void* old, i64 len, i64 old_cap, i64 num, const Type* elem) {
  i64 old_len = len - num;
  if (len < 0) return pend_panic(g, abi::PendingPanic::kGrowSliceLen);
  if (elem->size_ == 0) {
    g->ret[0] = word(allocate(g, 0, nullptr, false));
    g->ret[1] = g->ret[2] = static_cast<u64>(len);
    return;
  }
  u64 cap = static_cast<u64>(next_capacity(len, old_cap)), bytes = 0;
  if (__builtin_mul_overflow(cap, elem->size_, &bytes) || bytes > kMaxAlloc) {
    return pend_panic(g, abi::PendingPanic::kGrowSliceLen);
  }
  bytes = rounded_size(bytes, !elem->has_pointers());
  cap = bytes / elem->size_;
  bytes = cap * elem->size_;
  u64 used = static_cast<u64>(old_len) * elem->size_;
  u8* p = grown_memory(g, elem, bytes, static_cast<u64>(len) * elem->size_);
  __builtin_memmove(p, old, used);
  g->ret[0] = word(p);
  g->ret[1] = static_cast<u64>(len);
  g->ret[2] = cap;
}

}  // namespace

RT_FN void* rt_makeslice(G* g, const Type* elem, i64 len, i64 cap) {
  u64 bytes = 0;
  if (cap < 0 || len < 0 || len > cap || __builtin_mul_overflow(elem->size_, static_cast<u64>(cap), &bytes) || bytes > kMaxAlloc) {
    u64 of_len = 0;
    bool bad_len = len < 0 || __builtin_mul_overflow(elem->size_, static_cast<u64>(len), &of_len) || of_len > kMaxAlloc;
    pend_panic(g, bad_len ? abi::PendingPanic::kMakeSliceLen : abi::PendingPanic::kMakeSliceCap);
    return nullptr;
  }
  return allocate(g, bytes, elem, true);
}

RT_FN Pair rt_makeslice_fast(const Type* elem, u64 len, u64 cap, G* g) {
  if (len > cap || cap > kFewElements || elem->size_ > kFewElements) return {0, 0};
  void* p = allocate_fast(g->p, elem->size_ * cap, elem);
  return {word(p), p != nullptr};
}

RT_FN void* rt_makeslicecopy(G* g, const Type* elem, i64 to_len, i64 from_len, const void* from) {
  u64 bytes = 0;
  if (to_len < 0 || __builtin_mul_overflow(elem->size_, static_cast<u64>(to_len), &bytes) || bytes > kMaxAlloc) {
    pend_panic(g, abi::PendingPanic::kMakeSliceLen);
    return nullptr;
  }
  void* p = allocate(g, bytes, elem, true);
  i64 n = to_len < from_len ? to_len : from_len;
  __builtin_memmove(p, from, static_cast<u64>(n) * elem->size_);
  return p;
}

RT_FN Pair rt_growslice_fast(const void* old, u64 len, u64 cap, u64 num, const Type* elem, G* g) {
  bool done = grow_fast(g, old, len, cap, num, elem);
  return {g->ret[0], done};
}
RT_FN void rt_growslice(G* g, const void* old, i64 len, i64 cap, i64 num, const Type* elem) { grow(g, old, len, cap, num, elem); }

// reflect.growslice(type, slice, num): the length stays.
RT_FN void rt_reflect_growslice(G* g, const Type* elem, const void* old, i64 len, i64 cap, i64 num) {
  i64 room = num - (cap - len);  // only what is missing counts as growth
  grow(g, old, cap + room, cap, room, elem);
  if (g->pending_code != 0) return;
  if (!elem->has_pointers()) {
    u64 old_bytes = static_cast<u64>(cap) * elem->size_, new_bytes = g->ret[2] * elem->size_;
    __builtin_memset(reinterpret_cast<u8*>(g->ret[0]) + old_bytes, 0, new_bytes - old_bytes);
  }
  g->ret[1] = static_cast<u64>(len);
}

RT_FN void rt_unsafeslice(G* g, const Type* elem, const void* p, i64 len) {
  u64 bytes = 0;
  if (len < 0 || __builtin_mul_overflow(elem->size_, static_cast<u64>(len), &bytes) || bytes > -word(p)) {
    if (len > 0 && p == nullptr) return pend_panic(g, abi::PendingPanic::kUnsafeSliceNil);
    return pend_panic(g, abi::PendingPanic::kUnsafeSliceLen);
  }
}

}  // namespace gale::rt
