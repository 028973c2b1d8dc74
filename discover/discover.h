// Discovery: the least set of functions, variables, types, itabs and initialisers that a program needs (ABI.md section 11,
// DESIGN D1, D15). Starts from main.main, the roots of the runtime, all init functions and effectful initialisers, and
// takes in what the code so far refers to until nothing new is heard of.
//
// This version lowers as it goes: a function is lowered when it is popped from the work list, and tells what it refers to
// (References). The stages after discovery are seen through `Backend`, since discover/ may not include them. The order of
// all results is that of the work list, hence the same in every run.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "base/symbol.h"
#include "discover/linknames.h"
#include "discover/references.h"
#include "discover/world_facts.h"
#include "types/canonical.h"

namespace gale::types {
struct Checker;
}

namespace gale::discover {

// How a package variable's initialiser is carried out (DESIGN D15; lower::UnitKind has the same values).
enum class InitKind : uint8_t { Static, Pure, Effectful };

// The stages that discovery drives; implemented by the driver over lower and rtdata.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual void lower_function(Symbol name, const FunctionInstance& f) = 0;
  virtual void lower_variable(Symbol name, types::Var* v) = 0;
  virtual InitKind init_kind(types::Package* p, uint32_t unit) = 0;
  // Tells references what t's descriptor points to (rtdata::report_references).
  virtual void descriptor_references(types::Type* t, bool in_interface, References& references) = 0;
  // rtdata::method_code, method_code_in_interface.
  virtual FunctionInstance method_code(types::Type* t, const types::CanonicalTypes::Method& m) = 0;
  virtual FunctionInstance method_code_in_interface(types::Type* t, const types::CanonicalTypes::Method& m) = 0;
};

struct DiscoverOptions {
  bool open_world = false;               // plugins may come: all units run, all methods of reachable types stay
  std::vector<std::string_view> roots;   // symbols of Go functions that are entered from outside (symbols.def, GO_SYMBOL)
};

// One step of program initialisation, in order.
struct InitStep {
  types::Package* package = nullptr;
  Symbol code;  // func()
};

// What was found.
struct Program {
  struct Function {
    Symbol name;
    FunctionInstance instance;
  };
  struct Variable {
    Symbol name;
    types::Var* var;
  };
  struct TypeUse {
    types::Type* type;
    bool in_interface;
  };
  struct Itab {
    types::Type *concrete, *interface;
    bool made;  // interface values with it are made by code (else it is only compared with)
  };
  std::vector<Function> functions;
  std::vector<Variable> variables;
  std::vector<TypeUse> types;        // all get a descriptor
  std::vector<Itab> itabs;
  std::vector<Symbol> externals;     // gates, assembly and data of the runtime that are referred to
  std::vector<InitStep> init_steps;
};

class Discovery : public References {
 public:
  Discovery(types::Checker& checker, types::CanonicalTypes& types, const Linknames& linknames, Backend& backend,
            DiscoverOptions options);
  ~Discovery() override;

  // Finds all that `main_package` (null: only the roots) and the packages it imports need.
  const Program& run(types::Package* main_package);
  const Program& program() const { return program_; }
  // May method m of t's method set be called through an interface or by reflection? Final once run() has returned.
  bool keeps_method(types::Type* t, const types::CanonicalTypes::Method& m) const;
  // Does the program go through the methods of types by reflection, ask for one by its name, or make types with methods?
  // Final likewise.
  bool lists_methods() const;
  // What the finished program is known to do (world_facts.h); once, after run().
  std::unique_ptr<WorldFacts> facts() const;

  void function(Symbol name, const FunctionInstance& f) override;
  void external(Symbol name) override;
  void variable(Symbol name, types::Var* v) override;
  void type(types::Type* t, bool in_interface) override;
  void itab(types::Type* concrete, types::Type* interface, bool made) override;
  void any_itab(types::Type* interface) override;
  void interface_method(types::Type* interface, Symbol method, types::Package* package) override;
  void method_by_name(Symbol name) override;

 private:
  struct MethodKey;
  struct State;

  void add_roots(types::Package* main_package);
  void prepare_initialisers(types::Package* p);
  void add_initialisers(types::Package* p);
  void run_unit_of(types::Var* v);
  void drain();
  void describe(size_t index);
  void add_methods(types::Type* t);
  bool wanted(const types::CanonicalTypes::Method& m) const;
  void keep(types::Type* t, const types::CanonicalTypes::Method& m);
  void order_initialisers();
  Symbol symbol_of(const FunctionInstance& f) const;

  types::Checker& checker_;
  types::CanonicalTypes& types_;
  const Linknames& linknames_;
  Backend& backend_;
  DiscoverOptions options_;
  Program program_;
  std::unique_ptr<State> state_;
};

}  // namespace gale::discover
