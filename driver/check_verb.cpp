// gale check [-e] [-json] [-lang go1.N] [files or packages]: load, type-check all bodies, report.
#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"
#include "driver/build_flags.h"
#include "driver/report.h"
#include "driver/verbs.h"
#include "types/checker.h"
#include "types/object.h"

namespace gale::driver {

// Packages that could not be loaded, and syntax errors proper, end it. Other errors of the parser (misplaced directives, labels,
// ...) do not keep gc from type checking.
static bool stops_checking(const DiagnosticSink& sink) {
  return std::any_of(sink.items().begin(), sink.items().end(), [](const Diagnostic& d) {
    return d.code == "load" || d.message.starts_with("syntax error");
  });
}

int check_verb(Arguments args) {
  bool all = false, json = false, complete = true;
  std::string tags, lang, error;
  const Flag flags[] = {{"e", "", "report all errors, not only ten a package", &all},
                        {"json", "", "diagnostics as JSON, a line each", &json},
                        {"complete", "", "functions without body are errors (unless there is assembly)", &complete},
                        {"lang", "go1.N", "language version of the packages named", nullptr, &lang},
                        {"tags", "list", "comma-separated build tags that hold", nullptr, &tags}};
  if (!parse_flags(flags, &args, &error)) {
    fmt::print(stderr, "{}\nusage: gale check [-e] [-json] [files or packages]\n", error);
    return 2;
  }
  SourceManager sources;
  DiagnosticSink sink;
  load::LoadRequest request;
  request.patterns = args.empty() ? Arguments{"."} : args;
  request.overlay_dir = find_overlay();
  request.working_dir = current_folder();
  request.with_runtime = false;
  if (!tags.empty()) request.tags.push_back(tags);
  std::unique_ptr<load::Program> program = load::load(request, sources, sink);
  ReportOptions report_options{all, json, current_folder()};
  types::CheckOptions check_options;
  check_options.complete = complete;
  types::Checker checker(sources, sink, check_options);
  if (program != nullptr && !stops_checking(sink)) {
    for (const std::string& w : program->warnings) fmt::print(stderr, "{}\n", w);
    for (load::Package* p : program->targets) {
      if (!lang.empty()) p->go_version = lang;
    }
    for (const std::unique_ptr<load::Package>& p : program->packages) checker.add_package(p.get());
    for (load::Package* p : program->targets) {
      CrashScope scope("check", p->path.text());
      if (p->types == nullptr) continue;
      checker.check_package(p->types);
      if (!p->is_std && !p->types->has_errors && sink.empty()) checker.compiler_rules(p->types);
    }
  }
  return report(sources, sink, program.get(), report_options) == 0 && program != nullptr ? 0 : 1;
}

}  // namespace gale::driver
