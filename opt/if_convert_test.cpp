#include <gtest/gtest.h>

#include "opt/test_world.h"

namespace gale::opt {
namespace {

// if a < b { x = <arm> }; return x
std::string triangle(std::string_view arm, std::string_view after) {
  return R"(func "f" sig(i64@r0 i64@r1 ptr@r2 -> i64@r0) stack(0 0 24) {
b0:
  v0 = Param i64 #0
  v1 = Param i64 #1
  v2 = Param ptr #2
  v3 = Const i64 #1
  v4 = Lt bool (v0, v1)
  if v4 b1 b2
b1: <- b0
)" + std::string(arm) + R"(
  jump b2
b2: <- b0 b1
  v6 = Phi i64 (v0, v5)
)" + std::string(after) + "}\n";
}

TEST(IfConvert, CheapValuesAreChosen) {
  std::string out = TestWorld().run(triangle("  v5 = Sub i64 (v1, v0)", "  return v6\n"), "if-convert");
  EXPECT_EQ(count(out, "if "), 0u) << out;
  EXPECT_EQ(count(out, "Select i64"), 1u) << out;
}

TEST(IfConvert, OneMoreIsTheConditionAdded) {
  std::string out = TestWorld().run(triangle("  v5 = Add i64 (v0, v3)", "  return v6\n"), "if-convert");
  EXPECT_EQ(count(out, "if "), 0u) << out;
  EXPECT_EQ(count(out, "Select"), 0u) << out;
  EXPECT_EQ(count(out, "ZExt i64"), 1u) << out;
}

TEST(IfConvert, BothWaysMayHaveValues) {
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 i64@r1 -> i64@r0) stack(0 0 16) {
b0:
  v0 = Param i64 #0
  v1 = Param i64 #1
  v2 = Const i64 #1
  v3 = Const i64 #0
  v4 = Lt bool (v0, v1)
  if v4 b1 b2
b1: <- b0
  v5 = Xor i64 (v0, v1)
  jump b3
b2: <- b0
  v6 = And i64 (v0, v1)
  jump b3
b3: <- b1 b2
  v7 = Phi i64 (v5, v6)
  v8 = Phi i64 (v2, v3)
  v9 = Add i64 (v7, v8)
  return v9
}
)", "if-convert");
  EXPECT_EQ(count(out, "if "), 0u) << out;
  EXPECT_EQ(count(out, "Select i64"), 1u) << out;  // 1 or 0 is the condition itself
}

TEST(IfConvert, WhatReadsMemoryOrBecomesAnAddressStays) {
  std::string load = TestWorld().run(triangle("  v5 = Load i64 (v2)", "  return v6\n"), "if-convert");
  EXPECT_EQ(count(load, "if "), 1u) << load;
  std::string address = TestWorld().run(triangle("  v5 = Add i64 (v0, v3)", "  v7 = AddPtr ptr (v2, v6) #8\n  v8 = Load i64 (v7)\n  return v8\n"), "if-convert");
  EXPECT_EQ(count(address, "if "), 1u) << address;
}

}  // namespace
}  // namespace gale::opt
