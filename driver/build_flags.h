// Flags that build, run and check share, as the go command's build flags.
#pragma once

#include <string>
#include <vector>

#include "driver/build_program.h"
#include "driver/flags.h"

namespace gale::driver {

struct BuildFlags {
  std::string output, exec, tags, dump, html, func, disabled, threads, buildvcs = "auto", buildmode, mod, pgo, ignored;
  std::vector<std::string> ldflags, gcflags;  // each use of the flag
  bool explain = false, trimpath = false, time = false, verify = false, full = false, debug = false, json = false, verbose = false;
  bool only_print = false, print_commands = false, ignored_boolean = false;

  enum class Verb { Build, Run, Check };
  std::vector<Flag> table(Verb verb);
  // $GOFLAGS, then those at the front of args; fills in options. False: *error and *code are what the verb ends with.
  bool parse(Verb verb, std::vector<std::string>* args, BuildOptions* options, std::string* error, int* code);

 private:
  bool apply(BuildOptions* options, std::string* error, int* code) const;
};

// The current folder, as $PWD has it if that is right.
std::string current_folder();
// Prints what a failed build has to say; returns the exit code (1).
int report_failure(Build& build, const BuildFlags& flags);
void print_warnings(const Build& build);

}  // namespace gale::driver
