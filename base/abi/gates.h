// gates.h: the rows of gates.def as a table, for the compiler (which symbols exist and their signatures).

#ifndef GALE_BASE_ABI_GATES_H_
#define GALE_BASE_ABI_GATES_H_

namespace gale::abi {

enum class GateKind { CLEAF, LEAF, GATE, PARK, PRESERVE, ASM };

struct GateRow {
  GateKind kind;
  const char* cpp;        // C++ symbol without its prefix rt_
  const char* symbols;    // Go symbols, comma-separated; the first is the name, the rest are aliases
  const char* signature;  // "pw>p"
  const char* flags;      // comma-separated
};

inline constexpr GateRow kGates[] = {
#define GATE(kind, cpp, symbols, signature, flags) {GateKind::kind, #cpp, symbols, signature, flags},
#include "base/abi/gates.def"
#undef GATE
};

}  // namespace gale::abi

#endif  // GALE_BASE_ABI_GATES_H_
