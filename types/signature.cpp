// Function types and the receivers of methods (spec: Function types, Method declarations).

#include "types/concat.h"
#include "types/private.h"

namespace gale::types {

using namespace syntax;  // NOLINT: this file is about syntax

namespace {

Type* without_pointers(Type* t) {
  while (t != nullptr && t->kind == TypeKind::Pointer) t = static_cast<Pointer*>(t)->elem;
  return t;
}

bool has_type_params(Type* t) {
  switch (t->kind) {
    case TypeKind::Named: return !static_cast<Named*>(t)->origin->type_params.empty();
    case TypeKind::Alias: return !static_cast<Alias*>(t)->origin->type_params.empty();
    default: return false;
  }
}

void record_receiver_types(Expr* e, Type* t) {
  for (;;) {
    e->mode = Mode::TypeExpr;
    e->type = t;
    if (auto* paren = as<ParenExpr>(e)) {
      e = paren->x;
      continue;
    }
    auto* star = as<Operation>(e);
    if (star == nullptr || star->op != Op::Mul || star->y != nullptr || t->kind != TypeKind::Pointer) return;
    e = star->x;
    t = static_cast<Pointer*>(t)->elem;
  }
}

class ReceiverOf {
 public:
  ReceiverOf(Checker& c, Field* field) : c_(c), field_(field) {}
  // Declares the receiver's type parameters (not the receiver) in the current scope.
  Var* collect(Pos scope_pos, std::span<TypeParam*>* params);

 private:
  Type* plain_type();
  Type* generic_base_type(Pos scope_pos, std::span<TypeParam*>* params);
  Named* base_type();
  void set_bounds(Named* base, std::span<TypeParam* const> params);
  void check_later(Var* receiver);

  Checker& c_;
  Field* field_;
  ReceiverSyntax syntax_;
};

// A receiver type without type parameters. It must not be an alias of an instantiated type.
Type* ReceiverOf::plain_type() {
  Type* t = c_.var_type(field_->type_expr);
  Type* at = without_pointers(t);
  while (at != nullptr && at->kind == TypeKind::Alias) {
    Type* base = without_pointers(static_cast<Alias*>(at)->from_rhs);
    if (base == nullptr) break;
    if (has_type_params(base)) {
      c_.error_at(syntax_.base, "InvalidRecv",
                  concat("cannot define new methods on instantiated type ", c_.type_text(base)));
      return basic(BasicKind::Invalid);
    }
    at = base;
  }
  return t;
}

// The generic type that the receiver's name denotes; null after an error.
Named* ReceiverOf::base_type() {
  std::string cause;
  Type* t = c_.generic_type(syntax_.base, &cause);
  if (!is_valid(t)) {
    if (!cause.empty()) c_.error_at(syntax_.base, "InvalidRecv", cause);
    return nullptr;
  }
  if (t->kind == TypeKind::Named) return static_cast<Named*>(t);
  c_.error_at(syntax_.base, "InvalidRecv",
              concat("cannot define new methods on generic alias type ", c_.type_text(t)));
  return nullptr;
}

// The receiver's type parameters have the constraints of the declared ones, in terms of the receiver's own.
void ReceiverOf::set_bounds(Named* base, std::span<TypeParam* const> params) {
  auto declared = base->type_params;
  if (params.size() != declared.size()) {
    c_.error_at(syntax_.base, "BadRecv",
                concat("receiver declares ", params.size(), " type parameter", params.size() == 1 ? "" : "s",
                             ", but receiver base type declares ", declared.size()));
    return;
  }
  std::vector<Type*> to(params.begin(), params.end());
  for (size_t i = 0; i < params.size(); i++) {
    c_.note_receiver_param(params[i], declared[i]);
    params[i]->bound = c_.substitute(params[i]->object->pos, declared[i]->bound, declared, to);
  }
}

Type* ReceiverOf::generic_base_type(Pos scope_pos, std::span<TypeParam*>* params) {
  // The base is resolved before the parameters are declared, which may have the same name: func (r T[T]) f() {}.
  Named* base = base_type();
  std::vector<TypeParam*> list;
  for (Name* name : syntax_.params) {
    TypeParam* p = c_.declare_type_param(name, scope_pos);
    name->object = p->object;
    name->mode = Mode::TypeExpr;
    name->type = p;
    list.push_back(p);
  }
  *params = bind_type_params(c_.arena, list);
  if (base == nullptr) return basic(BasicKind::Invalid);
  set_bounds(base, list);
  c_.verify_version(syntax_.base, "go1.18", "type instantiation");
  std::vector<Type*> args(list.begin(), list.end());
  Type* t = c_.instantiate(field_->type_expr->pos, base, args);
  if (syntax_.pointer && is_valid(t)) t = new_pointer(c_.arena, t);
  record_receiver_types(field_->type_expr, t);
  return t;
}

Var* ReceiverOf::collect(Pos scope_pos, std::span<TypeParam*>* params) {
  syntax_ = unpack_receiver(c_, field_->type_expr, true);
  Type* t = syntax_.has_params ? generic_base_type(scope_pos, params) : plain_type();
  Pos pos = field_->name != nullptr ? field_->name->pos : field_->pos;
  Symbol name = field_->name != nullptr ? field_->name->name : Symbol();
  Var* v = new_var(c_.arena, VarRole::Receiver, pos, c_.env.package, name, t);
  v->color = kBlack;
  check_later(v);
  return v;
}

// spec: The receiver base type is a defined type of the same package, and neither a pointer nor an interface.
void check_receiver(Checker& c, Expr* at, const Var* receiver, const Package* package) {
  bool is_pointer;
  Type* t = deref(receiver->type, &is_pointer);
  Type* actual = unalias(t);
  if (!is_valid(actual)) return;
  if (actual->kind == TypeKind::Basic) {
    c.error_at(at, "InvalidRecv", concat("cannot define new methods on non-local type ", c.type_text(t)));
    return;
  }
  if (actual->kind != TypeKind::Named) {
    c.error_at(at, "InvalidRecv", concat("invalid receiver type ", c.type_text(receiver->type)));
    return;
  }
  if (static_cast<Named*>(actual)->object->package != package) {
    c.error_at(at, "InvalidRecv", concat("cannot define new methods on non-local type ", c.type_text(t)));
    return;
  }
  Type* u = underlying(actual);
  std::string_view cause;
  if (is_unsafe_pointer(u)) {
    cause = "unsafe.Pointer";
  } else if (u->kind == TypeKind::Pointer || u->kind == TypeKind::Interface) {
    cause = "pointer or interface type";
  }
  if (!cause.empty()) {
    c.error_at(at, "InvalidRecv", concat("invalid receiver type ", c.type_text(t), " (", cause, ")"));
  }
}

void ReceiverOf::check_later(Var* receiver) {
  // At once, the types that the receiver's type depends on might be expanded too early (go.dev/issue/51232).
  c_.later([&c = c_, base = syntax_.base, receiver, package = c_.env.package] {
    check_receiver(c, base, receiver, package);
  });
}

// Parameters or results of a function type; not declared yet.
std::vector<Var*> collect_params(Checker& c, VarRole role, std::span<Field* const> list, bool* variadic) {
  std::vector<Var*> params;
  params.reserve(list.size());
  Type* type = nullptr;
  Expr* previous = nullptr;
  bool named = false, anonymous = false;
  for (size_t i = 0; i < list.size(); i++) {
    Field* f = list[i];
    if (f->type_expr != previous) {
      previous = f->type_expr;
      Expr* e = f->type_expr;
      if (auto* dots = as<DotsType>(e)) {
        e = dots->elem;
        if (role == VarRole::Param && i + 1 == list.size()) {
          *variadic = true;
        } else {
          c.error_at(dots, "InvalidSyntaxTree", "invalid syntax tree: invalid use of ...");
        }
      }
      type = c.var_type(e);
    }
    (f->name != nullptr ? named : anonymous) = true;
    Var* v = new_var(c.arena, role, f->name != nullptr ? f->name->pos : f->pos, c.env.package,
                     f->name != nullptr ? f->name->name : Symbol(), type);
    v->color = kBlack;
    params.push_back(v);
  }
  if (named && anonymous) {
    c.error_at(list[0], "InvalidSyntaxTree", "invalid syntax tree: list contains both named and anonymous parameters");
  }
  if (*variadic) {
    params.back()->type = new_slice(c.arena, params.back()->type);
    list.back()->type_expr->mode = Mode::TypeExpr;
    list.back()->type_expr->type = params.back()->type;
  }
  return params;
}

void declare_params(Checker& c, std::span<Field* const> fields, std::span<Var* const> params, Pos scope_pos) {
  for (size_t i = 0; i < fields.size(); i++) {
    if (fields[i]->name != nullptr) c.declare(c.env.scope, fields[i]->name, params[i], scope_pos);
  }
}

}  // namespace

void Checker::func_type(Signature* sig, Field* receiver, std::span<Field* const> type_params, FuncType* e) {
  open_scope(e, "function");
  env.scope->is_func = true;
  sig->scope = env.scope;
  Var* receiver_var = nullptr;
  std::span<TypeParam*> receiver_params;
  if (receiver != nullptr) receiver_var = ReceiverOf(*this, receiver).collect(e->pos, &receiver_params);
  if (!type_params.empty()) collect_type_params(&sig->type_params, type_params);
  bool variadic = false, ignored = false;
  std::vector<Var*> params = collect_params(*this, VarRole::Param, e->params, &variadic);
  std::vector<Var*> results = collect_params(*this, VarRole::Result, e->results, &ignored);
  // The scope of parameters is the body.
  if (receiver_var != nullptr && receiver->name != nullptr) declare(env.scope, receiver->name, receiver_var, e->pos);
  declare_params(*this, e->params, params, e->pos);
  declare_params(*this, e->results, results, e->pos);
  sig->receiver = receiver_var;
  sig->receiver_type_params = receiver_params;
  sig->params = new_tuple(arena, params);
  sig->results = new_tuple(arena, results);
  sig->variadic = variadic;
  close_scope();
}

}  // namespace gale::types
