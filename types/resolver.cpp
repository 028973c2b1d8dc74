// Collecting a package's names (spec: Declarations and scope, Import declarations): all files' package-level objects,
// their imports, and which methods belong to which type name. Nothing is resolved here: each object gets a DeclInfo from
// which object_decl works on demand.
#include <algorithm>

#include "base/check.h"
#include "syntax/unicode.h"
#include "syntax/unquote.h"
#include "types/concat.h"
#include "types/const_group.h"
#include "types/private.h"

namespace gale::types {

using namespace syntax;  // NOLINT: this file is about syntax

namespace {

int version_minor(std::string_view v) {
  int n = -1;
  if (v.substr(0, 4) == "go1.") {
    n = 0;
    for (size_t i = 4; i < v.size() && v[i] >= '0' && v[i] <= '9'; i++) n = n * 10 + (v[i] - '0');
  }
  return n;
}

// A file may ask for another version than its module's, but for none before go1.21 (whose loops are others).
std::string_view file_version(const File* f, std::string_view module_version) {
  int own = version_minor(f->go_version);
  if (own < 0) return module_version;
  return own < 21 ? std::string_view("go1.21") : f->go_version;
}

// Why path is no import path; empty: it is one.
std::string import_path_fault(std::string_view path) {
  if (path.empty()) return "empty string";
  constexpr std::string_view kIllegal = "!\"#$%&'()*,:;<=>?[\\]^{|}`";
  const char* p = path.data();
  const char* end = p + path.size();
  while (p < end) {
    Rune r = decode_rune(p, end);
    bool illegal = r.code == kRuneError || r.code == 0x85 || r.code == 0xa0 || !is_printable(r.code) || r.code == ' ' ||
                   (r.code < 0x80 && kIllegal.find(static_cast<char>(r.code)) != std::string_view::npos);
    if (illegal) return concat("invalid character ", unicode_name(r.code));
    p += std::max<uint32_t>(r.size, 1);
  }
  return {};
}

const Symbol& main_symbol() {
  static const Symbol s("main");
  return s;
}
const Symbol& init_symbol() {
  static const Symbol s("init");
  return s;
}
const Symbol& blank_symbol() {
  static const Symbol s("_");
  return s;
}

class Collector {
 public:
  Collector(Checker& c, Package* p) : c_(c), p_(p) {}

  void run();

 private:
  struct Method {
    Func* func;
    bool pointer;
    Name* receiver;
  };

  void file(File* f);
  void import_decl(ImportDecl* d);
  Package* import_package(BasicLit* at, std::string_view path);
  void dot_import(ImportDecl* d, PkgName* import);
  void const_decl(ConstDecl* d);
  void var_decl(VarDecl* d);
  void type_decl(TypeDecl* d);
  void func_decl(FuncDecl* d);
  void declare_object(Name* name, Object* o, DeclInfo* info);
  void check_special_func(FuncDecl* d, bool* type_param_error);
  DeclInfo* new_info();
  void number(Object* o, DeclInfo* info);
  void file_scope_conflicts();
  void associate_methods();
  TypeName* base_type_name(bool* pointer, Name* name);

  Checker& c_;
  Package* p_;
  File* file_ = nullptr;
  Scope* file_scope_ = nullptr;
  std::string_view version_;
  ConstGroup const_group_;
  std::vector<Method> methods_;
};

void Collector::run() {
  p_->collected = true;
  p_->checker = &c_;
  if (p_->source == nullptr) return;
  if (p_->scope == nullptr) p_->scope = c_.new_scope(kUniverse, {}, {}, "package");
  Environment saved = c_.env;
  c_.env = {};
  c_.env.package = p_;
  for (File* f : p_->source->files) file(f);
  c_.env.scope = p_->scope;
  file_scope_conflicts();
  associate_methods();
  c_.env = saved;
}

void Collector::file(File* f) {
  file_ = f;
  std::string_view module_version =
      p_->source->go_version.empty() ? c_.options.default_go_version : std::string_view(p_->source->go_version);
  version_ = file_version(f, module_version);
  c_.env.go_version = version_;
  file_scope_ = c_.new_scope(p_->scope, f->pos, f->eof, "file");
  p_->file_scopes.push_back(file_scope_);
  c_.env.scope = file_scope_;
  if (version_minor(f->go_version) > version_minor(c_.options.default_go_version)) {
    c_.error_at(f->package_name, "TooNew", concat("file requires newer Go version ", f->go_version));
  }
  if (f->package_name->name != p_->name) {
    c_.error(f->pos, "MismatchedPkgName",
             concat("package ", f->package_name->name.text(), "; expected package ", p_->name.text()));
    return;
  }
  const_group_ = {};
  for (Decl* d : f->decls) {
    if (d->kind != NodeKind::ConstDecl) const_group_.leave();
    switch (d->kind) {
      case NodeKind::ImportDecl: import_decl(static_cast<ImportDecl*>(d)); break;
      case NodeKind::ConstDecl: const_decl(static_cast<ConstDecl*>(d)); break;
      case NodeKind::TypeDecl: type_decl(static_cast<TypeDecl*>(d)); break;
      case NodeKind::VarDecl: var_decl(static_cast<VarDecl*>(d)); break;
      case NodeKind::FuncDecl: func_decl(static_cast<FuncDecl*>(d)); break;
      default: break;
    }
  }
}

// ---- imports ----

Package* Collector::import_package(BasicLit* at, std::string_view path) {
  if (path == "unsafe") return kUnsafePackage;
  load::Package* loaded = path == "C" ? nullptr : p_->source->imported(Symbol(path));
  if (loaded != nullptr && loaded->types != nullptr) {
    if (!loaded->types->collected) c_.collect_objects(loaded->types);
    return loaded->types;
  }
  if (path != "C") c_.error(at->pos, "BrokenImport", concat("could not import ", path, " (package not found)"));
  // Go on with a package whose names are unknown.
  auto* fake = new Package;
  size_t slash = path.rfind('/');
  fake->path = Symbol(path);
  fake->name = Symbol(slash == std::string_view::npos ? path : path.substr(slash + 1));
  fake->scope = c_.new_scope(kUniverse, {}, {}, "package");
  fake->collected = fake->is_fake_c = true;
  return fake;
}

void Collector::import_decl(ImportDecl* d) {
  if (d->path == nullptr || d->path->bad) return;
  std::string path;
  std::string fault = unquote(d->path->text, &path) ? import_path_fault(path) : "invalid syntax";
  if (!fault.empty()) {
    c_.error_at(d->path, "BadImportPath", concat("invalid import path (", fault, ")"));
    return;
  }
  Package* imported = import_package(d->path, path);
  Symbol name = imported->name;
  if (d->local_name != nullptr) {
    name = d->local_name->name;
    if (path == "C") {
      c_.error_at(d->local_name, "ImportCRenamed", "cannot rename import \"C\"");
      return;
    }
  }
  if (name == init_symbol()) {
    c_.error_at(d, "InvalidInitDecl", "cannot import package as init - init must be a func");
    return;
  }
  if (std::find(p_->imports.begin(), p_->imports.end(), imported) == p_->imports.end()) p_->imports.push_back(imported);
  PkgName* o = new_object<PkgName>(c_.arena, ObjectKind::PkgName, d->pos, p_, name, basic(BasicKind::Invalid));
  o->imported = imported;
  o->used = imported->is_fake_c;
  o->color = kBlack;
  if (d->local_name != nullptr) d->local_name->object = o;
  c_.p_->imports[p_].push_back(o);
  if (name.text() == ".") {
    dot_import(d, o);
  } else {
    c_.declare(file_scope_, nullptr, o, {});
  }
}

// The exported names of the package become names of the file. The objects keep their own parent scope.
void Collector::dot_import(ImportDecl* d, PkgName* import) {
  for (Object* o : import->imported->scope->objects()) {
    if (!o->exported()) continue;
    if (Object* other = file_scope_->insert(o)) {
      ErrorBuilder e(c_, "DuplicateDecl");
      e.add_at(d->local_name, concat(other->name.text(), " redeclared in this block"));
      e.add_other_declaration(other);
      e.report();
    } else {
      c_.p_->dot_imports[{file_scope_, o->name}] = import;
    }
  }
}

// ---- declarations ----

DeclInfo* Collector::new_info() {
  DeclInfo* info = c_.arena.make<DeclInfo>();
  info->file = file_;
  info->file_scope = file_scope_;
  info->go_version = version_;
  return info;
}

void Collector::number(Object* o, DeclInfo* info) {
  o->decl = info;
  p_->objects.push_back(o);
  o->order = static_cast<uint32_t>(p_->objects.size());
}

void Collector::declare_object(Name* name, Object* o, DeclInfo* info) {
  if (name->name == init_symbol()) {
    c_.error_at(name, "InvalidInitDecl", "cannot declare init - must be func");
    return;
  }
  if (name->name == main_symbol() && p_->name == main_symbol()) {
    c_.error_at(name, "InvalidMainDecl", "cannot declare main - must be func");
    return;
  }
  c_.declare(p_->scope, name, o, {});
  number(o, info);
}

void Collector::const_decl(ConstDecl* d) {
  const ConstGroup::Spec spec = const_group_.next(d);
  auto values = list_of(spec.values);
  for (size_t i = 0; i < d->names.size(); i++) {
    Name* name = d->names[i];
    auto* o = new_object<ConstObject>(c_.arena, ObjectKind::Const, name->pos, p_, name->name, nullptr);
    DeclInfo* info = new_info();
    info->type_expr = spec.type;
    info->init = i < values.size() ? values[i] : nullptr;
    info->inherited = spec.inherited;
    info->iota = d->iota;
    declare_object(name, o, info);
  }
  c_.arity(d->pos, d->names, values, true, spec.inherited);
}

void Collector::var_decl(VarDecl* d) {
  auto lhs = c_.arena.make_array<Var*>(d->names.size());
  auto values = list_of(d->values);
  // With a single initial value, all variables share one DeclInfo: it initialises them all (f() may have several results).
  DeclInfo* shared = nullptr;
  if (as<ListExpr>(d->values) == nullptr) {
    shared = new_info();
    shared->lhs = lhs;
    shared->type_expr = d->type_expr;
    shared->init = d->values;
    shared->var_decl = d;
  }
  for (size_t i = 0; i < d->names.size(); i++) {
    Name* name = d->names[i];
    lhs[i] = new_var(c_.arena, VarRole::Package, name->pos, p_, name->name, nullptr);
    DeclInfo* info = shared;
    if (info == nullptr) {
      info = new_info();
      info->type_expr = d->type_expr;
      info->init = i < values.size() ? values[i] : nullptr;
      info->var_decl = d;
    }
    declare_object(name, lhs[i], info);
  }
  if (d->type_expr == nullptr || !values.empty()) c_.arity(d->pos, d->names, values, false, false);
}

void Collector::type_decl(TypeDecl* d) {
  DeclInfo* info = new_info();
  info->type_decl = d;
  declare_object(d->name, new_type_name(c_.arena, d->name->pos, p_, d->name->name, nullptr), info);
}

// func init and func main take and return nothing.
void Collector::check_special_func(FuncDecl* d, bool* type_param_error) {
  bool is_init = d->name->name == init_symbol();
  if (!is_init && !(d->name->name == main_symbol() && p_->name == main_symbol())) return;
  std::string_view code = is_init ? "InvalidInitDecl" : "InvalidMainDecl";
  if (!d->type_params.empty()) {
    c_.soft_error_at(d->type_params[0], code,
                     concat("func ", d->name->name.text(), " must have no type parameters"));
    *type_param_error = true;
  }
  if (!d->func_type->params.empty() || !d->func_type->results.empty()) {
    c_.soft_error_at(d->name, code,
                     concat("func ", d->name->name.text(), " must have no arguments and no return values"));
  }
}

void Collector::func_decl(FuncDecl* d) {
  Func* o = new_func(c_.arena, d->name->pos, p_, d->name->name, nullptr);
  o->syntax = d;
  bool type_param_error = false;
  if (d->receiver == nullptr) {
    check_special_func(d, &type_param_error);
    p_->funcs.push_back(o);
    if (o->name == init_symbol()) {
      // init functions cannot be referred to.
      o->parent = p_->scope;
      d->name->object = o;
      p_->init_funcs.push_back(o);
      if (!d->has_body) c_.soft_error(o->pos, "MissingInitBody", "func init must have a body");
    } else {
      c_.declare(p_->scope, d->name, o, {});
    }
  } else {
    p_->methods.push_back(o);
    ReceiverSyntax receiver = unpack_receiver(c_, d->receiver->type_expr, false);
    Name* base = as<Name>(receiver.base);
    // Methods with a wrong receiver or named _ belong to no type; they are checked like functions.
    if (base != nullptr && o->name != blank_symbol()) methods_.push_back({o, receiver.pointer, base});
    d->name->object = o;
  }
  if (!d->type_params.empty() && !type_param_error) c_.verify_version(d->type_params[0], "go1.18", "type parameter");
  DeclInfo* info = new_info();
  info->func_decl = d;
  number(o, info);
}

// A name may not be declared both in a file (by an import) and in the package.
void Collector::file_scope_conflicts() {
  for (Scope* scope : p_->file_scopes) {
    for (Object* o : scope->objects()) {
      Object* other = p_->scope->lookup(o->name);
      if (other == nullptr) continue;
      ErrorBuilder e(c_, "DuplicateDecl");
      if (PkgName* import = as_pkg_name(o)) {
        e.add(other->pos, concat(other->name.text(), " already declared through import of package ",
                                       import->imported->name.text(), " (\"", import->imported->path.text(), "\")"));
      } else {
        e.add(other->pos, concat(other->name.text(), " already declared through dot-import of package ",
                                       o->package->name.text(), " (\"", o->package->path.text(), "\")"));
      }
      e.add_other_declaration(o);
      e.report();
    }
  }
}

// ---- methods ----

void Collector::associate_methods() {
  for (Method& m : methods_) {
    bool pointer = m.pointer;
    TypeName* base = base_type_name(&pointer, m.receiver);
    if (base == nullptr) continue;
    m.func->has_ptr_receiver = pointer;
    c_.p_->methods[base].push_back(m.func);
  }
}

// The defined type that a receiver's name denotes, through (non-generic) aliases of this package and at most one pointer.
TypeName* Collector::base_type_name(bool* pointer, Name* name) {
  std::vector<TypeName*> seen;
  while (name != nullptr) {
    TypeName* o = as_type_name(p_->scope->lookup(name->name));
    if (o == nullptr || o->decl == nullptr || std::find(seen.begin(), seen.end(), o) != seen.end()) return nullptr;
    TypeDecl* d = o->decl->type_decl;
    if (!d->is_alias) return o;
    if (!d->type_params.empty()) return nullptr;
    seen.push_back(o);
    Expr* type = unparen(d->type_expr);
    auto* star = as<Operation>(type);
    if (star != nullptr && star->op == Op::Mul && star->y == nullptr) {
      if (*pointer) return nullptr;
      *pointer = true;
      type = unparen(star->x);
    }
    name = as<Name>(type);
  }
  return nullptr;
}

// ---- direct cycles ----

// Type names that are declared by nothing but type names, in a circle: `type A B; type B A`, aliases alike. They are
// reported and made invalid before any declaration is resolved.
class DirectCycles {
 public:
  DirectCycles(Checker& c, Package* p) : c_(c), p_(p) {}
  void run() {
    for (Object* o : p_->objects) {
      if (TypeName* t = as_type_name(o)) follow(t);
    }
  }

 private:
  void follow(TypeName* t) {
    std::vector<Object*> path;
    while (!done_.contains(t)) {
      auto at = std::find(path.begin(), path.end(), t);
      if (at != path.end()) {
        t->type = basic(BasicKind::Invalid);
        std::vector<Object*> cycle(at, path.end());
        size_t first = 0;
        for (size_t i = 1; i < cycle.size(); i++) {
          if (cycle[i]->pos < cycle[first]->pos) first = i;
        }
        c_.cycle_error(cycle, first);
        break;
      }
      path.push_back(t);
      if (path.size() > kMaxChain) break;
      Name* rhs = as<Name>(t->decl->type_decl->type_expr);
      TypeName* next = rhs == nullptr ? nullptr : as_type_name(p_->scope->lookup(rhs->name));
      if (next == nullptr || next->decl == nullptr) break;
      t = next;
    }
    for (Object* o : path) done_.insert(static_cast<TypeName*>(o));
  }

  static constexpr size_t kMaxChain = 5000;
  Checker& c_;
  Package* p_;
  absl::flat_hash_set<TypeName*> done_;
};

}  // namespace

ReceiverSyntax unpack_receiver(Checker& c, Expr* type, bool unpack_params) {
  ReceiverSyntax r;
  r.base = unparen(type);
  auto* star = as<Operation>(r.base);
  if (star != nullptr && star->op == Op::Mul && star->y == nullptr) {
    r.pointer = true;
    r.base = unparen(star->x);
  }
  auto* index = as<IndexExpr>(r.base);
  if (index == nullptr) return r;
  r.base = index->x;
  r.has_params = true;
  if (!unpack_params) return r;
  for (Expr* arg : list_of(index->index)) {
    Name* name = as<Name>(arg);
    if (name == nullptr) {
      if (arg->kind != NodeKind::BadExpr) {
        c.error_at(arg, "BadDecl", concat("receiver type parameter ", expr_string(arg), " must be an identifier"));
      }
      name = c.arena.make<Name>();
      name->kind = NodeKind::Name;
      name->pos = arg->pos;
      name->name = blank_symbol();
    }
    r.params.push_back(name);
  }
  return r;
}

void Checker::collect_objects(Package* p) {
  if (!p->collected) Collector(*this, p).run();
}

// Resolves all objects of p, types first. Function bodies are not checked here.
void Checker::package_objects(Package* p) {
  DirectCycles(*this, p).run();
  for (Object* o : p->objects) {
    if (TypeName* t = as_type_name(o); t != nullptr && t->type != nullptr) collect_methods(t);
  }
  // Type definitions go first, then aliases, then what uses them, as gc does it: errors come in this order.
  for (Object* o : p->objects) {
    if (o->kind == ObjectKind::TypeName && !o->decl->type_decl->is_alias) object_decl(o);
  }
  for (Object* o : p->objects) {
    if (o->kind == ObjectKind::TypeName && o->decl->type_decl->is_alias) object_decl(o);
  }
  for (Object* o : p->objects) {
    if (o->kind != ObjectKind::TypeName) object_decl(o);
  }
}

// spec: Import declarations: an import that nothing refers to is an error.
void Checker::unused_imports(Package* p) {
  if (options.ignore_unused) return;
  auto found = p_->imports.find(p);
  if (found == p_->imports.end()) return;
  for (const PkgName* o : found->second) {
    if (o->used || o->name == blank_symbol()) continue;
    std::string_view path = o->imported->path.text();
    std::string_view last = path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1);
    std::string_view name = o->name.text();
    std::string message = concat(quote_string(path), " imported");
    if (!name.empty() && name != "." && name != last) append_text(message, " as ", name);
    soft_error(o->pos, "UnusedImport", concat(message, " and not used"));
  }
}

}  // namespace gale::types
