// Two tests of one value against constants become one:
//
//   if lo <= x && x <= hi     becomes     if x - lo <= hi - lo, as unsigned numbers
//
// Before: an If, one of whose ways is a block that only compares the same value with another constant; both leave for the same
// block when their condition fails. After: one comparison, half the branches to mispredict (scanners of text live on them).
// `prove` gets more out of the two, so it runs before. Cost: linear.
#include <algorithm>
#include <optional>

#include "opt/edges.h"
#include "opt/integers.h"
#include "opt/pass_list.h"

namespace gale::opt {
namespace {

using ir::BlockId;
using ir::Op;
using ir::TermKind;
using ir::Ty;
using ir::Value;
using ir::ValueId;

constexpr size_t kMaxValues = 4;  // computed without need where the first test alone would have decided

// x >= limit (lower) or x <= limit.
struct Bound {
  ValueId x;
  bool is_signed, lower;
  __int128 limit;
};

class Merger {
 public:
  Merger(ir::Func& f, PassContext& context) : f_(f), context_(context) {}

  bool run() {
    bool changed = false;
    const std::vector<BlockId> order = ir::reverse_postorder(f_);
    for (size_t i = order.size(); i-- > 0;) {
      for (size_t side : {0, 1}) changed |= f_[order[i]].term == TermKind::If && merge(order[i], side);
    }
    if (changed) remove_dead_blocks(f_, context_);
    return changed;
  }

 private:
  // What `condition` says of a value if it holds, or if it does not.
  std::optional<Bound> bound(ValueId condition, bool holds) const {
    const Value& c = f_[condition];
    if (c.op == Op::Not) return bound(c.args[0], !holds);
    if (c.op != Op::Lt && c.op != Op::Le && c.op != Op::ULt && c.op != Op::ULe) return {};
    int64_t k;
    const bool right = ir::is_const(f_, c.args[1], &k);
    if (!right && !ir::is_const(f_, c.args[0], &k)) return {};
    const ValueId x = c.args[right ? 0 : 1];
    const int bits = ir::size_of(f_[x].ty) * 8;
    if (f_[x].ty < Ty::I8 || f_[x].ty > Ty::I64) return {};
    Bound b{x, c.op == Op::Lt || c.op == Op::Le, right != holds, k};
    const __int128 one = 1;
    if (!b.is_signed) b.limit &= (one << bits) - 1;
    const bool strict = (c.op == Op::Lt || c.op == Op::ULt) == holds;
    if (strict) b.limit += b.lower ? 1 : -1;
    const __int128 least = b.is_signed ? -(one << (bits - 1)) : 0;
    if (b.limit < least || b.limit > least + (one << bits) - 1) return {};  // decided: not for here
    return b;
  }

  bool only_tests(BlockId id) const {
    const ir::Block& b = f_[id];
    return b.term == TermKind::If && b.preds.size() == 1 && !b.cold && id != f_.defers.return_block && b.values.size() <= kMaxValues &&
           std::all_of(b.values.begin(), b.values.end(), [&](ValueId v) { return ir::is_pure(f_[v].op); });
  }

  static size_t place(const ir::Block& b, BlockId pred) {
    return static_cast<size_t>(std::find(b.preds.begin(), b.preds.end(), pred) - b.preds.begin());
  }

  bool merge(BlockId first, size_t side) {
    const BlockId second = f_[first].succs[side], out = f_[first].succs[1 - side];
    if (second == out || second == first || out == first || !only_tests(second)) return false;
    const std::vector<BlockId>& ways = f_[second].succs;
    if (ways[0] == ways[1] || (ways[0] != out && ways[1] != out)) return false;
    const size_t in = ways[0] == out ? 1 : 0;
    const std::optional<Bound> a = bound(f_[first].control, side == 0), b = bound(f_[second].control, in == 0);
    if (!a || !b || a->x != b->x || a->is_signed != b->is_signed || a->lower == b->lower) return false;
    const __int128 low = a->lower ? a->limit : b->limit, high = a->lower ? b->limit : a->limit;
    if (low > high) return false;
    for (ValueId id : f_[out].values) {
      const Value& phi = f_[id];
      if (phi.op != Op::Phi) break;
      if (phi.args[place(f_[out], first)] != phi.args[place(f_[out], second)]) return false;
    }

    const Ty ty = f_[a->x].ty;
    const Pos pos = f_[f_[first].control].pos;
    const auto from = f_[f_[first].control].inlined;
    auto make = [&](Op op, Ty t, std::initializer_list<ValueId> args, __int128 aux) {
      const ValueId v = f_.emit(first, op, t, args, static_cast<int64_t>(aux), pos);
      f_[v].inlined = from;
      return v;
    };
    ValueId x = a->x;
    if (low != 0) x = make(Op::Sub, ty, {x, make(Op::Const, ty, {}, sign_extend(static_cast<int64_t>(low), ty))}, 0);
    const ValueId test = make(Op::ULe, Ty::Bool, {x, make(Op::Const, ty, {}, sign_extend(static_cast<int64_t>(high - low), ty))}, 0);
    ir::Block& from_block = f_[first];
    const int to_second = side == 0 ? from_block.likely : -from_block.likely, further = in == 0 ? f_[second].likely : -f_[second].likely;
    from_block.control = test;
    from_block.likely = to_second < 0 || further < 0 ? -1 : to_second > 0 && further > 0 ? 1 : 0;
    if (side == 1) std::swap(from_block.succs[0], from_block.succs[1]);
    keep_one_successor(f_, second, in);
    if (context_.remark) remark(context_, f_, f_[test], "two comparisons made one");
    return true;
  }

  ir::Func& f_;
  PassContext& context_;
};

}  // namespace

bool merge_ranges(ir::Func& f, PassContext& context) { return Merger(f, context).run(); }

}  // namespace gale::opt
