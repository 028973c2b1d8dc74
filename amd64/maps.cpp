// Rows of pointer maps.
#include "amd64/maps.h"

#include <algorithm>

#include "amd64/local_liveness.h"

namespace gale::amd64 {

using ir::AbiSlot;

namespace {

bool bit_of(std::span<const uint8_t> mask, size_t i) { return i / 8 < mask.size() && (mask[i / 8] >> (i % 8) & 1) != 0; }
void set_bit(std::vector<uint8_t>& bits, size_t i) { bits[i / 8] |= static_cast<uint8_t>(1 << (i % 8)); }

}  // namespace

PointerMaps::PointerMaps(const MFunc& f, const Frame& frame) : f_(f), frame_(frame), object_(f.ir.locals.size()) {
  for (uint32_t l = 0; l < f.ir.locals.size(); l++) {
    if (has_pointers(f.ir.locals[ir::LocalId(l)])) objects.push_back(l);
  }
  std::sort(objects.begin(), objects.end(), [&](uint32_t a, uint32_t b) { return frame.locals[a] < frame.locals[b]; });
  for (uint32_t i = 0; i < objects.size(); i++) object_[objects[i]] = i;
  const ir::CallSig& sig = *f.ir.sig;
  args_words_ = (sig.stack_size + sig.spill_size + 7) / 8;
  always_args_.assign((args_words_ + 7) / 8, 0);
  for (uint32_t i = 0; i < sig.result_offset / 8; i++) {
    if (bit_of(sig.pointer_mask, i)) set_bit(always_args_, i);
  }
  std::vector<uint8_t> entry = always_args_;
  for (const AbiSlot& s : sig.args) {
    if (s.kind == AbiSlot::IntReg && s.ty == ir::Ty::Ptr && s.spill / 8 < args_words_) set_bit(entry, s.spill / 8);
  }
  add(std::move(entry), std::vector<uint8_t>((locals_bits() + 7) / 8, 0));
  if (f.zero_result_area) {
    for (uint32_t i = 0; sig.result_offset + i * 8 < sig.stack_size; i++) {
      if (bit_of(sig.result_mask, i)) set_bit(always_args_, sig.result_offset / 8 + i);
    }
  }
}

int32_t PointerMaps::row(std::span<const VReg> slots, std::span<const uint32_t> locals) {
  std::vector<uint8_t> bits((locals_bits() + 7) / 8, 0);
  for (uint32_t l : locals) set_bit(bits, object_[l]);
  for (VReg v : slots) set_bit(bits, locals_bits() - static_cast<uint32_t>(-frame_.slot_offset(f_, v) / 8));
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
