// Spill stores and slots. A value that needs its slot is stored right after its definition. Slots are shared by values whose
// linear live intervals are disjoint; pointers and other values never share (a pointer slot holds pointers for its whole life).
#include <algorithm>
#include <queue>
#include <vector>

#include "amd64/regalloc/regalloc.h"

namespace gale::amd64 {

namespace {

struct Interval {
  uint32_t start = kNever, end = 0;
  void extend(uint32_t at) {
    start = std::min(start, at);
    end = std::max(end, at);
  }
};

class Slots {
 public:
  explicit Slots(Allocation& a) : a_(a), f_(a.f) {}

  void run() {
    insert_stores();
    f_.slot.assign(f_.vregs.size(), -1);
    find_intervals();
    color();
  }

 private:
  void insert_stores() {
    std::vector<Inst*> out;
    for (size_t b = 0; b < f_.blocks.size(); b++) {
      MBlock& block = f_.blocks[b];
      bool any = false;
      for (const MPhi& phi : block.phis) any |= a_.needs_slot[phi.def] && !a_.phi_in_slot[phi.def];
      for (const Inst* inst : block.insts) {
        for (const Operand& d : inst->defs()) any |= defines(*inst) && a_.needs_slot[d.vreg];
      }
      if (!any) continue;
      // Edge moves make the phis.
      size_t i = a_.edge_moves[b];
      out.assign(block.insts.begin(), block.insts.begin() + static_cast<long>(i));
      for (const MPhi& phi : block.phis) {
        if (!a_.needs_slot[phi.def] || a_.phi_in_slot[phi.def]) continue;
        for (int r = 0; r < kNumRegs; r++) {
          if (a_.start[b][r] == phi.def) {
            out.push_back(make_spill(f_, phi.def, static_cast<Reg>(r)));
            break;
          }
        }
      }
      for (; i < block.insts.size(); i++) {
        Inst* inst = block.insts[i];
        out.push_back(inst);
        if (!defines(*inst)) continue;
        for (const Operand& d : inst->defs()) {
          if (a_.needs_slot[d.vreg]) {
            Inst* spill = make_spill(f_, d.vreg, d.reg);
            spill->pos = inst->pos;
            spill->inlined = inst->inlined;
            out.push_back(spill);
          }
        }
      }
      block.insts.assign(out.begin(), out.end());
    }
  }

  static bool defines(const Inst& inst) { return inst.op != MOp::Move && inst.op != MOp::Load && inst.op != MOp::Remat; }

  void extend(VReg v, uint32_t at) {
    if (v >= kFirstVReg && a_.needs_slot[v]) intervals_[v].extend(at);
  }

  void find_intervals() {
    intervals_.assign(f_.vregs.size(), Interval{});
    std::vector<uint32_t> starts, ends;
    uint32_t at = 0;
    for (const MBlock& block : f_.blocks) {
      starts.push_back(at);
      at += static_cast<uint32_t>(block.insts.size()) + 2;
      ends.push_back(at - 1);
    }
    for (size_t b = 0; b < f_.blocks.size(); b++) {
      const MBlock& block = f_.blocks[b];
      for (const LiveIn& l : a_.live.live_in[b]) {
        if (!a_.needs_slot[l.vreg]) continue;
        extend(l.vreg, starts[b]);
        for (uint32_t p : block.preds) extend(l.vreg, ends[p]);
      }
      for (const MPhi& phi : block.phis) {
        extend(phi.def, starts[b]);
        for (size_t i = 0; i < phi.args.size(); i++) {
          extend(phi.def, ends[block.preds[i]]);
          extend(phi.args[i], ends[block.preds[i]]);
        }
      }
      uint32_t position = starts[b] + 1;
      for (const Inst* inst : block.insts) {
        for (const Operand& o : inst->all()) extend(o.vreg, position);
        if (inst->mem.kind == Mem::Slot) extend(inst->mem.id, position);
        if (inst->op == MOp::SlotMove) extend(static_cast<VReg>(inst->imm), position);
        position++;
      }
    }
  }

  void color() {
    std::vector<VReg> order;
    for (VReg v = kFirstVReg; v < f_.vregs.size(); v++) {
      if (a_.needs_slot[v] && intervals_[v].start != kNever) order.push_back(v);
    }
    std::sort(order.begin(), order.end(), [&](VReg x, VReg y) {
      return intervals_[x].start != intervals_[y].start ? intervals_[x].start < intervals_[y].start : x < y;
    });
    using Active = std::pair<uint32_t, VReg>;  // by end
    std::priority_queue<Active, std::vector<Active>, std::greater<>> active;
    std::vector<int32_t> free_slots[2];
    uint32_t counts[2] = {0, 0};
    for (VReg v : order) {
      while (!active.empty() && active.top().first < intervals_[v].start) {
        VReg u = active.top().second;
        free_slots[f_.vregs[u].is_pointer()].push_back(f_.slot[u]);
        active.pop();
      }
      int kind = f_.vregs[v].is_pointer();
      if (free_slots[kind].empty()) {
        f_.slot[v] = static_cast<int32_t>(counts[kind]++);
      } else {
        f_.slot[v] = free_slots[kind].back();
        free_slots[kind].pop_back();
      }
      active.push({intervals_[v].end, v});
    }
    f_.scalar_slots = counts[0];
    f_.pointer_slots = counts[1];
  }

  Allocation& a_;
  MFunc& f_;
  std::vector<Interval> intervals_;
};

}  // namespace

void assign_slots(Allocation& a) { Slots(a).run(); }

void register_allocate(MFunc& f) {
  Allocation a(f);
  allocate(a);
  resolve_edges(a);
  assign_slots(a);
}

}  // namespace gale::amd64
