// libc_memory.cpp: memcpy, memmove, memset, memcmp: the names g++ calls by itself. Not part of hosted tests.
// Large blocks use rep movsb/stosb (fast on all processors with ERMS), small ones overlapping vector moves.

#include <cstddef>
#include <cstdint>
#include <emmintrin.h>

extern "C" {

void* memmove(void* dst, const void* src, size_t n) {
  auto* d = static_cast<uint8_t*>(dst);
  auto* s = static_cast<const uint8_t*>(src);
  if (n >= 16) {
    if (n <= 32) {
      __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(s));
      __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(s + n - 16));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(d), a);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(d + n - 16), b);
      return dst;
    }
    if (n <= 64) {
      __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(s));
      __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(s + 16));
      __m128i c = _mm_loadu_si128(reinterpret_cast<const __m128i*>(s + n - 32));
      __m128i e = _mm_loadu_si128(reinterpret_cast<const __m128i*>(s + n - 16));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(d), a);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(d + 16), b);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(d + n - 32), c);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(d + n - 16), e);
      return dst;
    }
    if (static_cast<size_t>(d - s) >= n) {  // forward copy is safe
      if (n >= 2048) {
        void* out = dst;
        asm volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n)::"memory");
        return out;
      }
      const uint8_t* last = s + n - 16;
      __m128i tail = _mm_loadu_si128(reinterpret_cast<const __m128i*>(last));
      uint8_t* tail_at = d + n - 16;
      while (n > 16) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(d), _mm_loadu_si128(reinterpret_cast<const __m128i*>(s)));
        d += 16;
        s += 16;
        n -= 16;
      }
      _mm_storeu_si128(reinterpret_cast<__m128i*>(tail_at), tail);
      return dst;
    }
    __m128i head = _mm_loadu_si128(reinterpret_cast<const __m128i*>(s));
    while (n > 16) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(d + n - 16), _mm_loadu_si128(reinterpret_cast<const __m128i*>(s + n - 16)));
      n -= 16;
    }
    _mm_storeu_si128(reinterpret_cast<__m128i*>(d), head);
    return dst;
  }
  if (n >= 8) {
    uint64_t a, b;
    __builtin_memcpy(&a, s, 8);
    __builtin_memcpy(&b, s + n - 8, 8);
    __builtin_memcpy(d, &a, 8);
    __builtin_memcpy(d + n - 8, &b, 8);
    return dst;
  }
  if (n >= 4) {
    uint32_t a, b;
    __builtin_memcpy(&a, s, 4);
    __builtin_memcpy(&b, s + n - 4, 4);
    __builtin_memcpy(d, &a, 4);
    __builtin_memcpy(d + n - 4, &b, 4);
    return dst;
  }
  if (n == 0) return dst;
  uint8_t a = s[0], b = s[n / 2], c = s[n - 1];
  d[0] = a;
  d[n / 2] = b;
  d[n - 1] = c;
  return dst;
}

void* memcpy(void* __restrict dst, const void* __restrict src, size_t n) { return memmove(dst, src, n); }

void* memset(void* dst, int value, size_t n) {
  auto* d = static_cast<uint8_t*>(dst);
  if (n >= 16) {
    if (n >= 1024) {
      asm volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(value) : "memory");
      return dst;
    }
    __m128i v = _mm_set1_epi8(static_cast<char>(value));
    uint8_t* tail = d + n - 16;
    for (; d < tail; d += 16) _mm_storeu_si128(reinterpret_cast<__m128i*>(d), v);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(tail), v);
    return dst;
  }
  for (size_t i = 0; i < n; ++i) {
    d[i] = static_cast<uint8_t>(value);
    asm volatile("" ::: "memory");
  }
  return dst;
}

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
