#include "opt/identities.h"

#include "opt/integers.h"

namespace gale::opt {
namespace {

using ir::Op;
using ir::Ty;
using ir::Value;
using ir::ValueId;

// Sums that wrap, without overflow in this program.
int64_t add(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)); }
int64_t subtract(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b)); }
int64_t multiply(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b)); }

uint64_t all_bits(Ty ty) { return ~uint64_t{0} >> (64 - bits_of(ty)); }

}  // namespace

ValueId Identities::argument(ValueId v, size_t i) const {
  ValueId a = f_[v].args[i];
  while (replacement_.get(a).valid()) a = replacement_.get(a);
  return a;
}

bool Identities::constant(ValueId v, int64_t* c) const {
  if (f_[v].op != Op::Const) return false;
  *c = f_[v].aux;
  return true;
}

bool Identities::with_constant(ValueId v, Op op, ValueId* x, int64_t* c) const {
  if (f_[v].op != op || !constant(argument(v, 1), c)) return false;
  *x = argument(v, 0);
  return true;
}

ValueId Identities::make_constant(ValueId before, Ty ty, int64_t c) {
  const ValueId made = f_.make(f_[before].block, Op::Const, ty, {}, ty == Ty::Bool ? c & 1 : sign_extend(c, ty), f_[before].pos);
  inserted_.push_back({before, made});
  return made;
}

ValueId Identities::become(ValueId v, Op op, std::initializer_list<ValueId> args) {
  Value& x = f_[v];
  x.op = op;
  x.aux = 0;
  x.args = f_.arena.copy(std::span<const ValueId>(args.begin(), args.size()));
  changed_ = true;
  return ValueId();
}

ValueId Identities::become_constant(ValueId v, int64_t c) {
  become(v, Op::Const, {});
  f_[v].aux = f_[v].ty == Ty::Bool ? c & 1 : sign_extend(c, f_[v].ty);
  f_[v].type = nullptr;
  return ValueId();
}

ValueId Identities::apply(ValueId v, bool* changed) {
  changed_ = false;
  const ValueId to = apply(v);
  *changed |= changed_;
  return to;
}

ValueId Identities::apply(ValueId v) {
  switch (op(v)) {
    case Op::Add: return sum(v);
    case Op::Sub: return difference(v);
    case Op::Mul: return product(v);
    case Op::And: case Op::Or: case Op::Xor: return bits(v);
    case Op::Shl: case Op::Shr: case Op::Sar: return shift(v);
    case Op::SExt: case Op::ZExt: case Op::Trunc: return extension(v);
    case Op::Not: return complement(v);
    case Op::Eq: case Op::Ne: return equality(v);
    default: return ValueId();
  }
}

ValueId Identities::sum(ValueId v) {
  const ValueId a = argument(v, 0), b = argument(v, 1);
  const Ty ty = f_[v].ty;
  int64_t c, d;
  ValueId x;
  if (constant(b, &c)) {
    if (with_constant(a, Op::Add, &x, &d)) return become(v, Op::Add, {x, make_constant(v, ty, add(d, c))});
    if (with_constant(a, Op::Sub, &x, &d)) return become(v, Op::Add, {x, make_constant(v, ty, subtract(c, d))});
    return ValueId();
  }
  if (op(b) == Op::Neg) return become(v, Op::Sub, {a, argument(b, 0)});
  return ValueId();
}

ValueId Identities::difference(ValueId v) {
  const ValueId a = argument(v, 0), b = argument(v, 1);
  const Ty ty = f_[v].ty;
  int64_t c, d;
  ValueId x;
  if (a == b) return become_constant(v, 0);
  if (constant(b, &c)) {
    if (with_constant(a, Op::Add, &x, &d)) return become(v, Op::Add, {x, make_constant(v, ty, subtract(d, c))});
    if (with_constant(a, Op::Sub, &x, &d)) return become(v, Op::Sub, {x, make_constant(v, ty, add(c, d))});
    return ValueId();
  }
  return ValueId();
}

ValueId Identities::product(ValueId v) {
  int64_t c, d;
  ValueId x;
  const ValueId a = argument(v, 0);
  if (!constant(argument(v, 1), &c)) return ValueId();
  if (sign_extend(c, f_[v].ty) == -1) return become(v, Op::Neg, {a});
  if (with_constant(a, Op::Mul, &x, &d)) return become(v, Op::Mul, {x, make_constant(v, f_[v].ty, multiply(c, d))});
  return ValueId();
}

ValueId Identities::bits(ValueId v) {
  const ValueId a = argument(v, 0), b = argument(v, 1);
  const Ty ty = f_[v].ty;
  const Op what = op(v);
  int64_t c, d;
  ValueId x;
  if (a == b) return what == Op::Xor ? become_constant(v, 0) : a;
  if (constant(b, &c)) {
    if (with_constant(a, what, &x, &d)) {
      return become(v, what, {x, make_constant(v, ty, what == Op::And ? c & d : what == Op::Or ? c | d : c ^ d)});
    }
    if (what == Op::And && op(a) == Op::ZExt && f_[argument(a, 0)].ty != Ty::Bool) {
      const uint64_t there = all_bits(f_[argument(a, 0)].ty);
      if ((static_cast<uint64_t>(c) & there) == there) return a;
    }
    return ValueId();
  }
  // x << c | x >> (width - c)
  const ValueId left = op(a) == Op::Shl ? a : b, right = left == a ? b : a;
  ValueId y;
  if (ty != Ty::Bool && with_constant(left, Op::Shl, &x, &c) && with_constant(right, Op::Shr, &y, &d) && x == y && what != Op::And && c > 0 && d > 0 &&
      c + d == bits_of(ty)) {
    return become(v, Op::RotL, {x, make_constant(v, Ty::I64, c)});
  }
  return ValueId();
}

ValueId Identities::shift(ValueId v) {
  const ValueId a = argument(v, 0);
  const Ty ty = f_[v].ty;
  const Op what = op(v);
  int64_t c, d;
  ValueId x;
  if (!constant(argument(v, 1), &c) || c <= 0 || c >= bits_of(ty)) return ValueId();
  if (with_constant(a, what, &x, &d) && d > 0 && d < bits_of(ty)) {
    if (c + d >= bits_of(ty) && what != Op::Sar) return become_constant(v, 0);
    become(v, what, {x, make_constant(v, Ty::I64, std::min<int64_t>(c + d, bits_of(ty) - 1))});
    f_[v].aux = 1;
    return ValueId();
  }
  return ValueId();
}

ValueId Identities::extension(ValueId v) {
  const ValueId a = argument(v, 0);
  const Op what = op(v), inner = op(a);
  const Ty ty = f_[v].ty;
  if (what == Op::Trunc) {
    if (inner == Op::Trunc) return become(v, Op::Trunc, {argument(a, 0)});
    if ((inner == Op::ZExt || inner == Op::SExt) && f_[argument(a, 0)].ty == ty) return argument(a, 0);
    int64_t c;
    ValueId x;
    if (with_constant(a, Op::And, &x, &c) && (static_cast<uint64_t>(c) & all_bits(ty)) == all_bits(ty)) return become(v, Op::Trunc, {x});
    return ValueId();
  }
  if (inner == Op::ZExt) return become(v, Op::ZExt, {argument(a, 0)});
  if (inner == Op::SExt && what == Op::SExt) return become(v, Op::SExt, {argument(a, 0)});
  return ValueId();
}

ValueId Identities::complement(ValueId v) {
  if (f_[v].ty != Ty::Bool) return ValueId();
  const ValueId a = argument(v, 0);
  switch (op(a)) {
    case Op::Eq: return become(v, Op::Ne, {argument(a, 0), argument(a, 1)});
    case Op::Ne: return become(v, Op::Eq, {argument(a, 0), argument(a, 1)});
    case Op::Lt: return become(v, Op::Le, {argument(a, 1), argument(a, 0)});
    case Op::Le: return become(v, Op::Lt, {argument(a, 1), argument(a, 0)});
    case Op::ULt: return become(v, Op::ULe, {argument(a, 1), argument(a, 0)});
    case Op::ULe: return become(v, Op::ULt, {argument(a, 1), argument(a, 0)});
    case Op::FEq: return become(v, Op::FNe, {argument(a, 0), argument(a, 1)});
    case Op::FNe: return become(v, Op::FEq, {argument(a, 0), argument(a, 1)});
    default: return ValueId();
  }
}

ValueId Identities::equality(ValueId v) {
  const ValueId a = argument(v, 0), b = argument(v, 1);
  const Op what = op(v);
  const Ty ty = f_[a].ty;
  int64_t c, d;
  ValueId x;
  if (ty < Ty::I8 || ty > Ty::I64) return ValueId();
  if (!constant(b, &c)) {
    if (constant(a, &c)) return become(v, what, {b, a});
    if ((op(a) == Op::ZExt || op(a) == Op::SExt) && op(a) == op(b)) {
      const ValueId y = argument(b, 0);
      x = argument(a, 0);
      if (f_[x].ty == f_[y].ty && f_[x].ty != Ty::Bool) return become(v, what, {x, y});
    }
    return ValueId();
  }
  if (c == 0 && (op(a) == Op::Sub || op(a) == Op::Xor) && !constant(argument(a, 1), &d)) return become(v, what, {argument(a, 0), argument(a, 1)});
  if (with_constant(a, Op::Add, &x, &d)) return become(v, what, {x, make_constant(v, ty, subtract(c, d))});
  if (with_constant(a, Op::Sub, &x, &d)) return become(v, what, {x, make_constant(v, ty, add(c, d))});
  // x % 2^n == 0, whatever the sign
  if (c == 0 && with_constant(a, Op::Rem, &x, &d) && d > 0 && (d & (d - 1)) == 0) {
    const ValueId mask = make_constant(v, ty, d - 1);
    const ValueId low = f_.make(f_[v].block, Op::And, ty, std::initializer_list<ValueId>{x, mask}, 0, f_[v].pos);
    inserted_.push_back({v, low});
    return become(v, what, {low, make_constant(v, ty, 0)});
  }
  // An immediate of 16 bits would be slow to decode.
  if ((op(a) == Op::ZExt || op(a) == Op::SExt) && (f_[argument(a, 0)].ty == Ty::I8 || f_[argument(a, 0)].ty == Ty::I32)) {
    x = argument(a, 0);
    const int64_t narrow = sign_extend(c, f_[x].ty);
    const int64_t back = op(a) == Op::SExt ? narrow : static_cast<int64_t>(static_cast<uint64_t>(narrow) & all_bits(f_[x].ty));
    if (sign_extend(back, ty) != sign_extend(c, ty)) return become_constant(v, what == Op::Ne);
    return become(v, what, {x, make_constant(v, f_[x].ty, narrow)});
  }
  return ValueId();
}

}  // namespace gale::opt
