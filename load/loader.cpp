// The import graph is loaded in waves: a wave holds the packages that the wave before imports and nobody saw yet. Within a
// wave, files are chosen and read in parallel, then added to the SourceManager one after the other in a fixed order (so that
// positions do not depend on threads), then parsed in parallel, a package by one thread. Afterwards the graph is walked depth
// first from the targets, which finds what only the whole graph shows: cycles, internal packages, imports of programs.
#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include <fmt/core.h>

#include "absl/container/flat_hash_map.h"
#include "base/check.h"
#include "load/embed.h"
#include "load/file_system.h"
#include "load/import_path.h"
#include "load/load.h"
#include "load/package_files.h"
#include "load/patterns.h"
#include "syntax/parser.h"
#include "syntax/unicode.h"
#include "syntax/unquote.h"

namespace gale::load {
namespace {

// Calls work(i) for i < count on several threads.
template <class Work>
void parallel_for(size_t count, int threads, const Work& work) {
  std::atomic<size_t> next{0};
  auto run = [&] {
    for (size_t i; (i = next.fetch_add(1)) < count;) work(i);
  };
  std::vector<std::thread> others;
  for (int t = 1; t < threads && static_cast<size_t>(t) < count; t++) others.emplace_back(run);
  run();
  for (std::thread& t : others) t.join();
}

// Only graphic characters, and not those that shells and file systems give a meaning (spec: Import declarations).
bool is_import_path(std::string_view path) {
  for (const char *at = path.data(), *end = at + path.size(); at < end;) {
    syntax::Rune r = syntax::decode_rune(at, end);
    constexpr std::string_view kIllegal = "!\"#$%&'()*,:;<=>?[\\]^`{|} ";
    if (r.code == 0xfffd || !syntax::is_printable(r.code) || (r.code < 0x80 && kIllegal.find(*at) != kIllegal.npos)) return false;
    at += r.size;
  }
  return true;
}

// A package on its way.
struct Loading {
  struct Import {
    Symbol written;
    Pos pos;
    Loading* target = nullptr;  // null: an error was reported
  };
  std::unique_ptr<Package> package = std::make_unique<Package>();
  PackagePlace place;
  std::vector<std::string> named_files;
  Pos imported_at;  // where it was met first; not valid: named by the request
  bool by_wildcard = false;
  bool missing = false;  // it has no files that could be used, or is otherwise unusable
  PackageFiles files;
  std::vector<SourceFile*> sources;
  std::vector<Import> imports;  // by path, without repetition
  DiagnosticSink sink;
  enum class Visit : uint8_t { New, Active, Done } visit = Visit::New;

  void report(Pos pos, std::string message) {
    Diagnostic d;
    d.pos = pos;
    d.message = std::move(message);
    d.code = "load";
    sink.report(std::move(d));
    package->failed = true;
  }
};

class Loader {
 public:
  Loader(const LoadRequest& request, SourceManager& sources, DiagnosticSink& sink)
      : request_(request), sources_(sources), sink_(sink), tags_(request.tags),
        working_dir_(request.working_dir.empty() ? current_folder() : clean_path(request.working_dir)) {}

  std::unique_ptr<Program> load();

 private:
  void report(std::string message) {
    Diagnostic d;
    d.message = std::move(message);
    d.code = "load";
    sink_.report(std::move(d));
  }

  bool open_modules();
  void add_targets();
  Loading* find_or_add(const PackagePlace& place);
  Loading* add_fake(std::string_view path);

  void load_waves();
  void choose_files(Loading* l);
  void check_files(Loading* l);
  void add_sources(Loading* l);
  void parse(Loading* l);
  void check_names(Loading* l);
  void collect_imports(Loading* l);
  Loading* resolve_import(Loading* from, Symbol written, Pos pos);
  Loading* resolve_relative(Loading* from, std::string_view written);
  void resolve_embeds(Loading* l);

  struct Step {  // of the import stack: a package, and where it is imported
    Loading* package;
    Pos pos;
  };
  void visit(Loading* root);
  void report_cycle(const std::vector<Step>& stack, Loading* again, Pos pos);
  bool check_import(const std::vector<Step>& stack, Loading* from, const Loading::Import& import);
  std::string stack_text(const std::vector<Step>& stack) const;
  std::string place_text(Pos pos) const;
  void finish();

  const LoadRequest& request_;
  SourceManager& sources_;
  DiagnosticSink& sink_;
  BuildTags tags_;
  std::string working_dir_;
  std::unique_ptr<Program> program_ = std::make_unique<Program>();
  std::vector<std::unique_ptr<Loading>> all_;
  absl::flat_hash_map<std::string, Loading*> by_path_;
  absl::flat_hash_map<std::string, Loading*> resolved_;  // imports looked up before
  std::vector<Loading*> wave_, targets_, order_;
};

std::unique_ptr<Program> Loader::load() {
  std::string error;
  if (!find_goroot(request_.goroot, &program_->goroot, &error)) {
    report(error);
    return nullptr;
  }
  if (!open_modules()) return nullptr;
  add_targets();
  if (targets_.empty() && sink_.hard_errors() > 0) return std::move(program_);
  load_waves();
  for (const std::unique_ptr<Loading>& l : all_) {
    if (l->package->path.text() == "runtime") visit(l.get());
  }
  for (Loading* t : targets_) visit(t);
  finish();
  return std::move(program_);
}

bool Loader::open_modules() {
  std::vector<std::string> errors;
  program_->modules.open(working_dir_, program_->goroot, request_.overlay_dir, request_.mod_mode, &errors);
  for (std::string& e : errors) report(std::move(e));
  return errors.empty();
}

void Loader::add_targets() {
  std::vector<std::string> errors;
  std::vector<Target> expanded =
      expand_patterns(request_.patterns, working_dir_, program_->modules, &errors, &program_->warnings);
  for (std::string& e : errors) report(std::move(e));
  for (const ExplicitPackage& e : request_.explicit_packages) {
    Target t;
    t.place.path = e.path;
    for (const std::string& f : e.files) t.named_files.push_back(absolute_path(f, working_dir_));
    if (!e.files.empty()) t.place.dir = t.named_files[0].substr(0, t.named_files[0].rfind('/'));
    expanded.push_back(std::move(t));
  }
  if (!errors.empty()) return;
  for (Target& t : expanded) {
    Loading* l = t.place.path == "unsafe" ? add_fake("unsafe") : find_or_add(t.place);
    l->named_files = std::move(t.named_files);
    l->by_wildcard = t.by_wildcard;
    l->package->is_target = true;
    if (!l->named_files.empty()) {
      l->package->is_main_module = true;
      l->package->go_version = t.place.module == nullptr ? "go1." + std::to_string(kGoMinor) : t.place.module->go_version;
    }
    targets_.push_back(l);
  }
  if (request_.with_runtime && !targets_.empty()) {
    PackagePlace runtime;
    std::string error;
    if (program_->modules.resolve("runtime", nullptr, &runtime, &error)) {
      find_or_add(runtime);
    } else {
      report(error);
    }
  }
}

Loading* Loader::find_or_add(const PackagePlace& place) {
  Loading*& entry = by_path_[place.path];
  if (entry != nullptr) return entry;
  all_.push_back(std::make_unique<Loading>());
  Loading* l = entry = all_.back().get();
  l->place = place;
  Package* p = l->package.get();
  p->path = Symbol(place.path);
  p->dir = place.dir;
  p->is_std = place.is_std;
  p->is_vendored = place.is_std && (place.path.starts_with("vendor/") || place.path.starts_with("cmd/vendor/"));
  p->go_version = place.module != nullptr ? place.module->go_version : "go1." + std::to_string(kGoMinor);
  if (place.module != nullptr) {
    p->module_path = place.module->path;
    p->is_main_module = place.module->is_main;
  }
  wave_.push_back(l);
  return l;
}

Loading* Loader::add_fake(std::string_view path) {
  Loading*& entry = by_path_[std::string(path)];
  if (entry != nullptr) return entry;
  all_.push_back(std::make_unique<Loading>());
  entry = all_.back().get();
  entry->place.path = path;
  entry->place.is_std = true;
  Package* p = entry->package.get();
  p->path = p->name = Symbol(path);
  p->go_version = "go1." + std::to_string(kGoMinor);
  p->fake = p->is_std = true;
  return entry;
}

// ---- files ----

void Loader::load_waves() {
  while (!wave_.empty()) {
    std::vector<Loading*> wave = std::move(wave_);
    wave_.clear();
    std::sort(wave.begin(), wave.end(), [](Loading* a, Loading* b) { return a->place.path < b->place.path; });
    parallel_for(wave.size(), request_.threads, [&](size_t i) { choose_files(wave[i]); });
    for (Loading* l : wave) {
      check_files(l);
      add_sources(l);
    }
    parallel_for(wave.size(), request_.threads, [&](size_t i) { parse(wave[i]); });
    for (Loading* l : wave) {
      check_names(l);
      collect_imports(l);
      resolve_embeds(l);
    }
  }
}

void Loader::choose_files(Loading* l) {
  CrashScope scope("load", l->place.path);
  if (!l->named_files.empty()) {
    l->files = read_named_files(l->named_files, tags_);
    return;
  }
  PackageFilesRequest r;
  r.dir = l->place.dir;
  r.path = l->place.path;
  r.is_std = l->place.is_std;
  r.overlay_dir = request_.overlay_dir;
  r.goroot_version = program_->goroot.version;
  l->files = choose_package_files(r, tags_);
}

void Loader::check_files(Loading* l) {
  for (const std::string& e : l->files.errors) l->report({}, e);
  l->package->is_overlay = l->files.overlay_whole;
  l->package->s_files = l->files.s_files;
  l->missing = l->files.go.empty();
  if (!l->missing || !l->package->is_target || l->by_wildcard || !l->files.errors.empty()) return;
  if (l->files.excluded) {
    l->report({}, "package " + l->place.path + ": build constraints exclude all Go files in " + l->place.dir);
  } else {
    l->report({}, "no Go files in " + l->place.dir);
  }
}

void Loader::add_sources(Loading* l) {
  for (GoFile& f : l->files.go) {
    std::string display = l->place.is_std ? f.path : display_path(f.path, working_dir_);
    l->sources.push_back(sources_.add(f.path, std::move(display), std::move(f.text)));
  }
}

void Loader::parse(Loading* l) {
  CrashScope scope("parse", l->place.path);
  syntax::ParseOptions options;
  options.std = l->place.is_std;
  options.skim = l->place.is_std && !request_.parse_std_fully;
  for (SourceFile* s : l->sources) {
    syntax::File* f = syntax::parse_file(s, l->package->arena, l->sink, options);
    if (f->imports_c && l->place.is_std) continue;  // cgo is off: the files that need it do not belong to the package
    l->package->files.push_back(f);
  }
  if (l->sink.hard_errors() > 0) l->package->failed = true;
}

// All files must name the same package. Files of package documentation are no code.
void Loader::check_names(Loading* l) {
  std::vector<syntax::File*>& files = l->package->files;
  if (l->named_files.empty()) {
    std::erase_if(files, [](syntax::File* f) { return f->package_name->name.text() == "documentation"; });
  }
  if (files.empty()) {
    l->missing = true;
    return;
  }
  Symbol name = files[0]->package_name->name;
  l->package->name = name;
  auto base = [](syntax::File* f) { return f->source->path().substr(f->source->path().rfind('/') + 1); };
  for (syntax::File* f : files) {
    if (f->package_name->name == name || f->package_name->name.text() == "_") continue;
    l->report(l->package->is_target ? Pos{} : l->imported_at, fmt::format("found packages {} ({}) and {} ({}) in {}", name.text(), base(files[0]),
                              f->package_name->name.text(), base(f), l->place.dir));
    l->missing = true;
    return;
  }
}

// ---- imports ----

void Loader::collect_imports(Loading* l) {
  std::map<std::string, Pos> paths;  // first position of each
  for (syntax::File* f : l->package->files) {
    for (syntax::Decl* d : f->decls) {
      syntax::ImportDecl* import = syntax::as<syntax::ImportDecl>(d);
      std::string path;
      if (import == nullptr || import->path->bad || !syntax::unquote(import->path->text, &path)) continue;
      // An import begins with its local name.
      paths.try_emplace(std::move(path), import->local_name != nullptr ? import->local_name->pos : import->path->pos);
    }
  }
  for (const auto& [path, pos] : paths) {
    Symbol written(path);
    l->imports.push_back({written, pos, resolve_import(l, written, pos)});
  }
}

Loading* Loader::resolve_import(Loading* from, Symbol written, Pos pos) {
  std::string_view path = written.text();
  if (path == "unsafe") return add_fake(path);
  if (path == "C") {
    from->report(pos, "gale does not compile cgo yet: import \"C\" is not supported");
    return nullptr;
  }
  if (Loading* relative = resolve_relative(from, path)) return relative;
  // What the go command refuses while it reads a file. In files named one by one, as for `go tool compile`, the parser does.
  if (path.empty() || (from->named_files.empty() && !from->place.is_std && !is_import_path(path))) {
    Location at = sources_.location(pos);
    from->report({}, fmt::format("{}:{}:{}: invalid import path: {}", sources_.file(pos)->path(), at.line, at.column, path));
    return nullptr;
  }
  const bool by_place = path.starts_with("./") || path.starts_with("../") || path.starts_with('/') || path == "." || path == "..";
  if (std::string wrong = from->place.is_std || by_place ? std::string() : malformed_import_path(path); !wrong.empty()) {
    from->report(pos, wrong);
    return nullptr;
  }
  // What a path means depends on whose import it is only in these three ways.
  std::string_view kind = !from->place.is_std ? "user" : from->place.path.starts_with("cmd/") ? "cmd" : "std";
  Loading*& known = resolved_[fmt::format("{} {}", kind, path)];
  if (known != nullptr) return known;
  PackagePlace place;
  std::string error;
  if (!program_->modules.resolve(path, &from->place, &place, &error)) {
    from->report(pos, error);
    if (path.starts_with("./") || path.starts_with("../")) {
      from->report(pos, fmt::format("local import \"{}\" in non-local package", path));
    }
    return nullptr;
  }
  known = find_or_add(place);
  if (!known->imported_at.valid()) known->imported_at = pos;
  return known;
}

// Among packages given by hand: "./x" is relative_root/x, and any of their paths may be imported.
Loading* Loader::resolve_relative(Loading* from, std::string_view written) {
  if (request_.explicit_packages.empty() || from->place.is_std) return nullptr;
  std::string path(written);
  if (written.starts_with("./")) path = request_.relative_root + "/" + path.substr(2);
  auto it = by_path_.find(path);
  return it == by_path_.end() || !it->second->package->is_target ? nullptr : it->second;
}

void Loader::resolve_embeds(Loading* l) {
  std::map<std::string, EmbedPattern> resolved;
  for (syntax::File* f : l->package->files) {
    if (!f->imports_embed) continue;
    for (syntax::Decl* d : f->decls) {
      syntax::VarDecl* v = syntax::as<syntax::VarDecl>(d);
      if (v == nullptr) continue;
      for (std::string_view pattern : v->embed_patterns) {
        auto [it, fresh] = resolved.try_emplace(std::string(pattern));
        std::string error;
        if (fresh && !resolve_embed(l->place.dir, pattern, &it->second, &error)) {
          l->report(v->embed_pos.offset_by(9), fmt::format("pattern {}: {}", pattern, error));
        }
      }
    }
  }
  for (auto& [pattern, files] : resolved) l->package->embeds.push_back(std::move(files));
}

// ---- the graph ----

std::string Loader::place_text(Pos pos) const {
  Location where = sources_.location(pos);
  std::string_view file = where.file;
  if (file.starts_with("./")) file.remove_prefix(2);
  return fmt::format("{}:{}:{}", file, where.line, where.column);
}

std::string Loader::stack_text(const std::vector<Step>& stack) const {
  std::string text;
  for (const Step& s : stack) text += (text.empty() ? "package " : "\n\timports ") + s.package->place.path;
  return text;
}

// The stack up to the package met again, each with the file that imports it.
void Loader::report_cycle(const std::vector<Step>& stack, Loading* again, Pos pos) {
  std::string text = "package " + stack[0].package->place.path;
  auto import = [&](const std::string& path, Pos at) {
    std::string file = sources_.file(at)->path();
    text += "\n\timports " + path + " from " + file.substr(file.rfind('/') + 1);
  };
  for (size_t i = 1; i < stack.size(); i++) import(stack[i].package->place.path, stack[i].pos);
  import(again->place.path, pos);
  again->report({}, text + ": import cycle not allowed");
}

// May `from`, which is on top of the stack, import this? (`go help internal`: internal and vendor folders.)
bool Loader::check_import(const std::vector<Step>& stack, Loading* from, const Loading::Import& import) {
  Loading* to = import.target;
  const std::string& path = to->place.path;
  if (to->package->name.text() == "main" && !to->package->fake && request_.explicit_packages.empty()) {
    from->report(import.pos, fmt::format("import \"{}\" is a program, not an importable package", path));
    return false;
  }
  if (to->missing && !to->package->failed && !to->package->fake && !to->package->is_target) {
    if (to->files.excluded) {
      from->report({}, stack_text(stack) + "\n\timports " + path + ": build constraints exclude all Go files in " + to->place.dir);
    } else {
      from->report({}, path + ": no non-test Go files in " + to->place.dir);
    }
    return false;
  }
  if (from->place.is_std || !request_.explicit_packages.empty()) return true;
  // The last element "internal": visible below the folder that holds it.
  size_t at = std::string::npos;
  for (size_t i = path.find("internal"); i != std::string::npos; i = path.find("internal", i + 1)) {
    bool starts = i == 0 || path[i - 1] == '/', ends = i + 8 == path.size() || path[i + 8] == '/';
    if (starts && ends) at = i;
  }
  if (at == std::string::npos) return true;
  std::string parent = at == 0 ? "" : path.substr(0, at - 1);
  std::string importer = from->place.path;
  if (PackagePlace p; !from->named_files.empty() && program_->modules.package_in(from->place.dir, &p)) importer = p.path;
  if (!to->place.is_std && has_path_prefix(importer, parent)) return true;
  from->report({}, stack_text(stack) + "\n\t" + place_text(import.pos) + ": use of internal package " + path + " not allowed");
  return false;
}

// Depth first, imports by path: order_ gets the packages after those they import.
void Loader::visit(Loading* root) {
  struct Frame {
    Loading* package;
    size_t next = 0;
  };
  if (root->visit != Loading::Visit::New) return;
  std::vector<Frame> frames;
  std::vector<Step> stack;
  auto enter = [&](Loading* l, Pos pos) {
    l->visit = Loading::Visit::Active;
    frames.push_back({l});
    stack.push_back({l, pos});
  };
  enter(root, {});
  while (!frames.empty()) {
    Frame& f = frames.back();
    Loading* l = f.package;
    if (f.next == l->imports.size()) {
      l->visit = Loading::Visit::Done;
      order_.push_back(l);
      frames.pop_back();
      stack.pop_back();
      continue;
    }
    const Loading::Import& import = l->imports[f.next++];
    if (import.target == nullptr || !check_import(stack, l, import)) continue;
    if (import.target->visit == Loading::Visit::Active) {
      report_cycle(stack, import.target, import.pos);
    } else if (import.target->visit == Loading::Visit::New) {
      enter(import.target, import.pos);
    }
  }
}

// Hands the packages over in order, with their imports, and their diagnostics in the same order.
void Loader::finish() {
  std::erase_if(order_, [](Loading* l) { return l->missing && !l->package->fake && l->sink.empty(); });
  for (size_t i = 0; i < order_.size(); i++) order_[i]->package->ordinal = static_cast<uint32_t>(i);
  for (Loading* l : order_) {
    Package* p = l->package.get();
    for (const Loading::Import& import : l->imports) {
      if (import.target == nullptr || import.target->visit != Loading::Visit::Done) continue;
      p->import_map.push_back({import.written, import.target->package.get()});
      p->imports.push_back(import.target->package.get());
    }
    std::sort(p->imports.begin(), p->imports.end(), [](Package* a, Package* b) { return text_less(a->path, b->path); });
    p->imports.erase(std::unique(p->imports.begin(), p->imports.end()), p->imports.end());
    for (Diagnostic& d : l->sink.items()) {
      d.key.package = p->ordinal;
      d.key.sequence = 0;
      sink_.report(std::move(d));
    }
  }
  for (Loading* t : targets_) {
    if (!t->missing || t->package->fake) program_->targets.push_back(t->package.get());
  }
  for (Loading* l : order_) program_->packages.push_back(std::move(l->package));
}

}  // namespace

Package* Program::find(std::string_view path) const {
  for (const std::unique_ptr<Package>& p : packages) {
    if (p->path.text() == path) return p.get();
  }
  return nullptr;
}

std::unique_ptr<Program> load(const LoadRequest& request, SourceManager& sources, DiagnosticSink& sink) {
  return Loader(request, sources, sink).load();
}

}  // namespace gale::load
