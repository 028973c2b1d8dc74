// Entry point for coverage-guided fuzzers: any bytes must be assembled or refused with messages.
#include <cstddef>
#include <cstdint>

#include "asm/assemble.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  gale::plan9::AssembleOptions o;
  o.package = "p";
  o.file_name = "a.s";
  o.include = [](const std::string&, std::string*, std::string*) { return false; };
  gale::plan9::assemble({reinterpret_cast<const char*>(data), size}, o);
  return 0;
}
