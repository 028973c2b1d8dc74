// Lowering: typed syntax -> mid-level IR, one function at a time, on demand (lower/README.md).
//
// A Lowering serves a whole program and is used from one thread. The owner of the work list pops a FunctionInstance, makes
// sure its body is checked (Lowering does it: Checker::check_body), and calls `function`; what the new code refers to is
// told to References. Package variables are made with `variable` when they are first referred to.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/diagnostics.h"
#include "discover/linknames.h"
#include "discover/references.h"
#include "ir/data.h"
#include "ir/func.h"

namespace gale::types {
struct Checker;
class CanonicalTypes;
struct Package;
struct Var;
struct Type;
}  // namespace gale::types

namespace gale::lower {

struct Result {
  std::vector<std::unique_ptr<ir::Func>> funcs;  // the instance, then its function literals and go/defer wrappers
  std::vector<ir::Data> data;
};

// How a package variable's initialiser is carried out (DESIGN D15).
enum class UnitKind : uint8_t {
  Static,     // is data already: nothing to run
  Pure,       // code that must run only if one of its variables is reachable
  Effectful,  // code that must always run
};

struct Lowering {
  Lowering(types::Checker& checker, types::CanonicalTypes& types, const discover::Linknames& linknames,
           discover::References& references);
  ~Lowering();

  // Lowers one instance. Mistakes of the user's program (a function without a body) and constructs that gale refuses go to
  // the checker's sink; then the function is there all the same, or the result is empty.
  Result function(const discover::FunctionInstance& f);
  // The data of a package variable (initialised if its unit is static). Result::funcs: literals used in static initialisers.
  Result variable(Symbol name, types::Var* v);
  // How unit `unit` of p->init_order is carried out; Checker::check_init_order(p) has been done.
  UnitKind init_unit(types::Package* p, uint32_t unit);

  struct Impl;
  std::unique_ptr<Impl> impl;
};

}  // namespace gale::lower
