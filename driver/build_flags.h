// Flags that build and run share.
#pragma once

#include <string>
#include <vector>

#include "driver/build_program.h"
#include "driver/flags.h"

namespace gale::driver {

struct BuildFlags {
  std::string output, tags, ldflags, dump, func, disabled;
  bool trimpath = false, time = false, verify = false, full = false, debug = false, json = false, verbose = false;

  std::vector<Flag> table(bool is_build);
  // Fills in options; false: *error in the go command's words.
  bool apply(BuildOptions* options, std::string* error) const;
};

// The current folder, as $PWD has it if that is right.
std::string current_folder();
// Prints what a failed build has to say; returns the exit code (1).
int report_failure(Build& build, const BuildFlags& flags);

}  // namespace gale::driver
