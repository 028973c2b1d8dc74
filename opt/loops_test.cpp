// prove, rotate-loops and hoist on loops as lower makes them.
#include <gtest/gtest.h>

#include "opt/test_world.h"

namespace gale::opt {
namespace {

// The body of `for i := START; i OP BOUND; i += STEP` over slice (v0, v1), with checks as given; v4 is i.
std::string loop(std::string_view before, std::string_view start, std::string_view test, std::string_view body, std::string_view step) {
  std::string text = R"(func "f" sig(ptr@r0 i64@r1 i64@r2 -> i64@r0) stack(0 0 24) {
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v2 = Param i64 #2
  v3 = Const i64 #0
  v20 = Const i64 #1
)";
  text += before;
  text += "  jump b1\nb1: <- b0 b2\n  v4 = Phi i64 (";
  text += start;
  text += ", v8)\n  v5 = Phi i64 (v3, v9)\n";
  text += test;
  text += "  if v6 b2 b3\nb2: <- b1\n";
  text += body;
  text += "  v9 = Add i64 (v5, v4)\n";
  text += step;
  text += "  jump b1\nb3: <- b1\n  return v5\n}\n";
  return text;
}

struct Case {
  std::string_view name, before, start, test, body, step;
  size_t left;  // checks that stay
};

TEST(Prove, ChecksInLoops) {
  const Case cases[] = {
      {"up to the length", "", "v3", "  v6 = Lt bool (v4, v1)\n", "  BoundsCheck void (v4, v1)\n", "  v8 = Add i64 (v4, v20)\n", 0},
      {"neighbours below length - 1", "  v30 = Sub i64 (v1, v20)\n", "v3", "  v6 = Lt bool (v4, v30)\n",
       "  BoundsCheck void (v4, v1)\n  v31 = Add i64 (v4, v20)\n  BoundsCheck void (v31, v1)\n", "  v8 = Add i64 (v4, v20)\n", 0},
      {"the next of the last", "", "v3", "  v6 = Lt bool (v4, v1)\n", "  v31 = Add i64 (v4, v20)\n  BoundsCheck void (v31, v1)\n",
       "  v8 = Add i64 (v4, v20)\n", 1},
      {"down to zero", "  v30 = Sub i64 (v1, v20)\n", "v30", "  v6 = Le bool (v3, v4)\n", "  BoundsCheck void (v4, v1)\n",
       "  v8 = Sub i64 (v4, v20)\n", 0},
      {"down to a parameter", "  v30 = Sub i64 (v1, v20)\n", "v30", "  v6 = Le bool (v2, v4)\n", "  BoundsCheck void (v4, v1)\n",
       "  v8 = Sub i64 (v4, v20)\n", 1},
      {"start unknown", "", "v2", "  v6 = Lt bool (v4, v1)\n", "  BoundsCheck void (v4, v1)\n", "  v8 = Add i64 (v4, v20)\n", 1},
      {"steps that may wrap", "", "v3", "  v6 = Lt bool (v4, v1)\n", "  BoundsCheck void (v4, v1)\n",
       "  v40 = Const i64 #2\n  v8 = Add i64 (v4, v40)\n", 1},
      // v1 might be the smallest number, for all that is known before the loop.
      {"steps of 2 below n - 1", "  v30 = Sub i64 (v1, v20)\n", "v3", "  v6 = Lt bool (v4, v30)\n", "  BoundsCheck void (v4, v1)\n",
       "  v40 = Const i64 #2\n  v8 = Add i64 (v4, v40)\n", 1},
      {"steps of 2 below a number that leaves room", "  v30 = Const i64 #1000\n", "v3", "  v6 = Lt bool (v4, v30)\n",
       "  BoundsCheck void (v4, v30)\n", "  v40 = Const i64 #2\n  v8 = Add i64 (v4, v40)\n", 0},
      {"half of it", "", "v3", "  v6 = Lt bool (v4, v1)\n", "  v40 = Shr i64 (v4, v20)\n  BoundsCheck void (v40, v1)\n",
       "  v8 = Add i64 (v4, v20)\n", 0},
      {"not equal to the length", "", "v3", "  v6 = Ne bool (v4, v1)\n", "  BoundsCheck void (v4, v1)\n", "  v8 = Add i64 (v4, v20)\n", 1},
  };
  for (const Case& c : cases) {
    std::string out = TestWorld().run(loop(c.before, c.start, c.test, c.body, c.step), "prove");
    EXPECT_EQ(count(out, "BoundsCheck"), c.left) << c.name << "\n" << out;
  }
}

TEST(Prove, HintsSlicesAndMasks) {
  std::string out = TestWorld().run(R"(func "f" sig(ptr@r0 i64@r1 i64@r2 -> i64@r0) stack(0 0 24) {
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v2 = Param i64 #2
  v3 = Const i64 #7
  v4 = Const i64 #2
  BoundsCheck void (v3, v1)
  BoundsCheck void (v4, v1)
  v5 = Const i64 #64
  v6 = Const i64 #63
  v7 = And i64 (v2, v6)
  BoundsCheck void (v7, v5)
  v8 = Shl i64 (v3, v7)
  v9 = Lt bool (v1, v4)
  if v9 b1 b2
b1: <- b0
  return v2
b2: <- b0
  return v8
}
)", "prove");
  EXPECT_EQ(count(out, "BoundsCheck"), 1u) << out;
  EXPECT_EQ(count(out, ") #1\n"), 1u) << out;
  EXPECT_EQ(count(out, "if "), 0u) << out;
}

TEST(Prove, DivisionsOfWhatIsNotNegative) {
  // (v1 & 63) / 7, v1 / 7, and v1 % v2 where both are known to be at least 0
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 i64@r1 -> i64@r0) stack(0 0 24) {
b0:
  v1 = Param i64 #0
  v2 = Param i64 #1
  v3 = Const i64 #7
  v4 = Const i64 #63
  v5 = And i64 (v1, v4)
  v6 = Div i64 (v5, v3)
  v7 = Div i64 (v1, v3)
  v8 = Add i64 (v6, v7)
  v9 = Const i64 #0
  v10 = Lt bool (v9, v2)
  if v10 b1 b2
b1: <- b0
  v11 = Le bool (v9, v1)
  if v11 b3 b2
b2: <- b0 b1
  return v8
b3: <- b1
  v12 = Rem i64 (v1, v2)
  v13 = Add i64 (v12, v8)
  return v13
}
)", "prove");
  EXPECT_NE(out.find("v5 = Div i64 (v4, v2) #1\n"), out.npos) << out;
  EXPECT_NE(out.find("v6 = Div i64 (v0, v2)\n"), out.npos) << out;
  EXPECT_NE(out.find("v11 = Rem i64 (v0, v1) #1\n"), out.npos) << out;
}

TEST(Prove, ALengthIsNotOneBeforeItIsChecked) {
  // n < 0 ? 0 : s[:n][k]
  std::string out = TestWorld().run(R"(func "f" sig(ptr@r0 i64@r1 i64@r2 -> i64@r0) stack(0 0 24) {
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v2 = Param i64 #2
  v3 = Const i64 #0
  v4 = Lt bool (v2, v3)
  if v4 b1 b2
b1: <- b0
  return v3
b2: <- b0
  BoundsCheck void (v2, v1) #1
  BoundsCheck void (v3, v2)
  v5 = Load i64 (v0)
  v6 = Lt bool (v2, v3)
  if v6 b3 b4
b3: <- b2
  return v3
b4: <- b2
  return v5
}
)", "prove");
  EXPECT_EQ(count(out, "if "), 1u) << out;
  EXPECT_EQ(count(out, "BoundsCheck"), 2u) << out;
}

TEST(RotateLoops, TestsAtTheBottom) {
  std::string out = TestWorld().run(loop("", "v3", "  v6 = Lt bool (v4, v1)\n", "", "  v8 = Add i64 (v4, v20)\n"), "rotate-loops");
  EXPECT_EQ(count(out, "Lt bool"), 2u) << out;
  EXPECT_EQ(count(out, "jump"), 0u) << out;  // entry ends in the guard, the body in the test, both lead on
}

TEST(RotateLoops, ValuesOfTheHeaderAreMended) {
  // v5 is used behind the loop and, a copy of the last iteration, in it; the two variables swap.
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 i64@r1 -> i64@r0) stack(0 0 16) {
b0:
  v0 = Param i64 #0
  v1 = Param i64 #1
  jump b1
b1: <- b0 b2
  v4 = Phi i64 (v0, v5)
  v5 = Phi i64 (v1, v4)
  v7 = Sub i64 (v4, v5)
  v6 = Lt bool (v7, v1)
  if v6 b2 b3
b2: <- b1
  Call void (v7) "g" sig(i64@r0 ->)
  jump b1
b3: <- b1
  v8 = Add i64 (v7, v5)
  return v8
}
)", "rotate-loops");
  EXPECT_EQ(count(out, "Sub i64"), 2u) << out;
  EXPECT_EQ(count(out, "Lt bool"), 2u) << out;
}

TEST(Hoist, WhatDoesNotChange) {
  std::string out = TestWorld().run(loop("", "v3", "  v6 = Lt bool (v4, v1)\n",
                                         "  v30 = NilCheck ptr (v0)\n  v31 = Load i64 (v30) #8\n  v32 = Mul i64 (v31, v2)\n", "  v8 = Add i64 (v4, v32)\n"),
                                    "rotate-loops,hoist");
  // Into a block between the guard and the body, printed last; the body leads to itself.
  size_t load = out.find("Load i64"), made = out.find("\nb7: <- b0");
  EXPECT_NE(made, out.npos) << out;
  EXPECT_GT(load, made) << out;
  EXPECT_GT(out.find("Mul i64"), made) << out;
}

TEST(Hoist, NotAboveWritesCallsAndEffects) {
  for (std::string_view before : {"  Store void (v0, v5) #8\n", "  Call void (v5) \"g\" sig(i64@r0 ->)\n", "  BoundsCheck void (v4, v2)\n"}) {
    std::string body(before);
    body += "  v31 = Load i64 (v0) #8\n  Store void (v0, v31) #16\n";
    std::string out = TestWorld().run(loop("", "v3", "  v6 = Lt bool (v4, v1)\n", body, "  v8 = Add i64 (v4, v20)\n"), "rotate-loops,hoist");
    EXPECT_GT(out.find("v31 = Load i64"), out.find("Phi i64")) << before << out;
  }
}

// Only so many writes of a loop are remembered, and one that is not may be to a variable whose address nobody has.
TEST(Hoist, NotAboveTheLastOfManyWrites) {
  std::string body = "  v31 = Load i64 (v50)\n";
  for (int i = 0; i < 40; i++) body += "  Store void (v0, v31) #" + std::to_string(8 * i) + "\n";
  body += "  Store void (v50, v4)\n";
  std::string text = loop("  v50 = LocalAddr ptr l0\n  Store void (v50, v2)\n", "v3", "  v6 = Lt bool (v4, v1)\n", body, "  v8 = Add i64 (v4, v20)\n");
  text.insert(text.find("b0:"), "local l0 size 8 align 8 \"\"\n");
  std::string out = TestWorld().run(text, "rotate-loops,hoist");
  EXPECT_GT(out.find("Load i64"), out.find("Phi i64")) << out;
  EXPECT_LT(out.find("Load i64"), out.find("Store void (v0,")) << out;
}

}  // namespace
}  // namespace gale::opt
