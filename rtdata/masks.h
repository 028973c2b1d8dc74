// Pointer masks as symbols (RUNTIME_CONTRACT 3.5).
#pragma once

#include <cstdint>
#include <vector>

#include "base/symbol.h"
#include "link/object.h"

namespace gale::rtdata {

// The bits, in rows of 8 bytes; types with equal masks share one symbol.
Symbol define_mask(std::vector<uint8_t> mask, uint64_t pointer_bytes, link::Object& out);
// A zeroed word in which the runtime keeps the mask that it makes when it is first needed.
Symbol define_mask_on_demand(Symbol type, link::Object& out);

}  // namespace gale::rtdata
