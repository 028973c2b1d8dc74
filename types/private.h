// State of a Checker that its .cpp files share and nobody outside types/ needs (types2's Checker fields, in our words).
//
// Owners: A1 (declarations), A2 (generics), B (expressions, statements). Every field says who writes it.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "types/checker.h"
#include "types/predicates.h"
#include "types/universe.h"

namespace gale::types {

// Work postponed until the current declaration is complete. It runs under the environment's package and version of the
// moment when it was pushed.
struct DelayedAction {
  Package* package;
  std::string_view go_version;
  std::function<void()> run;
};

// What is known of an untyped expression until its final type is found (types2: exprInfo).
struct UntypedInfo {
  bool is_lhs;  // left operand of a shift whose check waits for the type
  Mode mode;
  Basic* type;
  Const value;
};

struct Checker::Private {
  // ---- check.cpp (B): the stack of postponed work; processed first in, first out from a given height
  std::vector<DelayedAction> delayed;

  // ---- expr.cpp (B)
  absl::flat_hash_map<syntax::Expr*, UntypedInfo> untyped;

  // ---- resolver.cpp, decl.cpp (A1)
  // Declared methods of a type name that are not yet attached to its Named (see collect_methods), in source order.
  absl::flat_hash_map<const TypeName*, std::vector<Func*>> methods;
  // Imports of the packages that are being checked, in source order; for unused_imports.
  absl::flat_hash_map<const Package*, std::vector<PkgName*>> imports;
  // (file scope, name) of a dot-imported object -> the import that brought it.
  absl::flat_hash_map<std::pair<const Scope*, Symbol>, PkgName*> dot_imports;
  // Go version of each file scope, "go1.N".
  absl::flat_hash_map<const Scope*, std::string_view> versions;
  // Objects on object_path and their index there.
  absl::flat_hash_map<const Object*, size_t> object_path_index;
  uint32_t next_type_param_id = 0;  // unique ids of type parameters; the first is 1

  // ---- instantiate.cpp, named.cpp (A2)
  // Instances by identity_hash of (origin, arguments): equal arguments give the same instance (types2: Context).
  absl::flat_hash_map<uint64_t, std::vector<Type*>> instances;

  // ---- errors.cpp (B)
  bool reported_error = false;  // any hard error so far (types2: firstErr)
};

}  // namespace gale::types
