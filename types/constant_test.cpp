// Constants against values computed by Go's go/constant.
#include "types/constant.h"

#include <gtest/gtest.h>

#include "syntax/nodes.h"
#include "types/type.h"

namespace gale::types {
namespace {

using syntax::LitKind;
using syntax::Op;

Const lit(std::string_view text, LitKind kind) { return make_from_literal(text, static_cast<int>(kind)); }
Const integer(std::string_view text) { return lit(text, LitKind::Int); }
Const real(std::string_view text) { return lit(text, LitKind::Float); }

TEST(Constant, IntegerLiterals) {
  const char* rows[][2] = {
      {"0", "0"}, {"1_000", "1000"}, {"0x_FF", "255"}, {"0b1011", "11"}, {"0o17", "15"}, {"017", "15"},
      {"9223372036854775807", "9223372036854775807"}, {"9223372036854775808", "9223372036854775808"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
  };
  for (auto& [text, want] : rows) EXPECT_EQ(to_text(integer(text)), want) << text;
  EXPECT_EQ(to_text(lit("'a'", LitKind::Rune)), "97");
}

TEST(Constant, FloatLiterals) {
  const char* rows[][2] = {
      {"0.0", "0"}, {"1.5", "1.5"}, {"1e6", "1e+06"}, {"1e5", "100000"}, {"123456.0", "123456"},
      {"1234567.5", "1.23457e+06"}, {"1000000.5", "1.0000005e+06"}, {"0.1", "0.1"}, {"1e-5", "1e-05"},
      {"1e-400", "1e-400"}, {"1e400", "1e+400"}, {"1e5000", "1e+5000"}, {"1e-5000", "1e-5000"},
      {"1.7976931348623157e308", "1.79769e+308"}, {"0x1p-2", "0.25"}, {"0x1.8p1", "3"}, {"0x.8p0", "0.5"},
      {"3.14159265358979323846264338327950288", "3.14159"}, {"1e1000000", "1e+1000000"}, {"0.000001", "1e-06"},
      {"1_0.2_5", "10.25"}, {"1e100", "1e+100"}, {"2.5e-324", "4.94066e-324"}, {"1e2147483647", "unknown"},
      {"1e99999999999999999999", "unknown"}, {"1e500000000", "1e+500000000"}, {"1e646456992", "1e+646456992"},
  };
  for (auto& [text, want] : rows) EXPECT_EQ(to_text(real(text)), want) << text;
  EXPECT_EQ(exact_text(real("0.1")), "1/10");
  EXPECT_EQ(exact_text(real("1e6")), "1000000");
}

TEST(Constant, ImaginaryLiterals) {
  const char* rows[][2] = {{"0i", "(0 + 0i)"}, {"1i", "(0 + 1i)"}, {"0123i", "(0 + 123i)"}, {"0x10i", "(0 + 16i)"},
                           {"1.5i", "(0 + 1.5i)"}, {"0b11i", "(0 + 3i)"}, {"1e3i", "(0 + 1000i)"}};
  for (auto& [text, want] : rows) EXPECT_EQ(to_text(lit(text, LitKind::Imaginary)), want) << text;
}

TEST(Constant, Arithmetic) {
  EXPECT_EQ(exact_text(binary_op(integer("7"), Op::Div, integer("2"))), "7/2");
  EXPECT_EQ(to_text(int_quotient(integer("7"), integer("2"))), "3");
  Const most = integer("9223372036854775807");
  EXPECT_EQ(to_text(binary_op(most, Op::Add, integer("1"))), "9223372036854775808");
  EXPECT_EQ(to_text(binary_op(most, Op::Mul, most)), "85070591730234615847396907784232501249");
  EXPECT_EQ(to_text(binary_op(integer("1"), Op::Div, integer("3"))), "0.333333");
  EXPECT_EQ(exact_text(binary_op(real("1.5"), Op::Mul, integer("2"))), "3");
  Const one = binary_op(real("1e5000"), Op::Mul, real("1e-5000"));
  EXPECT_EQ(to_text(one), "1");
  EXPECT_EQ(to_text(to_int(one)), "1");
  Const i = lit("1i", LitKind::Imaginary);
  EXPECT_EQ(to_text(binary_op(i, Op::Mul, i)), "(-1 + 0i)");
  EXPECT_EQ(to_text(binary_op(integer("3"), Op::Div, lit("2i", LitKind::Imaginary))), "(0 + -1.5i)");
  EXPECT_EQ(to_text(binary_op(integer("0xff"), Op::AndNot, integer("0x0f"))), "240");
  EXPECT_EQ(to_text(int_remainder(make_int64(-5), make_int64(3))), "-2");
  EXPECT_EQ(to_text(binary_op(make_string("a"), Op::Add, make_string("b"))), "\"ab\"");
}

TEST(Constant, ShiftsAndComplements) {
  EXPECT_EQ(to_text(shift(make_int64(1), Op::Shl, 100)), "1267650600228229401496703205376");
  EXPECT_EQ(to_text(shift(make_int64(-1), Op::Shr, 100)), "-1");
  EXPECT_EQ(to_text(unary_op(Op::Xor, make_int64(1), 8)), "254");
  EXPECT_EQ(to_text(unary_op(Op::Xor, make_int64(1), 0)), "-2");
  EXPECT_EQ(to_text(unary_op(Op::Sub, make_int64(INT64_MIN), 0)), "9223372036854775808");
  EXPECT_EQ(wrapped_uint64(shift(make_int64(-3), Op::Shl, 62)), uint64_t{1} << 62);
}

TEST(Constant, Rounding) {
  bool exact = true;
  EXPECT_EQ(float32_value(real("0.1"), &exact), 0.1f);
  EXPECT_FALSE(exact);
  EXPECT_EQ(float64_value(real("4.9e-324")), 5e-324);
  EXPECT_EQ(float64_value(real("2.4e-324")), 0.0);
  EXPECT_EQ(float64_value(integer("9007199254740993")), 9007199254740992.0);
  EXPECT_EQ(float64_value(real("0.5"), &exact), 0.5);
  EXPECT_TRUE(exact);
}

TEST(Constant, Representable) {
  Const rounded = nullptr;
  EXPECT_TRUE(representable(integer("255"), BasicKind::Uint8, nullptr));
  EXPECT_FALSE(representable(integer("256"), BasicKind::Uint8, nullptr));
  EXPECT_FALSE(representable(make_int64(-1), BasicKind::Uint64, nullptr));
  EXPECT_TRUE(representable(integer("18446744073709551615"), BasicKind::Uint64, nullptr));
  EXPECT_FALSE(representable(integer("18446744073709551616"), BasicKind::Uint64, nullptr));
  EXPECT_TRUE(representable(real("1.0"), BasicKind::Int, &rounded));
  EXPECT_EQ(constant_kind(rounded), ConstantKind::Int);
  EXPECT_FALSE(representable(real("1.5"), BasicKind::Int, nullptr));
  EXPECT_TRUE(representable(real("1e38"), BasicKind::Float32, nullptr));
  EXPECT_FALSE(representable(real("1e39"), BasicKind::Float32, nullptr));
  EXPECT_FALSE(representable(real("1e309"), BasicKind::Float64, nullptr));
}

TEST(Constant, Text) {
  std::string accents;
  for (int i = 0; i < 100; i++) accents += "\xc3\xa9";
  std::string want = "\"";
  for (int i = 0; i < 68; i++) want += "\xc3\xa9";
  EXPECT_EQ(to_text(make_string(accents)), want + "...");
  EXPECT_EQ(to_text(make_string(std::string_view("a\0\xff\xc2\xa0\n\"", 7))), "\"a\\x00\\xff\\u00a0\\n\\\"\"");
}

}  // namespace
}  // namespace gale::types
