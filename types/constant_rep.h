// How constants are represented. Private to the constant_*.cpp files.
//
// Six representations carry five kinds: Int is a 64-bit integer or, only if it does not fit, a GMP integer; Float is a GMP
// rational while numerator and denominator are small, else a 512-bit MPFR number (never zero, never infinite: such values
// are rationals or Unknown). The order of Rep is the order in which operands of different representation are matched.
#pragma once

#include <gmp.h>
#include <mpfr.h>

#include <string_view>

#include "types/constant.h"

namespace gale::types {

enum class Rep : uint8_t { Unknown, Bool, String, Int64, BigInt, Rational, BigFloat, Complex };

struct Constant {
  Rep rep = Rep::Unknown;
  bool boolean = false;
  int64_t small = 0;
  std::string_view text;
  union {
    __mpz_struct integer;
    __mpq_struct rational;
    __mpfr_struct real;
    struct {
      Const re, im;
    } parts;
  };
  Constant() : parts{nullptr, nullptr} {}
};

constexpr mpfr_prec_t kFloatPrecision = 512;
// Rationals and conversions to integers stop at this many bits (go/constant's limit, observable in what is accepted).
constexpr long kMaxSmallBits = 4096;

// Exponents of 31 bits must not overflow (MPFR starts with 30). The range is per thread.
inline void widen_exponents() {
  thread_local const bool done = mpfr_set_emax(mpfr_get_emax_max()) == 0 && mpfr_set_emin(mpfr_get_emin_min()) == 0;
  (void)done;
}

// Temporaries that free themselves.
struct BigInteger {
  mpz_t value;
  BigInteger() { mpz_init(value); }
  explicit BigInteger(int64_t v) { mpz_init_set_si(value, v); }
  ~BigInteger() { mpz_clear(value); }
  BigInteger(const BigInteger&) = delete;
  BigInteger& operator=(const BigInteger&) = delete;
};
struct BigRational {
  mpq_t value;
  BigRational() { mpq_init(value); }
  ~BigRational() { mpq_clear(value); }
  BigRational(const BigRational&) = delete;
  BigRational& operator=(const BigRational&) = delete;
};
struct BigReal {
  mpfr_t value;
  explicit BigReal(mpfr_prec_t precision = kFloatPrecision) {
    widen_exponents();
    mpfr_init2(value, precision);
  }
  ~BigReal() { mpfr_clear(value); }
  BigReal(const BigReal&) = delete;
  BigReal& operator=(const BigReal&) = delete;
};

// These normalise: the smallest representation that holds the value, Unknown for infinities. They copy their argument.
Const make_integer(const mpz_t v);
Const make_rational(const mpq_t v);
Const make_real(const mpfr_t v);
Const make_complex(Const re, Const im);

// The value of a real constant (Int or Float) in another representation.
void get_integer(Const c, mpz_t out);    // Int64, BigInt
void get_rational(Const c, mpq_t out);   // Int64, BigInt, Rational
void get_real(Const c, mpfr_t out);      // any real one, rounded to out's precision

bool is_small_real(const mpfr_t v);      // magnitude within 2^±kMaxSmallBits

}  // namespace gale::types
