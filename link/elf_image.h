// Where things lie in the file: the segments one behind the other, without gaps, each at a
// page of its own in memory and at the same offset in that page as in the file.
#pragma once

#include <cstdint>

namespace gale::link {

constexpr uint64_t kImageBase = 0x400000;
constexpr uint64_t kPage = 0x1000;
// ELF header and up to 8 program headers.
constexpr uint64_t kHeaderRoom = 64 + 8 * 56;

}  // namespace gale::link
