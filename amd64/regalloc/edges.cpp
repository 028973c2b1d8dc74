// Moves on control-flow edges: each successor starts with values in certain registers (and phis in certain slots); each predecessor
// ends with them somewhere. The difference is one parallel move per edge, put at the end of a predecessor with one successor,
// or at the start of a successor with one predecessor (critical edges were split by select).
#include <vector>

#include "amd64/regalloc/regalloc.h"
#include "base/check.h"

namespace gale::amd64 {

namespace {

// Registers 0..31; the slot of a virtual register is the register's own number (>= kFirstVReg).
using Location = uint32_t;
constexpr Location kNowhere = kNever;

class EdgeMoves {
 public:
  explicit EdgeMoves(Allocation& a) : a_(a), f_(a.f) { readers_.assign(a.f.vregs.size(), 0); }

  void run() {
    size_t blocks = f_.blocks.size();
    a_.edge_moves.assign(blocks, 0);
    for (uint32_t b = 0; b < blocks; b++) {
      for (size_t i = 0; i < f_.blocks[b].preds.size(); i++) edge(f_.blocks[b].preds[i], b, i);
    }
  }

 private:
  struct Step {
    VReg value;      // what arrives
    Location to, from;  // from kNowhere: rematerialise `source`
    VReg source;     // the value in the predecessor
  };

  bool tracked(VReg v) const { return f_.vregs[v].kind == VRegInfo::Normal; }

  Location find(uint32_t pred, VReg v) {
    const RegState& end = a_.end[pred];
    for (int r = 0; r < kNumRegs; r++) {
      if (end[r] == v) return static_cast<Location>(r);
    }
    if (!tracked(v)) return kNowhere;
    a_.needs_slot[v] = 1;
    return v;
  }

  void want(uint32_t pred, VReg value, VReg source, Location to) {
    if (to < kFirstVReg && a_.end[pred][to] == source) return;
    Location from = find(pred, source);
    steps_.push_back({value, to, from, source});
  }

  void edge(uint32_t pred, uint32_t block, size_t index) {
    MBlock& b = f_.blocks[block];
    steps_.clear();
    const RegState& start = a_.start[block];
    for (int r = 0; r < kNumRegs; r++) {
      VReg v = start[r];
      if (v == kNoVReg) continue;
      VReg source = v;
      for (const MPhi& phi : b.phis) {
        if (phi.def == v) source = phi.args[index];
      }
      want(pred, v, source, static_cast<Location>(r));
    }
    for (const MPhi& phi : b.phis) {
      if (a_.phi_in_slot[phi.def]) want(pred, phi.def, phi.args[index], phi.def);
    }
    if (steps_.empty()) return;
    out_.clear();
    free_ = kAllMask;
    for (int r = 0; r < kNumRegs; r++) {
      if (start[r] != kNoVReg) free_ &= ~bit(r);
    }
    sequence();
    MBlock& p = f_.blocks[pred];
    if (p.succs.size() == 1) {
      p.insts.insert(p.insts.end() - 1, out_.begin(), out_.end());
    } else {
      CHECK(b.preds.size() == 1, "critical edges are split");
      b.insts.insert(b.insts.begin(), out_.begin(), out_.end());
      a_.edge_moves[block] = static_cast<uint32_t>(out_.size());
    }
  }

  // Emits the steps so that nothing is overwritten before it is read; cycles are broken by a free register,
  // an exchange, or a scratch slot.
  void sequence() {
    used_x15_ = false;
    for (const Step& s : steps_) {
      if (s.from != kNowhere && s.from != s.to) reader(s.from)++;
    }
    std::vector<Step> pending(steps_.begin(), steps_.end());
    std::erase_if(pending, [](const Step& s) { return s.from == s.to; });
    while (!pending.empty()) {
      size_t kept = 0;
      for (size_t i = 0; i < pending.size(); i++) {
        Step s = pending[i];
        if (reader(s.to) != 0) {
          pending[kept++] = s;
          continue;
        }
        emit(s);
        if (s.from != kNowhere) reader(s.from)--;
      }
      if (kept == pending.size()) break_cycle(pending);
      else pending.resize(kept);
      std::erase_if(pending, [&](const Step& s) {
        if (s.from != s.to) return false;
        reader(s.from)--;
        return true;
      });
    }
    if (used_x15_) {
      Inst* clear = f_.arena.make<Inst>();
      clear->op = MOp::ClearX15;
      clear->mem.base = clear->mem.index = 0;
      out_.push_back(clear);
    }
  }

  uint32_t& reader(Location l) { return readers_[l]; }

  // Makes the target of the first step free: what is read from there goes elsewhere.
  void break_cycle(std::vector<Step>& pending) {
    Step& s = pending.front();
    if (s.to < kFirstVReg) {
      RegMask spare = free_ & (bit(static_cast<int>(s.to)) & kFloatMask ? kFloatMask : kIntMask);
      for (const Step& other : pending) {
        if (other.from < kFirstVReg) spare &= ~bit(static_cast<int>(other.from));
      }
      if (spare != 0) return set_aside(pending, s.to, static_cast<Location>(__builtin_ctz(spare)));
    }
    if (s.to < kFirstVReg && s.from < kFirstVReg) {
      Inst* x = f_.arena.make<Inst>();
      x->op = MOp::Exchange;
      x->operands = f_.arena.make_array<Operand>(2).data();
      x->operands[0] = {s.source, static_cast<Reg>(s.to)};
      x->operands[1] = {s.source, static_cast<Reg>(s.from)};
      x->num_uses = 2;
      x->mem.base = x->mem.index = 0;
      out_.push_back(x);
      Location to = s.to, from = s.from;
      // After it, readers of `to` find their value in `from`, and readers of `from` in `to`.
      for (Step& other : pending) {
        if (other.from == to) other.from = from;
        else if (other.from == from) other.from = to;
      }
      std::swap(reader(to), reader(from));
      return;
    }
    VReg scratch = f_.new_vreg(ir::Ty::I64);
    a_.needs_slot.push_back(1);
    a_.phi_in_slot.push_back(1);
    readers_.push_back(0);
    set_aside(pending, s.to, scratch);
  }
  void set_aside(std::vector<Step>& pending, Location from, Location to) {
    VReg kept = kNoVReg;
    for (Step& other : pending) {
      if (other.from != from) continue;
      kept = other.source;
      other.from = to;
      reader(from)--;
      reader(to)++;
    }
    emit({to < kFirstVReg ? kept : to, to, from, kept});
  }

  void emit(const Step& s) {
    if (s.from == kNowhere) {
      if (s.to < kFirstVReg) {
        push(make_remat(f_, s.source, static_cast<Reg>(s.to), true));
      } else {
        Inst* remat = f_.arena.make<Inst>();
        remat->op = MOp::SlotRemat;
        remat->mem = Mem{.kind = Mem::Slot, .base = 0, .index = 0, .id = s.to};
        remat->imm = s.source;
        push(remat);
        const VRegInfo& made = f_.vregs[s.source];
        const bool constant = made.kind == VRegInfo::Int || made.kind == VRegInfo::Float;
        used_x15_ |= !constant || made.imm != static_cast<int32_t>(made.imm);
      }
    } else if (s.to < kFirstVReg && s.from < kFirstVReg) {
      push(make_move(f_, s.source, static_cast<Reg>(s.to), static_cast<Reg>(s.from)));
    } else if (s.to < kFirstVReg) {
      Inst* load = make_load(f_, s.source, static_cast<Reg>(s.to));
      load->mem.id = s.from;
      push(load);
    } else if (s.from < kFirstVReg) {
      Inst* spill = make_spill(f_, s.source, static_cast<Reg>(s.from));
      spill->mem.id = s.to;
      push(spill);
    } else {
      Inst* move = f_.arena.make<Inst>();
      move->op = MOp::SlotMove;
      move->mem = Mem{.kind = Mem::Slot, .base = 0, .index = 0, .id = s.to};
      move->imm = s.from;
      push(move);
      used_x15_ = true;
    }
  }

  void push(Inst* inst) { out_.push_back(inst); }

  Allocation& a_;
  MFunc& f_;
  std::vector<Step> steps_;
  std::vector<Inst*> out_;
  std::vector<uint32_t> readers_;  // by location: pending steps that read it
  bool used_x15_ = false;
  RegMask free_ = 0;               // registers that hold nothing in the successor
};

}  // namespace

void resolve_edges(Allocation& a) { EdgeMoves(a).run(); }

}  // namespace gale::amd64
