// Unions and intersections of type terms (spec: General interfaces).
//
// With ∅ never stored, a list is a normalised union. Overlapping terms always contain one another (T ⊆ ~T), so a union of
// two overlapping terms is the larger one and their intersection the smaller one.
#include "types/generics.h"

namespace gale::types {
namespace {

// The smaller of two overlapping terms; false: they are disjoint.
bool intersect(const Term& x, const Term& y, Term* out) {
  if (x.is_all() || y.is_all()) {
    *out = x.is_all() ? y : x;
    return true;
  }
  if (x.disjoint(y)) return false;
  *out = !x.tilde || y.tilde ? x : y;
  return true;
}

void add(TermList* list, const Term& t) {
  for (const Term& x : *list) {
    if (t.subset_of(x)) return;
  }
  if (t.is_all()) {
    list->assign(1, t);
    return;
  }
  // A larger term takes the place of the first that it contains.
  size_t kept = 0;
  bool placed = false;
  for (size_t i = 0; i < list->size(); i++) {
    Term x = (*list)[i];
    if (x.subset_of(t)) {
      if (placed) continue;
      x = t;
      placed = true;
    }
    (*list)[kept++] = x;
  }
  list->resize(kept);
  if (!placed) list->push_back(t);
}

}  // namespace

bool Term::includes(Type* t) const {
  if (is_all()) return true;
  return identical(type, tilde ? underlying(t) : t);
}

bool Term::disjoint(const Term& y) const {
  Type* a = y.tilde ? underlying(type) : type;
  Type* b = tilde ? underlying(y.type) : y.type;
  return !identical(a, b);
}

bool Term::subset_of(const Term& y) const {
  if (y.is_all()) return true;
  if (is_all() || disjoint(y)) return false;
  return !tilde || y.tilde;
}

bool is_all(std::span<const Term> list) { return list.size() == 1 && list[0].is_all(); }

TermList union_of(std::span<const Term> x, std::span<const Term> y) {
  TermList out;
  for (const Term& t : x) add(&out, t);
  for (const Term& t : y) add(&out, t);
  return out;
}

TermList intersection(std::span<const Term> x, std::span<const Term> y) {
  TermList out;
  for (const Term& a : x) {
    for (const Term& b : y) {
      Term t;
      if (intersect(a, b, &t)) add(&out, t);
    }
  }
  return out;
}

bool subset_of(std::span<const Term> x, std::span<const Term> y) {
  for (const Term& a : x) {
    bool found = false;
    for (const Term& b : y) found = found || a.subset_of(b);
    if (!found) return false;
  }
  return true;
}

bool equal(std::span<const Term> x, std::span<const Term> y) {
  return x.data() == y.data() ? x.size() == y.size() : subset_of(x, y) && subset_of(y, x);
}

}  // namespace gale::types
