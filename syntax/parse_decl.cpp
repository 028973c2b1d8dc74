// Declarations (spec: Declarations and scope, Import declarations).
#include "syntax/recursive_descent.h"

namespace gale::syntax {
namespace {

// Could x only be a type element, never a value?
bool is_type_elem(const Expr* x) {
  for (;;) {
    switch (x->kind) {
      case NodeKind::ArrayType:
      case NodeKind::StructType:
      case NodeKind::FuncType:
      case NodeKind::InterfaceType:
      case NodeKind::SliceType:
      case NodeKind::MapType:
      case NodeKind::ChanType:
        return true;
      case NodeKind::Operation: {
        const Operation* o = static_cast<const Operation*>(x);
        if (o->op == Op::Tilde || (o->y != nullptr && is_type_elem(o->y))) return true;
        x = o->x;
        break;
      }
      case NodeKind::ParenExpr:
        x = static_cast<const ParenExpr*>(x)->x;
        break;
      default:
        return false;
    }
  }
}

struct NameAndType {
  Name* name = nullptr;
  Expr* type = nullptr;
};

// Reads expression x as a type parameter's name and constraint (P *T as P, *T), if that is what it must be: its second part
// can only be a type, or `force` is set. A lone name gives the name and no type.
NameAndType split_name(Expr* x, bool force, Arena& arena) {
  if (Name* name = as<Name>(x)) return {name, nullptr};
  if (Operation* o = as<Operation>(x); o != nullptr && o->y != nullptr) {
    if (o->op == Op::Mul) {
      Name* name = as<Name>(o->x);
      if (name == nullptr || (!force && !is_type_elem(o->y))) return {};
      Operation* star = arena.make<Operation>(*o);
      star->x = o->y;
      star->y = nullptr;
      return {name, star};
    }
    if (o->op == Op::Or) {
      NameAndType left = split_name(o->x, force || is_type_elem(o->y), arena);
      if (left.name == nullptr || left.type == nullptr) return {};
      Operation* alternatives = arena.make<Operation>(*o);
      alternatives->x = left.type;
      return {left.name, alternatives};
    }
    return {};
  }
  if (CallExpr* call = as<CallExpr>(x)) {
    Name* name = as<Name>(call->fun);
    if (name != nullptr && call->args.size() == 1 && !call->has_dots && (force || is_type_elem(call->args[0]))) {
      return {name, unparen(call->args[0])};
    }
  }
  return {};
}

}  // namespace

// { ( ImportDecl | TopLevelDecl ) ";" } up to the end of the file. Imports are accepted anywhere, with a complaint.
void Parser::declarations(List<Decl>& out) {
  const std::initializer_list<Token> kStarts = {Token::Import, Token::Const, Token::Type, Token::Var, Token::Func};
  Token previous = Token::Import;
  while (token() != Token::EndOfFile) {
    if (token() == Token::Import && previous != Token::Import) {
      syntax_error("imports must appear before other declarations");
    }
    if (options_.imports_only && token() != Token::Import) {
      scan_.abandon();
      return;
    }
    previous = token();
    literal_ordinal_ = 0;
    switch (token()) {
      case Token::Import:
        next();
        append_group(out, &Parser::import_decl);
        break;
      case Token::Const:
        next();
        append_group(out, &Parser::const_decl);
        break;
      case Token::Type:
        next();
        append_group(out, &Parser::type_decl);
        break;
      case Token::Var:
        next();
        append_group(out, &Parser::var_decl);
        break;
      case Token::Func:
        next();
        out.add(func_decl());
        break;
      default: {
        FuncDecl* before = out.size() > 0 ? as<FuncDecl>(out[out.size() - 1]) : nullptr;
        if (token() == Token::LeftBrace && before != nullptr && !before->has_body) {
          syntax_error("unexpected semicolon or newline before {");
        } else {
          syntax_error("non-declaration statement outside function body");
        }
        advance(kStarts);
        continue;
      }
    }
    // Before the next token is read: comments before it may hold directives for the next declaration.
    drop_pragma();
    if (token() != Token::EndOfFile && !got(Token::Semicolon)) {
      syntax_error("after top level declaration");
      advance(kStarts);
    }
  }
}

// One declaration, or a parenthesised group of them. Returns whether there were any.
bool Parser::append_group(List<Decl>& out, DeclMethod method) {
  size_t before = out.size();
  if (token() == Token::LeftParen) {
    Group* group = arena_.make<Group>();
    group->ordinal = ++group_ordinal_;
    drop_pragma();
    next();
    uint32_t index = 0;
    list("grouped declaration", Token::Semicolon, Token::RightParen, [&] {
      out.add((this->*method)(group, index++));
      return false;
    });
  } else {
    out.add((this->*method)(nullptr, 0));
  }
  return out.size() > before;
}

// ImportSpec = [ "." | PackageName ] ImportPath .
Decl* Parser::import_decl(Group* group, uint32_t) {
  ImportDecl* d = make<ImportDecl>(pos());
  d->group = group;
  take_pragma(0);
  if (token() == Token::Name) {
    d->local_name = name();
  } else if (token() == Token::Dot) {
    d->local_name = make_name(pos(), ".");
    next();
  }
  d->path = literal_or_null();
  if (d->path == nullptr) {
    d->path = make<BasicLit>(pos());
    d->path->lit_kind = LitKind::String;
    d->path->bad = true;
    syntax_error("missing import path");
    advance({Token::Semicolon, Token::RightParen});
    return d;
  }
  if (!d->path->bad && d->path->lit_kind != LitKind::String) {
    syntax_error_at(d->path->pos, "import path must be a string");
    d->path->bad = true;
  }
  std::string_view text = d->path->text;
  if (text.size() > 2) text = text.substr(1, text.size() - 2);
  if (text == "unsafe") file_->imports_unsafe = true;
  if (text == "embed") file_->imports_embed = true;
  if (text == "C") file_->imports_c = true;
  return d;
}

// ConstSpec = IdentifierList [ [ Type ] "=" ExpressionList ] .
Decl* Parser::const_decl(Group* group, uint32_t index) {
  ConstDecl* d = make<ConstDecl>(pos());
  d->group = group;
  d->iota = index;
  take_pragma(0);
  d->names = name_list(name());
  if (token() != Token::EndOfFile && token() != Token::Semicolon && token() != Token::RightParen) {
    d->type_expr = type_or_null();
    if (got_assign()) d->values = expr_list();
  }
  return d;
}

// TypeSpec = identifier [ TypeParams ] [ "=" ] Type .
Decl* Parser::type_decl(Group* group, uint32_t) {
  TypeDecl* d = make<TypeDecl>(pos());
  d->group = group;
  d->pragma.flags = take_pragma(0);
  d->name = name();
  if (token() == Token::LeftBracket) {
    generic_type_or_array(d);
  } else {
    d->is_alias = got_assign();
    d->type_expr = type_or_null();
  }
  if (d->type_expr == nullptr) {
    d->type_expr = bad_expr();
    syntax_error("in type declaration");
    advance({Token::Semicolon, Token::RightParen});
  }
  return d;
}

// After the name of a type declaration, at '[': an array or slice type, or type parameters. `[P *C]` could be either: it is
// read as an expression and then, if it can be split into a name and a constraint that no array length could be, taken for a
// type parameter. A comma after it tilts the balance to type parameters, a lone name and ']' to an array.
void Parser::generic_type_or_array(TypeDecl* d) {
  Pos bracket = pos();
  next();
  if (token() == Token::RightBracket) {
    next();
    d->type_expr = slice_type(bracket);
    return;
  }
  if (token() != Token::Name) {
    d->type_expr = array_type(bracket, nullptr);
    return;
  }
  Expr* x = name();
  if (token() != Token::LeftBracket) {  // P []E: an index cannot be part of a constant length, so it starts a constraint
    expression_nesting_++;
    x = binary_expr(primary_expr(x, false), 0);
    expression_nesting_--;
  }
  NameAndType split = split_name(x, token() == Token::Comma, arena_);
  if (split.name != nullptr && (split.type != nullptr || token() != Token::RightBracket)) {
    d->type_params = param_list(split.name, split.type, Token::RightBracket, true, false);
    d->is_alias = got_assign();
    d->type_expr = type_or_null();
  } else {
    d->type_expr = array_type(bracket, x);
  }
}

// VarSpec = IdentifierList ( Type [ "=" ExpressionList ] | "=" ExpressionList ) .
Decl* Parser::var_decl(Group* group, uint32_t) {
  VarDecl* d = make<VarDecl>(pos());
  d->group = group;
  take_embeds(d);
  d->names = name_list(name());
  if (got_assign()) {
    d->values = expr_list();
  } else {
    d->type_expr = type();
    if (got_assign()) d->values = expr_list();
  }
  if (d->embed_pos.valid() && file_ != nullptr) {
    if (!file_->imports_embed) {
      late_error(d->embed_pos, "go:embed requires import \"embed\" (or import _ \"embed\", if package is not used)");
    } else if (d->names.size() > 1) {
      late_error(d->embed_pos, "go:embed cannot apply to multiple vars");
    } else if (d->values != nullptr) {
      late_error(d->embed_pos, "go:embed cannot apply to var with initializer");
    } else if (function_nesting_ > 0) {
      late_error(d->embed_pos, "go:embed cannot apply to var inside func");
    }
  }
  return d;
}

// FunctionDecl = "func" FunctionName [ TypeParams ] Signature [ FunctionBody ] .
// MethodDecl   = "func" Receiver MethodName Signature [ FunctionBody ] .
FuncDecl* Parser::func_decl() {
  FuncDecl* f = make<FuncDecl>(pos());
  f->pragma.flags = take_pragma(0x7fffffff);
  std::string_view context;
  if (got(Token::LeftParen)) {
    context = "method";
    std::span<Field*> receivers = param_list(nullptr, nullptr, Token::RightParen, false, false);
    if (receivers.empty()) {
      error_at(pos(), "method has no receiver");
    } else {
      if (receivers.size() > 1) error_at(pos(), "method has multiple receivers");
      f->receiver = receivers[0];
    }
  }
  if (token() == Token::Name) {
    f->name = name();
    f->func_type = func_type(context, &f->type_params);
  } else {
    f->name = make_name(pos(), "_");
    f->func_type = make<FuncType>(pos());
    syntax_error(context.empty() ? "expected name or (" : "expected name");
    advance({Token::LeftBrace, Token::Semicolon});
  }
  if (token() == Token::LeftBrace) skim_or_parse_body(f);
  check_function_directives(f);
  return f;
}

void Parser::skim_or_parse_body(FuncDecl* f) {
  f->has_body = true;
  f->body_start = pos();
  if (options_.skim && scan_.skip_block()) {
    f->body_end = pos();
    next();
    return;
  }
  f->body = func_body();
  f->body_end = f->body->right_brace;
}

BlockStmt* Parser::func_body() {
  function_nesting_++;
  uint32_t errors = error_count_;
  BlockStmt* body = block_stmt("");
  function_nesting_--;
  // After a syntax error the labels may be spurious.
  if (options_.check_branches && errors == error_count_) {
    check_branches(source_, body, [this](Pos p, std::string message) { error_at(p, std::move(message)); });
  }
  return body;
}

}  // namespace gale::syntax
