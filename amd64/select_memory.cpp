// Selection of addresses, loads, stores, block copies, nil and bounds checks, atomics.
#include "amd64/select.h"

#include "base/check.h"

namespace gale::amd64 {

using ir::Op;

namespace {

constexpr uint64_t kInlineCopy = 192;   // larger copies call runtime.memmove
constexpr uint64_t kInlineClear = 256;  // larger ones call runtime.memclrNoHeapPointers
constexpr int64_t kFaultPage = 4096;    // addresses below it fault

std::string_view panic_name(int64_t aux) {
  static constexpr std::string_view kSigned[] = {"runtime.panicIndex", "runtime.panicSliceAlen", "runtime.panicSliceAcap",
                                                 "runtime.panicSliceB", "runtime.panicSlice3Alen", "runtime.panicSlice3Acap",
                                                 "runtime.panicSlice3B", "runtime.panicSlice3C", "runtime.panicSliceConvert"};
  static constexpr std::string_view kUnsigned[] = {"runtime.panicIndexU", "runtime.panicSliceAlenU", "runtime.panicSliceAcapU",
                                                   "runtime.panicSliceBU", "runtime.panicSlice3AlenU", "runtime.panicSlice3AcapU",
                                                   "runtime.panicSlice3BU", "runtime.panicSlice3CU", "runtime.panicSliceConvert"};
  return (aux & ir::kBoundsUnsigned) != 0 ? kUnsigned[aux & 0xff] : kSigned[aux & 0xff];
}

// An access of a few hundred bytes adds to the displacement (`at`), which has 32 bits.
bool fits_displacement(int64_t v) { return v >= INT32_MIN && v <= INT32_MAX - 4096; }

}  // namespace

// ---- addresses

// Takes one step down the address expression: folds `p` into `mem` and says where to go on. False: p must be a register.
bool Selector::fold_address_part(ValueId p, Mem& mem, int64_t& disp, ValueId* next) {
  const ir::Value& x = f_[p];
  int64_t c;
  switch (x.op) {
    case Op::OffPtr:
      if (!fits_displacement(disp + x.aux)) return false;
      disp += x.aux;
      *next = x.args[0];
      return true;
    case Op::Add:
      if (width_of(x.ty) != 8) return false;
      if (constant32(x.args[1], &c) && fits_displacement(disp + c)) {
        disp += c;
        *next = x.args[0];
        return true;
      }
      if (mem.index != kNoVReg || !(here(p) || single_use(p)) || constant(x.args[0], &c) || constant(x.args[1], &c)) return false;
      mem.index = reg_of(x.args[1]);
      mem.scale = 1;
      *next = x.args[0];
      return true;
    case Op::AddPtr: {
      if (constant32(x.args[1], &c) && fits32(x.aux) && fits_displacement(disp + c * x.aux)) {
        disp += c * x.aux;
        *next = x.args[0];
        return true;
      }
      if (mem.index != kNoVReg || !(here(p) || single_use(p))) return false;
      if (x.aux != 1 && x.aux != 2 && x.aux != 4 && x.aux != 8) return false;
      ValueId index = resolve(x.args[1]);
      const ir::Value& i = f_[index];
      if (i.op == Op::Add && constant32(i.args[1], &c) && fits_displacement(disp + c * x.aux) && width_of(i.ty) == 8 && !asked(index)) {
        disp += c * x.aux;
        index = i.args[0];
      }
      mem.index = reg_of(index);
      mem.scale = static_cast<uint8_t>(x.aux);
      *next = x.args[0];
      return true;
    }
    default:
      return false;
  }
}

Mem Selector::address(ValueId p, int64_t disp) {
  if (!fits_displacement(disp)) {
    VReg sum = temp(Ty::Ptr);
    emit(MOp::AddRM, 8, {def(sum)}, {tied(reg_of(p)), use(int_const(disp))});
    return Mem{.kind = Mem::Base, .base = sum};
  }
  Mem mem;
  for (;;) {
    p = resolve(p);
    ValueId next;
    if (!fold_address_part(p, mem, disp, &next)) break;
    p = next;
  }
  const ir::Value& x = f_[p];
  VRegInfo info;
  if (x.op == Op::SymAddr && mem.index == kNoVReg && fits_displacement(disp + x.aux)) {
    mem.kind = Mem::SymbolRip;
    mem.symbol = x.symbol;
    disp += x.aux;
  } else if (x.op == Op::LocalAddr) {
    mem.kind = Mem::Local;
    mem.id = static_cast<uint32_t>(x.aux);
  } else if (frame_value(x, &info) && info.kind == VRegInfo::Address) {
    mem.kind = Mem::Incoming;
    disp += info.mem.disp;
  } else {
    mem.kind = Mem::Base;
    mem.base = x.op == Op::GetG ? static_cast<VReg>(R14) : reg_of(p);
  }
  mem.disp = static_cast<int32_t>(disp);
  return mem;
}

Mem Selector::at(Mem mem, int64_t more) {
  mem.disp += static_cast<int32_t>(more);
  return mem;
}

VReg Selector::address_reg(const Mem& mem) {
  if (mem.kind == Mem::Base && mem.index == kNoVReg && mem.disp == 0) return mem.base;
  VReg d = temp(Ty::Ptr);
  emit(MOp::LeaRM, 8, {def(d)}, {}, mem);
  return d;
}

void Selector::select_address(ValueId v) {
  const ir::Value& x = f_[v];
  VReg d = def_of(v);
  int64_t c;
  if (x.op == Op::AddPtr && !constant(x.args[1], &c) && x.aux != 1 && x.aux != 2 && x.aux != 4 && x.aux != 8) {
    // index*stride first; strides 3, 5, 9 times a power of two by lea.
    VReg scaled = temp(Ty::I64);
    VReg index = reg_of(x.args[1]);
    int64_t stride = x.aux;
    uint8_t scale = 1;
    while (stride % 2 == 0 && scale < 8) {
      stride /= 2;
      scale *= 2;
    }
    if (stride == 3 || stride == 5 || stride == 9) {
      emit(MOp::LeaRM, 8, {def(scaled)}, {}, Mem{.kind = Mem::Base, .scale = static_cast<uint8_t>(stride - 1), .base = index, .index = index});
    } else if ((stride & (stride - 1)) == 0) {
      int shift = 0;
      while ((int64_t(1) << shift) < stride) shift++;
      emit(MOp::ShlMI, 8, {def(scaled)}, {tied(index)}, {}, shift);
    } else if (fits32(stride)) {
      emit(MOp::ImulRMI, 8, {def(scaled)}, {use(index)}, {}, stride);
    } else {
      emit(MOp::ImulRM, 8, {def(scaled)}, {tied(index), use(int_const(stride))});
    }
    Mem mem = address(x.args[0], 0);
    if (mem.index != kNoVReg || mem.kind == Mem::SymbolRip) mem = Mem{.kind = Mem::Base, .base = address_reg(mem)};
    mem.index = scaled;
    mem.scale = scale;
    emit(MOp::LeaRM, 8, {def(d)}, {}, mem);
    return;
  }
  Mem mem = address(v, 0);
  if (mem.kind == Mem::Base && mem.base == d) {  // nothing could be folded: a huge offset
    CHECK(x.op == Op::OffPtr || constant(x.args[1], &c), "an address step folds or has a large constant");
    int64_t offset = x.op == Op::OffPtr ? x.aux : x.aux * c;
    emit(MOp::AddRM, 8, {def(d)}, {tied(reg_of(x.args[0])), use(int_const(offset))});
    return;
  }
  if (mem.kind == Mem::Base && mem.index == kNoVReg && mem.disp == 0) {
    emit(MOp::MovRM, 8, {def(d)}, {use(mem.base)});
    return;
  }
  emit(MOp::LeaRM, 8, {def(d)}, {}, mem);
}

// ---- loads and stores

void Selector::load(Ty ty, VReg dst, const Mem& mem) {
  switch (ty) {
    case Ty::Bool: case Ty::I8: case Ty::I16:
      emit(MOp::MovzxRM, 4, {def(dst)}, {}, mem)->width2 = static_cast<uint8_t>(width_of(ty));
      return;
    case Ty::I32:
      emit(MOp::Mov32RM, 4, {def(dst)}, {}, mem);
      return;
    case Ty::F32: case Ty::F64:
      emit(MOp::MovsRM, width_of(ty), {def(dst)}, {}, mem);
      return;
    default:
      emit(MOp::MovRM, 8, {def(dst)}, {}, mem);
  }
}

void Selector::store(Ty ty, ValueId value, const Mem& mem) {
  int64_t c;
  if (is_float_type(ty) && f_[value].op == Op::ConstF && f_[value].aux == 0) {
    emit(MOp::MovsMR, width_of(ty), {}, {use(X15)}, mem);
  } else if (is_float_type(ty)) {
    emit(MOp::MovsMR, width_of(ty), {}, {use(reg_of(value))}, mem);
  } else if (constant(value, &c) && (fits32(c) || width_of(ty) < 8)) {
    emit(MOp::MovMI, width_of(ty), {}, {}, mem, c);
  } else {
    emit(MOp::MovMR, width_of(ty), {}, {use(reg_of(value))}, mem);
  }
}

bool Selector::foldable_load(ValueId v) const {
  const ir::Value& x = f_[v];
  return x.op == Op::Load && here(v) && single_use(v) && !asked(v) && !done_[v.index] &&
         effects_[position_[v.index]] == effects_[at_];
}

// The load behind v (through Trunc) when only v's user needs it. Narrowing is fine: the low bytes come first.
bool Selector::load_operand(ValueId v, Mem* mem) {
  while (f_[v].op == Op::Trunc || f_[v].op == Op::Copy) {
    if (!single_use(v) || !here(v)) return false;
    v = f_[v].args[0];
  }
  if (!foldable_load(v)) return false;
  *mem = address(f_[v].args[0], f_[v].aux);
  done_[v.index] = true;
  if (mem->kind == Mem::Base) folded_ = v;
  return true;
}

void Selector::select_load(ValueId v) {
  const ir::Value& x = f_[v];
  if (!asked(v)) {  // only its fault matters
    ValueId p = resolve(x.args[0]);
    if (f_[p].op == Op::LocalAddr || f_[p].op == Op::SymAddr) return;
    emit(MOp::NilTest, 1, {}, {}, address(x.args[0], x.aux));
    return;
  }
  load(x.ty, def_of(v), address(x.args[0], x.aux));
}

// p.f op= x as one instruction.
bool Selector::store_update(const ir::Value& v) {
  ValueId value = v.args[1];
  const ir::Value& op = f_[value];
  MOp mr, mi;
  switch (op.op) {
    case Op::Add: mr = MOp::AddMR; mi = MOp::AddMI; break;
    case Op::Sub: mr = MOp::SubMR; mi = MOp::SubMI; break;
    case Op::And: mr = MOp::AndMR; mi = MOp::AndMI; break;
    case Op::Or: mr = MOp::OrMR; mi = MOp::OrMI; break;
    case Op::Xor: mr = MOp::XorMR; mi = MOp::XorMI; break;
    default: return false;
  }
  if (!here(value) || !single_use(value) || asked(value)) return false;
  int side = f_[op.args[0]].op == Op::Load ? 0 : 1;
  if (side == 1 && op.op == Op::Sub) return false;
  ValueId loaded = op.args[side];
  const ir::Value& l = f_[loaded];
  if (l.op != Op::Load || l.aux != v.aux || l.ty != op.ty || resolve(l.args[0]) != resolve(v.args[0]) || !foldable_load(loaded)) return false;
  done_[value.index] = done_[loaded.index] = true;
  Mem mem = address(v.args[0], v.aux);
  int64_t c;
  if (constant(op.args[1 - side], &c) && (fits32(c) || width_of(op.ty) < 8)) {
    emit(mi, width_of(op.ty), {}, {}, mem, c);
  } else {
    emit(mr, width_of(op.ty), {}, {use(reg_of(op.args[1 - side]))}, mem);
  }
  return true;
}

void Selector::select_store(const ir::Value& v) {
  if (store_update(v) || combine_stores(v)) return;
  store(f_[v.args[1]].ty, v.args[1], address(v.args[0], v.aux));
}

// In R11 the cold tail hands over what is overwritten; nothing else changes there.
void Selector::select_store_barrier(const ir::Value& v) {
  Operand old = def(temp(Ty::I64), R11);
  old.early = true;
  int64_t c;
  Mem mem = address(v.args[0], v.aux);
  if (constant(v.args[1], &c) && c == 0) {
    emit(MOp::StoreWB, 8, {old}, {}, mem);
  } else {
    emit(MOp::StoreWB, 8, {old}, {use(reg_of(v.args[1]))}, mem);
  }
  m_.needs_frame_pointer = true;
}

// ---- blocks of memory

void Selector::leaf_call(std::string_view callee, std::initializer_list<Operand> uses) {
  Inst* inst = emit(MOp::Call, 8, {}, uses);
  inst->symbol = Symbol(callee);
  inst->clobbers = kLeafClobbers;
  inst->call = m_.arena.make<CallSite>();
  m_.has_calls = true;
}

void Selector::copy_memory(const Mem& to, const Mem& from, uint64_t size) {
  if (size > kInlineCopy) {
    VReg d = address_reg(to), s = address_reg(from);
    leaf_call("runtime.memmove", {use(d, RAX), use(s, RBX), use(int_const(static_cast<int64_t>(size)), RCX)});
    return;
  }
  auto chunk16 = [&](uint64_t at_offset) {
    VReg t = temp(Ty::F64);
    emit(MOp::MovupsRM, 8, {def(t)}, {}, at(from, static_cast<int64_t>(at_offset)));
    emit(MOp::MovupsMR, 8, {}, {use(t)}, at(to, static_cast<int64_t>(at_offset)));
  };
  auto chunk = [&](uint64_t at_offset, Ty ty) {
    VReg t = temp(ty);
    load(ty, t, at(from, static_cast<int64_t>(at_offset)));
    emit(MOp::MovMR, width_of(ty), {}, {use(t)}, at(to, static_cast<int64_t>(at_offset)));
  };
  uint64_t i = 0;
  for (; size - i >= 16; i += 16) chunk16(i);
  if (i != 0 && size - i > 8) return chunk16(size - 16);
  for (; size - i >= 8; i += 8) chunk(i, Ty::I64);
  if (size - i >= 4) chunk(i, Ty::I32), i += 4;
  if (size - i >= 2) chunk(i, Ty::I16), i += 2;
  if (size - i >= 1) chunk(i, Ty::I8);
}

void Selector::clear_memory(const Mem& to, uint64_t size) {
  if (size > kInlineClear) {
    VReg d = address_reg(to);
    leaf_call("runtime.memclrNoHeapPointers", {use(d, RAX), use(int_const(static_cast<int64_t>(size)), RBX)});
    return;
  }
  uint64_t i = 0;
  auto chunk16 = [&](uint64_t o) { emit(MOp::MovupsMR, 8, {}, {use(X15)}, at(to, static_cast<int64_t>(o))); };
  auto chunk = [&](uint64_t o, int width) { emit(MOp::MovMI, width, {}, {}, at(to, static_cast<int64_t>(o))); };
  for (; size - i >= 16; i += 16) chunk16(i);
  if (i != 0 && size - i > 8) return chunk16(size - 16);
  for (; size - i >= 8; i += 8) chunk(i, 8);
  if (size - i >= 4) chunk(i, 4), i += 4;
  if (size - i >= 2) chunk(i, 2), i += 2;
  if (size - i >= 1) chunk(i, 1);
}

// ---- checks

// p without the constant offsets that lead to it, which are added to *offset.
Selector::ValueId Selector::root_of(ValueId p, int64_t* offset) const {
  for (p = resolve(p); f_[p].op == Op::OffPtr; p = resolve(f_[p].args[0])) *offset += f_[p].aux;
  return p;
}

// The next thing with an effect in the block is an access near this pointer: its fault is the nil panic.
bool Selector::next_access_faults(ValueId v) const {
  int64_t checked = 0;
  ValueId p = root_of(v, &checked);
  const std::vector<ValueId>& values = f_[block_id_].values;
  for (size_t i = position_[v.index] + 1; i < values.size() && i < position_[v.index] + 12u; i++) {
    const ir::Value& x = f_[values[i]];
    if (x.op == Op::DbgValue || ir::is_pure(x.op)) continue;
    if (x.op != Op::Load && x.op != Op::Store) return false;
    int64_t disp = x.aux;
    ValueId base = root_of(x.args[0], &disp);
    disp -= checked;
    if (base == p && disp >= 0 && disp + 8 <= kFaultPage) return true;
    // A load elsewhere may be moved down or fault first: only a load of this pointer will do.
    return false;
  }
  return false;
}

void Selector::select_nil_check(ValueId v) {
  int64_t offset = 0;
  const ir::Value& x = f_[root_of(v, &offset)];
  if (x.op == Op::LocalAddr || x.op == Op::SymAddr || x.op == Op::ResultArea) return;
  if (next_access_faults(v)) return;
  emit(MOp::NilTest, 1, {}, {}, address(v, 0));
}

void Selector::select_bounds(const ir::Value& v) {
  bool index_check = (v.aux & 0xff) == static_cast<int>(ir::BoundsKind::Index);
  int64_t c;
  Inst* inst;
  if (constant32(v.args[0], &c)) {
    inst = emit(MOp::Bounds, 8, {}, {use(reg_of(v.args[1]))}, {}, c);
    inst->width2 = 1;
    inst->cond = index_check ? Cond::BE : Cond::B;
  } else if (constant32(v.args[1], &c)) {
    inst = emit(MOp::Bounds, 8, {}, {use(reg_of(v.args[0]))}, {}, c);
    inst->width2 = 2;
    inst->cond = index_check ? Cond::AE : Cond::A;
  } else {
    inst = emit(MOp::Bounds, 8, {}, {use(reg_of(v.args[0])), use(reg_of(v.args[1]))});
    inst->cond = index_check ? Cond::AE : Cond::A;
  }
  inst->symbol = Symbol(panic_name(v.aux));
}

// ---- atomics

// What the exchange overwrites may be read twice, by two threads: whoever came first has given the collector what was there.
void Selector::atomic_barrier(MOp op, Operand old, std::initializer_list<Operand> uses, const Mem& mem) {
  Operand shaded = def(temp(Ty::I64), R11);
  shaded.early = true;
  emit(op, 8, {old, shaded}, uses, mem);
  m_.needs_frame_pointer = true;
}

void Selector::select_atomic(ValueId id) {
  const ir::Value& v = f_[id];
  auto mem = [&] { return address(v.args[0], v.aux); };
  switch (v.op) {
    case Op::AtomicLoad:
      return load(v.ty, def_of(id), mem());
    case Op::AtomicStore: {
      VReg old = temp(f_[v.args[1]].ty);
      if (f_[v.args[1]].ty == Ty::Ptr) return atomic_barrier(MOp::XchgWB, def(old), {tied(reg_of(v.args[1]))}, mem());
      emit(MOp::XchgMR, width_of(f_[v.args[1]].ty), {def(old)}, {tied(reg_of(v.args[1]))}, mem());
      return;
    }
    case Op::AtomicXchg:
      if (v.ty == Ty::Ptr) return atomic_barrier(MOp::XchgWB, def(def_of(id)), {tied(reg_of(v.args[1]))}, mem());
      emit(MOp::XchgMR, width_of(v.ty), {def(def_of(id))}, {tied(reg_of(v.args[1]))}, mem());
      return;
    case Op::AtomicAdd: {
      VReg old = temp(v.ty);
      VReg delta = reg_of(v.args[1]);
      emit(MOp::LockXaddMR, width_of(v.ty), {def(old)}, {tied(delta)}, mem());
      if (!asked(id)) return;
      if (int64_t c; constant32(v.args[1], &c)) emit(MOp::AddMI, op_width(v.ty), {def(def_of(id))}, {tied(old)}, {}, c);
      else emit(MOp::AddRM, op_width(v.ty), {def(def_of(id))}, {tied(old), use(delta)});
      return;
    }
    case Op::AtomicAnd: case Op::AtomicOr: {
      bool is_or = v.op == Op::AtomicOr;
      int width = width_of(f_[v.args[1]].ty);
      if (!asked(id)) {
        emit(is_or ? MOp::LockOrMR : MOp::LockAndMR, width, {}, {use(reg_of(v.args[1]))}, mem());
        return;
      }
      Operand old = def(def_of(id), RAX);
      old.early = true;
      emit(MOp::AtomicLoop, width, {old, early_def(temp(Ty::I64))}, {use(reg_of(v.args[1]))}, mem(), is_or);
      return;
    }
    case Op::AtomicCas: {
      Ty ty = f_[v.args[1]].ty;
      if (ty == Ty::Ptr) {
        atomic_barrier(MOp::CmpxchgWB, def(temp(ty), RAX), {use(reg_of(v.args[2])), use(reg_of(v.args[1]), RAX)}, mem());
      } else {
        emit(MOp::LockCmpxchgMR, width_of(ty), {def(temp(ty), RAX)}, {use(reg_of(v.args[2])), use(reg_of(v.args[1]), RAX)}, mem());
      }
      if (asked(id)) emit(MOp::SetccM, 1, {def(def_of(id))}, {})->cond = Cond::E;
      return;
    }
    case Op::Prefetch:
      emit(v.aux == 0 ? MOp::PrefetchT0M : MOp::PrefetchNtaM, 8, {}, {}, address(v.args[0], 0));
      return;
    default:
      emit(MOp::Pause, 8, {}, {});
  }
}

}  // namespace gale::amd64
