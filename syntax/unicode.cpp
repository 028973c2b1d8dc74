#include "syntax/unicode.h"

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

namespace gale::syntax {
namespace {

struct CodeRange {
  uint32_t first, last;
};

#include "syntax/unicode_ranges.inc"

template <size_t N>
bool in_ranges(const CodeRange (&ranges)[N], uint32_t code) {
  const CodeRange* it = std::upper_bound(std::begin(ranges), std::end(ranges), code,
                                         [](uint32_t c, const CodeRange& r) { return c < r.first; });
  return it != std::begin(ranges) && code <= it[-1].last;
}

// Appends a character inside quotes `quote`, escaped as strconv.Quote does.
void append_escaped(std::string& out, uint32_t code, char quote) {
  if (code == static_cast<uint32_t>(quote) || code == '\\') {
    out += '\\';
    out += static_cast<char>(code);
    return;
  }
  if (is_printable(code)) {
    append_rune(out, code);
    return;
  }
  constexpr std::string_view kNamed = "\a\b\f\n\r\t\v", kLetters = "abfnrtv";
  size_t named = code < 0x80 ? kNamed.find(static_cast<char>(code)) : std::string_view::npos;
  if (named != std::string_view::npos) {
    out += '\\';
    out += kLetters[named];
  } else if (code < ' ' || code == 0x7f) {
    out += fmt::format("\\x{:02x}", code);
  } else if (code < 0x10000) {
    out += fmt::format("\\u{:04x}", code);
  } else {
    out += fmt::format("\\U{:08x}", code);
  }
}

}  // namespace

Rune decode_rune(const char* p, const char* end) {
  if (p >= end) return {kRuneError, 0};
  auto byte = [p](int i) { return static_cast<uint32_t>(static_cast<uint8_t>(p[i])); };
  constexpr Rune kMalformed{kRuneError, 1};
  uint32_t c = byte(0);
  if (c < 0x80) return {c, 1};
  uint32_t size = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
  if (c < 0xc2 || c > 0xf4 || end - p < size) return kMalformed;
  uint32_t code = c & (0x7fu >> size);
  for (uint32_t i = 1; i < size; i++) {
    if ((byte(i) & 0xc0) != 0x80) return kMalformed;
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[size] || code > kMaxRune || (code >= 0xd800 && code < 0xe000)) return kMalformed;
  return {code, size};
}

void append_rune(std::string& out, uint32_t code) {
  if (code > kMaxRune || (code >= 0xd800 && code < 0xe000)) code = kRuneError;
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

bool is_letter(uint32_t code) {
  if (code < 0x80) return ((code | 0x20) >= 'a' && (code | 0x20) <= 'z') || code == '_';
  return in_ranges(kLetterRanges, code);
}

bool is_digit(uint32_t code) { return code < 0x80 ? code >= '0' && code <= '9' : in_ranges(kDigitRanges, code); }

bool is_printable(uint32_t code) {
  return code < 0x80 ? code >= ' ' && code < 0x7f : in_ranges(kPrintRanges, code);
}

std::string quote_rune(uint32_t code) {
  std::string out = "'";
  append_escaped(out, code, '\'');
  return out += '\'';
}

std::string unicode_name(uint32_t code) {
  std::string out = fmt::format("U+{:04X}", code);
  if (is_printable(code)) {
    out += " '";
    append_rune(out, code);
    out += '\'';
  }
  return out;
}

std::string quote_string(std::string_view text) {
  std::string out = "\"";
  for (const char *p = text.data(), *end = p + text.size(); p < end;) {
    Rune r = decode_rune(p, end);
    if (r.code == kRuneError && r.size == 1) {
      out += fmt::format("\\x{:02x}", static_cast<uint8_t>(*p));
    } else {
      append_escaped(out, r.code, '"');
    }
    p += r.size;
  }
  return out += '"';
}

}  // namespace gale::syntax
