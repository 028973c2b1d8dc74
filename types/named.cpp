// Defined types (spec: Type definitions): the underlying type of declared and of instantiated ones, and the methods of
// instances, all found on demand.
//
// A declaration sets from_rhs; the underlying type is that of the right-hand side, however many names stand between. An
// instance gets its from_rhs by substitution in its origin's when somebody first asks.
#include "base/check.h"
#include "types/generics.h"
#include "types/private.h"

namespace gale::types {

Checker* g_checker = nullptr;

Arena& type_arena() {
  CHECK(g_checker != nullptr, "a checker that types belong to");
  return g_checker->arena;
}

namespace {

// Bits of Named::state.
constexpr uint8_t kUnpacked = 1;   // an instance's from_rhs is set
constexpr uint8_t kResolving = 2;  // on the path of resolve()

// The right-hand side of an instance, by substitution.
Type* expand_rhs(Named* n) {
  Named* origin = n->origin;
  if (n->type_args.size() != origin->type_params.size()) return basic(BasicKind::Invalid);  // reported elsewhere
  Type* rhs = substitute(Substitution{origin->type_params, n->type_args}, origin->from_rhs, n->pos);
  if (rhs->kind != TypeKind::Interface) return rhs;
  // Methods of an interface declaration have the declared type as receiver: here the instance.
  Interface* t = static_cast<Interface*>(rhs);
  bool copied = false;
  std::span<Func*> methods = replace_receiver_type(t->methods, origin, n, &copied);
  if (!copied) return rhs;
  Interface* own = t;
  if (t == origin->from_rhs) {
    own = type_arena().make<Interface>(*t);
    own->canonical = false;
    own->representative = nullptr;
    own->id = own->middle = 0;
  }
  own->methods = methods;
  own->type_set = nullptr;
  return own;
}

// Follows right-hand sides to the first type that is no name; all names on the way get it as their underlying type.
Type* resolve(Named* n) {
  absl::InlinedVector<Named*, 8> path;
  Type* t = n;
  Type* found = nullptr;
  bool final = true;
  while (found == nullptr) {
    t = unalias(t);
    if (t == nullptr) {  // still being declared
      found = basic(BasicKind::Invalid);
      final = false;
    } else if (t->kind != TypeKind::Named) {
      found = t;
    } else {
      Named* m = static_cast<Named*>(t);
      if (m->underlying_type != nullptr) {
        found = m->underlying_type;
      } else if (m->state & kResolving) {  // type T T, reported elsewhere
        found = basic(BasicKind::Invalid);
      } else {
        m->state |= kResolving;
        path.push_back(m);
        unpack(m);
        t = m->from_rhs;
      }
    }
  }
  for (Named* m : path) {
    m->state &= ~kResolving;
    if (final) m->underlying_type = found;
  }
  return found;
}

// The i-th method of an instance: its origin's with the receiver's type parameters replaced.
Func* instantiate_method(Named* n, size_t i) {
  Func* declared = n->origin->methods[i];
  g_checker->object_decl(declared);
  Signature* sig = declared->signature();
  Type* base = sig->receiver == nullptr ? nullptr : deref(sig->receiver->type, nullptr);
  // T[P] inside the declaration of a method with receiver T[P] is the type of which the method is declared.
  if (base == n) return declared;
  Signature* out = sig;
  if (sig->receiver_type_params.size() == n->type_args.size()) {
    out = static_cast<Signature*>(substitute(Substitution{sig->receiver_type_params, n->type_args}, sig, declared->pos));
  }
  if (out == sig) out = type_arena().make<Signature>(*sig);
  Type* receiver = n;
  if (declared->has_ptr_receiver) {
    Pointer* p = type_arena().make<Pointer>();
    p->kind = TypeKind::Pointer;
    p->elem = n;
    receiver = p;
  }
  if (sig->receiver != nullptr) out->receiver = clone_var(sig->receiver, receiver);
  Func* f = clone_func(declared, out);
  f->receiver_named = n;
  return f;
}

}  // namespace

void unpack(Named* n) {
  if (n->origin == nullptr) n->origin = n;
  if (n->origin == n || (n->state & kUnpacked)) return;
  if (n->origin->from_rhs == nullptr) return;  // still being declared
  n->state |= kUnpacked;
  n->from_rhs = expand_rhs(n);
}

Type* underlying(Type* t) {
  t = unalias(t);
  if (t == nullptr) return basic(BasicKind::Invalid);
  if (t->kind == TypeKind::Named) {
    Named* n = static_cast<Named*>(t);
    return n->underlying_type != nullptr ? n->underlying_type : resolve(n);
  }
  return t->kind == TypeKind::TypeParam ? constraint_interface(static_cast<TypeParam*>(t)) : t;
}

void Checker::expand_underlying(Named* n) { underlying(n); }

Func* Checker::method(Named* n, size_t i) {
  if (n->origin == nullptr || n->origin == n) return n->methods[i];
  if (n->methods.size() != n->origin->methods.size()) n->methods = arena.make_array<Func*>(n->origin->methods.size());
  if (n->methods[i] == nullptr) {
    Func* f = instantiate_method(n, i);
    n->methods[i] = f;
  }
  return n->methods[i];
}

Func* find_in(std::span<Func* const> methods, const Package* package, Symbol name, bool fold_case, uint32_t* index) {
  if (name.text() == "_") return nullptr;
  for (size_t i = 0; i < methods.size(); i++) {
    if (!same_id(methods[i], package, name, fold_case)) continue;
    if (index != nullptr) *index = static_cast<uint32_t>(i);
    return methods[i];
  }
  return nullptr;
}

Func* Checker::find_method(Named* n, const Package* package, Symbol name, bool fold_case, uint32_t* index) {
  Named* origin = n->origin != nullptr ? n->origin : n;
  uint32_t i = 0;
  if (find_in(origin->methods, package, name, fold_case, &i) == nullptr) return nullptr;
  if (index != nullptr) *index = i;
  return method(n, i);
}

}  // namespace gale::types
