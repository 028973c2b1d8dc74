// Link names as gc gives them (see names.h).
#include "discover/names.h"

#include <cstdio>

#include <xxhash.h>

#include "load/package.h"
#include "syntax/nodes.h"
#include "types/object.h"
#include "types/predicates.h"
#include "types/type.h"

namespace gale::discover {

std::string escape_path(std::string_view path) {
  const size_t slash = path.rfind('/');
  const size_t last = slash == std::string_view::npos ? 0 : slash + 1;
  std::string out;
  for (size_t i = 0; i < path.size(); i++) {
    const auto c = static_cast<unsigned char>(path[i]);
    if (c <= ' ' || (c == '.' && i >= last) || c == '%' || c == '"' || c >= 0x7f) {
      char text[4];
      std::snprintf(text, sizeof text, "%%%02x", c);
      out += text;
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

std::string package_prefix(const types::Package* p) {
  if (p == nullptr) return "";
  if (p->name.text() == "main") return "main";
  return escape_path(p->path.text());
}

Symbol object_symbol(const types::Object* o) {
  return Symbol(package_prefix(o->package) + "." + std::string(o->name.text()));
}

namespace {

std::string arg_list(const std::vector<types::Type*>& args) {
  std::string out = "[";
  for (size_t i = 0; i < args.size(); i++) {
    if (i > 0) out += ",";
    out += types::link_string(args[i]);
  }
  return out + "]";
}

// "main.(*T).m" or "main.T.m" for a receiver type written R; "main.(*List[int]).m" keeps the arguments.
std::string method_name(types::Type* receiver, std::string_view method) {
  if (auto* p = types::as<types::Pointer>(receiver)) {
    const std::string base = types::link_string(p->elem);
    // The package stays outside the parentheses: pkg.(*T).
    if (auto* n = types::as<types::Named>(p->elem); n != nullptr && n->object != nullptr && n->object->package != nullptr) {
      const std::string prefix = package_prefix(n->object->package) + ".";
      if (base.starts_with(prefix)) return prefix + "(*" + base.substr(prefix.size()) + ")." + std::string(method);
    }
    return "(*" + base + ")." + std::string(method);
  }
  const std::string base = types::link_string(receiver);
  // An unnamed receiver (promoted through struct{ T }) has no package of its own: gc writes go.(type).m or type.m.
  if (types::as<types::Named>(receiver) == nullptr) return "go.(" + base + ")." + std::string(method);
  return base + "." + std::string(method);
}

std::string qualified(Symbol method, const types::Package* package) {
  const std::string_view name = method.text();
  if (package == nullptr || name.empty() || (name[0] >= 'A' && name[0] <= 'Z')) return std::string(name);
  return std::string(name);
}

// The receiver type of a declared method with the instance's arguments, spelled for its name.
std::string declared_method_name(const FunctionInstance& f) {
  const types::Func* m = f.func;
  const types::Signature* sig = m->signature();
  types::Type* type = sig->receiver->type;
  auto* pointer = types::as<types::Pointer>(type);
  auto* named = types::as<types::Named>(pointer != nullptr ? pointer->elem : type);
  if (named == nullptr) return package_prefix(m->package) + "." + std::string(m->name.text());
  const std::string prefix = package_prefix(m->package) + ".";
  std::string base = std::string(named->object->name.text());
  if (!f.type_args.empty()) base += arg_list(f.type_args);
  if (pointer != nullptr) return prefix + "(*" + base + ")." + std::string(m->name.text());
  return prefix + base + "." + std::string(m->name.text());
}

}  // namespace

Symbol method_symbol(types::Type* receiver, Symbol method, const types::Package* package) {
  return Symbol(method_name(receiver, qualified(method, package)));
}

Symbol function_symbol(const FunctionInstance& f) {
  switch (f.kind) {
    case FunctionKind::Declared: {
      if (f.func->signature()->receiver != nullptr) return Symbol(declared_method_name(f));
      std::string name = package_prefix(f.func->package) + "." + std::string(f.func->name.text());
      if (!f.type_args.empty()) name += arg_list(f.type_args);
      return Symbol(name);
    }
    case FunctionKind::MethodWrapper:
    case FunctionKind::InterfaceMethod:
      return method_symbol(f.type, f.method, f.method_package);
    case FunctionKind::MethodValue:
      return Symbol(std::string(method_symbol(f.type, f.method, f.method_package).text()) + "-fm");
    case FunctionKind::InitUnit:
      return init_unit_symbol(f.package, f.unit);
    case FunctionKind::InitFunction:
      return Symbol(package_prefix(f.package) + ".init." + std::to_string(f.unit));
    case FunctionKind::Equal:
      return Symbol("type:.eq." + types::link_string(f.type));
    case FunctionKind::Hash:
      return Symbol("type:.hash." + types::link_string(f.type));
  }
  return {};
}

Symbol closure_symbol(Symbol function) { return Symbol(std::string(function.text()) + "·f"); }

Symbol type_symbol(types::Type* t) { return Symbol("type:" + types::link_string(t)); }

uint32_t type_hash(Symbol type) { return static_cast<uint32_t>(XXH3_64bits(type.text().data(), type.text().size())); }

Symbol itab_symbol(types::Type* concrete, types::Type* interface) {
  return Symbol("go:itab." + types::link_string(concrete) + "," + types::link_string(interface));
}

Symbol string_symbol(std::string_view bytes) {
  constexpr size_t kMaxSpelled = 100;
  if (bytes.size() <= kMaxSpelled) {
    std::string name = "go:string.\"";
    name += bytes;
    name += '"';
    return Symbol(name);
  }
  const XXH128_hash_t h = XXH3_128bits(bytes.data(), bytes.size());
  char text[64];
  std::snprintf(text, sizeof text, "go:string.%zu.%016llx%016llx", bytes.size(), static_cast<unsigned long long>(h.high64),
                static_cast<unsigned long long>(h.low64));
  return Symbol(text);
}

Symbol init_unit_symbol(const types::Package* p, uint32_t unit) {
  return Symbol(package_prefix(p) + ".init.unit" + std::to_string(unit));
}

}  // namespace gale::discover
