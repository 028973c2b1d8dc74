// Type inference (spec: Type inference): the type arguments that a call or an assignment leaves out.
//
// In order: typed arguments, core types and methods of constraints (to a fixed point), default types of untyped
// constants; then inferred types that mention other parameters are resolved.
#include "base/check.h"
#include "types/private.h"
#include "types/unify.h"

namespace gale::types {
namespace {

std::string names_of(std::span<TypeParam* const> params) {
  std::string out;
  for (size_t i = 0; i < params.size(); i++) {
    if (i > 0) out += i + 1 < params.size() ? ", " : params.size() == 2 ? " and " : ", and ";
    out += params[i]->object->name.text();
  }
  return out;
}

// The single type of a constraint, or what its types have in common.
struct CoreTerm {
  Term term;
  bool found = false;
  bool single = false;
};

CoreTerm core_term(TypeParam* p) {
  TypeSet* set = constraint_type_set(p);
  if (!set->has_terms()) return {};
  if (set->terms.size() == 1) return {set->terms[0], true, true};
  Type* common = core_type(p);
  if (common == nullptr) return {};
  bool tilde = false;
  for (const Term& t : set->terms) tilde = tilde || t.tilde;
  return {Term{tilde, common}, true, false};
}

// Removes inferred types that lead back to their own parameter.
class CycleFinder {
 public:
  CycleFinder(std::span<TypeParam* const> params, std::vector<Type*>& inferred) : params_(params), inferred_(inferred) {}

  void visit(Type* t) {
    t = unalias(t);
    if (t == nullptr) return;
    if (!open_.insert(t).second) {
      int i = index_of(t);
      if (i >= 0) inferred_[static_cast<size_t>(i)] = nullptr;
      return;
    }
    visit_parts(t);
    open_.erase(t);
  }

 private:
  int index_of(Type* t) const {
    for (size_t i = 0; i < params_.size(); i++) {
      if (params_[i] == t) return static_cast<int>(i);
    }
    return -1;
  }

  void visit_vars(std::span<Var* const> vars) {
    for (Var* v : vars) visit(v->type);
  }

  void visit_parts(Type* t) {
    switch (t->kind) {
      case TypeKind::Array: return visit(static_cast<Array*>(t)->elem);
      case TypeKind::Slice: return visit(static_cast<Slice*>(t)->elem);
      case TypeKind::Pointer: return visit(static_cast<Pointer*>(t)->elem);
      case TypeKind::Chan: return visit(static_cast<Chan*>(t)->elem);
      case TypeKind::Struct: return visit_vars(static_cast<Struct*>(t)->fields);
      case TypeKind::Map:
        visit(static_cast<Map*>(t)->key);
        return visit(static_cast<Map*>(t)->elem);
      case TypeKind::Signature: {
        Signature* s = static_cast<Signature*>(t);
        if (s->params != nullptr) visit_vars(s->params->vars);
        if (s->results != nullptr) visit_vars(s->results->vars);
        return;
      }
      case TypeKind::Union:
        for (const UnionTerm& term : static_cast<Union*>(t)->terms) visit(term.type);
        return;
      case TypeKind::Interface:
        for (Func* m : static_cast<Interface*>(t)->methods) visit(m->type);
        for (Type* e : static_cast<Interface*>(t)->embedded) visit(e);
        return;
      case TypeKind::Named:
        for (Type* a : static_cast<Named*>(t)->type_args) visit(a);
        return;
      case TypeKind::TypeParam: {
        int i = index_of(t);
        if (i >= 0) visit(inferred_[static_cast<size_t>(i)]);
        return;
      }
      case TypeKind::Basic: case TypeKind::Tuple: case TypeKind::Alias: return;
    }
  }

  std::span<TypeParam* const> params_;
  std::vector<Type*>& inferred_;
  absl::flat_hash_set<Type*> open_;
};

class Inference {
 public:
  Inference(Checker& c, Pos at, std::span<TypeParam* const> params, std::vector<Type*> targs, std::span<Operand* const> args,
            bool reverse, ErrorBuilder& err)
      : c_(c), at_(at), params_(params), targs_(std::move(targs)), args_(args), reverse_(reverse), err_(err),
        unifier_(c, params, targs_, c.allow_version("go1.21")) {}

  std::vector<Type*> run(Tuple* parameters) {
    if (parameters != nullptr && !parameters->vars.empty()) {
      parameters = static_cast<Tuple*>(types::substitute(Substitution{params_, targs_}, parameters));
    }
    parameters_ = parameters;
    if (!use_arguments() || !use_constraints() || !use_untyped_arguments()) return {};
    return simplify();
  }

 private:
  std::string text(Type* t) const { return c_.type_text(t); }

  void mismatch(Type* parameter, Type* argument, Operand* arg) {
    std::vector<Type*> inferred = unifier_.inferred();
    bool none = true;
    for (Type* t : inferred) none = none && t == nullptr;
    std::string what = syntax::expr_string(arg->expr);
    std::string message = "type " + text(argument) + " of " + what + " does not match ";
    if (none) {
      err_.add_at(arg->expr, message + text(parameter) + " (cannot infer " + names_of(params_) + ")");
      return;
    }
    Type* partly = types::substitute(Substitution{params_, inferred}, parameter);
    if (partly == parameter) {
      message += text(parameter);
    } else if (reverse_) {
      message = "inferred type " + text(partly) + " for " + text(parameter) + " does not match type " + text(argument) +
                " of " + what;
    } else {
      message += "inferred type " + text(partly) + " for " + text(parameter);
    }
    err_.add_at(arg->expr, message);
  }

  bool use_arguments() {
    for (size_t i = 0; i < args_.size(); i++) {
      Operand* arg = args_[i];
      Type* parameter = parameters_->vars[i]->type;
      if (!is_parameterized(params_, parameter) && !is_parameterized(params_, arg->type)) continue;
      if (is_typed(arg->type)) {
        if (unifier_.unify(parameter, arg->type, Unifier::kAssign)) continue;
        mismatch(parameter, arg->type, arg);
        return false;
      }
      // Untyped constants come last, and only where the parameter's type is the type parameter itself.
      if (parameter->kind == TypeKind::TypeParam && !arg->is_nil()) untyped_.push_back(i);
    }
    return true;
  }

  bool use_core_type(TypeParam* p, const CoreTerm& core) {
    Type* t = unifier_.at(p);
    if (t != nullptr) {
      if (unifier_.unify(t, core.term.type, Unifier::kInexact)) return true;
      err_.add(at_, text(p) + " (type " + text(t) + ") does not satisfy " + text(p->bound));
      return false;
    }
    if (core.single && !core.term.tilde) unifier_.set(p, core.term.type);
    return true;
  }

  bool use_methods(TypeParam* p, Type* t) {
    std::string cause;
    Interface* constraint = constraint_interface(p);
    auto same = [this](Type* x, Type* y) { return unifier_.unify(x, y, Unifier::kExact); };
    if (has_all_methods(c_, t, constraint, true, same, &cause)) return true;
    err_.add(at_, text(p) + " (type " + text(t) + ") does not satisfy " + text(p->bound) + " " + cause);
    return false;
  }

  // Repeats while something new is found: constraints refer to one another.
  bool use_constraints() {
    for (;;) {
      int before = unifier_.unknowns();
      for (TypeParam* p : params_) {
        Type* known = unifier_.at(p);
        CoreTerm core = core_term(p);
        if (core.found && !use_core_type(p, core)) return false;
        if (known != nullptr && !is_parameterized(params_, known) && !use_methods(p, known)) return false;
      }
      if (unifier_.unknowns() == before) return true;
    }
  }

  static Type* larger_untyped(Type* x, Type* y) {
    if (x == y) return x;
    if (!is_untyped_numeric(x) || !is_untyped_numeric(y)) return nullptr;
    return static_cast<Basic*>(x)->basic > static_cast<Basic*>(y)->basic ? x : y;
  }

  bool use_untyped_arguments() {
    absl::InlinedVector<std::pair<TypeParam*, Type*>, 4> largest;
    for (size_t i : untyped_) {
      TypeParam* p = static_cast<TypeParam*>(parameters_->vars[i]->type);
      if (unifier_.at(p) != nullptr) continue;
      Operand* arg = args_[i];
      std::pair<TypeParam*, Type*>* entry = nullptr;
      for (auto& e : largest) {
        if (e.first == p) entry = &e;
      }
      if (entry == nullptr) {
        largest.push_back({p, arg->type});
        continue;
      }
      Type* t = larger_untyped(entry->second, arg->type);
      if (t == nullptr) {
        err_.add_at(arg->expr, "mismatched types " + text(entry->second) + " and " + text(arg->type) + " (cannot infer " +
                                   text(p) + ")");
        return false;
      }
      entry->second = t;
    }
    for (auto& [p, t] : largest) unifier_.set(p, default_type(t));
    return true;
  }

  // Replaces parameters inside inferred types by what was inferred for them.
  std::vector<Type*> simplify() {
    std::vector<Type*> inferred = unifier_.inferred();
    CycleFinder cycles(params_, inferred);
    for (TypeParam* p : params_) cycles.visit(p);
    std::vector<size_t> dirty;
    for (size_t i = 0; i < inferred.size(); i++) {
      if (inferred[i] != nullptr && targs_[i] == nullptr) dirty.push_back(i);
    }
    while (!dirty.empty()) {
      std::vector<size_t> again;
      std::vector<Type*> now = inferred;
      for (size_t i : dirty) {
        Type* t = types::substitute(Substitution{params_, now}, inferred[i]);
        if (t == inferred[i]) continue;
        if (t->kind == TypeKind::Signature && !static_cast<Signature*>(t)->type_params.empty() &&
            !is_parameterized(params_, t)) {
          // A generic function's type as a type argument, completely instantiated by the inference.
          static_cast<Signature*>(t)->type_params = {};
        }
        inferred[i] = t;
        again.push_back(i);
      }
      dirty = std::move(again);
    }
    for (size_t i = 0; i < inferred.size(); i++) {
      if (inferred[i] != nullptr && !is_parameterized(params_, inferred[i])) continue;
      const TypeName* o = params_[i]->object;
      Location where = c_.sources.location(o->pos);
      err_.add(at_, "cannot infer " + std::string(o->name.text()) + " (declared at " + std::string(where.file) + ":" +
                        std::to_string(where.line) + ":" + std::to_string(where.column) + ")");
      return {};
    }
    return inferred;
  }

  Checker& c_;
  Pos at_;
  std::span<TypeParam* const> params_;
  std::vector<Type*> targs_;  // given arguments; null: to be inferred
  std::span<Operand* const> args_;
  bool reverse_;
  ErrorBuilder& err_;
  Unifier unifier_;
  Tuple* parameters_ = nullptr;
  std::vector<size_t> untyped_;
};

}  // namespace

std::vector<Type*> Checker::infer(Pos at, std::span<TypeParam* const> params, std::span<Type* const> targs, Tuple* parameters,
                                  std::span<Operand* const> args, bool reverse, ErrorBuilder& err) {
  std::vector<Type*> given(targs.begin(), targs.end());
  bool complete = given.size() == params.size();
  for (Type* t : given) complete = complete && t != nullptr;
  if (complete) return given;
  for (Operand* arg : args) {
    if (!arg->valid()) return {};  // reported
  }
  given.resize(params.size());
  return Inference(*this, at, params, std::move(given), args, reverse, err).run(parameters);
}

std::vector<Type*> Checker::infer(const syntax::Node* at, std::span<TypeParam* const> params, std::span<Type* const> targs,
                                  Tuple* parameters, std::span<Operand* const> args, bool reverse, std::string* cause) {
  ErrorBuilder err(*this, "CannotInferTypeArgs");
  std::vector<Type*> inferred = infer(at->pos, params, targs, parameters, args, reverse, err);
  if (!err.empty()) {
    if (cause != nullptr) {
      *cause = err.message();
    } else {
      err.report();
    }
  }
  return inferred;
}

Signature* Checker::rename_type_params(Signature* sig, std::vector<TypeParam*>* renamed) {
  if (sig->type_params.empty()) return sig;
  std::vector<Type*> to;
  for (TypeParam* p : sig->type_params) {
    TypeName* name = arena.make<TypeName>(*p->object);
    TypeParam* copy = arena.make<TypeParam>(*p);
    copy->canonical = false;
    copy->representative = nullptr;
    copy->id = copy->middle = 0;
    copy->unique_id = ++p_->next_type_param_id;
    copy->object = name;
    name->type = copy;
    renamed->push_back(copy);
    to.push_back(copy);
  }
  Substitution rename{sig->type_params, to};
  for (TypeParam* p : *renamed) p->bound = types::substitute(rename, p->bound);
  Signature* out = static_cast<Signature*>(types::substitute(rename, sig));
  if (out == sig) out = arena.make<Signature>(*sig);
  out->type_params = arena.copy(*renamed);
  return out;
}

}  // namespace gale::types
