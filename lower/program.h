// Program: what the lowering of all functions shares: layouts, call signatures, facts about bodies, names already given.
// Internal to lower/.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "base/arena.h"
#include "discover/names.h"
#include "ir/func.h"
#include "lower/facts.h"
#include "lower/lower.h"
#include "syntax/nodes.h"
#include "types/canonical.h"
#include "types/checker.h"

namespace gale::lower {

using types::Type;

// One scalar of a type.
struct Component {
  ir::Ty ty;
  uint64_t offset;
  bool pointer;  // for the collector
};

// How values of a type are held.
struct Shape {
  std::vector<Component> parts;  // all scalars, if `flat`
  bool flat = false;             // no array of more than one element, and not too many scalars
  bool split = false;            // values are held in scalars: flat and at most kMaxParts
  bool pointers = false;
  uint64_t size = 0;
  uint32_t align = 1;
};
constexpr size_t kMaxParts = 4;
constexpr size_t kMaxFlat = 24;  // more than all argument registers

struct Program {
  Program(types::Checker& checker, types::CanonicalTypes& types, const discover::Linknames& linknames,
          discover::References& references);

  types::Checker& checker;
  types::CanonicalTypes& types;
  const discover::Linknames& linknames;
  discover::References& references;
  Arena arena;                  // signatures
  Result* result = nullptr;     // of the call of Lowering that is going on
  types::Package* runtime = nullptr;

  const Shape& shape(Type* t);
  std::span<const uint8_t> pointer_mask(Type* t);  // cached
  // ABIInternal signature (abi_assign.cpp); params include the receiver.
  const ir::CallSig* call_sig(std::span<Type* const> params, std::span<Type* const> results);
  const ir::CallSig* gate_sig(std::string_view letters);
  const ir::CallSig* abi0_sig(std::span<Type* const> params, std::span<Type* const> results);  // all on the stack
  std::function<AssemblyKind(Symbol, types::Package*)> assembly;
  // Facts about a declared function's body or a package-level initialiser (facts.cpp), computed once.
  const FunctionFacts* facts(const syntax::Node* body_or_literal);
  void analyze(types::Func* f);
  void analyze(const types::Initializer& init);

  // A row of gates.def by Go symbol, or null.
  struct Gate {
    std::string_view signature;
    uint32_t flags;             // ir::CallFlag
    uint64_t noescape_args;     // by scalar
  };
  const Gate* gate(Symbol symbol);
  size_t slot_count(Type* t, const ir::CallSig& sig, size_t first);  // slots of an argument whose first slot is `first`
  void finish(struct Body& b);  // hands over a function made on the way
  types::Func* runtime_function(std::string_view name);  // of the Go overlay's package runtime, or null

  // Adds static data, once per name.
  void add_data(ir::Data d);
  Symbol string_data(std::string_view bytes);
  // embed.cpp: the data of a //go:embed variable; false: it is none.
  bool embed_variable(types::Var* v, Type* t, ir::Data* d);
  Symbol closure_data(Symbol function);   // read-only {code}
  void error(Pos pos, std::string message);

  // Static initialisation (static_data.cpp, init.cpp).
  UnitKind unit_kind(types::Package* p, uint32_t unit);
  Symbol literal_name(types::Package* p, const syntax::FuncLit* lit);  // of a literal outside functions: pkg.init.funcN

  void function(const discover::FunctionInstance& f);   // dispatches by kind (function.cpp)
  void declared(const discover::FunctionInstance& f);
  void assembly_wrapper(Symbol name, types::Func* f);         // assembly.cpp
  void abi0_entry(Symbol entry, types::Func* f);
  void abi0_gate_entry(Symbol entry, Symbol gate);
  void init_unit(const discover::FunctionInstance& f);
  void method_wrapper(const discover::FunctionInstance& f);   // wrappers.cpp
  void interface_method(const discover::FunctionInstance& f);
  void method_value_wrapper(const discover::FunctionInstance& f);
  void equal_function(const discover::FunctionInstance& f);   // type_functions.cpp
  void hash_function(const discover::FunctionInstance& f);
  void variable(Symbol name, types::Var* v);            // static_data.cpp

  struct Impl;
  std::unique_ptr<Impl> impl;
  ~Program();
};

bool is_intrinsic(Symbol function);  // intrinsics.cpp

// Is f lowered inline (intrinsics.cpp)?
bool is_intrinsic(types::Func* f);

// A use of a generic's parts: type parameters of a declared function (its own, or its receiver's).
std::span<types::TypeParam* const> type_params_of(types::Func* origin);

}  // namespace gale::lower
