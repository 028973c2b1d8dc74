// Lowering: typed syntax -> mid-level IR, one function at a time, on demand (lower/README.md).
//
// A Lowering serves a whole program and is used from one thread. The owner of the work list pops a FunctionInstance, makes
// sure its body is checked (Lowering does it: Checker::check_body), and calls `function`; what the new code refers to is
// told to References. Package variables are made with `variable` when they are first referred to.
#pragma once

#include <functional>
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

// Which stack arguments of an assembly function hold pointers: its frame cannot say so itself.
struct Abi0Args {
  Symbol entry;        // "pkg.f<ABI0>"
  uint32_t size = 0;   // of arguments and results
  uint32_t arg_words = 0;
  std::span<const uint8_t> pointer_mask;  // of words
};

// Is a function without a body written in assembly, and which convention does its code have?
enum class AssemblyKind : uint8_t { None, Abi0, AbiInternal };

struct Result {
  std::vector<std::unique_ptr<ir::Func>> funcs;  // the instance, then its function literals and go/defer wrappers
  std::vector<ir::Data> data;
  std::vector<Abi0Args> abi0_args;
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

  // Asked for functions without a body that neither Go nor the runtime defines. Unset: there is no assembly.
  void set_assembly(std::function<AssemblyKind(Symbol symbol, types::Package* declared_in)> ask);
  // "f<ABI0>": takes the arguments from the stack and calls f. For assembly that calls Go, and for runtime functions of gates.def.
  Result abi0_entry(Symbol entry, types::Func* f);
  Result abi0_gate_entry(Symbol entry, Symbol gate);

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
