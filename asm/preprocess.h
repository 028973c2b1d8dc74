// Preprocessor: the stream of tokens after #include, #define and #ifdef. Macros are replaced token by token; the tokens of a
// macro's body have the line of its use. A body continued with a backslash keeps the end of line, so that it holds statements.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "asm/token.h"

namespace gale::plan9 {

class Preprocessor {
 public:
  // Finds the text of an included file. False: there is none. `shown` is its name for messages.
  using Include = std::function<bool(const std::string& name, std::string* shown, std::string* text)>;
  using Report = std::function<void(const Token& at, std::string message)>;

  Preprocessor(Include include, Report report) : include_(std::move(include)), report_(std::move(report)) {}
  void define(std::string_view name, std::string_view value);
  void push_file(std::string shown, std::string text);
  Token next();
  const std::string& file_name(uint16_t file) const { return file_names_[file]; }
  bool stopped() const { return stopped_; }

 private:
  struct Macro {
    bool has_args = false;
    std::vector<std::string_view> args;
    std::vector<Token> body;
  };
  struct Source {
    std::unique_ptr<Scanner> file;  // null: tokens
    std::vector<Token> tokens;
    size_t at = 0;
  };

  Token raw();            // next token of the innermost source
  Token peeked();
  void error(const Token& at, std::string message);
  bool enabled() const { return conditions_.empty() || conditions_.back(); }
  void directive(const Token& hash);
  void define_macro(const Token& hash);
  void include_file(const Token& hash);
  void condition(const Token& hash, bool want);
  void skip_line();
  std::string_view macro_name(const Token& hash);
  void expect_newline(const Token& hash, std::string_view directive);
  void invoke(const Macro& macro, const Token& name);
  Token current(Token t) const { return t; }

  Include include_;
  Report report_;
  std::deque<std::string> texts_;
  std::vector<std::string> file_names_;
  std::vector<Source> sources_;
  absl::flat_hash_map<std::string_view, Macro> macros_;  // names lie in texts_
  std::vector<bool> conditions_;
  bool line_start_ = true, stopped_ = false, has_peek_ = false;
  Token peek_;
  size_t expansions_ = 0;
};

}  // namespace gale::plan9
