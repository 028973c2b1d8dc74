// Properties of types (spec: Properties of types and values, Comparison operators).
#include "types/predicates.h"

#include <absl/container/flat_hash_set.h>

#include "types/generics.h"

namespace gale::types {
namespace {

bool has_flags(Type* t, uint16_t flags) {
  Type* u = underlying(t);
  return u != nullptr && u->kind == TypeKind::Basic && (static_cast<Basic*>(u)->flags & flags) != 0;
}

// Basic type proper, not what a name or an alias stands for: that is how untyped types occur.
const Basic* plain_basic(const Type* t) {
  return t != nullptr && t->kind == TypeKind::Basic ? static_cast<const Basic*>(t) : nullptr;
}

// Why t cannot be compared.
class Comparability {
 public:
  Comparability(bool dynamic, std::string* cause) : dynamic_(dynamic), cause_(cause) {}

  bool check(Type* t, bool outermost) {
    if (!seen_.insert(t).second) return true;
    Type* u = underlying(t);
    switch (u->kind) {
      case TypeKind::Basic: return static_cast<Basic*>(u)->basic != BasicKind::UntypedNil;
      case TypeKind::Pointer: case TypeKind::Chan: return true;
      case TypeKind::Struct:
        for (Var* f : static_cast<Struct*>(u)->fields) {
          if (check(f->type, false)) continue;
          if (outermost && cause_ != nullptr) *cause_ = "struct containing " + text(f->type) + " cannot be compared";
          return false;
        }
        return true;
      case TypeKind::Array:
        if (check(static_cast<Array*>(u)->elem, false)) return true;
        if (outermost && cause_ != nullptr) *cause_ = text(t) + " cannot be compared";
        return false;
      case TypeKind::Interface: return check_interface(t, static_cast<Interface*>(u), outermost);
      default: return false;
    }
  }

  bool check_interface(Type* t, Interface* u, bool outermost) {
    if (dynamic_ && !is_type_param(t)) return true;
    TypeSet* set = type_set_of(u);
    if (is_comparable(set)) return true;
    if (outermost && cause_ != nullptr) {
      *cause_ = set->is_empty() ? "empty type set" : "incomparable types in type set";
    }
    return false;
  }

  bool is_comparable(TypeSet* set) {
    if (is_all(set->terms)) return set->comparable;
    if (!set->has_terms()) return false;
    Comparability strict(false, nullptr);
    strict.seen_ = seen_;
    for (const Term& term : set->terms) {
      if (!strict.check(term.type, false)) return false;
    }
    return true;
  }

 private:
  static std::string text(Type* t) { return g_checker->type_text(t); }

  bool dynamic_;
  std::string* cause_;
  absl::flat_hash_set<Type*> seen_;
};

// Finds types inside t: does any satisfy `found`? Looks into type arguments, not behind names.
class TypeWalk {
 public:
  explicit TypeWalk(absl::FunctionRef<bool(TypeParam*)> found) : found_(found) {}

  bool visit(Type* t) {
    t = unalias(t);
    if (t == nullptr) return false;
    switch (t->kind) {
      case TypeKind::Basic: return false;
      case TypeKind::TypeParam: return found_(static_cast<TypeParam*>(t));
      case TypeKind::Array: return visit(static_cast<Array*>(t)->elem);
      case TypeKind::Slice: return visit(static_cast<Slice*>(t)->elem);
      case TypeKind::Pointer: return visit(static_cast<Pointer*>(t)->elem);
      case TypeKind::Chan: return visit(static_cast<Chan*>(t)->elem);
      case TypeKind::Map: return visit(static_cast<Map*>(t)->key) || visit(static_cast<Map*>(t)->elem);
      case TypeKind::Tuple: return visit_vars(static_cast<Tuple*>(t)->vars);
      case TypeKind::Signature: {
        Signature* s = static_cast<Signature*>(t);
        return (s->params != nullptr && visit_vars(s->params->vars)) ||
               (s->results != nullptr && visit_vars(s->results->vars));
      }
      case TypeKind::Named:
        for (Type* a : static_cast<Named*>(t)->type_args) {
          if (visit(a)) return true;
        }
        return false;
      case TypeKind::Union:
        for (const UnionTerm& term : static_cast<Union*>(t)->terms) {
          if (visit(term.type)) return true;
        }
        return false;
      case TypeKind::Struct:
        return seen_.insert(t).second && visit_vars(static_cast<Struct*>(t)->fields);
      case TypeKind::Interface: return seen_.insert(t).second && visit_interface(static_cast<Interface*>(t));
      case TypeKind::Alias: return false;
    }
    return false;
  }

 private:
  bool visit_vars(std::span<Var* const> vars) {
    for (Var* v : vars) {
      if (visit(v->type)) return true;
    }
    return false;
  }

  bool visit_interface(Interface* t) {
    TypeSet* set = type_set_of(t);
    for (Func* m : set->methods) {
      if (visit(m->type)) return true;
    }
    if (!set->has_terms()) return false;
    for (const Term& term : set->terms) {
      if (visit(term.type)) return true;
    }
    return false;
  }

  absl::FunctionRef<bool(TypeParam*)> found_;
  absl::flat_hash_set<Type*> seen_;
};

}  // namespace

bool is_boolean(Type* t) { return has_flags(t, kIsBoolean); }
bool is_integer(Type* t) { return has_flags(t, kIsInteger); }
bool is_unsigned(Type* t) { return has_flags(t, kIsUnsigned); }
bool is_float(Type* t) { return has_flags(t, kIsFloat); }
bool is_complex(Type* t) { return has_flags(t, kIsComplex); }
bool is_numeric(Type* t) { return has_flags(t, kIsNumeric); }
bool is_string(Type* t) { return has_flags(t, kIsString); }
bool is_const_type(Type* t) { return has_flags(t, kIsConstType); }

bool all_basic(Type* t, uint16_t flags) {
  TypeParam* p = as<TypeParam>(t);
  if (p == nullptr) return has_flags(t, flags);
  TypeSet* set = constraint_type_set(p);
  if (!set->has_terms()) return false;
  for (const Term& term : set->terms) {
    if (!has_flags(term.type, flags)) return false;
  }
  return true;
}
bool all_boolean(Type* t) { return all_basic(t, kIsBoolean); }
bool all_integer(Type* t) { return all_basic(t, kIsInteger); }
bool all_unsigned(Type* t) { return all_basic(t, kIsUnsigned); }
bool all_numeric(Type* t) { return all_basic(t, kIsNumeric); }
bool all_string(Type* t) { return all_basic(t, kIsString); }
bool all_ordered(Type* t) { return all_basic(t, kIsOrdered); }
bool all_numeric_or_string(Type* t) { return all_basic(t, kIsNumeric | kIsString); }

bool is_untyped(Type* t) {
  const Basic* b = plain_basic(t);
  return b != nullptr && (b->flags & kIsUntyped) != 0;
}
bool is_typed(Type* t) { return !is_untyped(t); }
bool is_untyped_numeric(Type* t) { return is_untyped(t) && (plain_basic(t)->flags & kIsNumeric) != 0; }

bool is_interface(Type* t) {
  Type* u = underlying(t);
  return u != nullptr && u->kind == TypeKind::Interface;
}
bool is_non_type_param_interface(Type* t) { return !is_type_param(t) && is_interface(t); }
bool is_type_param(Type* t) { return as<TypeParam>(t) != nullptr; }
bool is_type_param_type(Type* t) { return is_type_param(t); }

bool is_generic(Type* t) {
  if (t != nullptr && t->kind == TypeKind::Alias) {
    Alias* a = static_cast<Alias*>(t);
    if (!a->type_params.empty() && a->type_args.empty()) return true;
  }
  Named* n = as<Named>(t);
  return n != nullptr && n->type_args.empty() && !n->type_params.empty();
}

bool has_name(Type* t) {
  t = unalias(t);
  return t != nullptr && (t->kind == TypeKind::Basic || t->kind == TypeKind::Named || t->kind == TypeKind::TypeParam);
}

bool has_nil(Type* t) {
  Type* u = underlying(t);
  switch (u->kind) {
    case TypeKind::Basic: return static_cast<Basic*>(u)->basic == BasicKind::UnsafePointer;
    case TypeKind::Slice: case TypeKind::Pointer: case TypeKind::Signature: case TypeKind::Map: case TypeKind::Chan:
      return true;
    case TypeKind::Interface:
      return !is_type_param(t) ||
             type_set_all(t, [](Type*, Type* under) { return under != nullptr && has_nil(under); });
    default: return false;
  }
}

bool is_valid(Type* t) { return !is_invalid(unalias(t)); }

bool is_bytes_or_runes(Type* t) {
  Slice* s = under_as<Slice>(t);
  Basic* b = s == nullptr ? nullptr : under_as<Basic>(s->elem);
  return b != nullptr && (b->basic == BasicKind::Uint8 || b->basic == BasicKind::Int32);
}

bool is_unsafe_pointer(Type* t) {
  Basic* b = under_as<Basic>(t);
  return b != nullptr && b->basic == BasicKind::UnsafePointer;
}

bool comparable_type(Type* t, bool dynamic, std::string* cause) {
  if (cause != nullptr) cause->clear();
  return Comparability(dynamic, cause).check(t, true);
}
bool Checker::comparable_type(Type* t, bool dynamic, std::string* cause) {
  return types::comparable_type(t, dynamic, cause);
}
bool comparable(Type* t) { return comparable_type(t, true, nullptr); }
bool strictly_comparable(Type* t) { return comparable_type(t, false, nullptr); }
bool is_comparable_set(TypeSet* s) { return Comparability(false, nullptr).is_comparable(s); }

Type* default_type(Type* t) {
  const Basic* b = plain_basic(t);
  if (b == nullptr) return t;
  switch (b->basic) {
    case BasicKind::UntypedBool: return basic(BasicKind::Bool);
    case BasicKind::UntypedInt: return basic(BasicKind::Int);
    case BasicKind::UntypedRune: return kUniverseRune;  // printed as rune
    case BasicKind::UntypedFloat: return basic(BasicKind::Float64);
    case BasicKind::UntypedComplex: return basic(BasicKind::Complex128);
    case BasicKind::UntypedString: return basic(BasicKind::String);
    default: return t;
  }
}

Type* deref(Type* t, bool* was_pointer) {
  Pointer* p = as<Pointer>(t);
  if (was_pointer != nullptr) *was_pointer = p != nullptr;
  if (p == nullptr) return t;
  return p->elem == nullptr ? basic(BasicKind::Invalid) : p->elem;
}

bool mentions_type_param(Type* t) {
  return TypeWalk([](TypeParam*) { return true; }).visit(t);
}

bool is_parameterized(std::span<TypeParam* const> params, Type* t) {
  auto one_of_them = [params](TypeParam* p) {
    for (TypeParam* q : params) {
      if (p == q) return true;
    }
    return false;
  };
  return TypeWalk(one_of_them).visit(t);
}

bool same_package(const Package* x, const Package* y) {
  if (x == y) return true;
  return x != nullptr && y != nullptr && x->path == y->path;
}

namespace {
bool equal_folding_case(std::string_view x, std::string_view y) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  if (x.size() != y.size()) return false;
  for (size_t i = 0; i < x.size(); i++) {
    if (lower(x[i]) != lower(y[i])) return false;
  }
  return true;
}
}  // namespace

bool same_id(const Object* o, const Package* package, Symbol name, bool fold_case) {
  if (fold_case && equal_folding_case(o->name.text(), name.text())) return true;
  if (o->name != name) return false;
  return o->exported() || same_package(o->package, package);
}
bool same_id(const Object* x, const Object* y) { return same_id(x, y->package, y->name); }

bool method_less(const Func* x, const Func* y) {
  if (x == y) return false;
  bool ex = x->exported(), ey = y->exported();
  if (ex != ey) return ex;
  if (x->name != y->name) return x->name.text() < y->name.text();
  if (ex || x->package == y->package || x->package == nullptr || y->package == nullptr) return false;
  return x->package->path.text() < y->package->path.text();
}

}  // namespace gale::types
