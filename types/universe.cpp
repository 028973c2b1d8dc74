// The predeclared entities (spec: Predeclared identifiers) and package unsafe.
//
// They are built during static initialisation of this file, in an arena that lives as long as the process, and never
// change afterwards (but for declare_test_builtins), so that checkers on several threads may share them.
#include "types/universe.h"

#include "base/check.h"
#include "types/constant.h"
#include "types/private.h"
#include "types/typeset.h"

namespace gale::types {

namespace {

Basic predeclared_types[kBasicKindCount];

Arena& universe_arena() {
  static Arena* const arena = new Arena;
  return *arena;
}

struct BasicSpec {
  BasicKind kind;
  uint16_t flags;
  std::string_view name;
};

constexpr BasicSpec kBasicSpecs[kBasicKindCount] = {
    {BasicKind::Invalid, 0, "invalid type"},
    {BasicKind::Bool, kIsBoolean, "bool"},
    {BasicKind::Int, kIsInteger, "int"},
    {BasicKind::Int8, kIsInteger, "int8"},
    {BasicKind::Int16, kIsInteger, "int16"},
    {BasicKind::Int32, kIsInteger, "int32"},
    {BasicKind::Int64, kIsInteger, "int64"},
    {BasicKind::Uint, kIsInteger | kIsUnsigned, "uint"},
    {BasicKind::Uint8, kIsInteger | kIsUnsigned, "uint8"},
    {BasicKind::Uint16, kIsInteger | kIsUnsigned, "uint16"},
    {BasicKind::Uint32, kIsInteger | kIsUnsigned, "uint32"},
    {BasicKind::Uint64, kIsInteger | kIsUnsigned, "uint64"},
    {BasicKind::Uintptr, kIsInteger | kIsUnsigned, "uintptr"},
    {BasicKind::Float32, kIsFloat, "float32"},
    {BasicKind::Float64, kIsFloat, "float64"},
    {BasicKind::Complex64, kIsComplex, "complex64"},
    {BasicKind::Complex128, kIsComplex, "complex128"},
    {BasicKind::String, kIsString, "string"},
    {BasicKind::UnsafePointer, 0, "Pointer"},
    {BasicKind::UntypedBool, kIsBoolean | kIsUntyped, "untyped bool"},
    {BasicKind::UntypedInt, kIsInteger | kIsUntyped, "untyped int"},
    {BasicKind::UntypedRune, kIsInteger | kIsUntyped, "untyped rune"},
    {BasicKind::UntypedFloat, kIsFloat | kIsUntyped, "untyped float"},
    {BasicKind::UntypedComplex, kIsComplex | kIsUntyped, "untyped complex"},
    {BasicKind::UntypedString, kIsString | kIsUntyped, "untyped string"},
    {BasicKind::UntypedNil, kIsUntyped, "untyped nil"},
};

// By BuiltinId.
constexpr BuiltinInfo kBuiltins[] = {
    {"append", 1, true, BuiltinInfo::Expression},      {"cap", 1, false, BuiltinInfo::Expression},
    {"clear", 1, false, BuiltinInfo::Statement},       {"close", 1, false, BuiltinInfo::Statement},
    {"complex", 2, false, BuiltinInfo::Expression},    {"copy", 2, false, BuiltinInfo::Statement},
    {"delete", 2, false, BuiltinInfo::Statement},      {"imag", 1, false, BuiltinInfo::Expression},
    {"len", 1, false, BuiltinInfo::Expression},        {"make", 1, true, BuiltinInfo::Expression},
    {"max", 1, true, BuiltinInfo::Expression},         {"min", 1, true, BuiltinInfo::Expression},
    {"new", 1, false, BuiltinInfo::Expression},        {"panic", 1, false, BuiltinInfo::Statement},
    {"print", 0, true, BuiltinInfo::Statement},        {"println", 0, true, BuiltinInfo::Statement},
    {"real", 1, false, BuiltinInfo::Expression},       {"recover", 0, false, BuiltinInfo::Statement},
    {"Add", 2, false, BuiltinInfo::Expression},        {"Alignof", 1, false, BuiltinInfo::Expression},
    {"Offsetof", 1, false, BuiltinInfo::Expression},   {"Sizeof", 1, false, BuiltinInfo::Expression},
    {"Slice", 2, false, BuiltinInfo::Expression},      {"SliceData", 1, false, BuiltinInfo::Expression},
    {"String", 2, false, BuiltinInfo::Expression},     {"StringData", 1, false, BuiltinInfo::Expression},
    {"assert", 1, false, BuiltinInfo::Statement},      {"trace", 0, true, BuiltinInfo::Statement},
};
constexpr int kPublicBuiltins = static_cast<int>(BuiltinId::Assert);

// Enters o into the universe, or into package unsafe if its name is exported.
void define(Object* o) {
  Scope* scope = kUniverse;
  o->color = kBlack;
  if (o->exported()) {
    scope = kUnsafePackage->scope;
    o->package = kUnsafePackage;
  }
  CHECK(scope->insert(o) == nullptr, "each predeclared name once");
}

template <class T>
T* define_object(ObjectKind kind, std::string_view name, Type* type) {
  T* o = new_object<T>(universe_arena(), kind, Pos{}, nullptr, Symbol(name), type);
  if (name.find(' ') == std::string_view::npos) define(o);
  return o;
}

void init_basic(Basic* t, const BasicSpec& spec) {
  t->kind = TypeKind::Basic;
  t->basic = spec.kind;
  t->flags = spec.flags;
  t->name = spec.name;
}

Basic* make_basic_types() {
  for (int i = 0; i < kBasicKindCount; i++) init_basic(&predeclared_types[i], kBasicSpecs[i]);
  return predeclared_types;
}

Scope* make_universe() {
  auto* s = new Scope;
  s->what = "universe";
  return s;
}

Package* make_unsafe() {
  auto* p = new Package;
  p->path = p->name = Symbol("unsafe");
  p->scope = new Scope;
  p->scope->parent = kUniverse;
  p->scope->what = "package unsafe";
  p->collected = p->fully_checked = true;
  return p;
}

Type* define_basic_types() {
  for (Basic& t : predeclared_types) define_object<TypeName>(ObjectKind::TypeName, t.name, &t);
  return nullptr;
}

Basic* define_second_name(std::string_view name, BasicKind kind) {
  Basic* t = new_type<Basic>(universe_arena());
  init_basic(t, {kind, kTyp[static_cast<int>(kind)].flags, name});
  define_object<TypeName>(ObjectKind::TypeName, name, t);
  return t;
}

constexpr Term kAllTypes[1] = {Term{}};

// Its type set is made here too, since it must not lie in the arena of the checker that asks for it first.
Interface* make_interface(std::span<Func* const> methods, bool comparable = false) {
  Interface* t = new_type<Interface>(universe_arena());
  t->methods = universe_arena().copy(methods);
  t->complete = true;
  t->type_set = universe_arena().make<TypeSet>();
  t->type_set->methods = t->methods;
  t->type_set->terms = kAllTypes;
  t->type_set->comparable = comparable;
  return t;
}

Alias* define_any() {
  TypeName* name = new_object<TypeName>(universe_arena(), ObjectKind::TypeName, Pos{}, nullptr, Symbol("any"), nullptr);
  Alias* any = new_alias(universe_arena(), name, make_interface({}));
  any->actual = any->from_rhs;
  define(name);
  return any;
}

Named* define_named(std::string_view name) {
  TypeName* o = new_object<TypeName>(universe_arena(), ObjectKind::TypeName, Pos{}, nullptr, Symbol(name), nullptr);
  Named* t = new_named(universe_arena(), o);
  define(o);
  return t;
}

void set_underlying(Named* t, Interface* underlying) {
  t->from_rhs = underlying;
  t->underlying_type = underlying;
}

// type error interface{ Error() string }
Named* define_error() {
  Arena& arena = universe_arena();
  Named* t = define_named("error");
  Signature* sig = new_signature(arena);
  sig->receiver = new_var(arena, VarRole::Receiver, {}, nullptr, {}, t);
  Var* result[] = {new_var(arena, VarRole::Result, {}, nullptr, {}, basic(BasicKind::String))};
  sig->results = new_tuple(arena, result);
  Func* method[] = {new_func(arena, {}, nullptr, Symbol("Error"), sig)};
  method[0]->color = kBlack;
  Interface* u = make_interface(method);
  method[0]->receiver_interface = u;
  set_underlying(t, u);
  return t;
}

Named* define_comparable() {
  Named* t = define_named("comparable");
  set_underlying(t, make_interface({}, true));
  return t;
}

ConstObject* define_const(std::string_view name, BasicKind kind, Const value) {
  auto* o = define_object<ConstObject>(ObjectKind::Const, name, basic(kind));
  o->value = value;
  return o;
}

ConstObject* define_consts() {
  define_const("true", BasicKind::UntypedBool, make_bool(true));
  define_const("false", BasicKind::UntypedBool, make_bool(false));
  define_object<Nil>(ObjectKind::Nil, "nil", basic(BasicKind::UntypedNil));
  return define_const("iota", BasicKind::UntypedInt, make_int64(0));
}

void define_builtin(int id) {
  auto* o = new_object<Builtin>(universe_arena(), ObjectKind::Builtin, Pos{}, nullptr, Symbol(kBuiltins[id].name),
                                basic(BasicKind::Invalid));
  o->id = static_cast<BuiltinId>(id);
  define(o);
}

bool define_builtins() {
  for (int i = 0; i < kPublicBuiltins; i++) define_builtin(i);
  return true;
}

}  // namespace

// The order of these definitions is the order in which the universe comes to be.
Basic* const kTyp = make_basic_types();
Tuple* const kEmptyTuple = new_type<Tuple>(universe_arena());
Scope* const kUniverse = make_universe();
Package* const kUnsafePackage = make_unsafe();
namespace {
[[maybe_unused]] Type* const basic_types_defined = define_basic_types();
}
Type* kUniverseByte = define_second_name("byte", BasicKind::Uint8);
Type* kUniverseRune = define_second_name("rune", BasicKind::Int32);
Type* kUniverseAny = define_any();
Named* kUniverseError = define_error();
Named* kUniverseComparable = define_comparable();
Interface* kEmptyInterface = make_interface({});
ConstObject* const kUniverseIota = define_consts();
TypeName* const kUniverseAnyName = static_cast<Alias*>(kUniverseAny)->object;
TypeName* const kUniverseComparableName = kUniverseComparable->object;
namespace {
[[maybe_unused]] const bool builtins_defined = define_builtins();
}

const BuiltinInfo& builtin_info(BuiltinId id) { return kBuiltins[static_cast<int>(id)]; }

void declare_test_builtins() {
  if (kUniverse->lookup(Symbol("assert")) != nullptr) return;
  define_builtin(static_cast<int>(BuiltinId::Assert));
  define_builtin(static_cast<int>(BuiltinId::Trace));
}

}  // namespace gale::types
