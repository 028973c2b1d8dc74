// For tests that read Go's own sources: where they are, "" if Go is not installed.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace gale {

inline std::string test_goroot() {
  const char* env = std::getenv("GOROOT");
  for (std::string root : {std::string(env == nullptr ? "" : env), std::string("/usr/local/go"), std::string("/usr/lib/go")}) {
    if (!root.empty() && std::filesystem::exists(root + "/src/runtime")) return root;
  }
  return {};
}

}  // namespace gale
