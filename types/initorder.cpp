// The order in which a package's variables are initialised (spec: Package initialization).
//
// Nodes are constants and variables; an edge says that one's initialiser mentions the other, directly or through
// functions. Nodes without outstanding dependencies are emitted in order of declaration; when none is left but nodes
// remain, there is a cycle. Dependencies of bodies that have not been checked are not known, which is harmless: what such
// a body would reach is initialised only if somebody reaches the body, who has it checked first.
#include <algorithm>
#include <queue>

#include "types/concat.h"
#include "types/private.h"

namespace gale::types {

namespace {

bool is_value(const Object* o) { return o->kind == ObjectKind::Const || o->kind == ObjectKind::Var; }

struct Node {
  Object* object;
  std::vector<uint32_t> dependents;  // nodes whose initialiser needs this one
  uint32_t outstanding = 0;
  bool emitted = false;
};

struct Entry {
  bool is_const;
  uint32_t outstanding;
  uint32_t order;
  uint32_t node;
  // Constants come first (go.dev/issue/66575), then what has the fewest dependencies, then source order.
  bool operator<(const Entry& o) const {  // for a max-heap: "comes later"
    if (is_const != o.is_const) return !is_const;
    if (outstanding != o.outstanding) return outstanding > o.outstanding;
    return order > o.order;
  }
};

class InitOrder {
 public:
  InitOrder(Checker& c, Package* p) : c_(c), p_(p) {}
  void run();

 private:
  void build_graph();
  void add_edges(uint32_t node);
  void emit(Node& n);
  std::span<Object* const> deps(const Object* o);
  bool find_path(Object* from, Object* to, absl::flat_hash_set<Object*>& seen, std::vector<Object*>& path);
  void report_cycle(std::span<Object* const> path);

  Checker& c_;
  Package* p_;
  std::vector<Node> nodes_;
  absl::flat_hash_map<const Object*, uint32_t> index_;      // of constants and variables
  absl::flat_hash_map<const Object*, uint32_t> last_seen_;  // 1 + node for which an object was visited last
  absl::flat_hash_set<const DeclInfo*> emitted_;
};

// Without repetitions, in source order.
std::span<Object* const> InitOrder::deps(const Object* o) {
  if (o->decl == nullptr || o->decl->deps == nullptr) return {};
  auto& list = *o->decl->deps;
  auto earlier = [](const Object* a, const Object* b) { return a->order < b->order; };
  if (!std::is_sorted(list.begin(), list.end(), earlier)) std::stable_sort(list.begin(), list.end(), earlier);
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

// The values that a node needs: a walk through the functions that it mentions.
void InitOrder::add_edges(uint32_t node) {
  std::vector<const Object*> work{nodes_[node].object};
  while (!work.empty()) {
    const Object* at = work.back();
    work.pop_back();
    for (Object* d : deps(at)) {
      uint32_t& seen = last_seen_[d];
      if (seen == node + 1) continue;
      seen = node + 1;
      if (!is_value(d)) {
        work.push_back(d);
        continue;
      }
      auto found = index_.find(d);
      if (found == index_.end()) continue;
      nodes_[found->second].dependents.push_back(node);
      nodes_[node].outstanding++;
    }
  }
}

void InitOrder::build_graph() {
  for (Object* o : p_->objects) {
    if (!is_value(o)) continue;
    index_.emplace(o, static_cast<uint32_t>(nodes_.size()));
    nodes_.push_back({o, {}, 0, false});
  }
  for (uint32_t i = 0; i < nodes_.size(); i++) add_edges(i);
}

void InitOrder::emit(Node& n) {
  if (n.object->kind != ObjectKind::Var) return;
  auto* v = static_cast<Var*>(n.object);
  const DeclInfo* d = v->decl;
  // All variables of `var a, b = f()` share one initialiser.
  if (d == nullptr || d->init == nullptr || !emitted_.insert(d).second) return;
  Initializer i;
  if (d->lhs.empty()) {
    i.lhs.push_back(v);
  } else {
    i.lhs.assign(d->lhs.begin(), d->lhs.end());
  }
  i.init = static_cast<syntax::Expr*>(d->init);
  i.decl = d;
  p_->init_order.push_back(std::move(i));
}

void InitOrder::run() {
  p_->init_order.clear();
  build_graph();
  std::priority_queue<Entry> queue;
  auto enqueue = [&](uint32_t i) {
    const Node& n = nodes_[i];
    queue.push({n.object->kind == ObjectKind::Const, n.outstanding, n.object->order, i});
  };
  for (uint32_t i = 0; i < nodes_.size(); i++) enqueue(i);
  while (!queue.empty()) {
    Entry e = queue.top();
    queue.pop();
    Node& n = nodes_[e.node];
    if (n.emitted || e.outstanding != n.outstanding) continue;  // a newer entry stands for it
    n.emitted = true;
    if (n.outstanding > 0) {
      // A node that only leads to a cycle is not reported; the cycle is when one of its nodes is reached.
      std::vector<Object*> path;
      absl::flat_hash_set<Object*> seen;
      if (find_path(n.object, n.object, seen, path)) report_cycle(path);
    }
    for (uint32_t d : n.dependents) {
      if (nodes_[d].outstanding > 0) nodes_[d].outstanding--;
      if (!nodes_[d].emitted) enqueue(d);
    }
    emit(n);
  }
}

// Sets path to the objects on a way between the two, in reverse: to first, then back to from's successor.
bool InitOrder::find_path(Object* from, Object* to, absl::flat_hash_set<Object*>& seen, std::vector<Object*>& path) {
  if (!seen.insert(from).second || stack_nearly_full()) return false;
  for (Object* d : deps(from)) {
    if (d == to || find_path(d, to, seen, path)) {
      path.push_back(d);
      return true;
    }
  }
  return false;
}

void InitOrder::report_cycle(std::span<Object* const> cycle) {
  Object* o = cycle[0];
  if (cycle.size() == 1) {
    c_.error(o->pos, "InvalidInitCycle", concat("initialization cycle: ", o->name.text(), " refers to itself"));
    return;
  }
  ErrorBuilder e(c_, "InvalidInitCycle");
  e.add(o->pos, concat("initialization cycle for ", o->name.text()));
  for (size_t i = cycle.size(); i-- > 0;) {
    Object* next = cycle[i];
    e.add(o->pos, concat(o->name.text(), " refers to ", next->name.text()));
    o = next;
  }
  e.report();
}

}  // namespace

void Checker::check_init_order(Package* p) {
  Package* outer = env.package;
  env.package = p;
  InitOrder(*this, p).run();
  env.package = outer;
}

}  // namespace gale::types
