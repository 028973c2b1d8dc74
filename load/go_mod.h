// go.mod files (go.dev/ref/mod#go-mod-file): parsing, and the names of versions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gale::load {

struct ModuleRequirement {
  std::string path, version;
};

struct ModuleReplacement {
  std::string path, version;          // version empty: all
  std::string new_path, new_version;  // new_version empty: new_path is a folder
};

struct GoMod {
  std::string module_path;
  std::string go_version;  // as written: "1.22", "1.26.1"; empty: not said
  std::string toolchain;
  std::vector<ModuleRequirement> require;
  std::vector<ModuleReplacement> replace;
  std::vector<std::string> go_debug;  // "key=value"
};

// Errors are lines "go.mod:3: unknown directive: foo"; true if there are none.
// `full_name` is shown where the go command shows the absolute path; empty: file_name.
bool parse_go_mod(std::string_view text, const std::string& file_name, GoMod* out, std::vector<std::string>* errors,
                  const std::string& full_name = "");

// "go1.22" for "1.22", "1.22.3" or "1.22rc1"; "go1.16" if nothing was said (the go command's rule).
std::string language_version(std::string_view go_line);
// The minor number, 22 for "1.22.3"; -1 if it is malformed.
int go_minor_version(std::string_view go_line);

}  // namespace gale::load
