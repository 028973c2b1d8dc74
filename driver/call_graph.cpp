// Cycles by Tarjan's algorithm (Depth-First Search and Linear Graph Algorithms, 1972) with an explicit stack. Cost: linear.
//
// Soft edges: cycles of the graph with all edges are found too. A soft edge between two of those closes no cycle. Inside one
// it is kept if it agrees with the order in which the cycles by hard edges were found, which is an order of their dependence.
#include "driver/call_graph.h"

#include <algorithm>

#include "base/abi/layout.h"

namespace gale::driver {
namespace {

constexpr uint32_t kNone = 0xffffffff;
using Edges = std::vector<std::vector<uint32_t>>;

void sort_unique(std::vector<uint32_t>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

// Gives each node the number of its cycle, callees before callers; the number of cycles.
uint32_t find_cycles(const Edges& hard, const Edges* soft, std::vector<uint32_t>* cycle_of) {
  const auto n = static_cast<uint32_t>(hard.size());
  std::vector<uint32_t> number(n, kNone), low(n), open;
  cycle_of->assign(n, kNone);
  uint32_t clock = 0, cycles = 0;
  struct Frame {
    uint32_t f, next;
  };
  std::vector<Frame> stack;
  for (uint32_t root = 0; root < n; root++) {
    if (number[root] != kNone) continue;
    stack.push_back({root, 0});
    number[root] = low[root] = clock++;
    open.push_back(root);
    while (!stack.empty()) {
      const uint32_t f = stack.back().f;
      const auto hard_edges = static_cast<uint32_t>(hard[f].size());
      const uint32_t edges = hard_edges + (soft == nullptr ? 0 : static_cast<uint32_t>((*soft)[f].size()));
      if (stack.back().next < edges) {
        const uint32_t at = stack.back().next++;
        const uint32_t to = at < hard_edges ? hard[f][at] : (*soft)[f][at - hard_edges];
        if (number[to] == kNone) {
          number[to] = low[to] = clock++;
          open.push_back(to);
          stack.push_back({to, 0});
        } else if ((*cycle_of)[to] == kNone) {
          low[f] = std::min(low[f], number[to]);
        }
        continue;
      }
      stack.pop_back();
      if (!stack.empty()) low[stack.back().f] = std::min(low[stack.back().f], low[f]);
      if (low[f] != number[f]) continue;
      for (uint32_t member = kNone; member != f;) {
        member = open.back();
        open.pop_back();
        (*cycle_of)[member] = cycles;
      }
      cycles++;
    }
  }
  return cycles;
}

}  // namespace

CallGraph::CallGraph(const std::vector<std::unique_ptr<ir::Func>>& funcs, const discover::WorldFacts& facts,
                     const ProgramData& data) {
  const auto n = static_cast<uint32_t>(funcs.size());
  index.reserve(n);
  for (uint32_t i = 0; i < n; i++) index.emplace(funcs[i]->name, i);

  Edges& hard = callees_;
  Edges soft(n);
  hard.resize(n);
  for (uint32_t i = 0; i < n; i++) {
    const ir::Func& f = *funcs[i];
    auto add = [&](Edges& edges, Symbol to) {
      auto it = index.find(to);
      if (it != index.end() && it->second != i) edges[i].push_back(it->second);
    };
    for (const ir::Block& b : f.blocks) {
      if (b.removed) continue;
      for (ir::ValueId v : b.values) {
        const ir::Value& x = f[v];
        if ((x.op == ir::Op::Call || x.op == ir::Op::CallClosure) && x.call != nullptr) {
          add(hard, x.call->callee);
        } else if (x.op == ir::Op::SymAddr) {
          add(hard, x.symbol);
          // A static closure, or a variable that holds one.
          Symbol code = data.at(x.symbol, x.aux, 8).symbol;
          if (!code.empty() && !index.contains(code)) code = data.at(code, 0, 8).symbol;
          if (!code.empty()) add(soft, code);
        } else if (x.op == ir::Op::CallCode && x.call != nullptr && !x.call->method.empty()) {
          for (const discover::WorldFacts::Implementation& m : facts.implementations(x.call->method)) add(soft, m.code);
          const ir::Value& load = f[x.args[0]];
          if (load.op != ir::Op::Load || f[load.args[0]].op != ir::Op::SymAddr) continue;
          add(soft, facts.itab_entry(f[load.args[0]].symbol, static_cast<size_t>(load.aux - abi::ITab::fun) / 8).code);
        }
      }
    }
    sort_unique(hard[i]);
    sort_unique(soft[i]);
  }

  cycles.resize(find_cycles(hard, nullptr, &cycle_of));
  for (uint32_t i = 0; i < n; i++) cycles[cycle_of[i]].functions.push_back(i);
  std::vector<uint32_t> wide;  // cycles by all edges
  find_cycles(hard, &soft, &wide);
  for (uint32_t i = 0; i < n; i++) {
    const size_t before = callees_[i].size();
    for (uint32_t to : soft[i]) {
      if (wide[to] != wide[i] || cycle_of[to] < cycle_of[i]) callees_[i].push_back(to);
    }
    if (callees_[i].size() != before) sort_unique(callees_[i]);
  }

  std::vector<uint32_t> last_caller(cycles.size(), kNone);
  for (uint32_t c = 0; c < cycles.size(); c++) {
    for (uint32_t f : cycles[c].functions) {
      for (uint32_t to : callees_[f]) {
        const uint32_t d = cycle_of[to];
        if (d == c || last_caller[d] == c) continue;
        last_caller[d] = c;
        cycles[d].callers.push_back(c);
        cycles[c].callees++;
      }
    }
  }
}

bool CallGraph::comes_before(uint32_t callee, uint32_t caller) const {
  return cycle_of[callee] == cycle_of[caller] || std::binary_search(callees_[caller].begin(), callees_[caller].end(), callee);
}

}  // namespace gale::driver
