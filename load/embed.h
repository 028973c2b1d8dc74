// //go:embed patterns -> files (package embed's documentation, and the rules of `go build`).
#pragma once

#include <string>
#include <string_view>

#include "load/package.h"

namespace gale::load {

// The files that `pattern` (unquoted, perhaps with the prefix "all:") matches in a package's folder. False plus *error, as the
// go command words it ("no matching files found"), if there are none or one of them may not be embedded.
bool resolve_embed(const std::string& package_dir, std::string_view pattern, EmbedPattern* out, std::string* error);

enum class GlobMatch { No, Yes, Malformed };
// path.Match: * and ? do not match '/'.
GlobMatch glob_match(std::string_view pattern, std::string_view name);

}  // namespace gale::load
