// Interface calls made direct: what is known, what must stay.
#include <gtest/gtest.h>

#include "opt/test_world.h"

namespace gale::opt {
namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

constexpr std::string_view kMethods = R"(func "(*A).m" sig(ptr@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param ptr #0
  v1 = Load i64 (v0) #8
  return v1
}
func "(*B).m" sig(ptr@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Const i64 #2
  return v0
}
)";
constexpr std::string_view kCaller = R"(func "f" sig(addr@r0 ptr@r1 -> i64@r0) stack(0 0 16) {
b0:
  v0 = Param addr #0
  v1 = Param ptr #1
  v2 = Load addr (v0) #24
  v3 = CallCode i64 (v2, v1) method "I.m" sig(ptr@r0 -> i64@r0) stack(0 0 8)
  v4 = Add i64 (v3, v3)
  return v4
}
)";
const World::Implementation kA{Symbol("(*A).m"), Symbol("type:A")}, kB{Symbol("(*B).m"), Symbol("type:B")};

std::string run(std::vector<World::Implementation> all, std::string_view caller, std::string_view passes) {
  TestWorld world;
  world.methods["I.m"] = std::move(all);
  return world.run(std::string(kMethods) + std::string(caller), passes);
}

TEST(Devirtualize, OneImplementationIsCalledDirectly) {
  const std::string out = run({kA}, kCaller, "devirtualize");
  EXPECT_TRUE(has(out, "Call i64 (v1) \"(*A).m\"")) << out;
  EXPECT_TRUE(has(out, "Load addr (v0) #24")) << "a nil interface still faults\n" << out;
}

TEST(Devirtualize, TheLoadThatFaultsOutlivesInlining) {
  const std::string out = run({kA}, kCaller, "devirtualize,inline,remove-dead-blocks,fold-constants,remove-dead-code");
  EXPECT_FALSE(has(out, "Call")) << out;
  EXPECT_TRUE(has(out, "Load addr (v0) #24")) << out;
}

TEST(Devirtualize, TwoImplementationsAreTold) {
  const std::string out = run({kA, kB}, kCaller, "devirtualize");
  EXPECT_FALSE(has(out, "CallCode")) << out;
  EXPECT_TRUE(has(out, "SymAddr addr \"(*A).m\"")) << out;
  EXPECT_EQ(count(out, "= Call i64"), 2u) << out;
  EXPECT_TRUE(has(out, "Phi i64")) << out;
}

TEST(Devirtualize, UnknownAndManyStay) {
  EXPECT_TRUE(has(run({}, kCaller, "devirtualize"), "CallCode")) << "not known";
  const std::string out = run({kA, kB, {Symbol("(*A).m"), Symbol("type:C")}}, kCaller, "devirtualize");
  EXPECT_TRUE(has(out, "CallCode")) << out;
  EXPECT_TRUE(has(out, "flags 512")) << "all come before\n" << out;
}

TEST(Devirtualize, WhatMayComeLaterIsMarked) {
  const std::string out = run({{Symbol("later"), Symbol("type:L")}}, kCaller, "devirtualize,inline");
  EXPECT_TRUE(has(out, "Call i64 (v1) \"later\" sig(ptr@r0 -> i64@r0) stack(0 0 8) flags 1024")) << out;
}

TEST(Devirtualize, AConstantItabNamesItsMethod) {
  const std::string out = run({kA, kB}, R"(func "f" sig(ptr@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param ptr #0
  v1 = SymAddr addr "go:itab.type:B"
  v2 = Load addr (v1) #24
  v3 = CallCode i64 (v2, v0) method "I.m" sig(ptr@r0 -> i64@r0) stack(0 0 8)
  return v3
}
)", "devirtualize");
  EXPECT_TRUE(has(out, "Call i64 (v0) \"(*B).m\"")) << out;
  EXPECT_FALSE(has(out, "CallCode")) << out;
}

TEST(Devirtualize, AStaticClosureIsItsFunction) {
  constexpr std::string_view text = R"(func "g" sig(i64@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param i64 #0
  return v0
}
func "f" sig(i64@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param i64 #0
  v1 = SymAddr ptr "g·f"
  v2 = CallClosure i64 (v1, v0) sig(i64@r0 -> i64@r0) stack(0 0 8)
  return v2
}
)";
  TestWorld world;
  world.constants["g·f"] = {true, false, Symbol("g"), 0};
  const std::string out = world.run(text, "devirtualize");
  EXPECT_TRUE(has(out, "Call i64 (v0) \"g\"")) << out;
}

}  // namespace
}  // namespace gale::opt
