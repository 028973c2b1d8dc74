// Changes to the control-flow graph that keep predecessor lists and phis in step.
#pragma once

#include <vector>

#include "ir/func.h"

namespace gale::opt {

// Removes one edge from -> to (of several the one with that ordinal in to.preds) and the phi arguments that belong to it.
// from.succs is the caller's to mend.
void remove_pred(ir::Func& f, ir::BlockId from, ir::BlockId to, size_t occurrence = 0);

// Takes the call f[block].values[at] and the Results behind it out of the block's list; gives the Results.
std::vector<ir::ValueId> take_call(ir::Func& f, ir::BlockId block, size_t at);

// `to` ends as `from` did, which has no terminator and successors then.
void move_exit(ir::Func& f, ir::BlockId from, ir::BlockId to);

// Cuts `block` before its value number `at`: the rest and the terminator go to a new block, which is given back. `block` has no
// terminator then.
ir::BlockId split_block(ir::Func& f, ir::BlockId block, size_t at);

// Makes `block` end in a jump to its successor number `keep`, dropping its other edges.
void keep_one_successor(ir::Func& f, ir::BlockId block, size_t keep);

// All uses of each v with replacement[v] valid become uses of the replacement (chains are followed).
void replace_uses(ir::Func& f, SideTable<ir::ValueId, ir::ValueId>& replacement);

}  // namespace gale::opt
