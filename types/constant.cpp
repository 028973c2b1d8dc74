// Constants: construction, access and conversion between kinds (spec: Constants, Representability).
#include "types/constant.h"

#include <bit>
#include <cmath>
#include <limits>
#include <mutex>

#include "base/arena.h"
#include "base/check.h"
#include "types/constant_rep.h"
#include "types/type.h"

namespace gale::types {
namespace {

// Constants live as long as the process; each thread allocates from an arena of its own, which is never released.
Arena& constant_arena() {
  thread_local Arena* arena = new Arena;
  return *arena;
}

Constant* new_constant(Rep rep) {
  Constant* c = constant_arena().make<Constant>();
  c->rep = rep;
  return c;
}

constexpr int64_t kCachedFrom = -16, kCachedTo = 1024;

// Small integers are by far the most frequent constants: one object each.
const Constant* cached_integers() {
  static const Constant* const table = [] {
    Constant* t = new Constant[kCachedTo - kCachedFrom + 1];
    for (int64_t v = kCachedFrom; v <= kCachedTo; v++) {
      t[v - kCachedFrom].rep = Rep::Int64;
      t[v - kCachedFrom].small = v;
    }
    return t;
  }();
  return table;
}

const Constant kUnknownConstant;

Const zero_real() {
  static const Const zero = [] {
    Constant* c = new Constant;
    c->rep = Rep::Rational;
    mpq_init(&c->rational);
    return c;
  }();
  return zero;
}

// Precision wide enough that rounding to odd in it and then to double or float gives the correctly rounded result.
constexpr mpfr_prec_t kWidePrecision = 1280;

// Rounds to odd: toward zero, with the last bit set if that was inexact.
void get_real_rounded_to_odd(Const c, mpfr_t out) {
  int inexact = 0;
  switch (c->rep) {
    case Rep::Int64: inexact = mpfr_set_sj(out, c->small, MPFR_RNDZ); break;
    case Rep::BigInt: inexact = mpfr_set_z(out, &c->integer, MPFR_RNDZ); break;
    case Rep::Rational: inexact = mpfr_set_q(out, &c->rational, MPFR_RNDZ); break;
    case Rep::BigFloat: inexact = mpfr_set(out, &c->real, MPFR_RNDZ); break;
    default: CHECK(false, "a real constant");
  }
  if (inexact == 0) return;
  // Set the last bit of the mantissa if it is clear: one step away from zero from an even mantissa.
  BigReal probe(kWidePrecision - 1);
  if (mpfr_set(probe.value, out, MPFR_RNDZ) == 0) {
    if (mpfr_sgn(out) > 0) {
      mpfr_nextabove(out);
    } else {
      mpfr_nextbelow(out);
    }
  }
}

bool is_real(Const c) {
  return c->rep == Rep::Int64 || c->rep == Rep::BigInt || c->rep == Rep::Rational || c->rep == Rep::BigFloat;
}

// A value computed with rounding errors that is within 4 bits of an integer is taken for no integer, unless it is one.
Const real_to_integer(Const c) {
  if (!is_small_real(&c->real)) return make_unknown();
  BigInteger out;
  if (mpfr_integer_p(&c->real)) {
    mpfr_get_z(out.value, &c->real, MPFR_RNDN);
    return make_integer(out.value);
  }
  BigReal rounded(kFloatPrecision - 4);
  for (mpfr_rnd_t mode : {MPFR_RNDZ, MPFR_RNDA}) {
    mpfr_set(rounded.value, &c->real, mode);
    if (mpfr_integer_p(rounded.value)) {
      mpfr_get_z(out.value, rounded.value, MPFR_RNDN);
      return make_integer(out.value);
    }
  }
  return make_unknown();
}

Const round_to_float32(Const c) {
  float f = float32_value(c);
  return std::isinf(f) ? nullptr : make_float64(f);
}

Const round_to_float64(Const c) {
  double f = float64_value(c);
  return std::isinf(f) ? nullptr : make_float64(f);
}

bool fits_integer(Const c, BasicKind kind) {
  int bits = 0;
  bool is_signed = true;
  switch (kind) {
    case BasicKind::UntypedInt: case BasicKind::UntypedRune: return true;
    case BasicKind::Int: case BasicKind::Int64: bits = 64; break;
    case BasicKind::Int8: bits = 8; break;
    case BasicKind::Int16: bits = 16; break;
    case BasicKind::Int32: bits = 32; break;
    case BasicKind::Uint: case BasicKind::Uint64: case BasicKind::Uintptr: bits = 64; is_signed = false; break;
    case BasicKind::Uint8: bits = 8; is_signed = false; break;
    case BasicKind::Uint16: bits = 16; is_signed = false; break;
    case BasicKind::Uint32: bits = 32; is_signed = false; break;
    default: CHECK(false, "an integer kind");
  }
  if (c->rep == Rep::BigInt) return !is_signed && bits == 64 && sign(c) >= 0 && bit_length(c) <= 64;
  int64_t v = c->small;
  if (!is_signed) return v >= 0 && (bits == 64 || (v >> bits) == 0);
  return bits == 64 || (v >= -(int64_t{1} << (bits - 1)) && v < (int64_t{1} << (bits - 1)));
}

bool representable_float(Const x, BasicKind kind, Const* rounded) {
  Const c = to_float(x);
  if (constant_kind(c) != ConstantKind::Float) return false;
  Const r = c;
  if (kind == BasicKind::Float32) r = round_to_float32(c);
  if (kind == BasicKind::Float64) r = round_to_float64(c);
  if (r == nullptr) return false;
  // An untyped float keeps its exact value; its caller sees it as it was given.
  if (rounded != nullptr && kind != BasicKind::UntypedFloat) *rounded = r;
  return true;
}

bool representable_complex(Const x, BasicKind kind, Const* rounded) {
  Const c = to_complex(x);
  if (constant_kind(c) != ConstantKind::Complex) return false;
  if (kind == BasicKind::UntypedComplex) return true;
  bool narrow = kind == BasicKind::Complex64;
  Const re = narrow ? round_to_float32(real_part(c)) : round_to_float64(real_part(c));
  Const im = narrow ? round_to_float32(imag_part(c)) : round_to_float64(imag_part(c));
  if (re == nullptr || im == nullptr) return false;
  if (rounded != nullptr) *rounded = make_complex(re, im);
  return true;
}

}  // namespace

ConstantKind constant_kind(Const c) {
  if (c == nullptr) return ConstantKind::Unknown;
  switch (c->rep) {
    case Rep::Unknown: return ConstantKind::Unknown;
    case Rep::Bool: return ConstantKind::Bool;
    case Rep::String: return ConstantKind::String;
    case Rep::Int64: case Rep::BigInt: return ConstantKind::Int;
    case Rep::Rational: case Rep::BigFloat: return ConstantKind::Float;
    case Rep::Complex: return ConstantKind::Complex;
  }
  return ConstantKind::Unknown;
}

Const make_unknown() { return &kUnknownConstant; }

Const make_bool(bool b) {
  static const Const values[2] = {
      [] { Constant* c = new Constant; c->rep = Rep::Bool; return c; }(),
      [] { Constant* c = new Constant; c->rep = Rep::Bool; c->boolean = true; return c; }()};
  return values[b];
}

Const make_string(std::string_view s) {
  Constant* c = new_constant(Rep::String);
  c->text = constant_arena().copy_text(s);
  return c;
}

Const make_int64(int64_t v) {
  if (v >= kCachedFrom && v <= kCachedTo) return &cached_integers()[v - kCachedFrom];
  Constant* c = new_constant(Rep::Int64);
  c->small = v;
  return c;
}

Const make_uint64(uint64_t v) {
  if (v <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return make_int64(static_cast<int64_t>(v));
  Constant* c = new_constant(Rep::BigInt);
  mpz_init_set_ui(&c->integer, v);
  return c;
}

Const make_float64(double v) {
  if (std::isinf(v) || std::isnan(v)) return make_unknown();
  if (v == 0) return zero_real();  // -0 becomes 0: constants have no signed zero
  BigRational q;
  mpq_set_d(q.value, v);
  return make_rational(q.value);
}

Const make_imaginary(Const re_part) {
  if (constant_kind(re_part) == ConstantKind::Unknown) return make_unknown();
  return make_complex(make_int64(0), re_part);
}

Const make_integer(const mpz_t v) {
  if (mpz_fits_slong_p(v)) return make_int64(mpz_get_si(v));
  Constant* c = new_constant(Rep::BigInt);
  mpz_init_set(&c->integer, v);
  return c;
}

Const make_rational(const mpq_t v) {
  long bits = std::max(mpz_sizeinbase(mpq_numref(v), 2), mpz_sizeinbase(mpq_denref(v), 2));
  if (bits < kMaxSmallBits) {
    Constant* c = new_constant(Rep::Rational);
    mpq_init(&c->rational);
    mpq_set(&c->rational, v);
    return c;
  }
  BigReal f;
  mpfr_set_q(f.value, v, MPFR_RNDN);
  return make_real(f.value);
}

Const make_real(const mpfr_t v) {
  if (mpfr_zero_p(v)) return zero_real();
  // Exponents beyond 31 bits count as infinite, and below as zero, as in gc.
  if (!mpfr_number_p(v) || mpfr_get_exp(v) > std::numeric_limits<int32_t>::max()) return make_unknown();
  if (mpfr_get_exp(v) < std::numeric_limits<int32_t>::min()) return zero_real();
  Constant* c = new_constant(Rep::BigFloat);
  mpfr_init2(&c->real, kFloatPrecision);
  mpfr_set(&c->real, v, MPFR_RNDN);
  return c;
}

Const make_complex(Const re, Const im) {
  if (constant_kind(re) == ConstantKind::Unknown || constant_kind(im) == ConstantKind::Unknown) return make_unknown();
  Constant* c = new_constant(Rep::Complex);
  c->parts = {re, im};
  return c;
}

void get_integer(Const c, mpz_t out) {
  if (c->rep == Rep::Int64) {
    mpz_set_si(out, c->small);
  } else {
    CHECK(c->rep == Rep::BigInt, "an integer constant");
    mpz_set(out, &c->integer);
  }
}

void get_rational(Const c, mpq_t out) {
  if (c->rep == Rep::Rational) {
    mpq_set(out, &c->rational);
  } else if (c->rep == Rep::Int64) {
    mpq_set_si(out, c->small, 1);
  } else {
    CHECK(c->rep == Rep::BigInt, "a rational constant");
    mpq_set_z(out, &c->integer);
  }
}

void get_real(Const c, mpfr_t out) {
  switch (c->rep) {
    case Rep::Int64: mpfr_set_sj(out, c->small, MPFR_RNDN); return;
    case Rep::BigInt: mpfr_set_z(out, &c->integer, MPFR_RNDN); return;
    case Rep::Rational: mpfr_set_q(out, &c->rational, MPFR_RNDN); return;
    case Rep::BigFloat: mpfr_set(out, &c->real, MPFR_RNDN); return;
    default: CHECK(false, "a real constant");
  }
}

bool is_small_real(const mpfr_t v) {
  if (!mpfr_number_p(v)) return false;
  if (mpfr_zero_p(v)) return true;
  long e = mpfr_get_exp(v);
  return -kMaxSmallBits < e && e < kMaxSmallBits;
}

bool bool_value(Const c) { return c != nullptr && c->rep == Rep::Bool && c->boolean; }

std::string_view string_value(Const c) { return c != nullptr && c->rep == Rep::String ? c->text : std::string_view{}; }

bool int64_value(Const c, int64_t* out) {
  if (c == nullptr || c->rep != Rep::Int64) return false;
  *out = c->small;
  return true;
}

bool uint64_value(Const c, uint64_t* out) {
  if (c == nullptr) return false;
  if (c->rep == Rep::Int64 && c->small >= 0) {
    *out = static_cast<uint64_t>(c->small);
    return true;
  }
  if (c->rep == Rep::BigInt && mpz_fits_ulong_p(&c->integer)) {
    *out = mpz_get_ui(&c->integer);
    return true;
  }
  return false;
}

double float64_value(Const c, bool* exact) {
  if (c == nullptr || !is_real(c)) {
    if (exact != nullptr) *exact = false;
    return 0;
  }
  BigReal wide(kWidePrecision);
  get_real_rounded_to_odd(c, wide.value);
  double d = mpfr_get_d(wide.value, MPFR_RNDN);
  if (exact != nullptr) *exact = mpfr_cmp_d(wide.value, d) == 0;
  return d;
}

float float32_value(Const c, bool* exact) {
  if (c == nullptr || !is_real(c)) {
    if (exact != nullptr) *exact = false;
    return 0;
  }
  BigReal wide(kWidePrecision);
  get_real_rounded_to_odd(c, wide.value);
  float f = mpfr_get_flt(wide.value, MPFR_RNDN);
  if (exact != nullptr) *exact = mpfr_cmp_d(wide.value, f) == 0;
  return f;
}

Const real_part(Const c) {
  if (c != nullptr && c->rep == Rep::Complex) return c->parts.re;
  return c != nullptr && is_real(c) ? c : make_unknown();
}

Const imag_part(Const c) {
  if (c != nullptr && c->rep == Rep::Complex) return c->parts.im;
  return c != nullptr && is_real(c) ? make_int64(0) : make_unknown();
}

int sign(Const c) {
  switch (c->rep) {
    case Rep::Unknown: return 1;  // not zero: no follow-on "division by zero"
    case Rep::Int64: return c->small < 0 ? -1 : c->small > 0;
    case Rep::BigInt: return mpz_sgn(&c->integer);
    case Rep::Rational: return mpq_sgn(&c->rational);
    case Rep::BigFloat: return mpfr_sgn(&c->real) < 0 ? -1 : mpfr_sgn(&c->real) > 0;
    case Rep::Complex: return sign(c->parts.re) | sign(c->parts.im);
    case Rep::Bool: case Rep::String: break;
  }
  CHECK(false, "a numeric constant");
}

int bit_length(Const c) {
  if (c->rep == Rep::Int64) {
    uint64_t magnitude = c->small < 0 ? 0 - static_cast<uint64_t>(c->small) : static_cast<uint64_t>(c->small);
    return std::bit_width(magnitude);
  }
  if (c->rep == Rep::BigInt) return static_cast<int>(mpz_sizeinbase(&c->integer, 2));
  return 0;
}

Const to_int(Const c) {
  if (c == nullptr) return make_unknown();
  switch (c->rep) {
    case Rep::Int64: case Rep::BigInt: return c;
    case Rep::Rational:
      return mpz_cmp_ui(mpq_denref(&c->rational), 1) == 0 ? make_integer(mpq_numref(&c->rational)) : make_unknown();
    case Rep::BigFloat: return real_to_integer(c);
    case Rep::Complex: {
      Const re = to_float(c);
      return constant_kind(re) == ConstantKind::Float ? to_int(re) : make_unknown();
    }
    case Rep::Unknown: case Rep::Bool: case Rep::String: break;
  }
  return make_unknown();
}

Const to_float(Const c) {
  if (c == nullptr) return make_unknown();
  switch (c->rep) {
    case Rep::Int64: case Rep::BigInt: {
      BigRational q;
      get_rational(c, q.value);
      return make_rational(q.value);  // becomes a 512-bit float if it is large
    }
    case Rep::Rational: case Rep::BigFloat: return c;
    case Rep::Complex: return sign(c->parts.im) == 0 ? to_float(c->parts.re) : make_unknown();
    case Rep::Unknown: case Rep::Bool: case Rep::String: break;
  }
  return make_unknown();
}

Const to_complex(Const c) {
  if (c == nullptr) return make_unknown();
  if (c->rep == Rep::Complex) return c;
  return is_real(c) ? make_complex(c, make_int64(0)) : make_unknown();
}

bool representable(Const x, BasicKind kind, Const* rounded) {
  if (constant_kind(x) == ConstantKind::Unknown) return true;  // no follow-on errors
  uint16_t flags = kTyp[static_cast<int>(kind)].flags;
  if (flags & kIsInteger) {
    Const c = to_int(x);
    if (constant_kind(c) != ConstantKind::Int) return false;
    if (rounded != nullptr) *rounded = c;
    return fits_integer(c, kind);
  }
  if (flags & kIsFloat) return representable_float(x, kind, rounded);
  if (flags & kIsComplex) return representable_complex(x, kind, rounded);
  if (flags & kIsString) return constant_kind(x) == ConstantKind::String;
  if (flags & kIsBoolean) return constant_kind(x) == ConstantKind::Bool;
  return false;
}

uint64_t wrapped_uint64(Const c) {
  if (c->rep == Rep::Int64) return static_cast<uint64_t>(c->small);
  if (c->rep != Rep::BigInt) return 0;
  BigInteger low;
  mpz_fdiv_r_2exp(low.value, &c->integer, 64);
  return mpz_get_ui(low.value);
}

}  // namespace gale::types
