// Numbers as the IR's integer types hold them (a Bool is a byte).
#pragma once

#include <cstdint>

#include "ir/func.h"

namespace gale::opt {

inline int bits_of(ir::Ty ty) { return ty == ir::Ty::Bool ? 8 : ir::size_of(ty) * 8; }

inline int64_t sign_extend(int64_t v, ir::Ty ty) {
  const int shift = 64 - bits_of(ty);
  return shift <= 0 ? v : static_cast<int64_t>(static_cast<uint64_t>(v) << shift) >> shift;
}

inline uint64_t zero_extend(int64_t v, ir::Ty ty) {
  const int shift = 64 - bits_of(ty);
  return shift <= 0 ? static_cast<uint64_t>(v) : static_cast<uint64_t>(v) << shift >> shift;
}

}  // namespace gale::opt
