// Package: one package of the program as loaded: its files chosen and parsed, its imports bound. This is all that later
// stages see of loading. Packages are owned by load::Program (load.h) and are immutable after loading, but for `types` (set
// by the checker) and `arena` (bodies of skimmed functions are parsed into it; one thread at a time per package).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/symbol.h"
#include "syntax/nodes.h"

namespace gale::types {
struct Package;
}

namespace gale::load {

struct Package;

// One import path as written in the package's files, and what it means there (vendoring makes them differ).
struct ImportEdge {
  Symbol written;
  Package* package;
};

// A file that matches a //go:embed pattern.
struct EmbedFile {
  std::string name;  // slash-separated, relative to the package's folder, as embed.FS shows it
  std::string path;  // absolute, to read it from
};

// The files of one //go:embed pattern, as written (unquoted), sorted by name. No directories.
struct EmbedPattern {
  std::string pattern;
  std::vector<EmbedFile> files;
};

struct Package {
  Symbol path;      // import path: "fmt", "vendor/golang.org/x/net/idna", "command-line-arguments", "main's module path/..."
  Symbol name;      // of the package clause
  std::string dir;  // absolute folder
  std::vector<syntax::File*> files;  // sorted by file name, the order in which gc gets them
  std::vector<std::string> s_files;  // absolute paths of the assembly files that belong to it
  std::string go_version;            // language version of its module, "go1.26"
  std::string module_path;           // of the module it is in; empty: std, or files named on the command line

  std::vector<Package*> imports;        // direct, without repetition, sorted by path
  std::vector<ImportEdge> import_map;   // sorted by text of `written`
  std::vector<EmbedPattern> embeds;     // sorted by pattern

  uint32_t ordinal = 0;        // position in Program::packages: every package comes after those it imports
  bool is_std = false;         // from GOROOT/src or the overlay; files are skimmed
  bool is_vendored = false;    // std's own vendored packages (path starts "vendor/")
  bool is_main_module = false; // named or contained in the module being built; files are parsed in full
  bool is_overlay = false;     // replaced as a whole by the overlay
  bool is_target = false;      // matched by a pattern of the request
  bool fake = false;           // "unsafe" and "C": no files
  bool failed = false;         // a diagnostic was reported for one of its files or imports: do not check it

  types::Package* types = nullptr;  // set by the checker

  Arena arena;  // owns the syntax trees

  // The package that an import path written in this package's files denotes; null: not imported.
  Package* imported(Symbol written) const {
    for (const ImportEdge& e : import_map) {
      if (e.written == written) return e.package;
    }
    return nullptr;
  }
  bool is_main() const { return name.text() == "main"; }
};

}  // namespace gale::load
