// Canonical types by hash consing: a type is the sequence of words that describes it in terms of the ids of its canonical
// parts, and equal sequences are one type. Substitution of type arguments happens on the way, without intermediate types.
//
// A declared, non-generic Named represents itself; its underlying type is replaced by the canonical one (which is
// identical, so the checker does not mind). Since that is where types are recursive, underlying types are done from a work
// list and the recursion is bounded by the nesting of type literals. Instances get a Named of their own here.
#include "types/canonical.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <mutex>

#include <absl/container/inlined_vector.h>

#include "types/generics.h"
#include "types/private.h"

namespace gale::types {

namespace {

using Key = absl::InlinedVector<uint64_t, 8>;

uint64_t word(Symbol s) { return std::bit_cast<uint64_t>(s); }
uint64_t word(const void* p) { return reinterpret_cast<uint64_t>(p); }

// What type parameters stand for. args are canonical; scope identifies them (their canonical Tuple).
struct Bindings {
  std::span<TypeParam* const> params;
  std::span<Type* const> args;
  const Type* scope = nullptr;

  Type* get(const TypeParam* p) const {
    for (size_t i = 0; i < params.size(); i++) {
      if (params[i] == p) return args[i];
    }
    return nullptr;
  }
};

std::span<TypeParam*> params_of_func(const Func* f) {
  if (f == nullptr) return {};
  const Signature* sig = f->signature();
  if (sig == nullptr) return {};
  return sig->type_params.empty() ? sig->receiver_type_params : sig->type_params;
}

}  // namespace

struct CanonicalTypes::Impl {
  explicit Impl(Checker& c) : checker(c) { register_universe(); }

  Checker& checker;
  std::recursive_mutex mutex;
  absl::flat_hash_map<Key, Type*> table;
  // Results for types that mention type parameters, by type and scope of the bindings.
  absl::flat_hash_map<std::pair<const Type*, const Type*>, Type*> bound_memo;
  absl::flat_hash_map<const Type*, std::unique_ptr<std::vector<Method>>> method_sets;
  uint32_t next_id = 0;
  bool mentions_params = false;  // did the walk meet a type parameter since this was last cleared?

  // A Named whose underlying type is still to be made canonical.
  struct Pending {
    Named* named;
    Type* underlying;
    Bindings bindings;
  };
  std::vector<Pending> pending;
  bool draining = false;

  void register_universe();
  void register_type(Key key, Type* t);
  Type* enter(Type* t);
  Type* get(Type* t, const Bindings& b);
  Type* walk(Type* t, const Bindings& b);
  Type* composite(Type* t, const Bindings& b);
  Type* structure(Struct* t, const Bindings& b);
  Type* signature(const Signature* t, const Bindings& b);
  Type* interface_type(Interface* t, const Bindings& b);
  Type* named(Named* t, const Bindings& b);
  Type* declared(Named* t);
  Type* instance(Named* origin, std::span<Type* const> args, std::span<Type* const> implicit, const Bindings& outer);
  Tuple* tuple(std::span<Type* const> types);
  Type* func(std::span<Type* const> params, std::span<Type* const> results, bool variadic);
  Type* simple(TypeKind kind, uint64_t extra, Type* a, Type* b, Type* written);
  Type* struct_from(std::span<Var* const> fields, std::span<Type* const> types, std::span<const Symbol> tags,
                    Struct* written);
  void drain();
  Bindings bind(std::span<TypeParam* const> from, std::span<Type* const> to);

};

// ---- the table ----

Type* CanonicalTypes::Impl::enter(Type* t) {
  t->canonical = true;
  t->representative = t;
  t->id = ++next_id;
  return t;
}

void CanonicalTypes::Impl::register_type(Key key, Type* t) {
  // Universe types are shared by all programs of the process; their ids are the same in each.
  if (!t->canonical) {
    enter(t);
  } else {
    next_id = std::max(next_id, t->id);
  }
  if (!key.empty()) table.emplace(std::move(key), t);
}

void CanonicalTypes::Impl::register_universe() {
  for (int i = 0; i < kBasicKindCount; i++) register_type({}, &kTyp[i]);
  register_type({static_cast<uint64_t>(TypeKind::Tuple)}, kEmptyTuple);
  register_type({static_cast<uint64_t>(TypeKind::Interface)}, kEmptyInterface);
  register_type({}, kUniverseError);
  Interface* error = static_cast<Interface*>(kUniverseError->underlying_type);
  Type* string_result = basic(BasicKind::String);
  Type* sig = func({}, {&string_result, 1}, false);
  register_type({static_cast<uint64_t>(TypeKind::Interface), word(Symbol("Error")), 0, sig->id}, error);
}

Type* CanonicalTypes::Impl::simple(TypeKind kind, uint64_t extra, Type* a, Type* b, Type* written) {
  Key key{static_cast<uint64_t>(kind), extra, a->id, b == nullptr ? 0 : b->id};
  auto [at, is_new] = table.try_emplace(std::move(key), nullptr);
  if (!is_new) return at->second;
  Arena& arena = checker.arena;
  Type* t = written;
  if (t == nullptr) {
    switch (kind) {
      case TypeKind::Array: {
        Array* x = new_type<Array>(arena);
        x->length = static_cast<int64_t>(extra);
        x->elem = a;
        t = x;
        break;
      }
      case TypeKind::Slice: t = new_slice(arena, a); break;
      case TypeKind::Pointer: t = new_pointer(arena, a); break;
      case TypeKind::Map: {
        Map* x = new_type<Map>(arena);
        x->key = a;
        x->elem = b;
        t = x;
        break;
      }
      default: {
        Chan* x = new_type<Chan>(arena);
        x->dir = static_cast<ChanDir>(extra);
        x->elem = a;
        t = x;
        break;
      }
    }
  }
  at->second = t;
  return enter(t);
}

Tuple* CanonicalTypes::Impl::tuple(std::span<Type* const> types) {
  Key key{static_cast<uint64_t>(TypeKind::Tuple)};
  for (Type* t : types) key.push_back(t->id);
  auto [at, is_new] = table.try_emplace(std::move(key), nullptr);
  if (!is_new) return static_cast<Tuple*>(at->second);
  std::vector<Var*> vars;
  for (Type* t : types) {
    vars.push_back(new_var(checker.arena, VarRole::Param, {}, nullptr, {}, t));
    vars.back()->index = static_cast<uint32_t>(vars.size() - 1);
  }
  Tuple* t = new_tuple(checker.arena, vars);
  at->second = t;
  return static_cast<Tuple*>(enter(t));
}

Type* CanonicalTypes::Impl::func(std::span<Type* const> params, std::span<Type* const> results, bool variadic) {
  Tuple* p = tuple(params);
  Tuple* r = tuple(results);
  Key key{static_cast<uint64_t>(TypeKind::Signature), p->id, r->id, variadic};
  auto [at, is_new] = table.try_emplace(std::move(key), nullptr);
  if (!is_new) return at->second;
  Signature* sig = new_signature(checker.arena);
  sig->params = p;
  sig->results = r;
  sig->variadic = variadic;
  at->second = sig;
  return enter(sig);
}

Type* CanonicalTypes::Impl::struct_from(std::span<Var* const> fields, std::span<Type* const> types,
                                        std::span<const Symbol> tags, Struct* written) {
  Key key{static_cast<uint64_t>(TypeKind::Struct)};
  bool same = written != nullptr;
  bool has_tags = false;
  for (size_t i = 0; i < fields.size(); i++) {
    const Var* f = fields[i];
    Symbol tag = i < tags.size() ? tags[i] : Symbol();
    key.push_back(word(f->name));
    key.push_back(f->exported() ? 0 : word(f->package));
    key.push_back(types[i]->id * 2 + (f->embedded ? 1 : 0));
    key.push_back(word(tag));
    has_tags |= !tag.empty();
    same &= types[i] == f->type;
  }
  auto [at, is_new] = table.try_emplace(std::move(key), nullptr);
  if (!is_new) return at->second;
  Struct* t = written;
  if (!same) {
    t = new_type<Struct>(checker.arena);
    t->fields = checker.arena.make_array<Var*>(fields.size());
    for (size_t i = 0; i < fields.size(); i++) {
      Var* f = checker.arena.make<Var>(*fields[i]);
      f->type = types[i];
      f->index = static_cast<uint32_t>(i);
      f->middle = 0;
      f->origin = fields[i]->origin != nullptr ? fields[i]->origin : fields[i];
      t->fields[i] = f;
    }
    if (has_tags) t->tags = checker.arena.copy(std::vector<Symbol>(tags.begin(), tags.end()));
  }
  at->second = t;
  return enter(t);
}

// ---- walking a written type ----

Bindings CanonicalTypes::Impl::bind(std::span<TypeParam* const> from, std::span<Type* const> to) {
  Bindings b;
  if (from.empty()) return b;
  std::vector<Type*> args;
  for (Type* t : to) args.push_back(get(t, {}));
  Tuple* scope = tuple(args);
  std::vector<Type*> stable;
  for (Var* v : scope->vars) stable.push_back(v->type);
  b.params = checker.arena.copy(std::vector<TypeParam*>(from.begin(), from.end()));
  b.args = checker.arena.copy(stable);
  b.scope = scope;
  return b;
}

Type* CanonicalTypes::Impl::get(Type* t, const Bindings& b) {
  if (t->representative != nullptr) return t->representative;
  bool outer_mentions = mentions_params;
  mentions_params = false;
  Type* r = nullptr;
  std::pair<const Type*, const Type*> memo_key{t, b.scope};
  if (b.scope != nullptr) {
    auto found = bound_memo.find(memo_key);
    if (found != bound_memo.end()) {
      mentions_params = true;
      return found->second;
    }
  }
  r = walk(t, b);
  if (!mentions_params) {
    t->representative = r;
  } else if (b.scope != nullptr) {
    bound_memo.emplace(memo_key, r);
  }
  mentions_params |= outer_mentions;
  return r;
}

Type* CanonicalTypes::Impl::walk(Type* t, const Bindings& b) {
  switch (t->kind) {
    case TypeKind::Basic: return &kTyp[static_cast<int>(static_cast<Basic*>(t)->basic)];
    case TypeKind::Alias: return get(unalias(t), b);
    case TypeKind::TypeParam: {
      mentions_params = true;
      Type* arg = b.get(static_cast<TypeParam*>(t));
      if (arg != nullptr) return arg;
      if (!t->canonical) {
        // A free parameter: only types of generic code that nobody compiles contain one.
        t->canonical = true;
        t->id = ++next_id;
      }
      return t;
    }
    case TypeKind::Struct: return structure(static_cast<Struct*>(t), b);
    case TypeKind::Signature: return signature(static_cast<Signature*>(t), b);
    case TypeKind::Interface: return interface_type(static_cast<Interface*>(t), b);
    case TypeKind::Named: return named(static_cast<Named*>(t), b);
    case TypeKind::Tuple: {
      absl::InlinedVector<Type*, 8> types;
      for (Var* v : static_cast<Tuple*>(t)->vars) types.push_back(get(v->type, b));
      return tuple(types);
    }
    case TypeKind::Union:
      if (!t->canonical) enter(t);
      return t;
    default: return composite(t, b);
  }
}

// A type made of one or two others; the written one is taken if its parts are canonical.
Type* CanonicalTypes::Impl::composite(Type* t, const Bindings& b) {
  switch (t->kind) {
    case TypeKind::Array: {
      auto* x = static_cast<Array*>(t);
      Type* elem = get(x->elem, b);
      return simple(t->kind, static_cast<uint64_t>(x->length), elem, nullptr, elem == x->elem ? t : nullptr);
    }
    case TypeKind::Slice: {
      Type* written = static_cast<Slice*>(t)->elem;
      Type* elem = get(written, b);
      return simple(t->kind, 0, elem, nullptr, elem == written ? t : nullptr);
    }
    case TypeKind::Pointer: {
      Type* written = static_cast<Pointer*>(t)->elem;
      Type* elem = get(written, b);
      return simple(t->kind, 0, elem, nullptr, elem == written ? t : nullptr);
    }
    case TypeKind::Map: {
      auto* x = static_cast<Map*>(t);
      Type* key = get(x->key, b);
      Type* elem = get(x->elem, b);
      return simple(t->kind, 0, key, elem, key == x->key && elem == x->elem ? t : nullptr);
    }
    default: {
      auto* x = static_cast<Chan*>(t);
      Type* elem = get(x->elem, b);
      return simple(t->kind, static_cast<uint64_t>(x->dir), elem, nullptr, elem == x->elem ? t : nullptr);
    }
  }
}

Type* CanonicalTypes::Impl::structure(Struct* t, const Bindings& b) {
  absl::InlinedVector<Type*, 8> types;
  for (Var* f : t->fields) types.push_back(get(f->type, b));
  return struct_from(t->fields, types, t->tags, t);
}

Type* CanonicalTypes::Impl::signature(const Signature* t, const Bindings& b) {
  absl::InlinedVector<Type*, 8> params, results;
  for (Var* v : t->params->vars) params.push_back(get(v->type, b));
  for (Var* v : t->results->vars) results.push_back(get(v->type, b));
  return func(params, results, t->variadic);
}

// By its full method set; embedded interfaces vanish.
Type* CanonicalTypes::Impl::interface_type(Interface* t, const Bindings& b) {
  TypeSet* set = checker.type_set(t);
  Key key{static_cast<uint64_t>(TypeKind::Interface)};
  absl::InlinedVector<Type*, 8> signatures;
  for (Func* m : set->methods) {
    Type* sig = get(m->type, b);
    key.push_back(word(m->name));
    key.push_back(m->exported() ? 0 : word(m->package));
    key.push_back(sig->id);
    signatures.push_back(sig);
  }
  if (!set->is_method_set()) {
    // A constraint: not the type of any value, but it may be asked for all the same.
    key.push_back(word(t));
  }
  auto [at, is_new] = table.try_emplace(std::move(key), nullptr);
  if (!is_new) return at->second;
  Interface* c = new_type<Interface>(checker.arena);
  at->second = c;
  enter(c);
  c->complete = true;
  c->methods = checker.arena.make_array<Func*>(signatures.size());
  for (size_t i = 0; i < signatures.size(); i++) {
    Func* m = checker.arena.make<Func>(*set->methods[i]);
    m->type = signatures[i];
    m->origin = set->methods[i]->origin != nullptr ? set->methods[i]->origin : set->methods[i];
    m->receiver_interface = c;
    m->middle = 0;
    c->methods[i] = m;
  }
  return c;
}

// ---- defined types ----

Type* CanonicalTypes::Impl::named(Named* t, const Bindings& b) {
  if (t->canonical) return t;
  Named* origin = t->origin != nullptr ? t->origin : t;
  absl::InlinedVector<Type*, 4> args, implicit;
  for (Type* a : t->type_args) args.push_back(get(a, b));
  // Types declared in a generic function differ by its type arguments, mentioned or not.
  for (TypeParam* p : params_of_func(origin->enclosing_func)) implicit.push_back(get(p, b));
  if (args.empty() && implicit.empty()) return declared(t);
  return instance(origin, args, implicit, b);
}

Type* CanonicalTypes::Impl::declared(Named* t) {
  if (t->object->type == nullptr) checker.object_decl(t->object);
  Type* u = types::underlying(t);
  enter(t);
  // The type of a generic declaration itself is not concrete; it stays as it is.
  if (t->type_params.empty() && t->object->package != nullptr) pending.push_back({t, u, {}});
  return t;
}

Type* CanonicalTypes::Impl::instance(Named* origin, std::span<Type* const> args, std::span<Type* const> implicit,
                                     const Bindings&) {
  Key key{static_cast<uint64_t>(TypeKind::Named), word(origin)};
  for (Type* a : args) key.push_back(a->id);
  for (Type* a : implicit) key.push_back(a->id);
  auto [at, is_new] = table.try_emplace(std::move(key), nullptr);
  if (!is_new) return at->second;
  Named* n = new_type<Named>(checker.arena);
  at->second = n;
  enter(n);
  n->object = origin->object;
  n->origin = origin;
  n->type_args = checker.arena.copy(args);
  n->implicit_args = checker.arena.copy(implicit);
  n->local_index = origin->local_index;
  n->enclosing_func = origin->enclosing_func;
  n->pos = origin->pos;
  std::vector<TypeParam*> params;
  std::vector<Type*> all;
  if (!args.empty()) {
    params.assign(origin->type_params.begin(), origin->type_params.end());
    all.assign(args.begin(), args.end());
  }
  auto outer = params_of_func(origin->enclosing_func);
  params.insert(params.end(), outer.begin(), outer.end());
  all.insert(all.end(), implicit.begin(), implicit.end());
  pending.push_back({n, types::underlying(origin), bind(params, all)});
  return n;
}

void CanonicalTypes::Impl::drain() {
  if (draining) return;
  draining = true;
  while (!pending.empty()) {
    Pending p = pending.back();
    pending.pop_back();
    p.named->underlying_type = get(p.underlying, p.bindings);
  }
  draining = false;
}

// ---- the public face ----

CanonicalTypes::CanonicalTypes(Checker& checker) : impl_(new Impl(checker)) {}
CanonicalTypes::~CanonicalTypes() { delete impl_; }

Type* CanonicalTypes::get(Type* t) {
  if (t->representative != nullptr) return t->representative;
  std::lock_guard<std::recursive_mutex> lock(impl_->mutex);
  Type* r = impl_->get(t, {});
  impl_->drain();
  return r;
}

Type* CanonicalTypes::get(Type* t, std::span<TypeParam* const> from, std::span<Type* const> to) {
  if (t->representative != nullptr) return t->representative;
  std::lock_guard<std::recursive_mutex> lock(impl_->mutex);
  Type* r = impl_->get(t, impl_->bind(from, to));
  impl_->drain();
  return r;
}

Type* CanonicalTypes::pointer_to(Type* elem) {
  std::lock_guard<std::recursive_mutex> lock(impl_->mutex);
  return impl_->simple(TypeKind::Pointer, 0, get(elem), nullptr, nullptr);
}

Type* CanonicalTypes::slice_of(Type* elem) {
  std::lock_guard<std::recursive_mutex> lock(impl_->mutex);
  return impl_->simple(TypeKind::Slice, 0, get(elem), nullptr, nullptr);
}

Type* CanonicalTypes::array_of(Type* elem, int64_t length) {
  std::lock_guard<std::recursive_mutex> lock(impl_->mutex);
  return impl_->simple(TypeKind::Array, static_cast<uint64_t>(length), get(elem), nullptr, nullptr);
}

Type* CanonicalTypes::struct_of(std::span<Var* const> fields) {
  std::lock_guard<std::recursive_mutex> lock(impl_->mutex);
  std::vector<Type*> types;
  for (Var* f : fields) types.push_back(get(f->type));
  return impl_->struct_from(fields, types, {}, nullptr);
}

Type* CanonicalTypes::tuple_of(std::span<Type* const> types) {
  std::lock_guard<std::recursive_mutex> lock(impl_->mutex);
  std::vector<Type*> parts;
  for (Type* t : types) parts.push_back(get(t));
  return impl_->tuple(parts);
}

Type* CanonicalTypes::func_of(std::span<Type* const> params, std::span<Type* const> results, bool variadic) {
  std::lock_guard<std::recursive_mutex> lock(impl_->mutex);
  std::vector<Type*> p, r;
  for (Type* t : params) p.push_back(get(t));
  for (Type* t : results) r.push_back(get(t));
  return impl_->func(p, r, variadic);
}

// ---- method sets ----

namespace {

bool method_before(const CanonicalTypes::Method& x, const CanonicalTypes::Method& y) {
  if ((x.package == nullptr) != (y.package == nullptr)) return x.package == nullptr;
  if (x.name != y.name) return x.name.text() < y.name.text();
  return x.package != nullptr && x.package->path.text() < y.package->path.text();
}

// Collects methods level by level of embedding (spec: Selectors: the shallowest depth wins; two at the same depth cancel
// each other, and hide deeper ones).
class MethodSetBuilder {
 public:
  MethodSetBuilder(CanonicalTypes& types, Checker& c) : types_(types), c_(c) {}
  std::vector<CanonicalTypes::Method> run(Type* t);

 private:
  struct Embedded {
    Type* type;  // without pointer
    std::vector<uint32_t> path;
    bool indirect;
    bool repeated;  // met more than once at this depth
  };
  struct Found {
    bool ambiguous = false;
    bool is_method = false;
    CanonicalTypes::Method method;
  };
  using Name = std::pair<Symbol, const Package*>;

  static Name name_of(const Object* o) { return {o->name, o->exported() ? nullptr : o->package}; }
  void add(const Object* o, const Embedded& at, CanonicalTypes::Method* m);
  void declared_methods(Named* n, const Embedded& at);
  void struct_fields(Struct* s, const Embedded& at);
  void interface_methods(Type* t, const Embedded& at);
  void end_level();

  CanonicalTypes& types_;
  Checker& c_;
  std::vector<Embedded> next_;
  std::vector<std::pair<Name, Found>> level_;  // in order of discovery
  absl::flat_hash_map<Name, size_t> level_index_;
  absl::flat_hash_set<Name> done_;
  bool receiver_is_pointer_ = false;
  std::vector<CanonicalTypes::Method> result_;
};

// Notes that o is found at this depth; m is its description if it is a method.
void MethodSetBuilder::add(const Object* o, const Embedded& at, CanonicalTypes::Method* m) {
  Name name = name_of(o);
  if (done_.contains(name)) return;
  auto [index, is_new] = level_index_.emplace(name, level_.size());
  if (!is_new) {
    level_[index->second].second.ambiguous = true;
    return;
  }
  Found f;
  f.ambiguous = at.repeated;
  if (m != nullptr) {
    f.is_method = true;
    f.method = std::move(*m);
  }
  level_.push_back({name, std::move(f)});
}

void MethodSetBuilder::declared_methods(Named* n, const Embedded& at) {
  Named* origin = n->origin != nullptr ? n->origin : n;
  for (Func* f : origin->methods) {
    if (f->type == nullptr) c_.object_decl(f);
    Signature* sig = f->signature();
    CanonicalTypes::Method m;
    m.name = f->name;
    m.package = f->exported() ? nullptr : f->package;
    m.func = f;
    m.signature = types_.get(sig, sig->receiver_type_params, n->type_args);
    m.path = at.path;
    m.indirect = at.indirect;
    m.pointer_receiver = sig->receiver != nullptr && unalias(sig->receiver->type)->kind == TypeKind::Pointer;
    m.receiver_base = n;
    add(f, at, &m);
  }
}

void MethodSetBuilder::struct_fields(Struct* s, const Embedded& at) {
  for (size_t i = 0; i < s->fields.size(); i++) {
    Var* f = s->fields[i];
    add(f, at, nullptr);
    if (!f->embedded) continue;
    Type* t = f->type;
    bool pointer = t->kind == TypeKind::Pointer;
    if (pointer) t = static_cast<Pointer*>(t)->elem;
    Embedded e{t, at.path, at.indirect || pointer, at.repeated};
    e.path.push_back(static_cast<uint32_t>(i));
    next_.push_back(std::move(e));
  }
}

void MethodSetBuilder::interface_methods(Type* t, const Embedded& at) {
  for (const CanonicalTypes::Method& x : types_.interface_methods(t)) {
    CanonicalTypes::Method m = x;
    m.path = at.path;
    m.indirect = at.indirect;
    m.receiver_base = t;
    add(x.func, at, &m);
  }
}

void MethodSetBuilder::end_level() {
  for (auto& [name, f] : level_) {
    done_.insert(name);
    if (!f.is_method || f.ambiguous) continue;
    // A pointer receiver needs an address: of the receiver itself, or of what an embedded pointer points to.
    if (f.method.pointer_receiver && !receiver_is_pointer_ && !f.method.indirect) continue;
    result_.push_back(std::move(f.method));
  }
  level_.clear();
  level_index_.clear();
}

std::vector<CanonicalTypes::Method> MethodSetBuilder::run(Type* t) {
  if (t->kind == TypeKind::Pointer) {
    receiver_is_pointer_ = true;
    t = static_cast<Pointer*>(t)->elem;
    // Pointers to interfaces and to pointers have no methods.
    Type* u = underlying(t);
    if (u->kind == TypeKind::Interface || u->kind == TypeKind::Pointer) return {};
  }
  absl::flat_hash_set<const Type*> seen;
  std::vector<Embedded> current{{t, {}, false, false}};
  while (!current.empty()) {
    next_.clear();
    for (const Embedded& at : current) {
      if (at.type->kind == TypeKind::Named) {
        if (!seen.insert(at.type).second) continue;
        declared_methods(static_cast<Named*>(at.type), at);
      }
      Type* u = underlying(at.type);
      if (u->kind == TypeKind::Struct) {
        struct_fields(static_cast<Struct*>(u), at);
      } else if (u->kind == TypeKind::Interface && !at.path.empty()) {
        interface_methods(at.type, at);
      }
    }
    end_level();
    // The same type twice at one depth: all that it has is ambiguous.
    current.clear();
    absl::flat_hash_map<const Type*, size_t> first;
    for (Embedded& e : next_) {
      auto [at, is_new] = first.emplace(e.type, current.size());
      if (is_new) {
        current.push_back(std::move(e));
      } else {
        current[at->second].repeated = true;
      }
    }
  }
  std::sort(result_.begin(), result_.end(), method_before);
  return std::move(result_);
}

}  // namespace

const std::vector<CanonicalTypes::Method>& CanonicalTypes::method_set(Type* t) {
  std::lock_guard<std::recursive_mutex> lock(impl_->mutex);
  t = get(t);
  auto found = impl_->method_sets.find(t);
  if (found != impl_->method_sets.end()) return *found->second;
  if (underlying(t)->kind == TypeKind::Interface) return interface_methods(t);
  auto set = std::make_unique<std::vector<Method>>(MethodSetBuilder(*this, impl_->checker).run(t));
  return *impl_->method_sets.emplace(t, std::move(set)).first->second;
}

const std::vector<CanonicalTypes::Method>& CanonicalTypes::interface_methods(Type* t) {
  std::lock_guard<std::recursive_mutex> lock(impl_->mutex);
  t = get(t);
  auto found = impl_->method_sets.find(t);
  if (found != impl_->method_sets.end()) return *found->second;
  auto set = std::make_unique<std::vector<Method>>();
  if (auto* i = static_cast<Interface*>(underlying(t)); i->kind == TypeKind::Interface) {
    for (Func* f : i->methods) {
      Method m;
      m.name = f->name;
      m.package = f->exported() ? nullptr : f->package;
      m.func = f;
      m.signature = get(f->type);
      m.indirect = m.pointer_receiver = false;
      m.receiver_base = t;
      set->push_back(std::move(m));
    }
    std::sort(set->begin(), set->end(), method_before);
  }
  return *impl_->method_sets.emplace(t, std::move(set)).first->second;
}

const CanonicalTypes::Method* CanonicalTypes::find_method(Type* t, Symbol name, Package* package) {
  const std::vector<Method>& set = method_set(t);
  Method key;
  key.name = name;
  key.package = is_exported(name.text()) ? nullptr : package;
  auto at = std::lower_bound(set.begin(), set.end(), key, method_before);
  return at != set.end() && at->name == name && at->package == key.package ? &*at : nullptr;
}

}  // namespace gale::types
