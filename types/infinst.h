// Instantiation graph of a package: type parameters and local types as vertices, an edge where a type that mentions one is
// the argument for another. A cycle on which the type grows needs infinitely many instances.
#pragma once

#include <span>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "types/checker.h"

namespace gale::types {

class InstanceGraph {
 public:
  explicit InstanceGraph(Package* package) : package_(package) {}

  void assign(Pos pos, TypeParam* param, Type* arg);
  // A method's receiver type parameter is that of its type.
  void same(TypeParam* method_param, TypeParam* type_param) { same_[method_param] = type_param; }
  void report_cycle(Checker& c);  // the first, if there is one

 private:
  struct Vertex {
    TypeName* object;  // of the type parameter or local type
    int weight = 0;    // of the heaviest path to here that is known
    int previous = -1;  // its last edge
    int length = 0;
  };
  struct Edge {
    int to, from, weight;
    Pos pos;
    Type* type;
  };

  void flow(Pos pos, TypeParam* param, Type* arg, Type* part);
  int param_vertex(TypeParam* p);
  int local_type_vertex(Named* n);  // -1: it is not parameterised by an enclosing function
  int add_vertex(TypeName* o);
  void report(Checker& c, int vertex);

  Package* package_;
  std::vector<Vertex> vertices_;
  std::vector<Edge> edges_;
  absl::flat_hash_map<const TypeParam*, TypeParam*> same_;
  absl::flat_hash_map<const TypeName*, int> index_;
};

}  // namespace gale::types
