// What register allocation leaves in the code: moves that need not be.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "amd64/jit_test.h"

namespace gale::amd64 {
namespace {

size_t count(const std::string& text, std::string_view what) {
  size_t n = 0;
  for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) n++;
  return n;
}

std::string code_of(const Jit& jit) { return jit.listing.substr(jit.listing.rfind("-- asm")); }

// x, y, x*x and y*y change places in each turn of the loop (Mandelbrot's): each is made where the loop's header wants it.
TEST(Allocation, WhatGoesRoundALoopIsMadeInPlace) {
  Jit jit;
  ASSERT_EQ(jit.add(R"(func "steps" sig(f64@x0 f64@x1 i64@r0 -> i64@r0) {
b0:
  v0 = Param f64 #0
  v1 = Param f64 #1
  v2 = Param i64 #2
  v3 = ConstF f64 #0
  v4 = Const i64 #0
  v5 = Const i64 #1
  v6 = ConstF f64 #4616189618054758400
  jump b1
b1: <- b0 b2
  v10 = Phi f64 (v3, v22)
  v11 = Phi f64 (v3, v25)
  v12 = Phi f64 (v3, v26)
  v13 = Phi f64 (v3, v27)
  v14 = Phi i64 (v4, v28)
  v15 = FAdd f64 (v12, v13)
  v16 = FLe bool (v15, v6)
  if v16 b2 b3 likely
b2: <- b1
  v23 = FSub f64 (v12, v13)
  v20 = FAdd f64 (v11, v11)
  v21 = FMul f64 (v20, v10)
  v22 = FAdd f64 (v21, v1)
  v25 = FAdd f64 (v23, v0)
  v26 = FMul f64 (v25, v25)
  v27 = FMul f64 (v22, v22)
  v28 = Add i64 (v14, v5)
  v29 = Lt bool (v28, v2)
  if v29 b1 b3 likely
b3: <- b1 b2
  v30 = Phi i64 (v14, v28)
  return v30
}
)"), "");
  ASSERT_EQ(jit.link(), "");
  auto bits = [](double d) {
    uint64_t b;
    std::memcpy(&b, &d, 8);
    return b;
  };
  for (double cr : {-0.5, 0.3, -1.2, 0.4}) {
    double x = 0, y = 0, x2 = 0, y2 = 0, ci = 0.55;
    uint64_t n = 0;
    while (x2 + y2 <= 4) {
      y = (x + x) * y + ci;
      x = x2 - y2 + cr;
      x2 = x * x, y2 = y * y;
      if (++n >= 200) break;
    }
    Registers r;
    r.floats[0] = bits(cr);
    r.floats[1] = bits(ci);
    r.ints[0] = 200;
    EXPECT_EQ(jit.run("steps", r), n) << cr << "\n" << jit.listing;
  }
  const std::string code = code_of(jit);
  EXPECT_EQ(count(code, "xchg"), 0u) << code;
  EXPECT_LE(count(code, "movap"), 6u) << code;
}

// What all ways through a loop do before its next turn stands in front of the header, which does not decide about leaving: the ways
// jump once.
TEST(Allocation, WhatEndsEachTurnStandsBeforeTheHeader) {
  Jit jit;
  ASSERT_EQ(jit.add(R"(func "walk" sig(ptr@r0 -> i64@r0) {
b0:
  v0 = Param ptr #0
  v1 = Const i64 #0
  v2 = Const i64 #1
  jump b1
b1: <- b0 b5
  v3 = Phi i64 (v1, v12)
  v4 = Phi i64 (v1, v11)
  v5 = AddPtr ptr (v0, v3) #1
  v6 = Load i8 (v5) #0
  v10 = ZExt i64 (v6)
  switch v10 #0 b2 b3 b4 b6
b2: <- b1
  v7 = Add i64 (v4, v2)
  jump b5
b3: <- b1
  v8 = Add i64 (v4, v4)
  jump b5
b4: <- b1
  v9 = Sub i64 (v4, v2)
  jump b5
b5: <- b2 b3 b4
  v11 = Phi i64 (v7, v8, v9)
  v12 = Add i64 (v3, v2)
  jump b1
b6: <- b1
  return v4
}
)"), "");
  ASSERT_EQ(jit.link(), "");
  const uint8_t program[] = {0, 1, 1, 2, 1, 0, 9};
  EXPECT_EQ(jit.run("walk", {reinterpret_cast<uint64_t>(program)}), 7u);
  const std::string code = code_of(jit);
  EXPECT_LT(code.find("b5:"), code.find("b1:")) << code;
}

// The division takes RAX and RDX: what lives through the loop is elsewhere from its start, and no move goes there and back.
TEST(Allocation, ALoopLeavesRegistersThatItsInstructionsTake) {
  Jit jit;
  ASSERT_EQ(jit.add(R"(func "digits" sig(i64@r0 i64@r1 -> i64@r0) {
b0:
  v0 = Param i64 #0
  v1 = Param i64 #1
  v2 = Const i64 #0
  v3 = Const i64 #1
  jump b1
b1: <- b0 b1
  v4 = Phi i64 (v2, v8)
  v5 = Phi i64 (v2, v7)
  v6 = UDiv i64 (v4, v1)
  v7 = Add i64 (v5, v6)
  v8 = Add i64 (v4, v3)
  v9 = Lt bool (v8, v0)
  if v9 b1 b2 likely
b2: <- b1
  return v7
}
)"), "");
  ASSERT_EQ(jit.link(), "");
  EXPECT_EQ(jit.run("digits", {100, 7}), 665u);
  const std::string code = code_of(jit);
  const std::string loop = code.substr(code.find("div"));
  EXPECT_EQ(count(loop.substr(0, loop.find("j")), "move"), 0u) << code;
}

// Only the way that ends in the runtime's panic has a frame: the other one starts with what the function is about.
TEST(Allocation, AFrameIsMadeWhereAPanicNeedsIt) {
  auto depths_with = [](std::string_view callee) {
    Jit jit;
    EXPECT_EQ(jit.add(fmt::format(R"(func "get" sig(ptr@r0 i64@r1 -> i64@r0) stack(0 0 16) {{
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v2 = Const ptr #0
  v3 = Eq bool (v0, v2)
  if v3 b1 b2 unlikely
b1: cold <- b0
  Call void (v1) "{}" sig(i64@r0 ->) stack(0 0 8) flags 1
  unreachable
b2: <- b0
  v5 = Load i64 (v0) #0
  v6 = Add i64 (v5, v1)
  return v6
}}
)", callee)), "");
    std::vector<int32_t> depths;
    for (const link::PcValue& row : jit.object().definitions[0].func->pcsp) depths.push_back(row.value);
    return depths;
  };
  EXPECT_EQ(depths_with("runtime.panicsomehow"), (std::vector<int32_t>{0, 8, 16}));  // in the body none; push, room for the callee
  // What is no part of the runtime may come back here: that needs the check of the stack, and a frame to call from.
  EXPECT_EQ(depths_with("main.fail"), (std::vector<int32_t>{0, 8, 16, 8, 0, 16, 0}));
}

// A value that is alive across a call of a LEAF row stays in its register.
TEST(Allocation, LeavesKeepRegisters) {
  Jit jit;
  ASSERT_EQ(jit.add(R"(func "f" sig(ptr@r0 ptr@r1 i64@r2 i64@r3 f64@x0 -> i64@r0 f64@x0) stack(0 0 40) {
b0:
  v0 = Param ptr #0
  v1 = Param ptr #1
  v2 = Param i64 #2
  v3 = Param i64 #3
  v4 = Param f64 #4
  v5 = Call bool (v0, v1, v2) "runtime.memequal" sig(ptr@r0 ptr@r1 i64@r2 -> bool@r0) stack(0 0 24) flags 258
  v6 = ZExt i64 (v5)
  v7 = Add i64 (v6, v3)
  return v7, v4
}
)"), "");
  const std::string code = code_of(jit);
  EXPECT_EQ(count(code, "[rbp"), 0u) << code;
}

// f(n) = f(n - 1) + f(n - 2): what waits for a call to end keeps no register, the sum takes the one that the result comes in, and
// slots are read by RSP while RBP is on its way.
TEST(Allocation, RecursionMovesNothing) {
  Jit jit;
  ASSERT_EQ(jit.add(R"(func "f" sig(i64@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param i64 #0
  v1 = Const i64 #2
  v2 = Const i64 #1
  v3 = Lt bool (v0, v1)
  if v3 b1 b2
b1: <- b0
  return v0
b2: <- b0
  v4 = Sub i64 (v0, v2)
  v5 = Call i64 (v4) "f" sig(i64@r0 -> i64@r0) stack(0 0 8)
  v6 = Sub i64 (v0, v1)
  v7 = Call i64 (v6) "f" sig(i64@r0 -> i64@r0) stack(0 0 8)
  v8 = Add i64 (v5, v7)
  return v8
}
)"), "");
  const std::string code = code_of(jit);
  EXPECT_EQ(count(code, "mov rax, r"), 0u) << code;
  EXPECT_EQ(count(code, "lea"), 0u) << code;
  EXPECT_EQ(count(code, ", [rbp"), 0u) << code;
}

// An operation of 32 bits leaves the upper half of its register zero.
TEST(Allocation, ExtensionsOfNarrowResultsAreNothing) {
  Jit jit;
  ASSERT_EQ(jit.add(R"(func "f" sig(i32@r0 ptr@r1 -> i64@r0) stack(0 0 16) {
b0:
  v0 = Param i32 #0
  v1 = Param ptr #1
  v2 = Const i32 #-1640531535
  v3 = Mul i32 (v0, v2)
  v4 = Const i64 #20
  v5 = Shr i32 (v3, v4) #1
  v6 = ZExt i64 (v5)
  v7 = AddPtr ptr (v1, v6) #8
  v8 = Load i64 (v7)
  return v8
}
)"), "");
  EXPECT_LE(count(code_of(jit), "mov"), 1u) << code_of(jit);
}

}  // namespace
}  // namespace gale::amd64
