// Small rewrites of fold-constants and remove-dead-code.
#include <gtest/gtest.h>

#include "opt/test_world.h"

namespace gale::opt {
namespace {

TEST(RemoveDeadCode, LoadsOfNoUseGoIfTheirAddressIsNotNil) {
  std::string out = TestWorld().run(R"(func "f" sig(ptr@r0 i64@r1 ptr@r2 -> i64@r0) stack(0 0 24) {
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v2 = Param ptr #2
  v3 = AddPtr ptr (v0, v1) #24
  v4 = Load i64 (v3) #16
  v5 = NilCheck ptr (v2)
  v6 = Load i64 (v5)
  v7 = Load i32 (v0)
  return v1
}
)", "remove-dead-code");
  EXPECT_EQ(out.find("Load i64"), out.npos) << out;
  EXPECT_NE(out.find("NilCheck"), out.npos) << out;
  EXPECT_NE(out.find("Load i32"), out.npos) << "it faults if the parameter is nil\n" << out;
}

TEST(FoldConstants, LoadsOfDataThatNeverChanges) {
  constexpr std::string_view text = R"(func "f" sig(-> i64@r0 ptr@r1) {
b0:
  v0 = SymAddr ptr "number"
  v1 = Load i64 (v0)
  v2 = SymAddr ptr "pointer"
  v3 = Load ptr (v2)
  v4 = SymAddr ptr "variable"
  v5 = Load i64 (v4)
  v6 = Add i64 (v1, v5)
  return v6, v3
}
)";
  TestWorld world;
  world.constants["number"] = {true, true, Symbol(), 42};
  world.constants["pointer"] = {true, true, Symbol("table"), 8};
  const std::string out = world.run(text, "fold-constants");
  EXPECT_NE(out.find("Const i64 #42"), out.npos) << out;
  EXPECT_NE(out.find("SymAddr ptr \"table\" #8"), out.npos) << out;
  EXPECT_EQ(count(out, "Load"), 1u) << out;
}

TEST(FoldConstants, TwiceANumberIsASum) {
  std::string out = TestWorld().run(R"(func "f" sig(f64@x0 -> f64@x0) stack(0 0 8) {
b0:
  v0 = Param f64 #0
  v1 = ConstF f64 #4611686018427387904
  v2 = FMul f64 (v1, v0)
  return v2
}
)", "fold-constants");
  EXPECT_NE(out.find("FAdd f64 (v0, v0)"), out.npos) << out;
}

// Of several edges to one block that of the constant stays, with its argument of the phi.
TEST(RemoveDeadBlocks, SwitchOnAConstant) {
  auto run = [](int tag) {
    return TestWorld().run(R"(func "f" sig(i64@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Const i64 #)" + std::to_string(tag) + R"(
  v1 = Const i64 #101
  v2 = Const i64 #102
  v3 = Const i64 #103
  switch v0 #5 b1 b2 b1 b2
b1: <- b0 b0
  v4 = Phi i64 (v1, v2)
  return v4
b2: <- b0 b0
  v5 = Phi i64 (v3, v0)
  return v5
}
)", "remove-dead-blocks,fold-constants");
  };
  EXPECT_NE(run(5).find("return v1"), std::string::npos) << run(5);
  EXPECT_NE(run(7).find("return v2"), std::string::npos) << run(7);
  EXPECT_NE(run(6).find("return v3"), std::string::npos) << run(6);
  EXPECT_NE(run(9).find("return v0"), std::string::npos) << run(9);
}

}  // namespace
}  // namespace gale::opt
