// The verbs: one function each, in <verb>_verb.cpp. Arguments are those after the verb; the result is the exit code.
#pragma once

#include <string>
#include <vector>

namespace gale::driver {

using Arguments = std::vector<std::string>;

int run_verb(Arguments args);
int build_verb(Arguments args);
int check_verb(Arguments args);
int env_verb(Arguments args);
int version_verb(Arguments args);

}  // namespace gale::driver
