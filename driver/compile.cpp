// Optimises and emits every function bottom-up over the call graph, on all threads.
//
// A cycle of the call graph is a unit of work, begun when all that it calls is done; inside it functions go by number. What a
// function is told of others (summaries, inline bodies) comes from its callees only, and function i goes to slot i: nothing
// depends on the number of threads or their timing.
#include "driver/compile.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "amd64/emit.h"
#include "base/check.h"
#include "discover/layout.h"
#include "discover/names.h"
#include "driver/call_graph.h"
#include "ir/text.h"
#include "opt/escape.h"
#include "opt/inline.h"
#include "types/predicates.h"

namespace gale::driver {
namespace {

// What passes ask of the program. Layouts are computed once per type; what is known of function i is written by the thread
// that compiles it and read by those that compile its callers, later.
class ProgramWorld {
 public:
  ProgramWorld(const CallGraph& graph, const discover::WorldFacts& facts, const ProgramData& data, size_t functions)
      : graph(graph), facts(facts), data(data), functions_(functions) {}

  const CallGraph& graph;
  const discover::WorldFacts& facts;
  const ProgramData& data;

  const opt::Summary* summary(Symbol callee) const {
    auto it = graph.index.find(callee);
    return it == graph.index.end() || !functions_[it->second].summarized ? nullptr : &functions_[it->second].summary;
  }
  bool is_function(Symbol symbol) const { return graph.index.contains(symbol); }
  const ir::Func* inline_body(Symbol callee) const {
    auto it = graph.index.find(callee);
    return it == graph.index.end() || !functions_[it->second].done ? nullptr : functions_[it->second].body.get();
  }
  const opt::World::TypeLayout& layout(const types::Type* type) const {
    std::lock_guard<std::mutex> lock(mutex_);
    std::unique_ptr<opt::World::TypeLayout>& slot = layouts_[type];
    if (slot == nullptr) {
      auto* t = const_cast<types::Type*>(type);
      slot = std::make_unique<opt::World::TypeLayout>();
      slot->size = static_cast<uint64_t>(types::size_of(t));
      slot->align = static_cast<uint32_t>(types::align_of(t));
      slot->pointer_mask = discover::pointer_mask(t);
      slot->descriptor = discover::type_symbol(t);
    }
    return *slot;
  }
  // Of a cycle's members, before the first of them is optimised.
  void learn(uint32_t function, const opt::Summary& summary) {
    functions_[function].summary = summary;
    functions_[function].summarized = true;
  }
  void learn(uint32_t function, const opt::Summary& summary, std::unique_ptr<ir::Func> body) {
    learn(function, summary);
    functions_[function].body = std::move(body);
    functions_[function].done = true;
  }

 private:
  struct Known {
    opt::Summary summary;
    std::unique_ptr<ir::Func> body;
    bool summarized = false, done = false;
  };
  std::vector<Known> functions_;
  mutable std::mutex mutex_;
  mutable absl::flat_hash_map<const types::Type*, std::unique_ptr<opt::World::TypeLayout>> layouts_;
};

// The same as one function sees it, with what it asks of the whole program written down.
class FunctionWorld : public opt::World {
 public:
  FunctionWorld(const ProgramWorld& program, uint32_t function) : program_(program), function_(function) {}

  const opt::Summary* summary(Symbol callee) const override { return program_.summary(callee); }
  bool is_function(Symbol symbol) const override { return program_.is_function(symbol); }
  const ir::Func* inline_body(Symbol callee) const override { return program_.inline_body(callee); }
  Constant constant_at(Symbol data, int64_t offset, int size) const override {
    const Constant c = program_.data.at(data, offset, size);
    if (program_.data.is_variable(data)) note(data);
    return c;
  }
  const TypeLayout& layout(const types::Type* type) const override { return program_.layout(type); }
  std::vector<Implementation> implementations(Symbol method) const override {
    std::vector<Implementation> out;
    for (const discover::WorldFacts::Implementation& i : program_.facts.implementations(method)) out.push_back({i.code, i.type});
    note(method);
    return out;
  }
  Implementation itab_entry(Symbol itab, size_t index) const override {
    const discover::WorldFacts::Implementation i = program_.facts.itab_entry(itab, index);
    return {i.code, i.type};  // follows from the two types: no matter of the whole program
  }
  bool comes_before(Symbol callee) const override {
    auto it = program_.graph.index.find(callee);
    return it != program_.graph.index.end() && program_.graph.comes_before(it->second, function_);
  }
  // Questions in the order in which they were first asked, with the answers, one a line.
  std::string record() const {
    std::string out;
    for (Symbol subject : asked_) {
      out += std::string(subject.text());
      if (program_.data.is_variable(subject)) {
        out += program_.data.at(subject, 0, 1).known ? " is never changed\n" : " may change\n";
        continue;
      }
      out += " is";
      const auto known = program_.facts.implementations(subject);
      if (known.empty()) out += " not known";
      for (const discover::WorldFacts::Implementation& i : known) out += " " + std::string(i.code.text());
      out += "\n";
    }
    return out;
  }

 private:
  void note(Symbol subject) const {
    if (std::find(asked_.begin(), asked_.end(), subject) == asked_.end()) asked_.push_back(subject);
  }

  const ProgramWorld& program_;
  uint32_t function_;
  mutable std::vector<Symbol> asked_;
};

// Hands out cycles whose callees are done.
class ReadyList {
 public:
  explicit ReadyList(CallGraph& graph) : graph_(graph), left_(graph.cycles.size()) {
    for (uint32_t c = static_cast<uint32_t>(graph.cycles.size()); c-- > 0;) {
      if (graph.cycles[c].callees == 0) ready_.push_back(c);
    }
  }
  bool take(uint32_t* cycle) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return !ready_.empty() || left_ == 0; });
    if (ready_.empty()) return false;
    *cycle = ready_.back();
    ready_.pop_back();
    return true;
  }
  void done(uint32_t cycle) {
    std::lock_guard<std::mutex> lock(mutex_);
    left_--;
    for (uint32_t c : graph_.cycles[cycle].callers) {
      if (--graph_.cycles[c].callees == 0) ready_.push_back(c);
    }
    changed_.notify_all();
  }

 private:
  CallGraph& graph_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<uint32_t> ready_;
  size_t left_;
};

// A source path as the function table has it: absolute; files of the overlay stand for GOROOT's. -trimpath: std's from its
// import path on, the user's from the working folder on.
std::string name_in_binary(std::string_view path, const BuildOptions& options) {
  std::string_view overlay = options.overlay_dir;
  if (path.starts_with(overlay) && path.size() > overlay.size()) {
    std::string_view rest = path.substr(overlay.size() + 1);
    return options.trimpath ? std::string(rest) : options.goroot + "/src/" + std::string(rest);
  }
  if (options.trimpath) {
    const std::string std_root = options.goroot + "/src/";
    if (path.starts_with(std_root)) return std::string(path.substr(std_root.size()));
    if (path.starts_with(options.working_dir + "/")) path = path.substr(options.working_dir.size() + 1);
    return path.starts_with("./") ? std::string(path) : path.starts_with('/') ? std::string(path.substr(path.rfind('/') + 1)) : "./" + std::string(path);
  }
  if (path.starts_with('/')) return std::string(path);
  if (path.starts_with("./")) path = path.substr(2);
  return options.working_dir + "/" + std::string(path);
}

void compile_function(ir::Func& f, uint32_t number, const BuildOptions& options, const SourceManager& sources,
                      const CompileHooks& hooks, ProgramWorld& world, std::vector<opt::Remark>* remarks, link::Object& object) {
  const std::string_view name = f.name.text();
  FunctionWorld seen(world, number);
  opt::PassContext context{seen};
  context.level = options.level;
  context.verify = options.verify;
  context.disabled = options.disabled_passes;
  opt::Summary summary;
  context.summary = &summary;
  if (remarks != nullptr) context.remark = [remarks](opt::Remark remark) { remarks->push_back(std::move(remark)); };
  if (options.level != opt::Level::Debug) {
    context.finished_mid_level = [&](const ir::Func& func) {
      summary.cost = opt::inline_cost(func);
      world.learn(number, summary, opt::keep_inline_body(func, options.level));
    };
  }
  amd64::EmitOptions emit;
  emit.sources = &sources;
  emit.verify = options.verify;
  emit.file_name = [&](std::string_view file) { return name_in_binary(file, options); };
  if (hooks.wants_dump) {
    context.dump = [&](std::string_view pass, const ir::Func& func, bool after) {
      std::string stage = (after ? "after:" : "before:") + std::string(pass);
      if (hooks.wants_dump(stage, name)) hooks.dump(stage, name, ir::print(func));
    };
    if (hooks.wants_dump("lower", name)) hooks.dump("lower", name, ir::print(f));
    emit.dump = [&](std::string_view stage, std::string text) {
      if (hooks.wants_dump(stage, name)) hooks.dump(stage, name, text);
    };
  }
  if (options.verify) {
    std::string broken = ir::verify(f);
    CrashScope scope("lower", name);
    CHECK(broken.empty(), "lowering makes sound IR:\n" + broken + ir::print(f));
  }
  opt::run_passes(f, context);
  if (hooks.wants_dump && hooks.wants_dump("world", name)) hooks.dump("world", name, seen.record());
  CrashScope scope("amd64", name);
  amd64::emit(f, object, emit);
}

// What the members of a cycle may know of each other.
void summarize(const std::vector<uint32_t>& members, const std::vector<std::unique_ptr<ir::Func>>& funcs, ProgramWorld& world) {
  std::vector<FunctionWorld> seen;
  seen.reserve(members.size());
  std::vector<opt::CycleMember> cycle;
  for (uint32_t i : members) cycle.push_back({funcs[i].get(), &seen.emplace_back(world, i)});
  const std::vector<opt::Summary> summaries = opt::summarize_cycle(cycle);
  for (size_t n = 0; n < members.size(); n++) world.learn(members[n], summaries[n]);
}

}  // namespace

std::vector<link::Object> compile(std::vector<std::unique_ptr<ir::Func>>& funcs, const discover::WorldFacts& facts,
                                  const ProgramData& data, const BuildOptions& options, const SourceManager& sources, const CompileHooks& hooks) {
  CallGraph graph(funcs, facts, data);
  ProgramWorld world(graph, facts, data, funcs.size());
  ReadyList ready(graph);
  std::vector<link::Object> objects(funcs.size());
  std::atomic<size_t> compiled{0};
  std::vector<std::vector<opt::Remark>> remarks(hooks.remark ? funcs.size() : 0);
  auto worker = [&] {
    for (uint32_t cycle; ready.take(&cycle);) {
      const std::vector<uint32_t>& members = graph.cycles[cycle].functions;
      if (members.size() > 1 && options.level != opt::Level::Debug) summarize(members, funcs, world);
      for (uint32_t i : members) {
        compile_function(*funcs[i], i, options, sources, hooks, world, hooks.remark ? &remarks[i] : nullptr, objects[i]);
        funcs[i].reset();
        compiled++;
      }
      ready.done(cycle);
      if (hooks.progress) hooks.progress(compiled);
    }
  };
  std::vector<std::thread> threads;
  for (int t = 1; t < options.threads; t++) threads.emplace_back(worker);
  worker();
  for (std::thread& t : threads) t.join();
  for (const std::vector<opt::Remark>& list : remarks) {
    for (const opt::Remark& remark : list) hooks.remark(remark);
  }
  return objects;
}

}  // namespace gale::driver
