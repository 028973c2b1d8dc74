// build_program: from patterns to an executable's bytes; the compile as a table of contents.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/source.h"
#include "link/link.h"
#include "load/load.h"
#include "opt/passes.h"

namespace gale::driver {

struct Build;

struct BuildOptions {
  std::vector<std::string> patterns;
  std::vector<std::string> tags;
  std::string mod_mode;  // -mod
  std::string working_dir;
  bool trimpath = false;
  std::string goroot, overlay_dir;  // filled in by build_program
  opt::Level level = opt::Level::Quick;
  std::vector<std::string> disabled_passes;
  bool verify = false;           // verifier after each pass, register-allocation checker
  int threads = 2;
  bool time = false;             // a row for each stage on stderr
  std::string dump;              // -dump=: comma-separated stages; see docs/debugging.md
  std::string dump_func;         // -func=: only functions whose name contains it
  std::string html_func;         // -html=: a page with all stages of this function
  bool verbose = false;          // -v: names of packages on stderr
  bool check_only = false;       // stop when everything is checked
  // Asked when it is known which packages are named, before anything is compiled: why not to go on, in words for the user; "" if
  // nothing speaks against it.
  std::function<std::string(const Build&)> refuse;
  std::string ldflags, gcflags, buildvcs = "auto";  // as the executable tells of them
  bool explain = false;          // what the optimiser did and would not do, on stderr
  link::LinkOptions link;
};

struct MainPackage {
  std::string path, dir;
  std::string executable;  // what its executable is called if nobody says otherwise
};

// What a build leaves behind, whether it worked or not.
struct Build {
  SourceManager sources;
  DiagnosticSink sink;
  std::unique_ptr<load::Program> program;
  std::vector<std::string> errors;  // of the linker and of gale itself; ready to print
  std::string first_pattern;
  std::vector<MainPackage> mains;   // among the packages named, in their order
  size_t named = 0;                 // packages named
  bool checked = false;             // all packages named are free of errors
  std::string refusal;              // what BuildOptions::refuse said
  std::vector<uint8_t> image;
  std::string package_path;         // of the main package
  bool ok() const { return !image.empty(); }
};

// Packages that could not be loaded, and syntax errors proper, end it. Other errors of the parser (misplaced directives, labels,
// ...) do not keep gc from type checking.
bool stops_checking(const DiagnosticSink& sink);
std::string find_overlay();  // folder of gale's own files for std
// Compiles the one program that the patterns name. If they name something else (several packages, or none with func main to
// run) everything is checked, and that is all.
std::unique_ptr<Build> build_program(const BuildOptions& options);

}  // namespace gale::driver
