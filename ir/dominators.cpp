#include "ir/dominators.h"

#include <algorithm>

namespace gale::ir {

Dominators::Dominators(const Func& f)
    : rpo_(reverse_postorder(f)), order_(f.blocks.size(), kUnreachable), idom_(f.blocks.size()),
      children_(f.blocks.size()), in_(f.blocks.size(), 0), out_(f.blocks.size(), 0) {
  // The defer-return block may be entered from outside: treat entry as one more predecessor of it.
  auto at = std::find(rpo_.begin(), rpo_.end(), f.entry);
  if (at != rpo_.end()) std::rotate(rpo_.begin(), at, at + 1);
  for (uint32_t i = 0; i < rpo_.size(); i++) order_[rpo_[i].index] = i;
  std::vector<uint32_t> idom(rpo_.size(), kUnreachable);
  if (rpo_.empty()) return;
  idom[0] = 0;
  auto intersect = [&](uint32_t a, uint32_t b) {
    while (a != b) {
      while (a > b) a = idom[a];
      while (b > a) b = idom[b];
    }
    return a;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t i = 1; i < rpo_.size(); i++) {
      uint32_t best = rpo_[i] == f.defers.return_block ? 0 : kUnreachable;
      for (BlockId p : f[rpo_[i]].preds) {
        uint32_t o = order_[p.index];
        if (o == kUnreachable || idom[o] == kUnreachable) continue;
        best = best == kUnreachable ? o : intersect(best, o);
      }
      if (best != idom[i]) {
        idom[i] = best;
        changed = true;
      }
    }
  }
  for (uint32_t i = 1; i < rpo_.size(); i++) {
    idom_[rpo_[i].index] = rpo_[idom[i]];
    children_[rpo_[idom[i]].index].push_back(rpo_[i]);
  }
  number();
}

void Dominators::number() {
  struct Frame {
    BlockId block;
    uint32_t next;
  };
  uint32_t clock = 0;
  std::vector<Frame> stack{{rpo_[0], 0}};
  in_[rpo_[0].index] = ++clock;
  while (!stack.empty()) {
    Frame& top = stack.back();
    const std::vector<BlockId>& kids = children_[top.block.index];
    if (top.next < kids.size()) {
      BlockId k = kids[top.next++];
      in_[k.index] = ++clock;
      stack.push_back({k, 0});
    } else {
      out_[top.block.index] = ++clock;
      stack.pop_back();
    }
  }
}

Loops::Loops(const Func& f, const Dominators& dom) : innermost(f.blocks.size(), -1) {
  // Headers in reverse postorder: an outer loop's header comes first.
  for (BlockId header : dom.rpo()) {
    std::vector<BlockId> work;
    for (BlockId p : f[header].preds) {
      if (dom.reachable(p) && dom.dominates(header, p)) work.push_back(p);
    }
    if (work.empty()) continue;
    Loop loop;
    loop.header = header;
    loop.parent = innermost[header.index];
    loop.depth = loop.parent < 0 ? 1 : loops[loop.parent].depth + 1;
    loop.blocks.push_back(header);
    int32_t index = static_cast<int32_t>(loops.size());
    innermost[header.index] = index;
    while (!work.empty()) {
      BlockId b = work.back();
      work.pop_back();
      if (innermost[b.index] == index || !dom.reachable(b)) continue;
      innermost[b.index] = index;
      loop.blocks.push_back(b);
      for (BlockId p : f[b].preds) work.push_back(p);
    }
    loops.push_back(std::move(loop));
  }
}

}  // namespace gale::ir
