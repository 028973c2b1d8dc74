// For statements with range clauses (spec: For statements with range clause).
#include <fmt/core.h>

#include "types/private.h"

namespace gale::types {

using syntax::Expr;

namespace {

// *[N]T ranges, and has len and cap, as [N]T.
Type* array_pointer_base(Type* t) {
  if (Pointer* p = as<Pointer>(t)) {
    if (Array* a = under_as<Array>(p->elem)) return a;
  }
  return t;
}

}  // namespace

// Types of the iteration values of a range over t; null: there is no such value. False: t cannot be ranged over.
bool Checker::range_key_value(Type* orig, Type** key, Type** value, std::string* cause) {
  *key = *value = nullptr;
  Type* common = common_under(
      orig,
      [&](Type* t, Type* u, std::string* why) {
        Chan* ch = as<Chan>(u);
        if (ch == nullptr || ch->dir != ChanDir::SendOnly) return true;
        *why = fmt::format("receive from send-only channel {}", type_text(t));
        return false;
      },
      cause);
  if (common == nullptr) return false;
  Type* t = array_pointer_base(common);
  switch (t->kind) {
    case TypeKind::Basic:
      if (is_string(t)) {
        *key = basic(BasicKind::Int);
        *value = kUniverseRune;
        return true;
      }
      if (is_integer(t)) {
        if (!allow_version("go1.22")) {
          *cause = "requires go1.22 or later";
          return false;
        }
        *key = orig;
        return true;
      }
      return false;
    case TypeKind::Array:
      *key = basic(BasicKind::Int);
      *value = static_cast<Array*>(t)->elem;
      return true;
    case TypeKind::Slice:
      *key = basic(BasicKind::Int);
      *value = static_cast<Slice*>(t)->elem;
      return true;
    case TypeKind::Map:
      *key = static_cast<Map*>(t)->key;
      *value = static_cast<Map*>(t)->elem;
      return true;
    case TypeKind::Chan:
      *key = static_cast<Chan*>(t)->elem;
      return true;
    case TypeKind::Signature:
      return range_over_func(static_cast<Signature*>(t), key, value, cause);
    default:
      return false;
  }
}

bool Checker::range_over_func(Signature* f, Type** key, Type** value, std::string* cause) {
  auto bad = [&](std::string_view what) {
    *cause = fmt::format("func must be func(yield func(...) bool): {}", what);
    return false;
  };
  if (!allow_version("go1.23")) {
    *cause = "requires go1.23 or later";
    return false;
  }
  if (f->params->vars.size() != 1) return bad("wrong argument count");
  if (!f->results->vars.empty()) return bad("unexpected results");
  std::string why;
  Signature* yield = as<Signature>(common_under(f->params->vars[0]->type, {}, &why));
  if (yield == nullptr) return bad(why.empty() ? "argument is not func" : "in yield type, " + why);
  if (yield->params->vars.size() > 2) return bad("yield func has too many parameters");
  std::span<Var*> results = yield->results->vars;
  if (results.size() != 1 || !identical(results[0]->type, basic(BasicKind::Bool))) {
    bool user_defined = results.size() == 1 && is_boolean(results[0]->type);
    return bad(user_defined ? "yield func returns user-defined boolean, not bool" : "yield func does not return bool");
  }
  if (!yield->params->vars.empty()) *key = yield->params->vars[0]->type;
  if (yield->params->vars.size() > 1) *value = yield->params->vars[1]->type;
  return true;
}

void Checker::range_stmt(uint32_t context, syntax::ForStmt* s, syntax::RangeClause* r) {
  Expr* lhs[2] = {r->lhs, nullptr};
  Expr* extra = nullptr;
  if (auto* list = syntax::as<syntax::ListExpr>(r->lhs)) {
    if (list->elems.size() < 2) {
      error_at(s, "InvalidSyntaxTree", "invalid syntax tree: invalid lhs in range clause");
      return;
    }
    lhs[0] = list->elems[0];
    lhs[1] = list->elems[1];
    if (list->elems.size() > 2) extra = list->elems[2];
  }

  Operand x;
  env.has_call_or_recv = false;
  expr(nullptr, x, r->x);
  if (x.valid() && lhs[1] == nullptr && !env.has_call_or_recv) {
    // spec: The range expression is not evaluated if only len(x) matters and that is constant.
    if (Array* a = as<Array>(array_pointer_base(underlying(x.type)))) {
      Expr* e = r->x;
      while (auto* paren = syntax::as<syntax::ParenExpr>(e)) e = paren->x;
      record_type(e, Mode::Constant, basic(BasicKind::Int), make_int64(a->length));
    }
  }

  Type* types[2] = {nullptr, nullptr};
  if (x.valid()) {
    std::string cause;
    if (!range_key_value(x.type, &types[0], &types[1], &cause)) {
      std::string text = "cannot range over " + operand_text(x);
      if (!cause.empty()) text += ": " + cause;
      soft_error_at(x.expr, "InvalidRangeExpr", std::move(text));
      types[0] = types[1] = basic(BasicKind::Invalid);
    } else if (types[0] == nullptr && lhs[0] != nullptr) {
      soft_error_at(lhs[0], "InvalidIterVar", fmt::format("range over {} permits no iteration variables", operand_text(x)));
    } else if (types[1] == nullptr && lhs[1] != nullptr) {
      soft_error_at(lhs[1], "InvalidIterVar", fmt::format("range over {} permits only one iteration variable", operand_text(x)));
    } else if (extra != nullptr) {
      soft_error_at(extra, "InvalidIterVar", "range clause permits at most two iteration variables");
    }
  }

  // The variables' scope holds the body; the range expression is outside.
  open_scope(s, "range");
  bool over_int = x.type != nullptr && is_integer(x.type);
  if (r->define) {
    define_iteration_vars(s, lhs, types, x, over_int);
  } else if (lhs[0] != nullptr) {
    for (int i = 0; i < 2; i++) {
      Type* t = types[i];
      if (lhs[i] == nullptr || t == nullptr || is_invalid(t)) continue;
      if (over_int) {
        assign_var(lhs[i], nullptr, &x, "range clause");
        // An untyped constant took the variable's type, which may be an interface or a float.
        if (x.valid() && !is_integer(x.type)) {
          soft_error_at(lhs[i], "InvalidRangeExpr", fmt::format("cannot use iteration variable of type {}", type_text(x.type)));
        }
      } else {
        Operand y{Mode::Value, lhs[i], t};  // no better expression to show
        assign_var(lhs[i], nullptr, &y, "assignment");
      }
    }
  } else if (over_int) {
    assignment(x, nullptr, "range clause");
  }
  stmt(context, s->body);
  close_scope();
}

void Checker::define_iteration_vars(syntax::ForStmt* s, Expr* const lhs[2], Type* const types[2], Operand& x, bool over_int) {
  std::vector<Var*> vars;
  for (int i = 0; i < 2; i++) {
    if (lhs[i] == nullptr) continue;
    Var* v = nullptr;
    if (auto* name = syntax::as<syntax::Name>(lhs[i])) {
      v = new_local(VarRole::Local, name->pos, name->name, nullptr);
      name->object = v;
      if (name->name.text() != "_") vars.push_back(v);
    } else {
      error_at(lhs[i], "InvalidSyntaxTree", fmt::format("invalid syntax tree: cannot declare {}", syntax::expr_string(lhs[i])));
      v = new_var(arena, VarRole::Local, lhs[i]->pos, env.package, Symbol("_"), nullptr);
    }
    v->color = kBlack;
    if (types[i] == nullptr || is_invalid(types[i])) {
      v->type = basic(BasicKind::Invalid);
      v->used = true;  // one error is enough
      continue;
    }
    if (over_int) {
      init_var(v, x, "range clause");
    } else {
      Operand y{Mode::Value, lhs[i], types[i]};
      init_var(v, y, "assignment");
    }
  }
  if (vars.empty()) {
    error_at(s, "NoNewVar", "no new variables on left side of :=");
    return;
  }
  for (Var* v : vars) declare(env.scope, nullptr, v, s->body->pos);
}

}  // namespace gale::types
