#include "opt/edges.h"

#include <algorithm>
#include <utility>
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

std::vector<ValueId> take_call(ir::Func& f, BlockId block, size_t at) {
  std::vector<ValueId>& values = f[block].values;
  const ValueId call = values[at];
  std::vector<ValueId> results;
  size_t end = at + 1;
  for (; end < values.size() && f[values[end]].op == Op::Result && f[values[end]].args[0] == call; end++) results.push_back(values[end]);
  for (ValueId r : results) f[r].block = BlockId();
  f[call].block = BlockId();
  values.erase(values.begin() + static_cast<ptrdiff_t>(at), values.begin() + static_cast<ptrdiff_t>(end));
  return results;
}

void move_exit(ir::Func& f, BlockId from_id, BlockId to_id) {
  ir::Block& from = f[from_id];
  ir::Block& to = f[to_id];
  to.term = std::exchange(from.term, ir::TermKind::None);
  to.control = std::exchange(from.control, ValueId());
  to.return_args = std::exchange(from.return_args, {});
  to.switch_low = from.switch_low;
  to.succs = std::exchange(from.succs, {});
  to.likely = std::exchange(from.likely, 0);
  to.pos = from.pos;
  to.inlined = from.inlined;
  for (BlockId s : to.succs) std::replace(f[s].preds.begin(), f[s].preds.end(), from_id, to_id);
}

BlockId split_block(ir::Func& f, BlockId block, size_t at) {
  const BlockId after = f.add_block();
  ir::Block& from = f[block];
  ir::Block& to = f[after];
  to.values.assign(from.values.begin() + static_cast<ptrdiff_t>(at), from.values.end());
  for (ValueId v : to.values) f[v].block = after;
  from.values.resize(at);
  to.cold = from.cold;
  move_exit(f, block, after);
  return after;
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
