// The Go distribution for a build: the one that is there, or gale's own copy, fetched now if need be.
#pragma once

#include <string>

#include "load/goroot.h"

namespace gale::driver {

// False: *error is ready to print.
bool provide_goroot(load::Goroot* goroot, std::string* error);

}  // namespace gale::driver
