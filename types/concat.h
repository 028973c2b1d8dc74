// Building message texts from pieces. (Abseil's StrCat takes no std::string_view here: its library was built as C++14.)
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace gale::types {

inline void append_piece(std::string& out, std::string_view s) { out += s; }
inline void append_piece(std::string& out, char c) { out += c; }
inline void append_piece(std::string& out, std::integral auto n) { out += std::to_string(n); }

template <class... Pieces>
void append_text(std::string& out, const Pieces&... pieces) {
  (append_piece(out, pieces), ...);
}
template <class... Pieces>
std::string concat(const Pieces&... pieces) {
  std::string out;
  (append_piece(out, pieces), ...);
  return out;
}

}  // namespace gale::types
