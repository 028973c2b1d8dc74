// Removes stores, clearings and copies whose bytes are all written again before anything may read them; and those to variables of
// the frame that nothing reads, or not before the function returns.
//
// Each block is walked backwards with the places that are overwritten from here on. A read takes the places away that it may
// meet, a call all of them; what may panic in between takes those that somebody may see then. A place that is dropped cannot
// fault: the panic would come from another line.
//
// Before: promote has taken out what it can; StorePtr and its barriers are one op (a barrier shades what was there before: the
// later one does). Not in code that others watch without atomics (kAsyncUnsafe); not the bookkeeping of defers.
// Cost: linear; the places known are bounded by kMaxPlaces.
#include <algorithm>
#include <limits>
#include <vector>

#include "opt/memory.h"
#include "opt/pass_list.h"

namespace gale::opt {
namespace {

using ir::BlockId;
using ir::LocalId;
using ir::Op;
using ir::TermKind;
using ir::Ty;
using ir::Value;
using ir::ValueId;

constexpr size_t kMaxPlaces = 16;

class DeadStores {
 public:
  DeadStores(ir::Func& f, PassContext& context) : f_(f), context_(context), memory_(f) {}

  bool run() {
    find_reads();
    for (uint32_t i = 0; i < f_.blocks.size(); i++) {
      if (!f_.blocks[BlockId(i)].removed) visit(BlockId(i));
    }
    return changed_;
  }

 private:
  // Locals that a load or a copy reads. The others of which nobody has the address are written for nothing.
  void find_reads() {
    read_.assign(f_.locals.size(), 0);
    auto read = [&](ValueId address) {
      const Access a = memory_.access(address, 0, 0, Ty::Void);
      if (f_[a.root].op == Op::LocalAddr) read_[static_cast<size_t>(f_[a.root].aux)] = 1;
    };
    for (const ir::Block& b : f_.blocks) {
      if (b.removed) continue;
      for (ValueId id : b.values) {
        const Value& v = f_[id];
        if (v.op == Op::Load) read(v.args[0]);
        if (v.op == Op::Move) read(v.args[1]);
      }
    }
  }

  void visit(BlockId id) {
    overwritten_.clear();
    reads_.clear();
    returns_ = f_[id].term == TermKind::Return;
    std::vector<ValueId>& values = f_[id].values;
    bool dropped = false;
    for (size_t i = values.size(); i-- > 0;) {
      if (!is_dead(values[i])) continue;
      if (context_.remark) remark(context_, f_, f_[values[i]], "store removed: nothing reads it");
      f_[values[i]].block = BlockId();
      dropped = true;
    }
    if (!dropped) return;
    std::erase_if(values, [&](ValueId v) { return !f_[v].block.valid(); });
    changed_ = true;
  }

  // v, which comes before all that was asked about.
  bool is_dead(ValueId id) {
    const Value& v = f_[id];
    Access to;
    if (!memory_.written(id, &to)) {
      step_over(v);
      return false;
    }
    if (may_go(to, v.args[0]) && (unread(to) || covered(to))) return true;
    if (!memory_.cannot_fault(v.args[0])) forget_visible();
    overwrite(to);
    if (v.op == Op::Move) {
      if (!memory_.cannot_fault(v.args[1])) forget_visible();
      read(memory_.access(v.args[1], 0, v.aux, Ty::Void));
    }
    return false;
  }
  void step_over(const Value& v) {
    if (v.op == Op::Load) {
      if (!memory_.cannot_fault(v.args[0])) forget_visible();
      return read(memory_.access(v.args[0], v.aux, ir::size_of(v.ty), v.ty));
    }
    if (ir::is_pure(v.op)) return;
    if (ir::is_safepoint(v.op)) return overwritten_.clear();
    if (ir::reads_memory(v.op) || ir::may_panic(v.op) || ir::may_allocate(v.op)) forget_visible();
  }

  bool may_go(const Access& a, ValueId address) const {
    const Value& root = f_[a.root];
    if (root.op != Op::LocalAddr) return memory_.cannot_fault(address);
    const LocalId local(static_cast<uint32_t>(root.aux));
    return local != f_.defers.bits && local != f_.defers.slots;
  }
  bool unread(const Access& a) const {
    if (!memory_.is_private(a)) return false;
    if (!read_[static_cast<size_t>(f_[a.root].aux)]) return true;
    return returns_ && std::none_of(reads_.begin(), reads_.end(), [&](const Access& r) { return memory_.may_overlap(r, a); });
  }
  bool covered(const Access& a) const {
    return std::any_of(overwritten_.begin(), overwritten_.end(), [&](const Access& o) {
      return o.base == a.base && o.from_base <= a.from_base && a.from_base + a.size <= o.from_base + o.size;
    });
  }
  // Neighbours become one place.
  void overwrite(Access a) {
    a.ty = Ty::Void;
    for (bool grown = true; grown;) {
      grown = false;
      for (size_t i = 0; i < overwritten_.size(); i++) {
        const Access o = overwritten_[i];
        if (o.base != a.base || o.from_base > a.from_base + a.size || a.from_base > o.from_base + o.size) continue;
        const int64_t from = std::min(o.from_base, a.from_base), to = std::max(o.from_base + o.size, a.from_base + a.size);
        a.offset += from - a.from_base;
        a.from_base = from;
        a.size = to - from;
        overwritten_.erase(overwritten_.begin() + static_cast<ptrdiff_t>(i));
        grown = true;
        break;
      }
    }
    if (overwritten_.size() >= kMaxPlaces) overwritten_.erase(overwritten_.begin());
    overwritten_.push_back(a);
  }
  void read(const Access& a) {
    std::erase_if(overwritten_, [&](const Access& o) { return memory_.may_overlap(o, a); });
    if (returns_ && f_[a.root].op == Op::LocalAddr) {
      // More than can be remembered may be read.
      if (reads_.size() < kMaxPlaces) reads_.push_back(a);
      else returns_ = false;
    }
  }
  // Something may panic here, or be run that reads.
  void forget_visible() {
    std::erase_if(overwritten_, [&](const Access& o) { return !memory_.is_private(o); });
  }

  ir::Func& f_;
  PassContext& context_;
  Memory memory_;
  std::vector<uint8_t> read_;         // per Local
  std::vector<Access> overwritten_;   // from here on, before anything reads
  std::vector<Access> reads_;         // of Locals, from here to the end of a block that returns
  bool returns_ = false, changed_ = false;
};

}  // namespace

bool dead_stores(ir::Func& f, PassContext& context) {
  if (f.attrs & ir::kAsyncUnsafe) return false;
  return DeadStores(f, context).run();
}

}  // namespace gale::opt
