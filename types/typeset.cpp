// Type sets of interfaces, computed on first use (spec: Interface types). The errors that only a type set shows are
// reported here: duplicate methods and features that the file's language version lacks.
#include "types/typeset.h"

#include <algorithm>

#include "types/generics.h"
#include "types/private.h"

namespace gale::types {
namespace {

constexpr size_t kMaxTerms = 100;  // gc's limit for unions

const Term kAllTerms[1] = {Term{}};

TypeSet* top_type_set() {
  static TypeSet top{{}, kAllTerms, false, false};
  return &top;
}

struct FoundMethod {
  Func* method;
  Pos pos;  // of its specification or of the embedding that brought it
};

// Builds the set of one interface.
class TypeSetBuilder {
 public:
  TypeSetBuilder(Checker* checker, Interface* t) : checker_(checker), interface_(t), terms_(kAllTerms, kAllTerms + 1) {}

  void build(TypeSet* out) {
    for (Func* m : interface_->methods) add_method(m, m->pos, true);
    for (size_t i = 0; i < interface_->embedded.size(); i++) {
      Pos pos = i < interface_->embedded_pos.size() ? interface_->embedded_pos[i] : Pos{};
      add_embedded(interface_->embedded[i], pos);
    }
    std::vector<Func*> methods;
    for (const FoundMethod& f : methods_) methods.push_back(f.method);
    std::stable_sort(methods.begin(), methods.end(), method_less);
    out->methods = type_arena().copy(methods);
    out->terms = type_arena().copy(terms_);
    out->comparable = comparable_;
  }

 private:
  void duplicate(const std::string& name, Pos pos, Pos other) {
    ErrorBuilder error(*checker_, "DuplicateDecl");
    error.add(pos, "duplicate method " + name);
    error.add(other, "other declaration of method " + name);
    error.report();
  }

  FoundMethod* find(Func* m) {
    if (methods_.size() < 16) {
      for (FoundMethod& f : methods_) {
        if (same_id(f.method, m)) return &f;
      }
      return nullptr;
    }
    for (; indexed_ < methods_.size(); indexed_++) by_name_[methods_[indexed_].method->name].push_back(indexed_);
    auto it = by_name_.find(m->name);
    if (it == by_name_.end()) return nullptr;
    for (size_t i : it->second) {
      if (same_id(methods_[i].method, m)) return &methods_[i];
    }
    return nullptr;
  }

  void add_method(Func* m, Pos pos, bool is_explicit) {
    FoundMethod* other = find(m);
    if (other == nullptr) {
      methods_.push_back({m, pos});
      return;
    }
    if (checker_ == nullptr) return;
    std::string name(m->name.text());
    if (is_explicit) {
      duplicate(name, pos, other->pos);
      return;
    }
    // The same method may be embedded twice since Go 1.14, with identical signatures: known once those are set up.
    Func* first = other->method;
    Pos first_pos = other->pos;
    checker_->later([this_checker = checker_, m, first, pos, first_pos, name] {
      if (!(pos.valid() && !this_checker->allow_version("go1.14")) && identical(m->type, first->type)) return;
      ErrorBuilder error(*this_checker, "DuplicateDecl");
      error.add(pos, "duplicate method " + name);
      error.add(first_pos, "other declaration of method " + name);
      error.report();
    });
  }

  // False, with an error: the file's language version is too old for `feature`.
  bool version_allows(Pos pos, const std::string& feature) {
    if (checker_ == nullptr || !pos.valid() || checker_->allow_version("go1.18")) return true;
    checker_->error(pos, "UnsupportedFeature", feature + " requires go1.18 or later");
    return false;
  }

  static bool is_imported_constraint(Checker* c, Type* t) {
    Named* n = as<Named>(t);
    if (n == nullptr || n->object->package == c->env.package || n->object->package == nullptr) return false;
    Interface* u = under_as<Interface>(n);
    return u != nullptr && !type_set_of(u)->is_method_set();
  }

  void add_embedded(Type* t, Pos pos) {
    Type* u = underlying(t);
    switch (u->kind) {
      case TypeKind::Interface: {
        TypeSet* set = type_set_of(static_cast<Interface*>(u));
        if (checker_ != nullptr && is_imported_constraint(checker_, t) &&
            !version_allows(pos, "embedding constraint interface " + checker_->type_text(t))) {
          return;
        }
        for (Func* m : set->methods) add_method(m, pos, false);
        intersect(set->terms, set->comparable);
        return;
      }
      case TypeKind::Union: {
        if (checker_ != nullptr && !version_allows(pos, "embedding interface element " + checker_->type_text(u))) return;
        bool valid = true;
        TermList terms = union_terms(static_cast<Union*>(u), pos, &valid);
        if (valid) intersect(terms, false);
        return;
      }
      default:
        if (is_invalid(u)) return;
        if (checker_ != nullptr && !version_allows(pos, "embedding non-interface type " + checker_->type_text(t))) return;
        intersect(TermList{Term{false, t}}, false);
    }
  }

  void intersect(std::span<const Term> terms, bool comparable) {
    TermList both = intersection(terms_, terms);
    bool comp = comparable_ || comparable;
    if (comp && !is_all(both)) {
      std::erase_if(both, [](const Term& t) { return !strictly_comparable(t.type); });
      comp = false;
    }
    terms_ = std::move(both);
    comparable_ = comp;
  }

  TermList union_terms(Union* u, Pos pos, bool* valid) {
    TermList all;
    for (const UnionTerm& t : u->terms) {
      Type* under = underlying(t.type);
      if (under->kind == TypeKind::Interface) {
        TypeSet* set = type_set_of(static_cast<Interface*>(under));
        all = union_of(all, set->terms);
      } else if (is_invalid(under)) {
        continue;
      } else if (!t.tilde || identical(t.type, under)) {  // else the term is empty, with an error reported elsewhere
        all = union_of(all, TermList{Term{t.tilde, t.type}});
      }
      if (all.size() > kMaxTerms) {
        if (checker_ != nullptr) {
          checker_->error(pos, "InvalidUnion", "cannot handle more than 100 union terms (implementation limitation)");
        }
        *valid = false;
        return {};
      }
    }
    return all;
  }

  Checker* checker_;
  Interface* interface_;
  TermList terms_;
  bool comparable_ = false;
  std::vector<FoundMethod> methods_;
  absl::flat_hash_map<Symbol, std::vector<size_t>> by_name_;
  size_t indexed_ = 0;
};

}  // namespace

TypeSet* type_set_of(Interface* t) {
  if (t->type_set != nullptr) return t->type_set;
  if (!t->complete) return top_type_set();  // asked for while it is being declared
  // Set first, so that a set that (wrongly) needs itself finds the set of all types.
  TypeSet* set = type_arena().make<TypeSet>();
  set->terms = kAllTerms;
  t->type_set = set;
  TypeSetBuilder(g_checker, t).build(set);
  return set;
}

TypeSet* Checker::type_set(Interface* t) { return type_set_of(t); }

Interface* constraint_interface(TypeParam* t) {
  Type* bound = t->bound;
  Type* u = bound == nullptr ? nullptr : underlying(bound);
  if (u == nullptr || is_invalid(u)) return kEmptyInterface;
  if (u->kind == TypeKind::Interface) {
    return is_type_param(bound) ? kEmptyInterface : static_cast<Interface*>(u);  // error reported in bound_type
  }
  Interface* wrapped = type_arena().make<Interface>();
  wrapped->kind = TypeKind::Interface;
  wrapped->embedded = type_arena().copy(std::vector<Type*>{bound});
  wrapped->implicit = true;
  wrapped->complete = true;
  t->bound = wrapped;
  return wrapped;
}

TypeSet* constraint_type_set(TypeParam* t) { return type_set_of(constraint_interface(t)); }

}  // namespace gale::types
