// Copies by runtime.memmove whose size is a small constant are made in place.
//
// Up to 16 bytes: all is loaded before anything is stored, so the two places may overlap as they like; from constants (strings
// appended, say) fold-constants makes the loads constants. Up to 128 bytes: a Move, if the places are in different objects.
//
// Before: constant sizes are constants (fold-constants). memmove is called for memory without pointers only: those are copied
// with their types (MoveTyped, runtime.typedslicecopy). Cost: linear; aliases are looked at only where there is a candidate.
#include <optional>
#include <string>

#include "opt/memory.h"
#include "opt/pass_list.h"

namespace gale::opt {
namespace {

using ir::BlockId;
using ir::Op;
using ir::Ty;
using ir::Value;
using ir::ValueId;

constexpr int64_t kMaxPieces = 16, kMaxMove = 128;  // bytes

class SmallCopies {
 public:
  SmallCopies(ir::Func& f, PassContext& context) : f_(f), context_(context) {}

  bool run() {
    for (uint32_t i = 0; i < f_.blocks.size(); i++) {
      const BlockId b(i);
      if (f_[b].removed || f_[b].cold) continue;
      for (size_t at = 0; at < f_[b].values.size(); at++) {
        int64_t size;
        const Value& v = f_[f_[b].values[at]];
        if (v.op != Op::Call || v.args.size() != 3 || !ir::is_const(f_, v.args[2], &size) || size <= 0 || size > kMaxMove) continue;
        if (v.call->callee.text() != "runtime.memmove") continue;
        if (size <= kMaxPieces) at = copy_pieces(b, at, size);
        else move(f_[b].values[at], size);
      }
    }
    return changed_;
  }

 private:
  // The whole in at most two pieces, which may overlap. Gives the place of the last of them.
  size_t copy_pieces(BlockId b, size_t at, int64_t size) {
    const ValueId call = f_[b].values[at];
    const Value v = f_[call];
    const int64_t first = size >= 8 ? 8 : size >= 4 ? 4 : size >= 2 ? 2 : 1;
    int64_t second = size - first;  // the smallest that reaches the end
    while ((second & (second - 1)) != 0) second++;
    std::vector<ValueId> made;
    auto add = [&](Op op, Ty ty, std::initializer_list<ValueId> args, int64_t offset) {
      const ValueId n = f_.make(b, op, ty, std::span<const ValueId>(args.begin(), args.size()), offset, v.pos);
      f_[n].inlined = v.inlined;
      made.push_back(n);
      return n;
    };
    const ValueId low = add(Op::Load, integer_of(first), {v.args[1]}, 0);
    const ValueId high = second == 0 ? ValueId() : add(Op::Load, integer_of(second), {v.args[1]}, size - second);
    add(Op::Store, Ty::Void, {v.args[0], low}, 0);
    if (second != 0) add(Op::Store, Ty::Void, {v.args[0], high}, size - second);
    f_[call].block = BlockId();
    std::vector<ValueId>& list = f_[b].values;
    list.erase(list.begin() + static_cast<ptrdiff_t>(at));
    list.insert(list.begin() + static_cast<ptrdiff_t>(at), made.begin(), made.end());
    explain(v, size);
    return at + made.size() - 1;
  }
  static Ty integer_of(int64_t size) { return size == 8 ? Ty::I64 : size == 4 ? Ty::I32 : size == 2 ? Ty::I16 : Ty::I8; }

  void move(ValueId call, int64_t size) {
    if (!memory_) memory_.emplace(f_);
    Value& v = f_[call];
    if (memory_->may_overlap(memory_->access(v.args[0], 0, size, Ty::Void), memory_->access(v.args[1], 0, size, Ty::Void))) return;
    v.op = Op::Move;
    v.args = v.args.first(2);
    v.aux = size;
    v.type = nullptr;
    explain(v, size);
  }
  void explain(const Value& copy, int64_t size) {
    changed_ = true;
    if (context_.remark) remark(context_, f_, copy, "copy of " + std::to_string(size) + " bytes made in place");
  }

  ir::Func& f_;
  PassContext& context_;
  std::optional<Memory> memory_;
  bool changed_ = false;
};

}  // namespace

bool small_copies(ir::Func& f, PassContext& context) { return SmallCopies(f, context).run(); }

}  // namespace gale::opt
