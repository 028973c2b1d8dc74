// Edges are direct calls and the use of a function's address in making a closure (a literal before its creator). Cycles by
// Tarjan's algorithm (Depth-First Search and Linear Graph Algorithms, 1972) with an explicit stack. Cost: linear.
#include "driver/call_graph.h"

#include <algorithm>

namespace gale::driver {

CallGraph::CallGraph(const std::vector<std::unique_ptr<ir::Func>>& funcs) {
  const auto n = static_cast<uint32_t>(funcs.size());
  index.reserve(n);
  for (uint32_t i = 0; i < n; i++) index.emplace(funcs[i]->name, i);

  std::vector<std::vector<uint32_t>> callees(n);
  for (uint32_t i = 0; i < n; i++) {
    const ir::Func& f = *funcs[i];
    for (const ir::Block& b : f.blocks) {
      if (b.removed) continue;
      for (ir::ValueId v : b.values) {
        const ir::Value& x = f[v];
        Symbol name;
        if ((x.op == ir::Op::Call || x.op == ir::Op::CallClosure) && x.call != nullptr) name = x.call->callee;
        else if (x.op == ir::Op::SymAddr) name = x.symbol;
        else continue;
        auto it = index.find(name);
        if (it != index.end() && it->second != i) callees[i].push_back(it->second);
      }
    }
    std::sort(callees[i].begin(), callees[i].end());
    callees[i].erase(std::unique(callees[i].begin(), callees[i].end()), callees[i].end());
  }

  constexpr uint32_t kNew = 0xffffffff;
  std::vector<uint32_t> number(n, kNew), low(n), cycle_of(n, kNew), open;
  uint32_t clock = 0;
  struct Frame {
    uint32_t f, next;
  };
  std::vector<Frame> stack;
  for (uint32_t root = 0; root < n; root++) {
    if (number[root] != kNew) continue;
    stack.push_back({root, 0});
    number[root] = low[root] = clock++;
    open.push_back(root);
    while (!stack.empty()) {
      const uint32_t f = stack.back().f;
      if (stack.back().next < callees[f].size()) {
        const uint32_t to = callees[f][stack.back().next++];
        if (number[to] == kNew) {
          number[to] = low[to] = clock++;
          open.push_back(to);
          stack.push_back({to, 0});
        } else if (cycle_of[to] == kNew) {
          low[f] = std::min(low[f], number[to]);
        }
        continue;
      }
      stack.pop_back();
      if (!stack.empty()) low[stack.back().f] = std::min(low[stack.back().f], low[f]);
      if (low[f] != number[f]) continue;
      CallCycle cycle;
      for (uint32_t member = kNew; member != f;) {
        member = open.back();
        open.pop_back();
        cycle_of[member] = static_cast<uint32_t>(cycles.size());
        cycle.functions.push_back(member);
      }
      std::sort(cycle.functions.begin(), cycle.functions.end());
      cycles.push_back(std::move(cycle));
    }
  }

  std::vector<uint32_t> last_caller(cycles.size(), kNew);
  for (uint32_t c = 0; c < cycles.size(); c++) {
    for (uint32_t f : cycles[c].functions) {
      for (uint32_t to : callees[f]) {
        const uint32_t d = cycle_of[to];
        if (d == c || last_caller[d] == c) continue;
        last_caller[d] = c;
        cycles[d].callers.push_back(c);
        cycles[c].callees++;
      }
    }
  }
}

}  // namespace gale::driver
