// Underlying types, type sets of arbitrary types and what the types of a set have in common (spec: Underlying types, Core
// types as they were until Go 1.24: "common underlying type").
#include "types/generics.h"

namespace gale::types {

Type* unalias(Type* t) {
  if (t == nullptr || t->kind != TypeKind::Alias) return t;
  Alias* a = static_cast<Alias*>(t);
  if (a->actual != nullptr) return a->actual;
  Type* u = a->from_rhs;
  for (int steps = 0; u != nullptr && u->kind == TypeKind::Alias; steps++) {
    Alias* next = static_cast<Alias*>(u);
    u = next->actual != nullptr ? next->actual : next->from_rhs;
    if (steps > 10000) u = nullptr;  // a cycle, reported elsewhere
  }
  if (u == nullptr) return basic(BasicKind::Invalid);  // still being declared
  if (u != basic(BasicKind::Invalid)) a->actual = u;
  return u;
}

bool type_set_all(Type* t, const std::function<bool(Type* type, Type* under)>& f) {
  TypeParam* p = as<TypeParam>(t);
  if (p == nullptr) return f(t, underlying(t));
  TypeSet* set = constraint_type_set(p);
  if (!set->has_terms()) return f(nullptr, nullptr);
  for (const Term& term : set->terms) {
    Type* u = unalias(term.type);
    if (!term.tilde) u = underlying(u);
    if (!f(term.type, u)) return false;
  }
  return true;
}

namespace {

// Folds the types of a type set into their common underlying type.
struct CommonUnder {
  Type *type = nullptr, *under = nullptr;  // the first type, or the most restricted channel, so far
  std::string* cause;

  void fail(const std::string& why) {
    if (cause != nullptr) *cause = why;
    under = nullptr;
  }
  std::string text(Type* t) const { return cause == nullptr ? "" : g_checker->type_text(t); }

  bool add_channel(Type* t, Chan* have, Chan* c) {
    if (!identical(have->elem, c->elem)) {
      fail("channels " + text(type) + " and " + text(t) + " have different element types");
      return false;
    }
    if (have->dir == c->dir) return true;
    if (have->dir == ChanDir::Both) {
      type = t;
      under = c;
    } else if (c->dir != ChanDir::Both) {
      fail("channels " + text(type) + " and " + text(t) + " have conflicting directions");
      return false;
    }
    return true;
  }

  bool add(Type* t, Type* u) {
    if (u == nullptr) {
      fail("no specific type");
      return false;
    }
    if (under == nullptr) {
      type = t;
      under = u;
      return true;
    }
    if (under->kind == TypeKind::Chan && u->kind == TypeKind::Chan) {
      return add_channel(t, static_cast<Chan*>(under), static_cast<Chan*>(u));
    }
    if (identical(under, u)) return true;
    fail(text(type) + " and " + text(t) + " have different underlying types");
    return false;
  }
};

}  // namespace

Type* Checker::common_under(Type* t, const TypeCondition& cond, std::string* cause) {
  if (cause != nullptr) cause->clear();
  CommonUnder common{nullptr, nullptr, cause};
  bool ok = type_set_all(t, [&](Type* type, Type* under) {
    if (cond) {
      std::string why;
      if (!cond(type, under, &why)) {
        if (cause != nullptr) *cause = why;
        return false;
      }
    }
    return common.add(type, under);
  });
  return ok ? common.under : nullptr;
}

Type* core_type(Type* t) {
  if (as<TypeParam>(t) == nullptr) return underlying(t);
  CommonUnder common{nullptr, nullptr, nullptr};
  bool ok = type_set_all(t, [&](Type* type, Type* under) { return common.add(type, under); });
  return ok ? common.under : nullptr;
}

Type* core_string(Type* t) {
  if (as<TypeParam>(t) == nullptr) return underlying(t);
  // A string among byte slices makes it string.
  CommonUnder common{nullptr, nullptr, nullptr};
  static Type* const bytes = [] {
    Slice* s = new Slice{};
    s->kind = TypeKind::Slice;
    s->elem = kUniverseByte;
    return s;
  }();
  bool has_string = false;
  bool ok = type_set_all(t, [&](Type* type, Type* under) {
    if (under != nullptr && is_string(under)) {
      has_string = true;
      under = bytes;
    }
    return common.add(type, under);
  });
  if (!ok || common.under == nullptr) return nullptr;
  return has_string ? basic(BasicKind::String) : common.under;
}

}  // namespace gale::types
