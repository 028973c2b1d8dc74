// The `gale` command: verbs, flags, build plan. Above every other folder.
#pragma once

namespace gale::driver {

// Runs the verb named by argv[1]; returns the process's exit code (0 ok, 1 the work failed, 2 wrong usage).
int run(int argc, char** argv);

}  // namespace gale::driver
