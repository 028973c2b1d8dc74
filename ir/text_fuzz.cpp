// Fuzz target: any bytes are IR or have an error; what is IR is judged by the verifier, and if that finds nothing wrong, its text reads back.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "ir/text.h"

extern "C" const char* const gale_fuzz_tokens[];
const char* const gale_fuzz_tokens[] = {"func \"f\" sig(->) {\n", "}\n", "b0:\n", "  v0 = Const i64 #0\n", "  return\n", "jump b1", "branch ", "Phi i64 (", "Load ", "Store void ",
                                        "local l0 size 8 align 8\n", "#", "v999999999", "b999", "ptr", "i64", "\"", "stack(", "sig(", "->", nullptr};

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string error;
  for (const auto& func : gale::ir::parse({reinterpret_cast<const char*>(data), size}, &error)) {
    gale::ir::verify(*func, true);
    if (!gale::ir::verify(*func).empty()) continue;
    std::string again_error;
    const auto again = gale::ir::parse(gale::ir::print(*func), &again_error);
    CHECK(again.size() == 1 && gale::ir::verify(*again[0]).empty(), "what was printed reads back: " + again_error);
  }
  return 0;
}
