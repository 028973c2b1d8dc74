// Each instruction form of insts.def, at each width, with low and high registers and all kinds of addresses, against Zydis.
#include <Zydis/Zydis.h>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "amd64/assembler.h"

namespace gale::amd64 {
namespace {

constexpr std::string_view kConds[] = {"o", "no", "b", "nb", "z", "nz", "be", "nbe", "s", "ns", "p", "np", "l", "nl", "le", "nle"};

struct Row {
  MOp op;
  const char* name;
};
constexpr Row kRows[] = {
#define INST(name, ...) {MOp::name, #name},
#include "amd64/insts.def"
#undef INST
};

std::string mnemonic(const InstDesc& d, int width, Cond cond) {
  std::string m(d.mnemonic);
  bool single = width == 4;
  if (m == "cvtts2si") return single ? "cvttss2si" : "cvttsd2si";
  if (m == "cvtss2sd") return single ? "cvtss2sd" : "cvtsd2ss";
  if (m == "cdq") return width == 8 ? "cqo" : "cdq";
  if (d.size == SizeRule::D && m == "mov") return single ? "movd" : "movq";
  if (d.size == SizeRule::S || d.size == SizeRule::X || m == "rounds") return m + (single ? "s" : "d");
  if (d.size == SizeRule::P) return m + (m == "ucomis" ? (single ? "s" : "d") : (single ? "s" : "d"));
  if (d.cond) return m + std::string(kConds[static_cast<int>(cond)]);
  if (d.lock) return "lock " + m;
  return m;
}

// Bytes of the r/m operand as the disassembler names them (0: no size is written).
int rm_bytes(MOp op, const InstDesc& d, int width, int width2) {
  if (op == MOp::LeaRM) return 0;
  if (op == MOp::PrefetchT0M || op == MOp::PrefetchNtaM) return -1;
  if (op == MOp::CallM || op == MOp::JmpM) return 8;
  if (d.size == SizeRule::E) return op == MOp::MovsxdRM ? 4 : width2;
  if (d.cond && d.form == Form::M) return 1;
  if (op == MOp::Cvtsi2sRM) return width2;
  if (op == MOp::MovapsRM || op == MOp::MovupsRM || op == MOp::MovupsMR || (d.size == SizeRule::P && op != MOp::UcomisRM)) return 16;
  return width;
}

std::string_view size_name(int bytes) {
  switch (bytes) {
    case -1: return "byte ptr ";
    case 1: return "byte ptr ";
    case 2: return "word ptr ";
    case 4: return "dword ptr ";
    case 8: return "qword ptr ";
    case 16: return "xmmword ptr ";
    default: return "";
  }
}

std::string address_text(const Address& a) {
  std::string t;
  if (a.base != kAnyReg) t += reg_name(a.base, 8);
  if (a.index != kAnyReg) t += fmt::format("+{}{}", reg_name(a.index, 8), a.scale == 1 ? "*1" : fmt::format("*{}", a.scale));
  if (a.disp != 0) t += fmt::format("{}0x{:02X}", a.disp < 0 ? "-" : "+", a.disp < 0 ? -int64_t(a.disp) : a.disp);
  return "[" + t + "]";
}

std::string imm_text(int64_t imm, int width) {
  if (width == 1) imm = static_cast<uint8_t>(imm);
  if (width == 2) imm = static_cast<uint16_t>(imm);
  if (width == 4) imm = static_cast<uint32_t>(imm);
  return fmt::format("0x{:02X}", static_cast<uint64_t>(imm));
}

std::string disassemble(const Assembler& as, uint64_t* length) {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  ZydisFormatter formatter;
  ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
  ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_FORCE_SIZE, ZYAN_TRUE);
  ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_IMM_SIGNEDNESS, ZYDIS_SIGNEDNESS_UNSIGNED);
  ZydisDecodedInstruction inst;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
  if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, as.bytes.data(), as.bytes.size(), &inst, operands))) {
    return "undecodable";
  }
  *length = inst.length;
  char buffer[200];
  ZydisFormatterFormatInstruction(&formatter, &inst, operands, inst.operand_count_visible, buffer, sizeof buffer, 0x1000, nullptr);
  return buffer;
}

struct Case {
  MOp op;
  int width, width2;
  Reg reg, rm;
  const Address* mem;
  int64_t imm;
  Cond cond;
};

void check(const Case& c) {
  const InstDesc& d = desc(c.op);
  Assembler as;
  Assembler::Size size{c.width, c.width2};
  if (d.form == Form::ZO) as.zo(c.op, c.width);
  else if (c.mem != nullptr) as.rm(c.op, size, c.reg, *c.mem, c.imm, c.cond);
  else as.rr(c.op, size, c.reg, c.rm, c.imm, c.cond);
  if (c.op == MOp::MovRI) return;  // its immediate is appended by load_imm

  int rm_size = rm_bytes(c.op, d, c.width, c.width2);
  int reg_size = c.op == MOp::Cvtts2siRM ? c.width2 : c.width;
  std::string rm = c.mem != nullptr ? std::string(size_name(rm_size)) + address_text(*c.mem)
                                    : std::string(reg_name(c.rm, rm_size));
  std::string reg(reg_name(c.reg, reg_size));
  std::string want = mnemonic(d, c.width, c.cond);
  switch (d.form) {
    case Form::RM: want += " " + reg + ", " + rm; break;
    case Form::MR: want += " " + rm + ", " + reg; break;
    case Form::M: case Form::O: want += " " + rm; break;
    case Form::MC: want += " " + rm + ", cl"; break;
    case Form::MI: want += " " + rm + ", " + imm_text(c.imm, c.width); break;
    case Form::MI8: want += " " + rm + ", " + imm_text(c.imm, 1); break;
    case Form::RMI: want += " " + reg + ", " + rm + ", " + imm_text(c.imm, c.width); break;
    case Form::RMI8: want += " " + reg + ", " + rm + ", " + imm_text(c.imm, 1); break;
    default: break;
  }
  uint64_t length = 0;
  std::string got = disassemble(as, &length);
  EXPECT_EQ(got, want) << "width " << c.width;
  EXPECT_EQ(length, as.bytes.size()) << want;
}

TEST(Assembler, AgreesWithADisassembler) {
  constexpr Reg kInts[] = {RAX, RSP, RSI, R8, R13, R15};
  constexpr Reg kFloats[] = {X0, X5, X8, X15};
  const Address kAddresses[] = {
      {.base = RAX}, {.base = RSP, .disp = 8}, {.base = RBP, .disp = -8}, {.base = R13}, {.base = R12, .disp = 0x1234},
      {.base = RBX, .index = RCX, .scale = 8, .disp = 0x10}, {.base = R13, .index = R12, .scale = 2}, {.base = RBP, .index = R15, .scale = 4, .disp = -0x200},
  };
  int cases = 0;
  for (const Row& row : kRows) {
    const InstDesc& d = desc(row.op);
    if (d.form == Form::PS) continue;
    bool floats = d.size == SizeRule::S || d.size == SizeRule::P || d.size == SizeRule::D || d.size == SizeRule::X ||
                  row.op == MOp::MovapsRM || row.op == MOp::MovupsRM || row.op == MOp::MovupsMR;
    bool int_rm = !floats || d.other_rm, int_reg = !floats || d.other_reg;
    std::vector<int> widths = {4, 8};
    if (d.size == SizeRule::I) widths = {1, 2, 4, 8};
    if (d.size == SizeRule::N) widths = {8};
    for (int width : widths) {
      std::vector<int> width2s = {0};
      if (d.size == SizeRule::E) width2s = row.op == MOp::MovsxdRM ? std::vector<int>{0} : std::vector<int>{1, 2};
      if (d.size == SizeRule::X) width2s = {4, 8};
      if (row.op == MOp::MovsxdRM && width == 4) continue;
      for (int width2 : width2s) {
        std::vector<int64_t> imms = {0};
        if (d.form == Form::MI || d.form == Form::RMI) imms = {1, -1, 127, 0x12345678};
        if (d.form == Form::MI8 || d.form == Form::RMI8) imms = {1, 31};
        for (int64_t imm : imms) {
          for (Reg reg : int_reg ? std::span<const Reg>(kInts) : std::span<const Reg>(kFloats)) {
            if (d.form == Form::ZO && reg != RAX) continue;
            Cond cond = d.cond ? static_cast<Cond>((reg + imm) & 15) : Cond::O;
            if (d.rm != '-' || d.form == Form::O) {
              bool memory_only = row.op == MOp::LeaRM || d.lock || row.op == MOp::PrefetchT0M || row.op == MOp::PrefetchNtaM;
              for (Reg rm : int_rm ? std::span<const Reg>(kInts) : std::span<const Reg>(kFloats)) {
                if (!memory_only) check({row.op, width, width2, reg, rm, nullptr, imm, cond});
                cases++;
              }
              if (d.form == Form::O || d.form == Form::OI) continue;
              for (const Address& a : kAddresses) check({row.op, width, width2, reg, RAX, &a, imm, cond});
            } else if (d.form == Form::ZO) {
              check({row.op, width, width2, reg, reg, nullptr, imm, cond});
            }
          }

        }
      }
    }
  }
  EXPECT_GT(cases, 2000);
}

TEST(Assembler, LoadsConstantsInTheShortestForm) {
  struct Constant {
    int64_t value;
    bool flags;
    size_t bytes;
    const char* text;
  };
  for (const Constant& c : {Constant{0, true, 2, "xor eax, eax"}, {0, false, 5, "mov eax, 0x00"}, {-1, true, 7, "mov rax, 0xFFFFFFFFFFFFFFFF"},
                            {0xffffffff, true, 5, "mov eax, 0xFFFFFFFF"}, {0x123456789abcdef0, true, 10, "mov rax, 0x123456789ABCDEF0"}}) {
    Assembler as;
    as.load_imm(RAX, c.value, c.flags);
    uint64_t length = 0;
    EXPECT_EQ(disassemble(as, &length), c.text);
    EXPECT_EQ(as.bytes.size(), c.bytes);
    EXPECT_EQ(length, c.bytes);
  }
}

}  // namespace
}  // namespace gale::amd64
