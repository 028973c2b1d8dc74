// One instruction with real registers -> bytes. Branches, frames and pseudo registers are resolved by whoever calls
// (function.cpp); a name(SB) operand becomes a 32-bit field relative to the instruction's end.
#pragma once

#include <string>

#include "asm/statement.h"
#include "asm/table.h"

namespace gale::plan9 {

struct Encoded {
  uint8_t bytes[32] = {};
  uint8_t size = 0;
  int8_t field = -1;           // offset of a 4-byte field that holds the address of *target - that of the field + addend
  const Name* target = nullptr;
  int64_t addend = 0;

  void put(uint64_t v, int n = 1) {
    for (int i = 0; i < n && size < sizeof bytes; i++) bytes[size++] = static_cast<uint8_t>(v >> (8 * i));
  }
};

// False: `error` says why, in gc's words ("invalid instruction").
bool encode(const Instruction& i, Encoded* out, std::string* error);
// opcode /digit with a register or memory operand: indirect calls and jumps.
bool encode_indirect(uint8_t opcode, uint8_t digit, const Operand& o, Encoded* out, std::string* error);

}  // namespace gale::plan9
