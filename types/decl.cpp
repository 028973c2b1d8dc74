// Declarations (spec: Declarations and scope): resolving a package-level object from its DeclInfo, on demand and in any
// order, with cycles found by colouring; type declarations and their methods; local declarations.
//
// Invariant: an object is white (no type), grey (on object_path, its colour tells where) or black (its type is known).
// Meeting a grey object is a cycle, which valid_cycle judges.
#include <pthread.h>

#include <algorithm>

#include "base/check.h"
#include "types/concat.h"
#include "types/const_group.h"
#include "types/private.h"
#include "types/typeset.h"

namespace gale::types {

using namespace syntax;  // NOLINT: this file is about syntax

bool stack_nearly_full() {
  constexpr size_t kMargin = 512 * 1024;
  thread_local uintptr_t limit = 0;
  if (limit == 0) {
    pthread_attr_t attr;
    void* low = nullptr;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attr) == 0) {
      pthread_attr_getstack(&attr, &low, &size);
      pthread_attr_destroy(&attr);
    }
    limit = reinterpret_cast<uintptr_t>(low) + std::min(kMargin, size / 4);
  }
  return reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) < limit;
}

// ---- scopes ----

Scope* Checker::new_scope(Scope* parent, Pos pos, Pos end, std::string_view what) {
  Scope& s = p_->scopes.emplace_back();
  s.parent = parent;
  s.pos = pos;
  s.end = end;
  s.what = what;
  return &s;
}

void Checker::open_scope(const Node* n, std::string_view what) { env.scope = new_scope(env.scope, n->pos, {}, what); }

void Checker::close_scope() { env.scope = env.scope->parent; }

bool Checker::declare(Scope* scope, Name* id, Object* o, Pos scope_pos) {
  static const Symbol blank("_");
  if (o->name != blank) {
    if (Object* other = scope->insert(o)) {
      ErrorBuilder e(*this, "DuplicateDecl");
      e.add(o->pos, concat(o->name.text(), " redeclared in this block"));
      e.add_other_declaration(other);
      e.report();
      return false;
    }
    o->scope_pos = scope_pos;
    if (Var* v = as_var(o); v != nullptr && v->role == VarRole::Local) local_vars.push_back(v);  // for usage()
  }
  if (id != nullptr) id->object = o;
  return true;
}

Var* Checker::new_local(VarRole role, Pos pos, Symbol name, Type* type) {
  Var* v = new_var(arena, role, pos, env.package, name, type);
  v->enclosing_func = env.func;
  v->enclosing_lit = env.literal;
  v->index = env.local_vars++;
  return v;
}

uint32_t Checker::adopt_params(Signature* sig, Func* f, const FuncLit* literal, uint32_t first_index) {
  auto adopt = [&](Var* v) {
    v->enclosing_func = f;
    v->enclosing_lit = literal;
    v->index = first_index++;
  };
  if (sig->receiver != nullptr) adopt(sig->receiver);
  for (Var* v : sig->params->vars) adopt(v);
  for (Var* v : sig->results->vars) adopt(v);
  return first_index;
}

// Only objects of the same package can take part in its order of initialisation.
void Checker::add_dependency(Object* to) {
  if (env.decl == nullptr || to->decl == nullptr || to->package != env.package) return;
  auto*& deps = env.decl->deps;
  if (deps == nullptr) deps = new std::vector<Object*>;
  // Cheap filter of repetitions; initorder.cpp drops the rest.
  size_t n = deps->size();
  for (size_t i = n > 4 ? n - 4 : 0; i < n; i++) {
    if ((*deps)[i] == to) return;
  }
  deps->push_back(to);
}

void Checker::arity(Pos pos, std::span<Name* const> names, std::span<Expr* const> inits, bool const_decl, bool inherited) {
  if (names.size() < inits.size()) {
    Expr* extra = inits[names.size()];
    if (inherited) {
      error(pos, "WrongAssignCount", concat("extra init expr at ", position_text(extra->pos)));
    } else {
      error_at(extra, "WrongAssignCount", concat("extra init expr ", expr_string(extra)));
    }
  } else if (names.size() > inits.size() && (const_decl || inits.size() != 1)) {
    // A single value may be a call with several results; that is judged later.
    Name* n = names[inits.size()];
    error_at(n, "WrongAssignCount", concat("missing init expr for ", n->name.text()));
  }
}

// ---- resolving an object ----

void Checker::push_object(Object* o) {
  o->color = kGrey + static_cast<uint32_t>(object_path.size());
  object_path.push_back(o);
}

void Checker::pop_object() {
  object_path.back()->color = kBlack;
  object_path.pop_back();
}

namespace {

size_t first_in_source(std::span<Object* const> path) {
  size_t first = 0;
  for (size_t i = 1; i < path.size(); i++) {
    if (path[i]->pos < path[first]->pos) first = i;
  }
  return first;
}

// Saves the environment and object_decl's place in it.
class SavedEnvironment {
 public:
  explicit SavedEnvironment(Checker& c) : c_(c), saved_(c.env) {}
  ~SavedEnvironment() { c_.env = saved_; }

 private:
  Checker& c_;
  Environment saved_;
};

}  // namespace

void Checker::object_decl(Object* o) {
  if (o->color >= kGrey) {
    // A value in a cycle has no type yet if its initialiser needs itself; the initialisation order reports that.
    if (o->kind == ObjectKind::Const || o->kind == ObjectKind::Var) {
      if (!valid_cycle(o) || o->type == nullptr) o->type = basic(BasicKind::Invalid);
    } else if (!valid_cycle(o) && o->kind == ObjectKind::TypeName) {
      o->type = basic(BasicKind::Invalid);
    }
    return;
  }
  if (o->type != nullptr) return;
  DeclInfo* d = o->decl;
  CHECK(d != nullptr, "an object without type has a declaration");
  if (stack_nearly_full()) {
    error(o->pos, "InvalidDeclCycle",
          concat("declaration of ", o->name.text(), " depends on too long a chain of declarations"));
    o->type = o->kind == ObjectKind::Func ? static_cast<Type*>(new_signature(arena)) : basic(BasicKind::Invalid);
    return;
  }
  push_object(o);
  SavedEnvironment saved(*this);
  env = {};
  env.package = o->package;
  env.scope = d->file_scope;
  env.go_version = d->go_version;
  switch (o->kind) {
    case ObjectKind::Const: {
      env.decl = d;
      auto* c = static_cast<ConstObject*>(o);
      c->value = make_int64(d->iota);
      const_decl(c, static_cast<Expr*>(d->type_expr), static_cast<Expr*>(d->init), d->inherited);
      break;
    }
    case ObjectKind::Var:
      env.decl = d;
      var_decl(static_cast<Var*>(o), d->lhs, static_cast<Expr*>(d->type_expr), static_cast<Expr*>(d->init));
      break;
    case ObjectKind::TypeName:
      type_decl(static_cast<TypeName*>(o), d->type_decl);
      collect_methods(static_cast<TypeName*>(o));
      break;
    case ObjectKind::Func:
      func_decl(static_cast<Func*>(o));
      break;
    default:
      CHECK(false, "a declarable object");
  }
  pop_object();
}

// Judges the cycle that starts with grey object o; reports it if it is not allowed.
bool Checker::valid_cycle(Object* o) {
  size_t start;
  CHECK(on_object_path(o, &start), "an object being resolved");
  std::span<Object* const> cycle = std::span(object_path).subspan(start);
  size_t values = 0, definitions = 0;
  for (Object* at : cycle) {
    switch (at->kind) {
      case ObjectKind::Const:
      case ObjectKind::Var:
        values++;
        break;
      case ObjectKind::TypeName:
        // Cycles through type parameter lists are fine (go.dev/issue/68162).
        if (env.in_type_param_list && at->type != nullptr && is_generic(at->type)) return true;
        if (!is_alias_name(static_cast<TypeName*>(at))) definitions++;
        break;
      default:
        break;
    }
  }
  // Cycles of values only are reported with the order of initialisation. Without values, a defined type is enough to
  // make the cycle finite; aliases alone would be replaced for ever.
  if (values == cycle.size() || (values == 0 && definitions > 0)) return true;
  std::vector<Object*> copy(cycle.begin(), cycle.end());
  cycle_error(copy, first_in_source(copy));
  return false;
}

void Checker::cycle_error(std::span<Object* const> cycle, size_t start) {
  auto name = [&](const Object* o) { return concat(package_prefix(o->package, env.package), o->name.text()); };
  Object* o = cycle[start];
  bool is_type = o->kind == ObjectKind::TypeName;
  if (is_type && o->type != nullptr && o->type->kind == TypeKind::Alias) {
    // No follow-on errors.
    auto* alias = static_cast<Alias*>(o->type);
    alias->from_rhs = basic(BasicKind::Invalid);
    alias->actual = nullptr;
  }
  if (cycle.size() == 1) {
    error(o->pos, "InvalidDeclCycle",
          concat(is_type ? "invalid recursive type: " : "invalid cycle in declaration: ", name(o),
                       " refers to itself"));
    return;
  }
  ErrorBuilder e(*this, "InvalidDeclCycle");
  e.add(o->pos, concat(is_type ? "invalid recursive type " : "invalid cycle in declaration of ", name(o)));
  for (size_t i = 0; i < cycle.size(); i++) {
    Object* next = cycle[(start + i + 1) % cycle.size()];
    e.add(o->pos, concat(name(o), " refers to ", name(next)));
    o = next;
  }
  e.report();
}

// ---- constants and variables ----

// o->value holds iota; it gets the constant's value.
void Checker::const_decl(ConstObject* o, Expr* type, Expr* init, bool inherited) {
  Const outer_iota = env.iota;
  Pos outer_error_pos = env.error_pos;
  env.iota = o->value;
  env.error_pos = {};
  o->value = make_unknown();
  bool type_is_wrong = false;
  if (type != nullptr) {
    Type* t = typ(type);
    if (!is_const_type(t)) {
      if (is_valid(underlying(t))) {
        error_at(type, "InvalidConstType", concat("invalid constant type ", type_text(t)));
      }
      o->type = basic(BasicKind::Invalid);
      type_is_wrong = true;
    } else {
      o->type = t;
    }
  }
  if (!type_is_wrong) {
    Operand x;
    if (init != nullptr) {
      // A repeated expression stands elsewhere: errors in it are shown at the constant's name.
      if (inherited) env.error_pos = o->pos;
      expr(nullptr, x, init);
    }
    init_const(o, x);
  }
  env.iota = outer_iota;
  env.error_pos = outer_error_pos;
}

void Checker::var_decl(Var* o, std::span<Var* const> lhs, Expr* type, Expr* init) {
  if (type != nullptr) o->type = var_type(type);
  if (init == nullptr) {
    if (type == nullptr) o->type = basic(BasicKind::Invalid);  // reported by arity
    return;
  }
  if (lhs.size() <= 1) {
    Operand x;
    expr(Target(o->type, o->name.text()), x, init);
    init_var(o, x, "variable declaration");
    return;
  }
  if (type != nullptr) {
    for (Var* v : lhs) v->type = o->type;
  }
  Expr* const rhs[] = {init};
  init_vars(lhs, rhs, nullptr);
}

// ---- types ----

namespace {

bool is_imported_constraint(Checker& c, Type* t) {
  Named* n = as<Named>(t);
  if (n == nullptr || n->origin->object->package == c.env.package || n->origin->object->package == nullptr) return false;
  Interface* u = under_as<Interface>(n);
  return u != nullptr && !type_set_of(u)->is_method_set();
}

}  // namespace

void Checker::type_decl(TypeName* o, TypeDecl* d) {
  bool too_old = false;
  later([this, o, d] {
    if (Named* n = as<Named>(o->type)) valid_type(n);
    if (!allow_version("go1.18") && d->type_expr->type != nullptr && is_imported_constraint(*this, d->type_expr->type)) {
      verify_version(d->type_expr, "go1.18", concat("using type constraint ", type_text(d->type_expr->type)));
    }
  });
  bool generic = !d->type_params.empty();
  if (d->is_alias) {
    if (generic) too_old = !verify_version(d->type_params[0], "go1.23", "generic type alias");
    if (!too_old) verify_version(d, "go1.9", "type alias");
    Alias* alias = new_alias(arena, o, nullptr);
    if (generic) {
      open_scope(d, "type parameters");
      collect_type_params(&alias->type_params, d->type_params);
    }
    Type* rhs = defined_type(d->type_expr, nullptr);
    // A cycle error may have made the alias invalid already; its declaration still decides, as in gc.
    alias->from_rhs = rhs;
    alias->actual = nullptr;
    if (rhs->kind == TypeKind::TypeParam) {
      auto& own = alias->type_params;
      if (std::find(own.begin(), own.end(), rhs) != own.end()) {
        error_at(d->type_expr, "MisplacedTypeParam", "cannot use type parameter declared in alias declaration as RHS");
        alias->from_rhs = basic(BasicKind::Invalid);
      }
    }
    if (generic) close_scope();
    return;
  }
  if (generic) verify_version(d->type_params[0], "go1.18", "type parameter");
  Named* named = new_named(arena, o);
  if (o->decl == nullptr) {  // declared in a function
    named->enclosing_func = env.func;
    named->local_index = env.func != nullptr ? ++env.local_types : ++env.package->local_types;
  }
  if (generic) {
    open_scope(d, "type parameters");
    collect_type_params(&named->type_params, d->type_params);
  }
  Type* rhs = defined_type(d->type_expr, named);
  named->from_rhs = rhs;
  if (is_type_param(rhs)) {
    error_at(d->type_expr, "MisplacedTypeParam", "cannot use a type parameter as RHS in type declaration");
    named->from_rhs = basic(BasicKind::Invalid);
  }
  if (generic) close_scope();
}

void Checker::collect_type_params(std::span<TypeParam*>* bound_list, std::span<Field* const> list) {
  if (list.empty()) return;
  std::vector<TypeParam*> params;
  // All are declared first: constraints may refer to any of them, and to the declared type itself.
  for (Field* f : list) params.push_back(declare_type_param(f->name, list[0]->pos));
  *bound_list = bind_type_params(arena, params);
  bool outer = env.in_type_param_list;
  env.in_type_param_list = true;
  Type* bound = nullptr;
  for (size_t i = 0; i < list.size(); i++) {
    if (i == 0 || list[i]->type_expr != list[i - 1]->type_expr) {
      bound = bound_type(list[i]->type_expr);
      if (is_type_param(bound)) {
        error_at(list[i]->type_expr, "MisplacedTypeParam", "cannot use a type parameter as constraint");
        bound = basic(BasicKind::Invalid);
      }
    }
    params[i]->bound = bound;
  }
  env.in_type_param_list = outer;
}

// ~T and A|B are constraints only; they are wrapped in an interface that messages do not show.
Type* Checker::bound_type(Expr* e) {
  auto* op = as<Operation>(e);
  if (op == nullptr || (op->op != Op::Tilde && op->op != Op::Or)) return typ(e);
  Field* f = arena.make<Field>();
  f->kind = NodeKind::Field;
  f->pos = e->pos;
  f->name = nullptr;
  f->type_expr = e;
  InterfaceType* wrapper = arena.make<InterfaceType>();
  wrapper->kind = NodeKind::InterfaceType;
  wrapper->pos = e->pos;
  Field* const fields[] = {f};
  wrapper->methods = arena.copy(std::span<Field* const>(fields));
  Type* t = typ(wrapper);
  if (t->kind == TypeKind::Interface) static_cast<Interface*>(t)->implicit = true;
  return t;
}

TypeParam* Checker::declare_type_param(Name* name, Pos scope_pos) {
  TypeName* o = new_type_name(arena, name->pos, env.package, name->name, nullptr);
  o->color = kBlack;
  // Some type is there until the constraint is known.
  TypeParam* p = new_type_param(*this, o, basic(BasicKind::Invalid));
  declare(env.scope, name, o, scope_pos);
  return p;
}

// ---- methods ----

namespace {

// The methods of a type, to find double names. Unexported names of different packages differ, but all are of one here.
using MethodNames = absl::flat_hash_map<Symbol, Func*>;

// spec: Struct types: names of fields and methods of a defined struct type are distinct.
void check_field_uniqueness(Checker& c, Named* base) {
  Struct* s = under_as<Struct>(base);
  if (s == nullptr || base->methods.empty()) return;
  MethodNames names;
  for (Func* m : base->methods) names.emplace(m->name, m);
  for (Var* f : s->fields) {
    auto found = names.find(f->name);
    // Unexported fields of other packages (type T pkg.S) are other names.
    if (found == names.end() || (!f->exported() && f->package != found->second->package)) continue;
    ErrorBuilder e(c, "DuplicateFieldAndMethod");
    e.add(found->second->pos, concat("field and method with the same name ", f->name.text()));
    e.add_other_declaration(f);
    e.report();
  }
}

}  // namespace

// Attaches the methods that resolver.cpp found for o to its type.
void Checker::collect_methods(TypeName* o) {
  auto found = p_->methods.find(o);
  if (found == p_->methods.end()) return;
  std::vector<Func*> list = std::move(found->second);
  p_->methods.erase(found);
  Named* base = as<Named>(o->type);
  if (base != nullptr) {
    // The type may not be complete yet.
    later([this, base] { check_field_uniqueness(*this, base); });
  }
  MethodNames names;
  std::vector<Func*> methods;
  for (Func* m : list) {
    auto [other, is_new] = names.emplace(m->name, m);
    if (!is_new) {
      error(m->pos, "DuplicateMethod",
            concat("method ", o->name.text(), ".", m->name.text(), " already declared at ",
                         position_text(other->second->pos)));
      continue;
    }
    m->receiver_named = base;
    methods.push_back(m);
  }
  if (base != nullptr) base->methods = arena.copy(methods);
}

// ---- functions ----

void Checker::func_decl(Func* o) {
  FuncDecl* d = o->syntax;
  Signature* sig = new_signature(arena);
  o->type = sig;  // against cycles
  func_type(sig, d->receiver, d->type_params, d->func_type);
  sig->scope->pos = d->pos;
  sig->scope->end = d->body_end;
  adopt_params(sig, o, nullptr, 0);
  if (!d->type_params.empty() && !d->has_body) {
    soft_error_at(d, "BadDecl", "generic function is missing function body");
  }
  // Bodies wait until all declarations are resolved; those of dependencies until somebody needs them (check_body).
  if (d->has_body && p_->whole_package == o->package) {
    later([this, o] { check_body(o); });
  }
}

// ---- local declarations ----

namespace {

class LocalDeclarations {
 public:
  explicit LocalDeclarations(Checker& c) : c_(c) {}

  void const_decl(ConstDecl* d);
  void var_decl(VarDecl* d);
  void type_decl(TypeDecl* d);
  void leave_const_group() { const_group_.leave(); }

 private:
  Checker& c_;
  ConstGroup const_group_;
};

// spec: The scope of a constant or variable declared in a function begins at the end of its ConstSpec or VarSpec.
void LocalDeclarations::const_decl(ConstDecl* d) {
  size_t top = c_.p_->delayed.size();
  const ConstGroup::Spec spec = const_group_.next(d);
  auto values = list_of(spec.values);
  std::vector<ConstObject*> lhs;
  for (size_t i = 0; i < d->names.size(); i++) {
    Name* name = d->names[i];
    auto* o = new_object<ConstObject>(c_.arena, ObjectKind::Const, name->pos, c_.env.package, name->name, nullptr);
    o->value = make_int64(d->iota);
    lhs.push_back(o);
    c_.const_decl(o, spec.type, i < values.size() ? values[i] : nullptr, spec.inherited);
    o->color = kBlack;
  }
  c_.arity(d->pos, d->names, values, true, spec.inherited);
  // Function literals in the values do not see the new names.
  c_.process_delayed(top);
  Pos scope_pos = end_pos(d);
  for (size_t i = 0; i < lhs.size(); i++) c_.declare(c_.env.scope, d->names[i], lhs[i], scope_pos);
}

void LocalDeclarations::var_decl(VarDecl* d) {
  size_t top = c_.p_->delayed.size();
  std::vector<Var*> lhs;
  for (Name* name : d->names) lhs.push_back(c_.new_local(VarRole::Local, name->pos, name->name, nullptr));
  auto values = list_of(d->values);
  for (size_t i = 0; i < lhs.size(); i++) {
    if (values.size() == 1 && lhs.size() != 1) {
      // One call initialises them all.
      c_.var_decl(lhs[i], lhs, d->type_expr, values[0]);
      break;
    }
    c_.var_decl(lhs[i], {}, d->type_expr, i < values.size() ? values[i] : nullptr);
    if (values.size() == 1) break;
  }
  if (d->type_expr == nullptr || !values.empty()) c_.arity(d->pos, d->names, values, false, false);
  c_.process_delayed(top);
  Pos scope_pos = end_pos(d);
  for (size_t i = 0; i < lhs.size(); i++) {
    lhs[i]->color = kBlack;
    c_.declare(c_.env.scope, d->names[i], lhs[i], scope_pos);
  }
}

// spec: The scope of a type declared in a function begins at the identifier in the TypeSpec.
void LocalDeclarations::type_decl(TypeDecl* d) {
  TypeName* o = new_type_name(c_.arena, d->name->pos, c_.env.package, d->name->name, nullptr);
  c_.declare(c_.env.scope, d->name, o, d->name->pos);
  c_.push_object(o);
  c_.type_decl(o, d);
  c_.pop_object();
}

}  // namespace

void Checker::decl_stmt(std::span<Decl* const> decls) {
  LocalDeclarations local(*this);
  for (Decl* d : decls) {
    if (d->kind != NodeKind::ConstDecl) local.leave_const_group();
    switch (d->kind) {
      case NodeKind::ConstDecl: local.const_decl(static_cast<ConstDecl*>(d)); break;
      case NodeKind::VarDecl: local.var_decl(static_cast<VarDecl*>(d)); break;
      case NodeKind::TypeDecl: local.type_decl(static_cast<TypeDecl*>(d)); break;
      default: error_at(d, "InvalidSyntaxTree", "invalid syntax tree: unknown declaration"); break;
    }
  }
}

}  // namespace gale::types
