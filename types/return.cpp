// Terminating statements (spec: Terminating statements).
#include "types/private.h"

namespace gale::types {

using syntax::NodeKind;
using syntax::Stmt;

namespace {

bool has_break(const Stmt* s, Symbol label, bool implicit);

bool has_break_in(std::span<Stmt* const> list, Symbol label, bool implicit) {
  for (const Stmt* s : list) {
    if (has_break(s, label, implicit)) return true;
  }
  return false;
}

// Is there a break in s that leaves the statement called label, or (implicit) the one around s?
bool has_break(const Stmt* s, Symbol label, bool implicit) {
  switch (s->kind) {
    case NodeKind::LabeledStmt:
      return has_break(static_cast<const syntax::LabeledStmt*>(s)->stmt, label, implicit);
    case NodeKind::BranchStmt: {
      auto* branch = static_cast<const syntax::BranchStmt*>(s);
      if (branch->token != syntax::Token::Break) return false;
      return branch->label == nullptr ? implicit : branch->label->name == label;
    }
    case NodeKind::BlockStmt:
      return has_break_in(static_cast<const syntax::BlockStmt*>(s)->stmts, label, implicit);
    case NodeKind::IfStmt: {
      // An else-if chain may be long.
      const Stmt* next = s;
      while (auto* i = syntax::as<syntax::IfStmt>(next)) {
        if (has_break(i->then_block, label, implicit)) return true;
        next = i->else_stmt;
      }
      return next != nullptr && has_break(next, label, implicit);
    }
    case NodeKind::SwitchStmt:
      if (label.empty()) return false;
      for (auto* clause : static_cast<const syntax::SwitchStmt*>(s)->body) {
        if (has_break_in(clause->body, label, false)) return true;
      }
      return false;
    case NodeKind::SelectStmt:
      if (label.empty()) return false;
      for (auto* clause : static_cast<const syntax::SelectStmt*>(s)->body) {
        if (has_break_in(clause->body, label, false)) return true;
      }
      return false;
    case NodeKind::ForStmt:
      return !label.empty() && has_break(static_cast<const syntax::ForStmt*>(s)->body, label, false);
    default:
      return false;
  }
}

}  // namespace

bool Checker::is_terminating(Stmt* s, Symbol label) {
  switch (s->kind) {
    case NodeKind::LabeledStmt: {
      auto* labeled = static_cast<syntax::LabeledStmt*>(s);
      return is_terminating(labeled->stmt, labeled->label->name);
    }
    case NodeKind::ExprStmt: {
      auto* call = syntax::as<syntax::CallExpr>(syntax::unparen(static_cast<syntax::ExprStmt*>(s)->x));
      return call != nullptr && env.panic_calls != nullptr && env.panic_calls->contains(call);
    }
    case NodeKind::ReturnStmt:
      return true;
    case NodeKind::BranchStmt: {
      syntax::Token token = static_cast<syntax::BranchStmt*>(s)->token;
      return token == syntax::Token::Goto || token == syntax::Token::Fallthrough;
    }
    case NodeKind::BlockStmt:
      return is_terminating_list(static_cast<syntax::BlockStmt*>(s)->stmts, Symbol());
    case NodeKind::IfStmt: {
      Stmt* next = s;
      while (auto* i = syntax::as<syntax::IfStmt>(next)) {
        if (i->else_stmt == nullptr || !is_terminating(i->then_block, Symbol())) return false;
        next = i->else_stmt;
      }
      return is_terminating(next, Symbol());
    }
    case NodeKind::SwitchStmt: {
      bool has_default = false;
      for (auto* clause : static_cast<syntax::SwitchStmt*>(s)->body) {
        if (clause->cases == nullptr) has_default = true;
        if (!is_terminating_list(clause->body, Symbol()) || has_break_in(clause->body, label, true)) return false;
      }
      return has_default;
    }
    case NodeKind::SelectStmt:
      for (auto* clause : static_cast<syntax::SelectStmt*>(s)->body) {
        if (!is_terminating_list(clause->body, Symbol()) || has_break_in(clause->body, label, true)) return false;
      }
      return true;
    case NodeKind::ForStmt: {
      auto* loop = static_cast<syntax::ForStmt*>(s);
      if (loop->init != nullptr && loop->init->kind == NodeKind::RangeClause) return false;
      return loop->cond == nullptr && !has_break(loop->body, label, true);
    }
    default:
      return false;
  }
}

bool Checker::is_terminating_list(std::span<Stmt* const> list, Symbol label) {
  // Trailing empty statements do not count.
  for (size_t i = list.size(); i > 0; i--) {
    if (list[i - 1]->kind != NodeKind::EmptyStmt) return is_terminating(list[i - 1], label);
  }
  return false;
}

}  // namespace gale::types
