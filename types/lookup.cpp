// Fields and methods by name (spec: Selectors, Method sets, Interface implementation).
//
// Lookup proceeds breadth first through embedded fields, depth by depth; the first depth with a match decides. A type met
// twice at a depth makes what is found in it ambiguous; a type met before, at a shallower depth, is skipped.
#include "base/check.h"
#include "types/generics.h"
#include "types/private.h"

namespace gale::types {
namespace {

struct EmbeddedType {
  Type* type;
  std::vector<uint32_t> path;
  bool indirect;   // a pointer was followed
  bool multiples;  // the type occurs several times at this depth
};

std::vector<uint32_t> extended(const std::vector<uint32_t>& path, uint32_t index) {
  std::vector<uint32_t> out;
  out.reserve(path.size() + 1);
  out = path;
  out.push_back(index);
  return out;
}

// Joins equal types of one depth.
void consolidate(std::vector<EmbeddedType>* list) {
  if (list->size() <= 1) return;
  size_t kept = 0;
  for (size_t i = 0; i < list->size(); i++) {
    bool found = false;
    for (size_t k = 0; k < kept && !found; k++) {
      if (!identical((*list)[k].type, (*list)[i].type)) continue;
      (*list)[k].multiples = true;
      found = true;
    }
    if (found) continue;
    if (kept != i) (*list)[kept] = std::move((*list)[i]);
    kept++;
  }
  list->resize(kept);
}

constexpr int kMaxDepth = 256;

class Lookup {
 public:
  Lookup(const Package* package, Symbol name, bool fold_case) : package_(package), name_(name), fold_case_(fold_case) {}

  LookupResult run(Type* t, bool addressable) {
    if (name_.text() == "_") return {};
    bool pointer = false;
    Type* base = deref(t, &pointer);
    if (pointer && is_interface(base)) return {};  // *interface has no methods
    std::vector<EmbeddedType> current;
    current.push_back({base, {}, pointer, false});
    // A generic type may embed ever larger instances of itself (reported as an instantiation cycle, later).
    for (int depth = 0; !current.empty() && depth < kMaxDepth; depth++) {
      std::vector<EmbeddedType> next;
      for (const EmbeddedType& e : current) {
        if (!visit(e, &next)) {
          result_.object = nullptr;  // ambiguous: the path stays
          result_.indirect = false;
          return result_;
        }
      }
      if (result_.object != nullptr) return accept(addressable);
      consolidate(&next);
      current = std::move(next);
    }
    return {};
  }

 private:
  // False: a second match at this depth.
  bool match(const EmbeddedType& e, Object* o, uint32_t index) {
    bool collision = result_.object != nullptr || e.multiples;
    result_.path = extended(e.path, index);
    if (collision) return false;
    result_.object = o;
    result_.indirect = e.indirect;
    return true;
  }

  bool seen(Named* n) {
    for (Named* s : seen_) {
      if (s == n || (identical_origin(s, n) && identical(s, n))) return true;
    }
    seen_.push_back(n);
    return false;
  }

  bool visit(const EmbeddedType& e, std::vector<EmbeddedType>* next) {
    if (Named* n = as<Named>(e.type)) {
      if (seen(n)) return true;
      uint32_t index = 0;
      Func* m = g_checker->find_method(n, package_, name_, fold_case_, &index);
      if (m != nullptr) return match(e, m, index);  // the type cannot have a field or interface method of that name
    }
    Type* u = underlying(e.type);
    if (u->kind == TypeKind::Struct) return visit_fields(e, static_cast<Struct*>(u), next);
    if (u->kind == TypeKind::Interface) {
      uint32_t index = 0;
      Func* m = find_in(type_set_of(static_cast<Interface*>(u))->methods, package_, name_, fold_case_, &index);
      if (m != nullptr) return match(e, m, index);
    }
    return true;
  }

  bool visit_fields(const EmbeddedType& e, Struct* s, std::vector<EmbeddedType>* next) {
    for (uint32_t i = 0; i < s->fields.size(); i++) {
      Var* f = s->fields[i];
      if (same_id(f, package_, name_, fold_case_)) {
        if (!match(e, f, i)) return false;
        continue;
      }
      // Deeper fields matter only as long as nothing was found here.
      if (result_.object != nullptr || !f->embedded) continue;
      bool pointer = false;
      Type* t = deref(f->type, &pointer);
      Type* k = unalias(t);
      if (k == nullptr) continue;
      if (k->kind != TypeKind::Named && k->kind != TypeKind::Struct && k->kind != TypeKind::Interface &&
          k->kind != TypeKind::TypeParam) {
        continue;  // nothing to find in it
      }
      next->push_back({t, extended(e.path, i), e.indirect || pointer, e.multiples});
    }
    return true;
  }

  LookupResult accept(bool addressable) {
    if (result_.object->kind == ObjectKind::Func) {
      Func* f = static_cast<Func*>(result_.object);
      if (has_pointer_receiver(f) && !result_.indirect && !addressable) {
        LookupResult needs_pointer;
        needs_pointer.indirect = true;
        return needs_pointer;
      }
    }
    return std::move(result_);
  }

  // Before a method's signature is checked its syntax tells (has_ptr_receiver, set when it is collected).
  static bool has_pointer_receiver(Func* f) {
    Signature* sig = f->type != nullptr && f->type->kind == TypeKind::Signature ? f->signature() : nullptr;
    if (sig != nullptr && sig->receiver != nullptr && sig->receiver->type != nullptr) {
      bool pointer = false;
      deref(sig->receiver->type, &pointer);
      return pointer;
    }
    return f->has_ptr_receiver;
  }

  const Package* package_;
  Symbol name_;
  bool fold_case_;
  LookupResult result_;
  absl::InlinedVector<Named*, 8> seen_;
};

std::string text(Type* t) { return g_checker->type_text(t); }

std::string interface_pointer_error(Type* t) {
  Pointer* p = under_as<Pointer>(t);
  if (is_type_param(p->elem)) return "type " + text(t) + " is pointer to type parameter, not type parameter";
  return "type " + text(t) + " is pointer to interface, not interface";
}

// How v fails to have a method of an interface.
struct Missing {
  enum State { None, NotFound, WrongName, Unexported, WrongSignature, Ambiguous, PointerReceiver, IsField } state = None;
  Func* want = nullptr;
  Func* have = nullptr;  // for WrongName, Unexported and WrongSignature
};

Missing find_missing_in_interface(TypeSet* have, TypeSet* want, bool static_only, TypeEquivalence equivalent) {
  for (Func* m : want->methods) {
    Func* f = find_in(have->methods, m->package, m->name, false, nullptr);
    if (f == nullptr) {
      if (static_only) return {Missing::NotFound, m, nullptr};
      continue;
    }
    if (!equivalent(f->type, m->type)) return {Missing::WrongSignature, m, f};
  }
  return {};
}

Missing why_not_found(Type* v, Func* m, const LookupResult& r) {
  if (!r.path.empty()) return {Missing::Ambiguous, m, nullptr};
  if (r.indirect) return {Missing::PointerReceiver, m, nullptr};
  LookupResult folded = Lookup(m->package, m->name, true).run(v, false);
  if (folded.object == nullptr || folded.object->kind != ObjectKind::Func) return {Missing::NotFound, m, nullptr};
  Func* f = static_cast<Func*>(folded.object);
  return {f->name == m->name ? Missing::Unexported : Missing::WrongName, m, f};
}

Missing find_missing(Checker& c, Type* v, TypeSet* want, TypeEquivalence equivalent) {
  for (Func* m : want->methods) {
    LookupResult r = Lookup(m->package, m->name, false).run(v, false);
    if (r.object == nullptr) return why_not_found(v, m, r);
    if (r.object->kind != ObjectKind::Func) return {Missing::IsField, m, nullptr};
    Func* f = static_cast<Func*>(r.object);
    c.object_decl(f);
    if (!equivalent(f->type, m->type)) return {Missing::WrongSignature, m, f};
  }
  return {};
}

std::string have_want(Checker& c, const Missing& missing, const std::string& head) {
  const Package* here = c.env.package;
  std::string have = method_string(missing.have, here, false), want = method_string(missing.want, here, false);
  if (have == want) {  // tell them apart by full package paths
    have = method_string(missing.have, here, true);
    want = method_string(missing.want, here, true);
  }
  if (have == want && missing.state == Missing::WrongSignature) return "(" + head + ")";
  return "(" + head + ")\n\t\thave " + have + "\n\t\twant " + want;
}

std::string describe(Checker& c, Type* v, Type* t, const Missing& missing) {
  std::string name(missing.want->name.text());
  if (missing.have != nullptr) c.object_decl(missing.have);
  switch (missing.state) {
    case Missing::NotFound:
      if (is_interface_pointer(v)) return "(" + interface_pointer_error(v) + ")";
      if (is_interface_pointer(t)) return "(" + interface_pointer_error(t) + ")";
      return "(missing method " + name + ")";
    case Missing::WrongName: return have_want(c, missing, "missing method " + name);
    case Missing::Unexported: return "(unexported method " + name + ")";
    case Missing::WrongSignature: return have_want(c, missing, "wrong type for method " + name);
    case Missing::Ambiguous: return "(ambiguous selector " + text(v) + "." + name + ")";
    case Missing::PointerReceiver: return "(method " + name + " has pointer receiver)";
    case Missing::IsField: return "(" + text(v) + "." + name + " is a field, not a method)";
    case Missing::None: break;
  }
  return {};
}

// All but the first character.
std::string_view rune_tail(std::string_view s) {
  size_t n = s.empty() ? 0 : 1;
  while (n < s.size() && (static_cast<unsigned char>(s[n]) & 0xc0) == 0x80) n++;
  return s.substr(n);
}

// The struct behind t or *t, if there is one.
Struct* struct_behind(Type* t) {
  if (Pointer* p = under_as<Pointer>(t)) {
    if (Struct* s = under_as<Struct>(p->elem)) return s;
  }
  return under_as<Struct>(t);
}

// With an invalid embedded field any method may be missing because of that.
bool has_invalid_embedded_field(Type* t, absl::flat_hash_set<Struct*>* seen) {
  Struct* s = struct_behind(t);
  if (s == nullptr || !seen->insert(s).second) return false;
  for (Var* f : s->fields) {
    if (f->embedded && (!is_valid(f->type) || has_invalid_embedded_field(f->type, seen))) return true;
  }
  return false;
}

}  // namespace

bool is_interface_pointer(Type* t) {
  Pointer* p = under_as<Pointer>(t);
  return p != nullptr && is_interface(p->elem);
}

LookupResult lookup_field_or_method(Type* t, bool addressable, const Package* package, Symbol name, bool fold_case) {
  // A defined pointer type has the fields of its base, but no methods (spec: Selectors, rule for named pointer types).
  if (Named* n = as<Named>(t)) {
    Type* u = underlying(n);
    if (u->kind == TypeKind::Pointer) {
      LookupResult r = Lookup(package, name, fold_case).run(u, false);
      if (r.object != nullptr && r.object->kind == ObjectKind::Func) return {};
      return r;
    }
  }
  return Lookup(package, name, fold_case).run(t, addressable);
}

LookupResult Checker::lookup_field_or_method(Type* t, bool addressable, Package* package, Symbol name, bool fold_case) {
  return types::lookup_field_or_method(t, addressable, package, name, fold_case);
}

Func* missing_method(Checker& c, Type* v, Type* t, bool static_only, TypeEquivalence equivalent, std::string* cause) {
  Interface* want = under_as<Interface>(t);
  CHECK(want != nullptr, "an interface whose methods are looked for");
  TypeSet* set = type_set_of(want);
  if (set->methods.empty()) return nullptr;
  Type* vu = underlying(v);
  Missing missing = vu->kind == TypeKind::Interface
                        ? find_missing_in_interface(type_set_of(static_cast<Interface*>(vu)), set, static_only, equivalent)
                        : find_missing(c, v, set, equivalent);
  if (missing.state == Missing::None) return nullptr;
  if (cause != nullptr) *cause = describe(c, v, t, missing);
  return missing.want;
}

bool has_all_methods(Checker& c, Type* v, Type* t, bool static_only, TypeEquivalence equivalent, std::string* cause) {
  if (!is_valid(v)) return true;
  if (missing_method(c, v, t, static_only, equivalent, cause) == nullptr) return true;
  absl::flat_hash_set<Struct*> seen;
  return has_invalid_embedded_field(v, &seen);
}

Func* Checker::missing_method(Type* v, Type* t, bool static_only, std::string* cause) {
  return types::missing_method(*this, v, t, static_only, identical, cause);
}

bool Checker::has_all_methods(Type* v, Type* t, bool static_only, std::string* cause) {
  return types::has_all_methods(*this, v, t, static_only, identical, cause);
}

// x.sel was not found; `object` is what differs from it in case or in package only, if there is such a thing.
std::string Checker::lookup_error(Type* t, Symbol selector, Object* object, bool struct_literal) {
  enum { Missing, Misspelled, Unexported, Inaccessible } how = Missing;
  std::string sel(selector.text()), alt, type = type_text(t);
  if (object != nullptr) {
    alt = std::string(object->name.text());
    bool same_tail = rune_tail(sel) == rune_tail(alt);
    if (object->package == env.package) {
      how = Misspelled;
    } else if (is_exported(sel)) {
      how = is_exported(alt) ? Misspelled : same_tail ? Unexported : Missing;
    } else if (is_exported(alt)) {
      how = same_tail ? Misspelled : Missing;
    } else if (sel == alt) {
      how = Inaccessible;
    }
  }
  if (struct_literal) {
    if (how == Inaccessible) return "cannot refer to unexported field " + alt + " in struct literal of type " + type;
    std::string text = "unknown field " + sel + " in struct literal of type " + type;
    if (how == Misspelled) text += ", but does have " + alt;
    if (how == Unexported) text += ", but does have unexported " + alt;
    return text;
  }
  std::string what = object == nullptr                     ? "object"
                     : object->kind == ObjectKind::Var    ? "field"
                     : object->kind == ObjectKind::Func   ? "method"
                                                           : "object";
  if (how == Inaccessible) return "cannot refer to unexported " + what + " " + alt;
  std::string text = "type " + type + " has no field or method " + sel;
  if (how == Misspelled) text += ", but does have " + what + " " + alt;
  if (how == Unexported) text += ", but does have unexported " + what + " " + alt;
  return text;
}

std::string Checker::assertable_cause(Type* v, Type* t) {
  std::string cause;
  if (is_interface(t) || has_all_methods(t, v, false, &cause)) return {};
  return cause.empty() ? "(impossible)" : cause;
}

}  // namespace gale::types
