// Prints diagnostics as the go command prints gc's: "# package" headers, relative paths, at most ten a package.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/source.h"
#include "load/load.h"

namespace gale::driver {

struct ReportOptions {
  bool all = false;         // -e: no limit of ten
  bool json = false;
  std::string working_dir;  // paths below it are shown relative
  std::string import_path;  // in JSON: what is said to be built where no package is known
  std::vector<std::string> errors = {};  // of other stages, ready to print; they come last
  bool errors_need_header = false;       // "# package" before them
};

// Sorts, merges and prints what the sink holds, and other errors: to stderr, or to stdout as lines of JSON (`go help buildjson`). Returns the number of errors.
size_t report(const SourceManager& sources, DiagnosticSink& sink, const load::Program* program, const ReportOptions& options);

// A path as messages show it: "./x.go" and "a/x.go" below working_dir, "../x.go" if that is shorter than the absolute path.
std::string shown_path(std::string_view path, std::string_view working_dir);

}  // namespace gale::driver
