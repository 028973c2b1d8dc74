// Jump threading: a branch on a phi of constants is decided on the edges that bring them.
//
//   b: phi(true, x); if phi    the edge of `true` goes on to b's first successor itself
//
// Such branches come from && and ||, from inlined functions that return a bool, and from bodies of loops over functions, whose
// iterator asks what the body has just said.
//
// Before: a block of phis, constants and an If on one of the phis (or on its equality with a constant); its phis are used by
// itself and by phis of its successors, or mended. After: the edge skips the block. Headers of loops are left: skipping one
// would make a second way into the loop.
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

constexpr int kMaxRounds = 3;

class Threading {
 public:
  explicit Threading(ir::Func& f) : f_(f) {}

  bool run() {
    ir::Dominators dom(f_);
    std::vector<uint32_t> order(f_.blocks.size());
    for (uint32_t i = 0; i < dom.rpo().size(); i++) order[dom.rpo()[i].index] = i;
    for (BlockId b : dom.rpo()) {
      if (b == f_.defers.return_block || f_[b].term != TermKind::If || f_[b].preds.size() < 2 || f_[b].succs[0] == f_[b].succs[1]) continue;
      auto comes_back = [&](BlockId p) { return p.index < order.size() && order[p.index] >= order[b.index]; };  // blocks made here do not
      if (std::any_of(f_[b].preds.begin(), f_[b].preds.end(), comes_back)) continue;
      if (only_phis(b)) thread(b);
    }
    if (!moved_.empty()) mend();
    return !moved_.empty() || changed_;
  }

 private:
  struct Copied {
    ValueId phi;
    std::vector<std::pair<BlockId, ValueId>> arriving;  // the values on edges that skip its block now
  };

  bool only_phis(BlockId b) const {
    const ValueId control = f_[b].control;
    for (ValueId v : f_[b].values) {
      const Op op = f_[v].op;
      if (op != Op::Phi && op != Op::Const && op != Op::ConstF && v != control) return false;
    }
    const Value& c = f_[control];
    if (c.block != b) return false;
    if (c.op == Op::Phi) return true;
    int64_t k;
    return (c.op == Op::Eq || c.op == Op::Ne) && f_[c.args[0]].op == Op::Phi && f_[c.args[0]].block == b && ir::is_const(f_, c.args[1], &k);
  }
  // 1: the branch goes to succs[0] when control comes by edge i; 0: to succs[1]; -1: not known.
  int decided(BlockId b, size_t i) const {
    const Value& c = f_[f_[b].control];
    int64_t k, x;
    if (c.op == Op::Phi) return ir::is_const(f_, c.args[i], &x) ? static_cast<int>(x & 1) : -1;
    if (!ir::is_const(f_, f_[c.args[0]].args[i], &x) || !ir::is_const(f_, c.args[1], &k)) return -1;
    return (x == k) == (c.op == Op::Eq);
  }

  // Constants cost nothing anywhere: out of the way with them.
  void move_constants(BlockId b) {
    std::vector<ValueId> kept;
    for (ValueId v : f_[b].values) {
      if (f_[v].op == Op::Const || f_[v].op == Op::ConstF) {
        f_[v].block = f_.entry;
        f_[f_.entry].values.push_back(v);
      } else {
        kept.push_back(v);
      }
    }
    f_[b].values = std::move(kept);
  }

  void thread(BlockId b) {
    bool any = false;
    for (size_t i = 0; i < f_[b].preds.size(); i++) any |= decided(b, i) >= 0;
    if (!any || b == f_.entry) return;
    move_constants(b);
    for (size_t i = 0; i < f_[b].preds.size() && f_[b].preds.size() > 1;) {
      const BlockId from = f_[b].preds[i];
      const int way = decided(b, i);
      // One edge between the two, or it is not clear which one moves.
      if (way < 0 || std::count(f_[b].preds.begin(), f_[b].preds.end(), from) != 1) {
        i++;
        continue;
      }
      const BlockId to = f_[b].succs[way ? 0 : 1];
      // A block of its own on the new edge, so that it is not a second one between the same two.
      const BlockId over = f_.add_block();
      f_[over].term = TermKind::Jump;
      f_[over].succs = {to};
      f_[over].preds = {from};
      f_[over].pos = f_[b].pos;
      f_[over].inlined = f_[b].inlined;
      f_[over].cold = f_[from].cold;
      for (ValueId v : f_[b].values) {
        if (f_[v].op != Op::Phi) {
          // The comparison, whose result is known there.
          arrive(v, over, f_.emit(over, Op::Const, ir::Ty::Bool, std::initializer_list<ValueId>{}, way, f_[v].pos));
          continue;
        }
        // Copy: the argument may be mended itself.
        const ValueId n = f_.emit(over, Op::Copy, f_[v].ty, {f_[v].args[i]}, 0, f_[v].pos);
        arrive(v, over, n);
      }
      const size_t at_b = static_cast<size_t>(std::find(f_[to].preds.begin(), f_[to].preds.end(), b) - f_[to].preds.begin());
      f_[to].preds.push_back(over);
      for (ValueId v : f_[to].values) {
        if (f_[v].op != Op::Phi) break;
        std::vector<ValueId> args(f_[v].args.begin(), f_[v].args.end());
        args.push_back(args[at_b]);  // what is b's own is mended
        f_[v].args = f_.arena.copy(args);
      }
      std::replace(f_[from].succs.begin(), f_[from].succs.end(), b, over);
      remove_pred(f_, from, b);
      changed_ = true;
    }
  }
  void arrive(ValueId v, BlockId over, ValueId n) {
    if (index_.get(v) == 0) {
      moved_.push_back({v, {}});
      index_[v] = static_cast<uint32_t>(moved_.size());
    }
    moved_[index_[v] - 1].arriving.push_back({over, n});
  }

  // Each value of a skipped block has a definition on every edge that skips it.
  void mend() {
    std::vector<SsaRepair> repair;
    repair.reserve(moved_.size());
    for (const Copied& c : moved_) {
      SsaRepair& r = repair.emplace_back(f_);
      r.define(f_[c.phi].block, c.phi);
      for (auto [block, v] : c.arriving) r.define(block, v);
    }
    auto mended = [&](ValueId v, BlockId at, bool at_end) {
      const uint32_t c = v.valid() ? index_.get(v) : 0;
      if (c == 0) return v;
      const ir::Ty ty = f_[v].ty;
      if (!at_end && at == f_[v].block) return v;
      return at_end ? repair[c - 1].at_end(at, ty) : repair[c - 1].at_start(at, ty);
    };
    mend_uses(f_, mended);
  }

  ir::Func& f_;
  std::vector<Copied> moved_;
  SideTable<ValueId, uint32_t> index_;
  bool changed_ = false;
};

}  // namespace

bool thread_jumps(ir::Func& f, PassContext& context) {
  remove_dead_blocks(f, context);
  bool changed = false;
  // What one round leads past a block may be decided in the next one.
  for (int round = 0; round < kMaxRounds && Threading(f).run(); round++) {
    changed = true;
    fold_constants(f, context);
    remove_dead_blocks(f, context);
  }
  return changed;
}

}  // namespace gale::opt
