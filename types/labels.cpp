// Labels and the branches to them (spec: Labeled statements, Break, Continue, Goto). Only for trees whose parser did not
// check them.
#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include "types/private.h"

namespace gale::types {

using syntax::BranchStmt;
using syntax::LabeledStmt;
using syntax::NodeKind;
using syntax::Stmt;

namespace {

struct Block {
  Block* parent;
  LabeledStmt* labeled;  // the labelled statement to which it belongs, or null
  std::vector<LabeledStmt*> labels;

  LabeledStmt* goto_target(Symbol name) {
    for (Block* b = this; b != nullptr; b = b->parent) {
      for (LabeledStmt* l : b->labels) {
        if (l->label->name == name) return l;
      }
    }
    return nullptr;
  }
  LabeledStmt* enclosing(Symbol name) {
    for (Block* b = this; b != nullptr; b = b->parent) {
      if (b->labeled != nullptr && b->labeled->label->name == name) return b->labeled;
    }
    return nullptr;
  }
};

class LabelChecker {
 public:
  explicit LabelChecker(Checker& c) : c_(c) {}
  void run(syntax::BlockStmt* body);

 private:
  using Jumps = std::vector<BranchStmt*>;

  // Resolves the branches in list; returns the gotos that jump forward out of it.
  Jumps block(Block* parent, LabeledStmt* labeled, std::span<Stmt* const> list);

  struct State {
    Block* block;
    Jumps forward;      // gotos to labels not seen yet
    Jumps over_decl;    // those before the last variable declaration
    Pos var_decl;
  };
  void visit(State& s, LabeledStmt* labeled, Stmt* stmt);
  void declare(State& s, LabeledStmt* stmt);
  void branch(State& s, BranchStmt* stmt);
  void note_declaration(State& s, Pos pos) {
    s.var_decl = pos;
    s.over_decl = s.forward;
  }
  void inner(State& s, Block* parent, LabeledStmt* labeled, std::span<Stmt* const> list) {
    Jumps jumps = block(parent, labeled, list);
    s.forward.insert(s.forward.end(), jumps.begin(), jumps.end());
  }
  Label* find(Symbol name) {
    for (Label* l : all_) {
      if (l->name == name) return l;
    }
    return nullptr;
  }

  Checker& c_;
  std::vector<Label*> all_;
};

void LabelChecker::run(syntax::BlockStmt* body) {
  for (BranchStmt* jump : block(nullptr, nullptr, body->stmts)) {
    Symbol name = jump->label->name;
    if (Label* l = find(name)) {
      l->used = true;
      c_.error_at(jump->label, "JumpIntoBlock", fmt::format("goto {} jumps into block", name.text()));
    } else {
      c_.error_at(jump->label, "UndeclaredLabel", fmt::format("label {} not declared", name.text()));
    }
  }
  for (Label* l : all_) {
    if (!l->used) c_.soft_error(l->pos, "UnusedLabel", fmt::format("label {} declared and not used", l->name.text()));
  }
}

LabelChecker::Jumps LabelChecker::block(Block* parent, LabeledStmt* labeled, std::span<Stmt* const> list) {
  Block b{parent, labeled, {}};
  State s{&b, {}, {}, {}};
  for (Stmt* stmt : list) visit(s, nullptr, stmt);
  return std::move(s.forward);
}

void LabelChecker::declare(State& s, LabeledStmt* stmt) {
  Symbol name = stmt->label->name;
  Label* label = new_object<Label>(c_.arena, ObjectKind::Label, stmt->label->pos, c_.env.package, name, nullptr);
  if (Label* other = find(name)) {
    ErrorBuilder e(c_, "DuplicateLabel", true);
    e.add(label->pos, fmt::format("label {} already declared", name.text()));
    e.add_other_declaration(other);
    e.report();
  } else {
    all_.push_back(label);
    s.block->labels.push_back(stmt);
    stmt->label->object = label;
  }
  // Gotos that waited for this label.
  Jumps rest;
  for (BranchStmt* jump : s.forward) {
    if (jump->label->name != name) {
      rest.push_back(jump);
      continue;
    }
    label->used = true;
    jump->label->object = label;
    jump->target = stmt;
    bool over = s.var_decl.valid() && std::find(s.over_decl.begin(), s.over_decl.end(), jump) != s.over_decl.end();
    if (over) {
      c_.soft_error_at(jump->label, "JumpOverDecl",
                       fmt::format("goto {} jumps over variable declaration at line {}", name.text(),
                                   c_.sources.location(s.var_decl).line));
    }
  }
  s.forward = std::move(rest);
}

void LabelChecker::branch(State& s, BranchStmt* stmt) {
  if (stmt->label == nullptr) return;
  Symbol name = stmt->label->name;
  if (stmt->token == syntax::Token::Goto) {
    LabeledStmt* target = s.block->goto_target(name);
    if (target == nullptr) {
      s.forward.push_back(stmt);
      return;
    }
    stmt->target = target;
  } else if (stmt->token == syntax::Token::Break || stmt->token == syntax::Token::Continue) {
    bool is_break = stmt->token == syntax::Token::Break;
    LabeledStmt* target = s.block->enclosing(name);
    NodeKind kind = target == nullptr ? NodeKind::EmptyStmt : target->stmt->kind;
    bool valid = kind == NodeKind::ForStmt || (is_break && (kind == NodeKind::SwitchStmt || kind == NodeKind::SelectStmt));
    if (!valid) {
      c_.error_at(stmt->label, "MisplacedLabel",
                  fmt::format("invalid {} label {}", is_break ? "break" : "continue", name.text()));
      return;
    }
    stmt->target = target->stmt;
  } else {
    c_.error_at(stmt, "InvalidSyntaxTree", "invalid syntax tree: branch statement with label");
    return;
  }
  Label* label = find(name);
  label->used = true;
  stmt->label->object = label;
}

void LabelChecker::visit(State& s, LabeledStmt* labeled, Stmt* stmt) {
  switch (stmt->kind) {
    case NodeKind::DeclStmt:
      for (syntax::Decl* d : static_cast<syntax::DeclStmt*>(stmt)->decls) {
        if (d->kind == NodeKind::VarDecl) note_declaration(s, d->pos);
      }
      break;
    case NodeKind::LabeledStmt: {
      auto* l = static_cast<LabeledStmt*>(stmt);
      if (l->label->name.text() != "_") {
        declare(s, l);
        labeled = l;
      }
      visit(s, labeled, l->stmt);
      break;
    }
    case NodeKind::BranchStmt:
      branch(s, static_cast<BranchStmt*>(stmt));
      break;
    case NodeKind::AssignStmt:
      if (static_cast<syntax::AssignStmt*>(stmt)->define) note_declaration(s, stmt->pos);
      break;
    case NodeKind::BlockStmt:
      inner(s, s.block, labeled, static_cast<syntax::BlockStmt*>(stmt)->stmts);
      break;
    case NodeKind::IfStmt: {
      auto* i = static_cast<syntax::IfStmt*>(stmt);
      visit(s, labeled, i->then_block);
      if (i->else_stmt != nullptr) visit(s, labeled, i->else_stmt);
      break;
    }
    case NodeKind::SwitchStmt: {
      Block b{s.block, labeled, {}};
      for (auto* clause : static_cast<syntax::SwitchStmt*>(stmt)->body) inner(s, &b, nullptr, clause->body);
      break;
    }
    case NodeKind::SelectStmt: {
      Block b{s.block, labeled, {}};
      for (auto* clause : static_cast<syntax::SelectStmt*>(stmt)->body) inner(s, &b, nullptr, clause->body);
      break;
    }
    case NodeKind::ForStmt:
      visit(s, labeled, static_cast<syntax::ForStmt*>(stmt)->body);
      break;
    default:
      break;
  }
}

}  // namespace

void Checker::labels(syntax::BlockStmt* body) { LabelChecker(*this).run(body); }

}  // namespace gale::types
