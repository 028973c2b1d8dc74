// ABI0: the convention of assembly: all arguments and results on the stack, no register kept but SP, BP (and R14 = g, X15 = 0
// neither expected nor kept). The ABI0 entry of a function has its own symbol: "pkg.f<ABI0>" beside "pkg.f".
//
// It is the code itself if f is written in assembly (then "pkg.f" is a wrapper that Go code calls), else a wrapper of "pkg.f".
#ifndef GALE_BASE_ABI_ABI0_H_
#define GALE_BASE_ABI_ABI0_H_

#include <string_view>

namespace gale::abi {

inline constexpr std::string_view kAbi0Suffix = "<ABI0>";

inline bool is_abi0(std::string_view symbol) { return symbol.ends_with(kAbi0Suffix); }
inline std::string_view without_abi0(std::string_view symbol) {
  return is_abi0(symbol) ? symbol.substr(0, symbol.size() - kAbi0Suffix.size()) : symbol;
}

}  // namespace gale::abi

#endif  // GALE_BASE_ABI_ABI0_H_
