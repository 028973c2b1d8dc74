// Selection of float arithmetic and conversions.
#include "amd64/select.h"

#include "base/check.h"

namespace gale::amd64 {

using ir::Op;

namespace {

uint64_t sign_bit(ir::Ty ty) { return ty == ir::Ty::F64 ? uint64_t(1) << 63 : uint64_t(1) << 31; }
uint64_t magnitude_bits(ir::Ty ty) { return ty == ir::Ty::F64 ? ~sign_bit(ty) : 0x7fffffff; }

}  // namespace

void Selector::float_binary(ValueId v, MOp op) {
  const ir::Value& x = f_[v];
  int width = width_of(x.ty);
  Mem mem;
  VReg d = def_of(v);
  if (load_operand(x.args[1], &mem)) {
    emit(op, width, {def(d)}, {tied(reg_of(x.args[0]))}, mem);
  } else if (desc(op).commutative && load_operand(x.args[0], &mem)) {
    emit(op, width, {def(d)}, {tied(reg_of(x.args[1]))}, mem);
  } else {
    emit(op, width, {def(d)}, {tied(reg_of(x.args[0])), use(reg_of(x.args[1]))});
  }
}

void Selector::float_convert(ValueId v) {
  const ir::Value& x = f_[v];
  Ty from = f_[x.args[0]].ty;
  VReg d = def_of(v);
  switch (x.op) {
    case Op::IToF:
      emit(MOp::Cvtsi2sRM, width_of(x.ty), {def(d)}, {use(reg_of(x.args[0]))})->width2 = static_cast<uint8_t>(width_of(from));
      return;
    case Op::FToI:
      emit(MOp::Cvtts2siRM, width_of(from), {def(d)}, {use(reg_of(x.args[0]))})->width2 = static_cast<uint8_t>(width_of(x.ty));
      return;
    case Op::UToF:
      emit(MOp::UToF, width_of(x.ty), {early_def(d), early_def(temp(Ty::I64)), early_def(temp(Ty::I64))}, {use(reg_of(x.args[0]))});
      return;
    case Op::FToU:
      emit(MOp::FToU, width_of(from), {early_def(d), early_def(temp(from)), early_def(temp(from))}, {use(reg_of(x.args[0]))});
      return;
    case Op::FToF:
      if (from == x.ty) emit(MOp::MovapsRM, 8, {def(d)}, {use(reg_of(x.args[0]))});
      else emit(MOp::Cvtss2sdRM, width_of(from), {def(d)}, {use(reg_of(x.args[0]))});
      return;
    default:  // Bitcast
      if (is_float_type(x.ty) == is_float_type(from)) {
        emit(is_float_type(x.ty) ? MOp::MovapsRM : MOp::MovRM, 8, {def(d)}, {use(reg_of(x.args[0]))});
      } else {
        emit(is_float_type(x.ty) ? MOp::MovToFloatRM : MOp::MovFromFloatMR, width_of(x.ty), {def(d)}, {use(reg_of(x.args[0]))});
      }
  }
}

void Selector::select_float(ValueId v) {
  const ir::Value& x = f_[v];
  int width = width_of(x.ty);
  VReg d;
  switch (x.op) {
    case Op::FAdd: return float_binary(v, MOp::AddsRM);
    case Op::FSub: return float_binary(v, MOp::SubsRM);
    case Op::FMul: return float_binary(v, MOp::MulsRM);
    case Op::FDiv: return float_binary(v, MOp::DivsRM);
    case Op::FNeg:
      d = def_of(v);
      emit(MOp::XorpRM, width, {def(d)}, {tied(reg_of(x.args[0])), use(float_const(sign_bit(x.ty), x.ty))});
      return;
    case Op::FAbs:
      d = def_of(v);
      emit(MOp::AndpRM, width, {def(d)}, {tied(reg_of(x.args[0])), use(float_const(magnitude_bits(x.ty), x.ty))});
      return;
    case Op::FCopysign: {
      VReg magnitude = temp(x.ty), sign = temp(x.ty);
      d = def_of(v);
      emit(MOp::AndpRM, width, {def(magnitude)}, {tied(reg_of(x.args[0])), use(float_const(magnitude_bits(x.ty), x.ty))});
      emit(MOp::AndpRM, width, {def(sign)}, {tied(reg_of(x.args[1])), use(float_const(sign_bit(x.ty), x.ty))});
      emit(MOp::OrpRM, width, {def(d)}, {tied(magnitude), use(sign)});
      return;
    }
    case Op::FSqrt:
      d = def_of(v);
      emit(MOp::SqrtsRM, width, {def(d)}, {use(reg_of(x.args[0]))});
      return;
    case Op::FRound:
      d = def_of(v);
      emit(MOp::Round, width, {early_def(d), early_def(temp(Ty::F64)), early_def(temp(Ty::I64))}, {use(reg_of(x.args[0]))}, {}, x.aux);
      return;
    default:
      return float_convert(v);
  }
}

}  // namespace gale::amd64
