// The forward pass: gives each operand a register, block by block.
#include <algorithm>

#include "amd64/regalloc/regalloc.h"
#include "base/check.h"

namespace gale::amd64 {

Inst* make_move(MFunc& f, VReg v, Reg to, Reg from) {
  Inst* inst = f.arena.make<Inst>();
  inst->op = MOp::Move;
  inst->operands = f.arena.make_array<Operand>(2).data();
  inst->operands[0] = {v, to};
  inst->operands[1] = {v, from};
  inst->num_defs = inst->num_uses = 1;
  return inst;
}

Inst* make_load(MFunc& f, VReg v, Reg to) {
  Inst* inst = f.arena.make<Inst>();
  inst->op = MOp::Load;
  inst->operands = f.arena.make<Operand>(Operand{v, to});
  inst->num_defs = 1;
  inst->mem = Mem{.kind = Mem::Slot, .base = 0, .index = 0, .id = v};
  return inst;
}

Inst* make_spill(MFunc& f, VReg v, Reg from) {
  Inst* inst = f.arena.make<Inst>();
  inst->op = MOp::Spill;
  inst->operands = f.arena.make<Operand>(Operand{v, from});
  inst->num_uses = 1;
  inst->mem = Mem{.kind = Mem::Slot, .base = 0, .index = 0, .id = v};
  return inst;
}

Inst* make_remat(MFunc& f, VReg v, Reg to, bool flags_free) {
  Inst* inst = f.arena.make<Inst>();
  inst->op = MOp::Remat;
  inst->operands = f.arena.make<Operand>(Operand{v, to});
  inst->num_defs = 1;
  inst->mem = Mem{.kind = Mem::None, .base = 0, .index = 0};
  inst->zeroes_by_xor = flags_free;
  return inst;
}

namespace {

// Registers that calls do not use for arguments first: less shuffling before calls.
constexpr int kPreferDepth = 6;   // of what a loop's phi is made of
constexpr int kFreeForLoop = 3;   // registers left for what a loop makes that has too few
constexpr Reg kIntOrder[] = {RDX, RSI, RDI, R8, R9, R10, R11, RBX, RCX, RAX, R12, R13, R15};

class Allocator {
 public:
  explicit Allocator(Allocation& a) : a_(a), f_(a.f) {}

  void run() {
    size_t n = f_.vregs.size();
    where_.assign(n, 0);
    next_.assign(n, kNever);
    live_at_.assign(n, kNever);
    from_loop_.assign(n, 0);
    used_in_loop_.assign(n, kNever);
    holder_.fill(kNoVReg);
    find_definitions();
    for (uint32_t b = 0; b < f_.blocks.size(); b++) {
      start_block(b);
      std::vector<Inst*> insts;
      insts.swap(f_.blocks[b].insts);
      out_.clear();
      out_.reserve(insts.size() * 2);
      find_calls(insts);
      position_ = 0;
      size_t call = 0;
      for (size_t i = 0; i < insts.size(); i++) {
        flags_after_ = i + 1 < insts.size() && insts[i + 1]->flags_live;
        while (call < call_positions_.size() && call_positions_[call] < position_) call++;
        next_call_ = call < call_positions_.size() ? call_positions_[call] : kNever;
        instruction(*insts[i]);
        position_ += step_of(*insts[i]);
      }
      f_.blocks[b].insts.assign(out_.begin(), out_.end());
      a_.end[b] = holder_;
    }
  }

 private:
  bool tracked(VReg v) const { return f_.vregs[v].kind == VRegInfo::Normal; }
  RegMask class_mask(VReg v) const { return f_.vregs[v].is_float() ? kFloatMask : kIntMask; }

  // ---- the set of live values (not rematerialised ones)
  void add_live(VReg v) {
    if (!tracked(v) || live_at_[v] != kNever) return;
    live_at_[v] = static_cast<uint32_t>(live_.size());
    live_.push_back(v);
  }
  void remove_live(VReg v) {
    uint32_t i = live_at_[v];
    if (i == kNever) return;
    live_[i] = live_.back();
    live_at_[live_[i]] = i;
    live_.pop_back();
    live_at_[v] = kNever;
  }

  // ---- registers
  void hold(VReg v, Reg r) {
    holder_[r] = v;
    where_[v] |= bit(r);
  }
  void drop(Reg r) {
    VReg v = holder_[r];
    if (v == kNoVReg) return;
    where_[v] &= ~bit(r);
    holder_[r] = kNoVReg;
  }
  void forget(VReg v) {
    for (RegMask m = where_[v]; m != 0; m &= m - 1) holder_[__builtin_ctz(m)] = kNoVReg;
    where_[v] = 0;
  }
  // v loses its last register while still needed.
  void spill(VReg v) {
    if (tracked(v)) a_.needs_slot[v] = 1;
  }
  static Reg first(RegMask m) { return static_cast<Reg>(__builtin_ctz(m)); }

  Reg free_register(RegMask allowed, Reg hint) const {
    if (hint != kAnyReg && (allowed & bit(hint)) != 0 && holder_[hint] == kNoVReg) return hint;
    if ((allowed & kIntMask) != 0) {
      for (Reg r : kIntOrder) {
        if ((allowed & bit(r)) != 0 && holder_[r] == kNoVReg) return r;
      }
      return kAnyReg;
    }
    for (RegMask m = allowed; m != 0; m &= m - 1) {
      if (holder_[first(m)] == kNoVReg) return first(m);
    }
    return kAnyReg;
  }

  // A register of `allowed`, emptied. The victim is the value with the farthest next use; one that has another copy, or is cheap
  // to make again, goes first.
  Reg take(RegMask allowed, Reg hint) {
    allowed &= ~pinned_;
    Reg r = free_register(allowed, hint);
    if (hint != kAnyReg && r != hint && (allowed & bit(hint)) != 0 && waits_for_call(holder_[hint], next_[holder_[hint]])) {
      if (where_[holder_[hint]] == bit(hint)) spill(holder_[hint]);
      drop(hint);
      return hint;
    }
    if (r != kAnyReg) return r;
    uint64_t best_score = 0;
    for (RegMask m = allowed; m != 0; m &= m - 1) {
      Reg c = first(m);
      VReg v = holder_[c];
      uint64_t score = uint64_t(next_[v]) + 1;
      if ((where_[v] & ~bit(c)) != 0) score += uint64_t(1) << 34;
      else if (!tracked(v)) score += uint64_t(1) << 12;
      else if (a_.needs_slot[v]) score += 16;
      if (score > best_score) {
        best_score = score;
        r = c;
      }
    }
    CHECK(r != kAnyReg, "a register can be freed");
    if (where_[holder_[r]] == bit(r)) spill(holder_[r]);
    drop(r);
    return r;
  }

  void find_calls(const std::vector<Inst*>& insts) {
    call_positions_.clear();
    uint32_t position = 0;
    for (const Inst* inst : insts) {
      if (inst->clobbers == kAllMask) call_positions_.push_back(position);
      position += step_of(*inst);
    }
  }

  // Is v next used behind a call that this block comes to? Then it lives in its slot in any case, and a register is no use to it.
  bool waits_for_call(VReg v, uint32_t next) const { return tracked(v) && next != kNever && next > next_call_; }

  void push(Inst* inst) {
    inst->pos = current_->pos;
    inst->inlined = current_->inlined;
    out_.push_back(inst);
  }
  void move(VReg v, Reg to, Reg from) {
    push(make_move(f_, v, to, from));
    hold(v, to);
  }
  // v, which is in no register, into r.
  void fetch(VReg v, Reg r) {
    if (tracked(v)) {
      spill(v);
      push(make_load(f_, v, r));
    } else {
      push(make_remat(f_, v, r, !current_->flags_live));
    }
    hold(v, r);
  }

  // ---- blocks

  void start_block(uint32_t b) {
    const MBlock& block = f_.blocks[b];
    for (VReg v : live_) live_at_[v] = kNever;
    live_.clear();
    for (int r = 0; r < kNumRegs; r++) drop(static_cast<Reg>(r));
    for (VReg v : touched_) next_[v] = kNever;
    touched_.clear();
    for (const LiveIn& l : a_.live.live_in[b]) {
      set_next(l.vreg, l.distance);
      add_live(l.vreg);
    }
    bool header = false;
    uint32_t primary = kNever;
    for (uint32_t i = 0; i < block.preds.size(); i++) {
      uint32_t p = block.preds[i];
      if (p >= b) {
        header = true;
      } else if (primary == kNever || (f_.blocks[block.preds[primary]].cold && !f_.blocks[p].cold)) {
        primary = i;
      }
    }
    CHECK(!block.root || live_.empty(), "nothing but locals is live into the block that recovery enters");
    if (primary != kNever && !block.root) inherit(b, block.preds[primary], header);
    if (block.root) {
      for (const MPhi& phi : block.phis) CHECK(phi.def == kNoVReg, "the block that recovery enters has no phis");
    }
    place_phis(b, primary);
    if (header && !block.root) prepare_loop(b);
    a_.start[b] = holder_;
    if (header) prefer_registers_of(block, b);
  }

  // Where each value comes from, and whether a block calls.
  struct Definition {
    const Inst* inst = nullptr;
    const MPhi* phi = nullptr;
  };
  void find_definitions() {
    definition_.assign(f_.vregs.size(), {});
    calls_.assign(f_.blocks.size(), 0);
    for (uint32_t b = 0; b < f_.blocks.size(); b++) {
      for (const MPhi& phi : f_.blocks[b].phis) definition_[phi.def].phi = &phi;
      for (const Inst* inst : f_.blocks[b].insts) {
        calls_[b] |= inst->clobbers == kAllMask;
        for (const Operand& d : inst->defs()) definition_[d.vreg].inst = inst;
      }
    }
  }

  // v, and what it is made of in place, is best made in r.
  void prefer(VReg v, Reg r, int depth) {
    if (v < kFirstVReg || !tracked(v) || a_.live.hint[v] != kAnyReg) return;
    a_.live.hint[v] = r;
    from_loop_[v] = 1;
    if (depth == 0) return;
    const Definition& d = definition_[v];
    if (d.phi != nullptr) {
      for (VReg arg : d.phi->args) prefer(arg, r, depth - 1);
    } else if (d.inst != nullptr && d.inst->num_uses > 0 && d.inst->uses()[0].tied && d.inst->uses()[0].reg == kAnyReg) {
      prefer(d.inst->uses()[0].vreg, r, depth - 1);
    }
  }

  // In the loop, what its header wants in a register is best (made or reloaded) there: the edge back has nothing to move then.
  void prefer_registers_of(const MBlock& block, uint32_t b) {
    for (int r = 0; r < kNumRegs; r++) {
      VReg v = holder_[r];
      if (v == kNoVReg) continue;
      prefer(v, static_cast<Reg>(r), 0);
      for (const MPhi& phi : block.phis) {
        if (phi.def != v) continue;
        for (size_t i = 0; i < phi.args.size(); i++) {
          if (block.preds[i] >= b) prefer(phi.args[i], static_cast<Reg>(r), kPreferDepth);
        }
      }
    }
  }

  // What the loop of header b does to registers. Its hot blocks lie between the header and the last latch.
  struct LoopFacts {
    bool calls = false;
    RegMask taken = 0;       // registers that instructions name
    int excess[2] = {0, 0};  // values alive at once that there are no registers for
  };
  LoopFacts loop_facts(uint32_t b) {
    const MBlock& header = f_.blocks[b];
    uint32_t last = b;
    for (uint32_t p : header.preds) last = std::max(last, p);
    LoopFacts facts;
    int most[2] = {0, 0};
    for (uint32_t i = b; i <= last; i++) {
      const MBlock& block = f_.blocks[i];
      if (block.cold || block.loop_depth < header.loop_depth) continue;
      facts.calls |= calls_[i] != 0;
      for (int c = 0; c < 2; c++) most[c] = std::max<int>(most[c], a_.live.pressure[i][c]);
      for (const Inst* inst : block.insts) {
        for (const Operand& u : inst->uses()) used_in_loop_[u.vreg] = b;
        facts.taken |= inst->clobbers;
        for (const Operand& o : inst->all()) {
          if (o.vreg >= kFirstVReg && o.reg != kAnyReg) facts.taken |= bit(o.reg);
        }
      }
      for (uint32_t s : block.succs) {
        const MBlock& succ = f_.blocks[s];
        for (size_t k = 0; k < succ.preds.size(); k++) {
          if (succ.preds[k] != i) continue;
          for (const MPhi& phi : succ.phis) used_in_loop_[phi.args[k]] = b;
        }
      }
    }
    facts.excess[0] = most[0] - __builtin_popcount(kIntMask);
    facts.excess[1] = most[1] - __builtin_popcount(kFloatMask);
    return facts;
  }

  // What begins the loop in a register that an instruction of it will take goes to another one, or each turn would move it there
  // and back. Not what is wanted by that instruction.
  void leave_registers(RegMask taken) {
    for (RegMask m = taken & kAllMask; m != 0; m &= m - 1) {
      const Reg r = first(m);
      const VReg v = holder_[r];
      if (v == kNoVReg || !tracked(v) || a_.live.hint[v] == r) continue;
      const Reg to = free_register(class_mask(v) & ~taken, kAnyReg);
      if (to == kAnyReg) continue;
      drop(r);
      hold(v, to);
    }
  }

  // In a loop that does not call: what it uses and has not in a register is loaded in front of it, as long as registers are
  // free; what it does not use leaves its register to the others if there are too few.
  void prepare_loop(uint32_t b) {
    LoopFacts facts = loop_facts(b);
    if (facts.calls) return;
    leave_registers(facts.taken);
    for (const MPhi& phi : f_.blocks[b].phis) used_in_loop_[phi.def] = b;  // the edges bring them
    std::vector<std::pair<uint32_t, VReg>> wanted, idle;
    for (VReg v : live_) {
      const bool used = used_in_loop_[v] == b;
      if (where_[v] == 0 && used) wanted.push_back({next_[v], v});
      if (where_[v] != 0 && !used) idle.push_back({next_[v], v});
    }
    std::sort(wanted.begin(), wanted.end());
    std::sort(idle.begin(), idle.end());
    for (; !idle.empty(); idle.pop_back()) {
      const VReg v = idle.back().second;
      int& excess = facts.excess[f_.vregs[v].is_float()];
      if (excess <= 0) continue;
      excess--;
      spill(v);
      forget(v);
    }
    for (auto [distance, v] : wanted) {
      const RegMask allowed = class_mask(v);
      int free = 0;
      for (RegMask m = allowed; m != 0; m &= m - 1) free += holder_[first(m)] == kNoVReg;
      if (free == 0 || (facts.excess[f_.vregs[v].is_float()] > 0 && free <= kFreeForLoop)) continue;
      spill(v);
      hold(v, free_register(allowed, a_.live.hint[v]));
    }
  }

  void inherit(uint32_t b, uint32_t pred, bool header) {
    (void)b;
    const RegState& state = a_.end[pred];
    for (int r = 0; r < kNumRegs; r++) {
      VReg v = state[r];
      if (v == kNoVReg || live_at_[v] == kNever || where_[v] != 0) continue;
      if (header && next_[v] >= kCallDistance) continue;  // the loop has no use for it before a call
      hold(v, static_cast<Reg>(r));
    }
  }

  void place_phis(uint32_t b, uint32_t primary) {
    const MBlock& block = f_.blocks[b];
    for (size_t i = 0; i < block.phis.size(); i++) {
      const MPhi& phi = block.phis[i];
      uint32_t distance = a_.live.phi_distance[b][i];
      if (distance == kNever) continue;
      set_next(phi.def, distance);
      add_live(phi.def);
      Reg r = kAnyReg;
      if (distance < kCallDistance || distance >= kFar) {
        RegMask allowed = class_mask(phi.def);
        if (primary != kNever) {  // the register of its argument, if that dies here
          VReg arg = phi.args[primary];
          const RegState& state = a_.end[block.preds[primary]];
          for (RegMask m = allowed; m != 0 && arg >= kFirstVReg; m &= m - 1) {
            if (state[first(m)] == arg && holder_[first(m)] == kNoVReg) {
              r = first(m);
              break;
            }
          }
        }
        Reg hint = a_.live.hint[phi.def];
        if (r == kAnyReg) r = free_register(allowed, hint);
      }
      if (r == kAnyReg) {
        a_.needs_slot[phi.def] = a_.phi_in_slot[phi.def] = 1;
      } else {
        hold(phi.def, r);
      }
    }
  }

  void set_next(VReg v, uint32_t next) {
    next_[v] = next;
    touched_.push_back(v);
  }

  // ---- instructions

  void instruction(Inst& inst) {
    current_ = &inst;
    pinned_ = 0;
    RegMask fixed_defs = 0;
    for (const Operand& d : inst.defs()) {
      if (d.reg == kAnyReg) continue;
      fixed_defs |= bit(d.reg);
      if (d.early) pinned_ |= bit(d.reg);
    }
    early_fixed_ = pinned_;
    for (Operand& u : inst.uses()) {
      if (u.vreg < kFirstVReg) {
        CHECK(u.reg == kAnyReg && !u.tied, "a real register is a plain use");
        u.reg = static_cast<Reg>(u.vreg);
      } else if (u.reg != kAnyReg) {
        fixed_use(inst, u);
      }
    }
    if (inst.num_uses > 0 && inst.uses()[0].tied) tied_use(inst);
    int memory_candidate = inst.op == MOp::Bounds ? inst.num_uses - 1 : rm_use(inst);
    for (int i = 0; i < inst.num_uses; i++) {
      Operand& u = inst.uses()[i];
      if (u.reg == kAnyReg && !u.tied) plain_use(inst, u, i == memory_candidate);
    }
    finish_uses(inst);
    RegMask killed = inst.clobbers | fixed_defs;
    if (inst.num_uses > 0 && inst.uses()[0].tied) killed |= bit(inst.uses()[0].reg);
    early_defs(inst);
    clobber(inst, killed);
    out_.push_back(&inst);
    define(inst);
    elide_copy(inst);
  }

  // The register that v should go to because this instruction wants it there.
  Reg wanted(const Inst& inst, VReg v) const {
    for (const Operand& u : inst.uses()) {
      if (u.vreg == v && u.reg != kAnyReg) return u.reg;
    }
    return kAnyReg;
  }

  void fixed_use(Inst& inst, Operand& u) {
    Reg target = u.reg;
    VReg v = u.vreg;
    if (holder_[target] != v) {
      evict_for(inst, target);
      if (where_[v] != 0) move(v, target, first(where_[v]));
      else fetch(v, target);
    }
    pinned_ |= bit(target);
  }

  // Empties `r`, which a fixed use needs; its value is kept in another register if it can be.
  void evict_for(Inst& inst, Reg r) {
    VReg v = holder_[r];
    if (v == kNoVReg) return;
    if (where_[v] == bit(r)) {
      RegMask targets = 0;
      for (const Operand& u : inst.uses()) {
        if (u.reg != kAnyReg && u.vreg >= kFirstVReg) targets |= bit(u.reg);
      }
      Reg own = wanted(inst, v);
      bool used_here = own != kAnyReg;
      for (const Operand& u : inst.uses()) used_here |= u.vreg == v;
      Reg to = kAnyReg;
      if (own != kAnyReg && own != r && holder_[own] == kNoVReg) to = own;
      if (to == kAnyReg && (used_here || inst.clobbers != kAllMask)) {
        to = free_register(class_mask(v) & ~pinned_ & ~targets & ~(inst.clobbers == kAllMask ? 0 : inst.clobbers), kAnyReg);
      }
      if (to != kAnyReg) move(v, to, r);
      else spill(v);
    }
    drop(r);
  }

  Reg hint_of_def(const Inst& inst) const {
    return inst.num_defs > 0 ? a_.live.hint[inst.operands[0].vreg] : kAnyReg;
  }

  void tied_use(Inst& inst) {
    Operand* u = &inst.uses()[0];
    VReg v = u->vreg;
    CHECK(v >= kFirstVReg, "a real register is not overwritten");
    RegMask allowed = class_mask(v) & ~pinned_;
    RegMask at = where_[v] & ~pinned_;
    bool dies = u->next == kNever;
    // In memory already, and the other one is not.
    if (where_[v] == 0 && swap_tied(inst, kAnyReg)) return tied_use(inst);
    if (!dies && at != 0 && waits_for_call(v, u->next) && uses_once(inst, v)) {
      const Reg hint = hint_of_def(inst);
      u->reg = hint != kAnyReg && (at & bit(hint)) != 0 ? hint : first(at);
      pinned_ |= bit(u->reg);
      spill(v);
      drop(u->reg);
      return;
    }
    // Of two operands that die here, the one that is where the result should be is overwritten.
    if (dies && at != 0 && (at & bit_of(hint_of_def(inst))) == 0 && swap_tied(inst, hint_of_def(inst))) return tied_use(inst);
    if (!dies && (at & (at - 1)) == 0) {  // the only copy would be overwritten
      if (swap_tied(inst, kAnyReg)) return tied_use(inst);
      if (at != 0 && become_lea(inst)) return;
      if (where_[v] != 0) {
        Reg from = first(where_[v]);
        Reg to = take_keeping(allowed & ~bit(from), hint_of_def(inst), from);
        move(v, to, from);
        u->reg = to;
        pinned_ |= bit(to);
        return;
      }
    }
    if (at != 0) {
      Reg hint = hint_of_def(inst);
      // The edge back would have to move the result to its register; now, that one may be part of no cycle.
      if (dies && hint != kAnyReg && (at & bit(hint)) == 0 && from_loop_[inst.operands[0].vreg] && (allowed & bit(hint)) != 0 && holder_[hint] == kNoVReg) {
        move(v, hint, first(at));
        at = bit(hint);
      }
      u->reg = hint != kAnyReg && (at & bit(hint)) != 0 ? hint : first(at);
    } else if (where_[v] != 0) {  // only in a pinned register
      Reg from = first(where_[v]);
      Reg to = take_keeping(allowed, hint_of_def(inst), from);
      move(v, to, from);
      u->reg = to;
    } else {
      Reg to = take(allowed, hint_of_def(inst));
      fetch(v, to);
      u->reg = to;
    }
    pinned_ |= bit(u->reg);
  }

  Reg take_keeping(RegMask allowed, Reg hint, Reg keep) {
    RegMask saved = pinned_;
    pinned_ |= bit(keep);
    Reg r = take(allowed, hint);
    pinned_ = saved;
    return r;
  }

  static bool uses_once(const Inst& inst, VReg v) {
    return std::count_if(inst.uses().begin(), inst.uses().end(), [v](const Operand& u) { return u.vreg == v; }) == 1;
  }
  static RegMask bit_of(Reg r) { return r == kAnyReg ? ~RegMask(0) : bit(r); }

  // Exchanges the operands of a commutative operation so that the one that dies (and is in `in`, if that is given) is overwritten.
  bool swap_tied(Inst& inst, Reg in) {
    if (!desc(inst.op).commutative || inst.mem.kind != Mem::None || inst.num_uses < 2) return false;
    Operand &a = inst.uses()[0], &b = inst.uses()[1];
    if (b.reg != kAnyReg || b.vreg < kFirstVReg || b.vreg == a.vreg || b.next != kNever || (where_[b.vreg] & ~pinned_ & bit_of(in)) == 0) return false;
    std::swap(a.vreg, b.vreg);
    std::swap(a.next, b.next);
    return true;
  }

  // x + y and x + constant into a third register, if nobody looks at the flags.
  bool become_lea(Inst& inst) {
    if (flags_after_ || inst.width < 4 || inst.mem.kind != Mem::None) return false;
    if (inst.op == MOp::AddRM && inst.uses()[1].vreg >= kFirstVReg && inst.uses()[1].reg == kAnyReg) {
      inst.mem = Mem{.kind = Mem::Base, .base = inst.num_defs + 1u, .index = inst.num_defs + 2u};
    } else if (inst.op == MOp::AddMI || inst.op == MOp::SubMI) {
      int64_t disp = inst.op == MOp::AddMI ? inst.imm : -inst.imm;
      if (disp != static_cast<int32_t>(disp)) return false;
      inst.mem = Mem{.kind = Mem::Base, .base = inst.num_defs + 1u, .index = 0, .disp = static_cast<int32_t>(disp)};
      inst.imm = 0;
    } else {
      return false;
    }
    inst.op = MOp::LeaRM;
    inst.uses()[0].tied = false;
    return true;
  }

  void plain_use(Inst& inst, Operand& u, bool may_be_memory) {
    VReg v = u.vreg;
    RegMask usable = where_[v] & ~early_fixed_;
    if (usable != 0) {
      u.reg = first(usable);
    } else if (where_[v] != 0) {
      Reg from = first(where_[v]);
      Reg to = take_keeping(class_mask(v), kAnyReg, from);
      move(v, to, from);
      u.reg = to;
    } else if (u.any) {
      spill(v);
      return;
    } else if (may_be_memory && fold_memory(inst, u)) {
      return;
    } else {
      Reg to = take(class_mask(v), a_.live.hint[v]);
      fetch(v, to);
      u.reg = to;
    }
    pinned_ |= bit(u.reg);
  }

  // A value that is in memory and not wanted again soon is read from there.
  bool fold_memory(Inst& inst, Operand& u) {
    VReg v = u.vreg;
    const VRegInfo& info = f_.vregs[v];
    if (u.next != kNever && u.next < position_ + kCallDistance) return false;
    for (const Operand& o : inst.uses()) {
      if (&o != &u && o.vreg == v) return false;
    }
    Mem mem;
    mem.base = mem.index = 0;
    mem.id = v;
    if (info.kind == VRegInfo::Normal) {
      mem.kind = Mem::Slot;
      spill(v);
    } else if (info.kind == VRegInfo::Float && info.imm != 0) {
      mem.kind = Mem::FloatConst;
    } else {
      return false;
    }
    inst.mem = mem;
    return true;
  }

  void finish_uses(Inst& inst) {
    for (const Operand& u : inst.uses()) {
      if (u.vreg < kFirstVReg) continue;
      next_[u.vreg] = u.next;
    }
    // Dead values leave after early definitions have been placed (they are pinned until then).
  }

  void early_defs(Inst& inst) {
    for (Operand& d : inst.defs()) {
      if (!d.early || d.reg != kAnyReg) continue;
      d.reg = take(class_mask(d.vreg), a_.live.hint[d.vreg]);
      pinned_ |= bit(d.reg);
    }
    for (const Operand& u : inst.uses()) {
      if (u.vreg < kFirstVReg || u.next != kNever) continue;
      forget(u.vreg);
      remove_live(u.vreg);
    }
  }

  void clobber(Inst& inst, RegMask killed) {
    if (inst.clobbers == kAllMask) {
      for (VReg v : live_) a_.needs_slot[v] = 1;
      for (int r = 0; r < kNumRegs; r++) drop(static_cast<Reg>(r));
      if (CallSite* call = inst.safepoint()) record_pointers(*call);
      return;
    }
    for (RegMask m = killed; m != 0; m &= m - 1) {
      Reg r = first(m);
      VReg v = holder_[r];
      if (v == kNoVReg) continue;
      if ((where_[v] & ~killed) == 0 && next_[v] != kNever && tracked(v)) {
        Reg to = free_register(class_mask(v) & ~killed & ~pinned_, kAnyReg);
        if (to != kAnyReg) move(v, to, r);
        else spill(v);
      }
      drop(r);
    }
  }

  void record_pointers(CallSite& call) {
    std::vector<VReg> pointers;
    for (VReg v : live_) {
      if (f_.vregs[v].is_pointer()) pointers.push_back(v);
    }
    call.live_pointers = f_.arena.copy(pointers);
  }

  void define(Inst& inst) {
    if (inst.num_defs == 0) return;
    bool has_tied = inst.num_uses > 0 && inst.uses()[0].tied;
    RegMask taken = 0;
    for (const Operand& d : inst.defs()) {
      if (d.reg != kAnyReg) taken |= bit(d.reg);
    }
    pinned_ = taken;
    for (size_t i = 0; i < inst.num_defs; i++) {
      Operand& d = inst.operands[i];
      if (i == 0 && has_tied) d.reg = inst.uses()[0].reg;
      if (d.reg == kAnyReg) {
        Reg hint = a_.live.hint[d.vreg];
        if (desc(inst.op).copy && inst.mem.kind == Mem::None && inst.num_uses == 1 && inst.uses()[0].next == kNever && inst.uses()[0].reg < kNumRegs &&
            (class_mask(d.vreg) & bit(inst.uses()[0].reg)) != 0) {
          hint = inst.uses()[0].reg;
        }
        d.reg = take(class_mask(d.vreg), hint);
      }
      pinned_ |= bit(d.reg);
      hold(d.vreg, d.reg);
      set_next(d.vreg, d.next);
    }
    for (const Operand& d : inst.defs()) {
      if (d.next == kNever) forget(d.vreg);
      else add_live(d.vreg);
    }
  }

  void elide_copy(Inst& inst) {
    (void)inst;  // a copy onto itself encodes to nothing
  }

  Allocation& a_;
  MFunc& f_;
  RegState holder_;
  std::vector<RegMask> where_;
  std::vector<uint32_t> next_;
  std::vector<VReg> touched_;
  std::vector<VReg> live_;
  std::vector<uint32_t> live_at_;
  std::vector<Definition> definition_;
  std::vector<char> calls_;      // by block
  std::vector<uint32_t> used_in_loop_;  // by vreg: header of the last loop prepared that uses it
  std::vector<char> from_loop_;  // by vreg: the hint is the register of a loop's phi
  std::vector<Inst*> out_;
  Inst* current_ = nullptr;
  RegMask pinned_ = 0, early_fixed_ = 0;
  std::vector<uint32_t> call_positions_;  // in the block
  uint32_t position_ = 0, next_call_ = kNever;  // the nearest call that the block comes to, from position_ on
  bool flags_after_ = false;
};

}  // namespace

void allocate(Allocation& a) {
  a.live = find_liveness(a.f);
  a.start.resize(a.f.blocks.size());
  a.end.resize(a.f.blocks.size());
  a.needs_slot.assign(a.f.vregs.size(), 0);
  a.phi_in_slot.assign(a.f.vregs.size(), 0);
  Allocator(a).run();
}

}  // namespace gale::amd64
