// Facts about function bodies that lowering needs before it starts: which variables are captured, have their address
// taken or are assigned again (kept in Var::middle), which variables a literal refers to, whether there are defers.
#pragma once

#include <cstdint>
#include <vector>

#include "types/object.h"

namespace gale::lower {

enum VarFact : uint32_t {
  kCaptured = 1,      // used in a literal (or range-over-func body) below the function that declares it
  kAddressTaken = 2,  // &v, method call with pointer receiver, slice of an array
  kReassigned = 4,    // assigned after its declaration
};

struct FunctionFacts {
  bool has_defer = false, defer_in_loop = false, has_recover = false;
  uint32_t defer_count = 0;
  std::vector<types::Var*> used;  // local variables of outside functions that are mentioned, in order of mention, each once
};

}  // namespace gale::lower
