// Basic, function and composite literals (spec: Basic literals, Function literals, Composite literals).
#include <fmt/core.h>

#include <absl/container/flat_hash_map.h>

#include "types/generics.h"
#include "types/private.h"

namespace gale::types {

using syntax::Expr;
using syntax::LitKind;

namespace {

constexpr size_t kMaxNumberLength = 10000;  // characters of a numeric literal

BasicKind untyped_kind(LitKind kind) {
  switch (kind) {
    case LitKind::Int:
      return BasicKind::UntypedInt;
    case LitKind::Float:
      return BasicKind::UntypedFloat;
    case LitKind::Imaginary:
      return BasicKind::UntypedComplex;
    case LitKind::Rune:
      return BasicKind::UntypedRune;
    case LitKind::String:
      return BasicKind::UntypedString;
  }
  return BasicKind::Invalid;
}

// The field called name as package writes it, or -1.
int field_index(std::span<Var* const> fields, const Package* package, Symbol name, bool fold_case) {
  if (name.text() == "_") return -1;
  for (size_t i = 0; i < fields.size(); i++) {
    if (same_id(fields[i], package, name, fold_case)) return static_cast<int>(i);
  }
  return -1;
}

// A constant map key by value: equal keys give equal texts, whatever their kind (2 and 2.0 are one float64 key).
std::string key_text(Const value) {
  Const v = value;
  if (constant_kind(v) == ConstantKind::Complex) {
    Const f = to_float(v);
    if (constant_kind(f) == ConstantKind::Float || constant_kind(f) == ConstantKind::Int) v = f;
  }
  if (constant_kind(v) == ConstantKind::Float) {
    Const i = to_int(v);
    if (constant_kind(i) == ConstantKind::Int) v = i;
  }
  switch (constant_kind(v)) {
    case ConstantKind::String:
      return "s" + std::string(string_value(v));
    case ConstantKind::Bool:
      return bool_value(v) ? "true" : "false";
    case ConstantKind::Float: {
      double d = float64_value(v);
      return fmt::format("f{}", d);
    }
    case ConstantKind::Complex:
      return fmt::format("c{} {}", float64_value(real_part(v)), float64_value(imag_part(v)));
    default:
      return "i" + exact_text(v);
  }
}

}  // namespace

// ---- basic literals ----

// Literals that older language versions do not have.
static void check_literal_version(Checker& c, const syntax::BasicLit* e) {
  std::string_view text = e->text;
  if (text.size() <= 2 || c.allow_version("go1.13")) return;
  char radix = text[1];
  if (text.find('_') != std::string_view::npos) {
    c.version_error(e, "go1.13", "underscore in numeric literal");
  } else if (text[0] != '0') {
    return;
  } else if (radix == 'b' || radix == 'B') {
    c.version_error(e, "go1.13", "binary literal");
  } else if (radix == 'o' || radix == 'O') {
    c.version_error(e, "go1.13", "0o/0O-style octal literal");
  } else if (e->lit_kind != LitKind::Int && (radix == 'x' || radix == 'X')) {
    c.version_error(e, "go1.13", "hexadecimal floating-point literal");
  }
}

void Checker::basic_literal(Operand& x, syntax::BasicLit* e) {
  if (e->lit_kind == LitKind::Int || e->lit_kind == LitKind::Float || e->lit_kind == LitKind::Imaginary) {
    check_literal_version(*this, e);
    if (e->text.size() > kMaxNumberLength) {
      error_at(e, "InvalidConstVal",
               fmt::format("excessively long constant: {}... ({} chars)", e->text.substr(0, 10), e->text.size()));
      x.mode = Mode::Invalid;
      return;
    }
  }
  Const value = make_from_literal(e->text, static_cast<int>(e->lit_kind));
  if (constant_kind(value) == ConstantKind::Unknown) {
    error_at(e, "InvalidConstVal", fmt::format("malformed constant: {}", e->text));
    x.mode = Mode::Invalid;
    return;
  }
  x.mode = Mode::Constant;
  x.type = basic(untyped_kind(e->lit_kind));
  x.value = value;
  x.expr = e;
  overflow(x, syntax::start_pos(e));  // a literal may be too large
}

// ---- function literals ----

void Checker::func_literal(Operand& x, syntax::FuncLit* e) {
  Signature* sig = as<Signature>(typ(e->func_type));
  if (sig == nullptr) {
    error_at(e, "InvalidSyntaxTree", "invalid syntax tree: invalid function literal");
    x.mode = Mode::Invalid;
    return;
  }
  if (sig->scope != nullptr) {
    sig->scope->pos = e->pos;
    sig->scope->end = syntax::end_pos(e);
  }
  if (e->body != nullptr) {
    // The body waits until the enclosing statement or declaration is done: the types of variables that it mentions may
    // not be known yet (var x = func() { x = ... }).
    Func* func = env.func;
    DeclInfo* decl = env.decl;
    Const iota = env.iota;
    later([this, func, decl, iota, sig, e] { func_body(func, decl, "<function literal>", sig, e->body, iota, e); });
  }
  x.mode = Mode::Value;
  x.type = sig;
}

// ---- composite literals ----

void Checker::composite_literal(Operand& x, syntax::CompositeLit* e, Type* hint) {
  Type* type = nullptr;
  Type* base = nullptr;
  bool is_element = false;  // of an enclosing literal that leaves out its type
  if (e->type_expr != nullptr) {
    auto* array = syntax::as<syntax::ArrayType>(e->type_expr);
    if (array != nullptr && array->length == nullptr) {
      // [...]T: the length comes from the elements below.
      Array* t = new_type<Array>(arena);
      t->length = -1;
      t->elem = var_type(array->elem);
      type = base = t;
    } else {
      type = base = typ(e->type_expr);
    }
  } else if (hint != nullptr) {
    type = base = hint;
    // &T{...} may be written {...} where *T is wanted.
    Type* u = common_under(base, {}, nullptr);
    if (Pointer* p = as<Pointer>(u)) base = p->elem;
    is_element = true;
  } else {
    error_at(e, "UntypedLit", "missing type in composite literal");
    type = base = basic(BasicKind::Invalid);
  }

  Type* under = common_under(base, {}, nullptr);
  switch (under == nullptr ? TypeKind::Interface : under->kind) {
    case TypeKind::Struct:
      struct_literal(e, static_cast<Struct*>(under), base);
      break;
    case TypeKind::Array: {
      Array* array = static_cast<Array*>(under);
      int64_t n = indexed_elements(e->elems, array->elem, array->length);
      // (A negative length may also be the consequence of an error: then any length will do.)
      if (array->length < 0) {
        array->length = n;
        if (e->type_expr != nullptr) record_type(e->type_expr, Mode::TypeExpr, array, nullptr);
      }
      break;
    }
    case TypeKind::Slice:
      indexed_elements(e->elems, static_cast<Slice*>(under)->elem, -1);
      break;
    case TypeKind::Map:
      map_literal(e, static_cast<Map*>(under));
      break;
    default:
      // Check the elements, so that what they mention is used.
      for (Expr* element : e->elems) {
        auto* pair = syntax::as<syntax::KeyValueExpr>(element);
        use(pair != nullptr ? pair->value : element);
      }
      if (under == nullptr || !is_invalid(under)) {
        error_at(e, "InvalidLit",
                 fmt::format("invalid composite literal{} type {}{}", is_element ? " element" : "", type_text(type),
                             under == nullptr ? " (no common underlying type)" : ""));
        x.mode = Mode::Invalid;
        return;
      }
      break;
  }
  x.mode = Mode::Value;
  x.type = type;
}

void Checker::struct_literal(syntax::CompositeLit* e, Struct* t, Type* base) {
  if (e->elems.empty()) return;
  Operand x;
  if (e->elems[0]->kind != syntax::NodeKind::KeyValueExpr) {
    positional_fields(e, t, base);
    return;
  }
  std::vector<bool> visited(t->fields.size());
  for (Expr* element : e->elems) {
    auto* pair = syntax::as<syntax::KeyValueExpr>(element);
    if (pair == nullptr) {
      error_at(element, "MixedStructLit", "mixture of field:value and value elements in struct literal");
      continue;
    }
    auto* key = syntax::as<syntax::Name>(pair->key);
    // The value first: even with a wrong key its variables are used.
    expr(nullptr, x, pair->value);
    if (key == nullptr) {
      error_at(pair, "InvalidLitField", fmt::format("invalid field name {} in struct literal", syntax::expr_string(pair->key)));
      continue;
    }
    int i = field_index(t->fields, env.package, key->name, false);
    if (i < 0) {
      int other = field_index(t->fields, env.package, key->name, true);
      Object* alternative = other < 0 ? nullptr : t->fields[static_cast<size_t>(other)];
      error_at(pair->key, "MissingLitField", lookup_error(base, key->name, alternative, true));
      continue;
    }
    Var* field = t->fields[static_cast<size_t>(i)];
    key->object = field;
    assignment(x, field->type, "struct literal");
    if (visited[static_cast<size_t>(i)]) {
      error_at(pair, "DuplicateLitField", fmt::format("duplicate field name {} in struct literal", key->name.text()));
      continue;
    }
    visited[static_cast<size_t>(i)] = true;
  }
}

// A plain integer literal where an integer is wanted that holds it: tables consist of little else, and what the general way
// finds out about it is known beforehand. False: nothing was done.
static bool take_plain_integer(Expr* e, Type* t) {
  auto* literal = syntax::as<syntax::BasicLit>(e);
  if (literal == nullptr || literal->lit_kind != LitKind::Int || literal->bad || t == nullptr) return false;
  Type* u = underlying(t);
  if (u->kind != TypeKind::Basic || !is_integer(u) || is_untyped(u)) return false;
  std::string_view text = literal->text;
  uint64_t value = 0;
  if (text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
    if (text.size() > 2 + 15) return false;
    for (char c : text.substr(2)) {
      const char small = static_cast<char>(c | 0x20);
      if (c >= '0' && c <= '9') {
        value = value * 16 + static_cast<uint64_t>(c - '0');
      } else if (small >= 'a' && small <= 'f') {
        value = value * 16 + static_cast<uint64_t>(small - 'a' + 10);
      } else {
        return false;
      }
    }
  } else {
    if (text.size() > 18 || (text[0] == '0' && text.size() > 1)) return false;
    for (char c : text) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + static_cast<uint64_t>(c - '0');
    }
  }
  const BasicKind kind = static_cast<Basic*>(u)->basic;
  const bool is_signed = kind <= BasicKind::Int64;
  const int64_t bits = 8 * size_of(u) - (is_signed ? 1 : 0);
  if (bits < 64 && value >> bits != 0) return false;
  e->mode = Mode::Constant;
  e->type = t;
  e->constant = make_int64(static_cast<int64_t>(value));
  return true;
}

void Checker::positional_fields(syntax::CompositeLit* e, Struct* t, Type* base) {
  Operand x;
  for (size_t i = 0; i < e->elems.size(); i++) {
    Expr* element = e->elems[i];
    if (element->kind == syntax::NodeKind::KeyValueExpr) {
      error_at(element, "MixedStructLit", "mixture of field:value and value elements in struct literal");
      continue;
    }
    if (i < t->fields.size() && (t->fields[i]->exported() || t->fields[i]->package == env.package) &&
        take_plain_integer(element, t->fields[i]->type)) {
      continue;
    }
    expr(nullptr, x, element);
    if (i >= t->fields.size()) {
      error_at(x, "InvalidStructLit", fmt::format("too many values in struct literal of type {}", type_text(base)));
      break;
    }
    Var* field = t->fields[i];
    if (!field->exported() && field->package != env.package) {
      error_at(x, "UnexportedLitField",
               fmt::format("implicit assignment to unexported field {} in struct literal of type {}", field->name.text(),
                           type_text(base)));
      continue;
    }
    assignment(x, field->type, "struct literal");
  }
  if (e->elems.size() < t->fields.size()) {
    error(e->right_brace, "InvalidStructLit", fmt::format("too few values in struct literal of type {}", type_text(base)));
  }
}

void Checker::map_literal(syntax::CompositeLit* e, Map* t) {
  // With interface keys, equal values of different types are different keys.
  bool interface_key = is_non_type_param_interface(t->key);
  absl::flat_hash_map<std::string, std::vector<Type*>> visited;
  Operand x;
  for (Expr* element : e->elems) {
    auto* pair = syntax::as<syntax::KeyValueExpr>(element);
    if (pair == nullptr) {
      error_at(element, "MissingLitKey", "missing key in map literal");
      continue;
    }
    expr_with_hint(x, pair->key, t->key);
    assignment(x, t->key, "map literal");
    if (!x.valid()) continue;
    if (x.mode == Mode::Constant) {
      auto [seen, fresh] = visited.try_emplace(key_text(x.value));
      bool duplicate = !fresh;
      if (interface_key) {
        duplicate = false;
        for (Type* other : seen->second) duplicate |= identical(other, x.type);
        seen->second.push_back(x.type);
      }
      if (duplicate) {
        error_at(x, "DuplicateLitKey", fmt::format("duplicate key {} in map literal", to_text(x.value)));
        continue;
      }
    }
    expr_with_hint(x, pair->value, t->elem);
    assignment(x, t->elem, "map literal");
  }
}

// Elements of an array or slice literal; returns the largest index + 1.
int64_t Checker::indexed_elements(std::span<Expr* const> list, Type* elem, int64_t length) {
  // Without keys, no index can be repeated.
  absl::flat_hash_set<int64_t> visited;
  bool has_keys = false;
  for (Expr* e : list) has_keys |= e->kind == syntax::NodeKind::KeyValueExpr;
  int64_t index = 0, max = 0;
  for (Expr* e : list) {
    bool valid = false;
    Expr* value = e;
    if (auto* pair = syntax::as<syntax::KeyValueExpr>(e)) {
      int64_t i = -1;
      if (!is_invalid(index_value(pair->key, length, &i))) {
        if (i >= 0) {
          index = i;
          valid = true;
        } else {
          error_at(e, "InvalidLitIndex", fmt::format("index {} must be integer constant", syntax::expr_string(pair->key)));
        }
      }
      value = pair->value;
    } else if (length >= 0 && index >= length) {
      error_at(e, "OversizeArrayLit", fmt::format("index {} is out of bounds (>= {})", index, length));
    } else {
      valid = true;
    }
    if (valid && has_keys && !visited.insert(index).second) {
      error_at(e, "DuplicateLitKey", fmt::format("duplicate index {} in array or slice literal", index));
    }
    index++;
    if (index > max) max = index;
    if (take_plain_integer(value, elem)) continue;
    Operand x;
    expr_with_hint(x, value, elem);
    assignment(x, elem, "array or slice literal");
  }
  return max;
}

}  // namespace gale::types
