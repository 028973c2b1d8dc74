#include "rtdata/map_type.h"

#include <string>

#include "base/abi/layout.h"
#include "discover/layout.h"
#include "discover/names.h"
#include "rtdata/fingerprint.h"
#include "rtdata/masks.h"
#include "rtdata/name_data.h"
#include "rtdata/record.h"
#include "types/object.h"
#include "types/predicates.h"

namespace gale::rtdata {
namespace {

constexpr uint64_t kWord = 8;

// Kinds of parts of a key that matter to assignment.
struct KeyFacts {
  bool need_update = false;  // equal keys may differ in their bytes (0.0 and -0.0, strings that share no memory)
  bool may_panic = false;    // an interface may hold what cannot be hashed
};

// Depth of a type is bounded by the checker.
void add_facts(types::Type* t, KeyFacts* facts) {
  types::Type* u = types::underlying(t);
  switch (u->kind) {
    case types::TypeKind::Interface:
      facts->need_update = facts->may_panic = true;
      return;
    case types::TypeKind::Basic:
      if ((static_cast<types::Basic*>(u)->flags & (types::kIsFloat | types::kIsComplex | types::kIsString)) != 0) {
        facts->need_update = true;
      }
      return;
    case types::TypeKind::Array: return add_facts(static_cast<types::Array*>(u)->elem, facts);
    case types::TypeKind::Struct:
      for (types::Var* f : static_cast<types::Struct*>(u)->fields) add_facts(f->type, facts);
      return;
    default: return;
  }
}

// Marks the pointers of eight slots that start at `offset`.
void add_slots(std::vector<uint8_t>& mask, types::Type* t, bool indirect, uint64_t slot, uint64_t offset) {
  std::vector<uint8_t> one = indirect ? std::vector<uint8_t>{1} : discover::pointer_mask(t);
  for (uint64_t i = 0; i < abi::kBucketCount; i++) {
    for (uint64_t w = 0; w < one.size() * 8; w++) {
      if (((one[w / 8] >> (w % 8)) & 1) == 0) continue;
      uint64_t word = (offset + i * slot) / kWord + w;
      mask[word / 8] |= static_cast<uint8_t>(1 << (word % 8));
    }
  }
}

}  // namespace

MapLayout map_layout(const types::Map& m, types::CanonicalTypes&) {
  MapLayout layout;
  KeyFacts facts;
  add_facts(m.key, &facts);
  if (facts.need_update) layout.flags |= abi::kMapFlagNeedKeyUpdate;
  if (facts.may_panic) layout.flags |= abi::kMapFlagHashMightPanic;
  layout.key_slot = static_cast<uint64_t>(types::size_of(m.key));
  if (layout.key_slot > abi::kMapMaxKey) {
    layout.key_slot = kWord;
    layout.flags |= abi::kMapFlagIndirectKey;
  }
  layout.elem_slot = static_cast<uint64_t>(types::size_of(m.elem));
  if (layout.elem_slot > abi::kMapMaxElem) {
    layout.elem_slot = kWord;
    layout.flags |= abi::kMapFlagIndirectElem;
  }
  layout.elem_offset = abi::kBucketKeys + abi::kBucketCount * layout.key_slot;
  layout.bucket_size = layout.elem_offset + abi::kBucketCount * layout.elem_slot + kWord;
  return layout;
}

Symbol define_bucket_type(const types::Map& m, const MapLayout& layout, types::CanonicalTypes&, link::Object& out) {
  std::string arguments = "[" + types::link_string(m.key) + "]" + types::link_string(m.elem);
  Symbol symbol("type:noalg.map.bucket" + arguments);
  bool indirect_key = (layout.flags & abi::kMapFlagIndirectKey) != 0;
  bool indirect_elem = (layout.flags & abi::kMapFlagIndirectElem) != 0;
  bool pointers = indirect_key || indirect_elem || types::has_pointers(m.key) || types::has_pointers(m.elem);
  uint64_t pointer_bytes = pointers ? layout.bucket_size : 0;
  std::vector<uint8_t> mask((layout.bucket_size / kWord + 7) / 8);
  if (pointers) {
    add_slots(mask, m.key, indirect_key, layout.key_slot, abi::kBucketKeys);
    add_slots(mask, m.elem, indirect_elem, layout.elem_slot, layout.elem_offset);
    uint64_t overflow = layout.bucket_size / kWord - 1;
    mask[overflow / 8] |= static_cast<uint8_t>(1 << (overflow % 8));
  } else {
    mask.clear();
  }
  Record record(abi::StructType::size);
  record.put<uint64_t>(abi::Type::size_, layout.bucket_size);
  record.put<uint64_t>(abi::Type::ptr_bytes, pointer_bytes);
  record.put<uint32_t>(abi::Type::hash, discover::type_hash(symbol));
  record.put<uint8_t>(abi::Type::tflag, abi::kTFlagExtraStar);
  record.put<uint8_t>(abi::Type::align, kWord);
  record.put<uint8_t>(abi::Type::field_align, kWord);
  record.put<uint8_t>(abi::Type::kind, abi::kKindStruct);
  record.put_address(abi::Type::gc_data, define_mask(std::move(mask), pointer_bytes, out));
  std::string text = "map.bucket[" + types::reflect_string(m.key) + "]" + types::reflect_string(m.elem);
  record.put_types_offset(abi::Type::str, define_name("*" + text, "", nullptr, false, false, out));
  link::Definition& def = record.define(out, symbol, link::SymbolKind::Types, 8);
  def.order = type_order(symbol, text, /*typelink=*/false, *out.arena);
  return symbol;
}

}  // namespace gale::rtdata
