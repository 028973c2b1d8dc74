// The syntax tree of Go, one struct per production; read this file as the grammar of the tree.
//
// Nodes live in the arena of their package (never freed before the build ends) and are immutable after parsing, but for the
// three fields of Expr that the checker fills in (`type`, `constant`, `mode`) and Name::object. A generic body is checked
// once: types recorded in it may mention type parameters, which `lower` substitutes.
//
// Positions follow gc, since messages show them: a node's pos is where gc's syntax package puts it (spelled at each struct
// where it is not the first character); start_pos/end_pos give the extent. (Parentheses that only group are dropped as gc
// drops them, so an Operation may hold one of lower precedence.)
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/source.h"
#include "base/symbol.h"
#include "syntax/token.h"

namespace gale::types {
struct Type;
struct Object;
struct Constant;
struct Selection;
struct Scope;
}  // namespace gale::types

namespace gale::syntax {

enum class NodeKind : uint8_t {
  // expressions
  BadExpr, Name, BasicLit, CompositeLit, KeyValueExpr, FuncLit, ParenExpr, SelectorExpr, IndexExpr, SliceExpr, AssertExpr,
  TypeSwitchGuard, Operation, CallExpr, ListExpr,
  ArrayType, SliceType, DotsType, StructType, InterfaceType, FuncType, MapType, ChanType,
  // declarations
  ImportDecl, ConstDecl, TypeDecl, VarDecl, FuncDecl,
  // statements
  EmptyStmt, LabeledStmt, BlockStmt, ExprStmt, SendStmt, DeclStmt, AssignStmt, BranchStmt, CallStmt, ReturnStmt, IfStmt,
  ForStmt, SwitchStmt, SelectStmt,
  // parts
  Field, CaseClause, CommClause, RangeClause,
};

struct Node {
  NodeKind kind;
  Pos pos;
};

// What an expression denotes; filled in by the checker (types::Mode mirrors it one to one).
enum class Mode : uint8_t {
  Unchecked, Invalid, NoValue, Builtin, TypeExpr, Constant, Variable, MapIndex, Value, NilValue, CommaOk, CommaErr, CgoFunc,
};

struct Expr : Node {
  Mode mode = Mode::Unchecked;
  bool implicit_star = false;  // SelectorExpr: an automatic dereference was applied (set by the checker)
  types::Type* type = nullptr;          // as checked (untyped constants: their final type)
  const types::Constant* constant = nullptr;  // value, for Mode::Constant
};

struct Stmt : Node {};
struct Decl : Node {};
struct BlockStmt;
struct Field;
struct FuncType;

// ---- expressions ----

struct BadExpr : Expr {};

struct Name : Expr {
  Symbol name;
  types::Object* object = nullptr;  // what it refers to or declares
};

enum class LitKind : uint8_t { Int, Float, Imaginary, Rune, String };

struct BasicLit : Expr {
  LitKind lit_kind;
  bool bad = false;  // a syntax error was reported in it
  std::string_view text;  // as written
};

// Type{elems...}; type may be null inside another literal. pos: the left brace.
struct CompositeLit : Expr {
  Expr* type_expr;  // or null
  std::span<Expr*> elems;
  uint32_t key_count = 0;  // number of KeyValueExpr among elems
  Pos right_brace;
};

struct KeyValueExpr : Expr {  // pos: the colon
  Expr *key, *value;
};

struct FuncLit : Expr {
  FuncType* func_type;
  BlockStmt* body;
  uint32_t ordinal = 0;  // order within the enclosing declaration, from 1; for names (f.func1)
};

struct ParenExpr : Expr {
  Expr* x;
};

struct SelectorExpr : Expr {  // pos: the dot
  Expr* x;
  Name* selector;
  const types::Selection* selection = nullptr;  // by the checker; null for a qualified identifier
};

// x[index]; several indices (type arguments) are a ListExpr. pos: the '['.
struct IndexExpr : Expr {
  Expr *x, *index;
  std::span<types::Type*> instance_args = {};  // type arguments of an instantiated function, by the checker
};

struct SliceExpr : Expr {  // pos: the '['
  Expr* x;
  Expr* index[3];  // null: left out
  bool full = false;  // x[i:j:k]
};

struct AssertExpr : Expr {  // x.(T); pos: the dot
  Expr *x, *asserted;
};

struct TypeSwitchGuard : Expr {  // lhs := x.(type); pos: the dot
  Name* lhs;  // or null
  Expr* x;
};

// Unary (y == nullptr) or binary. Binary: pos is that of the operator. Unary: the operator, which is first.
// *x is Op::Mul unary; &x Op::And; <-x Op::Recv; ~x Op::Tilde.
struct Operation : Expr {
  Op op;
  Expr *x, *y;
};

struct CallExpr : Expr {  // fun(args...); pos: the '('
  Expr* fun;
  std::span<Expr*> args;
  bool has_dots = false;
  Pos left_paren, right_paren;
  std::span<types::Type*> instance_args = {};  // inferred type arguments when fun is generic and not (fully) indexed
};

struct ListExpr : Expr {  // a, b, c
  std::span<Expr*> elems;
};

// ---- type expressions ----

struct ArrayType : Expr {  // [length]elem; length null for [...]
  Expr *length, *elem;
};
struct SliceType : Expr {
  Expr* elem;
};
struct DotsType : Expr {  // ...elem
  Expr* elem;
};

// name Type: a struct field, parameter, result, type parameter, or interface element (name null: embedded/unnamed).
// Fields declared together (a, b T) share the same type_expr pointer.
struct Field : Node {
  Name* name;
  Expr* type_expr;
};

struct StructType : Expr {
  std::span<Field*> fields;
  std::span<BasicLit*> tags;  // empty, or one per field (null: none)
};
struct InterfaceType : Expr {
  std::span<Field*> methods;  // name != null: method (type_expr is a FuncType); else an embedded element (union: Operation Or)
};
struct FuncType : Expr {  // pos: the '(' of the parameters, or the '[' of the type parameters
  std::span<Field*> params;
  std::span<Field*> results;
};
struct MapType : Expr {
  Expr *key, *value;
};
enum class ChanDir : uint8_t { Both, SendOnly, RecvOnly };
struct ChanType : Expr {
  ChanDir dir;
  Expr* elem;
};

// ---- declarations ----
// pos of import, const, type and var declarations: the first token after the keyword (and parenthesis).

struct Group {  // parenthesised declarations share one
  uint32_t ordinal = 0;
};

// Directives (//go:xxx) that stand before a declaration.
struct Pragma {
  enum Flag : uint32_t {
    kNoinline = 1, kNosplit = 2, kNoescape = 4, kNorace = 8, kNocheckptr = 16, kUintptrKeepalive = 32, kUintptrEscapes = 64,
    kSystemstack = 128, kNowritebarrier = 256, kNowritebarrierrec = 512, kYeswritebarrierrec = 1024, kCgoUnsafeArgs = 2048,
    kNotInHeap = 4096, kRegisterParams = 8192,
  };
  uint32_t flags = 0;  // those that the declaration may have; implied ones included (nosplit implies nocheckptr)
  bool has(Flag f) const { return (flags & f) != 0; }
};

struct ImportDecl : Decl {
  Group* group;
  Name* local_name;  // or null
  BasicLit* path;
};

// names [type] = values. In a group, a missing type and values repeat the previous ones (the checker does that).
struct ConstDecl : Decl {
  Group* group;
  std::span<Name*> names;
  Expr* type_expr;
  Expr* values;  // an Expr or ListExpr; null: repeat
  uint32_t iota;  // index within the group
};

struct TypeDecl : Decl {
  Group* group;
  Name* name;
  std::span<Field*> type_params;
  bool is_alias;
  Expr* type_expr;
  Pragma pragma;
};

struct VarDecl : Decl {
  Group* group;
  std::span<Name*> names;
  Expr* type_expr;
  Expr* values;  // or null
  std::span<std::string_view> embed_patterns;  // of //go:embed
  Pos embed_pos;
};

struct FuncDecl : Decl {  // pos: what follows `func`: the name, or the receiver's '('
  Field* receiver;  // or null
  Name* name;
  std::span<Field*> type_params;
  FuncType* func_type;
  BlockStmt* body;         // null: no body, or skimmed and not parsed yet
  bool has_body = false;   // a body is written (even if skimmed)
  Pos body_start;          // its '{', for parse_body
  Pos body_end;            // its '}'
  Pragma pragma;
};

// ---- statements ----

struct EmptyStmt : Stmt {};
struct LabeledStmt : Stmt {  // pos: the colon
  Name* label;
  Stmt* stmt;
};
struct BlockStmt : Stmt {
  std::span<Stmt*> stmts;
  Pos right_brace;
};
struct ExprStmt : Stmt {  // pos: that of x
  Expr* x;
};
struct SendStmt : Stmt {  // pos: the arrow
  Expr *chan, *value;
};
struct DeclStmt : Stmt {
  std::span<Decl*> decls;
};
// lhs = rhs, lhs := rhs (define), lhs op= rhs, x++ / x-- (op, rhs null). pos: the operator.
struct AssignStmt : Stmt {
  Op op;        // None for = and :=
  bool define;
  Expr *lhs, *rhs;  // ListExpr for several
};
struct BranchStmt : Stmt {
  Token token;  // Break, Continue, Fallthrough, Goto
  Name* label;  // or null
  Stmt* target = nullptr;  // the statement left or continued, or the LabeledStmt of a goto (set by the parser)
};
struct CallStmt : Stmt {  // go / defer
  Token token;
  Expr* call;
};
struct ReturnStmt : Stmt {
  Expr* results;  // null, an Expr, or a ListExpr
};
struct IfStmt : Stmt {
  Stmt* init;
  Expr* cond;
  BlockStmt* then_block;
  Stmt* else_stmt;  // null, IfStmt or BlockStmt
};
// `lhs := range x` as the init of a ForStmt (post and cond null). pos: the keyword `range`.
struct RangeClause : Stmt {
  Expr* lhs;  // null, or ListExpr
  bool define;
  Expr* x;
};
struct ForStmt : Stmt {
  Stmt* init;  // may be a RangeClause
  Expr* cond;
  Stmt* post;
  BlockStmt* body;
};
struct CaseClause : Node {
  Expr* cases;  // null: default
  std::span<Stmt*> body;
  Pos colon;
  types::Object* implicit_object = nullptr;  // type switch with lhs: the variable of this clause, by the checker
};
struct SwitchStmt : Stmt {
  Stmt* init;
  Expr* tag;  // null, an Expr, or a TypeSwitchGuard
  std::span<CaseClause*> body;
  Pos right_brace;
};
struct CommClause : Node {
  Stmt* comm;  // send or receive statement; null: default
  std::span<Stmt*> body;
  Pos colon;
};
struct SelectStmt : Stmt {
  std::span<CommClause*> body;
  Pos right_brace;
};

// ---- files ----

// //go:linkname local [target]
struct Linkname {
  Pos pos;
  Symbol local, target;  // target empty: the one-argument form
};

// A mistake in directives that gc reports only when type checking found no errors.
struct LateError {
  Pos pos;
  std::string_view message;
};

struct File {
  const SourceFile* source;
  Pos pos;           // of the package clause
  Name* package_name;
  std::span<Decl*> decls;
  std::span<Linkname> linknames;   // only if the file imports unsafe
  std::span<LateError> late_errors;
  std::string_view go_version;  // from //go:build go1.N, as "go1.N"; empty: the module's
  std::span<std::string_view> go_debug;  // //go:debug lines "key=value"
  Pos eof;
  bool imports_unsafe = false, imports_c = false, imports_embed = false;
};

// The node as T if it is one, else null: `if (auto* call = as<CallExpr>(x))`. Null gives null.
template <class T>
constexpr NodeKind kind_of();
#define GALE_NODE_KIND(T) \
  template <>             \
  constexpr NodeKind kind_of<T>() { return NodeKind::T; }
GALE_NODE_KIND(BadExpr) GALE_NODE_KIND(Name) GALE_NODE_KIND(BasicLit) GALE_NODE_KIND(CompositeLit)
GALE_NODE_KIND(KeyValueExpr) GALE_NODE_KIND(FuncLit) GALE_NODE_KIND(ParenExpr) GALE_NODE_KIND(SelectorExpr)
GALE_NODE_KIND(IndexExpr) GALE_NODE_KIND(SliceExpr) GALE_NODE_KIND(AssertExpr) GALE_NODE_KIND(TypeSwitchGuard)
GALE_NODE_KIND(Operation) GALE_NODE_KIND(CallExpr) GALE_NODE_KIND(ListExpr) GALE_NODE_KIND(ArrayType)
GALE_NODE_KIND(SliceType) GALE_NODE_KIND(DotsType) GALE_NODE_KIND(StructType) GALE_NODE_KIND(InterfaceType)
GALE_NODE_KIND(FuncType) GALE_NODE_KIND(MapType) GALE_NODE_KIND(ChanType) GALE_NODE_KIND(ImportDecl)
GALE_NODE_KIND(ConstDecl) GALE_NODE_KIND(TypeDecl) GALE_NODE_KIND(VarDecl) GALE_NODE_KIND(FuncDecl)
GALE_NODE_KIND(EmptyStmt) GALE_NODE_KIND(LabeledStmt) GALE_NODE_KIND(BlockStmt) GALE_NODE_KIND(ExprStmt)
GALE_NODE_KIND(SendStmt) GALE_NODE_KIND(DeclStmt) GALE_NODE_KIND(AssignStmt) GALE_NODE_KIND(BranchStmt)
GALE_NODE_KIND(CallStmt) GALE_NODE_KIND(ReturnStmt) GALE_NODE_KIND(IfStmt) GALE_NODE_KIND(ForStmt)
GALE_NODE_KIND(SwitchStmt) GALE_NODE_KIND(SelectStmt) GALE_NODE_KIND(Field) GALE_NODE_KIND(CaseClause)
GALE_NODE_KIND(CommClause) GALE_NODE_KIND(RangeClause)
#undef GALE_NODE_KIND

template <class T>
T* as(Node* n) {
  return n != nullptr && n->kind == kind_of<T>() ? static_cast<T*>(n) : nullptr;
}
template <class T>
const T* as(const Node* n) {
  return n != nullptr && n->kind == kind_of<T>() ? static_cast<const T*>(n) : nullptr;
}

Pos start_pos(const Node* n);  // the leftmost position of the node's text
Pos end_pos(const Node* n);    // just past its last character, as far as known

// Expression as source text, as gc prints it in messages (func literals as "func(...) {…}", long ones shortened).
void append_expr(std::string& out, const Expr* x);
std::string expr_string(const Expr* x);
Expr* unparen(Expr* x);

}  // namespace gale::syntax
