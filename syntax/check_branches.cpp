// Labels and branch statements of one function body (spec: Labeled statements, Break statements, ... Fallthrough
// statements). One walk over the statements: labels are declared as they are met; a goto whose label is not known yet is kept
// until its label turns up in the same or an enclosing block, and is bad if a variable is declared in between.
#include <functional>
#include <string>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <fmt/core.h>

#include "syntax/nodes.h"
#include "syntax/recursive_descent.h"

namespace gale::syntax {
namespace {

struct Block {
  Block* parent;
  uint32_t id;
  Pos start;
  LabeledStmt* label;  // that of the statement whose block this is
};

struct Label {
  Pos block_start;
  uint32_t block_id;
  LabeledStmt* stmt;
  bool used = false;
};

// What break and continue mean at some place.
struct Targets {
  Stmt* break_target = nullptr;  // for, switch or select
  ForStmt* continue_target = nullptr;
  int case_index = -1;  // of the clause directly around, -1: not directly in a switch
};

class BranchChecker {
 public:
  BranchChecker(const SourceFile* source, const std::function<void(Pos, std::string)>& error)
      : source_(source), error_(error) {}

  void check(BlockStmt* body) {
    block(nullptr, {}, nullptr, body->pos, body->stmts);
    for (BranchStmt* g : waiting_) {
      Symbol name = g->label->name;
      if (Label* l = find(name)) {
        l->used = true;
        error_(g->label->pos, "goto " + text(name) + " jumps into block starting at " + place(l->block_start));
      } else {
        error_(g->label->pos, "label " + text(name) + " not defined");
      }
    }
    for (const Label& l : labels_) {
      if (!l.used) error_(l.stmt->label->pos, "label " + text(l.stmt->label->name) + " defined and not used");
    }
  }

 private:
  static std::string text(Symbol s) { return std::string(s.text()); }
  std::string place(Pos pos) const {
    Location l = source_->location(pos);
    return l.column == 0 ? fmt::format("{}:{}", l.file, l.line) : fmt::format("{}:{}:{}", l.file, l.line, l.column);
  }

  Label* find(Symbol name) {
    auto it = index_.find(name);
    return it == index_.end() ? nullptr : &labels_[it->second];
  }

  Label* declare(Block* b, LabeledStmt* s) {
    if (Label* other = find(s->label->name)) {
      error_(s->label->pos, "label " + text(s->label->name) + " already defined at " + place(other->stmt->label->pos));
      return other;
    }
    index_[s->label->name] = labels_.size();
    labels_.push_back({b->start, b->id, s});
    return &labels_.back();
  }

  // The label, if it is in the block or one around it.
  LabeledStmt* goto_target(const Block* b, Symbol name) {
    Label* l = find(name);
    if (l == nullptr) return nullptr;
    l->used = true;
    for (; b != nullptr; b = b->parent) {
      if (l->block_id == b->id) return l->stmt;
    }
    return nullptr;
  }

  // The statement with that label around the block; *known: does the label exist at all?
  Stmt* enclosing_target(const Block* b, Symbol name, bool* known) {
    Label* l = find(name);
    *known = l != nullptr;
    if (l == nullptr) return nullptr;
    l->used = true;
    for (; b != nullptr; b = b->parent) {
      if (l->stmt == b->label) return l->stmt->stmt;
    }
    return nullptr;
  }

  void unlabeled(BranchStmt* s, const Targets& targets, bool last) {
    switch (s->token) {
      case Token::Break:
        s->target = targets.break_target;
        if (s->target == nullptr) error_(s->pos, "break is not in a loop, switch, or select");
        break;
      case Token::Continue:
        s->target = targets.continue_target;
        if (s->target == nullptr) error_(s->pos, "continue is not in a loop");
        break;
      default: {
        const char* wrong = "fallthrough statement out of place";
        if (SwitchStmt* w = as<SwitchStmt>(targets.break_target)) {
          if (as<TypeSwitchGuard>(w->tag) != nullptr) {
            wrong = "cannot fallthrough in type switch";
          } else if (targets.case_index >= 0 && last) {
            if (targets.case_index + 1 < static_cast<int>(w->body.size())) return;
            wrong = "cannot fallthrough final case in switch";
          }
        }
        error_(s->pos, wrong);
      }
    }
  }

  void labeled(BranchStmt* s, const Block* b) {
    Symbol name = s->label->name;
    if (s->token == Token::Goto) {
      s->target = goto_target(b, name);
      if (s->target == nullptr) waiting_.push_back(s);
      return;
    }
    bool is_break = s->token == Token::Break, known;
    Stmt* t = enclosing_target(b, name, &known);
    bool fits = t != nullptr && (t->kind == NodeKind::ForStmt ||
                                 (is_break && (t->kind == NodeKind::SwitchStmt || t->kind == NodeKind::SelectStmt)));
    if (fits) {
      s->target = t;
    } else if (known) {
      error_(s->label->pos, std::string("invalid ") + (is_break ? "break" : "continue") + " label " + text(name));
    } else {
      error_(s->label->pos, std::string(is_break ? "break" : "continue") + " label not defined: " + text(name));
    }
  }

  // Gotos that are still waiting stand in waiting_ from some index on: those of this block and the blocks in it.
  void block(Block* parent, const Targets& targets, LabeledStmt* label, Pos start, std::span<Stmt* const> stmts);

  const SourceFile* source_;
  const std::function<void(Pos, std::string)>& error_;
  uint32_t block_count_ = 0;
  std::vector<Label> labels_;  // in order of declaration
  absl::flat_hash_map<Symbol, size_t> index_;
  std::vector<BranchStmt*> waiting_;
};

void BranchChecker::block(Block* parent, const Targets& targets, LabeledStmt* label, Pos start,
                          std::span<Stmt* const> stmts) {
  Block b{parent, ++block_count_, start, label};
  size_t first_waiting = waiting_.size();
  size_t bad_count = 0;  // of waiting_ from first_waiting on: these jump over the last variable declared
  Pos variable_pos;
  std::string variable;

  auto declared = [&](Pos pos, const Expr* name) {
    variable_pos = pos;
    bad_count = waiting_.size() - first_waiting;
    variable = bad_count > 0 ? expr_string(name) : std::string();
  };
  auto resolve = [&](LabeledStmt* s, Label* l) {
    size_t kept = first_waiting, bad = bad_count;
    for (size_t i = first_waiting; i < waiting_.size(); i++) {
      BranchStmt* g = waiting_[i];
      bool over_variable = i - first_waiting < bad;
      if (g->label->name != s->label->name) {
        waiting_[kept++] = g;
        continue;
      }
      g->target = s;
      l->used = true;
      if (over_variable) {
        error_(g->label->pos, "goto " + text(s->label->name) + " jumps over declaration of " + variable + " at " +
                                  place(variable_pos));
        bad_count--;
      }
    }
    waiting_.resize(kept);
  };

  while (!stmts.empty() && stmts.back()->kind == NodeKind::EmptyStmt) stmts = stmts.first(stmts.size() - 1);
  for (size_t i = 0; i < stmts.size(); i++) {
    Stmt* s = stmts[i];
    LabeledStmt* own_label = nullptr;
    while (LabeledStmt* l = as<LabeledStmt>(s)) {
      if (l->label->name.text() != "_") {
        resolve(l, declare(&b, l));
        own_label = l;
      }
      s = l->stmt;
    }
    auto inner = [&](const Targets& t, Pos pos, std::span<Stmt* const> body) {
      block(&b, t, own_label, pos, body);
    };
    switch (s->kind) {
      case NodeKind::DeclStmt:
        for (Decl* d : static_cast<DeclStmt*>(s)->decls) {
          if (VarDecl* v = as<VarDecl>(d)) {
            declared(v->pos, v->names[0]);
            break;  // the first will do
          }
        }
        break;
      case NodeKind::AssignStmt:
        if (static_cast<AssignStmt*>(s)->define) declared(s->pos, static_cast<AssignStmt*>(s)->lhs);
        break;
      case NodeKind::BranchStmt: {
        BranchStmt* branch = static_cast<BranchStmt*>(s);
        if (branch->label != nullptr) {
          labeled(branch, &b);
        } else {
          unlabeled(branch, targets, i + 1 == stmts.size());
        }
        break;
      }
      case NodeKind::BlockStmt:
        inner({targets.break_target, targets.continue_target}, s->pos, static_cast<BlockStmt*>(s)->stmts);
        break;
      case NodeKind::IfStmt: {
        IfStmt* c = static_cast<IfStmt*>(s);
        Targets t{targets.break_target, targets.continue_target};
        inner(t, c->then_block->pos, c->then_block->stmts);
        if (c->else_stmt != nullptr) inner(t, c->else_stmt->pos, {&c->else_stmt, 1});
        break;
      }
      case NodeKind::ForStmt: {
        ForStmt* f = static_cast<ForStmt*>(s);
        inner({f, f}, f->body->pos, f->body->stmts);
        break;
      }
      case NodeKind::SwitchStmt: {
        SwitchStmt* w = static_cast<SwitchStmt*>(s);
        Targets t{w, targets.continue_target};
        for (CaseClause* c : w->body) {
          t.case_index++;
          inner(t, c->pos, c->body);
        }
        break;
      }
      case NodeKind::SelectStmt: {
        SelectStmt* w = static_cast<SelectStmt*>(s);
        for (CommClause* c : w->body) inner({w, targets.continue_target}, c->pos, c->body);
        break;
      }
      default:
        break;
    }
  }
}

}  // namespace

void check_branches(const SourceFile* source, BlockStmt* body, const std::function<void(Pos, std::string)>& error) {
  BranchChecker(source, error).check(body);
}

}  // namespace gale::syntax
