// Selection of comparisons, choices, branches and switches.
#include "amd64/select.h"

#include "base/check.h"

namespace gale::amd64 {

using ir::Op;

namespace {

constexpr size_t kTableCases = 5;  // fewer cases are compared one by one

bool is_comparison(Op op) {
  switch (op) {
    case Op::Eq: case Op::Ne: case Op::Lt: case Op::Le: case Op::ULt: case Op::ULe: case Op::FEq: case Op::FNe: case Op::FLt: case Op::FLe:
      return true;
    default:
      return false;
  }
}

Cond condition(Op op) {
  switch (op) {
    case Op::Eq: return Cond::E;
    case Op::Ne: return Cond::NE;
    case Op::Lt: return Cond::L;
    case Op::Le: return Cond::LE;
    case Op::ULt: return Cond::B;
    default: return Cond::BE;
  }
}

}  // namespace

Selector::Test Selector::negated(Test t) const { return {negate(t.cond), t.float_equality}; }

// `once`: only this instruction compares them, so it may take in what makes its operands.
Selector::Test Selector::compare_integers(const ir::Value& v, bool once) {
  Cond cond = condition(v.op);
  ValueId a = v.args[0], b = v.args[1];
  Ty ty = f_[a].ty;
  int width = width_of(ty);
  int64_t c;
  if (constant(a, &c) && !constant(b, &c)) {
    std::swap(a, b);
    cond = swap_operands(cond);
  }
  Mem mem;
  if (constant(b, &c)) {
    if (width < 8) c = width == 1 ? static_cast<int8_t>(c) : width == 2 ? static_cast<int16_t>(c) : static_cast<int32_t>(c);
    ValueId r = resolve(a);
    const ir::Value& x = f_[r];
    bool equality = cond == Cond::E || cond == Cond::NE;
    if (once && c == 0 && equality && x.op == Op::And && width_of(x.ty) >= width && here(r) && single_use(r) && single_use(a) && !asked(r)) {
      done_[r.index] = true;
      if (constant(x.args[1], &c) && (fits32(c) || width < 8)) {
        emit(MOp::TestMI, width, {}, {use(reg_of(x.args[0]))}, {}, c);
      } else {
        emit(MOp::TestMR, width, {}, {use(reg_of(x.args[0])), use(reg_of(x.args[1]))});
      }
      return {cond};
    }
    if (fits32(c)) {
      if (once && load_operand(a, &mem)) {
        emit(MOp::CmpMI, width, {}, {}, mem, c);
      } else if (c == 0) {
        VReg s = reg_of(a);
        emit(MOp::TestMR, width, {}, {use(s), use(s)});
      } else {
        emit(MOp::CmpMI, width, {}, {use(reg_of(a))}, {}, c);
      }
      return {cond};
    }
  }
  if (once && load_operand(b, &mem)) {
    emit(MOp::CmpRM, width, {}, {use(reg_of(a))}, mem);
  } else if (once && load_operand(a, &mem)) {
    emit(MOp::CmpMR, width, {}, {use(reg_of(b))}, mem);
  } else {
    emit(MOp::CmpRM, width, {}, {use(reg_of(a)), use(reg_of(b))});
  }
  return {cond};
}

Selector::Test Selector::compare(ValueId id) {
  bool flip = false;
  while (f_[id].op == Op::Copy || (f_[id].op == Op::Not && (here(id) || single_use(id)) && !asked(id))) {
    flip ^= f_[id].op == Op::Not;
    id = f_[id].args[0];
  }
  const ir::Value& v = f_[id];
  Test test;
  bool folds = is_comparison(v.op) && !asked(id) && (single_use(id) || here(id) || only_tested(id));
  if (!folds) {
    VReg b = reg_of(id);
    emit(MOp::TestMR, 1, {}, {use(b), use(b)});
    test = {Cond::NE};
  } else {
    switch (v.op) {
      case Op::FEq: case Op::FNe:
        emit(MOp::UcomisRM, width_of(f_[v.args[0]].ty), {}, {use(reg_of(v.args[0])), use(reg_of(v.args[1]))});
        test = {v.op == Op::FEq ? Cond::E : Cond::NE, true};
        break;
      case Op::FLt: case Op::FLe:  // b above a: false for NaN
        emit(MOp::UcomisRM, width_of(f_[v.args[0]].ty), {}, {use(reg_of(v.args[1])), use(reg_of(v.args[0]))});
        test = {v.op == Op::FLt ? Cond::A : Cond::AE};
        break;
      default:
        test = compare_integers(v, single_use(id));
    }
  }
  return flip ? negated(test) : test;
}

void Selector::materialize(VReg d, Test t) {
  if (!t.float_equality) {
    emit(MOp::SetccM, 1, {def(d)}, {})->cond = t.cond;
    return;
  }
  VReg equal = temp(Ty::I8), parity = temp(Ty::I8);
  emit(MOp::SetccM, 1, {def(equal)}, {})->cond = t.cond;
  emit(MOp::SetccM, 1, {def(parity)}, {})->cond = t.cond == Cond::E ? Cond::NP : Cond::P;
  emit(t.cond == Cond::E ? MOp::AndRM : MOp::OrRM, 4, {def(d)}, {tied(equal), use(parity)});
}

void Selector::select_compare(ValueId v) {
  const ir::Value& x = f_[v];
  VReg d = def_of(v);
  switch (x.op) {
    case Op::FEq: case Op::FNe:
      emit(MOp::UcomisRM, width_of(f_[x.args[0]].ty), {}, {use(reg_of(x.args[0])), use(reg_of(x.args[1]))});
      return materialize(d, {x.op == Op::FEq ? Cond::E : Cond::NE, true});
    case Op::FLt: case Op::FLe:
      emit(MOp::UcomisRM, width_of(f_[x.args[0]].ty), {}, {use(reg_of(x.args[1])), use(reg_of(x.args[0]))});
      return materialize(d, {x.op == Op::FLt ? Cond::A : Cond::AE});
    default:
      return materialize(d, compare_integers(x, true));
  }
}

void Selector::select_choice(ValueId v) {
  const ir::Value& x = f_[v];
  VReg d = def_of(v);
  VReg yes = reg_of(x.args[1]), no = reg_of(x.args[2]);
  Test t = compare(x.args[0]);
  if (t.float_equality) {
    VReg b = temp(Ty::Bool);
    materialize(b, t);
    emit(MOp::TestMR, 1, {}, {use(b), use(b)});
    t = {Cond::NE};
  }
  if (is_float_type(x.ty)) {
    Operand result = def(d);
    emit(MOp::FloatSelect, width_of(x.ty), {result}, {tied(no), use(yes)})->cond = t.cond;
  } else {
    emit(MOp::CmovRM, op_width(x.ty), {def(d)}, {tied(no), use(yes)})->cond = t.cond;
  }
}

// The control is a compare-and-swap after which nothing of the block is made: its flags are good.
bool Selector::swap_decides(const ir::Block& block) const {
  ValueId v = block.control;
  if (f_[v].op != Op::AtomicCas || f_[v].block != block_id_ || !single_use(v) || asked(v)) return false;
  for (size_t i = position_[v.index] + 1; i < block.values.size(); i++) {
    ValueId after = block.values[i];
    if (f_[after].op != Op::DbgValue && (asked(after) || !ir::is_pure(f_[after].op))) return false;
  }
  return true;
}

// The test of a Bump is inside it.
bool Selector::branch_on_bump(const ir::Block& block) {
  const ir::Value& test = f_[block.control];
  if (test.op != Op::Ne || f_[test.args[0]].op != Op::Bump) return false;
  const std::vector<uint32_t>& to = targets_[block_index_[block_id_.index]];
  ValueId id = test.args[0];
  const ir::Value& v = f_[id];
  auto* site = m_.arena.make<BumpSite>();
  site->span_class = static_cast<uint32_t>(v.aux & 255);
  site->mask = static_cast<uint32_t>(v.aux >> 8);
  Inst* inst;
  if (site->mask != 0) {
    inst = emit(MOp::Bump, 8, {def(def_of(id)), def(temp(Ty::I64), RCX), def(temp(Ty::I64)), def(temp(Ty::I64))}, {}, {}, to[1]);
  } else {
    inst = emit(MOp::Bump, 8, {def(def_of(id)), def(temp(Ty::I64)), def(temp(Ty::I64))}, {}, {}, to[1]);
  }
  inst->bump = site;
  done_[block.control.index] = true;
  emit(MOp::Jmp, 8, {}, {}, {}, to[0]);
  return true;
}

void Selector::branch(const ir::Block& block) {
  if (branch_on_bump(block)) return;
  const std::vector<uint32_t>& to = targets_[block_index_[block_id_.index]];
  Test t = swap_decides(block) ? Test{Cond::E} : compare(block.control);
  emit(t.float_equality ? MOp::JccFloat : MOp::Jcc, 8, {}, {}, {}, to[0])->cond = t.cond;
  emit(MOp::Jmp, 8, {}, {}, {}, to[1]);
}

void Selector::switch_on(const ir::Block& block) {
  const std::vector<uint32_t>& to = targets_[block_index_[block_id_.index]];
  size_t cases = block.succs.size() - 1;
  VReg value = reg_of(block.control);
  int width = op_width(f_[block.control].ty);
  if (cases < kTableCases && fits32(block.switch_low) && fits32(block.switch_low + static_cast<int64_t>(cases))) {
    for (size_t i = 0; i < cases; i++) {
      emit(MOp::CmpMI, width, {}, {use(value)}, {}, block.switch_low + static_cast<int64_t>(i));
      emit(MOp::Jcc, 8, {}, {}, {}, to[i])->cond = Cond::E;
    }
    emit(MOp::Jmp, 8, {}, {}, {}, to[cases]);
    return;
  }
  VReg index = value;
  if (block.switch_low != 0) {
    index = temp(Ty::I64);
    if (fits32(block.switch_low)) {
      emit(MOp::SubMI, 8, {def(index)}, {tied(value)}, {}, block.switch_low);
    } else {
      emit(MOp::SubRM, 8, {def(index)}, {tied(value), use(int_const(block.switch_low))});
    }
  }
  emit(MOp::CmpMI, 8, {}, {use(index)}, {}, static_cast<int64_t>(cases));
  emit(MOp::Jcc, 8, {}, {}, {}, to[cases])->cond = Cond::AE;
  std::vector<uint32_t> table(to.begin(), to.begin() + static_cast<long>(cases));
  Inst* jump = emit(MOp::JumpTable, 8, {early_def(temp(Ty::I64))}, {use(index)});
  jump->table = m_.arena.make<std::span<const uint32_t>>(m_.arena.copy(table));
}

}  // namespace gale::amd64
