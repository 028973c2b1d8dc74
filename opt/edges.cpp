#include "opt/edges.h"

#include <algorithm>
#include <vector>

namespace gale::opt {

using ir::BlockId;
using ir::Op;
using ir::ValueId;

void remove_pred(ir::Func& f, BlockId from, BlockId to, size_t occurrence) {
  std::vector<BlockId>& preds = f[to].preds;
  auto at = std::find(preds.begin(), preds.end(), from);
  for (; occurrence > 0 && at != preds.end(); occurrence--) at = std::find(at + 1, preds.end(), from);
  if (at == preds.end()) return;
  size_t index = at - preds.begin();
  preds.erase(at);
  for (ValueId v : f[to].values) {
    ir::Value& phi = f[v];
    if (phi.op != Op::Phi) break;
    std::copy(phi.args.begin() + index + 1, phi.args.end(), phi.args.begin() + index);
    phi.args = phi.args.first(phi.args.size() - 1);
  }
}

void keep_one_successor(ir::Func& f, BlockId block, size_t keep) {
  BlockId kept = f[block].succs[keep];
  std::vector<BlockId> succs = f[block].succs;
  for (size_t i = 0; i < succs.size(); i++) {
    if (i == keep) continue;
    // Of several equal edges the one that belongs to `keep` must stay: occurrences in preds stand in the order of succs.
    remove_pred(f, block, succs[i], succs[i] == kept && i > keep ? 1 : 0);
  }
  f[block].succs = {kept};
  f[block].term = ir::TermKind::Jump;
  f[block].control = ValueId();
  f[block].likely = 0;
}

void replace_uses(ir::Func& f, SideTable<ValueId, ValueId>& replacement) {
  auto resolve = [&](ValueId v) {
    if (!v.valid()) return v;
    ValueId to = v;
    while (replacement.get(to).valid()) to = replacement.get(to);
    for (ValueId at = v; replacement.get(at).valid();) {  // shorten the chain
      ValueId next = replacement.get(at);
      replacement[at] = to;
      at = next;
      if (at == to) break;
    }
    return to;
  };
  for (ir::Block& b : f.blocks) {
    if (b.removed) continue;
    for (ValueId v : b.values) {
      for (ValueId& a : f[v].args) a = resolve(a);
    }
    b.control = resolve(b.control);
    for (ValueId& a : b.return_args) a = resolve(a);
  }
}

}  // namespace gale::opt
