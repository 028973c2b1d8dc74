// The linker's face: objects in, a static ELF64 executable out. Deterministic: the image depends on what is defined, not
// on the order in which Go objects arrive, nor on the number of threads.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/symbol.h"
#include "link/object.h"

namespace gale::link {

// A relocatable ELF64 file of the C++ runtime, in memory (the bytes must outlive the link).
struct ElfInput {
  std::string name;  // for messages
  std::span<const uint8_t> bytes;
};

struct LinkOptions {
  bool strip_symbols = false;  // -s: no .symtab, no DWARF
  bool strip_dwarf = false;    // -w
  std::string build_id;        // -buildid: contents of .note.go.buildid; empty: no note
  std::string go_version;      // "go1.26.8": for .go.buildinfo and runtime.buildVersion
  std::string mod_info;        // text of path/mod/dep/build lines, without the frame of magic bytes
  std::string godebug_default; // "k=v,k=v", from go.mod and //go:debug lines
  std::string default_goroot;
  std::vector<std::pair<std::string, std::string>> set_strings;  // -X importpath.name=value
  uint32_t module_flags = 0;   // of the gale_module record (race, cover, open world)
  int threads = 1;
  bool report_sizes = false;   // fill LinkResult::size_report
};

struct LinkInput {
  std::span<const Object* const> objects;
  std::span<const ElfInput> elf_objects;
  Symbol entry;                 // where the kernel starts
  std::span<const Symbol> roots;  // alive besides entry and kKeepAlive definitions
  LinkOptions options;
};

// Sizes for `gale build -v` and tests.
struct LinkStats {
  uint64_t defined = 0, live = 0, folded = 0;
  uint64_t text_bytes = 0, function_table_bytes = 0, functions = 0;
};

struct LinkResult {
  std::vector<uint8_t> image;       // the file; empty if there are errors
  std::vector<std::string> errors;  // in gc's words, sorted
  std::string size_report;          // what the bytes of the image are
  LinkStats stats;
  bool ok() const { return errors.empty(); }
};

LinkResult link(const LinkInput& input);

// Writes an executable: all of it or nothing (a temporary file beside it, then a rename; a path that is no regular file,
// such as /dev/null, is written in place). Returns the error, or "".
std::string write_executable(const std::string& path, std::span<const uint8_t> image);

}  // namespace gale::link
