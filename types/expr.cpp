// Expressions (spec: Expressions): dispatch by kind, operators, comparison, and the final types of untyped expressions.
//
// Every expression passes through raw_expr, which records its mode, type and value in the tree. An untyped expression is
// recorded with its untyped type first; when its context settles the type, update_expr_type goes down the tree again and
// replaces it wherever it is still untyped. Constants' subexpressions are left as they are: nothing computes them.
#include <fmt/core.h>

#include "types/private.h"

namespace gale::types {

using syntax::Expr;
using syntax::NodeKind;
using syntax::Op;

namespace {

constexpr uint32_t bit(Mode m) { return 1u << static_cast<unsigned>(m); }
constexpr uint32_t kNoValueBuiltinOrType = bit(Mode::NoValue) | bit(Mode::Builtin) | bit(Mode::TypeExpr);

bool is_shift(Op op) { return op == Op::Shl || op == Op::Shr; }

bool is_comparison(Op op) {
  return op == Op::Eql || op == Op::Neq || op == Op::Lss || op == Op::Leq || op == Op::Gtr || op == Op::Geq;
}

Pos op_pos(const Expr* e) {
  if (e == nullptr) return {};
  return e->kind == NodeKind::Operation ? e->pos : syntax::start_pos(e);
}

bool is_pointer(Type* t) { return under_as<Pointer>(t) != nullptr; }

}  // namespace

Target::Target(Type* t, std::string_view what) {
  if (t != nullptr) signature = under_as<Signature>(t);
  if (signature != nullptr) description = what;
}

// ---- entry points ----

ExprKind Checker::raw_expr(Target target, Operand& x, Expr* e, Type* hint, bool allow_generic) {
  ExprKind kind = expr_internal(target, x, e, hint);
  if (!allow_generic) non_generic(target, x);
  pending_type(x);
  record(x);
  return kind;
}

// A type whose declaration is still being checked has no size yet: such a value is a declaration cycle.
void Checker::pending_type(Operand& x) {
  if (x.mode == Mode::Invalid || x.mode == Mode::NoValue) return;
  if (!finite_size(x.type)) {
    x.mode = Mode::Invalid;
    x.type = basic(BasicKind::Invalid);
  }
}

// Reports generic types and functions where an instance is needed; a function value whose target is known is instantiated.
void Checker::non_generic(Target target, Operand& x) {
  if (x.mode == Mode::Invalid || x.mode == Mode::NoValue || x.type == nullptr) return;
  std::string_view what;
  if (x.type->kind == TypeKind::Alias || x.type->kind == TypeKind::Named) {
    if (is_generic(x.type)) what = "type";
  } else if (x.type->kind == TypeKind::Signature) {
    if (!static_cast<Signature*>(x.type)->type_params.empty()) {
      if (target.signature != nullptr) {
        func_instance(target, x.pos(), x, nullptr, true);
        return;
      }
      what = "function";
    }
  }
  if (what.empty()) return;
  error_at(x, "WrongTypeArgCount",
           fmt::format("cannot use generic {} {} without instantiation", what, syntax::expr_string(x.expr)));
  x.mode = Mode::Invalid;
  x.type = basic(BasicKind::Invalid);
}

void Checker::expr(Target target, Operand& x, Expr* e) {
  raw_expr(target, x, e, nullptr, false);
  exclude(x, kNoValueBuiltinOrType);
  single_value(x);
}

void Checker::generic_expr(Operand& x, Expr* e) {
  raw_expr(nullptr, x, e, nullptr, true);
  exclude(x, kNoValueBuiltinOrType);
  single_value(x);
}

void Checker::expr_with_hint(Operand& x, Expr* e, Type* hint) {
  raw_expr(nullptr, x, e, hint, false);
  exclude(x, kNoValueBuiltinOrType);
  single_value(x);
}

void Checker::expr_or_type(Operand& x, Expr* e, bool allow_generic) {
  raw_expr(nullptr, x, e, nullptr, allow_generic);
  exclude(x, bit(Mode::NoValue));
  single_value(x);
}

std::vector<Operand> Checker::multi_expr(Expr* e, bool allow_comma_ok, bool* comma_ok) {
  if (comma_ok != nullptr) *comma_ok = false;
  Operand x;
  raw_expr(nullptr, x, e, nullptr, false);
  exclude(x, kNoValueBuiltinOrType);
  std::vector<Operand> list;
  if (Tuple* tuple = x.valid() ? as<Tuple>(x.type) : nullptr) {
    for (Var* v : tuple->vars) list.push_back({Mode::Value, e, v->type});
    return list;
  }
  list.push_back(x);
  if (allow_comma_ok && (x.mode == Mode::MapIndex || x.mode == Mode::CommaOk || x.mode == Mode::CommaErr)) {
    Type* second = x.mode == Mode::CommaErr ? kUniverseError : basic(BasicKind::UntypedBool);
    list.push_back({Mode::Value, e, second});
    if (comma_ok != nullptr) *comma_ok = true;
  }
  return list;
}

std::vector<Operand> Checker::expr_list(std::span<Expr* const> list) {
  if (list.size() == 1) return multi_expr(list[0], false, nullptr);
  std::vector<Operand> out(list.size());
  for (size_t i = 0; i < list.size(); i++) expr(nullptr, out[i], list[i]);
  return out;
}

void Checker::exclude(Operand& x, uint32_t modes) {
  if ((modes & bit(x.mode)) == 0 || x.mode == Mode::Invalid) return;
  std::string text = operand_text(x);
  if (x.mode == Mode::NoValue) {
    bool type_excluded = (modes & bit(Mode::TypeExpr)) != 0;
    error_at(x, "TooManyValues", text + (type_excluded ? " used as value" : " used as value or type"));
  } else if (x.mode == Mode::Builtin) {
    error_at(x, "UncalledBuiltin", text + " must be called");
  } else {
    error_at(x, "NotAnExpr", text + " is not an expression");
  }
  x.mode = Mode::Invalid;
}

void Checker::single_value(Operand& x) {
  if (x.mode != Mode::Value || x.type == nullptr || x.type->kind != TypeKind::Tuple) return;
  error_at(x, "TooManyValues", fmt::format("multiple-value {} in single-value context", operand_text(x)));
  x.mode = Mode::Invalid;
}

bool Checker::use(std::span<Expr* const> list) {
  bool ok = true;
  for (Expr* e : list) ok &= use_one(e, false);
  return ok;
}

bool Checker::use(Expr* e) { return use_one(e, false); }

bool Checker::use_lhs(std::span<Expr* const> list) {
  bool ok = true;
  for (Expr* e : list) ok &= use_one(e, true);
  return ok;
}

bool Checker::use_one(Expr* e, bool lhs) {
  if (e == nullptr) return true;
  Operand x;
  Expr* inner = syntax::unparen(e);
  if (auto* name = syntax::as<syntax::Name>(inner)) {
    if (name->name.text() == "_") return true;
    // An assignment to a variable is no use of it.
    Object* o = lhs ? lookup(name->name) : nullptr;
    Var* v = o != nullptr && o->kind == ObjectKind::Var && o->package == env.package ? static_cast<Var*>(o) : nullptr;
    bool used = v != nullptr && v->used;
    expr_or_type(x, name, true);
    if (v != nullptr) v->used = used;
  } else if (auto* list = syntax::as<syntax::ListExpr>(inner)) {
    return lhs ? use_lhs(list->elems) : use(list->elems);
  } else {
    raw_expr(nullptr, x, e, nullptr, true);
  }
  return x.valid();
}

// ---- dispatch ----

ExprKind Checker::expr_internal(Target target, Operand& x, Expr* e, Type* hint) {
  x.mode = Mode::Invalid;
  x.type = basic(BasicKind::Invalid);
  x.value = nullptr;
  ExprKind kind = ExprKind::Expression;
  bool failed_is_statement = true;  // no "is not used" after an error
  switch (e->kind) {
    case NodeKind::BadExpr:
      break;
    case NodeKind::Name:
      ident(x, static_cast<syntax::Name*>(e), nullptr, false);
      failed_is_statement = false;
      break;
    case NodeKind::DotsType:
      error_at(e, "InvalidSyntaxTree", "invalid syntax tree: invalid use of ...");
      break;
    case NodeKind::BasicLit:
      if (!static_cast<syntax::BasicLit*>(e)->bad) basic_literal(x, static_cast<syntax::BasicLit*>(e));
      break;
    case NodeKind::FuncLit:
      func_literal(x, static_cast<syntax::FuncLit*>(e));
      break;
    case NodeKind::CompositeLit:
      composite_literal(x, static_cast<syntax::CompositeLit*>(e), hint);
      break;
    case NodeKind::ParenExpr:
      kind = raw_expr(nullptr, x, static_cast<syntax::ParenExpr*>(e)->x, nullptr, false);
      x.expr = e;
      return kind;
    case NodeKind::SelectorExpr:
      selector(x, static_cast<syntax::SelectorExpr*>(e), nullptr, false);
      failed_is_statement = false;
      break;
    case NodeKind::IndexExpr:
      if (index_expr(x, static_cast<syntax::IndexExpr*>(e))) {
        func_instance(target, e->pos, x, static_cast<syntax::IndexExpr*>(e), true);
      }
      break;
    case NodeKind::SliceExpr:
      slice_expr(x, static_cast<syntax::SliceExpr*>(e));
      break;
    case NodeKind::AssertExpr:
      assert_expr(x, static_cast<syntax::AssertExpr*>(e));
      break;
    case NodeKind::TypeSwitchGuard:
      error_at(e, "InvalidSyntaxTree", "invalid syntax tree: use of .(type) outside type switch");
      use(static_cast<syntax::TypeSwitchGuard*>(e)->x);
      x.mode = Mode::Invalid;
      break;
    case NodeKind::CallExpr:
      return call_expr(x, static_cast<syntax::CallExpr*>(e));
    case NodeKind::ListExpr:
      error_at(e, "InvalidSyntaxTree", "invalid syntax tree: unexpected list of expressions");
      break;
    case NodeKind::Operation: {
      auto* operation = static_cast<syntax::Operation*>(e);
      if (operation->y != nullptr) {
        binary(x, e, operation->x, operation->y, operation->op);
      } else if (operation->op == Op::Mul) {
        indirection(x, operation);
      } else {
        unary(x, operation);
        if (operation->op == Op::Recv) kind = ExprKind::Statement;
      }
      break;
    }
    case NodeKind::KeyValueExpr:
      error_at(e, "InvalidSyntaxTree", "invalid syntax tree: no key:value expected");
      break;
    case NodeKind::ArrayType:
    case NodeKind::SliceType:
    case NodeKind::StructType:
    case NodeKind::FuncType:
    case NodeKind::InterfaceType:
    case NodeKind::MapType:
    case NodeKind::ChanType:
      x.mode = Mode::TypeExpr;
      x.type = typ(e);
      break;
    default:
      CHECK(false, "an expression");
  }
  x.expr = e;
  if (!x.valid() && failed_is_statement) return ExprKind::Statement;
  return kind;
}

void Checker::assert_expr(Operand& x, syntax::AssertExpr* e) {
  expr(nullptr, x, e->x);
  if (!x.valid()) return;
  if (e->asserted == nullptr) {
    error_at(e, "InvalidSyntaxTree", "invalid syntax tree: invalid use of AssertExpr");
    x.mode = Mode::Invalid;
    return;
  }
  if (is_type_param(x.type)) {
    error_at(x, "InvalidAssert",
             fmt::format("invalid operation: cannot use type assertion on type parameter value {}", operand_text(x)));
    x.mode = Mode::Invalid;
    return;
  }
  if (under_as<Interface>(x.type) == nullptr) {
    error_at(x, "InvalidAssert", fmt::format("invalid operation: {} is not an interface", operand_text(x)));
    x.mode = Mode::Invalid;
    return;
  }
  Type* t = var_type(e->asserted);
  if (is_invalid(t)) {
    x.mode = Mode::Invalid;
    return;
  }
  type_assertion(e, x, t, false);
  x.mode = Mode::CommaOk;
  x.type = t;
}

void Checker::type_assertion(Expr* e, const Operand& x, Type* t, bool type_switch) {
  std::string cause = assertable_cause(x.type, t);
  if (cause.empty()) return;
  if (type_switch) {
    error_at(e, "ImpossibleAssert",
             fmt::format("impossible type switch case: {}\n\t{} cannot have dynamic type {} {}", syntax::expr_string(e),
                         operand_text(x), type_text(t), cause));
    return;
  }
  error_at(e, "ImpossibleAssert",
           fmt::format("impossible type assertion: {}\n\t{} does not implement {} {}", syntax::expr_string(e), type_text(t),
                       type_text(x.type), cause));
}

// ---- unary operators ----

void Checker::indirection(Operand& x, syntax::Operation* e) {
  expr_or_type(x, e->x, false);
  if (!x.valid()) return;
  if (x.mode == Mode::TypeExpr) {
    valid_var_type(e->x, x.type);
    x.type = new_pointer(arena, x.type);
    return;
  }
  Type* base = nullptr;
  bool ok = type_set_all(x.type, [&](Type*, Type* u) {
    Pointer* p = as<Pointer>(u);
    if (p == nullptr) {
      error_at(x, "InvalidIndirection", fmt::format("invalid operation: cannot indirect {}", operand_text(x)));
      return false;
    }
    if (base != nullptr && !identical(p->elem, base)) {
      error_at(x, "InvalidIndirection",
               fmt::format("invalid operation: pointers of {} must have identical base types", operand_text(x)));
      return false;
    }
    base = p->elem;
    return true;
  });
  if (!ok || base == nullptr) {
    x.mode = Mode::Invalid;
    return;
  }
  x.mode = Mode::Variable;
  x.type = base;
}

bool Checker::operator_defined(const Operand& x, Op op, bool is_unary) {
  bool ok = false;
  switch (op) {
    case Op::Add:
      ok = is_unary ? all_numeric(x.type) : all_numeric_or_string(x.type);
      break;
    case Op::Sub:
    case Op::Mul:
    case Op::Div:
      ok = all_numeric(x.type);
      break;
    case Op::Rem:
    case Op::And:
    case Op::Or:
    case Op::Xor:
    case Op::AndNot:
      ok = all_integer(x.type);
      break;
    case Op::AndAnd:
    case Op::OrOr:
    case Op::Not:
      ok = all_boolean(x.type);
      break;
    default:
      error_at(x, "InvalidSyntaxTree", fmt::format("invalid syntax tree: unknown operator {}", syntax::spelling(op)));
      return false;
  }
  if (!ok) {
    error_at(x, "UndefinedOp",
             fmt::format("invalid operation: operator {} not defined on {}", syntax::spelling(op), operand_text(x)));
  }
  return ok;
}

void Checker::unary(Operand& x, syntax::Operation* e) {
  expr(nullptr, x, e->x);
  if (!x.valid()) return;
  Op op = e->op;
  if (op == Op::And) {
    bool is_literal = syntax::unparen(e->x)->kind == NodeKind::CompositeLit;
    if (!is_literal && x.mode != Mode::Variable) {
      error_at(x, "UnaddressableOperand", fmt::format("invalid operation: cannot take address of {}", operand_text(x)));
      x.mode = Mode::Invalid;
      return;
    }
    if (!is_literal) mark_address_taken(e->x);
    x.mode = Mode::Value;
    x.type = new_pointer(arena, x.type);
    return;
  }
  if (op == Op::Recv) {
    Type* elem = chan_elem(syntax::start_pos(x.expr), x, true);
    if (elem == nullptr) {
      x.mode = Mode::Invalid;
      return;
    }
    x.mode = Mode::CommaOk;
    x.type = elem;
    env.has_call_or_recv = true;
    return;
  }
  if (op == Op::Tilde) {
    std::string text = "cannot use ~ outside of interface or type constraint";
    if (!all_integer(x.type)) {
      error_at(e, "UndefinedOp", text);
      x.mode = Mode::Invalid;
      return;
    }
    error_at(e, "UndefinedOp", text + " (use ^ for bitwise complement)");
    op = Op::Xor;
  }
  if (!operator_defined(x, op, true)) {
    x.mode = Mode::Invalid;
    return;
  }
  if (x.mode == Mode::Constant) {
    if (constant_kind(x.value) == ConstantKind::Unknown) return;
    unsigned bits = is_unsigned(x.type) ? static_cast<unsigned>(size_of(x.type) * 8) : 0;
    x.value = unary_op(op, x.value, bits);
    x.expr = e;
    overflow(x, op_pos(e));
    return;
  }
  x.mode = Mode::Value;
}

Type* Checker::chan_elem(Pos at, const Operand& x, bool receive) {
  std::string cause;
  Type* u = common_under(
      x.type,
      [&](Type* t, Type* under, std::string* why) {
        if (under == nullptr) {
          *why = "no specific channel type";
          return false;
        }
        Chan* ch = as<Chan>(under);
        if (ch == nullptr) {
          *why = fmt::format("non-channel {}", type_text(t));
        } else if (receive && ch->dir == ChanDir::SendOnly) {
          *why = fmt::format("send-only channel {}", type_text(t));
        } else if (!receive && ch->dir == ChanDir::RecvOnly) {
          *why = fmt::format("receive-only channel {}", type_text(t));
        } else {
          return true;
        }
        return false;
      },
      &cause);
  if (u != nullptr) return as<Chan>(u)->elem;
  std::string_view verb = receive ? "receive from" : "send to";
  std::string_view code = receive ? "InvalidReceive" : "InvalidSend";
  if (is_type_param(x.type)) {
    error(at, code, fmt::format("invalid operation: cannot {} {}: {}", verb, operand_text(x), cause));
  } else {
    error(at, code, fmt::format("invalid operation: cannot {} {} {}", verb, cause, operand_text(x)));
  }
  return nullptr;
}

// ---- binary operators ----

void Checker::binary(Operand& x, Expr* e, Expr* lhs, Expr* rhs, Op op) {
  Operand y;
  expr(nullptr, x, lhs);
  expr(nullptr, y, rhs);
  if (!x.valid()) return;
  if (!y.valid()) {
    x.mode = Mode::Invalid;
    x.expr = y.expr;
    return;
  }
  if (is_shift(op)) {
    shift(x, y, e, op);
    return;
  }
  match_types(x, y);
  if (!x.valid()) return;
  if (is_comparison(op)) {
    comparison(x, y, op);
    return;
  }
  if (x.type != y.type && !identical(x.type, y.type)) {
    mismatched_operands(x, y, e, lhs, rhs, op);
    x.mode = Mode::Invalid;
    return;
  }
  if (!operator_defined(x, op, false) || ((op == Op::Div || op == Op::Rem) && divides_by_zero(x, y))) {
    x.mode = Mode::Invalid;
    return;
  }
  if (x.mode == Mode::Constant && y.mode == Mode::Constant) {
    if (constant_kind(x.value) == ConstantKind::Unknown || constant_kind(y.value) == ConstantKind::Unknown) {
      x.value = make_unknown();
      return;
    }
    bool integer_division = op == Op::Div && is_integer(x.type);
    x.value = integer_division ? int_quotient(x.value, y.value) : binary_op(x.value, op, y.value);
    x.expr = e;
    overflow(x, op_pos(e));
    return;
  }
  x.mode = Mode::Value;
}

void Checker::mismatched_operands(const Operand& x, const Operand& y, Expr* e, Expr* lhs, Expr* rhs, Op op) {
  if (is_invalid(x.type) || is_invalid(y.type)) return;
  std::string what = e != nullptr ? syntax::expr_string(e)
                                  : fmt::format("{} {}= {}", syntax::expr_string(lhs), syntax::spelling(op), syntax::expr_string(rhs));
  error_at(x, "MismatchedTypes",
           fmt::format("invalid operation: {} (mismatched types {} and {})", what, type_text(x.type), type_text(y.type)));
}

bool Checker::divides_by_zero(const Operand& x, const Operand& y) {
  if (y.mode != Mode::Constant) return false;
  bool zero = (x.mode == Mode::Constant || all_integer(x.type)) && sign(y.value) == 0;
  if (!zero && x.mode == Mode::Constant && is_complex(x.type)) {
    // Nor may the square of the divisor vanish.
    Const re = real_part(y.value), im = imag_part(y.value);
    zero = sign(binary_op(re, Op::Mul, re)) == 0 && sign(binary_op(im, Op::Mul, im)) == 0;
  }
  if (zero) error_at(y, "DivByZero", "invalid operation: division by zero");
  return zero;
}

// Lets untyped operands take the other's type where that makes sense; the rest is a mismatch that the caller reports.
void Checker::match_types(Operand& x, Operand& y) {
  if (is_typed(x.type) && is_typed(y.type)) return;
  auto may_convert = [&] {
    if (all_numeric(x.type) != all_numeric(y.type)) return false;
    if (is_non_type_param_interface(x.type) || is_non_type_param_interface(y.type)) return true;
    if (all_boolean(x.type) != all_boolean(y.type)) return false;
    if (all_string(x.type) != all_string(y.type)) return false;
    if (x.is_nil()) return has_nil(y.type);
    if (y.is_nil()) return has_nil(x.type);
    return !is_pointer(x.type) && !is_pointer(y.type);
  };
  // An interface operand: numeric or not does not matter.
  if (!may_convert()) return;
  convert_untyped(x, y.type);
  if (!x.valid()) return;
  convert_untyped(y, x.type);
  if (!y.valid()) x.mode = Mode::Invalid;
}

void Checker::comparison(Operand& x, Operand& y, Op op, bool switch_case) {
  if (is_invalid(x.type) || is_invalid(y.type)) {
    x.mode = Mode::Invalid;
    return;
  }
  if (switch_case) op = Op::Eql;
  if (!assignable_to(x, y.type, nullptr) && !assignable_to(y, x.type, nullptr)) {
    comparison_error(x, y, y, op, switch_case, "MismatchedTypes",
                     fmt::format("mismatched types {} and {}", type_text(x.type), type_text(y.type)));
    x.mode = Mode::Invalid;
    return;
  }
  const Operand* culprit = nullptr;
  std::string cause;
  if (op == Op::Eql || op == Op::Neq) {
    if (x.is_nil() || y.is_nil()) {
      if (!has_nil(x.is_nil() ? y.type : x.type)) culprit = &y;
    } else if (!comparable(x.type)) {
      culprit = &x;
      cause = incomparable_cause(x.type);
    } else if (!comparable(y.type)) {
      culprit = &y;
      cause = incomparable_cause(y.type);
    }
  } else if (!all_ordered(x.type)) {
    culprit = &x;
  } else if (!all_ordered(y.type)) {
    culprit = &y;
  }
  if (culprit != nullptr) {
    comparison_error(x, y, *culprit, op, switch_case, "UndefinedOp", std::move(cause));
    x.mode = Mode::Invalid;
    return;
  }
  if (x.mode == Mode::Constant && y.mode == Mode::Constant) {
    x.value = make_bool(compare(x.value, op, y.value));
  } else {
    x.mode = Mode::Value;
    // The operands now have their final types: they do not take part in what happens to the result.
    update_expr_type(x.expr, default_type(x.type), true);
    update_expr_type(y.expr, default_type(y.type), true);
  }
  x.type = basic(BasicKind::UntypedBool);
}

void Checker::comparison_error(const Operand& x, const Operand& y, const Operand& culprit, Op op, bool switch_case,
                               std::string_view code, std::string cause) {
  const Operand* at = &culprit;
  if (cause.empty()) {
    if (is_type_param(x.type) || is_type_param(y.type)) {
      if (!is_type_param(x.type)) at = &y;
      cause = fmt::format("type parameter {} cannot use operator {}", type_text(at->type), syntax::spelling(op));
    } else {
      std::string what(composite_kind(at->type));
      if (what.empty()) what = type_text(at->type);
      cause = fmt::format("operator {} not defined on {}", syntax::spelling(op), what);
    }
  }
  std::string left = syntax::expr_string(x.expr), right = syntax::expr_string(y.expr);
  if (switch_case) {
    error_at(x, code, fmt::format("invalid case {} in switch on {} ({})", left, right, cause));
  } else {
    error_at(*at, code, fmt::format("invalid operation: {} {} {} ({})", left, syntax::spelling(op), right, cause));
  }
}

std::string Checker::incomparable_cause(Type* t) {
  TypeKind kind = underlying(t)->kind;
  if (kind == TypeKind::Slice || kind == TypeKind::Signature || kind == TypeKind::Map) {
    return fmt::format("{} can only be compared to nil", composite_kind(t));
  }
  std::string cause;
  comparable_type(t, true, &cause);
  return cause;
}

void Checker::shift(Operand& x, Operand& y, Expr* e, Op op) {
  auto fail = [&](const Operand& at, std::string_view code, std::string text) {
    error_at(at, code, "invalid operation: " + text);
    x.mode = Mode::Invalid;
  };
  Const left = x.mode == Mode::Constant ? to_int(x.value) : nullptr;
  bool left_is_int = left != nullptr && constant_kind(left) == ConstantKind::Int;
  if (!all_integer(x.type) && !(is_untyped(x.type) && left_is_int)) {
    fail(x, "InvalidShiftOperand", fmt::format("shifted operand {} must be integer", operand_text(x)));
    return;
  }

  Const count = nullptr;
  if (y.mode == Mode::Constant) {
    count = to_int(y.value);  // -1 and 1.0 count, -1.1 does not
    if (constant_kind(count) == ConstantKind::Int && sign(count) < 0) {
      fail(y, "InvalidShiftCount", fmt::format("negative shift count {}", operand_text(y)));
      return;
    }
    if (is_untyped(y.type)) {
      // The value must be representable as uint, but its type may stay untyped.
      representable(y, as<Basic>(basic(BasicKind::Uint)));
      if (!y.valid()) {
        x.mode = Mode::Invalid;
        return;
      }
    }
  } else if (all_integer(y.type)) {
    if (!all_unsigned(y.type) &&
        !verify_version(y.expr, "go1.13", fmt::format("invalid operation: signed shift count {}", operand_text(y)))) {
      x.mode = Mode::Invalid;
      return;
    }
  } else if (is_untyped(y.type)) {
    convert_untyped(y, basic(BasicKind::Uint));
    if (!y.valid()) {
      x.mode = Mode::Invalid;
      return;
    }
  } else {
    fail(y, "InvalidShiftCount", fmt::format("shift count {} must be integer", operand_text(y)));
    return;
  }

  if (x.mode == Mode::Constant) {
    if (y.mode == Mode::Constant) {
      shift_constants(x, y, left, count, e, op);
      return;
    }
    if (is_untyped(x.type)) {
      // A non-constant shift of an untyped constant: it takes the type that it would have without the shift, which only
      // the context can tell. The check that this is an integer type waits until then.
      shift_lhs.insert(x.expr);
      x.mode = Mode::Value;
      return;
    }
  }
  if (!all_integer(x.type)) {
    fail(x, "InvalidShiftOperand", fmt::format("shifted operand {} must be integer", operand_text(x)));
    return;
  }
  x.mode = Mode::Value;
}

void Checker::shift_constants(Operand& x, const Operand& y, Const left, Const count, Expr* e, Op op) {
  if (constant_kind(x.value) == ConstantKind::Unknown || constant_kind(y.value) == ConstantKind::Unknown) {
    x.value = make_unknown();
    if (!is_integer(x.type)) x.type = basic(BasicKind::UntypedInt);
    return;
  }
  constexpr uint64_t kMaxShift = 1023 - 1 + 52;  // enough for the smallest float64
  uint64_t n = 0;
  if (!uint64_value(count, &n) || n > kMaxShift) {
    error_at(y, "InvalidShiftCount", fmt::format("invalid operation: invalid shift count {}", operand_text(y)));
    x.mode = Mode::Invalid;
    return;
  }
  if (!is_integer(x.type)) x.type = basic(BasicKind::UntypedInt);
  x.value = types::shift(left, op, static_cast<unsigned>(n));
  x.expr = e;
  overflow(x, op_pos(e));
}

}  // namespace gale::types
