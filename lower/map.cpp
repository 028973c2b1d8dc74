// Map operations by the runtime's gates; the variants for 4-byte, 8-byte and string keys take the key itself.
#include "base/abi/layout.h"
#include "base/check.h"
#include "discover/layout.h"
#include "lower/body.h"

namespace gale::lower {

namespace {

enum class KeyKind { Any, Word32, Word64, Pointer64, String };

KeyKind key_kind(Body& b, types::Map* m) {
  if (b.shape(m->elem).size > abi::kMapMaxElem) return KeyKind::Any;
  if (types::is_string(m->key)) return KeyKind::String;
  const Shape& s = b.shape(m->key);
  if (!discover::is_plain_memory(m->key)) return KeyKind::Any;
  if (s.size == 4) return KeyKind::Word32;
  if (s.size == 8) return s.pointers ? KeyKind::Pointer64 : KeyKind::Word64;
  return KeyKind::Any;
}

// The key as the gate wants it: its scalars, or its address.
std::vector<ValueId> key_args(Body& b, KeyKind kind, const Val& key) {
  switch (kind) {
    case KeyKind::String: return {key.parts[0], key.parts[1]};
    case KeyKind::Word32:
    case KeyKind::Word64: {
      if (!key.in_memory() && key.parts.size() == 1) return {key.parts[0]};
      return {b.op(Op::Load, kind == KeyKind::Word32 ? Ty::I32 : Ty::I64, {b.temporary(key)})};
    }
    case KeyKind::Pointer64: return {b.scalars(key)[0]};
    case KeyKind::Any: return {b.temporary(key)};
  }
  return {};
}

std::string gate_name(std::string_view base, KeyKind kind) {
  std::string name(base);
  switch (kind) {
    case KeyKind::Any: break;
    case KeyKind::Word32: name += "_fast32"; break;
    case KeyKind::Word64: name += "_fast64"; break;
    case KeyKind::Pointer64: name += base == "mapassign" ? "_fast64ptr" : "_fast64"; break;
    case KeyKind::String: name += "_faststr"; break;
  }
  return name;
}

std::vector<ValueId> leading(Body& b, const Val& map) {
  return {b.op(Op::IntToPtr, Ty::Ptr, {b.type_addr(map.type)}), map.parts[0]};
}

}  // namespace

Val Body::map_get(const Val& map, const Val& key, ValueId* ok) {
  auto* m = types::under_as<types::Map>(map.type);
  KeyKind kind = key_kind(*this, m);
  const bool fat = shape(m->elem).size > 1024;
  std::vector<ValueId> args = leading(*this, map);
  for (ValueId v : key_args(*this, kind, key)) args.push_back(v);
  std::string name = gate_name(ok != nullptr ? "mapaccess2" : "mapaccess1", kind);
  if (fat) {
    name += "_fat";
    args.push_back(fresh_temporary(m->elem));
  }
  const Values r = runtime_call(name, args);
  if (ok != nullptr) *ok = r[1];
  return load(m->elem, r[0]);
}

ValueId Body::map_assign(const Val& map, const Val& key) {
  auto* m = types::under_as<types::Map>(map.type);
  const KeyKind kind = key_kind(*this, m);
  std::vector<ValueId> args = leading(*this, map);
  for (ValueId v : key_args(*this, kind, key)) args.push_back(v);
  return runtime_call(gate_name("mapassign", kind), args)[0];
}

void Body::map_delete(const Val& map, const Val& key) {
  auto* m = types::under_as<types::Map>(map.type);
  const KeyKind kind = key_kind(*this, m);
  std::vector<ValueId> args = leading(*this, map);
  for (ValueId v : key_args(*this, kind, key)) args.push_back(v);
  runtime_call(gate_name("mapdelete", kind), args);
}

}  // namespace gale::lower
