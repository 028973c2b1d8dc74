// Layout facts of canonical types (see layout.h).
#include "discover/layout.h"

#include "types/object.h"
#include "types/predicates.h"
#include "types/type.h"

namespace gale::discover {

namespace {

using types::TypeKind;

void set_bit(std::vector<uint8_t>& mask, uint64_t word) {
  if (mask.size() <= word / 8) mask.resize(word / 8 + 1);
  mask[word / 8] |= static_cast<uint8_t>(1u << (word % 8));
}

void add_mask(std::vector<uint8_t>& mask, types::Type* t, uint64_t offset) {
  types::Type* u = types::underlying(t);
  switch (u->kind) {
    case TypeKind::Basic: {
      const auto k = static_cast<types::Basic*>(u)->basic;
      if (k == types::BasicKind::String || k == types::BasicKind::UnsafePointer) set_bit(mask, offset / 8);
      return;
    }
    case TypeKind::Pointer:
    case TypeKind::Map:
    case TypeKind::Chan:
    case TypeKind::Signature:
    case TypeKind::Slice:
      set_bit(mask, offset / 8);
      return;
    case TypeKind::Interface:
      set_bit(mask, offset / 8 + 1);
      return;
    case TypeKind::Array: {
      auto* a = static_cast<types::Array*>(u);
      if (a->length <= 0 || !types::has_pointers(a->elem)) return;
      std::vector<uint8_t> one;
      add_mask(one, a->elem, 0);
      const uint64_t stride = static_cast<uint64_t>(types::size_of(a->elem)) / 8;
      for (int64_t i = 0; i < a->length; i++) {
        for (uint64_t w = 0; w < one.size() * 8; w++) {
          if ((one[w / 8] >> (w % 8)) & 1) set_bit(mask, offset / 8 + static_cast<uint64_t>(i) * stride + w);
        }
      }
      return;
    }
    case TypeKind::Struct: {
      auto* s = static_cast<types::Struct*>(u);
      for (uint32_t i = 0; i < s->fields.size(); i++) {
        if (types::has_pointers(s->fields[i]->type)) {
          add_mask(mask, s->fields[i]->type, offset + static_cast<uint64_t>(types::field_offset(s, i)));
        }
      }
      return;
    }
    default:
      return;
  }
}

}  // namespace

std::vector<uint8_t> pointer_mask(types::Type* t) {
  std::vector<uint8_t> mask;
  if (types::has_pointers(t)) add_mask(mask, t, 0);
  return mask;
}

uint64_t pointer_bytes(types::Type* t) {
  types::Type* u = types::underlying(t);
  if (!types::has_pointers(u)) return 0;
  switch (u->kind) {
    case TypeKind::Interface:
      return 16;
    case TypeKind::Array: {
      auto* a = static_cast<types::Array*>(u);
      return static_cast<uint64_t>(a->length - 1) * static_cast<uint64_t>(types::size_of(a->elem)) + pointer_bytes(a->elem);
    }
    case TypeKind::Struct: {
      auto* s = static_cast<types::Struct*>(u);
      for (size_t i = s->fields.size(); i-- > 0;) {
        if (types::has_pointers(s->fields[i]->type)) {
          return static_cast<uint64_t>(types::field_offset(s, static_cast<uint32_t>(i))) + pointer_bytes(s->fields[i]->type);
        }
      }
      return 0;
    }
    default:
      return 8;
  }
}

bool is_direct_iface(types::Type* t) {
  types::Type* u = types::underlying(t);
  switch (u->kind) {
    case TypeKind::Pointer:
    case TypeKind::Map:
    case TypeKind::Chan:
    case TypeKind::Signature:
      return true;
    case TypeKind::Basic:
      return static_cast<types::Basic*>(u)->basic == types::BasicKind::UnsafePointer;
    case TypeKind::Array:
    case TypeKind::Struct:
      return types::size_of(u) == 8 && pointer_bytes(u) == 8;
    default:
      return false;
  }
}

bool is_plain_memory(types::Type* t) {
  types::Type* u = types::underlying(t);
  switch (u->kind) {
    case TypeKind::Basic: {
      const uint16_t flags = static_cast<types::Basic*>(u)->flags;
      return (flags & (types::kIsFloat | types::kIsComplex | types::kIsString)) == 0;
    }
    case TypeKind::Pointer:
    case TypeKind::Chan:
      return true;
    case TypeKind::Array: {
      auto* a = static_cast<types::Array*>(u);
      return a->length == 0 || is_plain_memory(a->elem);
    }
    case TypeKind::Struct: {
      auto* s = static_cast<types::Struct*>(u);
      int64_t end = 0;
      for (uint32_t i = 0; i < s->fields.size(); i++) {
        types::Var* f = s->fields[i];
        if (f->name.text() == "_" || types::field_offset(s, i) != end || !is_plain_memory(f->type)) return false;
        end += types::size_of(f->type);
      }
      return end == types::size_of(u);
    }
    default:
      return false;
  }
}

}  // namespace gale::discover
