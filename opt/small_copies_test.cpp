#include <gtest/gtest.h>

#include "opt/test_world.h"

namespace gale::opt {
namespace {

// memmove of `size` bytes from the second parameter, or from the local of 128 bytes, to the first.
std::string copied(int size, std::string_view from = "v1", std::string_view to = "v0") {
  std::string text = R"(func "f" sig(ptr@r0 ptr@r1 -> ) stack(0 0 16) {
local l0 size 128 align 8 ""
b0:
  v0 = Param ptr #0
  v1 = Param ptr #1
  v2 = LocalAddr ptr l0
  v5 = OffPtr ptr (v2) #8
  v3 = Const i64 #)" + std::to_string(size) + "\n  Call void (";
  text += to;
  text += ", ";
  text += from;
  text += ", v3) \"runtime.memmove\" sig(ptr@r0 ptr@r1/8 i64@r2/16 ->) stack(0 0 24) flags 266\n  return\n}\n";
  return TestWorld().run(text, "small-copies");
}

TEST(SmallCopies, PiecesLoadedBeforeTheyAreStored) {
  struct Case {
    int size;
    std::string_view loads[2];
  };
  const Case cases[] = {
      {1, {"Load i8 (v1)\n", ""}}, {2, {"Load i16 (v1)\n", ""}}, {3, {"Load i16 (v1)\n", "Load i8 (v1) #2\n"}}, {5, {"Load i32 (v1)\n", "Load i8 (v1) #4\n"}},
      {7, {"Load i32 (v1)\n", "Load i32 (v1) #3\n"}}, {8, {"Load i64 (v1)\n", ""}}, {11, {"Load i64 (v1)\n", "Load i32 (v1) #7\n"}},
      {16, {"Load i64 (v1)\n", "Load i64 (v1) #8\n"}},
  };
  for (const Case& c : cases) {
    const std::string out = copied(c.size);
    EXPECT_EQ(count(out, "Call"), 0u) << out;
    for (std::string_view load : c.loads) EXPECT_NE(out.find(load), out.npos) << c.size << out;
    EXPECT_EQ(count(out, "Load"), count(out, "Store")) << out;
    EXPECT_LT(out.rfind("Load"), out.find("Store")) << out;
  }
}

TEST(SmallCopies, LargerOnesBetweenDifferentObjectsOnly) {
  EXPECT_EQ(count(copied(64, "v2"), "Move void (v0, v2) #64"), 1u);
  EXPECT_EQ(count(copied(64, "v1", "v2"), "Move"), 1u);
  EXPECT_EQ(count(copied(64), "Call"), 1u) << "two parameters may point into one array";
  EXPECT_EQ(count(copied(64, "v2", "v5"), "Call"), 1u) << "one object";
  EXPECT_EQ(count(copied(129, "v2"), "Call"), 1u);
  EXPECT_EQ(count(copied(0), "Call"), 1u);
  EXPECT_EQ(count(copied(-8), "Call"), 1u);
}

// Parts of both sides become variables.
TEST(SmallCopies, PromoteTakesMovesApart) {
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 -> i64@r0) stack(0 0 8) {
local l0 size 24 align 8 ""
local l1 size 24 align 8 ""
b0:
  v0 = Param i64 #0
  v1 = LocalAddr ptr l0
  v2 = LocalAddr ptr l1
  Zero void (v1) #24
  Store void (v1, v0) #16
  v3 = Const i64 #24
  Call void (v2, v1, v3) "runtime.memmove" sig(ptr@r0 ptr@r1/8 i64@r2/16 ->) stack(0 0 24) flags 266
  v4 = Load i64 (v2) #16
  return v4
}
)", "small-copies,promote");
  EXPECT_EQ(count(out, "return v0"), 1u) << out;
}

}  // namespace
}  // namespace gale::opt
