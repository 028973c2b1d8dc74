// memory.cpp: block moves, clears and comparisons as Go calls them, typed variants, and byte searches.
//
// Typed moves and clears shade what they overwrite, while the collector marks (gc.h). Pointers are written whole: a mark worker may read them.

#include <immintrin.h>

#include "runtime/chan/chan.h"
#include "runtime/gc/gc.h"
#include "runtime/iface/type.h"
#include "runtime/sched/g.h"
#include "runtime/str/equal.h"
#include "runtime/sys/start.h"

namespace gale::rt {

void copy_value(const Type* t, void* dst, const void* src) {
  if (dst == src) return;
  shade_value(t, dst);
  __builtin_memmove(dst, src, t->size_);
}
void clear_value(const Type* t, void* dst) {
  shade_value(t, dst);
  __builtin_memset(dst, 0, t->size_);
}

namespace {

i64 bits_in(u32 w) {
  w -= (w >> 1) & 0x55555555;
  w = (w & 0x33333333) + ((w >> 2) & 0x33333333);
  return static_cast<i64>((((w + (w >> 4)) & 0x0f0f0f0f) * 0x01010101) >> 24);
}

// The first bytes of p[:n], as many as fill whole vectors, that are c; *done: their number.
__attribute__((target("avx2,popcnt"))) i64 count_wide(const u8* p, i64 n, u8 c, i64* done) {
  i64 count = 0, i = 0;
  __m256i want = _mm256_set1_epi8(static_cast<char>(c));
  for (; i + 32 <= n; i += 32) {
    __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + i));
    count += _mm_popcnt_u32(static_cast<u32>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, want))));
  }
  *done = i;
  return count;
}

i64 count_byte(const u8* p, i64 n, u8 c) {
  i64 count = 0, i = 0;
  if (rt_wide_vectors && n >= 64) count = count_wide(p, n, c, &i);
  __m128i want = _mm_set1_epi8(static_cast<char>(c));
  for (; i + 16 <= n; i += 16) {
    __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i));
    count += bits_in(static_cast<u32>(_mm_movemask_epi8(_mm_cmpeq_epi8(v, want))));
  }
  for (; i < n; ++i) count += p[i] == c;
  return count;
}

template <class T>
T load(const void* p) {
  T v;
  __builtin_memcpy(&v, p, sizeof(T));
  return v;
}

i64 copy_slice(const Type* elem, void* dst, i64 n, const void* src, i64 m) {
  if (m < n) n = m;
  if (n <= 0 || dst == src) return n;
  u64 bytes = static_cast<u64>(n) * elem->size_;
  shade_elements(elem, dst, bytes);
  __builtin_memmove(dst, src, bytes);
  return n;
}

}  // namespace

RT_FN u64 rt_memequal_varlen(const void* p, const void* q, const u64* closure) {
  return p == q || equal_bytes(p, q, closure[1]);
}
RT_FN u64 rt_memequal0(const void*, const void*) { return 1; }
RT_FN u64 rt_memequal8(const void* p, const void* q) { return load<u8>(p) == load<u8>(q); }
RT_FN u64 rt_memequal16(const void* p, const void* q) { return load<u16>(p) == load<u16>(q); }
RT_FN u64 rt_memequal32(const void* p, const void* q) { return load<u32>(p) == load<u32>(q); }
RT_FN u64 rt_memequal64(const void* p, const void* q) { return load<u64>(p) == load<u64>(q); }
RT_FN u64 rt_memequal128(const u8* p, const u8* q) {
  return load<u64>(p) == load<u64>(q) && load<u64>(p + 8) == load<u64>(q + 8);
}
RT_FN u64 rt_f32equal(const void* p, const void* q) { return load<float>(p) == load<float>(q); }
RT_FN u64 rt_f64equal(const void* p, const void* q) { return load<double>(p) == load<double>(q); }
RT_FN u64 rt_c64equal(const u8* p, const u8* q) {
  return load<float>(p) == load<float>(q) && load<float>(p + 4) == load<float>(q + 4);
}
RT_FN u64 rt_c128equal(const u8* p, const u8* q) {
  return load<double>(p) == load<double>(q) && load<double>(p + 8) == load<double>(q + 8);
}
RT_FN u64 rt_strequal(const GoString* p, const GoString* q) {
  return p->len == q->len && (p->ptr == q->ptr || equal_bytes(p->ptr, q->ptr, p->len));
}

RT_FN i64 rt_countbyte(const u8* p, i64 n, u64, u8 c) { return count_byte(p, n, c); }
RT_FN i64 rt_countbytestring(const u8* p, i64 n, u8 c) { return count_byte(p, n, c); }

RT_FN void rt_typedmemmove(G*, const Type* t, void* dst, const void* src) { copy_value(t, dst, src); }
RT_FN void rt_typedmemclr(G*, const Type* t, void* p) { clear_value(t, p); }
RT_FN void rt_typedmemclrpartial(G*, const Type* t, u8* p, u64, u64 size) {
  if (t->has_pointers()) shade_words(p, size);
  __builtin_memset(p, 0, size);
}
RT_FN void rt_typedarrayclear(G*, const Type* t, void* p, i64 n) {
  u64 bytes = t->size_ * static_cast<u64>(n);
  shade_elements(t, p, bytes);
  __builtin_memset(p, 0, bytes);
}
RT_FN i64 rt_typedslicecopy(G*, const Type* t, void* dst, i64 n, const void* src, i64 m) { return copy_slice(t, dst, n, src, m); }
RT_FN i64 rt_reflect_typedslicecopy(G*, const u64* a) {  // type, dst slice, src slice
  return copy_slice(reinterpret_cast<const Type*>(a[0]), reinterpret_cast<void*>(a[1]), static_cast<i64>(a[2]),
                    reinterpret_cast<const void*>(a[4]), static_cast<i64>(a[5]));
}
RT_FN void rt_memclr_has_pointers(G*, void* p, u64 n) {
  shade_words(p, n);
  __builtin_memset(p, 0, n);
}

// reflectcall copies results back to memory of the caller's type.
RT_FN void rt_reflectcall_results(G*, const Type*, void* dst, const void* src, u32 size, u32) {
  shade_words(dst, size);
  __builtin_memmove(dst, src, size);
}

}  // namespace gale::rt
