// Constant folding and algebraic identities, copies, trivial phis, and merging of equal constants; loads of what does not change.
//
// Method: one sweep in reverse postorder (definitions come before uses but for phis of loops); each value is simplified to an
// existing value (replaced), to a constant (rewritten in place), or left. Pure integer ops only: float arithmetic is folded
// where it is exact by IEEE 754 in any case (+ - * / on constants, round to nearest). A bounds check of constants that fails ends
// its block. Cost: linear.
#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "opt/edges.h"
#include "opt/identities.h"
#include "opt/integers.h"
#include "opt/pass_list.h"

namespace gale::opt {
namespace {

using ir::Op;
using ir::Ty;
using ir::Value;
using ir::ValueId;

class Folder {
 public:
  Folder(ir::Func& f, PassContext& context) : f_(f), context_(context), replacement_(f.values.size()), identities_(f, replacement_, inserted_) {}

  bool run() {
    for (ir::BlockId b : ir::reverse_postorder(f_)) {
      for (ValueId v : f_[b].values) {
        for (ValueId& a : f_[v].args) a = resolve(a);
        if (f_[v].op == Op::BoundsCheck && fails(f_[v])) failed_.push_back(v);
        ValueId to = simplify(v);
        if (!to.valid()) to = identities_.apply(v, &changed_);
        if (to.valid() && to != v) {
          replacement_[v] = to;
          changed_ = true;
        }
      }
    }
    place_inserted();
    if (changed_) replace_uses(f_, replacement_);
    cut_behind_failed_checks();
    return changed_;
  }

 private:
  // Blocks with new values get a new list each, whatever their number.
  void place_inserted() {
    std::stable_sort(inserted_.begin(), inserted_.end(), [&](const auto& a, const auto& b) {
      return f_[a.first].block != f_[b.first].block ? f_[a.first].block.index < f_[b.first].block.index : a.first.index < b.first.index;
    });
    for (size_t begin = 0, end; begin < inserted_.size(); begin = end) {
      const ir::BlockId block = f_[inserted_[begin].first].block;
      for (end = begin; end < inserted_.size() && f_[inserted_[end].first].block == block; end++) {
      }
      std::vector<ValueId> values;
      values.reserve(f_[block].values.size() + end - begin);
      const auto last = inserted_.begin() + static_cast<ptrdiff_t>(end);
      for (ValueId v : f_[block].values) {
        auto at = std::lower_bound(inserted_.begin() + static_cast<ptrdiff_t>(begin), last, v.index,
                                   [](const auto& i, uint32_t index) { return i.first.index < index; });
        for (; at != last && at->first == v; ++at) values.push_back(at->second);
        values.push_back(v);
      }
      f_[block].values = std::move(values);
    }
  }
  // Index and length are constants, and the one is too large for the other.
  bool fails(const Value& check) const {
    const auto kind = static_cast<ir::BoundsKind>(check.aux & ~ir::kBoundsUnsigned);
    int64_t i, n;
    if (kind == ir::BoundsKind::Convert || !constant(check.args[0], &i) || !constant(check.args[1], &n)) return false;
    return static_cast<uint64_t>(i) > static_cast<uint64_t>(n) || (kind == ir::BoundsKind::Index && i == n);
  }
  // What stands behind such a check is never run: the block ends there.
  void cut_behind_failed_checks() {
    for (ValueId v : failed_) {
      const ir::BlockId id = f_[v].block;
      if (!id.valid()) continue;  // behind another one
      for (ir::BlockId s : std::vector<ir::BlockId>(f_[id].succs)) remove_pred(f_, id, s);
      ir::Block& b = f_[id];
      const auto at = std::find(b.values.begin(), b.values.end(), v) + 1;
      for (auto behind = at; behind != b.values.end(); ++behind) f_[*behind].block = ir::BlockId();
      b.values.erase(at, b.values.end());
      b.succs.clear();
      b.control = ValueId();
      b.return_args.clear();
      b.term = ir::TermKind::Unreachable;
      changed_ = true;
    }
  }
  ValueId resolve(ValueId v) const {
    while (replacement_.get(v).valid()) v = replacement_.get(v);
    return v;
  }
  bool constant(ValueId v, int64_t* c) const {
    const Value& x = f_[v];
    if (x.op != Op::Const) return false;
    *c = x.aux;
    return true;
  }
  // Turns v itself into a constant.
  ValueId to_constant(ValueId v, int64_t c) {
    Value& x = f_[v];
    x.op = Op::Const;
    x.args = {};
    x.aux = x.ty == Ty::Bool ? c & 1 : sign_extend(c, x.ty);
    x.type = nullptr;
    changed_ = true;
    return ValueId();
  }

  ValueId simplify(ValueId id) {
    Value& v = f_[id];
    switch (v.op) {
      case Op::Copy: return v.args[0];
      case Op::Phi: return simplify_phi(id);
      case Op::Select: return simplify_select(id);
      case Op::OffPtr: return simplify_offset(id);
      case Op::AddPtr: return simplify_element(id);
      case Op::Load: return fold_load(id);
      case Op::SExt: case Op::ZExt: case Op::Trunc: return simplify_extension(id);
      case Op::Not: case Op::Neg: return simplify_unary(id);
      case Op::Add: case Op::Sub: case Op::Mul: case Op::And: case Op::Or: case Op::Xor: case Op::Shl: case Op::Shr: case Op::Sar:
      case Op::Div: case Op::UDiv: case Op::Rem: case Op::URem:
        return simplify_arithmetic(id);
      case Op::FMul: return simplify_float_product(id);
      case Op::Eq: case Op::Ne: case Op::Lt: case Op::Le: case Op::ULt: case Op::ULe: return simplify_comparison(id);
      default: return ValueId();
    }
  }

  // 2*x is x+x, exactly.
  ValueId simplify_float_product(ValueId id) {
    Value& v = f_[id];
    for (int i = 0; i < 2; i++) {
      const Value& c = f_[resolve(v.args[i])];
      if (c.op != Op::ConstF || c.aux != (c.ty == Ty::F32 ? 0x40000000 : 0x4000000000000000)) continue;
      v.op = Op::FAdd;
      v.args[i] = v.args[1 - i];
      changed_ = true;
      break;
    }
    return ValueId();
  }

  ValueId simplify_phi(ValueId id) {
    ValueId one;
    for (ValueId a : f_[id].args) {
      a = resolve(a);
      if (a == id || a == one) continue;
      if (one.valid()) return ValueId();
      one = a;
    }
    return one;
  }

  ValueId simplify_select(ValueId id) {
    Value& v = f_[id];
    int64_t c;
    if (v.args[1] == v.args[2]) return v.args[1];
    if (constant(v.args[0], &c)) return v.args[c & 1 ? 1 : 2];
    if (v.ty == Ty::Bool || v.ty == Ty::I8 || v.ty == Ty::Ptr || v.ty == Ty::Addr || v.ty == Ty::F32 || v.ty == Ty::F64) return ValueId();
    // c ? 1 : 0 is c.
    int64_t yes, no;
    if (constant(v.args[1], &yes) && constant(v.args[2], &no) && yes == 1 && no == 0) {
      v.op = Op::ZExt;
      v.args = v.args.first(1);
      changed_ = true;
      return ValueId();
    }
    // c ? x + 1 : x is x + c, c ? x - 1 : x is x - c.
    const Value& step = f_[v.args[1]];
    if ((step.op != Op::Add && step.op != Op::Sub) || step.args[0] != v.args[2] || !constant(step.args[1], &c) || (c != 1 && c != -1)) return ValueId();
    const Op op = (step.op == Op::Add) == (c == 1) ? Op::Add : Op::Sub;
    const ValueId bit = f_.make(v.block, Op::ZExt, v.ty, v.args.first(1), 0, v.pos);
    Value& now = f_[id];  // the table may have moved
    now.op = op;
    const ValueId sum[] = {now.args[2], bit};
    now.args = f_.arena.copy(std::span<const ValueId>(sum));
    inserted_.push_back({id, bit});
    changed_ = true;
    return ValueId();
  }

  ValueId simplify_offset(ValueId id) {
    Value& v = f_[id];
    if (v.aux == 0) return v.args[0];
    const Value& base = f_[v.args[0]];
    if (base.op == Op::OffPtr) {
      v.aux += base.aux;
      v.args[0] = base.args[0];
      changed_ = true;
    }
    return ValueId();
  }

  // An element at a constant index. It may lie outside its object (behind a check that fails), where passes take an OffPtr to be
  // inside: in the frame that is seen here, otherwise the check's block ends there (cut_behind_failed_checks).
  ValueId simplify_element(ValueId id) {
    Value& v = f_[id];
    int64_t c, offset;
    if (!constant(v.args[1], &c) || __builtin_mul_overflow(c, v.aux, &offset) || offset < 0) return ValueId();
    ValueId root = v.args[0];
    int64_t from_root = offset;
    for (; f_[root].op == Op::OffPtr || f_[root].op == Op::NilCheck; root = resolve(f_[root].args[0])) {
      if (f_[root].op == Op::OffPtr) from_root += f_[root].aux;
    }
    if (f_[root].op == Op::LocalAddr && static_cast<uint64_t>(from_root) >= f_.locals[ir::LocalId(static_cast<uint32_t>(f_[root].aux))].size) return ValueId();
    v.op = Op::OffPtr;
    v.aux = offset;
    v.args = v.args.first(1);
    changed_ = true;
    return simplify_offset(id);
  }

  // A load from static data that nothing changes.
  ValueId fold_load(ValueId id) {
    Value& v = f_[id];
    ValueId base = v.args[0];
    int64_t offset = v.aux;
    while (f_[base].op == Op::OffPtr || f_[base].op == Op::NilCheck) {
      if (f_[base].op == Op::OffPtr) offset += f_[base].aux;
      base = resolve(f_[base].args[0]);
    }
    if (f_[base].op != Op::SymAddr) return ValueId();
    offset += f_[base].aux;
    const World::Constant c = context_.world.constant_at(f_[base].symbol, offset, ir::size_of(v.ty));
    const bool address = v.ty == Ty::Ptr || v.ty == Ty::Addr;
    if (!c.known || (!c.symbol.empty() && !address) || (v.ty == Ty::Ptr && c.symbol.empty() && c.value != 0)) return ValueId();
    if (c.variable) remark(context_, f_, v, "never changes: " + std::string(f_[base].symbol.text()));
    if (c.symbol.empty() && v.ty != Ty::F32 && v.ty != Ty::F64) return to_constant(id, c.value);
    v.op = c.symbol.empty() ? Op::ConstF : Op::SymAddr;
    v.symbol = c.symbol;
    v.aux = v.ty == Ty::F32 ? c.value & 0xffffffff : c.value;
    v.args = {};
    changed_ = true;
    return ValueId();
  }

  ValueId simplify_extension(ValueId id) {
    Value& v = f_[id];
    int64_t c;
    if (!constant(v.args[0], &c)) return ValueId();
    Ty from = f_[v.args[0]].ty;
    return to_constant(id, v.op == Op::ZExt ? static_cast<int64_t>(zero_extend(c, from)) : c);
  }

  ValueId simplify_unary(ValueId id) {
    Value& v = f_[id];
    int64_t c;
    if (constant(v.args[0], &c)) return to_constant(id, v.op == Op::Neg ? static_cast<int64_t>(0 - static_cast<uint64_t>(c)) : v.ty == Ty::Bool ? !(c & 1) : ~c);
    const Value& inner = f_[v.args[0]];
    if (inner.op == v.op) return inner.args[0];
    return ValueId();
  }

  ValueId simplify_arithmetic(ValueId id) {
    Value& v = f_[id];
    int64_t a, b;
    bool left = constant(v.args[0], &a), right = constant(v.args[1], &b);
    if (left && !right && ir::is_commutative(v.op)) {
      std::swap(v.args[0], v.args[1]);
      std::swap(left, right);
      b = a;
      changed_ = true;
    }
    if (left && right) {
      int64_t result;
      if (compute(v, a, b, &result)) return to_constant(id, result);
      return ValueId();
    }
    if (!right) return ValueId();
    switch (v.op) {
      case Op::Add: case Op::Sub: case Op::Or: case Op::Xor: case Op::Shl: case Op::Shr: case Op::Sar:
        if (b == 0) return v.args[0];
        break;
      case Op::Mul:
        if (b == 1) return v.args[0];
        if (b == 0) return v.args[1];
        break;
      case Op::Div: case Op::UDiv:
        if (b == 1) return v.args[0];
        break;
      case Op::And:
        if (b == 0) return v.args[1];
        if (zero_extend(b, v.ty) == zero_extend(-1, v.ty)) return v.args[0];
        break;
      default: break;
    }
    if ((v.op == Op::Shl || v.op == Op::Shr || v.op == Op::Sar) && static_cast<uint64_t>(b) < static_cast<uint64_t>(bits_of(v.ty))) v.aux = 1;
    return ValueId();
  }

  static bool compute(const Value& v, int64_t a, int64_t b, int64_t* out) {
    uint64_t x = static_cast<uint64_t>(a), y = static_cast<uint64_t>(b);
    uint64_t zx = zero_extend(a, v.ty), zy = zero_extend(b, v.ty);
    int64_t sx = sign_extend(a, v.ty), sy = sign_extend(b, v.ty);
    uint64_t width = static_cast<uint64_t>(bits_of(v.ty));
    switch (v.op) {
      case Op::Add: *out = static_cast<int64_t>(x + y); return true;
      case Op::Sub: *out = static_cast<int64_t>(x - y); return true;
      case Op::Mul: *out = static_cast<int64_t>(x * y); return true;
      case Op::And: *out = a & b; return true;
      case Op::Or: *out = a | b; return true;
      case Op::Xor: *out = a ^ b; return true;
      case Op::Shl: *out = y >= width ? 0 : static_cast<int64_t>(x << y); return true;
      case Op::Shr: *out = y >= width ? 0 : static_cast<int64_t>(zx >> y); return true;
      case Op::Sar: *out = sx >> (y >= width ? width - 1 : y); return true;
      case Op::Div: if (sy == 0) return false; *out = sy == -1 ? static_cast<int64_t>(0 - x) : sx / sy; return true;
      case Op::Rem: if (sy == 0) return false; *out = sy == -1 ? 0 : sx % sy; return true;
      case Op::UDiv: if (zy == 0) return false; *out = static_cast<int64_t>(zx / zy); return true;
      case Op::URem: if (zy == 0) return false; *out = static_cast<int64_t>(zx % zy); return true;
      default: return false;
    }
  }

  ValueId simplify_comparison(ValueId id) {
    Value& v = f_[id];
    Ty ty = f_[v.args[0]].ty;
    if (v.args[0] == v.args[1]) return to_constant(id, v.op == Op::Eq || v.op == Op::Le || v.op == Op::ULe);
    int64_t a, b;
    if (!constant(v.args[0], &a) || !constant(v.args[1], &b)) return ValueId();
    int64_t sx = sign_extend(a, ty), sy = sign_extend(b, ty);
    uint64_t zx = zero_extend(a, ty), zy = zero_extend(b, ty);
    switch (v.op) {
      case Op::Eq: return to_constant(id, zx == zy);
      case Op::Ne: return to_constant(id, zx != zy);
      case Op::Lt: return to_constant(id, sx < sy);
      case Op::Le: return to_constant(id, sx <= sy);
      case Op::ULt: return to_constant(id, zx < zy);
      default: return to_constant(id, zx <= zy);
    }
  }

  ir::Func& f_;
  PassContext& context_;
  SideTable<ValueId, ValueId> replacement_;
  std::vector<std::pair<ValueId, ValueId>> inserted_;  // what a rewritten value needs, to stand before it
  Identities identities_;
  std::vector<ValueId> failed_;     // checks
  bool changed_ = false;
};

}  // namespace

bool fold_constants(ir::Func& f, PassContext& context) {
  bool changed = Folder(f, context).run();
  if (changed) remove_dead_blocks(f, context);  // branches may have become constant
  return changed;
}

}  // namespace gale::opt
