// Questions about declared objects, and how gc's messages describe them.
#include <algorithm>
#include <iterator>

#include "syntax/unicode.h"
#include "types/private.h"

namespace gale::types {

namespace {

struct CaseRange {
  uint32_t first, last, stride;
};
constexpr CaseRange kUpperCase[] = {
#include "types/upper_case.inc"
};

bool is_upper(uint32_t code) {
  const auto* r = std::lower_bound(std::begin(kUpperCase), std::end(kUpperCase), code,
                                   [](const CaseRange& range, uint32_t c) { return range.last < c; });
  return r != std::end(kUpperCase) && code >= r->first && (code - r->first) % r->stride == 0;
}

}  // namespace

// spec: Exported identifiers.
bool is_exported(std::string_view name) {
  if (name.empty()) return false;
  unsigned char c = static_cast<unsigned char>(name[0]);
  if (c < 0x80) return c >= 'A' && c <= 'Z';
  return is_upper(syntax::decode_rune(name.data(), name.data() + name.size()).code);
}

bool Object::exported() const { return is_exported(name.text()); }

bool is_alias_name(const TypeName* o) {
  const Type* t = o->type;
  if (t == nullptr) return false;
  switch (t->kind) {
    case TypeKind::Basic:
      if (o->package == kUnsafePackage) return false;
      return o->package != nullptr || static_cast<const Basic*>(t)->name != o->name.text() || t == kUniverseByte ||
             t == kUniverseRune;
    case TypeKind::Named:
      return o != static_cast<const Named*>(t)->object;
    case TypeKind::TypeParam:
      return o != static_cast<const TypeParam*>(t)->object;
    default:
      return true;
  }
}

std::string_view object_kind_text(const Object* o) {
  switch (o->kind) {
    case ObjectKind::PkgName: return "package name";
    case ObjectKind::Const: return "constant";
    case ObjectKind::TypeName:
      if (is_alias_name(static_cast<const TypeName*>(o))) return "type alias";
      return o->type != nullptr && o->type->kind == TypeKind::TypeParam ? "type parameter" : "defined type";
    case ObjectKind::Var:
      switch (static_cast<const Var*>(o)->role) {
        case VarRole::Package: return "package-level variable";
        case VarRole::Local: return "local variable";
        case VarRole::Receiver: return "receiver";
        case VarRole::Param: return "parameter";
        case VarRole::Result: return "result variable";
        case VarRole::Field: return "struct field";
      }
      break;
    case ObjectKind::Func: {
      const Signature* sig = static_cast<const Func*>(o)->signature();
      return sig != nullptr && sig->receiver != nullptr ? "method" : "function";
    }
    case ObjectKind::Label: return "label";
    case ObjectKind::Builtin: return "built-in function";
    case ObjectKind::Nil: return "untyped nil";
  }
  return "unknown symbol";
}

namespace {

std::string func_string(const Func* f, const Package* relative_to) {
  std::string out = "func ";
  const Signature* sig = f->signature();
  if (sig != nullptr) {
    if (sig->receiver != nullptr) {
      Type* t = sig->receiver->type;
      out += "(";
      out += t != nullptr && t->kind == TypeKind::Interface ? "interface" : type_string(t, relative_to);
      out += ").";
    } else if (f->package != nullptr) {
      out += package_prefix(f->package, relative_to);
    }
  }
  out += f->name.text();
  if (sig != nullptr) out += signature_string(sig, relative_to);
  return out;
}

// What follows a type's name: its parameters, " =" of an alias, and what it stands for.
std::string type_name_rest(const TypeName* o, const Package* relative_to) {
  Type* t = o->type;
  std::string out;
  if (t->kind == TypeKind::Basic) return out;
  auto* named = t->kind == TypeKind::Named ? static_cast<Named*>(t) : nullptr;
  auto* alias = t->kind == TypeKind::Alias ? static_cast<Alias*>(t) : nullptr;
  if (named != nullptr) out += type_params_string(named->type_params, relative_to);
  if (alias != nullptr) out += type_params_string(alias->type_params, relative_to);
  if (is_alias_name(o)) {
    out += " =";
    if (alias != nullptr) t = alias->from_rhs;
  } else if (t->kind == TypeKind::TypeParam) {
    t = static_cast<TypeParam*>(t)->bound;
  } else {
    t = underlying(t);
  }
  out += " ";
  out += o == kUniverseAnyName ? "interface{}" : type_string(t, relative_to);
  return out;
}

}  // namespace

std::string object_string(const Object* o, const Package* relative_to) {
  std::string out;
  const Type* t = o->type;
  switch (o->kind) {
    case ObjectKind::PkgName: {
      out = "package " + std::string(o->name.text());
      const Package* p = static_cast<const PkgName*>(o)->imported;
      if (!p->path.empty() && p->path != o->name) out += " (\"" + std::string(p->path.text()) + "\")";
      return out;
    }
    case ObjectKind::Const: out = "const"; break;
    case ObjectKind::TypeName:
      out = t != nullptr && t->kind == TypeKind::TypeParam ? "type parameter" : "type";
      break;
    case ObjectKind::Var: out = static_cast<const Var*>(o)->role == VarRole::Field ? "field" : "var"; break;
    case ObjectKind::Func: return func_string(static_cast<const Func*>(o), relative_to);
    case ObjectKind::Label: out = "label"; t = nullptr; break;
    case ObjectKind::Builtin: out = "builtin"; t = nullptr; break;
    case ObjectKind::Nil: return "nil";
  }
  out += ' ';
  if (o->package != nullptr && o->package->scope != nullptr && o->package->scope->lookup(o->name) == o) {
    out += package_prefix(o->package, relative_to);
  }
  out += o->name.text();
  if (t == nullptr) return out;
  if (o->kind == ObjectKind::TypeName) return out + type_name_rest(static_cast<const TypeName*>(o), relative_to);
  return out + " " + type_string(const_cast<Type*>(t), relative_to);
}

std::string Checker::position_text(Pos pos) const {
  Location at = sources.location(pos);
  std::string out(at.file);
  out += ":" + std::to_string(at.line);
  if (at.column != 0) out += ":" + std::to_string(at.column);
  return out;
}

}  // namespace gale::types
