#include <gtest/gtest.h>

#include "opt/test_world.h"

namespace gale::opt {
namespace {

constexpr std::string_view kAll = "unroll-loops,number-values,fold-constants,remove-dead-code,remove-dead-blocks";

// for i := 0; i < trips; i++ { body } over a local array of 4 words; `v10` is i, `v11` a sum that `v12` continues.
std::string loop(int trips, std::string_view body, std::string_view behind = "  return v11\n") {
  std::string text = R"(func "f" sig(i64@r0 ptr@r1 -> i64@r0) stack(0 0 16) {
local l0 size 32 align 8 ""
b0:
  v0 = Param i64 #0
  v1 = Param ptr #1
  v2 = Const i64 #0
  v3 = Const i64 #1
  v4 = Const i64 #)" + std::to_string(trips) + R"(
  v5 = LocalAddr ptr l0
  Zero void (v5) #32
  Store void (v5, v0) #8
  jump b1
b1: <- b0 b2
  v10 = Phi i64 (v2, v13)
  v11 = Phi i64 (v0, v12)
  v14 = Lt bool (v10, v4)
  if v14 b2 b3
b2: <- b1
)";
  text += body;
  text += "  v13 = Add i64 (v10, v3)\n  jump b1\nb3: <- b1\n";
  text += behind;
  return text + "}\n";
}

TEST(UnrollLoops, ElementsOfASmallArrayBecomeVariables) {
  std::string out = TestWorld().run(loop(4, "  v20 = AddPtr ptr (v5, v10) #8\n  v21 = Load i64 (v20)\n  v12 = Add i64 (v11, v21)\n"), kAll);
  EXPECT_EQ(count(out, "Load"), 0u) << out;
  EXPECT_EQ(count(out, "Phi"), 0u) << out;
  EXPECT_EQ(count(out, "Store"), 0u) << out;
}

TEST(UnrollLoops, NotWhatIsLarge) {
  const std::string_view mul = "  v12 = Mul i64 (v11, v0)\n";
  EXPECT_EQ(count(TestWorld().run(loop(16, mul), kAll), "Mul"), 16u);
  EXPECT_EQ(count(TestWorld().run(loop(17, mul), kAll), "Mul"), 1u);
  std::string body = "  v20 = Mul i64 (v11, v0)\n";
  for (int i = 21; i < 40; i++) body += "  v" + std::to_string(i) + " = Mul i64 (v" + std::to_string(i - 1) + ", v0)\n";
  body += "  v12 = Mul i64 (v39, v11)\n";
  EXPECT_EQ(count(TestWorld().run(loop(2, body), kAll), "Mul"), 21u);
  const std::string indexed = "  v60 = AddPtr ptr (v1, v10) #8\n  Store void (v60, v11)\n";
  EXPECT_EQ(count(TestWorld().run(loop(2, indexed + body), kAll), "Mul"), 42u);
  EXPECT_EQ(count(TestWorld().run(loop(4, indexed + body), kAll), "Mul"), 21u);
  const std::string own = "  v60 = AddPtr ptr (v5, v10) #8\n  Store void (v60, v11)\n";
  EXPECT_EQ(count(TestWorld().run(loop(4, own + body), kAll), "Mul"), 84u);
}

TEST(UnrollLoops, NotWithCalls) {
  EXPECT_EQ(count(TestWorld().run(loop(2, "  v12 = Call i64 (v11) \"g\" sig(i64@r0 -> i64@r0)\n"), kAll), "Call"), 1u);
}

// What is the same in each iteration counts once.
TEST(UnrollLoops, InvariantsCountOnce) {
  std::string body = "  v20 = Mul i64 (v0, v0)\n";
  for (int i = 21; i < 40; i++) body += "  v" + std::to_string(i) + " = Mul i64 (v" + std::to_string(i - 1) + ", v0)\n";
  body += "  v12 = Add i64 (v39, v11)\n";
  const std::string out = TestWorld().run(loop(4, body), kAll);
  EXPECT_EQ(count(out, "Phi"), 0u) << out;
  EXPECT_EQ(count(out, "Mul"), 20u) << out;
}

// A value of the loop used behind it is the one of the iteration that was left: by the test or by the way out in the middle.
TEST(UnrollLoops, WaysOutInTheMiddle) {
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param i64 #0
  v2 = Const i64 #0
  v3 = Const i64 #1
  v4 = Const i64 #3
  jump b1
b1: <- b0 b4
  v10 = Phi i64 (v2, v13)
  v11 = Phi i64 (v0, v12)
  v14 = Lt bool (v10, v4)
  if v14 b2 b5
b2: <- b1
  v12 = Mul i64 (v11, v11)
  v15 = Lt bool (v12, v0)
  if v15 b3 b4
b3: <- b2
  v16 = Sub i64 (v12, v10)
  return v16
b4: <- b2
  v13 = Add i64 (v10, v3)
  jump b1
b5: <- b1
  return v11
}
)", kAll);
  EXPECT_EQ(count(out, "Mul"), 3u) << out;
  EXPECT_EQ(count(out, "Lt"), 3u) << out;
  EXPECT_EQ(count(out, "Phi"), 2u) << out << "the product and the counter, where the loop is left";
}

TEST(UnrollLoops, NestsFromTheInside) {
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param i64 #0
  v2 = Const i64 #0
  v3 = Const i64 #1
  v4 = Const i64 #3
  jump b1
b1: <- b0 b4
  v10 = Phi i64 (v2, v13)
  v11 = Phi i64 (v0, v21)
  v14 = Lt bool (v10, v4)
  if v14 b2 b5
b2: <- b1 b3
  v20 = Phi i64 (v4, v23)
  v21 = Phi i64 (v11, v22)
  v24 = Lt bool (v2, v20)
  if v24 b3 b4
b3: <- b2
  v22 = Mul i64 (v21, v0)
  v23 = Sub i64 (v20, v3)
  jump b2
b4: <- b2
  v13 = Add i64 (v10, v3)
  jump b1
b5: <- b1
  return v11
}
)", kAll);
  EXPECT_EQ(count(out, "Mul"), 9u) << out;
  EXPECT_EQ(count(out, "b1:"), 0u) << out;
}

// The counter of a byte wraps; 250, 252, 254, 0 are four numbers that are not 2.
TEST(UnrollLoops, CountersWrap) {
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param i64 #0
  v2 = Const i8 #-6
  v3 = Const i8 #2
  jump b1
b1: <- b0 b2
  v10 = Phi i8 (v2, v13)
  v11 = Phi i64 (v0, v12)
  v14 = Ne bool (v10, v3)
  if v14 b2 b3
b2: <- b1
  v12 = Mul i64 (v11, v0)
  v13 = Add i8 (v10, v3)
  jump b1
b3: <- b1
  return v11
}
)", kAll);
  EXPECT_EQ(count(out, "Mul"), 4u) << out;
}

// Two loops in a row: the second one's start is the first one's result.
TEST(UnrollLoops, OneBehindTheOther) {
  std::string out = TestWorld().run(loop(2, "  v12 = Mul i64 (v11, v0)\n", R"(  jump b4
b4: <- b3 b5
  v30 = Phi i64 (v2, v33)
  v31 = Phi i64 (v11, v32)
  v34 = Ne bool (v30, v4)
  if v34 b5 b6
b5: <- b4
  v32 = Add i64 (v31, v11)
  v33 = Add i64 (v30, v3)
  jump b4
b6: <- b4
  v35 = Sub i64 (v31, v11)
  return v35
)"), kAll);
  EXPECT_EQ(count(out, "Phi"), 0u) << out;
  EXPECT_EQ(count(out, "Mul"), 2u) << out;
  EXPECT_EQ(count(out, "Add"), 2u) << out;
}

// An index that is too large by then: what would come behind its check is not kept.
TEST(UnrollLoops, ChecksThatFail) {
  const std::string_view body =
      "  v22 = Const i64 #2\n  BoundsCheck void (v10, v22)\n  v20 = AddPtr ptr (v1, v10) #8\n  v21 = Load i64 (v20)\n  v12 = Add i64 (v11, v21)\n";
  const std::string out = TestWorld().run(loop(4, body), kAll);
  EXPECT_EQ(count(out, "BoundsCheck"), 1u) << out;
  EXPECT_EQ(count(out, "Load"), 2u) << out;
  EXPECT_EQ(count(out, "return"), 0u) << out;
}

}  // namespace
}  // namespace gale::opt
