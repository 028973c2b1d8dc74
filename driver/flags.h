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
  std::string_view help;      // empty: taken, but not shown
  bool* boolean = nullptr;
  std::string* text = nullptr;  // of a boolean: it has values beside true and false, and a check
  std::vector<std::string>* list = nullptr;                   // one more each time
  std::string (*check)(std::string_view value) = nullptr;     // what is wrong with a value; "" if nothing is
  std::string_view refused = {};                              // not empty: known, but why gale does not do it
};

// Takes the flags from the front of args; the rest stays. False: *error is what the go command would say.
bool parse_flags(std::span<const Flag> flags, std::vector<std::string>* args, std::string* error);
std::string flags_help(std::span<const Flag> flags);

// The flags of $GOFLAGS that are in the table (others are for other commands) go before those in args. False: *error.
bool add_goflags(std::span<const Flag> flags, std::vector<std::string>* args, std::string* error);

// Splits at spaces, with quotes as the go command's flags that are lists of flags have them. False: a quote is not closed.
bool split_words(std::string_view text, std::vector<std::string>* words);
// Splits at commas and spaces, as -tags.
std::vector<std::string> split_list(std::string_view text);

// The one of `known` that `word` was probably meant to be; "" if none is near.
std::string nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace gale::driver
