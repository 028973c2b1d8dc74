// The work list of discovery (see discover.h).
#include "discover/discover.h"

#include <algorithm>

#include "base/check.h"
#include "discover/init_order.h"
#include "discover/names.h"
#include "load/package.h"
#include "types/checker.h"
#include "types/predicates.h"

namespace gale::discover {

using types::CanonicalTypes;

// A method as an interface asks for it. Unexported names are those of their package.
struct Discovery::MethodKey {
  Symbol name;
  const types::Package* package;
  types::Type* signature;

  static MethodKey of(const CanonicalTypes::Method& m) { return {m.name, m.package, m.signature}; }
  bool operator==(const MethodKey&) const = default;
  template <class H>
  friend H AbslHashValue(H h, const MethodKey& k) {
    return H::combine(std::move(h), k.name, k.package, k.signature);
  }
};

struct Discovery::State {
  struct TypeMethod {
    types::Type* type;
    const CanonicalTypes::Method* method;
  };

  absl::flat_hash_set<Symbol> functions, externals, variables;
  absl::flat_hash_map<types::Type*, size_t> types;  // index in Program::types
  absl::flat_hash_map<std::pair<types::Type*, types::Type*>, size_t> itabs;  // index in Program::itabs
  absl::flat_hash_set<types::Type*> any_itab;  // interfaces
  std::vector<size_t> pending_types;  // to be described, again if `in_interface` was added
  absl::flat_hash_set<types::Type*> with_methods;  // whose methods are kept or waiting
  size_t next_function = 0, next_variable = 0;

  // Methods. Those of types in interfaces that nobody wants yet wait by name.
  absl::flat_hash_set<MethodKey> called;
  struct CalledMethod {
    types::Type* interface;
    size_t index;  // in interface_methods
  };
  std::vector<CalledMethod> called_on;  // each method with each interface once
  absl::flat_hash_set<std::pair<types::Type*, size_t>> called_on_seen;
  absl::flat_hash_set<Symbol> requested_names;
  bool reflect_seen = false;  // any exported method may be called by reflection
  absl::flat_hash_map<Symbol, std::vector<TypeMethod>> waiting;
  std::vector<TypeMethod> all_exported;  // waiting, for reflect_seen
  absl::flat_hash_set<std::pair<types::Type*, MethodKey>> kept;
  absl::flat_hash_map<MethodKey, std::vector<types::Type*>> keepers;  // in order of arrival

  // Initialisers.
  std::vector<types::Package*> packages;  // of the import closure
  absl::flat_hash_map<const types::Var*, std::pair<types::Package*, uint32_t>> pure_units;
  absl::flat_hash_set<std::pair<const types::Package*, uint32_t>> running_units;
};

Discovery::Discovery(types::Checker& checker, CanonicalTypes& types, const Linknames& linknames, Backend& backend,
                     DiscoverOptions options)
    : checker_(checker), types_(types), linknames_(linknames), backend_(backend), options_(std::move(options)),
      state_(std::make_unique<State>()) {}

Discovery::~Discovery() = default;

namespace {

// Go functions that the runtime's assembler calls.
struct AsmCall {
  std::string_view caller, callee;
};
constexpr AsmCall kAsmCalls[] = {
#define ASM_CALL(caller, callee) {caller, callee},
#include "base/abi/symbols.def"
#undef ASM_CALL
};

}  // namespace

// ---- what the code tells

void Discovery::function(Symbol name, const FunctionInstance& f) {
  if (!state_->functions.insert(name).second) return;
  program_.functions.push_back({name, f});
}

void Discovery::external(Symbol name) {
  if (!state_->externals.insert(name).second) return;
  program_.externals.push_back(name);
  for (const AsmCall& call : kAsmCalls) {
    types::Func* f = call.caller == name.text() ? linknames_.function(Symbol(call.callee)) : nullptr;
    if (f == nullptr) continue;
    FunctionInstance instance;
    instance.func = f;
    function(Symbol(call.callee), instance);
  }
}

void Discovery::variable(Symbol name, types::Var* v) {
  if (state_->variables.insert(name).second) program_.variables.push_back({name, v});
}

void Discovery::type(types::Type* t, bool in_interface) {
  CHECK(t->canonical, "a canonical type");
  auto [it, fresh] = state_->types.try_emplace(t, program_.types.size());
  if (fresh) {
    program_.types.push_back({t, in_interface});
    state_->pending_types.push_back(it->second);
  } else if (in_interface && !program_.types[it->second].in_interface) {
    program_.types[it->second].in_interface = true;
    state_->pending_types.push_back(it->second);
  }
}

void Discovery::itab(types::Type* concrete, types::Type* interface, bool made) {
  auto [it, fresh] = state_->itabs.try_emplace({concrete, interface}, program_.itabs.size());
  if (!fresh) {
    if (made && !program_.itabs[it->second].made) type(concrete, true);
    program_.itabs[it->second].made |= made;
    return;
  }
  program_.itabs.push_back({concrete, interface, made});
  type(concrete, made);
  type(interface, false);
}

void Discovery::any_itab(types::Type* interface) { state_->any_itab.insert(interface); }

void Discovery::interface_method(types::Type* interface, Symbol method, types::Package* package) {
  const std::vector<CanonicalTypes::Method>& methods = types_.interface_methods(interface);
  for (size_t at = 0; at < methods.size(); at++) {
    const CanonicalTypes::Method& m = methods[at];
    if (m.name != method || (m.package != nullptr && package != nullptr && m.package != package)) continue;
    if (state_->called_on_seen.insert({interface, at}).second) state_->called_on.push_back({interface, at});
    if (!state_->called.insert(MethodKey::of(m)).second) return;
    auto it = state_->waiting.find(method);
    if (it == state_->waiting.end()) return;
    // keep() may add to the list while it is walked.
    for (size_t i = 0; i < it->second.size(); i++) {
      const State::TypeMethod waiting = it->second[i];
      if (wanted(*waiting.method)) keep(waiting.type, *waiting.method);
      it = state_->waiting.find(method);
    }
    return;
  }
}

void Discovery::method_by_name(Symbol name) {
  if (name.empty()) {
    if (state_->reflect_seen) return;
    state_->reflect_seen = true;
    for (size_t i = 0; i < state_->all_exported.size(); i++) {
      const State::TypeMethod waiting = state_->all_exported[i];
      keep(waiting.type, *waiting.method);
    }
    return;
  }
  if (!state_->requested_names.insert(name).second) return;
  auto it = state_->waiting.find(name);
  if (it == state_->waiting.end()) return;
  const std::vector<State::TypeMethod> now = it->second;
  for (const State::TypeMethod& waiting : now) keep(waiting.type, *waiting.method);
}

// ---- methods

bool Discovery::wanted(const CanonicalTypes::Method& m) const {
  if (options_.open_world) return true;
  if (state_->called.contains(MethodKey::of(m)) || state_->requested_names.contains(m.name)) return true;
  return state_->reflect_seen && m.package == nullptr;
}

// The method's code, under both of its calling forms, and its type (for reflect) are needed.
void Discovery::keep(types::Type* t, const CanonicalTypes::Method& m) {
  if (!state_->kept.insert({t, MethodKey::of(m)}).second) return;
  state_->keepers[MethodKey::of(m)].push_back(t);
  FunctionInstance direct = backend_.method_code(t, m), through = backend_.method_code_in_interface(t, m);
  function(symbol_of(direct), direct);
  function(symbol_of(through), through);
  type(m.signature, true);
}

bool Discovery::keeps_method(types::Type* t, const CanonicalTypes::Method& m) const {
  return state_->kept.contains({t, MethodKey::of(m)});
}

bool Discovery::lists_methods() const {
  return options_.open_world || state_->reflect_seen || !state_->requested_names.empty() ||
         state_->functions.contains(Symbol("reflect.StructOf"));
}

void Discovery::add_methods(types::Type* t) {
  if (types::is_interface(t) || !state_->with_methods.insert(t).second) return;
  for (const CanonicalTypes::Method& m : types_.method_set(t)) {
    if (wanted(m)) {
      keep(t, m);
      continue;
    }
    state_->waiting[m.name].push_back({t, &m});
    if (m.package == nullptr) state_->all_exported.push_back({t, &m});
  }
}

Symbol Discovery::symbol_of(const FunctionInstance& f) const {
  // A plain function may go by another name (linkname).
  if (f.kind == FunctionKind::Declared && f.type_args.empty() && f.func->signature()->receiver == nullptr) {
    return linknames_.symbol_of(f.func);
  }
  return function_symbol(f);
}

// ---- what is known of the whole

std::unique_ptr<WorldFacts> Discovery::facts() const {
  auto facts = std::make_unique<WorldFacts>();
  if (options_.open_world) return facts;
  absl::flat_hash_map<types::Type*, std::vector<types::Type*>> converted;  // to each interface
  for (const Program::Itab& i : program_.itabs) {
    if (i.made) converted[i.interface].push_back(i.concrete);
  }
  auto has_methods_of = [&](types::Type* t, types::Type* interface) {
    for (const CanonicalTypes::Method& wanted : types_.interface_methods(interface)) {
      const CanonicalTypes::Method* m = types_.find_method(t, wanted.name, wanted.package);
      if (m == nullptr || m->signature != wanted.signature) return false;
    }
    return true;
  };
  const bool makes_types = state_->functions.contains(Symbol("reflect.StructOf"));
  for (const State::CalledMethod& called : state_->called_on) {
    types::Type* interface = called.interface;
    const CanonicalTypes::Method& method = types_.interface_methods(interface)[called.index];
    // Reflection turns values into interfaces that it can see the descriptors of.
    auto described = state_->types.find(interface);
    const bool any = state_->any_itab.contains(interface) ||
                     (described != state_->types.end() && program_.types[described->second].in_interface);
    if (any && makes_types) continue;
    std::vector<types::Type*> implementers;
    if (any) {
      auto keepers = state_->keepers.find(MethodKey::of(method));
      if (keepers == state_->keepers.end()) continue;
      for (types::Type* t : keepers->second) {
        if (has_methods_of(t, interface)) implementers.push_back(t);
      }
    } else if (auto it = converted.find(interface); it != converted.end()) {
      implementers = it->second;
    }
    std::vector<WorldFacts::Implementation> list;
    for (types::Type* t : implementers) {
      const CanonicalTypes::Method* m = types_.find_method(t, method.name, method.package);
      const Symbol code = symbol_of(backend_.method_code_in_interface(t, *m));
      if (std::any_of(list.begin(), list.end(), [&](const WorldFacts::Implementation& i) { return i.code == code; })) continue;
      list.push_back({code, type_symbol(t)});
      if (list.size() > WorldFacts::kMaxImplementations) break;
    }
    facts->learn(method_symbol(interface, method.name, method.package), std::move(list));
  }
  for (const Program::Itab& i : program_.itabs) {
    const std::vector<CanonicalTypes::Method>& methods = types_.interface_methods(i.interface);
    std::vector<Symbol> code(methods.size());
    for (size_t at = 0; at < methods.size(); at++) {
      const CanonicalTypes::Method* m = types_.find_method(i.concrete, methods[at].name, methods[at].package);
      if (m != nullptr && keeps_method(i.concrete, *m)) code[at] = symbol_of(backend_.method_code_in_interface(i.concrete, *m));
    }
    facts->learn_itab(itab_symbol(i.concrete, i.interface), std::move(code), type_symbol(i.concrete));
  }
  return facts;
}

// ---- the work list

void Discovery::describe(size_t index) {
  const Program::TypeUse use = program_.types[index];
  backend_.descriptor_references(use.type, use.in_interface, *this);
  if (use.in_interface) add_methods(use.type);
}

void Discovery::drain() {
  for (;;) {
    if (!state_->pending_types.empty()) {
      std::vector<size_t> now = std::move(state_->pending_types);
      state_->pending_types.clear();
      for (size_t i : now) describe(i);
    } else if (state_->next_variable < program_.variables.size()) {
      const Program::Variable v = program_.variables[state_->next_variable++];
      backend_.lower_variable(v.name, v.var);
      run_unit_of(v.var);
    } else if (state_->next_function < program_.functions.size()) {
      const Program::Function f = program_.functions[state_->next_function++];
      backend_.lower_function(f.name, f.instance);
    } else {
      return;
    }
  }
}

// ---- initialisation

// Checks all initialisers of p and, since their order depends on them, the bodies of p that they lead to.
void Discovery::prepare_initialisers(types::Package* p) {
  absl::flat_hash_set<const types::Object*> seen;
  std::vector<types::Object*> work;
  for (types::Object* o : p->objects) {
    if (o->kind != types::ObjectKind::Var) continue;
    checker_.check_var(static_cast<types::Var*>(o));
    if (o->decl != nullptr && o->decl->init != nullptr) work.push_back(o);
  }
  while (!work.empty()) {
    types::Object* o = work.back();
    work.pop_back();
    if (o->package != p || !seen.insert(o).second) continue;
    if (o->kind == types::ObjectKind::Func) {
      auto* f = static_cast<types::Func*>(o);
      checker_.check_body(f->origin != nullptr ? f->origin : f);
    }
    if (o->decl == nullptr || o->decl->deps == nullptr) continue;
    for (types::Object* d : *o->decl->deps) {
      if (d->kind == types::ObjectKind::Func || d->kind == types::ObjectKind::Var) work.push_back(d);
    }
  }
  checker_.check_init_order(p);
}

void Discovery::add_initialisers(types::Package* p) {
  if (p->source == nullptr || p->source->fake) return;
  prepare_initialisers(p);
  for (uint32_t i = 0; i < p->init_order.size(); i++) {
    InitKind kind = options_.open_world ? InitKind::Effectful : backend_.init_kind(p, i);
    if (kind == InitKind::Static) continue;
    if (kind == InitKind::Effectful) {
      state_->running_units.insert({p, i});
      FunctionInstance unit{FunctionKind::InitUnit};
      unit.package = p;
      unit.unit = i;
      function(function_symbol(unit), unit);
      continue;
    }
    for (const types::Var* v : p->init_order[i].lhs) state_->pure_units[v] = {p, i};
  }
  for (uint32_t i = 0; i < p->init_funcs.size(); i++) {
    FunctionInstance init{FunctionKind::InitFunction};
    init.func = p->init_funcs[i];
    init.package = p;
    init.unit = i;
    function(function_symbol(init), init);
  }
}

// v has become reachable: an initialiser that only fills it must run.
void Discovery::run_unit_of(types::Var* v) {
  auto it = state_->pure_units.find(v);
  if (it == state_->pure_units.end() || !state_->running_units.insert(it->second).second) return;
  FunctionInstance unit{FunctionKind::InitUnit};
  unit.package = it->second.first;
  unit.unit = it->second.second;
  function(function_symbol(unit), unit);
}

void Discovery::order_initialisers() {
  for (types::Package* p : initialisation_order(state_->packages, linknames_.package(Symbol("runtime")))) {
    for (uint32_t i = 0; i < p->init_order.size(); i++) {
      if (state_->running_units.contains({p, i})) program_.init_steps.push_back({p, init_unit_symbol(p, i)});
    }
    for (uint32_t i = 0; i < p->init_funcs.size(); i++) {
      FunctionInstance init{FunctionKind::InitFunction};
      init.package = p;
      init.func = p->init_funcs[i];
      init.unit = i;
      program_.init_steps.push_back({p, function_symbol(init)});
    }
  }
}

void Discovery::add_roots(types::Package* main_package) {
  auto root = [this](Symbol name) {
    types::Func* f = linknames_.function(name);
    if (f == nullptr) {
      external(name);
      return;
    }
    FunctionInstance instance;
    instance.func = f;
    function(name, instance);
  };
  if (main_package != nullptr) root(Symbol("main.main"));
  for (std::string_view name : options_.roots) root(Symbol(name));
}

const Program& Discovery::run(types::Package* main_package) {
  CrashScope scope("discover", main_package == nullptr ? "" : main_package->path.text());
  state_->packages = import_closure(main_package, linknames_.package(Symbol("runtime")));
  add_roots(main_package);
  for (types::Package* p : state_->packages) add_initialisers(p);
  drain();
  order_initialisers();
  return program_;
}

}  // namespace gale::discover
