// What is derived from a type's link name: its place in the types section.
#pragma once

#include <xxhash.h>

#include <string_view>

#include "base/symbol.h"
#include "link/object.h"

namespace gale::rtdata {

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
