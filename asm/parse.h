// Parser: tokens to functions and data of one file. Messages are those of the assembler of the Go distribution.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "asm/preprocess.h"
#include "asm/statement.h"

namespace gale::plan9 {

struct ParsedFile {
  std::vector<Text> texts;
  std::vector<Data> data;
};

class Parser {
 public:
  Parser(Preprocessor& input, std::string package, bool abi_selectors, std::function<void(const Token&, std::string)> report)
      : input_(input), package_(std::move(package)), abi_selectors_(abi_selectors), report_(std::move(report)) {}
  ParsedFile run();

 private:
  using Tokens = std::vector<Token>;
  // ---- parse.cpp: lines
  bool line();
  void statement(const Token& word, const std::string& suffix, std::vector<Tokens>& operands);
  void text(std::vector<Tokens>& operands);
  void data(std::vector<Tokens>& operands);
  void globl(std::vector<Tokens>& operands);
  void instruction(const Token& word, const std::string& suffix, std::vector<Tokens>& operands);
  void finish_text();
  bool symbol_operand(std::string_view pseudo, const Operand& o, bool offset_allowed);
  Data& data_of(const Name& name);
  void error(std::string message);

  // ---- operand.cpp: one operand
  bool operand(const Tokens& tokens, Operand* out);
  bool symbol_reference(Operand* out, std::string_view name, char prefix);
  bool register_indirect(Operand* out);
  bool register_range(Operand* out);
  bool string_value(const Token& t, std::string* out);
  void set_name(Name* name, std::string_view text);
  uint64_t expr();
  uint64_t term();
  uint64_t factor();
  bool integer(std::string_view text, uint64_t* value);
  double float_expr();
  double float_term();
  double float_factor();
  bool have_constant();
  const Token& peek(size_t n = 0) const;
  Token take();
  bool at_end() const { return at_ >= tokens_->size(); }

  Preprocessor& input_;
  std::string package_;
  bool abi_selectors_;
  std::function<void(const Token&, std::string)> report_;
  ParsedFile file_;
  Token line_;                    // for messages: where the statement begins
  const Tokens* tokens_ = nullptr;
  size_t at_ = 0;
  bool failed_ = false;           // in this statement
  bool in_text_ = false;
  absl::flat_hash_set<std::string> labels_;
  absl::flat_hash_map<std::string, size_t> data_index_;
  std::vector<std::string> pending_labels_;
  uint32_t errors_ = 0;
};

}  // namespace gale::plan9
