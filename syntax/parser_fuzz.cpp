// Fuzz target: any bytes must parse without a crash, in full and skimmed.
#include <cstddef>
#include <cstdint>
#include <string>

#include "syntax/fuzz_entry.h"
#include "syntax/go_fuzz_tokens.inc"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  gale::syntax::fuzz_parse(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
