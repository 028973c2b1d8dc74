// Where things lie in the file: the loaded part of the file is the memory image, byte for byte, from kImageBase on.
#pragma once

#include <cstdint>

namespace gale::link {

constexpr uint64_t kImageBase = 0x400000;
constexpr uint64_t kPage = 0x1000;
// ELF header and up to 8 program headers.
constexpr uint64_t kHeaderRoom = 64 + 8 * 56;

}  // namespace gale::link
