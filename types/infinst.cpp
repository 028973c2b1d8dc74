// Infinite instantiation (spec: no section; gc's "instantiation cycle"). Bellman-Ford for the heaviest paths: a path as
// long as there are vertices has a cycle of positive weight.
#include "types/infinst.h"

#include <memory>

#include "types/generics.h"
#include "types/private.h"

namespace gale::types {

int InstanceGraph::add_vertex(TypeName* o) {
  vertices_.push_back(Vertex{o});
  return static_cast<int>(vertices_.size()) - 1;
}

int InstanceGraph::param_vertex(TypeParam* p) {
  auto it = same_.find(p);
  if (it != same_.end()) p = it->second;
  auto [entry, fresh] = index_.try_emplace(p->object, -1);
  if (fresh) entry->second = add_vertex(p->object);
  return entry->second;
}

// A type declared in a generic function is another type in each instance: it depends on all type parameters in scope.
int InstanceGraph::local_type_vertex(Named* n) {
  TypeName* o = n->object;
  if (o->package != package_ || o->parent == nullptr || o->parent == package_->scope) return -1;
  auto it = index_.find(o);
  if (it != index_.end()) return it->second;
  int vertex = -1;
  for (Scope* s = o->parent; s != nullptr && s != package_->scope; s = s->parent) {
    for (Object* e : s->objects()) {
      TypeParam* p = e->kind == ObjectKind::TypeName && e->type != nullptr && e->type->kind == TypeKind::TypeParam
                         ? static_cast<TypeParam*>(e->type)
                         : nullptr;
      if (p == nullptr || !(e->pos < o->pos)) continue;
      if (vertex < 0) vertex = add_vertex(o);
      edges_.push_back(Edge{vertex, param_vertex(p), 1, o->pos, p});
    }
  }
  index_[o] = vertex;
  return vertex;
}

void InstanceGraph::flow(Pos pos, TypeParam* param, Type* arg, Type* part) {
  part = unalias(part);
  if (part == nullptr) return;
  auto tuple = [&](Tuple* t) {
    for (size_t i = 0; t != nullptr && i < t->vars.size(); i++) flow(pos, param, arg, t->vars[i]->type);
  };
  auto edge = [&](int from) { edges_.push_back(Edge{param_vertex(param), from, part == arg ? 0 : 1, pos, arg}); };
  switch (part->kind) {
    case TypeKind::TypeParam: return edge(param_vertex(static_cast<TypeParam*>(part)));
    case TypeKind::Named: {
      Named* n = static_cast<Named*>(part);
      int from = local_type_vertex(n->origin != nullptr ? n->origin : n);
      if (from >= 0) edge(from);
      for (Type* a : n->type_args) flow(pos, param, arg, a);
      return;
    }
    case TypeKind::Array: return flow(pos, param, arg, static_cast<Array*>(part)->elem);
    case TypeKind::Slice: return flow(pos, param, arg, static_cast<Slice*>(part)->elem);
    case TypeKind::Pointer: return flow(pos, param, arg, static_cast<Pointer*>(part)->elem);
    case TypeKind::Chan: return flow(pos, param, arg, static_cast<Chan*>(part)->elem);
    case TypeKind::Map:
      flow(pos, param, arg, static_cast<Map*>(part)->key);
      return flow(pos, param, arg, static_cast<Map*>(part)->elem);
    case TypeKind::Interface:
      for (Func* m : type_set_of(static_cast<Interface*>(part))->methods) flow(pos, param, arg, m->type);
      return;
    case TypeKind::Signature:
      tuple(static_cast<Signature*>(part)->params);
      return tuple(static_cast<Signature*>(part)->results);
    case TypeKind::Struct:
      for (Var* f : static_cast<Struct*>(part)->fields) flow(pos, param, arg, f->type);
      return;
    case TypeKind::Basic: case TypeKind::Tuple: case TypeKind::Union: case TypeKind::Alias: return;
  }
}

void InstanceGraph::assign(Pos pos, TypeParam* param, Type* arg) {
  // Cycles stay within a package: imported parameters cannot be instantiated from what they are declared in.
  if (param->object->package != package_) return;
  flow(pos, param, arg, arg);
}

void InstanceGraph::report_cycle(Checker& c) {
  for (bool again = true; again;) {
    again = false;
    for (size_t i = 0; i < edges_.size(); i++) {
      const Edge& e = edges_[i];
      Vertex &from = vertices_[static_cast<size_t>(e.from)], &to = vertices_[static_cast<size_t>(e.to)];
      int weight = from.weight + e.weight;
      if (weight <= to.weight) continue;
      to.previous = static_cast<int>(i);
      to.length = from.length + 1;
      if (to.length == static_cast<int>(vertices_.size())) {
        report(c, e.to);
        return;
      }
      to.weight = weight;
      again = true;
    }
  }
}

// The path that ends at `vertex` has a cycle: walk back to it.
void InstanceGraph::report(Checker& c, int vertex) {
  std::vector<int> stack;
  std::vector<bool> seen(vertices_.size());
  auto edge_to = [&](int v) -> const Edge& { return edges_[static_cast<size_t>(vertices_[static_cast<size_t>(v)].previous)]; };
  while (!seen[static_cast<size_t>(vertex)]) {
    stack.push_back(vertex);
    seen[static_cast<size_t>(vertex)] = true;
    vertex = edge_to(vertex).from;
  }
  size_t start = 0;
  while (stack[start] != vertex) start++;
  ErrorBuilder err(c, "InvalidInstanceCycle");
  err.add(vertices_[static_cast<size_t>(vertex)].object->pos, "instantiation cycle:");
  for (size_t i = start; i < stack.size(); i++) {
    const Edge& e = edge_to(stack[i]);
    TypeName* o = vertices_[static_cast<size_t>(e.to)].object;
    bool is_param = o->type != nullptr && o->type->kind == TypeKind::TypeParam;
    err.add(e.pos, std::string(o->name.text()) + (is_param ? " instantiated as " : " implicitly parameterized by ") +
                       type_string(e.type, package_));
  }
  err.report();
}

namespace {
InstanceGraph& graph_of(Checker& c, Package* p) {
  std::unique_ptr<InstanceGraph>& g = c.p_->instance_graphs[p];
  if (g == nullptr) g = std::make_unique<InstanceGraph>(p);
  return *g;
}
}  // namespace

void Checker::note_instance(Pos pos, std::span<TypeParam* const> params, std::span<Type* const> args,
                            std::span<syntax::Expr* const> written) {
  if (params.empty() || params[0]->object->package != env.package) return;
  InstanceGraph& graph = graph_of(*this, env.package);
  for (size_t i = 0; i < params.size() && i < args.size(); i++) {
    graph.assign(i < written.size() ? syntax::start_pos(written[i]) : pos, params[i], args[i]);
  }
}

void Checker::note_receiver_param(TypeParam* method_param, TypeParam* type_param) {
  graph_of(*this, env.package).same(method_param, type_param);
}

void Checker::check_instantiation_cycles(Package* p) {
  auto it = p_->instance_graphs.find(p);
  if (it != p_->instance_graphs.end()) it->second->report_cycle(*this);
}

}  // namespace gale::types
