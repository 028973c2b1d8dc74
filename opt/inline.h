// What the inliner keeps of a function for its callers.
#pragma once

#include <memory>

#include "opt/passes.h"

namespace gale::opt {

// The size that callers pay when f's body stands for a call, in values; constants and addresses are free.
uint32_t inline_cost(const ir::Func& f);

// Could callers take f's body at this level if it were larger by `growth`?
bool fits_callers(const ir::Func& f, Level level, uint32_t growth = 0);

// A copy of the mid-level body of f for World::inline_body, if f may be inlined at this level; else null.
std::unique_ptr<ir::Func> keep_inline_body(const ir::Func& f, Level level);

}  // namespace gale::opt
