// Unions of types in constraints: A | ~B (spec: General interfaces).

#include "types/concat.h"
#include "types/private.h"
#include "types/typeset.h"

namespace gale::types {

using namespace syntax;  // NOLINT: this file is about syntax

namespace {

// The checks for overlap are quadratic.
constexpr size_t kMaxTerms = 100;

std::string term_text(const UnionTerm& t) {
  return concat(t.tilde ? "~" : "", type_string(t.type, nullptr));
}

UnionTerm parse_term(Checker& c, Expr* e) {
  Expr* x = e;
  UnionTerm term{false, nullptr};
  if (auto* op = as<Operation>(e); op != nullptr && op->op == Op::Tilde) {
    x = op->x;
    term.tilde = true;
  }
  term.type = c.typ(x);
  if (is_type_param(term.type)) {
    // go.dev/issue/47127
    if (term.tilde) {
      c.error_at(x, "MisplacedTypeParam", concat("type in term ", expr_string(e), " cannot be a type parameter"));
    } else {
      c.error_at(x, "MisplacedTypeParam", "term cannot be a type parameter");
    }
    term.type = basic(BasicKind::Invalid);
  }
  return term;
}

bool overlap(const UnionTerm& x, const UnionTerm& y) {
  return !Term{x.tilde, x.type}.disjoint(Term{y.tilde, y.type});
}

// Checks the i-th term against the language's rules and the terms before it.
void check_term(Checker& c, std::span<const UnionTerm> terms, size_t i, Expr* at) {
  const UnionTerm& t = terms[i];
  if (!is_valid(t.type)) return;
  Type* u = underlying(t.type);
  Interface* iface = as<Interface>(u);
  if (t.tilde) {
    if (iface != nullptr) {
      c.error_at(at, "InvalidUnion",
                 concat("invalid use of ~ (", c.type_text(t.type), " is an interface)"));
      return;
    }
    if (!identical(u, t.type)) {
      c.error_at(at, "InvalidUnion", concat("invalid use of ~ (underlying type of ", c.type_text(t.type), " is ",
                                                  c.type_text(u), ")"));
      return;
    }
  }
  if (iface != nullptr) {
    TypeSet* set = c.type_set(iface);
    if (!set->methods.empty()) {
      c.error_at(at, "InvalidUnion", concat("cannot use ", term_text(t), " in union (", term_text(t),
                                                  " contains methods)"));
    } else if (t.type == kUniverseComparable) {
      c.error_at(at, "InvalidUnion", "cannot use comparable in union");
    } else if (set->comparable) {
      c.error_at(at, "InvalidUnion", concat("cannot use ", term_text(t), " in union (", term_text(t),
                                                  " embeds comparable)"));
    }
    return;  // interfaces may overlap
  }
  for (size_t j = 0; j < i; j++) {
    if (is_interface(terms[j].type) || !is_valid(terms[j].type) || !overlap(terms[j], t)) continue;
    c.soft_error_at(at, "InvalidUnion",
                    concat("overlapping terms ", term_text(t), " and ", term_text(terms[j])));
    return;
  }
}

}  // namespace

// A Union, or for a single term without tilde its type.
Type* Checker::parse_union(Expr* e) {
  std::vector<Expr*> list;  // the terms' syntax, last one first
  std::vector<Operation*> ors;
  Expr* x = e;
  for (auto* op = as<Operation>(x); op != nullptr && op->op == Op::Or && op->y != nullptr; op = as<Operation>(x)) {
    list.push_back(op->y);
    ors.push_back(op);
    x = op->x;
  }
  list.push_back(x);
  std::vector<Expr*> in_order(list.rbegin(), list.rend());
  std::vector<UnionTerm> terms;
  Type* const invalid = basic(BasicKind::Invalid);
  bool too_many = false;
  for (Expr* term_expr : in_order) {
    UnionTerm term = parse_term(*this, term_expr);
    if (in_order.size() == 1 && !term.tilde) return term.type;
    if (terms.size() < kMaxTerms) {
      terms.push_back(term);
    } else if (!too_many) {
      error_at(term_expr, "InvalidUnion",
               concat("cannot handle more than ", kMaxTerms, " union terms (implementation limitation)"));
      too_many = true;
    }
  }
  if (too_many) return invalid;
  Union* u = new_type<Union>(arena);
  u->terms = arena.copy(terms);
  for (Operation* op : ors) {
    op->mode = Mode::TypeExpr;
    op->type = u;
  }
  e->mode = Mode::TypeExpr;
  e->type = u;
  later([this, u, in_order] {
    for (size_t i = 0; i < u->terms.size(); i++) check_term(*this, u->terms, i, in_order[i]);
  });
  return u;
}

}  // namespace gale::types
