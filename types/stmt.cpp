// Statements and function bodies (spec: Statements).
#include <fmt/core.h>

#include <algorithm>

#include "types/private.h"

namespace gale::types {

using syntax::Expr;
using syntax::NodeKind;
using syntax::Op;
using syntax::Stmt;

namespace {

// What is allowed where a statement stands.
enum Context : uint32_t {
  kBreakOk = 1, kContinueOk = 2, kFallthroughOk = 4,
  kFinalSwitchCase = 8, kInTypeSwitch = 16,  // why fallthrough is not
};

// Constant case values, by value: equal ones of identical types are duplicates.
struct CaseValue {
  Pos pos;
  Type* type;
};
using CaseValues = absl::flat_hash_map<std::string, std::vector<CaseValue>>;

// Bools and what does not fit Go's 64-bit kinds are not compared, as in gc: "".
std::string case_key(Const value) {
  switch (constant_kind(value)) {
    case ConstantKind::Int: {
      int64_t i;
      uint64_t u;
      if (int64_value(value, &i)) return fmt::format("i{}", i);
      if (uint64_value(value, &u)) return fmt::format("i{}", u);
      return "";
    }
    case ConstantKind::Float: {
      bool exact = false;
      double d = float64_value(value, &exact);
      return exact ? fmt::format("f{}", d) : "";
    }
    case ConstantKind::String:
      return "s" + std::string(string_value(value));
    default:
      return "";
  }
}

template <class Clause>
void report_second_default(Checker& c, std::span<Clause* const> clauses, const syntax::Node* (*what)(const Clause*)) {
  const Clause* first = nullptr;
  for (const Clause* clause : clauses) {
    if (what(clause) != nullptr) continue;
    if (first == nullptr) {
      first = clause;
    } else {
      c.error_at(clause, "DuplicateDefault", fmt::format("multiple defaults (first at {})", c.position_text(first->pos)));
    }
  }
}

}  // namespace

// ---- bodies ----

void Checker::func_body(Func* f, DeclInfo* decl, std::string_view, Signature* sig, syntax::BlockStmt* body, Const iota,
                        const syntax::FuncLit* literal) {
  Environment outer = env;
  absl::flat_hash_map<const syntax::Node*, bool> panic_calls;
  env = {};
  env.package = outer.package;
  env.go_version = outer.go_version;
  env.decl = decl;
  env.scope = sig->scope;
  env.iota = iota;
  env.signature = sig;
  env.func = f;
  env.literal = literal;
  env.panic_calls = &panic_calls;
  // A literal goes on with its function's numbers of local types; variables are numbered by themselves.
  if (literal != nullptr && f == outer.func) env.local_types = outer.local_types;
  env.local_vars = static_cast<uint32_t>(sig->params->vars.size() + sig->results->vars.size() + (sig->receiver != nullptr));
  size_t first_local = local_vars.size();

  stmt_list(0, body->stmts);
  if (env.has_label && options.check_branches) labels(body);
  if (!sig->results->vars.empty() && !is_terminating(body, Symbol())) error(body->right_brace, "MissingReturn", "missing return");
  usage(first_local);

  local_vars.resize(first_local);
  uint32_t local_types = env.local_types;
  env = outer;
  if (literal != nullptr && f == env.func) env.local_types = local_types;
}

void Checker::usage(size_t first) {
  if (options.ignore_unused) return;
  std::vector<Var*> unused;
  for (size_t i = first; i < local_vars.size(); i++) {
    if (!local_vars[i]->used) unused.push_back(local_vars[i]);
  }
  std::sort(unused.begin(), unused.end(), [](Var* a, Var* b) { return a->pos < b->pos; });
  for (Var* v : unused) soft_error(v->pos, "UnusedVar", fmt::format("declared and not used: {}", v->name.text()));
}

Object* Checker::lookup(Symbol name) const {
  for (Scope* s = env.scope; s != nullptr; s = s->parent) {
    if (Object* o = s->lookup(name)) return o;
  }
  return nullptr;
}

void Checker::reference_var(Var* v) {
  if (v->role != VarRole::Package && v->role != VarRole::Field && v->enclosing_lit != env.literal) v->captured = true;
}

void Checker::stmt_list(uint32_t context, std::span<Stmt* const> list) {
  // fallthrough may be followed by empty statements only.
  while (!list.empty() && list.back()->kind == NodeKind::EmptyStmt) list = list.first(list.size() - 1);
  uint32_t inner = context & ~kFallthroughOk;
  for (size_t i = 0; i < list.size(); i++) stmt(i + 1 == list.size() ? context : inner, list[i]);
}

// ---- dispatch ----

void Checker::stmt(uint32_t context, Stmt* s) {
  size_t top = p_->delayed.size();
  uint32_t inner = context & ~(kFallthroughOk | kFinalSwitchCase | kInTypeSwitch);
  switch (s->kind) {
    case NodeKind::EmptyStmt:
      return;
    case NodeKind::DeclStmt:
      decl_stmt(static_cast<syntax::DeclStmt*>(s)->decls);
      break;
    case NodeKind::LabeledStmt:
      env.has_label = true;
      stmt(context, static_cast<syntax::LabeledStmt*>(s)->stmt);
      break;
    case NodeKind::ExprStmt:
      expr_stmt(static_cast<syntax::ExprStmt*>(s));
      break;
    case NodeKind::SendStmt: {
      auto* send = static_cast<syntax::SendStmt*>(s);
      Operand chan, value;
      expr(nullptr, chan, send->chan);
      expr(nullptr, value, send->value);
      if (!chan.valid() || !value.valid()) break;
      if (Type* elem = chan_elem(syntax::start_pos(s), chan, false)) assignment(value, elem, "send");
      break;
    }
    case NodeKind::AssignStmt:
      assign_stmt(static_cast<syntax::AssignStmt*>(s));
      break;
    case NodeKind::CallStmt: {
      auto* call = static_cast<syntax::CallStmt*>(s);
      suspended_call(call->token == syntax::Token::Defer ? "defer" : "go", call->call);
      break;
    }
    case NodeKind::ReturnStmt:
      return_stmt(static_cast<syntax::ReturnStmt*>(s));
      break;
    case NodeKind::BranchStmt:
      branch_stmt(context, static_cast<syntax::BranchStmt*>(s));
      break;
    case NodeKind::BlockStmt:
      open_scope(s, "block");
      stmt_list(inner, static_cast<syntax::BlockStmt*>(s)->stmts);
      close_scope();
      break;
    case NodeKind::IfStmt:
      if_stmt(inner, static_cast<syntax::IfStmt*>(s));
      break;
    case NodeKind::SwitchStmt:
      switch_stmt(inner | kBreakOk, static_cast<syntax::SwitchStmt*>(s));
      break;
    case NodeKind::SelectStmt:
      select_stmt(inner | kBreakOk, static_cast<syntax::SelectStmt*>(s));
      break;
    case NodeKind::ForStmt:
      for_stmt(inner | kBreakOk | kContinueOk, static_cast<syntax::ForStmt*>(s));
      break;
    default:
      error_at(s, "InvalidSyntaxTree", "invalid syntax tree: invalid statement");
      break;
  }
  if (p_->delayed.size() > top) process_delayed(top);
}

// ---- simple statements ----

void Checker::expr_stmt(syntax::ExprStmt* s) {
  Operand x;
  ExprKind kind = raw_expr(nullptr, x, s->x, nullptr, false);
  if (x.mode == Mode::Builtin) {
    error_at(x, "UncalledBuiltin", operand_text(x) + " must be called");
  } else if (x.mode == Mode::TypeExpr) {
    error_at(x, "NotAnExpr", operand_text(x) + " is not an expression");
  } else if (kind != ExprKind::Statement) {
    error_at(x, "UnusedExpr", operand_text(x) + " is not used");
  }
}

void Checker::assign_stmt(syntax::AssignStmt* s) {
  if (s->rhs == nullptr) {  // x++, x--
    Operand x;
    expr(nullptr, x, s->lhs);
    if (!x.valid()) return;
    if (!all_numeric(x.type)) {
      std::string_view op = syntax::spelling(s->op);
      error_at(s->lhs, "NonNumericIncDec",
               fmt::format("invalid operation: {}{}{} (non-numeric type {})", syntax::expr_string(s->lhs), op, op, type_text(x.type)));
      return;
    }
    assign_var(s->lhs, nullptr, &x, "assignment");
    return;
  }
  auto lhs = list_of(s->lhs);
  auto rhs = list_of(s->rhs);
  if (s->define) {
    short_var_decl(s->pos, lhs, rhs);
    return;
  }
  if (s->op == Op::None) {
    assign_vars(lhs, rhs);
    return;
  }
  if (lhs.size() != 1 || rhs.size() != 1) {
    error_at(s, "MultiValAssignOp",
             fmt::format("assignment operation {} requires single-valued expressions", syntax::spelling(s->op)));
    return;
  }
  Operand x;
  binary(x, nullptr, lhs[0], rhs[0], s->op);
  assign_var(lhs[0], nullptr, &x, "assignment");
}

void Checker::suspended_call(std::string_view keyword, Expr* call) {
  std::string_view code = keyword == "go" ? "InvalidGo" : "InvalidDefer";
  if (call->kind != NodeKind::CallExpr) {
    error_at(call, code, fmt::format("expression in {} must be function call", keyword));
    use(call);
    return;
  }
  Operand x;
  std::string_view what;
  switch (raw_expr(nullptr, x, call, nullptr, false)) {
    case ExprKind::Conversion:
      what = "requires function call, not conversion";
      break;
    case ExprKind::Expression:
      what = "discards result of";
      code = "UnusedResults";
      break;
    case ExprKind::Statement:
      return;
  }
  error_at(x, code, fmt::format("{} {} {}", keyword, what, operand_text(x)));
}

void Checker::return_stmt(syntax::ReturnStmt* s) {
  std::span<Var*> results = env.signature->results->vars;
  auto values = list_of(s->results);
  if (!values.empty() || results.empty() || results[0]->name.empty()) {
    init_vars(results, values, s);
    return;
  }
  // spec: A bare return is wrong if a result parameter is shadowed there.
  for (Var* v : results) {
    Object* other = lookup(v->name);
    if (other == nullptr || other == v) continue;
    ErrorBuilder e(*this, "OutOfScopeResult");
    e.add_at(s, fmt::format("result parameter {} not in scope at return", v->name.text()));
    e.add(other->pos, "inner declaration of " + object_text(v));
    e.report();
  }
}

void Checker::branch_stmt(uint32_t context, syntax::BranchStmt* s) {
  if (s->label != nullptr) {
    env.has_label = true;  // see labels()
    return;
  }
  if (!options.check_branches) return;
  switch (s->token) {
    case syntax::Token::Break:
      if ((context & kBreakOk) == 0) error_at(s, "MisplacedBreak", "break not in for, switch, or select statement");
      break;
    case syntax::Token::Continue:
      if ((context & kContinueOk) == 0) error_at(s, "MisplacedContinue", "continue not in for statement");
      break;
    case syntax::Token::Fallthrough: {
      if ((context & kFallthroughOk) != 0) break;
      std::string_view text = "fallthrough statement out of place";
      if ((context & kFinalSwitchCase) != 0) {
        text = "cannot fallthrough final case in switch";
      } else if ((context & kInTypeSwitch) != 0) {
        text = "cannot fallthrough in type switch";
      }
      error_at(s, "MisplacedFallthrough", std::string(text));
      break;
    }
    default:
      error_at(s, "InvalidSyntaxTree", "invalid syntax tree: branch statement");
      break;
  }
}

// ---- if, for ----

void Checker::condition(Expr* e, std::string_view what) {
  Operand x;
  expr(nullptr, x, e);
  if (x.valid() && !all_boolean(x.type)) {
    error_at(e, "InvalidCond", fmt::format("non-boolean condition in {} statement", what));
  }
}

void Checker::if_stmt(uint32_t context, syntax::IfStmt* s) {
  open_scope(s, "if");
  if (s->init != nullptr) stmt(0, s->init);
  condition(s->cond, "if");
  stmt(context, s->then_block);
  if (s->else_stmt != nullptr) stmt(context, s->else_stmt);
  close_scope();
}

void Checker::for_stmt(uint32_t context, syntax::ForStmt* s) {
  if (auto* range = syntax::as<syntax::RangeClause>(s->init)) {
    range_stmt(context, s, range);
    return;
  }
  open_scope(s, "for");
  if (s->init != nullptr) stmt(0, s->init);
  if (s->cond != nullptr) condition(s->cond, "for");
  if (s->post != nullptr) {
    stmt(0, s->post);
    // The parser reported a definition here; its variables count as used.
    auto* define = syntax::as<syntax::AssignStmt>(s->post);
    if (define != nullptr && define->define) use(define->lhs);
  }
  stmt(context, s->body);
  close_scope();
}

// ---- switch ----

void Checker::switch_stmt(uint32_t context, syntax::SwitchStmt* s) {
  open_scope(s, "switch");
  if (s->init != nullptr) stmt(0, s->init);
  if (auto* guard = syntax::as<syntax::TypeSwitchGuard>(s->tag)) {
    type_switch(context | kInTypeSwitch, s, guard);
  } else {
    expr_switch(context, s);
  }
  close_scope();
}

static void check_case_values(Checker& c, Operand& x, std::span<Expr* const> values, CaseValues& seen) {
  for (Expr* e : values) {
    Operand v;
    c.expr(nullptr, v, e);
    if (!x.valid() || !v.valid()) continue;
    c.convert_untyped(v, x.type);
    if (!v.valid()) continue;
    Operand result = v, tag = x;
    c.comparison(result, tag, Op::Eql, true);
    if (!result.valid() || v.mode != Mode::Constant) continue;
    std::string key = case_key(v.value);
    if (key.empty()) continue;
    std::vector<CaseValue>& same = seen[key];
    auto earlier = std::find_if(same.begin(), same.end(), [&](const CaseValue& o) { return identical(v.type, o.type); });
    if (earlier == same.end()) {
      same.push_back({v.pos(), v.type});
      continue;
    }
    ErrorBuilder err(c, "DuplicateCase");
    err.add_at(e, fmt::format("duplicate case {} in expression switch", c.operand_text(v)));
    err.add(earlier->pos, "previous case");
    err.report();
  }
}

void Checker::expr_switch(uint32_t context, syntax::SwitchStmt* s) {
  Operand x;
  if (s->tag != nullptr) {
    expr(nullptr, x, s->tag);
    // An untyped constant gets its default type: it is compared with the cases.
    assignment(x, nullptr, "switch expression");
    if (x.valid() && !comparable(x.type) && !has_nil(x.type)) {
      error_at(x, "InvalidExprSwitch", fmt::format("cannot switch on {} ({} is not comparable)", operand_text(x), type_text(x.type)));
      x.mode = Mode::Invalid;
    }
  } else {
    // spec: A missing switch expression is equivalent to true.
    auto* name = arena.make<syntax::Name>();
    name->kind = NodeKind::Name;
    name->pos = s->body.empty() ? s->right_brace : s->body[0]->pos;
    name->name = Symbol("true");
    x = {Mode::Constant, name, basic(BasicKind::Bool), make_bool(true)};
  }
  report_second_default<syntax::CaseClause>(*this, s->body, [](const syntax::CaseClause* c) -> const syntax::Node* { return c->cases; });
  CaseValues seen;
  for (size_t i = 0; i < s->body.size(); i++) {
    syntax::CaseClause* clause = s->body[i];
    check_case_values(*this, x, list_of(clause->cases), seen);
    open_scope(clause, "case");
    stmt_list(context | (i + 1 < s->body.size() ? kFallthroughOk : kFinalSwitchCase), clause->body);
    close_scope();
  }
}

namespace {

// The cases of a type switch seen so far; nil is a null type.
class SeenTypes {
 public:
  // The earlier case of an identical type; null: none, and this one is entered.
  Expr* add(Type* t, Expr* e) {
    std::vector<std::pair<Type*, Expr*>>& same = seen_[t == nullptr ? 0 : identity_hash(t)];
    for (auto& [other, at] : same) {
      if (t == nullptr ? other == nullptr : other != nullptr && identical(t, other)) return at;
    }
    same.push_back({t, e});
    return nullptr;
  }

 private:
  absl::flat_hash_map<uint32_t, std::vector<std::pair<Type*, Expr*>>> seen_;
};

bool is_nil_name(const Checker& c, Expr* e) {
  auto* name = syntax::as<syntax::Name>(syntax::unparen(e));
  if (name == nullptr) return false;
  Object* o = c.lookup(name->name);
  return o != nullptr && o->kind == ObjectKind::Nil;
}

// Checks the types of one clause; returns the type that the switch's variable has in it. x: null after an error.
Type* check_case_types(Checker& c, const Operand* x, std::span<Expr* const> types, SeenTypes& seen) {
  Type* t = nullptr;
  for (Expr* e : types) {
    if (is_nil_name(c, e)) {
      t = nullptr;
      Operand ignored;
      c.expr(nullptr, ignored, e);
    } else {
      t = c.var_type(e);
      if (is_invalid(t)) continue;
    }
    if (Expr* earlier = seen.add(t, e)) {
      ErrorBuilder err(c, "DuplicateCase");
      err.add_at(e, fmt::format("duplicate case {} in type switch", t == nullptr ? "nil" : c.type_text(t)));
      err.add_at(earlier, "previous case");
      err.report();
      continue;
    }
    if (x != nullptr && t != nullptr) c.type_assertion(e, *x, t, true);
  }
  // spec: In clauses with exactly one type the variable has that type, otherwise that of the expression.
  if (types.size() == 1 && t != nullptr) return t;
  return x != nullptr ? x->type : basic(BasicKind::Invalid);
}

}  // namespace

void Checker::type_switch(uint32_t context, syntax::SwitchStmt* s, syntax::TypeSwitchGuard* guard) {
  syntax::Name* lhs = guard->lhs;
  if (lhs != nullptr && lhs->name.text() == "_") {
    soft_error_at(lhs, "NoNewVar", "no new variable on left side of :=");
    lhs = nullptr;
  }
  Operand x;
  expr(nullptr, x, guard->x);
  bool ok = false;
  if (x.valid()) {
    if (is_type_param(x.type)) {
      error_at(x, "InvalidTypeSwitch", fmt::format("cannot use type switch on type parameter value {}", operand_text(x)));
    } else if (is_interface(x.type)) {
      ok = true;
    } else {
      error_at(x, "InvalidTypeSwitch", fmt::format("{} is not an interface", operand_text(x)));
    }
  }
  report_second_default<syntax::CaseClause>(*this, s->body, [](const syntax::CaseClause* c) -> const syntax::Node* { return c->cases; });

  std::vector<Var*> vars;
  SeenTypes seen;
  for (syntax::CaseClause* clause : s->body) {
    Type* t = check_case_types(*this, ok ? &x : nullptr, list_of(clause->cases), seen);
    open_scope(clause, "case");
    if (lhs != nullptr) {
      // Each clause has a variable of its own.
      Var* v = new_local(VarRole::Local, lhs->pos, lhs->name, t);
      v->color = kBlack;
      declare(env.scope, nullptr, v, clause->colon);
      clause->implicit_object = v;
      vars.push_back(v);
    }
    stmt_list(context, clause->body);
    close_scope();
  }
  if (lhs == nullptr) return;
  bool used = false;
  for (Var* v : vars) {
    used |= v->used;
    v->used = true;  // one error for all of them
  }
  if (!used && !options.ignore_unused) {
    soft_error_at(lhs, "UnusedVar", fmt::format("{} declared and not used", lhs->name.text()));
  }
}

// ---- select ----

void Checker::select_stmt(uint32_t context, syntax::SelectStmt* s) {
  report_second_default<syntax::CommClause>(*this, s->body, [](const syntax::CommClause* c) -> const syntax::Node* { return c->comm; });
  for (syntax::CommClause* clause : s->body) {
    // A send, or a receive, perhaps with assignment of what was received.
    bool valid = clause->comm == nullptr || clause->comm->kind == NodeKind::SendStmt;
    Expr* received = nullptr;
    if (auto* assign = syntax::as<syntax::AssignStmt>(clause->comm)) {
      if (assign->rhs != nullptr && assign->rhs->kind != NodeKind::ListExpr) received = assign->rhs;
    } else if (auto* plain = syntax::as<syntax::ExprStmt>(clause->comm)) {
      received = plain->x;
    }
    if (received != nullptr) {
      auto* op = syntax::as<syntax::Operation>(syntax::unparen(received));
      valid = op != nullptr && op->y == nullptr && op->op == Op::Recv;
    }
    if (!valid) {
      error_at(clause->comm, "InvalidSelectCase", "select case must be send or receive (possibly with assignment)");
      continue;
    }
    open_scope(clause, "case");
    if (clause->comm != nullptr) stmt(context, clause->comm);
    stmt_list(context, clause->body);
    close_scope();
  }
}

}  // namespace gale::types
