// Bytes put together by shifts and ors (encoding/binary, hashes) are one wide load, with its bytes reversed for big endian.
//
// The wide load stands where the outermost or stands: all bounds checks of the bytes lie before it. No write may come between.
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

}  // namespace gale::amd64
