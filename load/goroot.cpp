#include "load/goroot.h"

#include <climits>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "load/build_tags.h"
#include "load/file_system.h"
#include "load/go_env.h"
#include "load/toolchain.h"

namespace gale::load {
namespace {

// The folder above bin/ of the first `go` in $PATH, symbolic links followed.
std::string goroot_of_installed_go() {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    size_t colon = rest.find(':');
    std::string candidate = std::string(rest.substr(0, colon)) + "/go";
    rest.remove_prefix(colon == rest.npos ? rest.size() : colon + 1);
    if (kind_of(candidate) != FileKind::File) continue;
    char resolved[PATH_MAX];
    if (realpath(candidate.c_str(), resolved) == nullptr) continue;
    std::string dir = resolved;
    for (int up = 0; up < 2; up++) dir.resize(dir.rfind('/') == dir.npos ? 0 : dir.rfind('/'));
    if (kind_of(dir + "/src/fmt") == FileKind::Folder) return dir;
  }
  return {};
}

// What a distribution's VERSION says; "" if there is none.
std::string version_of(const std::string& dir) {
  std::string text;
  if (dir.empty() || !read_file(dir + "/VERSION", &text)) return {};
  return text.substr(0, text.find_first_of(" \r\n"));
}

bool is_known_release(std::string_view version) {
  const std::string release = "go1." + std::to_string(kGoMinor);
  return version == release || version.starts_with(release + ".") || version.starts_with(release + "rc");
}

}  // namespace

GorootResult look_for_goroot(const std::string& wanted, Goroot* goroot, std::string* error) {
  const std::string& fetched_version = known_release().version;
  const std::string toolchain = user_env("GOTOOLCHAIN"), env = user_env("GOROOT");
  const ToolchainCache cache(cache_folder());
  const bool exactly = toolchain.starts_with("go1.");
  if (exactly && toolchain.substr(0, toolchain.find('+')) != fetched_version) {
    *error = "GOTOOLCHAIN=" + toolchain + ": gale compiles the standard library of " + fetched_version;
    return GorootResult::Refused;
  }
  std::vector<std::string> candidates;
  if (!wanted.empty()) {
    candidates = {wanted};
  } else if (!env.empty()) {
    candidates = {env};
  } else {
    candidates = {goroot_of_installed_go(), "/usr/local/go", "/usr/lib/go-1.26", "/usr/lib/go", "/usr/lib/golang", "/opt/go"};
  }
  const bool chosen = candidates.size() == 1;
  if (exactly || !chosen) candidates.push_back(cache.goroot());
  for (const std::string& dir : candidates) {
    const std::string version = version_of(dir);
    if (version.empty() || (exactly && version != fetched_version)) continue;
    if (!is_known_release(version)) {
      *error = "GOROOT " + dir + " is " + version + ", but gale compiles the standard library of go1." + std::to_string(kGoMinor) +
               "; set GOROOT to an installed go1." + std::to_string(kGoMinor) + ", or GOTOOLCHAIN=" + fetched_version +
               " and gale fetches that";
      return GorootResult::Refused;
    }
    *goroot = {clean_path(dir), version};
    return GorootResult::Found;
  }
  if (chosen && !exactly) {
    *error = "go: cannot find GOROOT directory: " + candidates[0];
    return GorootResult::Refused;
  }
  *error = "no Go distribution found: gale compiles Go's own standard library; install Go 1." + std::to_string(kGoMinor) +
           " or set GOROOT";
  if (toolchain == "local" || toolchain == "path" || toolchain.ends_with("+path")) {
    *error += " (GOTOOLCHAIN=" + toolchain + " keeps gale from fetching it)";
    return GorootResult::Refused;
  }
  return GorootResult::Missing;
}

}  // namespace gale::load
