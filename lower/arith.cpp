// Arithmetic on numbers and strings.
#include "base/check.h"
#include "lower/body.h"

namespace gale::lower {

namespace {

bool is_unsigned_type(Type* t) { return types::is_unsigned(t); }

Val float_op(Body& b, syntax::Op o, Type* t, ValueId x, ValueId y) {
  const Ty ty = b.func[x].ty;
  Op code = Op::FAdd;
  switch (o) {
    case syntax::Op::Add: code = Op::FAdd; break;
    case syntax::Op::Sub: code = Op::FSub; break;
    case syntax::Op::Mul: code = Op::FMul; break;
    case syntax::Op::Div: code = Op::FDiv; break;
    default: CHECK(false, "a float operator");
  }
  return b.scalar(t, b.op(code, ty, {x, y}));
}

Val complex_op(Body& b, syntax::Op o, const Val& x, const Val& y, Type* t) {
  const Ty ty = b.func[x.parts[0]].ty;
  auto f = [&](Op code, ValueId p, ValueId q) { return b.op(code, ty, {p, q}); };
  const ValueId a = x.parts[0], bi = x.parts[1], c = y.parts[0], d = y.parts[1];
  switch (o) {
    case syntax::Op::Add: return b.val(t, {f(Op::FAdd, a, c), f(Op::FAdd, bi, d)});
    case syntax::Op::Sub: return b.val(t, {f(Op::FSub, a, c), f(Op::FSub, bi, d)});
    case syntax::Op::Mul: {
      // Computed in float64 for complex64, as gc does, and rounded once.
      if (ty == Ty::F32) {
        auto wide = [&](ValueId v) { return b.op(Op::FToF, Ty::F64, {v}); };
        auto g = [&](Op code, ValueId p, ValueId q) { return b.op(code, Ty::F64, {p, q}); };
        const ValueId wa = wide(a), wb = wide(bi), wc = wide(c), wd = wide(d);
        const ValueId re = g(Op::FSub, g(Op::FMul, wa, wc), g(Op::FMul, wb, wd));
        const ValueId im = g(Op::FAdd, g(Op::FMul, wa, wd), g(Op::FMul, wb, wc));
        return b.val(t, {b.op(Op::FToF, Ty::F32, {re}), b.op(Op::FToF, Ty::F32, {im})});
      }
      return b.val(t, {f(Op::FSub, f(Op::FMul, a, c), f(Op::FMul, bi, d)), f(Op::FAdd, f(Op::FMul, a, d), f(Op::FMul, bi, c))});
    }
    case syntax::Op::Div: {
      auto wide = [&](ValueId v) { return ty == Ty::F32 ? b.op(Op::FToF, Ty::F64, {v}) : v; };
      const Values r = b.runtime_call("complex128div", {wide(a), wide(bi), wide(c), wide(d)});
      auto narrow = [&](ValueId v) { return ty == Ty::F32 ? b.op(Op::FToF, Ty::F32, {v}) : v; };
      return b.val(t, {narrow(r[0]), narrow(r[1])});
    }
    default: CHECK(false, "a complex operator"); return {};
  }
}

}  // namespace

Val Body::concat(std::span<const Val> s, Type* t) {
  if (s.size() == 1) return with_type(s[0], t);
  std::vector<ValueId> args{nil_ptr()};
  if (s.size() <= 4) {
    for (const Val& v : s) args.insert(args.end(), v.parts.begin(), v.parts.end());
    const char* names[] = {"concatstring2", "concatstring3", "concatstring4"};
    const Values r = runtime_call(names[s.size() - 2], args);
    return val(t, {r[0], r[1]});
  }
  Type* string_type = program.types.get(types::basic(types::BasicKind::String));
  Type* array = program.types.array_of(string_type, static_cast<int64_t>(s.size()));
  const ValueId list = local_addr(new_local(array));
  for (size_t i = 0; i < s.size(); i++) store(list, static_cast<int64_t>(16 * i), with_type(s[i], string_type));
  const ValueId n = i64(static_cast<int64_t>(s.size()));
  args.insert(args.end(), {list, n, n});
  const Values r = runtime_call("concatstrings", args);
  return val(t, {r[0], r[1]});
}

Val Body::arithmetic(syntax::Op o, const Val& x, const Val& y, Type* t) {
  if (types::is_string(t)) {
    const Val both[] = {x, y};
    return concat(both, t);
  }
  if (types::is_complex(t)) return complex_op(*this, o, x, y, t);
  const ValueId a = x.parts[0], b = y.parts[0];
  if (types::is_float(t)) return float_op(*this, o, t, a, b);
  const Ty ty = func[a].ty;
  auto simple = [&](Op code) { return scalar(t, op(code, ty, {a, b})); };
  switch (o) {
    case syntax::Op::Add: return simple(Op::Add);
    case syntax::Op::Sub: return simple(Op::Sub);
    case syntax::Op::Mul: return simple(Op::Mul);
    case syntax::Op::And: return simple(Op::And);
    case syntax::Op::Or: return simple(Op::Or);
    case syntax::Op::Xor: return simple(Op::Xor);
    case syntax::Op::AndNot: return scalar(t, op(Op::And, ty, {a, op(Op::Not, ty, {b})}));
    case syntax::Op::Div:
    case syntax::Op::Rem: {
      int64_t known;
      if (!ir::is_const(func, b, &known) || known == 0) {
        const BlockId zero_block = new_block(), go_on = new_block();
        branch(op(Op::Eq, Ty::Bool, {b, iconst(ty, 0)}), zero_block, go_on, -1);
        start_sealed(zero_block);
        rt_noreturn("panicdivide", {});
        start_sealed(go_on);
      }
      const bool u = is_unsigned_type(t);
      if (o == syntax::Op::Div) return simple(u ? Op::UDiv : Op::Div);
      return simple(u ? Op::URem : Op::Rem);
    }
    default: CHECK(false, "an arithmetic operator"); return {};
  }
}

Val Body::shift(syntax::Op o, const Val& x, const Val& count, bool count_signed) {
  const ValueId n = to_i64(count.parts[0], count_signed);
  int64_t known;
  const bool constant = ir::is_const(func, n, &known);
  if (count_signed && (!constant || known < 0)) {
    const BlockId bad = new_block(), good = new_block();
    branch(op(Op::Lt, Ty::Bool, {n, i64(0)}), bad, good, -1);
    start_sealed(bad);
    rt_noreturn("panicshift", {});
    start_sealed(good);
  }
  const Ty ty = func[x.parts[0]].ty;
  const Op code = o == syntax::Op::Shl ? Op::Shl : is_unsigned_type(x.type) ? Op::Shr : Op::Sar;
  const bool in_range = constant && known >= 0 && known < 8 * ir::size_of(ty);
  return scalar(x.type, op(code, ty, {x.parts[0], n}, in_range ? 1 : 0));
}

Val Body::negate(const Val& x) {
  Val r = x;
  const bool is_float = types::is_float(x.type) || types::is_complex(x.type);
  for (ValueId& p : r.parts) p = op(is_float ? Op::FNeg : Op::Neg, func[p].ty, {p});
  return r;
}

Val Body::complement(const Val& x) { return scalar(x.type, op(Op::Not, func[x.parts[0]].ty, {x.parts[0]})); }

}  // namespace gale::lower
