// Global value numbering over the dominator tree, with what branches and checks have proved.
//
// One walk of the tree, tables undone on the way up. Equal pure values become the dominating one. A nil check or bounds check
// that a dominating one, a condition or a constant implies goes away; a branch on a condition that is already decided becomes
// constant. Loads become what was stored or loaded before, if nothing between may have written there, and a store of just that
// goes (s = s[:n] writes the length only). At a join what all predecessors know is known (of different values a phi is made
// when a load asks for it), in a loop what was known before it and no write of the loop may meet.
//
// Keeps: the control-flow graph (remove-dead-blocks folds decided branches). The defer-return block starts from nothing: recovery
// enters it with only Locals alive. Code of the runtime may wait in a loop for memory that others change (kAsyncUnsafe): nothing is
// known in its loops. Cost: linear, but for the bounded lists of known memory.
#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "ir/dominators.h"
#include "opt/edges.h"
#include "opt/memory.h"
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

constexpr size_t kMaxKnownMemory = 16;
constexpr int kMaxMergeDepth = 12;
constexpr int64_t kGuardPage = 4096;

struct Key {
  Op op;
  Ty ty;
  int64_t aux;
  Symbol symbol;
  ValueId a, b, c;
  bool operator==(const Key&) const = default;
  template <class H>
  friend H AbslHashValue(H h, const Key& k) { return H::combine(std::move(h), k.op, k.ty, k.aux, k.symbol, k.a, k.b, k.c); }
};

// Memory whose value is at hand.
struct Known {
  Access place;
  ValueId value;   // invalid: the predecessors of `merged` know different ones
  BlockId merged;
};
using KnownMemory = std::vector<Known>;

class Numbering {
 public:
  Numbering(ir::Func& f, PassContext& context)
      : f_(f), context_(context), dom_(f), memory_(f), replacement_(f.values.size()), known_(f.blocks.size()), visited_(f.blocks.size()) {}

  bool run() {
    walk(f_.entry);
    if (f_.defers.return_block.valid() && f_.defers.return_block != f_.entry && dom_.reachable(f_.defers.return_block)) walk(f_.defers.return_block);
    for (ValueId phi : phis_) {
      std::vector<ValueId>& values = f_[f_[phi].block].values;
      values.insert(values.begin(), phi);
    }
    if (changed_) replace_uses(f_, replacement_);
    return changed_;
  }

 private:
  void walk(BlockId root) {
    struct Frame {
      BlockId block;
      size_t next, mark;
    };
    std::vector<Frame> stack;
    auto enter = [&](BlockId b) {
      stack.push_back({b, 0, undo_.size()});
      visit(b, b == root);
    };
    enter(root);
    while (!stack.empty()) {
      Frame& top = stack.back();
      const std::vector<BlockId>& kids = dom_.children(top.block);
      if (top.next < kids.size()) {
        BlockId k = kids[top.next++];
        if (k != f_.defers.return_block) enter(k);
        continue;
      }
      while (undo_.size() > top.mark) {
        if (undo_.back().second.valid()) table_[undo_.back().first] = undo_.back().second;
        else table_.erase(undo_.back().first);
        undo_.pop_back();
      }
      stack.pop_back();
    }
  }

  ValueId resolve(ValueId v) const {
    while (replacement_.get(v).valid()) v = replacement_.get(v);
    return v;
  }
  ValueId lookup(const Key& k) const {
    auto it = table_.find(k);
    return it == table_.end() ? ValueId() : it->second;
  }
  void remember(const Key& k, ValueId v) {
    ValueId& slot = table_[k];
    undo_.push_back({k, slot});
    slot = v;
  }

  // ---- facts, kept in the same table under ops that are not pure: the value found says only that it holds
  static Key not_nil(ValueId p) { return {Op::NilCheck, Ty::Ptr, 0, {}, p, {}, {}}; }
  static Key in_range(ValueId i, ValueId n, bool strict) { return {Op::BoundsCheck, Ty::Void, strict, {}, i, n, {}}; }
  static Key less(ValueId i, ValueId n) { return {Op::Store, Ty::Void, 0, {}, i, n, {}}; }  // signed
  static Key decided(ValueId condition, bool value) { return {Op::Zero, Ty::Void, value, {}, condition, {}, {}}; }

  void assume(ValueId condition, bool holds) {
    condition = resolve(condition);
    remember(decided(condition, holds), condition);
    const Value& c = f_[condition];
    if (c.args.size() == 0) return;
    ValueId a = resolve(c.args[0]), b = c.args.size() > 1 ? resolve(c.args[1]) : ValueId();
    int64_t k;
    switch (c.op) {
      case Op::Not: remember(decided(a, !holds), a); break;
      case Op::Eq: case Op::Ne:
        if (holds == (c.op == Op::Ne) && ir::is_const(f_, b, &k) && k == 0 && f_[a].ty == Ty::Ptr) remember(not_nil(a), a);
        break;
      case Op::Lt:
        if (holds) remember(less(a, b), a);
        break;
      case Op::Le:
        if (!holds) remember(less(b, a), a);
        break;
      case Op::ULt:
        if (holds && f_[a].ty == Ty::I64) remember(in_range(a, b, true), a), remember(in_range(a, b, false), a);
        break;
      default: break;
    }
  }

  bool not_negative(ValueId v, int depth) const {
    int64_t c, ignored;
    if (ir::is_const(f_, v, &c)) return c >= 0;
    const Value& x = f_[v];
    switch (x.op) {
      case Op::ZExt: return true;
      case Op::And: return (ir::is_const(f_, x.args[1], &c) && c >= 0) || (ir::is_const(f_, x.args[0], &c) && c >= 0);
      case Op::Shr: return ir::is_const(f_, x.args[1], &c) && c > 0;
      case Op::Phi: {
        // for i := a; i < n; i++: the increment happens only below n, so it does not wrap.
        if (depth > 2 || x.args.size() != 2) return false;
        const ir::Block& header = f_[x.block];
        for (int k = 0; k < 2; k++) {
          const Value& step = f_[resolve(x.args[k])];
          if (step.op != Op::Add || resolve(step.args[0]) != v || !ir::is_const(f_, resolve(step.args[1]), &c) || c != 1) continue;
          if (header.term != TermKind::If) continue;
          const Value& test = f_[resolve(header.control)];
          if (test.op != Op::Lt || resolve(test.args[0]) != v || !dom_.reachable(step.block)) continue;
          if (f_[header.succs[0]].preds.size() != 1 || !dom_.dominates(header.succs[0], step.block)) continue;
          return not_negative(resolve(x.args[1 - k]), depth + 1);
        }
        return false;
      }
      default: (void)ignored; return false;
    }
  }

  bool index_proved(const Value& check) {
    ValueId i = check.args[0], n = check.args[1];
    const auto kind = static_cast<BoundsKind>(check.aux & ~ir::kBoundsUnsigned);
    if (kind == BoundsKind::Convert) return false;
    const bool strict = kind == BoundsKind::Index;
    int64_t a, b, mask;
    bool constant_length = ir::is_const(f_, n, &b);
    if (ir::is_const(f_, i, &a) && constant_length && a >= 0 && b >= 0) return strict ? a < b : a <= b;
    if (i == n && !strict && not_negative(i, 0)) return true;
    if (lookup(in_range(i, n, strict)).valid()) return true;
    if (lookup(less(i, n)).valid() && not_negative(i, 0)) return true;
    if (!constant_length) return false;
    const Value& x = f_[i];
    if (x.op == Op::And && (ir::is_const(f_, x.args[1], &mask) || ir::is_const(f_, x.args[0], &mask)) && mask >= 0 && mask < b) return true;
    if (x.op == Op::ZExt) {
      int bits = ir::size_of(f_[x.args[0]].ty) * 8;
      if (bits < 32 && (int64_t{1} << bits) <= b) return true;
    }
    return false;
  }

  // ---- memory
  void forget(KnownMemory& known, const Access& written) {
    std::erase_if(known, [&](const Known& k) { return memory_.may_overlap(k.place, written); });
  }
  void learn(KnownMemory& known, const Access& place, ValueId value) {
    if (known.size() >= kMaxKnownMemory) known.erase(known.begin());
    known.push_back({place, value, {}});
  }
  Known* find(KnownMemory& known, const Access& place) {
    for (Known& k : known) {
      if (Memory::same(k.place, place) && k.place.ty == place.ty) return &k;
    }
    return nullptr;
  }
  ValueId recall(KnownMemory& known, const Access& place, int depth) {
    Known* k = find(known, place);
    if (k == nullptr) return {};
    if (!k->value.valid() && depth > 0) k->value = merge(k->merged, place, depth - 1);
    return k->value;
  }
  // A phi of what the predecessors know; invalid if there are too many joins behind them.
  ValueId merge(BlockId block, const Access& place, int depth) {
    std::vector<ValueId> args;
    for (BlockId p : f_[block].preds) {
      args.push_back(recall(known_[p.index], place, depth));
      if (!args.back().valid()) return {};
    }
    for (ValueId made : phis_) {
      if (f_[made].block == block && f_[made].ty == place.ty && std::equal(args.begin(), args.end(), f_[made].args.begin(), f_[made].args.end())) return made;
    }
    const ValueId phi = f_.make(block, Op::Phi, place.ty, args, 0, f_[block].pos);
    f_[phi].type = f_[args[0]].op == Op::Load || f_[args[0]].op == Op::Phi || f_[args[0]].op == Op::Param ? f_[args[0]].type : nullptr;
    phis_.push_back(phi);
    changed_ = true;
    return phi;
  }

  // May a store go that changes nothing? Not where others look at memory without atomics, nor at the bookkeeping of defers.
  bool may_drop_store(const Access& place) const {
    if (f_.attrs & ir::kAsyncUnsafe) return false;
    const Value& root = f_[place.root];
    if (root.op != Op::LocalAddr) return true;
    const ir::LocalId local(static_cast<uint32_t>(root.aux));
    return local != f_.defers.bits && local != f_.defers.slots;
  }

  // What is known where a block is entered.
  void enter_memory(BlockId id, KnownMemory& known) {
    const std::vector<BlockId>& preds = f_[id].preds;
    bool first = true, loop = false;
    for (BlockId p : preds) {
      if (!dom_.reachable(p)) return known.clear();
      if (!visited_[p.index]) {
        loop = true;
        continue;
      }
      if (first) {
        known = known_[p.index];
        first = false;
        continue;
      }
      for (size_t i = 0; i < known.size();) {
        const Known* k = find(known_[p.index], known[i].place);
        if (k == nullptr) {
          known.erase(known.begin() + static_cast<ptrdiff_t>(i));
          continue;
        }
        if (k->value != known[i].value || !k->value.valid()) known[i].value = ValueId(), known[i].merged = id;
        i++;
      }
    }
    if (!loop) return;
    // A phi at the header would need what comes around.
    if (f_.attrs & ir::kAsyncUnsafe) return known.clear();
    std::erase_if(known, [&](const Known& k) { return k.merged == id; });
    if (!known.empty()) forget_writes_of_loop(id, known);
  }
  void forget_writes_of_loop(BlockId header, KnownMemory& known) {
    if (!loops_) loops_.emplace(f_, dom_);
    const ir::Loop* loop = nullptr;
    for (const ir::Loop& l : loops_->loops) {
      if (l.header == header) loop = &l;
    }
    if (loop == nullptr) return known.clear();  // irreducible
    for (BlockId b : loop->blocks) {
      for (ValueId v : f_[b].values) {
        if (!ir::writes_memory(f_[v].op)) continue;
        effect_on(known, v);
        if (known.empty()) return;
      }
    }
  }
  // v writes memory.
  void effect_on(KnownMemory& known, ValueId v) {
    if (known.empty()) return;
    Access a;
    if (memory_.written(v, &a)) return forget(known, a);
    const Value& x = f_[v];
    if (x.op == Op::Call && x.call != nullptr && (x.call->flags & (ir::kCallPure | ir::kCallNoWrite))) return;
    std::erase_if(known, [&](const Known& k) { return !memory_.is_private(k.place); });
  }

  // ---- blocks
  void visit(BlockId id, bool root) {
    KnownMemory& known = known_[id.index];
    const std::vector<BlockId>& preds = f_[id].preds;
    if (!root) enter_memory(id, known);
    visited_[id.index] = 1;
    if (!root && preds.size() == 1) {
      const ir::Block& p = f_[preds[0]];
      if (p.term == TermKind::If && p.succs[0] != p.succs[1]) assume(p.control, p.succs[0] == id);
    }
    std::vector<ValueId>& values = f_[id].values;
    size_t kept = 0;
    for (size_t i = 0; i < values.size(); i++) {
      ValueId v = values[i];
      for (ValueId& a : f_[v].args) {
        if (f_[v].op != Op::Phi) a = resolve(a);
      }
      if (keep(v, known)) {
        values[kept++] = v;
      } else {
        f_[v].block = BlockId();
        changed_ = true;
      }
    }
    values.resize(kept);
    decide_branch(id);
  }

  void decide_branch(BlockId id) {
    if (f_[id].term != TermKind::If) return;
    ValueId c = resolve(f_[id].control);
    if (f_[c].op == Op::Const) return;
    for (bool value : {false, true}) {
      if (!lookup(decided(c, value)).valid()) continue;
      ValueId k = f_.emit(id, Op::Const, Ty::Bool, std::initializer_list<ValueId>{}, value, f_[id].pos);
      f_[id].control = k;
      changed_ = true;
      return;
    }
  }

  // False: v is not needed; its uses are replaced.
  bool keep(ValueId id, KnownMemory& known) {
    const Value& v = f_[id];
    switch (v.op) {
      case Op::Phi: return true;
      case Op::NilCheck: {
        ValueId p = v.args[0];
        const Op from = f_[p].op;
        ValueId before = lookup(not_nil(p));
        if (!before.valid() && (from == Op::LocalAddr || from == Op::New || from == Op::NilCheck)) before = p;
        if (before.valid()) {
          replacement_[id] = before;
          return false;
        }
        remember(not_nil(p), id);
        return true;
      }
      case Op::BoundsCheck:
        if (index_proved(v)) {
          const bool index = static_cast<BoundsKind>(v.aux & ~ir::kBoundsUnsigned) == BoundsKind::Index;
          remark(context_, f_, v, index ? "Proved IsInBounds" : "Proved IsSliceInBounds");
          return false;
        }
        {
          const auto kind = static_cast<BoundsKind>(v.aux & ~ir::kBoundsUnsigned);
          if (kind == BoundsKind::Convert) return true;
          if (kind == BoundsKind::Index) remember(in_range(v.args[0], v.args[1], true), id);
          remember(in_range(v.args[0], v.args[1], false), id);
        }
        return true;
      case Op::Load: {
        const Access place = memory_.access(v.args[0], v.aux, ir::size_of(v.ty), v.ty);
        ValueId before = recall(known, place, kMaxMergeDepth);
        if (before.valid()) {
          replacement_[id] = before;
          return false;
        }
        learn(known, place, id);
        touched(f_[id].args[0], f_[id].aux);
        return true;
      }
      case Op::Store: case Op::StorePtr: {
        const Access place = memory_.access(v.args[0], v.aux, ir::size_of(f_[v.args[1]].ty), f_[v.args[1]].ty);
        if (const Known* k = find(known, place); k != nullptr && k->value == v.args[1] && may_drop_store(place)) {
          remark(context_, f_, v, "store removed: the value is there already");
          return false;
        }
        forget(known, place);
        learn(known, place, v.args[1]);
        touched(v.args[0], v.aux);
        return true;
      }
      default:
        if (ir::writes_memory(v.op)) effect_on(known, id);
        if (!ir::is_pure(v.op) || v.args.size() > 3) return true;
    }
    Key k{v.op, v.ty, v.aux, v.symbol, {}, {}, {}};
    if (v.args.size() > 0) k.a = v.args[0];
    if (v.args.size() > 1) k.b = v.args[1];
    if (v.args.size() > 2) k.c = v.args[2];
    if (ir::is_commutative(v.op) && k.b < k.a) std::swap(k.a, k.b);
    ValueId before = lookup(k);
    if (before.valid()) {
      replacement_[id] = before;
      return false;
    }
    remember(k, id);
    return true;
  }
  // An access behind a pointer that did not fault: not nil.
  void touched(ValueId p, int64_t offset) {
    if (f_[p].ty == Ty::Ptr && offset >= 0 && offset < kGuardPage && f_[p].op != Op::NilCheck && !lookup(not_nil(p)).valid()) remember(not_nil(p), p);
  }

  ir::Func& f_;
  PassContext& context_;
  ir::Dominators dom_;
  std::optional<ir::Loops> loops_;  // made when the first loop with something known is entered
  Memory memory_;
  SideTable<ValueId, ValueId> replacement_;
  absl::flat_hash_map<Key, ValueId> table_;
  std::vector<std::pair<Key, ValueId>> undo_;
  std::vector<KnownMemory> known_;  // at the end of each block
  std::vector<uint8_t> visited_;
  std::vector<ValueId> phis_;       // made for loads; they get into their blocks when the walk is over
  bool changed_ = false;
};

}  // namespace

bool number_values(ir::Func& f, PassContext& context) {
  bool changed = Numbering(f, context).run();
  if (changed) remove_dead_blocks(f, context);
  return changed;
}

}  // namespace gale::opt
