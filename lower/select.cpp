// select (spec: Select statements). Channels and values to send are evaluated first, in source order; a single case is the
// plain operation, one case with a default the non-blocking one, all else runtime.selectgo over a table in the frame.
#include "base/abi/layout.h"
#include "base/check.h"
#include "lower/body.h"

namespace gale::lower {

using namespace syntax;

namespace {

struct Case {
  CommClause* clause = nullptr;
  bool is_send = false;
  Val chan, value;          // value: to send
  Type* elem = nullptr;
  AssignStmt* assign = nullptr;  // receive into variables
  std::vector<Expr*> lhs;
  ValueId into;             // where a received value goes; invalid: not wanted
};

Operation* receive_operation(Expr* e) {
  auto* o = as<Operation>(unparen(e));
  CHECK(o != nullptr && o->op == syntax::Op::Recv && o->y == nullptr, "a receive operation");
  return o;
}

bool is_blank(Expr* e) {
  auto* n = as<Name>(unparen(e));
  return n != nullptr && n->name.text() == "_";
}

Case evaluate(Body& b, CommClause* clause) {
  Case c;
  c.clause = clause;
  b.pos = clause->comm->pos;
  if (auto* s = as<SendStmt>(clause->comm)) {
    c.is_send = true;
    c.chan = b.expr(s->chan);
    c.elem = types::under_as<types::Chan>(c.chan.type)->elem;
    c.value = b.stabilize(b.expr_as(s->value, c.elem));
    return c;
  }
  Operation* recv = nullptr;
  if (auto* s = as<ExprStmt>(clause->comm)) {
    recv = receive_operation(s->x);
  } else {
    c.assign = as<AssignStmt>(clause->comm);
    CHECK(c.assign != nullptr, "a send or receive statement");
    recv = receive_operation(c.assign->rhs);
    if (auto* list = as<ListExpr>(c.assign->lhs)) {
      c.lhs.assign(list->elems.begin(), list->elems.end());
    } else {
      c.lhs.push_back(c.assign->lhs);
    }
  }
  c.chan = b.expr(recv->x);
  c.elem = types::under_as<types::Chan>(c.chan.type)->elem;
  return c;
}

// Where the runtime finds or puts the value of a case; nil: nowhere.
ValueId value_address(Body& b, Case& c) {
  if (b.shape(c.elem).size == 0) return b.nil_ptr();
  if (c.is_send) return b.temporary(c.value);
  if (c.lhs.empty() || is_blank(c.lhs[0])) return b.nil_ptr();
  c.into = b.fresh_temporary(c.elem);
  return c.into;
}

// Assigns what was received and runs the clause.
void run(Body& b, Case& c, const Val& received, ValueId ok) {
  if (c.assign != nullptr) {
    b.pos = c.assign->pos;
    std::vector<Val> values{received};
    if (c.lhs.size() > 1) values.push_back(b.scalar(b.program.types.get(types::basic(types::BasicKind::Bool)), ok));
    b.assign_values(c.lhs, values, c.assign->define);
  }
  b.stmts(c.clause->body);
}

Val received_value(Body& b, const Case& c) {
  if (c.is_send) return {};
  if (!c.into.valid()) return b.zero(c.elem);
  Val v = b.load(c.elem, c.into);
  v.owned = v.in_memory();
  return v;
}

// One case and no default: the operation itself.
void single(Body& b, Case& c) {
  if (c.is_send) {
    b.send(c.chan, c.value);
    return run(b, c, {}, {});
  }
  ValueId ok;
  const Val v = b.receive(c.chan, c.lhs.size() > 1 ? &ok : nullptr);
  run(b, c, v, ok);
}

void try_one(Body& b, Case& c, CommClause* otherwise, BlockId done) {
  const ValueId addr = value_address(b, c);
  const Values r = c.is_send ? b.runtime_call("selectnbsend", {c.chan.parts[0], addr})
                             : b.runtime_call("selectnbrecv", {addr, c.chan.parts[0]});
  const BlockId yes = b.new_block(), no = b.new_block();
  b.branch(r[0], yes, no);
  b.start_sealed(yes);
  run(b, c, received_value(b, c), c.is_send ? ValueId() : r[1]);
  b.jump(done);
  b.start_sealed(no);
  b.stmts(otherwise->body);
  b.jump(done);
}

void choose(Body& b, std::span<Case> cases, CommClause* otherwise, BlockId done) {
  const size_t n = cases.size();
  // Sends come first in the table, receives from its end.
  std::vector<size_t> place(n);
  size_t sends = 0, receives = 0;
  for (size_t i = 0; i < n; i++) place[i] = cases[i].is_send ? sends++ : n - ++receives;
  const std::vector<uint8_t> mask((2 * n + 7) / 8, 0xff);
  std::vector<uint8_t> exact = mask;
  if (2 * n % 8 != 0) exact.back() = static_cast<uint8_t>((1u << (2 * n % 8)) - 1);
  const LocalId table = b.new_local(n * abi::SelectCase::size, 8, exact);
  const LocalId order = b.new_local(4 * n, 8, {});
  for (size_t i = 0; i < n; i++) {
    const ValueId elem = value_address(b, cases[i]);
    const auto at = static_cast<int64_t>(place[i] * abi::SelectCase::size);
    b.op(Op::Store, Ty::Void, {b.local_addr(table), cases[i].chan.parts[0]}, at + static_cast<int64_t>(abi::SelectCase::chan));
    b.op(Op::Store, Ty::Void, {b.local_addr(table), elem}, at + static_cast<int64_t>(abi::SelectCase::elem));
  }
  const Values r = b.runtime_call(
      "selectgo", {b.local_addr(table), b.local_addr(order), b.nil_ptr(), b.i64(static_cast<int64_t>(sends)),
                   b.i64(static_cast<int64_t>(receives)), b.bool_const(otherwise == nullptr)});
  if (otherwise != nullptr) {
    const BlockId none = b.new_block(), some = b.new_block();
    b.branch(b.op(Op::Lt, Ty::Bool, {r[0], b.i64(0)}), none, some);
    b.start_sealed(none);
    b.stmts(otherwise->body);
    b.jump(done);
    b.start_sealed(some);
  }
  for (size_t i = 0; i < n; i++) {
    BlockId next;
    if (i + 1 < n) {
      const BlockId here = b.new_block();
      next = b.new_block();
      b.branch(b.op(Op::Eq, Ty::Bool, {r[0], b.i64(static_cast<int64_t>(place[i]))}), here, next);
      b.start_sealed(here);
    }
    run(b, cases[i], received_value(b, cases[i]), r[1]);
    b.jump(done);
    if (next.valid()) b.start_sealed(next);
  }
}

}  // namespace

void Body::select_stmt(SelectStmt* s, LabeledStmt* label) {
  const Pos at = s->pos;
  CommClause* otherwise = nullptr;
  std::vector<Case> cases;
  if (s->body.empty()) {
    rt_noreturn("block", {});
    return;
  }
  for (CommClause* c : s->body) {
    if (c->comm == nullptr) {
      otherwise = c;
    } else {
      cases.push_back(evaluate(*this, c));
    }
  }
  pos = at;
  const BlockId done = new_block();
  targets.push_back({s, label, done, BlockId()});
  if (cases.empty()) {
    stmts(otherwise->body);
    jump(done);
  } else if (cases.size() == 1 && otherwise == nullptr) {
    single(*this, cases[0]);
    jump(done);
  } else if (cases.size() == 1) {
    try_one(*this, cases[0], otherwise, done);
  } else {
    choose(*this, cases, otherwise, done);
  }
  targets.pop_back();
  seal(done);
  block = func[done].preds.empty() ? BlockId() : done;
}

}  // namespace gale::lower
