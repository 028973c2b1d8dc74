// string.cpp: concatenation, conversions between strings, bytes and runes.
//
// `buf` arguments are arrays in the caller's frame (32 bytes or 32 runes) for results that do not escape; nil otherwise.

#include "runtime/heap/fast.h"
#include "runtime/print/print.h"
#include "runtime/sched/g.h"
#include "runtime/str/utf8.h"

namespace gale::rt {

namespace {

constexpr u64 kTmpBuf = 32;

u8* raw_bytes(G* g, void* buf, u64 n) {
  if (buf != nullptr && n <= kTmpBuf) return static_cast<u8*>(buf);
  return static_cast<u8*>(allocate(g, n, nullptr, false));
}

Pair result(const u8* p, u64 n) { return {word(p), n}; }

// Joins n strings. If only one is not empty it is returned itself, unless it lies in this goroutine's stack and the result escapes.
Pair concat(G* g, void* buf, const GoString* s, u64 n) {
  u64 total = 0, used = 0, last = 0;
  for (u64 i = 0; i < n; ++i) {
    if (s[i].len == 0) continue;
    if (__builtin_add_overflow(total, s[i].len, &total) || total > (u64{1} << 62)) fatal_error("string concatenation too long");
    ++used;
    last = i;
  }
  if (used == 0) return {0, 0};
  auto at = word(s[last].ptr);
  bool on_stack = at >= g->stack_lo && at < g->stack_hi;
  if (used == 1 && (buf != nullptr || !on_stack)) return result(s[last].ptr, s[last].len);
  u8* p = raw_bytes(g, buf, total);
  u8* out = p;
  for (u64 i = 0; i < n; ++i) {
    __builtin_memcpy(out, s[i].ptr, s[i].len);
    out += s[i].len;
  }
  return result(p, total);
}

void slice_result(G* g, const void* p, u64 len, u64 cap) {
  g->ret[0] = word(p);
  g->ret[1] = len;
  g->ret[2] = cap;
}

// A new []byte of n bytes with the capacity of its size class, or in buf.
u8* new_bytes(G* g, void* buf, u64 n) {
  if (buf != nullptr && n <= kTmpBuf) {
    __builtin_memset(buf, 0, kTmpBuf);
    slice_result(g, buf, n, kTmpBuf);
    return static_cast<u8*>(buf);
  }
  u64 cap = rounded_size(n, true);
  auto* p = static_cast<u8*>(allocate(g, cap, nullptr, false));
  __builtin_memset(p + n, 0, cap - n);
  slice_result(g, p, n, cap);
  return p;
}

}  // namespace

RT_FN Pair rt_concatstring2(G* g, void* buf, const u8* p, u64 n, const u8* q, u64 m) {
  GoString s[2] = {{p, n}, {q, m}};
  return concat(g, buf, s, 2);
}

// The fast forms: results of up to 1024 bytes, if there is room at hand. Second and third words go through G.ret.
namespace {
constexpr u64 kShort = 1024;

u8* raw_bytes_fast(G* g, void* buf, u64 n) {
  if (buf != nullptr && n <= kTmpBuf) return static_cast<u8*>(buf);
  return n > kShort ? nullptr : static_cast<u8*>(allocate_fast(g->p, n, nullptr));
}

Pair string_done(G* g, const u8* p, u64 n) {
  g->ret[1] = n;
  return {word(p), 1};
}
}  // namespace

RT_FN Pair rt_concatstring2_fast(void* buf, const u8* p, u64 n, const u8* q, u64 m, G* g) {
  u64 total = n + m;
  if (n - 1 >= kShort || m - 1 >= kShort) return {0, 0};
  u8* out = raw_bytes_fast(g, buf, total);
  if (out == nullptr) return {0, 0};
  __builtin_memcpy(out, p, n);
  __builtin_memcpy(out + n, q, m);
  return string_done(g, out, total);
}

RT_FN Pair rt_slicebytetostring_fast(void* buf, const u8* p, u64 n, G* g) {
  if (n - 2 >= kShort) return {0, 0};
  u8* out = raw_bytes_fast(g, buf, n);
  if (out == nullptr) return {0, 0};
  __builtin_memcpy(out, p, n);
  return string_done(g, out, n);
}

RT_FN Pair rt_stringtoslicebyte_fast(void* buf, const u8* p, u64 n, G* g) {
  if (buf != nullptr || n - 1 >= kShort) return {0, 0};
  u64 cap = abi::kSizeClasses[kClasses.fine[(n + 7) / 8]].size;
  auto* out = static_cast<u8*>(allocate_fast(g->p, cap, nullptr));
  if (out == nullptr) return {0, 0};
  __builtin_memcpy(out, p, n);
  slice_result(g, out, n, cap);
  return {word(out), 1};
}

RT_FN Pair rt_make_no_zero_fast(u64 n, G* g) {
  if (n - 1 >= kShort) return {0, 0};
  u64 cap = abi::kSizeClasses[kClasses.fine[(n + 7) / 8]].size;
  void* out = allocate_fast(g->p, cap, nullptr);
  slice_result(g, out, n, cap);
  return {word(out), out != nullptr};
}

RT_FN Pair rt_concatstring3(G* g, const u64* a) { return concat(g, reinterpret_cast<void*>(a[0]), reinterpret_cast<const GoString*>(a + 1), 3); }
RT_FN Pair rt_concatstring4(G* g, const u64* a) { return concat(g, reinterpret_cast<void*>(a[0]), reinterpret_cast<const GoString*>(a + 1), 4); }
RT_FN Pair rt_concatstrings(G* g, void* buf, const GoString* s, u64 n, u64) { return concat(g, buf, s, n); }

RT_FN void rt_concatbytes(G* g, void* buf, const GoString* s, u64 n, u64) {
  u64 total = 0;
  for (u64 i = 0; i < n; ++i) total += s[i].len;
  u8* out = new_bytes(g, buf, total);
  for (u64 i = 0; i < n; ++i) {
    __builtin_memcpy(out, s[i].ptr, s[i].len);
    out += s[i].len;
  }
}

extern "C" const u64 rt_static_words[256] asm("runtime.staticuint64s");

RT_FN Pair rt_slicebytetostring(G* g, void* buf, const u8* p, u64 n) {
  if (n == 0) return {0, 0};
  if (n == 1) return result(reinterpret_cast<const u8*>(&rt_static_words[*p]), 1);
  u8* out = raw_bytes(g, buf, n);
  __builtin_memmove(out, p, n);
  return result(out, n);
}

RT_FN void rt_stringtoslicebyte(G* g, void* buf, const u8* p, u64 n) {
  u8* out = new_bytes(g, buf, n);
  __builtin_memcpy(out, p, n);
}

RT_FN void rt_make_no_zero(G* g, i64 n) {
  if (n < 0 || n > (i64{1} << 47)) return pend_panic(g, abi::PendingPanic::kMakeSliceLen);
  u64 cap = rounded_size(static_cast<u64>(n), true);
  slice_result(g, allocate(g, cap, nullptr, false), static_cast<u64>(n), cap);
}

RT_FN void rt_stringtoslicerune(G* g, void* buf, const u8* p, u64 n) {
  u64 count = count_runes(p, n), cap = 32;
  i32* out;
  if (buf != nullptr && count <= 32) {
    out = static_cast<i32*>(buf);
    __builtin_memset(out, 0, 32 * 4);
  } else {
    u64 bytes = rounded_size(count * 4, true);
    cap = bytes / 4;
    out = static_cast<i32*>(allocate(g, bytes, nullptr, false));
    __builtin_memset(out + count, 0, bytes - count * 4);
  }
  slice_result(g, out, count, cap);
  for (u64 i = 0; i < n;) i += decode_rune(p + i, n - i, out++);
}

RT_FN Pair rt_slicerunetostring(G* g, void* buf, const i32* r, u64 n, u64) {
  u64 bytes = 0;
  u8 tmp[4];
  for (u64 i = 0; i < n; ++i) bytes += encode_rune(tmp, r[i]);
  if (bytes == 0) return {0, 0};
  u8* p = raw_bytes(g, buf, bytes);
  u8* out = p;
  for (u64 i = 0; i < n; ++i) {
    u64 k = encode_rune(tmp, r[i]);
    __builtin_memcpy(out, tmp, k);
    out += k;
  }
  return result(p, bytes);
}

RT_FN Pair rt_intstring(G* g, u8* buf, i64 v) {
  if (v != static_cast<i32>(v)) v = kRuneError;
  u8 tmp[4];
  u64 n = encode_rune(tmp, static_cast<i32>(v));
  u8* p = buf != nullptr ? buf : static_cast<u8*>(allocate(g, n, nullptr, false));
  __builtin_memcpy(p, tmp, n);
  return result(p, n);
}

// decoderune(s, k): the rune that begins at byte k (not ASCII), and the position after it.
RT_FN Pair rt_decoderune(const u8* p, i64 n, i64 k) {
  i32 r = kRuneError;
  u64 width = k < n ? decode_rune(p + k, static_cast<u64>(n - k), &r) : 1;
  return {static_cast<u64>(static_cast<i64>(r)), static_cast<u64>(k) + width};
}

RT_FN u64 rt_countrunes(const u8* p, u64 n) { return count_runes(p, n); }

}  // namespace gale::rt
