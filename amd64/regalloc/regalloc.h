// Register allocation: virtual registers -> real ones, spill slots, moves.
//
// One forward pass over the blocks, in reverse postorder, with next-use distances (Belady's rule: evict what is needed last).
// Values are in SSA form, so a value that ever needs its slot is stored once, right after its definition, and the slot is
// good for the rest of its life; eviction itself costs nothing. A call empties all registers (Go's ABI has no callee-saved
// ones). Constants and addresses are made again instead of being spilled.
//
//   liveness.cpp   live-in sets and distances
//   allocate.cpp   the pass
//   edges.cpp      parallel moves where control flow joins
//   slots.cpp      spill stores, sharing of slots, pointer slots apart
//   check.cpp      an independent proof of the result
#pragma once

#include <array>
#include <string>
#include <vector>

#include "amd64/inst.h"
#include "amd64/regalloc/liveness.h"

namespace gale::amd64 {

using RegState = std::array<VReg, kNumRegs>;  // what each register holds; kNoVReg: nothing

// What allocate() leaves for the later phases.
struct Allocation {
  explicit Allocation(MFunc& func) : f(func) {}
  MFunc& f;
  Liveness live;
  std::vector<RegState> start, end;   // by block
  std::vector<char> needs_slot;       // by vreg
  std::vector<char> phi_in_slot;      // by vreg: the phi is written to its slot by the edges
  std::vector<uint32_t> edge_moves;   // by block: instructions at its start that resolve_edges put there
};

void register_allocate(MFunc& f);

void allocate(Allocation& a);
void resolve_edges(Allocation& a);
void assign_slots(Allocation& a);

// Proves that each use reads the value it names, whatever path was taken, and that each pointer map names slots that hold their
// values. Empty: all right.
std::string check_allocation(const MFunc& f);

// Inserted instructions.
Inst* make_move(MFunc& f, VReg v, Reg to, Reg from);
Inst* make_load(MFunc& f, VReg v, Reg to);          // from its slot
Inst* make_spill(MFunc& f, VReg v, Reg from);       // to its slot
Inst* make_remat(MFunc& f, VReg v, Reg to, bool flags_free);

}  // namespace gale::amd64
