// blob.h: the runtime as gale's linker takes it: relocatable ELF objects, embedded in the compiler.

#ifndef GALE_RUNTIME_BLOB_H_
#define GALE_RUNTIME_BLOB_H_

#include <cstddef>
#include <span>

namespace gale::runtime {

std::span<const std::byte> runtime_object();

// What programs have besides that read the memory profile, which is those that refer to kProfileGate.
std::span<const std::byte> profile_object();
inline constexpr const char* kProfileGate = "runtime.memProfile";

}  // namespace gale::runtime

#endif  // GALE_RUNTIME_BLOB_H_
