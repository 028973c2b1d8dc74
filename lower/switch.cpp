// Expression and type switches, as chains of comparisons in source order.
#include "base/check.h"
#include "lower/body.h"
#include "types/constant.h"

namespace gale::lower {

using namespace syntax;

namespace {

std::span<Expr* const> cases_of(CaseClause* c) {
  if (c->cases == nullptr) return {};
  if (auto* list = as<ListExpr>(c->cases)) return list->elems;
  return {&c->cases, 1};
}

}  // namespace

void Body::switch_stmt(SwitchStmt* s, LabeledStmt* label) {
  stmt(s->init);
  if (auto* guard = as<TypeSwitchGuard>(s->tag)) return type_switch(s, guard, label);
  Val tag;
  if (s->tag != nullptr) {
    Type* t = type_of(s->tag);
    tag = stabilize(expr_as(s->tag, t));
  }
  pos = s->pos;
  const BlockId done = new_block();
  std::vector<BlockId> bodies;
  for (size_t i = 0; i < s->body.size(); i++) bodies.push_back(new_block());
  BlockId otherwise = done;
  for (size_t i = 0; i < s->body.size(); i++) {
    CaseClause* c = s->body[i];
    if (c->cases == nullptr) {
      otherwise = bodies[i];
      continue;
    }
    for (Expr* x : cases_of(c)) {
      const BlockId next = new_block();
      pos = x->pos;
      if (s->tag == nullptr) {
        condition(x, bodies[i], next);
      } else {
        Expr* e = unparen(x);
        Val v;
        if (e->mode == Mode::NilValue) {
          v = zero(tag.type);
        } else if (types::is_interface(tag.type) || types::is_interface(type_of(e))) {
          v = expr(e);
        } else {
          v = expr_as(e, tag.type);
        }
        pos = x->pos;
        branch(compare(syntax::Op::Eql, tag, v), bodies[i], next);
      }
      start_sealed(next);
    }
  }
  jump(otherwise);
  targets.push_back({s, label, done, BlockId()});
  const BlockId outer_fallthrough = fallthrough_block;
  for (size_t i = 0; i < s->body.size(); i++) {
    // The body before may fall through into this one: it has been lowered by now.
    seal(bodies[i]);
    block = func[bodies[i]].preds.empty() ? BlockId() : bodies[i];
    if (!reachable()) continue;
    fallthrough_block = i + 1 < s->body.size() ? bodies[i + 1] : BlockId();
    stmts(s->body[i]->body);
    jump(done);
  }
  fallthrough_block = outer_fallthrough;
  targets.pop_back();
  seal(done);
  block = func[done].preds.empty() ? BlockId() : done;
}

void Body::type_switch(SwitchStmt* s, TypeSwitchGuard* guard, LabeledStmt* label) {
  const Val x = expr(guard->x);
  pos = s->pos;
  const BlockId done = new_block();
  targets.push_back({s, label, done, BlockId()});
  const BlockId outer_fallthrough = fallthrough_block;
  fallthrough_block = BlockId();
  CaseClause* otherwise = nullptr;
  auto run = [&](CaseClause* c, const Val& value) {
    if (c->implicit_object != nullptr) declare_init(static_cast<types::Var*>(c->implicit_object), value);
    stmts(c->body);
    jump(done);
  };
  for (CaseClause* c : s->body) {
    if (c->cases == nullptr) {
      otherwise = c;
      continue;
    }
    const std::span<Expr* const> cases = cases_of(c);
    const BlockId body = new_block(), next_clause = new_block();
    Val bound = x;
    if (cases.size() == 1 && unparen(cases[0])->mode != Mode::NilValue) {
      Type* t = type_of(cases[0]);
      pos = cases[0]->pos;
      if (types::is_interface(t)) {
        ValueId ok;
        bound = type_assert(x, t, &ok);
        branch(ok, body, next_clause);
      } else {
        const ValueId same = has_type(x, t);
        branch(same, body, next_clause);
      }
      seal(body);
      block = func[body].preds.empty() ? BlockId() : body;
      if (reachable()) {
        if (c->implicit_object != nullptr && !types::is_interface(t)) bound = from_data_word(x.parts[1], t);
        run(c, bound);
      }
      seal(next_clause);
      block = func[next_clause].preds.empty() ? BlockId() : next_clause;
      continue;
    }
    for (Expr* e : cases) {
      const BlockId next = new_block();
      pos = e->pos;
      if (unparen(e)->mode == Mode::NilValue) {
        branch(op(Op::Eq, Ty::Bool, {x.parts[0], iconst(Ty::Addr, 0)}), body, next);
      } else if (Type* t = type_of(e); types::is_interface(t)) {
        ValueId ok;
        type_assert(x, t, &ok);
        branch(ok, body, next);
      } else {
        branch(has_type(x, t), body, next);
      }
      start_sealed(next);
    }
    jump(next_clause);
    seal(body);
    block = func[body].preds.empty() ? BlockId() : body;
    if (reachable()) run(c, x);
    seal(next_clause);
    block = func[next_clause].preds.empty() ? BlockId() : next_clause;
  }
  if (otherwise != nullptr && reachable()) {
    run(otherwise, x);
  } else {
    jump(done);
  }
  fallthrough_block = outer_fallthrough;
  targets.pop_back();
  seal(done);
  block = func[done].preds.empty() ? BlockId() : done;
}

}  // namespace gale::lower
