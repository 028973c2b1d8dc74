#include <gtest/gtest.h>

#include "opt/test_world.h"

namespace gale::opt {
namespace {

TEST(ThreadJumps, ConstantsDecideTheBranchBehindThem) {
  // if a < b && b < c { return a } else { return other phi }, as lower makes it.
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 i64@r1 i64@r2 -> i64@r0) stack(0 0 24) {
b0:
  v0 = Param i64 #0
  v1 = Param i64 #1
  v2 = Param i64 #2
  v3 = Lt bool (v0, v1)
  if v3 b1 b2
b1: <- b0
  v4 = Lt bool (v1, v2)
  jump b3
b2: <- b0
  v5 = Const bool #0
  jump b3
b3: <- b1 b2
  v6 = Phi bool (v4, v5)
  v7 = Phi i64 (v1, v2)
  if v6 b4 b5
b4: <- b3
  return v0
b5: <- b3
  v8 = Add i64 (v7, v0)
  return v8
}
)", "thread-jumps");
  EXPECT_EQ(count(out, "Phi bool"), 0u) << out;
  EXPECT_EQ(count(out, "if "), 2u) << out;
  EXPECT_EQ(count(out, "Phi i64"), 1u) << out;  // v7 is mended where both ways to b5 meet
}

TEST(ThreadJumps, ComparedWithAConstant) {
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param i64 #0
  v1 = Const i64 #1
  v2 = Const i64 #2
  v3 = Lt bool (v0, v1)
  if v3 b1 b2
b1: <- b0
  jump b3
b2: <- b0
  Call void (v0) "g" sig(i64@r0 ->)
  jump b3
b3: <- b1 b2
  v6 = Phi i64 (v1, v2)
  v7 = Eq bool (v6, v2)
  if v7 b4 b5
b4: <- b3
  return v0
b5: <- b3
  return v6
}
)", "thread-jumps");
  EXPECT_EQ(count(out, "if "), 1u) << out;
  EXPECT_EQ(count(out, "Eq bool"), 0u) << out;
}

TEST(ThreadJumps, HeadersOfLoopsStay) {
  std::string text = R"(func "f" sig(i64@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param i64 #0
  v1 = Const bool #1
  jump b1
b1: <- b0 b2
  v3 = Phi bool (v1, v4)
  if v3 b2 b3
b2: <- b1
  v4 = Call bool (v0) "g" sig(i64@r0 -> bool@r0)
  jump b1
b3: <- b1
  return v0
}
)";
  EXPECT_EQ(count(TestWorld().run(text, "thread-jumps"), "Phi bool"), 1u);
}

}  // namespace
}  // namespace gale::opt
