// Body: the lowering of one function, from its syntax to one ir::Func. Internal to lower/.
//
// A Go value is a Val: either its scalars (types that split into at most four: numbers, pointers, strings, slices,
// interfaces, complex numbers, small structs) or the address of memory that holds it. A Val in memory that is not `owned`
// may alias a variable: it is good until something is written; `stabilize` copies it.
//
// A Go variable is a Variable: SSA variables (one per scalar) if no address of it is needed; else a Local of the frame, or
// a box made by New (which escape analysis may put on the stack again). SSA form is built on the fly (Braun et al., Simple
// and Efficient Construction of SSA Form, CC 2013).
//
// Every type here is canonical and concrete: `type_of` substitutes the instance's type arguments.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>

#include "ir/func.h"
#include "lower/program.h"
#include "syntax/nodes.h"
#include "types/object.h"
#include "types/predicates.h"
#include "types/type.h"

namespace gale::lower {

using ir::BlockId;
using ir::LocalId;
using ir::Op;
using ir::Ty;
using ir::ValueId;
using types::Type;

using Values = absl::InlinedVector<ValueId, 4>;

struct Val {
  Type* type = nullptr;
  Values parts;          // the scalars, in order of Shape::parts, if the type splits
  ValueId addr;          // else: where it lies
  bool owned = false;    // in memory: a temporary that nobody else writes
  bool in_memory() const { return addr.valid(); }
};

struct Variable {
  enum Kind : uint8_t {
    Ssa,    // ssa .. ssa + number of parts - 1
    Frame,  // at `local`, or at `addr` (memory of a parameter)
    Box,    // SSA variable `ssa` holds a pointer to it
    BoxInFrame,  // `local` holds the pointer to it (results of functions with defer)
  } kind = Ssa;
  uint32_t ssa = 0;
  LocalId local;
  ValueId addr;
  Type* type = nullptr;
};

// Something that can be assigned to.
struct Place {
  enum Kind : uint8_t { Blank, Ssa, Memory, MapElem } kind = Blank;
  Type* type = nullptr;
  uint32_t ssa = 0;      // Ssa: first SSA variable (a variable's or a field's scalars)
  ValueId addr;          // Memory
  int64_t offset = 0;
  Val map, key;          // MapElem
  // Memory: an element of what lies at addr, not checked yet: gc checks when the assignment happens (see Body::settle).
  ValueId index, length;
  Pos index_pos;         // of the bracket
  bool index_unsigned = false;
  Type* element = nullptr;
  bool not_nil = false;  // Memory: addr has been checked, or comes from an index within bounds
};

// What is called, with the receiver already evaluated.
struct Callee {
  enum Kind : uint8_t { Static, Closure, Code } kind = Static;
  Symbol symbol;                // Static
  ValueId target;               // Closure: the closure object; Code: the code address
  std::vector<Type*> params;    // receiver first
  std::vector<Type*> results;
  bool variadic = false;
  std::vector<Val> receiver;    // none or one
  uint32_t flags = 0;           // ir::CallFlag
  uint64_t noescape_args = 0;
  types::Func* func = nullptr;  // statically known
  std::vector<Val> interface;   // Code: the interface value whose method is called, to look it up again
  Symbol method;
  types::Package* method_package = nullptr;
};

struct Capture {
  types::Var* var;
  bool by_value;
  Type* type;  // of the field in the closure object
};

// One step of comparing two structs: a field, or only the lengths of a string field.
struct FieldComparison {
  uint32_t field;
  bool length_only;
};
std::vector<FieldComparison> comparison_order(types::Struct* s);


// The call of a go or defer statement: operands evaluated, the rest is a niladic closure.
struct Body;
struct SuspendedCall {
  ValueId closure;
  Symbol code;               // of the closure, if known
  LocalId object;            // where the closure lies if it was made in the frame
  std::vector<Type*> captured;  // by a wrapper closure in the frame; what it does with them:
  std::function<void(Body& body, std::span<const Val> captured)> act;  // empty: only the closure can be called
};

struct RangeFuncFrame;  // range_func.cpp

// A case of a switch whose value is known, and where it leads.
struct SwitchCase {
  int64_t value;  // as the type extends to 64 bits
  BlockId to;
  Pos pos;
};
struct StringCase {
  std::string_view text;
  BlockId to;
  Pos pos;
};
struct TypeCase {
  Type* type;  // concrete; null: nil
  BlockId to;
  Pos pos;
};

struct Body {
  Body(Program& program, Symbol name, Body* outer = nullptr);
  ~Body();

  // ---- state
  Program& program;
  std::unique_ptr<ir::Func> owned_func;
  ir::Func& func;
  Body* outer;                       // of a function literal: the body that contains it
  BlockId block;                     // where code goes; invalid: control cannot get here
  Pos pos;                           // of what is being lowered
  std::span<types::TypeParam* const> from;  // type parameters in force and their arguments
  std::span<Type* const> to;
  absl::flat_hash_map<const types::Var*, Variable> variables;
  std::vector<types::Var*> result_vars;       // named or made up; their Variables are in `results`
  std::vector<Variable> results;
  std::vector<Type*> param_types, result_types;
  const FunctionFacts* facts = nullptr;
  std::string_view go_version;
  uint32_t literal_count = 0, defer_wrap_count = 0, go_wrap_count = 0, range_count = 0;
  std::vector<SuspendedCall> deferred;        // open-coded: site i has bit i and slot i
  uint32_t defer_bits = 0;                    // SSA variable with what the frame's byte holds
  BlockId defer_exit;                         // runs the deferred calls and returns: made when there are many returns
  uint32_t defer_exits = 0;                   // calls emitted at returns
  RangeFuncFrame* range_func = nullptr;       // this is the body of a range-over-func loop
  bool is_static_init = false;
  types::Package* package = nullptr;          // whose code this is

  // ---- function.cpp: the frame of a function
  void set_substitution(std::span<types::TypeParam* const> params, std::span<Type* const> args);
  // Sets func.sig from param_types and result_types and makes entry block, parameters, results.
  void begin(std::span<types::Var* const> params, std::span<types::Var* const> result_vars);
  void begin_raw();                   // only the signature and the entry block
  void describe_arguments();          // for tracebacks (arg_info.cpp)
  Val param(size_t i);                // value of parameter i (after begin_raw)
  void end();                         // seals what is open, removes dead blocks and trivial phis
  void emit_return(std::span<const Val> values);  // of result_types, already converted
  void return_results();              // returns the result variables as they are
  void return_loaded_results();       // the same; deferred calls have been made
  void finish_with_return();          // at the closing brace
  void function_body(syntax::BlockStmt* body);

  // ---- ssa.cpp
  uint32_t new_ssa(Ty ty);
  void write_ssa(uint32_t var, ValueId v);
  ValueId read_ssa(uint32_t var);
  BlockId new_block();
  void seal(BlockId b);               // all predecessors are known
  void start(BlockId b) { block = b; }
  void start_sealed(BlockId b) { seal(b); block = b; }
  void jump(BlockId to);              // ends the current block
  void branch(ValueId cond, BlockId if_true, BlockId if_false, int8_t likely = 0);
  void unreachable();                 // ends the current block
  bool reachable() const { return block.valid(); }

  // ---- emit.cpp: single operations
  ValueId op(Op op, Ty ty, std::initializer_list<ValueId> args, int64_t aux = 0);
  ValueId op(Op op, Ty ty, std::span<const ValueId> args, int64_t aux = 0);
  ValueId op_type(Op op, Ty ty, std::initializer_list<ValueId> args, Type* type, int64_t aux = 0);
  ValueId iconst(Ty ty, int64_t v);
  ValueId i64(int64_t v) { return iconst(Ty::I64, v); }
  ValueId bool_const(bool b) { return iconst(Ty::Bool, b); }
  ValueId fconst(Ty ty, double v);
  ValueId nil_ptr() { return iconst(Ty::Ptr, 0); }
  ValueId sym_addr(Symbol s, Ty ty = Ty::Ptr, int64_t addend = 0);
  ValueId local_addr(LocalId l) { return op(Op::LocalAddr, Ty::Ptr, {}, l.index); }
  ValueId offset(ValueId addr, int64_t n);
  ValueId type_addr(Type* t, bool in_interface = false);   // its descriptor; reported
  ValueId itab_addr(Type* concrete, Type* interface, bool made);
  ValueId nil_check(ValueId p);
  ValueId select(ValueId cond, ValueId a, ValueId b);
  ValueId to_i64(ValueId v, bool is_signed);               // widen an integer
  bool is_stack_address(ValueId v) const;                  // no barrier needed there
  // Calls a runtime function: a gate (base/abi/gates.def) or a Go function of the overlay, by scalars. name without "runtime.".
  Values runtime_call(std::string_view name, std::initializer_list<ValueId> args);
  Values runtime_call(std::string_view name, std::span<const ValueId> args);
  ValueId rt(std::string_view name, std::initializer_list<ValueId> args);  // its first result
  void rt_noreturn(std::string_view name, std::initializer_list<ValueId> args);  // does not come back: block is invalid after

  // ---- values.cpp: values in scalars and in memory
  const Shape& shape(Type* t) { return program.shape(t); }
  Val scalar(Type* t, ValueId v);
  Val val(Type* t, std::initializer_list<ValueId> parts);
  Val memory(Type* t, ValueId addr, bool owned = false);
  Val zero(Type* t);
  Val load(Type* t, ValueId addr, int64_t offset = 0);      // types in memory: no copy, just the address
  void store(ValueId addr, int64_t offset, const Val& v);   // with barriers as needed
  void store_zero(ValueId addr, int64_t offset, Type* t);
  Val stabilize(const Val& v);                              // copies a value in memory that is not owned
  LocalId new_local(Type* t, std::string_view name = {});   // of the frame
  LocalId new_local(uint64_t size, uint32_t align, std::span<const uint8_t> pointer_mask);
  ValueId room(Type* t);                                    // memory for an unnamed value, whatever it holds: of the frame, or a new object if large
  ValueId temporary(const Val& v);                          // address of memory in the frame that holds v (v's own, if in memory)
  ValueId fresh_temporary(Type* t);                         // address of a zeroed frame temporary
  Val field(const Val& v, uint32_t index);                  // of a struct value
  Val with_type(Val v, Type* t) { v.type = t; return v; }   // same representation
  // All scalars of v, also of one in memory (its type has no long arrays).
  Values scalars(const Val& v);
  ValueId len(const Val& v);                                // of string, slice, array, map, chan, pointer to array
  ValueId cap(const Val& v);
  ValueId new_object(Type* t);                              // New, or zerobase for size 0
  ValueId new_variable(Type* t, const types::Var* v);       // the same for v, where it is declared

  // ---- variables.cpp
  Variable& declare(types::Var* v, Type* t);                // makes room for it; not initialised yet (SSA) or zeroed (memory)
  void declare_init(types::Var* v, const Val& init);        // declares and sets it; v null or blank: nothing
  Variable* lookup(const types::Var* v);
  Val read(const Variable& v);
  void write(const Variable& v, const Val& value);
  ValueId address(const Variable& v);                       // not for Ssa
  Val read_var(types::Var* v);                              // local, captured or package-level
  Place var_place(types::Var* v);
  ValueId global_addr(types::Var* v);

  // ---- types of expressions
  Type* type_of(const syntax::Expr* e);                     // canonical, substituted; untyped: its default type
  Type* subst(Type* t);
  std::vector<Type*> subst(std::span<Type* const> ts);
  Type* default_int();

  // ---- constant.cpp
  Val constant(types::Const c, Type* t);
  Val string_constant(std::string_view s, Type* t);

  // ---- expr.cpp
  Val expr(syntax::Expr* e);                                // one value of type_of(e)
  Val expr_as(syntax::Expr* e, Type* t);                    // evaluated and converted as by assignment to t
  std::vector<Val> exprs(syntax::Expr* e);                  // all values of a call or comma-ok (want == 2) expression or list
  std::vector<Val> comma_ok(syntax::Expr* e);               // v, ok of map index, assertion, receive
  void effect(syntax::Expr* e);                             // for effects only
  void condition(syntax::Expr* e, BlockId if_true, BlockId if_false);
  ValueId address_of(syntax::Expr* e);                      // address of an addressable expression (variables: boxes and frames)
  Place place(syntax::Expr* e);                             // evaluates operands of an assignment's left side
  void settle(Place& p);  // checks its index: then addr + offset is the place
  void check_nil(Place& p);                               // of memory; once
  Val read_place(const Place& p);
  void write_place(const Place& p, const Val& v);           // v of p.type
  bool has_calls(const syntax::Expr* e);                    // may call, receive, panic or write: conservative
  Val unary(syntax::Operation* e);
  Val binary(syntax::Operation* e);
  Val selector(syntax::SelectorExpr* e);
  Val follow(Val base, std::span<const uint32_t> path);     // embedded fields, with implicit dereferences
  ValueId field_address(ValueId base, Type** t, std::span<const uint32_t> path);  // base: address of a *t; *t becomes the field's
  Val receiver_value(syntax::SelectorExpr* e, Type* want);  // x of a method call x.m as the declared receiver type

  // ---- arith.cpp
  Val arithmetic(syntax::Op o, const Val& x, const Val& y, Type* t);   // both of t
  Val shift(syntax::Op o, const Val& x, const Val& count, bool count_signed);
  Val concat(std::span<const Val> strings, Type* t);
  Val negate(const Val& x);
  Val complement(const Val& x);

  // ---- compare.cpp
  ValueId compare(syntax::Op o, const Val& x, const Val& y);   // same type, or one an interface the other implements
  ValueId equal(const Val& x, const Val& y);                   // same type
  ValueId equal_memory(Type* t, ValueId p, ValueId q);         // values at two addresses
  ValueId equal_bytes(ValueId p, ValueId q, int64_t n);        // n > 0 bytes at two addresses

  // ---- convert.cpp
  Val assign_convert(const Val& v, Type* t);                // assignability: identical representation, or to interface
  Val convert(const Val& v, Type* t);                       // spec: Conversions
  Val convert_number(const Val& v, Type* t);
  // As expr_as, for an operand that nobody keeps and that is read before memory is written: string(bytes) stays where the bytes
  // are. The same for []byte(string), if nothing is written to it.
  Val passing_string(syntax::Expr* e, Type* t);
  Val passing_bytes(syntax::Expr* e);

  // ---- interface.cpp
  Val to_interface(const Val& v, Type* t);
  ValueId dynamic_type(const Val& iface);                   // type word: of a non-empty interface through the itab; 0 if nil
  ValueId data_word(const Val& v);                          // what an interface holds for v of a concrete type
  Val from_data_word(ValueId word, Type* t);
  Val type_assert(const Val& x, Type* t, ValueId* ok);      // ok null: panics
  bool implements(Type* concrete, Type* interface);
  ValueId has_type(const Val& x, Type* concrete);           // Bool: the dynamic type is `concrete`

  // ---- index.cpp
  Val index(syntax::IndexExpr* e);
  ValueId index_address(const Val& base, syntax::Expr* index, Type* elem);
  ValueId bounds_check(syntax::Expr* index, ValueId len, ir::BoundsKind kind);  // gives the index as I64
  ValueId index_value(syntax::Expr* index, bool* is_unsigned);                  // as I64, not checked
  void check_bounds(ValueId index, ValueId len, ir::BoundsKind kind, bool is_unsigned);
  ValueId element_address(ValueId base, ValueId index, Type* elem);             // index is in range
  Val slice(syntax::SliceExpr* e);
  Val slice_of_array(ValueId addr, int64_t length, Type* slice_type);

  // ---- map.cpp
  Val map_get(const Val& map, const Val& key, ValueId* ok); // ok null: not wanted
  ValueId map_assign(const Val& map, const Val& key);       // address of the element
  void map_delete(const Val& map, const Val& key);

  // ---- chan.cpp
  void send(const Val& chan, const Val& value);
  Val receive(const Val& chan, ValueId* ok);

  // ---- call.cpp
  std::vector<Val> call(syntax::CallExpr* e);
  Callee callee(syntax::CallExpr* e);
  Callee static_callee(types::Func* f, std::span<Type* const> type_args, Type* receiver);
  Callee method_callee(Type* receiver, const types::CanonicalTypes::Method& m);
  Callee interface_callee(const Val& iface, Symbol method, types::Package* package);
  Callee closure_callee(ValueId closure, Type* signature);
  Callee method_call_callee(syntax::SelectorExpr* s);       // x.m(...): evaluates x
  Callee method_on_value(const Val& x, const types::CanonicalTypes::Method& m);  // of the method set of x.type (wrappers.cpp)
  // The symbol of a declared function, reported; *flags and *noescape if it is a gate or has //go:noescape.
  Symbol function_reference(types::Func* f, std::span<Type* const> type_args, Callee* c);
  // Pointers that arguments() saw turned into uintptr for a callee marked uintptrkeepalive or uintptrescapes: the objects must live
  // until the call has returned. emit_call takes them.
  std::vector<ValueId> held_pointers;
  std::vector<Val> arguments(const Callee& c, syntax::CallExpr* e);
  // args of c.params without the receiver; `argument`: the only one's expression, for calls of reflect.
  std::vector<Val> emit_call(const Callee& c, std::span<const Val> args, syntax::Expr* argument = nullptr);
  void note_reflection(const Callee& c, syntax::Expr* argument);
  Val variadic_slice(std::span<const Val> values, Type* slice_type);

  // ---- builtins.cpp
  std::vector<Val> builtin_call(syntax::CallExpr* e, types::BuiltinId id);
  // The slice with room for n more; header (if any): where the slice lies, which is updated. A pointer that has not changed is not stored.
  Val room_for(const Val& slice, ValueId n, ValueId header);
  Val append(const Val& slice, std::span<const Val> elems, ValueId header = {});
  Val append_slice(const Val& slice, const Val& tail, ValueId header = {});  // tail: slice or string
  std::vector<Val> append_operands(syntax::CallExpr* e);    // all but the slice
  Val append_tail(const Val& slice, const std::vector<Val>& operands, syntax::CallExpr* e, ValueId header = {});
  syntax::CallExpr* append_to(syntax::Expr* target, syntax::Expr* value);  // if value is append(target, ...)
  void append_in_place(Place target, syntax::CallExpr* e);
  ValueId copy(const Val& to, const Val& from);
  Val make(Type* t, std::span<const Val> sizes);
  void print(std::span<const Val> args, bool newline);
  void panic(const Val& any);
  // Carries out a builtin on evaluated operands (for go and defer): see builtin_operands.
  std::vector<Val> builtin_operands(syntax::CallExpr* e, types::BuiltinId id);
  std::vector<Val> builtin(types::BuiltinId id, std::span<const Val> operands, Type* result);

  // ---- intrinsics.cpp: true: done inline
  bool intrinsic(const Callee& c, std::span<const Val> args, std::vector<Val>* results);

  // ---- literals.cpp
  Val composite(syntax::CompositeLit* e, Type* t);
  bool constant_literal(syntax::Expr* e, Type* t, ir::Data* d, uint64_t offset);  // constants only; false: something is not
  void composite_into(ValueId addr, int64_t offset, syntax::CompositeLit* e, Type* t, bool zeroed);
  Val map_literal(syntax::CompositeLit* e, Type* t);
  Val address_of_composite(syntax::CompositeLit* e, Type* t, Pos at);  // &T{...}; at: of the &

  // ---- closure.cpp
  Val function_value(types::Func* f, std::span<Type* const> type_args, Type* receiver, Type* signature);
  Val static_closure(Symbol function, Type* signature);
  // `in_frame`: if the closure has captures, its object is made there (a Local, set by this); *code: its function.
  Val literal(syntax::FuncLit* e, LocalId* in_frame = nullptr, Symbol* code = nullptr);
  Val method_value(syntax::SelectorExpr* e);
  Val method_expression(syntax::SelectorExpr* e);
  std::vector<Capture> captures_of(const syntax::Node* literal);
  Type* closure_type(std::span<Type* const> captured);     // struct {F uintptr; captured...}
  std::vector<Val> load_captured(std::span<Type* const> types);  // of the closure object, in the function's entry
  ValueId make_closure(Symbol code, std::span<const Val> captured, LocalId* in_frame = nullptr);  // object {code, captured...}
  void bind_captures(std::span<const Capture> captures);   // in the literal's own body: declares them from the closure object
  // A niladic function `name` that has `captured` at hand and does `act`; gives the closure object.
  SuspendedCall synthetic_closure(std::string_view suffix, std::span<const Val> captured,
                                  const std::function<void(Body& body, std::span<const Val> captured)>& act, uint32_t attrs,
                                  bool in_frame = false);
  // Of a go or defer statement. in_frame: closures are made in the frame.
  SuspendedCall suspended_call(syntax::CallExpr* e, bool is_go, bool in_frame = false);

  // ---- stmt.cpp, assign.cpp, control.cpp, switch.cpp, range.cpp, range_func.cpp, select.cpp, defer.cpp
  void stmt(syntax::Stmt* s);
  void stmts(std::span<syntax::Stmt* const> list);
  void block_stmt(syntax::BlockStmt* b) { if (b != nullptr) stmts(b->stmts); }
  void decl_stmt(syntax::DeclStmt* s);
  void assign(syntax::AssignStmt* s);
  void assign_values(std::span<syntax::Expr* const> lhs, std::span<const Val> values, bool define);
  void return_stmt(syntax::ReturnStmt* s);
  void if_stmt(syntax::IfStmt* s);
  void for_stmt(syntax::ForStmt* s, syntax::LabeledStmt* label);
  void branch_stmt(syntax::BranchStmt* s);
  void labeled_stmt(syntax::LabeledStmt* s);
  void switch_stmt(syntax::SwitchStmt* s, syntax::LabeledStmt* label);
  void type_switch(syntax::SwitchStmt* s, syntax::TypeSwitchGuard* guard, syntax::LabeledStmt* label);
  // switch_search.cpp: goes to the case that has the value, or to `otherwise`. None of these blocks is sealed yet.
  void search_integer(ValueId tag, bool is_signed, std::span<const SwitchCase> cases, BlockId otherwise);
  void search_string(const Val& tag, std::span<const StringCase> cases, BlockId otherwise);
  void search_type(const Val& x, std::span<const TypeCase> cases, BlockId otherwise);
  void range_stmt(syntax::ForStmt* s, syntax::RangeClause* r, syntax::LabeledStmt* label);
  void range_func_stmt(syntax::ForStmt* s, syntax::RangeClause* r, syntax::LabeledStmt* label);
  void select_stmt(syntax::SelectStmt* s, syntax::LabeledStmt* label);
  void go_stmt(syntax::CallStmt* s);
  void defer_stmt(syntax::CallStmt* s);
  void begin_defers();             // the results are declared
  bool nothing_deferred();         // certainly, here; and nobody else knows the results
  // In place of a return of the result variables, in a function with defers.
  void return_through_defers();
  void finish_defers();            // at the end of the body: the blocks that all returns and recovery share
  // Assigns the iteration values of a range clause (values already of the element types; null parts: not wanted).
  void range_assign(syntax::RangeClause* r, std::span<const Val> values);
  bool range_func_branch(syntax::BranchStmt* s);   // leaves a range-over-func body; false: an ordinary branch
  bool range_func_return(std::span<const Val> values);
  void defer_in_range_func(ValueId closure);       // defers for the function that contains the loop

  // Where break and continue of a statement go.
  struct Target {
    const syntax::Stmt* stmt;
    const syntax::LabeledStmt* label;
    BlockId break_block, continue_block;  // continue invalid: not a loop
  };
  std::vector<Target> targets;
  absl::flat_hash_map<const syntax::LabeledStmt*, BlockId> labels;
  BlockId fallthrough_block;
  absl::flat_hash_map<Type*, Type*> substituted;  // cache of subst

  void reference_runtime(std::string_view name);  // a function that the back end calls
  void not_yet(std::string_view what);  // reports a construct that lowering refuses

 private:
  friend struct SsaState;
  struct Ssa;
  std::unique_ptr<Ssa> ssa_;
};

}  // namespace gale::lower
