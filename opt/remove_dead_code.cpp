// Removes values that nothing needs: a mark phase from ops with effects and terminators over arguments.
//
// A load or an allocation whose result is unused goes too (a load that may fault on nil stays: Go's nil panic is observable;
// where lower has put a NilCheck, the check stays and the load goes).
// Keeps: the control-flow graph. Cost: linear in values.
#include "opt/pass_list.h"

namespace gale::opt {
namespace {

using ir::Op;
using ir::ValueId;

// Addresses within variables and elements within bounds are not nil, and what has been checked is not.
bool is_not_nil(const ir::Func& f, ValueId address) {
  while (f[address].op == Op::OffPtr || f[address].op == Op::Copy) address = f[address].args[0];
  switch (f[address].op) {
    case Op::NilCheck: case Op::LocalAddr: case Op::ResultArea: case Op::SymAddr: case Op::New: case Op::AddPtr: return true;
    default: return false;
  }
}

bool is_needed_by_itself(const ir::Func& f, const ir::Value& v) {
  switch (v.op) {
    case Op::Load: return !is_not_nil(f, v.args[0]);
    case Op::New: return false;  // an unused allocation is not observable
    case Op::Param: case Op::Closure: case Op::GetG: case Op::PtrToInt: case Op::IntToPtr: case Op::CallerSP: case Op::CallerPC:
    case Op::FrameAddr: case Op::Result: case Op::DbgValue:
      return false;
    case Op::Call: return v.call == nullptr || !(v.call->flags & ir::kCallPure);
    default: return !ir::is_pure(v.op);
  }
}

}  // namespace

bool remove_dead_code(ir::Func& f, PassContext&) {
  std::vector<uint8_t> live(f.values.size());
  std::vector<ValueId> work;
  auto need = [&](ValueId v) {
    if (v.valid() && !live[v.index]) {
      live[v.index] = 1;
      work.push_back(v);
    }
  };
  for (const ir::Block& b : f.blocks) {
    if (b.removed) continue;
    for (ValueId v : b.values) {
      if (is_needed_by_itself(f, f[v])) need(v);
    }
    need(b.control);
    for (ValueId v : b.return_args) need(v);
  }
  while (!work.empty()) {
    ValueId v = work.back();
    work.pop_back();
    for (ValueId a : f[v].args) need(a);
  }
  bool changed = false;
  for (ir::Block& b : f.blocks) {
    if (b.removed) continue;
    size_t kept = 0;
    for (ValueId v : b.values) {
      // A debug value lives only as long as what it describes.
      bool keep = live[v.index] || (f[v].op == Op::DbgValue && live[f[v].args[0].index]);
      if (keep) b.values[kept++] = v;
      else f[v].block = ir::BlockId();
    }
    changed |= kept != b.values.size();
    b.values.resize(kept);
  }
  return changed;
}

}  // namespace gale::opt
