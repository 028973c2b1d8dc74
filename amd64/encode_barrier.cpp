// Write barriers (ABI.md section 5): a test of the collector's flag before the store, and out of line what gives the overwritten
// pointers to the collector. From the test to the last store that it stands for, no signal stops the goroutine: or the collector
// could begin in between and miss what is overwritten.
//
// Neighbouring stores share one test. All of their old words are given away at the first one, so that store must be where it is
// known that the others' addresses can be read: they are in the same object (a nil pointer faults at the first of them, which is
// the first in the program too), or variables of the program. Nothing in between may leave or stop; what faults in between leaves
// words shaded that are not overwritten, which does no harm. Of two stores to one word the second overwrites what the first has
// just stored; that the collector has from where it came.

#include "amd64/encoder.h"

namespace gale::amd64 {

namespace {

constexpr size_t kMostInGroup = 8, kReach = 24;  // stores, instructions from the first to the last

// Goes on with the next instruction, and is not seen by who looks at goroutines.
bool is_plain(const Inst& inst) {
  switch (inst.op) {
    case MOp::CallM: case MOp::JmpM: case MOp::Ret: case MOp::Ud2: return false;
    case MOp::Move: case MOp::Remat: case MOp::NilTest: case MOp::Keep: return true;
    default: return desc(inst.op).form != Form::PS;
  }
}

RegMask defined(const Inst& inst) {
  RegMask mask = inst.clobbers;
  for (const Operand& d : inst.defs()) {
    if (d.reg < kNumRegs) mask |= bit(d.reg);
  }
  return mask;
}

// The value that is stored is nil.
bool stores_nil(const Inst& inst) {
  return inst.num_uses == 0 || inst.mem.base == inst.num_defs + 1u || inst.mem.index == inst.num_defs + 1u;
}

}  // namespace

bool Encoder::shares_test(const Inst& first, const Inst& later, RegMask changed) const {
  if (later.mem.kind == Mem::SymbolRip) return true;
  if (first.mem.kind != Mem::Base || later.mem.kind != Mem::Base || later.mem.scale != first.mem.scale) return false;
  auto reg = [](const Inst& i, VReg operand) { return operand == 0 ? kAnyReg : i.operands[operand - 1].reg; };
  for (VReg Mem::* part : {&Mem::base, &Mem::index}) {
    Reg r = reg(first, first.mem.*part);
    if (r != reg(later, later.mem.*part)) return false;
    if (r != kAnyReg && (changed & bit(r)) != 0) return false;
  }
  return true;
}

// cmp [wb_enabled], 0; jne tail
Encoder::Tail& Encoder::barrier_test(const Inst& inst) {
  unsafe(true);
  as_.rm(MOp::CmpMI, {4}, RAX, {.rip = true, .symbol = Symbol("runtime.wb_enabled")}, 0);
  uint32_t cold = new_label(), back = new_label();
  tails_.push_back({&inst, cold, in_frame_, back});
  end_chunk(Branch::Conditional, Cond::NE, cold);
  place_label(back);
  return tails_.back();
}

void Encoder::atomic_barrier(const Inst& inst) {
  barrier_test(inst);
  if (inst.op == MOp::XchgWB) as_.rm(MOp::XchgMR, {8}, def_reg(inst, 0), address(inst, inst.mem));
  else as_.rm(MOp::LockCmpxchgMR, {8}, use_reg(inst, 0), address(inst, inst.mem));
  unsafe(false);
}

void Encoder::store_barrier(const MBlock& block, size_t at) {
  const Inst& inst = *block.insts[at];
  if (at >= tested_until_) {
    Tail& tail = barrier_test(inst);
    tested_until_ = at + 1;
    RegMask changed = 0;
    for (size_t i = at + 1; i < block.insts.size() && i - at < kReach && tail.more.size() + 1 < kMostInGroup; i++) {
      const Inst& later = *block.insts[i];
      if (later.op != MOp::StoreWB) {
        if (!is_plain(later)) break;
        changed |= defined(later);
      } else {
        if (!shares_test(inst, later, changed)) break;
        tail.more.push_back(&later);
        tested_until_ = i + 1;
      }
    }
  }
  Address to = address(inst, inst.mem);
  if (stores_nil(inst)) as_.rm(MOp::MovMI, {8}, RAX, to, 0);
  else as_.rm(MOp::MovMR, {8}, use_reg(inst, 0), to);
  if (at + 1 == tested_until_) unsafe(false);
}

// What is overwritten, by R11.
void Encoder::barrier_tail(const Tail& tail) {
  const Inst& inst = *tail.inst;
  place_label(tail.label);
  if (inst.pos.valid()) mark_position(inst.pos, inst.inlined);
  in_frame_ = tail.in_frame;
  body_depth();
  unsafe(true);
  auto give = [&](const Inst& store) {
    as_.rm(MOp::MovRM, {8}, R11, address(store, store.mem));
    as_.call(Symbol("runtime.gcWriteBarrier"));
  };
  give(inst);
  for (const Inst* store : tail.more) give(*store);
  end_chunk(Branch::Jump, Cond::O, tail.back);
  unsafe(false);
}

}  // namespace gale::amd64
