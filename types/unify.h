// Type unification (spec: Type unification): finds type arguments that make two types match.
#pragma once

#include <span>
#include <vector>

#include "types/generics.h"

namespace gale::types {

class Unifier {
 public:
  // How strictly types are matched. Assign: at the top level as in an assignment, element types exactly. Exact: identical.
  static constexpr unsigned kInexact = 0, kAssign = 1, kExact = 2;

  Unifier(Checker& c, std::span<TypeParam* const> params, std::span<Type* const> args, bool interface_inference);

  bool unify(Type* x, Type* y, unsigned mode) { return match(x, y, mode, nullptr); }
  Type* at(TypeParam* p) { return slots_[slot_of(p)]; }
  void set(TypeParam* p, Type* t) { slots_[slot_of(p)] = t; }
  int unknowns() const;
  std::vector<Type*> inferred() const;

 private:
  static constexpr int kDepthLimit = 50;

  int index_of(TypeParam* p) const;      // -1: not one that is to be inferred
  int slot_of(TypeParam* p) const;
  TypeParam* bound_param(Type* t) const;  // t as a parameter to be inferred, or null
  bool join(TypeParam* x, TypeParam* y);

  bool match(Type* x, Type* y, unsigned mode, const InterfacePair* p);
  bool match_param(TypeParam* px, Type* y, unsigned mode, const InterfacePair* p);
  void prefer(TypeParam* px, Type* x, Type* y);
  bool match_with_interface(Interface* xi, Interface* yi, Type* x, Type* y, const InterfacePair* p, bool* done);
  bool match_structure(Type* x, Type* y, unsigned mode, const InterfacePair* p);
  bool match_structs(Struct* x, Struct* y, unsigned mode, const InterfacePair* p);
  bool match_tuples(Tuple* x, Tuple* y, unsigned mode, const InterfacePair* p);
  bool match_interfaces(Interface* x, Interface* y, const InterfacePair* p);
  bool match_named(Named* x, Named* y, unsigned mode, const InterfacePair* p);

  Checker& checker_;
  std::span<TypeParam* const> params_;
  std::vector<int> slot_;      // per parameter; joined parameters share one
  std::vector<Type*> slots_;   // what is inferred, or null
  bool interface_inference_;   // since Go 1.21
  int depth_ = 0;
};

}  // namespace gale::types
