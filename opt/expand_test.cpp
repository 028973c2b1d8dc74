#include <gtest/gtest.h>

#include "opt/test_world.h"

namespace gale::opt {
namespace {

constexpr std::string_view kLoop = R"(func "f" sig(i64@r0 ptr@r1 -> ptr@r0) stack(0 0 16) {
b0:
  v0 = Param i64 #0
  v1 = Param ptr #1
  v2 = Const i64 #0
  v3 = New ptr type "T"
  StorePtr void (v1, v3)
  jump b1
b1: <- b0 b2
  v4 = Phi i64 (v2, v7)
  v5 = Lt bool (v4, v0)
  if v5 b2 b3
b2: <- b1
  v6 = Const i64 #1
  v7 = Add i64 (v4, v6)
  v8 = New ptr type "T"
  StorePtr void (v8, v1) #0
  v9 = New ptr type "T"
  StorePtr void (v8, v9) #0
  StorePtr void (v1, v8) #0
  jump b1
b3: <- b1
  return v3
}
)";

TEST(Expand, ObjectsInLoopsComeFromTheRun) {
  std::string out = TestWorld().run(kLoop, "expand");
  // 16 bytes with pointers: class 2, span class 4; the first word is one.
  EXPECT_EQ(count(out, "Bump ptr #260"), 2u) << out;
  EXPECT_EQ(count(out, "\"runtime.newobject\""), 3u) << "one outside the loop, two for empty runs\n" << out;
  EXPECT_EQ(count(out, "cold"), 2u) << out;
  EXPECT_EQ(count(out, "Phi ptr"), 2u) << out;
}

constexpr std::string_view kFresh = R"(func "f" sig(ptr@r0 bool@r1 -> ptr@r0) stack(0 0 16) {
b0:
  v0 = Param ptr #0
  v1 = Param bool #1
  v2 = New ptr type "T"
  if v1 b1 b2
b1: <- b0
  StorePtr void (v2, v0) #0
  jump b3
b2: <- b0
  v3 = Call ptr () "g" sig(-> ptr@r0)
  StorePtr void (v2, v3) #8
  jump b3
b3: <- b1 b2
  StorePtr void (v2, v0) #16
  StorePtr void (v2, v0) #8
  v4 = New ptr type "T"
  MoveTyped void (v4, v0) type "T"
  StorePtr void (v4, v2) #8
  StorePtr void (v2, v0) #24
  StorePtr void (v0, v4) #0
  StorePtr void (v4, v0) #16
  return v2
}
)";

// The words of an object that its function has made are nil until a store, also beyond calls; after its address was stored somewhere
// others may have written to it.
TEST(Expand, StoresIntoFreshObjectsNeedNoBarrier) {
  std::string out = TestWorld().run(kFresh, "expand");
  auto has = [&](std::string_view line) { return count(out, line) == 1; };
  EXPECT_TRUE(has("Store void (v2, v0)\n")) << out;
  EXPECT_TRUE(has("Store void (v2, v4) #8")) << "after a call that does not get it\n" << out;
  EXPECT_TRUE(has("Store void (v2, v0) #16")) << "on both ways nil\n" << out;
  EXPECT_TRUE(has("StoreWB void (v2, v0) #8")) << "stored to on one way\n" << out;
  EXPECT_TRUE(has("Move void (v8, v0) #16")) << out;
  EXPECT_TRUE(has("StoreWB void (v8, v2) #8")) << "the move was there\n" << out;
  EXPECT_TRUE(has("StoreWB void (v2, v0) #24")) << "v2 is in v8 by now\n" << out;
  EXPECT_TRUE(has("StoreWB void (v0, v8)\n")) << out;
  EXPECT_TRUE(has("StoreWB void (v8, v0) #16")) << "v8 is in v0 by now\n" << out;
}

constexpr std::string_view kFreshLoop = R"(func "f" sig(ptr@r0 i64@r1 -> ptr@r0) stack(0 0 16) {
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v2 = New ptr type "T"
  v3 = Const i64 #0
  jump b1
b1: <- b0 b2
  v4 = Phi i64 (v3, v7)
  v5 = Lt bool (v4, v1)
  if v5 b2 b3
b2: <- b1
  v6 = Const i64 #1
  v7 = Add i64 (v4, v6)
  StorePtr void (v2, v0) #0
  v8 = NewArray ptr (v1) type "T"
  v9 = AddPtr ptr (v8, v4) #16
  StorePtr void (v8, v0) #0
  StorePtr void (v9, v0) #8
  StorePtr void (v8, v0) #16
  jump b1
b3: <- b1
  return v2
}
)";

TEST(Expand, AStoreInALoopMayBeTheSecond) {
  std::string out = TestWorld().run(kFreshLoop, "expand");
  auto has = [&](std::string_view line) { return count(out, line) == 1; };
  EXPECT_TRUE(has("StoreWB void (v2, v0)")) << "of an object from before the loop\n" << out;
  EXPECT_TRUE(has("Store void (v9, v0)\n")) << out;
  EXPECT_TRUE(has("StoreWB void (v10, v0) #8")) << "any element\n" << out;
  EXPECT_TRUE(has("StoreWB void (v9, v0) #16")) << "after any element\n" << out;
}

}  // namespace
}  // namespace gale::opt
