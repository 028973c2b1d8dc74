// Selection of calls, returns and parameters: ABIInternal as CallSig describes it (ABI.md sections 1, 2, 4).
#include "amd64/select.h"

#include <algorithm>

#include "base/check.h"

namespace gale::amd64 {

using ir::AbiSlot;
using ir::Op;

namespace {

Reg slot_reg(const AbiSlot& s) {
  return s.kind == AbiSlot::IntReg ? kAbiInt[s.reg] : static_cast<Reg>(X0 + s.reg);
}

}  // namespace

bool Selector::frame_value(const ir::Value& v, VRegInfo* info) const {
  int64_t offset = 0;
  switch (v.op) {
    case Op::Param: {
      const AbiSlot& s = f_.sig->args[static_cast<size_t>(v.aux)];
      if (s.kind != AbiSlot::Stack && s.kind != AbiSlot::Memory) return false;
      offset = s.offset;
      info->kind = s.kind == AbiSlot::Memory ? VRegInfo::Address : VRegInfo::IncomingLoad;
      break;
    }
    case Op::ResultArea:
      offset = f_.sig->results[static_cast<size_t>(v.aux)].offset;
      info->kind = VRegInfo::Address;
      break;
    case Op::CallerSP:
      info->kind = VRegInfo::Address;
      break;
    default:
      return false;
  }
  info->mem = Mem{.kind = Mem::Incoming, .disp = static_cast<int32_t>(offset)};
  return true;
}

void Selector::store_stack_args(const ir::Value& v, size_t first, const ir::CallSig& sig) {
  // Copies of memory first: a large one is itself a call.
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < sig.args.size(); i++) {
      const AbiSlot& s = sig.args[i];
      Mem to{.kind = Mem::Outgoing, .disp = static_cast<int32_t>(s.offset)};
      if (pass == 0 && s.kind == AbiSlot::Memory) copy_memory(to, address(v.args[first + i], 0), s.size);
      if (pass == 1 && s.kind == AbiSlot::Stack) store(s.ty == Ty::Void ? f_[v.args[first + i]].ty : s.ty, v.args[first + i], to);
    }
  }
}

// The demanded results: the call's own value is slot 0; Result ops follow it.
std::vector<Selector::ResultUse> Selector::results_of(ValueId call) {
  std::vector<ResultUse> out;
  if (f_[call].ty != Ty::Void && asked(call)) out.push_back({call, 0});
  const std::vector<ValueId>& values = f_[block_id_].values;
  for (size_t i = position_[call.index] + 1; i < values.size(); i++) {
    const ir::Value& r = f_[values[i]];
    if (r.op == Op::DbgValue) continue;
    if (r.op != Op::Result || r.args[0] != call) break;
    if (asked(values[i])) out.push_back({values[i], static_cast<uint32_t>(r.aux)});
  }
  return out;
}

void Selector::select_call(ValueId id) {
  const ir::Value& v = f_[id];
  const ir::CallInfo& info = *v.call;
  const ir::CallSig& sig = *info.sig;
  bool tail = (info.flags & ir::kCallTail) != 0;
  size_t first = v.op == Op::Call ? 0 : 1;
  CHECK(v.args.size() == first + sig.args.size(), "a call has an argument per slot");

  if (!tail) {
    uint32_t area = (sig.stack_size + sig.spill_size + 7) & ~7u;
    m_.outgoing = std::max(m_.outgoing, area);
    m_.has_calls = true;
    store_stack_args(v, first, sig);
  }
  std::vector<Operand> uses, defs;
  Mem target;
  VReg code = kNoVReg;
  // A closure whose code is known is called directly, with its object at hand.
  bool known_closure = v.op == Op::CallClosure && !info.callee.empty();
  if (v.op == Op::CallClosure) {
    uses.push_back(use(reg_of(v.args[0]), RDX));
  } else if (v.op == Op::CallCode) {
    if (tail) {
      uses.push_back(use(reg_of(v.args[0]), R12));
    } else if (!load_operand(v.args[0], &target)) {
      code = reg_of(v.args[0]);
      uses.push_back(use(code));
    }
  }
  for (size_t i = 0; i < sig.args.size(); i++) {
    const AbiSlot& s = sig.args[i];
    if (s.kind <= AbiSlot::FloatReg) uses.push_back(use(reg_of(v.args[first + i]), slot_reg(s)));
  }
  std::vector<ResultUse> results = results_of(id);
  std::vector<std::pair<VReg, VReg>> copies;  // a slot read twice
  for (const ResultUse& r : results) {
    const AbiSlot& s = sig.results[r.slot];
    if (s.kind > AbiSlot::FloatReg) continue;
    Reg reg = slot_reg(s);
    auto same = std::find_if(defs.begin(), defs.end(), [&](const Operand& d) { return d.reg == reg; });
    if (same != defs.end()) copies.push_back({def_of(r.value), same->vreg});
    else defs.push_back(def(def_of(r.value), reg));
  }
  MOp op = tail ? MOp::TailJump : v.op == Op::Call || known_closure ? MOp::Call : MOp::CallM;
  Inst* inst = emit_list(op, 8, defs, uses, target, 0);
  inst->clobbers = (info.flags & ir::kCallLeaf) == 0 ? kAllMask : (info.flags & ir::kCallFrameless) != 0 ? kLeafClobbers : kCLeafClobbers;
  inst->call = m_.arena.make<CallSite>();
  inst->call->info = &info;
  inst->call->safepoint = !tail && (info.flags & ir::kCallLeaf) == 0;
  if (v.op == Op::Call || known_closure) {
    inst->symbol = info.callee;
    inst->call->is_deferreturn = block_id_ == f_.defers.return_block && info.callee.text() == "runtime.deferreturn";
  } else if (v.op == Op::CallClosure) {  // through the first word of the closure; nil faults here
    for (size_t i = inst->num_defs; i < inst->all().size(); i++) {
      if (inst->operands[i].reg == RDX && inst->operands[i].vreg == reg_of(v.args[0])) inst->mem.base = static_cast<VReg>(i + 1);
    }
    inst->mem.kind = Mem::Base;
    inst->mem.disp = 0;
  }
  copy_registers(copies);
  for (const ResultUse& r : results) {
    const AbiSlot& s = sig.results[r.slot];
    Mem from{.kind = Mem::Outgoing, .disp = static_cast<int32_t>(s.offset)};
    if (s.kind == AbiSlot::Stack) load(f_[r.value].ty, def_of(r.value), from);
    if (s.kind == AbiSlot::Memory) emit(MOp::LeaRM, 8, {def(def_of(r.value))}, {}, from);
  }
}

void Selector::select_return(const ir::Block& block) {
  std::vector<Operand> uses;
  for (size_t i = 0; i < block.return_args.size(); i++) {
    const AbiSlot& s = f_.sig->results[i];
    ValueId arg = block.return_args[i];
    Mem to{.kind = Mem::Incoming, .disp = static_cast<int32_t>(s.offset)};
    if (s.kind == AbiSlot::Memory) {
      Mem from = address(arg, 0);
      if (from.kind == Mem::Incoming && from.index == kNoVReg && from.disp == to.disp) continue;  // already there
      copy_memory(to, from, s.size);
    } else if (s.kind == AbiSlot::Stack) {
      store(f_[arg].ty, arg, to);
    } else {
      uses.push_back(use(reg_of(arg), slot_reg(s)));
    }
  }
  emit_list(MOp::Return, 8, {}, uses, {}, 0);
}

void Selector::copy_registers(const std::vector<std::pair<VReg, VReg>>& copies) {
  for (auto [d, s] : copies) emit(is_float_type(m_.vregs[d].ty) ? MOp::MovapsRM : MOp::MovRM, 8, {def(d)}, {use(s)});
}

// Register parameters and the closure, as far as anyone asked for them.
void Selector::select_entry() {
  std::vector<Operand> defs;
  std::vector<std::pair<VReg, VReg>> copies;
  auto define = [&](ValueId id, Reg reg) {
    auto same = std::find_if(defs.begin(), defs.end(), [&](const Operand& d) { return d.reg == reg; });
    if (same != defs.end()) copies.push_back({def_of(id), same->vreg});
    else defs.push_back(def(def_of(id), reg));
  };
  for (ValueId id : f_[block_id_].values) {
    const ir::Value& v = f_[id];
    if (!asked(id)) continue;
    if (v.op == Op::Closure) {
      define(id, RDX);
      m_.uses_closure = true;
    }
    if (v.op != Op::Param) continue;
    const AbiSlot& s = f_.sig->args[static_cast<size_t>(v.aux)];
    if (s.kind <= AbiSlot::FloatReg) define(id, slot_reg(s));
  }
  emit_list(MOp::Entry, 8, defs, {}, {}, 0);
  copy_registers(copies);
}

}  // namespace gale::amd64
