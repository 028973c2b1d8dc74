// Assignments and initialisations (spec: Assignability, Assignment statements, Short variable declarations, Variable
// declarations).
#include <fmt/core.h>

#include <absl/container/inlined_vector.h>

#include "types/private.h"

namespace gale::types {

using syntax::Expr;

std::string AssignContext::text() const {
  return callee == nullptr ? std::string(text_) : fmt::format("argument to {}", syntax::expr_string(callee));
}

// Reports if x cannot be assigned to a variable of type t (null: of x's own type, when untyped its default type), and makes
// x invalid then. Untyped x is converted.
void Checker::assignment(Operand& x, Type* t, const AssignContext& context) {
  single_value(x);
  switch (x.mode) {
    case Mode::Invalid:
      return;
    case Mode::NilValue:
    case Mode::Constant:
    case Mode::Variable:
    case Mode::MapIndex:
    case Mode::Value:
    case Mode::CommaOk:
    case Mode::CommaErr:
      break;
    default:
      error_at(x, "IncompatibleAssign",
               fmt::format("cannot assign {} to {} in {}", operand_text(x), type_text(t), context.text()));
      x.mode = Mode::Invalid;
      return;
  }
  if (is_untyped(x.type)) {
    Type* target = t;
    // spec: an untyped constant given to an interface or to a variable without type gets its default type first.
    if (x.is_nil()) {
      if (t == nullptr) {
        error_at(x, "UntypedNilUse", fmt::format("use of untyped nil in {}", context.text()));
        x.mode = Mode::Invalid;
        return;
      }
    } else if (t == nullptr || is_non_type_param_interface(t)) {
      target = default_type(x.type);
    }
    Const value = nullptr;
    std::string_view code;
    Type* type = implicit_type_and_value(x, target, &value, &code);
    if (type == nullptr) {
      std::string text = fmt::format("cannot use {} as {} value in {}", operand_text(x), type_text(target), context.text());
      if (code == "TruncatedFloat") {
        text += " (truncated)";
      } else if (code == "NumericOverflow") {
        text += " (overflows)";
      } else {
        code = "IncompatibleAssign";
      }
      error_at(x, code, std::move(text));
      x.mode = Mode::Invalid;
      return;
    }
    make_typed(x, type, value);
  }
  // A generic function has no value until it is instantiated.
  if (Signature* sig = under_as<Signature>(x.type); sig != nullptr && !sig->type_params.empty()) {
    error_at(x, "WrongTypeArgCount",
             fmt::format("cannot use generic function {} without instantiation in {}", syntax::expr_string(x.expr), context.text()));
    x.mode = Mode::Invalid;
    return;
  }
  if (t == nullptr || t == x.type) return;
  std::string cause;
  std::string_view code;
  if (assignable_to(x, t, nullptr)) return;
  assignable_to(x, t, &cause, &code);  // again, for the words
  std::string text = fmt::format("cannot use {} as {} value in {}", operand_text(x), type_text(t), context.text());
  if (!cause.empty()) text += ": " + cause;
  error_at(x, code, std::move(text));
  x.mode = Mode::Invalid;
}

Type* Checker::init_const(ConstObject* lhs, Operand& x) {
  Type* invalid = basic(BasicKind::Invalid);
  if (!x.valid() || is_invalid(x.type) || (lhs->type != nullptr && is_invalid(lhs->type))) {
    if (lhs->type == nullptr) lhs->type = invalid;
    return lhs->type;
  }
  if (x.mode != Mode::Constant) {
    error_at(x, "InvalidConstInit", fmt::format("{} is not constant", operand_text(x)));
    if (lhs->type == nullptr) lhs->type = invalid;
    return lhs->type;
  }
  if (lhs->type == nullptr) lhs->type = x.type;
  assignment(x, lhs->type, "constant declaration");
  if (x.valid()) lhs->value = x.value;
  return lhs->type;
}

void Checker::init_var(Var* lhs, Operand& x, const AssignContext& context) {
  bool lhs_invalid = lhs->type != nullptr && is_invalid(lhs->type);
  if (!x.valid() || is_invalid(x.type) || lhs_invalid) {
    if (lhs->type == nullptr) lhs->type = basic(BasicKind::Invalid);
    x.mode = Mode::Invalid;
    return;
  }
  if (lhs->type == nullptr) {
    Type* type = x.type;
    if (is_untyped(type)) {
      if (type == basic(BasicKind::UntypedNil)) {
        error_at(x, "UntypedNilUse", fmt::format("use of untyped nil in {}", context.text()));
        lhs->type = basic(BasicKind::Invalid);
        x.mode = Mode::Invalid;
        return;
      }
      type = default_type(type);
    }
    lhs->type = type;
  }
  assignment(x, lhs->type, context);
}

Type* Checker::lhs_var(Expr* lhs) {
  auto* name = syntax::as<syntax::Name>(syntax::unparen(lhs));
  if (name != nullptr && name->name.text() == "_") {
    name->object = nullptr;
    return nullptr;
  }
  // An assignment to a local variable is no use of it. (But x[i] = 1 is.)
  Object* o = name == nullptr ? nullptr : lookup(name->name);
  Var* v = o != nullptr && o->kind == ObjectKind::Var && o->package == env.package ? static_cast<Var*>(o) : nullptr;
  bool used = v != nullptr && v->used;
  Operand x;
  expr(nullptr, x, lhs);
  if (v != nullptr) v->used = used;
  if (!x.valid() || is_invalid(x.type)) return basic(BasicKind::Invalid);
  if (x.mode == Mode::Variable || x.mode == Mode::MapIndex) {
    mark_reassigned(lhs);
    return x.type;
  }
  if (auto* sel = syntax::as<syntax::SelectorExpr>(x.expr)) {
    Operand left;
    expr(nullptr, left, sel->x);
    if (left.mode == Mode::MapIndex) {
      error_at(x, "UnaddressableFieldAssign",
               fmt::format("cannot assign to struct field {} in map", syntax::expr_string(x.expr)));
      return basic(BasicKind::Invalid);
    }
  }
  error_at(x, "UnassignableOperand",
           fmt::format("cannot assign to {} (neither addressable nor a map index expression)", syntax::expr_string(x.expr)));
  return basic(BasicKind::Invalid);
}

// lhs = rhs, or lhs = *x if x is given.
void Checker::assign_var(Expr* lhs, Expr* rhs, Operand* x, const AssignContext& context) {
  Type* t = lhs_var(lhs);
  if (t != nullptr && is_invalid(t)) {
    if (x != nullptr) {
      x->mode = Mode::Invalid;
    } else {
      use(rhs);
    }
    return;
  }
  Operand own;
  if (x == nullptr) {
    std::string description;
    if (t != nullptr && under_as<Signature>(t) != nullptr) description = syntax::expr_string(lhs);
    x = &own;
    expr(Target(t, description), own, rhs);
  }
  if (t == nullptr && context.text_ == "assignment") {
    assignment(*x, t, "assignment to _ identifier");
  } else {
    assignment(*x, t, context);
  }
}

std::string Checker::types_summary(std::span<Type* const> list, bool variadic, bool has_dots) {
  std::string out = "(";
  for (size_t i = 0; i < list.size(); i++) {
    Type* t = list[i];
    std::string s;
    if (t == nullptr || is_invalid(t)) {
      s = "unknown type";
    } else if (is_untyped(t)) {
      s = is_numeric(t) ? "number" : std::string(as<Basic>(t)->name.substr(8));  // after "untyped "
    } else {
      s = type_text(t);
    }
    if (i + 1 == list.size()) {
      if (variadic) {
        if (Slice* slice = as<Slice>(t)) s = type_text(slice->elem);
        s = "..." + s;
      } else if (has_dots) {
        s += "...";
      }
    }
    if (i > 0) out += ", ";
    out += s;
  }
  return out + ")";
}

void Checker::assign_error(std::span<Expr* const> rhs, size_t l, size_t r) {
  auto count = [](size_t n, std::string_view unit) { return fmt::format("{} {}{}", n, unit, n == 1 ? "" : "s"); };
  std::string vars = count(l, "variable"), values = count(r, "value");
  if (rhs.size() == 1) {
    if (auto* call = syntax::as<syntax::CallExpr>(syntax::unparen(rhs[0]))) {
      error_at(rhs[0], "WrongAssignCount",
               fmt::format("assignment mismatch: {} but {} returns {}", vars, syntax::expr_string(call->fun), values));
      return;
    }
  }
  error_at(rhs[0], "WrongAssignCount", fmt::format("assignment mismatch: {} but {}", vars, values));
}

void Checker::return_error(const syntax::Stmt* at, std::span<Var* const> lhs, std::span<const Operand> rhs) {
  ErrorBuilder e(*this, "WrongResultCount");
  if (rhs.size() > lhs.size()) {
    e.add_at(rhs[lhs.size()].expr, "too many return values");  // the first one too many
  } else if (!rhs.empty()) {
    e.add_at(rhs.back().expr, "not enough return values");
  } else {
    e.add_at(at, "not enough return values");
  }
  std::vector<Type*> have, want;
  for (const Operand& x : rhs) have.push_back(x.type);
  for (Var* v : lhs) want.push_back(v->type);
  e.add({}, "have " + types_summary(have, false, false));
  e.add({}, "want " + types_summary(want, false, false));
  e.report();
}

// Initialises lhs (whose types may be unknown yet) from rhs; return_stmt: results of a function.
void Checker::init_vars(std::span<Var* const> lhs, std::span<Expr* const> rhs, const syntax::Stmt* return_stmt) {
  const char* context = return_stmt != nullptr ? "return statement" : "assignment";
  bool is_call = rhs.size() == 1 && syntax::unparen(rhs[0])->kind == syntax::NodeKind::CallExpr;
  auto invalidate = [&] {
    for (Var* v : lhs) {
      if (v->type == nullptr) v->type = basic(BasicKind::Invalid);
    }
  };
  // One to one: no call that could have several results.
  if (lhs.size() == rhs.size() && !is_call) {
    Operand x;
    for (size_t i = 0; i < lhs.size(); i++) {
      std::string_view description = lhs[i]->name.text();
      if (return_stmt != nullptr && description.empty()) description = "result variable";
      expr(Target(lhs[i]->type, description), x, rhs[i]);
      init_var(lhs[i], x, context);
    }
    return;
  }
  if (rhs.size() != 1) {
    // Only report a mismatch if there was no other error.
    if (use(rhs)) {
      if (return_stmt != nullptr) {
        std::vector<Operand> values = expr_list(rhs);
        return_error(return_stmt, lhs, values);
      } else if (!rhs.empty()) {
        assign_error(rhs, lhs.size(), rhs.size());
      }
    }
    invalidate();
    return;
  }
  bool comma_ok = false;
  std::vector<Operand> values = multi_expr(rhs[0], lhs.size() == 2 && return_stmt == nullptr, &comma_ok);
  if (values.size() == lhs.size()) {
    for (size_t i = 0; i < lhs.size(); i++) init_var(lhs[i], values[i], context);
    if (comma_ok && values[0].valid() && values[1].valid()) record_comma_ok(rhs[0], values[0].type, values[1].type);
    return;
  }
  if (values.empty() || values[0].valid()) {
    if (return_stmt != nullptr) {
      return_error(return_stmt, lhs, values);
    } else {
      assign_error(rhs, lhs.size(), values.size());
    }
  }
  invalidate();
}

void Checker::assign_vars(std::span<Expr* const> lhs, std::span<Expr* const> rhs) {
  bool is_call = rhs.size() == 1 && syntax::unparen(rhs[0])->kind == syntax::NodeKind::CallExpr;
  if (lhs.size() == rhs.size() && !is_call) {
    for (size_t i = 0; i < lhs.size(); i++) assign_var(lhs[i], rhs[i], nullptr, "assignment");
    return;
  }
  if (rhs.size() != 1) {
    bool lhs_ok = use_lhs(lhs);
    bool rhs_ok = use(rhs);
    if (lhs_ok && rhs_ok) assign_error(rhs, lhs.size(), rhs.size());
    return;
  }
  bool comma_ok = false;
  std::vector<Operand> values = multi_expr(rhs[0], lhs.size() == 2, &comma_ok);
  if (values.size() == lhs.size()) {
    for (size_t i = 0; i < lhs.size(); i++) assign_var(lhs[i], nullptr, &values[i], "assignment");
    if (comma_ok && values[0].valid() && values[1].valid()) record_comma_ok(rhs[0], values[0].type, values[1].type);
    return;
  }
  if (values.empty() || values[0].valid()) assign_error(rhs, lhs.size(), values.size());
  use_lhs(lhs);
}

void Checker::short_var_decl(Pos pos, std::span<Expr* const> lhs, std::span<Expr* const> rhs) {
  size_t top = p_->delayed.size();
  Scope* scope = env.scope;
  absl::InlinedVector<Var*, 4> vars(lhs.size(), nullptr);
  absl::InlinedVector<Var*, 4> fresh;
  bool failed = false;
  for (size_t i = 0; i < lhs.size(); i++) {
    auto* name = syntax::as<syntax::Name>(lhs[i]);
    if (name == nullptr) {
      use_lhs({&lhs[i], 1});
      error_at(lhs[i], "BadDecl", fmt::format("non-name {} on left side of :=", syntax::expr_string(lhs[i])));
      failed = true;
      continue;
    }
    bool blank = name->name.text() == "_";
    bool repeated = false;
    for (size_t j = 0; j < i && !blank; j++) {
      auto* other = syntax::as<syntax::Name>(lhs[j]);
      repeated |= other != nullptr && other->name == name->name;
    }
    if (repeated) {
      error_at(lhs[i], "RepeatedDecl", fmt::format("{} repeated on left side of :=", name->name.text()));
      failed = true;
      continue;
    }
    // Declared in this very scope before: assigned.
    if (Object* earlier = blank ? nullptr : scope->lookup(name->name)) {
      name->object = earlier;
      if (Var* v = as_var(earlier)) {
        vars[i] = v;
        v->reassigned = true;
        record_type(name, Mode::Variable, v->type, nullptr);
      } else {
        error_at(lhs[i], "UnassignableOperand", fmt::format("cannot assign to {}", syntax::expr_string(lhs[i])));
        failed = true;
      }
      continue;
    }
    vars[i] = new_local(VarRole::Local, name->pos, name->name, nullptr);
    vars[i]->color = kBlack;
    name->object = vars[i];
    if (!blank) fresh.push_back(vars[i]);
  }
  // Stand-ins keep the counts equal.
  for (size_t i = 0; i < lhs.size(); i++) {
    if (vars[i] == nullptr) vars[i] = new_var(arena, VarRole::Local, lhs[i]->pos, env.package, Symbol("_"), nullptr);
  }
  init_vars(vars, rhs, nullptr);
  // Function literals in rhs do not see the new variables.
  process_delayed(top);
  if (fresh.empty() && !failed) {
    soft_error(pos, "NoNewVar", "no new variables on left side of :=");
    return;
  }
  // spec: The scope of a variable declared inside a function begins at the end of its ShortVarDecl.
  Pos scope_pos = syntax::end_pos(rhs.back());
  for (Var* v : fresh) declare(scope, nullptr, v, scope_pos);
}

}  // namespace gale::types
