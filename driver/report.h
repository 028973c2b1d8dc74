// Prints diagnostics as the go command prints gc's: "# package" headers, relative paths, at most ten a package.
#pragma once

#include <string>

#include "base/diagnostics.h"
#include "base/source.h"
#include "load/load.h"

namespace gale::driver {

struct ReportOptions {
  bool all = false;         // -e: no limit of ten
  bool json = false;
  std::string working_dir;  // paths below it are shown relative
};

// Sorts, merges and prints what the sink holds to stderr. Returns the number of errors.
size_t report(const SourceManager& sources, DiagnosticSink& sink, const load::Program* program, const ReportOptions& options);

// A path as messages show it: "./x.go" below working_dir, else absolute.
std::string shown_path(std::string_view path, std::string_view working_dir);

}  // namespace gale::driver
