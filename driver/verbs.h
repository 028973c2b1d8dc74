// The verbs: one function each, in <verb>_verb.cpp. Arguments are those after the verb; the result is the exit code.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gale::driver {

using Arguments = std::vector<std::string>;

int run_verb(Arguments args);
int build_verb(Arguments args);
int check_verb(Arguments args);
int env_verb(Arguments args);
int version_verb(Arguments args);
int help_verb(Arguments args);

struct Verb {
  std::string_view name, usage, summary;
  int (*run)(Arguments args);
};
std::span<const Verb> verbs();  // in alphabetical order

}  // namespace gale::driver
