// If-conversion: a branch around a few cheap values becomes Selects, which the back end makes CMOVs and SETccs.
//
//   if c { x = y + 1 }     becomes     x = Select(c, y + 1, x)
//
// Before: an If whose ways meet again at once, by one or two blocks that hold nothing but cheap pure values. After: the If's block
// holds them, and Selects instead of the phis. A branch that is likely, and one into a cold block, is better as it is. So is one
// whose outcome is part of an address: while a predicted branch lets the load start, a Select waits for both ways. Floats stay,
// they have no CMOV; pointers are not made before the condition that says they may be (ABI.md section 16.1).
// Cost: linear.
#include <algorithm>

#include "ir/dominators.h"
#include "opt/edges.h"
#include "opt/pass_list.h"

namespace gale::opt {
namespace {

using ir::BlockId;
using ir::Op;
using ir::TermKind;
using ir::Ty;
using ir::Value;
using ir::ValueId;

constexpr int kMaxCost = 3;  // values made in vain and Selects
constexpr int kMaxRounds = 3;

class Conversion {
 public:
  Conversion(ir::Func& f, PassContext& context) : f_(f), context_(context), in_address_(f.values.size()), condition_(f.values.size()) {}

  bool run() {
    find_addresses();
    const std::vector<BlockId> order = ir::reverse_postorder(f_);
    for (size_t i = order.size(); i-- > 0;) {
      if (f_[order[i]].term == TermKind::If) convert(order[i]);
    }
    return changed_;
  }

 private:
  // Values that are (part of) addresses of memory, and conditions of branches.
  void find_addresses() {
    std::vector<ValueId> work;
    auto mark = [&](ValueId v) {
      if (in_address_[v.index]) return;
      in_address_[v.index] = 1;
      work.push_back(v);
    };
    for (const ir::Block& b : f_.blocks) {
      if (b.removed) continue;
      for (ValueId id : b.values) {
        const Value& v = f_[id];
        if (v.op == Op::AddPtr) mark(v.args[0]), mark(v.args[1]);
        else if (v.op == Op::Load || v.op == Op::NilCheck || v.op == Op::Move) mark(v.args.back());
        else if (v.op == Op::BoundsCheck) mark(v.args[0]);
      }
      if (b.control.valid()) condition_[b.control.index] = 1;
    }
    while (!work.empty()) {
      const Value& v = f_[work.back()];
      work.pop_back();
      switch (v.op) {
        case Op::Add: case Op::Sub: case Op::And: case Op::Shl: case Op::Shr: case Op::Sar: case Op::SExt: case Op::ZExt: case Op::OffPtr: case Op::Copy:
        case Op::Phi:
          for (ValueId a : v.args) mark(a);
          break;
        default: break;
      }
    }
  }

  static bool cheap(Op op) {
    switch (op) {
      case Op::Add: case Op::Sub: case Op::Neg: case Op::And: case Op::Or: case Op::Xor: case Op::Not: case Op::Shl: case Op::Shr: case Op::Sar:
      case Op::SExt: case Op::ZExt: case Op::Trunc:
      case Op::Eq: case Op::Ne: case Op::Lt: case Op::Le: case Op::ULt: case Op::ULe:
        return true;
      default: return false;
    }
  }

  // Does `arm` lie between `from` and one block only, with nothing in it that may not be done in vain? Adds what that costs.
  bool is_arm(BlockId arm, int* cost) const {
    const ir::Block& b = f_[arm];
    if (b.preds.size() != 1 || b.term != TermKind::Jump || b.cold || arm == f_.defers.return_block) return false;
    for (ValueId id : b.values) {
      const Value& v = f_[id];
      if (v.op == Op::Const || v.op == Op::Copy || v.op == Op::DbgValue) continue;
      if (!cheap(v.op) || v.ty == Ty::Ptr || v.ty == Ty::Addr) return false;
      // A shift by what is not known takes several instructions.
      if ((v.op == Op::Shl || v.op == Op::Shr || v.op == Op::Sar) && v.aux == 0) return false;
      if (v.op != Op::Trunc && v.op != Op::ZExt) ++*cost;
    }
    return true;
  }

  void convert(BlockId b) {
    const BlockId yes = f_[b].succs[0], no = f_[b].succs[1];
    if (yes == no || f_[b].likely != 0 || f_[b].cold) return;
    int cost = 0;
    BlockId join;
    bool yes_arm = false, no_arm = false;
    if (f_[yes].term == TermKind::Jump && f_[yes].succs[0] == no) {
      join = no;
      yes_arm = true;
    } else if (f_[no].term == TermKind::Jump && f_[no].succs[0] == yes) {
      join = yes;
      no_arm = true;
    } else if (f_[yes].term == TermKind::Jump && f_[no].term == TermKind::Jump && f_[yes].succs[0] == f_[no].succs[0]) {
      join = f_[yes].succs[0];
      yes_arm = no_arm = true;
    } else {
      return;
    }
    if (join == b || join == f_.defers.return_block || f_[join].cold) return;
    if ((yes_arm && !is_arm(yes, &cost)) || (no_arm && !is_arm(no, &cost))) return;
    const BlockId from_yes = yes_arm ? yes : b, from_no = no_arm ? no : b;
    const size_t at_yes = place(join, from_yes), at_no = place(join, from_no);
    bool any = false;
    for (ValueId id : f_[join].values) {
      const Value& phi = f_[id];
      if (phi.op != Op::Phi) break;
      if (phi.args[at_yes] == phi.args[at_no]) continue;
      if (phi.ty == Ty::F32 || phi.ty == Ty::F64 || phi.ty == Ty::Addr || in_address_[id.index] || condition_[id.index]) return;
      any = true;
      if (!is_bit(phi.args[at_yes], phi.args[at_no])) cost++;
    }
    if (!any || cost > kMaxCost) return;

    const ValueId control = f_[b].control;
    if (yes_arm) take(b, yes);
    if (no_arm) take(b, no);
    const std::vector<ValueId> phis = f_[join].values;
    for (ValueId id : phis) {
      if (f_[id].op != Op::Phi) break;
      const ValueId x = f_[id].args[at_yes], y = f_[id].args[at_no];
      const ValueId chosen = x == y ? x : f_.emit(b, Op::Select, f_[id].ty, {control, x, y}, 0, f_[b].pos);
      f_[id].args[at_yes] = f_[id].args[at_no] = chosen;
    }
    if (context_.remark) context_.remark({f_[b].pos, "branch replaced by a choice of values"});
    // b goes on to the join itself: by its own edge if it has one, else by that of an arm.
    if (yes_arm && no_arm) {
      std::replace(f_[join].preds.begin(), f_[join].preds.end(), yes, b);
      remove_pred(f_, no, join);
      f_[yes].preds.clear(), f_[no].preds.clear();
      f_[yes].succs.clear(), f_[no].succs.clear();
      f_[b].succs = {join};
      f_[b].term = TermKind::Jump;
      f_[b].control = ValueId();
    } else {
      const BlockId arm = yes_arm ? yes : no;
      keep_one_successor(f_, b, yes_arm ? 1 : 0);
      remove_pred(f_, arm, join);
      f_[arm].succs.clear();
    }
    changed_ = true;
  }

  // 1 or 0 by the condition, or something and one more: a SETcc and no more than the add.
  bool is_bit(ValueId x, ValueId y) const {
    int64_t p, q;
    return ir::is_const(f_, x, &p) && ir::is_const(f_, y, &q) && ((p == 1 && q == 0) || (p == 0 && q == 1));
  }

  size_t place(BlockId join, BlockId pred) const {
    const std::vector<BlockId>& preds = f_[join].preds;
    return static_cast<size_t>(std::find(preds.begin(), preds.end(), pred) - preds.begin());
  }
  // The arm's values go to b. A debug variable would have the wrong value there.
  void take(BlockId b, BlockId arm) {
    for (ValueId v : f_[arm].values) {
      const bool moves = f_[v].op != Op::DbgValue;
      f_[v].block = moves ? b : BlockId();
      if (moves) f_[b].values.push_back(v);
    }
    f_[arm].values.clear();
  }

  ir::Func& f_;
  PassContext& context_;
  std::vector<uint8_t> in_address_, condition_;
  bool changed_ = false;
};

}  // namespace

bool if_convert(ir::Func& f, PassContext& context) {
  remove_dead_blocks(f, context);
  bool changed = false;
  // What one round makes a chain of blocks may be an arm in the next one.
  for (int round = 0; round < kMaxRounds && Conversion(f, context).run(); round++) {
    remove_dead_blocks(f, context);
    changed = true;
  }
  if (changed) fold_constants(f, context);
  return changed;
}

}  // namespace gale::opt
