// Removes bounds checks and decides comparisons by ranges and inequalities between integers.
//
// Facts are x <= y + c over the values as whole numbers, and a range per value; both come from branches, passed checks and
// induction variables, hold in a subtree of the dominator tree, and are undone on the way up. A question a <= b + c is
// answered by a bounded search over facts and over what operations say of their operands, which must not wrap for that.
// (Bodik, Gupta, Sarkar: ABCD, eliminating array bounds checks on demand, PLDI 2000, asks the same graph.)
//
// Operands of one value are of the same moment, but for the arguments that come to a loop's header from inside it: those phis
// are never looked through; of them holds only what `induction` finds.
//
// Keeps: the control-flow graph (decided branches become constant). Cost: linear, each question bounded by kSteps.
#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <limits>

#include "ir/dominators.h"
#include "opt/pass_list.h"

namespace gale::opt {
namespace {

using ir::BlockId;
using ir::BoundsKind;
using ir::Op;
using ir::TermKind;
using ir::Ty;
using ir::Value;
using ir::ValueId;
using Wide = __int128;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min(), kMax = std::numeric_limits<int64_t>::max();
constexpr int kDepth = 7, kSteps = 120, kRangeDepth = 4;

struct Range {
  int64_t low = kMin, high = kMax;
  bool operator==(const Range&) const = default;
};

Range of_type(Ty ty) {
  switch (ty) {
    case Ty::Bool: return {0, 1};
    case Ty::I8: return {-128, 127};
    case Ty::I16: return {-32768, 32767};
    case Ty::I32: return {-(int64_t{1} << 31), (int64_t{1} << 31) - 1};
    default: return {};
  }
}

bool fits(Wide low, Wide high, Ty ty) {
  const Range r = of_type(ty);
  return low >= r.low && high <= r.high;
}

class Prover {
 public:
  Prover(ir::Func& f, PassContext& context) : f_(f), context_(context), dom_(f), loop_header_(f.blocks.size()), known_(f.values.size()) {
    std::vector<uint32_t> order(f.blocks.size());
    for (uint32_t i = 0; i < dom_.rpo().size(); i++) order[dom_.rpo()[i].index] = i;
    for (BlockId b : dom_.rpo()) {
      for (BlockId s : f_[b].succs) {
        if (order[s.index] <= order[b.index]) loop_header_[s.index] = 1;
      }
    }
  }

  bool run() {
    struct Frame {
      BlockId block;
      size_t next, mark, ranges;
    };
    std::vector<Frame> stack;
    auto enter = [&](BlockId b) {
      stack.push_back({b, 0, undo_.size(), range_undo_.size()});
      visit(b);
    };
    enter(f_.entry);
    while (!stack.empty()) {
      Frame& top = stack.back();
      const std::vector<BlockId>& kids = dom_.children(top.block);
      if (top.next < kids.size()) {
        enter(kids[top.next++]);
        continue;
      }
      for (; undo_.size() > top.mark; undo_.pop_back()) {
        above_[undo_.back().first].pop_back();
        below_[undo_.back().second].pop_back();
      }
      for (; range_undo_.size() > top.ranges; range_undo_.pop_back()) known_[range_undo_.back().first] = range_undo_.back().second;
      stack.pop_back();
    }
    return changed_;
  }

 private:
  struct Edge {
    ValueId other;
    int64_t c;
  };

  // ---- facts
  // x <= y + c
  void learn(ValueId x, ValueId y, int64_t c) {
    if (x == y || c < -(int64_t{1} << 60) || c > int64_t{1} << 60) return;
    const Range rx = range(x), ry = range(y);
    if (Wide{ry.high} + c < rx.high && Wide{ry.high} + c >= kMin) narrow(x, {rx.low, static_cast<int64_t>(Wide{ry.high} + c)});
    if (Wide{rx.low} - c > ry.low && Wide{rx.low} - c <= kMax) narrow(y, {static_cast<int64_t>(Wide{rx.low} - c), ry.high});
    if (f_[x].op == Op::Const || f_[y].op == Op::Const) return;
    above_[x.index].push_back({y, c});
    below_[y.index].push_back({x, c});
    undo_.push_back({x.index, y.index});
  }
  void narrow(ValueId v, Range to) {
    if (f_[v].op == Op::Const || to.low > to.high) return;  // nothing gets here: leave it
    Range& now = known_[v.index];
    Range next{std::max(now.low, to.low), std::min(now.high, to.high)};
    if (next == now || next.low > next.high) return;
    range_undo_.push_back({v.index, now});
    now = next;
    const Value& x = f_[v];
    if (x.op == Op::SExt) narrow(x.args[0], next);
    if (x.op == Op::ZExt && next.high <= of_type(f_[x.args[0]].ty).high) narrow(x.args[0], {std::max<int64_t>(next.low, 0), next.high});
  }
  void at_least(ValueId v, int64_t low) { narrow(v, {low, kMax}); }

  // ---- ranges
  Range range(ValueId v) { return range(v, kRangeDepth); }
  Range range(ValueId v, int depth) {
    const Value& x = f_[v];
    if (x.op == Op::Const) return x.ty == Ty::Bool ? Range{x.aux & 1, x.aux & 1} : Range{x.aux, x.aux};
    Range r = of_type(x.ty);
    if (v.index < known_.size()) r = {std::max(r.low, known_[v.index].low), std::min(r.high, known_[v.index].high)};
    if (depth == 0) return r;
    const Range o = of_operation(x, depth - 1);
    r = {std::max(r.low, o.low), std::min(r.high, o.high)};
    return r.low <= r.high ? r : of_type(x.ty);
  }
  Range of_operation(const Value& x, int depth) {
    const Range all = of_type(x.ty);
    int64_t k;
    switch (x.op) {
      case Op::Add: case Op::Sub: {
        const Range a = range(x.args[0], depth), b = range(x.args[1], depth);
        const Wide low = x.op == Op::Add ? Wide{a.low} + b.low : Wide{a.low} - b.high;
        const Wide high = x.op == Op::Add ? Wide{a.high} + b.high : Wide{a.high} - b.low;
        return fits(low, high, x.ty) ? Range{static_cast<int64_t>(low), static_cast<int64_t>(high)} : all;
      }
      case Op::Mul: {
        const Range a = range(x.args[0], depth), b = range(x.args[1], depth);
        if (a.low < 0 || b.low < 0) return all;
        const Wide high = Wide{a.high} * b.high;
        return fits(0, high, x.ty) ? Range{a.low * b.low, static_cast<int64_t>(high)} : all;
      }
      case Op::And: {
        const Range a = range(x.args[0], depth), b = range(x.args[1], depth);
        if (a.low < 0 && b.low < 0) return all;
        return {0, a.low < 0 ? b.high : b.low < 0 ? a.high : std::min(a.high, b.high)};
      }
      case Op::Shr:
        if (!ir::is_const(f_, x.args[1], &k) || k <= 0 || k > 63) {
          const Range a = range(x.args[0], depth);
          return a.low >= 0 ? Range{0, a.high} : all;
        } else {
          const Range a = range(x.args[0], depth);
          const int bits = ir::size_of(x.ty) * 8;
          if (k >= bits) return {0, 0};
          return a.low >= 0 ? Range{a.low >> k, a.high >> k} : Range{0, static_cast<int64_t>(~0ull >> (64 - bits) >> k)};
        }
      case Op::Sar: {
        const Range a = range(x.args[0], depth);
        if (!ir::is_const(f_, x.args[1], &k) || k < 0 || k > 63) return {std::min<int64_t>(a.low, 0), std::max<int64_t>(a.high, 0)};
        return {a.low >> k, a.high >> k};
      }
      case Op::Div: {
        const Range a = range(x.args[0], depth);
        if (!ir::is_const(f_, x.args[1], &k) || k <= 0) return all;
        return {a.low / k, a.high / k};
      }
      case Op::Rem: {
        const Range a = range(x.args[0], depth), b = range(x.args[1], depth);
        if (b.low <= 0) return all;
        return {a.low >= 0 ? 0 : 1 - b.high, a.low >= 0 ? std::min(a.high, b.high - 1) : b.high - 1};
      }
      case Op::UDiv: case Op::URem: {
        const Range a = range(x.args[0], depth), b = range(x.args[1], depth);
        if (b.low <= 0) return all;
        if (x.op == Op::URem) return {0, b.high - 1};
        return a.low < 0 ? all : Range{0, a.high / b.low};
      }
      case Op::ZExt: {
        const Ty from = f_[x.args[0]].ty;
        if (from == Ty::Bool) return {0, 1};
        const Range a = range(x.args[0], depth);
        if (a.low >= 0) return a;
        return {0, static_cast<int64_t>(~0ull >> (64 - ir::size_of(from) * 8))};
      }
      case Op::SExt: return range(x.args[0], depth);
      case Op::Trunc: {
        const Range a = range(x.args[0], depth);
        return fits(a.low, a.high, x.ty) ? a : all;
      }
      case Op::Ctz: case Op::BitLen: case Op::Popcnt: return {0, ir::size_of(x.ty) * 8};
      case Op::Select: {
        const Range a = range(x.args[1], depth), b = range(x.args[2], depth);
        return {std::min(a.low, b.low), std::max(a.high, b.high)};
      }
      case Op::Phi: {
        if (loop_header_[x.block.index] || x.args.size() > 4) return all;
        Range r{kMax, kMin};
        for (ValueId a : x.args) {
          const Range one = range(a, depth);
          r = {std::min(r.low, one.low), std::max(r.high, one.high)};
        }
        return r;
      }
      default: return all;
    }
  }

  // ---- questions
  bool less_equal(ValueId a, ValueId b, Wide c) {
    steps_ = kSteps;
    return search(a, b, c, kDepth);
  }
  bool search(ValueId a, ValueId b, Wide c, int depth) {
    if (a == b) return c >= 0;
    const Range ra = range(a), rb = range(b);
    if (Wide{ra.high} - rb.low <= c) return true;
    if (Wide{ra.low} - rb.high > c) return false;
    if (depth == 0 || steps_ <= 0) return false;
    steps_--;
    if (auto it = above_.find(a.index); it != above_.end()) {
      for (size_t i = it->second.size(); i-- > 0;) {
        if (search(it->second[i].other, b, c - it->second[i].c, depth - 1)) return true;
      }
    }
    if (auto it = below_.find(b.index); it != below_.end()) {
      for (size_t i = it->second.size(); i-- > 0;) {
        if (search(a, it->second[i].other, c - it->second[i].c, depth - 1)) return true;
      }
    }
    return from_above(a, b, c, depth - 1) || from_below(a, b, c, depth - 1);
  }
  // a's operation bounds it from above.
  bool from_above(ValueId a, ValueId b, Wide c, int depth) {
    const Value& x = f_[a];
    switch (x.op) {
      case Op::Add: {
        const Range p = range(x.args[0]), q = range(x.args[1]);
        if (!fits(Wide{p.low} + q.low, Wide{p.high} + q.high, x.ty)) return false;
        return search(x.args[0], b, c - q.high, depth) || search(x.args[1], b, c - p.high, depth);
      }
      case Op::Sub: {
        const Range p = range(x.args[0]), q = range(x.args[1]);
        if (!fits(Wide{p.low} - q.high, Wide{p.high} - q.low, x.ty)) return false;
        return search(x.args[0], b, c + q.low, depth);
      }
      case Op::SExt: return search(x.args[0], b, c, depth);
      case Op::ZExt: return f_[x.args[0]].ty != Ty::Bool && range(x.args[0]).low >= 0 && search(x.args[0], b, c, depth);
      case Op::Shr: case Op::Sar: return range(x.args[0]).low >= 0 && search(x.args[0], b, c, depth);
      case Op::Div: return range(x.args[0]).low >= 0 && range(x.args[1]).low > 0 && search(x.args[0], b, c, depth);
      case Op::And:
        return (range(x.args[0]).low >= 0 && search(x.args[0], b, c, depth)) || (range(x.args[1]).low >= 0 && search(x.args[1], b, c, depth));
      case Op::Rem: case Op::URem:
        if (range(x.args[1]).low > 0 && search(x.args[1], b, c + 1, depth)) return true;
        return range(x.args[0]).low >= 0 && search(x.args[0], b, c, depth);
      case Op::Select: return search(x.args[1], b, c, depth) && search(x.args[2], b, c, depth);
      case Op::Phi:
        if (loop_header_[x.block.index] || x.args.size() > 3) return false;
        return std::all_of(x.args.begin(), x.args.end(), [&](ValueId v) { return search(v, b, c, depth); });
      default: return false;
    }
  }
  bool from_below(ValueId a, ValueId b, Wide c, int depth) {
    const Value& x = f_[b];
    switch (x.op) {
      case Op::Add: {
        const Range p = range(x.args[0]), q = range(x.args[1]);
        if (!fits(Wide{p.low} + q.low, Wide{p.high} + q.high, x.ty)) return false;
        return search(a, x.args[0], c + q.low, depth) || search(a, x.args[1], c + p.low, depth);
      }
      case Op::Sub: {
        const Range p = range(x.args[0]), q = range(x.args[1]);
        if (!fits(Wide{p.low} - q.high, Wide{p.high} - q.low, x.ty)) return false;
        return search(a, x.args[0], c - q.high, depth);
      }
      case Op::SExt: return search(a, x.args[0], c, depth);
      case Op::ZExt: return f_[x.args[0]].ty != Ty::Bool && range(x.args[0]).low >= 0 && search(a, x.args[0], c, depth);
      case Op::Select: return search(a, x.args[1], c, depth) && search(a, x.args[2], c, depth);
      case Op::Phi:
        if (loop_header_[x.block.index] || x.args.size() > 3) return false;
        return std::all_of(x.args.begin(), x.args.end(), [&](ValueId v) { return search(a, v, c, depth); });
      default: return false;
    }
  }

  // ---- where facts come from
  void assume(ValueId condition, bool holds) {
    const Value& x = f_[condition];
    if (x.op == Op::Not) return assume(x.args[0], !holds);
    if (x.op == Op::And && x.ty == Ty::Bool && holds) return assume(x.args[0], true), assume(x.args[1], true);
    if (x.op == Op::Or && x.ty == Ty::Bool && !holds) return assume(x.args[0], false), assume(x.args[1], false);
    if (x.args.size() != 2 || !integer(f_[x.args[0]].ty)) return;
    const ValueId a = x.args[0], b = x.args[1];
    switch (x.op) {
      case Op::Lt: holds ? learn(a, b, -1) : learn(b, a, 0); break;
      case Op::Le: holds ? learn(a, b, 0) : learn(b, a, -1); break;
      case Op::Eq: case Op::Ne:
        if (holds == (x.op == Op::Eq)) {
          learn(a, b, 0);
          learn(b, a, 0);
        } else if (less_equal(a, b, 0)) {
          learn(a, b, -1);
        } else if (less_equal(b, a, 0)) {
          learn(b, a, -1);
        }
        break;
      case Op::ULt: case Op::ULe: {
        const int64_t strict = x.op == Op::ULt;
        if (holds && range(b).low >= 0) {
          at_least(a, 0);
          learn(a, b, -strict);
        } else if (!holds && range(a).low >= 0 && range(b).low >= 0) {
          learn(b, a, strict - 1);
        } else if (!holds && range(a).low >= 0) {
          // b as unsigned is no larger than a: it is not negative either
          at_least(b, 0);
          learn(b, a, strict - 1);
        }
        break;
      }
      default: break;
    }
  }
  static bool integer(Ty ty) { return ty >= Ty::I8 && ty <= Ty::I64; }

  // i = phi(start, i + k): the counter never passes its start, if i + k does not wrap.
  void induction(ValueId phi) {
    const Value& x = f_[phi];
    if (!integer(x.ty)) return;
    ValueId start;
    bool up = false, down = false;
    for (size_t i = 0; i < x.args.size(); i++) {
      const ValueId a = x.args[i];
      if (!dom_.reachable(f_[x.block].preds[i])) return;
      if (!dom_.dominates(x.block, f_[x.block].preds[i])) {
        if (start.valid() && start != a) return;
        start = a;
        continue;
      }
      if (a == phi) continue;
      const Value& step = f_[a];
      int64_t k;
      if ((step.op != Op::Add && step.op != Op::Sub) || step.args[0] != phi || !ir::is_const(f_, step.args[1], &k) || k == kMin) return;
      if (step.op == Op::Sub) k = -k;
      if (!step_stays(phi, step.block, k)) return;
      (k < 0 ? down : up) = true;
    }
    if (!start.valid() || up == down) return;
    if (up) learn(start, phi, 0);
    else learn(phi, start, 0);
  }
  // Does i + k in this block not wrap? Looked for in the conditions between the header and the block.
  bool step_stays(ValueId i, BlockId at, int64_t k) {
    const Range type = of_type(f_[i].ty);
    const BlockId header = f_[i].block;
    for (BlockId b = at; b != header; b = dom_.idom(b)) {
      if (!b.valid() || !dom_.reachable(b)) return false;
      const std::vector<BlockId>& preds = f_[b].preds;
      if (preds.size() != 1 || f_[preds[0]].term != TermKind::If || f_[preds[0]].succs[0] == f_[preds[0]].succs[1]) continue;
      if (limits(f_[preds[0]].control, f_[preds[0]].succs[0] == b, i, k, type)) return true;
    }
    return false;
  }
  bool limits(ValueId condition, bool holds, ValueId i, int64_t k, Range type) {
    const Value& x = f_[condition];
    if (x.args.size() != 2) return false;
    const ValueId a = x.args[0], b = x.args[1];
    if (x.op == Op::Ne && holds && k == 1 && (a == i || b == i)) return false;
    if (x.op != Op::Lt && x.op != Op::Le) return false;
    const bool strict = (x.op == Op::Lt) == holds;
    // low < or <= high
    const ValueId low = holds ? a : b, high = holds ? b : a;
    if (k > 0 && low == i) return Wide{range(high).high} - strict + k <= type.high;
    if (k < 0 && high == i) return Wide{range(low).low} + strict + k >= type.low;
    return false;
  }

  // ---- the walk
  void visit(BlockId id) {
    const std::vector<BlockId>& preds = f_[id].preds;
    if (preds.size() == 1 && id != f_.defers.return_block) {
      const ir::Block& p = f_[preds[0]];
      if (p.term == TermKind::If && p.succs[0] != p.succs[1]) assume(p.control, p.succs[0] == id);
    }
    std::vector<ValueId>& values = f_[id].values;
    size_t kept = 0;
    for (size_t i = 0; i < values.size(); i++) {
      const ValueId v = values[i];
      Value& x = f_[v];
      bool keep = true;
      switch (x.op) {
        case Op::Phi:
          if (loop_header_[id.index]) induction(v);
          break;
        case Op::BoundsCheck: keep = check(v); break;
        case Op::Shl: case Op::Shr: case Op::Sar:
          if (x.aux == 0) {
            const Range r = range(x.args[1]);
            if (r.low >= 0 && r.high < ir::size_of(x.ty) * 8) x.aux = 1, changed_ = true;
          }
          break;
        case Op::Div: case Op::Rem:
          if (x.aux == 0 && range(x.args[0]).low >= 0 && range(x.args[1]).low >= 0) x.aux = 1, changed_ = true;
          break;
        case Op::Lt: case Op::Le: case Op::ULt: case Op::ULe: case Op::Eq: case Op::Ne: decide(v); break;
        default: break;
      }
      if (keep) {
        values[kept++] = v;
      } else {
        x.block = BlockId();
        changed_ = true;
      }
    }
    values.resize(kept);
  }

  bool check(ValueId v) {
    const Value& x = f_[v];
    const auto kind = static_cast<BoundsKind>(x.aux & ~ir::kBoundsUnsigned);
    if (kind == BoundsKind::Convert) return true;
    const bool strict = kind == BoundsKind::Index;
    const ValueId i = x.args[0], n = x.args[1];
    at_least(n, 0);  // from here on: s[:n] makes any n a length, but only where n was checked
    const bool proved = range(i).low >= 0 && less_equal(i, n, strict ? -1 : 0);
    if (context_.remark) {
      remark(context_, f_, x, std::string(proved ? "Proved " : "Found ") + (strict ? "IsInBounds" : "IsSliceInBounds"));
    }
    if (proved) return false;
    at_least(i, 0);
    learn(i, n, strict ? -1 : 0);
    return true;
  }

  void decide(ValueId v) {
    Value& x = f_[v];
    if (!integer(f_[x.args[0]].ty)) return;
    const ValueId a = x.args[0], b = x.args[1];
    bool result = false, known = false;
    auto settle = [&](bool yes, bool value) {
      if (yes && !known) known = true, result = value;
    };
    switch (x.op) {
      case Op::Lt: settle(less_equal(a, b, -1), true), settle(less_equal(b, a, 0), false); break;
      case Op::Le: settle(less_equal(a, b, 0), true), settle(less_equal(b, a, -1), false); break;
      case Op::ULt: case Op::ULe: {
        if (range(a).low < 0 || range(b).low < 0) return;
        const int64_t strict = x.op == Op::ULt;
        settle(less_equal(a, b, -strict), true), settle(less_equal(b, a, strict - 1), false);
        break;
      }
      default: settle(less_equal(a, b, -1) || less_equal(b, a, -1), x.op == Op::Ne);
    }
    if (!known) return;
    x.op = Op::Const;
    x.args = {};
    x.aux = result;
    x.type = nullptr;
    changed_ = true;
  }

  ir::Func& f_;
  PassContext& context_;
  ir::Dominators dom_;
  std::vector<uint8_t> loop_header_;
  std::vector<Range> known_;
  absl::flat_hash_map<uint32_t, absl::InlinedVector<Edge, 4>> above_, below_;
  std::vector<std::pair<uint32_t, uint32_t>> undo_;
  std::vector<std::pair<uint32_t, Range>> range_undo_;
  int steps_ = 0;
  bool changed_ = false;
};

}  // namespace

bool prove(ir::Func& f, PassContext& context) {
  const bool changed = Prover(f, context).run();
  if (changed) remove_dead_blocks(f, context);
  return changed;
}

}  // namespace gale::opt
