// What code refers to, told while it is lowered (ABI.md section 11). The owner of the work list implements References; each
// function or variable it hears of for the first time is lowered in its turn, each type gets a descriptor, and so on.
// Everything is canonical (CanonicalTypes); functions are told apart by link name (names.h).
#pragma once

#include <cstdint>
#include <vector>

#include "base/symbol.h"

namespace gale::types {
struct Type;
struct Var;
struct Func;
struct Package;
struct Object;
}  // namespace gale::types

namespace gale::discover {

enum class FunctionKind : uint8_t {
  Declared,       // `func` with `type_args`: its own, or those of its receiver's type. Lowered with its literals
  MethodWrapper,  // method `method` of the method set of `type` (T or *T): auto-dereferenced, promoted, or of an embedded interface
  InterfaceMethod,  // `type` is an interface: its method as a function whose first parameter is the interface (I.m)
  MethodValue,    // x.m as a func value, code of a closure {code, x}; x is of `type` (T, *T or an interface): name "T.m-fm"
  InitUnit,       // initialiser number `unit` of package->init_order
  InitFunction,   // package->init_funcs[unit]: pkg.init.N (a Declared function under another name)
  Equal,          // func(p, q *type) bool: type:.eq.T
  Hash,           // func(p *type, seed uintptr) uintptr: type:.hash.T
};

struct FunctionInstance {
  FunctionKind kind = FunctionKind::Declared;
  types::Func* func = nullptr;           // Declared, InitFunction: the origin (never an instantiated copy)
  std::vector<types::Type*> type_args;   // Declared: canonical
  types::Type* type = nullptr;           // canonical
  Symbol method;                         // MethodWrapper, InterfaceMethod, MethodValue
  types::Package* method_package = nullptr;  // package of an unexported method name
  types::Package* package = nullptr;     // InitUnit, InitFunction
  uint32_t unit = 0;
};

class References {
 public:
  virtual ~References() = default;

  // A function called directly, or whose code address is taken. `name` == function_symbol(f), or what linknames make of it.
  virtual void function(Symbol name, const FunctionInstance& f) = 0;
  // A function that is not Go (gates.def, assembly), or a symbol of symbols.def.
  virtual void external(Symbol name) = 0;
  // A package variable, with the symbol that code uses for it.
  virtual void variable(Symbol name, types::Var* v) = 0;
  // The descriptor of t is addressed (type_symbol(t)). `in_interface`: values of t get into interfaces, so that its methods
  // can be called there and reflect can see it.
  virtual void type(types::Type* t, bool in_interface) = 0;
  // go:itab.concrete,interface is addressed. `made`: to make an interface value of it; else only to compare with it.
  virtual void itab(types::Type* concrete, types::Type* interface, bool made) = 0;
  // Itabs of `interface` are looked for at run time, for whatever a value's type is: an assertion to it, a conversion from
  // another interface.
  virtual void any_itab(types::Type* interface) = 0;
  // A method is called through an interface, or an interface method expression is made.
  virtual void interface_method(types::Type* interface, Symbol method, types::Package* package) = 0;
  // A method name given to reflect's MethodByName as a constant; empty: names are not known (reflectSeen).
  virtual void method_by_name(Symbol name) = 0;
};

}  // namespace gale::discover
