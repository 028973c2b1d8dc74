// gale check [-e] [-json] [-lang go1.N] [files or packages]: load, type-check all bodies, report.
#include <fmt/core.h>

#include "base/check.h"
#include "driver/build_flags.h"
#include "driver/progress.h"
#include "driver/provide_goroot.h"
#include "driver/report.h"
#include "driver/verbs.h"
#include "types/checker.h"
#include "types/object.h"

namespace gale::driver {

int check_verb(Arguments args) {
  bool all = false, json = false, complete = true;
  std::string tags, lang, error;
  const Flag flags[] = {{"e", "", "report all errors, not only ten a package", &all},
                        {"json", "", "diagnostics as JSON, a line each", &json},
                        {"complete", "", "functions without body are errors (unless there is assembly)", &complete},
                        {"lang", "go1.N", "language version of the packages named", nullptr, &lang},
                        {"tags", "list", "comma-separated build tags that hold", nullptr, &tags}};
  if (!add_goflags(flags, &args, &error)) {
    fmt::print(stderr, "{}\n", error);
    return 1;
  }
  if (!parse_flags(flags, &args, &error)) {
    fmt::print(stderr, "{}\nusage: gale check [-e] [-json] [-tags list] [files or packages]\nRun 'gale help check' for details.\n", error);
    return 2;
  }
  load::Goroot goroot;
  if (!provide_goroot(&goroot, &error)) {
    fmt::print(stderr, "{}\n", error);
    return 1;
  }
  SourceManager sources;
  DiagnosticSink sink;
  load::LoadRequest request;
  request.patterns = args.empty() ? Arguments{"."} : args;
  request.overlay_dir = find_overlay();
  request.working_dir = current_folder();
  request.with_runtime = false;
  request.tags = split_list(tags);
  request.goroot = goroot.dir;
  ReportOptions report_options{all, json, current_folder(), request.patterns[0]};
  Progress progress;
  progress.stage("loading packages");
  std::unique_ptr<load::Program> program = load::load(request, sources, sink);
  types::CheckOptions check_options;
  check_options.complete = complete;
  types::Checker checker(sources, sink, check_options);
  if (program != nullptr && !stops_checking(sink)) {
    for (const std::string& w : program->warnings) fmt::print(stderr, "{}\n", w);
    for (load::Package* p : program->targets) {
      if (!lang.empty()) p->go_version = lang;
    }
    for (const std::unique_ptr<load::Package>& p : program->packages) checker.add_package(p.get());
    uint64_t done = 0;
    progress.stage("checking packages", program->targets.size());
    for (load::Package* p : program->targets) {
      progress.count(done++);
      CrashScope scope("check", p->path.text());
      if (p->types == nullptr) continue;
      checker.check_package(p->types);
      if (!p->is_std && !p->types->has_errors && sink.empty()) checker.compiler_rules(p->types);
    }
  }
  progress.end();
  return report(sources, sink, program.get(), report_options) == 0 && program != nullptr ? 0 : 1;
}

}  // namespace gale::driver
