// Promotion: the parts of a Local become SSA values, when its address goes nowhere but into loads, stores and clearing.
//
// A part is an offset that is always accessed with one type; parts do not overlap. Phis stand at iterated dominance frontiers
// of the stores (Cytron et al., Efficiently Computing Static Single Assignment Form, TOPLAS 1991); loads and stores go in one walk
// over the dominator tree. Those phis that prove useless are removed by later passes.
//
// Before: any IR. After: promoted Locals have no use and size 0. Not in functions with defers: recovery finds variables in memory.
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
constexpr int kMaxRounds = 3;
constexpr uint32_t kNone = 0xffffffff;

struct Part {
  int64_t offset;
  Ty ty;
  uint32_t variable;
};

class Promotion {
 public:
  explicit Promotion(ir::Func& f) : f_(f), replacement_(f.values.size()) {}

  bool run() {
    if (f_.locals.size() == 0) return false;
    locals_.resize(f_.locals.size());
    track();
    for (const ir::Block& b : f_.blocks) {
      if (b.removed) continue;
      for (ValueId v : b.values) check(v);
      refuse(b.control);
      for (ValueId v : b.return_args) refuse(v);
    }
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
      default:
        for (ValueId a : v.args) refuse(a);
    }
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
    for (uint32_t i = 0; i < locals_.size(); i++) {
      Candidate& c = locals_[i];
      if (!c.seen) c.refused = true;
      for (auto [from, to] : c.cleared) {
        for (const Part& p : c.parts) {
          int64_t end = p.offset + ir::size_of(p.ty);
          if (p.offset < to && from < end && (p.offset < from || end > to)) c.refused = true;
        }
      }
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
          for_cleared(v, [&](uint32_t var) { stores[var].push_back(b); });
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
  template <class Act>
  void for_cleared(const Value& zero, Act act) {
    const Place& at = places_[zero.args[0].index];
    for (const Part& p : locals_[at.local].parts) {
      if (p.offset >= at.offset && p.offset < at.offset + zero.aux) act(p.variable);
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
    std::vector<ValueId>& values = f_[b].values;
    size_t kept = 0;
    for (size_t i = 0; i < values.size(); i++) {
      ValueId id = values[i];
      if (goes(id)) f_[id].block = BlockId();
      else values[kept++] = id;
    }
    values.resize(kept);
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
        for_cleared(v, [&](uint32_t var) { set(var, zeros_[static_cast<size_t>(types_[var])]); });
        return true;
      default: return false;
    }
  }

  ir::Func& f_;
  std::vector<Candidate> locals_;
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
  if (f.defers.return_block.valid() || f.locals.size() == 0) return false;
  remove_dead_blocks(f, context);
  // A closure that was taken apart lets go of the addresses in it: then the captured variables are next.
  bool changed = false;
  for (int round = 0; round < kMaxRounds; round++) {
    Promotion promotion(f);
    if (!promotion.run()) break;
    changed = true;
    if (!promotion.held_pointers()) break;
    fold_constants(f, context);
  }
  return changed;
}

}  // namespace gale::opt
