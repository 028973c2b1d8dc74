// Values in scalars and in memory: loads, stores, copies, fields.
#include "base/check.h"
#include "discover/layout.h"
#include "lower/body.h"

namespace gale::lower {

Val Body::scalar(Type* t, ValueId v) {
  Val x;
  x.type = t;
  x.parts.push_back(v);
  return x;
}

Val Body::val(Type* t, std::initializer_list<ValueId> parts) {
  Val x;
  x.type = t;
  x.parts.assign(parts.begin(), parts.end());
  return x;
}

Val Body::memory(Type* t, ValueId addr, bool owned) {
  Val x;
  x.type = t;
  x.addr = addr;
  x.owned = owned;
  return x;
}

Val Body::zero(Type* t) {
  const Shape& s = shape(t);
  if (!s.split) return memory(t, fresh_temporary(t), true);
  Val x;
  x.type = t;
  for (const Component& c : s.parts) {
    x.parts.push_back(c.ty == Ty::F32 || c.ty == Ty::F64 ? fconst(c.ty, 0) : iconst(c.ty, 0));
  }
  return x;
}

namespace {

// Could arrays of this size at two addresses overlap without being the same? Conversions of slices to array pointers make such.
bool may_overlap_partly(const ir::Func& f, ValueId a, ValueId b, uint64_t size) {
  struct Base {
    ValueId value;
    int64_t offset = 0;
    bool object = false, whole = false;  // a variable; all of one
  };
  auto base_of = [&](ValueId v) {
    Base base;
    while (f[v].op == Op::OffPtr) {
      base.offset += f[v].aux;
      v = f[v].args[0];
    }
    base.value = v;
    const bool local = f[v].op == Op::LocalAddr;
    base.object = local || f[v].op == Op::New || f[v].op == Op::SymAddr;
    base.whole = local && f.locals[ir::LocalId(static_cast<uint32_t>(f[v].aux))].size == size;
    return base;
  };
  const Base x = base_of(a), y = base_of(b);
  if (x.whole || y.whole) return false;
  if (x.value == y.value) {
    const int64_t distance = x.offset > y.offset ? x.offset - y.offset : y.offset - x.offset;
    return distance != 0 && static_cast<uint64_t>(distance) < size;
  }
  return !x.object || !y.object;
}

}  // namespace

Val Body::load(Type* t, ValueId addr, int64_t at) {
  const Shape& s = shape(t);
  if (!s.split) return memory(t, offset(addr, at));
  Val x;
  x.type = t;
  for (const Component& c : s.parts) x.parts.push_back(op(Op::Load, c.ty, {addr}, at + static_cast<int64_t>(c.offset)));
  return x;
}

void Body::store(ValueId addr, int64_t at, const Val& v) {
  const Shape& s = shape(v.type);
  if (s.size == 0) return;
  const bool on_stack = is_stack_address(addr);
  if (v.in_memory()) {
    const ValueId to = offset(addr, at);
    if (to == v.addr) return;
    if (s.pointers && !on_stack) {
      op_type(Op::MoveTyped, Ty::Void, {to, v.addr}, v.type);
    } else if (!v.owned && types::under_as<types::Array>(v.type) != nullptr && may_overlap_partly(func, to, v.addr, s.size)) {
      rt("memmove", {to, v.addr, i64(static_cast<int64_t>(s.size))});
    } else {
      op(Op::Move, Ty::Void, {to, v.addr}, static_cast<int64_t>(s.size));
    }
    return;
  }
  CHECK(v.parts.size() == s.parts.size(), "a value with the scalars of its type");
  for (size_t i = 0; i < s.parts.size(); i++) {
    const Component& c = s.parts[i];
    op(c.pointer && !on_stack ? Op::StorePtr : Op::Store, Ty::Void, {addr, v.parts[i]}, at + static_cast<int64_t>(c.offset));
  }
}

void Body::store_zero(ValueId addr, int64_t at, Type* t) {
  const Shape& s = shape(t);
  if (s.size == 0) return;
  if (s.split) return store(addr, at, zero(t));
  const ValueId to = offset(addr, at);
  if (s.pointers && !is_stack_address(addr)) {
    op_type(Op::ZeroTyped, Ty::Void, {to}, t);
  } else {
    op(Op::Zero, Ty::Void, {to}, static_cast<int64_t>(s.size));
  }
}

Val Body::stabilize(const Val& v) {
  if (!v.in_memory() || v.owned) return v;
  const ValueId to = room(v.type);
  store(to, 0, v);
  return memory(v.type, to, true);
}

// The limit is gc's: a program may rely on a small stack (debug.SetMaxStack).
ValueId Body::room(Type* t) {
  constexpr uint64_t kMaxInFrame = 64 << 10;
  return shape(t).size > kMaxInFrame ? new_object(t) : local_addr(new_local(t));
}

LocalId Body::new_local(Type* t, std::string_view name) {
  const Shape& s = shape(t);
  ir::Local l;
  if (!name.empty()) l.name = Symbol(name);
  l.size = s.size;
  l.align = std::max(s.align, 1u);
  l.type = t;
  if (s.pointers) l.pointer_mask = program.pointer_mask(t);
  l.pos = pos;
  return func.add_local(l);
}

LocalId Body::new_local(uint64_t size, uint32_t align, std::span<const uint8_t> mask) {
  ir::Local l;
  l.size = size;
  l.align = align;
  l.pointer_mask = func.arena.copy(mask);
  l.pos = pos;
  return func.add_local(l);
}

ValueId Body::temporary(const Val& v) {
  if (v.in_memory()) return v.addr;
  const ValueId to = room(v.type);
  store(to, 0, v);
  return to;
}

ValueId Body::fresh_temporary(Type* t) {
  const ValueId to = room(t);
  store_zero(to, 0, t);
  return to;
}

Val Body::field(const Val& v, uint32_t index) {
  auto* s = types::under_as<types::Struct>(v.type);
  CHECK(s != nullptr && index < s->fields.size(), "a field of a struct value");
  Type* t = s->fields[index]->type;
  const int64_t at = types::field_offset(s, index);
  if (v.in_memory()) {
    Val x = load(t, v.addr, at);
    x.owned = v.owned && x.in_memory();
    return x;
  }
  size_t first = 0;
  for (uint32_t i = 0; i < index; i++) first += shape(s->fields[i]->type).parts.size();
  Val x;
  x.type = t;
  const size_t n = shape(t).parts.size();
  for (size_t i = 0; i < n; i++) x.parts.push_back(v.parts[first + i]);
  return x;
}

Values Body::scalars(const Val& v) {
  if (!v.in_memory()) return v.parts;
  const Shape& s = shape(v.type);
  CHECK(s.flat, "a type that can be taken apart");
  Values out;
  for (const Component& c : s.parts) out.push_back(op(Op::Load, c.ty, {v.addr}, static_cast<int64_t>(c.offset)));
  return out;
}

ValueId Body::new_object(Type* t) {
  if (shape(t).size == 0) return sym_addr(Symbol("runtime.zerobase"));
  program.references.type(t, false);
  return op_type(Op::New, Ty::Ptr, {}, t);
}

ValueId Body::new_variable(Type* t, const types::Var* v) {
  const ValueId object = new_object(t);
  if (func[object].op == Op::New && v->pos.valid()) func[object].pos = v->pos;
  return object;
}

namespace {

// A word of a map or channel header; 0 for nil.
ValueId header_word(Body& b, ValueId p, int64_t at) {
  const BlockId start = b.block;
  if (!start.valid()) return b.i64(0);
  const uint32_t result = b.new_ssa(Ty::I64);
  const BlockId read = b.new_block(), done = b.new_block();
  b.write_ssa(result, b.i64(0));
  b.branch(b.op(Op::Eq, Ty::Bool, {p, b.nil_ptr()}), done, read);
  b.start_sealed(read);
  b.write_ssa(result, b.op(Op::Load, Ty::I64, {p}, at));
  b.jump(done);
  b.start_sealed(done);
  return b.read_ssa(result);
}

}  // namespace

ValueId Body::len(const Val& v) {
  Type* u = types::underlying(v.type);
  if (auto* p = types::as<types::Pointer>(u)) u = types::underlying(p->elem);
  if (auto* a = types::as<types::Array>(u)) return i64(a->length);
  if (types::as<types::Map>(u) != nullptr || types::as<types::Chan>(u) != nullptr) return header_word(*this, v.parts[0], 0);
  return v.parts[1];
}

ValueId Body::cap(const Val& v) {
  Type* u = types::underlying(v.type);
  if (auto* p = types::as<types::Pointer>(u)) u = types::underlying(p->elem);
  if (auto* a = types::as<types::Array>(u)) return i64(a->length);
  if (types::as<types::Chan>(u) != nullptr) return header_word(*this, v.parts[0], 8);
  return v.parts[2];
}

}  // namespace gale::lower
