// Conversions (spec: Conversions).
#include <fmt/core.h>

#include "types/private.h"

namespace gale::types {
namespace {

bool is_pointer(Type* t) { return under_as<Pointer>(t) != nullptr; }

bool is_uintptr(Type* t) {
  Basic* b = under_as<Basic>(t);
  return b != nullptr && b->basic == BasicKind::Uintptr;
}

bool is_integer_or_float(Type* t) { return is_integer(t) || is_float(t); }

void append_utf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

// string(i): the replacement character for what is no code point.
Const string_of_code_point(Const value) {
  constexpr uint32_t kReplacement = 0xfffd, kMaxRune = 0x10ffff;
  uint64_t i = 0;
  uint32_t c = kReplacement;
  if (uint64_value(value, &i) && i <= kMaxRune && !(i >= 0xd800 && i <= 0xdfff)) c = static_cast<uint32_t>(i);
  std::string text;
  append_utf8(text, c);
  return make_string(text);
}

// Can constant x be converted to t? *value (may be null): the result.
bool constant_convertible(const Operand& x, Type* t, Const* value) {
  Basic* b = under_as<Basic>(t);
  if (b == nullptr) return false;
  Const rounded = x.value;
  if (constant_kind(x.value) == ConstantKind::Unknown || representable(x.value, b->basic, &rounded)) {
    if (value != nullptr) *value = rounded;
    return true;
  }
  if (is_integer(b) && value != nullptr) {
    // Too large an integer is shown as one: "constant 1000", not (1000 + 0i).
    Const i = to_int(x.value);
    if (constant_kind(i) == ConstantKind::Int) *value = i;
  }
  if (is_integer(x.type) && is_string(b)) {
    if (value != nullptr) *value = string_of_code_point(x.value);
    return true;
  }
  return false;
}

void add_cause(std::string* cause, std::string text) {
  if (cause == nullptr) return;
  if (!cause->empty()) text += "\n\t" + *cause;
  *cause = std::move(text);
}

}  // namespace

void Checker::conversion(Operand& x, Type* t) {
  bool constant = x.mode == Mode::Constant;
  bool ok = false;
  std::string cause;
  if (constant && is_const_type(t)) {
    ok = constant_convertible(x, t, &x.value);
    // A non-integer that is truncated is as wrong, but described below.
    if (!ok && is_integer(x.type) && is_integer(t)) {
      error_at(x, "InvalidConversion", fmt::format("constant {} overflows {}", to_text(x.value), type_text(t)));
      x.mode = Mode::Invalid;
      return;
    }
  } else if (constant && is_type_param(t)) {
    // The result is no constant, but the value must fit every type of the set.
    ok = type_set_all(t, [&](Type*, Type* u) {
      if (u == nullptr) {
        cause = fmt::format("{} does not contain specific types", type_text(t));
        return false;
      }
      if (is_string(x.type) && is_bytes_or_runes(u)) return true;
      if (constant_convertible(x, u, nullptr)) return true;
      if (is_integer(x.type) && is_integer(u)) {
        cause = fmt::format("constant {} overflows {} (in {})", to_text(x.value), type_text(u), type_text(t));
      } else {
        cause = fmt::format("cannot convert {} to type {} (in {})", operand_text(x), type_text(u), type_text(t));
      }
      return false;
    });
    x.mode = Mode::Value;
  } else if (convertible_to(x, t, &cause)) {
    ok = true;
    x.mode = Mode::Value;
  }
  if (!ok) {
    std::string text = fmt::format("cannot convert {} to type {}", operand_text(x), type_text(t));
    if (!cause.empty()) text += ": " + cause;
    error_at(x, "InvalidConversion", std::move(text));
    x.mode = Mode::Invalid;
    return;
  }
  if (is_untyped(x.type)) {
    // The operand's own type. Interfaces and constants converted to what holds no constants: its default type.
    Type* final = t;
    if (x.type == basic(BasicKind::UntypedNil)) {
      // nil takes the type.
    } else if (is_non_type_param_interface(t) || (constant && !is_const_type(t))) {
      final = default_type(x.type);
    } else if (x.mode == Mode::Constant && is_integer(x.type) && all_string(t)) {
      final = x.type;
    }
    update_expr_type(x.expr, final, true);
  }
  x.type = t;
}

bool Checker::convertible_to(const Operand& x, Type* target, std::string* cause) {
  if (assignable_to(x, target, cause)) return true;
  Type* v = unalias(x.type);
  Type* t = unalias(target);
  Type* vu = underlying(v);
  Type* tu = underlying(t);
  TypeParam* vp = as<TypeParam>(v);
  TypeParam* tp = as<TypeParam>(t);

  // Identical underlying types, tags aside; also of unnamed pointers' base types.
  if (vp == nullptr && tp == nullptr && identical_ignore_tags(vu, tu)) return true;
  if (v->kind == TypeKind::Pointer && t->kind == TypeKind::Pointer) {
    Type* from = static_cast<Pointer*>(v)->elem;
    Type* to = static_cast<Pointer*>(t)->elem;
    if (!is_type_param(from) && !is_type_param(to) && identical_ignore_tags(underlying(from), underlying(to))) return true;
  }
  if (is_integer_or_float(vu) && is_integer_or_float(tu)) return true;
  if (is_complex(vu) && is_complex(tu)) return true;
  if ((is_integer(vu) || is_bytes_or_runes(vu)) && is_string(tu)) return true;
  if (is_string(vu) && is_bytes_or_runes(tu)) return true;
  // package unsafe
  if ((is_pointer(vu) || is_uintptr(vu)) && is_unsafe_pointer(tu)) return true;
  if (is_unsafe_pointer(vu) && (is_pointer(tu) || is_uintptr(tu))) return true;
  // slices to arrays and array pointers
  if (Slice* s = as<Slice>(vu)) {
    Array* array = as<Array>(tu);
    bool to_pointer = false;
    if (Pointer* p = as<Pointer>(tu)) {
      array = under_as<Array>(p->elem);
      to_pointer = true;
    }
    if (array != nullptr && identical(s->elem, array->elem)) {
      if (allow_version(to_pointer ? "go1.17" : "go1.20")) return true;
      if (cause != nullptr) {
        *cause = to_pointer ? "conversion of slice to array pointer requires go1.17 or later"
                            : "conversion of slice to array requires go1.20 or later";
      }
      return false;
    }
  }
  if (vp == nullptr && tp == nullptr) return false;

  // Type parameters: every type of the one set to every type of the other.
  Operand member = x;
  if (vp != nullptr && tp != nullptr) {
    return type_set_all(v, [&](Type* from, Type*) {
      if (from == nullptr) return false;
      member.type = from;
      return type_set_all(t, [&](Type* to, Type*) {
        if (to == nullptr) return false;
        if (convertible_to(member, to, cause)) return true;
        add_cause(cause, fmt::format("cannot convert {} (in {}) to type {} (in {})", type_text(from), type_text(vp),
                                     type_text(to), type_text(tp)));
        return false;
      });
    });
  }
  if (vp != nullptr) {
    return type_set_all(v, [&](Type* from, Type*) {
      if (from == nullptr) return false;
      member.type = from;
      if (convertible_to(member, t, cause)) return true;
      add_cause(cause, fmt::format("cannot convert {} (in {}) to type {}", type_text(from), type_text(vp), type_text(target)));
      return false;
    });
  }
  return type_set_all(t, [&](Type* to, Type*) {
    if (to == nullptr) return false;
    if (convertible_to(x, to, cause)) return true;
    add_cause(cause, fmt::format("cannot convert {} to type {} (in {})", type_text(x.type), type_text(to), type_text(tp)));
    return false;
  });
}

}  // namespace gale::types
