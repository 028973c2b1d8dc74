#include <gtest/gtest.h>

#include "opt/test_world.h"

namespace gale::opt {
namespace {

// Two tests of a byte, or of a signed number; `before` stands in the second's block; b3 is left for when the range is missed.
std::string tests(std::string_view type, std::string_view first, std::string_view first_way, std::string_view before, std::string_view second,
                  std::string_view second_way, std::string_view out = "  return v3\n") {
  return "func \"f\" sig(" + std::string(type) + "@r0 -> i64@r0) stack(0 0 8) {\nb0:\n  v0 = Param " + std::string(type) +
         " #0\n  v1 = Const " + std::string(type) + " #48\n  v2 = Const " + std::string(type) +
         " #57\n  v3 = Const i64 #7\n  v4 = Const i64 #9\n  v5 = " + std::string(first) + "\n  if v5 " + std::string(first_way) +
         "\nb1: <- b0\n" + std::string(before) + "  v6 = " + std::string(second) + "\n  if v6 " + std::string(second_way) +
         "\nb2: <- b1\n  return v4\nb3: <- b0 b1\n" + std::string(out) + "}\n";
}

struct Case {
  const char *name, *type, *first, *first_way, *second, *second_way;
  bool merged;
};

TEST(MergeRanges, TwoBoundsOfOneValue) {
  const Case cases[] = {
      {"x >= 48 && x <= 57", "i8", "ULe bool (v1, v0)", "b1 b3", "ULe bool (v0, v2)", "b2 b3", true},
      {"x <= 57 && x >= 48", "i64", "Le bool (v0, v2)", "b1 b3", "Le bool (v1, v0)", "b2 b3", true},
      {"x < 48 || x > 57", "i64", "Lt bool (v0, v1)", "b3 b1", "Lt bool (v2, v0)", "b3 b2", true},
      {"x > 57 && x < 48: never", "i64", "Lt bool (v2, v0)", "b1 b3", "Lt bool (v0, v1)", "b2 b3", false},
      {"two lower bounds", "i64", "Le bool (v1, v0)", "b1 b3", "Le bool (v2, v0)", "b2 b3", false},
      {"one with sign, one without", "i64", "Le bool (v1, v0)", "b1 b3", "ULe bool (v0, v2)", "b2 b3", false},
  };
  for (const Case& c : cases) {
    std::string out = TestWorld().run(tests(c.type, c.first, c.first_way, "", c.second, c.second_way), "merge-ranges");
    EXPECT_EQ(count(out, "if "), c.merged ? 1u : 2u) << c.name << "\n" << out;
    EXPECT_EQ(count(out, "Sub "), c.merged ? 1u : 0u) << c.name << "\n" << out;
  }
}

TEST(MergeRanges, NotWhatMayBeSeenBetweenThem) {
  std::string out = TestWorld().run(tests("i64", "Le bool (v1, v0)", "b1 b3", "  v7 = Call i64 () \"g\" sig(-> i64@r0) stack(0 0 0)\n",
                                          "Le bool (v0, v2)", "b2 b3"), "merge-ranges");
  EXPECT_EQ(count(out, "if "), 2u) << out;
  out = TestWorld().run(tests("i64", "Le bool (v1, v0)", "b1 b3", "", "Le bool (v0, v2)", "b2 b3", "  v8 = Phi i64 (v3, v4)\n  return v8\n"), "merge-ranges");
  EXPECT_EQ(count(out, "if "), 2u) << out;
  out = TestWorld().run(tests("i64", "Le bool (v1, v0)", "b1 b3", "", "Le bool (v0, v2)", "b2 b3", "  v8 = Phi i64 (v4, v4)\n  return v8\n"), "merge-ranges");
  EXPECT_EQ(count(out, "if "), 1u) << out;
}

}  // namespace
}  // namespace gale::opt
