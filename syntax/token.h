// Token kinds and operators, read from tokens.def.
#pragma once

#include <cstdint>
#include <string_view>

namespace gale::syntax {

enum class Token : uint8_t {
#define TOKEN(name, spelling, ends) name,
#define KEYWORD(name, spelling, ends) name,
#include "syntax/tokens.def"
};

enum class Op : uint8_t {
  None,
#define OPERATOR(name, spelling, precedence) name,
#include "syntax/tokens.def"
};

std::string_view spelling(Token token);
std::string_view spelling(Op op);
int precedence(Op op);              // 0: not binary
bool ends_statement(Token token);   // a newline after it becomes a semicolon

}  // namespace gale::syntax
