// GOTPCRELX relaxation (x86-64 psABI, "Optimize GOTPCRELX Relocations"): all symbols lie within 2 GiB, so an instruction
// that loads an address from the GOT can nearly always compute it instead.
#pragma once

#include <cstdint>
#include <span>

#include "link/object.h"

namespace gale::link {

// The instruction's two bytes before the field: mov r64,[rip+x] -> lea; call [rip+x] -> addr32 call; jmp [rip+x] -> jmp; nop.
bool can_relax_got(std::span<const uint8_t> bytes, const Reloc& reloc);
// Rewrites the instruction around `field` (in the image) and returns what must be added to the PC-relative value: the
// field of a relaxed jmp starts one byte earlier. *field_offset_change is 0 or -1.
void relax_got(uint8_t* field, int* field_offset_change);

}  // namespace gale::link
