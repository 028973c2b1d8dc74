// The columns of tokens.def as arrays.
#include "syntax/token.h"

namespace gale::syntax {
namespace {

constexpr std::string_view kTokenSpelling[] = {
#define TOKEN(name, spelling, ends) spelling,
#define KEYWORD(name, spelling, ends) spelling,
#include "syntax/tokens.def"
};

constexpr bool kEndsStatement[] = {
#define TOKEN(name, spelling, ends) ends,
#define KEYWORD(name, spelling, ends) ends,
#include "syntax/tokens.def"
};

constexpr std::string_view kOpSpelling[] = {
    "",
#define OPERATOR(name, spelling, precedence) spelling,
#include "syntax/tokens.def"
};

constexpr uint8_t kPrecedence[] = {
    0,
#define OPERATOR(name, spelling, precedence) precedence,
#include "syntax/tokens.def"
};

}  // namespace

std::string_view spelling(Token token) { return kTokenSpelling[static_cast<int>(token)]; }
std::string_view spelling(Op op) { return kOpSpelling[static_cast<int>(op)]; }
int precedence(Op op) { return kPrecedence[static_cast<int>(op)]; }
bool ends_statement(Token token) { return kEndsStatement[static_cast<int>(token)]; }

}  // namespace gale::syntax
