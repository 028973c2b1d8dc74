// A depth-first walk that takes the ways out of loops first, then cold and unlikely successors: in the reversed finishing order
// they stand last, so loops are contiguous and the likely successor follows its branch.
//
// Cold: what lower said; what ends in no return; what only cold blocks lead to; the unlikely side of a branch.
#include "amd64/block_order.h"

#include <algorithm>

#include "ir/dominators.h"

namespace gale::amd64 {

namespace {

using ir::BlockId;

bool unlikely_edge(const ir::Block& from, size_t succ) {
  return from.term == ir::TermKind::If && (succ == 0 ? from.likely < 0 : from.likely > 0);
}

void find_cold(const ir::Func& f, const std::vector<BlockId>& rpo, std::vector<char>& cold) {
  cold.assign(f.blocks.size(), 0);
  for (BlockId b : rpo) cold[b.index] = f[b].cold || f[b].term == ir::TermKind::Unreachable;
  // Backwards: a block whose ways all lead into cold blocks. (No successors: a return.)
  for (size_t i = rpo.size(); i-- > 0;) {
    const ir::Block& block = f[rpo[i]];
    if (block.succs.empty()) continue;
    if (std::all_of(block.succs.begin(), block.succs.end(), [&](BlockId s) { return cold[s.index] != 0; })) cold[rpo[i].index] = 1;
  }
  // Forwards: by the edges that lead here.
  for (BlockId b : rpo) {
    if (cold[b.index] || b == f.entry || f[b].preds.empty()) continue;
    bool all = true;
    for (BlockId p : f[b].preds) {
      size_t edge = static_cast<size_t>(std::find(f[p].succs.begin(), f[p].succs.end(), b) - f[p].succs.begin());
      all &= cold[p.index] != 0 || unlikely_edge(f[p], edge);
    }
    cold[b.index] = all;
  }
  cold[f.entry.index] = 0;
}

}  // namespace

BlockOrder order_blocks(const ir::Func& f) {
  BlockOrder out;
  out.blocks = ir::reverse_postorder(f);
  out.depth.assign(f.blocks.size(), 0);
  find_cold(f, out.blocks, out.cold);
  if (out.blocks.size() < 3) return out;
  std::vector<uint32_t> position(f.blocks.size(), 0);
  for (size_t i = 0; i < out.blocks.size(); i++) position[out.blocks[i].index] = static_cast<uint32_t>(i);
  bool loops = false;
  for (BlockId b : out.blocks) {
    for (BlockId s : f[b].succs) loops |= position[s.index] <= position[b.index];
  }
  std::vector<int32_t> innermost(f.blocks.size(), -1);
  std::vector<ir::Loop> nest;
  if (loops) {
    ir::Dominators dom(f);
    ir::Loops found(f, dom);
    innermost = found.innermost;
    nest = std::move(found.loops);
    for (BlockId b : out.blocks) {
      if (innermost[b.index] >= 0) out.depth[b.index] = static_cast<uint8_t>(std::min(nest[static_cast<size_t>(innermost[b.index])].depth, 255));
    }
  }
  auto inside = [&](BlockId b, int32_t loop) {
    for (int32_t l = innermost[b.index]; l >= 0; l = nest[static_cast<size_t>(l)].parent) {
      if (l == loop) return true;
    }
    return false;
  };
  // Rank of an edge: the higher, the later in the order.
  auto rank = [&](BlockId from, size_t k) {
    BlockId to = f[from].succs[k];
    int left = 0;
    for (int32_t l = innermost[from.index]; l >= 0 && !inside(to, l); l = nest[static_cast<size_t>(l)].parent) left++;
    return left * 4 + out.cold[to.index] * 2 + unlikely_edge(f[from], k);
  };
  struct Frame {
    BlockId block;
    std::vector<uint32_t> succs;
    size_t next = 0;
  };
  std::vector<char> seen(f.blocks.size(), 0);
  std::vector<BlockId> finished;
  std::vector<Frame> stack;
  auto enter = [&](BlockId b) {
    seen[b.index] = 1;
    Frame frame{b, {}, 0};
    size_t n = f[b].succs.size();
    for (uint32_t k = 0; k < n; k++) frame.succs.push_back(k);
    if (n == 2) {
      if (rank(b, 0) < rank(b, 1)) std::swap(frame.succs[0], frame.succs[1]);
    } else if (n > 2) {
      std::stable_sort(frame.succs.begin(), frame.succs.end(), [&](uint32_t x, uint32_t y) { return rank(b, x) > rank(b, y); });
    }
    stack.push_back(std::move(frame));
  };
  auto visit = [&](BlockId root) {
    if (!root.valid() || seen[root.index]) return;
    enter(root);
    while (!stack.empty()) {
      Frame& top = stack.back();
      if (top.next < top.succs.size()) {
        BlockId s = f[top.block].succs[top.succs[top.next++]];
        if (!seen[s.index]) enter(s);
      } else {
        finished.push_back(top.block);
        stack.pop_back();
      }
    }
  };
  visit(f.defers.return_block);
  visit(f.entry);
  out.blocks.assign(finished.rbegin(), finished.rend());
  return out;
}

}  // namespace gale::amd64
