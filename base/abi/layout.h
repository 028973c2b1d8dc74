// layout.h: the rows of layout.def as constants: gale::abi::G::stackguard0, gale::abi::kStackGuard.
// Freestanding: the runtime includes it too, and static_asserts its structs against it.

#ifndef GALE_BASE_ABI_LAYOUT_H_
#define GALE_BASE_ABI_LAYOUT_H_

#include <cstdint>

namespace gale::abi {

#define FIELD(record, name, offset)            \
  namespace record {                           \
  inline constexpr std::uint32_t name = offset; \
  }
#define CONST(name, value) inline constexpr std::uint64_t k##name = value;
#include "base/abi/layout.def"
#undef FIELD
#undef CONST

// Bits of G.edge.
enum class Edge : std::uint32_t {
#define EDGE(name, bit, doc) k##name = bit,
#include "base/abi/edges.def"
#undef EDGE
};

// Codes of G.pending: what gateslow must panic with.
enum class PendingPanic : std::uint32_t {
  kNone = 0,
#define PANIC(name, code, doc) k##name = code,
#include "base/abi/edges.def"
#undef PANIC
};

#define HASH_CONST(name, value) inline constexpr std::uint64_t kHash##name = value;
#include "base/abi/hash.def"
#undef HASH_CONST

struct SizeClass {
  std::uint16_t size;
  std::uint8_t pages;
};
inline constexpr SizeClass kSizeClasses[] = {
#define SIZECLASS(index, size, pages) {size, pages},
#include "base/abi/sizeclass.def"
#undef SIZECLASS
};
inline constexpr int kNumSizeClasses = 68;
static_assert(sizeof(kSizeClasses) / sizeof(kSizeClasses[0]) == kNumSizeClasses);
inline constexpr std::uint64_t kMaxSmallSize = 32768;
inline constexpr std::uint64_t kPageSize = 8192;

}  // namespace gale::abi

#endif  // GALE_BASE_ABI_LAYOUT_H_
