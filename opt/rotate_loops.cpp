// Loop rotation: a loop tested at its top is entered through a copy of the test, and tested at its bottom.
//
//   while (test) body   becomes   if (test) do body while (test)
//
// One branch an iteration instead of two, and what stands first in the body runs whenever the loop is entered: a place in
// front of it is where hoist may put loads and checks.
//
// Before: a header that ends in an If with one way out of the loop, whose values are few and have no effect but reading and
// checking. After: the header is the bottom of the loop; its values have two definitions, mended by SsaRepair. Cold loops and
// those that are tested at the bottom already are left.
// Cost: linear, but for the phis that mending adds.
#include <algorithm>

#include "ir/dominators.h"
#include "opt/edges.h"
#include "opt/pass_list.h"
#include "opt/ssa_repair.h"

namespace gale::opt {
namespace {

using ir::BlockId;
using ir::Op;
using ir::TermKind;
using ir::Value;
using ir::ValueId;

constexpr size_t kMaxHeader = 12;

class Rotation {
 public:
  explicit Rotation(ir::Func& f) : f_(f) {}

  bool run() {
    ir::Dominators dom(f_);
    ir::Loops loops(f_, dom);
    if (loops.loops.empty()) return false;
    in_loop_.assign(f_.blocks.size(), 0);
    for (size_t i = 0; i < loops.loops.size(); i++) {
      const ir::Loop& loop = loops.loops[i];
      stamp_ = static_cast<uint32_t>(i + 1);
      for (BlockId b : loop.blocks) mark(b);
      // Blocks of loops inside it carry the inner loop's number when their turn comes; this loop's are all marked now.
      consider(loop, dom);
    }
    for (const Chosen& loop : chosen_) rotate(loop);
    if (!chosen_.empty()) mend();
    return !chosen_.empty();
  }

 private:
  struct Chosen {
    BlockId header;
    std::vector<BlockId> latches;
    bool exits_first;
  };
  struct CopiedValue {
    ValueId there, copy;
    BlockId header, guard;
  };
  void mark(BlockId b) {
    if (in_loop_.size() <= b.index) in_loop_.resize(b.index + 1);
    in_loop_[b.index] = stamp_;
  }
  bool inside(BlockId b) const { return b.index < in_loop_.size() && in_loop_[b.index] == stamp_; }

  void consider(const ir::Loop& loop, const ir::Dominators& dom) {
    const ir::Block& h = f_[loop.header];
    if (h.cold || h.term != TermKind::If || h.succs[0] == h.succs[1] || loop.header == f_.defers.return_block) return;
    const bool first_in = inside(h.succs[0]), second_in = inside(h.succs[1]);
    if (first_in == second_in) return;
    Chosen chosen{loop.header, {}, false};
    size_t entering = 0;
    for (BlockId p : h.preds) {
      if (!dom.reachable(p)) return;
      if (!inside(p)) {
        entering++;
        continue;
      }
      if (p == loop.header) return;
      chosen.latches.push_back(p);
      // Tested at the bottom already?
      for (BlockId s : f_[p].succs) {
        if (!inside(s)) return;
      }
    }
    if (entering == 0) return;
    size_t count = 0;
    for (ValueId v : h.values) {
      const Value& x = f_[v];
      if (x.op == Op::Phi || x.op == Op::DbgValue) continue;
      if (!ir::is_pure(x.op) && x.op != Op::Load && x.op != Op::NilCheck && x.op != Op::BoundsCheck && x.op != Op::PtrToInt) return;
      if (x.op != Op::Const && x.op != Op::ConstF && x.op != Op::SymAddr && x.op != Op::LocalAddr && ++count > kMaxHeader) return;
    }
    chosen.exits_first = second_in;
    chosen_.push_back(std::move(chosen));
  }

  // A block of its own on the edge from -> to (the only one between them).
  BlockId split_edge(BlockId from, BlockId to) {
    BlockId middle = f_.add_block();
    f_[middle].term = TermKind::Jump;
    f_[middle].succs = {to};
    f_[middle].preds = {from};
    f_[middle].pos = f_[from].pos;
    f_[middle].inlined = f_[from].inlined;
    f_[middle].cold = f_[to].cold;
    std::replace(f_[from].succs.begin(), f_[from].succs.end(), to, middle);
    std::replace(f_[to].preds.begin(), f_[to].preds.end(), from, middle);
    return middle;
  }

  void rotate(const Chosen& loop) {
    const BlockId header = loop.header;
    const size_t n_in = loop.exits_first ? 1 : 0;
    // Blocks of one predecessor each behind the test, so that both tests can lead there.
    BlockId body = f_[header].succs[n_in], exit = f_[header].succs[1 - n_in];
    body = split_edge(header, body);
    exit = split_edge(header, exit);

    // The copy of the test, entered from outside.
    const BlockId guard = f_.add_block();
    f_[guard].pos = f_[header].pos;
    f_[guard].inlined = f_[header].inlined;
    std::vector<BlockId> outside, latches;
    std::vector<size_t> outside_at, latch_at;
    for (size_t i = 0; i < f_[header].preds.size(); i++) {
      const BlockId p = f_[header].preds[i];
      const bool latch = std::find(loop.latches.begin(), loop.latches.end(), p) != loop.latches.end();
      (latch ? latches : outside).push_back(p);
      (latch ? latch_at : outside_at).push_back(i);
    }
    const std::vector<ValueId> old = f_[header].values;
    SideTable<ValueId, ValueId> map(f_.values.size());
    for (ValueId v : old) {
      const Value x = f_[v];
      if (x.op == Op::DbgValue) continue;
      Value y = x;
      y.block = guard;
      if (x.op == Op::Phi) {
        std::vector<ValueId> args;
        for (size_t i : outside_at) args.push_back(x.args[i]);
        // A Copy and not the argument itself: that may be a value of another header, to be mended too.
        if (args.size() == 1) y.op = Op::Copy;
        y.args = f_.arena.copy(args);
        args.clear();
        for (size_t i : latch_at) args.push_back(x.args[i]);
        f_[v].args = f_.arena.copy(args);
      } else {
        y.args = f_.arena.copy(x.args);
        for (ValueId& a : y.args) {
          if (map.get(a).valid()) a = map.get(a);
        }
      }
      const ValueId copy = f_.values.add(y);
      f_[guard].values.push_back(copy);
      map[v] = copy;
      if (x.ty != ir::Ty::Void) copies_.push_back({v, copy, header, guard});
    }
    // Copies stand behind the phis.
    std::stable_partition(f_[guard].values.begin(), f_[guard].values.end(), [&](ValueId v) { return f_[v].op == Op::Phi; });
    ir::Block& g = f_[guard];
    const ValueId control = f_[header].control;
    g.term = TermKind::If;
    g.control = map.get(control).valid() ? map.get(control) : control;
    g.likely = f_[header].likely;
    g.succs = f_[header].succs;
    g.preds = outside;
    for (BlockId p : outside) std::replace(f_[p].succs.begin(), f_[p].succs.end(), header, guard);
    f_[header].preds = latches;
    f_[body].preds = {header, guard};
    f_[exit].preds = {header, guard};
  }

  // All uses of values that now have two definitions, in one sweep.
  void mend() {
    SideTable<ValueId, uint32_t> index(f_.values.size());
    std::vector<SsaRepair> repair;
    repair.reserve(copies_.size());
    for (const CopiedValue& c : copies_) {
      SsaRepair& r = repair.emplace_back(f_);
      r.define(c.header, c.there);
      r.define(c.guard, c.copy);
      index[c.there] = static_cast<uint32_t>(repair.size());
    }
    auto mended = [&](ValueId v, BlockId at, bool at_end) {
      const uint32_t c = v.valid() ? index.get(v) : 0;
      if (c == 0 || (!at_end && at == copies_[c - 1].header)) return v;
      const ir::Ty ty = f_[v].ty;
      return at_end ? repair[c - 1].at_end(at, ty) : repair[c - 1].at_start(at, ty);
    };
    mend_uses(f_, mended);
  }

  ir::Func& f_;
  std::vector<uint32_t> in_loop_;
  uint32_t stamp_ = 0;
  std::vector<Chosen> chosen_;
  std::vector<CopiedValue> copies_;
};

}  // namespace

bool rotate_loops(ir::Func& f, PassContext& context) {
  remove_dead_blocks(f, context);
  if (!Rotation(f).run()) return false;
  fold_constants(f, context);  // trivial phis
  remove_dead_blocks(f, context);
  return true;
}

}  // namespace gale::opt
