// How a mistake can be mended, for messages on a terminal.
#pragma once

#include <string_view>

namespace gale::driver {

// By a diagnostic's code; "" if there is nothing to say.
std::string_view hint_for(std::string_view code);

}  // namespace gale::driver
