// By kind: bytes that mean what they are (by size), strings, interfaces, floats, and all else by a generated function.
// Hashing of composed types goes through the runtime's walker over descriptors: one formula, no generated code.
#include "rtdata/equality.h"

#include <string>

#include "discover/layout.h"
#include "discover/names.h"
#include "rtdata/record.h"
#include "types/predicates.h"

namespace gale::rtdata {
namespace {

using types::BasicKind;

// "8" of runtime.memequal8 and runtime.memhash8 (bits); null: no function of its own.
const char* memory_suffix(uint64_t size) {
  switch (size) {
    case 0: return "0";
    case 1: return "8";
    case 2: return "16";
    case 4: return "32";
    case 8: return "64";
    case 16: return "128";
    default: return nullptr;
  }
}

// "str", "f64", "inter": the runtime's name for a kind of value that is not memory; null: composed.
const char* special_prefix(types::Type* t, types::CanonicalTypes& types) {
  types::Type* u = types::underlying(t);
  if (u->kind == types::TypeKind::Interface) {
    return types.interface_methods(u).empty() ? "nilinter" : "inter";
  }
  if (u->kind != types::TypeKind::Basic) return nullptr;
  switch (static_cast<types::Basic*>(u)->basic) {
    case BasicKind::String: return "str";
    case BasicKind::Float32: return "f32";
    case BasicKind::Float64: return "f64";
    case BasicKind::Complex64: return "c64";
    case BasicKind::Complex128: return "c128";
    default: return nullptr;
  }
}

Symbol define_code_closure(Symbol function, link::Object& out) {
  Record record;
  record.put_address(0, function);
  Symbol name = discover::closure_symbol(function);
  record.define(out, name, link::SymbolKind::RoData, 8);
  return name;
}

Symbol define_sized_closure(std::string_view prefix, std::string_view function, uint64_t size, link::Object& out) {
  Record record;
  record.put_address(0, Symbol(function));
  record.put<uint64_t>(8, size);
  Symbol name(std::string(prefix) + std::to_string(size));
  record.define(out, name, link::SymbolKind::RoData, 8);
  return name;
}

struct Hashing {
  Symbol function;
  bool sized = false;   // memhash_varlen: the size is in the closure
  bool walker = false;  // typehash_ctx: the type is in the closure
  uint64_t size = 0;
};

Hashing hashing_of(types::Type* key, types::CanonicalTypes& types) {
  Hashing h;
  h.size = static_cast<uint64_t>(types::size_of(key));
  if (discover::is_plain_memory(key)) {
    const char* suffix = memory_suffix(h.size);
    h.sized = suffix == nullptr;
    h.function = Symbol(h.sized ? std::string("runtime.memhash_varlen") : std::string("runtime.memhash") + suffix);
  } else if (const char* prefix = special_prefix(key, types)) {
    h.function = Symbol(std::string("runtime.") + prefix + "hash");
  } else {
    h.walker = true;
    h.function = Symbol("runtime.typehash_ctx");
  }
  return h;
}

}  // namespace

Equality equality_of(types::Type* t, types::CanonicalTypes& types) {
  Equality e;
  e.size = static_cast<uint64_t>(types::size_of(t));
  if (!types::comparable(t)) return e;
  if (discover::is_plain_memory(t)) {
    const char* suffix = memory_suffix(e.size);
    e.kind = suffix == nullptr ? Equality::Memory : Equality::Runtime;
    e.function = Symbol(suffix == nullptr ? std::string("runtime.memequal_varlen") : std::string("runtime.memequal") + suffix);
  } else if (const char* prefix = special_prefix(t, types)) {
    e.kind = Equality::Runtime;
    e.function = Symbol(std::string("runtime.") + prefix + "equal");
  } else {
    e.kind = Equality::Generated;
    e.function = discover::function_symbol(equal_function(t));
  }
  return e;
}

discover::FunctionInstance equal_function(types::Type* t) {
  discover::FunctionInstance f;
  f.kind = discover::FunctionKind::Equal;
  f.type = t;
  return f;
}

Symbol define_equal_closure(types::Type* t, types::CanonicalTypes& types, link::Object& out) {
  Equality e = equality_of(t, types);
  switch (e.kind) {
    case Equality::NotComparable: return {};
    case Equality::Memory: return define_sized_closure("type:.eqfunc", e.function.text(), e.size, out);
    case Equality::Runtime:
    case Equality::Generated: return define_code_closure(e.function, out);
  }
  return {};
}

Symbol define_hash_closure(types::Type* key, types::CanonicalTypes& types, link::Object& out) {
  Hashing h = hashing_of(key, types);
  if (h.sized) return define_sized_closure("type:.hashfunc", h.function.text(), h.size, out);
  if (!h.walker) return define_code_closure(h.function, out);
  Record record;
  record.put_address(0, h.function);
  record.put_address(8, discover::type_symbol(key));
  Symbol name("type:.hasher." + types::link_string(key));
  record.define(out, name, link::SymbolKind::RoData, 8);
  return name;
}

void report_equal(types::Type* t, types::CanonicalTypes& types, discover::References& references) {
  Equality e = equality_of(t, types);
  if (e.kind == Equality::NotComparable) return;
  if (e.kind == Equality::Generated) {
    references.function(e.function, equal_function(t));
  } else {
    references.external(e.function);
  }
}

void report_hash(types::Type* key, types::CanonicalTypes& types, discover::References& references) { references.external(hashing_of(key, types).function); }

}  // namespace gale::rtdata
