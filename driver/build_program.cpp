#include "driver/build_program.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>

#include "base/check.h"
#include "discover/names.h"
#include "discover/discover.h"
#include "driver/build_settings.h"
#include "driver/compile.h"
#include "driver/explainer.h"
#include "driver/html_page.h"
#include "driver/lower_backend.h"
#include "driver/progress.h"
#include "driver/provide_goroot.h"
#include "driver/stages.h"
#include "load/file_system.h"
#include "runtime/blob.h"

namespace gale::driver {
namespace {

link::Definition to_definition(const ir::Data& d, Arena& arena) {
  link::Definition out;
  out.name = d.name;
  switch (d.kind) {
    case ir::DataKind::ReadOnly: out.kind = link::SymbolKind::RoData; break;
    case ir::DataKind::String: out.kind = link::SymbolKind::GoString; break;
    case ir::DataKind::Data: out.kind = d.pointer_mask.empty() ? link::SymbolKind::NoPtrData : link::SymbolKind::Data; break;
    case ir::DataKind::Bss: out.kind = d.pointer_mask.empty() ? link::SymbolKind::NoPtrBss : link::SymbolKind::Bss; break;
  }
  if (d.dup_ok) out.flags |= link::kDupOk;
  if (d.string_variable) out.flags |= link::kStringVariable;
  out.align = d.align;
  out.size = d.size;
  if (d.kind != ir::DataKind::Bss) {
    std::vector<uint8_t> bytes = d.bytes;
    bytes.resize(d.size);
    out.bytes = arena.copy(bytes);
  }
  std::vector<link::Reloc> relocs;
  for (const ir::DataReloc& r : d.relocs) {
    link::Reloc to;
    to.offset = static_cast<uint32_t>(r.offset);
    to.target = r.symbol;
    to.addend = r.addend;
    to.weak = r.weak;
    relocs.push_back(to);
  }
  out.relocs = arena.copy(relocs);
  out.ptrmask = arena.copy(d.pointer_mask);
  return out;
}

link::ElfInput to_elf_input(std::string name, std::span<const std::byte> bytes) {
  return {std::move(name), {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}};
}

class Dumper {
 public:
  explicit Dumper(const BuildOptions& o) : options_(o) {}
  bool wants(std::string_view stage, std::string_view func) const {
    if (options_.dump.empty() || (!options_.dump_func.empty() && func.find(options_.dump_func) == func.npos)) return false;
    std::string_view list = options_.dump;
    while (!list.empty()) {
      size_t comma = list.find(',');
      std::string_view item = list.substr(0, comma);
      if (item == stage || item == "all") return true;
      list = comma == list.npos ? std::string_view{} : list.substr(comma + 1);
    }
    return false;
  }
  void print(std::string_view stage, std::string_view text) {
    std::lock_guard<std::mutex> lock(mutex_);
    fmt::print(stderr, "--- {}\n{}", stage, text);
  }

 private:
  const BuildOptions& options_;
  std::mutex mutex_;
};

// The last element of the import path; the one before it if that is a major version (go.dev/ref/mod#major-version-suffixes).
std::string executable_name(const load::Package& p) {
  if (p.path.text() == "command-line-arguments" && !p.files.empty()) {
    std::string name(p.files[0]->source->path());
    name = name.substr(name.rfind('/') + 1);
    return name.substr(0, name.rfind('.'));
  }
  std::string_view path = p.path.text();
  size_t slash = path.rfind('/');
  std::string_view last = path.substr(slash == path.npos ? 0 : slash + 1);
  const bool version = last.size() >= 2 && last[0] == 'v' && last[1] != '0' && last != "v1" &&
                       last.find_first_not_of("0123456789", 1) == last.npos;
  if (version && slash != path.npos) {
    path = path.substr(0, slash);
    last = path.substr(path.rfind('/') == path.npos ? 0 : path.rfind('/') + 1);
  }
  return std::string(last);
}

}  // namespace

bool stops_checking(const DiagnosticSink& sink) {
  return std::any_of(sink.items().begin(), sink.items().end(), [](const Diagnostic& d) {
    return d.code == "load" || d.message.starts_with("syntax error");
  });
}

std::string find_overlay() {
  char buffer[4096];
  ssize_t n = ::readlink("/proc/self/exe", buffer, sizeof buffer - 1);
  if (n > 0) {
    std::string exe(buffer, static_cast<size_t>(n));
    std::string beside = load::clean_path(exe.substr(0, exe.rfind('/')) + "/../lib/gale/golib");
    if (load::kind_of(beside) == load::FileKind::Folder) return beside;
  }
  const std::string source = GALE_SOURCE_DIR "/runtime/golib";
  return load::kind_of(source) == load::FileKind::Folder ? source : std::string();
}

std::unique_ptr<Build> build_program(const BuildOptions& wanted) {
  BuildOptions options = wanted;
  auto build = std::make_unique<Build>();
  if (!options.patterns.empty()) build->first_pattern = options.patterns[0];
  load::Goroot goroot;
  std::string error;
  if (!provide_goroot(&goroot, &error)) {
    build->errors.push_back(error);
    return build;
  }
  options.overlay_dir = find_overlay();
  if (options.overlay_dir.empty()) {
    build->errors.push_back("gale: its own files for the standard library are missing; install it anew with `./gale install PREFIX`");
    return build;
  }
  Stages stages(options.time);
  Dumper dumper(options);
  Progress progress;

  // Patterns to packages, files to syntax trees.
  progress.stage("loading packages");
  load::LoadRequest request;
  request.patterns = options.patterns;
  request.tags = options.tags;
  request.mod_mode = options.mod_mode;
  request.goroot = goroot.dir;
  request.overlay_dir = options.overlay_dir;
  request.working_dir = options.working_dir;
  request.threads = options.threads;
  build->program = load::load(request, build->sources, build->sink);
  stages.done("load");
  if (build->program == nullptr || stops_checking(build->sink)) return build;
  load::Program& program = *build->program;
  options.goroot = program.goroot.dir;
  build->named = program.targets.size();
  for (const load::Package* p : program.targets) {
    if (p->is_main()) build->mains.push_back({std::string(p->path.text()), p->dir, executable_name(*p)});
  }
  if (options.refuse) build->refusal = options.refuse(*build);
  if (!build->refusal.empty()) return build;
  const bool one_program = build->named == 1 && build->mains.size() == 1;
  if (!build->errors.empty()) return build;
  if (build->named == 1) build->package_path = program.targets[0]->path.text();

  // Declarations of everything; bodies of the main module, so that all its errors are told.
  types::Checker checker(build->sources, build->sink);
  uint64_t done = 0;
  progress.stage("checking packages", program.packages.size());
  for (const std::unique_ptr<load::Package>& p : program.packages) {
    CrashScope scope("collect", p->path.text());
    if (options.verbose && !p->fake) {
      progress.end();
      fmt::print(stderr, "{}\n", p->path.text());
    }
    checker.add_package(p.get());
    progress.count(++done);
  }
  for (const std::unique_ptr<load::Package>& p : program.packages) {
    if ((!p->is_main_module && !p->is_target) || p->types == nullptr) continue;
    CrashScope scope("check", p->path.text());
    checker.check_package(p->types);
    if (!p->is_std && !p->types->has_errors && build->sink.empty()) checker.compiler_rules(p->types);
  }
  stages.done("check");
  if (build->sink.count() > 0) return build;
  for (const load::Package* p : program.targets) {
    if (!p->is_main()) continue;
    types::Object* main = p->types->scope->lookup(Symbol("main"));
    if (main != nullptr && main->kind == types::ObjectKind::Func) continue;
    build->package_path = p->path.text();
    build->errors.push_back("runtime.main_main·f: function main is undeclared in the main package");
    return build;
  }
  if (one_program) {
    if (std::string wrong = check_debug_lines(program, *program.targets[0], build->sources); !wrong.empty()) {
      build->errors.push_back(wrong);
      return build;
    }
  }
  build->checked = true;
  if (!one_program || options.check_only) return build;
  build->checked = false;
  if (!build_settings(program, *program.targets[0], options, &options.link.mod_info, &error)) {
    build->errors.push_back(error);
    return build;
  }
  options.link.godebug_default = default_godebug(program, *program.targets[0]);
  progress.stage("finding what is reachable");

  // What is reachable, lowered on the way.
  types::CanonicalTypes canonical(checker);
  discover::Linknames linknames(checker.packages);
  LowerBackend backend(canonical);
  discover::DiscoverOptions discover_options;
  discover_options.roots = {
#define GO_SYMBOL(name, doc) name,
#include "base/abi/symbols.def"
#undef GO_SYMBOL
  };
  discover::Discovery discovery(checker, canonical, linknames, backend, discover_options);
  lower::Lowering lowering(checker, canonical, linknames, discovery);
  backend.set_lowering(&lowering);
  Assembly assembly(checker, linknames, options);
  assembly.connect(&lowering, &discovery);
  backend.set_assembly(&assembly);
  lowering.set_assembly([&](Symbol symbol, types::Package* p) { return assembly.function(symbol, p); });
  discovery.run(program.targets[0]->types);
  stages.done("discover and lower");
  build->errors.insert(build->errors.end(), assembly.errors().begin(), assembly.errors().end());
  if (build->sink.hard_errors() > 0 || !build->errors.empty()) return build;

  // Machine code.
  size_t function_count = backend.funcs.size();
  CompileHooks hooks;
  HtmlPage page(options.html_func);
  if (!options.dump.empty() || page.wanted()) {
    hooks.wants_dump = [&](std::string_view stage, std::string_view func) {
      return dumper.wants(stage, func) || page.wants(stage, func);
    };
    hooks.dump = [&](std::string_view stage, std::string_view func, std::string_view text) {
      if (dumper.wants(stage, func)) dumper.print(stage, text);
      if (page.wants(stage, func)) page.add(stage, func, text);
    };
  }
  progress.stage("compiling functions", function_count);
  hooks.progress = [&](size_t compiled) { progress.count(compiled); };
  if (page.wanted()) page.add_source(build->sources, backend.funcs);
  Explainer explainer(options, *build);
  if (options.explain) hooks.remark = [&](const opt::Remark& remark) { explainer.take(remark); };
  auto is_shared = [&](Symbol variable) {
    return assembly.refers_to(variable) || std::any_of(options.link.set_strings.begin(), options.link.set_strings.end(), [&](const auto& set) {
             return set.first == variable.text();
           });
  };
  const ProgramData data(backend.data, backend.funcs, is_shared, discover_options.open_world);
  std::vector<link::Object> objects = compile(backend.funcs, *discovery.facts(), data, options, build->sources, hooks);
  explainer.print();
  stages.done(fmt::format("optimise and emit {} functions", function_count));
  progress.stage("linking");
  if (page.wanted()) {
    progress.end();
    if (!page.write(&error)) build->errors.push_back(error);
    if (!build->errors.empty()) return build;
  }

  // Data.
  objects.push_back(backend.describe(discovery));
  for (link::Object& o : assembly.finish(backend.abi0_args)) objects.push_back(std::move(o));
  link::Object statics;
  for (const ir::Data& d : backend.data) statics.definitions.push_back(to_definition(d, *statics.arena));
  objects.push_back(std::move(statics));
  stages.done("describe types");

  // The executable.
  std::vector<const link::Object*> inputs;
  for (const link::Object& o : objects) inputs.push_back(&o);
  std::vector<link::ElfInput> runtime_inputs = {to_elf_input("gale_runtime.o", runtime::runtime_object())};
  const std::vector<Symbol>& externals = discovery.program().externals;
  if (std::find(externals.begin(), externals.end(), Symbol(runtime::kProfileGate)) != externals.end()) {
    runtime_inputs.push_back(to_elf_input("gale_runtime_profile.o", runtime::profile_object()));
  }
  link::LinkInput input;
  input.objects = inputs;
  input.elf_objects = runtime_inputs;
  input.entry = Symbol("_rt0_amd64_linux");
  const Symbol roots[] = {Symbol("main.main")};  // known by the module record only
  input.roots = roots;
  input.options = options.link;
  input.options.threads = options.threads;
  input.options.report_sizes = dumper.wants("size", options.dump_func);
  input.options.go_version = program.goroot.version;
  input.options.default_goroot = options.trimpath ? "" : program.goroot.dir;
  link::LinkResult linked = link::link(input);
  stages.done("link");
  if (!linked.size_report.empty()) dumper.print("size", linked.size_report);
  for (std::string& e : linked.errors) build->errors.push_back(std::move(e));
  if (linked.ok()) build->image = std::move(linked.image);
  stages.total();
  return build;
}

}  // namespace gale::driver
