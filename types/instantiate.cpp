// Instantiation of generic types and functions (spec: Instantiations) and satisfaction of constraints (spec: Satisfying a
// type constraint, Implementing an interface).
#include "types/generics.h"
#include "types/private.h"

namespace gale::types {
namespace {

uint64_t instance_hash(const Type* origin, std::span<Type* const> args) {
  uint64_t h = reinterpret_cast<uintptr_t>(origin);
  for (Type* a : args) h = (h ^ identity_hash(a)) * 0x9e3779b97f4a7c15u;
  return h ^ (h >> 32);
}

// What an entry of the instance table is an instance of.
bool is_instance(Type* entry, const Type* origin, std::span<Type* const> args) {
  if (entry->kind == TypeKind::Named) {
    Named* n = static_cast<Named*>(entry);
    return n->origin == origin && identical_lists(n->type_args, args);
  }
  if (entry->kind == TypeKind::Alias) {
    Alias* a = static_cast<Alias*>(entry);
    return a->origin == origin && identical_lists(a->type_args, args);
  }
  return false;
}

Named* new_named_instance(Checker& c, Pos pos, Named* origin, std::span<Type* const> args) {
  Named* n = c.arena.make<Named>();
  n->kind = TypeKind::Named;
  n->object = origin->object;
  n->origin = origin;
  n->type_args = c.arena.copy(args);
  n->local_index = origin->local_index;
  n->enclosing_func = origin->enclosing_func;
  n->pos = pos;
  return n;
}

Type* new_alias_instance(Checker& c, Pos pos, Alias* origin, std::span<Type* const> args) {
  Alias* a = c.arena.make<Alias>();
  a->kind = TypeKind::Alias;
  a->object = origin->object;
  a->origin = origin;
  a->type_params = origin->type_params;
  a->type_args = c.arena.copy(args);
  a->from_rhs = substitute(Substitution{origin->type_params, args}, origin->from_rhs, pos);
  return a;
}

Type* instance_of_signature(Checker& c, Pos pos, Signature* generic, std::span<Type* const> args) {
  if (!c.validate_type_arg_count(pos, c.type_text(generic), generic->type_params.size(), args.size(), nullptr)) {
    return basic(BasicKind::Invalid);
  }
  if (generic->type_params.empty()) return generic;
  Signature* out = static_cast<Signature*>(substitute(Substitution{generic->type_params, args}, generic, pos));
  if (out == generic) out = c.arena.make<Signature>(*generic);
  out->type_params = {};
  return out;
}

// Is `type` written in interface t, directly or in what it embeds?
bool mentions(Type* t, Type* type) {
  if (t->kind == TypeKind::Interface) {
    for (Type* e : static_cast<Interface*>(t)->embedded) {
      if (mentions(e, type)) return true;
    }
    return false;
  }
  if (t->kind == TypeKind::Union) {
    for (const UnionTerm& term : static_cast<Union*>(t)->terms) {
      if (mentions(term.type, type)) return true;
    }
    return false;
  }
  return identical(t, type);
}

// With full package paths, as gc has it.
std::string terms_text(std::span<const Term> terms) {
  std::string out;
  for (const Term& t : terms) {
    if (!out.empty()) out += " | ";
    if (t.tilde) out += "~";
    out += type_string(t.type, nullptr);
  }
  return out;
}

// Does v implement (or satisfy) t? One object per question, so that the words are near their conditions.
class Implements {
 public:
  Implements(Checker& c, Type* v, Type* t, bool constraint, std::string* cause)
      : c_(c), v_(v), t_(t), constraint_(constraint), cause_(cause) {}

  bool check() {
    Type *vu = underlying(v_), *tu = underlying(t_);
    if (is_invalid(vu) || is_invalid(tu)) return true;  // no follow-on errors
    if (vu->kind == TypeKind::Pointer && is_invalid(underlying(static_cast<Pointer*>(vu)->elem))) return true;
    if (tu->kind != TypeKind::Interface) return not_an_interface(tu);
    // v's set first: that decides what sets of interfaces in a cycle hold.
    if (vu->kind == TypeKind::Interface) type_set_of(static_cast<Interface*>(vu));
    TypeSet* want = type_set_of(static_cast<Interface*>(tu));
    if (want->is_all()) return true;
    Interface* vi = vu->kind == TypeKind::Interface ? static_cast<Interface*>(vu) : nullptr;
    if (vi != nullptr && type_set_of(vi)->is_empty()) return true;
    if (want->is_empty()) return fail([&] { return "cannot " + verb() + " " + text(t_) + " (empty type set)"; });
    std::string missing;
    if (!c_.has_all_methods(v_, t_, true, cause_ == nullptr ? nullptr : &missing)) {
      return fail([&] { return text(v_) + " does not " + verb() + " " + text(t_) + " " + missing; });
    }
    if (!want->has_terms()) return check_comparable(want);
    if (vi != nullptr) {
      if (!subset_of(type_set_of(vi)->terms, want->terms)) {
        return fail([&] { return text(v_) + " does not " + verb() + " " + text(t_); });
      }
      return check_comparable(want);
    }
    return check_term(static_cast<Interface*>(tu), want) && check_comparable(want);
  }

 private:
  std::string verb() const { return constraint_ ? "satisfy" : "implement"; }
  std::string text(Type* t) const { return c_.type_text(t); }

  bool fail(absl::FunctionRef<std::string()> words) {
    if (cause_ != nullptr) *cause_ = words();
    return false;
  }

  bool not_an_interface(Type* tu) {
    return fail([&] {
      std::string detail = is_interface_pointer(tu) ? "type " + text(t_) + " is pointer to interface, not interface"
                                                    : text(t_) + " is not an interface";
      return text(v_) + " does not " + verb() + " " + text(t_) + " (" + detail + ")";
    });
  }

  bool check_comparable(TypeSet* want) {
    if (!is_comparable_set(want)) return true;
    if (strictly_comparable(v_)) return true;
    // Since Go 1.20 any type that can be compared satisfies comparable, even if the comparison may panic.
    if (constraint_ && comparable(v_)) {
      if (c_.allow_version("go1.20")) return true;
      return fail([&] { return text(v_) + " to " + verb() + " comparable requires go1.20 or later"; });
    }
    return fail([&] { return text(v_) + " does not " + verb() + " comparable"; });
  }

  bool check_term(Interface* ti, TypeSet* want) {
    Type* alternative = nullptr;  // a term that would do with ~ before it
    for (const Term& term : want->terms) {
      if (term.includes(v_)) return true;
      if (alternative == nullptr && !term.tilde && identical(term.type, underlying(term.type)) &&
          Term{true, term.type}.includes(v_)) {
        alternative = term.type;
      }
    }
    return fail([&] {
      std::string detail;
      if (alternative != nullptr) {
        detail = "possibly missing ~ for " + text(alternative) + " in " + text(t_);
      } else if (mentions(ti, v_)) {
        detail = text(t_) + " mentions " + text(v_) + ", but " + text(v_) + " is not in the type set of " + text(t_);
      } else {
        detail = text(v_) + " missing in " + terms_text(want->terms);
      }
      return text(v_) + " does not " + verb() + " " + text(t_) + " (" + detail + ")";
    });
  }

  Checker& c_;
  Type *v_, *t_;
  bool constraint_;
  std::string* cause_;
};

}  // namespace

Type* Checker::instantiate(Pos pos, Type* generic, std::span<Type* const> args) {
  if (generic->kind == TypeKind::Signature) {
    return instance_of_signature(*this, pos, static_cast<Signature*>(generic), args);
  }
  Alias* alias = generic->kind == TypeKind::Alias ? static_cast<Alias*>(generic) : nullptr;
  if (alias != nullptr) {
    if (!validate_type_arg_count(pos, alias->object->name.text(), alias->type_params.size(), args.size(), nullptr)) {
      return basic(BasicKind::Invalid);
    }
    if (alias->type_params.empty()) return alias;
  }
  uint64_t hash = instance_hash(generic, args);
  for (Type* entry : p_->instances[hash]) {
    if (is_instance(entry, generic, args)) return entry;
  }
  Type* instance = alias != nullptr ? new_alias_instance(*this, pos, alias, args)
                                    : new_named_instance(*this, pos, static_cast<Named*>(generic), args);
  p_->instances[hash].push_back(instance);  // (looked up again: making an alias instance may have added others)
  return instance;
}

bool Checker::validate_type_arg_count(Pos pos, std::string_view name, size_t want, size_t got, syntax::Node* at) {
  if (got == want) return true;
  std::string message = got < want ? "not enough" : "too many";
  message += " type arguments for type " + std::string(name) + ": have " + std::to_string(got) + ", want " +
             std::to_string(want);
  if (at != nullptr) {
    error_at(at, "WrongTypeArgCount", message);
  } else {
    error(pos, "WrongTypeArgCount", message);
  }
  return false;
}

int Checker::verify_instance(Pos pos, std::span<TypeParam* const> params, std::span<Type* const> args,
                             std::string* cause) {
  Substitution map{params, args};
  for (size_t i = 0; i < params.size(); i++) {
    constraint_interface(params[i]);  // a plain type becomes an interface
    Type* bound = types::substitute(map, params[i]->bound, pos);
    if (!implements(args[i], bound, true, true, cause)) return static_cast<int>(i);
  }
  return -1;
}

// static_only is the rule for all: a dynamic check of methods is has_all_methods's business.
bool Checker::implements(Type* v, Type* t, bool constraint, bool, std::string* cause) {
  return Implements(*this, v, t, constraint, cause).check();
}

}  // namespace gale::types
