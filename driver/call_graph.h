// The call graph of a program's mid-level IR and an order in which callees come before their callers.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "ir/func.h"

namespace gale::driver {

// A strongly connected component: functions that call each other, in order of their numbers; usually one.
struct CallCycle {
  std::vector<uint32_t> functions;
  std::vector<uint32_t> callers;  // cycles that wait for this one
  uint32_t callees = 0;           // cycles that this one waits for
};

struct CallGraph {
  explicit CallGraph(const std::vector<std::unique_ptr<ir::Func>>& funcs);

  absl::flat_hash_map<Symbol, uint32_t> index;  // of each function
  std::vector<CallCycle> cycles;                // callees before callers
};

}  // namespace gale::driver
