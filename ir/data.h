// Data: one piece of static memory as `lower` makes it: string constants, closure objects of plain functions, package
// variables and what they point to. rtdata's output goes to the linker directly; this becomes a link::Definition 1:1.
#pragma once

#include <cstdint>
#include <vector>

#include "base/symbol.h"

namespace gale::types {
struct Type;
}

namespace gale::ir {

enum class DataKind : uint8_t {
  ReadOnly,  // rodata; may hold addresses
  String,    // bytes of a string constant, no relocations, align 1
  Data,      // initialised and writable; `type` gives the pointer mask
  Bss,       // zero at start, `size` counts
};

// The 8-byte address of symbol + addend at `offset`.
struct DataReloc {
  uint64_t offset = 0;
  Symbol symbol;
  int64_t addend = 0;
  bool weak = false;
};

struct Data {
  Symbol name;
  DataKind kind = DataKind::ReadOnly;
  uint32_t align = 1;
  uint64_t size = 0;                // >= bytes.size(); the rest is zero
  std::vector<uint8_t> bytes;
  std::vector<DataReloc> relocs;    // by ascending offset
  std::vector<uint8_t> pointer_mask;  // Data, Bss: bit i of byte i/8: word i is a pointer; empty: none
  types::Type* type = nullptr;      // canonical type of what lies there, or null
  bool dup_ok = false;              // several functions may make it, all alike
  bool string_variable = false;     // a package variable of type string: -X may set it
};

}  // namespace gale::ir
