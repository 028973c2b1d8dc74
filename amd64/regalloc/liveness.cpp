// Liveness by path exploration (Boissinot et al., "Computing liveness sets for SSA-form programs", 2011): from each use up to the
// definition, one variable at a time, so the work is the size of the result. Distances then by one backward sweep, or two if
// there are loops.
#include "amd64/regalloc/liveness.h"

#include <algorithm>

namespace gale::amd64 {

namespace {

class Finder {
 public:
  explicit Finder(MFunc& f) : f_(f), count_(static_cast<uint32_t>(f.vregs.size())) {}

  Liveness run() {
    out_.live_in.resize(f_.blocks.size());
    out_.phi_distance.resize(f_.blocks.size());
    out_.length.resize(f_.blocks.size());
    out_.pressure.resize(f_.blocks.size());
    out_.hint.assign(count_, kAnyReg);
    collect();
    explore();
    next_.assign(count_, kNever);
    bool loops = false;
    for (uint32_t b = 0; b < f_.blocks.size(); b++) {
      for (uint32_t s : f_.blocks[b].succs) loops |= s <= b;
    }
    for (int pass = loops ? 0 : 1; pass < 2; pass++) {
      for (uint32_t b = static_cast<uint32_t>(f_.blocks.size()); b-- > 0;) measure(b);
    }
    return std::move(out_);
  }

 private:
  struct Node {
    uint32_t block, next;
  };

  bool tracked(VReg v) const { return v >= kFirstVReg && f_.vregs[v].kind == VRegInfo::Normal; }

  void exposed(VReg v, uint32_t block) {
    if (!tracked(v) || def_block_[v] == block) return;
    if (head_[v] != kNever && nodes_[head_[v]].block == block) return;
    nodes_.push_back({block, head_[v]});
    head_[v] = static_cast<uint32_t>(nodes_.size() - 1);
  }

  void collect() {
    def_block_.assign(count_, kNever);
    head_.assign(count_, kNever);
    for (uint32_t b = 0; b < f_.blocks.size(); b++) {
      for (const MPhi& phi : f_.blocks[b].phis) def_block_[phi.def] = b;
      for (const Inst* inst : f_.blocks[b].insts) {
        for (const Operand& d : inst->defs()) def_block_[d.vreg] = b;
      }
    }
    for (uint32_t b = 0; b < f_.blocks.size(); b++) {
      const MBlock& block = f_.blocks[b];
      for (const Inst* inst : block.insts) {
        for (const Operand& u : inst->uses()) exposed(u.vreg, b);
      }
      for (const MPhi& phi : block.phis) {
        for (size_t i = 0; i < phi.args.size(); i++) exposed(phi.args[i], block.preds[i]);
      }
    }
  }

  void explore() {
    std::vector<uint32_t> mark(f_.blocks.size(), kNever);
    std::vector<uint32_t> stack;
    for (VReg v = kFirstVReg; v < count_; v++) {
      for (uint32_t n = head_[v]; n != kNever; n = nodes_[n].next) {
        stack.push_back(nodes_[n].block);
        while (!stack.empty()) {
          uint32_t b = stack.back();
          stack.pop_back();
          if (mark[b] == v || def_block_[v] == b) continue;
          mark[b] = v;
          out_.live_in[b].push_back({v, kFar});
          for (uint32_t p : f_.blocks[b].preds) stack.push_back(p);
        }
      }
    }
  }

  void touch(VReg v, uint32_t position) {
    if (next_[v] == kNever) {
      touched_.push_back(v);
      if (tracked(v)) alive_[f_.vregs[v].is_float()]++;
    }
    next_[v] = std::min(next_[v], position);
  }
  void raise(std::array<uint16_t, 2>& pressure, int ints, int floats) const {
    pressure[0] = std::max(pressure[0], static_cast<uint16_t>(std::min(alive_[0] + ints, 0xffff)));
    pressure[1] = std::max(pressure[1], static_cast<uint16_t>(std::min(alive_[1] + floats, 0xffff)));
  }

  void live_out(uint32_t b, uint32_t end) {
    for (uint32_t s : f_.blocks[b].succs) {
      const MBlock& succ = f_.blocks[s];
      uint32_t cold = succ.cold && !f_.blocks[b].cold ? kColdDistance : 0;
      if (succ.loop_depth < f_.blocks[b].loop_depth) cold += kExitDistance * (f_.blocks[b].loop_depth - succ.loop_depth);
      for (const LiveIn& l : out_.live_in[s]) touch(l.vreg, std::min(end + l.distance + cold, 2 * kFar));
      if (succ.phis.empty()) continue;
      for (size_t i = 0; i < succ.preds.size(); i++) {
        if (succ.preds[i] != b) continue;
        for (const MPhi& phi : succ.phis) {
          if (phi.args[i] < kFirstVReg) continue;
          touch(phi.args[i], end);
          Reg& hint = out_.hint[phi.args[i]];
          if (hint == kAnyReg) hint = out_.hint[phi.def];
        }
      }
    }
  }

  void measure(uint32_t b) {
    MBlock& block = f_.blocks[b];
    uint32_t end = 0;
    for (const Inst* inst : block.insts) end += step_of(*inst);
    out_.length[b] = end;
    alive_[0] = alive_[1] = 0;
    live_out(b, end);
    std::array<uint16_t, 2>& pressure = out_.pressure[b];
    raise(pressure, 0, 0);
    uint32_t position = end;
    bool flags = false;
    for (size_t i = block.insts.size(); i-- > 0;) {
      Inst& inst = *block.insts[i];
      position -= step_of(inst);
      const InstDesc& d = desc(inst.op);
      flags = d.reads_flags || (flags && !d.writes_flags);
      inst.flags_live = flags;
      visit(inst, position, pressure);
    }
    out_.phi_distance[b].clear();
    for (const MPhi& phi : block.phis) {
      out_.phi_distance[b].push_back(next_[phi.def]);
      next_[phi.def] = kNever;
    }
    for (LiveIn& l : out_.live_in[b]) l.distance = next_[l.vreg];
    for (VReg v : touched_) next_[v] = kNever;
    touched_.clear();
  }

  void visit(Inst& inst, uint32_t position, std::array<uint16_t, 2>& pressure) {
    int unused[2] = {0, 0};
    for (Operand& d : inst.defs()) {
      d.next = next_[d.vreg];
      if (tracked(d.vreg)) {
        int& count = d.next == kNever ? unused[f_.vregs[d.vreg].is_float()] : alive_[f_.vregs[d.vreg].is_float()];
        count += d.next == kNever ? 1 : -1;
      }
      next_[d.vreg] = kNever;
    }
    raise(pressure, unused[0], unused[1]);
    for (Operand& u : inst.uses()) {
      if (u.vreg >= kFirstVReg) u.next = next_[u.vreg];
    }
    for (Operand& u : inst.uses()) {
      if (u.vreg < kFirstVReg) continue;
      touch(u.vreg, position);
      next_[u.vreg] = position;
      Reg& hint = out_.hint[u.vreg];
      if (u.reg != kAnyReg) hint = u.reg;
      else if (u.tied && out_.hint[inst.operands[0].vreg] != kAnyReg) hint = out_.hint[inst.operands[0].vreg];
      else if (desc(inst.op).copy && inst.mem.kind == Mem::None) hint = out_.hint[inst.operands[0].vreg];
    }
    raise(pressure, 0, 0);
  }

  MFunc& f_;
  uint32_t count_;
  Liveness out_;
  std::vector<uint32_t> def_block_, head_, next_;
  std::vector<VReg> touched_;
  int alive_[2] = {0, 0};   // integers and floats with a next use
  std::vector<Node> nodes_;
};

}  // namespace

Liveness find_liveness(MFunc& f) { return Finder(f).run(); }

}  // namespace gale::amd64
