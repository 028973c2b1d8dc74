// Promotion: the parts of a Local become SSA values, when its address goes nowhere but into loads, stores and clearing.
//
// A part is an offset that is always accessed with one type; parts do not overlap. Phis stand at iterated dominance frontiers
// of the stores (Cytron et al., Efficiently Computing Static Single Assignment Form, TOPLAS 1991); loads and stores go in one walk
// over the dominator tree. Those phis that prove useless are removed by later passes.
//
// A copy between two Locals (Move) is a renaming of parts; from or to other memory it becomes loads or stores of the parts.
//
// Before: any IR. After: promoted Locals have no use and size 0. What recovery may still read (from the defer-return block on)
// stays in memory.
// Cost: linear but for frontiers, which are small in structured code.
#include <absl/container/flat_hash_map.h>

#include <algorithm>

#include "ir/dominators.h"
#include "opt/edges.h"
#include "opt/pass_list.h"

namespace gale::opt {
namespace {

using ir::BlockId;
using ir::LocalId;
using ir::Op;
using ir::Ty;
using ir::Value;
using ir::ValueId;

constexpr size_t kMaxParts = 16;
constexpr int64_t kMaxCopied = 128;  // bytes of a copy that may become loads and stores
constexpr int kMaxRounds = 3;
constexpr uint32_t kNone = 0xffffffff;

struct Part {
  int64_t offset;
  Ty ty;
  uint32_t variable;
};

class Promotion {
 public:
  Promotion(ir::Func& f, const World& world) : f_(f), world_(world), replacement_(f.values.size()) {}

  bool run() {
    if (f_.locals.size() == 0) return false;
    locals_.resize(f_.locals.size());
    track();
    const std::vector<uint8_t> recovered = reachable_after_recovery();
    // The runtime reads these when it runs deferred calls.
    for (LocalId l : {f_.defers.bits, f_.defers.slots}) {
      if (l.valid()) locals_[l.index].refused = true;
    }
    for (uint32_t i = 0; i < f_.blocks.size(); i++) {
      const ir::Block& b = f_.blocks[BlockId(i)];
      if (b.removed) continue;
      for (ValueId v : b.values) {
        if (!recovered.empty() && recovered[i]) {
          for (ValueId a : f_[v].args) refuse(a);
        }
        check(v);
      }
      refuse(b.control);
      for (ValueId v : b.return_args) refuse(v);
    }
    match_moves();
    if (!number_variables()) return false;
    rewrite();
    return true;
  }
  // Was a part a pointer? Then addresses may have become free that lay there.
  bool held_pointers() const { return std::find(types_.begin(), types_.end(), Ty::Ptr) != types_.end(); }

 private:
  struct Candidate {
    bool seen = false, refused = false;
    std::vector<Part> parts;
    std::vector<std::pair<int64_t, int64_t>> cleared;  // [from, to)
  };
  struct Place {
    uint32_t local = kNone;
    int64_t offset = 0;
  };
  struct Copied {
    ValueId to, from;
    int64_t size;
  };

  // Recovery enters the defer-return block from outside: what is read from there on must be in memory.
  std::vector<uint8_t> reachable_after_recovery() const {
    if (!f_.defers.return_block.valid()) return {};
    std::vector<uint8_t> seen(f_.blocks.size());
    std::vector<BlockId> work{f_.defers.return_block};
    seen[work[0].index] = 1;
    while (!work.empty()) {
      const BlockId b = work.back();
      work.pop_back();
      for (BlockId s : f_[b].succs) {
        if (!seen[s.index]) seen[s.index] = 1, work.push_back(s);
      }
    }
    return seen;
  }

  // Addresses derived from LocalAddr. Definitions come before uses in reverse postorder.
  void track() {
    places_.resize(f_.values.size());
    for (BlockId b : ir::reverse_postorder(f_)) {
      for (ValueId id : f_[b].values) {
        const Value& v = f_[id];
        if (v.op == Op::LocalAddr) {
          places_[id.index] = {static_cast<uint32_t>(v.aux), 0};
          locals_[static_cast<size_t>(v.aux)].seen = true;
        } else if (v.op == Op::OffPtr || v.op == Op::NilCheck || v.op == Op::Copy) {
          places_[id.index] = places_[v.args[0].index];
          if (v.op == Op::OffPtr) places_[id.index].offset += v.aux;
        }
      }
    }
  }
  Candidate* candidate(ValueId v) {
    uint32_t l = places_[v.index].local;
    return l == kNone ? nullptr : &locals_[l];
  }
  void refuse(ValueId v) {
    if (!v.valid()) return;
    if (Candidate* c = candidate(v)) c->refused = true;
  }

  void check(ValueId id) {
    const Value& v = f_[id];
    switch (v.op) {
      case Op::OffPtr: case Op::NilCheck: case Op::Copy: case Op::DbgValue: return;
      case Op::Load: access(v.args[0], v.aux, v.ty); return;
      case Op::Store: case Op::StorePtr:
        access(v.args[0], v.aux, f_[v.args[1]].ty);
        refuse(v.args[1]);
        return;
      case Op::Zero:
        if (Candidate* c = candidate(v.args[0])) {
          int64_t from = places_[v.args[0].index].offset;
          c->cleared.push_back({from, from + v.aux});
        }
        return;
      case Op::Move: case Op::MoveTyped:
        if (candidate(v.args[0]) != nullptr || candidate(v.args[1]) != nullptr) moves_.push_back({v.args[0], v.args[1], size_of_move(v)});
        return;
      default:
        for (ValueId a : v.args) refuse(a);
    }
  }
  int64_t size_of_move(const Value& v) const {
    return v.op == Op::Move ? v.aux : static_cast<int64_t>(world_.layout(v.type).size);
  }

  // A copied part must be a part on the other side too; what is copied out of a local to other memory must be parts throughout.
  void match_moves() {
    if (moves_.empty()) return;
    for (const Copied& m : moves_) {
      if (m.size > kMaxCopied || (candidate(m.to) != nullptr && candidate(m.to) == candidate(m.from))) refuse(m.to), refuse(m.from);
      for (ValueId side : {m.to, m.from}) {
        if (usable(side) != nullptr) usable(side)->cleared.push_back({places_[side.index].offset, places_[side.index].offset + m.size});
      }
    }
    // A local refused makes copies to and from it one-sided: until nothing changes.
    for (bool again = true; again;) {
      again = refuse_cut_parts();
      for (const Copied& m : moves_) {
        Candidate* to = usable(m.to);
        Candidate* from = usable(m.from);
        if (to != nullptr && from != nullptr) {
          again |= carry_over(m.to, m.from, m.size) || carry_over(m.from, m.to, m.size);
        } else if (from != nullptr) {
          again |= fill_gaps(m.from, m.size);
        }
      }
    }
  }
  // Parts that are cleared or copied in part only.
  bool refuse_cut_parts() {
    bool changed = false;
    for (Candidate& c : locals_) {
      if (c.refused || !c.seen) continue;
      for (auto [from, to] : c.cleared) {
        for (const Part& p : c.parts) {
          const int64_t end = p.offset + ir::size_of(p.ty);
          if (p.offset < to && from < end && (p.offset < from || end > to)) c.refused = changed = true;
        }
      }
    }
    return changed;
  }
  Candidate* usable(ValueId v) {
    Candidate* c = candidate(v);
    return c == nullptr || c->refused ? nullptr : c;
  }
  // True: something changed.
  bool carry_over(ValueId a, ValueId b, int64_t size) {
    Candidate* from = usable(a);
    Candidate* to = usable(b);
    if (from == nullptr || to == nullptr || from == to) return false;
    const int64_t start = places_[a.index].offset;
    const size_t before = to->parts.size();
    const std::vector<Part> parts = from->parts;
    for (const Part& p : parts) {
      if (p.offset >= start && p.offset + ir::size_of(p.ty) <= start + size) access(b, p.offset - start, p.ty);
    }
    return to->parts.size() != before || to->refused;
  }
  bool fill_gaps(ValueId a, int64_t size) {
    Candidate* c = usable(a);
    const int64_t start = places_[a.index].offset;
    const ir::Local& local = f_.locals[LocalId(places_[a.index].local)];
    const size_t before = c->parts.size();
    for (int64_t at = start; at < start + size && !c->refused;) {
      auto covering = std::find_if(c->parts.begin(), c->parts.end(), [&](const Part& p) { return p.offset <= at && at < p.offset + ir::size_of(p.ty); });
      if (covering != c->parts.end()) {
        at = covering->offset + ir::size_of(covering->ty);
        continue;
      }
      int64_t end = start + size;
      for (const Part& p : c->parts) {
        if (p.offset > at) end = std::min(end, p.offset);
      }
      int64_t n = 8;
      while (at % n != 0 || at + n > end) n /= 2;
      const auto word = static_cast<size_t>(at / 8);
      const bool pointer = n == 8 && word / 8 < local.pointer_mask.size() && (local.pointer_mask[word / 8] >> (word % 8) & 1);
      access(a, at - start, pointer ? Ty::Ptr : n == 8 ? Ty::I64 : n == 4 ? Ty::I32 : n == 2 ? Ty::I16 : Ty::I8);
      at += n;
    }
    return c->parts.size() != before || c->refused;
  }

  void access(ValueId address, int64_t aux, Ty ty) {
    Candidate* c = candidate(address);
    if (c == nullptr || c->refused) return;
    int64_t offset = places_[address.index].offset + aux;
    int size = ir::size_of(ty);
    for (const Part& p : c->parts) {
      if (p.offset == offset && p.ty == ty) return;
      if (p.offset < offset + size && offset < p.offset + ir::size_of(p.ty)) {
        c->refused = true;
        return;
      }
    }
    if (c->parts.size() >= kMaxParts) c->refused = true;
    else c->parts.push_back({offset, ty, 0});
  }

  bool number_variables() {
    refuse_cut_parts();
    for (uint32_t i = 0; i < locals_.size(); i++) {
      Candidate& c = locals_[i];
      if (!c.seen) c.refused = true;
      if (c.refused) continue;
      any_ = true;
      for (Part& p : c.parts) {
        p.variable = static_cast<uint32_t>(types_.size());
        types_.push_back(p.ty);
      }
    }
    return any_;
  }
  bool promoted(ValueId address) const {
    uint32_t l = places_[address.index].local;
    return l != kNone && !locals_[l].refused;
  }
  uint32_t variable(ValueId address, int64_t aux) const {
    const Place& at = places_[address.index];
    for (const Part& p : locals_[at.local].parts) {
      if (p.offset == at.offset + aux) return p.variable;
    }
    return kNone;
  }

  ValueId zero_of(Ty ty) {
    ValueId& z = zeros_[static_cast<size_t>(ty)];
    if (z.valid()) return z;
    bool is_float = ty == Ty::F32 || ty == Ty::F64;
    z = f_.make(f_.entry, is_float ? Op::ConstF : Op::Const, ty, std::span<const ValueId>{});
    std::vector<ValueId>& list = f_[f_.entry].values;
    auto at = std::find_if(list.begin(), list.end(), [&](ValueId v) { return f_[v].op != Op::Param && f_[v].op != Op::Closure; });
    list.insert(at, z);
    return z;
  }

  void place_phis(const ir::Dominators& dom) {
    const size_t n = f_.blocks.size();
    std::vector<std::vector<BlockId>> frontier(n);
    for (BlockId b : dom.rpo()) {
      if (f_[b].preds.size() < 2) continue;
      for (BlockId p : f_[b].preds) {
        for (BlockId r = p; r.valid() && dom.reachable(r) && r != dom.idom(b); r = dom.idom(r)) {
          if (frontier[r.index].empty() || frontier[r.index].back() != b) frontier[r.index].push_back(b);
        }
      }
    }
    std::vector<std::vector<BlockId>> stores(types_.size());
    for (BlockId b : dom.rpo()) {
      for (ValueId id : f_[b].values) {
        const Value& v = f_[id];
        if ((v.op == Op::Store || v.op == Op::StorePtr) && promoted(v.args[0])) {
          stores[variable(v.args[0], v.aux)].push_back(b);
        } else if (v.op == Op::Zero && promoted(v.args[0])) {
          for_parts(v.args[0], v.aux, [&](const Part& p, int64_t) { stores[p.variable].push_back(b); });
        } else if ((v.op == Op::Move || v.op == Op::MoveTyped) && promoted(v.args[0])) {
          for_parts(v.args[0], size_of_move(v), [&](const Part& p, int64_t) { stores[p.variable].push_back(b); });
        }
      }
    }
    phis_.resize(n);
    std::vector<uint32_t> placed(n, kNone);
    for (uint32_t var = 0; var < types_.size(); var++) {
      std::vector<BlockId> work = stores[var];
      while (!work.empty()) {
        BlockId b = work.back();
        work.pop_back();
        for (BlockId j : frontier[b.index]) {
          if (placed[j.index] == var) continue;
          placed[j.index] = var;
          ValueId phi = f_.add_phi(j, types_[var]);
          f_[phi].args = f_.arena.make_array<ValueId>(f_[j].preds.size());
          for (ValueId& a : f_[phi].args) a = zero_of(types_[var]);
          phis_[j.index].push_back({var, phi});
          work.push_back(j);
        }
      }
    }
  }
  // Parts of the promoted local at `address` that lie in its first `size` bytes, with their offset from it.
  template <class Act>
  void for_parts(ValueId address, int64_t size, Act act) {
    const Place& at = places_[address.index];
    for (const Part& p : locals_[at.local].parts) {
      if (p.offset >= at.offset && p.offset < at.offset + size) act(p, p.offset - at.offset);
    }
  }

  void rewrite() {
    ir::Dominators dom(f_);
    current_.resize(types_.size());
    for (uint32_t i = 0; i < types_.size(); i++) current_[i] = zero_of(types_[i]);
    place_phis(dom);
    struct Frame {
      BlockId block;
      size_t next, mark;
    };
    std::vector<Frame> stack{{f_.entry, 0, 0}};
    rename(f_.entry);
    while (!stack.empty()) {
      Frame& top = stack.back();
      const std::vector<BlockId>& kids = dom.children(top.block);
      if (top.next < kids.size()) {
        BlockId k = kids[top.next++];
        stack.push_back({k, 0, undo_.size()});
        rename(k);
        continue;
      }
      while (undo_.size() > top.mark) {
        current_[undo_.back().first] = undo_.back().second;
        undo_.pop_back();
      }
      stack.pop_back();
    }
    replace_uses(f_, replacement_);
    for (uint32_t i = 0; i < locals_.size(); i++) {
      if (locals_[i].refused) continue;
      ir::Local& l = f_.locals[LocalId(i)];
      l.size = 0;
      l.pointer_mask = {};
      l.type = nullptr;
      l.variable = false;
    }
  }

  void set(uint32_t var, ValueId v) {
    undo_.push_back({var, current_[var]});
    current_[var] = v;
  }

  void rename(BlockId b) {
    for (auto [var, phi] : phis_[b.index]) set(var, phi);
    std::vector<ValueId> values;
    values.swap(f_[b].values);
    std::vector<ValueId>& kept = f_[b].values;
    kept.reserve(values.size());
    for (ValueId id : values) {
      if (goes(id)) f_[id].block = BlockId();
      else kept.push_back(id);
    }
    for (BlockId s : f_[b].succs) {
      for (auto [var, phi] : phis_[s.index]) {
        for (size_t p = 0; p < f_[s].preds.size(); p++) {
          if (f_[s].preds[p] == b) f_[phi].args[p] = current_[var];
        }
      }
    }
  }
  bool goes(ValueId id) {
    if (id.index >= places_.size()) return false;  // a phi of ours, a zero
    const Value& v = f_[id];
    switch (v.op) {
      case Op::LocalAddr: case Op::OffPtr: case Op::NilCheck: case Op::Copy: return promoted(id);
      case Op::DbgValue: return promoted(v.args[0]);
      case Op::Load:
        if (!promoted(v.args[0])) return false;
        replacement_[id] = current_[variable(v.args[0], v.aux)];
        return true;
      case Op::Store: case Op::StorePtr:
        if (!promoted(v.args[0])) return false;
        set(variable(v.args[0], v.aux), v.args[1]);
        return true;
      case Op::Zero:
        if (!promoted(v.args[0])) return false;
        for_parts(v.args[0], v.aux, [&](const Part& p, int64_t) { set(p.variable, zeros_[static_cast<size_t>(p.ty)]); });
        return true;
      case Op::Move: case Op::MoveTyped: return copy_parts(id);
      default: return false;
    }
  }

  // A copy to or from promoted locals: renaming, loads, or stores in its place.
  bool copy_parts(ValueId id) {
    const Value v = f_[id];
    const ValueId to = v.args[0], from = v.args[1];
    const bool to_parts = promoted(to), from_parts = promoted(from);
    if (!to_parts && !from_parts) return false;
    auto add = [&](Op op, Ty ty, std::initializer_list<ValueId> args, int64_t offset) {
      const ValueId n = f_.make(v.block, op, ty, std::span<const ValueId>(args.begin(), args.size()), offset, v.pos);
      f_[n].inlined = v.inlined;
      f_[v.block].values.push_back(n);
      return n;
    };
    const int64_t size = size_of_move(v);
    if (to_parts && from_parts) {
      std::vector<std::pair<uint32_t, ValueId>> now;
      for_parts(to, size, [&](const Part& p, int64_t offset) { now.push_back({p.variable, current_[variable(from, offset)]}); });
      for (auto [var, value] : now) set(var, value);
    } else if (to_parts) {
      for_parts(to, size, [&](const Part& p, int64_t offset) { set(p.variable, add(Op::Load, p.ty, {from}, offset)); });
    } else {
      for_parts(from, size, [&](const Part& p, int64_t offset) {
        add(v.op == Op::MoveTyped && p.ty == Ty::Ptr ? Op::StorePtr : Op::Store, Ty::Void, {to, current_[p.variable]}, offset);
      });
    }
    return true;
  }

  ir::Func& f_;
  const World& world_;
  std::vector<Candidate> locals_;
  std::vector<Copied> moves_;
  std::vector<Place> places_;   // of each value that is an address inside a local
  std::vector<Ty> types_;       // of each variable
  std::vector<ValueId> current_;
  std::vector<std::pair<uint32_t, ValueId>> undo_;
  std::vector<std::vector<std::pair<uint32_t, ValueId>>> phis_;
  ValueId zeros_[16];
  SideTable<ValueId, ValueId> replacement_;
  bool any_ = false;
};

}  // namespace

bool promote(ir::Func& f, PassContext& context) {
  if (f.locals.size() == 0) return false;
  remove_dead_blocks(f, context);
  // A closure that was taken apart lets go of the addresses in it: then the captured variables are next.
  bool changed = false;
  for (int round = 0; round < kMaxRounds; round++) {
    Promotion promotion(f, context.world);
    if (!promotion.run()) break;
    changed = true;
    if (!promotion.held_pointers()) break;
    fold_constants(f, context);
  }
  return changed;
}

}  // namespace gale::opt
