// Strings, runes and slice growth.

#include <gtest/gtest.h>

#include <string>

#include "runtime/iface/type.h"
#include "runtime/str/utf8.h"
#include "runtime/sys/start.h"
#include "runtime/test/hosted.h"

namespace gale::rt {

extern "C" {
Pair rt_concatstring2(G*, void*, const u8*, u64, const u8*, u64);
void rt_growslice(G*, const void*, i64, i64, i64, const Type*);
i64 rt_countbytestring(const u8*, i64, u8);
Pair rt_slicerunetostring(G*, void*, const i32*, u64, u64);
Pair rt_decoderune(const u8*, i64, i64);
}

namespace {

const u8* bytes(const char* s) { return reinterpret_cast<const u8*>(s); }
std::string text(Pair p) { return {reinterpret_cast<const char*>(p.first), p.second}; }

TEST(String, Concat) {
  G* g = hosted::start();
  EXPECT_EQ(text(rt_concatstring2(g, nullptr, bytes("foo"), 3, bytes("bar"), 3)), "foobar");
  const u8* p = bytes("only");
  EXPECT_EQ(rt_concatstring2(g, nullptr, p, 4, nullptr, 0).first, word(p));
}

TEST(String, Runes) {
  G* g = hosted::start();
  i32 r[] = {'a', 0xe9, 0x20ac, 0x1f600, 0xd800, -1};
  EXPECT_EQ(text(rt_slicerunetostring(g, nullptr, r, 6, 6)), "a\u00e9\u20ac\U0001f600\ufffd\ufffd");
  EXPECT_EQ(count_runes(bytes("a\xff\xc3"), 3), 3u);
  EXPECT_EQ(count_runes(bytes("\xed\xa0\x80"), 3), 3u);  // a surrogate is three bad bytes
  Pair p = rt_decoderune(bytes("x\u20acy"), 5, 1);
  EXPECT_EQ(p.first, 0x20acu);
  EXPECT_EQ(p.second, 4u);
}

TEST(String, Count) {
  std::string s(100, 'x');
  s[77] = s[3] = s[99] = 'y';
  for (bool wide : {false, __builtin_cpu_supports("avx2") != 0}) {
    rt_wide_vectors = wide;
    EXPECT_EQ(rt_countbytestring(bytes(s.data()), 100, 'y'), 3);
    EXPECT_EQ(rt_countbytestring(bytes(s.data()), 77, 'y'), 1);
    EXPECT_EQ(rt_countbytestring(bytes(s.data()), 78, 'y'), 2);
    EXPECT_EQ(rt_countbytestring(bytes(s.data()), 0, 'y'), 0);
  }
}

// Capacities that gc 1.26 gives for append of one element at a time to []int and []byte.
TEST(Slice, GrowsLikeGc) {
  G* g = hosted::start();
  const Type int_type = {8, 0, 0, abi::kTFlagRegularMemory, 8, 8, abi::kKindInt, nullptr, nullptr, 0, 0};
  i64 cap = 0;
  std::string caps;
  for (i64 len = 0; len < 3000; ++len) {
    if (len < cap) continue;
    rt_growslice(g, nullptr, len + 1, cap, len + 1, &int_type);
    cap = static_cast<i64>(g->ret[2]);
    caps += std::to_string(cap) + " ";
  }
  EXPECT_EQ(caps, "1 2 4 8 16 32 64 128 256 512 848 1280 1792 2560 3408 ");
}

}  // namespace
}  // namespace gale::rt
