// The installed Go distribution whose standard library is compiled.
#pragma once

#include <string>

namespace gale::load {

struct Goroot {
  std::string dir;      // absolute
  std::string version;  // "go1.26.8"
};

enum class GorootResult { Found, Missing, Refused };

// Looks at `wanted` (may be empty), $GOROOT, the `go` in $PATH, the usual places and gale's cache, and takes the first that is
// there. $GOTOOLCHAIN=go1.26.8 wants exactly that release, wherever it is. Missing: there is none, but one could be fetched
// (toolchain.h); Refused: only the user can help. *error is ready to print in both cases.
GorootResult look_for_goroot(const std::string& wanted, Goroot* goroot, std::string* error);

inline bool find_goroot(const std::string& wanted, Goroot* goroot, std::string* error) {
  return look_for_goroot(wanted, goroot, error) == GorootResult::Found;
}

}  // namespace gale::load
