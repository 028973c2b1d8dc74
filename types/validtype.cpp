// Types of infinite size: a type must not contain itself other than through pointers, slices, maps, channels, functions
// and interfaces' methods (spec: Struct types; type declarations that are invalid recursive types).
//
// The walk keeps two stacks. `nest` are the types that enclose the one at hand: the walk of a type argument takes place in
// the context of the instance, without the instance itself. `path` are all types on the way, for the message.
#include "types/generics.h"
#include "types/private.h"

namespace gale::types {
namespace {

class ValidType {
 public:
  explicit ValidType(Checker& c) : c_(c) {}

  bool check(Type* t) {
    t = unalias(t);
    if (t == nullptr) return true;
    switch (t->kind) {
      case TypeKind::Array: return check(static_cast<Array*>(t)->elem);
      case TypeKind::Struct:
        for (Var* f : static_cast<Struct*>(t)->fields) {
          if (!check(f->type)) return false;
        }
        return true;
      case TypeKind::Union:
        for (const UnionTerm& term : static_cast<Union*>(t)->terms) {
          if (!check(term.type)) return false;
        }
        return true;
      case TypeKind::Interface:
        for (Type* e : static_cast<Interface*>(t)->embedded) {
          if (!check(e)) return false;
        }
        return true;
      case TypeKind::Named: return check_named(static_cast<Named*>(t));
      case TypeKind::TypeParam: return check_argument(static_cast<TypeParam*>(t));
      default: return true;
    }
  }

 private:
  bool check_named(Named* n) {
    Named* origin = n->origin != nullptr ? n->origin : n;
    if (n == origin && c_.p_->valid_types.contains(n)) return true;
    if (stack_nearly_full()) return true;
    for (Named* e : nest_) {
      if (e != n && (n == origin || !identical(e, n))) continue;
      // n is being declared and contains itself.
      origin->from_rhs = basic(BasicKind::Invalid);
      origin->underlying_type = basic(BasicKind::Invalid);
      report(n);
      return false;
    }
    nest_.push_back(n);
    path_.push_back(n);
    bool ok = check(origin->from_rhs);
    nest_.pop_back();
    path_.pop_back();
    // A type without parameters that was walked to its end needs no second walk.
    // It encloses none of nest_, or that would have been an error.
    if (ok && n == origin && n->type_params.empty() && n->from_rhs != nullptr) c_.p_->valid_types.insert(n);
    return ok;
  }

  // A type parameter stands for the argument of the innermost instance, seen from where that instance is written.
  bool check_argument(TypeParam* p) {
    if (nest_.empty()) return true;
    Named* instance = nest_.back();
    Named* origin = instance->origin != nullptr ? instance->origin : instance;
    for (size_t i = 0; i < origin->type_params.size() && i < instance->type_args.size(); i++) {
      if (origin->type_params[i] != p) continue;
      nest_.pop_back();
      bool ok = check(instance->type_args[i]);
      nest_.push_back(instance);
      return ok;
    }
    return true;
  }

  void report(Named* n) {
    std::vector<Object*> cycle;
    for (Named* p : path_) {
      if (cycle.empty() && !identical(p, n)) continue;
      TypeName* name = p->object;
      if (p->origin != nullptr && p->origin != p) {  // an instance is shown where it is written
        name = c_.arena.make<TypeName>(*p->object);
        name->pos = p->pos;
        name->type = p;
      }
      cycle.push_back(name);
    }
    if (!cycle.empty()) c_.cycle_error(cycle, 0);
  }

  Checker& c_;
  std::vector<Named*> nest_, path_;
};

}  // namespace

void Checker::valid_type(Named* n) { ValidType(*this).check(n); }

}  // namespace gale::types
