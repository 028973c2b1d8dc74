// Interface values: making them, their dynamic types, type assertions.
#include <xxhash.h>

#include "base/check.h"
#include "discover/layout.h"
#include "discover/names.h"
#include "lower/body.h"

namespace gale::lower {

namespace {

bool is_empty_interface(Body& b, Type* t) { return b.program.types.interface_methods(t).empty(); }

// Read-only data for a value whose scalars are all constants. False: some are not.
bool constant_data(Body& b, const Val& v, ir::Data* d) {
  if (v.in_memory() || v.parts.empty()) return false;
  const Shape& s = b.shape(v.type);
  d->bytes.resize(s.size);
  d->size = s.size;
  d->align = s.align;
  for (size_t i = 0; i < v.parts.size(); i++) {
    const ir::Value& p = b.func[v.parts[i]];
    const size_t at = s.parts[i].offset;
    if (p.op == Op::Const || p.op == Op::ConstF) {
      std::memcpy(d->bytes.data() + at, &p.aux, static_cast<size_t>(ir::size_of(p.ty)));
    } else if (p.op == Op::SymAddr) {
      d->relocs.push_back({at, p.symbol, p.aux});
    } else {
      return false;
    }
  }
  std::string key(reinterpret_cast<const char*>(d->bytes.data()), d->bytes.size());
  for (const ir::DataReloc& r : d->relocs) {
    key += std::to_string(r.offset) + "+" + std::to_string(r.addend) + ":" + std::string(r.symbol.text());
  }
  key += "/" + std::to_string(s.align);
  const XXH128_hash_t h = XXH3_128bits(key.data(), key.size());
  char name[64];
  std::snprintf(name, sizeof name, "go:constant.%016llx%016llx", static_cast<unsigned long long>(h.high64),
                static_cast<unsigned long long>(h.low64));
  d->name = Symbol(name);
  d->dup_ok = true;
  return true;
}

// The table of `type` (Addr, or 0 for nil) for an interface type: the one that this function found last time for it, else by
// the runtime. A table names its type, so one word is a cache that cannot be read half-written.
ValueId table_for(Body& b, Type* interface, ValueId type, std::string_view gate) {
  auto pointer = [&](ValueId addr) { return b.op(Op::IntToPtr, Ty::Ptr, {addr}); };
  const ValueId inter = b.type_addr(interface);
  b.program.references.any_itab(interface);
  ir::Data d;
  d.name = Symbol("gale:itab." + std::string(b.func.name.text()) + "." + std::string(b.func[inter].symbol.text()));
  d.kind = ir::DataKind::Bss;
  d.size = d.align = 8;
  d.dup_ok = true;
  const Symbol cache = d.name;
  b.program.add_data(std::move(d));
  const uint32_t result = b.new_ssa(Ty::Addr);
  const BlockId check = b.new_block(), find = b.new_block(), keep = b.new_block(), done = b.new_block();
  const ValueId last = b.op(Op::Load, Ty::Addr, {b.sym_addr(cache)});
  b.write_ssa(result, last);
  b.branch(b.op(Op::Ne, Ty::Bool, {last, b.iconst(Ty::Addr, 0)}), check, find);
  b.start_sealed(check);
  b.branch(b.op(Op::Eq, Ty::Bool, {b.op(Op::Load, Ty::Addr, {last}, 8), type}), done, find, 1);
  b.start_sealed(find);
  const ValueId tab = b.op(Op::PtrToInt, Ty::Addr, {b.rt(gate, {pointer(inter), pointer(type)})});
  b.write_ssa(result, tab);
  b.branch(b.op(Op::Ne, Ty::Bool, {tab, b.iconst(Ty::Addr, 0)}), keep, done);
  b.start_sealed(keep);
  b.op(Op::Store, Ty::Void, {b.sym_addr(cache), tab});
  b.jump(done);
  b.start_sealed(done);
  return b.read_ssa(result);
}

}  // namespace

ValueId Body::data_word(const Val& v) {
  const Shape& s = shape(v.type);
  if (discover::is_direct_iface(v.type)) return scalars(v)[0];
  if (s.size == 0) return sym_addr(Symbol("runtime.zerobase"));
  ir::Data d;
  if (constant_data(*this, v, &d)) {
    const Symbol name = d.name;
    program.add_data(std::move(d));
    return sym_addr(name);
  }
  if (!v.in_memory() && v.parts.size() == 1) {
    const ValueId x = v.parts[0];
    switch (func[x].ty) {
      case Ty::Bool:
      case Ty::I8: {
        const ValueId n = func[x].ty == Ty::Bool ? op(Op::ZExt, Ty::I64, {x}) : to_i64(x, false);
        return op(Op::AddPtr, Ty::Ptr, {sym_addr(Symbol("runtime.staticuint64s")), n}, 8);
      }
      case Ty::I16: return rt("convT16", {x});
      case Ty::I32: return rt("convT32", {x});
      case Ty::I64: return rt("convT64", {x});
      default: break;
    }
  }
  if (types::is_string(v.type)) return rt("convTstring", {v.parts[0], v.parts[1]});
  if (types::under_as<types::Slice>(v.type) != nullptr) return rt("convTslice", {v.parts[0], v.parts[1], v.parts[2]});
  const ValueId box = new_object(v.type);
  store(box, 0, v);
  return box;
}

Val Body::from_data_word(ValueId word, Type* t) {
  if (shape(t).size == 0) return zero(t);
  if (discover::is_direct_iface(t)) return scalar(t, word);
  Val v = load(t, word);
  v.owned = v.in_memory();  // what an interface holds never changes
  return v;
}

ValueId Body::dynamic_type(const Val& iface) {
  if (is_empty_interface(*this, iface.type)) return iface.parts[0];
  if (!block.valid()) return iface.parts[0];
  const uint32_t result = new_ssa(Ty::Addr);
  const BlockId read = new_block(), done = new_block();
  write_ssa(result, iconst(Ty::Addr, 0));
  branch(op(Op::Eq, Ty::Bool, {iface.parts[0], iconst(Ty::Addr, 0)}), done, read);
  start_sealed(read);
  write_ssa(result, op(Op::Load, Ty::Addr, {iface.parts[0]}, 8));
  jump(done);
  start_sealed(done);
  return read_ssa(result);
}

Val Body::to_interface(const Val& v, Type* t) {
  if (!types::is_interface(v.type)) {
    const ValueId data = data_word(v);
    if (is_empty_interface(*this, t)) return val(t, {type_addr(v.type, true), data});
    program.references.type(v.type, true);
    return val(t, {itab_addr(v.type, t, true), data});
  }
  Type *fu = types::underlying(v.type), *tu = types::underlying(t);
  // Tables are compared as pointers, so one for the other interface type is wanted even if the methods are the same.
  if (v.type == t || (fu == tu && is_empty_interface(*this, t))) return with_type(v, t);
  if (is_empty_interface(*this, t)) {
    const ValueId word = dynamic_type(v);
    return val(t, {word, v.parts[1]});
  }
  const ValueId type = dynamic_type(v);
  return val(t, {table_for(*this, t, type, "assertE2I2"), v.parts[1]});
}

bool Body::implements(Type* concrete, Type* interface) {
  for (const auto& m : program.types.interface_methods(interface)) {
    const auto* have = program.types.find_method(concrete, m.name, m.package);
    if (have == nullptr || have->signature != m.signature) return false;
  }
  return true;
}

ValueId Body::has_type(const Val& x, Type* concrete) {
  if (is_empty_interface(*this, x.type)) return op(Op::Eq, Ty::Bool, {x.parts[0], type_addr(concrete)});
  if (!implements(concrete, x.type)) return bool_const(false);
  return op(Op::Eq, Ty::Bool, {x.parts[0], itab_addr(concrete, x.type, false)});
}

Val Body::type_assert(const Val& x, Type* t, ValueId* ok) {
  auto pointer = [&](ValueId addr) { return op(Op::IntToPtr, Ty::Ptr, {addr}); };
  if (types::is_interface(t)) {
    const ValueId type = dynamic_type(x);
    if (is_empty_interface(*this, t)) {
      const ValueId present = op(Op::Ne, Ty::Bool, {type, iconst(Ty::Addr, 0)});
      if (ok != nullptr) {
        *ok = present;
        return val(t, {type, x.parts[1]});
      }
      const BlockId bad = new_block(), good = new_block();
      branch(present, good, bad, 1);
      start_sealed(bad);
      rt_noreturn("panicnildottype", {pointer(type_addr(t))});
      start_sealed(good);
      return val(t, {type, x.parts[1]});
    }
    const ValueId word = table_for(*this, t, type, ok != nullptr ? "assertE2I2" : "assertE2I");
    if (ok == nullptr) return val(t, {word, x.parts[1]});
    *ok = op(Op::Ne, Ty::Bool, {word, iconst(Ty::Addr, 0)});
    // A failed assertion gives the zero value, data word included.
    return val(t, {word, select(*ok, x.parts[1], nil_ptr())});
  }
  const ValueId same = has_type(x, t);
  const BlockId good = new_block(), bad = new_block();
  if (ok == nullptr) {
    branch(same, good, bad, 1);
    start_sealed(bad);
    const bool empty = is_empty_interface(*this, x.type);
    rt_noreturn(empty ? "panicdottypeE" : "panicdottypeI",
                {pointer(x.parts[0]), pointer(type_addr(t)), pointer(type_addr(x.type))});
    start_sealed(good);
    return from_data_word(x.parts[1], t);
  }
  const BlockId done = new_block();
  const Shape& s = shape(t);
  const uint32_t ok_var = new_ssa(Ty::Bool);
  Variable result;
  result.type = t;
  if (s.split) {
    for (size_t i = 0; i < s.parts.size(); i++) {
      const uint32_t id = new_ssa(s.parts[i].ty);
      if (i == 0) result.ssa = id;
    }
  } else {
    result.kind = Variable::Frame;
    result.local = new_local(t);
  }
  branch(same, good, bad);
  start_sealed(good);
  write_ssa(ok_var, bool_const(true));
  write(result, from_data_word(x.parts[1], t));
  jump(done);
  start_sealed(bad);
  write_ssa(ok_var, bool_const(false));
  if (s.split) {
    write(result, zero(t));
  } else {
    store_zero(address(result), 0, t);
  }
  jump(done);
  start_sealed(done);
  *ok = read_ssa(ok_var);
  Val v = read(result);
  v.owned = v.in_memory();
  return v;
}

}  // namespace gale::lower
