// Walking the tree without knowing it: the parts of a node in the order of the source, where that order is the tree's.
#pragma once

#include <absl/functional/function_ref.h>

#include "syntax/nodes.h"

namespace gale::syntax {

// Calls `visit` for each direct part of n that is there; bodies that were skimmed are not. Fields that share a type expression
// visit it once.
void for_each_child(const Node* n, absl::FunctionRef<void(const Node*)> visit);

}  // namespace gale::syntax
