// Walker over the syntax tree (see walk.h). Types written in expressions are not walked: no variables are named there but in
// array lengths, which are constant.
#include "lower/walk.h"

namespace gale::lower {

using namespace syntax;

void Walker::visit(Node* n) {
  if (n == nullptr || !pre(n)) return;
  children(n);
}

void Walker::children(Node* n) {
  auto all = [&](auto list) {
    for (auto* x : list) visit(x);
  };
  switch (n->kind) {
    case NodeKind::CompositeLit: return all(static_cast<CompositeLit*>(n)->elems);
    case NodeKind::KeyValueExpr: {
      auto* x = static_cast<KeyValueExpr*>(n);
      visit(x->key);
      return visit(x->value);
    }
    case NodeKind::FuncLit: return visit(static_cast<FuncLit*>(n)->body);
    case NodeKind::ParenExpr: return visit(static_cast<ParenExpr*>(n)->x);
    case NodeKind::SelectorExpr: return visit(static_cast<SelectorExpr*>(n)->x);
    case NodeKind::IndexExpr: {
      auto* x = static_cast<IndexExpr*>(n);
      visit(x->x);
      return visit(x->index);
    }
    case NodeKind::SliceExpr: {
      auto* x = static_cast<SliceExpr*>(n);
      visit(x->x);
      for (Expr* i : x->index) visit(i);
      return;
    }
    case NodeKind::AssertExpr: return visit(static_cast<AssertExpr*>(n)->x);
    case NodeKind::TypeSwitchGuard: return visit(static_cast<TypeSwitchGuard*>(n)->x);
    case NodeKind::Operation: {
      auto* x = static_cast<Operation*>(n);
      visit(x->x);
      return visit(x->y);
    }
    case NodeKind::CallExpr: {
      auto* x = static_cast<CallExpr*>(n);
      visit(x->fun);
      return all(x->args);
    }
    case NodeKind::ListExpr: return all(static_cast<ListExpr*>(n)->elems);
    case NodeKind::VarDecl: return visit(static_cast<VarDecl*>(n)->values);
    case NodeKind::LabeledStmt: return visit(static_cast<LabeledStmt*>(n)->stmt);
    case NodeKind::BlockStmt: return all(static_cast<BlockStmt*>(n)->stmts);
    case NodeKind::ExprStmt: return visit(static_cast<ExprStmt*>(n)->x);
    case NodeKind::SendStmt: {
      auto* x = static_cast<SendStmt*>(n);
      visit(x->chan);
      return visit(x->value);
    }
    case NodeKind::DeclStmt: return all(static_cast<DeclStmt*>(n)->decls);
    case NodeKind::AssignStmt: {
      auto* x = static_cast<AssignStmt*>(n);
      visit(x->lhs);
      return visit(x->rhs);
    }
    case NodeKind::CallStmt: return visit(static_cast<CallStmt*>(n)->call);
    case NodeKind::ReturnStmt: return visit(static_cast<ReturnStmt*>(n)->results);
    case NodeKind::IfStmt: {
      auto* x = static_cast<IfStmt*>(n);
      visit(x->init);
      visit(x->cond);
      visit(x->then_block);
      return visit(x->else_stmt);
    }
    case NodeKind::ForStmt: {
      auto* x = static_cast<ForStmt*>(n);
      visit(x->init);
      visit(x->cond);
      visit(x->post);
      return visit(x->body);
    }
    case NodeKind::SwitchStmt: {
      auto* x = static_cast<SwitchStmt*>(n);
      visit(x->init);
      visit(x->tag);
      return all(x->body);
    }
    case NodeKind::SelectStmt: return all(static_cast<SelectStmt*>(n)->body);
    case NodeKind::CaseClause: {
      auto* x = static_cast<CaseClause*>(n);
      visit(x->cases);
      return all(x->body);
    }
    case NodeKind::CommClause: {
      auto* x = static_cast<CommClause*>(n);
      visit(x->comm);
      return all(x->body);
    }
    case NodeKind::RangeClause: {
      auto* x = static_cast<RangeClause*>(n);
      visit(x->lhs);
      return visit(x->x);
    }
    default:
      return;
  }
}

}  // namespace gale::lower
