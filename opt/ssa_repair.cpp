#include "opt/ssa_repair.h"

#include "base/check.h"

namespace gale::opt {

using ir::BlockId;
using ir::Op;
using ir::Ty;
using ir::ValueId;

ValueId SsaRepair::at_end(BlockId block, Ty ty) {
  auto it = at_end_.find(block.index);
  return it != at_end_.end() ? it->second : at_start(block, ty);
}

ValueId SsaRepair::at_start(BlockId block, Ty ty) {
  // Straight runs without recursion.
  std::vector<uint32_t> run;
  ValueId found;
  for (;;) {
    if (auto it = at_start_.find(block.index); it != at_start_.end()) {
      found = it->second;
      break;
    }
    const std::vector<BlockId>& preds = f_[block].preds;
    CHECK(!preds.empty(), "a definition reaches every use");
    run.push_back(block.index);
    if (preds.size() > 1) {
      found = f_.add_phi(block, ty);
      at_start_[block.index] = found;  // before the arguments: they may lead back here
      std::vector<ValueId> args;
      const std::vector<BlockId> from = preds;
      for (BlockId p : from) args.push_back(at_end(p, ty));
      f_[found].args = f_.arena.copy(args);
      break;
    }
    block = preds[0];
    if (auto it = at_end_.find(block.index); it != at_end_.end()) {
      found = it->second;
      break;
    }
  }
  for (uint32_t b : run) at_start_[b] = found;
  return found;
}

void mend_uses(ir::Func& f, absl::FunctionRef<ValueId(ValueId v, BlockId at, bool at_end)> mended) {
  const uint32_t blocks = f.blocks.size();
  for (uint32_t i = 0; i < blocks; i++) {
    const BlockId b(i);
    if (f[b].removed) continue;
    const std::vector<ValueId> values = f[b].values;  // phis may be added in front
    for (ValueId id : values) {
      const bool phi = f[id].op == Op::Phi;
      for (size_t a = 0; a < f[id].args.size(); a++) {
        const ValueId to = mended(f[id].args[a], phi ? f[b].preds[a] : b, phi);
        f[id].args[a] = to;
      }
    }
    f[b].control = mended(f[b].control, b, false);
    for (size_t a = 0; a < f[b].return_args.size(); a++) {
      const ValueId to = mended(f[b].return_args[a], b, false);
      f[b].return_args[a] = to;
    }
  }
}

}  // namespace gale::opt
