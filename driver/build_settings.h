// What an executable says of how it was built (`go version -m`, debug.ReadBuildInfo): the text, in the go command's order.
#pragma once

#include <string>

#include "driver/build_program.h"

namespace gale::driver {

// The default of GODEBUG for the program: of the language version, go.mod's godebug lines and //go:debug lines.
std::string default_godebug(const load::Program& program, const load::Package& main);
// What is wrong with the //go:debug lines, with its place; "" if nothing is.
std::string check_debug_lines(const load::Program& program, const load::Package& main, const SourceManager& sources);
// False: the repository could not be read, *error says so.
bool build_settings(const load::Program& program, const load::Package& main, const BuildOptions& options, std::string* text,
                    std::string* error);

}  // namespace gale::driver
