// Fuzz target: any bytes are assembly or have errors.
#include <cstddef>
#include <cstdint>

#include "asm/assemble.h"

extern "C" const char* const gale_fuzz_tokens[];
const char* const gale_fuzz_tokens[] = {"TEXT \xc2\xb7" "f(SB), 4, $0-8\n", "\tMOVQ ", "AX", "X15", "K1", "(SP)", "(AX)(BX*8)", "x<>(SB)", "\xc2\xb7", "$0x7fffffffffffffff", "$(1<<63)", "JMP ",
                                        "l:\n", "RET\n", "#define a(b) b\n", "#ifdef x\n", "#endif\n", "#include \"textflag.h\"\n", "DATA x+0(SB)/8, $1\n", "GLOBL x(SB), 8, $8\n",
                                        "VADDPD.Z ", "PCALIGN $32\n", "BYTE $0x90\n", ",", ";", "\\\n", "\"", "/*", nullptr};

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  gale::plan9::AssembleOptions options;
  options.package = "p";
  options.file_name = "p.s";
  options.defines = {{"GOARCH_amd64", "1"}};
  options.include = [](const std::string& name, std::string* shown, std::string* text) {
    *shown = name;
    *text = "#define NOSPLIT 4\n";
    return name == "textflag.h";
  };
  gale::plan9::assemble(std::string(reinterpret_cast<const char*>(data), size), options);
  return 0;
}
