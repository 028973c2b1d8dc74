// Dominator tree (Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm, 2001) and natural loops.
#pragma once

#include <vector>

#include "ir/func.h"

namespace gale::ir {

// Of the blocks reachable from entry. The defer-return block, which recovery enters from outside, has the entry block as its
// immediate dominator at best.
class Dominators {
 public:
  explicit Dominators(const Func& f);

  BlockId idom(BlockId b) const { return idom_[b.index]; }  // invalid: entry or unreachable
  bool reachable(BlockId b) const { return b.index < order_.size() && order_[b.index] != kUnreachable; }
  bool dominates(BlockId a, BlockId b) const { return in_[a.index] <= in_[b.index] && out_[b.index] <= out_[a.index]; }
  const std::vector<BlockId>& rpo() const { return rpo_; }
  const std::vector<BlockId>& children(BlockId b) const { return children_[b.index]; }

 private:
  static constexpr uint32_t kUnreachable = 0xffffffff;
  void number();
  std::vector<BlockId> rpo_;
  std::vector<uint32_t> order_;  // position in rpo
  std::vector<BlockId> idom_;
  std::vector<std::vector<BlockId>> children_;
  std::vector<uint32_t> in_, out_;  // depth-first numbers of the tree
};

struct Loop {
  BlockId header;
  int32_t parent = -1;            // index of the enclosing loop
  int32_t depth = 1;
  std::vector<BlockId> blocks;    // header first
};

// Natural loops of a reducible graph; an irreducible cycle has no Loop, its blocks belong to the enclosing one.
struct Loops {
  explicit Loops(const Func& f, const Dominators& dom);
  std::vector<Loop> loops;             // an outer loop comes before its inner ones
  std::vector<int32_t> innermost;      // per block: index of its innermost loop, -1: none
  int depth(BlockId b) const { return innermost[b.index] < 0 ? 0 : loops[innermost[b.index]].depth; }
};

}  // namespace gale::ir
