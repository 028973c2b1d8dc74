#include <gtest/gtest.h>

#include "asm/assemble.h"
#include "asm/table.h"

namespace gale::plan9 {
namespace {

Assembled run(std::string text) {
  AssembleOptions o;
  o.package = "p";
  o.file_name = "a.s";
  o.include = [](const std::string&, std::string*, std::string*) { return false; };
  return assemble(std::move(text), o);
}

std::string hex(const link::Definition& d) {
  std::string s;
  for (uint8_t b : d.bytes) {
    s += "0123456789abcdef"[b >> 4];
    s += "0123456789abcdef"[b & 15];
  }
  return s;
}

std::string code(const std::string& body) {
  Assembled a = run("TEXT ·f(SB), 4, $0-8\n" + body + "\n");
  if (!a.errors.empty()) return a.errors[0].text;
  return hex(a.object.definitions[0]);
}

TEST(Asm, EveryRowParses) {
  for (std::string_view m : all_mnemonics()) EXPECT_FALSE(forms(m).empty()) << m;
}

TEST(Asm, Instructions) {
  EXPECT_EQ(code("MOVQ $1, R8"), "49c7c001000000");
  EXPECT_EQ(code("MOVQ $0xffffffff, AX"), "b8ffffffff");
  EXPECT_EQ(code("MOVQ $0x123456789a, AX"), "48b89a78563412000000");
  EXPECT_EQ(code("ADDQ $128, AX"), "480580000000");
  EXPECT_EQ(code("MOVQ x+0(FP), AX"), "488b442408");
  EXPECT_EQ(code("VADDPD.BCST.Z (AX), Z2, K1, Z1"), "62f1edd95808");
  EXPECT_EQ(code("VADDPD.BCST 1016(DX), X0, X29"), "6261fd18586a7f");
  EXPECT_EQ(code("l: ADDQ AX, BX; JNE l"), "4801c375fb");
}

TEST(Asm, MacrosHoldStatements) {
  EXPECT_EQ(code("#define TWICE(x, y) \\\n ADDQ x, y \\\n ADDQ x, y\n TWICE(AX, BX)"), "4801c34801c3");
  EXPECT_EQ(code("#ifdef NO\nNONSENSE\n#else\n RET\n#endif"), "c3");
}

TEST(Asm, Messages) {
  auto first = [](std::string text) {
    Assembled a = run(std::move(text));
    return a.errors.empty() ? std::string() : a.errors[0].file + ":" + std::to_string(a.errors[0].line) + ": " + a.errors[0].text;
  };
  EXPECT_EQ(first("TEXT ·f(SB), 4, $0\n FROB AX\n"), "a.s:2: unrecognized instruction \"FROB\"");
  EXPECT_EQ(first("TEXT ·f(SB), 4, $0\n JMP nowhere\n"), "a.s:2: undefined label nowhere");
  EXPECT_EQ(first("#include \"x.h\"\n"), "a.s:1: #include: open x.h: no such file or directory");
  EXPECT_EQ(first("TEXT ·f(SB), 4, $0\n ADDQ $1/0, AX\n"), "a.s:2: division by zero");
}

}  // namespace
}  // namespace gale::plan9
