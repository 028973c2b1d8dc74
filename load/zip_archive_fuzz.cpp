// Entry point for coverage-guided fuzzers: any bytes must be refused or unpacked within the limits.
#include <cstddef>
#include <cstdint>

#include "load/zip_archive.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  gale::load::ZipArchive zip;
  std::string error, content;
  if (!zip.open({reinterpret_cast<const char*>(data), size}, {1000, 1 << 20, 1 << 22}, &error)) return 0;
  gale::load::ZipUnpacker unpacker;
  for (const gale::load::ZipEntry& e : zip.entries()) unpacker.unpack(e, &content, &error);
  return 0;
}
