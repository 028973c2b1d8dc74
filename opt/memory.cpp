#include "opt/memory.h"

#include <numeric>

namespace gale::opt {

using ir::Op;
using ir::Ty;
using ir::Value;
using ir::ValueId;

Memory::Memory(const ir::Func& f) : f_(f), shared_(f.locals.size()) {
  auto shares = [&](ValueId v) {
    if (!v.valid()) return;
    const Access a = access(v, 0, 0, Ty::Void);
    if (f_[a.root].op == Op::LocalAddr) shared_[static_cast<size_t>(f_[a.root].aux)] = 1;
  };
  for (const ir::Block& b : f.blocks) {
    if (b.removed) continue;
    for (ValueId id : b.values) {
      const Value& v = f_[id];
      switch (v.op) {
        case Op::OffPtr: case Op::AddPtr: case Op::NilCheck: case Op::Copy: case Op::Load: case Op::Zero: case Op::Move: case Op::DbgValue:
        case Op::Eq: case Op::Ne:
          break;
        case Op::Store: case Op::StorePtr: shares(v.args[1]); break;
        default:
          for (ValueId a : v.args) shares(a);
      }
    }
    shares(b.control);
    for (ValueId v : b.return_args) shares(v);
  }
  if (!f.defers.return_block.valid()) return;
  for (uint8_t& s : shared_) s = 1;  // deferred closures find variables by the frame
}

Access Memory::access(ValueId address, int64_t offset, int64_t size, Ty ty) const {
  Access a{address, {}, 0, offset, size, 0, ty};
  for (;;) {
    const Value& v = f_[a.root];
    if (v.op == Op::OffPtr) {
      a.offset += v.aux;
    } else if (v.op == Op::AddPtr) {
      if (!a.base.valid()) a.base = a.root, a.from_base = a.offset;
      a.stride = std::gcd(a.stride, v.aux);
      if (v.aux == 0) a.stride = 1;
    } else if (v.op != Op::NilCheck && v.op != Op::Copy) {
      if (!a.base.valid()) a.base = a.root, a.from_base = a.offset;
      return a;
    }
    a.root = v.args[0];
  }
}

bool Memory::written(ValueId id, Access* out) const {
  const Value& v = f_[id];
  switch (v.op) {
    case Op::Store: case Op::StorePtr: case Op::StoreWB:
      *out = access(v.args[0], v.aux, ir::size_of(f_[v.args[1]].ty), f_[v.args[1]].ty);
      return true;
    case Op::Zero: case Op::Move: *out = access(v.args[0], 0, v.aux, Ty::Void); return true;
    default: return false;
  }
}

bool Memory::is_private(const Access& a) const {
  const Value& v = f_[a.root];
  return v.op == Op::LocalAddr && static_cast<size_t>(v.aux) < shared_.size() && !shared_[static_cast<size_t>(v.aux)];
}

namespace {

// Of two places in one object.
bool places_overlap(const Access& a, const Access& b) {
  if (a.base == b.base) return a.from_base < b.from_base + b.size && b.from_base < a.from_base + a.size;
  const int64_t stride = std::gcd(a.stride, b.stride);
  if (stride == 0) return a.offset < b.offset + b.size && b.offset < a.offset + a.size;
  int64_t apart = (b.offset - a.offset) % stride;
  if (apart < 0) apart += stride;
  return apart < a.size || apart + b.size > stride;
}

}  // namespace

bool Memory::may_overlap(const Access& a, const Access& b) const {
  if (a.root == b.root) return places_overlap(a, b);
  const Value& x = f_[a.root];
  const Value& y = f_[b.root];
  if (x.op == Op::LocalAddr && y.op == Op::LocalAddr) {
    return x.aux == y.aux && places_overlap(a, b);
  }
  if (is_private(a) || is_private(b)) return false;
  auto own = [](const Value& v) { return v.op == Op::LocalAddr || v.op == Op::New; };
  auto older = [](const Value& v) { return v.op == Op::Param || v.op == Op::SymAddr || v.op == Op::Closure; };
  if ((own(x) && own(y)) || (own(x) && older(y)) || (older(x) && own(y))) return false;
  auto never_pointer = [](Ty ty) { return ty >= Ty::Bool && ty <= Ty::F64 && ty != Ty::I64; };
  if ((a.ty == Ty::Ptr && never_pointer(b.ty)) || (b.ty == Ty::Ptr && never_pointer(a.ty))) return false;
  return true;
}

bool Memory::cannot_fault(ValueId address) const {
  for (;;) {
    const Value& v = f_[address];
    switch (v.op) {
      case Op::LocalAddr: case Op::SymAddr: case Op::Closure: case Op::New: case Op::NilCheck: return true;
      case Op::OffPtr: case Op::Copy: address = v.args[0]; break;
      default: return false;
    }
  }
}

}  // namespace gale::opt
