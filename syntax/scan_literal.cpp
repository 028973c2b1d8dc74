// Numbers, runes and strings (spec: Integer literals ... String literals). Each function starts with p_ at the literal,
// leaves p_ past it, and reports what is wrong in it once.
#include <string>

#include <fmt/core.h>

#include "syntax/scanner.h"
#include "syntax/unicode.h"

namespace gale::syntax {
namespace {

char lower(char c) { return static_cast<char>(c | 0x20); }
bool is_decimal(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_decimal(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }

const char* base_name(int base) {
  switch (base) {
    case 2:
      return "binary";
    case 8:
      return "octal";
    case 10:
      return "decimal";
    default:
      return "hexadecimal";
  }
}

enum : int { kSawDigit = 1, kSawSeparator = 2 };

// Index of the first '_' that does not stand between digits (a base prefix counts as one), or -1.
int misplaced_separator(std::string_view x) {
  bool hex = false;
  char previous = '.';  // '0': a digit, '_', or '.': anything else
  size_t i = 0;
  if (x.size() >= 2 && x[0] == '0') {
    char prefix = lower(x[1]);
    if (prefix == 'x' || prefix == 'o' || prefix == 'b') {
      hex = prefix == 'x';
      previous = '0';
      i = 2;
    }
  }
  for (; i < x.size(); i++) {
    char c = x[i];
    if (c == '_') {
      if (previous != '0') return static_cast<int>(i);
      previous = '_';
    } else if (is_decimal(c) || (hex && is_hex(c))) {
      previous = '0';
    } else {
      if (previous == '_') return static_cast<int>(i) - 1;
      previous = '.';
    }
  }
  return previous == '_' ? static_cast<int>(x.size()) - 1 : -1;
}

}  // namespace

void Scanner::set_literal(LitKind kind, bool ok) {
  token = Token::Literal;
  lit_kind = kind;
  lit = {start_, static_cast<size_t>(p_ - start_)};
  bad = !ok;
  newline_ends_ = true;
}

// Skips digits and separators. For bases up to 10 all decimal digits are taken; *invalid becomes the first too large one.
int Scanner::digits(int base, const char** invalid) {
  int saw = 0;
  for (;; p_++) {
    if (*p_ == '_') {
      saw |= kSawSeparator;
    } else if (base <= 10 ? is_decimal(*p_) : is_hex(*p_)) {
      if (base <= 10 && *p_ >= '0' + base && invalid != nullptr && *invalid == nullptr) *invalid = p_;
      saw |= kSawDigit;
    } else {
      return saw;
    }
  }
}

void Scanner::number(bool seen_point) {
  bool ok = true;
  LitKind kind = LitKind::Int;
  int base = 10;
  char prefix = 0;  // '0' for old octal, 'x', 'o', 'b', or none
  int saw = 0;
  const char* invalid = nullptr;
  auto fail = [&](const char* p, std::string message) {
    if (ok) error(p, std::move(message));
    ok = false;
  };

  if (!seen_point) {
    if (*p_ == '0') {
      p_++;
      prefix = lower(*p_);
      if (prefix == 'x' || prefix == 'o' || prefix == 'b') {
        base = prefix == 'x' ? 16 : prefix == 'o' ? 8 : 2;
        p_++;
      } else {
        prefix = '0';
        base = 8;
        saw = kSawDigit;
      }
    }
    saw |= digits(base, &invalid);
    if (*p_ == '.') {
      if (prefix == 'o' || prefix == 'b') fail(p_, fmt::format("invalid radix point in {} literal", base_name(base)));
      p_++;
      seen_point = true;
    }
  }
  if (seen_point) {
    kind = LitKind::Float;
    saw |= digits(base, &invalid);
  }
  if ((saw & kSawDigit) == 0) fail(p_, fmt::format("{} literal has no digits", base_name(base)));

  char e = lower(*p_);
  if (e == 'e' || e == 'p') {
    if (e == 'e' && prefix != 0 && prefix != '0') {
      fail(p_, fmt::format("'{}' exponent requires decimal mantissa", *p_));
    } else if (e == 'p' && prefix != 'x') {
      fail(p_, fmt::format("'{}' exponent requires hexadecimal mantissa", *p_));
    }
    p_++;
    kind = LitKind::Float;
    if (*p_ == '+' || *p_ == '-') p_++;
    int in_exponent = digits(10, nullptr);
    saw = in_exponent | (saw & kSawSeparator);
    if ((in_exponent & kSawDigit) == 0) fail(p_, "exponent has no digits");
  } else if (prefix == 'x' && kind == LitKind::Float) {
    fail(p_, "hexadecimal mantissa requires a 'p' exponent");
  }
  if (*p_ == 'i') {
    kind = LitKind::Imaginary;
    p_++;
  }
  if (kind == LitKind::Int && invalid != nullptr) {
    fail(invalid, fmt::format("invalid digit '{}' in {} literal", *invalid, base_name(base)));
  }
  set_literal(kind, ok);
  if ((saw & kSawSeparator) != 0 && ok) {
    int i = misplaced_separator(lit);
    if (i >= 0) {
      error(start_ + i, "'_' must separate successive digits");
      bad = true;
    }
  }
}

void Scanner::rune_literal() {
  bool ok = true;
  auto fail = [&](const char* p, const char* message) {
    if (ok) error(p, message);
    ok = false;
  };
  p_++;
  for (int n = 0;; n++) {
    char c = *p_;
    if (c == '\'') {
      if (n == 0) {
        fail(p_, "empty rune literal or unescaped '");
      } else if (n != 1) {
        fail(start_, "more than one character in rune literal");
      }
      p_++;
      break;
    }
    if (c == '\\') {
      p_++;
      if (!escape('\'')) ok = false;
    } else if (c == '\n') {
      fail(p_, "newline in rune literal");
      break;
    } else if (c == 0 && p_ >= end_) {
      fail(start_, "rune literal not terminated");
      break;
    } else if (c == 0) {
      p_ = check_special(p_);
      n--;  // as if it were not there
    } else {
      p_ = static_cast<uint8_t>(c) < 0x80 ? p_ + 1 : check_special(p_);
    }
  }
  set_literal(LitKind::Rune, ok);
}

void Scanner::string_literal() {
  bool ok = true;
  p_++;
  for (;;) {
    char c = *p_;
    if (c == '"') {
      p_++;
      break;
    }
    if (c == '\\') {
      p_++;
      if (!escape('"')) ok = false;
    } else if (c == '\n') {
      error(p_, "newline in string");
      ok = false;
      break;
    } else if (c == 0 && p_ >= end_) {
      error(start_, "string not terminated");
      ok = false;
      break;
    } else {
      p_ = c > 0 ? p_ + 1 : check_special(p_);
    }
  }
  set_literal(LitKind::String, ok);
}

void Scanner::raw_string() {
  bool ok = true;
  p_++;
  for (;;) {
    char c = *p_;
    if (c == '`') {
      p_++;
      break;
    }
    if (c == 0 && p_ >= end_) {
      error(start_, "string not terminated");
      ok = false;
      break;
    }
    p_ = c > 0 ? p_ + 1 : check_special(p_);
  }
  set_literal(LitKind::String, ok);
}

// p_ is past the backslash. The end of the file is left for the caller to report.
bool Scanner::escape(char quote) {
  int count, base;
  uint32_t max = 255;
  char c = *p_;
  switch (c) {
    case 'a': case 'b': case 'f': case 'n': case 'r': case 't': case 'v': case '\\':
      p_++;
      return true;
    case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7':
      count = 3, base = 8;
      break;
    case 'x':
      p_++;
      count = 2, base = 16;
      break;
    case 'u':
    case 'U':
      p_++;
      count = c == 'u' ? 4 : 8, base = 16, max = kMaxRune;
      break;
    default:
      if (c == quote) {
        p_++;
        return true;
      }
      if (p_ >= end_) return true;
      error(p_, "unknown escape");
      return false;
  }
  uint32_t x = 0;
  for (; count > 0; count--, p_++) {
    if (p_ >= end_) return true;
    uint32_t d = 16;
    if (is_decimal(*p_)) {
      d = *p_ - '0';
    } else if (lower(*p_) >= 'a' && lower(*p_) <= 'f') {
      d = lower(*p_) - 'a' + 10;
    }
    if (d >= static_cast<uint32_t>(base)) {
      error(p_, fmt::format("invalid character {} in {} escape", quote_rune(rune_at(p_)), base_name(base)));
      return false;
    }
    x = x * base + d;
  }
  if (x > max && base == 8) {
    error(p_, fmt::format("octal escape value {} > 255", x));
    return false;
  }
  if (x > max || (x >= 0xd800 && x < 0xe000)) {
    error(p_, "escape is invalid Unicode code point " + unicode_name(x));
    return false;
  }
  return true;
}

}  // namespace gale::syntax
