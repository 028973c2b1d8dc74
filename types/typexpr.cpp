// Identifiers and type expressions (spec: Types, Qualified identifiers, Instantiations).

#include "base/check.h"
#include "types/concat.h"
#include "types/private.h"
#include "types/typeset.h"

namespace gale::types {

using namespace syntax;  // NOLINT: this file is about syntax

// ---- identifiers ----

// x gets what e denotes. With want_type, anything but a type is an error at once, before it is resolved: that avoids
// cycles and gives the better message.
void Checker::ident(Operand& x, Name* e, Named*, bool want_type) {
  x.mode = Mode::Invalid;
  x.expr = e;
  Scope* scope = nullptr;
  Object* o = env.scope->lookup_parent(e->name, {}, &scope);
  if (o == nullptr) {
    if (e->name.text() == "_") {
      error_at(e, "InvalidBlank", "cannot use _ as value or type");
    } else if (!e->name.empty()) {
      error_at(e, "UndeclaredName", concat("undefined: ", e->name.text()));
    }
    return;
  }
  if (o->package == nullptr && (o == kUniverseComparableName || o == kUniverseAnyName)) {
    if (!verify_version(e, "go1.18", concat("predeclared ", e->name.text()))) return;
  }
  e->object = o;
  bool is_type = o->kind == ObjectKind::TypeName;
  if (want_type && !is_type) {
    error_at(e, "NotAType", concat(o->name.text(), " (", object_kind_text(o), ") is not a type"));
    if (Var* v = as_var(o); v != nullptr && v->package == env.package) v->used = true;
    return;
  }
  // A known type of this package is asked for again only to find cycles.
  if (o->type == nullptr || (is_type && want_type && o->package == env.package)) object_decl(o);
  Type* t = o->type;
  CHECK(t != nullptr, "object_decl sets the type");
  // Only dot-imported objects are found in another scope than their own.
  if (scope != o->parent && !p_->dot_imports.empty()) {
    auto found = p_->dot_imports.find({scope, o->name});
    if (found != p_->dot_imports.end()) found->second->used = true;
  }
  switch (o->kind) {
    case ObjectKind::PkgName:
      error_at(e, "InvalidPkgUse", concat("use of package ", o->name.text(), " not in selector"));
      return;
    case ObjectKind::Const:
      add_dependency(o);
      if (!is_valid(t)) return;
      if (o == kUniverseIota) {
        if (env.iota == nullptr) {
          error_at(e, "InvalidIota", "cannot use iota outside constant declaration");
          return;
        }
        x.value = env.iota;
      } else {
        x.value = static_cast<ConstObject*>(o)->value;
      }
      x.mode = Mode::Constant;
      break;
    case ObjectKind::TypeName:
      x.mode = Mode::TypeExpr;
      break;
    case ObjectKind::Var:
      if (o->package == env.package) static_cast<Var*>(o)->used = true;
      reference_var(static_cast<Var*>(o));
      add_dependency(o);
      if (!is_valid(t)) return;
      x.mode = Mode::Variable;
      break;
    case ObjectKind::Func:
      add_dependency(o);
      x.mode = Mode::Value;
      break;
    case ObjectKind::Builtin:
      x.builtin = static_cast<Builtin*>(o)->id;
      x.mode = Mode::Builtin;
      break;
    case ObjectKind::Nil:
      x.mode = Mode::NilValue;
      break;
    case ObjectKind::Label:
      CHECK(false, "labels are in no scope of names");
  }
  x.type = t;
}

// ---- types ----

namespace {

void record_as_type(Expr* e, Type* t) {
  e->mode = Mode::TypeExpr;
  e->type = t;
}

// The type of an identifier or selector that must denote one.
Type* type_of_operand(Checker& c, const Operand& x) {
  switch (x.mode) {
    case Mode::TypeExpr: return x.type;
    case Mode::Invalid: break;
    case Mode::NoValue: c.error_at(x, "NotAType", concat(c.operand_text(x), " used as type")); break;
    default: c.error_at(x, "NotAType", concat(c.operand_text(x), " is not a type")); break;
  }
  return basic(BasicKind::Invalid);
}

Type* array_type(Checker& c, ArrayType* e) {
  Array* t = new_type<Array>(c.arena);
  if (e->length != nullptr) {
    t->length = c.array_length(e->length);
  } else {
    c.error_at(e, "BadDotDotDotSyntax", "invalid use of [...] array (outside a composite literal)");
    t->length = -1;
  }
  t->elem = c.var_type(e->elem);
  if (t->length >= 1 << 20 && c.p_->whole_package == c.env.package) c.p_->sized_literals.emplace_back(t, e->pos);
  return t->length >= 0 ? static_cast<Type*>(t) : basic(BasicKind::Invalid);
}

Type* pointer_type(Checker& c, Operation* e) {
  Pointer* t = new_pointer(c.arena, basic(BasicKind::Invalid));
  t->elem = c.var_type(e->x);
  // A pointer to an invalid type gives follow-on errors only.
  return is_valid(t->elem) ? static_cast<Type*>(t) : basic(BasicKind::Invalid);
}

Type* map_type(Checker& c, MapType* e) {
  Map* t = new_type<Map>(c.arena);
  t->key = c.var_type(e->key);
  t->elem = c.var_type(e->value);
  // spec: Map types: == must be defined for keys. The key type may not be complete yet.
  Expr* at = e->key;
  c.later([&c, t, at] {
    if (comparable(t->key)) return;
    c.error_at(at, "IncomparableMapKey",
               concat("invalid map key type ", c.type_text(t->key),
                            is_type_param(t->key) ? " (missing comparable constraint)" : ""));
  });
  return t;
}

Type* chan_type(Checker& c, ChanType* e) {
  Chan* t = new_type<Chan>(c.arena);
  switch (e->dir) {
    case syntax::ChanDir::Both: t->dir = types::ChanDir::Both; break;
    case syntax::ChanDir::SendOnly: t->dir = types::ChanDir::SendOnly; break;
    case syntax::ChanDir::RecvOnly: t->dir = types::ChanDir::RecvOnly; break;
  }
  t->elem = c.var_type(e->elem);
  if (c.p_->whole_package == c.env.package) c.p_->sized_literals.emplace_back(t, e->pos);
  return t;
}

Type* type_internal(Checker& c, Expr* e, Named* def) {
  Type* const invalid = basic(BasicKind::Invalid);
  if (stack_nearly_full()) {
    c.error_at(e, "InvalidDeclCycle", "type is nested too deeply");
    return invalid;
  }
  switch (e->kind) {
    case NodeKind::BadExpr: return invalid;
    case NodeKind::Name: {
      Operand x;
      c.ident(x, static_cast<Name*>(e), def, true);
      return type_of_operand(c, x);
    }
    case NodeKind::SelectorExpr: {
      Operand x;
      c.selector(x, static_cast<SelectorExpr*>(e), def, true);
      return type_of_operand(c, x);
    }
    case NodeKind::IndexExpr: {
      auto* index = static_cast<IndexExpr*>(e);
      c.verify_version(e, "go1.18", "type instantiation");
      return c.instantiated_type(index->x, list_of(index->index), def);
    }
    case NodeKind::ParenExpr: return c.defined_type(static_cast<ParenExpr*>(e)->x, def);
    case NodeKind::ArrayType: return array_type(c, static_cast<ArrayType*>(e));
    case NodeKind::SliceType: {
      Slice* t = new_slice(c.arena, nullptr);
      t->elem = c.var_type(static_cast<SliceType*>(e)->elem);
      return t;
    }
    case NodeKind::DotsType:
      c.error_at(e, "InvalidSyntaxTree", "invalid syntax tree: invalid use of ...");
      return invalid;
    case NodeKind::StructType: {
      Struct* t = new_type<Struct>(c.arena);
      c.struct_type(t, static_cast<StructType*>(e));
      return t;
    }
    case NodeKind::Operation: {
      auto* op = static_cast<Operation*>(e);
      if (op->op == Op::Mul && op->y == nullptr) return pointer_type(c, op);
      break;
    }
    case NodeKind::FuncType: {
      Signature* t = new_signature(c.arena);
      c.func_type(t, nullptr, {}, static_cast<FuncType*>(e));
      return t;
    }
    case NodeKind::InterfaceType: {
      Interface* t = new_type<Interface>(c.arena);
      c.interface_type(t, static_cast<InterfaceType*>(e), def);
      return t;
    }
    case NodeKind::MapType: return map_type(c, static_cast<MapType*>(e));
    case NodeKind::ChanType: return chan_type(c, static_cast<ChanType*>(e));
    default: break;
  }
  c.error_at(e, "NotAType", concat(expr_string(e), " is not a type"));
  c.use(e);
  return invalid;
}

}  // namespace

Type* Checker::typ(Expr* e) { return defined_type(e, nullptr); }

Type* Checker::defined_type(Expr* e, Named* def) {
  Type* t = type_internal(*this, e, def);
  if (is_generic(t)) {
    error_at(e, "WrongTypeArgCount",
             concat("cannot use generic type ", type_text(t), " without instantiation"));
    t = basic(BasicKind::Invalid);
  }
  record_as_type(e, t);
  return t;
}

Type* Checker::var_type(Expr* e) {
  Type* t = typ(e);
  valid_var_type(e, t);
  return t;
}

// Interfaces with type constraints are no types of variables. That is checked when all types are complete.
void Checker::valid_var_type(Expr* e, Type* t) {
  // Most types can be told from interfaces at once.
  bool may_be_interface = t->kind == TypeKind::Interface || t->kind == TypeKind::Named || t->kind == TypeKind::Alias;
  if (!may_be_interface || t == kUniverseAny || t == kUniverseError) return;
  if (t->kind == TypeKind::Named) {
    Type* known = static_cast<Named*>(t)->underlying_type;
    if (known != nullptr && known->kind != TypeKind::Interface) return;
  }
  later([this, t, e] {
    Interface* i = is_type_param(t) ? nullptr : under_as<Interface>(t);
    if (i == nullptr) return;
    TypeSet* set = type_set(i);
    if (set->is_method_set()) return;
    soft_error(start_pos(e), "MisplacedConstraintIface",
               concat("cannot use type ", type_text(t), " outside a type constraint: interface ",
                      set->comparable ? "is (or embeds) comparable" : "contains type constraints"));
  });
}

Type* Checker::generic_type(Expr* e, std::string* cause) {
  Type* t = type_internal(*this, e, nullptr);
  if (is_valid(t) && !is_generic(t)) {
    if (cause != nullptr) *cause = concat(type_text(t), " is not a generic type");
    t = basic(BasicKind::Invalid);
  }
  record_as_type(e, t);
  return t;
}

namespace {

std::string bracketed(std::span<Expr* const> list) {
  std::string out = "[";
  for (size_t i = 0; i < list.size(); i++) {
    if (i > 0) out += ", ";
    append_expr(out, list[i]);
  }
  return out + "]";
}

std::string_view generic_name(Type* t) {
  const TypeName* o = t->kind == TypeKind::Alias ? static_cast<Alias*>(t)->object : static_cast<Named*>(t)->object;
  return o->name.text();
}

std::span<TypeParam*> params_of(Type* generic) {
  return generic->kind == TypeKind::Alias ? static_cast<Alias*>(generic)->type_params
                                          : static_cast<Named*>(generic)->type_params;
}

}  // namespace

Type* Checker::instantiated_type(Expr* x, std::span<Expr* const> args, Named*) {
  std::string cause;
  Type* generic = generic_type(x, &cause);
  if (!cause.empty()) {
    error_at(x, "NotAGenericType",
             concat("invalid operation: ", expr_string(x), bracketed(args), " (", cause, ")"));
  }
  if (!is_valid(generic)) return generic;
  std::vector<Type*> list;
  bool all_valid = true;
  for (Expr* a : args) {
    list.push_back(var_type(a));
    if (!is_valid(list.back())) all_valid = false;
  }
  if (!all_valid) return basic(BasicKind::Invalid);
  Type* instance = instantiate(x->pos, generic, list);
  if (instance->kind != TypeKind::Named && instance->kind != TypeKind::Alias) return basic(BasicKind::Invalid);
  // The parameters of the generic type may not be complete yet.
  later([this, x, args, generic, list] {
    auto params = params_of(generic);
    if (!validate_type_arg_count(x->pos, generic_name(generic), params.size(), list.size(), nullptr)) return;
    std::string why;
    int bad = verify_instance(x->pos, params, list, &why);
    if (bad < 0) {
      note_instance(x->pos, params, list, args);
      return;
    }
    Pos at = static_cast<size_t>(bad) < args.size() ? start_pos(args[static_cast<size_t>(bad)]) : x->pos;
    soft_error(at, "InvalidTypeArg", std::move(why));
  });
  return instance;
}

// spec: Array types: the length is a non-negative constant representable by an int.
int64_t Checker::array_length(Expr* e) {
  if (auto* name = as<Name>(e)) {
    // It may be a type parameter without constraint: type T[P] ...
    Object* o = env.scope->lookup_parent(name->name, {}, nullptr);
    if (o == nullptr) {
      error_at(name, "InvalidArrayLen",
               concat("undefined array length ", name->name.text(), " or missing type constraint"));
      return -1;
    }
    if (o->kind != ObjectKind::Const) {
      error_at(name, "InvalidArrayLen", concat("invalid array length ", name->name.text()));
      return -1;
    }
  }
  Operand x;
  expr(nullptr, x, e);
  if (x.mode != Mode::Constant) {
    if (x.mode != Mode::Invalid) {
      error_at(x, "InvalidArrayLen", concat("array length ", operand_text(x), " must be constant"));
    }
    return -1;
  }
  if (is_untyped(x.type) || is_integer(x.type)) {
    Const value = to_int(x.value);
    int64_t n = 0;
    if (constant_kind(value) == ConstantKind::Int && types::representable(value, BasicKind::Int, nullptr) &&
        int64_value(value, &n) && n >= 0) {
      return n;
    }
  }
  error_at(x, "InvalidArrayLen",
           is_integer(x.type) ? concat("invalid array length ", operand_text(x))
                              : concat("array length ", operand_text(x), " must be integer"));
  return -1;
}

}  // namespace gale::types
