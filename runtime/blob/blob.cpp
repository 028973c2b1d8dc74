// blob.cpp: see blob.h. The bytes are in blob.S, which the build writes.

#include "runtime/blob.h"

extern "C" {
extern const std::byte gale_runtime_object_begin[];
extern const std::byte gale_runtime_object_end[];
extern const std::byte gale_runtime_profile_begin[];
extern const std::byte gale_runtime_profile_end[];
}

namespace gale::runtime {

std::span<const std::byte> runtime_object() { return {gale_runtime_object_begin, gale_runtime_object_end}; }
std::span<const std::byte> profile_object() { return {gale_runtime_profile_begin, gale_runtime_profile_end}; }

}  // namespace gale::runtime
