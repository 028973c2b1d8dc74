// Statements: dispatch, declarations, blocks, return, labels, branches.
#include "base/check.h"
#include "lower/body.h"

namespace gale::lower {

using namespace syntax;

void Body::stmts(std::span<Stmt* const> list) {
  bool declaration_left_out = false;
  for (Stmt* s : list) {
    // Nothing refers into code after a return or goto but a label. No goto jumps over a declaration: behind one that was left
    // out, a label that has no jump to it yet gets none, and what follows it may use the variable.
    if (!reachable()) {
      auto* label = as<LabeledStmt>(s);
      if (label == nullptr || (declaration_left_out && !labels.contains(label))) {
        const auto* assignment = as<AssignStmt>(s);
        declaration_left_out |= s->kind == NodeKind::DeclStmt || (assignment != nullptr && assignment->define);
        continue;
      }
    }
    stmt(s);
  }
}

void Body::stmt(Stmt* s) {
  if (s == nullptr) return;
  pos = s->pos;
  switch (s->kind) {
    case NodeKind::EmptyStmt: return;
    case NodeKind::BlockStmt: return stmts(static_cast<BlockStmt*>(s)->stmts);
    case NodeKind::ExprStmt: return effect(static_cast<ExprStmt*>(s)->x);
    case NodeKind::DeclStmt: return decl_stmt(static_cast<DeclStmt*>(s));
    case NodeKind::AssignStmt: return assign(static_cast<AssignStmt*>(s));
    case NodeKind::ReturnStmt: return return_stmt(static_cast<ReturnStmt*>(s));
    case NodeKind::IfStmt: return if_stmt(static_cast<IfStmt*>(s));
    case NodeKind::ForStmt: return for_stmt(static_cast<ForStmt*>(s), nullptr);
    case NodeKind::SwitchStmt: return switch_stmt(static_cast<SwitchStmt*>(s), nullptr);
    case NodeKind::SelectStmt: return select_stmt(static_cast<SelectStmt*>(s), nullptr);
    case NodeKind::LabeledStmt: return labeled_stmt(static_cast<LabeledStmt*>(s));
    case NodeKind::BranchStmt: return branch_stmt(static_cast<BranchStmt*>(s));
    case NodeKind::SendStmt: {
      auto* x = static_cast<SendStmt*>(s);
      const Val c = expr(x->chan);
      const Val v = expr_as(x->value, types::under_as<types::Chan>(c.type)->elem);
      pos = s->pos;
      return send(c, v);
    }
    case NodeKind::CallStmt: {
      auto* x = static_cast<CallStmt*>(s);
      return x->token == Token::Go ? go_stmt(x) : defer_stmt(x);
    }
    default:
      not_yet("statement kind " + std::to_string(static_cast<int>(s->kind)));
  }
}

namespace {

types::Var* declared_var(Name* n) {
  return n != nullptr && n->object != nullptr && n->object->kind == types::ObjectKind::Var ? static_cast<types::Var*>(n->object)
                                                                                           : nullptr;
}

std::vector<Expr*> list_of(Expr* e) {
  if (e == nullptr) return {};
  if (auto* list = as<ListExpr>(e)) return {list->elems.begin(), list->elems.end()};
  return {e};
}

}  // namespace

void Body::decl_stmt(DeclStmt* s) {
  for (Decl* d : s->decls) {
    auto* v = as<VarDecl>(d);
    if (v == nullptr) continue;
    pos = v->pos;
    std::vector<Val> values;
    const std::vector<Expr*> inits = list_of(v->values);
    if (inits.size() == 1 && v->names.size() > 1) {
      values = exprs(inits[0]);
    } else {
      for (size_t i = 0; i < inits.size(); i++) {
        types::Var* var = i < v->names.size() ? declared_var(v->names[i]) : nullptr;
        Type* t = var != nullptr && var->type != nullptr && !types::is_untyped(var->type) ? subst(var->type) : type_of(inits[i]);
        values.push_back(stabilize(expr_as(inits[i], t)));
      }
    }
    for (size_t i = 0; i < v->names.size(); i++) {
      types::Var* var = declared_var(v->names[i]);
      if (var == nullptr || var->name.text() == "_") continue;
      Type* t = subst(var->type);
      if (i < values.size()) {
        declare_init(var, assign_convert(values[i], t));
      } else {
        Variable& x = declare(var, t);
        if (x.kind == Variable::Ssa) {
          write(x, zero(t));
        } else if (x.kind == Variable::Frame) {
          store_zero(address(x), 0, t);
        }
      }
    }
  }
}

void Body::return_stmt(ReturnStmt* s) {
  const std::vector<Expr*> list = list_of(s->results);
  if (range_func != nullptr) {
    std::vector<Val> values;
    Body* owner = this;
    while (owner->range_func != nullptr && owner->outer != nullptr) owner = owner->outer;
    if (list.size() == 1 && owner->result_types.size() > 1) {
      values = exprs(list[0]);
      for (size_t i = 0; i < values.size(); i++) values[i] = assign_convert(values[i], owner->result_types[i]);
    } else {
      for (size_t i = 0; i < list.size(); i++) values.push_back(stabilize(expr_as(list[i], owner->result_types[i])));
    }
    pos = s->pos;
    if (range_func_return(values)) return;
  }
  if (list.empty()) return return_results();
  std::vector<Val> values;
  if (list.size() == 1 && result_types.size() > 1) {
    values = exprs(list[0]);
    for (size_t i = 0; i < values.size(); i++) values[i] = assign_convert(values[i], result_types[i]);
  } else {
    for (size_t i = 0; i < list.size(); i++) {
      Val v = expr_as(list[i], result_types[i]);
      bool later = func.defers.return_block.valid() && list.size() > 1;
      for (size_t k = i + 1; k < list.size(); k++) later |= has_calls(list[k]);
      values.push_back(later ? stabilize(v) : v);
    }
  }
  pos = s->pos;
  emit_return(values);
}

void Body::labeled_stmt(LabeledStmt* s) {
  BlockId& b = labels[s];
  if (!b.valid()) b = new_block();
  const BlockId here = b;
  jump(here);
  start(here);  // sealed at the end: a goto may come from below
  switch (s->stmt != nullptr ? s->stmt->kind : NodeKind::EmptyStmt) {
    case NodeKind::ForStmt: return for_stmt(static_cast<ForStmt*>(s->stmt), s);
    case NodeKind::SwitchStmt: return switch_stmt(static_cast<SwitchStmt*>(s->stmt), s);
    case NodeKind::SelectStmt: return select_stmt(static_cast<SelectStmt*>(s->stmt), s);
    default: {
      // A break may leave a labelled block only if it is a loop, switch or select.
      return stmt(s->stmt);
    }
  }
}

void Body::branch_stmt(BranchStmt* s) {
  switch (s->token) {
    case Token::Fallthrough:
      CHECK(fallthrough_block.valid(), "fallthrough inside a switch");
      return jump(fallthrough_block);
    case Token::Goto: {
      if (range_func != nullptr && range_func_branch(s)) return;
      auto* label = as<LabeledStmt>(s->target);
      CHECK(label != nullptr, "a goto with its label");
      BlockId& b = labels[label];
      if (!b.valid()) b = new_block();
      return jump(b);
    }
    default: break;
  }
  const bool is_break = s->token == Token::Break;
  for (size_t i = targets.size(); i-- > 0;) {
    const Target& t = targets[i];
    if (s->label != nullptr || s->target != nullptr) {
      if (s->target != nullptr ? (t.stmt != s->target && (t.label == nullptr || t.label != s->target))
                               : (t.label == nullptr || t.label->label->name != s->label->name)) {
        continue;
      }
    } else if (!is_break && !t.continue_block.valid()) {
      continue;
    }
    return jump(is_break ? t.break_block : t.continue_block);
  }
  if (range_func != nullptr && range_func_branch(s)) return;
  CHECK(false, "break or continue of an enclosing statement");
}

void Body::go_stmt(CallStmt* s) {
  auto* call = as<CallExpr>(unparen(s->call));
  CHECK(call != nullptr, "go of a call");
  const ValueId closure = suspended_call(call, true).closure;
  pos = s->pos;
  runtime_call("newproc", {closure});
}

}  // namespace gale::lower
