// Fuzz target: any bytes are a go.mod or have an error.
#include <cstddef>
#include <cstdint>

#include "load/go_mod.h"

extern "C" const char* const gale_fuzz_tokens[];
const char* const gale_fuzz_tokens[] = {"module ", "go ", "require ", "require (\n", ")\n", "replace ", " => ", "exclude ", "retract ", "[v1.0.0, v2.0.0]", "toolchain go1.26.8\n",
                                        "godebug ", "ignore ", "tool ", "v1.2.3-0.20240101000000-abcdefabcdef", "// indirect", "\"", "`", "\\", "\r\n", "./x", "1.26", ",", nullptr};

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  gale::load::GoMod mod;
  std::vector<std::string> errors;
  gale::load::parse_go_mod({reinterpret_cast<const char*>(data), size}, "go.mod", &mod, &errors);
  gale::load::language_version(mod.go_version);
  gale::load::go_minor_version(mod.go_version);
  return 0;
}
