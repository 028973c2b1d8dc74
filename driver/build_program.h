// build_program: from patterns to an executable's bytes; the compile as a table of contents.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/source.h"
#include "link/link.h"
#include "load/load.h"
#include "opt/passes.h"

namespace gale::driver {

struct BuildOptions {
  std::vector<std::string> patterns;
  std::vector<std::string> tags;
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
  link::LinkOptions link;
};

// What a build leaves behind, whether it worked or not.
struct Build {
  SourceManager sources;
  DiagnosticSink sink;
  std::unique_ptr<load::Program> program;
  std::vector<std::string> errors;  // of the linker and of gale itself; ready to print
  std::vector<uint8_t> image;
  std::string package_path;         // of the main package
  std::string default_name;         // of the executable
  bool ok() const { return !image.empty(); }
};

std::string find_overlay();  // folder of gale's own files for std
std::unique_ptr<Build> build_program(const BuildOptions& options);

}  // namespace gale::driver
