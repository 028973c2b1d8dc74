// Conversions (spec: Conversions) and the implicit ones of assignability.
#include "base/check.h"
#include "lower/body.h"

namespace gale::lower {

Val Body::assign_convert(const Val& v, Type* t) {
  if (v.type == t) return v;
  if (types::is_interface(t)) return to_interface(v, t);
  return with_type(v, t);
}

namespace {

bool is_byte_slice(Type* t, Ty elem_ty, Body& b) {
  auto* s = types::under_as<types::Slice>(t);
  if (s == nullptr || types::under_as<types::Basic>(s->elem) == nullptr) return false;
  const Shape& shape = b.shape(s->elem);
  return shape.parts.size() == 1 && shape.parts[0].ty == elem_ty;
}

// The operand of a conversion that is not a constant; null: e is something else.
syntax::Expr* converted(syntax::Expr* e) {
  auto* c = syntax::as<syntax::CallExpr>(syntax::unparen(e));
  if (c == nullptr || c->mode == syntax::Mode::Constant || syntax::unparen(c->fun)->mode != syntax::Mode::TypeExpr || c->args.size() != 1) return nullptr;
  return c->args[0]->mode == syntax::Mode::Constant || c->args[0]->mode == syntax::Mode::NilValue ? nullptr : c->args[0];
}

}  // namespace

Val Body::passing_string(syntax::Expr* e, Type* t) {
  syntax::Expr* x = converted(e);
  if (x == nullptr || !types::is_string(t) || !types::is_string(type_of(e)) || !is_byte_slice(type_of(x), Ty::I8, *this)) return expr_as(e, t);
  const Val bytes = expr(x);
  pos = e->pos;
  return val(t, {bytes.parts[0], bytes.parts[1]});
}

Val Body::passing_bytes(syntax::Expr* e) {
  syntax::Expr* x = converted(e);
  if (x == nullptr || !types::is_string(type_of(x)) || !is_byte_slice(type_of(e), Ty::I8, *this)) return expr(e);
  const Val text = expr(x);
  pos = e->pos;
  return val(type_of(e), {text.parts[0], text.parts[1], text.parts[1]});
}

Val Body::convert_number(const Val& v, Type* t) {
  if (types::is_complex(t)) {
    const Ty want = shape(t).parts[0].ty;
    Val r = v;
    r.type = t;
    for (ValueId& p : r.parts) {
      if (func[p].ty != want) p = op(Op::FToF, want, {p});
    }
    return r;
  }
  const ValueId x = v.parts[0];
  const Ty have = func[x].ty, want = shape(t).parts[0].ty;
  const bool from_float = have == Ty::F32 || have == Ty::F64, to_float = want == Ty::F32 || want == Ty::F64;
  const bool from_unsigned = types::is_unsigned(v.type), to_unsigned = types::is_unsigned(t);
  if (from_float && to_float) return scalar(t, have == want ? x : op(Op::FToF, want, {x}));
  if (!from_float && to_float) {
    if (have == Ty::I64) return scalar(t, op(from_unsigned ? Op::UToF : Op::IToF, want, {x}));
    if (have == Ty::I32 && !from_unsigned) return scalar(t, op(Op::IToF, want, {x}));
    return scalar(t, op(Op::IToF, want, {op(from_unsigned ? Op::ZExt : Op::SExt, Ty::I64, {x})}));
  }
  if (from_float) {
    if (want == Ty::I64) return scalar(t, op(to_unsigned ? Op::FToU : Op::FToI, Ty::I64, {x}));
    if (want == Ty::I32 && to_unsigned) return scalar(t, op(Op::Trunc, want, {op(Op::FToI, Ty::I64, {x})}));
    const ValueId i = op(Op::FToI, Ty::I32, {x});
    return scalar(t, want == Ty::I32 ? i : op(Op::Trunc, want, {i}));
  }
  const int from_size = ir::size_of(have), to_size = ir::size_of(want);
  if (from_size == to_size) return scalar(t, x);
  int64_t known;
  if (ir::is_const(func, x, &known)) {
    if (from_unsigned && from_size < 8) known &= (int64_t{1} << (8 * from_size)) - 1;
    return scalar(t, iconst(want, known));
  }
  if (from_size > to_size) return scalar(t, op(Op::Trunc, want, {x}));
  return scalar(t, op(from_unsigned ? Op::ZExt : Op::SExt, want, {x}));
}

Val Body::convert(const Val& v, Type* t) {
  if (v.type == t) return v;
  if (types::is_interface(t)) return to_interface(v, t);
  Type *fu = types::underlying(v.type), *tu = types::underlying(t);
  if (fu == tu) return with_type(v, t);
  if (types::is_numeric(fu) && types::is_numeric(tu)) return convert_number(v, t);
  const bool from_pointer = types::is_unsafe_pointer(fu) || types::as<types::Pointer>(fu) != nullptr;
  const bool to_pointer = types::is_unsafe_pointer(tu) || types::as<types::Pointer>(tu) != nullptr;
  if (from_pointer && to_pointer) return with_type(v, t);
  if (from_pointer && types::is_integer(tu)) {
    const ValueId n = op(Op::PtrToInt, Ty::I64, {v.parts[0]});
    return scalar(t, n);
  }
  if (to_pointer && types::is_integer(fu)) return scalar(t, op(Op::IntToPtr, Ty::Ptr, {to_i64(v.parts[0], false)}));
  if (types::is_string(tu)) {
    if (types::is_string(fu)) return with_type(v, t);
    if (types::is_integer(fu)) {
      ValueId n = to_i64(v.parts[0], !types::is_unsigned(fu));
      const Values r = runtime_call("intstring", {nil_ptr(), n});
      return val(t, {r[0], r[1]});
    }
    if (is_byte_slice(fu, Ty::I8, *this)) {
      const Values r = runtime_call("slicebytetostring", {nil_ptr(), v.parts[0], v.parts[1]});
      return val(t, {r[0], r[1]});
    }
    const Values r = runtime_call("slicerunetostring", {nil_ptr(), v.parts[0], v.parts[1], v.parts[2]});
    return val(t, {r[0], r[1]});
  }
  if (types::is_string(fu) && types::as<types::Slice>(tu) != nullptr) {
    const char* name = is_byte_slice(tu, Ty::I8, *this) ? "stringtoslicebyte" : "stringtoslicerune";
    const Values r = runtime_call(name, {nil_ptr(), v.parts[0], v.parts[1]});
    return val(t, {r[0], r[1], r[2]});
  }
  if (types::as<types::Slice>(fu) != nullptr) {
    types::Array* a = types::as<types::Array>(tu);
    bool to_array_pointer = false;
    if (auto* p = types::as<types::Pointer>(tu)) {
      a = types::under_as<types::Array>(p->elem);
      to_array_pointer = true;
    }
    if (a != nullptr) {
      check_bounds(i64(a->length), v.parts[1], ir::BoundsKind::Convert, false);
      if (to_array_pointer) return scalar(t, v.parts[0]);
      if (a->length == 0) return zero(t);
      Val r = load(t, v.parts[0]);
      return stabilize(r);
    }
  }
  return with_type(v, t);  // identical but for tags, channel directions, named function types
}

}  // namespace gale::lower
