// Which import paths are well formed: the parser's rule (spec, Implementation restriction) and the go command's for modules.
#include "load/import_path.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace gale::load {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_allowed(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return is_digit(c) || (lower >= 'a' && lower <= 'z') || std::string_view("-._~+").find(c) != std::string_view::npos;
}

bool same_folded(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

// Device names, which Windows takes in any folder.
bool is_reserved_on_windows(std::string_view name) {
  static constexpr std::array<std::string_view, 4> kNames = {"con", "prn", "aux", "nul"};
  if (std::any_of(kNames.begin(), kNames.end(), [&](std::string_view n) { return same_folded(name, n); })) return true;
  return name.size() == 4 && name[3] >= '1' && name[3] <= '9' && (same_folded(name.substr(0, 3), "com") || same_folded(name.substr(0, 3), "lpt"));
}

std::string quoted(std::string_view s) { return "\"" + std::string(s) + "\""; }

std::string element_problem(std::string_view element) {
  if (element.empty()) return "empty path element";
  if (element.find_first_not_of('.') == std::string_view::npos) return "invalid path element " + quoted(element);
  if (element.back() == '.') return "trailing dot in path element";
  for (char c : element) {
    if (!is_allowed(c)) return std::string("invalid char '") + c + "'";
  }
  const std::string_view name = element.substr(0, element.find('.'));
  if (is_reserved_on_windows(name)) return quoted(name) + " disallowed as path element component on Windows";
  const size_t tilde = name.rfind('~');
  if (tilde != std::string_view::npos && tilde + 1 < name.size() &&
      std::all_of(name.begin() + static_cast<std::ptrdiff_t>(tilde) + 1, name.end(), is_digit)) {
    return "trailing tilde and digits in path element";
  }
  return {};
}

}  // namespace

std::string malformed_import_path(std::string_view path) {
  if (path.find_first_of("!\"#$%&'()*,:;<=>?[\\]^`{|} \t\n\r") != std::string_view::npos) {
    return "invalid import path: " + std::string(path);
  }
  auto malformed = [&](std::string_view why) { return "malformed import path " + quoted(path) + ": " + std::string(why); };
  if (path.starts_with('-')) return malformed("leading dash");
  if (path.find("//") != std::string_view::npos) return malformed("double slash");
  if (path.ends_with('/')) return malformed("trailing slash");
  for (std::string_view rest = path;;) {
    const size_t slash = rest.find('/');
    // Bytes of other alphabets are named by character: left to the search for the package.
    const std::string_view element = rest.substr(0, slash);
    const bool ascii = std::none_of(element.begin(), element.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    if (std::string why = ascii ? element_problem(element) : std::string(); !why.empty()) return malformed(why);
    if (slash == std::string_view::npos) return {};
    rest.remove_prefix(slash + 1);
  }
}

}  // namespace gale::load
