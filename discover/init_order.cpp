// Order of package initialisation (see init_order.h).
#include "discover/init_order.h"

#include <queue>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "types/object.h"

namespace gale::discover {
namespace {

// Depth first without recursion: chains of imports may be long.
void add_closure(types::Package* root, absl::flat_hash_set<types::Package*>* seen, std::vector<types::Package*>* out) {
  if (root == nullptr || !seen->insert(root).second) return;
  std::vector<std::pair<types::Package*, size_t>> stack = {{root, 0}};
  while (!stack.empty()) {
    auto& [p, next] = stack.back();
    if (next == p->imports.size()) {
      out->push_back(p);
      stack.pop_back();
      continue;
    }
    types::Package* imported = p->imports[next++];
    if (seen->insert(imported).second) stack.push_back({imported, 0});
  }
}

struct LaterPath {
  bool operator()(const types::Package* x, const types::Package* y) const { return y->path.text() < x->path.text(); }
};

// Appends `part` to out, imports outside of it being done.
void append_ordered(std::span<types::Package* const> part, std::vector<types::Package*>* out) {
  absl::flat_hash_set<types::Package*> members(part.begin(), part.end());
  absl::flat_hash_map<types::Package*, std::vector<types::Package*>> importers;
  absl::flat_hash_map<types::Package*, size_t> outstanding;
  std::priority_queue<types::Package*, std::vector<types::Package*>, LaterPath> ready;
  for (types::Package* p : part) {
    size_t n = 0;
    for (types::Package* imported : p->imports) {
      if (!members.contains(imported)) continue;
      importers[imported].push_back(p);
      n++;
    }
    outstanding[p] = n;
    if (n == 0) ready.push(p);
  }
  while (!ready.empty()) {
    types::Package* p = ready.top();
    ready.pop();
    out->push_back(p);
    for (types::Package* importer : importers[p]) {
      if (--outstanding[importer] == 0) ready.push(importer);
    }
  }
}

}  // namespace

std::vector<types::Package*> import_closure(types::Package* main_package, types::Package* runtime) {
  absl::flat_hash_set<types::Package*> seen;
  std::vector<types::Package*> out;
  add_closure(runtime, &seen, &out);
  add_closure(main_package, &seen, &out);
  return out;
}

std::vector<types::Package*> initialisation_order(std::span<types::Package* const> packages, types::Package* runtime) {
  absl::flat_hash_set<types::Package*> seen;
  std::vector<types::Package*> below_runtime, rest, out;
  add_closure(runtime, &seen, &below_runtime);
  for (types::Package* p : packages) {
    if (!seen.contains(p)) rest.push_back(p);
  }
  append_ordered(below_runtime, &out);
  append_ordered(rest, &out);
  return out;
}

}  // namespace gale::discover
