#include <gtest/gtest.h>

#include "ir/text.h"
#include "opt/escape.h"
#include "opt/test_world.h"

namespace gale::opt {
namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST(Escape, KeepsWhatIsOnlyReadAndWritten) {
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param i64 #0
  v1 = New ptr type "T"
  Store void (v1, v0) #8
  v2 = Load i64 (v1) #8
  return v2
}
)", "escape");
  EXPECT_TRUE(has(out, "LocalAddr ptr l0")) << out;
  EXPECT_TRUE(has(out, "local l0 size 16 align 8 mask 01")) << out;
  EXPECT_FALSE(has(out, "New")) << out;
}

TEST(Escape, ReturnedStoredAndPassedEscape) {
  for (std::string_view use : {"  return v1", "  StorePtr void (v0, v1)\n  return v0", "  Call void (v1) \"g\" sig(ptr@r0 ->)\n  return v0",
                               "  v3 = SymAddr ptr \"global\"\n  StorePtr void (v3, v1)\n  return v0",
                               "  v3 = PtrToInt i64 (v1)\n  Store void (v0, v3) #8\n  return v0"}) {
    std::string out = TestWorld().run(R"(func "f" sig(ptr@r0 -> ptr@r0) stack(0 0 8) {
b0:
  v0 = Param ptr #0
  v1 = New ptr type "T"
)" + std::string(use) + "\n}\n", "escape");
    EXPECT_TRUE(has(out, "New ptr")) << out;
  }
}

TEST(Escape, WhatAnObjectOfTheHeapHoldsIsThereToo) {
  // v3 is an array of a size that is not known; v2 and the parameter lie in it.
  std::string text = R"(func "f" sig(i64@r0 ptr@r1 -> i64@r0) stack(0 0 16) {
b0:
  v0 = Param i64 #0
  v1 = Param ptr #1
  v2 = New ptr type "T"
  v3 = NewArray ptr (v0) type "T"
  StorePtr void (v3, v2)
  StorePtr void (v3, v1)
  return v0
}
func "caller" sig(i64@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param i64 #0
  v1 = New ptr type "T"
  v2 = Call i64 (v0, v1) "f" sig(i64@r0 ptr@r1 -> i64@r0)
  return v2
}
)";
  EXPECT_FALSE(has(TestWorld().run(text.substr(0, text.find("func \"caller\"")), "escape"), "LocalAddr"));
  std::string out = TestWorld().run(text, "escape");
  EXPECT_TRUE(has(out, "New ptr")) << "the summary of f lets its parameter out\n" << out;
}

TEST(Escape, FollowsContentOfObjects) {
  // v1 lies in v2, which is returned.
  std::string out = TestWorld().run(R"(func "f" sig(-> ptr@r0) {
b0:
  v1 = New ptr type "T"
  v2 = New ptr type "T"
  StorePtr void (v2, v1)
  v3 = Load ptr (v2)
  return v3
}
)", "escape");
  EXPECT_TRUE(has(out, "v0 = New ptr")) << out;       // what is loaded from v2 is v1
  EXPECT_TRUE(has(out, "v1 = LocalAddr ptr")) << out;  // v2 itself stays
}

TEST(Escape, UsesSummariesOfCallees) {
  std::string out = TestWorld().run(R"(func "reads" sig(ptr@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param ptr #0
  v1 = Load i64 (v0) #8
  return v1
}
func "keeps" sig(ptr@r0 ->) stack(0 0 8) {
b0:
  v0 = Param ptr #0
  v1 = SymAddr ptr "global"
  StorePtr void (v1, v0)
  return
}
func "f" sig(->) {
b0:
  v0 = New ptr type "T"
  v1 = Call i64 (v0) "reads" sig(ptr@r0 -> i64@r0)
  v2 = New ptr type "T"
  Call void (v2) "keeps" sig(ptr@r0 ->)
  return
}
)", "escape");
  EXPECT_TRUE(has(out, "v0 = LocalAddr")) << out;
  EXPECT_TRUE(has(out, "v2 = New")) << out;
}

TEST(Escape, ClosuresAreJudgedByTheirCode) {
  std::string out = TestWorld().run(R"(func "f.func1" attrs 8 sig(->) {
b0:
  v0 = Closure ptr
  v1 = Load ptr (v0) #8
  v2 = Load i64 (v1) #8
  Store void (v1, v2) #8
  return
}
func "f" sig(->) {
b0:
  v0 = New ptr type "T"
  v1 = New ptr type "T"
  v2 = SymAddr addr "f.func1"
  Store void (v1, v2)
  StorePtr void (v1, v0) #8
  CallClosure void (v1) sig(->)
  return
}
)", "escape");
  EXPECT_FALSE(has(out, "New")) << out;
}

TEST(Escape, LoopsNeedFreshObjects) {
  // v1 is dead when the next one is made; v5 is remembered by the phi v4.
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 ->) stack(0 0 8) {
b0:
  v0 = Param i64 #0
  v3 = Const ptr #0
  jump b1
b1: <- b0 b2
  v4 = Phi ptr (v3, v5)
  v6 = Load i64 (v4) #8
  v7 = Lt bool (v6, v0)
  if v7 b2 b3
b2: <- b1
  v1 = New ptr type "T"
  Store void (v1, v0) #8
  v5 = New ptr type "T"
  jump b1
b3: <- b1
  return
}
)", "escape");
  EXPECT_TRUE(has(out, "New ptr")) << out;
  EXPECT_TRUE(has(out, "LocalAddr ptr l0")) << out;
  EXPECT_TRUE(has(out, "Zero void")) << out;
  EXPECT_FALSE(has(out, "l1")) << out;
}

TEST(Escape, ReturnedParametersFlowToTheResult) {
  constexpr std::string_view id = R"(func "id" sig(ptr@r0 -> ptr@r0) stack(0 0 8) {
b0:
  v0 = Param ptr #0
  return v0
}
)";
  std::string out = TestWorld().run(std::string(id) + R"(func "f" sig(-> i64@r0) {
b0:
  v0 = New ptr type "T"
  v1 = Call ptr (v0) "id" sig(ptr@r0 -> ptr@r0) stack(0 0 8)
  v2 = Load i64 (v1) #8
  return v2
}
)", "escape");
  EXPECT_TRUE(has(out, "LocalAddr")) << out;
  out = TestWorld().run(std::string(id) + R"(func "f" sig(-> ptr@r0) {
b0:
  v0 = New ptr type "T"
  v1 = Call ptr (v0) "id" sig(ptr@r0 -> ptr@r0) stack(0 0 8)
  return v1
}
)", "escape");
  EXPECT_TRUE(has(out, "New")) << out;
}

TEST(Escape, WhatAnObjectThatIsReturnedHoldsEscapes) {
  std::string out = TestWorld().run(R"(func "wrap" sig(ptr@r0 -> ptr@r0) stack(0 0 8) {
b0:
  v0 = Param ptr #0
  v1 = New ptr type "T"
  StorePtr void (v1, v0)
  return v1
}
func "f" sig(->) {
b0:
  v0 = New ptr type "T"
  v1 = Call ptr (v0) "wrap" sig(ptr@r0 -> ptr@r0) stack(0 0 8)
  return
}
)", "escape");
  EXPECT_TRUE(has(out, "New")) << out;
}

TEST(Escape, WhatIsFoundInAParameterFlowsToTheResult) {
  constexpr std::string_view first = R"(func "first" sig(ptr@r0 -> ptr@r0) stack(0 0 8) {
b0:
  v0 = Param ptr #0
  v1 = Load ptr (v0)
  return v1
}
)";
  std::string out = TestWorld().run(std::string(first) + R"(func "f" sig(-> ptr@r0) {
b0:
  v0 = New ptr type "T"
  v1 = New ptr type "T"
  StorePtr void (v0, v1)
  v2 = Call ptr (v0) "first" sig(ptr@r0 -> ptr@r0) stack(0 0 8)
  return v2
}
)", "escape");
  EXPECT_TRUE(has(out, "v0 = LocalAddr")) << out;
  EXPECT_TRUE(has(out, "v1 = New")) << out;
}

TEST(Escape, CallsOfMethodsAreAsBadAsTheWorstImplementation) {
  constexpr std::string_view methods = R"(func "(*A).m" sig(ptr@r0 ptr@r1 ->) stack(0 0 16) {
b0:
  v0 = Param ptr #1
  v1 = Load i64 (v0) #8
  return
}
func "(*B).m" sig(ptr@r0 ptr@r1 ->) stack(0 0 16) {
b0:
  v0 = Param ptr #1
  v1 = SymAddr ptr "global"
  StorePtr void (v1, v0)
  return
}
func "f" sig(addr@r0 ptr@r1 ->) stack(0 0 16) {
b0:
  v0 = Param addr #0
  v1 = Param ptr #1
  v2 = Load addr (v0) #24
  v3 = New ptr type "T"
  CallCode void (v2, v1, v3) method "I.m" sig(ptr@r0 ptr@r1 ->) stack(0 0 16)
  return
}
)";
  const World::Implementation a{Symbol("(*A).m"), Symbol("type:A")}, b{Symbol("(*B).m"), Symbol("type:B")};
  TestWorld harmless, keeps, unknown;
  harmless.methods["I.m"] = {a, a, a};
  keeps.methods["I.m"] = {a, b, a};
  EXPECT_TRUE(has(harmless.run(methods, "devirtualize,escape"), "v3 = LocalAddr"));
  EXPECT_TRUE(has(keeps.run(methods, "devirtualize,escape"), "v3 = New"));
  EXPECT_TRUE(has(unknown.run(methods, "devirtualize,escape"), "v3 = New"));
}

TEST(Escape, MembersOfACycleKnowEachOther) {
  std::string error;
  auto parsed = ir::parse(R"(func "even" sig(ptr@r0 ptr@r1 ->) stack(0 0 16) {
b0:
  v0 = Param ptr #0
  v1 = Param ptr #1
  Call void (v0, v1) "odd" sig(ptr@r0 ptr@r1 ->) stack(0 0 16)
  return
}
func "odd" sig(ptr@r0 ptr@r1 ->) stack(0 0 16) {
b0:
  v0 = Param ptr #0
  v1 = Param ptr #1
  v2 = SymAddr ptr "global"
  StorePtr void (v2, v1)
  Call void (v0, v1) "even" sig(ptr@r0 ptr@r1 ->) stack(0 0 16)
  return
}
)", &error);
  ASSERT_TRUE(error.empty()) << error;
  TestWorld world;
  const CycleMember cycle[] = {{parsed[0].get(), &world}, {parsed[1].get(), &world}};
  for (const Summary& s : summarize_cycle(cycle)) {
    EXPECT_EQ(s.param_escapes, 2u);
    EXPECT_EQ(s.content_written, 2u);
  }
}

TEST(Inline, CopiesBlocksAndRecordsTheCall) {
  std::string out = TestWorld().run(R"(func "max" sig(i64@r0 i64@r1 -> i64@r0) stack(0 0 16) {
b0:
  v0 = Param i64 #0
  v1 = Param i64 #1
  v2 = Lt bool (v0, v1)
  if v2 b1 b2
b1: <- b0
  return v1
b2: <- b0
  return v0
}
func "f" sig(i64@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param i64 #0
  v1 = Const i64 #7
  v2 = Call i64 (v0, v1) "max" sig(i64@r0 i64@r1 -> i64@r0) stack(0 0 16)
  v3 = Add i64 (v2, v0)
  return v3
}
)", "inline,remove-dead-blocks");
  EXPECT_FALSE(has(out, "Call")) << out;
  EXPECT_TRUE(has(out, "Phi i64")) << out;
}

// What is passed in memory is copied to a local, which is taken apart.
TEST(Inline, ParametersAndResultsInMemory) {
  constexpr std::string_view text = R"(func "swap" sig(mem16@s0 -> mem16@s16) stack(32 16 0) {
b0:
  v0 = Param ptr #0
  v1 = Load ptr (v0)
  v2 = Load i64 (v0) #8
  v3 = ResultArea ptr #0
  v8 = Const i64 #9
  v4 = Lt bool (v2, v8)
  if v4 b1 b2
b1: <- b0
  Store void (v0, v8) #8
  v5 = Load i64 (v0) #8
  Store void (v3, v1)
  Store void (v3, v5) #8
  return v3
b2: <- b0
  v6 = ResultArea ptr #0
  Store void (v6, v1)
  Store void (v6, v2) #8
  return v6
}
func "f" sig(ptr@r0 i64@r1 -> i64@r0 i64@r1) stack(0 0 16) {
local l0 size 16 align 8 ""
local l1 size 16 align 8 ""
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v2 = LocalAddr ptr l0
  Store void (v2, v0)
  Store void (v2, v1) #8
  v3 = LocalAddr ptr l1
  v4 = Call void (v2) "swap" sig(mem16@s0 -> mem16@s16) stack(32 16 0)
  v5 = Result ptr (v4) #0
  Move void (v3, v5) #16
  v6 = Load i64 (v3) #8
  v7 = Load i64 (v2) #8
  return v6, v7
}
)";
  const std::string out = TestWorld().run(text, "inline,remove-dead-blocks,promote,number-values,fold-constants,remove-dead-code");
  EXPECT_FALSE(has(out, "Call")) << out;
  EXPECT_FALSE(has(out, "LocalAddr")) << out;
  EXPECT_FALSE(has(out, "ResultArea")) << out;
  EXPECT_TRUE(has(out, ", v1\n")) << "the caller's argument is not changed\n" << out;
  std::string large(text);
  for (size_t at = 0; (at = large.find("mem16@s0", at)) != large.npos; at++) large.replace(at, 5, "mem136");
  EXPECT_TRUE(has(TestWorld().run(large, "inline"), "Call")) << "too large to be taken apart";
}

TEST(Inline, LeavesRecursionAndNoinline) {
  std::string out = TestWorld().run(R"(func "g" attrs 2 sig(->) {
b0:
  return
}
func "f" sig(->) {
b0:
  Call void () "g" sig(->)
  Call void () "f" sig(->)
  return
}
)", "inline");
  EXPECT_TRUE(has(out, "\"g\"")) << out;
  EXPECT_TRUE(has(out, "\"f\" sig(->)\n")) << out;
}

TEST(Inline, SeesThroughClosuresMadeHere) {
  std::string out = TestWorld().run(R"(func "f.func1" attrs 8 sig(i64@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Closure ptr
  v3 = Param i64 #0
  v1 = Load i64 (v0) #8
  v2 = Add i64 (v1, v3)
  return v2
}
func "f" sig(i64@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param i64 #0
  v1 = New ptr type "T"
  v2 = SymAddr addr "f.func1"
  Store void (v1, v2)
  Store void (v1, v0) #8
  v3 = CallClosure i64 (v1, v0) sig(i64@r0 -> i64@r0) stack(0 0 8)
  return v3
}
)", "inline,remove-dead-blocks,escape");
  EXPECT_FALSE(has(out, "CallClosure")) << out;
  EXPECT_FALSE(has(out, "New")) << out;
}

TEST(Escape, BoxesAreObjects) {
  // v1 is only read; v2 is returned; v3 lies in v4 as in a New.
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 ptr@r1 -> ptr@r0) stack(0 0 16) {
b0:
  v0 = Param i64 #0
  v5 = Param ptr #1
  v1 = Call ptr (v0) "runtime.convT32" sig(i64@r0 -> ptr@r0) stack(0 0 8)
  v2 = Call ptr (v0) "runtime.convT64" sig(i64@r0 -> ptr@r0) stack(0 0 8)
  v3 = New ptr type "T"
  v4 = Call ptr (v3, v0) "runtime.convTstring" sig(ptr@r0 i64@r1 -> ptr@r0) stack(0 0 16)
  v6 = Load i32 (v1)
  v7 = Load ptr (v4)
  Store void (v5, v6)
  return v2
}
)", "escape");
  EXPECT_TRUE(has(out, "Trunc i32 (v0)")) << out;
  EXPECT_TRUE(has(out, "\"runtime.convT64\"")) << out;
  EXPECT_FALSE(has(out, "\"runtime.convT32\"")) << out;
  EXPECT_FALSE(has(out, "\"runtime.convTstring\"")) << out;
  EXPECT_TRUE(has(out, "size 16 align 8 mask 01")) << out;
  EXPECT_FALSE(has(out, "New")) << "what a box in the frame holds may be there too\n" << out;
}

TEST(Escape, WhatAnEscapingBoxHoldsEscapes) {
  std::string out = TestWorld().run(R"(func "f" sig(i64@r0 -> ptr@r0) stack(0 0 8) {
b0:
  v0 = Param i64 #0
  v1 = New ptr type "T"
  v2 = Call ptr (v1, v0) "runtime.convTstring" sig(ptr@r0 i64@r1 -> ptr@r0) stack(0 0 16)
  return v2
}
)", "escape");
  EXPECT_TRUE(has(out, "New ptr")) << out;
}

TEST(Escape, ShortStringsThatStayGetABuffer) {
  std::string text = R"(func "f" sig(ptr@r0 i64@r1 -> i64@r0) stack(0 0 16) {
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v2 = Const ptr #0
  v3 = Call ptr (v2, v0, v1) "runtime.slicebytetostring" sig(ptr@r0 ptr@r1 i64@r2 -> ptr@r0 i64@r1) stack(0 0 24)
  v4 = Result i64 (v3) #1
  RETURN
}
)";
  auto with = [&](std::string_view use) {
    std::string t = text;
    return TestWorld().run(t.replace(t.find("RETURN"), 6, use), "escape");
  };
  std::string out = with("return v4");
  EXPECT_TRUE(has(out, "size 32 align 8")) << out;
  EXPECT_TRUE(has(out, "(v2, v0, v1)") == false) << out;
  out = with("v5 = SymAddr ptr \"global\"\n  StorePtr void (v5, v3)\n  return v4");
  EXPECT_FALSE(has(out, "size 32")) << out;
}

TEST(Escape, ABufferIsNotMadeAgainWhileItsStringLives) {
  // v5 is last turn's string.
  std::string out = TestWorld().run(R"(func "f" sig(ptr@r0 i64@r1 -> i64@r0) stack(0 0 16) {
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v2 = Const ptr #0
  v3 = Const i64 #0
  jump b1
b1: <- b0 b2
  v4 = Phi i64 (v3, v8)
  v5 = Phi ptr (v2, v9)
  v6 = Lt bool (v4, v1)
  if v6 b2 b3
b2: <- b1
  v7 = Load i8 (v5)
  v11 = ZExt i64 (v7)
  v8 = Add i64 (v4, v11)
  v9 = Call ptr (v2, v0, v1) "runtime.slicebytetostring" sig(ptr@r0 ptr@r1 i64@r2 -> ptr@r0 i64@r1) stack(0 0 24)
  jump b1
b3: <- b1
  return v4
}
)", "escape");
  EXPECT_FALSE(has(out, "LocalAddr")) << out;
}

}  // namespace
}  // namespace gale::opt
