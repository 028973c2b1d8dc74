// SSA construction on the fly (Braun et al. 2013). Phis are made for every join that is asked about and filled from a work
// list (no recursion); those that turn out trivial are removed once at the end, together with blocks that control cannot reach.
#include <algorithm>

#include <absl/container/flat_hash_map.h>

#include "lower/ssa_state.h"

namespace gale::lower {

uint32_t Body::new_ssa(Ty ty) {
  ssa_->types.push_back(ty);
  return static_cast<uint32_t>(ssa_->types.size() - 1);
}

void Body::write_ssa(uint32_t var, ValueId v) {
  if (!block.valid()) return;
  ssa_->definitions[Ssa::key(block, var)] = v;
}

BlockId Body::new_block() {
  const BlockId b = func.add_block();
  return b;
}

ValueId Body::read_ssa(uint32_t var) {
  if (!block.valid()) block = new_block(), ssa_->sealed[block] = 1;
  const ValueId v = ssa_->read(func, block, var);
  ssa_->fill(func);
  return v;
}

void Body::seal(BlockId b) {
  if (ssa_->sealed.get(b)) return;
  ssa_->sealed[b] = 1;
  auto it = ssa_->incomplete.find(b);
  if (it == ssa_->incomplete.end()) return;
  for (auto [var, phi] : it->second) ssa_->to_fill.push_back({phi, var});
  ssa_->incomplete.erase(it);
  ssa_->fill(func);
}

ValueId Body::Ssa::read(ir::Func& f, BlockId b, uint32_t var) {
  BlockId at = b;
  std::vector<BlockId> passed;
  ValueId v;
  while (true) {
    auto it = definitions.find(key(at, var));
    if (it != definitions.end()) {
      v = it->second;
      break;
    }
    passed.push_back(at);
    if (!sealed.get(at)) {
      v = f.add_phi(at, types[var]);
      incomplete[at].push_back({var, v});
      break;
    }
    const std::vector<BlockId>& preds = f.blocks[at].preds;
    if (preds.empty()) {  // never written, or unreachable
      v = f.make(at, Op::Const, types[var], std::span<const ValueId>{});
      if (types[var] == Ty::F32 || types[var] == Ty::F64) f.values[v].op = Op::ConstF;
      std::vector<ValueId>& values = f.blocks[at].values;
      size_t where = 0;
      while (where < values.size() && (f.values[values[where]].op == Op::Phi || f.values[values[where]].op == Op::Param ||
                                       f.values[values[where]].op == Op::Closure)) {
        where++;
      }
      values.insert(values.begin() + static_cast<std::ptrdiff_t>(where), v);
      break;
    }
    // The targets of a jump table may have one predecessor many times.
    if (std::all_of(preds.begin(), preds.end(), [&](BlockId p) { return p == preds[0]; })) {
      at = preds[0];
      continue;
    }
    v = f.add_phi(at, types[var]);
    to_fill.push_back({v, var});
    break;
  }
  for (BlockId p : passed) definitions[key(p, var)] = v;
  return v;
}

void Body::Ssa::fill(ir::Func& f) {
  if (filling) return;
  filling = true;
  while (!to_fill.empty()) {
    const auto [phi, var] = to_fill.back();
    to_fill.pop_back();
    const BlockId b = f.values[phi].block;
    const size_t n = f.blocks[b].preds.size();
    std::span<ValueId> args = f.arena.make_array<ValueId>(n);
    for (size_t i = 0; i < n; i++) args[i] = read(f, f.blocks[b].preds[i], var);
    f.values[phi].args = args;
  }
  filling = false;
}

namespace {

// Removes blocks that control cannot reach, with their edges and phi arguments.
void remove_unreachable(ir::Func& f) {
  std::vector<uint8_t> seen(f.blocks.size());
  std::vector<BlockId> work{f.entry};
  if (f.defers.return_block.valid()) work.push_back(f.defers.return_block);
  for (BlockId b : work) seen[b.index] = 1;
  while (!work.empty()) {
    const BlockId b = work.back();
    work.pop_back();
    for (BlockId s : f.blocks[b].succs) {
      if (!seen[s.index]) {
        seen[s.index] = 1;
        work.push_back(s);
      }
    }
  }
  for (uint32_t i = 0; i < f.blocks.size(); i++) {
    ir::Block& block = f.blocks[BlockId(i)];
    if (!seen[i]) {
      for (ValueId v : block.values) f.values[v].block = BlockId();
      block.values.clear();
      block.succs.clear();
      block.preds.clear();
      block.term = ir::TermKind::None;
      block.return_args.clear();
      block.control = ValueId();
      block.removed = true;
      continue;
    }
    bool dead_pred = false;
    for (BlockId p : block.preds) dead_pred |= !seen[p.index];
    if (!dead_pred) continue;
    std::vector<size_t> kept;
    for (size_t p = 0; p < block.preds.size(); p++) {
      if (seen[block.preds[p].index]) kept.push_back(p);
    }
    for (ValueId v : block.values) {
      ir::Value& value = f.values[v];
      if (value.op != Op::Phi) break;
      std::span<ValueId> args = f.arena.make_array<ValueId>(kept.size());
      for (size_t k = 0; k < kept.size(); k++) args[k] = value.args[kept[k]];
      value.args = args;
    }
    std::vector<BlockId> preds;
    for (size_t k : kept) preds.push_back(block.preds[k]);
    block.preds = std::move(preds);
  }
}

}  // namespace

void Body::end() {
  for (uint32_t i = 0; i < func.blocks.size(); i++) seal(BlockId(i));
  for (uint32_t i = 0; i < func.blocks.size(); i++) {
    // Blocks that were left open are unreachable (a label that nothing jumps to, code after a panic).
    ir::Block& b = func.blocks[BlockId(i)];
    if (b.term == ir::TermKind::None) b.term = ir::TermKind::Unreachable;
  }
  remove_unreachable(func);
  // Trivial phis: all arguments are one value (or the phi itself).
  std::vector<ValueId> replaced(func.values.size());
  auto find = [&](ValueId v) {
    while (replaced[v.index].valid()) {
      const ValueId next = replaced[v.index];
      if (replaced[next.index].valid()) replaced[v.index] = replaced[next.index];
      v = next;
    }
    return v;
  };
  std::vector<std::vector<ValueId>> users(func.values.size());
  std::vector<ValueId> work;
  for (uint32_t i = 0; i < func.blocks.size(); i++) {
    for (ValueId v : func.blocks[BlockId(i)].values) {
      if (func.values[v].op != Op::Phi) continue;
      work.push_back(v);
      for (ValueId a : func.values[v].args) {
        if (func.values[a].op == Op::Phi && a != v) users[a.index].push_back(v);
      }
    }
  }
  bool any = false;
  while (!work.empty()) {
    const ValueId v = work.back();
    work.pop_back();
    if (replaced[v.index].valid()) continue;
    ValueId same;
    bool trivial = true;
    for (ValueId a : func.values[v].args) {
      a = find(a);
      if (a == v || a == same) continue;
      if (same.valid()) {
        trivial = false;
        break;
      }
      same = a;
    }
    if (!trivial || !same.valid()) continue;
    replaced[v.index] = same;
    any = true;
    for (ValueId u : users[v.index]) {
      work.push_back(u);
      if (func.values[same].op == Op::Phi) users[same.index].push_back(u);
    }
  }
  if (!any) return;
  for (uint32_t i = 0; i < func.blocks.size(); i++) {
    ir::Block& b = func.blocks[BlockId(i)];
    std::erase_if(b.values, [&](ValueId v) {
      if (!replaced[v.index].valid()) return false;
      func.values[v].block = BlockId();
      return true;
    });
    for (ValueId v : b.values) {
      for (ValueId& a : func.values[v].args) a = find(a);
    }
    if (b.control.valid()) b.control = find(b.control);
    for (ValueId& a : b.return_args) a = find(a);
  }
}

void Body::jump(BlockId to) {
  if (!block.valid()) return;
  func.blocks[block].pos = pos;
  func.jump(block, to);
  block = BlockId();
}

void Body::branch(ValueId cond, BlockId if_true, BlockId if_false, int8_t likely) {
  if (!block.valid()) return;
  int64_t known;
  if (if_true == if_false) return jump(if_true);
  if (ir::is_const(func, cond, &known)) return jump(known != 0 ? if_true : if_false);
  func.blocks[block].pos = pos;
  func.branch(block, cond, if_true, if_false, likely);
  block = BlockId();
}

void Body::unreachable() {
  if (!block.valid()) return;
  func.blocks[block].term = ir::TermKind::Unreachable;
  func.blocks[block].pos = pos;
  block = BlockId();
}

}  // namespace gale::lower
