// Symbols that the C++ half of the runtime defines (gates.def, DATA_SYMBOL of symbols.def). A Go definition of the same name
// is a portable stand-in, or another package's view of the variable, and is left out.
#pragma once

#include "base/symbol.h"

namespace gale::driver {

bool defined_by_runtime(Symbol symbol);

}  // namespace gale::driver
