// What is wrong with an import path, in the go command's words; empty if it is well formed. Not for relative and absolute ones.
#pragma once

#include <string>
#include <string_view>

namespace gale::load {

std::string malformed_import_path(std::string_view path);

}  // namespace gale::load
