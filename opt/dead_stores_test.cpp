#include <gtest/gtest.h>

#include "opt/test_world.h"

namespace gale::opt {
namespace {

// `body` with parameters v0, v1 (pointers), v2, a checked v3 = v0, the address v4 of a local of 32 bytes, v5 = 0 and v6 = 7.
std::string run(std::string_view body, std::string_view end = "  return v2\n") {
  std::string text = R"(func "f" sig(ptr@r0 ptr@r1 i64@r2 -> i64@r0) stack(0 0 24) {
local l0 size 32 align 8 ""
b0:
  v0 = Param ptr #0
  v1 = Param ptr #1
  v2 = Param i64 #2
  v3 = NilCheck ptr (v0)
  v4 = LocalAddr ptr l0
  v5 = Const i64 #0
  v6 = Const i64 #7
)";
  text += body;
  text += end;
  return TestWorld().run(text + "}\n", "dead-stores");
}

TEST(DeadStores, OverwrittenBeforeItIsRead) {
  EXPECT_EQ(count(run("  Store void (v3, v5)\n  Store void (v3, v6)\n"), "Store"), 1u);
  EXPECT_EQ(count(run("  Store void (v3, v5)\n  Store void (v3, v6) #8\n"), "Store"), 2u);
  EXPECT_EQ(count(run("  Store void (v3, v5)\n  v7 = Load i64 (v3)\n  Store void (v3, v7)\n"), "Store"), 2u) << "read in between";
  EXPECT_EQ(count(run("  Store void (v3, v5)\n  v7 = Load i64 (v1)\n  Store void (v3, v7)\n"), "Store"), 2u) << "perhaps the same memory; and it may fault";
  EXPECT_EQ(count(run("  Store void (v3, v5)\n  BoundsCheck void (v2, v6)\n  Store void (v3, v6)\n"), "Store"), 2u) << "the panic may be caught";
  EXPECT_EQ(count(run("  Store void (v3, v5)\n  Call void () \"g\" sig(->)\n  Store void (v3, v6)\n"), "Store"), 2u);
  EXPECT_EQ(count(run("  Store void (v0, v5)\n  Store void (v0, v6)\n"), "Store"), 2u) << "the first one is where it faults";
}

TEST(DeadStores, SeveralStoresCoverAClearing) {
  const std::string_view kept = "  v7 = Load i64 (v4) #24\n  Call void (v4) \"g\" sig(ptr@r0 ->) stack(0 0 8)\n";
  const std::string fields = "  Store void (v4, v6) #16\n  Store void (v4, v6)\n  Store void (v4, v6) #8\n";
  EXPECT_EQ(count(run("  Zero void (v4) #24\n" + fields + std::string(kept)), "Zero"), 0u);
  EXPECT_EQ(count(run("  Zero void (v4) #32\n" + fields + std::string(kept)), "Zero"), 1u);
}

TEST(DeadStores, VariablesThatNobodyReads) {
  EXPECT_EQ(count(run("  v7 = AddPtr ptr (v4, v2) #8\n  Store void (v7, v6)\n"), "Store"), 0u);
  EXPECT_EQ(count(run("  v7 = AddPtr ptr (v4, v2) #8\n  Store void (v7, v6)\n  v8 = Load i64 (v4)\n"), "Store"), 1u);
  EXPECT_EQ(count(run("  v7 = AddPtr ptr (v4, v2) #8\n  v8 = Load i64 (v7)\n  Store void (v7, v6)\n"), "Store"), 0u) << "not before the return";
  EXPECT_EQ(count(run("  Store void (v4, v6)\n  Call void (v4) \"g\" sig(ptr@r0 ->) stack(0 0 8)\n"), "Store"), 1u) << "somebody has the address";
  const std::string loop = run("  jump b1\nb1: <- b0 b1\n  v8 = Load i64 (v4)\n  Store void (v4, v6)\n  v9 = Lt bool (v8, v2)\n  if v9 b1 b2\nb2: <- b1\n");
  EXPECT_EQ(count(loop, "Store"), 1u) << "the next iteration reads it\n" << loop;
}

}  // namespace
}  // namespace gale::opt
