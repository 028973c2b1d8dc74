// Rows of pointer maps.
#include "amd64/maps.h"

namespace gale::amd64 {

using ir::AbiSlot;

namespace {

bool bit_of(std::span<const uint8_t> mask, size_t i) { return i / 8 < mask.size() && (mask[i / 8] >> (i % 8) & 1) != 0; }
void set_bit(std::vector<uint8_t>& bits, size_t i) { bits[i / 8] |= static_cast<uint8_t>(1 << (i % 8)); }

}  // namespace

PointerMaps::PointerMaps(const MFunc& f, const Frame& frame) : f_(f), frame_(frame) {
  const ir::CallSig& sig = *f.ir.sig;
  args_words_ = (sig.stack_size + sig.spill_size + 7) / 8;
  always_args_.assign((args_words_ + 7) / 8, 0);
  always_locals_.assign((frame.pointer_words + 7) / 8, 0);
  for (uint32_t i = 0; i < sig.result_offset / 8; i++) {
    if (bit_of(sig.pointer_mask, i)) set_bit(always_args_, i);
  }
  std::vector<uint8_t> entry = always_args_;
  for (const AbiSlot& s : sig.args) {
    if (s.kind == AbiSlot::IntReg && s.ty == ir::Ty::Ptr && s.spill / 8 < args_words_) set_bit(entry, s.spill / 8);
  }
  add(std::move(entry), always_locals_);
  if (f.zero_result_area) {
    for (uint32_t i = 0; sig.result_offset + i * 8 < sig.stack_size; i++) {
      if (bit_of(sig.result_mask, i)) set_bit(always_args_, sig.result_offset / 8 + i);
    }
  }
  for (uint32_t l = 0; l < f.ir.locals.size(); l++) {
    const ir::Local& local = f.ir.locals[ir::LocalId(l)];
    for (size_t w = 0; w < local.size / 8; w++) {
      if (bit_of(local.pointer_mask, w)) set_local(always_locals_, frame.locals[l] + static_cast<int32_t>(w * 8));
    }
  }
}

// `offset` from RBP, negative; bit i is the word at RBP - 8*(nbit - i).
void PointerMaps::set_local(std::vector<uint8_t>& bits, int32_t offset) const {
  set_bit(bits, frame_.pointer_words - static_cast<uint32_t>(-offset / 8));
}

int32_t PointerMaps::row(std::span<const VReg> live) {
  std::vector<uint8_t> bits = always_locals_;
  for (VReg v : live) set_local(bits, frame_.slot_offset(f_, v));
  return add(always_args_, std::move(bits));
}

int32_t PointerMaps::add(std::vector<uint8_t> args_row, std::vector<uint8_t> locals_row) {
  std::string key(args_row.begin(), args_row.end());
  key.append(locals_row.begin(), locals_row.end());
  auto [it, fresh] = rows_.try_emplace(std::move(key), static_cast<int32_t>(args.size()));
  if (fresh) {
    args.push_back(std::move(args_row));
    locals.push_back(std::move(locals_row));
  }
  return it->second;
}

}  // namespace gale::amd64
