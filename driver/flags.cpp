#include "driver/flags.h"

#include <fmt/core.h>

#include <algorithm>

#include "load/go_env.h"
#include "syntax/unicode.h"

namespace gale::driver {
namespace {

const Flag* find(std::span<const Flag> flags, std::string_view name) {
  auto it = std::find_if(flags.begin(), flags.end(), [&](const Flag& f) { return f.name == name; });
  return it == flags.end() ? nullptr : &*it;
}

// As strconv.ParseBool.
bool parse_boolean(std::string_view value, bool* out) {
  constexpr std::string_view kTrue[] = {"1", "t", "T", "TRUE", "true", "True"};
  constexpr std::string_view kFalse[] = {"0", "f", "F", "FALSE", "false", "False"};
  *out = std::find(std::begin(kTrue), std::end(kTrue), value) != std::end(kTrue);
  return *out || std::find(std::begin(kFalse), std::end(kFalse), value) != std::end(kFalse);
}

// Letters changed, missing, too many, or two neighbours swapped (optimal string alignment).
size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); i++) {
    for (size_t j = 0; j <= b.size(); j++) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

std::string unknown_flag(std::span<const Flag> flags, std::string_view name) {
  std::vector<std::string_view> known;
  for (const Flag& f : flags) {
    if (!f.help.empty()) known.push_back(f.name);
  }
  std::string error = fmt::format("flag provided but not defined: -{}", name);
  if (std::string near = nearest(name, known); !near.empty()) error += fmt::format("\n\tdid you mean -{}?", near);
  return error;
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string_view> known) {
  std::string_view best;
  size_t best_distance = word.size() < 5 ? 2 : 3;  // not so far
  for (std::string_view k : known) {
    std::string_view shorter = k.size() < word.size() ? k : word;
    size_t d = distance(word, k);
    if (d < best_distance && d < shorter.size()) {
      best = k;
      best_distance = d;
    }
  }
  return std::string(best);
}

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
    if (name.empty() || name[0] == '-' || name[0] == '=') {
      *error = fmt::format("bad flag syntax: {}", arg);
      return false;
    }
    if (size_t equals = name.find('='); equals != name.npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
      has_value = true;
    }
    const Flag* flag = find(flags, name);
    if (flag == nullptr) {
      *error = unknown_flag(flags, name);
      return false;
    }
    bool on = true;
    if (flag->argument.empty() && flag->text != nullptr) {
      if (!has_value) value = "true";
      if (std::string wrong = flag->check(value); !wrong.empty()) {
        *error = fmt::format("invalid boolean value {} for -{}: {}", syntax::quote_string(value), name, wrong);
        return false;
      }
      *flag->text = std::string(value);
    } else if (flag->argument.empty()) {
      if (has_value && !parse_boolean(value, &on)) {
        *error = fmt::format("invalid boolean value {} for -{}: parse error", syntax::quote_string(value), name);
        return false;
      }
      if (flag->boolean != nullptr) *flag->boolean = on;
    } else {
      if (!has_value) {
        if (used == args->size()) {
          *error = fmt::format("flag needs an argument: -{}", name);
          return false;
        }
        value = (*args)[used++];
      }
      if (std::string wrong = flag->check == nullptr ? "" : flag->check(value); !wrong.empty()) {
        *error = fmt::format("invalid value {} for flag -{}: {}", syntax::quote_string(value), name, wrong);
        return false;
      }
      if (flag->text != nullptr) *flag->text = std::string(value);
      if (flag->list != nullptr) flag->list->emplace_back(value);
    }
    if (on && !flag->refused.empty()) {
      *error = fmt::format("gale: -{} is not supported: {}", name, flag->refused);
      return false;
    }
  }
  args->erase(args->begin(), args->begin() + static_cast<ptrdiff_t>(used));
  return true;
}

std::string flags_help(std::span<const Flag> flags) {
  std::string out;
  for (const Flag& f : flags) {
    if (f.help.empty()) continue;
    out += fmt::format("\t-{}{}{}\n\t\t{}\n", f.name, f.argument.empty() ? "" : " ", f.argument, f.help);
  }
  return out;
}

bool add_goflags(std::span<const Flag> flags, std::vector<std::string>* args, std::string* error) {
  std::vector<std::string> words, taken;
  if (!split_words(load::user_env("GOFLAGS"), &words)) {
    *error = "go: parsing $GOFLAGS: unterminated quoted string";
    return false;
  }
  for (std::string& word : words) {
    std::string_view name = word;
    if (name.size() < 2 || name[0] != '-') {
      *error = fmt::format("go: parsing $GOFLAGS: non-flag \"{}\"", word);
      return false;
    }
    name.remove_prefix(name[1] == '-' ? 2 : 1);
    if (find(flags, name.substr(0, name.find('='))) != nullptr) taken.push_back(std::move(word));
  }
  args->insert(args->begin(), taken.begin(), taken.end());
  return true;
}

bool split_words(std::string_view text, std::vector<std::string>* words) {
  auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  for (size_t i = 0; i < text.size();) {
    if (is_space(text[i])) {
      i++;
      continue;
    }
    if (text[i] == '\'' || text[i] == '"') {
      size_t end = text.find(text[i], i + 1);
      if (end == text.npos) return false;
      words->emplace_back(text.substr(i + 1, end - i - 1));
      i = end + 1;
    } else {
      size_t begin = i;
      while (i < text.size() && !is_space(text[i])) i++;
      words->emplace_back(text.substr(begin, i - begin));
    }
  }
  return true;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    size_t end = text.find_first_of(", ");
    if (end != 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return out;
}

}  // namespace gale::driver
