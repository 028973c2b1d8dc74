// Constants as text, as gc's messages show them.
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "types/constant_rep.h"

namespace gale::types {
namespace {

std::string integer_text(Const c) {
  if (c->rep == Rep::Int64) return std::to_string(c->small);
  char* digits = mpz_get_str(nullptr, 10, &c->integer);
  std::string text = digits;
  std::free(digits);
  return text;
}

// The shortest decimal that reads back as v, with the exponent shown from 1e+06 on and below 1e-4 (Go's %g).
std::string shortest(double v) {
  char buffer[64];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, v, std::chars_format::scientific);
  std::string scientific(buffer, end);
  size_t e = scientific.find('e');
  int exponent = std::atoi(scientific.c_str() + e + 1);
  if (exponent < -4 || exponent >= 6) return scientific;
  auto [fixed_end, fixed_error] = std::to_chars(buffer, buffer + sizeof buffer, v, std::chars_format::fixed);
  return std::string(buffer, fixed_end);
}

// Six digits; approximate decimal mantissa and exponent if v is beyond float64's range.
std::string real_text(const mpfr_t v) {
  char buffer[64];
  double d = mpfr_get_d(v, MPFR_RNDN);
  if ((d == 0) == (mpfr_zero_p(v) != 0) && !std::isinf(d)) {
    std::snprintf(buffer, sizeof buffer, "%.6g", d);
    std::string text = buffer;
    // A fraction must look like one.
    if (!mpfr_integer_p(v) && text.find('.') == std::string::npos) return shortest(d);
    return text;
  }
  long binary_exponent = 0;
  double m = mpfr_get_d_2exp(&binary_exponent, v, MPFR_RNDN);
  double decimal = static_cast<double>(binary_exponent) * std::log10(2.0);
  int64_t e = static_cast<int64_t>(decimal);
  m *= std::pow(10, decimal - static_cast<double>(e));
  double magnitude = std::fabs(m);
  if (magnitude < 1 - 0.5e-6) {  // so that rounding to six digits cannot give 10
    m *= 10;
    e--;
  } else if (magnitude >= 10) {
    m /= 10;
    e++;
  }
  std::snprintf(buffer, sizeof buffer, "%.6ge%+lld", m, static_cast<long long>(e));
  return buffer;
}

std::string float_text(Const c) {
  if (c->rep == Rep::BigFloat) return real_text(&c->real);
  BigReal v;
  get_real(c, v.value);
  return real_text(v.value);
}

size_t rune_length(std::string_view s, size_t i) {
  unsigned char c = static_cast<unsigned char>(s[i]);
  size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
  if (c >= 0x80 && (c < 0xc2 || c > 0xf4)) return 1;
  if (i + n > s.size()) return 1;
  for (size_t k = 1; k < n; k++) {
    if ((static_cast<unsigned char>(s[i + k]) & 0xc0) != 0x80) return 1;
  }
  return n;
}

// As strconv.Quote; of the characters above 0x7f only control characters and invalid bytes are escaped.
std::string quote(std::string_view s) {
  std::string out = "\"";
  char buffer[16];
  for (size_t i = 0; i < s.size();) {
    unsigned char c = static_cast<unsigned char>(s[i]);
    size_t n = rune_length(s, i);
    if (n > 1 && !(n == 2 && c == 0xc2 && static_cast<unsigned char>(s[i + 1]) < 0xa1)) {
      out.append(s.substr(i, n));
      i += n;
      continue;
    }
    i += n;
    switch (c) {
      case '"': out += "\\\""; continue;
      case '\\': out += "\\\\"; continue;
      case '\a': out += "\\a"; continue;
      case '\b': out += "\\b"; continue;
      case '\f': out += "\\f"; continue;
      case '\n': out += "\\n"; continue;
      case '\r': out += "\\r"; continue;
      case '\t': out += "\\t"; continue;
      case '\v': out += "\\v"; continue;
      default: break;
    }
    if (n == 2) {
      std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned char>(s[i - 1]));
      out += buffer;
    } else if (c >= 0x20 && c < 0x7f) {
      out.push_back(static_cast<char>(c));
    } else {
      std::snprintf(buffer, sizeof buffer, "\\x%02x", c);
      out += buffer;
    }
  }
  out.push_back('"');
  return out;
}

// At most 72 characters, the last three dots.
std::string shortened(std::string text) {
  constexpr size_t kLimit = 72;
  size_t count = 0, cut = 0;
  for (size_t i = 0; i < text.size(); i += rune_length(text, i)) {
    if (count == kLimit - 3) cut = i;
    count++;
  }
  if (count <= kLimit) return text;
  return text.substr(0, cut) + "...";
}

}  // namespace

std::string to_text(Const c) {
  if (c == nullptr) return "unknown";
  switch (c->rep) {
    case Rep::Unknown: return "unknown";
    case Rep::Bool: return c->boolean ? "true" : "false";
    case Rep::String: return shortened(quote(c->text));
    case Rep::Int64: case Rep::BigInt: return integer_text(c);
    case Rep::Rational: case Rep::BigFloat: return float_text(c);
    case Rep::Complex: return "(" + to_text(c->parts.re) + " + " + to_text(c->parts.im) + "i)";
  }
  return "unknown";
}

std::string exact_text(Const c) {
  if (c == nullptr) return "unknown";
  switch (c->rep) {
    case Rep::String: return quote(c->text);
    case Rep::Rational: {
      char* digits = mpq_get_str(nullptr, 10, &c->rational);  // without "/1" for whole numbers
      std::string text = digits;
      std::free(digits);
      return text;
    }
    case Rep::BigFloat: {
      char* text = nullptr;
      if (mpfr_asprintf(&text, "%Ra", &c->real) < 0) return "unknown";
      std::string out = text;
      mpfr_free_str(text);
      return out;
    }
    case Rep::Complex: return "(" + exact_text(c->parts.re) + " + " + exact_text(c->parts.im) + "i)";
    default: return to_text(c);
  }
}

}  // namespace gale::types
