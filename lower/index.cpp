// Index and slice expressions.
#include "base/check.h"
#include "lower/body.h"
#include "types/constant.h"

namespace gale::lower {

using ir::BoundsKind;

ValueId Body::index_value(syntax::Expr* index, bool* is_unsigned) {
  syntax::Expr* x = syntax::unparen(index);
  if (x->constant != nullptr && x->mode == syntax::Mode::Constant) {
    int64_t k = 0;
    types::int64_value(types::to_int(x->constant), &k);
    *is_unsigned = false;
    return i64(k);
  }
  const Val v = expr(x);
  *is_unsigned = types::is_unsigned(v.type);
  return to_i64(v.parts[0], !*is_unsigned);
}

void Body::check_bounds(ValueId index, ValueId len, BoundsKind kind, bool is_unsigned) {
  int64_t i, n;
  if (ir::is_const(func, index, &i)) {
    if (i == 0 && kind != BoundsKind::Index) return;
    if (ir::is_const(func, len, &n) && i >= 0 && (kind == BoundsKind::Index ? i < n : i <= n)) return;
  }
  static constexpr const char* kNames[] = {"panicIndex", "panicSliceAlen", "panicSliceAcap", "panicSliceB", "panicSlice3Alen",
                                           "panicSlice3Acap", "panicSlice3B", "panicSlice3C", "panicSliceConvert"};
  std::string name = kNames[static_cast<int>(kind)];
  if (is_unsigned && kind != BoundsKind::Convert) name += "U";
  reference_runtime(name);
  op(Op::BoundsCheck, Ty::Void, {index, len}, static_cast<int64_t>(kind) | (is_unsigned ? ir::kBoundsUnsigned : 0));
}

ValueId Body::bounds_check(syntax::Expr* index, ValueId len, BoundsKind kind) {
  const Pos at = pos;
  bool is_unsigned = false;
  const ValueId i = index_value(index, &is_unsigned);
  pos = at;
  check_bounds(i, len, kind, is_unsigned);
  return i;
}

ValueId Body::element_address(ValueId base, ValueId index, Type* elem) {
  const auto size = static_cast<int64_t>(shape(elem).size);
  int64_t i;
  if (ir::is_const(func, index, &i)) return offset(base, i * size);
  return op(Op::AddPtr, Ty::Ptr, {base, index}, size);
}

ValueId Body::index_address(const Val& base, syntax::Expr* index, Type* elem) {
  ValueId addr, n;
  Type* u = types::underlying(base.type);
  if (auto* a = types::as<types::Array>(u)) {
    addr = base.addr;
    n = i64(a->length);
  } else if (auto* p = types::as<types::Pointer>(u)) {
    addr = base.parts[0];
    n = i64(types::under_as<types::Array>(p->elem)->length);
  } else {
    addr = base.parts[0];
    n = base.parts[1];
  }
  const ValueId i = bounds_check(index, n, BoundsKind::Index);
  if (u->kind == types::TypeKind::Pointer) addr = nil_check(addr);
  return element_address(addr, i, elem);
}

Val Body::index(syntax::IndexExpr* e) {
  Type* xt = type_of(e->x);
  Type* u = types::underlying(xt);
  Type* t = e->type != nullptr && types::as<types::Tuple>(e->type) != nullptr
                ? subst(types::as<types::Tuple>(e->type)->vars[0]->type)
                : type_of(e);
  if (auto* m = types::as<types::Map>(u)) {
    const Val map = expr(e->x);
    const Val key = passing_string(e->index, m->key);
    pos = e->pos;
    return map_get(map, key, nullptr);
  }
  if (types::is_string(u)) {
    const Val s = expr(e->x);
    pos = e->pos;
    const ValueId i = bounds_check(e->index, s.parts[1], BoundsKind::Index);
    return scalar(t, op(Op::Load, Ty::I8, {op(Op::AddPtr, Ty::Ptr, {s.parts[0], i}, 1)}));
  }
  if (auto* a = types::as<types::Array>(u)) {
    const Val x = expr(e->x);
    pos = e->pos;
    if (x.in_memory()) {
      Val v = load(t, index_address(x, e->index, a->elem));
      v.owned = v.in_memory() && x.owned;
      return v;
    }
    bounds_check(e->index, i64(a->length), BoundsKind::Index);
    if (a->length == 0) return zero(t);
    return with_type(x, t);
  }
  const Val x = expr(e->x);
  pos = e->pos;
  return load(t, index_address(x, e->index, t));
}

Val Body::slice_of_array(ValueId addr, int64_t length, Type* slice_type) {
  return val(slice_type, {addr, i64(length), i64(length)});
}

Val Body::slice(syntax::SliceExpr* e) {
  Type* t = type_of(e);
  Type* xt = type_of(e->x);
  Type* u = types::underlying(xt);
  ValueId ptr, length, capacity;
  int64_t elem_size = 1;
  const bool is_str = types::is_string(u);
  bool fixed = is_str;  // the message speaks of the length, not the capacity
  if (is_str) {
    const Val s = expr(e->x);
    ptr = s.parts[0];
    length = capacity = s.parts[1];
  } else if (auto* s = types::as<types::Slice>(u)) {
    const Val x = expr(e->x);
    ptr = x.parts[0];
    length = x.parts[1];
    capacity = x.parts[2];
    elem_size = static_cast<int64_t>(shape(s->elem).size);
  } else {
    types::Array* a = types::as<types::Array>(u);
    if (a != nullptr) {
      ptr = address_of(e->x);
    } else {
      a = types::under_as<types::Array>(types::as<types::Pointer>(u)->elem);
      ptr = nil_check(expr(e->x).parts[0]);
    }
    length = capacity = i64(a->length);
    elem_size = static_cast<int64_t>(shape(a->elem).size);
    fixed = true;
  }
  bool u0 = false, u1 = false, u2 = false;
  ValueId i = e->index[0] != nullptr ? index_value(e->index[0], &u0) : i64(0);
  ValueId j = e->index[1] != nullptr ? index_value(e->index[1], &u1) : length;
  ValueId k = e->index[2] != nullptr ? index_value(e->index[2], &u2) : capacity;
  pos = e->pos;
  if (e->index[2] != nullptr) {
    check_bounds(k, capacity, fixed ? BoundsKind::Slice3Alen : BoundsKind::Slice3Acap, u2);
    check_bounds(j, k, BoundsKind::Slice3B, u1);
    check_bounds(i, j, BoundsKind::Slice3C, u0);
  } else {
    if (e->index[1] != nullptr) check_bounds(j, capacity, fixed ? BoundsKind::SliceAlen : BoundsKind::SliceAcap, u1);
    check_bounds(i, j, BoundsKind::SliceB, u0);
  }
  int64_t first;
  const bool at_start = ir::is_const(func, i, &first) && first == 0;
  if (at_start) {
    if (is_str) return val(t, {ptr, j});
    return val(t, {ptr, j, k});
  }
  const ValueId new_len = op(Op::Sub, Ty::I64, {j, i});
  const ValueId rest = is_str ? new_len : op(Op::Sub, Ty::I64, {k, i});
  // The pointer stays inside the object: no offset if nothing is left (ABI section 16.1).
  const ValueId mask = op(Op::Sar, Ty::I64, {op(Op::Neg, Ty::I64, {rest}), i64(63)}, 1);
  const ValueId delta = op(Op::And, Ty::I64, {i, mask});
  const ValueId start = op(Op::AddPtr, Ty::Ptr, {ptr, delta}, elem_size);
  if (is_str) return val(t, {start, new_len});
  return val(t, {start, new_len, rest});
}

}  // namespace gale::lower
