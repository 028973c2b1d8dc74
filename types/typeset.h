// Type sets of interfaces (spec: General interfaces, Interface types): methods, and terms T or ~T.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "types/type.h"

namespace gale::types {

// A set of types: all of them (type null), one type, or with tilde all whose underlying type is `type`.
struct Term {
  bool tilde = false;
  Type* type = nullptr;

  bool is_all() const { return type == nullptr; }
  bool includes(Type* t) const;
  bool subset_of(const Term& y) const;
  bool disjoint(const Term& y) const;  // neither is the set of all types
};

// A union of terms, normalised: pairwise disjoint; no terms: the empty set; the set of all types: exactly one term.
using TermList = std::vector<Term>;

bool is_all(std::span<const Term> list);
TermList union_of(std::span<const Term> x, std::span<const Term> y);
TermList intersection(std::span<const Term> x, std::span<const Term> y);
bool subset_of(std::span<const Term> x, std::span<const Term> y);
bool equal(std::span<const Term> x, std::span<const Term> y);

struct TypeSet {
  std::span<Func*> methods;        // all, embedded ones included: exported first, then by name, then by package
  std::span<const Term> terms;
  bool comparable = false;         // only if terms is the set of all types
  bool invalid = false;            // of a union: an error was reported, ignore it

  bool is_empty() const { return terms.empty(); }
  bool is_method_set() const { return !comparable && types::is_all(terms); }
  bool is_all() const { return is_method_set() && methods.empty(); }  // the set of any
  bool has_terms() const { return !terms.empty() && !types::is_all(terms); }
};

TypeSet* type_set_of(Interface* t);  // computed on first use, errors in it reported then
// The type set of a type parameter's constraint.
TypeSet* constraint_type_set(TypeParam* t);
// The constraint as an interface (wraps ~T, A|B and plain types).
Interface* constraint_interface(TypeParam* t);
bool is_comparable_set(TypeSet* s);

}  // namespace gale::types
