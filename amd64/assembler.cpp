// Encoding of instruction forms (Intel SDM volume 2, chapter 2). Everything comes from the row of insts.def.
#include "amd64/assembler.h"

#include "base/check.h"

namespace gale::amd64 {

namespace {

bool fits8(int64_t v) { return v == static_cast<int8_t>(v); }
bool fits32(int64_t v) { return v == static_cast<int32_t>(v); }
int low(Reg r) { return r & 7; }
bool high(Reg r) { return r != kAnyReg && (r & 8) != 0; }

// What size and form rules make of a row.
struct Shape {
  int prefix = 0;      // 66, F2, F3
  bool rex_w = false;
  uint32_t opcode = 0;
  int imm_bytes = 0;
  bool byte_reg = false, byte_rm = false;  // registers named as bytes: SPL.. need REX
};

Shape shape_of(const InstDesc& d, Assembler::Size size, int64_t imm, Cond cond) {
  Shape s;
  s.opcode = d.opcode;
  int w = size.width;
  switch (d.size) {
    case SizeRule::I:
      if (w == 1) {
        s.opcode--;
        s.byte_reg = s.byte_rm = true;
      }
      break;
    case SizeRule::W:
    case SizeRule::N:
      break;
    case SizeRule::E:
      if (size.width2 == 2) s.opcode++;
      s.byte_rm = size.width2 == 1;
      break;
    case SizeRule::R:
      s.prefix = 0xF3;
      s.rex_w = w == 8;
      break;
    case SizeRule::S:
      s.prefix = w == 4 ? 0xF3 : 0xF2;
      break;
    case SizeRule::P:
      if (w == 8) s.prefix = 0x66;
      break;
    case SizeRule::D:
      s.prefix = 0x66;
      s.rex_w = w == 8 && d.form != Form::RMI8;
      if (w == 8 && d.form == Form::RMI8) s.opcode++;  // roundsd follows roundss
      break;
    case SizeRule::X:
      s.prefix = w == 4 ? 0xF3 : 0xF2;
      s.rex_w = size.width2 == 8;
      break;
  }
  if (d.size == SizeRule::I || d.size == SizeRule::W || d.size == SizeRule::E) {
    if (w == 2) s.prefix = 0x66;
    if (w == 8) s.rex_w = true;
  }
  if (d.cond) {
    s.opcode += static_cast<uint32_t>(cond);
    if (d.form == Form::M) s.byte_rm = true;
  }
  switch (d.form) {
    case Form::MI:
    case Form::RMI:
      if (w == 1) {
        s.imm_bytes = 1;
      } else if (d.opcode != 0xC7 && d.opcode != 0xF7 && fits8(imm)) {
        s.opcode += 2;
        s.imm_bytes = 1;
      } else {
        s.imm_bytes = w == 2 ? 2 : 4;
      }
      break;
    case Form::MI8:
    case Form::RMI8:
      s.imm_bytes = 1;
      break;
    default:
      break;
  }
  return s;
}

}  // namespace

void Assembler::u32(uint32_t v) {
  for (int i = 0; i < 4; i++) byte(static_cast<int>(v >> (8 * i)));
}

void Assembler::imm(int count, int64_t value) {
  for (int i = 0; i < count; i++) byte(static_cast<int>(value >> (8 * i)) & 0xff);
}

void Assembler::reloc(link::RelocKind kind, Symbol target, int64_t addend) {
  relocs.push_back({.offset = size(), .kind = kind, .target = target, .addend = addend});
}

// ModRM, SIB, displacement. `trailing`: bytes of immediate that follow.
void Assembler::address(int reg_field, const Address& a, int trailing) {
  int reg_bits = (reg_field & 7) << 3;
  if (a.rip) {
    byte(reg_bits | 5);
    reloc(link::RelocKind::PcRel32, a.symbol, int64_t(a.disp) - 4 - trailing);
    u32(0);
    return;
  }
  if (a.base == kAnyReg) {  // [index*scale + disp32] or [disp32]
    int scale_bits = a.scale == 8 ? 3 : a.scale == 4 ? 2 : a.scale == 2 ? 1 : 0;
    byte(reg_bits | 4);
    byte(scale_bits << 6 | (a.index == kAnyReg ? 4 : low(a.index)) << 3 | 5);
    u32(static_cast<uint32_t>(a.disp));
    return;
  }
  int mode = a.disp == 0 && low(a.base) != RBP ? 0 : fits8(a.disp) ? 1 : 2;
  if (a.index != kAnyReg || low(a.base) == RSP) {
    int scale_bits = a.scale == 8 ? 3 : a.scale == 4 ? 2 : a.scale == 2 ? 1 : 0;
    byte(mode << 6 | reg_bits | 4);
    byte(scale_bits << 6 | (a.index == kAnyReg ? 4 : low(a.index)) << 3 | low(a.base));
  } else {
    byte(mode << 6 | reg_bits | low(a.base));
  }
  if (mode == 1) byte(a.disp & 0xff);
  if (mode == 2) u32(static_cast<uint32_t>(a.disp));
}

void Assembler::encode(const InstDesc& d, Size size, Reg reg, Reg rm_reg, const Address* mem, int64_t value, Cond cond) {
  Shape s = shape_of(d, size, value, cond);
  bool has_reg = d.form == Form::RM || d.form == Form::MR || d.form == Form::RMI || d.form == Form::RMI8;
  if (d.lock) byte(0xF0);
  if (s.prefix != 0) byte(s.prefix);
  int rex = 0;
  if (s.rex_w) rex |= 8;
  if (has_reg && high(reg)) rex |= 4;
  if (mem != nullptr) {
    if (!mem->rip && high(mem->index)) rex |= 2;
    if (!mem->rip && high(mem->base)) rex |= 1;
  } else if (high(rm_reg)) {
    rex |= 1;
  }
  bool force = (has_reg && s.byte_reg && reg >= RSP && reg <= RDI) || (mem == nullptr && s.byte_rm && rm_reg >= RSP && rm_reg <= RDI);
  if (rex != 0 || force) byte(0x40 | rex);
  if (s.opcode > 0xffff) byte(static_cast<int>(s.opcode >> 16));
  if (s.opcode > 0xff) byte(static_cast<int>(s.opcode >> 8) & 0xff);
  if (d.form == Form::O || d.form == Form::OI) {
    byte(static_cast<int>(s.opcode & 0xff) + low(rm_reg));
    return;
  }
  byte(static_cast<int>(s.opcode & 0xff));
  int field = has_reg ? low(reg) : d.digit;
  if (mem != nullptr) {
    address(field, *mem, s.imm_bytes);
  } else {
    byte(0xC0 | field << 3 | low(rm_reg));
  }
  imm(s.imm_bytes, value);
}

void Assembler::rr(MOp op, Size size, Reg reg, Reg rm_reg, int64_t value, Cond cond) {
  encode(desc(op), size, reg, rm_reg, nullptr, value, cond);
}

void Assembler::rm(MOp op, Size size, Reg reg, const Address& mem, int64_t value, Cond cond) {
  encode(desc(op), size, reg, kAnyReg, &mem, value, cond);
}

void Assembler::zo(MOp op, int width) {
  const InstDesc& d = desc(op);
  if (d.size == SizeRule::W && width == 8) byte(0x48);
  if (d.opcode > 0xff) byte(static_cast<int>(d.opcode >> 8));
  byte(static_cast<int>(d.opcode & 0xff));
}

void Assembler::load_imm(Reg reg, int64_t value, bool may_clobber_flags) {
  if (value == 0 && may_clobber_flags) {
    rr(MOp::XorRM, {4}, reg, reg);
  } else if (value == static_cast<int64_t>(static_cast<uint32_t>(value))) {
    encode(desc(MOp::MovRI), {4}, RAX, reg, nullptr, value, Cond::O);
    imm(4, value);
  } else if (fits32(value)) {
    m(MOp::MovMI, {8}, reg, value);
  } else {
    encode(desc(MOp::MovRI), {8}, RAX, reg, nullptr, value, Cond::O);
    imm(8, value);
  }
}

void Assembler::call(Symbol target, bool jump) {
  byte(jump ? 0xE9 : 0xE8);
  reloc(link::RelocKind::Call32, target, -4);
  u32(0);
}

uint32_t Assembler::short_jcc(Cond c) {
  byte(0x70 + static_cast<int>(c));
  byte(0);
  return size();
}

uint32_t Assembler::short_jmp() {
  byte(0xEB);
  byte(0);
  return size();
}

void Assembler::bind(uint32_t at) {
  CHECK(size() - at < 128, "a short jump reaches its target");
  bytes[at - 1] = static_cast<uint8_t>(size() - at);
}

void Assembler::jcc_back(Cond c, uint32_t to) {
  byte(0x70 + static_cast<int>(c));
  byte(static_cast<int>(to - (size() + 1)) & 0xff);
}

}  // namespace gale::amd64
