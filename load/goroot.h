// The installed Go distribution whose standard library is compiled.
#pragma once

#include <string>

namespace gale::load {

struct Goroot {
  std::string dir;      // absolute
  std::string version;  // "go1.26.8"
};

// Looks at `wanted` (from the command line, may be empty), $GOROOT, the `go` in $PATH, and the usual places, and takes the
// first that is there. False plus *error if there is none, or it is not a release of Go 1.26.
bool find_goroot(const std::string& wanted, Goroot* goroot, std::string* error);

}  // namespace gale::load
