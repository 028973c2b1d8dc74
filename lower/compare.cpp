// Comparison of values of every type.
#include "base/check.h"
#include "discover/layout.h"
#include "discover/names.h"
#include "lower/body.h"

namespace gale::lower {

namespace {

// Bool that becomes known on several ways.
struct Verdict {
  Body& b;
  uint32_t var;
  BlockId done;
  explicit Verdict(Body& body) : b(body), var(body.new_ssa(Ty::Bool)), done(body.new_block()) {}
  void settle(bool value) {  // jumps to the end with a constant
    b.write_ssa(var, b.bool_const(value));
    b.jump(done);
  }
  void settle(ValueId v) {
    b.write_ssa(var, v);
    b.jump(done);
  }
  ValueId result() {
    b.start_sealed(done);
    return b.read_ssa(var);
  }
  // Goes on only if cond holds; otherwise the verdict is false.
  void require(ValueId cond) {
    const BlockId next = b.new_block(), fail = b.new_block();
    b.branch(cond, next, fail);
    b.start_sealed(fail);
    settle(false);
    b.start_sealed(next);
  }
};

constexpr int64_t kInlineEqual = 32;  // bytes that are compared as words

// p[:n] == q[:n], 1 <= n <= kInlineEqual: by words, the last ones overlapping, without a branch.
ValueId bytes_equal(Body& b, ValueId p, ValueId q, int64_t n) {
  ValueId differences;
  auto compare = [&](Ty ty, int64_t at) {
    ValueId d = b.op(Op::Xor, ty, {b.op(Op::Load, ty, {p}, at), b.op(Op::Load, ty, {q}, at)});
    if (differences.valid() && b.func[differences].ty != ty) d = b.op(Op::ZExt, b.func[differences].ty, {d});
    differences = differences.valid() ? b.op(Op::Or, b.func[differences].ty, {differences, d}) : d;
  };
  auto equal = [&](Ty ty) { return b.op(Op::Eq, Ty::Bool, {b.op(Op::Load, ty, {p}), b.op(Op::Load, ty, {q})}); };
  if (n == 1 || n == 2 || n == 4 || n == 8) return equal(n == 1 ? Ty::I8 : n == 2 ? Ty::I16 : n == 4 ? Ty::I32 : Ty::I64);
  if (n > 8) {
    for (int64_t i = 0; i + 8 < n; i += 8) compare(Ty::I64, i);
    compare(Ty::I64, n - 8);
  } else if (n > 4) {
    compare(Ty::I32, 0);
    compare(Ty::I32, n - 4);
  } else {
    compare(Ty::I16, 0);
    compare(Ty::I8, 2);
  }
  return b.op(Op::Eq, Ty::Bool, {differences, b.iconst(b.func[differences].ty, 0)});
}

ValueId string_equal(Body& b, const Val& x, const Val& y) {
  int64_t n;
  if (ir::is_const(b.func, y.parts[1], &n) && n == 0) return b.op(Op::Eq, Ty::Bool, {x.parts[1], y.parts[1]});
  if (ir::is_const(b.func, x.parts[1], &n) && n == 0) return b.op(Op::Eq, Ty::Bool, {x.parts[1], y.parts[1]});
  Verdict v(b);
  v.require(b.op(Op::Eq, Ty::Bool, {x.parts[1], y.parts[1]}));
  const bool known = ir::is_const(b.func, y.parts[1], &n) || ir::is_const(b.func, x.parts[1], &n);
  if (known) v.settle(b.equal_bytes(x.parts[0], y.parts[0], n));
  else v.settle(b.rt("memequal", {x.parts[0], y.parts[0], x.parts[1]}));
  return v.result();
}

ValueId interface_equal(Body& b, const Val& x, const Val& y) {
  const bool empty = b.program.types.interface_methods(x.type).empty();
  // Comparison with nil needs the first word only.
  int64_t k;
  if ((ir::is_const(b.func, x.parts[0], &k) && k == 0) || (ir::is_const(b.func, y.parts[0], &k) && k == 0)) {
    return b.op(Op::Eq, Ty::Bool, {x.parts[0], y.parts[0]});
  }
  Verdict v(b);
  v.require(b.op(Op::Eq, Ty::Bool, {x.parts[0], y.parts[0]}));
  const BlockId both_nil = b.new_block(), call = b.new_block();
  b.branch(b.op(Op::Eq, Ty::Bool, {x.parts[0], b.iconst(Ty::Addr, 0)}), both_nil, call);
  b.start_sealed(both_nil);
  v.settle(true);
  b.start_sealed(call);
  const ValueId word = b.op(Op::IntToPtr, Ty::Ptr, {x.parts[0]});
  v.settle(b.rt(empty ? "efaceeq" : "ifaceeq", {word, x.parts[1], y.parts[1]}));
  return v.result();
}

// May comparing values of this type panic?
bool may_panic(Type* t) {
  Type* u = types::underlying(t);
  if (auto* s = types::as<types::Struct>(u)) {
    for (const types::Var* f : s->fields) {
      if (may_panic(f->type)) return true;
    }
    return false;
  }
  if (auto* a = types::as<types::Array>(u)) return may_panic(a->elem);
  return u->kind == types::TypeKind::Interface;
}

}  // namespace

// Cheap comparisons come first, and the lengths of all strings before their bytes. What may panic stays where it is: which
// comparisons are made before it must not change.
std::vector<FieldComparison> comparison_order(types::Struct* s) {
  std::vector<FieldComparison> order, bytes;
  size_t cheap = 0;  // where the next cheap comparison goes
  auto close_run = [&] {
    order.insert(order.end(), bytes.begin(), bytes.end());
    bytes.clear();
    cheap = order.size();
  };
  for (uint32_t i = 0; i < s->fields.size(); i++) {
    Type* t = s->fields[i]->type;
    if (s->fields[i]->name.text() == "_") continue;
    if (may_panic(t)) {
      close_run();
      order.push_back({i, false});
      cheap = order.size();
    } else if (types::is_string(types::underlying(t))) {
      order.push_back({i, true});
      bytes.push_back({i, false});
    } else if (types::as<types::Struct>(types::underlying(t)) != nullptr || types::as<types::Array>(types::underlying(t)) != nullptr) {
      bytes.push_back({i, false});
    } else {
      order.insert(order.begin() + static_cast<ptrdiff_t>(cheap++), {i, false});
    }
  }
  close_run();
  return order;
}

ValueId Body::equal_bytes(ValueId p, ValueId q, int64_t n) {
  return n <= kInlineEqual ? bytes_equal(*this, p, q, n) : rt("memequal", {p, q, i64(n)});
}

ValueId Body::equal_memory(Type* t, ValueId p, ValueId q) {
  const Shape& s = shape(t);
  if (s.size == 0) return bool_const(true);
  if (discover::is_plain_memory(t)) {
    if (s.split && s.parts.size() <= 2) return equal(load(t, p), load(t, q));
    return equal_bytes(p, q, static_cast<int64_t>(s.size));
  }
  if (s.split) return equal(load(t, p), load(t, q));
  discover::FunctionInstance f;
  f.kind = discover::FunctionKind::Equal;
  f.type = t;
  const Symbol name = discover::function_symbol(f);
  program.references.function(name, f);
  Callee c;
  c.symbol = name;
  Type* pointer = program.types.pointer_to(t);
  c.params = {pointer, pointer};
  c.results = {program.types.get(types::basic(types::BasicKind::Bool))};
  c.noescape_args = 3;
  const Val args[] = {scalar(pointer, p), scalar(pointer, q)};
  return emit_call(c, args)[0].parts[0];
}

ValueId Body::equal(const Val& x, const Val& y) {
  if (x.in_memory() || y.in_memory()) return equal_memory(x.type, temporary(x), temporary(y));
  Type* u = types::underlying(x.type);
  if (u->kind == types::TypeKind::Struct) {
    auto* s = static_cast<types::Struct*>(u);
    Verdict v(*this);
    for (const FieldComparison& c : comparison_order(s)) {
      const Val f = field(x, c.field), g = field(y, c.field);
      v.require(c.length_only ? op(Op::Eq, Ty::Bool, {f.parts[1], g.parts[1]}) : equal(f, g));
    }
    v.settle(true);
    return v.result();
  }
  if (u->kind == types::TypeKind::Array) {
    auto* a = static_cast<types::Array*>(u);
    if (a->length == 0) return bool_const(true);
    return equal(with_type(x, a->elem), with_type(y, a->elem));
  }
  if (u->kind == types::TypeKind::Interface) return interface_equal(*this, x, y);
  if (types::is_string(u)) return string_equal(*this, x, y);
  if (types::is_complex(u)) {
    return op(Op::And, Ty::Bool,
              {op(Op::FEq, Ty::Bool, {x.parts[0], y.parts[0]}), op(Op::FEq, Ty::Bool, {x.parts[1], y.parts[1]})});
  }
  if (types::is_float(u)) return op(Op::FEq, Ty::Bool, {x.parts[0], y.parts[0]});
  // Numbers, pointers, channels; slices, maps and functions against nil.
  return op(Op::Eq, Ty::Bool, {x.parts[0], y.parts[0]});
}

ValueId Body::compare(syntax::Op o, const Val& x, const Val& y) {
  if (o == syntax::Op::Eql || o == syntax::Op::Neq) {
    const bool xi = types::is_interface(x.type), yi = types::is_interface(y.type);
    ValueId r;
    if (xi != yi) {
      const Val& iface = xi ? x : y;
      const Val& concrete = stabilize(xi ? y : x);
      Verdict v(*this);
      v.require(has_type(iface, concrete.type));
      v.settle(equal(from_data_word(iface.parts[1], concrete.type), concrete));
      r = v.result();
    } else if (xi && x.type != y.type) {
      // Two interface types: compare as the one that has fewer methods, or as empty interfaces.
      Type* any = program.types.get(types::kEmptyInterface);
      r = equal(assign_convert(x, any), assign_convert(y, any));
    } else {
      r = equal(x, with_type(y, x.type));
    }
    if (o == syntax::Op::Eql) return r;
    if (func[r].op == Op::Eq) return op(Op::Ne, Ty::Bool, {func[r].args[0], func[r].args[1]});
    if (func[r].op == Op::FEq) return op(Op::FNe, Ty::Bool, {func[r].args[0], func[r].args[1]});
    return op(Op::Not, Ty::Bool, {r});
  }
  ValueId a = x.parts[0], b = y.parts[0];
  bool is_float = types::is_float(x.type), u = types::is_unsigned(x.type);
  if (types::is_string(x.type)) {
    a = rt("cmpstring", {x.parts[0], x.parts[1], y.parts[0], y.parts[1]});
    b = i64(0);
    u = false;
  }
  if (o == syntax::Op::Gtr || o == syntax::Op::Geq) std::swap(a, b);
  const bool strict = o == syntax::Op::Lss || o == syntax::Op::Gtr;
  if (is_float) return op(strict ? Op::FLt : Op::FLe, Ty::Bool, {a, b});
  if (u) return op(strict ? Op::ULt : Op::ULe, Ty::Bool, {a, b});
  return op(strict ? Op::Lt : Op::Le, Ty::Bool, {a, b});
}

}  // namespace gale::lower
