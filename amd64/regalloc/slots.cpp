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
  // ---- where to store

  uint32_t common_dominator(uint32_t a, uint32_t b) const {
    while (a != b) {
      while (a > b) a = idom_[a];
      while (b > a) b = idom_[b];
    }
    return a;
  }

  // Blocks are in reverse postorder, so an immediate dominator has a smaller number (Cooper, Harvey, Kennedy).
  void find_dominators() {
    idom_.assign(f_.blocks.size(), kNever);
    idom_[0] = 0;
    for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t b = 1; b < f_.blocks.size(); b++) {
        uint32_t d = f_.blocks[b].root ? 0 : kNever;
        for (uint32_t p : f_.blocks[b].preds) {
          if (idom_[p] == kNever) continue;
          d = d == kNever ? p : common_dominator(d, p);
        }
        if (d != kNever && idom_[b] != d) {
          idom_[b] = d;
          changed = true;
        }
      }
    }
  }

  struct Site {
    uint32_t block, next;
  };

  // v's slot is read in `block`.
  void need(VReg v, uint32_t block) {
    if (v < kFirstVReg || !a_.needs_slot[v] || a_.phi_in_slot[v]) return;
    uint32_t head = sites_of_[v];
    if (head != kNever && sites_[head].block == block) return;
    sites_.push_back({block, head});
    sites_of_[v] = static_cast<uint32_t>(sites_.size() - 1);
  }

  void find_sites() {
    def_block_.assign(f_.vregs.size(), kNever);
    sites_of_.assign(f_.vregs.size(), kNever);
    for (uint32_t b = 0; b < f_.blocks.size(); b++) {
      const MBlock& block = f_.blocks[b];
      for (const MPhi& phi : block.phis) def_block_[phi.def] = b;
      for (size_t i = 0; i < block.insts.size(); i++) {
        const Inst& inst = *block.insts[i];
        // Moves of the edge into b are done before the place for b's stores.
        uint32_t at = i < a_.edge_moves[b] ? idom_[b] : b;
        if (inst.op == MOp::SlotMove) need(static_cast<VReg>(inst.imm), at);
        else if (inst.mem.kind == Mem::Slot && inst.op != MOp::Spill && inst.op != MOp::SlotRemat) need(inst.mem.id, at);
        for (const Operand& u : inst.uses()) {
          if (u.any && u.reg == kAnyReg) need(u.vreg, at);
        }
        if (inst.op == MOp::Call || inst.op == MOp::CallM) {
          for (VReg v : inst.call->live_pointers) need(v, at);
        }
        if (!defines(inst)) continue;
        for (const Operand& d : inst.defs()) {
          if (d.vreg >= kFirstVReg) def_block_[d.vreg] = b;
        }
      }
    }
  }

  Reg register_at_start(VReg v, uint32_t block) const {
    for (int r = 0; r < kNumRegs; r++) {
      if (a_.start[block][r] == v) return static_cast<Reg>(r);
    }
    return kAnyReg;
  }

  // The best block on the way from `block` up to the definition: where v is in a register, in as few loops as can be (a cold
  // block counts as being in none), as far down as can be. The definition itself is always possible.
  uint32_t best_place(VReg v, uint32_t block) const {
    uint32_t def = def_block_[v], best = def;
    int depth = f_.blocks[def].loop_depth;
    bool found = false;
    for (uint32_t b = block; b != def; b = idom_[b]) {
      int d = f_.blocks[b].cold ? 0 : f_.blocks[b].loop_depth;
      if ((found ? d < depth : d <= depth) && register_at_start(v, b) != kAnyReg) {
        best = b;
        depth = d;
        found = true;
      }
    }
    return best;
  }

  // Chooses the blocks in which v is stored: its defining block (right after the definition) or others (at their starts), so that
  // each reader is dominated by one. Readers in cold blocks have stores of their own there if they can.
  void place_stores(VReg v) {
    uint32_t def = def_block_[v], hot = kNever;
    bool cold_def = f_.blocks[def].cold;
    for (uint32_t s = sites_of_[v]; s != kNever; s = sites_[s].next) {
      uint32_t b = sites_[s].block;
      if (f_.blocks[b].cold && !cold_def) continue;
      hot = hot == kNever ? b : common_dominator(hot, b);
    }
    if (hot == def) return store_in(v, def);
    std::vector<uint32_t> chosen;
    if (hot != kNever) {
      chosen.push_back(best_place(v, hot));
      if (chosen[0] == def) return store_in(v, def);
    }
    for (uint32_t s = sites_of_[v]; s != kNever; s = sites_[s].next) {
      uint32_t b = sites_[s].block;
      if (!f_.blocks[b].cold || cold_def) continue;
      bool covered = false;
      for (uint32_t d = b;; d = idom_[d]) {
        covered |= std::find(chosen.begin(), chosen.end(), d) != chosen.end();
        if (covered || d == def) break;
      }
      if (covered) continue;
      uint32_t place = kNever;
      for (uint32_t c = b; c != def && f_.blocks[c].cold; c = idom_[c]) {
        if (register_at_start(v, c) != kAnyReg) place = c;
      }
      if (place == kNever) return store_in(v, def);
      chosen.push_back(place);
    }
    for (uint32_t b : chosen) store_in(v, b);
  }

  void store_in(VReg v, uint32_t block) { stores_.push_back({block, v}); }

  void insert_stores() {
    bool any = false;
    for (VReg v = kFirstVReg; v < f_.vregs.size(); v++) any |= a_.needs_slot[v] && !a_.phi_in_slot[v];
    if (!any) return;
    find_dominators();
    find_sites();
    for (VReg v = kFirstVReg; v < f_.vregs.size(); v++) {
      if (!a_.needs_slot[v] || a_.phi_in_slot[v] || def_block_[v] == kNever) continue;
      if (sites_of_[v] == kNever) a_.needs_slot[v] = 0;  // it was dropped, but made again or never read
      else place_stores(v);
    }
    std::sort(stores_.begin(), stores_.end());
    std::vector<Inst*> out;
    for (size_t at = 0; at < stores_.size();) {
      uint32_t b = stores_[at].first;
      size_t end = at;
      while (end < stores_.size() && stores_[end].first == b) end++;
      MBlock& block = f_.blocks[b];
      size_t i = a_.edge_moves[b];
      out.assign(block.insts.begin(), block.insts.begin() + static_cast<long>(i));
      std::vector<VReg> after_definition;
      for (; at < end; at++) {
        VReg v = stores_[at].second;
        bool phi = std::any_of(block.phis.begin(), block.phis.end(), [&](const MPhi& p) { return p.def == v; });
        if (def_block_[v] == b && !phi) after_definition.push_back(v);
        else out.push_back(make_spill(f_, v, register_at_start(v, b)));
      }
      for (; i < block.insts.size(); i++) {
        Inst* inst = block.insts[i];
        out.push_back(inst);
        if (after_definition.empty() || !defines(*inst)) continue;
        for (const Operand& d : inst->defs()) {
          if (d.vreg < kFirstVReg || std::find(after_definition.begin(), after_definition.end(), d.vreg) == after_definition.end()) continue;
          Inst* spill = make_spill(f_, d.vreg, d.reg);
          spill->pos = inst->pos;
          spill->inlined = inst->inlined;
          out.push_back(spill);
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
  std::vector<uint32_t> idom_, def_block_, sites_of_;  // by block; by vreg: defining block, last of its sites
  std::vector<Site> sites_;
  std::vector<std::pair<uint32_t, VReg>> stores_;
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
