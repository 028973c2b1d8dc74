// range over integers, slices, arrays, strings, maps, channels. Functions: range_func.cpp.
#include "base/abi/layout.h"
#include "base/check.h"
#include "lower/body.h"
#include "lower/walk.h"

namespace gale::lower {

using namespace syntax;

namespace {

std::span<Expr* const> iteration_variables(RangeClause* r) {
  if (r->lhs == nullptr) return {};
  if (auto* list = as<ListExpr>(r->lhs)) return list->elems;
  return {&r->lhs, 1};
}

bool wanted(std::span<Expr* const> lhs, size_t i) {
  if (i >= lhs.size()) return false;
  auto* n = as<Name>(unparen(lhs[i]));
  return n == nullptr || n->name.text() != "_";
}

// An array that is ranged over without its elements is evaluated only if the length is not constant (spec: Length and
// capacity).
struct CallOrReceive : Walker {
  bool found = false;

 protected:
  bool pre(Node* n) override {
    if (n->kind == NodeKind::FuncLit) return false;
    if (auto* c = as<CallExpr>(n); c != nullptr && c->constant == nullptr && unparen(c->fun)->mode != Mode::TypeExpr) found = true;
    if (auto* o = as<Operation>(n); o != nullptr && o->op == syntax::Op::Recv && o->y == nullptr) found = true;
    return !found;
  }
};

bool calls_or_receives(Expr* e) {
  CallOrReceive f;
  f.visit(e);
  return f.found;
}

// The parts of a loop with a hidden position: head tests, body runs, post goes on.
struct Loop {
  Body& b;
  BlockId head, body, post, done;
  explicit Loop(Body& x) : b(x), head(x.new_block()), body(x.new_block()), post(x.new_block()), done(x.new_block()) {}
  void begin() {
    b.jump(head);
    b.start(head);
  }
  // The body proper; afterwards control is in `post`.
  void run(ForStmt* s, LabeledStmt* label) {
    b.targets.push_back({s, label, done, post});
    b.block_stmt(s->body);
    b.targets.pop_back();
    b.pos = s->pos;
    b.jump(post);
    b.seal(post);
    b.block = b.func[post].preds.empty() ? BlockId() : post;
  }
  void end() {
    b.jump(head);
    b.seal(head);
    b.seal(done);
    b.block = b.func[done].preds.empty() ? BlockId() : done;
  }
};

}  // namespace

void Body::range_assign(RangeClause* r, std::span<const Val> values) {
  const std::span<Expr* const> lhs = iteration_variables(r);
  std::vector<Place> places(lhs.size());
  for (size_t i = 0; i < lhs.size() && i < values.size(); i++) {
    if (!wanted(lhs, i)) continue;
    if (r->define) {
      auto* v = static_cast<types::Var*>(as<Name>(lhs[i])->object);
      declare_init(v, assign_convert(values[i], subst(v->type)));
    } else {
      places[i] = place(lhs[i]);
    }
  }
  if (r->define) return;
  for (size_t i = 0; i < lhs.size() && i < values.size(); i++) {
    if (wanted(lhs, i)) write_place(places[i], assign_convert(values[i], places[i].type));
  }
}

void Body::range_stmt(ForStmt* s, RangeClause* r, LabeledStmt* label) {
  pos = r->pos;
  const std::span<Expr* const> lhs = iteration_variables(r);
  Type* xt = type_of(r->x);
  Type* u = types::underlying(xt);
  if (types::as<types::Signature>(u) != nullptr) return range_func_stmt(s, r, label);
  Type* integer = default_int();

  if (types::is_integer(u)) {
    // The iteration variable has the type of n, or n (untyped) takes that of the variable.
    Type* t = xt;
    if (r->define && !lhs.empty() && as<Name>(lhs[0]) != nullptr && as<Name>(lhs[0])->object != nullptr && wanted(lhs, 0)) {
      t = subst(as<Name>(lhs[0])->object->type);
    } else if (!r->define && wanted(lhs, 0) && types::is_untyped(r->x->type)) {
      t = type_of(lhs[0]);
    }
    const Val n = expr_as(r->x, t);
    const Ty ty = func[n.parts[0]].ty;
    const uint32_t i = new_ssa(ty);
    write_ssa(i, iconst(ty, 0));
    Loop loop(*this);
    loop.begin();
    const ValueId now = read_ssa(i);
    branch(op(types::is_unsigned(t) ? Op::ULt : Op::Lt, Ty::Bool, {now, n.parts[0]}), loop.body, loop.done);
    start_sealed(loop.body);
    const Val value = scalar(t, now);
    range_assign(r, std::span<const Val>(&value, 1));
    loop.run(s, label);
    if (reachable()) write_ssa(i, op(Op::Add, ty, {read_ssa(i), iconst(ty, 1)}));
    return loop.end();
  }

  if (types::is_string(u)) {
    const Val str = expr(r->x);
    pos = r->pos;
    const uint32_t at = new_ssa(Ty::I64), rune = new_ssa(Ty::I32), next = new_ssa(Ty::I64);
    write_ssa(at, i64(0));
    Loop loop(*this);
    loop.begin();
    const ValueId now = read_ssa(at);
    branch(op(Op::Lt, Ty::Bool, {now, str.parts[1]}), loop.body, loop.done);
    start_sealed(loop.body);
    const BlockId multi = new_block(), decoded = new_block();
    const ValueId byte = op(Op::ZExt, Ty::I32, {op(Op::Load, Ty::I8, {op(Op::AddPtr, Ty::Ptr, {str.parts[0], now}, 1)})});
    write_ssa(rune, byte);
    write_ssa(next, op(Op::Add, Ty::I64, {now, i64(1)}));
    branch(op(Op::Lt, Ty::Bool, {byte, iconst(Ty::I32, 0x80)}), decoded, multi, 1);
    start_sealed(multi);
    const Values d = runtime_call("decoderune", {str.parts[0], str.parts[1], now});
    write_ssa(rune, op(Op::Trunc, Ty::I32, {d[0]}));
    write_ssa(next, d[1]);
    jump(decoded);
    start_sealed(decoded);
    const Val values[] = {scalar(integer, now), scalar(program.types.get(types::basic(types::BasicKind::Int32)), read_ssa(rune))};
    range_assign(r, values);
    loop.run(s, label);
    if (reachable()) write_ssa(at, read_ssa(next));
    return loop.end();
  }

  if (auto* m = types::as<types::Map>(u)) {
    const Val map = expr(r->x);
    pos = r->pos;
    const uint8_t mask[2] = {0xff, 0};
    const LocalId it = new_local(abi::MapIter::size, 8, mask);
    const ValueId addr = local_addr(it);
    op(Op::Zero, Ty::Void, {addr}, abi::MapIter::size);
    runtime_call("mapiterinit", {op(Op::IntToPtr, Ty::Ptr, {type_addr(map.type)}), map.parts[0], addr});
    Loop loop(*this);
    loop.begin();
    const ValueId key = op(Op::Load, Ty::Ptr, {local_addr(it)}, abi::MapIter::key);
    branch(op(Op::Ne, Ty::Bool, {key, nil_ptr()}), loop.body, loop.done);
    start_sealed(loop.body);
    std::vector<Val> values;
    if (!lhs.empty()) values.push_back(load(m->key, key));
    if (lhs.size() > 1) values.push_back(load(m->elem, op(Op::Load, Ty::Ptr, {local_addr(it)}, abi::MapIter::elem)));
    range_assign(r, values);
    loop.run(s, label);
    if (reachable()) runtime_call("mapiternext", {local_addr(it)});
    return loop.end();
  }

  if (auto* c = types::as<types::Chan>(u)) {
    const Val chan = expr(r->x);
    pos = r->pos;
    Loop loop(*this);
    loop.begin();
    ValueId ok;
    const Val v = with_type(receive(chan, &ok), c->elem);
    branch(ok, loop.body, loop.done);
    start_sealed(loop.body);
    range_assign(r, std::span<const Val>(&v, 1));
    loop.run(s, label);
    return loop.end();
  }

  // Slices, arrays, pointers to arrays: an index counts, elements are read by it.
  Type* elem = nullptr;
  ValueId base, n;
  Val array_value;
  if (auto* sl = types::as<types::Slice>(u)) {
    const Val x = passing_bytes(r->x);
    base = x.parts[0];
    n = x.parts[1];
    elem = sl->elem;
  } else if (auto* p = types::as<types::Pointer>(u)) {
    auto* a = types::under_as<types::Array>(p->elem);
    elem = a->elem;
    n = i64(a->length);
    if (wanted(lhs, 1)) {
      base = expr(r->x).parts[0];
    } else if (!(unparen(r->x)->kind == NodeKind::Name)) {
      expr(r->x);
    }
  } else {
    auto* a = types::as<types::Array>(u);
    CHECK(a != nullptr, "a type that range goes over");
    elem = a->elem;
    n = i64(a->length);
    if (wanted(lhs, 1)) {
      array_value = stabilize(expr(r->x));
      if (array_value.in_memory()) base = array_value.addr;
    } else if (calls_or_receives(r->x)) {
      expr(r->x);
    }
  }
  pos = r->pos;
  const uint32_t i = new_ssa(Ty::I64);
  write_ssa(i, i64(0));
  Loop loop(*this);
  loop.begin();
  const ValueId now = read_ssa(i);
  branch(op(Op::Lt, Ty::Bool, {now, n}), loop.body, loop.done);
  start_sealed(loop.body);
  std::vector<Val> values{scalar(integer, now)};
  if (wanted(lhs, 1)) {
    if (!base.valid()) {
      values.push_back(array_value.parts.empty() ? zero(elem) : with_type(array_value, elem));
    } else {
      if (types::as<types::Pointer>(u) != nullptr) base = nil_check(base);
      values.push_back(load(elem, element_address(base, now, elem)));
    }
  }
  range_assign(r, values);
  loop.run(s, label);
  if (reachable()) write_ssa(i, op(Op::Add, Ty::I64, {read_ssa(i), i64(1)}));
  loop.end();
}

}  // namespace gale::lower
