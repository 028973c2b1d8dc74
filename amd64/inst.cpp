// Facts and printing of machine instructions, all read from insts.def. The text is the Intel syntax as Zydis prints it.
#include "amd64/inst.h"

#include <fmt/core.h>

namespace gale::amd64 {

namespace {

constexpr bool has(std::string_view facts, char c) { return facts.find(c) != std::string_view::npos; }

constexpr InstDesc make_desc(std::string_view mnemonic, Form form, SizeRule size, uint32_t opcode, uint8_t digit, char reg,
                             char rm, std::string_view facts) {
  return {mnemonic, form, size, opcode, digit, reg, rm, has(facts, 'f'), has(facts, 'F'), has(facts, 'c'), has(facts, 'k'),
          has(facts, 'v'), has(facts, 'm'), has(facts, 'C'), has(facts, 'g'), has(facts, 'h')};
}

constexpr InstDesc kDescs[] = {
#define INST(name, mnemonic, form, size, opcode, digit, reg, rm, facts) \
  make_desc(mnemonic, Form::form, SizeRule::size, opcode, digit, #reg[0], #rm[0], facts),
#include "amd64/insts.def"
#undef INST
};

constexpr std::string_view kConds[] = {"o", "no", "b", "nb", "z", "nz", "be", "nbe", "s", "ns", "p", "np", "l", "nl", "le", "nle"};

std::string operand_text(const MFunc& f, const Operand& o, int width) {
  if (o.vreg < kFirstVReg) return std::string(reg_name(static_cast<Reg>(o.vreg), width));
  if (o.reg == kAnyReg) return fmt::format("v{}", o.vreg);
  if (f.slot.empty()) return fmt::format("v{}:{}", o.vreg, reg_name(o.reg, 8));
  return std::string(reg_name(o.reg, width));
}

std::string mem_text(const MFunc& f, const Inst& inst) {
  const Mem& m = inst.mem;
  std::string t;
  auto plus = [&](const std::string& s) { t += (t.empty() ? "" : "+") + s; };
  if (m.base != 0) plus(operand_text(f, inst.operands[m.base - 1], 8));
  switch (m.kind) {
    case Mem::SymbolRip: plus(std::string(m.symbol.text())); break;
    case Mem::Local: plus(fmt::format("local{}", m.id)); break;
    case Mem::Incoming: plus("in"); break;
    case Mem::Outgoing: plus("out"); break;
    case Mem::Slot: plus(f.slot.empty() ? fmt::format("slot.v{}", m.id) : fmt::format("slot{}.v{}", f.slot[m.id], m.id)); break;
    case Mem::FloatConst: plus(fmt::format("float.v{}", m.id)); break;
    default: break;
  }
  if (m.index != 0) plus(fmt::format("{}*{}", operand_text(f, inst.operands[m.index - 1], 8), m.scale));
  if (m.disp != 0) t += fmt::format("{}0x{:X}", m.disp < 0 ? "-" : "+", m.disp < 0 ? -int64_t(m.disp) : m.disp);
  return "[" + t + "]";
}

}  // namespace

const InstDesc& desc(MOp op) { return kDescs[static_cast<int>(op)]; }

Cond swap_operands(Cond c) {
  switch (c) {
    case Cond::B: return Cond::A;
    case Cond::A: return Cond::B;
    case Cond::AE: return Cond::BE;
    case Cond::BE: return Cond::AE;
    case Cond::L: return Cond::G;
    case Cond::G: return Cond::L;
    case Cond::GE: return Cond::LE;
    case Cond::LE: return Cond::GE;
    default: return c;
  }
}

int rm_use(const Inst& inst) {
  const InstDesc& d = desc(inst.op);
  if (inst.mem.kind != Mem::None || d.no_slot || d.rm != 'r') return -1;
  return d.reg == 'x' || d.reg == 'r' ? 1 : 0;
}

std::string_view reg_name(Reg r, int width) {
  static constexpr std::string_view k8[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                            "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"};
  static constexpr std::string_view k4[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi",
                                            "r8d", "r9d", "r10d", "r11d", "r12d", "r13d", "r14d", "r15d"};
  static constexpr std::string_view k2[] = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di",
                                            "r8w", "r9w", "r10w", "r11w", "r12w", "r13w", "r14w", "r15w"};
  static constexpr std::string_view k1[] = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil",
                                            "r8b", "r9b", "r10b", "r11b", "r12b", "r13b", "r14b", "r15b"};
  static constexpr std::string_view kx[] = {"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                                            "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"};
  if (r >= kNumRegs) return "?";
  if (r >= X0) return kx[r - X0];
  return width == 1 ? k1[r] : width == 2 ? k2[r] : width == 4 ? k4[r] : k8[r];
}

std::string print(const MFunc& f, const Inst& inst) {
  const InstDesc& d = desc(inst.op);
  std::string t(d.mnemonic);
  if (d.cond) t += kConds[static_cast<int>(inst.cond)];
  if (d.form != Form::PS && (d.size == SizeRule::S || d.size == SizeRule::P || d.size == SizeRule::X)) {
    t += inst.width == 4 ? "s" : "d";
  }
  t += fmt::format(".{}", inst.width);
  const char* separator = " ";
  for (size_t i = 0; i < inst.all().size(); i++) {
    const Operand& o = inst.operands[i];
    bool is_def = i < inst.num_defs;
    if (!is_def && (i + 1 == inst.mem.base || i + 1 == inst.mem.index)) continue;
    t += separator;
    if (is_def) t += "=";
    if (o.tied) t += "~";
    t += operand_text(f, o, inst.width);
    separator = ", ";
  }
  if (inst.mem.kind != Mem::None) {
    t += separator + mem_text(f, inst);
    separator = ", ";
  }
  if (!inst.symbol.empty()) {
    t += separator + std::string(inst.symbol.text());
    separator = ", ";
  }
  if (inst.imm != 0 || d.form == Form::MI || d.form == Form::RMI) t += fmt::format("{}{}", separator, inst.imm);
  if (inst.op == MOp::Remat) {
    const VRegInfo& v = f.vregs[inst.operands[0].vreg];
    if (v.kind == VRegInfo::Int || v.kind == VRegInfo::Float) t += fmt::format(" = {:#x}", v.imm);
    else t += fmt::format(" = {}{}", v.mem.kind == Mem::SymbolRip ? v.mem.symbol.text() : std::string_view("frame"), v.mem.disp);
  }
  return t;
}

std::string print(const MFunc& f) {
  std::string t;
  for (size_t b = 0; b < f.blocks.size(); b++) {
    const MBlock& block = f.blocks[b];
    t += fmt::format("b{}:{}{}", b, block.cold ? " cold" : "", block.loop_depth > 0 ? fmt::format(" depth {}", block.loop_depth) : "");
    for (uint32_t p : block.preds) t += fmt::format(" <b{}", p);
    for (uint32_t s : block.succs) t += fmt::format(" ->b{}", s);
    t += "\n";
    for (const MPhi& phi : block.phis) {
      t += fmt::format("  v{} = phi", phi.def);
      for (VReg a : phi.args) t += fmt::format(" v{}", a);
      t += "\n";
    }
    for (const Inst* inst : block.insts) t += "  " + print(f, *inst) + "\n";
  }
  return t;
}

}  // namespace gale::amd64
