#include <gtest/gtest.h>

#include "opt/test_world.h"

namespace gale::opt {
namespace {

TEST(ValueNumbering, ChecksOfALoopAreProvedByItsCondition) {
  std::string out = TestWorld().run(R"(func "sum" sig(ptr@r0 i64@r1 -> i64@r0) stack(0 0 16) {
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v2 = Const i64 #0
  v3 = Const i64 #1
  jump b1
b1: <- b0 b2
  v4 = Phi i64 (v2, v8)
  v5 = Phi i64 (v2, v9)
  v6 = Lt bool (v4, v1)
  if v6 b2 b3
b2: <- b1
  BoundsCheck void (v4, v1)
  v7 = AddPtr ptr (v0, v4) #8
  v10 = Load i64 (v7)
  v9 = Add i64 (v5, v10)
  v8 = Add i64 (v4, v3)
  jump b1
b3: <- b1
  return v5
}
)", "number-values");
  EXPECT_EQ(count(out, "BoundsCheck"), 0u) << out;
}

TEST(ValueNumbering, UnsignedAndUnknownIndexesStayChecked) {
  std::string out = TestWorld().run(R"(func "at" sig(ptr@r0 i64@r1 i64@r2 -> i8@r0) stack(0 0 24) {
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v2 = Param i64 #2
  v3 = Lt bool (v2, v1)
  if v3 b1 b2
b1: <- b0
  BoundsCheck void (v2, v1)
  BoundsCheck void (v2, v1)
  v4 = AddPtr ptr (v0, v2) #1
  v5 = Load i8 (v4)
  return v5
b2: <- b0
  v6 = Const i8 #0
  return v6
}
)", "number-values");
  EXPECT_EQ(count(out, "BoundsCheck"), 1u) << out;  // v2 may be negative; the second is proved by the first
}

TEST(ValueNumbering, LoadsSeeStores) {
  std::string out = TestWorld().run(R"(func "f" sig(ptr@r0 ptr@r1 -> i64@r0) stack(0 0 16) {
b0:
  v0 = Param ptr #0
  v1 = Param ptr #1
  v2 = Const i64 #7
  v3 = NilCheck ptr (v0)
  Store void (v3, v2) #8
  v4 = NilCheck ptr (v0)
  v5 = Load i64 (v4) #8
  Store void (v1, v5)
  v6 = Load i64 (v3) #8
  return v6
}
)", "number-values");
  EXPECT_EQ(count(out, "NilCheck"), 1u) << out;
  EXPECT_EQ(count(out, "Load"), 1u) << out;  // the store to v1 may hit v0 + 8
}

TEST(ValueNumbering, WhatAllPredecessorsKnowIsKnownAtAJoin) {
  std::string out = TestWorld().run(R"(func "f" sig(ptr@r0 i64@r1 bool@r2 -> i64@r0) stack(0 0 24) {
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v2 = Param bool #2
  v3 = NilCheck ptr (v0)
  v4 = Load i64 (v3) #8
  if v2 b1 b2
b1: <- b0
  Store void (v3, v1)
  jump b3
b2: <- b0
  v5 = Const i64 #7
  Store void (v3, v5)
  jump b3
b3: <- b1 b2
  v6 = Load i64 (v3)
  v7 = Load i64 (v3) #8
  v8 = Add i64 (v6, v7)
  return v8
}
)", "number-values");
  EXPECT_EQ(count(out, "Load"), 1u) << out;
  EXPECT_EQ(count(out, "Phi i64"), 1u) << out;  // of what was stored; the other value is the same on both ways
}

TEST(ValueNumbering, LoopsKnowWhatTheyDoNotWrite) {
  std::string out = TestWorld().run(R"(func "f" sig(ptr@r0 i64@r1 -> i64@r0) stack(0 0 16) {
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v2 = Const i64 #0
  v3 = Const i64 #1
  v4 = NilCheck ptr (v0)
  v5 = Load i64 (v4) #8
  v6 = Load i64 (v4) #16
  jump b1
b1: <- b0 b2
  v7 = Phi i64 (v2, v8)
  v9 = Lt bool (v7, v1)
  if v9 b2 b3
b2: <- b1
  v10 = Load i64 (v4) #8
  v11 = Load i64 (v4) #16
  v12 = Add i64 (v10, v11)
  Store void (v4, v12) #16
  v8 = Add i64 (v7, v3)
  jump b1
b3: <- b1
  return v5
}
)", "number-values");
  EXPECT_EQ(count(out, "Load"), 3u) << out;  // the one at 16 is written in the loop
}

TEST(ValueNumbering, FieldsOfDifferentElementsAreApart) {
  std::string out = TestWorld().run(R"(func "f" sig(ptr@r0 i64@r1 i64@r2 -> i64@r0) stack(0 0 24) {
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v2 = Param i64 #2
  v3 = AddPtr ptr (v0, v1) #24
  v4 = AddPtr ptr (v0, v2) #24
  v5 = Load i64 (v3) #8
  v6 = Load i64 (v3) #16
  Store void (v4, v1) #16
  v7 = Load i64 (v3) #8
  v8 = Load i64 (v3) #16
  v9 = Add i64 (v7, v8)
  v10 = Add i64 (v5, v6)
  v11 = Add i64 (v9, v10)
  return v11
}
)", "number-values");
  EXPECT_EQ(count(out, "Load"), 3u) << out;  // v4 may be v3, so its last word is read again
}

TEST(ValueNumbering, StoresOfWhatIsThereGo) {
  std::string out = TestWorld().run(R"(func "f" sig(ptr@r0 i64@r1 -> i64@r0) stack(0 0 16) {
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v2 = NilCheck ptr (v0)
  v3 = Load ptr (v2)
  v4 = Load i64 (v2) #16
  BoundsCheck void (v1, v4) #2
  StorePtr void (v2, v3)
  Store void (v2, v1) #8
  Store void (v2, v4) #16
  Store void (v3, v1)
  Store void (v2, v4) #16
  return v4
}
)", "number-values");
  EXPECT_EQ(count(out, "StorePtr"), 0u) << out;
  EXPECT_EQ(count(out, "Store void"), 3u) << out;  // the length, what is behind v3, and what that may have changed
}

TEST(ValueNumbering, DecidedBranchesGo) {
  std::string out = TestWorld().run(R"(func "f" sig(ptr@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param ptr #0
  v1 = Const ptr #0
  v2 = Eq bool (v0, v1)
  v3 = Const i64 #1
  if v2 b1 b2
b1: <- b0
  return v3
b2: <- b0
  v4 = Eq bool (v0, v1)
  if v4 b9 b3
b9: <- b2
  return v3
b3: <- b2
  v5 = NilCheck ptr (v0)
  v6 = Load i64 (v5)
  return v6
}
)", "number-values");
  EXPECT_EQ(count(out, "NilCheck"), 0u) << out;
  EXPECT_EQ(count(out, "Eq bool"), 1u) << out;
}

}  // namespace
}  // namespace gale::opt
