// Expressions: the choice of what an expression is, operands of assignments, addresses, selectors, conditions.
#include <utility>

#include "base/check.h"
#include "lower/body.h"
#include "lower/walk.h"
#include "types/constant.h"

namespace gale::lower {

using namespace syntax;

namespace {

Expr* bare(Expr* e) { return unparen(e); }

class CallFinder : public Walker {
 public:
  bool found = false;

 protected:
  bool pre(Node* n) override {
    if (found) return false;
    switch (n->kind) {
      case NodeKind::CallExpr: {
        auto* c = static_cast<CallExpr*>(n);
        if (c->constant != nullptr || c->fun->mode == Mode::TypeExpr) return true;
        found = true;
        return false;
      }
      case NodeKind::FuncLit: return false;
      case NodeKind::Operation: {
        auto* o = static_cast<Operation*>(n);
        if (o->y == nullptr && o->op == syntax::Op::Recv) found = true;
        return true;
      }
      default: return true;
    }
  }
};

}  // namespace

bool Body::has_calls(const Expr* e) {
  CallFinder f;
  f.visit(const_cast<Expr*>(e));
  return f.found;
}

Val Body::expr(Expr* e) {
  e = bare(e);
  if (e->constant != nullptr && e->mode == Mode::Constant) {
    pos = e->pos;
    return constant(e->constant, type_of(e));
  }
  pos = e->pos;
  switch (e->kind) {
    case NodeKind::Name: {
      auto* n = static_cast<Name*>(e);
      CHECK(n->object != nullptr, "a name that was resolved");
      switch (n->object->kind) {
        case types::ObjectKind::Var: return read_var(static_cast<types::Var*>(n->object));
        case types::ObjectKind::Func:
          return function_value(static_cast<types::Func*>(n->object), subst(program.checker.instance_args_of(e)), nullptr,
                                type_of(e));
        default: return zero(type_of(e));
      }
    }
    case NodeKind::FuncLit: return literal(static_cast<FuncLit*>(e));
    case NodeKind::CompositeLit: return composite(static_cast<CompositeLit*>(e), type_of(e));
    case NodeKind::SelectorExpr: {
      auto* s = static_cast<SelectorExpr*>(e);
      if (s->selection == nullptr) {
        types::Object* o = s->selector->object;
        CHECK(o != nullptr, "a qualified identifier that was resolved");
        if (o->kind == types::ObjectKind::Var) return read_var(static_cast<types::Var*>(o));
        if (o->kind == types::ObjectKind::Func) {
          return function_value(static_cast<types::Func*>(o), subst(program.checker.instance_args_of(e)), nullptr, type_of(e));
        }
        return zero(type_of(e));
      }
      if (s->selection->kind == types::Selection::FieldValue) return selector(s);
      if (s->selection->kind == types::Selection::MethodValue) return method_value(s);
      return method_expression(s);
    }
    case NodeKind::IndexExpr: {
      auto* i = static_cast<IndexExpr*>(e);
      const std::span<Type*> args = program.checker.instance_args_of(e);
      if (!args.empty()) {
        Expr* x = bare(i->x);
        types::Object* o = nullptr;
        if (auto* n = as<Name>(x)) o = n->object;
        if (auto* s = as<SelectorExpr>(x)) o = s->selector->object;
        if (o != nullptr && o->kind == types::ObjectKind::Func) {
          return function_value(static_cast<types::Func*>(o), subst(args), nullptr, type_of(e));
        }
      }
      return index(i);
    }
    case NodeKind::SliceExpr: return slice(static_cast<SliceExpr*>(e));
    case NodeKind::AssertExpr: {
      auto* a = static_cast<AssertExpr*>(e);
      const Val x = expr(a->x);
      pos = e->pos;
      return type_assert(x, type_of(e), nullptr);
    }
    case NodeKind::Operation: {
      auto* o = static_cast<Operation*>(e);
      return o->y == nullptr ? unary(o) : binary(o);
    }
    case NodeKind::CallExpr: {
      std::vector<Val> r = call(static_cast<CallExpr*>(e));
      if (r.empty()) return zero(default_int());  // the call does not come back
      return r[0];
    }
    default:
      not_yet("expression kind " + std::to_string(static_cast<int>(e->kind)));
      return zero(type_of(e));
  }
}

Val Body::expr_as(Expr* e, Type* t) {
  e = bare(e);
  if (e->mode == Mode::NilValue) return zero(t);
  if (e->constant != nullptr && e->mode == Mode::Constant) {
    pos = e->pos;
    Type* own = types::is_untyped(e->type) && types::under_as<types::Basic>(t) != nullptr ? t : type_of(e);
    return assign_convert(constant(e->constant, own), t);
  }
  if (e->type != nullptr && types::is_untyped(e->type)) {
    // An untyped boolean (or shift) that was left untyped: it takes the target's type where that is basic.
    Val v = expr(e);
    if (types::under_as<types::Basic>(t) != nullptr) return with_type(v, t);
    return assign_convert(v, t);
  }
  return assign_convert(expr(e), t);
}

std::vector<Val> Body::exprs(Expr* e) {
  if (e == nullptr) return {};
  e = bare(e);
  if (auto* list = as<ListExpr>(e)) {
    std::vector<Val> out;
    for (Expr* x : list->elems) out.push_back(expr(x));
    return out;
  }
  if (auto* c = as<CallExpr>(e)) {
    if (types::as<types::Tuple>(e->type) != nullptr) return call(c);
  } else if (types::as<types::Tuple>(e->type) != nullptr) {
    return comma_ok(e);
  }
  return {expr(e)};
}

std::vector<Val> Body::comma_ok(Expr* e) {
  e = bare(e);
  pos = e->pos;
  Type* t = e->type;
  if (auto* tuple = types::as<types::Tuple>(t)) t = tuple->vars[0]->type;
  t = subst(t);
  Type* boolean = program.types.get(types::basic(types::BasicKind::Bool));
  ValueId ok;
  Val v;
  if (auto* a = as<AssertExpr>(e)) {
    const Val x = expr(a->x);
    pos = e->pos;
    v = type_assert(x, t, &ok);
  } else if (auto* i = as<IndexExpr>(e)) {
    const Val m = expr(i->x);
    const Val key = passing_string(i->index, types::under_as<types::Map>(m.type)->key);
    pos = e->pos;
    v = map_get(m, key, &ok);
  } else if (auto* o = as<Operation>(e); o != nullptr && o->op == syntax::Op::Recv) {
    const Val c = expr(o->x);
    pos = e->pos;
    v = receive(c, &ok);
  } else {
    CHECK(false, "a comma-ok expression");
  }
  return {v, scalar(boolean, ok)};
}

void Body::effect(Expr* e) {
  e = bare(e);
  if (e->constant != nullptr && e->mode == Mode::Constant) return;  // len(*p) too: not evaluated
  if (auto* c = as<CallExpr>(e)) {
    pos = e->pos;
    call(c);
    return;
  }
  expr(e);
}

void Body::condition(Expr* e, BlockId if_true, BlockId if_false) {
  e = bare(e);
  if (e->constant != nullptr && e->mode == Mode::Constant) {
    return jump(types::bool_value(e->constant) ? if_true : if_false);
  }
  if (auto* o = as<Operation>(e)) {
    if (o->y == nullptr && o->op == syntax::Op::Not) return condition(o->x, if_false, if_true);
    if (o->y != nullptr && (o->op == syntax::Op::AndAnd || o->op == syntax::Op::OrOr)) {
      const BlockId second = new_block();
      if (o->op == syntax::Op::AndAnd) {
        condition(o->x, second, if_false);
      } else {
        condition(o->x, if_true, second);
      }
      start_sealed(second);
      return condition(o->y, if_true, if_false);
    }
  }
  const Val v = expr(e);
  pos = e->pos;
  branch(v.parts[0], if_true, if_false);
}

// ---- addresses and places

ValueId Body::address_of(Expr* e) {
  e = bare(e);
  pos = e->pos;
  if (auto* lit = as<CompositeLit>(e)) return address_of_composite(lit, type_of(e), e->pos).parts[0];
  Place p = place(e);
  settle(p);
  check_nil(p);
  if (p.kind == Place::Memory) return offset(p.addr, p.offset);
  if (p.kind == Place::Ssa) {
    // A variable whose address the facts did not foresee: a copy would be wrong.
    if (shape(p.type).size == 0) return sym_addr(Symbol("runtime.zerobase"));
    CHECK(false, "an addressed variable that lives in memory");
  }
  CHECK(false, "an addressable expression");
  return {};
}

namespace {

// The place of the field of a place, following embedded pointers.
Place place_of_path(Body& b, Place p, std::span<const uint32_t> path) {
  for (uint32_t index : path) {
    if (auto* pointer = types::under_as<types::Pointer>(p.type)) {
      const Val v = b.read_place(p);
      p = Place{};
      p.kind = Place::Memory;
      p.type = pointer->elem;
      p.addr = v.parts[0];
    }
    auto* s = types::under_as<types::Struct>(p.type);
    CHECK(s != nullptr && index < s->fields.size(), "a field path through structs");
    if (p.kind == Place::Ssa) {
      for (uint32_t i = 0; i < index; i++) p.ssa += static_cast<uint32_t>(b.shape(s->fields[i]->type).parts.size());
    } else {
      p.offset += types::field_offset(s, index);
      if (p.offset >= 4096) {
        b.settle(p);
        b.check_nil(p);
        p.addr = b.offset(p.addr, p.offset);
        p.offset = 0;
      }
    }
    p.type = s->fields[index]->type;
  }
  return p;
}

bool is_place(Expr* e) {
  e = unparen(e);
  switch (e->kind) {
    case NodeKind::Name: {
      types::Object* o = static_cast<Name*>(e)->object;
      return o != nullptr && o->kind == types::ObjectKind::Var;
    }
    case NodeKind::SelectorExpr: {
      auto* s = static_cast<SelectorExpr*>(e);
      if (s->selection == nullptr) return s->selector->object != nullptr && s->selector->object->kind == types::ObjectKind::Var;
      if (s->selection->kind != types::Selection::FieldValue) return false;
      return types::under_as<types::Pointer>(s->x->type) != nullptr || is_place(s->x);
    }
    case NodeKind::IndexExpr: {
      auto* i = static_cast<IndexExpr*>(e);
      Type* u = i->x->type == nullptr ? nullptr : types::core_type(i->x->type);
      if (u == nullptr) return false;
      if (types::under_as<types::Slice>(u) != nullptr || types::under_as<types::Pointer>(u) != nullptr) return true;
      return types::under_as<types::Array>(u) != nullptr && is_place(i->x);
    }
    case NodeKind::Operation: {
      auto* o = static_cast<Operation*>(e);
      return o->y == nullptr && o->op == syntax::Op::Mul;
    }
    default: return false;
  }
}

}  // namespace

Place Body::place(Expr* e) {
  e = bare(e);
  pos = e->pos;
  Place p;
  switch (e->kind) {
    case NodeKind::Name: {
      auto* n = static_cast<Name*>(e);
      if (n->object == nullptr || n->name.text() == "_") return p;
      return var_place(static_cast<types::Var*>(n->object));
    }
    case NodeKind::SelectorExpr: {
      auto* s = static_cast<SelectorExpr*>(e);
      if (s->selection == nullptr) return var_place(static_cast<types::Var*>(s->selector->object));
      Type* xt = type_of(s->x);
      if (auto* pointer = types::under_as<types::Pointer>(xt)) {
        p.kind = Place::Memory;
        p.type = pointer->elem;
        p.addr = expr(s->x).parts[0];
      } else if (is_place(s->x)) {
        p = place(s->x);
      } else {
        p.kind = Place::Memory;
        p.type = xt;
        p.addr = temporary(expr(s->x));
      }
      pos = e->pos;
      return place_of_path(*this, p, s->selection->path);
    }
    case NodeKind::IndexExpr: {
      auto* i = static_cast<IndexExpr*>(e);
      Type* xt = type_of(i->x);
      if (auto* m = types::under_as<types::Map>(xt)) {
        p.kind = Place::MapElem;
        p.map = expr(i->x);
        p.key = stabilize(expr_as(i->index, m->key));
        p.type = m->elem;
        return p;
      }
      if (auto* a = types::under_as<types::Array>(xt)) {
        p = place(i->x);
        if (p.kind == Place::Ssa) {
          const Pos statement = std::exchange(pos, i->pos);
          bounds_check(i->index, i64(a->length), ir::BoundsKind::Index);
          pos = statement;
          p.type = a->elem;
          return p;
        }
        settle(p);
        check_nil(p);
        p.addr = offset(p.addr, p.offset);
        p.offset = 0;
        p.index = index_value(i->index, &p.index_unsigned);
        p.index_pos = i->pos;
        p.length = i64(a->length);
        p.type = p.element = a->elem;
        return p;
      }
      const Val base = expr(i->x);
      Type* elem = nullptr;
      if (auto* s = types::under_as<types::Slice>(xt)) elem = s->elem;
      if (auto* q = types::under_as<types::Pointer>(xt)) elem = types::under_as<types::Array>(q->elem)->elem;
      CHECK(elem != nullptr, "an element that can be assigned");
      p.kind = Place::Memory;
      p.addr = base.parts[0];
      p.index = index_value(i->index, &p.index_unsigned);
      p.index_pos = i->pos;
      p.length = len(base);
      p.type = p.element = elem;
      return p;
    }
    case NodeKind::Operation: {
      auto* o = static_cast<Operation*>(e);
      CHECK(o->op == syntax::Op::Mul && o->y == nullptr, "a dereference");
      p.kind = Place::Memory;
      p.addr = expr(o->x).parts[0];
      p.type = type_of(e);
      return p;
    }
    default:
      CHECK(false, "an expression that can be assigned to");
      return p;
  }
}

Val Body::follow(Val base, std::span<const uint32_t> path) {
  for (uint32_t index : path) {
    if (auto* p = types::under_as<types::Pointer>(base.type)) {
      auto* s = types::under_as<types::Struct>(p->elem);
      CHECK(s != nullptr, "a field of a struct behind a pointer");
      base = load(s->fields[index]->type, nil_check(base.parts[0]), types::field_offset(s, index));
    } else {
      base = field(base, index);
    }
  }
  return base;
}

ValueId Body::field_address(ValueId base, Type** t, std::span<const uint32_t> path) {
  for (uint32_t index : path) {
    if (auto* p = types::under_as<types::Pointer>(*t)) {
      base = op(Op::Load, Ty::Ptr, {nil_check(base)});
      *t = p->elem;
    }
    auto* s = types::under_as<types::Struct>(*t);
    CHECK(s != nullptr, "a field path through structs");
    base = offset(nil_check(base), types::field_offset(s, index));
    *t = s->fields[index]->type;
  }
  return base;
}

Val Body::selector(SelectorExpr* e) {
  if (types::under_as<types::Pointer>(type_of(e->x)) == nullptr && is_place(e->x)) {
    Place p = place(e);  // reads only what is wanted
    pos = e->pos;
    settle(p);
    check_nil(p);
    return read_place(p);
  }
  const Val x = expr(e->x);
  pos = e->pos;
  return follow(x, e->selection->path);
}

// ---- operators

Val Body::unary(Operation* e) {
  switch (e->op) {
    case syntax::Op::And: {
      Expr* x = bare(e->x);
      if (auto* lit = as<CompositeLit>(x)) return with_type(address_of_composite(lit, type_of(x), e->pos), type_of(e));
      return scalar(type_of(e), address_of(x));
    }
    case syntax::Op::Mul: {
      const Val p = expr(e->x);
      pos = e->pos;
      return load(type_of(e), nil_check(p.parts[0]));
    }
    case syntax::Op::Recv: {
      const Val c = expr(e->x);
      pos = e->pos;
      return receive(c, nullptr);
    }
    case syntax::Op::Add: return with_type(expr_as(e->x, type_of(e)), type_of(e));
    case syntax::Op::Sub: return negate(expr_as(e->x, type_of(e)));
    case syntax::Op::Xor:
    case syntax::Op::Tilde: return complement(expr_as(e->x, type_of(e)));
    case syntax::Op::Not: {
      const Val v = expr(e->x);
      return scalar(type_of(e), op(Op::Not, Ty::Bool, {v.parts[0]}));
    }
    default:
      CHECK(false, "a unary operator");
      return {};
  }
}

Val Body::binary(Operation* e) {
  Type* t = type_of(e);
  switch (e->op) {
    case syntax::Op::AndAnd:
    case syntax::Op::OrOr: {
      const uint32_t result = new_ssa(Ty::Bool);
      const BlockId yes = new_block(), no = new_block(), done = new_block();
      condition(e, yes, no);
      start_sealed(yes);
      write_ssa(result, bool_const(true));
      jump(done);
      start_sealed(no);
      write_ssa(result, bool_const(false));
      jump(done);
      start_sealed(done);
      return scalar(t, read_ssa(result));
    }
    case syntax::Op::Shl:
    case syntax::Op::Shr: {
      const Val x = expr_as(e->x, t);
      Expr* count = bare(e->y);
      Val n;
      if (count->constant != nullptr && count->mode == Mode::Constant) {
        uint64_t k = 0;
        types::uint64_value(types::to_int(count->constant), &k);
        n = scalar(program.types.get(types::basic(types::BasicKind::Uint64)), i64(static_cast<int64_t>(k)));
        pos = e->pos;
        return shift(e->op, x, n, false);
      }
      n = expr(count);
      pos = e->pos;
      auto* basic = types::under_as<types::Basic>(n.type);
      return shift(e->op, x, n, basic != nullptr && (basic->flags & types::kIsUnsigned) == 0);
    }
    case syntax::Op::Eql:
    case syntax::Op::Neq:
    case syntax::Op::Lss:
    case syntax::Op::Leq:
    case syntax::Op::Gtr:
    case syntax::Op::Geq: {
      Expr *x = bare(e->x), *y = bare(e->y);
      Type* xt = x->mode == Mode::NilValue ? nullptr : type_of(x);
      Type* yt = y->mode == Mode::NilValue ? nullptr : type_of(y);
      if (xt == nullptr && yt == nullptr) return scalar(t, bool_const(e->op == syntax::Op::Eql));
      Val a, b;
      if (xt == nullptr) {
        b = expr(y);
        a = zero(b.type);
      } else if (yt == nullptr) {
        a = expr(x);
        b = zero(a.type);
      } else {
        // Mixed: constants take the other's type; a concrete value meets an interface.
        const bool x_untyped = types::is_untyped(x->type), y_untyped = types::is_untyped(y->type);
        Type* want = x_untyped && !y_untyped ? yt : xt;
        if (types::is_interface(xt) != types::is_interface(yt)) {
          a = expr(x);
          if (has_calls(y)) a = stabilize(a);
          b = expr(y);
        } else if (types::is_interface(xt)) {
          a = expr(x);
          b = expr(y);
        } else {
          const bool calls = has_calls(y);
          a = calls ? expr_as(x, want) : passing_string(x, want);
          if (calls) a = stabilize(a);
          b = passing_string(y, want);
        }
      }
      pos = e->pos;
      return scalar(t, compare(e->op, a, b));
    }
    case syntax::Op::Add:
      if (types::is_string(t)) {
        // a + b + c ... is one call.
        std::vector<Expr*> operands;
        Expr* left = e;
        while (true) {
          auto* o = as<Operation>(bare(left));
          if (o == nullptr || o->y == nullptr || o->op != syntax::Op::Add || o->mode == Mode::Constant || operands.size() > 1000) break;
          operands.push_back(o->y);
          left = o->x;
        }
        operands.push_back(left);
        std::vector<Val> values;
        for (size_t i = operands.size(); i-- > 0;) values.push_back(expr_as(operands[i], t));
        pos = e->pos;
        return concat(values, t);
      }
      [[fallthrough]];
    default: {
      const Val x = expr_as(e->x, t);
      const Val y = expr_as(e->y, t);
      pos = e->pos;
      return arithmetic(e->op, x, y, t);
    }
  }
}

}  // namespace gale::lower
