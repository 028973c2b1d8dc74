// SHA-256 (FIPS 180-4): recognises the files that the overlay replaces, and the archive of a toolchain.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace gale::load {

using Sha256Sum = std::array<uint8_t, 32>;

Sha256Sum sha256(std::string_view data);
std::string sha256_hex(std::string_view data);  // in small letters

}  // namespace gale::load
