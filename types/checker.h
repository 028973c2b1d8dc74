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

// Where a value is assigned, as messages say it: "assignment", "return statement", "argument to f", ...
struct AssignContext {
  std::string_view text_;
  const syntax::Expr* callee = nullptr;  // "argument to" this function
  AssignContext(const char* text) : text_(text) {}
  AssignContext(std::string_view text) : text_(text) {}
  AssignContext(const std::string& text) : text_(text) {}
  explicit AssignContext(const syntax::Expr* function) : callee(function) {}
  std::string text() const;
};

struct CheckOptions {
  bool ignore_unused = false;        // no errors for unused variables and imports (std bodies)
  bool check_branches = false;       // labels and misplaced break etc.; off when the parser did it (as in gc)
  bool complete = true;              // a package without assembly files: functions without body are errors
  bool show_unexported = false;      // names that other packages do not export get an error of their own (types2's tests);
                                     // gc's importer does not know them: undefined
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
  uint32_t local_vars = 0;           // counter for Var::index of locals
};

struct Checker;
// The checker that the free functions of types/ (underlying, identical, ...) use for memory, and for errors in what they
// resolve lazily. Set by the constructor of Checker, cleared by its destructor.
extern Checker* g_checker;

// An error being put together: position, gc's words and a code (the names of internal/types/errors, e.g. "UnusedVar").
// Parts after the first become lines "\tfile:line:col: text" of their own (without the position if it is none).
class ErrorBuilder {
 public:
  ErrorBuilder(Checker& checker, std::string_view code, bool soft = false) : checker_(checker), code_(code), soft_(soft) {}
  void add(Pos pos, std::string text);
  void add_at(const syntax::Node* at, std::string text);  // at gc's position for the node
  void add_other_declaration(const Object* o);             // "other declaration of x", if o has a position
  bool empty() const { return parts_.empty(); }
  Pos pos() const { return parts_.empty() ? Pos{} : parts_[0].pos; }
  std::string message() const;  // all parts
  void report();                // at most once

 private:
  struct Part {
    Pos pos, end;
    std::string text;
  };
  Checker& checker_;
  std::string_view code_;
  bool soft_;
  std::vector<Part> parts_;
};

// What an expression statement may be made of.
enum class ExprKind : uint8_t { Conversion, Expression, Statement };

// The function type that a value is assigned to, for inferring the type arguments of a generic function value, and how
// messages call the place. No signature: no such target.
struct Target {
  Signature* signature = nullptr;
  std::string_view description;
  Target(std::nullptr_t) {}
  Target(Type* t, std::string_view what);
};

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
  // What gc refuses after type checking (directives, missing bodies). Call it for packages of the main module without errors.
  void compiler_rules(Package* p);  // compiler_rules.cpp, A

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
  void soft_error_at(const syntax::Node* at, std::string_view code, std::string message);
  void version_error(const syntax::Node* at, std::string_view go_version, std::string_view feature);
  bool allow_version(std::string_view go_version) const;  // current file's version >= go_version
  bool verify_version(const syntax::Node* at, std::string_view go_version, std::string_view feature);
  std::string type_text(Type* t) const;                    // qualified relative to env.package, as gc's messages
  std::string object_text(const Object* o) const;
  std::string position_text(Pos pos) const;                // "file.go:line:col" (object.cpp, A)
  std::string operand_text(const Operand& x) const;
  DiagnosticKey key;  // package, phase and declaration of what is reported next

  // Work that must wait until the current declaration is complete (bodies, method-set checks, ...). (check.cpp, B)
  void later(std::function<void()> action);
  void process_delayed(size_t top);

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
  // Declares the parameters in the current scope; *bound is set before their constraints are checked, which may use it.
  void collect_type_params(std::span<TypeParam*>* bound, std::span<syntax::Field* const> list);  // decl.cpp, A
  TypeParam* declare_type_param(syntax::Name* name, Pos scope_pos);  // decl.cpp, A
  bool declare(Scope* scope, syntax::Name* id, Object* o, Pos scope_pos);  // decl.cpp, A: reports redeclarations
  // A local variable (or parameter) of the body being checked: sets enclosing_func, enclosing_lit and index from env.
  Var* new_local(VarRole role, Pos pos, Symbol name, Type* type);  // decl.cpp, A
  // Makes the parameters of sig the first locals of f or literal (Var::enclosing_*, index); returns their number.
  uint32_t adopt_params(Signature* sig, Func* f, const syntax::FuncLit* literal, uint32_t first_index);  // decl.cpp, A
  // Reports a mismatch of names and initial values in a declaration.
  void arity(Pos pos, std::span<syntax::Name* const> names, std::span<syntax::Expr* const> inits, bool const_decl,
             bool inherited);                              // decl.cpp, A
  std::vector<Object*> object_path;                        // objects being resolved, for cycles
  void push_object(Object* o);                             // onto object_path; o->color tells its index there
  void pop_object();
  // Is o being resolved? *index: its place in object_path.
  static bool on_object_path(const Object* o, size_t* index) {
    if (o->color < kGrey) return false;
    *index = o->color - kGrey;
    return true;
  }
  Scope* new_scope(Scope* parent, Pos pos, Pos end, std::string_view what);
  void open_scope(const syntax::Node* n, std::string_view what);
  void close_scope();
  void add_dependency(Object* to);                         // to env.decl->deps

  // ---- type expressions (typexpr.cpp, struct.cpp, signature.cpp, interface.cpp, union.cpp; A) ----
  void ident(Operand& x, syntax::Name* e, Named* def, bool want_type);
  Type* typ(syntax::Expr* e);                              // a type; errors for values
  Type* var_type(syntax::Expr* e);                         // a type for variables: no constraint interfaces
  bool finite_instance(Named* n);
  bool finite_size(Type* t);                               // false: a cycle through t was reported (finite_size.cpp, B)
  void valid_var_type(syntax::Expr* e, Type* t);           // later: an error if t is a constraint interface
  Type* defined_type(syntax::Expr* e, Named* def);         // def: the declared type whose right side e is
  Type* generic_type(syntax::Expr* e, std::string* cause);  // may be generic, uninstantiated
  Type* instantiated_type(syntax::Expr* x, std::span<syntax::Expr* const> args, Named* def);
  int64_t array_length(syntax::Expr* e);                   // -1 after an error
  void struct_type(Struct* t, syntax::StructType* e);
  void interface_type(Interface* t, syntax::InterfaceType* e, Named* def);
  void func_type(Signature* sig, syntax::Field* receiver, std::span<syntax::Field* const> type_params, syntax::FuncType* e);
  Type* parse_union(syntax::Expr* e);                      // A | ~B; a single type stays what it is
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
  // The same, with what went wrong added to `err` (position included) and not reported. `at`: position of "cannot infer".
  std::vector<Type*> infer(Pos at, std::span<TypeParam* const> params, std::span<Type* const> targs, Tuple* parameters,
                           std::span<Operand* const> args, bool reverse, ErrorBuilder& err);
  // Fresh copies of type parameters (for a generic function used in its own body).
  Signature* rename_type_params(Signature* sig, std::vector<TypeParam*>* renamed);
  Type* substitute(Pos pos, Type* t, std::span<TypeParam* const> from, std::span<Type* const> to);
  TypeSet* type_set(Interface* t);
  // The underlying type that all types of t's type set have in common (channels: the most restricted one), or null with
  // *cause. cond (may be empty) is asked first for each (type, underlying), with nulls if there are no specific types.
  using TypeCondition = std::function<bool(Type* type, Type* under, std::string* cause)>;
  Type* common_under(Type* t, const TypeCondition& cond, std::string* cause);
  // The i-th declared method of n, in the order of origin's methods; an instance's methods are instantiated when asked for.
  Func* method(Named* n, size_t i);
  // A declared method of n by name; null if there is none visible from package. *index (may be null): its number.
  Func* find_method(Named* n, const Package* package, Symbol name, bool fold_case, uint32_t* index);
  void expand_underlying(Named* n);
  void valid_type(Named* n);                               // infinite-size check
  // Edges for check_instantiation_cycles: an instantiation written in the source (arg_exprs: its syntax, may be shorter),
  // and a receiver's type parameter, which stands for the declared one.
  void note_instance(Pos pos, std::span<TypeParam* const> params, std::span<Type* const> args,
                     std::span<syntax::Expr* const> arg_exprs);  // infinst.cpp, A2
  void note_receiver_param(TypeParam* receiver, TypeParam* declared);  // infinst.cpp, A2
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
  void expr(Target target, Operand& x, syntax::Expr* e);   // a single value; target: for generic function values, or null
  ExprKind raw_expr(Target target, Operand& x, syntax::Expr* e, Type* hint, bool allow_generic);
  ExprKind expr_internal(Target target, Operand& x, syntax::Expr* e, Type* hint);
  // One operand for each value of e: of a call's results, or (comma_ok != null) the two of a comma-ok expression.
  std::vector<Operand> multi_expr(syntax::Expr* e, bool allow_comma_ok, bool* comma_ok);
  std::vector<Operand> expr_list(std::span<syntax::Expr* const> list);
  void generic_expr(Operand& x, syntax::Expr* e);
  void expr_with_hint(Operand& x, syntax::Expr* e, Type* hint);
  void expr_or_type(Operand& x, syntax::Expr* e, bool allow_generic);
  void non_generic(Target target, Operand& x);
  void pending_type(Operand& x);
  void assert_expr(Operand& x, syntax::AssertExpr* e);
  bool use(std::span<syntax::Expr* const> list);           // checks operands whose context is wrong; false: one is invalid
  bool use(syntax::Expr* e);
  bool use_lhs(std::span<syntax::Expr* const> list);
  bool use_one(syntax::Expr* e, bool lhs);
  void record(const Operand& x);                           // x's mode, type and value into x.expr
  void record_type(syntax::Expr* e, syntax::Mode mode, Type* t, Const value);
  void record_comma_ok(syntax::Expr* e, Type* value, Type* ok);
  void record_instance(syntax::Expr* e, std::span<Type* const> args);
  void record_selection(syntax::SelectorExpr* e, uint8_t kind, Type* receiver, Object* object, Type* type,
                        std::span<const uint32_t> path, bool indirect);
  void unary(Operand& x, syntax::Operation* e);
  void indirection(Operand& x, syntax::Operation* e);
  Type* chan_elem(Pos at, const Operand& x, bool receive);
  bool operator_defined(const Operand& x, syntax::Op op, bool is_unary);
  void binary(Operand& x, syntax::Expr* e, syntax::Expr* lhs, syntax::Expr* rhs, syntax::Op op);
  void mismatched_operands(const Operand& x, const Operand& y, syntax::Expr* e, syntax::Expr* lhs, syntax::Expr* rhs,
                           syntax::Op op);
  bool divides_by_zero(const Operand& x, const Operand& y);
  void shift(Operand& x, Operand& y, syntax::Expr* e, syntax::Op op);
  void shift_constants(Operand& x, const Operand& y, Const left, Const count, syntax::Expr* e, syntax::Op op);
  void comparison(Operand& x, Operand& y, syntax::Op op, bool switch_case = false);
  void comparison_error(const Operand& x, const Operand& y, const Operand& culprit, syntax::Op op, bool switch_case,
                        std::string_view code, std::string cause);
  std::string incomparable_cause(Type* t);
  void match_types(Operand& x, Operand& y);
  void overflow(Operand& x, Pos op_pos);
  void representable(Operand& x, Basic* t);                // rounds the constant; or an error, and x is invalid
  std::string_view representation(const Operand& x, Basic* t, Const* value);  // "" or the error's code
  void convert_untyped(Operand& x, Type* target);
  // The type that untyped x gets where `target` is wanted; null: none, and *code says why. *value: rounded, or null.
  Type* implicit_type_and_value(const Operand& x, Type* target, Const* value, std::string_view* code);
  // Gives x the type and the rounded value (null: as it was) that implicit_type_and_value found, down to its operands.
  void make_typed(Operand& x, Type* type, Const value);
  void update_expr_type(syntax::Expr* e, Type* t, bool final);
  void update_expr_value(syntax::Expr* e, Const value);
  void invalid_conversion(std::string_view code, const Operand& x, Type* target);
  void single_value(Operand& x);
  void exclude(Operand& x, uint32_t modes);
  void type_assertion(syntax::Expr* e, const Operand& x, Type* t, bool type_switch);
  bool index_expr(Operand& x, syntax::IndexExpr* e);       // true: a generic function to be instantiated
  bool index_type_param(Operand& x, int64_t* length, Type** key);
  void map_index(Operand& x, syntax::IndexExpr* e, Type* key, Type* elem);
  void slice_expr(Operand& x, syntax::SliceExpr* e);
  void slice_indices(syntax::SliceExpr* e, int64_t length);
  syntax::Expr* single_index(syntax::IndexExpr* e);
  Type* index_value(syntax::Expr* e, int64_t max, int64_t* value);  // checks an index; value -1 if not constant
  bool valid_index(Operand& x, std::string_view code, std::string_view what, bool allow_negative);
  void basic_literal(Operand& x, syntax::BasicLit* e);
  void func_literal(Operand& x, syntax::FuncLit* e);
  void composite_literal(Operand& x, syntax::CompositeLit* e, Type* hint);
  void struct_literal(syntax::CompositeLit* e, Struct* t, Type* base);
  void positional_fields(syntax::CompositeLit* e, Struct* t, Type* base);
  void map_literal(syntax::CompositeLit* e, Map* t);
  int64_t indexed_elements(std::span<syntax::Expr* const> list, Type* elem, int64_t length);
  ExprKind call_expr(Operand& x, syntax::CallExpr* e);
  ExprKind conversion_call(Operand& x, syntax::CallExpr* e);
  ExprKind function_call(Operand& x, syntax::CallExpr* e, syntax::IndexExpr* instance);
  bool builtin_call(Operand& x, syntax::CallExpr* e, BuiltinId id);
  void selector(Operand& x, syntax::SelectorExpr* e, Named* def, bool want_type);
  bool qualified_identifier(Operand& x, syntax::SelectorExpr* e);  // true: x is set, or an error was reported
  void missing_selector(const Operand& x, syntax::SelectorExpr* e, const LookupResult& found);
  void selected(Operand& x, syntax::SelectorExpr* e, const LookupResult& found);
  void method_expr(Operand& x, syntax::SelectorExpr* e, Func* m, const LookupResult& found);
  // Instantiates the generic function x (e: with explicit type arguments, or null). With infer_args false and too few of
  // them, nothing is done but returning those given.
  std::vector<Type*> func_instance(Target target, Pos pos, Operand& x, syntax::IndexExpr* e, bool infer_args);
  Signature* instantiate_signature(Pos pos, syntax::Expr* e, Signature* sig, std::span<Type* const> args,
                                   std::span<syntax::Expr* const> arg_exprs);
  // Operands for call arguments; generic functions stay generic, type_args[i] are those given explicitly.
  std::vector<Operand> generic_expr_list(std::span<syntax::Expr* const> list, std::vector<std::vector<Type*>>* type_args);
  bool argument_count(syntax::CallExpr* call, Signature* sig, std::span<const Operand> args);
  Signature* arguments(syntax::CallExpr* call, Signature* sig, std::vector<Type*> type_args,
                       std::span<syntax::Expr* const> type_exprs, std::vector<Operand>& args,
                       std::span<const std::vector<Type*>> arg_type_args);
  Signature* infer_call(syntax::CallExpr* call, Signature* sig, std::vector<Type*> type_args,
                        std::span<syntax::Expr* const> type_exprs, std::vector<Operand>& args,
                        std::span<const std::vector<Type*>> arg_type_args, std::span<Type*> types);
  bool type_list(std::span<syntax::Expr* const> list, std::vector<Type*>* types);
  static Object* exported_ignoring_case(Scope* scope, Symbol name);
  static Var* root_variable(syntax::Expr* e);
  std::string types_summary(std::span<Type* const> list, bool variadic, bool has_dots);
  void conversion(Operand& x, Type* t);                    // conversions.cpp
  bool convertible_to(const Operand& x, Type* t, std::string* cause);
  void assignment(Operand& x, Type* t, const AssignContext& context);  // assignments.cpp; t null: any typed value
  bool assignable_to(const Operand& x, Type* t, std::string* cause, std::string_view* code = nullptr);  // operand.cpp
  // Untyped operands of non-constant shifts, whose type comes from the context later.
  absl::flat_hash_set<const syntax::Expr*> shift_lhs;
  // Type arguments of generic functions that are mentioned by name only (f passed or assigned without [..]): by Name node.
  absl::flat_hash_map<const syntax::Expr*, std::span<Type*>> name_instances;
  // Type arguments with which the generic function that e denotes is instantiated there; empty: not generic.
  std::span<Type*> instance_args_of(const syntax::Expr* e) const;

  // ---- statements (stmt.cpp, assignments.cpp, range.cpp, labels.cpp, return.cpp; B) ----
  void func_body(Func* f, DeclInfo* decl, std::string_view name, Signature* sig, syntax::BlockStmt* body, Const iota,
                 const syntax::FuncLit* literal);
  void stmt_list(uint32_t context, std::span<syntax::Stmt* const> list);
  void stmt(uint32_t context, syntax::Stmt* s);
  void if_stmt(uint32_t context, syntax::IfStmt* s);
  void for_stmt(uint32_t context, syntax::ForStmt* s);
  void switch_stmt(uint32_t context, syntax::SwitchStmt* s);
  void expr_switch(uint32_t context, syntax::SwitchStmt* s);
  void type_switch(uint32_t context, syntax::SwitchStmt* s, syntax::TypeSwitchGuard* guard);
  void select_stmt(uint32_t context, syntax::SelectStmt* s);
  void assign_stmt(syntax::AssignStmt* s);
  void return_stmt(syntax::ReturnStmt* s);
  void branch_stmt(uint32_t context, syntax::BranchStmt* s);
  void expr_stmt(syntax::ExprStmt* s);
  void suspended_call(std::string_view keyword, syntax::Expr* call);  // go, defer
  void condition(syntax::Expr* e, std::string_view what);
  Type* init_const(ConstObject* lhs, Operand& x);
  void init_var(Var* lhs, Operand& x, const AssignContext& context);
  void init_vars(std::span<Var* const> lhs, std::span<syntax::Expr* const> rhs, const syntax::Stmt* return_stmt);
  void assign_vars(std::span<syntax::Expr* const> lhs, std::span<syntax::Expr* const> rhs);
  void assign_var(syntax::Expr* lhs, syntax::Expr* rhs, Operand* x, const AssignContext& context);
  void assign_error(std::span<syntax::Expr* const> rhs, size_t l, size_t r);
  void return_error(const syntax::Stmt* at, std::span<Var* const> lhs, std::span<const Operand> rhs);
  Type* lhs_var(syntax::Expr* lhs);                        // null: the blank identifier
  void short_var_decl(Pos pos, std::span<syntax::Expr* const> lhs, std::span<syntax::Expr* const> rhs);
  void range_stmt(uint32_t context, syntax::ForStmt* s, syntax::RangeClause* r);
  bool range_key_value(Type* t, Type** key, Type** value, std::string* cause);
  bool range_over_func(Signature* f, Type** key, Type** value, std::string* cause);
  void define_iteration_vars(syntax::ForStmt* s, syntax::Expr* const lhs[2], Type* const types[2], Operand& x, bool over_int);
  void labels(syntax::BlockStmt* body);
  bool is_terminating(syntax::Stmt* s, Symbol label);
  bool is_terminating_list(std::span<syntax::Stmt* const> list, Symbol label);
  void usage(size_t first);                                // unused variables among local_vars[first..]
  std::vector<Var*> local_vars;                            // declared in the bodies being checked, innermost last
  Object* lookup(Symbol name) const;                       // from env.scope outwards
  // Variable flags (object.h): v is mentioned at the current place; e's variable is assigned, or its address taken.
  void reference_var(Var* v);
  void mark_reassigned(syntax::Expr* e);
  void mark_address_taken(syntax::Expr* e);

  struct Private;
  Private* p_;  // delayed actions, untyped expressions, instance tables: shared by the .cpp files through private.h
};

}  // namespace gale::types
