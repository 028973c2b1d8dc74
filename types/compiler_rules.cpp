// What gc's compiler refuses although the type checker accepts it: directives, bodies that are missing, and anonymous
// interfaces that refer to themselves. Reported only for packages without other errors, as gc does.
#include <algorithm>

#include "types/concat.h"
#include "types/private.h"
#include "types/typeset.h"

namespace gale::types {

using namespace syntax;  // NOLINT: this file is about syntax

namespace {

// Finds anonymous interfaces that contain themselves (go.dev/issue/56103). Cycles through names are fine.
class InterfaceCycles {
 public:
  bool has_cycle(Interface* t) {
    for (Func* m : type_set_of(t)->methods) {
      if (visit(m->type)) return true;
    }
    return false;
  }
  // Each cycle is reported once.
  void suppress() {
    for (auto& [t, cyclic] : seen_) cyclic = false;
  }

 private:
  bool visit(Type* t) {
    if (stack_nearly_full()) return false;
    for (;;) {
      t = unalias(t);
      switch (t->kind) {
        case TypeKind::Pointer: t = static_cast<Pointer*>(t)->elem; break;
        case TypeKind::Array: t = static_cast<Array*>(t)->elem; break;
        case TypeKind::Chan: t = static_cast<Chan*>(t)->elem; break;
        case TypeKind::Slice: t = static_cast<Slice*>(t)->elem; break;
        case TypeKind::Map:
          if (visit(static_cast<Map*>(t)->key)) return true;
          t = static_cast<Map*>(t)->elem;
          break;
        case TypeKind::Struct: return visit_vars(static_cast<Struct*>(t)->fields);
        case TypeKind::Signature: {
          auto* sig = static_cast<Signature*>(t);
          return visit_vars(sig->params->vars) || visit_vars(sig->results->vars);
        }
        case TypeKind::Interface: return visit_interface(static_cast<Interface*>(t));
        default: return false;
      }
    }
  }
  bool visit_vars(std::span<Var* const> vars) {
    return std::any_of(vars.begin(), vars.end(), [&](Var* v) { return visit(v->type); });
  }
  bool visit_interface(Interface* t) {
    if (t->methods.empty() && t->embedded.empty()) return false;
    auto [at, is_new] = seen_.emplace(t, true);  // meeting it again on the way down is a cycle
    if (!is_new) return at->second;
    if (has_cycle(t)) return true;
    seen_[t] = false;
    return false;
  }

  absl::flat_hash_map<Interface*, bool> seen_;
};

void check_interface_literals(Checker& c, std::vector<std::pair<Interface*, InterfaceType*>>& literals) {
  std::sort(literals.begin(), literals.end(), [](auto& x, auto& y) { return x.second->pos < y.second->pos; });
  InterfaceCycles cycles;
  Pos outer_end;
  for (auto& [t, e] : literals) {
    if (e->pos < outer_end) continue;  // inside another one, which was looked at as a whole
    outer_end = end_pos(e);
    if (!cycles.has_cycle(t)) continue;
    c.error(e->pos, "InvalidTypeCycle",
            "invalid recursive type: anonymous interface refers to itself (see https://go.dev/issue/56103)");
    cycles.suppress();
  }
  literals.clear();
}

// Limits of gc's layouts: an element of a channel has less than 64 KiB, a type less than 2^50 bytes.
void check_sizes(Checker& c, std::vector<std::pair<Type*, Pos>>& literals) {
  constexpr int64_t kMaxSize = int64_t{1} << 50;
  std::sort(literals.begin(), literals.end(), [](auto& x, auto& y) { return x.second < y.second; });
  for (auto& [t, pos] : literals) {
    if (mentions_type_param(t)) continue;
    if (auto* ch = as<Chan>(t)) {
      if (size_of(ch->elem) >= 1 << 16) c.error(pos, "TypeTooLarge", "channel element type too large (>64kB)");
    } else if (auto* a = as<Array>(t)) {
      int64_t elem = size_of(a->elem);
      if (elem > 0 && a->length > (kMaxSize - 1) / elem) {
        c.error(pos, "TypeTooLarge", concat("type ", c.type_text(t), " larger than address space"));
      }
    }
  }
  literals.clear();
}

class DeclarationRules {
 public:
  DeclarationRules(Checker& c, Package* p) : c_(c), p_(p) {}

  void run() {
    for (File* f : p_->source->files) {
      for (const Linkname& l : f->linknames) linkname(l);
      for (const LateError& e : f->late_errors) c_.error(e.pos, "directive", std::string(e.message));
      for (Decl* d : f->decls) {
        auto* v = as<VarDecl>(d);
        if (v == nullptr) continue;
        if (!v->embed_patterns.empty()) embed(f, v);
        for (const auto* name : v->names) variable(p_->scope->lookup(name->name));
      }
    }
    for (Func* f : p_->funcs) function(f);
    for (Func* f : p_->methods) function(f);
  }

 private:
  void linkname(const Linkname& l) {
    std::string_view target = l.target.text();
    if (target.find('[') != std::string_view::npos && target.find(']') != std::string_view::npos) {
      c_.error(l.pos, "directive", "//go:linkname reference of an instantiation is not allowed");
      return;
    }
    Object* o = p_->scope->lookup(l.local);
    if (o == nullptr || (o->kind != ObjectKind::Func && o->kind != ObjectKind::Var)) {
      c_.env.go_version = p_->source->go_version;
      if (c_.allow_version("go1.18")) c_.error(l.pos, "directive", "//go:linkname must refer to declared function or variable");
    } else if (!linked_.insert(o).second) {
      c_.error(l.pos, "directive", concat("duplicate //go:linkname for ", l.local.text()));
    }
  }

  // gc's linker takes no larger symbols.
  void variable(const Object* o) {
    constexpr int64_t kMaxSize = 2'000'000'000;
    if (o == nullptr || o->kind != ObjectKind::Var || o->type == nullptr) return;
    const int64_t size = size_of(o->type);
    if (size <= kMaxSize) return;
    const std::string_view path = p_->name.text() == "main" ? "main" : p_->source->path.text();
    c_.error(o->pos, "TypeTooLarge",
             concat(path, ".", o->name.text(), ": symbol too large (", std::to_string(size), " bytes > ", std::to_string(kMaxSize), " bytes)"));
  }

  void embed(const File* f, const VarDecl* v) {
    std::string_view fault;
    if (!f->imports_embed) {
      fault = "go:embed requires import \"embed\" (or import _ \"embed\", if package is not used)";
    } else if (v->names.size() > 1) {
      fault = "go:embed cannot apply to multiple vars";
    } else if (v->values != nullptr) {
      fault = "go:embed cannot apply to var with initializer";
    } else {
      return embed_type(v);
    }
    c_.error(v->embed_pos, "directive", std::string(fault));
  }

  // A string and a []byte hold one file; else it must be an embed.FS.
  void embed_type(const VarDecl* v) {
    Object* o = p_->scope->lookup(v->names[0]->name);
    if (o == nullptr || o->kind != ObjectKind::Var || o->type == nullptr) return;
    Type* under = underlying(o->type);
    Type* elem = under->kind == TypeKind::Slice ? underlying(static_cast<Slice*>(under)->elem) : nullptr;
    const bool bytes = elem != nullptr && elem->kind == TypeKind::Basic && static_cast<Basic*>(elem)->basic == BasicKind::Uint8;
    if (!bytes && !is_string(o->type)) {
      Type* t = unalias(o->type);
      const Object* name = t->kind == TypeKind::Named ? static_cast<Named*>(t)->object : nullptr;
      const bool files = name != nullptr && name->name.text() == "FS" && name->package != nullptr &&
                         name->package->source != nullptr && name->package->source->path.text() == "embed";
      if (!files) c_.error(o->pos, "directive", concat("go:embed cannot apply to var of type ", type_string(o->type, p_)));
      return;
    }
    absl::flat_hash_set<std::string_view> names;
    for (const load::EmbedPattern& p : p_->source->embeds) {
      if (std::find(v->embed_patterns.begin(), v->embed_patterns.end(), p.pattern) == v->embed_patterns.end()) continue;
      for (const load::EmbedFile& f : p.files) names.insert(f.name);
    }
    if (names.size() > 1) {
      c_.error(o->pos, "directive", concat("invalid go:embed: multiple files for type ", type_string(o->type, p_)));
    }
  }

  void function(Func* f) {
    FuncDecl* d = f->syntax;
    const Pragma& pragma = d->pragma;
    if (pragma.has(Pragma::kSystemstack) && pragma.has(Pragma::kNosplit)) {
      c_.error(d->pos, "directive", "go:nosplit and go:systemstack cannot be combined");
    }
    if (d->has_body) {
      if (pragma.has(Pragma::kNoescape)) {
        c_.error(d->pos, "directive", "can only use //go:noescape with external func implementations");
      }
      if (pragma.has(Pragma::kUintptrKeepalive) && !pragma.has(Pragma::kUintptrEscapes) &&
          !pragma.has(Pragma::kNosplit)) {
        c_.error(d->pos, "directive", "go:uintptrkeepalive requires go:nosplit");
      }
    } else if (c_.options.complete && p_->source->s_files.empty() && !linked_.contains(f)) {
      // Assembly files or another package (by linkname) may hold the body.
      c_.error(d->pos, "MissingBody", "missing function body");
    }
  }

  Checker& c_;
  Package* p_;
  absl::flat_hash_set<const Object*> linked_;
};

}  // namespace

void Checker::compiler_rules(Package* p) {
  if (p->source == nullptr) return;
  Environment outer = env;
  env = {};
  env.package = p;
  size_t before = sink.count();
  check_interface_literals(*this, p_->interface_literals);
  check_sizes(*this, p_->sized_literals);
  if (sink.count() == before) DeclarationRules(*this, p).run();
  env = outer;
}

}  // namespace gale::types
