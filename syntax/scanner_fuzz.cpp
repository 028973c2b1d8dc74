// Entry point for coverage-guided fuzzers: any bytes must parse without a crash, in full and skimmed.
#include <cstddef>
#include <cstdint>
#include <string>

#include "syntax/fuzz_entry.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  gale::syntax::fuzz_parse(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
