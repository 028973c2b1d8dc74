#include <fmt/core.h>
#include <gtest/gtest.h>

#include "opt/test_world.h"

namespace gale::opt {
namespace {

struct Rule {
  const char *name, *body;  // of v0, v1 (I64), v2 (I8), v3 (I32); gives v9 of type `ty`
  const char *ty, *left;    // the operation that stays
};

TEST(Identities, OneOperationInsteadOfTwo) {
  constexpr std::string_view kConstants = "  v4 = Const i64 #3\n  v5 = Const i64 #5\n  v6 = Const i64 #8\n";
  const Rule rules[] = {
      {"x + 3 + 5", "  v8 = Add i64 (v0, v4)\n  v9 = Add i64 (v8, v5)\n", "i64", "Add i64"},
      {"x + 3 - 5", "  v8 = Add i64 (v0, v4)\n  v9 = Sub i64 (v8, v5)\n", "i64", "Add i64"},
      {"x - 3 - 5", "  v8 = Sub i64 (v0, v4)\n  v9 = Sub i64 (v8, v5)\n", "i64", "Sub i64"},
      {"x + -y", "  v8 = Neg i64 (v1)\n  v9 = Add i64 (v0, v8)\n", "i64", "Sub i64"},
      {"x * 3 * 5", "  v8 = Mul i64 (v0, v4)\n  v9 = Mul i64 (v8, v5)\n", "i64", "Mul i64"},
      {"x & 3 & 5", "  v8 = And i64 (v0, v4)\n  v9 = And i64 (v8, v5)\n", "i64", "And i64"},
      {"x >> 3 >> 5", "  v8 = Shr i64 (v0, v4)\n  v9 = Shr i64 (v8, v5)\n", "i64", "Shr i64"},
      {"x << 3 | x >> 61", "  v7 = Shl i64 (v0, v4)\n  v11 = Const i64 #61\n  v8 = Shr i64 (v0, v11)\n  v9 = Or i64 (v7, v8)\n", "i64", "RotL i64"},
      {"x % 8 == 0", "  v7 = Rem i64 (v0, v6)\n  v10 = Const i64 #0\n  v9 = Eq bool (v7, v10)\n", "bool", "And i64"},
      {"x + 3 == 5", "  v8 = Add i64 (v0, v4)\n  v9 = Eq bool (v8, v5)\n", "bool", "Eq bool"},
      {"x - y == 0", "  v8 = Sub i64 (v0, v1)\n  v10 = Const i64 #0\n  v9 = Eq bool (v8, v10)\n", "bool", "Eq bool"},
      {"int(byte) != 5", "  v8 = ZExt i64 (v2)\n  v9 = Ne bool (v8, v5)\n", "bool", "Ne bool"},
      {"!(x < y)", "  v8 = Lt bool (v0, v1)\n  v9 = Not bool (v8)\n", "bool", "Le bool (v1, v0)"},
      {"byte(int(b))", "  v8 = ZExt i64 (v2)\n  v10 = Trunc i8 (v8)\n  v9 = Add i8 (v10, v2)\n", "i8", "Add i8 (v2, v2)"},
  };
  for (const Rule& r : rules) {
    const std::string out = TestWorld().run(
        fmt::format("func \"f\" sig(i64@r0 i64@r1 i8@r2 i32@r3 -> {0}@r0) stack(0 0 32) {{\nb0:\n  v0 = Param i64 #0\n  v1 = Param i64 #1\n"
                    "  v2 = Param i8 #2\n  v3 = Param i32 #3\n{1}{2}  return v9\n}}\n",
                    r.ty, kConstants, r.body),
        "fold-constants,remove-dead-code");
    EXPECT_NE(out.find(r.left), out.npos) << r.name << "\n" << out;
    size_t operations = 0;
    for (const char* op : {"Add ", "Sub ", "Mul ", "Neg ", "And ", "Or ", "Shl ", "Shr ", "RotL ", "Rem ", "Not ", "ZExt ", "Trunc ", "Lt ", "Le "}) {
      operations += count(out, op);
    }
    EXPECT_LE(operations, 1u) << r.name << "\n" << out;
  }
}

TEST(Identities, ANumberThatNoByteIs) {
  const std::string out = TestWorld().run(R"(func "f" sig(i8@r0 -> bool@r0) stack(0 0 8) {
b0:
  v0 = Param i8 #0
  v1 = ZExt i64 (v0)
  v2 = Const i64 #300
  v3 = Eq bool (v1, v2)
  return v3
}
)", "fold-constants,remove-dead-code");
  EXPECT_NE(out.find("Const bool #0"), out.npos) << out;
}

}  // namespace
}  // namespace gale::opt
