// What escape analysis knows of functions before they are optimised.
#pragma once

#include <span>
#include <vector>

#include "opt/passes.h"

namespace gale::opt {

struct CycleMember {
  const ir::Func* function;
  const World* world;  // as this function sees it
};

// Summaries of functions that call each other, from their bodies as lowered. They hold for the optimised bodies, too: passes
// change where objects are put, and this takes those of the members to be on the heap.
std::vector<Summary> summarize_cycle(std::span<const CycleMember> members);

}  // namespace gale::opt
