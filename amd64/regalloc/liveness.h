// Liveness and next-use distances of virtual registers.
//
// A position is local to its block: instruction i stands at position[i]; a call counts as kCallDistance instructions, since
// it empties all registers: a value whose next use lies beyond a call is better in its slot. Rematerialised values have no
// liveness across blocks.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "amd64/inst.h"

namespace gale::amd64 {

constexpr uint32_t kCallDistance = 128;
constexpr uint32_t kColdDistance = 64;   // added on the way into a cold block
constexpr uint32_t kExitDistance = 48;   // added on the way out of a loop
constexpr uint32_t kFar = 1 << 20;       // live, but the use is not known (first pass over a back edge)

struct LiveIn {
  VReg vreg;
  uint32_t distance;  // to the next use, from the start of the block
};

struct Liveness {
  std::vector<std::vector<LiveIn>> live_in;        // by block
  std::vector<std::vector<uint32_t>> phi_distance; // by block and phi: kNever: dead
  std::vector<uint32_t> length;                    // by block: position of its end
  std::vector<std::array<uint16_t, 2>> pressure;   // by block: most values alive at once, integers and floats
  std::vector<Reg> hint;                           // by vreg: register of its nearest fixed use, or kAnyReg
};

// Fills Operand::next and Inst::flags_live too.
Liveness find_liveness(MFunc& f);

constexpr uint32_t step_of(const Inst& inst) { return inst.clobbers == kAllMask ? kCallDistance : 1; }

}  // namespace gale::amd64
