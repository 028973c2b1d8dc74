// State of a Checker that its .cpp files share and nobody outside types/ needs (types2's Checker fields, in our words).
//
// Owners: A1 (declarations), A2 (generics), B (expressions, statements). Every field says who writes it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "base/check.h"
#include "types/checker.h"
#include "types/infinst.h"
#include "types/predicates.h"
#include "types/universe.h"

namespace gale::types {

// Work postponed until the current declaration is complete. It runs under the environment's package and version of the
// moment when it was pushed.
struct DelayedAction {
  Package* package;
  std::string_view go_version;
  std::function<void()> run;
};

struct Checker::Private {
  // ---- check.cpp (B): the stack of postponed work; processed first in, first out from a given height
  std::vector<DelayedAction> delayed;

  // ---- resolver.cpp, decl.cpp (A1)
  // Declared methods of a type name that are not yet attached to its Named (see collect_methods), in source order.
  absl::flat_hash_map<const TypeName*, std::vector<Func*>> methods;
  // Imports of the packages that are being checked, in source order; for unused_imports.
  absl::flat_hash_map<const Package*, std::vector<PkgName*>> imports;
  // (file scope, name) of a dot-imported object -> the import that brought it.
  absl::flat_hash_map<std::pair<const Scope*, Symbol>, PkgName*> dot_imports;
  // The package that check_package works on: func_decl postpones the bodies of its functions. Others' are checked on demand.
  const Package* whole_package = nullptr;
  // Type literals of whole_package that compiler_rules looks at again.
  std::vector<std::pair<Interface*, syntax::InterfaceType*>> interface_literals;
  std::vector<std::pair<Type*, Pos>> sized_literals;  // channels and large arrays
  std::deque<Scope> scopes;         // all scopes: they live as long as the checker
  uint32_t next_type_param_id = 0;  // unique ids of type parameters; the first is 1

  // ---- instantiate.cpp, named.cpp (A2)
  // Instances by identity_hash of (origin, arguments): equal arguments give the same instance (types2: Context).
  absl::flat_hash_map<uint64_t, std::vector<Type*>> instances;
  absl::flat_hash_map<const Package*, std::unique_ptr<InstanceGraph>> instance_graphs;  // infinst.cpp (A2)
  absl::flat_hash_set<const Named*> valid_types;  // declared types known to be of finite size (validtype.cpp, A2)

  // ---- finite_size.cpp (B)
  std::vector<Named*> finite_path;  // instances whose size is being asked for

  // ---- errors.cpp (B)
  bool reported_error = false;  // any hard error so far (types2: firstErr)
};

// ---- making types and objects (arena: checker.arena) ----

template <class T>
T* new_type(Arena& arena) {
  T* t = arena.make<T>();
  t->kind = type_kind_of<T>();
  return t;
}
template <>
inline Alias* new_type<Alias>(Arena& arena) {
  Alias* t = arena.make<Alias>();
  t->kind = TypeKind::Alias;
  return t;
}
inline Pointer* new_pointer(Arena& arena, Type* elem) {
  Pointer* t = new_type<Pointer>(arena);
  t->elem = elem;
  return t;
}
inline Slice* new_slice(Arena& arena, Type* elem) {
  Slice* t = new_type<Slice>(arena);
  t->elem = elem;
  return t;
}
extern Tuple* const kEmptyTuple;  // universe.cpp
inline Tuple* new_tuple(Arena& arena, std::span<Var* const> vars) {
  if (vars.empty()) return kEmptyTuple;
  Tuple* t = new_type<Tuple>(arena);
  t->vars = arena.copy(vars);
  return t;
}
inline Signature* new_signature(Arena& arena) {
  Signature* t = new_type<Signature>(arena);
  t->params = t->results = kEmptyTuple;
  return t;
}

template <class T>
T* new_object(Arena& arena, ObjectKind kind, Pos pos, Package* package, Symbol name, Type* type) {
  T* o = arena.make<T>();
  o->kind = kind;
  o->pos = pos;
  o->package = package;
  o->name = name;
  o->type = type;
  return o;
}
inline Var* new_var(Arena& arena, VarRole role, Pos pos, Package* package, Symbol name, Type* type) {
  Var* v = new_object<Var>(arena, ObjectKind::Var, pos, package, name, type);
  v->role = role;
  return v;
}
inline TypeName* new_type_name(Arena& arena, Pos pos, Package* package, Symbol name, Type* type) {
  return new_object<TypeName>(arena, ObjectKind::TypeName, pos, package, name, type);
}
inline Func* new_func(Arena& arena, Pos pos, Package* package, Symbol name, Signature* sig) {
  return new_object<Func>(arena, ObjectKind::Func, pos, package, name, sig);
}
// The declared type or alias of `name`; becomes its type if it has none (origin: itself).
inline Named* new_named(Arena& arena, TypeName* name) {
  Named* t = new_type<Named>(arena);
  t->object = name;
  t->origin = t;
  t->pos = name->pos;
  if (name->type == nullptr) name->type = t;
  return t;
}
inline Alias* new_alias(Arena& arena, TypeName* name, Type* rhs) {
  Alias* t = new_type<Alias>(arena);
  t->object = name;
  t->origin = t;
  t->from_rhs = rhs;
  if (name->type == nullptr) name->type = t;
  return t;
}
// A fresh type parameter; its index is set when it is bound to a list.
inline TypeParam* new_type_param(Checker& c, TypeName* name, Type* bound) {
  TypeParam* t = new_type<TypeParam>(c.arena);
  t->unique_id = ++c.p_->next_type_param_id;
  t->object = name;
  t->bound = bound;
  if (name->type == nullptr) name->type = t;
  return t;
}
inline std::span<TypeParam*> bind_type_params(Arena& arena, std::span<TypeParam* const> list) {
  auto bound = arena.copy(list);
  for (size_t i = 0; i < bound.size(); i++) bound[i]->index = static_cast<uint32_t>(i);
  return bound;
}

// The fields of an object as its kind, or null.
template <class T>
T* object_as(Object* o, ObjectKind kind) {
  return o != nullptr && o->kind == kind ? static_cast<T*>(o) : nullptr;
}
inline Var* as_var(Object* o) { return object_as<Var>(o, ObjectKind::Var); }
inline Func* as_func(Object* o) { return object_as<Func>(o, ObjectKind::Func); }
inline TypeName* as_type_name(Object* o) { return object_as<TypeName>(o, ObjectKind::TypeName); }
inline ConstObject* as_const(Object* o) { return object_as<ConstObject>(o, ObjectKind::Const); }
inline PkgName* as_pkg_name(Object* o) { return object_as<PkgName>(o, ObjectKind::PkgName); }

// Is this thread's stack almost used up? Recursion that follows the user's program asks, and gives up with an error.
bool stack_nearly_full();                             // decl.cpp (A1)
bool is_exported(std::string_view name);              // object.cpp (A1)
std::string object_string(const Object* o, const Package* relative_to);  // object.cpp (A1): as gc prints objects
// "p." as a message about package relative_to qualifies names of package p (typestring.cpp, A1); empty: not at all.
std::string package_prefix(const Package* p, const Package* relative_to);
std::string type_params_string(std::span<TypeParam* const> list, const Package* relative_to);  // "[P any, Q ~int]"
std::string signature_string(const Signature* sig, const Package* relative_to);  // without "func" (typestring.cpp, A1)
// A method for have/want lines: name and signature without parameter names (typestring.cpp).
std::string method_string(const Func* f, const Package* relative_to, bool mark_package);
std::string local_scope_name(const Func* f);          // typestring.cpp (A1): "f", "T.m" or "(*T).m"
// A receiver's type taken apart: `*T[A, B]` (resolver.cpp, A1). params only if asked for; base is no Name if wrong.
struct ReceiverSyntax {
  bool pointer = false;
  syntax::Expr* base = nullptr;
  bool has_params = false;
  std::vector<syntax::Name*> params;
};
ReceiverSyntax unpack_receiver(Checker& c, syntax::Expr* type, bool unpack_params);
bool is_alias_name(const TypeName* o);               // object.cpp (A1): declared by an alias declaration (byte, rune, any too)
std::string_view object_kind_text(const Object* o);  // object.cpp (A1): "defined type", "local variable", ... as in messages
// Elements of a list: those of a ListExpr, one expression, or none for null.
std::span<syntax::Expr* const> list_of(syntax::Expr* const& e);

inline std::span<syntax::Expr* const> list_of(syntax::Expr* const& e) {
  if (e == nullptr) return {};
  if (auto* l = syntax::as<syntax::ListExpr>(e)) return l->elems;
  return {&e, 1};
}

}  // namespace gale::types
