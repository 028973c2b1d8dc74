// Expressions (spec: Expressions).
#include <algorithm>

#include "syntax/recursive_descent.h"

namespace gale::syntax {
namespace {

// Must x be a value, not a type, by its form alone?
bool is_value(const Expr* x) {
  for (;;) {
    switch (x->kind) {
      case NodeKind::BasicLit:
      case NodeKind::CompositeLit:
      case NodeKind::FuncLit:
      case NodeKind::SliceExpr:
      case NodeKind::AssertExpr:
      case NodeKind::TypeSwitchGuard:
      case NodeKind::CallExpr:
        return true;
      case NodeKind::Operation: {
        const Operation* o = static_cast<const Operation*>(x);
        return o->op != Op::Mul || o->y != nullptr;  // *T may be a type
      }
      case NodeKind::ParenExpr:
        x = static_cast<const ParenExpr*>(x)->x;
        break;
      case NodeKind::IndexExpr:
        if (is_value(static_cast<const IndexExpr*>(x)->index)) return true;
        x = static_cast<const IndexExpr*>(x)->x;
        break;
      default:
        return false;
    }
  }
}

}  // namespace

Expr* unparen(Expr* x) {
  while (ParenExpr* p = as<ParenExpr>(x)) x = p->x;
  return x;
}

// Expression = UnaryExpr | Expression binary_op Expression . If x is given it is the first operand.
Expr* Parser::binary_expr(Expr* x, int precedence) {
  if (x == nullptr) x = unary_expr();
  while ((token() == Token::Operator || token() == Token::Star) && scan_.prec > precedence) {
    Operation* o = make<Operation>(pos());
    o->op = scan_.op;
    int prec = scan_.prec;
    uint32_t left_height = height_;
    next();
    o->x = x;
    o->y = binary_expr(nullptr, prec);
    x = o;
    if (!height_ok(std::max(left_height, height_) + 1)) return x;
  }
  return x;
}

// UnaryExpr = PrimaryExpr | unary_op UnaryExpr .
Expr* Parser::unary_expr() {
  Nesting nesting(this);
  if (!nesting) return bad_expr();
  if (token() == Token::Operator || token() == Token::Star) {
    switch (scan_.op) {
      case Op::Mul:
      case Op::Add:
      case Op::Sub:
      case Op::Not:
      case Op::Xor:
      case Op::Tilde:
      case Op::And: {
        Operation* o = make<Operation>(pos());
        o->op = scan_.op;
        next();
        o->x = unary_expr();
        if (o->op == Op::And) o->x = unparen(o->x);  // of a parenthesised composite literal
        height_ok(height_ + 1);
        return o;
      }
      default:
        break;
    }
  }
  if (token() == Token::Arrow) return receive_or_channel();
  // Parentheses are kept for the sake of "(x) := true" and the like, which are mistakes.
  return primary_expr(nullptr, true);
}

// At "<-": a receive operation, or a receive-only channel type whose `chan` was read as the operand. In the second case the
// arrow moves into the type: <-(chan<- E) is (<-chan)(<-E).
Expr* Parser::receive_or_channel() {
  Pos arrow = pos();
  next();
  Expr* x = unary_expr();
  if (as<ChanType>(x) == nullptr) {
    Operation* o = make<Operation>(arrow);
    o->op = Op::Recv;
    o->x = x;
    height_ok(height_ + 1);
    return o;
  }
  ChanDir direction = ChanDir::SendOnly;
  Expr* t = x;
  while (direction == ChanDir::SendOnly) {
    ChanType* c = as<ChanType>(t);
    if (c == nullptr) break;
    direction = c->dir;
    if (direction == ChanDir::RecvOnly) syntax_error("unexpected <-, expected chan");
    c->dir = ChanDir::RecvOnly;
    t = c->elem;
  }
  if (direction == ChanDir::SendOnly) syntax_error("unexpected " + expr_string(t) + ", expected chan");
  return x;
}

// Operand = Literal | OperandName | "(" Expression ")" . Composite literals are read by primary_expr.
Expr* Parser::operand(bool keep_parens) {
  height_ = 0;
  switch (token()) {
    case Token::Name:
      return name();
    case Token::Literal:
      return literal_or_null();
    case Token::LeftParen:
      return paren_expr(keep_parens);
    case Token::Func:
      return func_lit_or_type();
    case Token::LeftBracket:
    case Token::Chan:
    case Token::Map:
    case Token::Struct:
    case Token::Interface:
      return type();
    default: {
      Expr* x = bad_expr();
      syntax_error("expected expression");
      advance({Token::RightParen, Token::RightBracket, Token::RightBrace});
      return x;
    }
  }
}

Expr* Parser::paren_expr(bool keep_parens) {
  Pos left = pos();
  next();
  expression_nesting_++;
  Expr* x = expr();
  expression_nesting_--;
  want(Token::RightParen);
  // (T){...} is a mistake, found later: keep the parentheses if '{' follows.
  if (!keep_parens && token() != Token::LeftBrace) return x;
  ParenExpr* p = make<ParenExpr>(left);
  p->x = x;
  height_ok(height_ + 1);
  return p;
}

Expr* Parser::func_lit_or_type() {
  Pos keyword = pos();
  next();
  FuncType* t = func_type("function type", nullptr);
  if (token() != Token::LeftBrace) return t;
  expression_nesting_++;
  FuncLit* f = make<FuncLit>(keyword);
  f->func_type = t;
  f->ordinal = ++literal_ordinal_;
  f->body = func_body();
  expression_nesting_--;
  height_ = 0;
  return f;
}

// PrimaryExpr = Operand { Selector | Index | Slice | TypeAssertion | Arguments | LiteralValue } .
Expr* Parser::primary_expr(Expr* x, bool keep_parens) {
  if (x == nullptr) {
    x = operand(keep_parens);
  } else {
    height_ = 0;
  }
  for (;;) {
    uint32_t height = height_;
    switch (token()) {
      case Token::Dot:
        x = selector_or_assertion(x);
        break;
      case Token::LeftBracket:
        x = index_or_slice(x);
        break;
      case Token::LeftParen:
        x = call_arguments(x);
        break;
      case Token::LeftBrace: {
        if (!composite_literal_follows(x)) return x;
        if (x->kind == NodeKind::ParenExpr) syntax_error("cannot parenthesize type in composite literal");
        CompositeLit* literal = composite_literal();
        literal->type_expr = x;
        x = literal;
        break;
      }
      default:
        return x;
    }
    if (!height_ok(std::max(height, height_) + 1)) return x;
  }
}

Expr* Parser::selector_or_assertion(Expr* x) {
  Pos dot = pos();
  next();
  if (token() == Token::Name) {
    SelectorExpr* s = make<SelectorExpr>(dot);
    s->x = x;
    s->selector = name();
    return s;
  }
  if (token() != Token::LeftParen) {
    syntax_error("expected name or (");
    advance({Token::Semicolon, Token::RightParen});
    return x;
  }
  next();
  Expr* result;
  if (got(Token::Type)) {
    TypeSwitchGuard* g = make<TypeSwitchGuard>(dot);
    g->x = x;
    result = g;
  } else {
    AssertExpr* a = make<AssertExpr>(dot);
    a->x = x;
    a->asserted = type();
    result = a;
  }
  want(Token::RightParen);
  return result;
}

Expr* Parser::index_or_slice(Expr* x) {
  Pos bracket = pos();
  next();
  Expr* first = nullptr;
  if (token() != Token::Colon) {
    bool comma = false;
    if (token() == Token::RightBracket) {
      syntax_error("expected operand");
      first = bad_expr();
    } else {
      first = type_list(false, &comma);
    }
    if (comma || token() == Token::RightBracket) {
      want(Token::RightBracket);
      IndexExpr* i = make<IndexExpr>(bracket);
      i->x = x;
      i->index = first;
      return i;
    }
  }
  uint32_t height = height_;
  if (!got(Token::Colon)) {
    syntax_error("expected comma, : or ]");
    advance({Token::Comma, Token::Colon, Token::RightBracket});
  }
  expression_nesting_++;
  SliceExpr* s = make<SliceExpr>(bracket);
  s->x = x;
  s->index[0] = first;
  if (token() != Token::Colon && token() != Token::RightBracket) {
    s->index[1] = expr();
    height = std::max(height, height_);
  }
  if (token() == Token::Colon) {
    s->full = true;
    if (s->index[1] == nullptr) {
      error_at(pos(), "middle index required in 3-index slice");
      s->index[1] = bad_expr();
    }
    next();
    if (token() != Token::RightBracket) {
      s->index[2] = expr();
      height = std::max(height, height_);
    } else {
      error_at(pos(), "final index required in 3-index slice");
      s->index[2] = bad_expr();
    }
  }
  expression_nesting_--;
  want(Token::RightBracket);
  height_ = height;
  return s;
}

// Arguments = "(" [ Expression { "," Expression } [ "..." ] [ "," ] ] ")" .
Expr* Parser::call_arguments(Expr* x) {
  CallExpr* c = make<CallExpr>(pos());
  c->left_paren = pos();
  c->fun = x;
  next();
  expression_nesting_++;
  List<Expr> args(this);
  uint32_t height = 0;
  c->right_paren = list("argument list", Token::Comma, Token::RightParen, [&] {
    args.add(expr());
    height = std::max(height, height_);
    c->has_dots = got(Token::Dots);
    return c->has_dots;
  });
  c->args = args.finish();
  expression_nesting_--;
  height_ = height;
  return c;
}

// At '{' after x: is x the type of a composite literal, and not the last thing before a block?
bool Parser::composite_literal_follows(Expr* x) {
  Expr* t = unparen(x);
  switch (t->kind) {
    case NodeKind::Name:
    case NodeKind::SelectorExpr:
      return expression_nesting_ >= 0;
    case NodeKind::IndexExpr:
      return expression_nesting_ >= 0 && !is_value(t);
    case NodeKind::ArrayType:
    case NodeKind::SliceType:
    case NodeKind::StructType:
    case NodeKind::MapType:
      return true;
    default:
      return false;
  }
}

// Element = Expression | LiteralValue .
Expr* Parser::composite_element() {
  if (token() == Token::LeftBrace) return composite_literal();
  return expr();
}

// LiteralValue = "{" [ ElementList [ "," ] ] "}" .
CompositeLit* Parser::composite_literal() {
  CompositeLit* c = make<CompositeLit>(pos());
  Nesting nesting(this);
  if (!nesting) return c;
  expression_nesting_++;
  want(Token::LeftBrace);
  List<Expr> elems(this);
  uint32_t height = 0;
  c->right_brace = list("composite literal", Token::Comma, Token::RightBrace, [&] {
    Expr* e = composite_element();
    height = std::max(height, height_);
    if (token() == Token::Colon) {
      KeyValueExpr* pair = make<KeyValueExpr>(pos());
      next();
      pair->key = e;
      pair->value = composite_element();
      height = std::max(height, height_);
      e = pair;
      c->key_count++;
    }
    elems.add(e);
    return false;
  });
  c->elems = elems.finish();
  expression_nesting_--;
  height_ = height + 1;
  return c;
}

// ExpressionList = Expression { "," Expression } .
Expr* Parser::expr_list() {
  Expr* x = expr();
  if (token() != Token::Comma) return x;
  List<Expr> elems(this);
  elems.add(x);
  uint32_t height = height_;
  while (got(Token::Comma)) {
    elems.add(expr());
    height = std::max(height, height_);
  }
  ListExpr* l = make<ListExpr>(x->pos);
  l->elems = elems.finish();
  height_ = height;
  return l;
}

}  // namespace gale::syntax
