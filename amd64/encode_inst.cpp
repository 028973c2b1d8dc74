// Bytes of single instructions: rows of insts.def generically, pseudos by hand.
#include <fmt/core.h>

#include "amd64/encoder.h"
#include "base/abi/abi0.h"
#include "base/abi/layout.h"
#include "base/check.h"

namespace gale::amd64 {

using Size = Assembler::Size;

constexpr int kCloseToCall = 6;  // instructions: what is issued while RBP is being loaded

Symbol float_constant_name(int width, uint64_t bits) {
  return Symbol(width == 8 ? fmt::format("$f64.{:016x}", bits) : fmt::format("$f32.{:08x}", static_cast<uint32_t>(bits)));
}

// ---- addresses

Address Encoder::incoming(int32_t disp) const {
  return {.base = in_frame_ ? RBP : RSP, .disp = Frame::incoming_base(in_frame_) + disp};
}

// Right after a call RBP has only just been loaded by the callee's POP, RSP is known: what recursion waits for is one load less.
// Elsewhere RBP makes the shorter instruction.
Address Encoder::slot(VReg v) const {
  const int32_t disp = frame_.slot_offset(f_, v), from_rsp = disp + static_cast<int32_t>(frame_.size);
  if (after_call_ > 0 && from_rsp < 128) return {.base = RSP, .disp = from_rsp};
  return {.base = RBP, .disp = disp};
}

Address Encoder::float_constant(int width, uint64_t bits) {
  std::pair<int, uint64_t> c{width, bits};
  bool known = false;
  for (const auto& k : float_constants_) known |= k == c;
  if (!known) float_constants_.push_back(c);
  return {.rip = true, .symbol = float_constant_name(width, bits)};
}

Address Encoder::address(const Inst& inst, const Mem& mem) const {
  Address a;
  a.disp = mem.disp;
  a.scale = mem.scale;
  if (mem.index != 0) a.index = inst.operands[mem.index - 1].reg;
  switch (mem.kind) {
    case Mem::Base:
      a.base = inst.operands[mem.base - 1].reg;
      break;
    case Mem::SymbolRip:
      a.rip = true;
      a.symbol = mem.symbol;
      break;
    case Mem::Local:
      a.base = RBP;
      a.disp += frame_.locals[mem.id];
      break;
    case Mem::Incoming: {
      Address in = incoming(mem.disp);
      a.base = in.base;
      a.disp = in.disp;
      break;
    }
    case Mem::Outgoing:
      a.base = RSP;
      break;
    case Mem::Slot:
      a = slot(mem.id);
      break;
    case Mem::FloatConst: {
      const VRegInfo& v = f_.vregs[mem.id];
      return const_cast<Encoder*>(this)->float_constant(v.ty == ir::Ty::F32 ? 4 : 8, static_cast<uint64_t>(v.imm));
    }
    case Mem::None:
      CHECK(false, "an address has a kind");
  }
  return a;
}

// ---- generic rows

void Encoder::row_form(const Inst& inst) {
  const InstDesc& d = desc(inst.op);
  Size size{inst.width, inst.width2};
  if (d.form == Form::ZO) return as_.zo(inst.op, inst.width);
  int next_use = 0;
  Reg reg = RAX, rm = RAX;
  if (d.reg == 'r') reg = use_reg(inst, next_use++);
  else if (d.reg != '-') reg = def_reg(inst, 0);
  if (d.reg == 'x') next_use++;  // the tied use
  bool memory = inst.mem.kind != Mem::None;
  if (d.form == Form::O) return as_.rr(inst.op, size, reg, reg);
  if (!memory) rm = d.rm == 'r' ? use_reg(inst, next_use) : def_reg(inst, 0);
  if (d.copy && !memory && reg == rm) return;
  // These write the low part only: breaks the dependency on the old contents.
  const bool keeps_rest = inst.op == MOp::Cvtsi2sRM || inst.op == MOp::SqrtsRM || inst.op == MOp::Cvtss2sdRM || inst.op == MOp::RoundsRMI;
  if (keeps_rest && (memory || reg != rm)) as_.rr(MOp::XorpRM, {4}, reg, reg);
  if (memory) as_.rm(inst.op, size, reg, address(inst, inst.mem), inst.imm, inst.cond);
  else as_.rr(inst.op, size, reg, rm, inst.imm, inst.cond);
}

// The recipe of a rematerialised address: made by select, so "no operand" is kNoVReg there.
static Mem remat_mem(const VRegInfo& v) {
  Mem m = v.mem;
  m.base = m.index = 0;
  return m;
}

// ---- pseudos

void Encoder::call(const Inst& inst) {
  if (const CallSite* call = inst.safepoint()) stack_map(maps_.row(call->live_pointers, call->live_locals));
  if (inst.call != nullptr && inst.call->is_deferreturn) deferreturn_ = {static_cast<uint32_t>(chunks_.size() - 1), as_.size()};
  if (inst.op == MOp::Call) as_.call(inst.symbol);
  else row_form(inst);
  // Assembly keeps neither X15 nor R14.
  if (inst.op == MOp::Call && abi::is_abi0(inst.symbol.text())) load_fixed_registers();
  after_call_ = kCloseToCall;
}

void Encoder::branch_to_tail(Cond cond, const Inst& inst) {
  for (const Tail& t : tails_) {  // the same check at the same place: share
    const Inst& o = *t.inst;
    if (o.op != MOp::Bounds) continue;
    if (o.pos != inst.pos || o.inlined != inst.inlined || o.symbol != inst.symbol || o.num_uses != inst.num_uses || o.imm != inst.imm || o.width2 != inst.width2) continue;
    bool same = o.mem.kind == Mem::None && inst.mem.kind == Mem::None && &inst - &o != 0;
    for (int i = 0; i < inst.num_uses; i++) same &= use_reg(o, i) == use_reg(inst, i);
    if (same) return end_chunk(Branch::Conditional, cond, t.label);
    if (tails_.size() > 64) break;
  }
  uint32_t label = new_label();
  tails_.push_back({&inst, label, in_frame_});
  end_chunk(Branch::Conditional, cond, label);
}

void Encoder::bounds(const Inst& inst) {
  bool memory = inst.mem.kind == Mem::Slot;
  if (inst.width2 != 0) {  // one side is the constant imm
    if (memory) as_.rm(MOp::CmpMI, {8}, RAX, slot(inst.mem.id), inst.imm);
    else if (inst.imm == 0) as_.rr(MOp::TestMR, {8}, use_reg(inst, 0), use_reg(inst, 0));
    else as_.m(MOp::CmpMI, {8}, use_reg(inst, 0), inst.imm);
  } else if (memory) {
    as_.rm(MOp::CmpRM, {8}, use_reg(inst, 0), slot(inst.mem.id));
  } else {
    as_.rr(MOp::CmpRM, {8}, use_reg(inst, 0), use_reg(inst, 1));
  }
  branch_to_tail(inst.cond, inst);
}

// x = run.next; run.next = x + size, unless that is beyond run.limit; then the pointer bits (ABI.md section 7). Whoever interrupts
// it starts it again, perhaps on another P: the first half alone only loses a slot. The bits come last, so that no slot is free
// with bits set.
void Encoder::bump(const Inst& inst, uint32_t slow) {
  Reg x = def_reg(inst, 0), end = def_reg(inst, 1), p = def_reg(inst, 2);
  const uint64_t size = abi::kSizeClasses[inst.bump->span_class / 2].size;
  const int32_t run = static_cast<int32_t>(abi::P::run + inst.bump->span_class * abi::AllocRun::size);
  Address next{.base = p, .disp = run + static_cast<int32_t>(abi::AllocRun::next)};
  Address limit{.base = p, .disp = run + static_cast<int32_t>(abi::AllocRun::limit)};
  restart_point_ = restart_point_ == abi::kUnsafePointRestart1 ? abi::kUnsafePointRestart2 : abi::kUnsafePointRestart1;
  interruption(restart_point_);
  as_.rm(MOp::MovRM, {8}, p, {.base = R14, .disp = static_cast<int32_t>(abi::G::p)});
  as_.rm(MOp::MovRM, {8}, x, next);
  as_.rm(MOp::LeaRM, {8}, end, {.base = x, .disp = static_cast<int32_t>(size)});
  as_.rm(MOp::CmpRM, {8}, end, limit);
  end_chunk(Branch::Conditional, Cond::A, slow);
  as_.rm(MOp::MovMR, {8}, end, next);
  if (inst.bump->mask != 0) write_mask(inst, size);
  interruption(abi::kUnsafePointSafe);
}

// The bits of a slot of 1, 2, 4 or 8 words lie in one word of the span's bitmap; others may straddle two bytes (not more: 8 words at most).
void Encoder::write_mask(const Inst& inst, uint64_t size) {
  constexpr int32_t kBitmap = abi::kPageSize - abi::kPageSize / 64;
  Reg x = def_reg(inst, 0), bits = def_reg(inst, 2), page = def_reg(inst, 3);
  const bool aligned = (size & (size - 1)) == 0;
  as_.rr(MOp::MovRM, {4}, RCX, x);
  as_.m(MOp::ShrMI, {4}, RCX, 3);
  if (!aligned) as_.m(MOp::AndMI, {4}, RCX, 7);
  as_.load_imm(bits, inst.bump->mask, true);
  as_.m(MOp::ShlMC, {aligned ? 8 : 4}, bits);
  if (!aligned) as_.rr(MOp::MovRM, {4}, RCX, x);
  as_.m(MOp::ShrMI, {4}, RCX, 6);
  as_.m(MOp::AndMI, {4}, RCX, aligned ? 15 : 127);
  as_.rr(MOp::MovRM, {8}, page, x);
  as_.m(MOp::AndMI, {8}, page, -static_cast<int64_t>(abi::kPageSize));
  as_.rm(MOp::OrMR, {aligned ? 8 : 2}, bits, {.base = page, .index = RCX, .scale = static_cast<uint8_t>(aligned ? 8 : 1), .disp = kBitmap});
}

// RAX / divisor; min / -1 = min, remainder 0, as Go wants, where idiv would trap.
void Encoder::idiv_fix(const Inst& inst) {
  Size size{inst.width};
  Reg divisor = use_reg(inst, 0);
  as_.m(MOp::CmpMI, size, divisor, -1);
  uint32_t special = as_.short_jcc(Cond::E);
  as_.zo(MOp::Cdq, inst.width);
  as_.m(MOp::IdivM, size, divisor);
  uint32_t done = as_.short_jmp();
  as_.bind(special);
  as_.m(MOp::NegM, size, RAX);
  as_.rr(MOp::XorRM, {4}, RDX, RDX);
  as_.bind(done);
}

// Values with the top bit set: halved with the low bit kept sticky, converted, doubled.
void Encoder::unsigned_to_float(const Inst& inst) {
  Reg d = def_reg(inst, 0), half = def_reg(inst, 1), low = def_reg(inst, 2), x = use_reg(inst, 0);
  Size size{inst.width, 8};
  as_.rr(MOp::XorpRM, {4}, d, d);
  as_.rr(MOp::TestMR, {8}, x, x);
  uint32_t large = as_.short_jcc(Cond::S);
  as_.rr(MOp::Cvtsi2sRM, size, d, x);
  uint32_t done = as_.short_jmp();
  as_.bind(large);
  as_.rr(MOp::MovRM, {8}, half, x);
  as_.rr(MOp::MovRM, {8}, low, x);
  as_.m(MOp::ShrMI, {8}, half, 1);
  as_.m(MOp::AndMI, {4}, low, 1);
  as_.rr(MOp::OrRM, {8}, half, low);
  as_.rr(MOp::Cvtsi2sRM, size, d, half);
  as_.rr(MOp::AddsRM, size, d, d);
  as_.bind(done);
}

// x < 2^63: converted; else (NaN too) x - 2^63 is converted and the top bit flipped.
void Encoder::float_to_unsigned(const Inst& inst) {
  Reg d = def_reg(inst, 0), limit = def_reg(inst, 1), t = def_reg(inst, 2), x = use_reg(inst, 0);
  Size size{inst.width, 8};
  as_.rm(MOp::MovsRM, size, limit, float_constant(inst.width, inst.width == 8 ? 0x43E0000000000000 : 0x5F000000));
  as_.rr(MOp::UcomisRM, size, limit, x);
  uint32_t small = as_.short_jcc(Cond::A);
  as_.rr(MOp::MovapsRM, {8}, t, x);
  as_.rr(MOp::SubsRM, size, t, limit);
  as_.rr(MOp::Cvtts2siRM, size, d, t);
  as_.byte(d >= R8 ? 0x49 : 0x48);  // btc d, 63
  as_.byte(0x0F);
  as_.byte(0xBA);
  as_.byte(0xF8 | (d & 7));
  as_.byte(63);
  uint32_t done = as_.short_jmp();
  as_.bind(small);
  as_.rr(MOp::Cvtts2siRM, size, d, x);
  as_.bind(done);
}

// and/or that gives the old value (RAX): cmpxchg until nobody came between.
void Encoder::atomic_loop(const Inst& inst) {
  Reg t = def_reg(inst, 1), x = use_reg(inst, 0);
  Size size{inst.width};
  Address m = address(inst, inst.mem);
  as_.rm(MOp::MovRM, size, RAX, m);
  uint32_t again = as_.size();
  as_.rr(MOp::MovRM, {8}, t, RAX);
  as_.rr(inst.imm != 0 ? MOp::OrRM : MOp::AndRM, {inst.width < 4 ? 4 : inst.width}, t, x);
  as_.rm(MOp::LockCmpxchgMR, size, t, m);
  as_.jcc_back(Cond::NE, again);
}

void Encoder::jump_table(const Inst& inst) {
  Reg t = def_reg(inst, 0);
  Symbol name(fmt::format("{}.jump{}", f_.ir.name.text(), tables_.size()));
  tables_.push_back({current_block_, &inst});
  as_.rm(MOp::LeaRM, {8}, t, {.rip = true, .symbol = name});
  as_.rm(MOp::JmpM, {8}, RAX, {.base = t, .index = use_reg(inst, 0), .scale = 8});
}

void Encoder::remat(const Inst& inst) {
  const VRegInfo& v = f_.vregs[inst.operands[0].vreg];
  Reg r = def_reg(inst, 0);
  int width = v.ty == ir::Ty::F32 ? 4 : 8;
  switch (v.kind) {
    case VRegInfo::Int:  // upper bits beyond the type do not matter: the short form
      return as_.load_imm(r, v.ty == ir::Ty::I32 ? static_cast<uint32_t>(v.imm) : v.imm, inst.zeroes_by_xor);
    case VRegInfo::Float:
      if (v.imm == 0) as_.rr(MOp::XorpRM, {4}, r, r);
      else as_.rm(MOp::MovsRM, {width}, r, float_constant(width, static_cast<uint64_t>(v.imm)));
      return;
    case VRegInfo::Address:
      return as_.rm(MOp::LeaRM, {8}, r, address(inst, remat_mem(v)));
    case VRegInfo::IncomingLoad: {
      Address a = address(inst, remat_mem(v));
      if (r >= X0) return as_.rm(MOp::MovsRM, {width}, r, a);
      int w = ir::size_of(v.ty);
      if (w == 1 || w == 2) return as_.rm(MOp::MovzxRM, {4, w}, r, a);
      return as_.rm(MOp::MovRM, {w}, r, a);
    }
    case VRegInfo::Normal:
      CHECK(false, "a rematerialised value has a recipe");
  }
}

void Encoder::slot_remat(const Inst& inst) {
  const VRegInfo& v = f_.vregs[static_cast<VReg>(inst.imm)];
  Address to = slot(inst.mem.id);
  if ((v.kind == VRegInfo::Int || v.kind == VRegInfo::Float) && v.imm == static_cast<int32_t>(v.imm)) {
    return as_.rm(MOp::MovMI, {8}, RAX, to, v.imm);
  }
  // RAX waits in X15.
  as_.rr(MOp::MovToFloatRM, {8}, X15, RAX);
  if (v.kind == VRegInfo::Address) {
    as_.rm(MOp::LeaRM, {8}, RAX, address(inst, remat_mem(v)));
  } else if (v.kind == VRegInfo::IncomingLoad) {
    int w = ir::size_of(v.ty);
    if (w == 1 || w == 2) as_.rm(MOp::MovzxRM, {4, w}, RAX, address(inst, remat_mem(v)));
    else as_.rm(MOp::MovRM, {w}, RAX, address(inst, remat_mem(v)));
  } else {
    as_.load_imm(RAX, v.imm, true);
  }
  as_.rm(MOp::MovMR, {8}, RAX, to);
  as_.rr(MOp::MovFromFloatMR, {8}, X15, RAX);
}

// Leaves the flags alone. There is no exchange of vector registers; a way through memory would cost the latency of a store.
void Encoder::exchange(Reg a, Reg b) {
  if (a < X0) return as_.rr(MOp::XchgMR, {8}, a, b);
  as_.rr(MOp::XorpRM, {4}, a, b);
  as_.rr(MOp::XorpRM, {4}, b, a);
  as_.rr(MOp::XorpRM, {4}, a, b);
}

void Encoder::slot_to_reg(VReg v, Reg r, VReg from) {
  (void)v;
  if (r >= X0) as_.rm(MOp::MovsRM, {8}, r, slot(from));
  else as_.rm(MOp::MovRM, {8}, r, slot(from));
}

void Encoder::inst(const Inst& i) {
  if (after_call_ > 0) after_call_--;
  switch (i.op) {
    case MOp::Entry: case MOp::Keep:
      return;
    case MOp::Call: case MOp::CallM:
      return call(i);
    case MOp::TailJump:
      epilogue();
      if (!i.symbol.empty()) as_.call(i.symbol, true);
      else if (i.mem.kind != Mem::None) as_.rm(MOp::JmpM, {8}, RAX, {.base = RDX});
      else as_.m(MOp::JmpM, {8}, R12);
      body_depth();
      return;
    case MOp::Bounds:
      return bounds(i);
    case MOp::XchgWB: case MOp::CmpxchgWB:
      return atomic_barrier(i);
    case MOp::NilTest:
      return as_.rm(MOp::TestMR, {1}, RAX, address(i, i.mem));
    case MOp::IdivFix:
      return idiv_fix(i);
    case MOp::Popcnt:
      return feature(i, "runtime.x86HasPOPCNT");
    case MOp::Round:
      return feature(i, "runtime.x86HasSSE41");
    case MOp::CarryMask:
      return as_.rr(MOp::SbbRM, {i.width}, def_reg(i, 0), def_reg(i, 0));
    case MOp::FloatSelect: {
      uint32_t skip = as_.short_jcc(negate(i.cond));
      if (i.mem.kind != Mem::None) as_.rm(MOp::MovsRM, {i.width}, def_reg(i, 0), address(i, i.mem));
      else as_.rr(MOp::MovapsRM, {8}, def_reg(i, 0), use_reg(i, 1));
      return as_.bind(skip);
    }
    case MOp::UToF:
      return unsigned_to_float(i);
    case MOp::FToU:
      return float_to_unsigned(i);
    case MOp::AtomicLoop:
      return atomic_loop(i);
    case MOp::JumpTable:
      return jump_table(i);
    case MOp::Return:
      epilogue();
      as_.byte(0xC3);
      body_depth();
      return;
    case MOp::Move: {
      Reg to = def_reg(i, 0), from = use_reg(i, 0);
      if (to >= X0) return as_.rr(MOp::MovapsRM, {8}, to, from);
      return as_.rr(MOp::MovRM, {8}, to, from);
    }
    case MOp::Load:
      return slot_to_reg(i.operands[0].vreg, def_reg(i, 0), i.mem.id);
    case MOp::Spill: {
      Reg from = use_reg(i, 0);
      if (from >= X0) return as_.rm(MOp::MovsMR, {8}, from, slot(i.mem.id));
      return as_.rm(MOp::MovMR, {8}, from, slot(i.mem.id));
    }
    case MOp::Remat:
      return remat(i);
    case MOp::Exchange:
      return exchange(i.operands[0].reg, i.operands[1].reg);
    case MOp::SlotMove:
      if (f_.slot[i.mem.id] == f_.slot[static_cast<VReg>(i.imm)] && f_.vregs[i.mem.id].is_pointer() == f_.vregs[static_cast<VReg>(i.imm)].is_pointer()) return;
      as_.rm(MOp::MovsRM, {8}, X15, slot(static_cast<VReg>(i.imm)));
      return as_.rm(MOp::MovsMR, {8}, X15, slot(i.mem.id));
    case MOp::SlotRemat:
      return slot_remat(i);
    case MOp::ClearX15:
      return as_.rr(MOp::XorpRM, {4}, X15, X15);
    case MOp::Jmp: case MOp::Jcc: case MOp::JccFloat:
      CHECK(false, "branches are made by the block");
      return;
    default:
      return row_form(i);
  }
}

}  // namespace gale::amd64
