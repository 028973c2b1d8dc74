// Unrolling of loops that run a small, known number of times: the body in a row, once for each iteration.
//
// What it is for: indices become constants. Elements of small arrays in the frame that were picked by the counter are variables
// then (promote runs again here), and the counter, its test and checks against constant lengths are gone.
//
// Before: an innermost loop, left by a test in its header that compares a counter (constant start and step) with a constant, and
// perhaps by other ways; no calls or allocations outside cold blocks. After: copies of its blocks, each leading to the next one,
// in the last of which only the header is left; uses behind the loop see the copy they come from (SsaRepair). Loops around it have
// their turn in the next round.
// Limits: kMaxTrips iterations; kSmall values after unrolling, kIndexed if the counter is an index, kArrays if it is one into a private
// array of the frame. What hangs on nothing but constants and counters is not counted, and once only what is the same in each
// iteration.
// Cost: linear in the function and in what is copied; functions without such a test are only looked through.
#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <optional>
#include <string>

#include "ir/dominators.h"
#include "opt/edges.h"
#include "opt/inline.h"
#include "opt/integers.h"
#include "opt/memory.h"
#include "opt/pass_list.h"
#include "opt/ssa_repair.h"

namespace gale::opt {
namespace {

using ir::BlockId;
using ir::Op;
using ir::TermKind;
using ir::Ty;
using ir::Value;
using ir::ValueId;

constexpr int kMaxTrips = 16;
constexpr uint32_t kSmall = 24, kIndexed = 72, kArrays = 160;
constexpr int64_t kMaxArray = 128;      // bytes: as many as promote takes apart
constexpr int kMaxRounds = 3;           // depth of nests
constexpr size_t kMaxValues = 20000;    // functions do not grow beyond it

// What a value of a loop is made of, besides constants.
constexpr uint8_t kCounter = 1, kOutside = 2, kIteration = 4;

// A counter compared with a constant.
struct Counter {
  ValueId phi;
  Op test;
  bool phi_first;
  int64_t bound;
};

std::optional<Counter> counter_of(const ir::Func& f, BlockId header) {
  const ir::Block& h = f[header];
  if (h.term != TermKind::If || h.succs[0] == h.succs[1] || h.cold) return {};
  const Value& test = f[h.control];
  switch (test.op) {
    case Op::Lt: case Op::Le: case Op::ULt: case Op::ULe: case Op::Eq: case Op::Ne: break;
    default: return {};
  }
  for (int side = 0; side < 2; side++) {
    const Value& x = f[test.args[side]];
    int64_t bound;
    if (x.op != Op::Phi || x.block != header || x.ty < Ty::I8 || x.ty > Ty::I64 || !ir::is_const(f, test.args[1 - side], &bound)) continue;
    return Counter{test.args[side], test.op, side == 0, bound};
  }
  return {};
}

bool compare(Op op, int64_t a, int64_t b) {
  switch (op) {
    case Op::Lt: return a < b;
    case Op::Le: return a <= b;
    // Signed extension keeps the unsigned order, too.
    case Op::ULt: return static_cast<uint64_t>(a) < static_cast<uint64_t>(b);
    case Op::ULe: return static_cast<uint64_t>(a) <= static_cast<uint64_t>(b);
    case Op::Eq: return a == b;
    default: return a != b;
  }
}

class Unrolling {
 public:
  Unrolling(ir::Func& f, PassContext& context)
      : f_(f), context_(context), dom_(f), loops_(f, dom_), memory_(f), in_loop_(f.blocks.size(), -1), hangs_on_(f.values.size()), repair_of_(f.values.size()) {}

  bool run() {
    std::vector<uint8_t> has_inner(loops_.loops.size());
    for (const ir::Loop& loop : loops_.loops) {
      if (loop.parent >= 0) has_inner[loop.parent] = 1;
    }
    for (size_t i = 0; i < loops_.loops.size(); i++) {
      if (!has_inner[i]) consider(static_cast<int32_t>(i));
    }
    if (chosen_.empty()) return false;
    leave_callers_the_loops();
    find_uses_behind();
    for (Chosen& loop : chosen_) unroll(loop);
    mend();
    return true;
  }

 private:
  struct Chosen {
    int32_t loop;
    size_t trips;
    uint32_t growth;
    std::vector<BlockId> blocks;  // header first, then in reverse postorder
  };
  // An edge out of a copy, and what the phis of `to` get there.
  struct Exit {
    BlockId from, to;
    std::vector<ValueId> args;
  };
  using Map = absl::flat_hash_map<uint32_t, ValueId>;  // value of the loop -> its copy in one iteration

  bool inside(BlockId b, int32_t loop) const { return b.index < in_loop_.size() && in_loop_[b.index] == loop; }

  void consider(int32_t index) {
    const ir::Loop& loop = loops_.loops[index];
    const BlockId header = loop.header;
    const std::optional<Counter> counter = counter_of(f_, header);
    if (!counter) return;
    for (BlockId b : loop.blocks) in_loop_[b.index] = index;
    const ir::Block& h = f_[header];
    const bool first_in = inside(h.succs[0], index);
    if (first_in == inside(h.succs[1], index)) return;
    for (BlockId b : loop.blocks) {
      if (b == f_.defers.return_block) return;
    }
    const int trips = trips_of(*counter, index, first_in);
    if (trips == 0) return;
    Chosen chosen{index, static_cast<size_t>(trips), 0, loop.blocks};
    // Definitions before uses, for `size`; the header stays first.
    std::sort(chosen.blocks.begin(), chosen.blocks.end(), [&](BlockId a, BlockId b) { return place_in_order(a) < place_in_order(b); });
    const std::optional<Size> size = size_of_body(chosen.blocks, index);
    if (!size) return;
    const uint64_t total = size->once + uint64_t{size->each} * static_cast<uint32_t>(trips);
    const uint32_t limit = size->arrays ? kArrays : size->indexed ? kIndexed : kSmall;
    if (total > limit || f_.values.size() + total > kMaxValues) {
      if (context_.remark) {
        remark(context_, f_, f_[h.control], "loop not unrolled: " + std::to_string(trips) + " iterations of " + std::to_string(size->each) + " operations");
      }
      return;
    }
    if (context_.remark) remark(context_, f_, f_[h.control], "loop unrolled: " + std::to_string(trips) + " iterations");
    chosen.growth = static_cast<uint32_t>(total) - size->once - size->each;
    chosen_.push_back(std::move(chosen));
  }
  uint32_t place_in_order(BlockId b) {
    if (order_.empty()) {
      order_.resize(f_.blocks.size());
      for (uint32_t i = 0; i < dom_.rpo().size(); i++) order_[dom_.rpo()[i].index] = i;
    }
    return order_[b.index];
  }

  // The constant that comes to a header's phi from outside, and the value that comes from inside; false: there are several.
  bool start_and_next(ValueId phi, int32_t loop, int64_t* start, ValueId* next) const {
    const Value& x = f_[phi];
    const std::vector<BlockId>& preds = f_[x.block].preds;
    bool entered = false;
    *next = ValueId();
    for (size_t i = 0; i < preds.size(); i++) {
      if (!dom_.reachable(preds[i])) return false;
      if (inside(preds[i], loop)) {
        if (next->valid() && *next != x.args[i]) return false;
        *next = x.args[i];
      } else {
        int64_t c;
        if (!ir::is_const(f_, x.args[i], &c) || (entered && c != *start)) return false;
        *start = c;
        entered = true;
      }
    }
    return entered && next->valid();
  }
  bool step_of(ValueId phi, ValueId next, int64_t* step) const {
    const Value& x = f_[next];
    if (x.op != Op::Add && x.op != Op::Sub) return false;
    const bool swapped = x.op == Op::Add && x.args[1] == phi;
    if (x.args[swapped ? 1 : 0] != phi || !ir::is_const(f_, x.args[swapped ? 0 : 1], step)) return false;
    if (x.op == Op::Sub) *step = static_cast<int64_t>(0 - static_cast<uint64_t>(*step));
    return true;
  }
  // 0: not known, or too many.
  int trips_of(const Counter& counter, int32_t loop, bool goes_on_if) const {
    int64_t i, step;
    ValueId next;
    if (!start_and_next(counter.phi, loop, &i, &next) || !step_of(counter.phi, next, &step)) return 0;
    const Ty ty = f_[counter.phi].ty;
    for (int n = 0; n <= kMaxTrips; n++) {
      if (compare(counter.test, counter.phi_first ? i : counter.bound, counter.phi_first ? counter.bound : i) != goes_on_if) return n;
      i = sign_extend(static_cast<int64_t>(static_cast<uint64_t>(i) + static_cast<uint64_t>(step)), ty);
    }
    return 0;
  }

  // What is left of one iteration when that is folded which hangs on constants and counters only, and of all of them together.
  struct Size {
    uint32_t once = 0, each = 0;
    bool indexed = false, arrays = false;  // a counter picks an element, and of a private array of the frame
  };
  std::optional<Size> size_of_body(const std::vector<BlockId>& blocks, int32_t loop) {
    Size size;
    for (BlockId b : blocks) {
      for (ValueId id : f_[b].values) {
        const Value& v = f_[id];
        if (v.op == Op::Phi) {
          int64_t start, step;
          ValueId next;
          const bool counts = b == blocks[0] && start_and_next(id, loop, &start, &next) && step_of(id, next, &step);
          hangs_on_[id.index] = counts ? kCounter : kIteration;
          continue;
        }
        uint8_t hangs_on = ir::is_pure(v.op) ? 0 : kIteration;
        for (ValueId a : v.args) hangs_on |= what(a, loop);
        if ((hangs_on & kCounter) && (hangs_on & kOutside)) hangs_on |= kIteration;
        hangs_on_[id.index] = hangs_on;
        const std::optional<uint32_t> cost = cost_of(v, f_[b].cold);
        if (!cost) return {};
        const uint8_t index = v.op == Op::AddPtr ? what(v.args[1], loop) : 0;
        if (index & kCounter) size.indexed = true;
        if (index == kCounter) {
          const Access a = memory_.access(v.args[0], 0, 0, Ty::Void);
          if (memory_.is_private(a) && f_.locals[ir::LocalId(static_cast<uint32_t>(f_[a.root].aux))].size <= kMaxArray) size.arrays = true;
        } else if (hangs_on & kIteration) {
          size.each += *cost;
        } else if (hangs_on & kOutside) {
          size.once += *cost;
        }
      }
      const TermKind term = f_[b].term;
      if (term == TermKind::Switch || (term == TermKind::If && (what(f_[b].control, loop) & (kIteration | kOutside)))) size.each++;
    }
    return size;
  }
  uint8_t what(ValueId v, int32_t loop) const {
    if (f_[v].op == Op::Const) return 0;
    return inside(f_[v].block, loop) ? hangs_on_[v.index] : kOutside;
  }
  // Nothing: loops with such a value are left. A call costs more than the counter; where it is hardly ever made only its bytes count.
  static std::optional<uint32_t> cost_of(const Value& v, bool cold) {
    switch (v.op) {
      case Op::Const: case Op::ConstF: case Op::SymAddr: case Op::LocalAddr: case Op::Copy: case Op::OffPtr: case Op::Result: case Op::DbgValue: return 0;
      case Op::Call: case Op::CallClosure: case Op::CallCode:
        if (!cold) return {};
        return 4 + static_cast<uint32_t>(v.args.size());
      case Op::New: case Op::NewArray: case Op::Bump: return {};
      default: return 1;
    }
  }

  // A body that would be too large for callers is left to them as it is: they may know more, and unroll it themselves.
  void leave_callers_the_loops() {
    if (!context_.finished_mid_level || !fits_callers(f_, context_.level)) return;
    uint32_t growth = 0;
    for (const Chosen& c : chosen_) growth += c.growth;
    if (fits_callers(f_, context_.level, growth)) return;
    context_.finished_mid_level(f_);
    context_.finished_mid_level = nullptr;
  }

  // Values of the chosen loops that are used outside: they get several definitions.
  void find_uses_behind() {
    chosen_loop_.assign(loops_.loops.size(), 0);
    for (const Chosen& c : chosen_) chosen_loop_[c.loop] = 1;
    auto use = [&](ValueId v, BlockId at) {
      if (!v.valid()) return;
      const int32_t loop = loop_of(f_[v].block);
      if (loop < 0 || loop == loop_of(at) || repair_of_[v] != 0) return;
      repairs_.emplace_back(f_);
      repair_of_[v] = static_cast<uint32_t>(repairs_.size());
    };
    for (uint32_t i = 0; i < f_.blocks.size(); i++) {
      const BlockId b(i);
      if (f_[b].removed) continue;
      for (ValueId id : f_[b].values) {
        const Value& v = f_[id];
        for (size_t a = 0; a < v.args.size(); a++) use(v.args[a], v.op == Op::Phi ? f_[b].preds[a] : b);
      }
      use(f_[b].control, b);
      for (ValueId v : f_[b].return_args) use(v, b);
    }
  }
  // -1: in none that is unrolled.
  int32_t loop_of(BlockId b) const {
    const int32_t loop = b.valid() && b.index < in_loop_.size() ? in_loop_[b.index] : -1;
    return loop < 0 || !chosen_loop_[loop] ? -1 : loop;
  }

  static ValueId mapped(const Map& map, ValueId v) {
    const auto it = v.valid() ? map.find(v.index) : map.end();
    return it == map.end() ? v : it->second;
  }

  void unroll(const Chosen& loop) {
    const BlockId header = loop.blocks[0];
    copies_.clear();
    for (BlockId b : loop.blocks) {
      std::vector<BlockId>& of = copies_[b.index];
      for (size_t i = 0; i < loop.trips + (b == header ? 1 : 0); i++) of.push_back(f_.add_block());
    }
    exits_.clear();
    Map before, now;
    for (size_t i = 0; i <= loop.trips; i++) {
      const auto blocks = std::span(loop.blocks).first(i == loop.trips ? 1 : loop.blocks.size());
      now.clear();
      for (BlockId b : blocks) copy_values(loop, b, i, before, now);
      // When all copies of the iteration are known: phis of inner joins look ahead.
      for (BlockId b : blocks) {
        for (ValueId v : f_[copy_of(b, i)].values) {
          for (ValueId& a : f_[v].args) a = mapped(now, a);
        }
        copy_exit(loop, b, i, now);
      }
      for (auto [v, copy] : now) {
        if (const uint32_t r = repair_of_.get(ValueId(v))) repairs_[r - 1].define(f_[copy].block, copy);
      }
      before.swap(now);
    }
    lead_in(loop);
    lead_out(loop);
    for (BlockId b : loop.blocks) {
      for (ValueId v : f_[b].values) f_[v].block = BlockId();
      f_[b] = ir::Block{};
      f_[b].removed = true;
    }
  }
  BlockId copy_of(BlockId b, size_t iteration) const { return copies_.at(b.index)[iteration]; }

  // The phis of the first header's copy join what comes from outside, those of the others what comes from the iteration before.
  void copy_values(const Chosen& loop, BlockId from, size_t iteration, const Map& before, Map& now) {
    const BlockId to = copy_of(from, iteration);
    std::vector<ValueId> list;
    for (ValueId v : f_[from].values) {
      Value y = f_[v];
      y.block = to;
      if (y.op == Op::Phi && from == loop.blocks[0]) {
        std::vector<ValueId> args;
        const std::vector<BlockId>& preds = f_[from].preds;
        for (size_t p = 0; p < preds.size(); p++) {
          if (inside(preds[p], loop.loop) == (iteration > 0)) args.push_back(mapped(before, y.args[p]));
        }
        // A Copy and not the argument itself: that may be a value of another loop, to be mended too.
        if (args.size() == 1) y.op = Op::Copy;
        y.args = f_.arena.copy(args);
      } else {
        y.args = f_.arena.copy(y.args);
      }
      list.push_back(now[v.index] = f_.values.add(y));
    }
    // Copies stand behind the phis.
    std::stable_partition(list.begin(), list.end(), [&](ValueId v) { return f_[v].op == Op::Phi; });
    f_[to].values = std::move(list);
  }

  // The terminator, edges inside and predecessors of the copy; edges that leave the loop are noted.
  void copy_exit(const Chosen& loop, BlockId from, size_t iteration, const Map& now) {
    const BlockId header = loop.blocks[0], to = copy_of(from, iteration);
    const bool last = iteration == loop.trips;
    const ir::Block& x = f_[from];
    ir::Block& b = f_[to];
    b.cold = x.cold;
    b.pos = x.pos;
    b.inlined = x.inlined;
    if (from == header) {
      b.term = TermKind::Jump;  // the test is decided
    } else {
      b.term = x.term;
      b.likely = x.likely;
      b.switch_low = x.switch_low;
      b.control = mapped(now, x.control);
      for (ValueId v : x.return_args) b.return_args.push_back(mapped(now, v));
    }
    for (size_t i = 0; i < x.succs.size(); i++) {
      const BlockId s = x.succs[i];
      const bool in = inside(s, loop.loop);
      if (from == header && in == last) continue;
      b.succs.push_back(!in ? s : s == header ? copy_of(s, iteration + 1) : copy_of(s, iteration));
      if (!in) note_exit(from, i, to, now);
    }
    if (from == header && iteration == 0) return;  // lead_in
    for (BlockId p : x.preds) {
      if (inside(p, loop.loop)) b.preds.push_back(copy_of(p, from == header ? iteration - 1 : iteration));
    }
  }
  void note_exit(BlockId from, size_t succ, BlockId copy, const Map& now) {
    const std::vector<BlockId>& succs = f_[from].succs;
    const BlockId to = succs[succ];
    auto same_before = std::count(succs.begin(), succs.begin() + static_cast<ptrdiff_t>(succ), to);
    size_t pred = 0;
    for (;; pred++) {
      if (f_[to].preds[pred] == from && same_before-- == 0) break;
    }
    Exit e{copy, to, {}};
    for (ValueId v : f_[to].values) {
      if (f_[v].op != Op::Phi) break;
      e.args.push_back(mapped(now, f_[v].args[pred]));
    }
    exits_.push_back(std::move(e));
  }

  void lead_in(const Chosen& loop) {
    const BlockId header = loop.blocks[0], first = copy_of(header, 0);
    for (BlockId p : f_[header].preds) {
      if (inside(p, loop.loop)) continue;
      f_[first].preds.push_back(p);
      std::replace(f_[p].succs.begin(), f_[p].succs.end(), header, first);
    }
  }

  // In place of edges from the loop, blocks behind it get those from the copies.
  void lead_out(const Chosen& loop) {
    for (size_t i = 0; i < exits_.size(); i++) {
      const BlockId to = exits_[i].to;
      if (!to.valid()) continue;
      std::vector<BlockId> preds;
      std::vector<size_t> kept;
      for (size_t p = 0; p < f_[to].preds.size(); p++) {
        if (inside(f_[to].preds[p], loop.loop)) continue;
        preds.push_back(f_[to].preds[p]);
        kept.push_back(p);
      }
      size_t phi = 0;
      std::vector<std::vector<ValueId>> args;
      for (ValueId v : f_[to].values) {
        if (f_[v].op != Op::Phi) break;
        std::vector<ValueId>& of = args.emplace_back();
        for (size_t p : kept) of.push_back(f_[v].args[p]);
      }
      for (size_t k = i; k < exits_.size(); k++) {
        if (exits_[k].to != to) continue;
        preds.push_back(exits_[k].from);
        for (phi = 0; phi < args.size(); phi++) args[phi].push_back(exits_[k].args[phi]);
        exits_[k].to = BlockId();
      }
      for (phi = 0; phi < args.size(); phi++) f_[f_[to].values[phi]].args = f_.arena.copy(args[phi]);
      f_[to].preds = std::move(preds);
    }
  }

  // All uses of values that now have several definitions, in one sweep.
  void mend() {
    if (repairs_.empty()) return;
    auto mended = [&](ValueId v, BlockId at, bool at_end) {
      const uint32_t r = v.valid() ? repair_of_.get(v) : 0;
      if (r == 0) return v;
      const Ty ty = f_[v].ty;
      return at_end ? repairs_[r - 1].at_end(at, ty) : repairs_[r - 1].at_start(at, ty);
    };
    mend_uses(f_, mended);
  }

  ir::Func& f_;
  PassContext& context_;
  ir::Dominators dom_;
  ir::Loops loops_;
  Memory memory_;
  std::vector<int32_t> in_loop_;     // per block: the innermost loop with a counter
  std::vector<uint8_t> hangs_on_;    // per value of the loop at hand: kCounter...
  std::vector<uint8_t> chosen_loop_;
  std::vector<uint32_t> order_;      // place in reverse postorder, when it is needed
  std::vector<Chosen> chosen_;
  absl::flat_hash_map<uint32_t, std::vector<BlockId>> copies_;  // of the loop at hand, by iteration
  std::vector<Exit> exits_;
  SideTable<ValueId, uint32_t> repair_of_;  // 1 + index of repairs_
  std::vector<SsaRepair> repairs_;
};

bool has_counter(const ir::Func& f) {
  for (uint32_t i = 0; i < f.blocks.size(); i++) {
    if (!f.blocks[BlockId(i)].removed && counter_of(f, BlockId(i))) return true;
  }
  return false;
}

}  // namespace

bool unroll_loops(ir::Func& f, PassContext& context) {
  if (!has_counter(f)) return false;
  remove_dead_blocks(f, context);
  bool changed = false;
  for (int round = 0; round < kMaxRounds && has_counter(f) && Unrolling(f, context).run(); round++) {
    changed = true;
    fold_constants(f, context);
    remove_dead_code(f, context);
  }
  if (!changed) return false;
  if (promote(f, context)) fold_constants(f, context);
  return true;
}

}  // namespace gale::opt
