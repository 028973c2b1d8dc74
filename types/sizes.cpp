// Sizes, alignments and field offsets as gc lays types out on amd64 (spec: Size and alignment guarantees). -1: the type is
// too large for an int64.
#include <limits>

#include "types/generics.h"

namespace gale::types {
namespace {

constexpr int64_t kWord = 8;
constexpr int64_t kMaxAlign = 8;

int64_t align_up(int64_t x, int64_t a) {
  if (x < 0 || x > std::numeric_limits<int64_t>::max() - (a - 1)) return -1;
  return (x + a - 1) & ~(a - 1);
}

int64_t basic_size(BasicKind kind) {
  switch (kind) {
    case BasicKind::Bool: case BasicKind::Int8: case BasicKind::Uint8: case BasicKind::UntypedBool: return 1;
    case BasicKind::Int16: case BasicKind::Uint16: return 2;
    case BasicKind::Int32: case BasicKind::Uint32: case BasicKind::Float32: case BasicKind::UntypedRune: return 4;
    case BasicKind::Complex128: case BasicKind::String: case BasicKind::UntypedComplex: case BasicKind::UntypedString:
      return 16;
    default: return kWord;
  }
}

// The marker that makes a struct 8-byte aligned on all machines.
bool is_align64_marker(Type* t) {
  Named* n = as<Named>(t);
  if (n == nullptr || n->object->name.text() != "align64" || n->object->package == nullptr) return false;
  std::string_view path = n->object->package->path.text();
  return path == "sync/atomic" || path == "internal/runtime/atomic";
}

// Offset just past field number `index` - 1, and before alignment of field `index`.
int64_t end_of_fields(std::span<Var* const> fields, size_t index) {
  int64_t offset = 0;
  for (size_t i = 0; i < index; i++) {
    offset = align_up(offset, align_of(fields[i]->type));
    int64_t size = size_of(fields[i]->type);
    if (offset < 0 || size < 0 || __builtin_add_overflow(offset, size, &offset)) return -1;
  }
  return offset;
}

int64_t struct_size(Struct* s) {
  size_t n = s->fields.size();
  if (n == 0) return 0;
  int64_t last_offset = end_of_fields(s->fields, n - 1);
  if (last_offset < 0) return -1;
  last_offset = align_up(last_offset, align_of(s->fields[n - 1]->type));
  int64_t last_size = size_of(s->fields[n - 1]->type);
  if (last_offset < 0 || last_size < 0) return -1;
  // So that the address of a last field of size zero does not point past the object.
  if (last_offset > 0 && last_size == 0) last_size = 1;
  int64_t end = 0;
  if (__builtin_add_overflow(last_offset, last_size, &end)) return -1;
  return align_up(end, align_of(s));
}

}  // namespace

int64_t align_of(Type* t) {
  Type* u = underlying(t);
  switch (u->kind) {
    case TypeKind::Array: return align_of(static_cast<Array*>(u)->elem);
    case TypeKind::Struct: {
      Struct* s = static_cast<Struct*>(u);
      if (s->fields.empty() && is_align64_marker(t)) return 8;
      int64_t most = 1;
      for (Var* f : s->fields) most = std::max(most, align_of(f->type));
      return most;
    }
    case TypeKind::Basic: {
      BasicKind kind = static_cast<Basic*>(u)->basic;
      if (kind == BasicKind::Complex64) return 4;
      return std::min(basic_size(kind), kMaxAlign);
    }
    default: return kWord;
  }
}

int64_t size_of(Type* t) {
  Type* u = underlying(t);
  switch (u->kind) {
    case TypeKind::Basic: return basic_size(static_cast<Basic*>(u)->basic);
    case TypeKind::Array: {
      Array* a = static_cast<Array*>(u);
      if (a->length <= 0) return 0;
      int64_t elem = size_of(a->elem), size = 0;
      if (elem < 0 || __builtin_mul_overflow(elem, a->length, &size)) return -1;
      return size;
    }
    case TypeKind::Slice: return 3 * kWord;
    case TypeKind::Interface: return 2 * kWord;
    case TypeKind::Struct: return struct_size(static_cast<Struct*>(u));
    default: return kWord;
  }
}

int64_t field_offset(Struct* t, uint32_t index) {
  int64_t end = end_of_fields(t->fields, index);
  return end < 0 ? -1 : align_up(end, align_of(t->fields[index]->type));
}

bool has_pointers(Type* t) {
  Type* u = underlying(t);
  switch (u->kind) {
    case TypeKind::Basic: {
      BasicKind kind = static_cast<Basic*>(u)->basic;
      return kind == BasicKind::String || kind == BasicKind::UnsafePointer || kind == BasicKind::UntypedString ||
             kind == BasicKind::UntypedNil;
    }
    case TypeKind::Array: return static_cast<Array*>(u)->length != 0 && has_pointers(static_cast<Array*>(u)->elem);
    case TypeKind::Struct:
      for (Var* f : static_cast<Struct*>(u)->fields) {
        if (has_pointers(f->type)) return true;
      }
      return false;
    default: return true;
  }
}

}  // namespace gale::types
