// //go:linkname over the whole program (see linknames.h).
#include "discover/linknames.h"

#include "discover/names.h"
#include "load/package.h"
#include "syntax/nodes.h"
#include "types/object.h"
#include "types/type.h"

namespace gale::discover {

Linknames::Linknames(std::span<types::Package* const> packages) {
  for (types::Package* p : packages) packages_[Symbol(package_prefix(p))] = p;
  for (types::Package* p : packages) {
    if (p->source == nullptr || p->scope == nullptr) continue;
    for (const syntax::File* file : p->source->files) {
      for (const syntax::Linkname& link : file->linknames) {
        if (link.target.empty()) continue;
        types::Object* o = p->scope->lookup(link.local);
        if (o == nullptr || o->package != p) continue;
        targets_[o] = link.target;
        if (o->kind != types::ObjectKind::Func) continue;
        auto* f = static_cast<types::Func*>(o);
        if (f->syntax != nullptr && f->syntax->has_body) pushed_.try_emplace(link.target, f);
      }
    }
  }
}

Symbol Linknames::symbol_of(const types::Object* o) const {
  auto it = targets_.find(o);
  return it != targets_.end() ? it->second : object_symbol(o);
}

types::Package* Linknames::package(Symbol prefix) const {
  auto it = packages_.find(prefix);
  return it == packages_.end() ? nullptr : it->second;
}

namespace {

// Splits "a/b%2ec.name" at the first dot after the last slash. False: no dot.
bool split(std::string_view symbol, std::string_view* prefix, std::string_view* name) {
  const size_t slash = symbol.rfind('/');
  const size_t dot = symbol.find('.', slash == std::string_view::npos ? 0 : slash);
  if (dot == std::string_view::npos) return false;
  *prefix = symbol.substr(0, dot);
  *name = symbol.substr(dot + 1);
  return true;
}

}  // namespace

types::Func* Linknames::function(Symbol symbol) const {
  auto it = pushed_.find(symbol);
  if (it != pushed_.end()) return it->second;
  std::string_view prefix, name;
  if (!split(symbol.text(), &prefix, &name)) return nullptr;
  types::Package* p = package(Symbol(prefix));
  if (p == nullptr || p->scope == nullptr) return nullptr;
  if (name.find('.') == std::string_view::npos) {
    types::Object* o = p->scope->lookup(Symbol(name));
    if (o == nullptr || o->kind != types::ObjectKind::Func || o->package != p) return nullptr;
    auto* f = static_cast<types::Func*>(o);
    return f->syntax != nullptr && f->syntax->has_body ? f : nullptr;
  }
  // A method: "(*T).m" or "T.m".
  const size_t dot = name.rfind('.');
  std::string_view base = name.substr(0, dot);
  if (base.starts_with("(*") && base.ends_with(")")) base = base.substr(2, base.size() - 3);
  for (types::Func* m : p->methods) {
    if (m->name.text() != name.substr(dot + 1) || m->receiver_named == nullptr) continue;
    if (m->receiver_named->object->name.text() == base) return m;
  }
  return nullptr;
}

types::Var* Linknames::variable(Symbol symbol) const {
  std::string_view prefix, name;
  if (!split(symbol.text(), &prefix, &name)) return nullptr;
  types::Package* p = package(Symbol(prefix));
  if (p == nullptr || p->scope == nullptr) return nullptr;
  types::Object* o = p->scope->lookup(Symbol(name));
  return o != nullptr && o->kind == types::ObjectKind::Var && o->package == p ? static_cast<types::Var*>(o) : nullptr;
}

}  // namespace gale::discover
