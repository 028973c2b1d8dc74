// Index and slice expressions (spec: Index expressions, Slice expressions).
#include <fmt/core.h>

#include "types/private.h"

namespace gale::types {

using syntax::Expr;

bool Checker::index_expr(Operand& x, syntax::IndexExpr* e) {
  expr_or_type(x, e->x, true);
  if (!x.valid()) {
    use(e->index);
    return false;
  }
  if (x.mode == Mode::TypeExpr) {
    // A generic type with its arguments.
    x.mode = Mode::Invalid;
    x.type = var_type(e);
    if (!is_invalid(x.type)) x.mode = Mode::TypeExpr;
    return false;
  }
  if (x.mode == Mode::Value) {
    Signature* sig = under_as<Signature>(x.type);
    if (sig != nullptr && !sig->type_params.empty()) return true;
  }
  non_generic(nullptr, x);
  if (!x.valid()) return false;

  bool valid = false;
  int64_t length = -1;  // constant length, if >= 0
  Type* under = underlying(x.type);
  switch (under->kind) {
    case TypeKind::Basic:
      if (!is_string(under)) break;
      valid = true;
      if (x.mode == Mode::Constant) length = static_cast<int64_t>(string_value(x.value).size());
      // An indexed constant string is a byte value, not a constant.
      x.mode = Mode::Value;
      x.type = kUniverseByte;
      break;
    case TypeKind::Array: {
      valid = true;
      Array* array = static_cast<Array*>(under);
      length = array->length;
      if (x.mode != Mode::Variable) x.mode = Mode::Value;
      x.type = array->elem;
      break;
    }
    case TypeKind::Pointer:
      if (Array* array = under_as<Array>(static_cast<Pointer*>(under)->elem)) {
        valid = true;
        length = array->length;
        x.mode = Mode::Variable;
        x.type = array->elem;
      }
      break;
    case TypeKind::Slice:
      valid = true;
      x.mode = Mode::Variable;
      x.type = static_cast<Slice*>(under)->elem;
      break;
    case TypeKind::Map:
      map_index(x, e, static_cast<Map*>(under)->key, static_cast<Map*>(under)->elem);
      return false;
    case TypeKind::Interface:
      if (is_type_param(x.type)) {
        Type* key = nullptr;
        Operand member = x;
        if (index_type_param(member, &length, &key)) {
          if (key != nullptr) {
            map_index(x, e, key, member.type);
            return false;
          }
          valid = true;
          x.mode = member.mode;
          x.type = member.type;
        }
      }
      break;
    default:
      break;
  }
  if (!valid) {
    error(e->pos, "NonSliceableOperand", fmt::format("cannot index {}", operand_text(x)));
    use(e->index);
    x.mode = Mode::Invalid;
    return false;
  }
  Expr* index = single_index(e);
  if (index == nullptr) {
    x.mode = Mode::Invalid;
    return false;
  }
  int64_t value;
  index_value(index, length, &value);
  return false;
}

void Checker::map_index(Operand& x, syntax::IndexExpr* e, Type* key_type, Type* elem) {
  Expr* index = single_index(e);
  if (index == nullptr) {
    x.mode = Mode::Invalid;
    return;
  }
  Operand key;
  expr(nullptr, key, index);
  assignment(key, key_type, "map index");
  // An invalid index was reported; the result is known all the same.
  x.mode = Mode::MapIndex;
  x.type = elem;
  x.expr = e;
}

// x's type is a type parameter: all types of its set must be indexable with the same element type, and all be maps with the
// same keys or none. Sets x to an element; *key: of maps; *length: the smallest of arrays.
bool Checker::index_type_param(Operand& x, int64_t* length, Type** key) {
  Type* elem = nullptr;
  Mode mode = Mode::Variable;
  *key = nullptr;
  bool ok = type_set_all(x.type, [&](Type*, Type* u) {
    if (u == nullptr) return false;
    int64_t member_length = -1;
    Type* member_key = nullptr;
    Type* member_elem = nullptr;
    if (u->kind == TypeKind::Basic) {
      if (is_string(u)) {
        member_elem = kUniverseByte;
        mode = Mode::Value;
      }
    } else if (Array* array = as<Array>(u)) {
      member_length = array->length;
      member_elem = array->elem;
      if (x.mode != Mode::Variable) mode = Mode::Value;
    } else if (Pointer* p = as<Pointer>(u)) {
      if (Array* pointed = under_as<Array>(p->elem)) {
        member_length = pointed->length;
        member_elem = pointed->elem;
      }
    } else if (Slice* slice = as<Slice>(u)) {
      member_elem = slice->elem;
    } else if (Map* map = as<Map>(u)) {
      member_key = map->key;
      member_elem = map->elem;
    }
    if (member_elem == nullptr) return false;
    if (elem == nullptr) {
      *length = member_length;
      *key = member_key;
      elem = member_elem;
      return true;
    }
    if ((*key == nullptr) != (member_key == nullptr)) return false;
    if (*key != nullptr && !identical(*key, member_key)) return false;
    if (!identical(elem, member_elem)) return false;
    if (member_length >= 0 && (*length < 0 || member_length < *length)) *length = member_length;
    return true;
  });
  if (!ok || elem == nullptr) return false;
  x.mode = mode;
  x.type = elem;
  return true;
}

void Checker::slice_expr(Operand& x, syntax::SliceExpr* e) {
  expr(nullptr, x, e->x);
  if (!x.valid()) {
    for (Expr* index : e->index) use(index);
    return;
  }
  // The common underlying type, with strings taken for []byte.
  Type* common_type = nullptr;
  Type* common = nullptr;
  bool has_string = false;
  type_set_all(x.type, [&](Type* t, Type* u) {
    if (u == nullptr) {
      error_at(x, "NonSliceableOperand",
               fmt::format("cannot slice {}: no specific type in {}", operand_text(x), type_text(x.type)));
      common = nullptr;
      return false;
    }
    if (is_string(u)) {
      u = new_slice(arena, kUniverseByte);
      has_string = true;
    }
    if (common == nullptr) {
      common_type = t;
      common = u;
      return true;
    }
    if (!identical(common, u)) {
      error_at(x, "NonSliceableOperand",
               fmt::format("cannot slice {}: {} and {} have different underlying types", operand_text(x),
                           type_text(common_type), type_text(t)));
      common = nullptr;
      return false;
    }
    return true;
  });
  if (common == nullptr) {
    x.mode = Mode::Invalid;
    return;
  }
  if (has_string) common = is_type_param(x.type) ? basic(BasicKind::String) : underlying(x.type);

  bool valid = false;
  int64_t length = -1;
  if (is_string(common)) {
    if (e->full) {
      error_at(e->index[2] != nullptr ? e->index[2] : e, "InvalidSliceExpr", "invalid operation: 3-index slice of string");
      x.mode = Mode::Invalid;
      return;
    }
    valid = true;
    if (x.mode == Mode::Constant) length = static_cast<int64_t>(string_value(x.value).size());
    if (is_untyped(x.type)) x.type = basic(BasicKind::String);
  } else if (Array* array = as<Array>(common)) {
    valid = true;
    length = array->length;
    if (x.mode != Mode::Variable) {
      error_at(x, "NonSliceableOperand", fmt::format("cannot slice unaddressable value {}", operand_text(x)));
      x.mode = Mode::Invalid;
      return;
    }
    mark_address_taken(e->x);
    x.type = new_slice(arena, array->elem);
  } else if (Pointer* p = as<Pointer>(common)) {
    if (Array* pointed = under_as<Array>(p->elem)) {
      valid = true;
      length = pointed->length;
      x.type = new_slice(arena, pointed->elem);
    }
  } else if (as<Slice>(common) != nullptr) {
    valid = true;  // the type stays
  }
  if (!valid) {
    error_at(x, "NonSliceableOperand", fmt::format("cannot slice {}", operand_text(x)));
    x.mode = Mode::Invalid;
    return;
  }
  x.mode = Mode::Value;
  if (e->full && (e->index[1] == nullptr || e->index[2] == nullptr)) {
    error_at(e, "InvalidSyntaxTree", "invalid syntax tree: 2nd and 3rd index required in 3-index slice");
    x.mode = Mode::Invalid;
    return;
  }
  slice_indices(e, length);
}

// Constant indices must be in range and in order.
void Checker::slice_indices(syntax::SliceExpr* e, int64_t length) {
  int64_t values[3];
  for (int i = 0; i < 3; i++) {
    values[i] = -1;
    if (e->index[i] != nullptr) {
      int64_t value;
      index_value(e->index[i], length >= 0 ? length + 1 : -1, &value);
      if (value >= 0) values[i] = value;
    } else if (i == 0) {
      values[i] = 0;
    } else if (length >= 0) {
      values[i] = length;
    }
  }
  for (int i = 0; i < 2; i++) {
    if (values[i] <= 0) continue;
    for (int j = i + 1; j < 3; j++) {
      if (values[j] < 0 || values[j] >= values[i]) continue;
      const syntax::Node* at = e->index[j] != nullptr ? static_cast<const syntax::Node*>(e->index[j]) : e;
      error_at(at, "SwappedSliceIndices", fmt::format("invalid slice indices: {} < {}", values[j], values[i]));
      return;  // one error is enough
    }
  }
}

Expr* Checker::single_index(syntax::IndexExpr* e) {
  if (e->index == nullptr) {
    error_at(e, "InvalidSyntaxTree", fmt::format("invalid syntax tree: missing index for {}", syntax::expr_string(e->x)));
    return nullptr;
  }
  auto* list = syntax::as<syntax::ListExpr>(e->index);
  if (list == nullptr) return e->index;
  if (list->elems.size() <= 1) {
    error_at(e, "InvalidSyntaxTree", "invalid syntax tree: invalid use of ListExpr for index expression");
    return nullptr;
  }
  error_at(list->elems[1], "InvalidIndex", "invalid operation: more than one index");
  return list->elems[0];
}

Type* Checker::index_value(Expr* index, int64_t max, int64_t* value) {
  *value = -1;
  Operand x;
  expr(nullptr, x, index);
  if (!valid_index(x, "InvalidIndex", "index", false)) return basic(BasicKind::Invalid);
  if (x.mode != Mode::Constant) return x.type;
  if (constant_kind(x.value) == ConstantKind::Unknown) return basic(BasicKind::Invalid);
  int64_t v = 0;
  CHECK(int64_value(x.value, &v), "an index that fits int");
  if (max >= 0 && v >= max) {
    error_at(x, "InvalidIndex", fmt::format("invalid argument: index {} out of bounds [0:{}]", to_text(x.value), max));
    return basic(BasicKind::Invalid);
  }
  *value = v;
  return x.type;
}

bool Checker::valid_index(Operand& x, std::string_view code, std::string_view what, bool allow_negative) {
  if (!x.valid()) return false;
  convert_untyped(x, basic(BasicKind::Int));
  if (!x.valid()) return false;
  if (!all_integer(x.type)) {
    error_at(x, code, fmt::format("invalid argument: {} {} must be integer", what, operand_text(x)));
    return false;
  }
  if (x.mode != Mode::Constant || constant_kind(x.value) == ConstantKind::Unknown) return true;
  if (!allow_negative && sign(x.value) < 0) {
    error_at(x, code, fmt::format("invalid argument: {} {} must not be negative", what, operand_text(x)));
    return false;
  }
  Const value = nullptr;
  if (!types::representable(x.value, BasicKind::Int, &value)) {
    error_at(x, code, fmt::format("invalid argument: {} {} overflows int", what, operand_text(x)));
    return false;
  }
  x.value = value;
  return true;
}

}  // namespace gale::types
