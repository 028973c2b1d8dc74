// What an executable says of how it was built: the reading side of build_info.cpp, for executables of any Go compiler.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace gale::link {

struct ReadBuildInfo {
  std::string go_version;
  std::string mod_info;  // the lines without their frame
};

// `file` is a whole executable. "" or the words of package debug/buildinfo for what is wrong.
std::string read_build_info(std::span<const uint8_t> file, ReadBuildInfo* out);

}  // namespace gale::link
