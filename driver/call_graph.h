// The call graph of a program's mid-level IR and an order in which callees come before their callers.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "discover/world_facts.h"
#include "driver/program_data.h"
#include "ir/func.h"

namespace gale::driver {

// Two kinds of edges. Hard: direct calls, and the address of a function that a closure is made of. Soft: what an interface call
// may enter, by world facts, and the code of func values that are constants. A soft edge orders two cycles where that makes no new cycle; else it is left out.

// A strongly connected component: functions that call each other, in order of their numbers; usually one.
struct CallCycle {
  std::vector<uint32_t> functions;
  std::vector<uint32_t> callers;  // cycles that wait for this one
  uint32_t callees = 0;           // cycles that this one waits for
};

struct CallGraph {
  CallGraph(const std::vector<std::unique_ptr<ir::Func>>& funcs, const discover::WorldFacts& facts, const ProgramData& data);

  // Does an edge make `callee` come before `caller`, or are they of one cycle?
  bool comes_before(uint32_t callee, uint32_t caller) const;

  absl::flat_hash_map<Symbol, uint32_t> index;  // of each function
  std::vector<CallCycle> cycles;                // callees before callers by hard edges
  std::vector<uint32_t> cycle_of;               // of each function

 private:
  std::vector<std::vector<uint32_t>> callees_;  // by hard and kept soft edges, sorted
};

}  // namespace gale::driver
