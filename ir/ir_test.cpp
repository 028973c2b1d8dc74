#include <gtest/gtest.h>

#include "ir/dominators.h"
#include "ir/text.h"

namespace gale::ir {
namespace {

constexpr std::string_view kSum = R"(func "main.sum" sig(ptr@r0 i64@r1 -> i64@r0) stack(0 0 16) {
local l0 size 16 align 8 mask 03 "tmp"
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v2 = Const i64 #0
  v3 = LocalAddr ptr l0
  jump b1
b1: <- b0 b2
  v4 = Phi i64 (v2, v9)
  v5 = Phi i64 (v2, v8)
  v6 = Lt bool (v4, v1)
  if v6 b2 b3 likely
b2: <- b1
  v7 = AddPtr ptr (v0, v4) #8
  v10 = Load i64 (v7)
  v8 = Add i64 (v5, v10)
  v11 = Const i64 #1
  v9 = Add i64 (v4, v11)
  Call void () "runtime.f" sig(->) flags 2
  jump b1
b3: <- b1
  return v5
}
)";

std::unique_ptr<Func> parse_one(std::string_view text) {
  std::string error;
  auto funcs = parse(text, &error);
  EXPECT_EQ(error, "");
  return funcs.size() == 1 ? std::move(funcs[0]) : nullptr;
}

TEST(IrText, RoundTrips) {
  auto f = parse_one(kSum);
  ASSERT_NE(f, nullptr);
  EXPECT_EQ(verify(*f, true), "");
  std::string once = print(*f);
  auto g = parse_one(once);
  ASSERT_NE(g, nullptr);
  EXPECT_EQ(print(*g), once);
}

TEST(IrText, SaysWhereItIsWrong) {
  std::string error;
  parse("func \"f\" sig(->) {\nb0:\n  v1 = Frobnicate i64\n  return\n}\n", &error);
  EXPECT_EQ(error, "line 3: unknown op");
}

TEST(Verify, FindsUsesThatAreNotDominated) {
  auto f = parse_one("func \"f\" sig(-> i64@r0) {\nb0:\n  v1 = Add i64 (v2, v2)\n  v2 = Const i64 #1\n  return v1\n}\n");
  EXPECT_NE(verify(*f).find("not dominated"), std::string::npos);
}

TEST(Verify, FindsWrongTypes) {
  auto f = parse_one("func \"f\" sig(-> i64@r0) {\nb0:\n  v1 = Const i32 #1\n  v2 = Add i64 (v1, v1)\n  return v2\n}\n");
  EXPECT_NE(verify(*f).find("integers of one type"), std::string::npos);
}

TEST(Loops, NestAndHaveDepths) {
  auto f = parse_one(kSum);
  Dominators dom(*f);
  Loops loops(*f, dom);
  ASSERT_EQ(loops.loops.size(), 1u);
  EXPECT_EQ(loops.loops[0].blocks.size(), 2u);
  EXPECT_EQ(loops.depth(loops.loops[0].header), 1);
  EXPECT_EQ(loops.depth(f->entry), 0);
}

}  // namespace
}  // namespace gale::ir
