// if and for.
#include "base/check.h"
#include "lower/body.h"

namespace gale::lower {

using namespace syntax;

void Body::if_stmt(IfStmt* s) {
  stmt(s->init);
  pos = s->pos;
  const BlockId yes = new_block(), done = new_block();
  const BlockId no = s->else_stmt != nullptr ? new_block() : done;
  condition(s->cond, yes, no);
  // A branch that a constant condition rules out is not lowered: what it refers to is not needed.
  auto enter = [&](BlockId b) {
    seal(b);
    block = func[b].preds.empty() ? BlockId() : b;
    return reachable();
  };
  if (enter(yes)) {
    block_stmt(s->then_block);
    jump(done);
  }
  if (s->else_stmt != nullptr && enter(no)) {
    stmt(s->else_stmt);
    jump(done);
  }
  seal(done);
  block = func[done].preds.empty() ? BlockId() : done;
}

namespace {

// Go 1.22: each iteration has its own copy of the variables that the init statement declares.
bool per_iteration(std::string_view version) {
  if (!version.starts_with("go1.")) return true;
  return std::atoi(std::string(version.substr(4)).c_str()) >= 22;
}

std::vector<types::Var*> declared_by(Stmt* init) {
  std::vector<types::Var*> out;
  auto* a = as<AssignStmt>(init);
  if (a == nullptr || !a->define) return out;
  auto add = [&](Expr* e) {
    auto* n = as<Name>(e);
    if (n != nullptr && n->object != nullptr && n->object->kind == types::ObjectKind::Var && n->object->pos == n->pos) {
      out.push_back(static_cast<types::Var*>(n->object));
    }
  };
  if (auto* list = as<ListExpr>(a->lhs)) {
    for (Expr* e : list->elems) add(e);
  } else {
    add(a->lhs);
  }
  return out;
}

}  // namespace

void Body::for_stmt(ForStmt* s, LabeledStmt* label) {
  if (auto* r = as<RangeClause>(s->init)) return range_stmt(s, r, label);
  stmt(s->init);
  pos = s->pos;
  const BlockId head = new_block(), body = new_block(), post = new_block(), done = new_block();
  jump(head);
  start(head);
  if (s->cond != nullptr) {
    condition(s->cond, body, done);
  } else {
    jump(body);
  }
  start_sealed(body);
  targets.push_back({s, label, done, post});
  block_stmt(s->body);
  targets.pop_back();
  jump(post);
  start_sealed(post);
  if (func[post].preds.empty()) block = BlockId();
  if (reachable()) {
    if (per_iteration(go_version)) {
      for (types::Var* v : declared_by(s->init)) {
        const Variable* x = lookup(v);
        if (x == nullptr || x->kind != Variable::Box) continue;
        const Variable old = *x;
        const Val now = read(old);
        const ValueId box = new_variable(old.type, v);
        store(box, 0, now);
        write_ssa(old.ssa, box);
      }
    }
    stmt(s->post);
    pos = s->pos;
    jump(head);
  }
  seal(head);
  seal(done);
  block = func[done].preds.empty() ? BlockId() : done;
}

}  // namespace gale::lower
