// Selection: the walk over blocks and values, demand, and building of instructions.
#include "amd64/select.h"

#include <algorithm>

#include "amd64/block_order.h"
#include "base/check.h"

namespace gale::amd64 {

using ir::Op;
using ir::TermKind;

void select(const ir::Func& f, MFunc& m) { Selector(f, m).run(); }

void Selector::run() {
  m_.vregs.resize(kNumRegs);
  vreg_.assign(f_.values.size(), kNoVReg);
  position_.assign(f_.values.size(), 0);
  done_.assign(f_.values.size(), false);
  BlockOrder order = order_blocks(f_);
  rpo_ = std::move(order.blocks);
  count_uses();
  build_blocks(order.cold, order.depth);
  bind_phis();
  for (size_t i = rpo_.size(); i-- > 0;) select_block(rpo_[i]);
}

void Selector::count_uses() {
  uses_.assign(f_.values.size(), 0);
  tests_.assign(f_.values.size(), 0);
  for (ir::BlockId b : rpo_) {
    const ir::Block& block = f_[b];
    for (size_t i = 0; i < block.values.size(); i++) {
      const ir::Value& v = f_[block.values[i]];
      position_[block.values[i].index] = static_cast<uint32_t>(i);
      if (v.op == Op::DbgValue) continue;
      for (ValueId a : v.args) uses_[a.index]++;
      if (v.op == Op::Select) tests_[v.args[0].index]++;
    }
    if (block.control.valid()) uses_[block.control.index]++, tests_[block.control.index]++;
    for (ValueId a : block.return_args) uses_[a.index]++;
  }
}

// ---- blocks

void Selector::build_blocks(const std::vector<char>& cold, const std::vector<uint8_t>& depth) {
  block_index_.assign(f_.blocks.size(), 0xffffffff);
  // Indices: each block, then the edge blocks of its outgoing critical edges.
  std::vector<uint32_t> reachable_preds(f_.blocks.size(), 0);
  for (ir::BlockId b : rpo_) {
    for (ir::BlockId s : f_[b].succs) reachable_preds[s.index]++;
  }
  if (f_.defers.return_block.valid()) reachable_preds[f_.defers.return_block.index]++;
  uint32_t next = 0;
  for (ir::BlockId b : rpo_) {
    block_index_[b.index] = next++;
    if (f_[b].succs.size() < 2) continue;
    for (ir::BlockId s : f_[b].succs) next += reachable_preds[s.index] > 1;
  }
  m_.blocks.resize(next);
  targets_.resize(next);
  // Predecessors are entered in the order of ir preds so that phi arguments line up.
  for (ir::BlockId b : rpo_) {
    MBlock& block = m_.blocks[block_index_[b.index]];
    block.cold = cold[b.index] != 0;
    block.loop_depth = depth[b.index];
    block.preds.assign(f_[b].preds.size(), 0xffffffff);
  }
  for (ir::BlockId b : rpo_) {
    const ir::Block& block = f_[b];
    uint32_t from = block_index_[b.index];
    uint32_t edge = from + 1;
    for (size_t k = 0; k < block.succs.size(); k++) {
      ir::BlockId s = block.succs[k];
      uint32_t to = block_index_[s.index];
      uint32_t occurrence = 0;
      for (size_t j = 0; j < k; j++) occurrence += block.succs[j] == s;
      size_t pred = 0;
      for (; pred < f_[s].preds.size(); pred++) {
        if (f_[s].preds[pred] == b && occurrence-- == 0) break;
      }
      CHECK(pred < f_[s].preds.size(), "an edge is in both lists");
      uint32_t entered = to;
      if (block.succs.size() >= 2 && reachable_preds[s.index] > 1) {
        entered = edge++;
        m_.blocks[entered].preds = {from};
        m_.blocks[entered].succs = {to};
        m_.blocks[entered].cold = m_.blocks[from].cold || m_.blocks[to].cold;
        m_.blocks[entered].loop_depth = std::min(m_.blocks[from].loop_depth, m_.blocks[to].loop_depth);
        m_.blocks[to].preds[pred] = entered;
      } else {
        m_.blocks[to].preds[pred] = from;
      }
      targets_[from].push_back(static_cast<uint32_t>(m_.blocks[from].succs.size()));
      m_.blocks[from].succs.push_back(entered);
    }
  }
  if (f_.defers.return_block.valid()) m_.blocks[block_index_[f_.defers.return_block.index]].root = true;
  for (MBlock& block : m_.blocks) {
    if (block.insts.empty() && block.preds.size() == 1 && block.succs.size() == 1 && targets_[&block - m_.blocks.data()].empty()) {
      Inst* jump = m_.arena.make<Inst>();
      jump->op = MOp::Jmp;
      block.insts.push_back(jump);
    }
  }
}

// Phis: all are taken as live; edges from unreachable blocks are dropped.
void Selector::bind_phis() {
  std::vector<VReg> args;
  for (ir::BlockId b : rpo_) {
    MBlock& block = m_.blocks[block_index_[b.index]];
    std::vector<uint32_t>& preds = block.preds;
    for (ValueId id : f_[b].values) {
      const ir::Value& v = f_[id];
      if (v.op != Op::Phi) break;
      if (vreg_[id.index] == kNoVReg) vreg_[id.index] = m_.new_vreg(v.ty);
      args.clear();
      for (size_t i = 0; i < v.args.size(); i++) {
        if (preds[i] != 0xffffffff) args.push_back(reg_of(v.args[i]));
      }
      block.phis.push_back({vreg_[id.index], m_.arena.copy(args)});
    }
    std::erase(preds, 0xffffffffu);
  }
}

void Selector::number_effects(const ir::Block& block) {
  effects_.assign(block.values.size() + 1, 0);
  for (size_t i = 0; i < block.values.size(); i++) {
    Op op = f_[block.values[i]].op;
    bool orders = op != Op::Load && op != Op::DbgValue && op != Op::Phi && op != Op::Param &&
                  (ir::writes_memory(op) || ir::is_safepoint(op) || ir::may_panic(op) || ir::is_ordered(op));
    effects_[i + 1] = effects_[i] + orders;
  }
}

void Selector::select_block(ir::BlockId id) {
  uint32_t index = block_index_[id.index];
  MBlock& out = m_.blocks[index];
  block_id_ = id;
  const ir::Block& block = f_[id];
  number_effects(block);
  insts_.clear();
  group_ends_.clear();
  group_start_ = 0;
  tail_called_ = false;
  for (ValueId v : block.values) tail_called_ |= ir::aux_kind(f_[v].op) == ir::AuxKind::Call && (f_[v].call->flags & ir::kCallTail);
  at_ = static_cast<uint32_t>(block.values.size());
  pos_ = block.pos;
  inlined_ = block.inlined;
  if (!tail_called_) select_terminator(block);
  end_group();
  for (size_t i = block.values.size(); i-- > 0;) {
    ValueId v = block.values[i];
    at_ = static_cast<uint32_t>(i);
    pos_ = f_[v].pos;
    inlined_ = f_[v].inlined;
    select_value(v);
    end_group();
  }
  if (index == 0) {
    select_entry();
    end_group();
  }
  out.insts.reserve(insts_.size());
  for (size_t g = group_ends_.size(); g-- > 0;) {
    size_t start = g == 0 ? 0 : group_ends_[g - 1];
    out.insts.insert(out.insts.end(), insts_.begin() + static_cast<long>(start), insts_.begin() + group_ends_[g]);
  }
}

void Selector::end_group() {
  if (insts_.size() == group_start_) return;
  group_start_ = insts_.size();
  group_ends_.push_back(static_cast<uint32_t>(group_start_));
}

// ---- demand

Selector::ValueId Selector::resolve(ValueId v) const {
  for (;;) {
    const ir::Value& x = f_[v];
    if (x.op == Op::Copy || x.op == Op::NilCheck || x.op == Op::Trunc) {
      v = x.args[0];
    } else if (x.op == Op::ZExt && zero_extended(x.args[0])) {
      v = x.args[0];
    } else if ((x.op == Op::IntToPtr || x.op == Op::PtrToInt) && f_[through_copies(x.args[0])].op == Op::SymAddr) {
      v = x.args[0];  // never in a slot or a map, so its type does not matter
    } else {
      return v;
    }
  }
}

bool Selector::zero_extended(ValueId v) const {
  while (f_[v].op == Op::Copy) v = f_[v].args[0];
  const ir::Value& x = f_[v];
  if (x.ty == Ty::F32 || x.ty == Ty::F64) return false;
  switch (x.op) {
    case Op::Load:
      return true;
    case Op::ZExt:
      return true;
    case Op::Add: case Op::Sub: case Op::Mul: case Op::Neg: case Op::Not: case Op::And: case Op::Or: case Op::Xor:
      return x.ty == Ty::I32;
    case Op::Shl: case Op::Shr: case Op::Sar: {
      int64_t count;
      return x.ty == Ty::I32 && constant(x.args[1], &count) && count > 0 && count < 32;
    }
    default:
      return false;
  }
}

bool Selector::constant(ValueId v, int64_t* value) const {
  while (f_[v].op == Op::Copy) v = f_[v].args[0];
  if (f_[v].op != Op::Const) return false;
  *value = f_[v].aux;
  return true;
}

bool Selector::constant32(ValueId v, int64_t* value) const { return constant(v, value) && fits32(*value); }

VReg Selector::reg_of(ValueId v) {
  v = resolve(v);
  VReg& slot = vreg_[v.index];
  if (slot != kNoVReg) return slot;
  const ir::Value& x = f_[v];
  VRegInfo info;
  info.ty = x.ty;
  if (x.op == Op::Const) {
    info.kind = VRegInfo::Int;
    info.imm = x.aux;
  } else if (x.op == Op::ConstF) {
    info.kind = VRegInfo::Float;
    info.imm = x.aux;
  } else if (x.op == Op::SymAddr) {
    info.kind = VRegInfo::Address;
    info.mem.kind = Mem::SymbolRip;
    info.mem.symbol = x.symbol;
    CHECK(fits32(x.aux), "offset from a symbol fits 32 bits");
    info.mem.disp = static_cast<int32_t>(x.aux);
  } else if (x.op == Op::LocalAddr) {
    info.kind = VRegInfo::Address;
    info.mem.kind = Mem::Local;
    info.mem.id = static_cast<uint32_t>(x.aux);
  } else {
    frame_value(x, &info);
  }
  slot = m_.new_vreg(x.ty);
  m_.vregs[slot] = info;
  return slot;
}

VReg Selector::def_of(ValueId v) {
  VReg& slot = vreg_[v.index];
  if (slot == kNoVReg) slot = m_.new_vreg(f_[v].ty);
  return slot;
}

VReg Selector::int_const(int64_t value, Ty ty) {
  VReg v = m_.new_vreg(ty);
  m_.vregs[v].kind = VRegInfo::Int;
  m_.vregs[v].imm = value;
  return v;
}

VReg Selector::float_const(uint64_t bits, Ty ty) {
  VReg v = m_.new_vreg(ty);
  m_.vregs[v].kind = VRegInfo::Float;
  m_.vregs[v].imm = static_cast<int64_t>(bits);
  return v;
}

// ---- building

Inst* Selector::emit(MOp op, int width, std::initializer_list<Operand> defs, std::initializer_list<Operand> uses, Mem mem,
                     int64_t imm) {
  return emit_list(op, width, {defs.begin(), defs.size()}, {uses.begin(), uses.size()}, mem, imm);
}

// Uses that are fixed registers come last, after base and index, so that explicit operands keep their places.
Inst* Selector::emit_list(MOp op, int width, std::span<const Operand> defs, std::span<const Operand> uses, Mem mem, int64_t imm) {
  Inst* inst = m_.arena.make<Inst>();
  inst->op = op;
  inst->width = static_cast<uint8_t>(width);
  size_t n = defs.size() + uses.size() + (mem.base != kNoVReg) + (mem.index != kNoVReg);
  std::span<Operand> all = m_.arena.make_array<Operand>(n);
  size_t at = 0;
  for (const Operand& d : defs) all[at++] = d;
  for (const Operand& u : uses) {
    if (u.reg == kAnyReg) all[at++] = u;
  }
  inst->mem = mem;
  inst->mem.base = inst->mem.index = 0;
  if (mem.base != kNoVReg) {
    all[at++] = use(mem.base);
    inst->mem.base = static_cast<VReg>(at);
  }
  if (mem.index != kNoVReg) {
    all[at++] = use(mem.index);
    inst->mem.index = static_cast<VReg>(at);
  }
  for (const Operand& u : uses) {
    if (u.reg != kAnyReg) all[at++] = u;
  }
  inst->operands = all.data();
  inst->num_defs = static_cast<uint16_t>(defs.size());
  inst->num_uses = static_cast<uint16_t>(n - defs.size());
  inst->imm = imm;
  // An instruction that loads its operand faults where the load stands.
  bool loads = mem.kind == Mem::Base && folded_.valid();
  inst->pos = loads ? f_[folded_].pos : pos_;
  inst->inlined = loads ? f_[folded_].inlined : inlined_;
  if (loads) folded_ = ValueId();
  insts_.push_back(inst);
  return inst;
}

// ---- values

void Selector::select_value(ValueId id) {
  const ir::Value& v = f_[id];
  if (done_[id.index]) return;
  switch (v.op) {
    case Op::Phi: case Op::DbgValue: case Op::Const: case Op::ConstF: case Op::SymAddr: case Op::LocalAddr: case Op::Param:
    case Op::ResultArea: case Op::Closure: case Op::CallerSP: case Op::Copy: case Op::Trunc:
    case Op::Result: case Op::Bump:
      return;
    case Op::NilCheck:
      return select_nil_check(id);
    case Op::BoundsCheck:
      return select_bounds(v);
    case Op::Load:
      return select_load(id);
    case Op::Store:
      return select_store(v);
    case Op::StoreWB:
      return select_store_barrier(v);
    case Op::Move:
      return copy_memory(address(v.args[0], 0), address(v.args[1], 0), static_cast<uint64_t>(v.aux));
    case Op::Zero:
      return clear_memory(address(v.args[0], 0), static_cast<uint64_t>(v.aux));
    case Op::AtomicLoad: case Op::AtomicStore: case Op::AtomicXchg: case Op::AtomicAdd: case Op::AtomicAnd: case Op::AtomicOr:
    case Op::AtomicCas: case Op::Prefetch: case Op::Pause:
      return select_atomic(id);
    case Op::KeepAlive:
      emit(MOp::Keep, 8, {}, {use(reg_of(v.args[0]))})->operands[0].any = true;
      return;
    case Op::Call: case Op::CallClosure: case Op::CallCode:
      return select_call(id);
    default:
      break;
  }
  if (!asked(id)) return;  // pure and unused
  switch (v.op) {
    case Op::OffPtr: case Op::AddPtr:
      return select_address(id);
    case Op::PtrToInt: case Op::IntToPtr:
      emit(MOp::MovRM, 8, {def(def_of(id))}, {use(reg_of(v.args[0]))});
      return;
    case Op::GetG:
      emit(MOp::MovRM, 8, {def(def_of(id))}, {use(R14)});
      return;
    case Op::FrameAddr:
      m_.needs_frame_pointer = true;
      emit(MOp::MovRM, 8, {def(def_of(id))}, {use(RBP)});
      return;
    case Op::CallerPC:
      m_.needs_frame_pointer = true;
      load(Ty::I64, def_of(id), Mem{.kind = Mem::Base, .base = RBP, .disp = 8});
      return;
    case Op::Eq: case Op::Ne: case Op::Lt: case Op::Le: case Op::ULt: case Op::ULe: case Op::FEq: case Op::FNe: case Op::FLt: case Op::FLe:
      return select_compare(id);
    case Op::Select:
      return select_choice(id);
    case Op::IToF: case Op::UToF: case Op::FToI: case Op::FToU: case Op::FToF: case Op::Bitcast: case Op::FAdd: case Op::FSub: case Op::FMul: case Op::FDiv:
    case Op::FNeg: case Op::FAbs: case Op::FSqrt: case Op::FRound: case Op::FCopysign:
      return select_float(id);
    default:
      return select_arith(id);
  }
}

void Selector::select_terminator(const ir::Block& block) {
  switch (block.term) {
    case TermKind::Jump:
      emit(MOp::Jmp, 8, {}, {});
      return;
    case TermKind::If:
      return branch(block);
    case TermKind::Switch:
      return switch_on(block);
    case TermKind::Return:
      return select_return(block);
    case TermKind::Unreachable:
      emit(MOp::Ud2, 8, {}, {});
      return;
    case TermKind::None:
      CHECK(false, "every block has a terminator");
  }
}

}  // namespace gale::amd64
