// Arithmetic on constants (spec: Constant expressions). Both operands are brought to the larger representation first; the
// result is normalised again. Integer work on 64 bits is done with overflow checks and goes to GMP only if it must.
#include <limits>
#include <string>

#include "base/check.h"
#include "types/constant_rep.h"

namespace gale::types {
namespace {

using syntax::Op;

Const complex_op(Op op, Const x, Const y) {
  Const a = x->parts.re, b = x->parts.im, c = y->parts.re, d = y->parts.im;
  auto add = [](Const l, Const r) { return binary_op(l, Op::Add, r); };
  auto sub = [](Const l, Const r) { return binary_op(l, Op::Sub, r); };
  auto mul = [](Const l, Const r) { return binary_op(l, Op::Mul, r); };
  auto div = [](Const l, Const r) { return binary_op(l, Op::Div, r); };
  switch (op) {
    case Op::Add: return make_complex(add(a, c), add(b, d));
    case Op::Sub: return make_complex(sub(a, c), sub(b, d));
    case Op::Mul: return make_complex(sub(mul(a, c), mul(b, d)), add(mul(b, c), mul(a, d)));
    case Op::Div: {
      Const scale = add(mul(c, c), mul(d, d));
      return make_complex(div(add(mul(a, c), mul(b, d)), scale), div(sub(mul(b, c), mul(a, d)), scale));
    }
    default: CHECK(false, "an operator of complex numbers");
  }
}

Const integer_quotient_as_float(const mpz_t x, const mpz_t y) {
  BigRational q;
  mpz_set(mpq_numref(q.value), x);
  mpz_set(mpq_denref(q.value), y);
  mpq_canonicalize(q.value);
  return make_rational(q.value);
}

Const big_integer_op(Op op, Const x, Const y) {
  BigInteger a, b, r;
  get_integer(x, a.value);
  get_integer(y, b.value);
  switch (op) {
    case Op::Add: mpz_add(r.value, a.value, b.value); break;
    case Op::Sub: mpz_sub(r.value, a.value, b.value); break;
    case Op::Mul: mpz_mul(r.value, a.value, b.value); break;
    case Op::Div: return integer_quotient_as_float(a.value, b.value);
    case Op::Rem: mpz_tdiv_r(r.value, a.value, b.value); break;
    case Op::And: mpz_and(r.value, a.value, b.value); break;
    case Op::Or: mpz_ior(r.value, a.value, b.value); break;
    case Op::Xor: mpz_xor(r.value, a.value, b.value); break;
    case Op::AndNot:
      mpz_com(b.value, b.value);
      mpz_and(r.value, a.value, b.value);
      break;
    default: CHECK(false, "an operator of integers");
  }
  return make_integer(r.value);
}

// Null: the result may not fit, or needs another representation.
Const small_integer_op(Op op, int64_t a, int64_t b) {
  int64_t r = 0;
  switch (op) {
    case Op::Add: return __builtin_add_overflow(a, b, &r) ? nullptr : make_int64(r);
    case Op::Sub: return __builtin_sub_overflow(a, b, &r) ? nullptr : make_int64(r);
    case Op::Mul: return __builtin_mul_overflow(a, b, &r) ? nullptr : make_int64(r);
    case Op::Rem: return b == 0 || b == -1 ? nullptr : make_int64(a % b);
    case Op::And: return make_int64(a & b);
    case Op::Or: return make_int64(a | b);
    case Op::Xor: return make_int64(a ^ b);
    case Op::AndNot: return make_int64(a & ~b);
    default: return nullptr;
  }
}

Const rational_op(Op op, Const x, Const y) {
  BigRational a, b, r;
  get_rational(x, a.value);
  get_rational(y, b.value);
  switch (op) {
    case Op::Add: mpq_add(r.value, a.value, b.value); break;
    case Op::Sub: mpq_sub(r.value, a.value, b.value); break;
    case Op::Mul: mpq_mul(r.value, a.value, b.value); break;
    case Op::Div: mpq_div(r.value, a.value, b.value); break;
    default: CHECK(false, "an operator of rationals");
  }
  return make_rational(r.value);
}

Const real_op(Op op, Const x, Const y) {
  BigReal a, b, r;
  get_real(x, a.value);
  get_real(y, b.value);
  switch (op) {
    case Op::Add: mpfr_add(r.value, a.value, b.value, MPFR_RNDN); break;
    case Op::Sub: mpfr_sub(r.value, a.value, b.value, MPFR_RNDN); break;
    case Op::Mul: mpfr_mul(r.value, a.value, b.value, MPFR_RNDN); break;
    case Op::Div: mpfr_div(r.value, a.value, b.value, MPFR_RNDN); break;
    default: CHECK(false, "an operator of floats");
  }
  return make_real(r.value);
}

bool ordered(Op op, int c) {
  switch (op) {
    case Op::Eql: return c == 0;
    case Op::Neq: return c != 0;
    case Op::Lss: return c < 0;
    case Op::Leq: return c <= 0;
    case Op::Gtr: return c > 0;
    case Op::Geq: return c >= 0;
    default: CHECK(false, "a comparison");
  }
}

int compare_numbers(Const x, Const y, Rep rep) {
  switch (rep) {
    case Rep::Int64: return x->small < y->small ? -1 : x->small > y->small;
    case Rep::BigInt: {
      BigInteger a, b;
      get_integer(x, a.value);
      get_integer(y, b.value);
      return mpz_cmp(a.value, b.value);
    }
    case Rep::Rational: {
      BigRational a, b;
      get_rational(x, a.value);
      get_rational(y, b.value);
      return mpq_cmp(a.value, b.value);
    }
    case Rep::BigFloat: {
      BigReal a, b;
      get_real(x, a.value);
      get_real(y, b.value);
      return mpfr_cmp(a.value, b.value);
    }
    default: CHECK(false, "real constants");
  }
}

// ^x as if x had `bits` bits without a sign (0: two's complement of unlimited width).
Const complement(Const x, unsigned bits) {
  BigInteger v;
  get_integer(x, v.value);
  mpz_com(v.value, v.value);
  if (bits > 0) mpz_fdiv_r_2exp(v.value, v.value, bits);
  return make_integer(v.value);
}

Const negate(Const x) {
  switch (x->rep) {
    case Rep::Int64:
      if (x->small != std::numeric_limits<int64_t>::min()) return make_int64(-x->small);
      [[fallthrough]];
    case Rep::BigInt: {
      BigInteger v;
      get_integer(x, v.value);
      mpz_neg(v.value, v.value);
      return make_integer(v.value);
    }
    case Rep::Rational: {
      BigRational v;
      mpq_neg(v.value, &x->rational);
      return make_rational(v.value);
    }
    case Rep::BigFloat: {
      BigReal v;
      mpfr_neg(v.value, &x->real, MPFR_RNDN);
      return make_real(v.value);
    }
    case Rep::Complex: return make_complex(negate(x->parts.re), negate(x->parts.im));
    default: CHECK(false, "a number");
  }
}

}  // namespace

Const unary_op(Op op, Const x, unsigned bits) {
  if (x == nullptr || x->rep == Rep::Unknown) return make_unknown();
  switch (op) {
    case Op::Add: return x;
    case Op::Sub: return negate(x);
    case Op::Xor: return complement(x, bits);
    case Op::Not: return make_bool(!bool_value(x));
    default: CHECK(false, "a unary operator of constants");
  }
}

Const binary_op(Const x, Op op, Const y) {
  if (x == nullptr || y == nullptr || x->rep == Rep::Unknown || y->rep == Rep::Unknown) return make_unknown();
  Rep rep = std::max(x->rep, y->rep);
  switch (rep) {
    case Rep::Unknown: return make_unknown();
    case Rep::Bool: return make_bool(op == Op::AndAnd ? x->boolean && y->boolean : x->boolean || y->boolean);
    case Rep::String: {
      std::string joined(x->text);
      joined += y->text;
      return make_string(joined);
    }
    case Rep::Int64: {
      Const r = small_integer_op(op, x->small, y->small);
      return r != nullptr ? r : big_integer_op(op, x, y);
    }
    case Rep::BigInt: return big_integer_op(op, x, y);
    case Rep::Rational: return rational_op(op, x, y);
    case Rep::BigFloat: return real_op(op, x, y);
    case Rep::Complex: return complex_op(op, to_complex(x), to_complex(y));
  }
  return make_unknown();
}

Const int_quotient(Const x, Const y) {
  if (constant_kind(x) != ConstantKind::Int || constant_kind(y) != ConstantKind::Int) return make_unknown();
  if (x->rep == Rep::Int64 && y->rep == Rep::Int64 && y->small != -1) return make_int64(x->small / y->small);
  BigInteger a, b;
  get_integer(x, a.value);
  get_integer(y, b.value);
  mpz_tdiv_q(a.value, a.value, b.value);
  return make_integer(a.value);
}

Const int_remainder(Const x, Const y) {
  if (constant_kind(x) != ConstantKind::Int || constant_kind(y) != ConstantKind::Int) return make_unknown();
  return binary_op(x, Op::Rem, y);
}

Const shift(Const x, Op op, unsigned count) {
  if (constant_kind(x) != ConstantKind::Int) return make_unknown();
  if (count == 0) return x;
  if (op == Op::Shr && x->rep == Rep::Int64) return make_int64(x->small >> std::min(count, 63u));
  BigInteger v;
  get_integer(x, v.value);
  if (op == Op::Shl) {
    mpz_mul_2exp(v.value, v.value, count);
  } else {
    mpz_fdiv_q_2exp(v.value, v.value, count);
  }
  return make_integer(v.value);
}

bool compare(Const x, Op op, Const y) {
  if (x == nullptr || y == nullptr || x->rep == Rep::Unknown || y->rep == Rep::Unknown) return false;
  Rep rep = std::max(x->rep, y->rep);
  if (rep == Rep::Bool) return (x->boolean == y->boolean) == (op == Op::Eql);
  if (rep == Rep::String) return ordered(op, x->text.compare(y->text));
  if (rep == Rep::Complex) {
    x = to_complex(x);
    y = to_complex(y);
    bool equal = compare(x->parts.re, Op::Eql, y->parts.re) && compare(x->parts.im, Op::Eql, y->parts.im);
    return equal == (op == Op::Eql);
  }
  return ordered(op, compare_numbers(x, y, rep));
}

}  // namespace gale::types
