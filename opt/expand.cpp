// From mid level to low level: allocations become runtime calls, typed stores get their write barriers. Under `full`, small objects
// made where code is hot are taken from the P's run in place; the call is left for an empty run.
//
// Before: New, NewArray, StorePtr, MoveTyped, ZeroTyped say what is meant.
// After:  none is left. A pointer store to a local, or over what is nil in a fresh object (barriers.h), has no barrier.
// Keeps:  the control-flow graph (a barrier's test and cold path are inside StoreWB), but for blocks cut at an allocation in place.
// Cost:   linear.

#include "base/abi/layout.h"
#include "base/check.h"
#include "ir/dominators.h"
#include "opt/barriers.h"
#include "opt/edges.h"
#include "opt/pass_list.h"

namespace gale::opt {
namespace {

using ir::Op;
using ir::Ty;
using ir::Value;
using ir::ValueId;

constexpr uint64_t kMaxWordsInline = 4;  // larger typed moves go through the runtime
constexpr uint64_t kMaxBumpWords = 8;    // objects with pointers taken from the run in place
constexpr uint64_t kMaxBump = 1024;      // without pointers
constexpr uint64_t kTiny = 16;           // smaller ones without pointers share blocks, but those of 8 bytes

class Expander {
 public:
  Expander(ir::Func& f, PassContext& context) : f_(f), world_(context.world), context_(context) {
    if (context.level == Level::Full) find_hot_objects();
    if (context.level != Level::Debug) over_nil_ = overwrites_nil_only(f, world_);
  }

  bool run() {
    for (uint32_t i = 0, n = f_.blocks.size(); i < n; i++) {
      block_ = first_ = ir::BlockId(i);
      if (f_[block_].removed) continue;
      std::vector<ValueId> old;
      old.swap(f_[block_].values);
      out_.clear();
      out_.reserve(old.size() + 8);
      for (ValueId v : old) rewrite(v);
      finish_block();
    }
    join_objects();
    return true;
  }

 private:
  void finish_block() {
    for (ValueId v : out_) f_[v].block = block_;
    f_[block_].values = out_;
    out_.clear();
  }

  ValueId add(Op op, Ty ty, std::initializer_list<ValueId> args, int64_t aux) {
    ValueId v = f_.make(block_, op, ty, std::span<const ValueId>(args.begin(), args.size()), aux, pos_);
    f_[v].inlined = inlined_;
    out_.push_back(v);
    return v;
  }
  ValueId symbol(Symbol name) {
    ValueId v = add(Op::SymAddr, Ty::Ptr, {}, 0);
    f_[v].symbol = name;
    return v;
  }

  void rewrite(ValueId id) {
    pos_ = f_[id].pos;
    inlined_ = f_[id].inlined;
    switch (f_[id].op) {
      case Op::Call: rewrite_call(id); break;
      case Op::New: rewrite_new(id); break;
      case Op::NewArray: rewrite_new_array(id); break;
      case Op::StorePtr:
        f_[id].op = needs_barrier(id, f_[id].args[0]) ? Op::StoreWB : Op::Store;
        out_.push_back(id);
        break;
      case Op::MoveTyped: rewrite_move(id); break;
      case Op::ZeroTyped: rewrite_zero(id); break;
      default: out_.push_back(id);
    }
  }

  // No barrier for the goroutine's own stack (the collector scans it) and, in the runtime's nobarrier code, nowhere.
  bool needs_barrier(ValueId store, ValueId address) const {
    if (f_.attrs & ir::kNoBarrier) return false;
    const Value* a = &f_[address];
    while (a->op == Op::OffPtr || a->op == Op::AddPtr || a->op == Op::Copy || a->op == Op::NilCheck) a = &f_[a->args[0]];
    if (a->op == Op::LocalAddr || a->op == Op::ResultArea) return false;
    if (over_nil_.empty() || !over_nil_[store.index]) return true;
    remark(context_, f_, f_[store], "no write barrier: the object is new");
    return false;
  }

  const ir::CallSig* signature(std::initializer_list<Ty> args, Ty result) {
    ir::CallSig* sig = f_.arena.make<ir::CallSig>();
    std::vector<ir::AbiSlot> slots;
    uint8_t reg = 0;
    for (Ty t : args) {
      ir::AbiSlot s{ir::AbiSlot::IntReg, reg, t};
      s.spill = reg * 8u;
      reg++;
      slots.push_back(s);
    }
    sig->args = f_.arena.copy(slots);
    sig->spill_size = static_cast<uint32_t>(slots.size() * 8);
    if (result != Ty::Void) {
      std::vector<ir::AbiSlot> results{{ir::AbiSlot::IntReg, 0, result}};
      sig->results = f_.arena.copy(results);
    }
    return sig;
  }

  const ir::CallInfo* runtime_call(std::string_view callee, const ir::CallSig* sig) {
    ir::CallInfo* call = f_.arena.make<ir::CallInfo>();
    call->callee = Symbol(callee);
    call->sig = sig;
    call->flags = ir::kCallNoEscape;
    return call;
  }

  // Turns v into a call with these arguments.
  void become_call(ValueId id, std::string_view callee, std::initializer_list<ValueId> args, std::initializer_list<Ty> types, Ty result) {
    const ir::CallInfo* call = runtime_call(callee, signature(types, result));
    Value& v = f_[id];
    v.op = Op::Call;
    v.ty = result;
    v.args = f_.arena.copy(std::span<const ValueId>(args.begin(), args.size()));
    v.aux = 0;
    v.symbol = Symbol();
    v.call = call;
    out_.push_back(id);
  }

  // The casts that hide a pointer from escape analysis have done their work.
  void rewrite_call(ValueId id) {
    Value& v = f_[id];
    std::string_view callee = v.call->callee.text();
    if (v.args.size() == 1 && v.ty == Ty::Ptr && f_[v.args[0]].ty == Ty::Ptr &&
        (callee == "internal/abi.NoEscape" || callee == "runtime.noescape" || callee == "strings.noescape")) {
      v.op = Op::Copy;
      v.aux = 0;
      v.type = nullptr;
    }
    out_.push_back(id);
  }

  // ---- allocation in place

  // What Bump wants to know of objects of this layout; 0: not for Bump.
  static int64_t bump_class(const World::TypeLayout& layout) {
    const uint64_t words = layout.size / 8;
    uint64_t mask = 0;
    for (uint64_t w = 0; w < words && w < kMaxBumpWords; w++) mask |= uint64_t(word_is_pointer(layout, w)) << w;
    if (!layout.pointer_mask.empty() ? words > kMaxBumpWords || mask == 0 : layout.size > kMaxBump) return 0;
    if (layout.pointer_mask.empty() && layout.size < kTiny && layout.size != 8) return 0;
    int c = 1;
    while (abi::kSizeClasses[c].size < layout.size) c++;
    return (c * 2 + layout.pointer_mask.empty()) | static_cast<int64_t>(mask << 8);
  }

  // Of the allocations in loops, in place of calls that are made often: the others are not worth the code.
  void find_hot_objects() {
    bool any = false;
    for (const ir::Block& b : f_.blocks) {
      if (b.removed || b.cold) continue;
      for (ValueId v : b.values) any |= f_[v].op == Op::New;
    }
    if (!any) return;
    ir::Dominators dom(f_);
    hot_.assign(f_.blocks.size(), 0);
    ir::Loops loops(f_, dom);
    for (uint32_t i = 0; i < f_.blocks.size(); i++) hot_[i] = loops.innermost[i] >= 0 && !f_.blocks[ir::BlockId(i)].cold;
  }

  // block_ ends in a Bump; the rest of its values and its successors go to a new block, where a phi joins the object with that of
  // the call in a cold block. Goes on in the new block.
  void bump(ValueId id, int64_t object, Symbol descriptor) {
    ValueId fresh = add(Op::Bump, Ty::Ptr, {}, object);
    ValueId nil = add(Op::Const, Ty::Ptr, {}, 0);
    ValueId got = add(Op::Ne, Ty::Bool, {fresh, nil}, 0);
    const ir::BlockId before = block_, empty = f_.add_block();
    finish_block();
    const ir::BlockId after = split_block(f_, before, f_[before].values.size());
    f_.branch(before, got, after, empty, 1);
    f_[empty].cold = true;
    f_.jump(empty, after);
    for (ir::BlockId b : {before, empty}) {
      f_[b].pos = pos_;
      f_[b].inlined = inlined_;
    }
    block_ = empty;
    ValueId type = symbol(descriptor);
    become_call(id, "runtime.newobject", {type}, {Ty::Ptr}, Ty::Ptr);
    finish_block();
    block_ = after;
    ValueId args[] = {fresh, id};
    ValueId phi = f_.make(after, Op::Phi, Ty::Ptr, args, 0, pos_);
    out_.push_back(phi);
    objects_.push_back({id, phi});
  }

  void join_objects() {
    if (objects_.empty()) return;
    SideTable<ValueId, ValueId> replacement;
    for (auto [call, phi] : objects_) replacement[call] = phi;
    replace_uses(f_, replacement);
    for (auto [call, phi] : objects_) f_[phi].args[1] = call;
  }

  void rewrite_new(ValueId id) {
    const World::TypeLayout& layout = world_.layout(f_[id].type);
    if (layout.size == 0) {
      Value& v = f_[id];
      v.op = Op::SymAddr;
      v.symbol = Symbol("runtime.zerobase");
      v.aux = 0;
      v.type = nullptr;
      out_.push_back(id);
      return;
    }
    if (!hot_.empty() && hot_[first_.index]) {
      if (int64_t object = bump_class(layout); object != 0) return bump(id, object, layout.descriptor);
    }
    ValueId type = symbol(layout.descriptor);
    become_call(id, "runtime.newobject", {type}, {Ty::Ptr}, Ty::Ptr);
  }

  void rewrite_new_array(ValueId id) {
    ValueId type = symbol(world_.layout(f_[id].type).descriptor);
    become_call(id, "runtime.newarray", {type, f_[id].args[0]}, {Ty::Ptr, Ty::I64}, Ty::Ptr);
  }

  static bool word_is_pointer(const World::TypeLayout& layout, uint64_t word) {
    return word / 8 < layout.pointer_mask.size() && (layout.pointer_mask[word / 8] >> (word % 8) & 1);
  }

  // Turns v into a plain Move or Zero of its size; nothing is left of one of size 0.
  void become_plain(ValueId id, Op op, uint64_t size) {
    if (size == 0) return;
    Value& v = f_[id];
    v.op = op;
    v.aux = static_cast<int64_t>(size);
    v.type = nullptr;
    out_.push_back(id);
  }

  void rewrite_move(ValueId id) {
    const World::TypeLayout& layout = world_.layout(f_[id].type);
    ValueId to = f_[id].args[0], from = f_[id].args[1];
    if (layout.pointer_mask.empty() || !needs_barrier(id, to)) {
      become_plain(id, Op::Move, layout.size);
      return;
    }
    if (layout.size <= kMaxWordsInline * 8 && layout.size % 8 == 0) {
      std::vector<ValueId> words;
      for (uint64_t w = 0; w < layout.size / 8; w++) {
        words.push_back(add(Op::Load, word_is_pointer(layout, w) ? Ty::Ptr : Ty::I64, {from}, static_cast<int64_t>(w * 8)));
      }
      for (uint64_t w = 0; w < words.size(); w++) {
        add(word_is_pointer(layout, w) ? Op::StoreWB : Op::Store, Ty::Void, {to, words[w]}, static_cast<int64_t>(w * 8));
      }
      f_[id].block = ir::BlockId();
      return;
    }
    ValueId type = symbol(layout.descriptor);
    become_call(id, "runtime.typedmemmove", {type, to, from}, {Ty::Ptr, Ty::Ptr, Ty::Ptr}, Ty::Void);
  }

  void rewrite_zero(ValueId id) {
    const World::TypeLayout& layout = world_.layout(f_[id].type);
    ValueId at = f_[id].args[0];
    if (layout.pointer_mask.empty() || !needs_barrier(id, at)) {
      become_plain(id, Op::Zero, layout.size);
      return;
    }
    if (layout.size <= kMaxWordsInline * 8 && layout.size % 8 == 0) {
      ValueId nil = add(Op::Const, Ty::Ptr, {}, 0), zero = add(Op::Const, Ty::I64, {}, 0);
      for (uint64_t w = 0; w < layout.size / 8; w++) {
        bool pointer = word_is_pointer(layout, w);
        add(pointer ? Op::StoreWB : Op::Store, Ty::Void, {at, pointer ? nil : zero}, static_cast<int64_t>(w * 8));
      }
      f_[id].block = ir::BlockId();
      return;
    }
    ValueId type = symbol(layout.descriptor);
    become_call(id, "runtime.typedmemclr", {type, at}, {Ty::Ptr, Ty::Ptr}, Ty::Void);
  }

  ir::Func& f_;
  const World& world_;
  const PassContext& context_;
  std::vector<bool> over_nil_;    // of the stores there were at the start
  ir::BlockId block_, first_;     // what is being filled; what it was cut from
  std::vector<uint8_t> hot_;      // by block: allocate in place; empty: nowhere
  std::vector<std::pair<ValueId, ValueId>> objects_;  // call, phi
  Pos pos_;
  ir::InlineId inlined_;
  std::vector<ValueId> out_;
};

}  // namespace

bool expand(ir::Func& f, PassContext& context) { return Expander(f, context).run(); }

}  // namespace gale::opt
