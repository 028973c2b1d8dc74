// Inlining: the callee's optimised mid-level body in place of a call; and calls of closures whose code is known.
//
// Before: calls; World::inline_body gives bodies of callees (bottom-up, so they were optimised first). After: the blocks of the
// callee between the two halves of the caller's block, parameters replaced by arguments, results by returned values (phis if
// there are several returns), those in memory by locals; the callee's locals added to the frame.
// Keeps: logical frames. Every copied value names an InlinedCall, so that tracebacks, runtime.Callers and recover count as before.
// Wrappers of methods are inlined, too: an InlinedCall says that it stands for a wrapper, which tracebacks and recover pass over.
// Refused: bodies with defer, recover or their own frame's address; large parameters and results in memory; unequal preemption rules;
// anything but tiny leaves in nosplit functions (their stack is budgeted).
// Cost: linear in what is copied, bounded by kMaxValues.
#include "opt/inline.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>

#include "base/abi/stackmap.h"
#include "base/check.h"
#include "opt/edges.h"
#include "opt/pass_list.h"

namespace gale::opt {
namespace {

using ir::BlockId;
using ir::InlineId;
using ir::Op;
using ir::TermKind;
using ir::Ty;
using ir::Value;
using ir::ValueId;

constexpr uint32_t kQuickBudget = 30, kFullBudget = 60;
constexpr uint32_t kOnceBudget = 300;   // of a literal that is called in one place only
constexpr uint32_t kCallCost = 8;
constexpr size_t kMaxBlocks = 16, kMaxBlocksFull = 60;
constexpr uint32_t kMaxMemorySlot = 128;  // bytes
constexpr uint32_t kMaxValues = 20000;  // callers do not grow beyond it
constexpr uint32_t kMaxInlines = 4000;  // the tables hold 16-bit indices

bool is_free(Op op) {
  switch (op) {
    case Op::Const: case Op::ConstF: case Op::SymAddr: case Op::LocalAddr: case Op::Param: case Op::Closure: case Op::Copy:
    case Op::OffPtr: case Op::Result: case Op::DbgValue: case Op::Phi: case Op::ZExt: case Op::SExt: case Op::Trunc:
      return true;
    default: return false;
  }
}

bool is_call(Op op) { return op == Op::Call || op == Op::CallClosure || op == Op::CallCode; }

bool in_memory(const ir::AbiSlot& slot) { return slot.kind == ir::AbiSlot::Memory; }

// What is passed in memory becomes a local of the caller: no larger than promote takes apart.
bool small_slots(std::span<const ir::AbiSlot> slots) {
  return std::all_of(slots.begin(), slots.end(), [](const ir::AbiSlot& s) { return !in_memory(s) || s.size <= kMaxMemorySlot; });
}

// Functions whose meaning hangs on being called, or on their caller.
bool is_special(std::string_view name) {
  return name == "internal/abi.NoEscape" || name == "runtime.noescape" || name == "strings.noescape" || name == "internal/abi.Escape" ||
         name == "runtime.KeepAlive" || name == "main.main" || name.starts_with("runtime.gorecover") || name.starts_with("testing.(*B).Loop");
}

bool calls_special(std::string_view name) {
  return name.starts_with("runtime.entersyscall") || name.starts_with("runtime.exitsyscall") || name.starts_with("syscall.runtime_") ||
         name.starts_with("runtime.defer") || name.starts_with("runtime.gorecover") || name.starts_with("runtime.newproc");
}

bool may_be_inlined(const ir::Func& f, size_t max_blocks) {
  constexpr uint32_t kRefused = ir::kNoInline | ir::kHasDefer | ir::kHasRecover | ir::kTopFrame | ir::kUintptrKeepAlive | ir::kNoBarrier;
  if ((f.attrs & kRefused) != 0 || (f.func_id != 0 && f.func_id != abi::kFuncIdWrapper) || f.defers.return_block.valid() || f.sig == nullptr) return false;
  if (!small_slots(f.sig->args) || !small_slots(f.sig->results) || is_special(f.name.text())) return false;
  size_t blocks = 0;
  bool returns = false;
  for (const ir::Block& b : f.blocks) {
    if (b.removed) continue;
    if (++blocks > max_blocks) return false;
    for (ValueId id : b.values) {
      const Value& v = f[id];
      switch (v.op) {
        case Op::CallerSP: case Op::CallerPC: case Op::FrameAddr: case Op::GetG: return false;
        case Op::Call:
          if (v.call->callee == f.name || calls_special(v.call->callee.text())) return false;
          [[fallthrough]];
        case Op::CallClosure: case Op::CallCode:
          if (v.call->flags & (ir::kCallTail | ir::kCallDeferSite | ir::kCallGoSite)) return false;
          break;
        default: break;
      }
    }
    if (b.term != TermKind::Return) continue;
    returns = true;
    for (size_t i = 0; i < b.return_args.size(); i++) {
      if (f[b.return_args[i]].ty != f.sig->results[i].ty) return false;
    }
  }
  return returns;
}

std::unique_ptr<ir::Func> clone(const ir::Func& f) {
  auto to = std::make_unique<ir::Func>(f.name);
  to->display_name = f.display_name;
  to->sig = f.sig;
  to->attrs = f.attrs;
  to->func_id = f.func_id;
  to->pos = f.pos;
  to->end_pos = f.end_pos;
  to->values = f.values;
  to->blocks = f.blocks;
  to->locals = f.locals;
  to->inlines = f.inlines;
  to->entry = f.entry;
  for (Value& v : to->values) {
    if (!v.block.valid()) {
      v.args = {};
      continue;
    }
    v.args = to->arena.copy(v.args);
    if (is_call(v.op)) v.call = to->arena.make<ir::CallInfo>(*v.call);
  }
  for (ir::Local& l : to->locals) l.pointer_mask = to->arena.copy(l.pointer_mask);
  return to;
}

class Inliner {
 public:
  Inliner(ir::Func& f, PassContext& context)
      : f_(f), context_(context), replacement_(f.values.size()) {}

  bool run() {
    find_closures();
    const uint32_t blocks = f_.blocks.size();
    for (uint32_t i = 0; i < blocks; i++) {
      BlockId b(i);
      if (!f_[b].removed && !f_[b].cold) scan(b);
    }
    if (changed_) replace_uses(f_, replacement_);
    return changed_;
  }

 private:
  // Closure objects made here: which code was stored in them.
  void find_closures() {
    for (const ir::Block& b : f_.blocks) {
      if (b.removed) continue;
      for (ValueId id : b.values) {
        const Value& v = f_[id];
        count_uses(v, 1);
        if (v.op != Op::Store || v.aux != 0 || f_[v.args[1]].op != Op::SymAddr || f_[v.args[0]].op != Op::New) continue;
        auto [it, fresh] = code_.try_emplace(v.args[0].index, f_[v.args[1]].symbol);
        if (!fresh && it->second != f_[v.args[1]].symbol) it->second = Symbol();
      }
      for (ValueId v : b.return_args) {
        if (f_[v].op == Op::New) other_uses_[v.index]++;
      }
    }
  }
  void count_uses(const Value& v, uint32_t n) {
    for (size_t i = v.op == Op::Store || v.op == Op::StorePtr ? 1 : 0; i < v.args.size(); i++) {
      if (f_[v.args[i]].op == Op::New) other_uses_[v.args[i].index] += n;
    }
  }
  // Is this call all that is done with the closure object?
  bool called_once(ValueId closure) const {
    while (f_[closure].op == Op::Copy || f_[closure].op == Op::NilCheck) closure = f_[closure].args[0];
    auto it = other_uses_.find(closure.index);
    return it != other_uses_.end() && it->second == 1;
  }
  Symbol known_code(ValueId closure) const {
    while (f_[closure].op == Op::Copy || f_[closure].op == Op::NilCheck) closure = f_[closure].args[0];
    auto it = code_.find(closure.index);
    return it == code_.end() ? Symbol() : it->second;
  }

  void scan(BlockId b) {
    for (size_t i = 0; i < f_[b].values.size(); i++) {
      ValueId id = f_[b].values[i];
      const ir::Func* body = callee_body(id);
      if (body == nullptr) continue;
      b = expand(b, i, *body);
      i = static_cast<size_t>(-1);  // on with the rest, which has moved to another block
      changed_ = true;
    }
  }

  const ir::Func* callee_body(ValueId id) const {
    const Value& v = f_[id];
    if (v.op != Op::Call && v.op != Op::CallClosure) return nullptr;
    if (v.call->flags & (ir::kCallTail | ir::kCallDeferSite | ir::kCallGoSite | ir::kCallUnordered)) return nullptr;
    if (f_.values.size() > kMaxValues || f_.inlines.size() > kMaxInlines) return nullptr;
    Symbol callee = v.call->callee;
    if (v.op == Op::CallClosure && callee.empty()) callee = known_code(v.args[0]);
    if (callee.empty() || callee == f_.name) return nullptr;
    const ir::Func* body = context_.world.inline_body(callee);
    if (body == nullptr || !suits(*body, v)) return nullptr;
    if ((body->attrs & ir::kNeedsClosure) && inline_cost(*body) > kFullBudget && !called_once(v.args[0])) return nullptr;
    if (context_.remark) {
      std::string_view name = callee.text();
      if (name.starts_with("main.")) name.remove_prefix(5);
      remark(context_, f_, v, "inlining call to " + std::string(name));
    }
    return body;
  }

  bool suits(const ir::Func& body, const Value& call) const {
    if ((body.attrs & ir::kAsyncUnsafe) && !(f_.attrs & ir::kAsyncUnsafe)) return false;
    if ((body.attrs & ir::kNeedsClosure) && call.op != Op::CallClosure) return false;
    if (f_.attrs & ir::kNoSplit) {
      if (body.locals.size() != 0 || inline_cost(body) > kCallCost) return false;
      if (std::ranges::any_of(body.sig->args, in_memory) || std::ranges::any_of(body.sig->results, in_memory)) return false;
      for (const ir::Block& b : body.blocks) {
        if (b.removed) continue;
        for (ValueId v : b.values) {
          if (is_call(body[v].op) || ir::may_allocate(body[v].op)) return false;
        }
      }
    }
    size_t first = call.op == Op::Call ? 0 : 1;
    if (body.sig->args.size() != call.args.size() - first || body.sig->results.size() != call.call->sig->results.size()) return false;
    for (size_t i = 0; i < body.sig->args.size(); i++) {
      const Value& a = f_[call.args[first + i]];
      if (a.ty != body.sig->args[i].ty && a.op != Op::SymAddr && a.op != Op::Const) return false;
    }
    return true;
  }

  ValueId add(BlockId b, Value v) {
    v.block = b;
    ValueId id = f_.values.add(v);
    f_[b].values.push_back(id);
    return id;
  }

  // Puts the body in place of f_[b].values[at]; gives the block where the caller goes on.
  BlockId expand(BlockId b, size_t at, const ir::Func& body) {
    const ValueId call_id = f_[b].values[at];
    const Value call = f_[call_id];
    results_ = take_call(f_, b, at);
    const BlockId after = split_block(f_, b, at);
    count_uses(call, ~0u);  // one less

    const InlineId base = f_.inlines.add({call.inlined, body.name, call.pos, body.pos, body.func_id});
    std::vector<InlineId> inlines;
    for (const ir::InlinedCall& c : body.inlines) {
      ir::InlinedCall copy = c;
      copy.parent = c.parent.valid() ? inlines[c.parent.index] : base;
      inlines.push_back(f_.inlines.add(copy));
    }
    auto inlined = [&](InlineId i) { return i.valid() ? inlines[i.index] : base; };

    const uint32_t first_local = f_.locals.size();
    for (const ir::Local& l : body.locals) {
      ir::Local copy = l;
      copy.pointer_mask = f_.arena.copy(l.pointer_mask);
      ir::LocalId id = f_.add_local(copy);
      if (copy.pointer_mask.empty()) continue;
      // Entry of the callee would clear it, each time.
      Value addr{.op = Op::LocalAddr, .ty = Ty::Ptr, .aux = id.index, .pos = call.pos, .inlined = base};
      ValueId a = add(b, addr);
      Value zero{.op = Op::Zero, .ty = Ty::Void, .args = f_.arena.copy(std::vector<ValueId>{a}), .aux = static_cast<int64_t>(copy.size), .pos = call.pos, .inlined = base};
      add(b, zero);
    }

    const size_t first_arg = call.op == Op::Call ? 0 : 1;
    const std::vector<ValueId> params = parameters(b, std::span<const ValueId>(call.args).subspan(first_arg), body, call, base);
    const std::vector<int64_t> result_locals = locals_of(body.sig->results, call.pos);

    std::vector<BlockId> blocks(body.blocks.size());
    for (uint32_t i = 0; i < body.blocks.size(); i++) {
      if (body.blocks[BlockId(i)].removed) continue;
      blocks[i] = BlockId(i) == body.entry ? b : f_.add_block();
    }
    // First the values, then their arguments: phis look ahead.
    std::vector<ValueId> values(body.values.size());
    for (uint32_t i = 0; i < body.blocks.size(); i++) {
      const ir::Block& from = body.blocks[BlockId(i)];
      if (from.removed) continue;
      for (ValueId v : from.values) {
        const Value& x = body[v];
        if (x.op == Op::DbgValue) continue;
        if (x.op == Op::Closure) {
          values[v.index] = call.args[0];
        } else if (x.op == Op::Param) {
          ValueId arg = params[static_cast<size_t>(x.aux)];
          if (f_[arg].ty != x.ty) {  // the address of static data under another type
            Value copy = f_[arg];
            copy.ty = x.ty;
            arg = add(b, copy);
          }
          values[v.index] = arg;
        } else {
          Value copy = x;
          copy.inlined = inlined(x.inlined);
          if (x.op == Op::LocalAddr) copy.aux += first_local;
          if (x.op == Op::ResultArea) copy.op = Op::LocalAddr, copy.aux = result_locals[static_cast<size_t>(x.aux)];
          values[v.index] = add(blocks[i], copy);
        }
      }
    }
    std::vector<BlockId> returns;
    std::vector<std::vector<ValueId>> returned;
    for (uint32_t i = 0; i < body.blocks.size(); i++) {
      const ir::Block& from = body.blocks[BlockId(i)];
      if (from.removed) continue;
      for (ValueId v : from.values) {
        const Value& x = body[v];
        if (x.op == Op::DbgValue || x.op == Op::Param || x.op == Op::Closure) continue;
        std::span<ValueId> args = f_.arena.copy(x.args);
        for (ValueId& a : args) a = values[a.index];
        f_[values[v.index]].args = args;
        count_uses(f_[values[v.index]], 1);
      }
      ir::Block& to = f_[blocks[i]];
      to.term = from.term;
      to.control = from.control.valid() ? values[from.control.index] : ValueId();
      to.switch_low = from.switch_low;
      to.likely = from.likely;
      if (BlockId(i) != body.entry) to.cold = from.cold;
      to.pos = from.pos;
      to.inlined = inlined(from.inlined);
      to.succs.clear();
      for (BlockId s : from.succs) to.succs.push_back(blocks[s.index]);
      if (BlockId(i) != body.entry) {
        for (BlockId p : from.preds) to.preds.push_back(blocks[p.index]);
      }
      if (from.term != TermKind::Return) continue;
      returns.push_back(blocks[i]);
      std::vector<ValueId> out;
      for (ValueId v : from.return_args) out.push_back(values[v.index]);
      returned.push_back(std::move(out));
      to.term = TermKind::Jump;
      to.succs = {after};
    }
    f_[after].preds = returns;
    join_results(after, call_id, returned, result_locals);
    return after;
  }

  // A local for each slot in memory; -1 for the others.
  std::vector<int64_t> locals_of(std::span<const ir::AbiSlot> slots, Pos pos) {
    std::vector<int64_t> out;
    for (const ir::AbiSlot& s : slots) {
      out.push_back(-1);
      if (!in_memory(s)) continue;
      const World::TypeLayout& layout = context_.world.layout(s.type);
      ir::Local local;
      local.size = (s.size + 7) / 8 * 8;
      local.align = std::max<uint32_t>(layout.align, 1);
      local.type = s.type;
      if (std::ranges::any_of(layout.pointer_mask, [](uint8_t bits) { return bits != 0; })) local.pointer_mask = f_.arena.copy(layout.pointer_mask);
      local.pos = pos;
      out.back() = f_.add_local(local).index;
    }
    return out;
  }
  // What the body's parameters stand for. Arguments in memory are copied, as the call would: the body may write its parameters,
  // or what the argument was read from.
  std::vector<ValueId> parameters(BlockId b, std::span<const ValueId> args, const ir::Func& body, const Value& call, InlineId inlined) {
    const std::vector<int64_t> locals = locals_of(body.sig->args, call.pos);
    std::vector<ValueId> out(args.begin(), args.end());
    for (size_t i = 0; i < out.size(); i++) {
      if (locals[i] < 0) continue;
      const ValueId to = add(b, {.op = Op::LocalAddr, .ty = Ty::Ptr, .aux = locals[i], .pos = call.pos, .inlined = inlined});
      const ValueId operands[] = {to, out[i]};
      add(b, {.op = Op::Move, .ty = Ty::Void, .args = f_.arena.copy(std::span<const ValueId>(operands)), .aux = body.sig->args[i].size, .pos = call.pos, .inlined = inlined});
      out[i] = to;
    }
    return out;
  }

  void join_results(BlockId after, ValueId call, const std::vector<std::vector<ValueId>>& returned, std::span<const int64_t> locals) {
    auto result = [&](size_t slot) {
      if (locals[slot] >= 0) {
        const ValueId address = f_.make(after, Op::LocalAddr, Ty::Ptr, std::span<const ValueId>{}, locals[slot], f_[call].pos);
        std::vector<ValueId>& list = f_[after].values;
        list.insert(std::ranges::find_if(list, [&](ValueId v) { return f_[v].op != Op::Phi; }), address);
        return address;
      }
      if (returned.size() == 1) return returned[0][slot];
      ValueId phi = f_.add_phi(after, f_[returned[0][slot]].ty);
      std::vector<ValueId> args;
      for (const std::vector<ValueId>& r : returned) args.push_back(r[slot]);
      f_[phi].args = f_.arena.copy(args);
      return phi;
    };
    if (!returned[0].empty() && f_[call].ty != Ty::Void) replacement_[call] = result(0);
    for (ValueId r : results_) {
      size_t slot = static_cast<size_t>(f_[r].aux);
      replacement_[r] = slot == 0 && f_[call].ty != Ty::Void ? replacement_[call] : result(slot);
    }
  }

  ir::Func& f_;
  PassContext& context_;
  SideTable<ValueId, ValueId> replacement_;
  absl::flat_hash_map<uint32_t, Symbol> code_;
  absl::flat_hash_map<uint32_t, uint32_t> other_uses_;  // of New results, but as the place of a store
  std::vector<ValueId> results_;
  bool changed_ = false;
};

}  // namespace

uint32_t inline_cost(const ir::Func& f) {
  uint32_t cost = 0;
  for (const ir::Block& b : f.blocks) {
    if (b.removed || b.cold) continue;
    for (ValueId v : b.values) {
      if (is_free(f[v].op)) continue;
      const bool bytes = f[v].op == Op::Move || f[v].op == Op::Zero;
      cost += is_call(f[v].op) ? kCallCost + static_cast<uint32_t>(f[v].args.size()) : bytes ? 1 + static_cast<uint32_t>(f[v].aux / 32) : 1;
    }
    if (b.term == TermKind::If || b.term == TermKind::Switch) cost++;
  }
  return cost;
}

bool fits_callers(const ir::Func& f, Level level, uint32_t growth) {
  if (level == Level::Debug || f.values.size() > 1000) return false;
  const bool full = level == Level::Full;
  const uint32_t budget = !full ? kQuickBudget : f.attrs & ir::kNeedsClosure ? kOnceBudget : kFullBudget;
  return inline_cost(f) + growth <= budget && may_be_inlined(f, full ? kMaxBlocksFull : kMaxBlocks);
}

std::unique_ptr<ir::Func> keep_inline_body(const ir::Func& f, Level level) {
  return fits_callers(f, level) ? clone(f) : nullptr;
}

bool inline_calls(ir::Func& f, PassContext& context) {
  if (f.attrs & ir::kNoBarrier) return false;
  return Inliner(f, context).run();
}

}  // namespace gale::opt
