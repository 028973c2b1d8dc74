#include "asm/token.h"

#include <cctype>

namespace gale::plan9 {

namespace {

constexpr std::string_view kMiddleDot = "\u00b7", kDivisionSlash = "\u2215";

}  // namespace

size_t Scanner::ident_rune(size_t at, bool first) const {
  if (at >= s_.size()) return 0;
  const unsigned char c = static_cast<unsigned char>(s_[at]);
  if (std::isalpha(c) || c == '_' || (!first && std::isdigit(c))) return 1;
  if (c < 0x80) return 0;
  // Any other letter beyond ASCII: taken whole. (The two special ones are such.)
  size_t n = 1;
  while (at + n < s_.size() && (static_cast<unsigned char>(s_[at + n]) & 0xc0) == 0x80) n++;
  return n;
}

Token Scanner::make(int kind, size_t start) {
  Token t;
  t.kind = kind;
  t.text = s_.substr(start, at_ - start);
  t.line = line_;
  t.file = file_;
  t.after_space = space_;
  return t;
}

Token Scanner::identifier(size_t start) {
  bool special = false;
  while (size_t n = ident_rune(at_, at_ == start)) {
    special |= n > 1;
    at_ += n;
  }
  Token t = make(kIdent, start);
  if (!special) return t;
  std::string text;
  for (size_t i = 0; i < t.text.size();) {
    if (t.text.substr(i).starts_with(kMiddleDot)) {
      text += '.';
      i += kMiddleDot.size();
    } else if (t.text.substr(i).starts_with(kDivisionSlash)) {
      text += '/';
      i += kDivisionSlash.size();
    } else {
      text += t.text[i++];
    }
  }
  texts_.push_back(std::move(text));
  t.text = texts_.back();
  return t;
}

Token Scanner::number(size_t start) {
  bool is_float = false;
  if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X')) {
    at_ += 2;
    while (std::isxdigit(static_cast<unsigned char>(peek())) || peek() == '_') at_++;
    return make(kInt, start);
  }
  if (peek() == '0' && (peek(1) == 'b' || peek(1) == 'B' || peek(1) == 'o' || peek(1) == 'O')) {
    at_ += 2;
    while (std::isdigit(static_cast<unsigned char>(peek())) || peek() == '_') at_++;
    return make(kInt, start);
  }
  while (std::isdigit(static_cast<unsigned char>(peek())) || peek() == '_') at_++;
  if (peek() == '.') {
    is_float = true;
    at_++;
    while (std::isdigit(static_cast<unsigned char>(peek())) || peek() == '_') at_++;
  }
  if (peek() == 'e' || peek() == 'E') {
    size_t digits = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
    if (std::isdigit(static_cast<unsigned char>(peek(digits)))) {
      is_float = true;
      at_ += digits;
      while (std::isdigit(static_cast<unsigned char>(peek()))) at_++;
    }
  }
  return make(is_float ? kFloat : kInt, start);
}

Token Scanner::quoted(char quote, size_t start) {
  at_++;
  while (at_ < s_.size() && peek() != quote && peek() != '\n') at_ += peek() == '\\' && peek(1) != '\n' && at_ + 1 < s_.size() ? 2 : 1;
  if (peek() == quote) {
    at_++;
  } else {
    error = quote == '"' ? "literal not terminated" : "literal not terminated";
  }
  return make(quote == '"' ? kString : kChar, start);
}

Token Scanner::next() {
  error.clear();
  space_ = false;
  for (;;) {
    if (at_ >= s_.size()) return make(kEof, at_ = s_.size());
    const char c = peek();
    if (c == ' ' || c == '\t' || c == '\r') {
      at_++;
      space_ = true;
      continue;
    }
    if (c == '/' && peek(1) == '/') {
      while (at_ < s_.size() && peek() != '\n') at_++;
      space_ = true;
      continue;
    }
    if (c == '/' && peek(1) == '*') {
      at_ += 2;
      while (at_ < s_.size() && !(peek() == '*' && peek(1) == '/')) {
        if (peek() == '\n') line_++;
        at_++;
      }
      if (at_ >= s_.size()) error = "comment not terminated";
      at_ = at_ + 2 > s_.size() ? s_.size() : at_ + 2;
      space_ = true;
      continue;
    }
    const size_t start = at_;
    if (ident_rune(at_, true) != 0) return identifier(start);
    if (std::isdigit(static_cast<unsigned char>(c)) || (c == '.' && std::isdigit(static_cast<unsigned char>(peek(1))))) return number(start);
    if (c == '"' || c == '\'') return quoted(c, start);
    at_++;
    if (c == '\n') {
      Token t = make('\n', start);
      line_++;
      return t;
    }
    auto two = [&](char second, int kind) {
      at_++;
      (void)second;
      return make(kind, start);
    };
    if (c == '<' && peek() == '<') return two('<', kShl);
    if (c == '>' && peek() == '>') return two('>', kShr);
    if (c == '-' && peek() == '>') return two('>', kArrow);
    if (c == '@' && peek() == '>') return two('>', kAt);
    return make(static_cast<unsigned char>(c) < 128 ? c : '?', start);
  }
}

}  // namespace gale::plan9
