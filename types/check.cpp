// The checker's entry points: packages in gc's order of phases, bodies and variables on demand; postponed work.
#include <utility>

#include "base/check.h"
#include "syntax/parser.h"
#include "types/private.h"

namespace gale::types {
namespace {

// DiagnosticKey::phase.
enum Phase : uint16_t { kCollect = 1, kObjects, kBodies, kInitOrder, kUnusedImports, kInstantiationCycles };

}  // namespace

Checker::Checker(SourceManager& source_manager, DiagnosticSink& diagnostics, CheckOptions check_options)
    : sources(source_manager), sink(diagnostics), options(std::move(check_options)), p_(new Private) {
  g_checker = this;
}

Checker::~Checker() {
  for (Package* p : packages) {
    if (p->source != nullptr) p->source->types = nullptr;
    if (p != kUnsafePackage) delete p;
  }
  delete p_;
  if (g_checker == this) g_checker = nullptr;
}

Package* Checker::unsafe_package() { return kUnsafePackage; }

Package* Checker::add_package(load::Package* p) {
  if (p->types != nullptr) return p->types;
  if (p->path.text() == "unsafe") return p->types = kUnsafePackage;
  for (load::Package* import : p->imports) {
    if (import->types == nullptr) add_package(import);
  }
  auto* package = new Package;
  package->source = p;
  package->checker = this;
  package->path = p->path;
  package->name = p->name;
  package->ordinal = static_cast<uint32_t>(packages.size());
  package->is_fake_c = p->fake;
  p->types = package;
  packages.push_back(package);
  for (load::Package* import : p->imports) {
    if (import->types != nullptr) package->imports.push_back(import->types);
  }
  key = {};
  key.package = p->ordinal;
  key.phase = kCollect;
  bool reported = std::exchange(p_->reported_error, false);
  Package* outer = std::exchange(env.package, package);
  for (syntax::File* f : p->files) {
    if (f->package_name != nullptr && f->package_name->name.text() == "_") {
      error_at(f->package_name, "BlankPkgName", "invalid package name _");
    }
  }
  env.package = outer;
  collect_objects(package);
  package->has_errors = p_->reported_error;
  p_->reported_error = reported;
  return package;
}

void Checker::check_package(Package* p) {
  if (p->fully_checked || p->source == nullptr) return;
  p->fully_checked = true;
  CrashScope crash("check", p->path.text());
  Environment outer = std::exchange(env, {});
  env.package = p;
  const Package* outer_whole = std::exchange(p_->whole_package, p);
  bool reported = std::exchange(p_->reported_error, p->has_errors);
  key = {};
  key.package = p->source->ordinal;

  key.phase = kObjects;
  package_objects(p);
  key.phase = kBodies;
  process_delayed(0);
  // Functions that were resolved before, for another package's sake, are not among the postponed ones.
  for (Func* f : p->funcs) check_body(f);
  for (Func* f : p->methods) check_body(f);
  key.phase = kInitOrder;
  check_init_order(p);
  key.phase = kUnusedImports;
  unused_imports(p);
  key.phase = kInstantiationCycles;
  if (!p_->reported_error) check_instantiation_cycles(p);

  p->has_errors = p_->reported_error;
  p_->reported_error = reported;
  p_->whole_package = outer_whole;
  env = outer;
}

void Checker::check_body(Func* f) {
  if (f->origin != nullptr) f = f->origin;
  if (f->body_checked || f->body_checking || f->syntax == nullptr) return;
  f->body_checking = true;
  size_t top = p_->delayed.size();
  object_decl(f);
  syntax::FuncDecl* d = f->syntax;
  Signature* sig = as<Signature>(f->type);
  if (d->has_body && sig != nullptr) {
    CHECK(f->decl != nullptr, "a declared function's declaration");
    if (d->body == nullptr) syntax::parse_body(f->decl->file->source, d, f->package->source->arena, sink);
    if (d->body != nullptr) {
      Environment outer = env;
      DiagnosticKey outer_key = key;
      env = {};
      env.package = f->package;
      env.go_version = f->decl->go_version;
      key.package = f->package->source->ordinal;
      key.phase = kBodies;
      func_body(f, f->decl, f->name.text(), sig, d->body, nullptr, nullptr);
      process_delayed(top);
      env = outer;
      key = outer_key;
    }
  }
  f->body_checked = true;
  f->body_checking = false;
}

void Checker::check_var(Var* v) {
  size_t top = p_->delayed.size();
  object_decl(v);
  process_delayed(top);
}

void Checker::later(std::function<void()> action) {
  p_->delayed.push_back({env.package, env.go_version, std::move(action)});
}

void Checker::process_delayed(size_t top) {
  Package* package = env.package;
  std::string_view go_version = env.go_version;
  // Actions may add actions.
  for (size_t i = top; i < p_->delayed.size(); i++) {
    DelayedAction action = std::move(p_->delayed[i]);
    env.package = action.package;
    env.go_version = action.go_version;
    action.run();
  }
  CHECK(top <= p_->delayed.size(), "no one else to take away actions");
  p_->delayed.resize(top);
  env.package = package;
  env.go_version = go_version;
}

}  // namespace gale::types
