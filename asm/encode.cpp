// Matching of operands with the table's rows, and the three encodings (legacy, VEX, EVEX). Intel SDM volume 2, chapter 2.
#include "asm/encode.h"

#include <algorithm>

namespace gale::plan9 {

namespace {

constexpr uint8_t kSp = 4, kBp = 5;

bool is_memory(const Operand& o) { return o.kind == OperandKind::Memory; }

// Memory that a general row takes: no vector index, no pseudo register left over.
bool plain_memory(const Operand& o) {
  if (!is_memory(o)) return false;
  if (o.place == Place::Symbol) return !o.base && !o.index && !o.star;
  if (o.place != Place::None || o.star) return false;
  if (o.base && o.base.kind != RegClass::Gpr && o.base.kind != RegClass::Tls) return false;
  if (o.index && (o.index.kind != RegClass::Gpr || o.index.number == kSp)) return false;
  return true;
}

bool vector_memory(const Operand& o, RegClass index) {
  return is_memory(o) && o.place == Place::None && o.index.kind == index && (!o.base || o.base.kind == RegClass::Gpr);
}

bool fits_class(const Operand& o, Class c, Space space) {
  const bool reg = o.kind == OperandKind::Register;
  const uint8_t n = o.reg.number;
  const RegClass k = o.reg.kind;
  auto vector = [&](RegClass want) { return reg && k == want && (space == Space::Evex || n < 16); };
  const bool imm = o.kind == OperandKind::Immediate;
  const int64_t v = o.value;
  switch (c) {
    case Class::R: return reg && k == RegClass::Gpr;
    case Class::B: return reg && (k == RegClass::Gpr || k == RegClass::Byte || k == RegClass::HighByte);
    case Class::X: return vector(RegClass::X);
    case Class::Y: return vector(RegClass::Y);
    case Class::Z: return vector(RegClass::Z) && space == Space::Evex;
    case Class::V: return vector(RegClass::X) || vector(RegClass::Y);
    case Class::E: return vector(RegClass::X) || vector(RegClass::Y) || vector(RegClass::Z);
    case Class::K: return reg && k == RegClass::K;
    case Class::Mm: return reg && k == RegClass::Mmx;
    case Class::Seg: return reg && k == RegClass::Segment;
    case Class::Ctl: return reg && k == RegClass::Control && n < 16;
    case Class::Dbg: return reg && k == RegClass::Debug;
    case Class::Mem: return plain_memory(o);
    case Class::Vx: return vector_memory(o, RegClass::X);
    case Class::Vy: return vector_memory(o, RegClass::Y);
    case Class::Vz: return vector_memory(o, RegClass::Z);
    case Class::I8: return imm && v >= -128 && v <= 127;
    case Class::U8: return imm && v >= (space == Space::Legacy ? 0 : -128) && v <= 255;
    case Class::B8: return imm && v >= -128 && v <= 255;
    case Class::U2: return imm && v >= 0 && v <= 3;
    case Class::U7: return imm && v >= 0 && v <= 127;
    case Class::I16: return imm && v >= -32768 && v <= 65535;
    case Class::I32: return imm && v >= INT32_MIN && v <= static_cast<int64_t>(UINT32_MAX);
    case Class::S32: return imm && v >= INT32_MIN && v <= INT32_MAX;
    case Class::I64: return imm;
    case Class::One: return imm && v == 1;
    case Class::Ax: return reg && k == RegClass::Gpr && n == 0;
    case Class::Al: return reg && (k == RegClass::Byte || k == RegClass::Gpr) && n == 0;
    case Class::Cl: return reg && k == RegClass::Byte && n == 1;
    case Class::Cx: return reg && k == RegClass::Gpr && n == 1;
    case Class::Dx: return reg && k == RegClass::Gpr && n == 2;
    case Class::X0: return reg && k == RegClass::X && n == 0;
    case Class::Zlist: case Class::Xlist: return false;
  }
  return false;
}

struct Suffix {
  bool z = false, bcst = false, sae = false;
  int rounding = -1;
  bool any() const { return z || bcst || sae || rounding >= 0; }
};

Suffix parse_suffix(std::string_view s) {
  Suffix out;
  out.z = s.ends_with(".Z");
  out.bcst = s.find(".BCST") != s.npos;
  if (s.find(".RN_SAE") != s.npos) out.rounding = 0;
  else if (s.find(".RD_SAE") != s.npos) out.rounding = 1;
  else if (s.find(".RU_SAE") != s.npos) out.rounding = 2;
  else if (s.find(".RZ_SAE") != s.npos) out.rounding = 3;
  else out.sae = s.find(".SAE") != s.npos;
  return out;
}

int vector_length(RegClass k) { return k == RegClass::Z ? 2 : k == RegClass::Y ? 1 : 0; }

// The operands of one instruction in the roles of a form.
struct Roles {
  const Operand* reg = nullptr;
  const Operand* rm = nullptr;
  const Operand* vvvv = nullptr;
  const Operand* is4 = nullptr;
  const Operand* opcode = nullptr;
  const Operand* imm = nullptr;
  const Operand* mask = nullptr;
  bool byte_reg[2] = {};  // of reg/opcode and of rm: a byte register
  int length = 0;
};

bool match(const Form& f, const Instruction& in, const Suffix& suffix, Roles* out) {
  const size_t n = f.operands.size();
  const std::vector<Operand>& ops = in.operands;
  *out = {};
  size_t mask_at = SIZE_MAX;
  if (f.space == Space::Evex && !f.no_mask && ops.size() == n + 1) {
    mask_at = f.mask_first || n == 1 ? 0 : n - 1;
    if (!f.mask_first && n == 1) mask_at = 0;
    const Operand& k = ops[mask_at];
    if (k.kind != OperandKind::Register || k.reg.kind != RegClass::K || k.reg.number == 0) return false;
    out->mask = &k;
  } else if (ops.size() != n) {
    return false;
  }
  if (f.needs_mask && out->mask == nullptr) return false;
  if (suffix.any() && f.space != Space::Evex) return false;
  int length = f.length;
  for (size_t i = 0, k = 0; i < ops.size(); i++) {
    if (i == mask_at) continue;
    const Pattern& p = f.operands[k++];
    const Operand& o = ops[i];
    if (!(p.or_memory && plain_memory(o)) && !fits_class(o, p.cls, f.space)) return false;
    if ((p.cls == Class::V || p.cls == Class::E) && o.kind == OperandKind::Register) {
      const int l = vector_length(o.reg.kind);
      if (length >= 0 && l != length) return false;
      length = l;
    }
    const bool byte = p.cls == Class::B && o.kind == OperandKind::Register;
    switch (p.role) {
      case Role::Reg: out->reg = &o; out->byte_reg[0] |= byte; break;
      case Role::Rm: out->rm = &o; out->byte_reg[1] |= byte; break;
      case Role::Vvvv: out->vvvv = &o; break;
      case Role::Is4: out->is4 = &o; break;
      case Role::Opcode: out->opcode = &o; out->byte_reg[0] |= byte; break;
      case Role::Both: out->reg = out->rm = &o; break;
      case Role::Imm: if (p.cls != Class::One) out->imm = &o; break;
      case Role::Implied: break;
    }
  }
  out->length = length < 0 ? 0 : length;
  return true;
}

// ModRM, SIB and displacement. `unit`: of a compressed 8-bit displacement.
bool put_operand(Encoded* out, int reg_field, const Operand& rm, int unit, int trailing, std::string* error) {
  const int reg = (reg_field & 7) << 3;
  if (rm.kind == OperandKind::Register) {
    out->put(static_cast<uint64_t>(0xc0 | reg | (rm.reg.number & 7)));
    return true;
  }
  if (rm.value < INT32_MIN || rm.value > INT32_MAX) {
    *error = "offset too large";
    return false;
  }
  const auto disp = static_cast<int32_t>(rm.value);
  if (rm.place == Place::Symbol) {
    out->put(static_cast<uint64_t>(reg | 5));
    out->field = static_cast<int8_t>(out->size);
    out->target = &rm.name;
    out->addend = rm.value - 4 - trailing;
    out->put(0, 4);
    return true;
  }
  const uint8_t scale = rm.scale == 8 ? 3 : rm.scale == 4 ? 2 : rm.scale == 2 ? 1 : 0;
  if (rm.base.kind == RegClass::Tls) {
    out->put(static_cast<uint64_t>(reg | 4));
    out->put(0x25);
    out->put(static_cast<uint32_t>(disp - 8), 4);  // g lies just below the thread pointer
    return true;
  }
  if (!rm.base) {
    out->put(static_cast<uint64_t>(reg | 4));
    out->put(rm.index ? static_cast<uint64_t>(scale << 6 | (rm.index.number & 7) << 3 | 5) : 0x25);
    out->put(static_cast<uint32_t>(disp), 4);
    return true;
  }
  const int base = rm.base.number & 7;
  int mod = 2;
  if (disp == 0 && base != kBp) mod = 0;
  else if (disp % unit == 0 && disp / unit >= -128 && disp / unit <= 127) mod = 1;
  if (rm.index || base == kSp) {
    out->put(static_cast<uint64_t>(mod << 6 | reg | 4));
    out->put(static_cast<uint64_t>(rm.index ? scale << 6 | (rm.index.number & 7) << 3 | base : 0x20 | base));
  } else {
    out->put(static_cast<uint64_t>(mod << 6 | reg | base));
  }
  if (mod == 1) out->put(static_cast<uint8_t>(disp / unit));
  if (mod == 2) out->put(static_cast<uint32_t>(disp), 4);
  return true;
}

int number(const Operand* o) { return o == nullptr ? 0 : o->reg.number; }
int base_number(const Operand& rm) { return rm.kind == OperandKind::Register ? rm.reg.number : rm.base && rm.base.kind == RegClass::Gpr ? rm.base.number : 0; }
int index_number(const Operand& rm) { return rm.kind != OperandKind::Register && rm.index ? rm.index.number : 0; }

void put_legacy(const Form& f, const Roles& r, Encoded* out) {
  if (r.rm != nullptr && r.rm->kind == OperandKind::Memory && r.rm->base.kind == RegClass::Tls) out->put(0x64);
  if (f.prefix66 != 0) out->put(f.prefix66);
  if (f.prefix_rep != 0) out->put(f.prefix_rep);
  int rex = f.w ? 8 : 0;
  if (number(r.reg) & 8) rex |= 4;
  if (r.rm != nullptr) {
    if (base_number(*r.rm) & 8) rex |= 1;
    if (index_number(*r.rm) & 8) rex |= 2;
  }
  if (number(r.opcode) & 8) rex |= 1;
  auto needs_rex = [](const Operand* o, bool byte) {
    return byte && o != nullptr && o->kind == OperandKind::Register && o->reg.kind != RegClass::HighByte && o->reg.number >= 4;
  };
  const bool plain_rex = needs_rex(r.reg, r.byte_reg[0]) || needs_rex(r.opcode, r.byte_reg[0]) || needs_rex(r.rm, r.byte_reg[1]);
  if (rex != 0 || plain_rex) out->put(static_cast<uint64_t>(0x40 | rex));
  if (f.map != 0) out->put(0x0f);
  if (f.map == 2) out->put(0x38);
  if (f.map == 3) out->put(0x3a);
  out->put(static_cast<uint64_t>(f.opcode + (f.opcode_reg ? number(r.opcode) & 7 : 0)));
}

uint8_t pp(const Form& f) { return f.prefix66 != 0 ? 1 : f.prefix_rep == 0xf3 ? 2 : f.prefix_rep == 0xf2 ? 3 : 0; }

void put_vex(const Form& f, const Roles& r, Encoded* out) {
  const int no_r = (number(r.reg) & 8) ? 0 : 0x80, v = ~number(r.vvvv) & 15;
  const bool b = r.rm != nullptr && (base_number(*r.rm) & 8) != 0, x = r.rm != nullptr && (index_number(*r.rm) & 8) != 0;
  const int last = v << 3 | r.length << 2 | pp(f);
  if (!b && !x && !f.w && f.map == 1) {
    out->put(0xc5);
    out->put(static_cast<uint64_t>(no_r | last));
  } else {
    out->put(0xc4);
    out->put(static_cast<uint64_t>(no_r | (x ? 0 : 0x40) | (b ? 0 : 0x20) | f.map));
    out->put(static_cast<uint64_t>((f.w ? 0x80 : 0) | last));
  }
  out->put(f.opcode);
}

bool put_evex(const Form& f, const Roles& r, const Suffix& s, Encoded* out, int* unit, std::string* error) {
  const bool memory = r.rm->kind != OperandKind::Register;
  int length = r.length;
  bool b = false;
  if (s.z) {
    if (!f.zeroing) return *error = "unsupported zeroing", false;
    if (r.mask == nullptr) return *error = "mask register must be specified for .Z instructions", false;
  }
  if (s.bcst) {
    if (f.broadcast == 0) return *error = "unsupported broadcast", false;
    if (!memory) return *error = "illegal broadcast without memory argument", false;
    b = true;
  }
  if (s.rounding >= 0) {
    if (!f.rounding) return *error = "unsupported rounding", false;
    if (memory) return *error = "illegal rounding with memory argument", false;
    length = s.rounding;
    b = true;
  }
  if (s.sae) {
    if (!f.sae) return *error = "unsupported SAE", false;
    if (memory) return *error = "illegal SAE with memory argument", false;
    b = true;
  }
  const int reg = number(r.reg), rm = base_number(*r.rm), index = index_number(*r.rm);
  int v = number(r.vvvv);
  const bool x = memory ? (index & 8) != 0 : (rm & 16) != 0;
  if (memory && r.rm->index && r.rm->index.kind != RegClass::Gpr) v |= index & 16;
  out->put(0x62);
  out->put(static_cast<uint64_t>(((reg & 8) ? 0 : 0x80) | (x ? 0 : 0x40) | ((rm & 8) ? 0 : 0x20) | ((reg & 16) ? 0 : 0x10) | f.map));
  out->put(static_cast<uint64_t>((f.w ? 0x80 : 0) | (~v & 15) << 3 | 4 | pp(f)));
  out->put(static_cast<uint64_t>((s.z ? 0x80 : 0) | length << 5 | (b ? 0x10 : 0) | ((v & 16) ? 0 : 8) | number(r.mask)));
  out->put(f.opcode);
  *unit = s.bcst ? f.broadcast : f.unit != 0 ? f.unit : f.divisor != 0 ? (16 << r.length) / f.divisor : 1;
  return true;
}

// Gathers need distinct registers.
bool gather_ok(const Instruction& in, const Form& f, const Roles& r, std::string* error) {
  if (r.rm == nullptr || r.rm->kind != OperandKind::Memory || !r.rm->index || r.rm->index.kind == RegClass::Gpr || r.reg == nullptr) return true;
  if (in.mnemonic.find("GATHER") == std::string::npos) return true;
  const int dest = number(r.reg), index = r.rm->index.number;
  if (f.space == Space::Vex && (dest == index || dest == number(r.vvvv) || index == number(r.vvvv))) {
    *error = "mask, index, and destination registers should be distinct";
    return false;
  }
  if (f.space == Space::Evex && dest == index) {
    *error = "index and destination registers should be distinct";
    return false;
  }
  return true;
}

bool emit(const Form& f, const Instruction& in, const Roles& r, const Suffix& s, Encoded* out, std::string* error) {
  if (!gather_ok(in, f, r, error)) return false;
  int unit = 1;
  switch (f.space) {
    case Space::Legacy: put_legacy(f, r, out); break;
    case Space::Vex: put_vex(f, r, out); break;
    case Space::Evex:
      if (!put_evex(f, r, s, out, &unit, error)) return false;
      break;
  }
  if (f.extra >= 0) out->put(static_cast<uint64_t>(f.extra));
  const int trailing = f.imm + (f.is4 ? 1 : 0);
  if (f.modrm && r.rm != nullptr) {
    const int reg = f.digit >= 0 ? f.digit : number(r.reg);
    Operand low = *r.rm;
    // LEAL only keeps 32 bits, so an unsigned displacement does.
    const bool wraps = in.mnemonic == "LEAL" && low.value > INT32_MAX && low.value <= static_cast<int64_t>(UINT32_MAX) && low.place == Place::None;
    if (wraps) low.value = static_cast<int32_t>(low.value);
    if (!put_operand(out, reg, wraps ? low : *r.rm, unit, trailing, error)) return false;
  }
  if (f.is4) out->put(static_cast<uint64_t>(number(r.is4) << 4));
  if (f.imm != 0) out->put(static_cast<uint64_t>(r.imm != nullptr ? r.imm->value : 0), f.imm);
  return true;
}

}  // namespace

bool encode(const Instruction& in, Encoded* out, std::string* error) {
  const Suffix suffix = parse_suffix(in.suffix);
  *error = "invalid instruction";
  for (const Form& f : forms(in.mnemonic)) {
    Roles r;
    if (!match(f, in, suffix, &r)) continue;
    return emit(f, in, r, suffix, out, error);
  }
  return false;
}

bool encode_indirect(uint8_t opcode, uint8_t digit, const Operand& o, Encoded* out, std::string* error) {
  *error = "invalid instruction";
  Operand rm = o;
  rm.star = false;
  if (!(rm.kind == OperandKind::Register && rm.reg.kind == RegClass::Gpr) && !plain_memory(rm)) return false;
  int rex = ((base_number(rm) & 8) ? 1 : 0) | ((index_number(rm) & 8) ? 2 : 0);
  if (rex != 0) out->put(static_cast<uint64_t>(0x40 | rex));
  out->put(opcode);
  if (!put_operand(out, digit, rm, 1, 0, error)) return false;
  if (out->target != nullptr) out->target = &o.name;
  return true;
}

}  // namespace gale::plan9
