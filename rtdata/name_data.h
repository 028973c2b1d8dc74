// Names in the types section (RUNTIME_CONTRACT 3.2) and package paths.
#pragma once

#include <string_view>

#include "base/symbol.h"
#include "link/object.h"

namespace gale::types {
struct Package;
}

namespace gale::rtdata {

// A name; `package`: path to store with an unexported name, or null. Returns the symbol.
Symbol define_name(std::string_view name, std::string_view tag, const types::Package* package, bool exported, bool embedded,
                   link::Object& out);
Symbol define_package_path(const types::Package& package, link::Object& out);
Symbol define_path(std::string_view path, link::Object& out);

}  // namespace gale::rtdata
