// Mends uses of a value after code that defines it was copied: several definitions, each use sees the one that reaches it.
//
// On demand, as Braun et al. (Simple and Efficient Construction of Static Single Assignment Form, CC 2013) with a complete graph;
// phis that prove trivial are left to fold-constants. Cost: blocks between definitions and uses, per value.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/functional/function_ref.h>

#include <vector>

#include "ir/func.h"

namespace gale::opt {

class SsaRepair {
 public:
  explicit SsaRepair(ir::Func& f) : f_(f) {}
  // From the end of `block` on, the variable is `v`.
  void define(ir::BlockId block, ir::ValueId v) { at_end_[block.index] = v; }
  // What the variable is at the end of `block` or, without a definition there, at its start.
  ir::ValueId at_end(ir::BlockId block, ir::Ty ty);
  ir::ValueId at_start(ir::BlockId block, ir::Ty ty);

 private:
  ir::Func& f_;
  absl::flat_hash_map<uint32_t, ir::ValueId> at_end_, at_start_;
};

// Every use of every value v becomes mended(v, where it is used, at that block's end?): a phi's argument is used at the end of the
// predecessor, all else after the start of its block. `v` may be invalid (no control); phis may be made meanwhile.
void mend_uses(ir::Func& f, absl::FunctionRef<ir::ValueId(ir::ValueId v, ir::BlockId at, bool at_end)> mended);

}  // namespace gale::opt
