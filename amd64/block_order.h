// The order in which the back end takes a function's blocks, which of them are cold, and how deep in loops each lies.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/func.h"

namespace gale::amd64 {

struct BlockOrder {
  std::vector<ir::BlockId> blocks;   // a reverse postorder in which the blocks of a loop stand together
  std::vector<char> cold;            // by ir block
  std::vector<uint8_t> depth;        // by ir block: enclosing loops
};

BlockOrder order_blocks(const ir::Func& f);

}  // namespace gale::amd64
