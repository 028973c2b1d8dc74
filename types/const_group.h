// Repetition of constant expressions: in a parenthesised const declaration a spec without type and values takes those of the
// last spec that had some (spec: Constant declarations).
#pragma once

#include "syntax/nodes.h"

namespace gale::types {

class ConstGroup {
 public:
  struct Spec {
    syntax::Expr* type = nullptr;
    syntax::Expr* values = nullptr;
    bool inherited = false;  // from an earlier spec
  };

  // The type and the values that hold for `d`, the next declaration in the source.
  Spec next(syntax::ConstDecl* d) {
    if (d->group == nullptr || d->group != group_) last_ = nullptr;
    group_ = d->group;
    const bool own = d->type_expr != nullptr || d->values != nullptr;
    if (own) last_ = d;
    return last_ == nullptr ? Spec() : Spec{last_->type_expr, last_->values, !own};
  }
  // Something else than a constant was declared.
  void leave() { group_ = nullptr; }

 private:
  syntax::Group* group_ = nullptr;
  syntax::ConstDecl* last_ = nullptr;
};

}  // namespace gale::types
