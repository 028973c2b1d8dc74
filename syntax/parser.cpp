// The parser's entry points, its error reporting and recovery, and productions that all others use.
#include "syntax/parser.h"

#include <cstring>

#include "syntax/recursive_descent.h"

namespace gale::syntax {
namespace {

// Keywords that start a statement: good places to resume at inside a function.
constexpr uint64_t bit(Token t) { return uint64_t{1} << static_cast<int>(t); }
constexpr uint64_t kStatementStarts = bit(Token::Break) | bit(Token::Const) | bit(Token::Continue) | bit(Token::Defer) |
                                      bit(Token::Fallthrough) | bit(Token::For) | bit(Token::Go) | bit(Token::Goto) |
                                      bit(Token::If) | bit(Token::Return) | bit(Token::Select) | bit(Token::Switch) |
                                      bit(Token::Type) | bit(Token::Var);
static_assert(static_cast<int>(Token::Var) < 64);

// A token as messages name it.
std::string token_words(Token t) {
  if (t == Token::Comma) return "comma";
  if (t == Token::Semicolon) return "semicolon or newline";
  std::string s(spelling(t));
  return t >= Token::Break ? "keyword " + s : s;
}

// The current token as messages quote it.
std::string found_words(const Scanner& scan) {
  switch (scan.token) {
    case Token::Name:
      return "name " + std::string(scan.lit);
    case Token::Semicolon:
      return std::string(scan.lit);
    case Token::Literal:
      return "literal " + std::string(scan.lit);
    case Token::Operator:
      return std::string(spelling(scan.op));
    case Token::AssignOp:
      return std::string(spelling(scan.op)) + "=";
    case Token::IncDec:
      return std::string(spelling(scan.op)) + std::string(spelling(scan.op));
    default:
      return token_words(scan.token);
  }
}

}  // namespace

File* parse_file(SourceFile* source, Arena& arena, DiagnosticSink& sink, const ParseOptions& options) {
  return Parser(source, source, arena, sink, options).file();
}

void parse_body(const SourceFile* source, FuncDecl* func, Arena& arena, DiagnosticSink& sink) {
  if (!func->has_body || func->body != nullptr) return;
  ParseOptions options;
  options.std = true;  // its directives were judged when it was skimmed
  Parser(source, nullptr, arena, sink, options).body_of(func);
}

Parser::Parser(const SourceFile* source, SourceFile* writable, Arena& arena, DiagnosticSink& sink,
               const ParseOptions& options)
    : source_(source), writable_(writable), arena_(arena), sink_(sink), options_(options), scan_(source->text(), this) {
  symbols_.resize(writable == nullptr ? 64 : 512);
}

// SourceFile = PackageClause ";" { ImportDecl ";" } { TopLevelDecl ";" } .
File* Parser::file() {
  next();
  File* f = arena_.make<File>();
  file_ = f;
  f->source = source_;
  f->pos = pos();
  f->go_version = go_version_;
  top_ = false;
  if (!got(Token::Package)) {
    syntax_error("package statement must be first");
    f->package_name = make_name(f->pos, "_");
    f->eof = source_->pos(static_cast<uint32_t>(source_->text().size()));
    return f;
  }
  take_pragma(0x80000000);
  f->package_name = name();
  want(Token::Semicolon);
  if (error_count_ == 0) {
    List<Decl> decls(this);
    declarations(decls);
    f->decls = decls.finish();
  }
  drop_pragma();
  f->eof = pos();
  check_linknames(f);
  f->late_errors = arena_.copy(late_errors_);
  f->go_debug = arena_.copy(go_debug_);
  return f;
}

void Parser::body_of(FuncDecl* func) {
  scan_.seek(source_->offset(func->body_start));
  next();
  func->body = func_body();
}

// ---- tokens ----

bool Parser::got(Token t) {
  if (token() != t) return false;
  next();
  return true;
}

void Parser::want(Token t) {
  if (got(t)) return;
  syntax_error("expected " + token_words(t));
  advance({});
}

// "=", or ":=" with a complaint.
bool Parser::got_assign() {
  if (token() == Token::Define) {
    syntax_error("expected =");
  } else if (token() != Token::Assign) {
    return false;
  }
  next();
  return true;
}

// Skips to a token of `follow` or, in a function, one that starts a statement. With an empty list: skips one token.
void Parser::advance(std::initializer_list<Token> follow) {
  uint64_t stops = bit(Token::EndOfFile);
  if (follow.size() > 0 && function_nesting_ > 0) stops |= kStatementStarts;
  for (Token t : follow) stops |= bit(t);
  while ((stops & bit(token())) == 0) {
    next();
    if (follow.size() == 0) break;
  }
}

Symbol Parser::intern(std::string_view text) {
  uint32_t key = static_cast<uint32_t>(text.size()) * 31;
  key += static_cast<uint8_t>(text.front()) * 7 + static_cast<uint8_t>(text.back()) * 131 +
         static_cast<uint8_t>(text[text.size() / 2]) * 17;
  CachedSymbol& cached = symbols_[key & (symbols_.size() - 1)];
  if (cached.text != text || cached.text.empty()) cached = {text, Symbol(text)};
  return cached.symbol;
}

Name* Parser::make_name(Pos pos, std::string_view text) {
  Name* n = make<Name>(pos);
  n->name = intern(text);
  return n;
}

Name* Parser::name() {
  if (token() == Token::Name) {
    Name* n = make_name(pos(), scan_.lit);
    next();
    return n;
  }
  Name* n = make_name(pos(), "_");
  syntax_error("expected name");
  advance({});
  return n;
}

// IdentifierList = identifier { "," identifier } .
std::span<Name*> Parser::name_list(Name* first) {
  List<Name> names(this);
  names.add(first);
  while (got(Token::Comma)) names.add(name());
  return names.finish();
}

BasicLit* Parser::literal_or_null() {
  if (token() != Token::Literal) return nullptr;
  BasicLit* b = make<BasicLit>(pos());
  b->text = scan_.lit;
  b->lit_kind = scan_.lit_kind;
  b->bad = scan_.bad;
  next();
  return b;
}

// ---- errors ----

void Parser::scan_error(uint32_t offset, std::string message) { error_at(source_->pos(offset), std::move(message)); }

// Drops a second syntax error on a line, and an equal message on a line.
void Parser::error_at(Pos pos, std::string message) {
  error_count_++;
  if (!options_.all_errors) {
    uint32_t offset = source_->offset(pos);
    size_t newline = offset == 0 ? std::string_view::npos : source_->text().rfind('\n', offset - 1);
    uint32_t line = newline == std::string_view::npos ? 1 : static_cast<uint32_t>(newline) + 2;
    if (message.starts_with("syntax error")) {
      if (last_syntax_line_ == line) return;
      last_syntax_line_ = line;
    } else {
      if (last_other_line_ == line && last_message_text_ == message) return;
      last_other_line_ = line;
      last_message_text_ = message;
    }
  }
  Diagnostic d;
  d.pos = pos;
  d.message = std::move(message);
  d.code = "syntax";
  sink_.report(std::move(d));
}

// Completes a message that starts with "in ", "at ", "after " or "expected " with the token found instead.
void Parser::syntax_error_at(Pos pos, std::string_view message) {
  if (token() == Token::EndOfFile && error_count_ > 0) return;  // a consequence of the first error
  std::string_view glue;
  if (message.starts_with("in ") || message.starts_with("at ") || message.starts_with("after ")) {
    glue = " ";
  } else if (message.starts_with("expected ")) {
    glue = ", ";
  } else {
    error_at(pos, "syntax error: " + std::string(message));
    return;
  }
  std::string text = "syntax error: unexpected " + found_words(scan_);
  text += glue;
  text += message;
  error_at(pos, std::move(text));
}

void Parser::too_deep() {
  if (token() == Token::EndOfFile) return;
  error_at(pos(), "syntax error: exceeded max nesting depth");
  scan_.abandon();
}

bool Parser::height_ok(uint32_t height) {
  height_ = height;
  if (height <= kMaxHeight) return true;
  too_deep();
  height_ = 0;
  return false;
}

}  // namespace gale::syntax
