// The order in which packages are initialised (spec: Program initialization).
#pragma once

#include <span>
#include <vector>

namespace gale::types {
struct Package;
}

namespace gale::discover {

// All packages that main (may be null) and `runtime` (may be null) import, directly or not, with themselves; each after
// those it imports.
std::vector<types::Package*> import_closure(types::Package* main_package, types::Package* runtime);

// As gc's linker orders them: first runtime and what it imports, then the others; in each part, again and again the first
// by import path among those whose imports are initialised.
std::vector<types::Package*> initialisation_order(std::span<types::Package* const> packages, types::Package* runtime);

}  // namespace gale::discover
