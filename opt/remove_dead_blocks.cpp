// Removes blocks that no path from entry (or recovery) reaches, folds branches whose control is a constant, and joins a
// block with its only successor when that has no other predecessor.
//
// Keeps: order of values, phis of the surviving blocks. Cost: linear in blocks and edges.

#include "opt/edges.h"
#include "opt/pass_list.h"

namespace gale::opt {
namespace {

using ir::BlockId;
using ir::Op;
using ir::TermKind;
using ir::ValueId;

bool fold_branches(ir::Func& f) {
  bool changed = false;
  for (uint32_t i = 0; i < f.blocks.size(); i++) {
    BlockId b(i);
    if (f[b].removed) continue;
    int64_t c = 0;
    if (f[b].term == TermKind::If && (f[b].succs[0] == f[b].succs[1] ? false : ir::is_const(f, f[b].control, &c))) {
      keep_one_successor(f, b, (c & 1) ? 0 : 1);
      changed = true;
    } else if (f[b].term == TermKind::Switch && ir::is_const(f, f[b].control, &c)) {
      size_t n = f[b].succs.size() - 1;
      uint64_t index = static_cast<uint64_t>(c) - static_cast<uint64_t>(f[b].switch_low);
      keep_one_successor(f, b, index < n ? index : n);
      changed = true;
    }
  }
  return changed;
}

bool drop_unreachable(ir::Func& f) {
  std::vector<uint8_t> live(f.blocks.size());
  for (BlockId b : ir::reverse_postorder(f)) live[b.index] = 1;
  bool changed = false;
  for (uint32_t i = 0; i < f.blocks.size(); i++) {
    BlockId b(i);
    if (live[i] || f[b].removed) continue;
    for (BlockId s : f[b].succs) {
      if (live[s.index]) remove_pred(f, b, s);
    }
    changed = true;
  }
  for (uint32_t i = 0; i < f.blocks.size(); i++) {
    ir::Block& b = f.blocks[BlockId(i)];
    if (live[i] || b.removed) continue;
    for (ValueId v : b.values) f[v].block = BlockId();
    b.values.clear();
    b.succs.clear();
    b.preds.clear();
    b.return_args.clear();
    b.control = ValueId();
    b.term = TermKind::None;
    b.removed = true;
  }
  return changed;
}

// b jumps to s, s has no other way in: their values become one list.
bool join_chains(ir::Func& f) {
  SideTable<ValueId, ValueId> replacement(f.values.size());
  bool changed = false;
  for (uint32_t i = 0; i < f.blocks.size(); i++) {
    BlockId b(i);
    while (!f[b].removed && f[b].term == TermKind::Jump) {
      BlockId s = f[b].succs[0];
      if (s == b || f[s].preds.size() != 1 || s == f.entry || s == f.defers.return_block) break;
      for (ValueId v : f[s].values) {
        if (f[v].op == Op::Phi) {
          replacement[v] = f[v].args[0];
          f[v].block = BlockId();
        } else {
          f[v].block = b;
          f[b].values.push_back(v);
        }
      }
      move_exit(f, s, b);
      f[s] = ir::Block{};
      f[s].removed = true;
      changed = true;
    }
  }
  if (changed) replace_uses(f, replacement);
  return changed;
}

}  // namespace

bool remove_dead_blocks(ir::Func& f, PassContext&) {
  bool changed = fold_branches(f);
  changed |= drop_unreachable(f);
  changed |= join_chains(f);
  return changed;
}

}  // namespace gale::opt
