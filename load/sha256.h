// SHA-256 (FIPS 180-4), to recognise the files that the overlay replaces.
#pragma once

#include <string>
#include <string_view>

namespace gale::load {

std::string sha256_hex(std::string_view data);

}  // namespace gale::load
