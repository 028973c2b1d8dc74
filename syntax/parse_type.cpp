// Types and parameter lists (spec: Types, Type parameter declarations).
#include "syntax/recursive_descent.h"

namespace gale::syntax {

Expr* Parser::type() {
  Expr* t = type_or_null();
  if (t != nullptr) return t;
  t = bad_expr();
  syntax_error("expected type");
  advance({Token::Comma, Token::Colon, Token::Semicolon, Token::RightParen, Token::RightBracket, Token::RightBrace});
  return t;
}

Expr* Parser::pointer_to(Pos pos, Expr* base) {
  Operation* o = make<Operation>(pos);
  o->op = Op::Mul;
  o->x = base;
  return o;
}

// Type = TypeName [ TypeArgs ] | TypeLit | "(" Type ")" .
Expr* Parser::type_or_null() {
  Nesting nesting(this);
  if (!nesting) return bad_expr();
  Pos start = pos();
  switch (token()) {
    case Token::Star:
      next();
      return pointer_to(start, type());
    case Token::Arrow: {
      next();
      want(Token::Chan);
      ChanType* c = make<ChanType>(start);
      c->dir = ChanDir::RecvOnly;
      c->elem = channel_element();
      return c;
    }
    case Token::Func:
      next();
      return func_type("function type", nullptr);
    case Token::LeftBracket:
      next();
      if (got(Token::RightBracket)) return slice_type(start);
      return array_type(start, nullptr);
    case Token::Chan: {
      next();
      ChanType* c = make<ChanType>(start);
      if (got(Token::Arrow)) c->dir = ChanDir::SendOnly;
      c->elem = channel_element();
      return c;
    }
    case Token::Map: {
      next();
      want(Token::LeftBracket);
      MapType* m = make<MapType>(start);
      m->key = type();
      want(Token::RightBracket);
      m->value = type();
      return m;
    }
    case Token::Struct:
      return struct_type();
    case Token::Interface:
      return interface_type();
    case Token::Name:
      return qualified_name(nullptr);
    case Token::LeftParen: {
      next();
      Expr* t = type();
      want(Token::RightParen);
      return t;
    }
    default:
      return nullptr;
  }
}

// TypeName [ TypeArgs ], with its first name perhaps read already.
Expr* Parser::qualified_name(Name* first) {
  Expr* x = first;
  if (x == nullptr) {
    if (token() == Token::Name) {
      x = name();
    } else {
      x = make_name(pos(), "_");
      syntax_error("expected name");
      advance({Token::Dot, Token::Semicolon, Token::RightBrace});
    }
  }
  if (token() == Token::Dot) {
    SelectorExpr* s = make<SelectorExpr>(pos());
    next();
    s->x = x;
    s->selector = name();
    x = s;
  }
  return token() == Token::LeftBracket ? type_instance(x) : x;
}

// TypeArgs = "[" TypeList [ "," ] "]" .
Expr* Parser::type_instance(Expr* generic) {
  IndexExpr* i = make<IndexExpr>(pos());
  want(Token::LeftBracket);
  i->x = generic;
  if (token() == Token::RightBracket) {
    syntax_error("expected type argument list");
    i->index = bad_expr();
  } else {
    bool comma;
    i->index = type_list(true, &comma);
  }
  want(Token::RightBracket);
  return i;
}

// arg { "," arg } [ "," ]; unless `strict`, the first may be any expression. *comma: was there one?
Expr* Parser::type_list(bool strict, bool* comma) {
  *comma = false;
  expression_nesting_++;
  Expr* x = strict ? type() : expr();
  if (got(Token::Comma)) {
    *comma = true;
    if (Expr* t = type_or_null()) {
      List<Expr> elems(this);
      elems.add(x);
      elems.add(t);
      while (got(Token::Comma)) {
        t = type_or_null();
        if (t == nullptr) break;
        elems.add(t);
      }
      ListExpr* l = make<ListExpr>(x->pos);
      l->elems = elems.finish();
      x = l;
    }
  }
  expression_nesting_--;
  return x;
}

// After '[', which is at `pos`; `length` may have been read already.
Expr* Parser::array_type(Pos start, Expr* length) {
  if (length == nullptr && !got(Token::Dots)) {
    expression_nesting_++;
    length = expr();
    expression_nesting_--;
  }
  if (token() == Token::Comma) {  // allowed after type parameters only
    syntax_error("unexpected comma; expected ]");
    next();
  }
  want(Token::RightBracket);
  ArrayType* a = make<ArrayType>(start);
  a->length = length;
  a->elem = type();
  return a;
}

// After "[]".
Expr* Parser::slice_type(Pos start) {
  SliceType* s = make<SliceType>(start);
  s->elem = type();
  return s;
}

Expr* Parser::channel_element() {
  Expr* t = type_or_null();
  if (t == nullptr) {
    t = bad_expr();
    syntax_error("missing channel element type");
  }
  return t;
}

// At '[' after a name: an array or slice type, or type arguments, as an IndexExpr without x.
Expr* Parser::array_or_type_args() {
  Pos bracket = pos();
  want(Token::LeftBracket);
  if (got(Token::RightBracket)) return slice_type(bracket);
  bool comma;
  Expr* n = type_list(false, &comma);
  want(Token::RightBracket);
  if (!comma) {
    if (Expr* elem = type_or_null()) {
      ArrayType* a = make<ArrayType>(bracket);
      a->length = n;
      a->elem = elem;
      return a;
    }
  }
  IndexExpr* i = make<IndexExpr>(bracket);
  i->index = n;
  return i;
}

// [ TypeParams ] Signature. With a `context`, type parameters are a mistake there.
FuncType* Parser::func_type(std::string_view context, std::span<Field*>* type_params) {
  FuncType* f = make<FuncType>(pos());
  if (got(Token::LeftBracket)) {
    if (!context.empty()) syntax_error_at(f->pos, std::string(context) + " must have no type parameters");
    if (token() == Token::RightBracket) {
      syntax_error("empty type parameter list");
      next();
    } else {
      std::span<Field*> params = param_list(nullptr, nullptr, Token::RightBracket, true, false);
      if (type_params != nullptr) *type_params = params;
    }
  }
  want(Token::LeftParen);
  f->params = param_list(nullptr, nullptr, Token::RightParen, false, true);
  f->results = func_result();
  return f;
}

// Result = Parameters | Type .
std::span<Field*> Parser::func_result() {
  if (got(Token::LeftParen)) return param_list(nullptr, nullptr, Token::RightParen, false, false);
  Pos start = pos();
  Expr* t = type_or_null();
  if (t == nullptr) return {};
  std::span<Field*> result = arena_.make_array<Field*>(1);
  result[0] = make_field(start, nullptr, t);
  return result;
}

Field* Parser::make_field(Pos pos, Name* name, Expr* type) {
  Field* f = make<Field>(pos);
  f->name = name;
  f->type_expr = type;
  return f;
}

// ---- structs ----

struct Parser::FieldLists {
  List<Field> fields;
  std::vector<BasicLit*> tags;  // shorter than fields if the last have none
  Parser* parser;

  explicit FieldLists(Parser* p) : fields(p), parser(p) {}
  void add(Pos pos, Name* name, Expr* type, BasicLit* tag) {
    if (tag != nullptr) {
      tags.resize(fields.size());
      tags.push_back(tag);
    }
    fields.add(parser->make_field(pos, name, type));
  }
};

// StructType = "struct" "{" { FieldDecl ";" } "}" .
StructType* Parser::struct_type() {
  StructType* s = make<StructType>(pos());
  want(Token::Struct);
  want(Token::LeftBrace);
  FieldLists lists(this);
  list("struct type", Token::Semicolon, Token::RightBrace, [&] {
    field_decl(lists);
    return false;
  });
  s->fields = lists.fields.finish();
  if (!lists.tags.empty()) {
    lists.tags.resize(s->fields.size());
    s->tags = arena_.copy(lists.tags);
  }
  return s;
}

// FieldDecl = ( IdentifierList Type | EmbeddedField ) [ Tag ] .
void Parser::field_decl(FieldLists& lists) {
  Pos start = pos();
  switch (token()) {
    case Token::Name:
      return named_fields(lists);
    case Token::Star: {
      next();
      Expr* t;
      if (token() == Token::LeftParen) {
        syntax_error("cannot parenthesize embedded type");
        next();
        t = qualified_name(nullptr);
        got(Token::RightParen);
      } else {
        t = qualified_name(nullptr);
      }
      BasicLit* tag = literal_or_null();
      return lists.add(start, nullptr, pointer_to(start, t), tag);
    }
    case Token::LeftParen: {
      syntax_error("cannot parenthesize embedded type");
      next();
      Expr* t;
      if (token() == Token::Star) {
        Pos star = pos();
        next();
        t = pointer_to(star, qualified_name(nullptr));
      } else {
        t = qualified_name(nullptr);
      }
      got(Token::RightParen);
      BasicLit* tag = literal_or_null();
      return lists.add(start, nullptr, t, tag);
    }
    default:
      syntax_error("expected field name or embedded type");
      advance({Token::Semicolon, Token::RightBrace});
  }
}

void Parser::named_fields(FieldLists& lists) {
  Pos start = pos();
  Name* first = name();
  if (token() == Token::Dot || token() == Token::Literal || token() == Token::Semicolon || token() == Token::RightBrace) {
    Expr* t = qualified_name(first);
    BasicLit* tag = literal_or_null();
    return lists.add(start, nullptr, t, tag);
  }
  std::span<Name*> names = name_list(first);
  Expr* t;
  if (names.size() == 1 && token() == Token::LeftBracket) {
    // An embedded instance T[P1, P2], or a field T of type [P]E or []E.
    t = array_or_type_args();
    if (IndexExpr* instance = as<IndexExpr>(t)) {
      instance->x = first;
      BasicLit* tag = literal_or_null();
      return lists.add(start, nullptr, instance, tag);
    }
  } else {
    t = type();
  }
  BasicLit* tag = literal_or_null();
  for (Name* n : names) lists.add(n->pos, n, t, tag);
}

// ---- interfaces ----

// InterfaceType = "interface" "{" { ( MethodDecl | EmbeddedElem ) ";" } "}" .
InterfaceType* Parser::interface_type() {
  InterfaceType* t = make<InterfaceType>(pos());
  want(Token::Interface);
  want(Token::LeftBrace);
  List<Field> methods(this);
  list("interface type", Token::Semicolon, Token::RightBrace, [&] {
    Field* f = token() == Token::Name ? method_decl() : nullptr;
    if (f == nullptr || f->name == nullptr) f = embedded_elem(f);
    methods.add(f);
    return false;
  });
  t->methods = methods.finish();
  return t;
}

constexpr std::string_view kInterfaceMethod = "interface method";

// A method, or the start of an embedded element: then the field has no name.
Field* Parser::method_decl() {
  Field* f = make<Field>(pos());
  Name* n = name();
  switch (token()) {
    case Token::LeftParen:
      f->name = n;
      f->type_expr = func_type(kInterfaceMethod, nullptr);
      break;
    case Token::LeftBracket:
      generic_method_or_instance(f, n);
      break;
    default:
      f->type_expr = qualified_name(n);
  }
  return f;
}

// At '[' after a name in an interface: a generic method (a mistake) or an embedded instance. Both look like a parameter list
// of types; what comes out decides.
void Parser::generic_method_or_instance(Field* f, Name* n) {
  Pos bracket = pos();
  next();
  auto as_method = [&] {
    f->name = n;
    f->type_expr = func_type(kInterfaceMethod, nullptr);
  };
  if (token() == Token::RightBracket) {
    Pos close = pos();
    next();
    if (token() == Token::LeftParen) {
      error_at(close, "empty type parameter list");
      as_method();
    } else {
      error_at(close, "empty type argument list");
      f->type_expr = n;
    }
    return;
  }
  std::span<Field*> params = param_list(nullptr, nullptr, Token::RightBracket, false, false);
  if (params.empty()) {
    if (token() == Token::LeftParen) {
      as_method();
    } else {
      f->type_expr = n;
    }
    return;
  }
  if (params[0]->name != nullptr) {
    as_method();
    error_at(bracket, "interface method must have no type parameters");
    return;
  }
  IndexExpr* i = make<IndexExpr>(bracket);
  i->x = n;
  i->index = params[0]->type_expr;
  if (params.size() > 1) {
    ListExpr* l = make<ListExpr>(params[0]->pos);
    l->elems = arena_.make_array<Expr*>(params.size());
    for (size_t k = 0; k < params.size(); k++) l->elems[k] = params[k]->type_expr;
    i->index = l;
  }
  f->type_expr = i;
}

// EmbeddedElem = EmbeddedTerm { "|" EmbeddedTerm } , with the first term perhaps read already.
Field* Parser::embedded_elem(Field* f) {
  if (f == nullptr) {
    f = make<Field>(pos());
    f->type_expr = embedded_term();
  }
  uint32_t height = 0;
  while (at_operator(Op::Or)) {
    Operation* o = make<Operation>(pos());
    o->op = Op::Or;
    next();
    o->x = f->type_expr;
    o->y = embedded_term();
    f->type_expr = o;
    if (!height_ok(++height)) break;
  }
  return f;
}

// EmbeddedTerm = [ "~" ] Type .
Expr* Parser::embedded_term() {
  if (at_operator(Op::Tilde)) {
    Operation* o = make<Operation>(pos());
    o->op = Op::Tilde;
    next();
    o->x = type();
    return o;
  }
  Expr* t = type_or_null();
  if (t == nullptr) {
    t = bad_expr();
    syntax_error("expected ~ term or type");
    advance({Token::Operator, Token::Semicolon, Token::RightParen, Token::RightBracket, Token::RightBrace});
  }
  return t;
}

// ---- parameters ----

// ParameterDecl = [ name ] [ "..." ] Type . A lone identifier may be a name or a type: it is taken for a name, and
// param_list decides. `follow` is the list's closing token: unions and ~T are allowed between brackets only.
Field* Parser::param_decl_or_null(Name* first, Token follow) {
  bool type_sets = follow == Token::RightBracket;
  Pos start = first != nullptr ? first->pos : pos();
  if (first == nullptr && type_sets && at_operator(Op::Tilde)) return embedded_elem(nullptr);

  Field* f = make<Field>(start);
  auto with_union = [&] { return type_sets && at_operator(Op::Or) ? embedded_elem(f) : f; };

  if (first != nullptr || token() == Token::Name) {
    if (first == nullptr) first = name();
    if (token() == Token::LeftBracket) {
      f->type_expr = array_or_type_args();
      if (IndexExpr* instance = as<IndexExpr>(f->type_expr)) {
        instance->x = first;
      } else {
        f->name = first;
      }
      return with_union();
    }
    if (token() == Token::Dot) {
      f->type_expr = qualified_name(first);
      return with_union();
    }
    if (type_sets && at_operator(Op::Or)) {
      f->type_expr = first;
      return embedded_elem(f);
    }
    f->name = first;
  }

  if (token() == Token::Dots) {
    DotsType* d = make<DotsType>(pos());
    next();
    d->elem = type_or_null();
    if (d->elem == nullptr) {
      f->type_expr = bad_expr();
      syntax_error("... is missing type");
    } else {
      f->type_expr = d;
    }
    return f;
  }
  if (type_sets && at_operator(Op::Tilde)) {
    f->type_expr = embedded_elem(nullptr)->type_expr;
    return f;
  }
  f->type_expr = type_or_null();
  if (f->type_expr != nullptr) f = with_union();
  if (f->name != nullptr || f->type_expr != nullptr) return f;
  syntax_error(follow == Token::RightBracket ? "expected ]" : "expected )");
  advance({Token::Comma, follow});
  return nullptr;
}

// After '(' or '['. If `first` is given it is the first name, and if `first_type` is too, they are the first parameter.
std::span<Field*> Parser::param_list(Name* first, Expr* first_type, Token close, bool require_names, bool dots_allowed) {
  List<Field> params(this);
  if (first != nullptr && first_type != nullptr && token() == close) {
    next();
    params.add(make_field(first->pos, first, first_type));
    return params.finish();
  }
  size_t named = 0, typed = 0;
  Pos end = list("parameter list", Token::Comma, close, [&] {
    Field* f = first_type != nullptr ? make_field(first->pos, first, first_type) : param_decl_or_null(first, close);
    first = nullptr;
    first_type = nullptr;
    if (f != nullptr) {
      if (f->type_expr != nullptr) typed++;
      if (f->type_expr != nullptr && f->name != nullptr) named++;
      params.add(f);
    }
    return false;
  });
  if (params.size() == 0) return {};
  distribute_param_types(params, named, typed, end, require_names);
  std::span<Field*> out = params.finish();
  check_dots(out, dots_allowed);
  return out;
}

// Either all lone identifiers are types, or, as soon as one parameter has a name and a type, all must have a name, and a lone
// one takes the next type to its right.
void Parser::distribute_param_types(List<Field>& params, size_t named, size_t typed, Pos end, bool require_names) {
  size_t count = params.size();
  if (named == 0 && !require_names) {
    for (size_t i = 0; i < count; i++) {
      if (params[i]->name == nullptr) continue;
      params[i]->type_expr = params[i]->name;
      params[i]->name = nullptr;
    }
    return;
  }
  if (named == count) return;
  Pos wrong;
  Expr* t = nullptr;
  for (size_t i = count; i-- > 0;) {
    Field* f = params[i];
    if (f->type_expr != nullptr) {
      t = f->type_expr;
      if (f->name == nullptr) {
        wrong = start_pos(t);
        f->name = make_name(wrong, "_");
      }
    } else if (t != nullptr) {
      f->type_expr = t;
    } else {
      wrong = f->name->pos;
      f->type_expr = make<BadExpr>(wrong);
    }
  }
  if (!wrong.valid()) return;
  std::string message;
  if (named == typed) {  // some at the end have no type
    wrong = end;
    message = require_names ? "missing type constraint" : "missing parameter type";
  } else if (require_names) {
    message = "missing type parameter name";
    if (count == 1) message += " or invalid array length";
  } else {
    message = "missing parameter name";
  }
  syntax_error_at(wrong, message);
}

// "..." may stand before the type of the last parameter only.
void Parser::check_dots(std::span<Field*> params, bool dots_allowed) {
  bool reported = false;
  for (size_t i = 0; i < params.size(); i++) {
    DotsType* d = as<DotsType>(params[i]->type_expr);
    if (d == nullptr || (dots_allowed && i + 1 == params.size())) continue;
    if (!reported) error_at(d->pos, dots_allowed ? "can only use ... with final parameter" : "invalid use of ...");
    reported = true;
    params[i]->type_expr = d->elem;
  }
}

}  // namespace gale::syntax
