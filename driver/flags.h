// Go-style flags: one dash or two, -name=value or -name value, booleans without a value. A verb's flags are one table, from
// which parsing and help text come.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gale::driver {

struct Flag {
  std::string_view name;
  std::string_view argument;  // what help calls its value; empty: a boolean
  std::string_view help;
  bool* boolean = nullptr;
  std::string* text = nullptr;
};

// Takes the flags from the front of args; the rest stays. False: *error is what the go command would say.
bool parse_flags(std::span<const Flag> flags, std::vector<std::string>* args, std::string* error);
std::string flags_help(std::span<const Flag> flags);

}  // namespace gale::driver
