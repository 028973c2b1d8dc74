// Loop-invariant code motion: what gives the same in every iteration is computed once, in front of the loop.
//
// A pure value moves if its operands are from outside the loop. A load, nil check or bounds check moves if, besides, it is run
// whenever the loop is entered and nothing that can be seen comes before it (after rotate-loops the body's first block is
// such a place); a load also if its address cannot fault. Loads stay behind writes of the loop that may hit the same memory.
// Cheap values stay in loops that call: registers do not live across calls, so a reload would cost as much. What folds into an
// operand (OffPtr, Const) moves only with a value that needs it.
//
// Keeps: Addr values and what hangs on their order where they are (ABI.md section 16.1); code of the runtime that reads memory which
// others change without atomics (kAsyncUnsafe). Adds: one block in front of a loop that has none.
// Cost: linear in the values of loops times their depth.
#include <absl/container/inlined_vector.h>

#include <algorithm>

#include "ir/dominators.h"
#include "opt/memory.h"
#include "opt/pass_list.h"

namespace gale::opt {
namespace {

using ir::BlockId;
using ir::Op;
using ir::TermKind;
using ir::Ty;
using ir::Value;
using ir::ValueId;

constexpr int kMaxCheap = 6, kMaxDear = 12;

enum class Worth : uint8_t { Nothing, Cheap, Dear };

Worth worth(const Value& v) {
  switch (v.op) {
    case Op::Mul: case Op::MulHi: case Op::MulHiS: case Op::Div: case Op::UDiv: case Op::Rem: case Op::URem: case Op::FAdd: case Op::FSub: case Op::FMul:
    case Op::FDiv: case Op::FSqrt: case Op::IToF: case Op::UToF: case Op::FToI: case Op::FToU: case Op::FToF: case Op::FRound:
    case Op::Popcnt: case Op::Div128: case Op::Rem128: case Op::Load: case Op::BoundsCheck:
      return Worth::Dear;
    case Op::Add: case Op::Sub: case Op::And: case Op::Or: case Op::Xor: case Op::Shl: case Op::Shr: case Op::Sar: case Op::Neg: case Op::Not:
    case Op::AddPtr: case Op::SExt: case Op::ZExt: case Op::Select: case Op::RotL: case Op::Bswap: case Op::Ctz: case Op::BitLen: case Op::NilCheck:
    case Op::FNeg: case Op::FAbs: case Op::FCopysign: case Op::Bitcast:
      return Worth::Cheap;
    default: return Worth::Nothing;
  }
}

class Hoisting {
 public:
  Hoisting(ir::Func& f, PassContext& context) : f_(f), context_(context), dom_(f), loops_(f, dom_), memory_(f) {}

  bool run() {
    for (size_t i = loops_.loops.size(); i-- > 0;) hoist_from(static_cast<int32_t>(i));
    return changed_;
  }

 private:
  bool inside(BlockId b, int32_t loop) const {
    int32_t at = b.index < loops_.innermost.size() ? loops_.innermost[b.index] : -1;
    while (at >= 0 && at != loop) at = loops_.loops[at].parent;
    return at == loop;
  }

  void hoist_from(int32_t index) {
    loop_ = index;
    const ir::Loop& loop = loops_.loops[index];
    const BlockId header = loop.header;
    if (f_[header].cold) return;
    BlockId entry;
    latches_.clear();
    for (BlockId p : f_[header].preds) {
      if (inside(p, index)) {
        latches_.push_back(p);
        continue;
      }
      if (entry.valid()) return;  // several ways in
      entry = p;
    }
    if (!entry.valid()) return;
    entry_ = entry;
    preheader_ = f_[entry].term == TermKind::Jump ? entry : BlockId();
    writes_.clear();
    writes_anywhere_ = too_many_writes_ = calls_ = false;
    for (BlockId b : loop.blocks) collect_effects(b);
    cheap_ = dear_ = 0;

    // First what is run in any case, in order, until something with an effect comes.
    BlockId b = header;
    for (bool clean = true; clean;) {
      std::vector<ValueId>& values = f_[b].values;
      for (size_t i = 0; i < values.size() && clean; i++) {
        const ValueId v = values[i];
        if (f_[v].op == Op::Phi || f_[v].op == Op::DbgValue) continue;
        if (consider(v, true)) {
          i -= drop_moved(b, i);
          continue;
        }
        const Op op = f_[v].op;
        clean = ir::is_pure(op) || (ir::is_ordered(op) && !ir::is_safepoint(op) && !ir::writes_memory(op));
      }
      if (!clean || f_[b].term != TermKind::Jump) break;
      const BlockId next = f_[b].succs[0];
      if (next == header || !inside(next, index) || f_[next].preds.size() != 1) break;
      b = next;
    }
    for (BlockId at : loop.blocks) {
      if (f_[at].cold) continue;
      for (size_t i = 0; i < f_[at].values.size(); i++) {
        if (consider(f_[at].values[i], false)) i -= drop_moved(at, i);
      }
    }
  }

  // Takes moved values out of the list up to and including i; gives how many.
  size_t drop_moved(BlockId b, size_t i) {
    std::vector<ValueId>& values = f_[b].values;
    size_t kept = 0;
    for (size_t k = 0; k <= i; k++) {
      if (f_[values[k]].block == b) values[kept++] = values[k];
    }
    const size_t gone = i + 1 - kept;
    values.erase(values.begin() + static_cast<ptrdiff_t>(kept), values.begin() + static_cast<ptrdiff_t>(i + 1));
    return gone;
  }

  void collect_effects(BlockId b) {
    for (ValueId id : f_[b].values) {
      const Value& v = f_[id];
      if (ir::is_safepoint(v.op)) {
        if (v.call == nullptr || !(v.call->flags & ir::kCallLeaf)) calls_ = true;
        if (v.call == nullptr || !(v.call->flags & (ir::kCallNoWrite | ir::kCallPure))) writes_anywhere_ = true;
      } else if (ir::writes_memory(v.op)) {
        Access a;
        if (!memory_.written(id, &a)) writes_anywhere_ = true;
        else if (writes_.size() < kMaxWrites) writes_.push_back(a);
        else too_many_writes_ = true;
      }
    }
  }

  bool clobbered(const Value& load) {
    Access a = memory_.access(load.args[0], load.aux, ir::size_of(load.ty), load.ty);
    if (too_many_writes_ || (writes_anywhere_ && !memory_.is_private(a))) return true;
    return std::any_of(writes_.begin(), writes_.end(), [&](const Access& w) { return memory_.may_overlap(a, w); });
  }

  bool dominates_latches(BlockId b) const {
    return std::all_of(latches_.begin(), latches_.end(), [&](BlockId l) { return dom_.reachable(b) && dom_.dominates(b, l); });
  }

  // May v move if its operands can? `first`: it is run whenever the loop is entered, before any effect.
  bool movable(ValueId id, bool first) {
    const Value& v = f_[id];
    if (v.ty == Ty::Addr && v.op != Op::SymAddr && v.op != Op::Const) return false;
    switch (v.op) {
      case Op::Phi: return false;
      case Op::Load:
        if ((f_.attrs & ir::kAsyncUnsafe) || clobbered(v)) return false;
        return first || (dominates_latches(v.block) && memory_.cannot_fault(v.args[0]));
      case Op::NilCheck: case Op::BoundsCheck: return first;
      // Made before its check, or of nil, a pointer might lie outside its object.
      case Op::AddPtr: return first;
      case Op::OffPtr: return first || memory_.cannot_fault(v.args[0]);
      case Op::Div: case Op::UDiv: case Op::Rem: case Op::URem: case Op::Div128: case Op::Rem128: {
        int64_t k;
        return first || (ir::is_const(f_, v.args.back(), &k) && k != 0);
      }
      default: return ir::is_pure(v.op);
    }
  }
  // Can v be had in front of the loop? Then `order` lists what has to move.
  bool available(ValueId id, bool first, int depth, std::vector<ValueId>* order) {
    const Value& v = f_[id];
    if (!inside(v.block, loop_)) return true;
    if (std::find(order->begin(), order->end(), id) != order->end()) return true;
    if (depth == 0 || !movable(id, first)) return false;
    // Only the value asked for is known to be first; what it needs comes before it, so that is, too, if it stands in the same run.
    for (ValueId a : v.args) {
      if (!available(a, first && f_[a].block == v.block && ir::is_pure(f_[a].op), depth - 1, order)) return false;
    }
    order->push_back(id);
    return true;
  }

  bool consider(ValueId id, bool first) {
    const Worth w = worth(f_[id]);
    if (w == Worth::Nothing || (w == Worth::Cheap && calls_)) return false;
    if (calls_ && f_[id].op == Op::Load) return false;
    if ((w == Worth::Cheap ? cheap_ >= kMaxCheap : dear_ >= kMaxDear)) return false;
    std::vector<ValueId> order;
    if (!available(id, first, 6, &order) || order.empty()) return false;
    (w == Worth::Cheap ? cheap_ : dear_)++;
    BlockId to = preheader();
    for (ValueId v : order) {
      if (v != id) {
        std::vector<ValueId>& list = f_[f_[v].block].values;
        if (f_[v].block != f_[id].block) list.erase(std::find(list.begin(), list.end(), v));
      }
      f_[v].block = to;
      f_[to].values.push_back(v);
    }
    if (context_.remark) remark(context_, f_, f_[id], "hoisted out of the loop: " + std::string(ir::name(f_[id].op)));
    changed_ = true;
    return true;
  }

  BlockId preheader() {
    if (preheader_.valid()) return preheader_;
    const BlockId header = loops_.loops[loop_].header;
    preheader_ = f_.add_block();
    ir::Block& b = f_[preheader_];
    b.term = TermKind::Jump;
    b.succs = {header};
    b.preds = {entry_};
    b.pos = f_[entry_].pos;
    b.inlined = f_[entry_].inlined;
    for (BlockId& s : f_[entry_].succs) {
      if (s == header) s = preheader_;
    }
    std::replace(f_[header].preds.begin(), f_[header].preds.end(), entry_, preheader_);
    loops_.innermost.resize(f_.blocks.size(), -1);
    loops_.innermost[preheader_.index] = loops_.loops[loop_].parent;
    if (loops_.loops[loop_].parent >= 0) {
      for (int32_t p = loops_.loops[loop_].parent; p >= 0; p = loops_.loops[p].parent) loops_.loops[p].blocks.push_back(preheader_);
    }
    return preheader_;
  }

  ir::Func& f_;
  PassContext& context_;
  ir::Dominators dom_;
  ir::Loops loops_;
  Memory memory_;
  int32_t loop_ = -1;
  BlockId entry_, preheader_;
  std::vector<BlockId> latches_;
  static constexpr size_t kMaxWrites = 16;
  std::vector<Access> writes_;
  bool writes_anywhere_ = false, calls_ = false, changed_ = false;
  bool too_many_writes_ = false;  // more than writes_ tells, to variables whose address nobody has, too
  int cheap_ = 0, dear_ = 0;
};

}  // namespace

bool hoist(ir::Func& f, PassContext& context) {
  remove_dead_blocks(f, context);
  return Hoisting(f, context).run();
}

}  // namespace gale::opt
