// Interface types (spec: Interface types).
#include <algorithm>

#include "types/generics.h"
#include "types/concat.h"
#include "types/private.h"

namespace gale::types {

using namespace syntax;  // NOLINT: this file is about syntax

void Checker::interface_type(Interface* t, InterfaceType* e, Named* def) {
  if (p_->whole_package == env.package) p_->interface_literals.emplace_back(t, e);
  std::vector<Func*> methods;
  std::vector<Type*> embedded;
  std::vector<Pos> embedded_pos;
  for (Field* f : e->methods) {
    if (f->name == nullptr) {
      embedded.push_back(parse_union(f->type_expr));
      embedded_pos.push_back(start_pos(f->type_expr));
      continue;
    }
    if (f->name->name.text() == "_") {
      error_at(f->name, "BlankIfaceMethod", "methods must have a unique non-blank name");
      continue;
    }
    Type* type = typ(f->type_expr);
    if (type->kind != TypeKind::Signature) {
      if (is_valid(type)) {
        error_at(f->type_expr, "InvalidSyntaxTree",
                 concat("invalid syntax tree: ", type_text(type), " is not a method signature"));
      }
      continue;
    }
    auto* sig = static_cast<Signature*>(type);
    // The declared type makes better messages than the interface literal.
    Type* receiver = def != nullptr ? static_cast<Type*>(def) : t;
    sig->receiver = new_var(arena, VarRole::Receiver, f->name->pos, env.package, {}, receiver);
    Func* m = new_func(arena, f->name->pos, env.package, f->name->name, sig);
    m->color = kBlack;
    m->receiver_interface = t;
    f->name->object = m;
    methods.push_back(m);
  }
  std::stable_sort(methods.begin(), methods.end(), method_less);
  t->methods = arena.copy(methods);
  t->embedded = arena.copy(embedded);
  t->embedded_pos = arena.copy(embedded_pos);
  t->complete = true;
  if (methods.empty() && embedded.empty()) {
    t->type_set = kEmptyInterface->type_set;
    return;
  }
  // Errors in the type set are found as soon as all its parts are complete.
  later([this, t] { type_set(t); });
}

}  // namespace gale::types
