// The verifier: everything that must hold between passes.
//
//   - edges: succs and preds mirror each other, with multiplicity; the terminator has the successors its kind wants
//   - every value is in one block's list, which it names; phis come first and have one argument per predecessor
//   - arity and types of operands per op; a call has one argument per slot
//   - each use is dominated by its definition (phi: at the end of the predecessor)
//   - Result directly follows its call; Param, Closure only in the entry block
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "ir/dominators.h"
#include "ir/text.h"

namespace gale::ir {
namespace {

class Verifier {
 public:
  Verifier(const Func& f, bool low) : f_(f), low_(low), index_(f.values.size(), kNotPlaced) {}

  std::string run() {
    if (!f_.entry.valid()) return "no entry block\n";
    if (!f_[f_.entry].preds.empty()) fail("the entry block has predecessors");
    const size_t before = out_.size();
    for (uint32_t i = 0; i < f_.blocks.size(); i++) {
      if (!f_.blocks[BlockId(i)].removed) check_edges(BlockId(i));
    }
    if (out_.size() != before) return out_;  // there are no dominators without a graph
    dom_.emplace(f_);
    for (uint32_t i = 0; i < f_.blocks.size(); i++) {
      if (!f_.blocks[BlockId(i)].removed) place(BlockId(i));
    }
    for (uint32_t i = 0; i < f_.blocks.size(); i++) {
      BlockId b(i);
      if (f_[b].removed) continue;
      for (ValueId v : f_[b].values) check_value(v);
      check_terminator(b);
    }
    return out_;
  }

 private:
  static constexpr uint32_t kNotPlaced = 0xffffffff;

  template <class... A>
  void fail(fmt::format_string<A...> format, A&&... args) {
    if (out_.size() > 20000) return;
    out_ += fmt::format(format, std::forward<A>(args)...);
    out_ += '\n';
  }

  void place(BlockId b) {
    const std::vector<ValueId>& list = f_[b].values;
    bool phis = true;
    for (uint32_t i = 0; i < list.size(); i++) {
      ValueId v = list[i];
      if (v.index >= f_.values.size()) {
        fail("b{} lists v{}, which does not exist", b.index, v.index);
        continue;
      }
      if (index_[v.index] != kNotPlaced) fail("v{} stands in two places", v.index);
      index_[v.index] = i;
      if (f_[v].block != b) fail("v{} stands in b{} but names b{}", v.index, b.index, f_[v].block.index);
      if (f_[v].op != Op::Phi) phis = false;
      else if (!phis) fail("phi v{} is not first in b{}", v.index, b.index);
    }
  }

  void check_edges(BlockId id) {
    const Block& b = f_[id];
    for (BlockId s : b.succs) {
      if (s.index >= f_.blocks.size() || f_[s].removed) {
        fail("b{} leads to removed block b{}", id.index, s.index);
        continue;
      }
      auto out = std::count(b.succs.begin(), b.succs.end(), s);
      auto in = std::count(f_[s].preds.begin(), f_[s].preds.end(), id);
      if (in != out) fail("edge b{} -> b{}: {} out, {} in", id.index, s.index, out, in);
    }
    for (BlockId p : b.preds) {
      if (p.index >= f_.blocks.size() || f_[p].removed ||
          std::find(f_[p].succs.begin(), f_[p].succs.end(), id) == f_[p].succs.end()) {
        fail("b{} has predecessor b{}, which does not lead to it", id.index, p.index);
      }
    }
  }

  bool usable(ValueId v) const { return v.valid() && v.index < f_.values.size() && index_[v.index] != kNotPlaced; }

  void check_use(ValueId user, ValueId arg, BlockId at, uint32_t position) {
    if (!usable(arg)) {
      fail("v{} uses v{}, which is not in the function", user.index, arg.index);
      return;
    }
    if (f_[arg].ty == Ty::Void && f_[user].op != Op::Result) fail("v{} uses v{}, which has no result", user.index, arg.index);
    if (!dom_->reachable(at)) return;
    BlockId def = f_[arg].block;
    bool ok = def == at ? index_[arg.index] < position : dom_->reachable(def) && dom_->dominates(def, at);
    if (!ok) fail("v{} in b{} is not dominated by its argument v{} in b{}", user.index, at.index, arg.index, def.index);
  }

  void check_value(ValueId id) {
    const Value& v = f_[id];
    if (low_ && is_mid_level(v.op)) fail("v{}: {} is mid-level", id.index, name(v.op));
    if (arity(v.op) >= 0 && v.args.size() != static_cast<size_t>(arity(v.op))) {
      fail("v{}: {} has {} arguments, wants {}", id.index, name(v.op), v.args.size(), arity(v.op));
      return;
    }
    if (v.op == Op::Phi) {
      check_phi(id);
      return;
    }
    for (ValueId a : v.args) check_use(id, a, v.block, index_[id.index]);
    for (ValueId a : v.args) {
      if (!usable(a)) return;
    }
    check_types(id);
  }

  void check_phi(ValueId id) {
    const Value& v = f_[id];
    const Block& b = f_[v.block];
    if (v.args.size() != b.preds.size()) {
      fail("phi v{} has {} arguments for {} predecessors", id.index, v.args.size(), b.preds.size());
      return;
    }
    for (size_t i = 0; i < v.args.size(); i++) {
      check_use(id, v.args[i], b.preds[i], kNotPlaced);
      if (usable(v.args[i]) && f_[v.args[i]].ty != v.ty) fail("phi v{}: argument v{} has type {}", id.index, v.args[i].index, name(f_[v.args[i]].ty));
    }
  }

  static bool is_address(Ty t) { return t == Ty::Ptr || t == Ty::Addr; }
  static bool is_integer(Ty t) { return t >= Ty::Bool && t <= Ty::I64; }
  static bool is_float(Ty t) { return t == Ty::F32 || t == Ty::F64; }

  void want(ValueId id, bool condition, std::string_view rule) {
    if (!condition) fail("v{}: {}: {}", id.index, print_value(f_, id), rule);
  }

  void check_types(ValueId id) {
    const Value& v = f_[id];
    auto ty = [&](int i) { return f_[v.args[i]].ty; };
    switch (v.op) {
      case Op::Copy: want(id, ty(0) == v.ty, "a copy has its argument's type"); break;
      case Op::Add: case Op::Sub: case Op::Mul: case Op::And: case Op::Or: case Op::Xor: case Op::Div: case Op::UDiv:
      case Op::Rem: case Op::URem: case Op::MulHi: case Op::MulHiS:
        want(id, ty(0) == v.ty && ty(1) == v.ty && v.ty != Ty::Ptr && !is_float(v.ty), "integers of one type");
        break;
      case Op::Neg: case Op::Not: case Op::Bswap: case Op::Ctz: case Op::BitLen: case Op::Popcnt:
        want(id, ty(0) == v.ty && !is_float(v.ty), "an integer of the value's type");
        break;
      case Op::Shl: case Op::Shr: case Op::Sar: case Op::RotL:
        want(id, ty(0) == v.ty && is_integer(v.ty) && ty(1) == Ty::I64, "an integer and an i64 count");
        break;
      case Op::Eq: case Op::Ne:
        want(id, v.ty == Ty::Bool && !is_float(ty(0)) && (ty(0) == ty(1) || (is_address(ty(0)) && is_address(ty(1)))), "equal types, bool result");
        break;
      case Op::Lt: case Op::Le: case Op::ULt: case Op::ULe:
        want(id, v.ty == Ty::Bool && ty(0) == ty(1) && !is_float(ty(0)), "integers of one type, bool result");
        break;
      case Op::FEq: case Op::FNe: case Op::FLt: case Op::FLe:
        want(id, v.ty == Ty::Bool && ty(0) == ty(1) && is_float(ty(0)), "floats of one type, bool result");
        break;
      case Op::FAdd: case Op::FSub: case Op::FMul: case Op::FDiv: case Op::FCopysign:
        want(id, ty(0) == v.ty && ty(1) == v.ty && is_float(v.ty), "floats of one type");
        break;
      case Op::FNeg: case Op::FAbs: case Op::FSqrt: case Op::FRound:
        want(id, ty(0) == v.ty && is_float(v.ty), "a float of the value's type");
        break;
      case Op::Select: want(id, ty(0) == Ty::Bool && ty(1) == v.ty && ty(2) == v.ty, "bool and two of the value's type"); break;
      case Op::SExt: case Op::ZExt: want(id, is_integer(ty(0)) && size_of(ty(0)) < size_of(v.ty), "to a wider integer"); break;
      case Op::Trunc: want(id, size_of(ty(0)) > size_of(v.ty) && is_integer(v.ty), "to a narrower integer"); break;
      case Op::Load: case Op::AtomicLoad: want(id, is_address(ty(0)), "an address"); break;
      case Op::StorePtr: want(id, is_address(ty(0)) && is_address(ty(1)), "an address and a pointer"); break;
      case Op::Store: case Op::Zero: case Op::ZeroTyped: case Op::NilCheck: want(id, is_address(ty(0)), "an address"); break;
      case Op::Move: case Op::MoveTyped: want(id, is_address(ty(0)) && is_address(ty(1)), "two addresses"); break;
      case Op::OffPtr: want(id, is_address(ty(0)) && v.ty == ty(0), "an address of the value's type"); break;
      case Op::AddPtr: want(id, is_address(ty(0)) && v.ty == ty(0) && ty(1) == Ty::I64, "an address and an i64"); break;
      case Op::BoundsCheck: want(id, ty(0) == Ty::I64 && ty(1) == Ty::I64, "two i64"); break;
      case Op::LocalAddr: want(id, v.aux >= 0 && v.aux < f_.locals.size(), "a local of the function"); break;
      case Op::Call: case Op::CallClosure: case Op::CallCode: check_call(id); break;
      case Op::Result: check_result(id); break;
      case Op::Param:
        want(id, v.block == f_.entry, "in the entry block");
        if (f_.sig != nullptr) want(id, v.aux >= 0 && v.aux < static_cast<int64_t>(f_.sig->args.size()) && f_.sig->args[v.aux].ty == v.ty, "a slot of the signature with its type");
        break;
      case Op::Closure: want(id, v.block == f_.entry, "in the entry block"); break;
      default: break;
    }
  }

  void check_call(ValueId id) {
    const Value& v = f_[id];
    if (v.call == nullptr || v.call->sig == nullptr) return want(id, false, "a call has a signature");
    size_t extra = v.op == Op::Call ? 0 : 1;
    if (v.args.size() != v.call->sig->args.size() + extra) return want(id, false, "one argument per slot of the signature");
    for (size_t i = 0; i < v.call->sig->args.size(); i++) {
      Ty have = f_[v.args[i + extra]].ty, slot = v.call->sig->args[i].ty;
      want(id, have == slot || (is_address(have) && is_address(slot)), "arguments have the types of their slots");
    }
  }

  void check_result(ValueId id) {
    const Value& v = f_[id];
    const Value& call = f_[v.args[0]];
    bool is_call = call.op == Op::Call || call.op == Op::CallClosure || call.op == Op::CallCode;
    if (!is_call || call.call == nullptr || call.call->sig == nullptr) return want(id, false, "the argument is a call");
    want(id, v.aux >= 0 && v.aux < static_cast<int64_t>(call.call->sig->results.size()), "a result slot of the call");
    if (call.block != v.block) return want(id, false, "in the block of its call");
    for (uint32_t i = index_[v.args[0].index] + 1; i < index_[id.index]; i++) {
      if (f_[f_[v.block].values[i]].op != Op::Result) return want(id, false, "directly after its call");
    }
  }

  void check_terminator(BlockId id) {
    const Block& b = f_[id];
    auto wants = [&](bool ok, std::string_view rule) {
      if (!ok) fail("b{}: terminator: {}", id.index, rule);
    };
    switch (b.term) {
      case TermKind::None: wants(!dom_->reachable(id), "is missing"); break;
      case TermKind::Jump: wants(b.succs.size() == 1, "jump has one successor"); break;
      case TermKind::If:
        wants(b.succs.size() == 2, "if has two successors");
        wants(usable(b.control) && f_[b.control].ty == Ty::Bool, "if has a bool control");
        break;
      case TermKind::Switch: wants(b.succs.size() >= 2 && usable(b.control) && f_[b.control].ty == Ty::I64, "switch has an i64 control and targets"); break;
      case TermKind::Return:
        wants(b.succs.empty(), "return has no successors");
        wants(f_.sig == nullptr || b.return_args.size() == f_.sig->results.size(), "return has one value per result slot");
        for (ValueId a : b.return_args) check_use(a, a, id, kNotPlaced);
        break;
      case TermKind::Unreachable: wants(b.succs.empty(), "unreachable has no successors"); break;
    }
    if ((b.term == TermKind::If || b.term == TermKind::Switch) && usable(b.control)) check_use(b.control, b.control, id, kNotPlaced);
  }

  const Func& f_;
  bool low_;
  std::optional<Dominators> dom_;
  std::vector<uint32_t> index_;  // position of each value in its block
  std::string out_;
};

}  // namespace

std::string verify(const Func& f, bool low) { return Verifier(f, low).run(); }

}  // namespace gale::ir
