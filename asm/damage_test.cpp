// Damaged files: a message with a line, never a crash. Seeds and damage are the same in every run.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "asm/assemble.h"
#include "asm/table.h"

namespace gale::plan9 {
namespace {

constexpr std::string_view kSeed = R"(#define ADD(x, y) \
	ADDQ x, y; \
	ROLQ $(3+4*2), y
#ifdef GOAMD64_v1
#define ONE $1
#else
#define ONE $2
#endif
DATA table<>+0(SB)/8, $0x123456789
DATA table<>+8(SB)/8, $"abc\x00\n"
DATA table<>+16(SB)/8, $·g(SB)
DATA table<>+24(SB)/4, $1.5
GLOBL table<>(SB), (8|16), $32
// func f(x []byte) int
TEXT ·f(SB), 0, $136-32
	MOVQ x_base+0(FP), AX
	LEAQ table<>+8(SB), BX
again:
	ADD((AX)(CX*8), DX)
	MOVOU -16(AX)(BX*1), X3
	VPADDD 32(AX), Y1, Y2; VPSHUFB.BCST Z1, Z2, K3, Z4
	VADDPD.RN_SAE.Z Z3, Z2, K1, Z1
	VPGATHERDD Y2, (AX)(Y3*4), Y1
	SUBQ ONE, CX
	JNE again
	PUSHQ AX
	CALL runtime∕internal·h(SB)
	POPQ AX
	PCALIGN $16
	BYTE $0x90; LONG $0x12345678
	MOVSD $1.25, X0
	MOVQ AX, tmp-8(SP)
	JMP 2(PC)
	RET
	MOVQ AX, ret+24(FP)
	RET
TEXT ·g<ABIInternal>(SB), 4|16, $0
	JMP ·f(SB)
)";

void assemble_text(const std::string& text) {
  AssembleOptions o;
  o.package = "p";
  o.file_name = "a.s";
  o.abi_selectors = true;
  o.include = [](const std::string& name, std::string* shown, std::string* out) {
    *shown = name;
    *out = "#define NOSPLIT 4\n";
    return name == "textflag.h";
  };
  const Assembled a = assemble(text, o);
  for (const Message& m : a.errors) EXPECT_FALSE(m.text.empty());
}

TEST(Damage, BytesAndPieces) {
  std::mt19937 random(7);
  auto pick = [&](size_t n) { return static_cast<size_t>(random() % n); };
  static constexpr std::string_view kPieces[] = {"(", ")", "$", "*", "<>", "·", "(SB)", "(FP)", "#", "\\\n", "\n", ",", ":", "-", "0x", "99999999999999999999",
                                                 "#define A A\nA\n", "#include \"x\"\n", "[Z0-Z3]", "\"", "'", "/*", "1.5e", "<<70", "/0", "(TLS)", "(PC)", ".Z", "K1", "TEXT ", "~"};
  for (int round = 0; round < 1500; round++) {
    std::string text(kSeed);
    for (size_t edits = 1 + pick(4); edits > 0; edits--) {
      const size_t at = pick(text.size());
      switch (pick(4)) {
        case 0: text[at] = static_cast<char>(random()); break;
        case 1: text.erase(at, 1 + pick(12)); break;
        case 2: text.insert(at, kPieces[pick(std::size(kPieces))]); break;
        default: text.insert(at, std::string(kSeed.substr(pick(kSeed.size()), pick(40)))); break;
      }
      if (text.empty()) text = "\n";
    }
    assemble_text(text);
  }
}

TEST(Damage, AnyOperandsOfAnyInstruction) {
  std::mt19937 random(11);
  static constexpr std::string_view kOperands[] = {"AX", "R14", "SPB", "AH", "X1", "X31", "Y2", "Z30", "K1", "K0", "M3", "CR4", "FS", "$0", "$-1", "$300", "$0x1122334455", "(AX)", "8(SP)(R9*4)",
                                                   "(X3*2)", "100(BX)(Z4*8)", "a<>(SB)", "·b+8(SB)", "x+0(FP)", "t-16(SP)", "$x+8(FP)", "$1.5", "(TLS)", "0(AX)(TLS*1)", "2(PC)", "lab", "[Z0-Z3]", "*·b(SB)", "TLS"};
  static constexpr std::string_view kSuffixes[] = {"", "", "", ".Z", ".BCST", ".SAE", ".RU_SAE.Z"};
  std::vector<std::string> names;
  for (std::string_view m : all_mnemonics()) names.push_back(std::string(m));
  for (const char* m : {"CALL", "JMP", "RET", "JEQ", "LOOP", "JCXZQ", "BYTE", "QUAD", "PCALIGN", "ADJSP", "FUNCDATA", "PCDATA", "XBEGIN"}) names.push_back(m);
  for (int round = 0; round < 30000; round++) {
    std::string text = "TEXT ·f(SB), 4, $16-8\nlab:\n\t" + names[random() % names.size()] + std::string(kSuffixes[random() % std::size(kSuffixes)]);
    for (uint32_t n = random() % 5, k = 0; k < n; k++) text += (k == 0 ? " " : ", ") + std::string(kOperands[random() % std::size(kOperands)]);
    assemble_text(text + "\n\tRET\n");
  }
}

}  // namespace
}  // namespace gale::plan9
