// Canonical types: one representative per identity class (DESIGN D2), and substitution of type arguments for the middle end.
#pragma once

#include <span>
#include <vector>

#include "types/checker.h"
#include "types/type.h"

namespace gale::types {

// Maps types to representatives. Aliases vanish, instances with identical arguments are one, unnamed types are hash-consed
// by structure, interfaces by their method sets. `byte` is uint8 and `any` the empty interface.
class CanonicalTypes {
 public:
  explicit CanonicalTypes(Checker& checker);
  ~CanonicalTypes();
  CanonicalTypes(const CanonicalTypes&) = delete;
  CanonicalTypes& operator=(const CanonicalTypes&) = delete;

  // The representative of a concrete type (no free type parameters). Its parts are canonical too.
  Type* get(Type* t);
  // get() of t with type parameters replaced.
  Type* get(Type* t, std::span<TypeParam* const> from, std::span<Type* const> to);

  // Constructors for types that the compiler itself makes.
  Type* pointer_to(Type* elem);
  Type* slice_of(Type* elem);
  Type* array_of(Type* elem, int64_t length);
  Type* struct_of(std::span<Var* const> fields);
  Type* tuple_of(std::span<Type* const> types);
  Type* func_of(std::span<Type* const> params, std::span<Type* const> results, bool variadic);

  // The method set of canonical t (spec: Method sets), promoted methods included, in descriptor order: exported first, then
  // by name (bytewise), unexported ties by package path.
  struct Method {
    Symbol name;
    Package* package = nullptr;     // of an unexported name
    Func* func = nullptr;           // declared (origin) method
    Type* signature = nullptr;      // canonical, without receiver
    std::vector<uint32_t> path;  // embedded fields to follow; empty: declared on t (or *t's base) itself
    bool indirect = false;        // a pointer is followed on the path
    bool pointer_receiver = false;
    Type* receiver_base = nullptr;  // canonical type (or instance) on which func is declared; or an interface for promoted interface methods
  };
  const std::vector<Method>& method_set(Type* t);
  // Of an interface: its methods in the same order.
  const std::vector<Method>& interface_methods(Type* t);
  const Method* find_method(Type* t, Symbol name, Package* package);

 private:
  struct Impl;
  Impl* impl_;
};

}  // namespace gale::types
