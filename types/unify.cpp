// Type unification (spec: Type unification).
#include "types/unify.h"

namespace gale::types {
namespace {

bool is_type_literal(Type* t) {
  t = unalias(t);
  return t->kind != TypeKind::Named && t->kind != TypeKind::TypeParam;
}

// t's interface, if it is no type parameter.
Interface* as_interface(Type* t) { return is_type_param(t) ? nullptr : under_as<Interface>(t); }

}  // namespace

Unifier::Unifier(Checker& c, std::span<TypeParam* const> params, std::span<Type* const> args, bool interface_inference)
    : checker_(c), params_(params), slot_(params.size()), slots_(params.size()), interface_inference_(interface_inference) {
  for (size_t i = 0; i < params.size(); i++) {
    slot_[i] = static_cast<int>(i);
    if (i < args.size()) slots_[i] = args[i];
  }
}

int Unifier::index_of(TypeParam* p) const {
  // A parameter knows its place in its own list, which is the usual one.
  if (p->index < params_.size() && params_[p->index] == p) return static_cast<int>(p->index);
  for (size_t i = 0; i < params_.size(); i++) {
    if (params_[i] == p) return static_cast<int>(i);
  }
  return -1;
}

int Unifier::slot_of(TypeParam* p) const { return slot_[static_cast<size_t>(index_of(p))]; }

TypeParam* Unifier::bound_param(Type* t) const {
  TypeParam* p = as<TypeParam>(t);
  return p != nullptr && index_of(p) >= 0 ? p : nullptr;
}

int Unifier::unknowns() const {
  int n = 0;
  for (int s : slot_) n += slots_[static_cast<size_t>(s)] == nullptr;
  return n;
}

std::vector<Type*> Unifier::inferred() const {
  std::vector<Type*> out;
  for (int s : slot_) out.push_back(slots_[static_cast<size_t>(s)]);
  return out;
}

// Makes two parameters one. False: both have types already.
bool Unifier::join(TypeParam* x, TypeParam* y) {
  int sx = slot_of(x), sy = slot_of(y);
  if (sx == sy) return true;
  if (slots_[sx] != nullptr && slots_[sy] != nullptr) return false;
  int keep = slots_[sx] != nullptr ? sx : sy, drop = keep == sx ? sy : sx;
  for (int& s : slot_) {
    if (s == drop) s = keep;
  }
  return true;
}

// px has type x already, and x matches y: which of the two is kept. The more specific one: a defined type, a restricted
// channel.
void Unifier::prefer(TypeParam* px, Type* x, Type* y) {
  if (as<Named>(x) != nullptr) return;
  if (as<Named>(y) != nullptr) {
    set(px, y);
    return;
  }
  Chan* c = under_as<Chan>(y);
  if (c != nullptr && c->dir != ChanDir::Both) set(px, y);
}

bool Unifier::match_param(TypeParam* px, Type* y, unsigned mode, const InterfacePair* p) {
  Type* x = at(px);
  if (x == nullptr) {
    set(px, y);
    return true;
  }
  if (!match(x, y, mode, p)) return false;
  // Inexact unification may have matched an interface with something else; the inferred type must be one for all.
  Interface *xi = as_interface(x), *yi = as_interface(y);
  if (xi != nullptr && yi != nullptr) {
    if (as<Named>(x) != nullptr && as<Named>(y) != nullptr) return identical(x, y);
    if (type_set_of(xi)->methods.size() != type_set_of(yi)->methods.size()) return false;
  } else if (xi != nullptr || yi != nullptr) {
    return false;
  }
  if (!(mode & kExact)) prefer(px, x, y);
  return true;
}

// At least one is an interface, and the mode is inexact: methods that both have must match. *done: decided.
bool Unifier::match_with_interface(Interface* xi, Interface* yi, Type* x, Type* y, const InterfacePair* p, bool* done) {
  *done = true;
  if (xi != nullptr && yi != nullptr) {
    TypeSet *a = type_set_of(xi), *b = type_set_of(yi);
    if (a->comparable != b->comparable || !equal(a->terms, b->terms)) return false;
    InterfacePair pair{xi, yi, p};
    if (pair.in(p)) return true;
    if (a->methods.size() > b->methods.size()) std::swap(a, b);
    for (Func* m : a->methods) {
      Func* other = find_in(b->methods, m->package, m->name, false, nullptr);
      if (other == nullptr || !match(m->type, other->type, kExact, &pair)) return false;
    }
    return true;
  }
  if (yi != nullptr) {
    xi = yi;
    y = x;
  }
  if (xi == nullptr) {
    *done = false;
    return false;
  }
  for (Func* m : type_set_of(xi)->methods) {
    LookupResult r = lookup_field_or_method(y, false, m->package, m->name, false);
    if (r.object == nullptr || r.object->kind != ObjectKind::Func) return false;
    checker_.object_decl(r.object);
    if (!match(m->type, r.object->type, kExact, p)) return false;
  }
  return true;
}

bool Unifier::match(Type* x, Type* y, unsigned mode, const InterfacePair* p) {
  if (x == nullptr || y == nullptr) return x == y;
  if (x == y || unalias(x) == unalias(y)) return true;
  if (depth_ >= kDepthLimit) return false;
  struct Nesting {
    int& depth;
    explicit Nesting(int& d) : depth(d) { depth++; }
    ~Nesting() { depth--; }
  } nesting(depth_);

  // Below, if exactly one is a defined type it is y; if exactly one is a parameter to be inferred it is x.
  if (as<Named>(x) != nullptr || bound_param(y) != nullptr) std::swap(x, y);
  // A defined type matches a type literal by its underlying type, unless exactly the same is wanted.
  if (!(mode & kExact) && as<Named>(y) != nullptr && is_type_literal(x) && !(interface_inference_ && is_interface(x))) {
    y = underlying(y);
    if (x == y || unalias(x) == unalias(y)) return true;
  }
  TypeParam *px = bound_param(x), *py = bound_param(y);
  if (px != nullptr && py != nullptr) return join(px, py) || match(at(px), at(py), mode, p);
  if (px != nullptr) return match_param(px, y, mode, p);

  if (interface_inference_ && !(mode & kExact)) {
    bool done = false;
    bool matched = match_with_interface(as_interface(x), as_interface(y), x, y, p, &done);
    if (done) return matched;
  }
  if (is_type_param(y)) std::swap(x, y);
  return match_structure(x, y, mode, p);
}

bool Unifier::match_structs(Struct* x, Struct* y, unsigned mode, const InterfacePair* p) {
  if (x->fields.size() != y->fields.size()) return false;
  for (size_t i = 0; i < x->fields.size(); i++) {
    Var *f = x->fields[i], *g = y->fields[i];
    Symbol tx = x->tags.empty() ? Symbol() : x->tags[i], ty = y->tags.empty() ? Symbol() : y->tags[i];
    if (f->embedded != g->embedded || tx != ty || !same_id(f, g) || !match(f->type, g->type, mode, p)) return false;
  }
  return true;
}

bool Unifier::match_tuples(Tuple* x, Tuple* y, unsigned mode, const InterfacePair* p) {
  size_t nx = x == nullptr ? 0 : x->vars.size(), ny = y == nullptr ? 0 : y->vars.size();
  if (nx != ny) return false;
  for (size_t i = 0; i < nx; i++) {
    if (!match(x->vars[i]->type, y->vars[i]->type, mode, p)) return false;
  }
  return true;
}

bool Unifier::match_interfaces(Interface* x, Interface* y, const InterfacePair* p) {
  TypeSet *a = type_set_of(x), *b = type_set_of(y);
  if (a->comparable != b->comparable || a->methods.size() != b->methods.size()) return false;
  if (!equal(a->terms, b->terms)) return false;
  InterfacePair pair{x, y, p};
  if (pair.in(p)) return true;
  for (size_t i = 0; i < a->methods.size(); i++) {
    if (!same_id(a->methods[i], b->methods[i])) return false;
    if (!match(a->methods[i]->type, b->methods[i]->type, kExact, &pair)) return false;
  }
  return true;
}

bool Unifier::match_named(Named* x, Named* y, unsigned mode, const InterfacePair* p) {
  if (x->type_args.size() != y->type_args.size()) return false;
  for (size_t i = 0; i < x->type_args.size(); i++) {
    if (!match(x->type_args[i], y->type_args[i], mode, p)) return false;
  }
  return identical_origin(x, y);
}

// Neither is a parameter to be inferred.
bool Unifier::match_structure(Type* x, Type* y, unsigned mode, const InterfacePair* p) {
  unsigned inner = mode & kAssign ? mode | kExact : mode;  // element types must be the same for assignability
  x = unalias(x);
  Type* written = y;
  y = unalias(y);
  if (x->kind == TypeKind::TypeParam) {
    // Of the enclosing function: it stands for its constraint's common underlying type.
    Type* core = core_type(x);
    return core != nullptr && match(core, written, kAssign, p);
  }
  if (x->kind != y->kind) return false;
  switch (x->kind) {
    case TypeKind::Basic: return static_cast<Basic*>(x)->basic == static_cast<Basic*>(y)->basic;
    case TypeKind::Array: {
      Array *a = static_cast<Array*>(x), *b = static_cast<Array*>(y);
      return (a->length < 0 || b->length < 0 || a->length == b->length) && match(a->elem, b->elem, inner, p);
    }
    case TypeKind::Slice: return match(static_cast<Slice*>(x)->elem, static_cast<Slice*>(y)->elem, inner, p);
    case TypeKind::Pointer: return match(static_cast<Pointer*>(x)->elem, static_cast<Pointer*>(y)->elem, inner, p);
    case TypeKind::Struct: return match_structs(static_cast<Struct*>(x), static_cast<Struct*>(y), inner, p);
    case TypeKind::Tuple: return match_tuples(static_cast<Tuple*>(x), static_cast<Tuple*>(y), mode, p);
    case TypeKind::Signature: {
      Signature *a = static_cast<Signature*>(x), *b = static_cast<Signature*>(y);
      return a->variadic == b->variadic && match_tuples(a->params, b->params, inner, p) &&
             match_tuples(a->results, b->results, inner, p);
    }
    case TypeKind::Interface: return match_interfaces(static_cast<Interface*>(x), static_cast<Interface*>(y), p);
    case TypeKind::Map: {
      Map *a = static_cast<Map*>(x), *b = static_cast<Map*>(y);
      return match(a->key, b->key, inner, p) && match(a->elem, b->elem, inner, p);
    }
    case TypeKind::Chan: {
      Chan *a = static_cast<Chan*>(x), *b = static_cast<Chan*>(y);
      return (!(mode & kExact) || a->dir == b->dir) && match(a->elem, b->elem, inner, p);
    }
    case TypeKind::Named: return match_named(static_cast<Named*>(x), static_cast<Named*>(y), mode, p);
    case TypeKind::Union: case TypeKind::TypeParam: case TypeKind::Alias: return false;
  }
  return false;
}

}  // namespace gale::types
