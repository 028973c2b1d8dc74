// State of the SSA construction of one Body.
#pragma once

#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "lower/body.h"

namespace gale::lower {

struct Body::Ssa {
  std::vector<Ty> types;                                  // of each SSA variable
  absl::flat_hash_map<uint64_t, ValueId> definitions;     // (block, variable) -> value at the block's end so far
  SideTable<BlockId, uint8_t> sealed;
  absl::flat_hash_map<BlockId, std::vector<std::pair<uint32_t, ValueId>>> incomplete;  // phis of blocks not sealed
  std::vector<std::pair<ValueId, uint32_t>> to_fill;
  bool filling = false;

  static uint64_t key(BlockId b, uint32_t var) { return uint64_t{b.index} << 32 | var; }
  ValueId read(ir::Func& f, BlockId b, uint32_t var);
  void fill(ir::Func& f);
};

}  // namespace gale::lower
