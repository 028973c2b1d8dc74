// The value of a string or rune literal (spec: String literals).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gale::syntax {

// Appends nothing and returns false if the literal is malformed. Raw strings lose their carriage returns.
bool unquote(std::string_view literal, std::string* value);
// Of a rune literal with its quotes.
bool unquote_rune(std::string_view literal, uint32_t* value);

}  // namespace gale::syntax
