// Map buckets (base/abi/layout.def, Maps): their layout, and the descriptor that the collector scans them by.
#pragma once

#include <cstdint>

#include "base/symbol.h"
#include "link/object.h"
#include "types/canonical.h"

namespace gale::rtdata {

struct MapLayout {
  uint64_t key_slot = 0, elem_slot = 0;  // bytes from one key, elem to the next
  uint64_t elem_offset = 0, bucket_size = 0;
  uint32_t flags = 0;  // abi::kMapFlag*
};
MapLayout map_layout(const types::Map& m, types::CanonicalTypes& types);

// A struct type without fields: only size, pointers and name are looked at. Not found by reflect.
Symbol define_bucket_type(const types::Map& m, const MapLayout& layout, types::CanonicalTypes& types, link::Object& out);

}  // namespace gale::rtdata
