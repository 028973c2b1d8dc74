// Every arithmetic op at every width against C++, with register, constant and memory operands.
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "amd64/jit_test.h"

namespace gale::amd64 {
namespace {

struct IntType {
  const char* name;
  int bits;
};
constexpr IntType kTypes[] = {{"i8", 8}, {"i16", 16}, {"i32", 32}, {"i64", 64}};

uint64_t zext(uint64_t v, int bits) { return bits == 64 ? v : v & ((uint64_t(1) << bits) - 1); }
int64_t sext(uint64_t v, int bits) { return bits == 64 ? static_cast<int64_t>(v) : static_cast<int64_t>(v << (64 - bits)) >> (64 - bits); }

constexpr uint64_t kValues[] = {0, 1, 2, 3, 7, 8, 63, 64, 127, 128, 255, 256, 32767, 32768, 65535, 0x7fffffff, 0x80000000, 0xffffffff,
                                0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffffffe, 0x123456789abcdef0};

using Fold = std::function<uint64_t(uint64_t a, uint64_t b, int bits)>;

struct BinaryOp {
  const char* name;
  Fold fold;
  bool divides = false, shifts = false, compares = false;
  bool natural = false;  // aux 1: no operand is negative
};

const BinaryOp kOps[] = {
    {"Add", [](uint64_t a, uint64_t b, int) { return a + b; }},
    {"Sub", [](uint64_t a, uint64_t b, int) { return a - b; }},
    {"Mul", [](uint64_t a, uint64_t b, int) { return a * b; }},
    {"And", [](uint64_t a, uint64_t b, int) { return a & b; }},
    {"Or", [](uint64_t a, uint64_t b, int) { return a | b; }},
    {"Xor", [](uint64_t a, uint64_t b, int) { return a ^ b; }},
    {"Div", [](uint64_t a, uint64_t b, int n) { return sext(b, n) == -1 ? -a : static_cast<uint64_t>(sext(a, n) / sext(b, n)); }, true},
    {"UDiv", [](uint64_t a, uint64_t b, int n) { return zext(a, n) / zext(b, n); }, true},
    {"Rem", [](uint64_t a, uint64_t b, int n) { return sext(b, n) == -1 ? 0 : static_cast<uint64_t>(sext(a, n) % sext(b, n)); }, true},
    {"URem", [](uint64_t a, uint64_t b, int n) { return zext(a, n) % zext(b, n); }, true},
    {"Div", [](uint64_t a, uint64_t b, int n) { return zext(a, n) / zext(b, n); }, true, false, false, true},
    {"Rem", [](uint64_t a, uint64_t b, int n) { return zext(a, n) % zext(b, n); }, true, false, false, true},
    {"Shl", [](uint64_t a, uint64_t b, int n) { return b >= uint64_t(n) ? 0 : a << b; }, false, true},
    {"Shr", [](uint64_t a, uint64_t b, int n) { return b >= uint64_t(n) ? 0 : zext(a, n) >> b; }, false, true},
    {"Sar", [](uint64_t a, uint64_t b, int n) { return static_cast<uint64_t>(sext(a, n) >> std::min<uint64_t>(b, n - 1)); }, false, true},
    {"RotL", [](uint64_t a, uint64_t b, int n) { b %= n; a = zext(a, n); return b == 0 ? a : a << b | a >> (n - b); }, false, true},
    {"Eq", [](uint64_t a, uint64_t b, int n) -> uint64_t { return zext(a, n) == zext(b, n); }, false, false, true},
    {"Ne", [](uint64_t a, uint64_t b, int n) -> uint64_t { return zext(a, n) != zext(b, n); }, false, false, true},
    {"Lt", [](uint64_t a, uint64_t b, int n) -> uint64_t { return sext(a, n) < sext(b, n); }, false, false, true},
    {"Le", [](uint64_t a, uint64_t b, int n) -> uint64_t { return sext(a, n) <= sext(b, n); }, false, false, true},
    {"ULt", [](uint64_t a, uint64_t b, int n) -> uint64_t { return zext(a, n) < zext(b, n); }, false, false, true},
    {"ULe", [](uint64_t a, uint64_t b, int n) -> uint64_t { return zext(a, n) <= zext(b, n); }, false, false, true},
};

std::string func_text(const BinaryOp& op, const IntType& t, int form, uint64_t constant, const std::string& name) {
  std::string rt = op.compares ? "bool" : t.name;
  std::string bt = op.shifts ? "i64" : t.name;
  std::string s = fmt::format("func \"{}\" sig({}@r0 {}@r1 ptr@r2 -> {}@r0) {{\nb0:\n  v0 = Param {} #0\n  v1 = Param {} #1\n  v2 = Param ptr #2\n", name,
                              t.name, bt, rt, t.name, bt);
  if (form == 1) s += fmt::format("  v3 = Const {} #{}\n", bt, sext(constant, op.shifts ? 64 : t.bits));
  if (form == 2) s += fmt::format("  v3 = Load {} (v2) #8\n", bt);
  if (form == 3) s += fmt::format("  v3 = Load {} (v2)\n", t.name);  // left operand
  if (form == 4) s += fmt::format("  v3 = Const {} #{}\n", t.name, sext(constant, t.bits));
  std::string a = form >= 3 ? "v3" : "v0", b = form == 1 || form == 2 ? "v3" : "v1";
  if (op.compares && form == 0) {  // fused into a branch
    s += fmt::format("  v4 = {} bool ({}, {})\n  if v4 b1 b2\nb1: <- b0\n  v5 = Const bool #1\n  return v5\nb2: <- b0\n  v6 = Const bool #0\n  return v6\n}}\n", op.name, a, b);
    return s;
  }
  s += fmt::format("  v4 = {} {} ({}, {}){}\n  return v4\n}}\n", op.name, rt, a, b, op.natural ? " #1" : "");
  return s;
}

// May x be an operand, the right one or not?
bool suits(const BinaryOp& op, uint64_t x, int bits, bool right) {
  return !(op.divides && right && zext(x, bits) == 0) && !(op.natural && sext(x, bits) < 0);
}

TEST(Ops, BinaryIntegers) {
  for (const BinaryOp& op : kOps) {
    for (const IntType& t : kTypes) {
      Jit jit;
      std::string text;
      for (int form : {0, 2, 3}) text += func_text(op, t, form, 0, fmt::format("f{}", form));
      for (size_t i = 0; i < std::size(kValues); i++) {
        if (!suits(op, kValues[i], t.bits, true)) continue;
        text += func_text(op, t, 1, kValues[i], fmt::format("c{}", i));
        if (!op.divides) text += func_text(op, t, 4, kValues[i], fmt::format("d{}", i));
      }
      ASSERT_EQ(jit.add(text), "") << op.name << t.name;
      ASSERT_EQ(jit.link(), "");
      for (uint64_t a : kValues) {
        if (!suits(op, a, t.bits, false)) continue;
        for (size_t i = 0; i < std::size(kValues); i++) {
          uint64_t b = kValues[i];
          if (!suits(op, b, t.bits, true)) continue;
          uint64_t want = op.compares ? op.fold(a, b, t.bits) : zext(op.fold(a, b, t.bits), t.bits);
          int result_bits = op.compares ? 8 : t.bits;
          uint64_t memory[2] = {a, b};
          auto check = [&](const std::string& name) {
            uint64_t got = zext(jit.run(name, {a, b, reinterpret_cast<uint64_t>(memory)}), result_bits);
            ASSERT_EQ(got, want) << op.name << " " << t.name << " " << name << " " << a << ", " << b << "\n" << jit.listing.substr(0, 3000);
          };
          check("f0");
          check("f2");
          check("f3");
          uint64_t sb = op.shifts ? b : static_cast<uint64_t>(sext(b, t.bits));
          (void)sb;
          check(fmt::format("c{}", i));
          if (HasFatalFailure()) return;
        }
      }
      if (op.divides) continue;
      for (size_t i = 0; i < std::size(kValues); i++) {
        for (uint64_t b : kValues) {
          uint64_t want = op.compares ? op.fold(kValues[i], b, t.bits) : zext(op.fold(kValues[i], b, t.bits), t.bits);
          ASSERT_EQ(zext(jit.run(fmt::format("d{}", i), {0, b, 0}), op.compares ? 8 : t.bits), want) << op.name << t.name << " const " << kValues[i] << ", " << b;
        }
      }
    }
  }
}

// Products with constants are made of shifts and leas where two are enough: all small ones, and those next to powers of two.
TEST(Ops, ProductsWithConstants) {
  std::vector<int64_t> factors;
  for (int64_t c = -9; c <= 130; c++) factors.push_back(c);
  for (int shift = 8; shift < 31; shift++) {
    for (int64_t d : {-1, 0, 1, 2}) factors.push_back((int64_t(1) << shift) + d);
  }
  for (const IntType& t : {kTypes[0], kTypes[2], kTypes[3]}) {
    Jit jit;
    std::string text;
    const BinaryOp mul = kOps[2];
    for (size_t i = 0; i < factors.size(); i++) text += func_text(mul, t, 1, static_cast<uint64_t>(factors[i]), fmt::format("m{}", i));
    ASSERT_EQ(jit.add(text), "");
    ASSERT_EQ(jit.link(), "");
    for (size_t i = 0; i < factors.size(); i++) {
      for (uint64_t a : kValues) {
        ASSERT_EQ(zext(jit.run(fmt::format("m{}", i), {a, 0, 0}), t.bits), zext(a * static_cast<uint64_t>(factors[i]), t.bits)) << t.name << " " << a << " * " << factors[i];
      }
    }
  }
}

struct UnaryOp {
  const char* name;
  const char* from;
  const char* to;
  std::function<uint64_t(uint64_t)> fold;
};

TEST(Ops, UnaryIntegers) {
  const UnaryOp ops[] = {
      {"Neg", "i64", "i64", [](uint64_t a) { return -a; }},
      {"Not", "i64", "i64", [](uint64_t a) { return ~a; }},
      {"Bswap", "i64", "i64", [](uint64_t a) { return __builtin_bswap64(a); }},
      {"Bswap", "i32", "i32", [](uint64_t a) -> uint64_t { return __builtin_bswap32(static_cast<uint32_t>(a)); }},
      {"Bswap", "i16", "i16", [](uint64_t a) -> uint64_t { return __builtin_bswap16(static_cast<uint16_t>(a)); }},
      {"Ctz", "i64", "i64", [](uint64_t a) -> uint64_t { return a == 0 ? 64 : __builtin_ctzll(a); }},
      {"Ctz", "i32", "i32", [](uint64_t a) -> uint64_t { return uint32_t(a) == 0 ? 32 : __builtin_ctz(uint32_t(a)); }},
      {"BitLen", "i64", "i64", [](uint64_t a) -> uint64_t { return a == 0 ? 0 : 64 - __builtin_clzll(a); }},
      {"BitLen", "i32", "i32", [](uint64_t a) -> uint64_t { return uint32_t(a) == 0 ? 0 : 32 - __builtin_clz(uint32_t(a)); }},
      {"Popcnt", "i64", "i64", [](uint64_t a) -> uint64_t { return __builtin_popcountll(a); }},
      {"SExt", "i8", "i64", [](uint64_t a) { return static_cast<uint64_t>(sext(a, 8)); }},
      {"SExt", "i16", "i32", [](uint64_t a) { return static_cast<uint64_t>(sext(a, 16)); }},
      {"SExt", "i32", "i64", [](uint64_t a) { return static_cast<uint64_t>(sext(a, 32)); }},
      {"ZExt", "i8", "i64", [](uint64_t a) { return zext(a, 8); }},
      {"ZExt", "i16", "i64", [](uint64_t a) { return zext(a, 16); }},
      {"ZExt", "i32", "i64", [](uint64_t a) { return zext(a, 32); }},
      {"Trunc", "i64", "i8", [](uint64_t a) { return a; }},
  };
  for (const UnaryOp& op : ops) {
    Jit jit;
    int bits = std::atoi(op.to + 1);
    ASSERT_EQ(jit.add(fmt::format("func \"f\" sig({0}@r3 -> {1}@r0) {{\nb0:\n  v0 = Param {0} #0\n  v1 = {2} {1} (v0)\n  return v1\n}}\n"
                                  "func \"m\" sig(ptr@r3 -> {1}@r0) {{\nb0:\n  v0 = Param ptr #0\n  v2 = Load {0} (v0)\n  v1 = {2} {1} (v2)\n  return v1\n}}\n",
                                  op.from, op.to, op.name)), "");
    ASSERT_EQ(jit.link(), "");
    for (uint64_t a : kValues) {
      EXPECT_EQ(zext(jit.run("f", {1, 2, 3, a}), bits), zext(op.fold(a), bits)) << op.name << " " << op.from << " " << a << jit.listing;
      EXPECT_EQ(zext(jit.run("m", {1, 2, 3, reinterpret_cast<uint64_t>(&a)}), bits), zext(op.fold(a), bits)) << op.name << " " << op.from << " " << a;
      jit.set_features(false);
      EXPECT_EQ(zext(jit.run("f", {1, 2, 3, a}), bits), zext(op.fold(a), bits)) << op.name << " " << op.from << " " << a << jit.listing;
      jit.set_features(true);
    }
  }
}

TEST(Ops, WideArithmetic) {
  Jit jit;
  auto three = [](const char* name, const char* op) {
    return fmt::format("func \"{}\" sig(i64@r0 i64@r1 i64@r2 -> i64@r0) {{\nb0:\n  v0 = Param i64 #0\n  v1 = Param i64 #1\n  v2 = Param i64 #2\n"
                       "  v3 = {} i64 (v0, v1, v2)\n  return v3\n}}\n", name, op);
  };
  auto pair = [](const char* name, const char* a, const char* b) {
    return fmt::format("func \"{}\" sig(i64@r0 i64@r1 i64@r2 -> i64@r0 i64@r1) {{\nb0:\n  v0 = Param i64 #0\n  v1 = Param i64 #1\n  v2 = Param i64 #2\n"
                       "  v3 = {} i64 (v0, v1, v2)\n  v4 = {} i64 (v0, v1, v2)\n  return v3, v4\n}}\n", name, a, b);
  };
  auto two = [](const char* name, const char* op) {
    return fmt::format("func \"{}\" sig(i64@r0 i64@r1 -> i64@r0) {{\nb0:\n  v0 = Param i64 #0\n  v1 = Param i64 #1\n  v3 = {} i64 (v0, v1)\n  return v3\n}}\n", name, op);
  };
  ASSERT_EQ(jit.add(pair("addc", "AddCarry", "CarryOut") + pair("subb", "BorrowOut", "SubBorrow") + three("carry", "CarryOut") +
                    three("div", "Div128") + three("rem", "Rem128") + two("mulhi", "MulHi") + two("mulhis", "MulHiS")), "");
  ASSERT_EQ(jit.link(), "");
  for (uint64_t a : kValues) {
    for (uint64_t b : kValues) {
      for (uint64_t c : {0, 1}) {
        unsigned __int128 sum = static_cast<unsigned __int128>(a) + b + c;
        Registers r;
        r.ints[0] = a, r.ints[1] = b, r.ints[2] = c;
        jit.run("addc", r);
        EXPECT_EQ(r.ints[0], static_cast<uint64_t>(sum)) << jit.listing;
        EXPECT_EQ(r.ints[1], static_cast<uint64_t>(sum >> 64));
        EXPECT_EQ(jit.run("carry", {a, b, c}), static_cast<uint64_t>(sum >> 64));
        Registers s;
        s.ints[0] = a, s.ints[1] = b, s.ints[2] = c;
        jit.run("subb", s);
        EXPECT_EQ(s.ints[1], a - b - c);
        EXPECT_EQ(s.ints[0], uint64_t(static_cast<unsigned __int128>(a) < static_cast<unsigned __int128>(b) + c));
      }
      EXPECT_EQ(jit.run("mulhi", {a, b}), static_cast<uint64_t>((static_cast<unsigned __int128>(a) * b) >> 64));
      EXPECT_EQ(jit.run("mulhis", {a, b}), static_cast<uint64_t>((static_cast<__int128>(static_cast<int64_t>(a)) * static_cast<int64_t>(b)) >> 64));
      if (a < b) {
        unsigned __int128 n = static_cast<unsigned __int128>(a) << 64 | 12345;
        EXPECT_EQ(jit.run("div", {a, 12345, b}), static_cast<uint64_t>(n / b));
        EXPECT_EQ(jit.run("rem", {a, 12345, b}), static_cast<uint64_t>(n % b));
      }
    }
  }
}

TEST(Ops, Floats) {
  const double values[] = {0.0, -0.0, 1.5, -2.25, 1e300, -1e300, 9.2e18, 1.8e19, 4.0e9, INFINITY, -INFINITY, NAN, 123456.75, 5e-324};
  Jit jit;
  std::string text;
  for (const char* op : {"FAdd", "FSub", "FMul", "FDiv", "FCopysign"}) {
    for (const char* t : {"f64", "f32"}) {
      text += fmt::format("func \"{1}{0}\" sig({1}@x0 {1}@x1 -> {1}@x0) {{\nb0:\n  v0 = Param {1} #0\n  v1 = Param {1} #1\n  v2 = {0} {1} (v0, v1)\n  return v2\n}}\n", op, t);
    }
  }
  for (const char* op : {"FEq", "FNe", "FLt", "FLe"}) {
    for (const char* t : {"f64", "f32"}) {
      text += fmt::format("func \"{1}{0}\" sig({1}@x0 {1}@x1 -> bool@r0) {{\nb0:\n  v0 = Param {1} #0\n  v1 = Param {1} #1\n  v2 = {0} bool (v0, v1)\n  return v2\n}}\n", op, t);
      text += fmt::format("func \"{1}{0}b\" sig({1}@x0 {1}@x1 -> bool@r0) {{\nb0:\n  v0 = Param {1} #0\n  v1 = Param {1} #1\n  v2 = {0} bool (v0, v1)\n  if v2 b1 b2\n"
                          "b1: <- b0\n  v3 = Const bool #1\n  return v3\nb2: <- b0\n  v4 = Const bool #0\n  return v4\n}}\n", op, t);
      text += fmt::format("func \"{1}{0}s\" sig({1}@x0 {1}@x1 -> {1}@x0) {{\nb0:\n  v0 = Param {1} #0\n  v1 = Param {1} #1\n  v2 = {0} bool (v0, v1)\n  v3 = Select {1} (v2, v0, v1)\n  return v3\n}}\n", op, t);
    }
  }
  for (const char* op : {"FNeg", "FAbs", "FSqrt"}) {
    for (const char* t : {"f64", "f32"}) {
      text += fmt::format("func \"{1}{0}\" sig({1}@x3 -> {1}@x0) {{\nb0:\n  v0 = Param {1} #0\n  v2 = {0} {1} (v0)\n  return v2\n}}\n", op, t);
    }
  }
  for (const char* t : {"f64", "f32"}) {
    text += fmt::format("func \"{0}u\" sig({0}@x0 -> i64@r0) {{\nb0:\n  v0 = Param {0} #0\n  v2 = FToU i64 (v0)\n  return v2\n}}\n", t);
    text += fmt::format("func \"{0}i\" sig({0}@x0 -> i64@r0) {{\nb0:\n  v0 = Param {0} #0\n  v2 = FToI i64 (v0)\n  return v2\n}}\n", t);
    text += fmt::format("func \"u{0}\" sig(i64@r0 -> {0}@x0) {{\nb0:\n  v0 = Param i64 #0\n  v2 = UToF {0} (v0)\n  return v2\n}}\n", t);
    text += fmt::format("func \"i{0}\" sig(i64@r0 -> {0}@x0) {{\nb0:\n  v0 = Param i64 #0\n  v2 = IToF {0} (v0)\n  return v2\n}}\n", t);
    text += fmt::format("func \"add{0}\" sig({0}@x0 -> {0}@x0) {{\nb0:\n  v0 = Param {0} #0\n  v1 = ConstF {0} #{1}\n  v2 = FAdd {0} (v0, v1)\n  return v2\n}}\n", t,
                        t[1] == '6' ? "0x3ff8000000000000" : "0x3fc00000");
  }
  for (int mode = 0; mode < 4; mode++) {
    text += fmt::format("func \"round{0}\" sig(f64@x0 -> f64@x0) {{\nb0:\n  v0 = Param f64 #0\n  v2 = FRound f64 (v0) #{0}\n  return v2\n}}\n", mode);
  }
  ASSERT_EQ(jit.add(text), "");
  ASSERT_EQ(jit.link(), "");
  auto run64 = [&](const std::string& name, double a, double b) {
    Registers r;
    r.floats[0] = r.floats[3] = std::bit_cast<uint64_t>(a);
    r.floats[1] = std::bit_cast<uint64_t>(b);
    jit.run(name, r);
    return r;
  };
  auto run32 = [&](const std::string& name, float a, float b) {
    Registers r;
    r.floats[0] = r.floats[3] = std::bit_cast<uint32_t>(a);
    r.floats[1] = std::bit_cast<uint32_t>(b);
    jit.run(name, r);
    return r;
  };
  auto same64 = [](uint64_t bits, double want) { return std::isnan(want) ? std::isnan(std::bit_cast<double>(bits)) : bits == std::bit_cast<uint64_t>(want); };
  auto same32 = [](uint64_t bits, float want) {
    return std::isnan(want) ? std::isnan(std::bit_cast<float>(uint32_t(bits))) : uint32_t(bits) == std::bit_cast<uint32_t>(want);
  };
  for (double a : values) {
    for (double b : values) {
      EXPECT_TRUE(same64(run64("f64FAdd", a, b).floats[0], a + b));
      EXPECT_TRUE(same64(run64("f64FSub", a, b).floats[0], a - b));
      EXPECT_TRUE(same64(run64("f64FMul", a, b).floats[0], a * b));
      EXPECT_TRUE(same64(run64("f64FDiv", a, b).floats[0], a / b));
      EXPECT_TRUE(same64(run64("f64FCopysign", a, b).floats[0], std::copysign(a, b)));
      float fa = static_cast<float>(a), fb = static_cast<float>(b);
      EXPECT_TRUE(same32(run32("f32FAdd", fa, fb).floats[0], fa + fb));
      EXPECT_TRUE(same32(run32("f32FMul", fa, fb).floats[0], fa * fb));
      for (const char* suffix : {"", "b"}) {
        auto compare = [&](const char* op, bool w64, bool w32) {
          EXPECT_EQ(run64(fmt::format("f64{}{}", op, suffix), a, b).ints[0] & 0xff, w64) << op << suffix << a << " " << b << jit.listing.size();
          EXPECT_EQ(run32(fmt::format("f32{}{}", op, suffix), fa, fb).ints[0] & 0xff, w32) << op << suffix << a << " " << b;
        };
        compare("FEq", a == b, fa == fb);
        compare("FNe", a != b, fa != fb);
        compare("FLt", a < b, fa < fb);
        compare("FLe", a <= b, fa <= fb);
      }
      EXPECT_TRUE(same64(run64("f64FEqs", a, b).floats[0], a == b ? a : b));
      EXPECT_TRUE(same64(run64("f64FLts", a, b).floats[0], a < b ? a : b));
      EXPECT_TRUE(same32(run32("f32FLes", fa, fb).floats[0], fa <= fb ? fa : fb));
    }
    float fa = static_cast<float>(a);
    EXPECT_TRUE(same64(run64("f64FNeg", a, 0).floats[0], -a));
    EXPECT_TRUE(same64(run64("f64FAbs", a, 0).floats[0], std::fabs(a)));
    EXPECT_TRUE(same64(run64("f64FSqrt", a, 0).floats[0], std::sqrt(a)));
    EXPECT_TRUE(same32(run32("f32FNeg", fa, 0).floats[0], -fa));
    EXPECT_TRUE(same32(run32("f32FAbs", fa, 0).floats[0], std::fabs(fa)));
    EXPECT_TRUE(same64(run64("addf64", a, 0).floats[0], a + 1.5));
    EXPECT_TRUE(same32(run32("addf32", fa, 0).floats[0], fa + 1.5f));
    for (double r : {a, a / 4, 0.5 * std::trunc(a), a + 0.5, 4503599627370495.5, -4503599627370495.5}) {
      for (bool has : {true, false}) {
        jit.set_features(has);
        EXPECT_TRUE(same64(run64("round0", r, 0).floats[0], std::nearbyint(r))) << r << has;
        EXPECT_TRUE(same64(run64("round1", r, 0).floats[0], std::floor(r))) << r << has;
        EXPECT_TRUE(same64(run64("round2", r, 0).floats[0], std::ceil(r))) << r << has;
        EXPECT_TRUE(same64(run64("round3", r, 0).floats[0], std::trunc(r))) << r << has;
      }
    }
    if (a >= 0 && a < 1.8e19) {
      EXPECT_EQ(run64("f64u", a, 0).ints[0], static_cast<uint64_t>(a)) << a;
      EXPECT_EQ(run32("f32u", fa, 0).ints[0], static_cast<uint64_t>(fa)) << a;
    }
    if (std::fabs(a) < 9e18) {
      EXPECT_EQ(run64("f64i", a, 0).ints[0], static_cast<uint64_t>(static_cast<int64_t>(a)));
    }
  }
  EXPECT_EQ(run64("f64u", 1.8e19, 0).ints[0], 18000000000000000000u);
  for (uint64_t v : kValues) {
    Registers r;
    r.ints[0] = v;
    jit.run("uf64", r);
    EXPECT_EQ(std::bit_cast<double>(r.floats[0]), static_cast<double>(v)) << v;
    r = {};
    r.ints[0] = v;
    jit.run("uf32", r);
    EXPECT_EQ(std::bit_cast<float>(uint32_t(r.floats[0])), static_cast<float>(v)) << v;
    r = {};
    r.ints[0] = v;
    jit.run("if64", r);
    EXPECT_EQ(std::bit_cast<double>(r.floats[0]), static_cast<double>(static_cast<int64_t>(v))) << v;
  }
}

// Displacements that no instruction can hold, or not after what a wide access adds to them.
TEST(Ops, FarDisplacements) {
  Jit jit;
  std::vector<int64_t> offsets = {0x7fffeff0, 0x7fffefff, 0x7ffffff0, 0x7fffffff, 0x80000000, 0x123456789a, -0x80000000ll, -0x80000001ll};
  for (size_t i = 0; i < offsets.size(); i++) {
    const std::string offset = std::to_string(offsets[i]), n = std::to_string(i);
    ASSERT_EQ(jit.add("func \"load" + n + "\" attrs 2 sig(ptr@r0 -> i64@r0) stack(0 0 8) {\nb0:\n  v0 = Param ptr #0\n  v1 = OffPtr ptr (v0) #" + offset +
                      "\n  v2 = Load i64 (v1) #8\n  v3 = Load i64 (v0) #" + offset + "\n  v4 = Add i64 (v2, v3)\n  return v4\n}\n"),
              "");
    ASSERT_EQ(jit.add("func \"move" + n + "\" attrs 2 sig(ptr@r0 ptr@r1 ->) stack(0 0 16) {\nb0:\n  v0 = Param ptr #0\n  v1 = Param ptr #1\n  v2 = OffPtr ptr (v0) #" +
                      offset + "\n  Move void (v1, v2) #48\n  v3 = Const i64 #7\n  Store void (v0, v3) #" + offset + "\n  return\n}\n"),
              "");
  }
  ASSERT_EQ(jit.link(), "");
  for (size_t i = 0; i < offsets.size(); i++) {
    uint64_t from[6] = {1, 20, 3, 4, 5, 6}, to[6] = {};
    const uint64_t base = reinterpret_cast<uint64_t>(from) - static_cast<uint64_t>(offsets[i]);
    EXPECT_EQ(jit.run("load" + std::to_string(i), {base}), 21u) << offsets[i];
    jit.run("move" + std::to_string(i), {base, reinterpret_cast<uint64_t>(to)});
    EXPECT_EQ(to[0] + to[1] + to[5], 27u) << offsets[i];
    EXPECT_EQ(from[0], 7u) << offsets[i];
  }
}

}  // namespace
}  // namespace gale::amd64
