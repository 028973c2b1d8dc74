// Predeclared functions (spec: Built-in functions; Package unsafe).
#include "base/check.h"
#include "lower/body.h"
#include "types/constant.h"

namespace gale::lower {

using namespace syntax;
using types::BuiltinId;

namespace {

Type* elem_of_slice(Type* t) {
  auto* s = types::under_as<types::Slice>(t);
  return s == nullptr ? nullptr : s->elem;
}

// Two-way choice with scalar results: runs `slow` on the unlikely path.
struct Merge {
  Body& b;
  std::vector<uint32_t> vars;
  BlockId done;
  explicit Merge(Body& body) : b(body), done(body.new_block()) {}
  void add(ValueId fast) {
    vars.push_back(b.new_ssa(b.func[fast].ty));
    b.write_ssa(vars.back(), fast);
  }
};

}  // namespace

Val Body::room_for(const Val& slice, ValueId n, ValueId header) {
  const ValueId new_len = op(Op::Add, Ty::I64, {slice.parts[1], n});
  Merge m(*this);
  m.add(slice.parts[0]);
  m.add(slice.parts[2]);
  const BlockId grow = new_block();
  branch(op(Op::ULe, Ty::Bool, {new_len, slice.parts[2]}), m.done, grow, 1);
  start_sealed(grow);
  const Values r = runtime_call("growslice", {slice.parts[0], new_len, slice.parts[2], n,
                                              op(Op::IntToPtr, Ty::Ptr, {type_addr(elem_of_slice(slice.type))})});
  write_ssa(m.vars[0], r[0]);
  write_ssa(m.vars[1], r[2]);
  if (header.valid()) store(header, 0, val(slice.type, {r[0], new_len, r[2]}));
  jump(m.done);
  start_sealed(m.done);
  if (header.valid()) op(Op::Store, Ty::Void, {header, new_len}, 8);
  return val(slice.type, {read_ssa(m.vars[0]), new_len, read_ssa(m.vars[1])});
}

Val Body::append(const Val& slice, std::span<const Val> elems, ValueId header) {
  if (elems.empty()) return slice;
  const Val out = room_for(slice, i64(static_cast<int64_t>(elems.size())), header);
  const auto size = static_cast<int64_t>(shape(elem_of_slice(slice.type)).size);
  if (size != 0) {
    const ValueId first = op(Op::AddPtr, Ty::Ptr, {out.parts[0], slice.parts[1]}, size);
    for (size_t i = 0; i < elems.size(); i++) store(first, static_cast<int64_t>(i) * size, elems[i]);
  }
  return out;
}

Val Body::append_slice(const Val& slice, const Val& tail, ValueId header) {
  Type* elem = elem_of_slice(slice.type);
  const ValueId n = tail.parts[1];
  const Val out = room_for(slice, n, header);
  const auto size = static_cast<int64_t>(shape(elem).size);
  if (size != 0) {
    // An address past the end must not be made: nothing to do if the tail is empty.
    const BlockId some = new_block(), done = new_block();
    branch(op(Op::Ne, Ty::Bool, {n, i64(0)}), some, done);
    start_sealed(some);
    const ValueId to = op(Op::AddPtr, Ty::Ptr, {out.parts[0], slice.parts[1]}, size);
    if (shape(elem).pointers) {
      runtime_call("typedslicecopy", {op(Op::IntToPtr, Ty::Ptr, {type_addr(elem)}), to, n, tail.parts[0], n});
    } else {
      runtime_call("memmove", {to, tail.parts[0], size == 1 ? n : op(Op::Mul, Ty::I64, {n, i64(size)})});
    }
    jump(done);
    start_sealed(done);
  }
  return out;
}

ValueId Body::copy(const Val& to, const Val& from) {
  Type* elem = elem_of_slice(to.type);
  const auto size = static_cast<int64_t>(shape(elem).size);
  const ValueId n = select(op(Op::Lt, Ty::Bool, {to.parts[1], from.parts[1]}), to.parts[1], from.parts[1]);
  if (size == 0) return n;
  if (shape(elem).pointers) {
    return rt("typedslicecopy",
              {op(Op::IntToPtr, Ty::Ptr, {type_addr(elem)}), to.parts[0], to.parts[1], from.parts[0], from.parts[1]});
  }
  runtime_call("memmove", {to.parts[0], from.parts[0], size == 1 ? n : op(Op::Mul, Ty::I64, {n, i64(size)})});
  return n;
}

Val Body::make(Type* t, std::span<const Val> sizes) {
  auto size = [&](size_t i) { return to_i64(sizes[i].parts[0], !types::is_unsigned(sizes[i].type)); };
  auto pointer = [&](Type* x) { return op(Op::IntToPtr, Ty::Ptr, {type_addr(x)}); };
  if (Type* elem = elem_of_slice(t)) {
    const ValueId n = size(0), c = sizes.size() > 1 ? size(1) : n;
    int64_t known;
    const auto elem_size = static_cast<int64_t>(shape(elem).size);
    if (ir::is_const(func, c, &known) && known >= 0 && (elem_size == 0 || known <= 65536 / elem_size)) {
      int64_t known_len;
      if (ir::is_const(func, n, &known_len) && known_len <= known && known_len >= 0) {
        return val(t, {new_object(program.types.array_of(elem, known)), n, c});
      }
    }
    return val(t, {rt("makeslice", {pointer(elem), n, c}), n, c});
  }
  if (types::under_as<types::Map>(t) != nullptr) {
    int64_t hint = 0;
    ValueId h = sizes.empty() ? i64(0) : size(0);
    if (sizes.empty() || (ir::is_const(func, h, &hint) && hint <= 8)) {
      program.references.type(t, false);
      return scalar(t, rt("makemap_small", {}));
    }
    return scalar(t, rt("makemap", {pointer(t), h, nil_ptr()}));
  }
  return scalar(t, rt("makechan", {pointer(t), sizes.empty() ? i64(0) : size(0)}));
}

void Body::print(std::span<const Val> args, bool newline) {
  runtime_call("printlock", {});
  for (size_t i = 0; i < args.size(); i++) {
    const Val& v = args[i];
    if (newline && i > 0) runtime_call("printsp", {});
    Type* u = types::underlying(v.type);
    if (types::is_interface(u)) {
      runtime_call("printeface", {v.parts[0], v.parts[1]});
    } else if (types::is_string(u)) {
      runtime_call("printstring", {v.parts[0], v.parts[1]});
    } else if (types::as<types::Slice>(u) != nullptr) {
      runtime_call("printslice", {v.parts[0], v.parts[1], v.parts[2]});
    } else if (types::is_boolean(u)) {
      runtime_call("printbool", {v.parts[0]});
    } else if (types::is_float(u)) {
      runtime_call(func[v.parts[0]].ty == Ty::F32 ? "printfloat32" : "printfloat64", {v.parts[0]});
    } else if (types::is_complex(u)) {
      runtime_call(func[v.parts[0]].ty == Ty::F32 ? "printcomplex64" : "printcomplex128", {v.parts[0], v.parts[1]});
    } else if (types::is_integer(u)) {
      const bool is_unsigned = types::is_unsigned(u);
      runtime_call(is_unsigned ? "printuint" : "printint", {to_i64(v.parts[0], !is_unsigned)});
    } else {
      runtime_call("printpointer", {v.parts[0]});
    }
  }
  if (newline) runtime_call("printnl", {});
  runtime_call("printunlock", {});
}

void Body::panic(const Val& any) { rt_noreturn("gopanic", {any.parts[0], any.parts[1]}); }

namespace {

// May memory of type t hold a value of type part?
bool may_hold(Type* t, Type* part) {
  if (types::identical(types::underlying(t), types::underlying(part))) return true;
  if (auto* a = types::under_as<types::Array>(t)) return may_hold(a->elem, part);
  if (auto* s = types::under_as<types::Struct>(t)) {
    for (types::Var* f : s->fields) {
      if (may_hold(f->type, part)) return true;
    }
  }
  return false;
}

// Do two expressions without calls name the same place? Such an expression need not be evaluated twice.
bool same_place(Expr* a, Expr* b) {
  a = unparen(a);
  b = unparen(b);
  if (a->kind != b->kind) return false;
  if (auto* x = as<Name>(a)) {
    types::Object* o = x->object;
    return o != nullptr && o == as<Name>(b)->object && (o->kind == types::ObjectKind::Var || o->kind == types::ObjectKind::Const);
  }
  if (auto* x = as<BasicLit>(a)) return x->lit_kind == as<BasicLit>(b)->lit_kind && x->text == as<BasicLit>(b)->text;
  if (auto* x = as<SelectorExpr>(a)) {
    auto* y = as<SelectorExpr>(b);
    if (x->selection == nullptr || y->selection == nullptr) {
      return x->selection == y->selection && same_place(x->selector, y->selector);
    }
    return x->selection->kind == types::Selection::FieldValue && x->selection->object == y->selection->object && same_place(x->x, y->x);
  }
  if (auto* x = as<IndexExpr>(a)) {
    auto* y = as<IndexExpr>(b);
    return x->instance_args.empty() && same_place(x->x, y->x) && same_place(x->index, y->index);
  }
  if (auto* x = as<Operation>(a)) {
    auto* y = as<Operation>(b);
    return x->op == syntax::Op::Mul && y->op == syntax::Op::Mul && x->y == nullptr && y->y == nullptr && same_place(x->x, y->x);
  }
  return false;
}

// The only argument is a call with several values: f(g()).
bool spreads(CallExpr* e) {
  return e->args.size() == 1 && e->args[0]->type != nullptr && types::as<types::Tuple>(e->args[0]->type) != nullptr;
}

}  // namespace

std::vector<Val> Body::builtin_operands(CallExpr* e, BuiltinId id) {
  std::vector<Val> out;
  if (spreads(e)) {
    out = exprs(e->args[0]);
    if (id == BuiltinId::Delete) out[1] = assign_convert(out[1], types::under_as<types::Map>(out[0].type)->key);
    for (Val& v : out) v = stabilize(v);
    return out;
  }
  switch (id) {
    case BuiltinId::Panic:
      out.push_back(expr_as(e->args[0], program.types.get(types::kEmptyInterface)));
      return out;
    case BuiltinId::Delete: {
      const Val m = expr(e->args[0]);
      out.push_back(m);
      out.push_back(stabilize(expr_as(e->args[1], types::under_as<types::Map>(m.type)->key)));
      return out;
    }
    case BuiltinId::Print:
    case BuiltinId::Println:
      for (Expr* a : e->args) {
        Expr* x = unparen(a);
        if (x->mode == Mode::NilValue) {
          out.push_back(zero(program.types.get(types::basic(types::BasicKind::UnsafePointer))));
        } else if (x->constant != nullptr && x->mode == Mode::Constant && types::is_untyped(x->type) &&
                   types::is_integer(types::default_type(x->type))) {
          int64_t k;  // untyped constants print as int64 if they fit, else as uint64
          const bool fits = types::int64_value(types::to_int(x->constant), &k);
          out.push_back(constant(x->constant, program.types.get(types::basic(fits ? types::BasicKind::Int64 : types::BasicKind::Uint64))));
        } else {
          out.push_back(stabilize(expr(x)));
        }
      }
      return out;
    case BuiltinId::Min:
    case BuiltinId::Max:
    case BuiltinId::Complex:
    case BuiltinId::Real:
    case BuiltinId::Imag: {
      Type* t = type_of(e);
      if (id == BuiltinId::Min || id == BuiltinId::Max) {
        for (Expr* a : e->args) out.push_back(expr_as(a, t));
      } else if (id == BuiltinId::Complex) {
        Type* part = program.types.get(types::basic(shape(t).parts[0].ty == Ty::F32 ? types::BasicKind::Float32 : types::BasicKind::Float64));
        for (Expr* a : e->args) out.push_back(expr_as(a, part));
      } else {
        out.push_back(expr(e->args[0]));
      }
      return out;
    }
    default:
      for (Expr* a : e->args) {
        if (unparen(a)->mode == Mode::TypeExpr) continue;
        out.push_back(stabilize(expr(a)));
      }
      return out;
  }
}

namespace {

Val min_max(Body& b, bool is_min, std::span<const Val> operands) {
  Val best = operands[0];
  for (const Val& next : operands.subspan(1)) {
    const ValueId x = best.parts[0], y = next.parts[0];
    if (types::is_float(best.type)) {
      const Ty ty = b.func[x].ty, bits = ty == Ty::F32 ? Ty::I32 : Ty::I64;
      auto raw = [&](ValueId v) { return b.op(Op::Bitcast, bits, {v}); };
      // Equal operands are the same but for zeros of different sign: min is -0, max is +0.
      const ValueId equal = b.op(Op::Bitcast, ty, {b.op(is_min ? Op::Or : Op::And, bits, {raw(x), raw(y)})});
      const ValueId less = is_min ? b.op(Op::FLt, Ty::Bool, {x, y}) : b.op(Op::FLt, Ty::Bool, {y, x});
      ValueId r = b.select(b.op(Op::FEq, Ty::Bool, {x, y}), equal, b.select(less, x, y));
      r = b.select(b.op(Op::FNe, Ty::Bool, {y, y}), y, r);
      r = b.select(b.op(Op::FNe, Ty::Bool, {x, x}), x, r);
      best = b.scalar(best.type, r);
      continue;
    }
    const ValueId take_next = b.compare(is_min ? syntax::Op::Lss : syntax::Op::Gtr, next, best);
    Val r = best;
    for (size_t i = 0; i < r.parts.size(); i++) r.parts[i] = b.select(take_next, next.parts[i], best.parts[i]);
    best = r;
  }
  return best;
}

}  // namespace

std::vector<Val> Body::builtin(BuiltinId id, std::span<const Val> v, Type* result) {
  switch (id) {
    case BuiltinId::Panic: panic(v[0]); return {};
    case BuiltinId::Print: print(v, false); return {};
    case BuiltinId::Println: print(v, true); return {};
    case BuiltinId::Delete: map_delete(v[0], v[1]); return {};
    case BuiltinId::Close: runtime_call("closechan", {v[0].parts[0]}); return {};
    case BuiltinId::Copy: {
      const ValueId n = copy(v[0], v[1]);
      return {scalar(default_int(), n)};
    }
    case BuiltinId::Recover: {
      const Values r = runtime_call("gorecover", {});
      return {val(program.types.get(types::kEmptyInterface), {r[0], r[1]})};
    }
    case BuiltinId::Clear: {
      if (types::under_as<types::Map>(v[0].type) != nullptr) {
        runtime_call("mapclear", {op(Op::IntToPtr, Ty::Ptr, {type_addr(v[0].type)}), v[0].parts[0]});
        return {};
      }
      Type* elem = elem_of_slice(v[0].type);
      const auto size = static_cast<int64_t>(shape(elem).size);
      if (size == 0) return {};
      const ValueId n = op(Op::Mul, Ty::I64, {v[0].parts[1], i64(size)});
      runtime_call(shape(elem).pointers ? "memclrHasPointers" : "memclrNoHeapPointers", {v[0].parts[0], n});
      return {};
    }
    case BuiltinId::Len: return {scalar(default_int(), len(v[0]))};
    case BuiltinId::Cap: return {scalar(default_int(), cap(v[0]))};
    case BuiltinId::Min:
    case BuiltinId::Max: return {min_max(*this, id == BuiltinId::Min, v)};
    case BuiltinId::Complex: return {val(result, {v[0].parts[0], v[1].parts[0]})};
    case BuiltinId::Real: return {scalar(result, v[0].parts[0])};
    case BuiltinId::Imag: return {scalar(result, v[0].parts[1])};
    case BuiltinId::UnsafeAdd: {
      const ValueId n = to_i64(v[1].parts[0], !types::is_unsigned(v[1].type));
      return {scalar(result, op(Op::AddPtr, Ty::Ptr, {v[0].parts[0], n}, 1))};
    }
    case BuiltinId::UnsafeSlice: {
      const ValueId n = to_i64(v[1].parts[0], !types::is_unsigned(v[1].type));
      int64_t known;
      if (!ir::is_const(func, n, &known) || known != 0) {
        Type* elem = elem_of_slice(result);
        runtime_call("unsafeslice", {op(Op::IntToPtr, Ty::Ptr, {type_addr(elem)}), v[0].parts[0], n});
      }
      return {val(result, {v[0].parts[0], n, n})};
    }
    case BuiltinId::UnsafeString: {
      const ValueId n = to_i64(v[1].parts[0], !types::is_unsigned(v[1].type));
      int64_t known;
      if (!ir::is_const(func, n, &known) || known != 0) {
        auto refuse = [&](ValueId cond, std::string_view panic_name) {
          const BlockId bad = new_block(), good = new_block();
          branch(cond, bad, good, -1);
          start_sealed(bad);
          rt_noreturn(panic_name, {});
          start_sealed(good);
        };
        refuse(op(Op::Lt, Ty::Bool, {n, i64(0)}), "panicunsafestringlen");
        // nil has room for nothing; elsewhere the string must end below the top of memory.
        const ValueId address = op(Op::PtrToInt, Ty::I64, {v[0].parts[0]});
        const BlockId is_nil = new_block(), not_nil = new_block(), good = new_block();
        branch(op(Op::Eq, Ty::Bool, {address, i64(0)}), is_nil, not_nil, -1);
        start_sealed(is_nil);
        refuse(op(Op::Ne, Ty::Bool, {n, i64(0)}), "panicunsafestringnilptr");
        jump(good);
        start_sealed(not_nil);
        refuse(op(Op::ULt, Ty::Bool, {op(Op::Neg, Ty::I64, {address}), n}), "panicunsafestringlen");
        jump(good);
        start_sealed(good);
      }
      return {val(result, {v[0].parts[0], n})};
    }
    case BuiltinId::UnsafeSliceData:
    case BuiltinId::UnsafeStringData: return {scalar(result, v[0].parts[0])};
    default:
      not_yet("predeclared function " + std::to_string(static_cast<int>(id)));
      return {};
  }
}

std::vector<Val> Body::append_operands(CallExpr* e) {
  std::vector<Val> out;
  if (e->has_dots) {
    Expr* last = unparen(e->args[1]);
    if (last->mode != Mode::NilValue) out.push_back(expr(last));
    return out;
  }
  Type* elem = elem_of_slice(type_of(e));
  for (size_t i = 1; i < e->args.size(); i++) {
    Val v = expr_as(e->args[i], elem);
    // In memory an element may alias what growslice moves or a later argument changes.
    bool later = false;
    for (size_t k = i + 1; k < e->args.size(); k++) later |= has_calls(e->args[k]);
    if (later) v = stabilize(v);
    out.push_back(v);
  }
  return out;
}

Val Body::append_tail(const Val& slice, const std::vector<Val>& operands, CallExpr* e, ValueId header) {
  pos = e->pos;
  if (e->has_dots) return operands.empty() ? slice : append_slice(slice, operands[0], header);
  return append(slice, operands, header);
}

CallExpr* Body::append_to(Expr* target, Expr* value) {
  auto* e = as<CallExpr>(unparen(value));
  if (e == nullptr || e->args.empty() || spreads(e)) return nullptr;
  Expr* fun = unparen(e->fun);
  auto* name = as<Name>(fun);
  if (fun->mode != Mode::Builtin || name == nullptr || static_cast<types::Builtin*>(name->object)->id != BuiltinId::Append) return nullptr;
  return same_place(target, e->args[0]) ? e : nullptr;
}

void Body::append_in_place(Place p, CallExpr* e) {
  // As in gc, what is appended is evaluated before the slice is read, and an argument that panics leaves no new entry in a map.
  std::vector<Val> operands = append_operands(e);
  settle(p);
  check_nil(p);
  // What lies in a map may move now, and what holds the slice changes before it is copied.
  if (p.kind == Place::MapElem || (!e->has_dots && may_hold(elem_of_slice(p.type), p.type))) {
    for (Val& v : operands) v = stabilize(v);
  }
  ValueId header;
  if (p.kind == Place::MapElem) {
    pos = e->pos;
    header = map_assign(p.map, p.key);
  } else {
    header = offset(p.addr, p.offset);
  }
  append_tail(load(p.type, header), operands, e, header);
}

std::vector<Val> Body::builtin_call(CallExpr* e, BuiltinId id) {
  switch (id) {
    case BuiltinId::Append: {
      Type* t = type_of(e);
      if (spreads(e)) {
        std::vector<Val> values = builtin_operands(e, id);
        for (size_t i = 1; i < values.size(); i++) values[i] = assign_convert(values[i], elem_of_slice(t));
        pos = e->pos;
        return {append(with_type(values[0], t), std::span<const Val>(values).subspan(1))};
      }
      const Val s = expr_as(e->args[0], t);
      return {append_tail(s, append_operands(e), e)};
    }
    case BuiltinId::Make: {
      std::vector<Val> sizes;
      for (size_t i = 1; i < e->args.size(); i++) {
        Expr* x = unparen(e->args[i]);
        if (x->constant != nullptr && x->mode == Mode::Constant) {
          sizes.push_back(constant(types::to_int(x->constant), default_int()));
        } else {
          sizes.push_back(expr(x));
        }
      }
      pos = e->pos;
      return {make(type_of(e), sizes)};
    }
    case BuiltinId::New: {
      Type* t = type_of(e);
      Type* elem = types::under_as<types::Pointer>(t)->elem;
      Expr* x = unparen(e->args[0]);
      if (x->mode == Mode::TypeExpr) return {scalar(t, new_object(elem))};
      const Val v = expr_as(x, elem);
      pos = e->pos;
      const ValueId p = new_object(elem);
      store(p, 0, v);
      return {scalar(t, p)};
    }
    case BuiltinId::Len:
    case BuiltinId::Cap: {
      // Of arrays: only for effects of the operand.
      Expr* x = unparen(e->args[0]);
      const Val v = expr(x);
      pos = e->pos;
      return {scalar(type_of(e), id == BuiltinId::Len ? len(v) : cap(v))};
    }
    case BuiltinId::UnsafeSizeof:
    case BuiltinId::UnsafeAlignof: {
      Type* t = type_of(e->args[0]);
      return {scalar(type_of(e), i64(id == BuiltinId::UnsafeSizeof ? types::size_of(t) : types::align_of(t)))};
    }
    case BuiltinId::UnsafeOffsetof: {
      auto* s = as<SelectorExpr>(unparen(e->args[0]));
      CHECK(s != nullptr && s->selection != nullptr, "Offsetof of a field");
      Type* t = type_of(s->x);
      if (auto* p = types::under_as<types::Pointer>(t)) t = p->elem;
      int64_t at = 0;
      for (uint32_t i : s->selection->path) {
        auto* st = types::under_as<types::Struct>(t);
        at += types::field_offset(st, i);
        t = st->fields[i]->type;
      }
      return {scalar(type_of(e), i64(at))};
    }
    default: {
      const std::vector<Val> operands = builtin_operands(e, id);
      pos = e->pos;
      Type* result = e->type == nullptr || types::as<types::Tuple>(e->type) != nullptr || types::is_invalid(e->type) ? nullptr : type_of(e);
      std::vector<Val> r = builtin(id, operands, result);
      if (!r.empty() && result != nullptr && r[0].type != result && id != BuiltinId::Recover) r[0] = with_type(r[0], result);
      return r;
    }
  }
}

}  // namespace gale::lower
