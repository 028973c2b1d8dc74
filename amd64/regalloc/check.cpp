// The symbolic checker of register allocation (after regalloc2's checker): runs the allocated code over states that say which
// virtual registers each location (register or slot) certainly holds.
//
//   lattice    location -> set of virtual registers; unvisited above all; meet is intersection
//   definition v leaves all locations, then its register holds {v}; an instruction's clobbered registers hold nothing
//   move       the destination holds what the source holds
//   edge       a location that holds a phi's argument holds the phi too, and no longer the phi's value of the last turn
//   safepoint  pointer slots that the map does not name hold nothing: the stack may have been scanned and moved
//
// A use is right if its register (or slot) holds the named value on all paths. It shares no code with the allocator.
#include <algorithm>

#include <absl/container/inlined_vector.h>
#include <fmt/core.h>

#include "amd64/regalloc/regalloc.h"

namespace gale::amd64 {

namespace {

using Held = absl::InlinedVector<VReg, 2>;
using State = std::vector<Held>;

bool holds(const Held& h, VReg v) { return std::find(h.begin(), h.end(), v) != h.end(); }
void add(Held& h, VReg v) {
  if (!holds(h, v)) h.push_back(v);
}

class Checker {
 public:
  explicit Checker(const MFunc& f) : f_(f), locations_(kNumRegs + f.pointer_slots + f.scalar_slots) {}

  std::string run() {
    size_t n = f_.blocks.size();
    entry_.resize(n);
    visited_.assign(n, false);
    visit_entry(0);
    for (uint32_t b = 0; b < n; b++) {
      if (f_.blocks[b].root) visit_entry(b);
    }
    // To a fixed point first, then once more to report.
    while (!work_.empty()) {
      uint32_t b = work_.back();
      work_.pop_back();
      State s = entry_[b];
      run_block(b, s);
      for (uint32_t succ : f_.blocks[b].succs) flow(b, succ, s);
    }
    report_ = true;
    for (uint32_t b = 0; b < n && errors_.size() < 4000; b++) {
      if (!visited_[b]) continue;
      State s = entry_[b];
      run_block(b, s);
    }
    return errors_;
  }

 private:
  void visit_entry(uint32_t b) {
    entry_[b].assign(locations_, {});
    visited_[b] = true;
    work_.push_back(b);
  }

  size_t slot_location(VReg v) const {
    return kNumRegs + (f_.vregs[v].is_pointer() ? 0 : f_.pointer_slots) + static_cast<size_t>(f_.slot[v]);
  }

  void flow(uint32_t from, uint32_t to, const State& out) {
    const MBlock& block = f_.blocks[to];
    State s = out;
    for (size_t p = 0; p < block.preds.size(); p++) {
      if (block.preds[p] != from) continue;
      for (Held& h : s) {
        Held next;
        for (VReg v : h) {
          bool stale = std::any_of(block.phis.begin(), block.phis.end(), [&](const MPhi& phi) { return phi.def == v; });
          if (!stale) next.push_back(v);
        }
        for (const MPhi& phi : block.phis) {
          if (holds(h, phi.args[p])) add(next, phi.def);
        }
        h = std::move(next);
      }
      break;
    }
    if (!visited_[to]) {
      visited_[to] = true;
      entry_[to] = std::move(s);
      work_.push_back(to);
      return;
    }
    bool changed = false;
    for (size_t l = 0; l < locations_; l++) {
      Held& held = entry_[to][l];
      auto gone = std::remove_if(held.begin(), held.end(), [&](VReg v) { return !holds(s[l], v); });
      changed |= gone != held.end();
      held.erase(gone, held.end());
    }
    if (changed) work_.push_back(to);
  }

  void fail(uint32_t b, const Inst& inst, const std::string& what) {
    if (report_) errors_ += fmt::format("b{}: {}: {}\n", b, print(f_, inst), what);
  }

  void define(State& s, VReg v, size_t location) {
    for (Held& h : s) h.erase(std::remove(h.begin(), h.end(), v), h.end());
    s[location] = {v};
  }

  void copy(uint32_t b, const Inst& inst, State& s, size_t to, size_t from, VReg expected) {
    if (expected != kNoVReg && !holds(s[from], expected)) fail(b, inst, fmt::format("moves v{}, which is not there", expected));
    Held h = s[from];
    s[to] = std::move(h);
  }

  void run_block(uint32_t b, State& s) {
    for (const Inst* inst : f_.blocks[b].insts) step(b, *inst, s);
  }

  void step(uint32_t b, const Inst& inst, State& s) {
    switch (inst.op) {
      case MOp::Move:
        return copy(b, inst, s, inst.operands[0].reg, inst.operands[1].reg, inst.operands[1].vreg);
      case MOp::Load:
        return copy(b, inst, s, inst.operands[0].reg, slot_location(inst.mem.id), inst.operands[0].vreg);
      case MOp::Spill:
        return copy(b, inst, s, slot_location(inst.mem.id), inst.operands[0].reg, inst.operands[0].vreg);
      case MOp::SlotMove:
        return copy(b, inst, s, slot_location(inst.mem.id), slot_location(static_cast<VReg>(inst.imm)), kNoVReg);
      case MOp::SlotRemat:
        s[slot_location(inst.mem.id)] = {static_cast<VReg>(inst.imm)};
        return;
      case MOp::Remat:
        s[inst.operands[0].reg] = {inst.operands[0].vreg};
        return;
      case MOp::Exchange:
        std::swap(s[inst.operands[0].reg], s[inst.operands[1].reg]);
        return;
      default:
        break;
    }
    uses(b, inst, s);
    if (inst.safepoint() != nullptr) safepoint(b, inst, s);
    for (RegMask m = inst.clobbers; m != 0; m &= m - 1) s[static_cast<size_t>(__builtin_ctz(m))].clear();
    for (size_t i = 0; i < inst.num_defs; i++) {
      const Operand& d = inst.operands[i];
      if (d.reg >= kNumRegs) {
        fail(b, inst, fmt::format("v{} has no register", d.vreg));
        continue;
      }
      for (size_t j = 0; j < i; j++) {
        if (inst.operands[j].reg == d.reg) fail(b, inst, "two results in one register");
      }
      if (d.early) {
        for (const Operand& u : inst.uses()) {
          if (u.reg == d.reg && u.vreg != d.vreg && !(u.reg == RAX && inst.op == MOp::IdivFix)) fail(b, inst, "an early result overwrites an operand");
        }
      }
      define(s, d.vreg, d.reg);
    }
  }

  void uses(uint32_t b, const Inst& inst, const State& s) {
    for (const Operand& u : inst.uses()) {
      if (u.vreg < kFirstVReg) continue;
      if (u.reg != kAnyReg) {
        if (!holds(s[u.reg], u.vreg)) fail(b, inst, fmt::format("v{} is not in {}", u.vreg, reg_name(u.reg, 8)));
      } else if (inst.mem.kind == Mem::Slot && inst.mem.id == u.vreg) {
        if (!holds(s[slot_location(u.vreg)], u.vreg)) fail(b, inst, fmt::format("v{} is not in its slot", u.vreg));
      } else if (!(inst.mem.kind == Mem::FloatConst && inst.mem.id == u.vreg) && !u.any) {
        fail(b, inst, fmt::format("v{} is nowhere", u.vreg));
      }
      if (u.tied && u.reg != inst.operands[0].reg) fail(b, inst, "a tied operand has another register");
    }
  }

  void safepoint(uint32_t b, const Inst& inst, State& s) {
    std::vector<bool> named(f_.pointer_slots, false);
    for (VReg v : inst.call->live_pointers) {
      if (!f_.vregs[v].is_pointer()) fail(b, inst, fmt::format("the map names v{}, which is no pointer", v));
      else if (!holds(s[slot_location(v)], v)) fail(b, inst, fmt::format("the map names v{}, which is not in its slot", v));
      else named[static_cast<size_t>(f_.slot[v])] = true;
    }
    for (size_t i = 0; i < f_.pointer_slots; i++) {
      if (!named[i]) s[kNumRegs + i].clear();
    }
  }

  const MFunc& f_;
  size_t locations_;
  std::vector<State> entry_;
  std::vector<bool> visited_;
  std::vector<uint32_t> work_;
  bool report_ = false;
  std::string errors_;
};

}  // namespace

std::string check_allocation(const MFunc& f) { return Checker(f).run(); }

}  // namespace gale::amd64
