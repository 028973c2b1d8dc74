#include "driver/flags.h"

#include <fmt/core.h>

namespace gale::driver {

bool parse_flags(std::span<const Flag> flags, std::vector<std::string>* args, std::string* error) {
  size_t used = 0;
  while (used < args->size()) {
    std::string_view arg = (*args)[used];
    if (arg.size() < 2 || arg[0] != '-') break;
    used++;
    if (arg == "--") break;
    std::string_view name = arg.substr(arg[1] == '-' ? 2 : 1);
    std::string_view value;
    bool has_value = false;
    if (size_t equals = name.find('='); equals != name.npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
      has_value = true;
    }
    const Flag* flag = nullptr;
    for (const Flag& f : flags) {
      if (f.name == name) flag = &f;
    }
    if (flag == nullptr) {
      *error = fmt::format("flag provided but not defined: -{}", name);
      return false;
    }
    if (flag->boolean != nullptr) {
      if (!has_value || value == "true" || value == "1" || value == "t" || value == "T" || value == "TRUE" || value == "True") {
        *flag->boolean = true;
      } else if (value == "false" || value == "0" || value == "f" || value == "F" || value == "FALSE" || value == "False") {
        *flag->boolean = false;
      } else {
        *error = fmt::format("invalid boolean value \"{}\" for -{}: parse error", value, name);
        return false;
      }
      continue;
    }
    if (!has_value) {
      if (used == args->size()) {
        *error = fmt::format("flag needs an argument: -{}", name);
        return false;
      }
      value = (*args)[used++];
    }
    *flag->text = std::string(value);
  }
  args->erase(args->begin(), args->begin() + static_cast<ptrdiff_t>(used));
  return true;
}

std::string flags_help(std::span<const Flag> flags) {
  std::string out;
  for (const Flag& f : flags) {
    out += fmt::format("\t-{}{}{}\n\t\t{}\n", f.name, f.argument.empty() ? "" : " ", f.argument, f.help);
  }
  return out;
}

}  // namespace gale::driver
