// Building and walking functions.
#include "ir/func.h"

#include <algorithm>

namespace gale::ir {

ValueId Func::make(BlockId block, Op op, Ty ty, std::span<const ValueId> args, int64_t aux, Pos pos) {
  Value v{};
  v.op = op;
  v.ty = ty;
  v.block = block;
  v.args = arena.copy(args);
  v.aux = aux;
  v.pos = pos;
  return values.add(v);
}

ValueId Func::emit(BlockId block, Op op, Ty ty, std::span<const ValueId> args, int64_t aux, Pos pos) {
  ValueId id = make(block, op, ty, args, aux, pos);
  blocks[block].values.push_back(id);
  return id;
}

ValueId Func::add_phi(BlockId block, Ty ty) {
  ValueId id = make(block, Op::Phi, ty, {});
  std::vector<ValueId>& list = blocks[block].values;
  auto at = std::find_if(list.begin(), list.end(), [&](ValueId v) { return values[v].op != Op::Phi; });
  list.insert(at, id);
  return id;
}

void Func::add_edge(BlockId from, BlockId to) {
  blocks[from].succs.push_back(to);
  blocks[to].preds.push_back(from);
}

void Func::jump(BlockId from, BlockId to) {
  blocks[from].term = TermKind::Jump;
  add_edge(from, to);
}

void Func::branch(BlockId from, ValueId cond, BlockId if_true, BlockId if_false, int8_t likely) {
  blocks[from].term = TermKind::If;
  blocks[from].control = cond;
  blocks[from].likely = likely;
  add_edge(from, if_true);
  add_edge(from, if_false);
}

bool is_const(const Func& f, ValueId v, int64_t* value) {
  while (f[v].op == Op::Copy) v = f[v].args[0];
  if (f[v].op != Op::Const) return false;
  *value = f[v].aux;
  return true;
}

std::vector<BlockId> reverse_postorder(const Func& f) {
  std::vector<BlockId> order;
  std::vector<uint8_t> seen(f.blocks.size());
  struct Frame {
    BlockId block;
    uint32_t next;
  };
  std::vector<Frame> stack;
  auto visit = [&](BlockId root) {
    if (!root.valid() || seen[root.index]) return;
    seen[root.index] = 1;
    stack.push_back({root, 0});
    while (!stack.empty()) {
      Frame& top = stack.back();
      const Block& b = f[top.block];
      if (top.next < b.succs.size()) {
        BlockId s = b.succs[top.next++];
        if (!seen[s.index]) {
          seen[s.index] = 1;
          stack.push_back({s, 0});
        }
      } else {
        order.push_back(top.block);
        stack.pop_back();
      }
    }
  };
  // The defer-return block first, so that in the reversed list it comes last unless entry reaches it.
  visit(f.defers.return_block);
  visit(f.entry);
  std::reverse(order.begin(), order.end());
  return order;
}

}  // namespace gale::ir
