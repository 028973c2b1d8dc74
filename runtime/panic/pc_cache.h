// pc_cache.h: what walks of stacks ask of the function table at each frame, remembered for the pcs that a thread met last.
//
// An entry is found by the pc alone: the function table never changes. A signal handler that walks a stack may come between
// any two instructions of the thread that uses its cache: while `busy` is set it does without.

#ifndef GALE_RUNTIME_PANIC_PC_CACHE_H_
#define GALE_RUNTIME_PANIC_PC_CACHE_H_

#include "runtime/panic/functable.h"

namespace gale::rt {

struct M;

// A pc in a frame that stopped there.
struct PcPlace {
  Function fn;        // none: not in the function table
  uptr lookup = 0;    // pc to look tables up with: that of the call, if pc is its return address
  i32 sp_delta = 0;   // caller's SP (without the return pc) - SP; C++: 0
  i32 map_row = 0;    // of the pointer maps; C++, none: -1. (All zero while unused: a cache is in .bss)
};

struct PcCache {
  static constexpr u32 kEntries = 64;
  struct Entry {
    u64 key;  // 2*pc + exact; 0: empty
    PcPlace place;
  };
  u32 busy;
  Entry entries[kEntries];
};

// `exact`: the frame stopped at pc itself (innermost, or at a fault); otherwise pc is where a call will return to.
PcPlace place_of(M* m, uptr pc, bool exact);

}  // namespace gale::rt

#endif  // GALE_RUNTIME_PANIC_PC_CACHE_H_
