// Constants from literals as written (spec: Integer literals, Floating-point literals, Imaginary literals, Rune literals,
// String literals). The scanner has reported malformed literals; here they are Unknown.
#include <cctype>
#include <charconv>
#include <string>

#include "syntax/nodes.h"
#include "syntax/unquote.h"
#include "types/constant_rep.h"

namespace gale::types {
namespace {

std::string without_underscores(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (c != '_') out.push_back(c);
  }
  return out;
}

bool has_prefix_letter(std::string_view text, char letter) {
  return text.size() >= 2 && text[0] == '0' && std::tolower(static_cast<unsigned char>(text[1])) == letter;
}

// Base of an integer literal; *digits gets what follows the prefix. `legacy_octal`: a leading 0 means base 8.
int integer_base(std::string_view text, bool legacy_octal, std::string_view* digits) {
  *digits = text.substr(text.size() >= 2 ? 2 : text.size());
  if (has_prefix_letter(text, 'x')) return 16;
  if (has_prefix_letter(text, 'o')) return 8;
  if (has_prefix_letter(text, 'b')) return 2;
  *digits = text;
  return legacy_octal && text.size() > 1 && text[0] == '0' ? 8 : 10;
}

Const integer_literal(std::string_view written, bool legacy_octal) {
  std::string text = without_underscores(written);
  std::string_view digits;
  int base = integer_base(text, legacy_octal, &digits);
  if (digits.empty()) return make_unknown();
  int64_t small = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), small, base);
  if (error == std::errc() && end == digits.data() + digits.size()) return make_int64(small);
  BigInteger big;
  if (mpz_set_str(big.value, std::string(digits).c_str(), base) != 0) return make_unknown();
  return make_integer(big.value);
}

// A float literal taken apart: digits · base^scale, where base is 10 or (for hexadecimal mantissas) 2.
struct FloatParts {
  std::string digits;
  bool hexadecimal = false;
  long scale = 0;
};

bool split_float(const std::string& text, FloatParts* parts) {
  parts->hexadecimal = has_prefix_letter(text, 'x');
  size_t i = parts->hexadecimal ? 2 : 0;
  const char exponent_letter = parts->hexadecimal ? 'p' : 'e';
  bool after_point = false;
  long fraction_digits = 0;
  for (; i < text.size(); i++) {
    char c = text[i];
    if (std::tolower(static_cast<unsigned char>(c)) == exponent_letter) break;
    if (c == '.') {
      if (after_point) return false;
      after_point = true;
      continue;
    }
    if (!std::isxdigit(static_cast<unsigned char>(c))) return false;
    if (!parts->hexadecimal && !std::isdigit(static_cast<unsigned char>(c))) return false;
    parts->digits.push_back(c);
    if (after_point) fraction_digits++;
  }
  if (parts->digits.empty()) return false;
  long exponent = 0;
  if (i < text.size()) {
    std::string_view rest = std::string_view(text).substr(i + 1);
    if (!rest.empty() && rest[0] == '+') rest.remove_prefix(1);
    auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), exponent);
    if (rest.empty() || end != rest.data() + rest.size()) return false;
    // Far beyond any exponent that has a value; keeps the arithmetic below from overflowing.
    constexpr long kHuge = 1L << 40;
    if (error == std::errc::result_out_of_range) exponent = rest[0] == '-' ? -kHuge : kHuge;
    exponent = std::min(std::max(exponent, -kHuge), kHuge);
  }
  parts->scale = exponent - (parts->hexadecimal ? 4 * fraction_digits : fraction_digits);
  return true;
}

// digits · base^scale as an exact fraction. Only for values known to be of small magnitude and digit count.
Const exact_fraction(const FloatParts& parts) {
  BigInteger power;
  BigRational value;
  mpz_set_str(mpq_numref(value.value), parts.digits.c_str(), parts.hexadecimal ? 16 : 10);
  unsigned long magnitude = static_cast<unsigned long>(std::abs(parts.scale));
  mpz_ui_pow_ui(power.value, parts.hexadecimal ? 2 : 10, magnitude);
  if (parts.scale >= 0) {
    mpz_mul(mpq_numref(value.value), mpq_numref(value.value), power.value);
  } else {
    mpz_set(mpq_denref(value.value), power.value);
  }
  mpq_canonicalize(value.value);
  return make_rational(value.value);
}

Const float_literal(std::string_view written) {
  std::string text = without_underscores(written);
  FloatParts parts;
  if (!split_float(text, &parts)) return make_unknown();
  // First as a 512-bit float, which is cheap for any exponent; only small ones are worth an exact fraction.
  BigReal approximate;
  std::string normal = parts.digits + (parts.hexadecimal ? "p" : "e") + std::to_string(parts.scale);
  if (parts.hexadecimal) normal = "0x" + normal;
  mpfr_strtofr(approximate.value, normal.c_str(), nullptr, 0, MPFR_RNDN);
  if (mpfr_zero_p(approximate.value)) return make_float64(0);
  if (is_small_real(approximate.value) && std::abs(parts.scale) < 20000) return exact_fraction(parts);
  return make_real(approximate.value);
}

Const imaginary_literal(std::string_view text) {
  if (text.empty() || text.back() != 'i') return make_unknown();
  text.remove_suffix(1);
  std::string_view digits;
  bool prefixed_integer = integer_base(text, false, &digits) != 10 &&
                          (text.find_first_of(".pP") == std::string_view::npos || !has_prefix_letter(text, 'x'));
  // 0123i is decimal, for backward compatibility.
  Const value = prefixed_integer ? to_float(integer_literal(text, false)) : float_literal(text);
  return constant_kind(value) == ConstantKind::Unknown ? value : make_complex(make_int64(0), value);
}

}  // namespace

Const make_from_literal(std::string_view text, int lit_kind) {
  switch (static_cast<syntax::LitKind>(lit_kind)) {
    case syntax::LitKind::Int: return integer_literal(text, true);
    case syntax::LitKind::Float: return float_literal(text);
    case syntax::LitKind::Imaginary: return imaginary_literal(text);
    case syntax::LitKind::Rune: {
      uint32_t value = 0;
      return syntax::unquote_rune(text, &value) ? make_int64(value) : make_unknown();
    }
    case syntax::LitKind::String: {
      std::string value;
      return syntax::unquote(text, &value) ? make_string(value) : make_unknown();
    }
  }
  return make_unknown();
}

}  // namespace gale::types
