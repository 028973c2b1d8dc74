// Constant operands: overflow, representability, and what becomes of untyped operands (spec: Constant expressions,
// Representability, Conversions of untyped operands).
#include <fmt/core.h>

#include "types/private.h"
#include "types/typeset.h"

namespace gale::types {

using syntax::Expr;
using syntax::NodeKind;
using syntax::Op;

namespace {

constexpr int kMaxUntypedBits = 512;  // of an untyped integer constant, as gc limits it

// The operation of e as the overflow message names it; "" if it has no name.
std::string_view operation_name(const Expr* e) {
  auto* operation = syntax::as<syntax::Operation>(e);
  if (operation == nullptr) return "";
  if (operation->y == nullptr) return operation->op == Op::Xor ? "bitwise complement " : "";
  switch (operation->op) {
    case Op::Add:
      return "addition ";
    case Op::Sub:
      return "subtraction ";
    case Op::Xor:
      return "bitwise XOR ";
    case Op::Mul:
      return "multiplication ";
    case Op::Shl:
      return "shift ";
    default:
      return "";
  }
}

// The larger kind of two untyped types: integer, rune, float, complex; null if they do not go together.
Type* larger_untyped(Type* x, Type* y) {
  if (x == y) return x;
  if (!is_untyped_numeric(x) || !is_untyped_numeric(y)) return nullptr;
  return as<Basic>(x)->basic > as<Basic>(y)->basic ? x : y;
}

bool untyped_matches(BasicKind untyped, Type* target) {
  switch (untyped) {
    case BasicKind::UntypedBool:
      return is_boolean(target);
    case BasicKind::UntypedInt:
    case BasicKind::UntypedRune:
    case BasicKind::UntypedFloat:
    case BasicKind::UntypedComplex:
      return is_numeric(target);
    case BasicKind::UntypedString:
      return is_string(target);
    default:
      return false;
  }
}

}  // namespace

// Checks that constant x fits its type (untyped: is not absurdly large).
void Checker::overflow(Operand& x, Pos op_pos) {
  if (constant_kind(x.value) == ConstantKind::Unknown) {
    error(op_pos, "InvalidConstVal", "constant result is not representable");
    return;
  }
  // x.expr is not x's own expression yet if it is an operand of the operation at op_pos.
  if (is_typed(x.type)) {
    representable(x, under_as<Basic>(x.type));
    return;
  }
  if (constant_kind(x.value) == ConstantKind::Int && bit_length(x.value) > kMaxUntypedBits) {
    error(op_pos, "InvalidConstVal", fmt::format("constant {}overflow", operation_name(x.expr)));
    x.value = make_unknown();
  }
}

std::string_view Checker::representation(const Operand& x, Basic* t, Const* value) {
  Const rounded = x.value;
  if (constant_kind(x.value) == ConstantKind::Unknown || types::representable(x.value, t->basic, &rounded)) {
    *value = rounded;
    return "";
  }
  if (is_numeric(x.type) && is_numeric(t)) {
    // A float that is no integer is truncated; a large integer or float overflows.
    return !is_integer(x.type) && is_integer(t) ? "TruncatedFloat" : "NumericOverflow";
  }
  return "InvalidConstVal";
}

void Checker::representable(Operand& x, Basic* t) {
  Const value = nullptr;
  std::string_view code = representation(x, t, &value);
  if (!code.empty()) {
    invalid_conversion(code, x, t);
    x.mode = Mode::Invalid;
    return;
  }
  x.value = value;
}

void Checker::invalid_conversion(std::string_view code, const Operand& x, Type* target) {
  std::string from = operand_text(x), to = type_text(target);
  if (code == "TruncatedFloat") {
    error_at(x, code, fmt::format("{} truncated to {}", from, to));
  } else if (code == "NumericOverflow") {
    error_at(x, code, fmt::format("{} overflows {}", from, to));
  } else {
    error_at(x, code, fmt::format("cannot convert {} to type {}", from, to));
  }
}

void Checker::convert_untyped(Operand& x, Type* target) {
  Const value = nullptr;
  std::string_view code;
  Type* type = implicit_type_and_value(x, target, &value, &code);
  if (type == nullptr) {
    Type* shown = is_type_param(target) ? target : underlying(target);
    invalid_conversion(code, x, shown);
    x.mode = Mode::Invalid;
    return;
  }
  make_typed(x, type, value);
}

void Checker::make_typed(Operand& x, Type* type, Const value) {
  if (value != nullptr) {
    x.value = value;
    update_expr_value(x.expr, value);
  }
  if (type != x.type) {
    x.type = type;
    update_expr_type(x.expr, type, false);
  }
}

Type* Checker::implicit_type_and_value(const Operand& x, Type* target, Const* value, std::string_view* code) {
  if (value != nullptr) *value = nullptr;
  *code = "";
  if (x.mode == Mode::Invalid || is_typed(x.type) || is_invalid(target)) return x.type;
  auto fail = [&]() -> Type* {
    *code = "InvalidUntypedConversion";
    return nullptr;
  };
  if (is_untyped(target)) {
    Type* larger = larger_untyped(x.type, target);
    return larger != nullptr ? larger : fail();
  }
  if (x.is_nil()) return has_nil(target) ? target : fail();

  Type* under = underlying(target);
  if (under->kind == TypeKind::Basic) {
    if (x.mode == Mode::Constant) {
      Const rounded = nullptr;
      *code = representation(x, static_cast<Basic*>(under), &rounded);
      if (!code->empty()) return nullptr;
      if (value != nullptr) *value = rounded;
      return target;
    }
    // Results of comparisons and of shifts with an untyped left operand have no value yet.
    return untyped_matches(as<Basic>(x.type)->basic, target) ? target : fail();
  }
  if (under->kind == TypeKind::Interface) {
    if (is_type_param(target)) {
      bool ok = type_set_all(target, [&](Type*, Type* u) {
        std::string_view ignored;
        return u != nullptr && implicit_type_and_value(x, u, nullptr, &ignored) != nullptr;
      });
      return ok ? target : fail();
    }
    // Only the empty interface takes untyped values, and gives them their default type.
    return type_set(static_cast<Interface*>(under))->is_all() ? default_type(x.type) : fail();
  }
  return fail();
}

void Checker::update_expr_value(Expr* e, Const value) {
  if (e->type != nullptr && e->mode != Mode::Invalid && is_untyped(e->type)) e->constant = value;
}

// Sets the type of untyped e, and of those operands of it that share its type. `final`: e does not change any more.
void Checker::update_expr_type(Expr* e, Type* t, bool final) {
  if (e->type == nullptr || e->mode == Mode::Invalid || e->mode == Mode::Unchecked || !is_untyped(e->type)) return;
  bool is_constant = e->mode == Mode::Constant;
  if (e->kind == NodeKind::ParenExpr) {
    update_expr_type(static_cast<syntax::ParenExpr*>(e)->x, t, final);
  } else if (e->kind == NodeKind::Operation && !is_constant) {
    // (Operands of constant operations are not computed: their types do not matter.)
    auto* operation = static_cast<syntax::Operation*>(e);
    if (operation->y == nullptr) {
      update_expr_type(operation->x, t, final);
    } else if (operation->op == Op::Shl || operation->op == Op::Shr) {
      update_expr_type(operation->x, t, final);  // the count is independent
    } else if (operation->op < Op::Eql || operation->op > Op::Geq) {
      // (A comparison's operands have types of their own.)
      update_expr_type(operation->x, t, final);
      update_expr_type(operation->y, t, final);
    }
  }
  if (!final && is_untyped(t)) {
    e->type = underlying(t);
    return;
  }
  auto lhs = shift_lhs.find(e);
  if (lhs != shift_lhs.end()) {
    shift_lhs.erase(lhs);
    if (!all_integer(t)) {
      // Recorded as typed all the same, so that it is reported once.
      e->type = t;
      error_at(e, "InvalidShiftOperand",
               fmt::format("invalid operation: shifted operand {} (type {}) must be integer", syntax::expr_string(e), type_text(t)));
      return;
    }
  }
  Type* old = e->type;
  Mode mode = e->mode;
  e->type = t;
  if (is_constant) {
    Operand constant{mode, e, old, e->constant};
    std::string_view code;
    Const value = nullptr;
    if (implicit_type_and_value(constant, t, &value, &code) == nullptr) {
      invalid_conversion(code, constant, is_type_param(t) ? t : underlying(t));
    } else if (value != nullptr) {
      e->constant = value;
    }
  }
}

// ---- recording ----

void Checker::record(const Operand& x) {
  CHECK(x.expr != nullptr, "an operand with its expression");
  Expr* e = x.expr;
  e->mode = x.mode;
  e->type = x.mode == Mode::Invalid ? basic(BasicKind::Invalid) : x.mode == Mode::NoValue ? nullptr : x.type;
  e->constant = x.mode == Mode::Constant ? x.value : nullptr;
}

void Checker::record_type(Expr* e, Mode mode, Type* t, Const value) {
  e->mode = mode;
  e->type = t;
  e->constant = value;
}

// A comma-ok expression in a two-valued context has a tuple as its type.
void Checker::record_comma_ok(Expr* e, Type* value, Type* ok) {
  if (is_invalid(value)) return;
  Var* vars[] = {new_var(arena, VarRole::Local, e->pos, env.package, Symbol(), value),
                 new_var(arena, VarRole::Local, e->pos, env.package, Symbol(), ok)};
  Tuple* tuple = new_tuple(arena, vars);
  for (;;) {
    e->type = tuple;
    auto* paren = syntax::as<syntax::ParenExpr>(e);
    if (paren == nullptr) return;
    e = paren->x;
  }
}

void Checker::record_instance(Expr* e, std::span<Type* const> args) {
  auto list = arena.copy(args);
  if (auto* index = syntax::as<syntax::IndexExpr>(e)) {
    index->instance_args = list;
    return;
  }
  if (auto* sel = syntax::as<syntax::SelectorExpr>(e)) e = sel->selector;
  name_instances[e] = list;
}

std::span<Type*> Checker::instance_args_of(const Expr* e) const {
  while (auto* paren = syntax::as<syntax::ParenExpr>(e)) e = paren->x;
  if (auto* index = syntax::as<syntax::IndexExpr>(e)) return index->instance_args;
  if (auto* sel = syntax::as<syntax::SelectorExpr>(e)) e = sel->selector;
  auto found = name_instances.find(e);
  return found == name_instances.end() ? std::span<Type*>{} : found->second;
}

}  // namespace gale::types
