// Instructions that not every amd64 has: a flag of the runtime tells whether this one does; if not, a cold tail computes the same.
#include "amd64/encoder.h"

namespace gale::amd64 {

using Size = Assembler::Size;

namespace {

enum RoundMode : int { kNearestEven, kFloor, kCeil, kTruncate };  // of roundsd

}  // namespace

void Encoder::feature(const Inst& inst, std::string_view flag) {
  as_.rm(MOp::CmpMI, {1}, RAX, {.rip = true, .symbol = Symbol(flag)}, 0);
  uint32_t cold = new_label(), back = new_label();
  tails_.push_back({&inst, cold, in_frame_, back});
  end_chunk(Branch::Conditional, Cond::E, cold);
  Reg d = def_reg(inst, 0), x = use_reg(inst, 0);
  if (inst.op == MOp::Popcnt) {
    as_.rr(MOp::XorRM, {4}, d, d);  // some processors wait for the old contents
    as_.rr(MOp::PopcntRM, {8}, d, x);
  } else {
    as_.rr(MOp::XorpRM, {4}, d, d);
    as_.rr(MOp::RoundsRMI, {8}, d, x, 8 | inst.imm);  // bit 3: no inexact exception
  }
  place_label(back);
}

void Encoder::feature_tail(const Tail& tail) {
  place_label(tail.label);
  if (tail.inst->pos.valid()) mark_position(tail.inst->pos, tail.inst->inlined);
  in_frame_ = tail.in_frame;
  body_depth();
  if (tail.inst->op == MOp::Popcnt) popcount_tail(*tail.inst);
  else round_tail(*tail.inst);
  end_chunk(Branch::Jump, Cond::O, tail.back);
}

// Counts pairs, nibbles, then bytes by a multiplication (Hacker's Delight, 5-1).
void Encoder::popcount_tail(const Inst& inst) {
  Reg d = def_reg(inst, 0), mask = def_reg(inst, 1), t = def_reg(inst, 2), x = use_reg(inst, 0);
  auto load = [&](int64_t value) { as_.load_imm(mask, value, true); };
  auto copy = [&](Reg to, Reg from) { as_.rr(MOp::MovRM, {8}, to, from); };
  load(0x5555555555555555);
  copy(t, x);
  as_.m(MOp::ShrMI, {8}, t, 1);
  as_.rr(MOp::AndRM, {8}, t, mask);
  copy(d, x);
  as_.rr(MOp::SubRM, {8}, d, t);
  load(0x3333333333333333);
  copy(t, d);
  as_.m(MOp::ShrMI, {8}, t, 2);
  as_.rr(MOp::AndRM, {8}, t, mask);
  as_.rr(MOp::AndRM, {8}, d, mask);
  as_.rr(MOp::AddRM, {8}, d, t);
  copy(t, d);
  as_.m(MOp::ShrMI, {8}, t, 4);
  as_.rr(MOp::AddRM, {8}, d, t);
  load(0x0f0f0f0f0f0f0f0f);
  as_.rr(MOp::AndRM, {8}, d, mask);
  load(0x0101010101010101);
  as_.rr(MOp::ImulRM, {8}, d, mask);
  as_.m(MOp::ShrMI, {8}, d, 56);
}

// From 2^52 up (and if it is no number) x is whole. Below, the conversion to an integer cuts the fraction off, and adding and
// subtracting 2^52 rounds to nearest; the sign is that of x, of zeros too.
void Encoder::round_tail(const Inst& inst) {
  constexpr uint64_t kTwo52 = 0x4330000000000000, kSign = uint64_t(1) << 63, kOne = 0x3ff0000000000000;
  Reg d = def_reg(inst, 0), t = def_reg(inst, 1), r = def_reg(inst, 2), x = use_reg(inst, 0);
  auto load = [&](Reg to, uint64_t bits) {
    as_.load_imm(r, static_cast<int64_t>(bits), true);
    as_.rr(MOp::MovToFloatRM, {8}, to, r);
  };
  load(t, ~kSign);
  as_.rr(MOp::MovapsRM, {8}, d, x);
  as_.rr(MOp::AndpRM, {8}, d, t);
  load(t, kTwo52);
  as_.rr(MOp::UcomisRM, {8}, t, d);
  uint32_t small = as_.short_jcc(Cond::A);
  as_.rr(MOp::MovapsRM, {8}, d, x);
  uint32_t whole = as_.short_jmp();
  as_.bind(small);
  if (inst.imm == kNearestEven) {
    as_.rr(MOp::AddsRM, {8}, d, t);
    as_.rr(MOp::SubsRM, {8}, d, t);
  } else {
    as_.rr(MOp::Cvtts2siRM, {8, 8}, r, x);
    as_.rr(MOp::XorpRM, {4}, d, d);
    as_.rr(MOp::Cvtsi2sRM, {8, 8}, d, r);
  }
  if (inst.imm == kFloor || inst.imm == kCeil) {
    const bool floor = inst.imm == kFloor;
    as_.rr(MOp::UcomisRM, {8}, floor ? d : x, floor ? x : d);
    uint32_t right = as_.short_jcc(Cond::BE);
    load(t, kOne);
    as_.rr(floor ? MOp::SubsRM : MOp::AddsRM, {8}, d, t);
    as_.bind(right);
  }
  load(t, kSign);
  as_.rr(MOp::AndnpRM, {8}, t, d);  // without its sign
  as_.rr(MOp::MovapsRM, {8}, d, t);
  load(t, kSign);
  as_.rr(MOp::AndpRM, {8}, t, x);
  as_.rr(MOp::OrpRM, {8}, d, t);
  as_.bind(whole);
}

}  // namespace gale::amd64
