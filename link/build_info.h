#pragma once

#include <string>
#include <string_view>

namespace gale::link {

// The module lines between the marks that debug.ReadBuildInfo strips; "" stays "".
std::string framed_mod_info(std::string_view text);

}  // namespace gale::link
