// Selection of integer arithmetic.
#include "amd64/select.h"

#include "base/check.h"

namespace gale::amd64 {

using ir::Op;

Operand Selector::rm_operand(ValueId v, Mem* mem) {
  int width = op_width(f_[v].ty);
  ValueId r = v;
  while (f_[r].op == Op::Trunc || f_[r].op == Op::Copy) r = f_[r].args[0];
  if (f_[r].op == Op::Load && width_of(f_[r].ty) >= width && load_operand(v, mem)) return {};
  return use(reg_of(v));
}

void Selector::binary(ValueId v, MOp rm, MOp mi) {
  const ir::Value& x = f_[v];
  int width = op_width(x.ty);
  ValueId a = x.args[0], b = x.args[1];
  int64_t c;
  bool commutes = desc(rm).commutative;
  if (commutes && constant(a, &c)) std::swap(a, b);
  VReg d = def_of(v);
  if (constant(b, &c) && (fits32(c) || width == 4)) {
    emit(mi, width, {def(d)}, {tied(reg_of(a))}, {}, static_cast<int32_t>(c));
    return;
  }
  // A load folds on the right; a commutative operation may be turned round for it.
  Mem mem;
  Operand right = rm_operand(b, &mem);
  if (mem.kind == Mem::None && commutes) {
    Operand left = rm_operand(a, &mem);
    if (mem.kind != Mem::None) {
      emit(rm, width, {def(d)}, {tied(right.vreg)}, mem);
    } else {
      emit(rm, width, {def(d)}, {tied(left.vreg), right});
    }
    return;
  }
  if (mem.kind != Mem::None) {
    emit(rm, width, {def(d)}, {tied(reg_of(a))}, mem);
  } else {
    emit(rm, width, {def(d)}, {tied(reg_of(a)), right});
  }
}

void Selector::multiply(ValueId v) {
  const ir::Value& x = f_[v];
  int width = op_width(x.ty);
  ValueId a = x.args[0], b = x.args[1];
  int64_t c;
  if (constant(a, &c)) std::swap(a, b);
  if (!constant(b, &c) || !(fits32(c) || width == 4)) return binary(v, MOp::ImulRM, MOp::ImulRMI);
  c = static_cast<int32_t>(c);
  times(def_of(v), reg_of(a), c, width);
}

// d = s * c, by shifts and leas if two of them are enough: they take a cycle each, imul three.
void Selector::times(VReg d, VReg s, int64_t c, int width) {
  auto lea_factor = [](int64_t f) { return f == 3 || f == 5 || f == 9; };
  auto step = [&] { return temp(width == 8 ? Ty::I64 : Ty::I32); };
  auto shift_left = [&](VReg to, VReg from, int64_t by) { emit(MOp::ShlMI, width, {def(to)}, {tied(from)}, {}, by); };
  auto lea = [&](VReg to, VReg base, VReg index, int64_t scale) {
    emit(MOp::LeaRM, width, {def(to)}, {}, Mem{.kind = Mem::Base, .scale = static_cast<uint8_t>(scale), .base = base, .index = index});
  };
  if (c <= 0) {
    emit(MOp::ImulRMI, width, {def(d)}, {use(s)}, {}, c);
    return;
  }
  const int zeros = __builtin_ctzll(static_cast<uint64_t>(c));
  const int64_t odd = c >> zeros;
  if (odd == 1) return shift_left(d, s, zeros);
  if (lea_factor(odd)) {
    VReg t = zeros != 0 ? step() : d;
    lea(t, s, s, odd - 1);
    if (zeros != 0) shift_left(d, t, zeros);
    return;
  }
  for (int64_t f : {3, 5, 9}) {
    const bool product = c % f == 0 && lea_factor(c / f);
    const int64_t scale = (c - 1) / f;
    const bool sum = c == 1 + scale * f && (scale == 2 || scale == 4 || scale == 8);
    if (!product && !sum) continue;
    VReg t = step();
    lea(t, s, s, f - 1);
    if (product) lea(d, t, t, c / f - 1);
    else lea(d, s, t, scale);
    return;
  }
  const bool above = ((c - 1) & (c - 2)) == 0, below = ((c + 1) & c) == 0;
  if (above || below) {
    VReg t = step();
    shift_left(t, s, __builtin_ctzll(static_cast<uint64_t>(above ? c - 1 : c + 1)));
    emit(above ? MOp::AddRM : MOp::SubRM, width, {def(d)}, {tied(t), use(s)});
    return;
  }
  emit(MOp::ImulRMI, width, {def(d)}, {use(s)}, {}, c);
}

VReg Selector::widened(ValueId v, bool is_signed) {
  if (width_of(f_[v].ty) >= 4) return reg_of(v);
  int64_t c;
  if (constant(v, &c)) {
    bool byte = width_of(f_[v].ty) == 1;
    int64_t wide = is_signed ? (byte ? int64_t(static_cast<int8_t>(c)) : int64_t(static_cast<int16_t>(c)))
                             : (byte ? int64_t(static_cast<uint8_t>(c)) : int64_t(static_cast<uint16_t>(c)));
    return int_const(wide, Ty::I32);
  }
  VReg d = temp(Ty::I32);
  emit(is_signed ? MOp::MovsxRM : MOp::MovzxRM, 4, {def(d)}, {use(reg_of(v))})->width2 = static_cast<uint8_t>(width_of(f_[v].ty));
  return d;
}

// Division by a constant as a multiplication with its inverse, rounded up (Granlund, Montgomery: Division by Invariant Integers
// using Multiplication, 1994). False: nothing is gained.
bool Selector::divide_by_constant(ValueId v, bool is_signed, bool remainder) {
  using u128 = unsigned __int128;
  const ir::Value& x = f_[v];
  int64_t given;
  if (!constant(x.args[1], &given) || given == 0) return false;
  int width = op_width(x.ty), bits = width_of(x.ty) * 8;
  Ty ty = width == 8 ? Ty::I64 : Ty::I32;
  uint64_t mask = bits == 64 ? ~uint64_t(0) : (uint64_t(1) << bits) - 1;
  if (is_signed && bits < 64) given = given << (64 - bits) >> (64 - bits);
  bool negative = is_signed && given < 0;
  bool no_sign = is_signed && !negative && (x.aux & 1) != 0;  // the dividend's highest bit is clear
  uint64_t d = is_signed ? (negative ? -static_cast<uint64_t>(given) : static_cast<uint64_t>(given)) : static_cast<uint64_t>(given) & mask;
  if (d == 0 || d == 1) return false;
  auto unary = [&](MOp op, int w, VReg a, int64_t imm = 0) {
    VReg r = temp(w == 8 ? Ty::I64 : Ty::I32);
    emit(op, w, {def(r)}, {tied(a)}, {}, imm);
    return r;
  };
  auto binary_op = [&](MOp op, int w, VReg a, VReg b) {
    VReg r = temp(w == 8 ? Ty::I64 : Ty::I32);
    emit(op, w, {def(r)}, {tied(a), use(b)});
    return r;
  };
  auto high = [&](MOp op, VReg a, uint64_t m) {
    VReg r = temp(Ty::I64);
    emit(op, 8, {def(temp(Ty::I64), RAX), def(r, RDX)}, {use(a), use(int_const(static_cast<int64_t>(m)), RAX)});
    return r;
  };
  VReg n = widened(x.args[0], is_signed), q;
  bool power = (d & (d - 1)) == 0;
  int log = 63 - __builtin_clzll(d);
  if (power && is_signed && !no_sign) {  // towards zero: d - 1 is added to a negative number
    VReg sign = log == 1 ? n : unary(MOp::SarMI, width, n, width * 8 - 1);
    VReg bias = unary(MOp::ShrMI, width, sign, width * 8 - log);
    VReg biased = binary_op(MOp::AddRM, width, n, bias);
    if (remainder && log < 31) {
      VReg multiple = unary(MOp::AndMI, width, biased, -static_cast<int64_t>(d));
      emit(MOp::SubRM, width, {def(def_of(v))}, {tied(n), use(multiple)});
      return true;
    }
    q = unary(MOp::SarMI, width, biased, log);
  } else if (power) {
    if (remainder) {
      if (d - 1 > 0x7fffffff && width == 8) emit(MOp::AndRM, 8, {def(def_of(v))}, {tied(n), use(int_const(static_cast<int64_t>(d - 1)))});
      else emit(MOp::AndMI, width, {def(def_of(v))}, {tied(n)}, {}, static_cast<int32_t>(d - 1));
      return true;
    }
    q = unary(MOp::ShrMI, width, n, log);
  } else if (width == 4 && is_signed) {
    int s = log - 1;
    uint64_t m = (uint64_t(1) << (32 + s)) / d + 1;
    if (m * d - (uint64_t(1) << (32 + s)) > (uint64_t(1) << (s + 1))) {  // not exact enough: one bit more, m < 2^32
      s = log;
      m = (uint64_t(1) << (32 + s)) / d + 1;
    }
    VReg wide = temp(Ty::I64);
    emit(MOp::MovsxdRM, 8, {def(wide)}, {use(n)});
    VReg product;
    if (m <= 0x7fffffff) {
      product = temp(Ty::I64);
      emit(MOp::ImulRMI, 8, {def(product)}, {use(wide)}, {}, static_cast<int64_t>(m));
    } else {
      product = binary_op(MOp::ImulRM, 8, wide, int_const(static_cast<int64_t>(m)));
    }
    q = unary(MOp::SarMI, 8, product, 32 + s);
    if (!no_sign) q = binary_op(MOp::SubRM, 4, q, unary(MOp::SarMI, 4, n, 31));
  } else if (width == 4) {
    VReg wide = temp(Ty::I64);
    emit(MOp::Mov32RM, 4, {def(wide)}, {use(n)});
    q = high(MOp::MulM, wide, ~uint64_t(0) / d + 1);
  } else if (is_signed) {
    int s = 0;
    u128 m = 0;
    for (;; s++) {
      u128 power_of_two = u128(1) << (64 + s);
      m = power_of_two / d + 1;
      if (m * d - power_of_two <= (u128(1) << (s + 1))) break;
    }
    uint64_t low = static_cast<uint64_t>(m);
    if (no_sign) {
      VReg t = high(MOp::MulM, n, low);
      q = s != 0 ? unary(MOp::ShrMI, 8, t, s) : t;
    } else {
      VReg t = high(MOp::Imul1M, n, low);
      if ((low >> 63) != 0) t = binary_op(MOp::AddRM, 8, t, n);
      if (s != 0) t = unary(MOp::SarMI, 8, t, s);
      q = binary_op(MOp::SubRM, 8, t, unary(MOp::SarMI, 8, n, 63));
    }
  } else {
    // An inverse of 64 bits if there is one, for an even divisor after halving; else one of 65.
    int even = __builtin_ctzll(d);
    int s = 0;
    u128 m = 0;
    bool found = false;
    int shifted = 0;
    for (int before : {0, even}) {
      uint64_t odd = d >> before;
      for (s = 0; s < 64 && !found; s++) {
        u128 power_of_two = u128(1) << (64 + s);
        m = power_of_two / odd + 1;
        found = m >> 64 == 0 && m * odd - power_of_two <= (u128(1) << (s + before));
        if (found) break;
      }
      shifted = before;
      if (found) break;
    }
    if (found) {
      VReg t = high(MOp::MulM, shifted != 0 ? unary(MOp::ShrMI, 8, n, shifted) : n, static_cast<uint64_t>(m));
      q = s != 0 ? unary(MOp::ShrMI, 8, t, s) : t;
    } else {
      int l = log + 1;
      uint64_t above = (l == 64 ? 0 : uint64_t(1) << l) - d;
      uint64_t less = static_cast<uint64_t>((u128(above) << 64) / d + 1);  // without its highest bit
      VReg t = high(MOp::MulM, n, less);
      VReg half = unary(MOp::ShrMI, 8, binary_op(MOp::SubRM, 8, n, t), 1);
      q = unary(MOp::ShrMI, 8, binary_op(MOp::AddRM, 8, half, t), l - 1);
    }
  }
  if (negative) q = unary(MOp::NegM, width, q);
  VReg result = def_of(v);
  if (!remainder) {
    emit(MOp::MovRM, 8, {def(result)}, {use(q)});
    return true;
  }
  VReg back = temp(ty);
  int64_t divisor = is_signed ? given : static_cast<int64_t>(d);
  if (fits32(divisor) || width == 4) times(back, q, static_cast<int32_t>(divisor), width);
  else emit(MOp::ImulRM, 8, {def(back)}, {tied(q), use(int_const(divisor))});
  emit(MOp::SubRM, width, {def(result)}, {tied(n), use(back)});
  return true;
}

void Selector::divide(ValueId v, bool is_signed, bool remainder) {
  if (divide_by_constant(v, is_signed, remainder)) return;
  const ir::Value& x = f_[v];
  is_signed &= (x.aux & 1) == 0;
  int width = op_width(x.ty);
  Ty ty = width == 8 ? Ty::I64 : Ty::I32;
  bool narrow = width_of(x.ty) < 4;
  int64_t c;
  bool may_be_minus_one = !narrow && !(constant(x.args[1], &c) && c != -1);
  VReg a = widened(x.args[0], is_signed), b = widened(x.args[1], is_signed);
  VReg result = def_of(v), other = temp(ty);
  VReg q = remainder ? other : result, r = remainder ? result : other;
  if (!is_signed) {
    emit(MOp::DivM, width, {def(q, RAX), def(r, RDX)}, {use(b), use(a, RAX), use(int_const(0, ty), RDX)});
  } else if (may_be_minus_one) {
    Operand high = def(r, RDX);
    high.early = true;
    emit(MOp::IdivFix, width, {def(q, RAX), high}, {use(b), use(a, RAX)});
  } else {
    VReg high = temp(ty);
    emit(MOp::Cdq, width, {def(high, RDX)}, {use(a, RAX)});
    emit(MOp::IdivM, width, {def(q, RAX), def(r, RDX)}, {use(b), use(a, RAX), use(high, RDX)});
  }
}

void Selector::shift(ValueId v) {
  const ir::Value& x = f_[v];
  int bits = width_of(x.ty) * 8;
  int width = op_width(x.ty);
  Ty ty = width == 8 ? Ty::I64 : Ty::I32;
  VReg d = def_of(v);
  int64_t c;
  MOp by_const = x.op == Op::Shl ? MOp::ShlMI : x.op == Op::Shr ? MOp::ShrMI : MOp::SarMI;
  MOp by_cl = x.op == Op::Shl ? MOp::ShlMC : x.op == Op::Shr ? MOp::ShrMC : MOp::SarMC;
  if (constant(x.args[1], &c)) {
    bool too_far = static_cast<uint64_t>(c) >= static_cast<uint64_t>(bits);
    if (too_far && x.op != Op::Sar) {
      emit(MOp::MovRM, 8, {def(d)}, {use(int_const(0, ty))});
      return;
    }
    if (too_far) c = bits - 1;
    VReg a = x.op == Op::Shl ? reg_of(x.args[0]) : widened(x.args[0], x.op == Op::Sar);
    emit(by_const, width, {def(d)}, {tied(a)}, {}, c);
    return;
  }
  VReg a = x.op == Op::Shl ? reg_of(x.args[0]) : widened(x.args[0], x.op == Op::Sar);
  VReg count = reg_of(x.args[1]);
  int limit = width * 8;
  if ((x.aux & 1) != 0) {
    emit(by_cl, width, {def(d)}, {tied(a), use(count, RCX)});
  } else if (x.op == Op::Sar) {  // a count too large acts as the largest
    VReg most = temp(Ty::I64);
    emit(MOp::CmpMI, 8, {}, {use(count)}, {}, limit - 1);
    emit(MOp::CmovRM, 8, {def(most)}, {tied(count), use(int_const(limit - 1))})->cond = Cond::A;
    emit(by_cl, width, {def(d)}, {tied(a), use(most, RCX)});
  } else {  // masked to 0
    VReg t = temp(ty), mask = temp(ty);
    emit(by_cl, width, {def(t)}, {tied(a), use(count, RCX)});
    emit(MOp::CmpMI, 8, {}, {use(count)}, {}, limit);
    emit(MOp::CarryMask, width, {def(mask)}, {});
    emit(MOp::AndRM, width, {def(d)}, {tied(t), use(mask)});
  }
}

void Selector::rotate(ValueId v) {
  const ir::Value& x = f_[v];
  int width = width_of(x.ty);
  int64_t c;
  if (constant(x.args[1], &c)) {
    emit(MOp::RolMI, width, {def(def_of(v))}, {tied(reg_of(x.args[0]))}, {}, c & (width * 8 - 1));
  } else {
    emit(MOp::RolMC, width, {def(def_of(v))}, {tied(reg_of(x.args[0])), use(reg_of(x.args[1]), RCX)});
  }
}

void Selector::bits(ValueId v) {
  const ir::Value& x = f_[v];
  VReg d = def_of(v), a = reg_of(x.args[0]);
  Ty arg_ty = f_[x.args[0]].ty;
  int width = op_width(arg_ty);
  VReg t = temp(arg_ty);
  if (x.op == Op::Ctz) {
    emit(MOp::BsfRM, width, {def(t)}, {use(a)});
    emit(MOp::CmovRM, width, {def(d)}, {tied(t), use(int_const(width * 8, arg_ty))})->cond = Cond::E;
  } else {
    VReg u = temp(arg_ty);
    emit(MOp::BsrRM, width, {def(t)}, {use(a)});
    emit(MOp::CmovRM, width, {def(u)}, {tied(t), use(int_const(-1, arg_ty))})->cond = Cond::E;
    emit(MOp::AddMI, width, {def(d)}, {tied(u)}, {}, 1);
  }
}

void Selector::popcount(ValueId v) {
  emit(MOp::Popcnt, 8, {early_def(def_of(v)), early_def(temp(Ty::I64)), early_def(temp(Ty::I64))}, {use(reg_of(f_[v].args[0]))});
}

// AddCarry, CarryOut, SubBorrow, BorrowOut of the same arguments are computed together, at the first of them.
void Selector::carry(ValueId v) {
  const ir::Value& x = f_[v];
  bool subtracts = x.op == Op::SubBorrow || x.op == Op::BorrowOut;
  bool is_sum = x.op == Op::AddCarry || x.op == Op::SubBorrow;
  Op twin_op = x.op == Op::AddCarry ? Op::CarryOut : x.op == Op::CarryOut ? Op::AddCarry : x.op == Op::SubBorrow ? Op::BorrowOut : Op::SubBorrow;
  const std::vector<ValueId>& values = f_[block_id_].values;
  auto twin = [&](size_t i) {
    const ir::Value& y = f_[values[i]];
    return y.op == twin_op && y.args[0] == x.args[0] && y.args[1] == x.args[1] && y.args[2] == x.args[2];
  };
  size_t here_at = position_[v.index];
  for (size_t i = here_at; i-- > 0 && i + 48 > here_at;) {
    if (twin(i)) {
      def_of(values[i]);  // asked for: it will make both
      return;
    }
  }
  ValueId other;
  for (size_t i = here_at + 1; i < values.size() && i < here_at + 48; i++) {
    if (twin(i) && asked(values[i])) other = values[i];
  }
  int64_t c;
  VReg a = reg_of(x.args[0]);
  VReg sum = is_sum ? def_of(v) : other.valid() ? def_of(other) : temp(Ty::I64);
  if (constant(x.args[2], &c) && c == 0) {
    emit(subtracts ? MOp::SubRM : MOp::AddRM, 8, {def(sum)}, {tied(a), use(reg_of(x.args[1]))});
  } else {
    VReg scratch = temp(Ty::I64);
    emit(MOp::AddMI, 8, {def(scratch)}, {tied(reg_of(x.args[2]))}, {}, -1);  // carry flag = carry
    emit(subtracts ? MOp::SbbRM : MOp::AdcRM, 8, {def(sum)}, {tied(a), use(reg_of(x.args[1]))});
  }
  if (!is_sum || other.valid()) {
    VReg byte = temp(Ty::I8);
    emit(MOp::SetccM, 1, {def(byte)}, {})->cond = Cond::B;
    emit(MOp::MovzxRM, 4, {def(is_sum ? def_of(other) : def_of(v))}, {use(byte)})->width2 = 1;
  }
}

void Selector::extend(ValueId v) {
  const ir::Value& x = f_[v];
  int from = width_of(f_[x.args[0]].ty);
  int to = op_width(x.ty);
  VReg d = def_of(v);
  bool is_signed = x.op == Op::SExt;
  MOp op = from == 4 ? (is_signed ? MOp::MovsxdRM : MOp::Mov32RM) : is_signed ? MOp::MovsxRM : MOp::MovzxRM;
  int width = is_signed ? to : 4;
  Mem mem;
  Inst* inst = load_operand(x.args[0], &mem) ? emit(op, width, {def(d)}, {}, mem) : emit(op, width, {def(d)}, {use(reg_of(x.args[0]))});
  inst->width2 = from == 4 ? 0 : static_cast<uint8_t>(from);
}

void Selector::select_arith(ValueId v) {
  const ir::Value& x = f_[v];
  int width = op_width(x.ty);
  switch (x.op) {
    case Op::Add: {
      int64_t c;
      // Three-operand sums of 64 bits: lea.
      if (width == 8 && !constant(x.args[0], &c) && !constant(x.args[1], &c)) {
        ValueId b = resolve(x.args[1]);
        const ir::Value& s = f_[b];
        if (s.op == Op::Shl && constant(s.args[1], &c) && c <= 3 && c >= 1 && width_of(s.ty) == 8 && !asked(b)) {
          Mem lea{.kind = Mem::Base, .scale = static_cast<uint8_t>(1 << c), .base = reg_of(x.args[0]), .index = reg_of(s.args[0])};
          emit(MOp::LeaRM, 8, {def(def_of(v))}, {}, lea);
          return;
        }
      }
      return binary(v, MOp::AddRM, MOp::AddMI);
    }
    case Op::Sub: return binary(v, MOp::SubRM, MOp::SubMI);
    case Op::And: return binary(v, MOp::AndRM, MOp::AndMI);
    case Op::Or:
      if (combine_bytes(v)) return;
      return binary(v, MOp::OrRM, MOp::OrMI);
    case Op::Xor: return binary(v, MOp::XorRM, MOp::XorMI);
    case Op::Mul: return multiply(v);
    case Op::Neg:
      emit(MOp::NegM, width, {def(def_of(v))}, {tied(reg_of(x.args[0]))});
      return;
    case Op::Not:
      if (x.ty == Ty::Bool) {
        emit(MOp::XorMI, 4, {def(def_of(v))}, {tied(reg_of(x.args[0]))}, {}, 1);
      } else {
        emit(MOp::NotM, width, {def(def_of(v))}, {tied(reg_of(x.args[0]))});
      }
      return;
    case Op::Div: return divide(v, true, false);
    case Op::UDiv: return divide(v, false, false);
    case Op::Rem: return divide(v, true, true);
    case Op::URem: return divide(v, false, true);
    case Op::Shl: case Op::Shr: case Op::Sar: return shift(v);
    case Op::RotL: return rotate(v);
    case Op::Bswap:
      if (x.ty == Ty::I16) emit(MOp::RolMI, 2, {def(def_of(v))}, {tied(reg_of(x.args[0]))}, {}, 8);
      else emit(MOp::BswapO, width, {def(def_of(v))}, {tied(reg_of(x.args[0]))});
      return;
    case Op::Ctz: case Op::BitLen: return bits(v);
    case Op::Popcnt: return popcount(v);
    case Op::MulHi: case Op::MulHiS:
      emit(x.op == Op::MulHi ? MOp::MulM : MOp::Imul1M, 8, {def(temp(Ty::I64), RAX), def(def_of(v), RDX)}, {use(reg_of(x.args[1])), use(reg_of(x.args[0]), RAX)});
      return;
    case Op::AddCarry: case Op::CarryOut: case Op::SubBorrow: case Op::BorrowOut: return carry(v);
    case Op::Div128: case Op::Rem128: {
      bool quotient = x.op == Op::Div128;
      emit(MOp::DivM, 8, {def(quotient ? def_of(v) : temp(Ty::I64), RAX), def(quotient ? temp(Ty::I64) : def_of(v), RDX)},
           {use(reg_of(x.args[2])), use(reg_of(x.args[1]), RAX), use(reg_of(x.args[0]), RDX)});
      return;
    }
    case Op::SExt: case Op::ZExt: return extend(v);
    default:
      CHECK(false, "op has a selection rule");
  }
}

}  // namespace gale::amd64
