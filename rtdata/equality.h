// Closures of a descriptor's Equal and of a map's Hasher (RUNTIME_CONTRACT 3.6, base/abi/hash.def).
#pragma once

#include "base/symbol.h"
#include "discover/references.h"
#include "link/object.h"
#include "types/canonical.h"

namespace gale::rtdata {

// Which function compares values of t, and what it needs.
struct Equality {
  enum Kind : uint8_t {
    NotComparable,
    Runtime,    // `function` of the runtime
    Memory,     // `size` bytes: runtime.memequal_varlen with the size in the closure
    Generated,  // a compiled function of the type: type:.eq.T
  };
  Kind kind = NotComparable;
  Symbol function;
  uint64_t size = 0;
};
Equality equality_of(types::Type* t, types::CanonicalTypes& types);
discover::FunctionInstance equal_function(types::Type* t);

// Empty if t cannot be compared.
Symbol define_equal_closure(types::Type* t, types::CanonicalTypes& types, link::Object& out);
Symbol define_hash_closure(types::Type* key, types::CanonicalTypes& types, link::Object& out);

// What the two closures point to.
void report_equal(types::Type* t, types::CanonicalTypes& types, discover::References& references);
void report_hash(types::Type* key, types::CanonicalTypes& types, discover::References& references);

}  // namespace gale::rtdata
