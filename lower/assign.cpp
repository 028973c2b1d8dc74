// Assignments (spec: Assignment statements). Operands of the left side and the right side are evaluated first, in order,
// then the assignments happen from left to right.
#include "base/check.h"
#include "lower/body.h"
#include "types/constant.h"

namespace gale::lower {

using namespace syntax;

namespace {

std::span<Expr* const> list_of(Expr*& e) {
  if (auto* list = as<ListExpr>(e)) return list->elems;
  return {&e, 1};
}

types::Var* new_var(Expr* e) {
  auto* n = as<Name>(e);
  return n != nullptr && n->object != nullptr && n->object->kind == types::ObjectKind::Var ? static_cast<types::Var*>(n->object)
                                                                                           : nullptr;
}

// Does the name declare its variable here (and not reuse an older one)?
bool declares(Expr* e) {
  types::Var* v = new_var(e);
  return v != nullptr && v->pos == e->pos;
}

bool is_blank(Expr* e) {
  auto* n = as<Name>(unparen(e));
  return n != nullptr && n->name.text() == "_";
}

// The right side of x <<= n.
Val shift_count(Body& b, Expr* e, bool* is_signed) {
  Expr* count = unparen(e);
  *is_signed = false;
  if (count->constant != nullptr && count->mode == Mode::Constant) {
    uint64_t k = 0;
    types::uint64_value(types::to_int(count->constant), &k);
    return b.scalar(b.default_int(), b.i64(static_cast<int64_t>(k)));
  }
  const Val n = b.expr(count);
  *is_signed = !types::is_unsigned(n.type);
  return n;
}

}  // namespace

void Body::assign_values(std::span<Expr* const> lhs, std::span<const Val> values, bool define) {
  for (size_t i = 0; i < lhs.size(); i++) {
    if (is_blank(lhs[i])) continue;
    if (define && declares(lhs[i])) {
      types::Var* v = new_var(lhs[i]);
      declare_init(v, assign_convert(values[i], subst(v->type)));
      continue;
    }
    const Place p = place(lhs[i]);
    write_place(p, assign_convert(values[i], p.type));
  }
}

void Body::assign(AssignStmt* s) {
  const Pos at = s->pos;
  if (s->op != syntax::Op::None) {  // x op= y, x++, x--
    Place p = place(s->lhs);
    settle(p);
    if (p.kind == Place::MapElem) {
      p.map = stabilize(p.map);
    } else {
      check_nil(p);
    }
    const bool shifts = s->op == syntax::Op::Shl || s->op == syntax::Op::Shr;
    // One look-up does for reading and writing. As in gc, a division that panics leaves no new entry, a shift by a negative count does.
    if (p.kind == Place::MapElem && s->op != syntax::Op::Div && s->op != syntax::Op::Rem) {
      bool is_signed = false;
      const Val y = s->rhs == nullptr ? constant(types::make_int64(1), p.type) : shifts ? shift_count(*this, s->rhs, &is_signed) : expr_as(s->rhs, p.type);
      pos = at;
      Place element;
      element.kind = Place::Memory;
      element.type = p.type;
      element.addr = map_assign(p.map, p.key);
      element.not_nil = true;
      const Val x = read_place(element);
      return write_place(element, shifts ? shift(s->op, x, y, is_signed) : arithmetic(s->op, x, y, p.type));
    }
    Val r;
    if (s->rhs == nullptr) {
      const Val one = constant(types::make_int64(1), p.type);
      r = arithmetic(s->op, read_place(p), one, p.type);
    } else if (shifts) {
      bool is_signed;
      const Val n = shift_count(*this, s->rhs, &is_signed);
      pos = at;
      r = shift(s->op, read_place(p), n, is_signed);
    } else if (has_calls(s->rhs)) {
      const Val y = expr_as(s->rhs, p.type);
      pos = at;
      r = arithmetic(s->op, read_place(p), y, p.type);
    } else {
      const Val x = read_place(p);
      const Val y = expr_as(s->rhs, p.type);
      pos = at;
      r = arithmetic(s->op, x, y, p.type);
    }
    pos = at;
    return write_place(p, r);
  }
  const std::span<Expr* const> lhs = list_of(s->lhs);
  const std::span<Expr* const> rhs = list_of(s->rhs);
  if (lhs.size() == 1 && rhs.size() == 1) {
    if (is_blank(lhs[0])) {
      Expr* x = unparen(rhs[0]);
      if (x->mode == Mode::NilValue) return;
      effect(x);
      return;
    }
    if (s->define && declares(lhs[0])) {
      types::Var* v = new_var(lhs[0]);
      Type* t = subst(v->type);
      const Val value = expr_as(rhs[0], t);
      pos = at;
      return declare_init(v, value);
    }
    Place p = place(lhs[0]);
    if (p.kind == Place::Memory || p.kind == Place::MapElem) {
      if (CallExpr* e = append_to(lhs[0], rhs[0])) return append_in_place(p, e);
    }
    Val v = expr_as(rhs[0], p.type);
    pos = at;
    settle(p);
    check_nil(p);
    // x = append(x, ...) and the like need no copy; a value built in place has its own memory.
    return write_place(p, v);
  }
  if (rhs.size() == 1) {  // from a call or a comma-ok expression
    std::vector<Place> places(lhs.size());
    std::vector<bool> fresh(lhs.size());
    for (size_t i = 0; i < lhs.size(); i++) {
      fresh[i] = s->define && declares(lhs[i]);
      if (!fresh[i] && !is_blank(lhs[i])) places[i] = place(lhs[i]);
    }
    std::vector<Val> values = exprs(rhs[0]);
    pos = at;
    for (size_t i = 0; i < lhs.size(); i++) {
      if (is_blank(lhs[i]) || i >= values.size()) continue;
      if (fresh[i]) {
        types::Var* v = new_var(lhs[i]);
        declare_init(v, assign_convert(values[i], subst(v->type)));
      } else {
        write_place(places[i], assign_convert(values[i], places[i].type));
      }
    }
    return;
  }
  std::vector<Place> places(lhs.size());
  std::vector<bool> fresh(lhs.size());
  for (size_t i = 0; i < lhs.size(); i++) {
    fresh[i] = s->define && declares(lhs[i]);
    if (!fresh[i] && !is_blank(lhs[i])) {
      places[i] = place(lhs[i]);
      if (places[i].kind == Place::MapElem) places[i].map = stabilize(places[i].map);
    }
  }
  std::vector<Val> values;
  for (size_t i = 0; i < lhs.size() && i < rhs.size(); i++) {
    if (is_blank(lhs[i])) {
      Expr* x = unparen(rhs[i]);
      values.push_back(x->mode == Mode::NilValue ? Val{} : expr(x));
      continue;
    }
    Type* t = fresh[i] ? subst(new_var(lhs[i])->type) : places[i].type;
    values.push_back(stabilize(expr_as(rhs[i], t)));
  }
  pos = at;
  for (size_t i = 0; i < values.size(); i++) {
    if (is_blank(lhs[i])) continue;
    if (fresh[i]) {
      declare_init(new_var(lhs[i]), values[i]);
    } else {
      Place& p = places[i];
      settle(p);
      check_nil(p);
      write_place(p, values[i]);
    }
  }
}

}  // namespace gale::lower
