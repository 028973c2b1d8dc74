// gate.h: what a C++ function behind a row of gates.def sees: Go's multi-word values and the way results go back.

#ifndef GALE_RUNTIME_SYS_GATE_H_
#define GALE_RUNTIME_SYS_GATE_H_

#include "runtime/sys/syscall.h"

// A function of gates.def: C linkage, name rt_<cpp>. GATE: (G*, words...); CLEAF: (words...); PARK: (G*, u64* args) -> Outcome.
#define RT_ENTRY(name) extern "C" __attribute__((used)) rt_##name
#define RT_FN extern "C" __attribute__((used))

namespace gale::rt {

struct GoString {
  const u8* ptr;
  u64 len;
};
struct Pair {  // two result words: RAX, RDX -> RAX, RBX
  u64 first, second;
};
struct GoSlice {
  void* ptr;
  i64 len, cap;
};

enum class Outcome : u32 { kDone = 0, kPark = 1 };

}  // namespace gale::rt

#endif  // GALE_RUNTIME_SYS_GATE_H_
