// The overlay: gale's own Go files for what std ties to gc's runtime. It is a folder tree; <overlay>/<import path>/ holds
// the files for one package and overlay.txt, which says what they replace (format: docs/load.md):
//
//   whole                     the .go files here are the package; nothing of GOROOT's is used
//   replace NAME SHA256       NAME here stands for GOROOT's, which must have that hash
//   remove NAME SHA256        GOROOT's NAME is left out
//
// A .go file here that is named in no line is added to the package; its name must not be one of GOROOT's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gale::load {

struct OverlayRule {
  std::string name, sha256;
  bool remove = false;
};

struct OverlayPackage {
  std::string dir;
  bool whole = false;
  std::vector<OverlayRule> rules;
  std::vector<std::string> files;  // .go files here, sorted

  const OverlayRule* rule(std::string_view name) const {
    for (const OverlayRule& r : rules) {
      if (r.name == name) return &r;
    }
    return nullptr;
  }
};

// The overlay's part for a package. False if it has none, or if its overlay.txt is malformed (*error says how).
bool read_overlay_package(const std::string& overlay_dir, std::string_view path, OverlayPackage* out, std::string* error);

}  // namespace gale::load
