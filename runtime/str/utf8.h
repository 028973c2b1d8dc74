// utf8.h: UTF-8 as Go reads it: any malformed byte is one U+FFFD of width 1.

#ifndef GALE_RUNTIME_STR_UTF8_H_
#define GALE_RUNTIME_STR_UTF8_H_

#include "runtime/sys/gate.h"

namespace gale::rt {

inline constexpr i32 kRuneError = 0xfffd;

// Decodes the rune at p (n > 0 bytes left); returns its width.
inline u64 decode_rune(const u8* p, u64 n, i32* out) {
  u8 c = p[0];
  if (c < 0x80) {
    *out = c;
    return 1;
  }
  auto tail = [&](u64 i) { return i < n && (p[i] & 0xc0) == 0x80; };
  auto bits = [&](u64 i) { return static_cast<i32>(p[i] & 0x3f); };
  if (c >= 0xc2 && c <= 0xdf && tail(1)) {
    *out = (c & 0x1f) << 6 | bits(1);
    return 2;
  }
  if (c >= 0xe0 && c <= 0xef && tail(1) && tail(2)) {
    i32 r = (c & 0x0f) << 12 | bits(1) << 6 | bits(2);
    if (r >= 0x800 && (r < 0xd800 || r > 0xdfff)) {
      *out = r;
      return 3;
    }
  }
  if (c >= 0xf0 && c <= 0xf4 && tail(1) && tail(2) && tail(3)) {
    i32 r = (c & 0x07) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3);
    if (r >= 0x10000 && r <= 0x10ffff) {
      *out = r;
      return 4;
    }
  }
  *out = kRuneError;
  return 1;
}

inline u64 encode_rune(u8* p, i32 r) {
  if (r < 0 || r > 0x10ffff || (r >= 0xd800 && r <= 0xdfff)) r = kRuneError;
  auto tail = [&](int shift) { return static_cast<u8>(0x80 | ((r >> shift) & 0x3f)); };
  if (r < 0x80) {
    p[0] = static_cast<u8>(r);
    return 1;
  }
  if (r < 0x800) {
    p[0] = static_cast<u8>(0xc0 | r >> 6);
    p[1] = tail(0);
    return 2;
  }
  if (r < 0x10000) {
    p[0] = static_cast<u8>(0xe0 | r >> 12);
    p[1] = tail(6);
    p[2] = tail(0);
    return 3;
  }
  p[0] = static_cast<u8>(0xf0 | r >> 18);
  p[1] = tail(12);
  p[2] = tail(6);
  p[3] = tail(0);
  return 4;
}

inline u64 count_runes(const u8* p, u64 n) {
  u64 count = 0;
  i32 r;
  for (u64 i = 0; i < n; ++count) i += decode_rune(p + i, n - i, &r);
  return count;
}

}  // namespace gale::rt

#endif  // GALE_RUNTIME_STR_UTF8_H_
