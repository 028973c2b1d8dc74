// Tokens of Plan 9 assembly, and the scanner that makes them from one file (Go's lexical rules, with the middle dot and the
// division slash as letters of identifiers; in a token's text they are already "." and "/").
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace gale::plan9 {

// Kinds below 128 are the character itself ('\n' ends a line, as ';' does).
enum TokenKind : int {
  kEof = 128,
  kIdent,
  kInt,
  kFloat,
  kChar,    // text with its quotes
  kString,  // text with its quotes
  kShl,     // <<
  kShr,     // >>
  kArrow,   // ->
  kAt,      // @>
};

struct Token {
  int kind = kEof;
  std::string_view text;
  uint32_t line = 0;
  uint16_t file = 0;  // index of the preprocessor's list of files
  bool after_space = false;  // white space before it (tells #define M(x) from #define M (x))
};

class Scanner {
 public:
  // `texts` keeps what is not a piece of the source as it stands.
  Scanner(std::string_view source, uint16_t file, std::deque<std::string>& texts) : s_(source), file_(file), texts_(texts) {}
  Token next();
  uint32_t line() const { return line_; }
  std::string error;  // of the last token, empty: none

 private:
  Token make(int kind, size_t start);
  Token identifier(size_t start);
  Token number(size_t start);
  Token quoted(char quote, size_t start);
  char peek(size_t n = 0) const { return at_ + n < s_.size() ? s_[at_ + n] : '\0'; }
  size_t ident_rune(size_t at, bool first) const;  // its length, 0: none

  std::string_view s_;
  size_t at_ = 0;
  uint32_t line_ = 1;
  uint16_t file_;
  bool space_ = false;
  std::deque<std::string>& texts_;
};

}  // namespace gale::plan9
