// Text form of the IR: a language that prints, parses and round-trips. See docs/ir.md for the grammar by example.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ir/func.h"

namespace gale::ir {

std::string print(const Func& f);
std::string print_value(const Func& f, ValueId v);

// Parses one or more functions; stops with *error ("line 3: ...") at the first mistake. Go types are opaque names there
// (parsed to null with the name kept as symbol).
std::vector<std::unique_ptr<Func>> parse(std::string_view text, std::string* error);

// Breaks of the IR's rules, one a line; empty: none. `low`: no mid-level op may be left.
std::string verify(const Func& f, bool low = false);

}  // namespace gale::ir
