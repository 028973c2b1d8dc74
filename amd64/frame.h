// Layout of a stack frame (ABI.md section 4), high to low:
//   stack arguments, return pc, saved RBP <- RBP, pointer slots, Locals with pointers (first those to be cleared), scalar slots, other Locals, outgoing area <- RSP
// A function without calls, slots and Locals has no frame at all.
#pragma once

#include <vector>

#include "amd64/inst.h"

namespace gale::amd64 {

struct Frame {
  bool exists = false;          // RBP is pushed
  uint32_t size = 0;            // bytes below the saved RBP
  uint32_t zero_low = 0, zero_high = 0;  // [RBP - zero_low, RBP - zero_high) is cleared at entry: unwritten_locals
  bool checks_stack = false;
  std::vector<int32_t> locals;  // offset from RBP of each Local
  int32_t pointer_base = 0, scalar_base = 0;  // slot i of a kind is at RBP - base - 8*(i + 1)

  int32_t slot_offset(const MFunc& f, VReg v) const {
    int32_t base = f.vregs[v].is_pointer() ? pointer_base : scalar_base;
    return -base - 8 * (f.slot[v] + 1);
  }
  static int32_t incoming_base(bool made) { return made ? 16 : 8; }  // from RBP, or from RSP before a frame is made
};

Frame lay_out_frame(const MFunc& f);

}  // namespace gale::amd64
