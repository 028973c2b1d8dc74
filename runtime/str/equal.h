// equal.h: equality of two blocks of bytes, for small blocks without a call: overlapping words.

#ifndef GALE_RUNTIME_STR_EQUAL_H_
#define GALE_RUNTIME_STR_EQUAL_H_

#include <emmintrin.h>

#include "runtime/sys/gate.h"

namespace gale::rt {

inline u64 word_at(const u8* p) {
  u64 v;
  __builtin_memcpy(&v, p, 8);
  return v;
}
inline u32 half_at(const u8* p) {
  u32 v;
  __builtin_memcpy(&v, p, 4);
  return v;
}

inline bool equal_bytes(const void* a, const void* b, u64 n) {
  auto* p = static_cast<const u8*>(a);
  auto* q = static_cast<const u8*>(b);
  if (n >= 16) {
    auto same = [&](u64 at) {
      __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + at));
      __m128i y = _mm_loadu_si128(reinterpret_cast<const __m128i*>(q + at));
      return _mm_movemask_epi8(_mm_cmpeq_epi8(x, y)) == 0xffff;
    };
    for (u64 i = 0; i + 16 < n; i += 16) {
      if (!same(i)) return false;
    }
    return same(n - 16);
  }
  if (n >= 8) return ((word_at(p) ^ word_at(q)) | (word_at(p + n - 8) ^ word_at(q + n - 8))) == 0;
  if (n >= 4) return ((half_at(p) ^ half_at(q)) | (half_at(p + n - 4) ^ half_at(q + n - 4))) == 0;
  if (n == 0) return true;
  return p[0] == q[0] && p[n / 2] == q[n / 2] && p[n - 1] == q[n - 1];
}

}  // namespace gale::rt

#endif  // GALE_RUNTIME_STR_EQUAL_H_
