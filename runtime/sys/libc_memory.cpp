// libc_memory.cpp: memcmp, strlen: names that g++ calls by itself (memory_amd64.S has the others). Not part of hosted tests.

#include <cstddef>
#include <cstdint>
#include <emmintrin.h>

extern "C" {

int memcmp(const void* a, const void* b, size_t n) {
  auto* p = static_cast<const uint8_t*>(a);
  auto* q = static_cast<const uint8_t*>(b);
  while (n >= 16) {
    __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    __m128i y = _mm_loadu_si128(reinterpret_cast<const __m128i*>(q));
    int mask = _mm_movemask_epi8(_mm_cmpeq_epi8(x, y));
    if (mask != 0xffff) {
      int i = __builtin_ctz(~static_cast<unsigned>(mask));
      return p[i] - q[i];
    }
    p += 16;
    q += 16;
    n -= 16;
  }
  // The rest as one or two (overlapping) words, the first byte as the highest.
  auto order = [](uint64_t x, uint64_t y) { return x == y ? 0 : x < y ? -1 : 1; };
  if (n >= 8) {
    auto word = [](const uint8_t* at) {
      uint64_t v;
      __builtin_memcpy(&v, at, 8);
      return __builtin_bswap64(v);
    };
    int first = order(word(p), word(q));
    return first != 0 ? first : order(word(p + n - 8), word(q + n - 8));
  }
  if (n >= 4) {
    auto word = [](const uint8_t* at) {
      uint32_t v;
      __builtin_memcpy(&v, at, 4);
      return __builtin_bswap32(v);
    };
    int first = order(word(p), word(q));
    return first != 0 ? first : order(word(p + n - 4), word(q + n - 4));
  }
  for (; n > 0; --n, ++p, ++q) {
    if (*p != *q) return *p - *q;
  }
  return 0;
}

size_t strlen(const char* s) {
  size_t n = 0;
  while (s[n] != 0) {
    ++n;
    asm volatile("" ::: "memory");
  }
  return n;
}

}  // extern "C"
