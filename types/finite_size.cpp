// Does a type have a size yet? Asked of every expression's type: a value of a type whose declaration is being resolved
// (type T [unsafe.Sizeof(T{})]int) is a declaration cycle.
#include <fmt/core.h>

#include "types/private.h"

namespace gale::types {

bool Checker::finite_size(Type* t) {
  t = unalias(t);
  if (t == nullptr) return true;
  switch (t->kind) {
    case TypeKind::Named: {
      Named* n = static_cast<Named*>(t);
      if (n->finite != 0) return n->finite == 1;
      if (n->origin != n) return finite_instance(n);
      if (n->object->color >= kGrey) {
        size_t start = n->object->color - kGrey;
        std::vector<Object*> cycle(object_path.begin() + static_cast<ptrdiff_t>(start), object_path.end());
        size_t first = 0;
        for (size_t i = 1; i < cycle.size(); i++) {
          if (cycle[i]->pos < cycle[first]->pos) first = i;
        }
        cycle_error(cycle, first);
        return false;
      }
      Color color = n->object->color;
      push_object(n->object);
      bool finite = finite_size(n->from_rhs);
      pop_object();
      n->object->color = color;
      n->finite = finite ? 1 : 2;
      return finite;
    }
    case TypeKind::Array:
      return finite_size(static_cast<Array*>(t)->elem);
    case TypeKind::Struct:
      for (Var* f : static_cast<Struct*>(t)->fields) {
        if (!finite_size(f->type)) return false;
      }
      return true;
    default:
      return true;
  }
}

// An instance shares its origin's object, so it has a path of its own.
bool Checker::finite_instance(Named* n) {
  if (n->from_rhs == nullptr) return true;  // not expanded: nobody needs its size
  for (Named* other : p_->finite_path) {
    if (other != n) continue;
    error(n->pos, "InvalidDeclCycle",
          fmt::format("invalid recursive type: {} refers to itself", n->object->name.text()));
    return false;
  }
  p_->finite_path.push_back(n);
  bool finite = finite_size(n->from_rhs);
  p_->finite_path.pop_back();
  n->finite = finite ? 1 : 2;
  return finite;
}

}  // namespace gale::types
