// The state of the git repository that a module is in, as the go command records it in executables.
#pragma once

#include <cstdint>
#include <string>

namespace gale::driver {

struct RepositoryState {
  std::string revision;   // of HEAD; empty: no commit yet
  int64_t time = 0;       // of that commit, Unix seconds
  bool modified = false;  // something is not committed
  std::string version;    // of the module: a tag, a pseudo-version, with +dirty if modified; "" without a commit
};

// The folder that holds .git, at or above `folder`; "" if there is none.
std::string repository_above(const std::string& folder);
// Asks git. False: git is not installed (*error empty) or failed (*error says how).
bool read_repository(const std::string& repository, const std::string& module_folder, const std::string& module_path,
                     RepositoryState* out, std::string* error);

}  // namespace gale::driver
