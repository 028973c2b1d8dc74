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

}  // namespace
}  // namespace gale::opt
