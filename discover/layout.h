// Layout facts of canonical types that lower, rtdata and the optimiser share (RUNTIME_CONTRACT 3.5, 3.6).
#pragma once

#include <cstdint>
#include <vector>

namespace gale::types {
struct Type;
}

namespace gale::discover {

// Bit i of byte i/8: word i of a value of type t holds a pointer for the collector (the first word of an interface does
// not: it points to a type or itab). Covers words up to the last pointer only; empty: no pointers.
std::vector<uint8_t> pointer_mask(types::Type* t);
uint64_t pointer_bytes(types::Type* t);      // prefix of the value that can hold pointers
bool is_direct_iface(types::Type* t);        // pointer-shaped: the value itself is an interface's data word
// Equality of values is equality of their bytes (no padding, floats, strings, interfaces, blank fields).
bool is_plain_memory(types::Type* t);

}  // namespace gale::discover
