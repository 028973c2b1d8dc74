// //go:linkname over the whole program: which symbol a package-level function or variable stands for, and who defines a
// symbol (ABI.md section 11). Built once all packages are collected; read-only afterwards.
#pragma once

#include <span>

#include <absl/container/flat_hash_map.h>

#include "base/symbol.h"

namespace gale::types {
struct Func;
struct Object;
struct Package;
struct Var;
}  // namespace gale::types

namespace gale::discover {

class Linknames {
 public:
  explicit Linknames(std::span<types::Package* const> packages);

  // The link name of a declared function (not a method) or variable: the target of its two-argument linkname, or its own name.
  Symbol symbol_of(const types::Object* o) const;
  // The function with a body that defines `symbol`: by name, or pushed there by a linkname; null: none in Go.
  types::Func* function(Symbol symbol) const;
  // The variable that defines `symbol`; prefers one whose package owns the name. Null: none.
  types::Var* variable(Symbol symbol) const;
  types::Package* package(Symbol prefix) const;  // by escaped path

 private:
  absl::flat_hash_map<const types::Object*, Symbol> targets_;
  absl::flat_hash_map<Symbol, types::Func*> pushed_;
  absl::flat_hash_map<Symbol, types::Package*> packages_;
};

}  // namespace gale::discover
