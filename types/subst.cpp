// Substitution of type arguments for type parameters. Types that do not change are shared.
#include "types/generics.h"

namespace gale::types {
namespace {

template <class T>
T* new_type(const T& model) {
  T* t = type_arena().make<T>(model);
  t->canonical = false;
  t->representative = nullptr;
  t->id = 0;
  t->middle = 0;
  return t;
}

class Substituter {
 public:
  Substituter(const Substitution& map, Pos pos) : map_(map), pos_(pos) {}

  Type* type(Type* t);

 private:
  // The list with each element replaced; the same span if none changed.
  template <class T, class F>
  std::span<T> list(std::span<T> in, F replace) {
    std::span<T> out = in;
    for (size_t i = 0; i < in.size(); i++) {
      T u = replace(in[i]);
      if (u == in[i]) continue;
      if (out.data() == in.data()) out = type_arena().copy(in);
      out[i] = u;
    }
    return out;
  }
  std::span<Type*> types(std::span<Type*> in) {
    return list(in, [this](Type* t) { return type(t); });
  }
  std::span<Var*> vars(std::span<Var*> in) {
    return list(in, [this](Var* v) {
      Type* t = v->type == nullptr ? nullptr : type(v->type);
      return t == v->type ? v : clone_var(v, t);
    });
  }
  Tuple* tuple(Tuple* t) { return t == nullptr ? nullptr : static_cast<Tuple*>(type(t)); }
  Type* named(Named* t);
  Type* alias(Alias* t);
  Type* union_type(Union* t);
  Type* interface(Interface* t);
  Type* signature(Signature* t);

  const Substitution& map_;
  Pos pos_;
};

Type* Substituter::named(Named* t) {
  size_t want = t->origin->type_params.size();
  if (want == 0) return t;
  if (t->type_args.size() != want) return basic(BasicKind::Invalid);  // error reported elsewhere
  std::span<Type*> args = types(t->type_args);
  return args.data() == t->type_args.data() ? t : g_checker->instantiate(pos_, t->origin, args);
}

Type* Substituter::alias(Alias* t) {
  Alias* origin = t->origin != nullptr ? t->origin : t;
  size_t want = origin->type_params.size();
  if (want == 0) return t;  // it may have a type parameter inside only if it is declared in a generic function, see below
  if (t->type_args.size() != want) return basic(BasicKind::Invalid);
  std::span<Type*> args = types(t->type_args);
  return args.data() == t->type_args.data() ? t : g_checker->instantiate(pos_, origin, args);
}

Type* Substituter::union_type(Union* t) {
  std::span<UnionTerm> terms = t->terms;
  for (size_t i = 0; i < t->terms.size(); i++) {
    Type* u = type(t->terms[i].type);
    if (u == t->terms[i].type) continue;
    if (terms.data() == t->terms.data()) terms = type_arena().copy(t->terms);
    terms[i].type = u;
  }
  if (terms.data() == t->terms.data()) return t;
  Union* out = new_type(*t);
  out->terms = terms;
  return out;
}

Type* Substituter::interface(Interface* t) {
  std::span<Func*> methods = list(t->methods, [this](Func* f) {
    Type* u = type(f->type);
    return u == f->type ? f : clone_func(f, u);
  });
  std::span<Type*> embedded = types(t->embedded);
  if (methods.data() == t->methods.data() && embedded.data() == t->embedded.data()) return t;
  Interface* out = new_type(*t);
  out->type_set = nullptr;
  out->embedded = embedded;
  bool copied = false;
  out->methods = replace_receiver_type(methods, t, out, &copied);
  return out;
}

// Receivers are not substituted: a type that is its own method's receiver would never end.
Type* Substituter::signature(Signature* t) {
  Tuple *params = tuple(t->params), *results = tuple(t->results);
  if (params == t->params && results == t->results) return t;
  Signature* out = new_type(*t);
  out->scope = nullptr;
  out->params = params;
  out->results = results;
  return out;
}

Type* Substituter::type(Type* t) {
  if (t == nullptr) return basic(BasicKind::Invalid);
  switch (t->kind) {
    case TypeKind::Basic: return t;
    case TypeKind::TypeParam: return map_.get(static_cast<TypeParam*>(t));
    case TypeKind::Named: return named(static_cast<Named*>(t));
    case TypeKind::Alias: return alias(static_cast<Alias*>(t));
    case TypeKind::Union: return union_type(static_cast<Union*>(t));
    case TypeKind::Interface: return interface(static_cast<Interface*>(t));
    case TypeKind::Signature: return signature(static_cast<Signature*>(t));
    case TypeKind::Array: {
      Array* a = static_cast<Array*>(t);
      Type* elem = type(a->elem);
      if (elem == a->elem) return t;
      Array* out = new_type(*a);
      out->elem = elem;
      return out;
    }
    case TypeKind::Slice: {
      Slice* s = static_cast<Slice*>(t);
      Type* elem = type(s->elem);
      if (elem == s->elem) return t;
      Slice* out = new_type(*s);
      out->elem = elem;
      return out;
    }
    case TypeKind::Pointer: {
      Pointer* p = static_cast<Pointer*>(t);
      Type* elem = type(p->elem);
      if (elem == p->elem) return t;
      Pointer* out = new_type(*p);
      out->elem = elem;
      return out;
    }
    case TypeKind::Chan: {
      Chan* c = static_cast<Chan*>(t);
      Type* elem = type(c->elem);
      if (elem == c->elem) return t;
      Chan* out = new_type(*c);
      out->elem = elem;
      return out;
    }
    case TypeKind::Map: {
      Map* m = static_cast<Map*>(t);
      Type *key = type(m->key), *elem = type(m->elem);
      if (key == m->key && elem == m->elem) return t;
      Map* out = new_type(*m);
      out->key = key;
      out->elem = elem;
      return out;
    }
    case TypeKind::Struct: {
      Struct* s = static_cast<Struct*>(t);
      std::span<Var*> fields = vars(s->fields);
      if (fields.data() == s->fields.data()) return t;
      Struct* out = new_type(*s);
      out->fields = fields;
      return out;
    }
    case TypeKind::Tuple: {
      Tuple* u = static_cast<Tuple*>(t);
      std::span<Var*> list = vars(u->vars);
      if (list.data() == u->vars.data()) return t;
      Tuple* out = new_type(*u);
      out->vars = list;
      return out;
    }
  }
  return t;
}

}  // namespace

Var* clone_var(Var* v, Type* t) {
  Var* out = type_arena().make<Var>(*v);
  out->type = t;
  out->origin = v->origin != nullptr ? v->origin : v;
  return out;
}

Func* clone_func(Func* f, Type* t) {
  Func* out = type_arena().make<Func>(*f);
  out->type = t;
  out->origin = f->origin != nullptr ? f->origin : f;
  return out;
}

std::span<Func*> replace_receiver_type(std::span<Func* const> methods, Type* from, Type* to, bool* copied) {
  std::span<Func*> out = {const_cast<Func**>(methods.data()), methods.size()};
  *copied = false;
  for (size_t i = 0; i < methods.size(); i++) {
    Signature* sig = methods[i]->signature();
    if (sig == nullptr || sig->receiver == nullptr || sig->receiver->type != from) continue;
    if (!*copied) out = type_arena().copy(out);
    *copied = true;
    Signature* with_receiver = new_type(*sig);
    with_receiver->receiver = clone_var(sig->receiver, to);
    out[i] = clone_func(methods[i], with_receiver);
    if (to->kind == TypeKind::Interface) out[i]->receiver_interface = static_cast<Interface*>(to);
  }
  return out;
}

Type* substitute(const Substitution& s, Type* t, Pos pos) {
  if (s.from.empty() || t == nullptr) return t;
  return Substituter(s, pos).type(t);
}

Type* Checker::substitute(Pos pos, Type* t, std::span<TypeParam* const> from, std::span<Type* const> to) {
  return types::substitute(Substitution{from, to}, t, pos);
}

}  // namespace gale::types
