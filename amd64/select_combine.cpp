// Bytes put together by shifts and ors (encoding/binary, hashes) are one wide load, with its bytes reversed for big endian.
//
// The wide load stands where the outermost or stands: all bounds checks of the bytes lie before it. No write may come between.
//
// Likewise bytes of one value stored side by side are one wide store, where the last of them stands: nothing between the first and
// the last reads memory or may panic.
#include <algorithm>

#include "amd64/select.h"

namespace gale::amd64 {

using ir::Op;

// The part of an address that does not change from byte to byte, and the rest.
Selector::BytePlace Selector::byte_place(ValueId load) const {
  BytePlace place;
  place.disp = f_[load].aux;
  ValueId p = resolve(f_[load].args[0]);
  for (;;) {
    const ir::Value& x = f_[p];
    int64_t c;
    if (x.op == Op::OffPtr) {
      place.disp += x.aux;
    } else if (x.op == Op::AddPtr && constant(x.args[1], &c)) {
      place.disp += c * x.aux;
    } else if (x.op == Op::AddPtr && !place.index.valid()) {
      place.index = resolve(x.args[1]);
      place.scale = x.aux;
      const ir::Value& i = f_[place.index];
      if (i.op == Op::Add && width_of(i.ty) == 8 && constant(i.args[1], &c)) {
        place.disp += c * x.aux;
        place.index = resolve(i.args[0]);
      }
    } else {
      break;
    }
    p = resolve(x.args[0]);
  }
  place.base = p;
  return place;
}

// Adds the bytes of the tree under v; false if it is not made of single bytes only.
bool Selector::gather_bytes(ValueId v, bool root, std::vector<ByteLoad>& out) const {
  int64_t shift = 0;
  auto only_here = [&](ValueId x) { return here(x) && single_use(x) && !asked(x) && !done_[x.index]; };
  while (f_[v].op == Op::Copy && only_here(v)) v = f_[v].args[0];
  const ir::Value& x = f_[v];
  if (!root && !only_here(v)) return false;
  if (x.op == Op::Or) return out.size() < 8 && gather_bytes(x.args[0], false, out) && gather_bytes(x.args[1], false, out);
  ValueId byte = v;
  if (x.op == Op::Shl) {
    if (!constant(x.args[1], &shift) || shift % 8 != 0 || shift < 0 || shift >= width_of(x.ty) * 8) return false;
    byte = x.args[0];
    if (!only_here(byte)) return false;
  }
  if (f_[byte].op != Op::ZExt) return false;
  byte = f_[byte].args[0];
  if (f_[byte].op != Op::Load || f_[byte].ty != Ty::I8 || !only_here(byte)) return false;
  out.push_back({byte, static_cast<int>(shift / 8), byte_place(byte)});
  return out.size() <= 8;
}

bool Selector::combine_bytes(ValueId v) {
  const ir::Value& x = f_[v];
  if (width_of(x.ty) < 2) return false;
  std::vector<ByteLoad> bytes;
  if (!gather_bytes(v, true, bytes)) return false;
  size_t n = bytes.size();
  if ((n != 2 && n != 4 && n != 8) || n > static_cast<size_t>(width_of(x.ty))) return false;
  std::sort(bytes.begin(), bytes.end(), [](const ByteLoad& a, const ByteLoad& b) { return a.place.disp < b.place.disp; });
  bool little = bytes[0].shift == 0;
  uint32_t first = at_;
  for (size_t i = 0; i < n; i++) {
    const BytePlace &p = bytes[i].place, &q = bytes[0].place;
    if (p.base != q.base || p.index != q.index || p.scale != q.scale || p.disp != q.disp + static_cast<int64_t>(i)) return false;
    if (bytes[i].shift != static_cast<int>(little ? i : n - 1 - i)) return false;
    first = std::min(first, position_[bytes[i].load.index]);
  }
  const std::vector<ValueId>& values = f_[block_id_].values;
  for (uint32_t i = first; i < at_; i++) {
    Op op = f_[values[i]].op;
    if (ir::writes_memory(op) || ir::is_safepoint(op)) return false;
  }
  for (const ByteLoad& b : bytes) done_[b.load.index] = true;
  Ty ty = n == 2 ? Ty::I16 : n == 4 ? Ty::I32 : Ty::I64;
  Mem mem = address(f_[bytes[0].load].args[0], f_[bytes[0].load].aux);
  if (little) {
    load(ty, def_of(v), mem);
    return true;
  }
  VReg wide = temp(x.ty);
  load(ty, wide, mem);
  if (n == 2) emit(MOp::RolMI, 2, {def(def_of(v))}, {tied(wide)}, {}, 8);
  else emit(MOp::BswapO, static_cast<int>(n), {def(def_of(v))}, {tied(wide)});
  return true;
}

// The value that a stored byte is cut from, and where from.
Selector::StoredByte Selector::stored_byte(ValueId store) const {
  StoredByte byte{.store = store, .place = byte_place(store)};
  ValueId v = through_copies(f_[store].args[1]);
  if (constant(v, &byte.bits)) return byte;
  if (f_[v].op == Op::Trunc) {
    ValueId cut = through_copies(f_[v].args[0]);
    const ir::Value& x = f_[cut];
    int64_t by;
    v = cut;
    if ((x.op == Op::Shr || x.op == Op::Sar) && constant(x.args[1], &by) && by >= 0 && by % 8 == 0 && by < width_of(x.ty) * 8) {
      byte.shift = static_cast<int>(by / 8);
      v = x.args[0];
    }
  }
  byte.source = resolve(v);
  return byte;
}

// The byte stores that may be made with the one at at_: itself and those before it, by address. Empty: there is no other.
std::vector<Selector::StoredByte> Selector::neighbours() const {
  const std::vector<ValueId>& values = f_[block_id_].values;
  std::vector<StoredByte> out = {stored_byte(values[at_])};
  for (uint32_t i = at_; i-- > 0 && at_ - i < 64 && out.size() < 8;) {
    const ir::Value& x = f_[values[i]];
    if (x.op == Op::DbgValue || ir::is_pure(x.op)) continue;
    if (x.op != Op::Store || f_[x.args[1]].ty != Ty::I8 || done_[values[i].index]) break;
    StoredByte byte = stored_byte(values[i]);
    const BytePlace &p = byte.place, &q = out[0].place;
    if (p.base != q.base || p.index != q.index || p.scale != q.scale) break;
    out.push_back(byte);
  }
  std::sort(out.begin(), out.end(), [](const StoredByte& a, const StoredByte& b) { return a.place.disp < b.place.disp; });
  for (size_t i = 1; i < out.size(); i++) {
    if (out[i].place.disp == out[i - 1].place.disp) return {};
  }
  return out;
}

// Whether these bytes, side by side, are some of a value in order (or in the reverse), or all constant.
bool Selector::make_one_value(std::span<const StoredByte> bytes, bool* little) const {
  const StoredByte& first = bytes[0];
  const int n = static_cast<int>(bytes.size());
  *little = !first.source.valid() || bytes[1].shift > first.shift;
  const int lowest = *little ? first.shift : bytes.back().shift;
  for (int i = 0; i < n; i++) {
    const StoredByte& b = bytes[static_cast<size_t>(i)];
    if (b.source != first.source || b.place.disp != first.place.disp + i) return false;
    if (first.source.valid() && b.shift != lowest + (*little ? i : n - 1 - i)) return false;
  }
  return !first.source.valid() || lowest + n <= width_of(f_[first.source].ty);
}

bool Selector::combine_stores(const ir::Value& v) {
  if (f_[v.args[1]].ty != Ty::I8 || at_ == 0) return false;
  const std::vector<StoredByte> all = neighbours();
  for (size_t n : {size_t{8}, size_t{4}, size_t{2}}) {
    for (size_t from = 0; from + n <= all.size(); from++) {
      const std::span<const StoredByte> bytes(all.data() + from, n);
      const bool mine = std::any_of(bytes.begin(), bytes.end(), [&](const StoredByte& b) { return position_[b.store.index] == at_; });
      bool little;
      if (!mine || !make_one_value(bytes, &little)) continue;
      store_together(bytes, little);
      return true;
    }
  }
  return false;
}

void Selector::store_together(std::span<const StoredByte> bytes, bool little) {
  const int n = static_cast<int>(bytes.size());
  ValueId first = bytes[0].store;
  for (const StoredByte& b : bytes) {
    done_[b.store.index] = true;
    if (position_[b.store.index] < position_[first.index]) first = b.store;
  }
  pos_ = f_[first].pos;  // if it faults, it does so there
  inlined_ = f_[first].inlined;
  const Mem mem = address(f_[bytes[0].store].args[0], f_[bytes[0].store].aux);
  if (!bytes[0].source.valid()) {
    uint64_t bits = 0;
    for (int i = n; i-- > 0;) bits = bits << 8 | (static_cast<uint64_t>(bytes[static_cast<size_t>(i)].bits) & 0xff);
    const int64_t value = n == 4 ? static_cast<int32_t>(bits) : static_cast<int64_t>(bits);
    if (n < 8 || fits32(value)) emit(MOp::MovMI, n, {}, {}, mem, value);
    else emit(MOp::MovMR, 8, {}, {use(int_const(value))}, mem);
    return;
  }
  VReg value = reg_of(bytes[0].source);
  auto changed = [&](MOp op, int width, int64_t imm) {
    VReg t = temp(Ty::I64);
    emit(op, width, {def(t)}, {tied(value)}, {}, imm);
    value = t;
  };
  const int lowest = little ? bytes[0].shift : bytes.back().shift;
  if (lowest != 0) changed(MOp::ShrMI, 8, lowest * 8);
  if (!little && n == 2) changed(MOp::RolMI, 2, 8);
  else if (!little) changed(MOp::BswapO, n, 0);
  emit(MOp::MovMR, n, {}, {use(value)}, mem);
}

}  // namespace gale::amd64
