// Fuzz target: any bytes must be refused or unpacked within the limits.
#include <cstddef>
#include <cstdint>

#include "load/zip_archive.h"

extern "C" const char* const gale_fuzz_tokens[];
const char* const gale_fuzz_tokens[] = {"PK\1\2", "PK\3\4", "PK\5\6", "PK\6\6", "../", "\xff\xff\xff\xff", nullptr};

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  gale::load::ZipArchive zip;
  std::string error, content;
  if (!zip.open({reinterpret_cast<const char*>(data), size}, {1000, 1 << 20, 1 << 22}, &error)) return 0;
  gale::load::ZipUnpacker unpacker;
  for (const gale::load::ZipEntry& e : zip.entries()) unpacker.unpack(e, &content, &error);
  return 0;
}
