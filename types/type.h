// The types of Go as the checker sees them (spec: Types).
//
// A Type is written form and meaning at once: `[]A` for an alias A keeps A, so that messages print what the user wrote.
// Identity (spec: Type identity) is therefore `identical(x, y)` (predicates.h), not pointer equality, as long as checking
// goes on. Once it is done, `CanonicalTypes` (canonical.h) maps every type to the one representative of its identity class;
// discover, lower, ir and everything after see canonical types only, and there identity *is* pointer equality.
//
// All types live in the program's arenas and are never freed. A Named is created by its declaration before its underlying
// type is known; call `underlying()` (not the field) to have it resolved.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/source.h"
#include "base/symbol.h"

namespace gale::syntax {
struct Expr;
struct FuncDecl;
}  // namespace gale::syntax

namespace gale::types {

struct Package;
struct Object;
struct TypeName;
struct Var;
struct Func;
struct Named;
struct TypeParam;
struct Interface;
struct Signature;
struct TypeSet;
struct Scope;

enum class TypeKind : uint8_t {
  Basic, Array, Slice, Struct, Pointer, Tuple, Signature, Union, Interface, Map, Chan, Named, TypeParam, Alias,
};

struct Type {
  TypeKind kind;
  bool canonical = false;          // it is the representative of its identity class (set by CanonicalTypes)
  Type* representative = nullptr;  // cache of CanonicalTypes::get
  uint32_t id = 0;                 // dense number of canonical types, 0: none. In order of arrival: never orders output
  uint32_t middle = 0;             // scratch index for later stages (layout, descriptor tables); 0: none
};

enum class BasicKind : uint8_t {
  Invalid,
  Bool, Int, Int8, Int16, Int32, Int64, Uint, Uint8, Uint16, Uint32, Uint64, Uintptr, Float32, Float64, Complex64, Complex128,
  String, UnsafePointer,
  UntypedBool, UntypedInt, UntypedRune, UntypedFloat, UntypedComplex, UntypedString, UntypedNil,
};
constexpr int kBasicKindCount = 26;

enum BasicFlag : uint16_t {
  kIsBoolean = 1, kIsInteger = 2, kIsUnsigned = 4, kIsFloat = 8, kIsComplex = 16, kIsString = 32, kIsUntyped = 64,
  kIsOrdered = kIsInteger | kIsFloat | kIsString,
  kIsNumeric = kIsInteger | kIsFloat | kIsComplex,
  kIsConstType = kIsBoolean | kIsNumeric | kIsString,
};

struct Basic : Type {
  BasicKind basic;
  uint16_t flags;
  std::string_view name;
};

struct Array : Type {
  int64_t length;  // < 0: unknown (an error was reported)
  Type* elem;
};

struct Slice : Type {
  Type* elem;
};

struct Struct : Type {
  std::span<Var*> fields;
  std::span<Symbol> tags;  // empty, or one per field
};

struct Pointer : Type {
  Type* elem;
};

// A list of variables: parameters, results, the value of a multi-value expression. Never the type of a variable.
struct Tuple : Type {
  std::span<Var*> vars;
};

struct Signature : Type {
  std::span<TypeParam*> receiver_type_params;  // of a method of a generic type
  std::span<TypeParam*> type_params;
  Scope* scope = nullptr;                      // the function's scope, for signatures of declarations and literals
  Var* receiver = nullptr;
  Tuple* params = nullptr;   // never null
  Tuple* results = nullptr;  // never null
  bool variadic = false;     // the last parameter's type is a slice (or string, for append's special case)
};

struct UnionTerm {
  bool tilde;
  Type* type;
};
struct Union : Type {
  std::span<UnionTerm> terms;
};

struct Interface : Type {
  std::span<Func*> methods;    // explicitly declared, in source order
  std::span<Type*> embedded;   // in source order
  std::span<Pos> embedded_pos;
  bool implicit = false;       // wraps a constraint literal such as ~T or A|B
  bool complete = false;       // all of the above are set up
  TypeSet* type_set = nullptr;  // computed on demand (typeset.h)
};

struct Map : Type {
  Type *key, *elem;
};

enum class ChanDir : uint8_t { Both, SendOnly, RecvOnly };
struct Chan : Type {
  ChanDir dir;
  Type* elem;
};

// A defined type, generic or an instance of a generic one.
struct Named : Type {
  TypeName* object;
  Type* from_rhs = nullptr;        // the declared right-hand side, for cycle detection and messages
  Type* underlying_type = nullptr;  // null: not resolved yet
  std::span<TypeParam*> type_params;  // of a generic declaration (also set on no instance)
  std::span<Func*> methods;        // declared methods (origin) or lazily instantiated ones (instance: see method())
  Named* origin = nullptr;         // of an instance: the generic type; of a declaration: itself
  std::span<Type*> type_args;      // of an instance
  uint32_t local_index = 0;        // > 0: declared in a function; number among that function's local types, for link names
  Func* enclosing_func = nullptr;  // of a local type
  // Canonical types only: of a type declared in a generic function, that function's (or receiver's) type arguments.
  std::span<Type*> implicit_args;
  Pos pos;                         // of an instance: where it was written (for messages)
  uint8_t state = 0;               // resolution state, private to named.cpp
  uint8_t finite = 0;              // 1: its size is known to be finite, 2: it is not (finite_size.cpp)
};

struct TypeParam : Type {
  uint32_t unique_id;
  TypeName* object;
  uint32_t index;  // in its list
  Type* bound;     // any type; constraint() makes an interface of it
};

struct Alias : Type {
  TypeName* object;
  Type* from_rhs = nullptr;   // as declared
  Type* actual = nullptr;     // fully unaliased; null while being resolved
  std::span<TypeParam*> type_params;
  Alias* origin = nullptr;
  std::span<Type*> type_args;
};

// Downcast: the type as T if it is that kind (aliases are looked through), else null. Does not go to the underlying type.
template <class T>
constexpr TypeKind type_kind_of();
#define GALE_TYPE_KIND(T) \
  template <>             \
  constexpr TypeKind type_kind_of<T>() { return TypeKind::T; }
GALE_TYPE_KIND(Basic) GALE_TYPE_KIND(Array) GALE_TYPE_KIND(Slice) GALE_TYPE_KIND(Struct) GALE_TYPE_KIND(Pointer)
GALE_TYPE_KIND(Tuple) GALE_TYPE_KIND(Signature) GALE_TYPE_KIND(Union) GALE_TYPE_KIND(Interface) GALE_TYPE_KIND(Map)
GALE_TYPE_KIND(Chan) GALE_TYPE_KIND(Named) GALE_TYPE_KIND(TypeParam)
#undef GALE_TYPE_KIND

Type* unalias(Type* t);     // looks through aliases
Type* underlying(Type* t);  // spec: Underlying types. Resolves; of a type parameter: its constraint interface

template <class T>
T* as(Type* t) {
  t = t == nullptr ? nullptr : (t->kind == TypeKind::Alias ? unalias(t) : t);
  return t != nullptr && t->kind == type_kind_of<T>() ? static_cast<T*>(t) : nullptr;
}
template <class T>
T* under_as(Type* t) {
  return t == nullptr ? nullptr : as<T>(underlying(t));
}

// The predeclared types, created once per process (universe.cpp).
extern Basic* const kTyp;            // indexed by BasicKind: &kTyp[int(BasicKind::Int)]
inline Type* basic(BasicKind k) { return &kTyp[static_cast<int>(k)]; }
inline bool is_invalid(const Type* t) {
  return t == nullptr || (t->kind == TypeKind::Basic && static_cast<const Basic*>(t)->basic == BasicKind::Invalid);
}
extern Type* kUniverseByte;   // alias uint8, printed "byte"
extern Type* kUniverseRune;   // alias int32, printed "rune"
extern Type* kUniverseAny;    // the Alias any
extern Named* kUniverseError;
extern Named* kUniverseComparable;
extern Interface* kEmptyInterface;

}  // namespace gale::types
