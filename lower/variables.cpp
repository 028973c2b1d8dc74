// Variables: where they live, how they are read and written.
#include <utility>

#include "base/check.h"
#include "discover/names.h"
#include "lower/body.h"
#include "lower/program_impl.h"

namespace gale::lower {

Type* Body::subst(Type* t) {
  if (t == nullptr) return nullptr;
  if (from.empty()) return program.types.get(t);
  auto it = substituted.find(t);
  if (it != substituted.end()) return it->second;
  Type* r = program.types.get(t, from, to);
  substituted[t] = r;
  return r;
}

std::vector<Type*> Body::subst(std::span<Type* const> ts) {
  std::vector<Type*> out;
  for (Type* t : ts) out.push_back(subst(t));
  return out;
}

Type* Body::type_of(const syntax::Expr* e) {
  CHECK(e->type != nullptr, "an expression that was checked");
  Type* t = e->type;
  if (types::is_untyped(t)) t = types::default_type(t);
  return subst(t);
}

Type* Body::default_int() { return program.types.get(types::basic(types::BasicKind::Int)); }

namespace {

// Larger variables live in the heap, as gc has it: frames are copied when a stack grows, and a stack has at most a gigabyte.
constexpr uint64_t kMaxFrameVariable = 128 << 10;

}  // namespace

Variable& Body::declare(types::Var* v, Type* t) {
  Variable x;
  x.type = t;
  const bool by_reference = (v->middle & kCaptured) != 0 && ((v->middle & kReassigned) != 0 || shape(t).size > 128);
  if ((v->middle & kAddressTaken) != 0 || by_reference || shape(t).size > kMaxFrameVariable) {
    x.kind = Variable::Box;
    x.ssa = new_ssa(Ty::Ptr);
    write_ssa(x.ssa, new_variable(t, v));
  } else if (shape(t).split) {
    x.kind = Variable::Ssa;
    for (const Component& c : shape(t).parts) {
      const uint32_t id = new_ssa(c.ty);
      if (&c == &shape(t).parts[0]) x.ssa = id;
    }
  } else {
    x.kind = Variable::Frame;
    x.local = new_local(t, v->name.text());
    func.locals[x.local].variable = true;
    // Declared again in a loop it starts from zero; `declare_init` overwrites it at once.
  }
  return variables[v] = x;
}

void Body::declare_init(types::Var* v, const Val& init) {
  if (v == nullptr || v->name.text() == "_") return;
  const Val kept = stabilize(init);
  Variable& x = declare(v, init.type);
  write(x, kept);
}

Variable* Body::lookup(const types::Var* v) {
  auto it = variables.find(v);
  return it == variables.end() ? nullptr : &it->second;
}

ValueId Body::address(const Variable& v) {
  switch (v.kind) {
    case Variable::Ssa: break;
    case Variable::Frame: return v.addr.valid() ? v.addr : local_addr(v.local);
    case Variable::Box: return read_ssa(v.ssa);
    case Variable::BoxInFrame: return op(Op::Load, Ty::Ptr, {local_addr(v.local)});
  }
  CHECK(false, "a variable with an address");
  return {};
}

Val Body::read(const Variable& v) {
  if (v.kind != Variable::Ssa) {
    if (v.kind == Variable::Box && block.valid()) {
      // The box of a variable is never nil.
    }
    return load(v.type, address(v));
  }
  Val x;
  x.type = v.type;
  const size_t n = shape(v.type).parts.size();
  for (size_t i = 0; i < n; i++) x.parts.push_back(read_ssa(v.ssa + static_cast<uint32_t>(i)));
  return x;
}

void Body::write(const Variable& v, const Val& value) {
  if (v.kind != Variable::Ssa) return store(address(v), 0, value);
  for (size_t i = 0; i < value.parts.size(); i++) write_ssa(v.ssa + static_cast<uint32_t>(i), value.parts[i]);
}

namespace {

// Is it data of the C++ side (base/abi/symbols.def), which Go may name by linkname?
bool is_runtime_data(Symbol name) {
  static constexpr std::string_view kNames[] = {
#define DATA_SYMBOL(name, doc) name,
#define LINK_SYMBOL(name, doc) name,
#include "base/abi/symbols.def"
#undef DATA_SYMBOL
#undef LINK_SYMBOL
      "runtime.writeBarrier",
  };
  return std::find(std::begin(kNames), std::end(kNames), name.text()) != std::end(kNames);
}

}  // namespace

ValueId Body::global_addr(types::Var* v) {
  if (v->type == nullptr) program.checker.object_decl(v);
  if (shape(subst(v->type)).size == 0) return sym_addr(Symbol("runtime.zerobase"));
  const Symbol name = program.linknames.symbol_of(v);
  types::Var* definer = program.linknames.variable(name);
  if (definer == nullptr && is_runtime_data(name)) {
    program.references.external(name);
  } else {
    program.references.variable(name, definer != nullptr ? definer : v);
  }
  return sym_addr(name);
}

Val Body::read_var(types::Var* v) {
  if (v->role == types::VarRole::Package) return load(subst(v->type), global_addr(v));
  const Variable* x = lookup(v);
  CHECK(x != nullptr, std::string("a variable that was declared: ") + std::string(v->name.text()));
  return read(*x);
}

Place Body::var_place(types::Var* v) {
  Place p;
  if (v->role == types::VarRole::Package) {
    p.kind = Place::Memory;
    p.type = subst(v->type);
    p.addr = global_addr(v);
    return p;
  }
  const Variable* x = lookup(v);
  CHECK(x != nullptr, std::string("a variable that was declared: ") + std::string(v->name.text()));
  p.type = x->type;
  if (x->kind == Variable::Ssa) {
    p.kind = Place::Ssa;
    p.ssa = x->ssa;
  } else {
    p.kind = Place::Memory;
    p.addr = address(*x);
  }
  return p;
}

void Body::settle(Place& p) {
  if (!p.index.valid()) return;
  const Pos statement = std::exchange(pos, p.index_pos);
  check_bounds(p.index, p.length, ir::BoundsKind::Index, p.index_unsigned);
  // Of a slice the base is not nil now; of a pointer to an array it may be.
  int64_t fixed;
  if (ir::is_const(func, p.length, &fixed)) p.addr = nil_check(p.addr);
  p.addr = element_address(p.addr, p.index, p.element);
  p.index = ValueId();
  p.not_nil = true;
  pos = statement;
}

void Body::check_nil(Place& p) {
  if (p.kind != Place::Memory || p.not_nil) return;
  p.not_nil = true;
  if (!is_stack_address(p.addr)) p.addr = nil_check(p.addr);
}

Val Body::read_place(const Place& place) {
  Place p = place;
  settle(p);
  switch (p.kind) {
    case Place::Blank: break;
    case Place::Ssa: {
      Variable v;
      v.ssa = p.ssa;
      v.type = p.type;
      return read(v);
    }
    case Place::Memory: return load(p.type, p.addr, p.offset);
    case Place::MapElem: return map_get(p.map, p.key, nullptr);
  }
  CHECK(false, "a place that can be read");
  return {};
}

void Body::write_place(const Place& place, const Val& v) {
  Place p = place;
  settle(p);
  switch (p.kind) {
    case Place::Blank: return;
    case Place::Ssa: {
      Variable x;
      x.ssa = p.ssa;
      x.type = p.type;
      return write(x, v);
    }
    case Place::Memory: return store(p.addr, p.offset, v);
    case Place::MapElem: {
      const Val kept = stabilize(v);
      return store(map_assign(p.map, p.key), 0, kept);
    }
  }
}

}  // namespace gale::lower
