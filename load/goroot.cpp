#include "load/goroot.h"

#include <climits>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "load/build_tags.h"
#include "load/file_system.h"

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

}  // namespace

bool find_goroot(const std::string& wanted, Goroot* goroot, std::string* error) {
  const char* env = std::getenv("GOROOT");
  std::vector<std::string> candidates;
  if (!wanted.empty()) {
    candidates = {wanted};
  } else if (env != nullptr && env[0] != 0) {
    candidates = {env};
  } else {
    candidates = {goroot_of_installed_go(), "/usr/local/go", "/usr/lib/go-1.26", "/usr/lib/go", "/usr/lib/golang", "/opt/go"};
  }
  for (const std::string& dir : candidates) {
    std::string version;
    if (dir.empty() || !read_file(dir + "/VERSION", &version)) continue;
    version = version.substr(0, version.find_first_of(" \r\n"));
    std::string release = "go1." + std::to_string(kGoMinor);
    if (version != release && !version.starts_with(release + ".") && !version.starts_with(release + "rc")) {
      *error = "GOROOT " + dir + " is " + version + ", but gale compiles the standard library of " + release +
               "; set GOROOT to an installed " + release;
      return false;
    }
    *goroot = {clean_path(dir), version};
    return true;
  }
  *error = candidates.size() == 1 ? "go: cannot find GOROOT directory: " + candidates[0]
                                  : "no Go distribution found: gale compiles Go's own standard library; install Go 1.26 or "
                                    "set GOROOT";
  return false;
}

}  // namespace gale::load
