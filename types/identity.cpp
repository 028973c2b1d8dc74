// Type identity (spec: Type identity) and a hash that agrees with it.
#include "base/check.h"
#include "types/generics.h"

namespace gale::types {
namespace {

struct Comparison {
  bool ignore_tags = false;

  bool same(Type* x, Type* y, const InterfacePair* p) const;
  bool same_structs(Struct* x, Struct* y, const InterfacePair* p) const;
  bool same_tuples(Tuple* x, Tuple* y, const InterfacePair* p) const;
  bool same_signatures(Signature* x, Signature* y, const InterfacePair* p) const;
  bool same_interfaces(Interface* x, Interface* y, const InterfacePair* p) const;
};

bool Comparison::same_structs(Struct* x, Struct* y, const InterfacePair* p) const {
  if (x->fields.size() != y->fields.size()) return false;
  for (size_t i = 0; i < x->fields.size(); i++) {
    Var *f = x->fields[i], *g = y->fields[i];
    if (f->embedded != g->embedded || !same_id(f, g)) return false;
    if (!ignore_tags) {
      Symbol tx = x->tags.empty() ? Symbol() : x->tags[i], ty = y->tags.empty() ? Symbol() : y->tags[i];
      if (tx != ty) return false;
    }
    if (!same(f->type, g->type, p)) return false;
  }
  return true;
}

bool Comparison::same_tuples(Tuple* x, Tuple* y, const InterfacePair* p) const {
  size_t nx = x == nullptr ? 0 : x->vars.size(), ny = y == nullptr ? 0 : y->vars.size();
  if (nx != ny) return false;
  for (size_t i = 0; i < nx; i++) {
    if (!same(x->vars[i]->type, y->vars[i]->type, p)) return false;
  }
  return true;
}

// Generic signatures are identical if they are after renaming y's type parameters to x's.
bool Comparison::same_signatures(Signature* x, Signature* y, const InterfacePair* p) const {
  if (x->type_params.size() != y->type_params.size() || x->variadic != y->variadic) return false;
  Tuple *params = y->params, *results = y->results;
  if (!x->type_params.empty()) {
    std::vector<Type*> to(x->type_params.begin(), x->type_params.end());
    Substitution rename{y->type_params, to};
    for (size_t i = 0; i < to.size(); i++) {
      if (!same(x->type_params[i]->bound, substitute(rename, y->type_params[i]->bound), p)) return false;
    }
    params = static_cast<Tuple*>(substitute(rename, params));
    results = static_cast<Tuple*>(substitute(rename, results));
  }
  return same_tuples(x->params, params, p) && same_tuples(x->results, results, p);
}

bool Comparison::same_interfaces(Interface* x, Interface* y, const InterfacePair* p) const {
  TypeSet *a = type_set_of(x), *b = type_set_of(y);
  if (a->comparable != b->comparable || a->methods.size() != b->methods.size()) return false;
  if (!equal(a->terms, b->terms)) return false;
  InterfacePair pair{x, y, p};
  if (pair.in(p)) return true;  // assumed while it is being compared
  for (size_t i = 0; i < a->methods.size(); i++) {
    Func *f = a->methods[i], *g = b->methods[i];
    if (!same_id(f, g) || !same(f->type, g->type, &pair)) return false;
  }
  return true;
}

bool Comparison::same(Type* x, Type* y, const InterfacePair* p) const {
  if (x == y) return true;
  x = unalias(x);
  y = unalias(y);
  if (x == y) return true;
  if (x == nullptr || y == nullptr || x->kind != y->kind) return false;
  if (x->canonical && y->canonical && !ignore_tags) return false;
  switch (x->kind) {
    case TypeKind::Basic: return static_cast<Basic*>(x)->basic == static_cast<Basic*>(y)->basic;
    case TypeKind::Array: {
      Array *a = static_cast<Array*>(x), *b = static_cast<Array*>(y);
      return (a->length < 0 || b->length < 0 || a->length == b->length) && same(a->elem, b->elem, p);
    }
    case TypeKind::Slice: return same(static_cast<Slice*>(x)->elem, static_cast<Slice*>(y)->elem, p);
    case TypeKind::Struct: return same_structs(static_cast<Struct*>(x), static_cast<Struct*>(y), p);
    case TypeKind::Pointer: return same(static_cast<Pointer*>(x)->elem, static_cast<Pointer*>(y)->elem, p);
    case TypeKind::Tuple: return same_tuples(static_cast<Tuple*>(x), static_cast<Tuple*>(y), p);
    case TypeKind::Signature: return same_signatures(static_cast<Signature*>(x), static_cast<Signature*>(y), p);
    case TypeKind::Union: {
      auto terms = [](Type* t) {
        TermList list;
        for (const UnionTerm& term : static_cast<Union*>(t)->terms) {
          list = union_of(list, TermList{Term{term.tilde, term.type}});
        }
        return list;
      };
      return equal(terms(x), terms(y));
    }
    case TypeKind::Interface: return same_interfaces(static_cast<Interface*>(x), static_cast<Interface*>(y), p);
    case TypeKind::Map: {
      Map *a = static_cast<Map*>(x), *b = static_cast<Map*>(y);
      return same(a->key, b->key, p) && same(a->elem, b->elem, p);
    }
    case TypeKind::Chan: {
      Chan *a = static_cast<Chan*>(x), *b = static_cast<Chan*>(y);
      return a->dir == b->dir && same(a->elem, b->elem, p);
    }
    case TypeKind::Named: {
      Named *a = static_cast<Named*>(x), *b = static_cast<Named*>(y);
      return identical_origin(a, b) && identical_lists(a->type_args, b->type_args);
    }
    case TypeKind::TypeParam: case TypeKind::Alias: return false;
  }
  return false;
}

// ---- hashing ----

constexpr int kHashDepth = 12;  // below, types count by kind only

uint32_t mix(uint32_t h, uint32_t v) {
  uint64_t m = (static_cast<uint64_t>(h) ^ (static_cast<uint64_t>(v) << 32 | 0x9e3779b9u)) * 0x9e3779b97f4a7c15u;
  return static_cast<uint32_t>(m >> 32) ^ static_cast<uint32_t>(m);
}

uint32_t hash(Type* t, int depth);

uint32_t hash_tuple(Tuple* t, uint32_t h, int depth) {
  if (t == nullptr) return mix(h, 0);
  h = mix(h, static_cast<uint32_t>(t->vars.size()));
  for (Var* v : t->vars) h = mix(h, hash(v->type, depth));
  return h;
}

// Must not resolve anything: it is asked for types whose declarations are not complete. So interfaces, whose identity is
// that of their method sets, all count alike.
uint32_t hash(Type* t, int depth) {
  t = unalias(t);
  if (t == nullptr) return 0;
  uint32_t h = static_cast<uint32_t>(t->kind) + 1;
  if (--depth <= 0) return h;
  switch (t->kind) {
    case TypeKind::Basic: return mix(h, static_cast<uint32_t>(static_cast<Basic*>(t)->basic));
    case TypeKind::Array: {
      Array* a = static_cast<Array*>(t);
      return mix(mix(h, static_cast<uint32_t>(a->length)), hash(a->elem, depth));
    }
    case TypeKind::Slice: return mix(h, hash(static_cast<Slice*>(t)->elem, depth));
    case TypeKind::Pointer: return mix(h, hash(static_cast<Pointer*>(t)->elem, depth));
    case TypeKind::Struct:
      for (Var* f : static_cast<Struct*>(t)->fields) h = mix(mix(h, f->name.hash()), hash(f->type, depth));
      return h;
    case TypeKind::Tuple: return hash_tuple(static_cast<Tuple*>(t), h, depth);
    case TypeKind::Signature: {
      Signature* s = static_cast<Signature*>(t);
      h = mix(h, static_cast<uint32_t>(s->type_params.size() * 2 + s->variadic));
      if (!s->type_params.empty()) return h;  // names of type parameters do not matter
      return hash_tuple(s->results, hash_tuple(s->params, h, depth), depth);
    }
    case TypeKind::Map: return mix(mix(h, hash(static_cast<Map*>(t)->key, depth)), hash(static_cast<Map*>(t)->elem, depth));
    case TypeKind::Chan: return mix(mix(h, static_cast<uint32_t>(static_cast<Chan*>(t)->dir)),
                                    hash(static_cast<Chan*>(t)->elem, depth));
    case TypeKind::Named: {
      Named* n = static_cast<Named*>(t);
      const TypeName* o = n->origin != nullptr ? n->origin->object : n->object;
      h = mix(mix(h, o->name.hash()), o->pos.value);
      for (Type* a : n->type_args) h = mix(h, hash(a, depth));
      return h;
    }
    case TypeKind::TypeParam: return mix(h, static_cast<TypeParam*>(t)->unique_id);
    case TypeKind::Union: case TypeKind::Interface: case TypeKind::Alias: return h;
  }
  return h;
}

}  // namespace

bool identical(Type* x, Type* y) { return x == y || Comparison{}.same(x, y, nullptr); }
bool identical_ignore_tags(Type* x, Type* y) { return x == y || Comparison{true}.same(x, y, nullptr); }

bool identical_lists(std::span<Type* const> x, std::span<Type* const> y) {
  if (x.size() != y.size()) return false;
  for (size_t i = 0; i < x.size(); i++) {
    if (!identical(x[i], y[i])) return false;
  }
  return true;
}

bool identical_origin(const Named* x, const Named* y) {
  const TypeName* a = x->origin != nullptr ? x->origin->object : x->object;
  const TypeName* b = y->origin != nullptr ? y->origin->object : y->object;
  return a == b;
}

uint32_t identity_hash(Type* t) { return hash(t, kHashDepth); }

}  // namespace gale::types
