// Blocks, prologue and cold tails as chunks; sizing of branches; final placement.
#include "amd64/encoder.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/abi/abi0.h"
#include "base/abi/layout.h"
#include "base/abi/stackmap.h"
#include "base/check.h"

namespace gale::amd64 {

using ir::AbiSlot;

Code encode(const MFunc& f, const Frame& frame, bool listing) { return Encoder(f, frame, listing).run(); }

Code Encoder::run() {
  thread_jumps();
  find_late_frame();
  order_blocks();
  labels_.assign(f_.blocks.size(), kNever);
  inline_marks_.assign(f_.ir.inlines.size(), {0, kNever});
  chunks_.push_back({});
  pos_ = Pos{0xffffffff};
  mark_position(f_.ir.pos, {});
  prologue();
  for (size_t i = 0; i < order_.size(); i++) block(order_[i], i + 1 < order_.size() ? order_[i + 1] : kNever);
  for (size_t i = 0; i < tails_.size(); i++) {
    MOp op = tails_[i].inst->op;
    if (op == MOp::Popcnt || op == MOp::Round) feature_tail(tails_[i]);
    else if (op == MOp::StoreWB || op == MOp::XchgWB || op == MOp::CmpxchgWB) barrier_tail(tails_[i]);
    else panic_tail(tails_[i]);
  }
  morestack_tail();
  chunks_.back().end = as_.size();
  relax();
  Code code;
  finish(code);
  return code;
}

// ---- blocks and branches

// A block that only jumps is skipped by those that come to it.
void Encoder::thread_jumps() {
  size_t n = f_.blocks.size();
  target_.resize(n);
  auto only_jumps = [&](uint32_t b) { return f_.blocks[b].insts.size() == 1 && f_.blocks[b].insts[0]->op == MOp::Jmp; };
  for (uint32_t b = 0; b < n; b++) {
    uint32_t t = b;
    for (int hops = 0; hops < 64 && only_jumps(t); hops++) {
      t = f_.blocks[t].succs[0];
      if (t == b) break;
    }
    target_[b] = t;
  }
}

void Encoder::order_blocks() {
  size_t n = f_.blocks.size();
  std::vector<bool> reached(n, false);
  reached[0] = true;
  for (uint32_t b = 0; b < n; b++) {
    for (uint32_t s : f_.blocks[b].succs) reached[target_[s]] = true;
    if (f_.blocks[b].root) reached[b] = true;
  }
  for (int cold = 0; cold < 2; cold++) {
    for (uint32_t b = 0; b < n; b++) {
      bool is_cold = f_.blocks[b].cold && b != 0;
      bool skipped = target_[b] != b && !f_.blocks[b].root;
      if (is_cold == (cold == 1) && reached[b] && !skipped) order_.push_back(b);
    }
    if (cold == 0) rotate_loops();
  }
}

// One jump a turn less for loops whose last block jumps back. If the header decides about leaving the loop, it goes behind that
// block, which then falls into it. Else, if several blocks come to the last one (it is what they do before the next turn),
// it goes in front of the header: they jump there instead of further down, and what came into the loop from above jumps over it.
void Encoder::rotate_loops() {
  size_t n = f_.blocks.size();
  std::vector<uint32_t> at(n, kNever), latch(n, kNever), comers(n, 0);
  for (uint32_t i = 0; i < order_.size(); i++) at[order_[i]] = i;
  bool loops = false;
  for (uint32_t b : order_) {
    const MBlock& m = f_.blocks[b];
    for (uint32_t s : m.succs) comers[target_[s]]++;
    if (m.succs.size() != 1) continue;
    uint32_t h = target_[m.succs[0]];
    if (h == 0 || at[h] == kNever || at[h] >= at[b]) continue;
    if (latch[h] == kNever || at[latch[h]] < at[b]) latch[h] = b;
    loops = true;
  }
  if (!loops) return;
  std::vector<uint32_t> before(n, kNever), moved(n, 0);
  std::vector<std::vector<uint32_t>> after(n);
  auto decides = [&](uint32_t h) {  // one way out of the header lies beyond the loop
    const std::vector<uint32_t>& succs = f_.blocks[h].succs;
    return succs.size() == 2 && std::any_of(succs.begin(), succs.end(), [&](uint32_t s) {
      uint32_t t = target_[s];
      return at[t] == kNever || at[t] > at[latch[h]] || at[t] < at[h];
    });
  };
  bool any = false;
  for (uint32_t h : order_) {
    if (latch[h] == kNever) continue;
    if (decides(h)) {
      after[latch[h]].push_back(h);
      moved[h] = 1;
    } else if (comers[latch[h]] > 1) {
      before[h] = latch[h];
      moved[latch[h]] = 1;
    } else {
      continue;
    }
    any = true;
  }
  if (!any) return;
  std::vector<uint32_t> order, stack;
  for (uint32_t b : order_) {
    if (moved[b]) continue;
    stack.push_back(b);
    while (!stack.empty()) {  // what follows a moved block moves along
      uint32_t x = stack.back();
      stack.pop_back();
      if (before[x] != kNever) {
        order.push_back(before[x]);
        before[x] = kNever;
      }
      order.push_back(x);
      for (uint32_t h : after[x]) stack.push_back(h);
    }
  }
  CHECK(order.size() == order_.size(), "rotation keeps all blocks");
  order_ = std::move(order);
}

uint32_t Encoder::new_label() {
  labels_.push_back(kNever);
  return static_cast<uint32_t>(labels_.size() - 1);
}

uint32_t Encoder::place_label(uint32_t label) {
  if (chunks_.back().start != as_.size() || chunks_.back().branch != Branch::None) end_chunk(Branch::None, Cond::O, 0);
  labels_[label] = static_cast<uint32_t>(chunks_.size() - 1);
  return labels_[label];
}

void Encoder::end_chunk(Branch branch, Cond cond, uint32_t label) {
  Chunk& c = chunks_.back();
  c.end = as_.size();
  c.branch = branch;
  c.cond = cond;
  c.target = label;
  chunks_.push_back({.start = as_.size()});
}

void Encoder::terminator_jump(uint32_t target_block, uint32_t next) {
  uint32_t t = target_[target_block];
  if (t != next) end_chunk(Branch::Jump, Cond::O, t);
}

void Encoder::block(uint32_t b, uint32_t next) {
  const MBlock& m = f_.blocks[b];
  current_block_ = b;
  after_call_ = 0;
  tested_until_ = 0;
  place_label(b);
  if (late_frame_) {
    in_frame_ = dead_end_[b] == 1;
    body_depth();
    if (dead_end_[b] == 2) make_frame();
  }
  if (listing_) listing_lines_.push_back({as_.size(), fmt::format("b{}:", b)}), listing_chunks_.push_back(static_cast<uint32_t>(chunks_.size() - 1));
  for (size_t i = 0; i < m.insts.size(); i++) {
    const Inst& in = *m.insts[i];
    if (in.pos.valid()) mark_position(in.pos, in.inlined);
    if (listing_) listing_lines_.push_back({as_.size(), "    " + print(f_, in)}), listing_chunks_.push_back(static_cast<uint32_t>(chunks_.size() - 1));
    switch (in.op) {
      case MOp::StoreWB:
        store_barrier(m, i);
        break;
      case MOp::Jmp:
        terminator_jump(m.succs[static_cast<size_t>(in.imm)], next);
        break;
      case MOp::Jcc: {
        uint32_t to = target_[m.succs[static_cast<size_t>(in.imm)]];
        const Inst* after = i + 1 < m.insts.size() ? m.insts[i + 1] : nullptr;
        if (to == next && after != nullptr && after->op == MOp::Jmp) {  // fall into it, jump for the other
          uint32_t other = target_[m.succs[static_cast<size_t>(after->imm)]];
          if (other != next) end_chunk(Branch::Conditional, negate(in.cond), other);
          i++;
        } else {
          end_chunk(Branch::Conditional, in.cond, to);
        }
        break;
      }
      case MOp::JccFloat: {
        uint32_t yes = target_[m.succs[static_cast<size_t>(in.imm)]];
        uint32_t no = target_[m.succs[static_cast<size_t>(m.insts[i + 1]->imm)]];
        uint32_t unequal = in.cond == Cond::NE ? yes : no, equal = in.cond == Cond::NE ? no : yes;
        end_chunk(Branch::Conditional, Cond::NE, unequal);
        end_chunk(Branch::Conditional, Cond::P, unequal);
        if (equal != next) end_chunk(Branch::Jump, Cond::O, equal);
        i++;
        break;
      }
      case MOp::Bump:
        bump(in, target_[m.succs[static_cast<size_t>(in.imm)]]);
        break;
      default:
        inst(in);
    }
  }
}

// ---- tables on the way

void Encoder::mark_inlines(ir::InlineId inlined) {
  // Each inlined call gets an instruction of its own position: a one-byte nop before its first instruction.
  ir::InlineId chain[64];
  int n = 0;
  for (ir::InlineId i = inlined; i.valid() && n < 64; i = f_.ir.inlines[i].parent) {
    if (inline_marks_[i.index].second != kNever) break;
    chain[n++] = i;
  }
  while (n-- > 0) {
    const ir::InlinedCall& c = f_.ir.inlines[chain[n]];
    inline_marks_[chain[n].index] = {static_cast<uint32_t>(chunks_.size() - 1), as_.size()};
    positions_.push_back({static_cast<uint32_t>(chunks_.size() - 1), as_.size(), c.call_pos, c.parent});
    pos_ = c.call_pos;
    inlined_ = c.parent;
    as_.byte(0x90);
  }
}

void Encoder::mark_position(Pos pos, ir::InlineId inlined) {
  if (pos == pos_ && inlined == inlined_) return;
  if (inlined.valid() && inlined != inlined_) mark_inlines(inlined);
  pos_ = pos;
  inlined_ = inlined;
  positions_.push_back({static_cast<uint32_t>(chunks_.size() - 1), as_.size(), pos, inlined});
}

void Encoder::put(const Row& row, std::vector<Row>& rows) {
  if (!rows.empty() && rows.back().value == row.value) return;
  rows.push_back(row);
}

void Encoder::depth(int32_t bytes) { put({static_cast<uint32_t>(chunks_.size() - 1), as_.size(), bytes}, depths_); }

void Encoder::stack_map(int32_t row) {
  put({static_cast<uint32_t>(chunks_.size() - 1), as_.size(), row}, stack_maps_);
}

// ---- prologue and epilogue

// X15 = 0, R14 = g (which lies just below the thread pointer).
void Encoder::load_fixed_registers() {
  for (int b : {0x45, 0x0f, 0x57, 0xff}) as_.byte(b);                                      // xorps xmm15, xmm15
  for (int b : {0x64, 0x4c, 0x8b, 0x34, 0x25, 0xf8, 0xff, 0xff, 0xff}) as_.byte(b);  // mov r14, fs:[-8]
}

void Encoder::prologue() {
  entry_label_ = new_label();
  morestack_label_ = new_label();
  place_label(entry_label_);
  depth(0);
  if (abi::is_abi0(f_.ir.name.text())) load_fixed_registers();
  if (checks_stack()) {
    Address guard{.base = R14, .disp = abi::G::stackguard0};
    auto check = [&](Reg r) {
      as_.rm(MOp::CmpRM, {8}, r, guard);
      end_chunk(Branch::Conditional, Cond::BE, morestack_label_);
    };
    uint32_t size = frame_.size + 8;
    int32_t beyond = static_cast<int32_t>(size) - static_cast<int32_t>(abi::kStackSmall);
    if (size <= abi::kStackSmall) {
      check(RSP);
    } else if (size < abi::kStackBig) {
      as_.rm(MOp::LeaRM, {8}, R12, {.base = RSP, .disp = -beyond});
      check(R12);
    } else {
      as_.rr(MOp::MovRM, {8}, R12, RSP);
      as_.m(MOp::SubMI, {8}, R12, beyond);
      end_chunk(Branch::Conditional, Cond::B, morestack_label_);
      check(R12);
    }
  }
  if (frame_.exists && !late_frame_) make_frame();
}

void Encoder::make_frame() {
  in_frame_ = true;
  as_.byte(0x55);  // push rbp
  depth(8);
  as_.rr(MOp::MovRM, {8}, RBP, RSP);
  if (frame_.size != 0) {
    as_.m(MOp::SubMI, {8}, RSP, frame_.size);
    depth(static_cast<int32_t>(frame_.size) + 8);
  }
  if (frame_.zero_low > frame_.zero_high) clear_frame_words(-static_cast<int32_t>(frame_.zero_low), -static_cast<int32_t>(frame_.zero_high));
  if (f_.ir.defers.bits.valid()) {
    as_.rm(MOp::MovMI, {1}, RAX, {.base = RBP, .disp = frame_.locals[f_.ir.defers.bits.index]}, 0);
  }
  if (f_.zero_result_area) {
    int32_t low = 16 + static_cast<int32_t>(f_.ir.sig->result_offset);
    clear_frame_words(low, 16 + static_cast<int32_t>((f_.ir.sig->stack_size + 7) & ~7u));
  }
}

// Clears [RBP + low, RBP + high), whole words; keeps the argument registers.
void Encoder::clear_frame_words(int32_t low, int32_t high) {
  constexpr int32_t kUnrolled = 256;
  if (high - low > kUnrolled) {
    int32_t blocks = (high - low) / 64;
    as_.rm(MOp::LeaRM, {8}, R12, {.base = RBP, .disp = low});
    as_.load_imm(R13, blocks, true);
    uint32_t again = as_.size();
    for (int i = 0; i < 4; i++) as_.rm(MOp::MovupsMR, {8}, X15, {.base = R12, .disp = i * 16});
    as_.m(MOp::AddMI, {8}, R12, 64);
    as_.m(MOp::SubMI, {4}, R13, 1);
    as_.jcc_back(Cond::NE, again);
    low += blocks * 64;
  }
  for (; high - low >= 16; low += 16) as_.rm(MOp::MovupsMR, {8}, X15, {.base = RBP, .disp = low});
  if (high - low >= 8) as_.rm(MOp::MovsMR, {8}, X15, {.base = RBP, .disp = low});
}

void Encoder::epilogue() {
  if (!in_frame_) return;
  if (frame_.size != 0) {
    as_.m(MOp::AddMI, {8}, RSP, frame_.size);
    depth(8);  // a signal may stop it here
  }
  as_.byte(0x5D);  // pop rbp
  depth(0);
}

void Encoder::morestack_tail() {
  if (!checks_stack()) return;
  place_label(morestack_label_);
  mark_position(f_.ir.pos, {});
  depth(0);
  if (maps_.args_words() != 0 || maps_.locals_bits() != 0) stack_map(0);
  auto each_arg = [&](bool store) {
    for (const AbiSlot& s : f_.ir.sig->args) {
      if (s.kind > AbiSlot::FloatReg) continue;
      Address home{.base = RSP, .disp = 8 + static_cast<int32_t>(s.spill)};
      int width = ir::size_of(s.ty);
      if (s.kind == AbiSlot::FloatReg) {
        as_.rm(store ? MOp::MovsMR : MOp::MovsRM, {width}, static_cast<Reg>(X0 + s.reg), home);
      } else if (store) {
        as_.rm(MOp::MovMR, {width}, kAbiInt[s.reg], home);
      } else if (width < 4) {
        as_.rm(MOp::MovzxRM, {4, width}, kAbiInt[s.reg], home);
      } else {
        as_.rm(MOp::MovRM, {width}, kAbiInt[s.reg], home);
      }
    }
  };
  each_arg(true);
  bool context = f_.uses_closure || (f_.ir.attrs & ir::kNeedsClosure) != 0;
  as_.call(Symbol(context ? "runtime.morestack" : "runtime.morestack_noctxt"));
  each_arg(false);
  end_chunk(Branch::Jump, Cond::O, entry_label_);
}

// ---- panics

// Index to RAX, length to RBX.
void Encoder::load_panic_args(const Inst& inst) {
  if (inst.width2 != 0) {
    bool constant_is_index = inst.width2 == 1;
    Reg to = constant_is_index ? RBX : RAX;
    if (inst.mem.kind == Mem::Slot) as_.rm(MOp::MovRM, {8}, to, slot(inst.mem.id));
    else if (use_reg(inst, 0) != to) as_.rr(MOp::MovRM, {8}, to, use_reg(inst, 0));
    as_.load_imm(constant_is_index ? RAX : RBX, inst.imm, true);
    return;
  }
  Reg index = use_reg(inst, 0);
  if (inst.mem.kind == Mem::Slot) {
    if (index != RAX) as_.rr(MOp::MovRM, {8}, RAX, index);
    as_.rm(MOp::MovRM, {8}, RBX, slot(inst.mem.id));
    return;
  }
  Reg length = use_reg(inst, 1);
  if (index == RBX && length == RAX) {
    as_.rr(MOp::XchgMR, {8}, RAX, RBX);
  } else if (length == RAX) {
    as_.rr(MOp::MovRM, {8}, RBX, RAX);
    if (index != RAX) as_.rr(MOp::MovRM, {8}, RAX, index);
  } else {
    if (index != RAX) as_.rr(MOp::MovRM, {8}, RAX, index);
    if (length != RBX) as_.rr(MOp::MovRM, {8}, RBX, length);
  }
}

void Encoder::panic_tail(const Tail& tail) {
  place_label(tail.label);
  if (tail.inst->pos.valid()) mark_position(tail.inst->pos, tail.inst->inlined);
  int32_t body = tail.in_frame ? static_cast<int32_t>(frame_.size) + 8 : 0;
  in_frame_ = tail.in_frame;
  depth(body);
  load_panic_args(*tail.inst);
  if (!tail.in_frame) {  // a frame for the unwinder
    as_.byte(0x55);
    depth(8);
    as_.rr(MOp::MovRM, {8}, RBP, RSP);
    body = 8;
  }
  // The callee may store its two register arguments in the spill area, the caller's lowest words, before it grows the stack.
  constexpr int32_t kSpill = 16;
  if (!tail.in_frame || f_.outgoing < kSpill) {
    as_.m(MOp::SubMI, {8}, RSP, kSpill);
    depth(body + kSpill);
  }
  stack_map(maps_.row({}, f_.recovered_locals));
  as_.call(tail.inst->symbol);
  as_.byte(0x90);  // the return address stays inside the function and its line
}

void Encoder::interruption(int32_t point) {
  put({static_cast<uint32_t>(chunks_.size() - 1), as_.size(), point}, unsafe_);
}

// ---- placement

void Encoder::relax() {
  auto size_of_branch = [](const Chunk& c) -> uint32_t {
    if (c.branch == Branch::None) return 0;
    if (!c.wide) return 2;
    return c.branch == Branch::Jump ? 5 : 6;
  };
  constexpr int kPasses = 12;  // then all that are left become wide: no long chains of growth
  for (int pass = 0;; pass++) {
    uint32_t at = 0;
    for (Chunk& c : chunks_) {
      c.address = at;
      at += c.end - c.start + size_of_branch(c);
    }
    bool changed = false;
    for (Chunk& c : chunks_) {
      if (c.branch == Branch::None || c.wide) continue;
      CHECK(labels_[c.target] != kNever, "a jump's label is placed");
      int64_t distance = int64_t(chunks_[labels_[c.target]].address) - (c.address + (c.end - c.start) + 2);
      if (distance != static_cast<int8_t>(distance) || pass == kPasses) c.wide = changed = true;
    }
    if (!changed) return;
  }
}

void Encoder::finish(Code& code) {
  code.bytes.reserve(as_.bytes.size() + chunks_.size() * 4);
  size_t reloc = 0;
  for (const Chunk& c : chunks_) {
    code.bytes.insert(code.bytes.end(), as_.bytes.begin() + c.start, as_.bytes.begin() + c.end);
    for (; reloc < as_.relocs.size() && as_.relocs[reloc].offset < c.end; reloc++) {
      link::Reloc r = as_.relocs[reloc];
      r.offset = c.address + (r.offset - c.start);
      code.relocs.push_back(r);
    }
    if (c.branch == Branch::None) continue;
    bool jump = c.branch == Branch::Jump;
    uint32_t length = c.wide ? (jump ? 5 : 6) : 2;
    uint32_t distance = chunks_[labels_[c.target]].address - (c.address + (c.end - c.start) + length);
    auto byte = [&](uint32_t v) { code.bytes.push_back(static_cast<uint8_t>(v)); };
    if (!c.wide) {
      byte(jump ? 0xEB : 0x70 + static_cast<uint32_t>(c.cond));
      byte(distance);
      continue;
    }
    if (jump) {
      byte(0xE9);
    } else {
      byte(0x0F);
      byte(0x80 + static_cast<uint32_t>(c.cond));
    }
    for (int i = 0; i < 4; i++) byte(distance >> (8 * i));
  }
  auto rows = [&](const std::vector<Row>& from, std::vector<CodeRow>& to) {
    for (const Row& r : from) {
      uint32_t pc = final_pc(r.chunk, r.offset);
      if (!to.empty() && to.back().pc == pc) to.back().value = r.value;
      else to.push_back({pc, r.value});
    }
  };
  rows(depths_, code.stack_depth);
  rows(stack_maps_, code.stack_maps);
  rows(unsafe_, code.unsafe_points);
  for (const PosMark& p : positions_) {
    uint32_t pc = final_pc(p.chunk, p.offset);
    if (!code.positions.empty() && code.positions.back().pc == pc) code.positions.back() = {pc, p.pos, p.inlined};
    else code.positions.push_back({pc, p.pos, p.inlined});
  }
  for (auto [chunk, offset] : inline_marks_) code.inline_marks.push_back(offset == kNever ? 0 : final_pc(chunk, offset));
  if (deferreturn_.second != kNever) code.deferreturn = final_pc(deferreturn_.first, deferreturn_.second);
  for (size_t t = 0; t < tables_.size(); t++) {
    JumpTableData table;
    table.name = Symbol(fmt::format("{}.jump{}", f_.ir.name.text(), t));
    for (uint32_t s : *tables_[t].second->table) {
      table.targets.push_back(chunks_[labels_[target_[f_.blocks[tables_[t].first].succs[s]]]].address);
    }
    code.tables.push_back(std::move(table));
  }
  code.float_constants = std::move(float_constants_);
  code.frame_size = frame_.exists && !late_frame_ ? frame_.size + 8 : 0;
  code.args_words = maps_.args_words();
  code.locals_bits = maps_.locals_bits();
  code.stack_objects = std::move(maps_.objects);
  code.args_maps = std::move(maps_.args);
  code.locals_maps = std::move(maps_.locals);
  for (size_t i = 0; i < listing_lines_.size(); i++) {
    code.listing += fmt::format("{:04x}  {}\n", final_pc(listing_chunks_[i], listing_lines_[i].first), listing_lines_[i].second);
  }
}

}  // namespace gale::amd64
