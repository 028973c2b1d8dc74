// The type checker. One Checker serves a whole program: packages, objects and bodies are resolved on demand in any order
// (DESIGN D1), each under its own Environment.
//
// Life of a package:  collect_objects (names of all files) -> on demand: object declarations (object_decl), function bodies
// (check_body) -> for the main module and `gale check`: check_package does everything, in gc's order of phases, so that
// messages come as gc has them: collect, package objects, bodies, unused variables, init order, unused imports.
//
// Files follow the spec's (and types2's) concepts: one file per concept, listed beside each group below.
// Results: Expr::{mode,type,constant}, Name::object, SelectorExpr::selection, IndexExpr/CallExpr::instance_args,
// CaseClause::implicit_object, BranchStmt::target, Package::{scope,objects,methods,init_order}.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "base/arena.h"
#include "base/diagnostics.h"
#include "load/package.h"
#include "syntax/nodes.h"
#include "types/object.h"
#include "types/operand.h"
#include "types/type.h"

namespace gale::types {

struct CheckOptions {
  bool ignore_unused = false;        // no errors for unused variables and imports (std bodies)
  bool trace = false;
  std::string default_go_version = "go1.26";
};

// What is being checked right now. Saved and restored around each object and each body.
struct Environment {
  Package* package = nullptr;
  DeclInfo* decl = nullptr;          // package-level declaration whose init or body is checked
  Scope* scope = nullptr;
  std::string_view go_version;       // of the current file, "go1.N"
  Const iota = nullptr;              // inside a constant declaration
  Pos error_pos;                     // of the implicit constant initialiser's use, or none
  bool in_type_param_list = false;
  Signature* signature = nullptr;    // of the function whose body is checked
  Func* func = nullptr;              // the declared function
  const syntax::FuncLit* literal = nullptr;  // innermost function literal
  absl::flat_hash_map<const syntax::Node*, bool>* panic_calls = nullptr;  // calls of panic (for terminating analysis)
  bool has_label = false, has_call_or_recv = false;
  uint32_t local_types = 0;          // counter for Named::local_index
};

struct Checker;

// A reported error is a position (range), gc's words and a code (the names of internal/types/errors, e.g. "UnusedVar").
class ErrorBuilder;

struct LookupResult {
  Object* object = nullptr;           // Var or Func; null: not found
  std::vector<uint32_t> path;         // field indices; set with object == null: ambiguous
  bool indirect = false;              // with object == null: a pointer receiver is missing
};

struct Checker {
  Checker(SourceManager& sources, DiagnosticSink& sink, CheckOptions options = {});
  ~Checker();

  // ---- entry points (check.cpp, B) ----
  // Creates the types::Package of p and of all it imports (load order), collecting their objects. Cheap: no bodies.
  Package* add_package(load::Package* p);
  // Everything of one package, all bodies, all errors in gc's order.
  void check_package(Package* p);
  // One function's body (and what it needs), once. Parses it first if it was skimmed. Cheap if already done.
  void check_body(Func* f);
  // The initialiser of a package-level variable (all variables of an n:1 declaration).
  void check_var(Var* v);
  // Orders p's initialisers (initorder.cpp, A). Needs all bodies that they reach; sets p->init_order.
  void check_init_order(Package* p);
  Package* unsafe_package();

  SourceManager& sources;
  DiagnosticSink& sink;
  CheckOptions options;
  Arena arena;          // types, objects, scopes: life of the program
  Environment env;
  std::vector<Package*> packages;  // in import order

  // ---- errors (errors.cpp, B) ----
  // `end` may be none. Follow-on errors (that mention an invalid operand or type) are dropped, as gc does.
  void error(Pos pos, std::string_view code, std::string message, Pos end = {});
  void soft_error(Pos pos, std::string_view code, std::string message, Pos end = {});
  void error_at(const syntax::Node* at, std::string_view code, std::string message);   // gc's atPos rule for nodes
  void error_at(const Operand& at, std::string_view code, std::string message);
  void version_error(const syntax::Node* at, std::string_view go_version, std::string_view feature);
  bool allow_version(std::string_view go_version) const;  // current file's version >= go_version
  bool verify_version(const syntax::Node* at, std::string_view go_version, std::string_view feature);
  std::string type_text(Type* t) const;                    // qualified relative to env.package, as gc's messages
  std::string object_text(const Object* o) const;
  std::string operand_text(const Operand& x) const;
  DiagnosticKey key;  // package, phase and declaration of what is reported next

  // Work that must wait until the current declaration is complete (bodies, method-set checks, ...). (check.cpp, B)
  void later(std::function<void()> action);
  void process_delayed(size_t top);
  void push_action_if_needed();

  // ---- declarations ----
  void collect_objects(Package* p);                        // resolver.cpp, A
  void package_objects(Package* p);                        // resolver.cpp, A
  void unused_imports(Package* p);                         // resolver.cpp, A
  void object_decl(Object* o);                             // decl.cpp, A: resolves o->type, cycles reported
  bool valid_cycle(Object* o);                             // decl.cpp, A
  void cycle_error(std::span<Object* const> cycle, size_t start);  // decl.cpp, A
  void const_decl(ConstObject* o, syntax::Expr* type, syntax::Expr* init, bool inherited);  // decl.cpp, A
  void var_decl(Var* o, std::span<Var* const> lhs, syntax::Expr* type, syntax::Expr* init);  // decl.cpp, A
  void type_decl(TypeName* o, syntax::TypeDecl* d);        // decl.cpp, A
  void func_decl(Func* o);                                 // decl.cpp, A
  void collect_methods(TypeName* o);                       // decl.cpp, A
  void decl_stmt(std::span<syntax::Decl* const> decls);    // decl.cpp, A
  std::vector<TypeParam*> collect_type_params(std::span<syntax::Field* const> list);  // decl.cpp, A
  TypeParam* declare_type_param(syntax::Name* name, Pos scope_pos);  // decl.cpp, A
  bool declare(Scope* scope, syntax::Name* id, Object* o, Pos scope_pos);  // decl.cpp, A: reports redeclarations
  std::vector<Object*> object_path;                        // objects being resolved, for cycles
  Scope* new_scope(Scope* parent, Pos pos, Pos end, std::string_view what);
  void open_scope(const syntax::Node* n, std::string_view what);
  void close_scope();
  void add_dependency(Object* to);                         // to env.decl->deps

  // ---- type expressions (typexpr.cpp, struct.cpp, signature.cpp, interface.cpp, union.cpp; A) ----
  void ident(Operand& x, syntax::Name* e, Named* def, bool want_type);
  Type* typ(syntax::Expr* e);                              // a type; errors for values
  Type* var_type(syntax::Expr* e);                         // a type for variables: no constraint interfaces
  Type* defined_type(syntax::Expr* e, Named* def);         // def: the declared type whose right side e is
  Type* generic_type(syntax::Expr* e, std::string* cause);  // may be generic, uninstantiated
  Type* instantiated_type(syntax::Expr* x, std::span<syntax::Expr* const> args, Named* def);
  int64_t array_length(syntax::Expr* e);                   // -1 after an error
  void struct_type(Struct* t, syntax::StructType* e);
  void interface_type(Interface* t, syntax::InterfaceType* e, Named* def);
  void func_type(Signature* sig, syntax::Field* receiver, std::span<syntax::Field* const> type_params, syntax::FuncType* e);
  Type* parse_union(syntax::Operation* e);                 // also ~T
  Type* bound_type(syntax::Expr* e);                       // constraint position
  bool valid_map_key_later(Type* key, syntax::Expr* at);

  // ---- generics (instantiate.cpp, infer.cpp, unify.cpp, subst.cpp, typeset.cpp, named.cpp, validtype.cpp; A) ----
  // An instance of a generic Named, Alias or Signature; equal arguments give the same Named. Does not verify.
  Type* instantiate(Pos pos, Type* generic, std::span<Type* const> args);
  // Do args satisfy the constraints? Index of the first that does not, or -1; *cause as gc words it.
  int verify_instance(Pos pos, std::span<TypeParam* const> params, std::span<Type* const> args, std::string* cause);
  bool validate_type_arg_count(Pos pos, std::string_view name, size_t want, size_t got, syntax::Node* at);
  bool implements(Type* v, Type* t, bool constraint, bool static_only, std::string* cause);
  bool comparable_type(Type* t, bool dynamic, std::string* cause);
  // Infers the type arguments missing from targs (spec: Type inference). Empty result: failed, error reported
  // (unless reverse/err is set, where *cause is filled in instead).
  std::vector<Type*> infer(const syntax::Node* at, std::span<TypeParam* const> params, std::span<Type* const> targs,
                           Tuple* parameters, std::span<Operand* const> args, bool reverse, std::string* cause);
  // Fresh copies of type parameters (for a generic function used in its own body).
  Signature* rename_type_params(Signature* sig, std::vector<TypeParam*>* renamed);
  Type* substitute(Pos pos, Type* t, std::span<TypeParam* const> from, std::span<Type* const> to);
  TypeSet* type_set(Interface* t);
  void expand_underlying(Named* n);
  void valid_type(Named* n);                               // infinite-size check
  void check_instantiation_cycles(Package* p);             // infinite instantiation (infinst.cpp)

  // ---- lookup (lookup.cpp, A) ----
  LookupResult lookup_field_or_method(Type* t, bool addressable, Package* package, Symbol name, bool fold_case = false);
  // The first method of interface t that v lacks (null: none). *wrong: v has it with another signature or only on *v; *cause
  // as gc words it: "(missing method F)", "(wrong type for method F)\n\t\thave ...\n\t\twant ...", ...
  Func* missing_method(Type* v, Type* t, bool static_only, std::string* cause);
  bool has_all_methods(Type* v, Type* t, bool static_only, std::string* cause);
  std::string assertable_cause(Type* v, Type* t);          // empty: the assertion is possible
  std::string lookup_error(Type* t, Symbol selector, Object* object, bool struct_literal);

  // ---- expressions (expr.cpp, const.cpp, index.cpp, call.cpp, literals.cpp, conversions.cpp, builtins.cpp; B) ----
  void expr(Type* target, Operand& x, syntax::Expr* e);    // a single value; target: for generic function values, or null
  void raw_expr(Type* target, Operand& x, syntax::Expr* e, Type* hint, bool allow_generic);
  void multi_expr(Operand& x, syntax::Expr* e);            // may be a tuple or comma-ok
  void generic_expr(Operand& x, syntax::Expr* e);
  void expr_with_hint(Operand& x, syntax::Expr* e, Type* hint);
  void expr_or_type(Operand& x, syntax::Expr* e, bool allow_generic);
  void unary(Operand& x, syntax::Operation* e);
  void binary(Operand& x, syntax::Expr* e, syntax::Expr* lhs, syntax::Expr* rhs, syntax::Op op);
  void shift(Operand& x, Operand& y, syntax::Expr* e, syntax::Op op);
  void comparison(Operand& x, Operand& y, syntax::Op op);
  void match_types(Operand& x, Operand& y);
  void overflow(Operand& x, Pos op_pos);
  bool representable(Operand& x, Basic* t);                // converts the constant; false: error reported
  void convert_untyped(Operand& x, Type* target);
  Type* implicit_type_and_value(Operand& x, Type* target, Const* value, std::string* code);
  void update_expr_type(syntax::Expr* e, Type* t, bool final);
  void invalid_conversion(std::string_view code, const Operand& x, Type* target);
  void single_value(Operand& x);
  void exclude(Operand& x, uint32_t modes);
  bool index_expr(Operand& x, syntax::IndexExpr* e);       // true: a generic function to be instantiated
  void slice_expr(Operand& x, syntax::SliceExpr* e);
  bool index_value(syntax::Expr* e, int64_t max, Type** type, int64_t* value);  // checks an index; value -1 if not constant
  bool valid_index(Operand& x, std::string_view code, std::string_view what, bool allow_negative);
  void func_literal(Operand& x, syntax::FuncLit* e);
  void composite_literal(Operand& x, syntax::CompositeLit* e, Type* hint);
  void call_expr(Operand& x, syntax::CallExpr* e);         // returns through x.mode (NoValue, Value, CommaOk...)
  bool builtin_call(Operand& x, syntax::CallExpr* e, BuiltinId id);
  void selector(Operand& x, syntax::SelectorExpr* e, Named* def, bool want_type);
  void func_instance(Type* target, Pos pos, Operand& x, syntax::IndexExpr* e, bool infer_args);
  std::vector<Operand*> arguments_of(std::span<syntax::Expr* const> list, std::vector<Operand>& storage);
  void conversion(Operand& x, Type* t);                    // conversions.cpp
  bool convertible_to(Operand& x, Type* t, std::string* cause);
  void assignment(Operand& x, Type* t, std::string_view context);  // assignments.cpp
  bool assignable_to(Operand& x, Type* t, std::string* cause, std::string* code);  // operand.cpp
  void record_untyped();

  // ---- statements (stmt.cpp, assignments.cpp, range.cpp, labels.cpp, return.cpp; B) ----
  void func_body(Func* f, DeclInfo* decl, std::string_view name, Signature* sig, syntax::BlockStmt* body, Const iota,
                 const syntax::FuncLit* literal);
  void stmt_list(uint32_t context, std::span<syntax::Stmt* const> list);
  void stmt(uint32_t context, syntax::Stmt* s);
  Type* init_const(ConstObject* lhs, Operand& x);
  void init_var(Var* lhs, Operand& x, std::string_view context);
  void init_vars(std::span<Var* const> lhs, std::span<syntax::Expr* const> rhs, const syntax::Stmt* return_stmt);
  void assign_vars(std::span<syntax::Expr* const> lhs, std::span<syntax::Expr* const> rhs);
  void assign_var(syntax::Expr* lhs, syntax::Expr* rhs, Operand* x, std::string_view context);
  Type* lhs_var(syntax::Expr* lhs);
  void short_var_decl(Pos pos, std::span<syntax::Expr* const> lhs, std::span<syntax::Expr* const> rhs);
  void range_stmt(uint32_t context, syntax::ForStmt* s, syntax::RangeClause* r);
  void labels(syntax::BlockStmt* body);
  bool is_terminating(syntax::Stmt* s, Symbol label);
  void usage(Scope* scope);                                // unused variables

  struct Private;
  Private* p_;  // delayed actions, untyped expressions, instance tables: shared by the .cpp files through private.h
};

}  // namespace gale::types
