// Tokens, comments, white space and identifiers. Literals are in scan_literal.cpp.
#include "syntax/scanner.h"

#include <array>
#include <cstring>

#include "syntax/unicode.h"

namespace gale::syntax {
namespace {

enum : uint8_t { kLetter = 1, kDigit = 2, kSpecial = 4 };  // kSpecial: NUL and non-ASCII, looked at closely

constexpr std::array<uint8_t, 256> kClass = [] {
  std::array<uint8_t, 256> c{};
  for (int i = 'a'; i <= 'z'; i++) c[i] = kLetter;
  for (int i = 'A'; i <= 'Z'; i++) c[i] = kLetter;
  c['_'] = kLetter;
  for (int i = '0'; i <= '9'; i++) c[i] = kDigit;
  c[0] = kSpecial;
  for (int i = 0x80; i < 256; i++) c[i] = kSpecial;
  return c;
}();

uint8_t class_of(char c) { return kClass[static_cast<uint8_t>(c)]; }

// A perfect hash of the 25 keywords over their length and first two letters; the multiplier is searched for at compile time.
constexpr std::string_view kKeywords[] = {
#define KEYWORD(name, spelling, ends) spelling,
#include "syntax/tokens.def"
};
constexpr int kFirstKeyword = static_cast<int>(Token::Break);

constexpr uint32_t keyword_hash(const char* s, size_t size, uint32_t multiplier) {
  return (static_cast<uint8_t>(s[0]) * multiplier + static_cast<uint8_t>(s[1]) * 2 + static_cast<uint32_t>(size)) & 127;
}

constexpr uint32_t kMultiplier = [] {
  for (uint32_t m = 1; m < 1000; m++) {
    bool seen[128] = {};
    bool perfect = true;
    for (std::string_view k : kKeywords) {
      uint32_t h = keyword_hash(k.data(), k.size(), m);
      perfect = perfect && !seen[h];
      seen[h] = true;
    }
    if (perfect) return m;
  }
  return 0u;
}();
static_assert(kMultiplier != 0);

constexpr std::array<uint8_t, 128> kKeywordAt = [] {  // 1 + index into kKeywords
  std::array<uint8_t, 128> table{};
  uint8_t index = 1;
  for (std::string_view k : kKeywords) table[keyword_hash(k.data(), k.size(), kMultiplier)] = index++;
  return table;
}();

}  // namespace

uint32_t Scanner::rune_at(const char* p) const {
  if (p >= end_) return kEnd;
  return decode_rune(p, end_).code;
}

const char* Scanner::check_special(const char* p) {
  if (*p == 0) {
    error(p, "invalid NUL character");
    return p + 1;
  }
  Rune r = decode_rune(p, end_);
  if (r.code == kRuneError && r.size == 1) {
    error(p, "invalid UTF-8 encoding");
  } else if (r.code == kByteOrderMark && p != begin_) {
    error(p, "invalid BOM in the middle of the file");
  }
  return p + r.size;
}

// ---- identifiers ----

// p is at a character beyond ASCII: accepts it into an identifier, complaining if it cannot be in one.
const char* Scanner::check_identifier_rune(const char* p, bool first) {
  Rune r = decode_rune(p, end_);
  if ((r.code == kRuneError && r.size == 1) || r.code == kByteOrderMark) return check_special(p);
  if (is_letter(r.code)) return p + r.size;
  if (is_digit(r.code)) {
    if (first) error(p, "identifier cannot begin with digit " + unicode_name(r.code));
  } else {
    error(p, "invalid character " + unicode_name(r.code) + " in identifier");
  }
  return p + r.size;
}

const char* Scanner::identifier_tail(const char* p) {
  for (;;) {
    uint8_t c = class_of(*p);
    if (c & (kLetter | kDigit)) {
      p++;
    } else if (c & kSpecial) {
      if (p == end_) return p;
      p = *p == 0 ? check_special(p) : check_identifier_rune(p, false);
    } else {
      return p;
    }
  }
}

void Scanner::identifier() {
  const char* p = start_;
  while (class_of(*p) & (kLetter | kDigit)) p++;
  if ((class_of(*p) & kSpecial) && p != end_) p = identifier_tail(p);
  p_ = p;
  keyword_or_name();
}

void Scanner::keyword_or_name() {
  size_t size = p_ - start_;
  lit = {start_, size};
  if (size >= 2) {
    uint8_t k = kKeywordAt[keyword_hash(start_, size, kMultiplier)];
    if (k != 0 && kKeywords[k - 1] == lit) {
      token = static_cast<Token>(kFirstKeyword + k - 1);
      newline_ends_ = ends_statement(token);
      return;
    }
  }
  token = Token::Name;
  newline_ends_ = true;
}

// ---- comments ----

bool Scanner::blank_before(uint32_t offset) const {
  for (const char* p = begin_ + offset; p > begin_; p--) {
    char c = p[-1];
    if (c == '\n') return true;
    if (c != ' ' && c != '\t' && c != '\r') return false;
  }
  return true;
}

// start_ is at "//". Stops before the newline.
void Scanner::line_comment() {
  const char* p = start_ + 2;
  for (;;) {
    while (class_of(*p) != kSpecial && *p != '\n') p++;
    if (*p == '\n' || p == end_) break;
    p = check_special(p);
  }
  p_ = p;
  std::string_view text(start_, p - start_);
  std::string_view rest = text.substr(2);
  if (all_comments_ || rest.starts_with("go:") || rest.starts_with("line ")) handler_->scan_comment(at(start_), text);
}

// start_ is at "/*".
bool Scanner::full_comment() {
  bool newline = false;
  const char* p = start_ + 2;
  for (;;) {
    if (*p == '*' && p[1] == '/') {
      p_ = p + 2;
      break;
    }
    if (class_of(*p) == kSpecial) {
      if (p == end_) {
        p_ = p;
        error(start_, "comment not terminated");
        return newline;
      }
      p = check_special(p);
      continue;
    }
    newline = newline || *p == '\n';
    p++;
  }
  std::string_view text(start_, p_ - start_);
  if (all_comments_ || text.substr(2).starts_with("line ")) handler_->scan_comment(at(start_), text);
  return newline;
}

// ---- skipping a function body ----

// Past the closing quote of the literal that starts at p; null if it is malformed.
const char* Scanner::skip_quoted(const char* p, char quote) const {
  for (p++;; p++) {
    if (*p == quote) return p + 1;
    if (*p == '\n' && quote != '`') return nullptr;
    if (*p == '\\' && quote != '`') p++;
    if (p >= end_) return nullptr;
  }
}

// Past the comment at p, telling the handler of //line directives; null if it does not end.
const char* Scanner::skip_comment_in_block(const char* p) {
  const char* start = p;
  if (p[1] == '/') {
    const void* newline = std::memchr(p, '\n', end_ - p);
    p = newline == nullptr ? end_ : static_cast<const char*>(newline);
  } else {
    std::string_view rest(p + 2, end_ - p - 2);
    size_t close = rest.find("*/");
    if (close == std::string_view::npos) return nullptr;
    p = rest.data() + close + 2;
  }
  if (std::strncmp(start + 2, "line ", 5) == 0) handler_->scan_comment(at(start), {start, static_cast<size_t>(p - start)});
  return p;
}

bool Scanner::skip_block() {
  int depth = 1;
  for (const char* p = p_; p != nullptr;) {
    switch (*p) {
      case '{':
        depth++;
        p++;
        break;
      case '}':
        if (--depth == 0) {
          start_ = p;
          p_ = p + 1;
          token = Token::RightBrace;
          newline_ends_ = true;
          return true;
        }
        p++;
        break;
      case '"':
      case '`':
      case '\'':
        p = skip_quoted(p, *p);
        break;
      case '/':
        p = p[1] == '/' || p[1] == '*' ? skip_comment_in_block(p) : p + 1;
        break;
      case 0:
        if (p >= end_) return false;
        p++;
        break;
      default:
        p++;
    }
  }
  return false;
}

// ---- tokens ----

void Scanner::set_operator(Op o, int precedence) {
  token = Token::Operator;
  op = o;
  prec = precedence;
}

// p_ is past the operator: it is an assignment operator if '=' follows.
void Scanner::maybe_assign_operator(Op o, int precedence) {
  set_operator(o, precedence);
  if (*p_ == '=') {
    p_++;
    token = Token::AssignOp;
  }
}

void Scanner::next() {
  bool newline_ends = newline_ends_;
  newline_ends_ = false;
redo:
  while (*p_ == ' ' || *p_ == '\t' || (*p_ == '\n' && !newline_ends) || *p_ == '\r') p_++;
  start_ = p_;
  char c = *p_;
  if (class_of(c) & kLetter) return identifier();
  char c1 = c == 0 ? 0 : p_[1];
  switch (c) {
    case '\n':
      lit = "newline";
      return finish(Token::Semicolon, 1);
    case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
      return number(false);
    case '"':
      return string_literal();
    case '`':
      return raw_string();
    case '\'':
      return rune_literal();
    case '(':
      return finish(Token::LeftParen, 1);
    case '[':
      return finish(Token::LeftBracket, 1);
    case '{':
      return finish(Token::LeftBrace, 1);
    case ',':
      return finish(Token::Comma, 1);
    case ';':
      lit = "semicolon";
      return finish(Token::Semicolon, 1);
    case ')':
      newline_ends_ = true;
      return finish(Token::RightParen, 1);
    case ']':
      newline_ends_ = true;
      return finish(Token::RightBracket, 1);
    case '}':
      newline_ends_ = true;
      return finish(Token::RightBrace, 1);
    case ':':
      return c1 == '=' ? finish(Token::Define, 2) : finish(Token::Colon, 1);
    case '.':
      if (class_of(c1) & kDigit) {
        p_++;
        return number(true);
      }
      return c1 == '.' && p_[2] == '.' ? finish(Token::Dots, 3) : finish(Token::Dot, 1);
    case '+':
    case '-':
      p_++;
      if (c1 == c) {
        newline_ends_ = true;
        op = c == '+' ? Op::Add : Op::Sub;
        prec = 4;
        return finish(Token::IncDec, 2);
      }
      return maybe_assign_operator(c == '+' ? Op::Add : Op::Sub, 4);
    case '*':
      p_++;
      maybe_assign_operator(Op::Mul, 5);
      if (token == Token::Operator) token = Token::Star;
      return;
    case '/':
      if (c1 == '/') {
        line_comment();
        goto redo;
      }
      if (c1 == '*') {
        if (full_comment() && newline_ends) {  // a comment with a newline acts like one
          lit = "newline";
          token = Token::Semicolon;
          return;
        }
        goto redo;
      }
      p_++;
      return maybe_assign_operator(Op::Div, 5);
    case '%':
      p_++;
      return maybe_assign_operator(Op::Rem, 5);
    case '&':
      if (c1 == '&') {
        p_ += 2;
        return set_operator(Op::AndAnd, 2);
      }
      p_ += c1 == '^' ? 2 : 1;
      return maybe_assign_operator(c1 == '^' ? Op::AndNot : Op::And, 5);
    case '|':
      if (c1 == '|') {
        p_ += 2;
        return set_operator(Op::OrOr, 1);
      }
      p_++;
      return maybe_assign_operator(Op::Or, 4);
    case '^':
      p_++;
      return maybe_assign_operator(Op::Xor, 4);
    case '<':
      p_ += c1 == '=' || c1 == '<' || c1 == '-' ? 2 : 1;
      if (c1 == '<') return maybe_assign_operator(Op::Shl, 5);
      if (c1 == '-') {
        token = Token::Arrow;
        return;
      }
      return set_operator(c1 == '=' ? Op::Leq : Op::Lss, 3);
    case '>':
      p_ += c1 == '=' || c1 == '>' ? 2 : 1;
      if (c1 == '>') return maybe_assign_operator(Op::Shr, 5);
      return set_operator(c1 == '=' ? Op::Geq : Op::Gtr, 3);
    case '=':
      if (c1 != '=') return finish(Token::Assign, 1);
      p_ += 2;
      return set_operator(Op::Eql, 3);
    case '!':
      p_ += c1 == '=' ? 2 : 1;
      return c1 == '=' ? set_operator(Op::Neq, 3) : set_operator(Op::Not, 0);
    case '~':
      p_++;
      return set_operator(Op::Tilde, 0);
    default:
      break;
  }
  if (c == 0 && p_ >= end_) {
    p_ = start_ = end_;
    if (newline_ends) {
      lit = "EOF";
      token = Token::Semicolon;
    } else {
      token = Token::EndOfFile;
    }
    return;
  }
  if (class_of(c) & kSpecial) {
    Rune r = decode_rune(p_, end_);
    if (c == 0 || (r.code == kRuneError && r.size == 1) || r.code == kByteOrderMark) {
      p_ = check_special(p_);
      goto redo;
    }
    p_ = identifier_tail(check_identifier_rune(p_, true));
    return keyword_or_name();
  }
  error(p_, "invalid character " + unicode_name(static_cast<uint8_t>(c)));
  p_++;
  goto redo;
}

}  // namespace gale::syntax
