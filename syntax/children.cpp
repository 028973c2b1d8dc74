#include "syntax/children.h"

namespace gale::syntax {
namespace {

using Visit = absl::FunctionRef<void(const Node*)>;

void one(const Node* n, Visit visit) {
  if (n != nullptr) visit(n);
}

template <class T>
void all(std::span<T* const> list, Visit visit) {
  for (const T* n : list) one(n, visit);
}

void fields(std::span<Field* const> list, Visit visit) {
  for (size_t i = 0; i < list.size(); i++) {
    one(list[i]->name, visit);
    if (i + 1 == list.size() || list[i + 1]->type_expr != list[i]->type_expr) one(list[i]->type_expr, visit);
  }
}

template <class T>
const T* at(const Node* n) {
  return static_cast<const T*>(n);
}

}  // namespace

void for_each_child(const Node* n, Visit visit) {
  auto each = [&](auto... parts) { (one(parts, visit), ...); };
  switch (n->kind) {
    case NodeKind::BadExpr:
    case NodeKind::Name:
    case NodeKind::BasicLit:
    case NodeKind::EmptyStmt: return;
    case NodeKind::CompositeLit: {
      auto* x = at<CompositeLit>(n);
      each(x->type_expr);
      return all<Expr>(x->elems, visit);
    }
    case NodeKind::KeyValueExpr: return each(at<KeyValueExpr>(n)->key, at<KeyValueExpr>(n)->value);
    case NodeKind::FuncLit: return each(at<FuncLit>(n)->func_type, at<FuncLit>(n)->body);
    case NodeKind::ParenExpr: return each(at<ParenExpr>(n)->x);
    case NodeKind::SelectorExpr: return each(at<SelectorExpr>(n)->x, at<SelectorExpr>(n)->selector);
    case NodeKind::IndexExpr: return each(at<IndexExpr>(n)->x, at<IndexExpr>(n)->index);
    case NodeKind::SliceExpr: {
      auto* x = at<SliceExpr>(n);
      return each(x->x, x->index[0], x->index[1], x->index[2]);
    }
    case NodeKind::AssertExpr: return each(at<AssertExpr>(n)->x, at<AssertExpr>(n)->asserted);
    case NodeKind::TypeSwitchGuard: return each(at<TypeSwitchGuard>(n)->lhs, at<TypeSwitchGuard>(n)->x);
    case NodeKind::Operation: return each(at<Operation>(n)->x, at<Operation>(n)->y);
    case NodeKind::CallExpr: {
      auto* x = at<CallExpr>(n);
      each(x->fun);
      return all<Expr>(x->args, visit);
    }
    case NodeKind::ListExpr: return all<Expr>(at<ListExpr>(n)->elems, visit);
    case NodeKind::ArrayType: return each(at<ArrayType>(n)->length, at<ArrayType>(n)->elem);
    case NodeKind::SliceType: return each(at<SliceType>(n)->elem);
    case NodeKind::DotsType: return each(at<DotsType>(n)->elem);
    case NodeKind::StructType: return fields(at<StructType>(n)->fields, visit);
    case NodeKind::InterfaceType: return fields(at<InterfaceType>(n)->methods, visit);
    case NodeKind::FuncType: {
      fields(at<FuncType>(n)->params, visit);
      return fields(at<FuncType>(n)->results, visit);
    }
    case NodeKind::MapType: return each(at<MapType>(n)->key, at<MapType>(n)->value);
    case NodeKind::ChanType: return each(at<ChanType>(n)->elem);
    case NodeKind::ImportDecl: return each(at<ImportDecl>(n)->local_name, at<ImportDecl>(n)->path);
    case NodeKind::ConstDecl: {
      auto* d = at<ConstDecl>(n);
      all<Name>(d->names, visit);
      return each(d->type_expr, d->values);
    }
    case NodeKind::TypeDecl: {
      auto* d = at<TypeDecl>(n);
      each(d->name);
      fields(d->type_params, visit);
      return each(d->type_expr);
    }
    case NodeKind::VarDecl: {
      auto* d = at<VarDecl>(n);
      all<Name>(d->names, visit);
      return each(d->type_expr, d->values);
    }
    case NodeKind::FuncDecl: {
      auto* d = at<FuncDecl>(n);
      each(d->receiver, d->name);
      fields(d->type_params, visit);
      return each(d->func_type, d->body);
    }
    case NodeKind::LabeledStmt: return each(at<LabeledStmt>(n)->label, at<LabeledStmt>(n)->stmt);
    case NodeKind::BlockStmt: return all<Stmt>(at<BlockStmt>(n)->stmts, visit);
    case NodeKind::ExprStmt: return each(at<ExprStmt>(n)->x);
    case NodeKind::SendStmt: return each(at<SendStmt>(n)->chan, at<SendStmt>(n)->value);
    case NodeKind::DeclStmt: return all<Decl>(at<DeclStmt>(n)->decls, visit);
    case NodeKind::AssignStmt: return each(at<AssignStmt>(n)->lhs, at<AssignStmt>(n)->rhs);
    case NodeKind::BranchStmt: return each(at<BranchStmt>(n)->label);
    case NodeKind::CallStmt: return each(at<CallStmt>(n)->call);
    case NodeKind::ReturnStmt: return each(at<ReturnStmt>(n)->results);
    case NodeKind::IfStmt: {
      auto* s = at<IfStmt>(n);
      return each(s->init, s->cond, s->then_block, s->else_stmt);
    }
    case NodeKind::ForStmt: {
      auto* s = at<ForStmt>(n);
      return each(s->init, s->cond, s->post, s->body);
    }
    case NodeKind::SwitchStmt: {
      auto* s = at<SwitchStmt>(n);
      each(s->init, s->tag);
      return all<CaseClause>(s->body, visit);
    }
    case NodeKind::SelectStmt: return all<CommClause>(at<SelectStmt>(n)->body, visit);
    case NodeKind::Field: return each(at<Field>(n)->name, at<Field>(n)->type_expr);
    case NodeKind::CaseClause: {
      each(at<CaseClause>(n)->cases);
      return all<Stmt>(at<CaseClause>(n)->body, visit);
    }
    case NodeKind::CommClause: {
      each(at<CommClause>(n)->comm);
      return all<Stmt>(at<CommClause>(n)->body, visit);
    }
    case NodeKind::RangeClause: return each(at<RangeClause>(n)->lhs, at<RangeClause>(n)->x);
  }
}

}  // namespace gale::syntax
