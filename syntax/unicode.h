// UTF-8 decoding and the character classes that Go's lexical grammar needs (spec: Characters), with Unicode's tables.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gale::syntax {

struct Rune {
  uint32_t code;  // U+FFFD with size 1: malformed
  uint32_t size;  // in bytes; 0 at the end
};
constexpr uint32_t kRuneError = 0xfffd;
constexpr uint32_t kByteOrderMark = 0xfeff;
constexpr uint32_t kMaxRune = 0x10ffff;

Rune decode_rune(const char* p, const char* end);
void append_rune(std::string& out, uint32_t code);

bool is_letter(uint32_t code);     // category L, or '_' (spec: letter)
bool is_digit(uint32_t code);      // category Nd
bool is_printable(uint32_t code);  // as Go's unicode.IsPrint

std::string quote_rune(uint32_t code);    // 'x', as fmt's %q
std::string unicode_name(uint32_t code);  // U+0078 'x', as fmt's %#U
std::string quote_string(std::string_view text);  // "x", as fmt's %q (strconv.Quote)

}  // namespace gale::syntax
