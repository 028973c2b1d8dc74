// Language versions: features that the current file's version does not have.
#include "types/private.h"

#include <fmt/core.h>

#include <charconv>

namespace gale::types {
namespace {

// N of "go1.N" ("go1.21.3", "go1.21rc1" too); -1: no version, which allows everything.
int minor_version(std::string_view version) {
  if (version.substr(0, 4) != "go1.") return version == "go1" ? 0 : -1;
  int minor = -1;
  std::from_chars(version.data() + 4, version.data() + version.size(), minor);
  return minor;
}

}  // namespace

bool Checker::allow_version(std::string_view go_version) const {
  int have = minor_version(env.go_version);
  return have < 0 || have >= minor_version(go_version);
}

void Checker::version_error(const syntax::Node* at, std::string_view go_version, std::string_view feature) {
  error_at(at, "UnsupportedFeature", fmt::format("{} requires {} or later", feature, go_version));
}

bool Checker::verify_version(const syntax::Node* at, std::string_view go_version, std::string_view feature) {
  if (allow_version(go_version)) return true;
  version_error(at, go_version, feature);
  return false;
}

}  // namespace gale::types
