// What is derived from a type's link name: its hash and its place in the types section.
#pragma once

#include <xxhash.h>

#include <string_view>

#include "base/symbol.h"
#include "link/object.h"

namespace gale::rtdata {

// The descriptor's hash field: the same for a type and in its itabs.
inline uint32_t type_hash(Symbol type) {
  return static_cast<uint32_t>(XXH3_64bits(type.text().data(), type.text().size()));
}

// `text`: reflect's string.
inline const link::TypeOrder* type_order(Symbol type, std::string_view text, bool typelink, Arena& arena) {
  auto* order = arena.make<link::TypeOrder>();
  order->typelink = typelink;
  order->text = arena.copy_text(text);
  XXH128_hash_t h = XXH3_128bits(type.text().data(), type.text().size());
  order->fingerprint[0] = h.high64;
  order->fingerprint[1] = h.low64;
  return order;
}

}  // namespace gale::rtdata
