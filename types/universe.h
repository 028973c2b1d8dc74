// The predeclared entities (spec: Predeclared identifiers) and package unsafe. They are made once per process and shared
// by all checkers; they are immutable.
#pragma once

#include "types/object.h"

namespace gale::types {

extern Scope* const kUniverse;           // outermost scope
extern Package* const kUnsafePackage;    // path "unsafe"; its scope holds Pointer, Sizeof, ...
extern ConstObject* const kUniverseIota;
extern TypeName* const kUniverseAnyName;         // of the alias any
extern TypeName* const kUniverseComparableName;

// How gc names and treats a predeclared function.
struct BuiltinInfo {
  std::string_view name;
  uint8_t arg_count;   // minimum
  bool variadic;
  enum Use : uint8_t { Conversion, Expression, Statement } use;
};
const BuiltinInfo& builtin_info(BuiltinId id);

// Adds assert and trace, which the type checker's own tests use, to the universe.
void declare_test_builtins();

}  // namespace gale::types
