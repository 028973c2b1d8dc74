// Operands in messages, and assignability (spec: Assignability).
#include "types/operand.h"

#include <fmt/core.h>

#include "types/private.h"
#include "types/typeset.h"

namespace gale::types {
namespace {

std::string_view mode_text(Mode mode) {
  switch (mode) {
    case Mode::Unchecked:
    case Mode::Invalid:
      return "invalid operand";
    case Mode::NoValue:
      return "no value";
    case Mode::Builtin:
      return "built-in";
    case Mode::TypeExpr:
      return "type";
    case Mode::Constant:
      return "constant";
    case Mode::Variable:
      return "variable";
    case Mode::MapIndex:
      return "map index expression";
    case Mode::Value:
      return "value";
    case Mode::NilValue:
      return "nil";
    case Mode::CommaOk:
      return "comma, ok expression";
    case Mode::CommaErr:
      return "comma, error expression";
    case Mode::CgoFunc:
      return "cgo function";
  }
  return "";
}

std::string nil_text(const Operand& x, const Package* relative_to) {
  if (is_invalid(x.type)) return "nil (with invalid type)";
  if (x.type == basic(BasicKind::UntypedNil)) return "nil";
  return fmt::format("nil (of type {})", type_string(x.type, relative_to));
}

bool has_empty_type_set(TypeParam* t) { return constraint_type_set(t)->is_empty(); }

// " of struct type T", " of type T constrained by C", ...
std::string type_description(Type* t, const Package* relative_to) {
  if (is_invalid(t)) return " with invalid type";
  std::string what = is_generic(t) ? "generic " : "";
  TypeParam* param = as<TypeParam>(t);
  if (param == nullptr && (t->kind == TypeKind::Alias || t->kind == TypeKind::Named)) {
    std::string_view kind = composite_kind(t);
    if (kind.empty()) {
      Basic* b = under_as<Basic>(t);
      if (b != nullptr) kind = b->name;
    }
    what += kind;
    what += ' ';
  }
  std::string text = fmt::format(" of {}type {}", what, type_string(t, relative_to));
  if (param != nullptr) {
    text += fmt::format(" constrained by {}", type_string(param->bound, relative_to));
    if (has_empty_type_set(param)) text += " with empty type set";
  }
  return text;
}

std::string operand_expression(const Operand& x, const Package* relative_to) {
  if (x.expr != nullptr) return syntax::expr_string(x.expr);
  if (x.mode == Mode::Builtin) return std::string(builtin_info(x.builtin).name);
  if (x.mode == Mode::TypeExpr) return type_string(x.type, relative_to);
  if (x.mode == Mode::Constant) return to_text(x.value);
  return "";
}

bool is_interface_pointer(Type* under) {
  Pointer* p = as<Pointer>(under);
  return p != nullptr && is_interface(p->elem);
}

void add_cause(std::string* cause, std::string text) {
  if (cause == nullptr) return;
  if (!cause->empty()) text += "\n\t" + *cause;
  *cause = std::move(text);
}

}  // namespace

Pos Operand::pos() const { return expr == nullptr ? Pos{} : expr->pos; }

std::string_view composite_kind(Type* t) {
  switch (underlying(t)->kind) {
    case TypeKind::Array:
      return "array";
    case TypeKind::Slice:
      return "slice";
    case TypeKind::Struct:
      return "struct";
    case TypeKind::Pointer:
      return "pointer";
    case TypeKind::Signature:
      return "func";
    case TypeKind::Interface:
      return "interface";
    case TypeKind::Map:
      return "map";
    case TypeKind::Chan:
      return "chan";
    case TypeKind::Tuple:
      return "tuple";
    case TypeKind::Union:
      return "union";
    case TypeKind::Basic:
    case TypeKind::Named:
    case TypeKind::TypeParam:
    case TypeKind::Alias:
      return "";
  }
  return "";
}

std::string operand_string(const Operand& x, const Package* relative_to) {
  if (x.mode == Mode::NilValue) return nil_text(x, relative_to);
  std::string expression = operand_expression(x, relative_to);
  std::string out;
  if (!expression.empty()) out = expression + " (";
  bool has_type = false;
  bool may_have_type = x.mode != Mode::Invalid && x.mode != Mode::NoValue && x.mode != Mode::Builtin && x.mode != Mode::TypeExpr;
  if (may_have_type && x.type != nullptr) {
    if (is_untyped(x.type)) {
      out += as<Basic>(x.type)->name;
      out += ' ';
    } else {
      has_type = true;
    }
  }
  out += mode_text(x.mode);
  if (x.mode == Mode::Constant && x.value != nullptr) {
    std::string value = to_text(x.value);
    if (value != expression) out += " " + value;
  }
  if (has_type) out += type_description(x.type, relative_to);
  if (!expression.empty()) out += ')';
  return out;
}

bool Checker::assignable_to(const Operand& x, Type* target, std::string* cause, std::string_view* code) {
  std::string_view ignored;
  if (code == nullptr) code = &ignored;
  *code = "";
  if (x.mode == Mode::Invalid || is_invalid(target)) return true;  // no follow-on errors

  Type* v = unalias(x.type);
  Type* t = unalias(target);
  if (v == t || identical(v, t)) return true;
  Type* vu = underlying(v);
  Type* tu = underlying(t);
  TypeParam* vp = as<TypeParam>(v);
  TypeParam* tp = as<TypeParam>(t);
  *code = "IncompatibleAssign";

  // An untyped value: representable by (every type of the type set of) t.
  if (is_untyped(vu)) {
    std::string_view why;
    if (tp == nullptr) return implicit_type_and_value(x, t, nullptr, &why) != nullptr;
    return type_set_all(t, [&](Type* member, Type*) {
      return member != nullptr && implicit_type_and_value(x, member, nullptr, &why) != nullptr;
    });
  }

  if ((!has_name(v) || !has_name(t)) && vp == nullptr && tp == nullptr && identical(vu, tu)) return true;

  // t is an interface that v implements (or a pointer to one, for the message).
  if ((tu->kind == TypeKind::Interface && tp == nullptr) || is_interface_pointer(tu)) {
    if (implements(v, t, false, false, cause)) return true;
    if (vp == nullptr) {
      *code = "InvalidIfaceAssign";
      return false;
    }
    if (cause != nullptr) cause->clear();
  }

  // v is an interface that t implements: a type assertion is missing.
  if (vu->kind == TypeKind::Interface && vp == nullptr && implements(t, v, false, false, nullptr)) {
    if (cause != nullptr) *cause = "need type assertion";
    return false;
  }

  // A bidirectional channel to a channel of the same element type, one of them unnamed.
  if (Chan* vc = as<Chan>(vu); vc != nullptr && vc->dir == ChanDir::Both) {
    if (Chan* tc = as<Chan>(tu); tc != nullptr && identical(vc->elem, tc->elem)) {
      *code = "InvalidChanAssign";
      return !has_name(v) || !has_name(t);
    }
  }

  // An unnamed type to a type parameter: to every type of its type set.
  if (tp != nullptr && !has_name(v)) {
    bool ok = false;
    std::string_view member_code = *code;
    type_set_all(t, [&](Type* member, Type*) {
      if (member == nullptr) return false;
      ok = assignable_to(x, member, cause, &member_code);
      if (!ok) {
        add_cause(cause, fmt::format("cannot assign {} to {} (in {})", type_text(x.type), type_text(member), type_text(tp)));
      }
      return ok;
    });
    *code = member_code;
    return ok;
  }

  // A type parameter to an unnamed type: from every type of its type set.
  if (vp != nullptr && !has_name(t)) {
    bool ok = false;
    Operand member_value = x;
    std::string_view member_code = *code;
    type_set_all(v, [&](Type* member, Type*) {
      if (member == nullptr) return false;
      member_value.type = member;
      ok = assignable_to(member_value, t, cause, &member_code);
      if (!ok) {
        add_cause(cause, fmt::format("cannot assign {} (in {}) to {}", type_text(member), type_text(vp), type_text(target)));
      }
      return ok;
    });
    *code = member_code;
    return ok;
  }
  return false;
}

}  // namespace gale::types
