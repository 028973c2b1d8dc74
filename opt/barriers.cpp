#include "opt/barriers.h"

#include <algorithm>

#include <absl/container/inlined_vector.h>

#include "base/check.h"
#include "opt/memory.h"

namespace gale::opt {
namespace {

using ir::BlockId;
using ir::Op;
using ir::Ty;
using ir::Value;
using ir::ValueId;

constexpr int64_t kWords = 64;
constexpr size_t kMostObjects = 16;  // that are followed at a time: the youngest

struct Fresh {
  ValueId object;
  uint64_t nil = ~uint64_t(0);  // the words that are still as they were made
};
using State = absl::InlinedVector<Fresh, 4>;

class FreshObjects {
 public:
  FreshObjects(const ir::Func& f, const World& world) : f_(f), world_(world), memory_(f), unneeded_(f.values.size()) {}

  std::vector<bool> run() {
    const std::vector<BlockId> order = ir::reverse_postorder(f_);
    leaving_.resize(f_.blocks.size());
    std::vector<bool> done(f_.blocks.size());
    for (BlockId b : order) {
      state_.clear();
      const std::vector<BlockId>& preds = f_[b].preds;
      const bool from_known = std::all_of(preds.begin(), preds.end(), [&](BlockId p) { return done[p.index]; });
      if (from_known && !preds.empty() && b != f_.defers.return_block) {
        state_ = leaving_[preds[0].index];
        for (size_t i = 1; i < preds.size(); i++) meet(leaving_[preds[i].index]);
      }
      for (ValueId v : f_[b].values) follow(v);
      leaving_[b.index] = state_;
      done[b.index] = true;
    }
    return std::move(unneeded_);
  }

 private:
  Fresh* find(ValueId object) {
    auto at = std::find_if(state_.begin(), state_.end(), [&](const Fresh& o) { return o.object == object; });
    return at == state_.end() ? nullptr : at;
  }

  void meet(const State& other) {
    for (size_t i = 0; i < state_.size();) {
      auto same = std::find_if(other.begin(), other.end(), [&](const Fresh& o) { return o.object == state_[i].object; });
      if (same != other.end()) {
        state_[i++].nil &= same->nil;
      } else {
        state_.erase(state_.begin() + static_cast<ptrdiff_t>(i));
      }
    }
  }

  // The address v goes where it is not followed.
  void let_go(ValueId v) {
    if (state_.empty() || (f_[v].ty != Ty::Ptr && f_[v].ty != Ty::Addr)) return;
    if (Fresh* o = find(memory_.access(v, 0, 0, Ty::Void).root)) state_.erase(state_.begin() + (o - state_.data()));
  }

  // The words of [offset, offset + size) that have a bit.
  static uint64_t words(int64_t offset, int64_t size) {
    const int64_t first = offset / 8, last = std::min((offset + size + 7) / 8, kWords);
    if (offset < 0 || first >= last) return 0;
    return (last - first == kWords ? ~uint64_t(0) : (uint64_t(1) << (last - first)) - 1) << first;
  }

  // A store of `size` bytes with pointers in the words of `mask` (a bit a word of the store; null: all of them).
  void overwrite(ValueId store, ValueId address, int64_t offset, int64_t size, const std::vector<uint8_t>* mask) {
    const Access a = memory_.access(address, offset, size, Ty::Void);
    Fresh* o = find(a.root);
    if (o == nullptr) return;
    if (a.stride != 0) {
      o->nil = 0;
      return;
    }
    bool only_nil = a.offset >= 0 && a.offset % 8 == 0;
    for (int64_t w = 0; w < (size + 7) / 8 && only_nil; w++) {
      const bool pointer = mask == nullptr || (static_cast<size_t>(w / 8) < mask->size() && ((*mask)[static_cast<size_t>(w / 8)] >> (w % 8) & 1) != 0);
      const int64_t at = a.offset / 8 + w;
      only_nil = !pointer || (at < kWords && (o->nil >> at & 1) != 0);
    }
    unneeded_[store.index] = only_nil;
    o->nil &= ~words(a.offset, size);
    if (a.offset < 0) o->nil = 0;
  }

  void follow(ValueId id) {
    const Value& v = f_[id];
    switch (v.op) {
      case Op::New: case Op::NewArray:
        if (state_.size() == kMostObjects) state_.erase(state_.begin());
        state_.push_back({id});
        return;
      case Op::OffPtr: case Op::AddPtr: case Op::NilCheck: case Op::Copy: case Op::Load: case Op::Eq: case Op::Ne: case Op::DbgValue:
      case Op::KeepAlive:
        return;
      case Op::Store:
        overwrite(id, v.args[0], v.aux, ir::size_of(f_[v.args[1]].ty), nullptr);
        return let_go(v.args[1]);
      case Op::StorePtr:
        overwrite(id, v.args[0], v.aux, 8, nullptr);
        return let_go(v.args[1]);
      case Op::Move: return overwrite(id, v.args[0], 0, v.aux, nullptr);
      case Op::MoveTyped: return overwrite_typed(id);
      case Op::Zero: return;  // nil again
      case Op::ZeroTyped: {
        const std::vector<Fresh> before(state_.begin(), state_.end());
        overwrite_typed(id);
        state_.assign(before.begin(), before.end());
        return;
      }
      default:
        for (ValueId a : v.args) let_go(a);
    }
  }

  void overwrite_typed(ValueId id) {
    const World::TypeLayout& layout = world_.layout(f_[id].type);
    overwrite(id, f_[id].args[0], 0, static_cast<int64_t>(layout.size), &layout.pointer_mask);
  }

  const ir::Func& f_;
  const World& world_;
  Memory memory_;
  State state_;                 // where the walk stands
  std::vector<State> leaving_;  // by block: at its end
  std::vector<bool> unneeded_;
};

}  // namespace

std::vector<bool> overwrites_nil_only(const ir::Func& f, const World& world) {
  bool any = false;
  for (const ir::Block& b : f.blocks) {
    if (b.removed) continue;
    any |= std::any_of(b.values.begin(), b.values.end(), [&](ValueId v) { return f[v].op == Op::New || f[v].op == Op::NewArray; });
  }
  return any ? FreshObjects(f, world).run() : std::vector<bool>(f.values.size());
}

}  // namespace gale::opt
