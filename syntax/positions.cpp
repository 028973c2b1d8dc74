// The extent of nodes, as gc's syntax package computes it (messages and scopes depend on its approximations).
#include "syntax/nodes.h"

namespace gale::syntax {
namespace {

template <class T>
const T* at(const Node* n) {
  return static_cast<const T*>(n);
}

const Node* last_or(std::span<Expr*> list, const Node* otherwise) { return list.empty() ? otherwise : list.back(); }

// The node that ends where a const or var declaration ends; null: its own pos.
template <class D>
const Node* value_decl_end(const D* d) {
  if (d->values != nullptr) return d->values;
  if (d->type_expr != nullptr) return d->type_expr;
  return d->names.empty() ? nullptr : d->names.back();
}

const Node* func_type_end(const FuncType* f) {
  if (!f->results.empty()) return f->results.back();
  return f->params.empty() ? nullptr : f->params.back();
}

}  // namespace

Pos start_pos(const Node* n) {
  for (;;) {
    const Node* next = nullptr;
    switch (n->kind) {
      case NodeKind::CompositeLit:
        next = at<CompositeLit>(n)->type_expr;
        break;
      case NodeKind::KeyValueExpr:
        next = at<KeyValueExpr>(n)->key;
        break;
      case NodeKind::SelectorExpr:
        next = at<SelectorExpr>(n)->x;
        break;
      case NodeKind::IndexExpr:
        next = at<IndexExpr>(n)->x;
        break;
      case NodeKind::AssertExpr:
        next = at<AssertExpr>(n)->x;
        break;
      case NodeKind::TypeSwitchGuard:
        next = at<TypeSwitchGuard>(n)->lhs != nullptr ? at<TypeSwitchGuard>(n)->lhs : at<TypeSwitchGuard>(n)->x;
        break;
      case NodeKind::Operation:
        if (at<Operation>(n)->y != nullptr) next = at<Operation>(n)->x;
        break;
      case NodeKind::CallExpr:
        next = at<CallExpr>(n)->fun;
        break;
      case NodeKind::ListExpr:
        if (!at<ListExpr>(n)->elems.empty()) next = at<ListExpr>(n)->elems[0];
        break;
      case NodeKind::SendStmt:
        next = at<SendStmt>(n)->chan;
        break;
      case NodeKind::AssignStmt:
        next = at<AssignStmt>(n)->lhs;
        break;
      case NodeKind::RangeClause:
        next = at<RangeClause>(n)->lhs != nullptr ? at<RangeClause>(n)->lhs : at<RangeClause>(n)->x;
        break;
      default:  // starts at its pos (SliceExpr too: gc leaves it so)
        break;
    }
    if (next == nullptr) return n->pos;
    n = next;
  }
}

Pos end_pos(const Node* n) {
  for (;;) {
    const Node* next = nullptr;  // the part that ends last; null: the node's own pos
    switch (n->kind) {
      case NodeKind::ImportDecl:
        next = at<ImportDecl>(n)->path;
        break;
      case NodeKind::ConstDecl:
        next = value_decl_end(at<ConstDecl>(n));
        break;
      case NodeKind::VarDecl:
        next = value_decl_end(at<VarDecl>(n));
        break;
      case NodeKind::TypeDecl:
        next = at<TypeDecl>(n)->type_expr;
        break;
      case NodeKind::FuncDecl: {
        const FuncDecl* f = at<FuncDecl>(n);
        if (f->has_body) return f->body_end;
        next = f->func_type;
        break;
      }
      case NodeKind::Name:
        return n->pos.offset_by(static_cast<uint32_t>(at<Name>(n)->name.text().size()));
      case NodeKind::BasicLit:
        return n->pos.offset_by(static_cast<uint32_t>(at<BasicLit>(n)->text.size()));
      case NodeKind::CompositeLit:
        return at<CompositeLit>(n)->right_brace;
      case NodeKind::KeyValueExpr:
        next = at<KeyValueExpr>(n)->value;
        break;
      case NodeKind::FuncLit:
        next = at<FuncLit>(n)->body;
        break;
      case NodeKind::ParenExpr:
        next = at<ParenExpr>(n)->x;
        break;
      case NodeKind::SelectorExpr:
        next = at<SelectorExpr>(n)->selector;
        break;
      case NodeKind::IndexExpr:
        next = at<IndexExpr>(n)->index;
        break;
      case NodeKind::SliceExpr: {
        const SliceExpr* s = at<SliceExpr>(n);
        next = s->index[2] != nullptr ? s->index[2] : s->index[1] != nullptr ? s->index[1]
               : s->index[0] != nullptr ? s->index[0] : s->x;
        break;
      }
      case NodeKind::AssertExpr:
        next = at<AssertExpr>(n)->asserted;
        break;
      case NodeKind::TypeSwitchGuard:
        next = at<TypeSwitchGuard>(n)->x;
        break;
      case NodeKind::Operation:
        next = at<Operation>(n)->y != nullptr ? at<Operation>(n)->y : at<Operation>(n)->x;
        break;
      case NodeKind::CallExpr:
        next = last_or(at<CallExpr>(n)->args, at<CallExpr>(n)->fun);
        break;
      case NodeKind::ListExpr:
        next = last_or(at<ListExpr>(n)->elems, nullptr);
        break;
      case NodeKind::ArrayType:
        next = at<ArrayType>(n)->elem;
        break;
      case NodeKind::SliceType:
        next = at<SliceType>(n)->elem;
        break;
      case NodeKind::DotsType:
        next = at<DotsType>(n)->elem;
        break;
      case NodeKind::StructType:
        if (!at<StructType>(n)->fields.empty()) next = at<StructType>(n)->fields.back();
        break;
      case NodeKind::InterfaceType:
        if (!at<InterfaceType>(n)->methods.empty()) next = at<InterfaceType>(n)->methods.back();
        break;
      case NodeKind::Field:
        next = at<Field>(n)->type_expr != nullptr ? at<Field>(n)->type_expr : at<Field>(n)->name;
        break;
      case NodeKind::FuncType:
        next = func_type_end(at<FuncType>(n));
        break;
      case NodeKind::MapType:
        next = at<MapType>(n)->value;
        break;
      case NodeKind::ChanType:
        next = at<ChanType>(n)->elem;
        break;
      case NodeKind::LabeledStmt:
        next = at<LabeledStmt>(n)->stmt;
        break;
      case NodeKind::BlockStmt:
        return at<BlockStmt>(n)->right_brace;
      case NodeKind::ExprStmt:
        next = at<ExprStmt>(n)->x;
        break;
      case NodeKind::SendStmt:
        next = at<SendStmt>(n)->value;
        break;
      case NodeKind::DeclStmt:
        if (!at<DeclStmt>(n)->decls.empty()) next = at<DeclStmt>(n)->decls.back();
        break;
      case NodeKind::AssignStmt: {
        const AssignStmt* a = at<AssignStmt>(n);
        if (a->rhs == nullptr) return end_pos(a->lhs).offset_by(2);
        next = a->rhs;
        break;
      }
      case NodeKind::BranchStmt:
        next = at<BranchStmt>(n)->label;
        break;
      case NodeKind::CallStmt:
        next = at<CallStmt>(n)->call;
        break;
      case NodeKind::ReturnStmt:
        next = at<ReturnStmt>(n)->results;
        break;
      case NodeKind::IfStmt:
        next = at<IfStmt>(n)->else_stmt != nullptr ? at<IfStmt>(n)->else_stmt : at<IfStmt>(n)->then_block;
        break;
      case NodeKind::ForStmt:
        next = at<ForStmt>(n)->body;
        break;
      case NodeKind::SwitchStmt:
        return at<SwitchStmt>(n)->right_brace;
      case NodeKind::SelectStmt:
        return at<SelectStmt>(n)->right_brace;
      case NodeKind::RangeClause:
        next = at<RangeClause>(n)->x;
        break;
      case NodeKind::CaseClause:
        if (at<CaseClause>(n)->body.empty()) return at<CaseClause>(n)->colon;
        next = at<CaseClause>(n)->body.back();
        break;
      case NodeKind::CommClause:
        if (at<CommClause>(n)->body.empty()) return at<CommClause>(n)->colon;
        next = at<CommClause>(n)->body.back();
        break;
      case NodeKind::BadExpr:
      case NodeKind::EmptyStmt:
        break;
    }
    if (next == nullptr) return n->pos;
    n = next;
  }
}

}  // namespace gale::syntax
