// blob.h: the runtime as gale's linker takes it: one relocatable ELF object, embedded in the compiler.

#ifndef GALE_RUNTIME_BLOB_H_
#define GALE_RUNTIME_BLOB_H_

#include <cstddef>
#include <span>

namespace gale::runtime {

std::span<const std::byte> runtime_object();

}  // namespace gale::runtime

#endif  // GALE_RUNTIME_BLOB_H_
