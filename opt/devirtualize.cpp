// Calls of methods through interfaces and of func values become direct calls, which can be inlined, where the callee is known.
//
// The code of a static closure object (of a declared function) is read from its data.
// A callee is known if the itab is a constant (a value converted here), or if few functions can stand in the place of the method
// in this program (World::implementations). One: the call is direct. Two, one of which may be inlined: the code address decides
// between two direct calls. The load from the itab stays, since it is what panics if the interface is nil.
//
// Before, after: mid level. A callee that may be compiled later is marked kCallUnordered: whether it is done must not matter. A
// call that stays, all of whose callees come before, is marked kCallOrdered, for escape analysis.
// Cost: linear.
#include <algorithm>

#include "base/abi/layout.h"
#include "opt/edges.h"
#include "opt/pass_list.h"

namespace gale::opt {
namespace {

using ir::BlockId;
using ir::Op;
using ir::Ty;
using ir::Value;
using ir::ValueId;
using Implementation = World::Implementation;

class Devirtualization {
 public:
  Devirtualization(ir::Func& f, PassContext& context) : f_(f), context_(context), replacement_(f.values.size()) {}

  bool run() {
    const uint32_t blocks = f_.blocks.size();
    for (uint32_t i = 0; i < blocks; i++) {
      if (!f_[BlockId(i)].removed) scan(BlockId(i));
    }
    if (split_) replace_uses(f_, replacement_);
    return changed_;
  }

 private:
  void scan(BlockId b) {
    for (size_t i = 0; i < f_[b].values.size(); i++) {
      const ValueId id = f_[b].values[i];
      if (f_[id].op == Op::CallClosure) call_static_closure(id);
      if (f_[id].op != Op::CallCode || (f_[id].call->flags & (ir::kCallTail | ir::kCallOrdered)) != 0) continue;
      const Implementation entry = known_entry(f_[id].args[0]);
      if (!entry.code.empty()) {
        call_directly(id, entry);
        continue;
      }
      if (f_[id].call->method.empty()) continue;
      const std::vector<Implementation> all = context_.world.implementations(f_[id].call->method);
      if (all.size() == 1) {
        call_directly(id, all[0]);
      } else if (all.size() == 2 && worth_testing(f_[b], id, all)) {
        b = call_one_of_two(b, i, all);
        i = static_cast<size_t>(-1);
      } else if (!all.empty() && std::all_of(all.begin(), all.end(), [&](const Implementation& x) { return context_.world.comes_before(x.code); })) {
        auto* info = f_.arena.make<ir::CallInfo>(*f_[id].call);
        info->flags |= ir::kCallOrdered;
        f_[id].call = info;
      }
    }
  }

  void call_static_closure(ValueId id) {
    Value& v = f_[id];
    ValueId closure = v.args[0];
    while (f_[closure].op == Op::NilCheck || f_[closure].op == Op::Copy) closure = f_[closure].args[0];
    if (f_[closure].op != Op::SymAddr || f_[closure].aux != 0 || (v.call->flags & ir::kCallTail) != 0) return;
    const World::Constant code = context_.world.constant_at(f_[closure].symbol, 0, 8);
    if (!code.known || code.value != 0 || !context_.world.is_function(code.symbol) || context_.world.constant_at(f_[closure].symbol, 8, 1).known) return;
    v.op = Op::Call;
    v.call = direct(*v.call, {code.symbol, Symbol()});
    v.args = v.args.subspan(1);
    changed_ = true;
  }

  // The method of a constant itab.
  Implementation known_entry(ValueId code) const {
    const Value& load = f_[code];
    if (load.op != Op::Load) return {};
    const Value& itab = f_[load.args[0]];
    const int64_t at = load.aux + itab.aux - static_cast<int64_t>(abi::ITab::fun);
    if (itab.op != Op::SymAddr || at < 0 || at % 8 != 0) return {};
    return context_.world.itab_entry(itab.symbol, static_cast<size_t>(at / 8));
  }

  bool may_inline(Symbol code) const { return context_.world.comes_before(code) && context_.world.inline_body(code) != nullptr; }

  bool worth_testing(const ir::Block& b, ValueId id, const std::vector<Implementation>& all) const {
    if (b.cold || (!may_inline(all[0].code) && !may_inline(all[1].code))) return false;
    for (const ir::AbiSlot& s : f_[id].call->sig->results) {
      if (s.kind == ir::AbiSlot::Memory) return false;
    }
    return true;
  }

  const ir::CallInfo* direct(const ir::CallInfo& through, const Implementation& to) {
    auto* info = f_.arena.make<ir::CallInfo>(through);
    info->callee = to.code;
    info->method = Symbol();
    if (!context_.world.comes_before(to.code)) info->flags |= ir::kCallUnordered;
    return info;
  }

  void explain(const Value& call, const Implementation& to) const {
    if (!context_.remark) return;
    auto short_name = [](std::string_view name) {
      if (name.starts_with("type:")) name.remove_prefix(5);
      const bool pointer = name.starts_with("*");
      if (pointer) name.remove_prefix(1);
      if (name.starts_with("main.")) name.remove_prefix(5);
      return (pointer ? "*" : "") + std::string(name);
    };
    const Symbol called = call.call->method.empty() ? to.code : call.call->method;
    remark(context_, f_, call, "devirtualizing " + short_name(called.text()) + " to " + short_name(to.type.text()));
  }

  void call_directly(ValueId id, const Implementation& to) {
    Value& v = f_[id];
    explain(v, to);
    v.op = Op::Call;
    v.call = direct(*v.call, to);
    v.args = v.args.subspan(1);
    changed_ = true;
  }

  // Two calls in place of f_[b].values[at]; gives the block where they meet.
  BlockId call_one_of_two(BlockId b, size_t at, const std::vector<Implementation>& all) {
    const ValueId call_id = f_[b].values[at];
    const Value call = f_[call_id];
    const std::vector<ValueId> results = take_call(f_, b, at);
    const BlockId join = split_block(f_, b, at);
    auto add = [&](BlockId to, Value v) {
      v.pos = call.pos;
      v.inlined = call.inlined;
      v.block = to;
      const ValueId id = f_.values.add(v);
      f_[to].values.push_back(id);
      return id;
    };
    const ValueId first = add(b, Value{.op = Op::SymAddr, .ty = Ty::Addr, .symbol = all[0].code});
    const ValueId pair[] = {call.args[0], first};
    const ValueId is_first = add(b, Value{.op = Op::Eq, .ty = Ty::Bool, .args = f_.arena.copy(std::span<const ValueId>(pair))});
    const BlockId sides[] = {f_.add_block(), f_.add_block()};
    f_.branch(b, is_first, sides[0], sides[1]);
    f_[b].pos = call.pos;
    f_[b].inlined = call.inlined;
    std::vector<ValueId> values[2];  // the call, then its Results
    for (int side = 0; side < 2; side++) {
      explain(call, all[static_cast<size_t>(side)]);
      Value direct_call{.op = Op::Call, .ty = call.ty, .args = f_.arena.copy(call.args.subspan(1)), .type = nullptr};
      direct_call.call = direct(*call.call, all[static_cast<size_t>(side)]);
      values[side].push_back(add(sides[side], direct_call));
      for (ValueId r : results) {
        values[side].push_back(add(sides[side], Value{.op = Op::Result, .ty = f_[r].ty, .args = f_.arena.copy(std::span<const ValueId>(&values[side][0], 1)), .aux = f_[r].aux}));
      }
      f_.jump(sides[side], join);
    }
    auto meet = [&](ValueId from, size_t n) {
      const ValueId phi = f_.add_phi(join, f_[values[0][n]].ty);
      const ValueId both[] = {values[0][n], values[1][n]};
      f_[phi].args = f_.arena.copy(std::span<const ValueId>(both));
      f_[phi].type = n == 0 ? nullptr : f_[from].type;
      replacement_[from] = phi;
    };
    if (call.ty != Ty::Void) meet(call_id, 0);
    for (size_t r = 0; r < results.size(); r++) meet(results[r], r + 1);
    changed_ = split_ = true;
    return join;
  }

  ir::Func& f_;
  PassContext& context_;
  SideTable<ValueId, ValueId> replacement_;
  bool changed_ = false, split_ = false;
};

}  // namespace

bool devirtualize(ir::Func& f, PassContext& context) { return Devirtualization(f, context).run(); }

}  // namespace gale::opt
