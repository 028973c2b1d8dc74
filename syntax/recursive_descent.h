// The parser's class: one method per production of the grammar, split over parse_decl.cpp, parse_stmt.cpp, parse_expr.cpp
// and parse_type.cpp. Conventions that hold for all of them:
//
// - A method starts with the production's first token as scan_.token and ends with the token after it.
// - Methods whose name ends in _or_null return null if there is none of it; the others always return a node, a BadExpr in
//   the worst case, and have reported an error then.
// - Recovery, messages and positions are those of gc's parser, since its tests and its users' tools read them.
// - Recursion is bounded by kMaxNesting, the height of an expression by kMaxHeight. Past either, one error is reported and
//   the rest of the file is dropped.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/diagnostics.h"
#include "syntax/nodes.h"
#include "syntax/parser.h"
#include "syntax/scanner.h"

namespace gale::syntax {

// Directives seen and not yet taken by a declaration.
struct PendingDirectives {
  struct Flagged {
    uint32_t flags;
    Pos pos;
  };
  struct EmbedLine {
    Pos pos;
    std::vector<std::string_view> patterns;
  };
  bool any = false;
  uint32_t flags = 0;
  std::vector<Flagged> flagged;
  std::vector<EmbedLine> embeds;
  void clear() {
    any = false;
    flags = 0;
    flagged.clear();
    embeds.clear();
  }
};

class Parser final : public ScanHandler {
 public:
  static constexpr int kMaxNesting = 5000;
  static constexpr uint32_t kMaxHeight = 10000;

  // `writable` is null when the file's line directives are recorded already (parse_body).
  Parser(const SourceFile* source, SourceFile* writable, Arena& arena, DiagnosticSink& sink, const ParseOptions& options);

  File* file();
  void body_of(FuncDecl* func);

  void scan_error(uint32_t offset, std::string message) override;
  void scan_comment(uint32_t offset, std::string_view text) override;

 private:
  // Counts a level of recursion while it lives; false if there are too many.
  class Nesting {
   public:
    explicit Nesting(Parser* p) : p_(p), ok_(++p->depth_ <= kMaxNesting) {
      if (!ok_) p->too_deep();
    }
    ~Nesting() { p_->depth_--; }
    explicit operator bool() const { return ok_; }

   private:
    Parser* p_;
    bool ok_;
  };

  // A list under construction, on the parser's stack of node pointers.
  template <class T>
  class List {
   public:
    explicit List(Parser* p) : p_(p), start_(p->scratch_.size()) {}
    ~List() { p_->scratch_.resize(start_); }
    List(const List&) = delete;
    List& operator=(const List&) = delete;
    void add(T* node) { p_->scratch_.push_back(node); }
    size_t size() const { return p_->scratch_.size() - start_; }
    T* operator[](size_t i) const { return static_cast<T*>(p_->scratch_[start_ + i]); }
    std::span<T*> finish() {
      std::span<T*> out = p_->arena_.template make_array<T*>(size());
      for (size_t i = 0; i < out.size(); i++) out[i] = (*this)[i];
      return out;
    }

   private:
    Parser* p_;
    size_t start_;
  };

  template <class T>
  T* make(Pos pos) {
    T* n = arena_.make<T>();
    n->kind = kind_of<T>();
    n->pos = pos;
    return n;
  }

  // ---- tokens and errors (parser.cpp) ----
  Token token() const { return scan_.token; }
  bool at_operator(Op op) const { return scan_.token == Token::Operator && scan_.op == op; }
  void next() { scan_.next(); }
  Pos pos() const { return source_->pos(scan_.offset()); }
  bool got(Token t);
  void want(Token t);
  bool got_assign();
  void error_at(Pos pos, std::string message);
  void syntax_error_at(Pos pos, std::string_view message);
  void syntax_error(std::string_view message) { syntax_error_at(pos(), message); }
  void too_deep();
  bool height_ok(uint32_t height);
  void advance(std::initializer_list<Token> follow);
  Symbol intern(std::string_view text);
  template <class Element>
  Pos list(std::string_view context, Token separator, Token close, Element element);

  // ---- directives (directives.cpp) ----
  void line_directive(uint32_t offset, std::string_view comment);
  void go_directive(uint32_t offset, std::string_view comment);
  void linkname_directive(Pos pos, std::string_view text);
  void embed_directive(Pos pos, std::string_view arguments);
  void flag_directive(Pos pos, std::string_view text);
  void drop_pragma();                      // what is pending stands before nothing that takes it: complain
  uint32_t take_pragma(uint32_t allowed);  // flags; what is not allowed is misplaced
  void take_embeds(VarDecl* d);
  void late_error(Pos pos, std::string_view message);
  void check_function_directives(FuncDecl* f);
  void check_linknames(File* f);
  std::string_view previous_line_file() const;

  // ---- declarations (parse_decl.cpp) ----
  using DeclMethod = Decl* (Parser::*)(Group* group, uint32_t index);
  void declarations(List<Decl>& out);
  bool append_group(List<Decl>& out, DeclMethod method);
  Decl* import_decl(Group* group, uint32_t index);
  Decl* const_decl(Group* group, uint32_t index);
  Decl* type_decl(Group* group, uint32_t index);
  Decl* var_decl(Group* group, uint32_t index);
  void generic_type_or_array(TypeDecl* d);
  FuncDecl* func_decl();
  BlockStmt* func_body();
  void skim_or_parse_body(FuncDecl* f);

  // ---- expressions (parse_expr.cpp) ----
  Expr* expr() { return binary_expr(nullptr, 0); }
  Expr* binary_expr(Expr* x, int precedence);
  Expr* unary_expr();
  Expr* receive_or_channel();
  Expr* operand(bool keep_parens);
  Expr* primary_expr(Expr* x, bool keep_parens);
  Expr* paren_expr(bool keep_parens);
  Expr* func_lit_or_type();
  Expr* selector_or_assertion(Expr* x);
  Expr* index_or_slice(Expr* x);
  Expr* call_arguments(Expr* x);
  bool composite_literal_follows(Expr* x);
  Expr* composite_element();
  CompositeLit* composite_literal();
  Expr* expr_list();
  BadExpr* bad_expr() { return make<BadExpr>(pos()); }
  BasicLit* literal_or_null();
  Name* make_name(Pos pos, std::string_view text);
  Name* name();
  std::span<Name*> name_list(Name* first);

  // ---- types (parse_type.cpp) ----
  Expr* type();
  Expr* type_or_null();
  Expr* qualified_name(Name* first);
  Expr* type_instance(Expr* generic);
  Expr* type_list(bool strict, bool* comma);
  Expr* array_type(Pos pos, Expr* length);
  Expr* slice_type(Pos pos);
  Expr* array_or_type_args();
  Expr* channel_element();
  Expr* pointer_to(Pos pos, Expr* base);
  FuncType* func_type(std::string_view context, std::span<Field*>* type_params);
  std::span<Field*> func_result();
  StructType* struct_type();
  struct FieldLists;
  void field_decl(FieldLists& fields);
  void named_fields(FieldLists& fields);
  InterfaceType* interface_type();
  Field* method_decl();
  void generic_method_or_instance(Field* f, Name* name);
  Field* embedded_elem(Field* f);
  Expr* embedded_term();
  Field* make_field(Pos pos, Name* name, Expr* type);
  Field* param_decl_or_null(Name* name, Token follow);
  std::span<Field*> param_list(Name* first, Expr* first_type, Token close, bool require_names, bool dots_allowed);
  void distribute_param_types(List<Field>& params, size_t named, size_t typed, Pos end, bool require_names);
  void check_dots(std::span<Field*> params, bool dots_allowed);

  // ---- statements (parse_stmt.cpp) ----
  Stmt* stmt_or_null();
  std::span<Stmt*> stmt_list();
  Stmt* simple_stmt(Expr* lhs, Token keyword);
  Stmt* assignment(Expr* lhs, Token keyword);
  Stmt* labeled_stmt_or_null(Name* label);
  BlockStmt* block_stmt(std::string_view context);
  DeclStmt* decl_stmt(DeclMethod method);
  RangeClause* range_clause(Expr* lhs, bool define);
  AssignStmt* assign_stmt(Pos pos, Op op, bool define, Expr* lhs, Expr* rhs);
  ExprStmt* expr_stmt(Expr* x);
  struct Header {
    Stmt* init = nullptr;
    Expr* cond = nullptr;
    Stmt* post = nullptr;
  };
  Header header(Token keyword);
  Expr* header_condition(Stmt* stmt, Token keyword, Pos semicolon, std::string_view semicolon_text);
  IfStmt* if_stmt();
  ForStmt* for_stmt();
  SwitchStmt* switch_stmt();
  SelectStmt* select_stmt();
  CaseClause* case_clause();
  CommClause* comm_clause();
  void clause_body(Pos* colon, std::span<Stmt*>* body);
  CallStmt* call_stmt();
  BranchStmt* branch_stmt();
  ReturnStmt* return_stmt();

  const SourceFile* source_;
  SourceFile* writable_;
  Arena& arena_;
  DiagnosticSink& sink_;
  ParseOptions options_;
  Scanner scan_;

  int depth_ = 0;
  uint32_t height_ = 0;           // of the expression parsed last
  int function_nesting_ = 0;      // in a function: statement keywords are good places to resume at
  int expression_nesting_ = 0;    // < 0: in a control clause, where '{' starts the block
  uint32_t literal_ordinal_ = 0;  // function literals so far in this declaration
  uint32_t group_ordinal_ = 0;
  uint32_t error_count_ = 0;
  bool top_ = true;               // before the package clause
  std::string last_message_text_;  // for dropping repetitions on one line
  uint32_t last_syntax_line_ = 0, last_other_line_ = 0;  // 1 + offset of the line's start

  std::vector<void*> scratch_;
  PendingDirectives pending_;
  std::vector<Linkname> linknames_;
  std::vector<LateError> late_errors_;
  std::vector<std::string_view> go_debug_;
  std::string_view go_version_;
  File* file_ = nullptr;

  struct CachedSymbol {
    std::string_view text;
    Symbol symbol;
  };
  std::vector<CachedSymbol> symbols_;  // direct-mapped, saves most trips to the global table
};

// list = [ element { separator element } [ separator ] ] close. The element function returns true to accept no more.
// Returns the position of the closing token.
template <class Element>
Pos Parser::list(std::string_view context, Token separator, Token close, Element element) {
  bool done = false;
  while (token() != Token::EndOfFile && token() != close && !done) {
    done = element();
    if (!got(separator) && token() != close) {
      auto word = [](Token t) {
        return t == Token::Comma ? std::string_view("comma")
                                 : t == Token::Semicolon ? std::string_view("semicolon or newline") : spelling(t);
      };
      std::string message = "in ";
      message += context;
      message += "; possibly missing ";
      message += word(separator);
      message += " or ";
      message += word(close);
      syntax_error(message);
      advance({Token::RightParen, Token::RightBracket, Token::RightBrace});
      if (token() != close) return pos();
    }
  }
  Pos end = pos();
  want(close);
  return end;
}

// Labels, goto, break, continue and fallthrough of a function's body (spec: Labeled statements ... Fallthrough
// statements). Sets BranchStmt::target. Reports through `error`, in gc's words. (check_branches.cpp)
void check_branches(const SourceFile* source, BlockStmt* body, const std::function<void(Pos, std::string)>& error);

}  // namespace gale::syntax
