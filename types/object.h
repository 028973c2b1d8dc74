// Declared entities (spec: Declarations and scope) and the scopes they live in.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/source.h"
#include "base/symbol.h"
#include "types/type.h"

namespace gale::load {
struct Package;
}
namespace gale::syntax {
struct File;
struct Decl;
struct ConstDecl;
struct TypeDecl;
struct VarDecl;
struct FuncDecl;
struct FuncLit;
struct Name;
struct Node;
struct BlockStmt;
}  // namespace gale::syntax

namespace gale::types {

struct Constant;
struct Checker;

enum class ObjectKind : uint8_t { PkgName, Const, TypeName, Var, Func, Label, Builtin, Nil };

// Colour of an object during resolution (white: untouched, black: done, grey + n: on the object path at n).
using Color = uint32_t;
constexpr Color kWhite = 0, kBlack = 1, kGrey = 2;

struct DeclInfo;

struct Object {
  ObjectKind kind;
  Color color = kWhite;
  Symbol name;
  Pos pos;
  Package* package = nullptr;   // null for universe objects
  Scope* parent = nullptr;      // scope in which it is declared; null for methods and fields
  Type* type = nullptr;
  Pos scope_pos;                // start of its scope inside a function
  uint32_t order = 0;           // of declaration within the package; 0: not package level
  DeclInfo* decl = nullptr;     // package-level objects: how to resolve it

  bool exported() const;
};

struct PkgName : Object {
  Package* imported = nullptr;
  bool used = false;
};
struct ConstObject : Object {
  const Constant* value = nullptr;
};
struct TypeName : Object {};  // type: Named, Alias, TypeParam or Basic

enum class VarRole : uint8_t { Package, Local, Receiver, Param, Result, Field };
struct Var : Object {
  VarRole role = VarRole::Local;
  bool embedded = false;      // field
  bool used = false;
  bool captured = false;      // referenced from a function literal below its own function
  bool address_taken = false;  // &v, method call with pointer receiver, slice of array
  bool reassigned = false;    // assigned after its declaration (captures by value need: never)
  Var* origin = nullptr;      // of a field or parameter of an instantiated type: the generic's
  Object* enclosing_func = nullptr;  // Func, or null with enclosing_lit set; for locals (see FuncLit)
  const syntax::FuncLit* enclosing_lit = nullptr;  // innermost literal in which a local is declared
  uint32_t index = 0;         // local: ordinal in its function; field: index in its struct
  uint32_t middle = 0;        // scratch of later stages
};
struct Func : Object {
  bool has_ptr_receiver = false;
  bool body_checked = false, body_checking = false;
  Func* origin = nullptr;     // of an instantiated method: the generic's
  Named* receiver_named = nullptr;       // the (instance of the) type it is declared on; null: not a method of a named type
  const Interface* receiver_interface = nullptr;  // interface methods
  syntax::FuncDecl* syntax = nullptr;    // declared functions and methods
  uint32_t middle = 0;

  Signature* signature() const { return static_cast<Signature*>(type); }
};
struct Label : Object {
  bool used = false;
};
enum class BuiltinId : uint8_t {
  Append, Cap, Clear, Close, Complex, Copy, Delete, Imag, Len, Make, Max, Min, New, Panic, Print, Println, Real, Recover,
  UnsafeAdd, UnsafeAlignof, UnsafeOffsetof, UnsafeSizeof, UnsafeSlice, UnsafeSliceData, UnsafeString, UnsafeStringData,
  Assert, Trace,  // testing only
};
struct Builtin : Object {
  BuiltinId id;
};
struct Nil : Object {};

// How a package-level object is declared; the checker resolves from this on demand, in any order.
struct DeclInfo {
  syntax::File* file = nullptr;
  Scope* file_scope = nullptr;
  std::string_view go_version;           // of the file, "go1.N"
  std::span<Var*> lhs;                   // n:1 variable declarations: all of the left side
  syntax::Node* type_expr = nullptr;     // variables and constants
  syntax::Node* init = nullptr;          // Expr
  bool inherited = false;                // constant: type and init repeat an earlier spec
  syntax::TypeDecl* type_decl = nullptr;
  syntax::FuncDecl* func_decl = nullptr;
  syntax::VarDecl* var_decl = nullptr;
  uint32_t iota = 0;
  std::vector<Object*>* deps = nullptr;  // package-level objects that init or body refers to (for init order), in order of reference
};

// Names of a block (spec: Blocks). Lookup is linear for small scopes and hashed above 8 names.
struct Scope {
  Scope* parent = nullptr;
  Pos pos, end;           // extent, for local scopes
  bool is_func = false;   // a function's outermost scope
  std::string_view what;  // for dumps

  Object* lookup(Symbol name) const;
  // Declares o; returns the earlier object of that name, if there is one (then nothing changes). "_" is never entered.
  Object* insert(Object* o);
  // Innermost object called `name` visible at pos (pos invalid: ignore positions), and the scope it was found in.
  Object* lookup_parent(Symbol name, Pos pos, Scope** found_in) const;
  std::span<Object* const> objects() const { return objects_; }  // in order of insertion

 private:
  std::vector<Object*> objects_;
  void* index_ = nullptr;
};

// One initialisation step of a package: lhs = init, in the order of initialisation (spec: Package initialization).
struct Initializer {
  std::vector<Var*> lhs;   // several for a multi-value init; "_" included
  syntax::Expr* init;
  const DeclInfo* decl;
};

struct Package {
  load::Package* source = nullptr;
  Checker* checker = nullptr;         // to which it belongs (set by collect_objects)
  Symbol path, name;
  Scope* scope = nullptr;             // its parent is the universe
  std::vector<Scope*> file_scopes;    // one per file
  std::vector<Package*> imports;      // direct
  std::vector<Object*> objects;       // all package-level objects (methods too) in source order
  std::vector<Func*> init_funcs;      // func init(), in source order
  std::vector<Func*> methods;         // all declared methods, in source order
  std::vector<Func*> funcs;           // all functions, "_" ones included
  std::vector<Initializer> init_order;  // after check_init_order
  bool collected = false, fully_checked = false;
  bool has_errors = false;            // an error was reported in it
  bool is_fake_c = false;             // "C", or a package that could not be imported: its names are unknown, uses are no errors
  uint32_t local_types = 0;           // number of local types outside declared functions, for Named::local_index
  uint32_t ordinal = 0;               // position in import order
};

// How x.f was found (spec: Selectors).
struct Selection {
  enum Kind : uint8_t { FieldValue, MethodValue, MethodExpr } kind;
  Type* receiver;                 // type of x
  Object* object;                 // Var or Func
  Type* type;                     // of the selection
  std::span<const uint32_t> path;  // field indices (through embedded fields); for methods all but the last are fields
  bool indirect;                  // a pointer was followed on the path
};

}  // namespace gale::types
