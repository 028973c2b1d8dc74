// load(request) -> Program: patterns to packages, packages to files, files to syntax trees, imports to packages.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/source.h"
#include "load/goroot.h"
#include "load/modules.h"
#include "load/package.h"

namespace gale::load {

// A package given by hand, as test runners need: import "./x" in it means relative_root + "/x".
struct ExplicitPackage {
  std::string path;
  std::vector<std::string> files;
};

struct LoadRequest {
  std::vector<std::string> patterns;  // as on the command line; `a.go b.go` is the package command-line-arguments
  std::vector<std::string> tags;      // -tags
  std::string mod_mode;               // -mod
  std::string goroot;                 // empty: look for it
  std::string overlay_dir;            // gale's own files for std (overlay.h); empty: none
  std::string working_dir;            // absolute; empty: the current folder
  bool with_runtime = true;           // also load package runtime, which every program needs
  bool parse_std_fully = false;       // bodies of std too (`gale check std`)
  int threads = 2;

  std::vector<ExplicitPackage> explicit_packages;  // targets too
  std::string relative_root;
};

struct Program {
  Goroot goroot;
  Modules modules;
  // Every package comes after those it imports; unsafe and C are there if imported. Same order in every run.
  std::vector<std::unique_ptr<Package>> packages;
  std::vector<Package*> targets;      // those that the request names, in its order
  std::vector<std::string> warnings;  // for stderr: `go: warning: "./..." matched no packages`

  Package* find(std::string_view path) const;
};

// Mistakes go to the sink, in the go command's words where it would report them (code "load", perhaps without a position) and
// in gc's for syntax errors (code "syntax"). The program holds what could be loaded; do not go on to check it if the sink has
// errors. Null only if there is no Go distribution or the request makes no sense.
std::unique_ptr<Program> load(const LoadRequest& request, SourceManager& sources, DiagnosticSink& sink);

}  // namespace gale::load
