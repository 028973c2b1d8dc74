// Statements (spec: Statements).
#include "syntax/recursive_descent.h"

namespace gale::syntax {
namespace {

// Binary expressions in parentheses, so that the '=' between two of them stands out.
std::string emphasize(const Expr* x) {
  std::string s = expr_string(x);
  const Operation* o = as<Operation>(x);
  return o != nullptr && o->y != nullptr ? "(" + s + ")" : s;
}

}  // namespace

// StatementList = { Statement ";" } .
std::span<Stmt*> Parser::stmt_list() {
  List<Stmt> stmts(this);
  while (token() != Token::EndOfFile && token() != Token::RightBrace && token() != Token::Case &&
         token() != Token::Default) {
    Stmt* s = stmt_or_null();
    drop_pragma();
    if (s == nullptr) break;
    stmts.add(s);
    if (!got(Token::Semicolon) && token() != Token::RightBrace) {
      syntax_error("at end of statement");
      advance({Token::Semicolon, Token::RightBrace, Token::Case, Token::Default});
      got(Token::Semicolon);
    }
  }
  return stmts.finish();
}

Stmt* Parser::stmt_or_null() {
  Nesting nesting(this);
  if (!nesting) return nullptr;
  if (token() == Token::Name) {  // most statements
    drop_pragma();
    Expr* lhs = expr_list();
    Name* label = as<Name>(lhs);
    if (label != nullptr && token() == Token::Colon) return labeled_stmt_or_null(label);
    return simple_stmt(lhs, Token::EndOfFile);
  }
  switch (token()) {
    case Token::Var:
      return decl_stmt(&Parser::var_decl);
    case Token::Const:
      return decl_stmt(&Parser::const_decl);
    case Token::Type:
      return decl_stmt(&Parser::type_decl);
    default:
      break;
  }
  drop_pragma();
  switch (token()) {
    case Token::LeftBrace:
      return block_stmt("");
    case Token::Operator:
    case Token::Star:
      switch (scan_.op) {
        case Op::Add:
        case Op::Sub:
        case Op::Mul:
        case Op::And:
        case Op::Xor:
        case Op::Not:
          return simple_stmt(nullptr, Token::EndOfFile);
        default:
          return nullptr;
      }
    case Token::Literal:
    case Token::Func:
    case Token::LeftParen:
    case Token::LeftBracket:
    case Token::Struct:
    case Token::Map:
    case Token::Chan:
    case Token::Interface:
    case Token::Arrow:
      return simple_stmt(nullptr, Token::EndOfFile);
    case Token::For:
      return for_stmt();
    case Token::Switch:
      return switch_stmt();
    case Token::Select:
      return select_stmt();
    case Token::If:
      return if_stmt();
    case Token::Fallthrough:
    case Token::Break:
    case Token::Continue:
    case Token::Goto:
      return branch_stmt();
    case Token::Go:
    case Token::Defer:
      return call_stmt();
    case Token::Return:
      return return_stmt();
    case Token::Semicolon:
      return make<EmptyStmt>(pos());
    default:
      return nullptr;
  }
}

BranchStmt* Parser::branch_stmt() {
  BranchStmt* s = make<BranchStmt>(pos());
  s->token = token();
  next();
  if (s->token == Token::Goto) {
    s->label = name();
  } else if (s->token != Token::Fallthrough && token() == Token::Name) {
    s->label = name();
  }
  return s;
}

ReturnStmt* Parser::return_stmt() {
  ReturnStmt* s = make<ReturnStmt>(pos());
  next();
  if (token() != Token::Semicolon && token() != Token::RightBrace) s->results = expr_list();
  return s;
}

// GoStmt = "go" Expression . DeferStmt = "defer" Expression .
CallStmt* Parser::call_stmt() {
  CallStmt* s = make<CallStmt>(pos());
  s->token = token();
  next();
  Expr* x = primary_expr(nullptr, token() == Token::LeftParen);
  s->call = unparen(x);
  if (s->call != x) {
    error_at(x->pos, "expression in " + std::string(spelling(s->token)) + " must not be parenthesized");
  }
  return s;
}

DeclStmt* Parser::decl_stmt(DeclMethod method) {
  DeclStmt* s = make<DeclStmt>(pos());
  next();
  List<Decl> decls(this);
  append_group(decls, method);
  s->decls = decls.finish();
  return s;
}

// ---- simple statements ----

ExprStmt* Parser::expr_stmt(Expr* x) {
  ExprStmt* s = make<ExprStmt>(x->pos);
  s->x = x;
  return s;
}

AssignStmt* Parser::assign_stmt(Pos pos, Op op, bool define, Expr* lhs, Expr* rhs) {
  AssignStmt* s = make<AssignStmt>(pos);
  s->op = op;
  s->define = define;
  s->lhs = lhs;
  s->rhs = rhs;
  return s;
}

RangeClause* Parser::range_clause(Expr* lhs, bool define) {
  RangeClause* r = make<RangeClause>(pos());
  next();
  r->lhs = lhs;
  r->define = define;
  r->x = expr();
  return r;
}

// SimpleStmt = ExpressionStmt | SendStmt | IncDecStmt | Assignment | ShortVarDecl . lhs may have been read already. `keyword`
// is that of the statement whose header this is in (for, switch, if), or EndOfFile: a range clause or a type switch guard may
// stand there.
Stmt* Parser::simple_stmt(Expr* lhs, Token keyword) {
  if (keyword == Token::For && token() == Token::Range) return range_clause(nullptr, false);
  if (lhs == nullptr) lhs = expr_list();
  if (token() == Token::Assign || token() == Token::Define) return assignment(lhs, keyword);

  if (ListExpr* several = as<ListExpr>(lhs)) {
    syntax_error("expected := or = or comma");
    advance({Token::Semicolon, Token::RightBrace});
    return expr_stmt(several->elems[0]);
  }
  Pos start = pos();
  Op op = scan_.op;
  switch (token()) {
    case Token::AssignOp:
      next();
      return assign_stmt(start, op, false, lhs, expr());
    case Token::IncDec:
      next();
      return assign_stmt(start, op, false, lhs, nullptr);
    case Token::Arrow: {
      SendStmt* s = make<SendStmt>(start);
      next();
      s->chan = lhs;
      s->value = expr();
      return s;
    }
    default:
      return expr_stmt(lhs);
  }
}

// At "=" or ":=".
Stmt* Parser::assignment(Expr* lhs, Token keyword) {
  Pos start = pos();
  bool define = token() == Token::Define;
  next();
  if (keyword == Token::For && token() == Token::Range) return range_clause(lhs, define);
  Expr* rhs = expr_list();
  TypeSwitchGuard* guard = as<TypeSwitchGuard>(rhs);
  if (guard != nullptr && keyword == Token::Switch && define) {
    if (Name* n = as<Name>(lhs)) {
      guard->lhs = n;
      return expr_stmt(guard);
    }
  }
  return assign_stmt(start, Op::None, define, lhs, rhs);
}

// LabeledStmt = Label ":" Statement .
Stmt* Parser::labeled_stmt_or_null(Name* label) {
  LabeledStmt* s = make<LabeledStmt>(pos());
  s->label = label;
  want(Token::Colon);
  if (token() == Token::RightBrace) {  // an empty statement, its semicolon left out before '}'
    s->stmt = make<EmptyStmt>(pos());
    return s;
  }
  s->stmt = stmt_or_null();
  if (s->stmt != nullptr) return s;
  syntax_error_at(s->pos, "missing statement after label");
  return nullptr;
}

// Block = "{" StatementList "}" . `context` is needed unless '{' is known to be there.
BlockStmt* Parser::block_stmt(std::string_view context) {
  BlockStmt* s = make<BlockStmt>(pos());
  if (!got(Token::LeftBrace)) {
    syntax_error("expected { after " + std::string(context));
    advance({Token::Name, Token::RightBrace});
    s->right_brace = pos();
    if (got(Token::RightBrace)) return s;
  }
  s->stmts = stmt_list();
  s->right_brace = pos();
  want(Token::RightBrace);
  return s;
}

// ---- control structures ----

// What stands between for, if or switch and the block: [ init ";" ] [ cond ] [ ";" post ].
Parser::Header Parser::header(Token keyword) {
  Header h;
  want(keyword);
  if (token() == Token::LeftBrace) {
    if (keyword == Token::If) {
      syntax_error("missing condition in if statement");
      h.cond = bad_expr();
    }
    return h;
  }
  int outer = expression_nesting_;
  expression_nesting_ = -1;

  if (token() != Token::Semicolon) {
    if (got(Token::Var)) {
      syntax_error("var declaration not allowed in " + std::string(spelling(keyword)) + " initializer");
    }
    h.init = simple_stmt(nullptr, keyword);
    if (as<RangeClause>(h.init) != nullptr) {
      expression_nesting_ = outer;
      return h;
    }
  }

  Stmt* condition = nullptr;
  Pos semicolon;
  std::string_view semicolon_text;
  if (token() == Token::LeftBrace) {
    condition = h.init;
    h.init = nullptr;
  } else {
    if (token() == Token::Semicolon) {
      semicolon = pos();
      semicolon_text = scan_.lit;
      next();
    } else {
      want(Token::LeftBrace);  // more helpful than to ask for a semicolon
      if (token() != Token::LeftBrace) advance({Token::LeftBrace, Token::RightBrace});
    }
    if (keyword == Token::For) {
      if (token() != Token::Semicolon && token() == Token::LeftBrace) {
        syntax_error("expected for loop condition");
      } else {
        if (token() != Token::Semicolon) condition = simple_stmt(nullptr, Token::EndOfFile);
        want(Token::Semicolon);
        if (token() != Token::LeftBrace) {
          h.post = simple_stmt(nullptr, Token::EndOfFile);
          AssignStmt* a = as<AssignStmt>(h.post);
          if (a != nullptr && a->define) syntax_error_at(a->pos, "cannot declare in post statement of for loop");
        }
      }
    } else if (token() != Token::LeftBrace) {
      condition = simple_stmt(nullptr, keyword);
    }
  }
  h.cond = header_condition(condition, keyword, semicolon, semicolon_text);
  expression_nesting_ = outer;
  return h;
}

// The expression that the condition's statement consists of; a complaint if it is another statement, or missing in an if.
Expr* Parser::header_condition(Stmt* stmt, Token keyword, Pos semicolon, std::string_view semicolon_text) {
  if (stmt == nullptr) {
    if (keyword != Token::If || !semicolon.valid()) return nullptr;
    if (semicolon_text != "semicolon") {
      syntax_error_at(semicolon, "unexpected " + std::string(semicolon_text) + ", expected { after if clause");
    } else {
      syntax_error_at(semicolon, "missing condition in if statement");
    }
    return make<BadExpr>(semicolon);
  }
  if (ExprStmt* e = as<ExprStmt>(stmt)) return e->x;
  std::string text;
  AssignStmt* a = as<AssignStmt>(stmt);
  if (a != nullptr && a->op == Op::None && !a->define) {
    text = "assignment " + emphasize(a->lhs) + " = " + emphasize(a->rhs);
  } else if (a != nullptr && a->rhs == nullptr) {
    text = expr_string(a->lhs) + std::string(spelling(a->op)) + std::string(spelling(a->op));
  } else if (a != nullptr) {
    text = expr_string(a->lhs) + " " + (a->define ? ":" : std::string(spelling(a->op))) + "= " + expr_string(a->rhs);
  } else if (SendStmt* s = as<SendStmt>(stmt)) {
    text = expr_string(s->chan) + " <- " + expr_string(s->value);
  }
  syntax_error_at(stmt->pos, "cannot use " + text + " as value");
  return nullptr;
}

ForStmt* Parser::for_stmt() {
  ForStmt* s = make<ForStmt>(pos());
  Header h = header(Token::For);
  s->init = h.init;
  s->cond = h.cond;
  s->post = h.post;
  s->body = block_stmt("for clause");
  return s;
}

// A chain of else-ifs is read by a loop, but counts as nesting, for those who walk the tree.
IfStmt* Parser::if_stmt() {
  int outer_depth = depth_;
  IfStmt* first = make<IfStmt>(pos());
  for (IfStmt* s = first;;) {
    Header h = header(Token::If);
    s->init = h.init;
    s->cond = h.cond;
    s->then_block = block_stmt("if clause");
    if (!got(Token::Else)) break;
    if (token() == Token::LeftBrace) {
      s->else_stmt = block_stmt("");
      break;
    }
    if (token() != Token::If) {
      syntax_error("else must be followed by if or statement block");
      advance({Token::Name, Token::RightBrace});
      break;
    }
    if (++depth_ > kMaxNesting) {
      too_deep();
      break;
    }
    IfStmt* another = make<IfStmt>(pos());
    s->else_stmt = another;
    s = another;
  }
  depth_ = outer_depth;
  return first;
}

SwitchStmt* Parser::switch_stmt() {
  SwitchStmt* s = make<SwitchStmt>(pos());
  Header h = header(Token::Switch);
  s->init = h.init;
  s->tag = h.cond;
  if (!got(Token::LeftBrace)) {
    syntax_error("missing { after switch clause");
    advance({Token::Case, Token::Default, Token::RightBrace});
  }
  List<CaseClause> clauses(this);
  while (token() != Token::EndOfFile && token() != Token::RightBrace) clauses.add(case_clause());
  s->body = clauses.finish();
  s->right_brace = pos();
  want(Token::RightBrace);
  return s;
}

SelectStmt* Parser::select_stmt() {
  SelectStmt* s = make<SelectStmt>(pos());
  want(Token::Select);
  if (!got(Token::LeftBrace)) {
    syntax_error("missing { after select clause");
    advance({Token::Case, Token::Default, Token::RightBrace});
  }
  List<CommClause> clauses(this);
  while (token() != Token::EndOfFile && token() != Token::RightBrace) clauses.add(comm_clause());
  s->body = clauses.finish();
  s->right_brace = pos();
  want(Token::RightBrace);
  return s;
}

CaseClause* Parser::case_clause() {
  CaseClause* c = make<CaseClause>(pos());
  if (token() == Token::Case) {
    next();
    c->cases = expr_list();
  } else if (!got(Token::Default)) {
    syntax_error("expected case or default or }");
    advance({Token::Colon, Token::Case, Token::Default, Token::RightBrace});
  }
  clause_body(&c->colon, &c->body);
  return c;
}

// Any simple statement is accepted; the checker wants a send or a receive.
CommClause* Parser::comm_clause() {
  CommClause* c = make<CommClause>(pos());
  if (token() == Token::Case) {
    next();
    c->comm = simple_stmt(nullptr, Token::EndOfFile);
  } else if (!got(Token::Default)) {
    syntax_error("expected case or default or }");
    advance({Token::Colon, Token::Case, Token::Default, Token::RightBrace});
  }
  clause_body(&c->colon, &c->body);
  return c;
}

void Parser::clause_body(Pos* colon, std::span<Stmt*>* body) {
  *colon = pos();
  want(Token::Colon);
  *body = stmt_list();
}

}  // namespace gale::syntax
