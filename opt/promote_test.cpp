#include <gtest/gtest.h>

#include "opt/test_world.h"

namespace gale::opt {
namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST(Promote, LoopVariablesInABox) {
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param i64 #0
  v1 = New ptr type "T"
  v2 = Const i64 #0
  v3 = Const i64 #1
  Store void (v1, v2) #8
  jump b1
b1: <- b0 b2
  v4 = Load i64 (v1) #8
  v5 = Lt bool (v4, v0)
  if v5 b2 b3
b2: <- b1
  v6 = NilCheck ptr (v1)
  v7 = OffPtr ptr (v6) #8
  v8 = Load i64 (v7)
  v9 = Add i64 (v8, v3)
  Store void (v7, v9)
  jump b1
b3: <- b1
  v10 = Load i64 (v1) #8
  return v10
}
)", "escape,promote");
  EXPECT_FALSE(has(out, "Load")) << out;
  EXPECT_FALSE(has(out, "Store")) << out;
  EXPECT_TRUE(has(out, "Phi i64")) << out;
  EXPECT_TRUE(has(out, "local l0 size 0")) << out;
}

TEST(Promote, LeavesWhatIsPassedOrSeenInTwoWays) {
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 -> i64@r0) stack(0 0 8) {
local l0 size 8 align 8 ""
local l1 size 8 align 8 ""
b0:
  v0 = Param i64 #0
  v1 = LocalAddr ptr l0
  Store void (v1, v0)
  v2 = Load i32 (v1)
  v3 = SExt i64 (v2)
  v4 = LocalAddr ptr l1
  Store void (v4, v3)
  Call void (v4) "g" sig(ptr@r0 ->)
  v5 = Load i64 (v4)
  return v5
}
)", "promote");
  EXPECT_TRUE(has(out, "local l0 size 8")) << out;
  EXPECT_TRUE(has(out, "local l1 size 8")) << out;
}

TEST(Promote, ClearedAgainInALoop) {
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 -> i64@r0) stack(0 0 8) {
local l0 size 16 align 8 ""
b0:
  v0 = Param i64 #0
  v1 = Const i64 #0
  jump b1
b1: <- b0 b1
  v2 = Phi i64 (v1, v6)
  v3 = LocalAddr ptr l0
  Zero void (v3) #16
  v4 = Load i64 (v3) #8
  v5 = Add i64 (v4, v2)
  Store void (v3, v5) #8
  v6 = Load i64 (v3) #8
  v7 = Lt bool (v6, v0)
  if v7 b1 b2
b2: <- b1
  return v6
}
)", "promote");
  EXPECT_FALSE(has(out, "Load")) << out;
  EXPECT_FALSE(has(out, "Zero")) << out;
}

TEST(Promote, CopiesBetweenLocalsAreRenaming) {
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 ptr@r1 -> i64@r0) stack(0 0 16) {
local l0 size 16 align 8 ""
local l1 size 16 align 8 ""
local l2 size 16 align 8 ""
b0:
  v0 = Param i64 #0
  v1 = Param ptr #1
  v2 = LocalAddr ptr l0
  Zero void (v2) #16
  Store void (v2, v0) #8
  v3 = LocalAddr ptr l1
  Move void (v3, v2) #16
  v4 = Load i64 (v3) #8
  v5 = LocalAddr ptr l2
  Move void (v5, v1) #16
  v6 = Load i64 (v5)
  v7 = Add i64 (v4, v6)
  Store void (v3, v7) #8
  Move void (v1, v3) #16
  return v7
}
)", "promote");
  EXPECT_FALSE(has(out, "Move")) << out;
  EXPECT_FALSE(has(out, "LocalAddr")) << out;
  EXPECT_TRUE(has(out, "Load i64 (v1)")) << out;           // only the word that is read
  EXPECT_NE(out.find("Store void (v1, "), out.rfind("Store void (v1, ")) << out;  // both words go out
}

TEST(Promote, CopiesThatCutAPartStay) {
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 -> i64@r0) stack(0 0 8) {
local l0 size 16 align 8 ""
local l1 size 16 align 8 ""
b0:
  v0 = Param i64 #0
  v2 = LocalAddr ptr l0
  Store void (v2, v0)
  v3 = LocalAddr ptr l1
  Zero void (v3) #16
  Move void (v3, v2) #4
  v4 = Load i64 (v3)
  return v4
}
)", "promote");
  EXPECT_TRUE(has(out, "Move")) << out;
}

}  // namespace
}  // namespace gale::opt
