#include "syntax/unquote.h"

#include "syntax/unicode.h"

namespace gale::syntax {
namespace {

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  char l = static_cast<char>(c | 0x20);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : 99;
}

struct Character {
  uint32_t code = 0;
  bool is_byte = false;  // \x and octal escapes stand for a byte
};

// Reads one character or escape at *at; false if it is malformed.
bool read_character(std::string_view s, size_t* at, char quote, Character* out) {
  *out = {};
  if (s[*at] != '\\') {
    Rune r = decode_rune(s.data() + *at, s.data() + s.size());
    if (s[*at] == '\n' || s[*at] == quote) return false;
    out->code = r.code;
    out->is_byte = r.code == kRuneError && r.size == 1;
    if (out->is_byte) out->code = static_cast<uint8_t>(s[*at]);
    *at += r.size;
    return true;
  }
  if (*at + 1 >= s.size()) return false;
  char c = s[*at + 1];
  *at += 2;
  constexpr std::string_view kLetters = "abfnrtv\\", kValues = "\a\b\f\n\r\t\v\\";
  if (size_t i = kLetters.find(c); i != kLetters.npos) {
    out->code = static_cast<uint8_t>(kValues[i]);
    return true;
  }
  if (c == quote) {
    out->code = static_cast<uint8_t>(c);
    return true;
  }
  int count = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 3;
  uint32_t base = count == 3 ? 8 : 16, max = c == 'u' || c == 'U' ? kMaxRune : 255;
  if (count == 3) {
    if (c < '0' || c > '7') return false;
    (*at)--;
  }
  if (*at + count > s.size()) return false;
  for (int i = 0; i < count; i++) {
    uint32_t d = digit_value(s[*at + i]);
    if (d >= base) return false;
    out->code = out->code * base + d;
  }
  *at += count;
  out->is_byte = max == 255;
  return out->code <= max && (out->is_byte || out->code < 0xd800 || out->code >= 0xe000);
}

}  // namespace

bool unquote(std::string_view literal, std::string* value) {
  if (literal.size() < 2 || literal.front() != literal.back()) return false;
  char quote = literal.front();
  std::string_view body = literal.substr(1, literal.size() - 2);
  std::string out;
  out.reserve(body.size());
  if (quote == '`') {
    for (char c : body) {
      if (c == '`') return false;
      if (c != '\r') out += c;
    }
  } else if (quote == '"') {
    for (size_t at = 0; at < body.size();) {
      Character c;
      if (!read_character(body, &at, quote, &c)) return false;
      if (c.is_byte) {
        out += static_cast<char>(c.code);
      } else {
        append_rune(out, c.code);
      }
    }
  } else {
    return false;
  }
  *value = std::move(out);
  return true;
}

bool unquote_rune(std::string_view literal, uint32_t* value) {
  if (literal.size() < 3 || literal.front() != '\'' || literal.back() != '\'') return false;
  std::string_view body = literal.substr(1, literal.size() - 2);
  size_t at = 0;
  Character c;
  if (!read_character(body, &at, '\'', &c) || at != body.size()) return false;
  *value = c.code;
  return true;
}

}  // namespace gale::syntax
