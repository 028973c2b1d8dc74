// What the files on type identity, lookup and generics share. Private to types/.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include <absl/container/inlined_vector.h>
#include <absl/functional/function_ref.h>

#include "types/checker.h"
#include "types/predicates.h"
#include "types/typeset.h"

namespace gale::types {

Arena& type_arena();  // of the current checker

// Is o what `name` written in `package` denotes? (spec: Uniqueness of identifiers)
bool same_id(const Object* o, const Package* package, Symbol name, bool fold_case = false);
bool same_id(const Object* x, const Object* y);
bool same_package(const Package* x, const Package* y);
// Order of methods in type sets: exported first, then by name, unexported ties by package path.
bool method_less(const Func* x, const Func* y);
Func* find_in(std::span<Func* const> methods, const Package* package, Symbol name, bool fold_case, uint32_t* index);

// A pair of interfaces being compared, to stop at cycles.
struct InterfacePair {
  Interface *x, *y;
  const InterfacePair* previous;
  bool same(const InterfacePair& o) const { return (x == o.x && y == o.y) || (x == o.y && y == o.x); }
  // Is the pair in the list that starts at p?
  bool in(const InterfacePair* p) const {
    for (; p != nullptr; p = p->previous) {
      if (same(*p)) return true;
    }
    return false;
  }
};

bool identical_origin(const Named* x, const Named* y);
bool identical_lists(std::span<Type* const> x, std::span<Type* const> y);

// Type parameters and what replaces them (a null type: stays).
struct Substitution {
  std::span<TypeParam* const> from;
  std::span<Type* const> to;
  Type* get(TypeParam* p) const {
    for (size_t i = 0; i < from.size(); i++) {
      if (from[i] == p) return i < to.size() && to[i] != nullptr ? to[i] : p;
    }
    return p;
  }
};
Type* substitute(const Substitution& s, Type* t, Pos pos = {});
// Methods whose receiver has type `from`, with receiver type `to`; others are shared. *copied: any was replaced.
std::span<Func*> replace_receiver_type(std::span<Func* const> methods, Type* from, Type* to, bool* copied);
Var* clone_var(Var* v, Type* t);
Func* clone_func(Func* f, Type* t);

// Resolves type arguments into an instance's right-hand side. Idempotent.
void unpack(Named* n);

using TypeEquivalence = absl::FunctionRef<bool(Type*, Type*)>;
Func* missing_method(Checker& c, Type* v, Type* t, bool static_only, TypeEquivalence equivalent, std::string* cause);
bool has_all_methods(Checker& c, Type* v, Type* t, bool static_only, TypeEquivalence equivalent, std::string* cause);
LookupResult lookup_field_or_method(Type* t, bool addressable, const Package* package, Symbol name, bool fold_case);
bool is_interface_pointer(Type* t);

// Does one of the parameters occur in t?
bool is_parameterized(std::span<TypeParam* const> params, Type* t);

// Answers comparable_type without words when cause is null.
bool comparable_type(Type* t, bool dynamic, std::string* cause);

}  // namespace gale::types
