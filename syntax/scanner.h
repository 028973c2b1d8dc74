// Scanner: source text -> tokens, one at a time (spec: Lexical elements). Inserts semicolons, checks UTF-8 and literal
// syntax, and hands comments that may be directives to its handler. It allocates nothing: a token is a range of the text.
// The text must be followed by a NUL byte (that of a std::string does), which stands for the end.
//
// Invariant: after next(), `token` starts at offset() and p_ is just past it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "syntax/nodes.h"
#include "syntax/token.h"

namespace gale::syntax {

class ScanHandler {
 public:
  virtual void scan_error(uint32_t offset, std::string message) = 0;
  // A comment from its opening to its end, without the newline. Only //go: and //line, /*line ones unless the scanner was
  // told to pass all.
  virtual void scan_comment(uint32_t offset, std::string_view text) = 0;

 protected:
  ~ScanHandler() = default;
};

class Scanner {
 public:
  Scanner(std::string_view text, ScanHandler* handler, bool all_comments = false)
      : begin_(text.data()), end_(text.data() + text.size()), p_(begin_), start_(begin_), handler_(handler),
        all_comments_(all_comments) {}

  void next();

  // The current token. Which of these mean something depends on `token`.
  Token token = Token::EndOfFile;
  Op op = Op::None;                 // Operator, AssignOp, IncDec, Star
  int prec = 0;                     // Operator, Star: precedence, 0 for unary ones
  LitKind lit_kind = LitKind::Int;  // Literal
  bool bad = false;                 // Literal: an error was reported in it
  std::string_view lit;             // Name, Literal: its text; Semicolon: "semicolon", "newline" or "EOF"

  uint32_t offset() const { return static_cast<uint32_t>(start_ - begin_); }

  // Goes on at `offset` as if nothing had been read. next() then reads the first token there.
  void seek(uint32_t offset) {
    p_ = begin_ + offset;
    newline_ends_ = false;
  }
  // With '{' as the current token: skips to the matching '}' and makes that the current token. Returns false, and stays
  // where it is, if there is none or the text between is malformed.
  bool skip_block();
  // Makes the end of the file the current token, for giving up.
  void abandon() {
    p_ = start_ = end_;
    newline_ends_ = false;
    token = Token::EndOfFile;
  }
  // Is the line blank before `offset`? (Directives must stand alone.)
  bool blank_before(uint32_t offset) const;

 private:
  static constexpr uint32_t kEnd = 0xffffffff;

  uint32_t at(const char* p) const { return static_cast<uint32_t>(p - begin_); }
  void error(const char* p, std::string message) { handler_->scan_error(at(p), std::move(message)); }
  const char* check_special(const char* p);  // past a NUL or non-ASCII character at p, reporting malformed ones
  uint32_t rune_at(const char* p) const;     // the character there, kEnd at the end

  void identifier();
  void keyword_or_name();
  const char* identifier_tail(const char* p);
  const char* check_identifier_rune(const char* p, bool first);

  void number(bool seen_point);
  int digits(int base, const char** invalid);
  void rune_literal();
  void string_literal();
  void raw_string();
  bool escape(char quote);
  void set_literal(LitKind kind, bool ok);

  void line_comment();
  bool full_comment();  // does it hold a newline?
  const char* skip_quoted(const char* p, char quote) const;
  const char* skip_comment_in_block(const char* p);

  void set_operator(Op o, int precedence);
  void maybe_assign_operator(Op o, int precedence);
  void finish(Token t, int length) {
    token = t;
    p_ = start_ + length;
  }

  const char *begin_, *end_, *p_, *start_;
  ScanHandler* handler_;
  bool all_comments_;
  bool newline_ends_ = false;  // a newline here becomes a semicolon
};

}  // namespace gale::syntax
