// assemble: one .s file of a package -> definitions for the linker.
//
// Symbols. TEXT ·f(SB) defines "pkg.f<ABI0>" (base/abi/abi0.h); Go code calls "pkg.f", a wrapper that lowering makes.
// TEXT ·f<ABIInternal>(SB) defines "pkg.f" itself. A CALL, JMP or RET of a name without <ABIInternal> means its ABI0 entry; the
// ABI0 entry of a Go function is a wrapper too. name<>(SB) is known in its file only. Data keeps its name.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "link/object.h"

namespace gale::plan9 {

struct Message {
  std::string file;  // as included
  uint32_t line = 0;  // 0: of no line
  std::string text;
};

struct AssembleOptions {
  std::string package;            // what a leading middle dot stands for
  std::string file_name;          // in messages
  bool abi_selectors = false;     // <ABIInternal> may be written (the runtime and some of std)
  std::vector<std::pair<std::string, std::string>> defines;
  // The text of an included file; false: none. go_asm.h is asked for like any other.
  std::function<bool(const std::string& name, std::string* shown, std::string* text)> include;
  // Is this a function (so that its address is that of its ABI0 entry)? May be empty.
  std::function<bool(std::string_view)> is_function;
  // A file's name in the function table. May be empty.
  std::function<std::string(const std::string& shown)> table_name;
  // Called for every instruction (tests, `gale tool asm -S`). May be empty.
  std::function<void(std::string_view function, uint32_t line, uint32_t pc, std::span<const uint8_t> bytes, const std::string& text)> listing;
};

struct Assembled {
  link::Object object;
  std::vector<Message> errors;
};

Assembled assemble(std::string text, const AssembleOptions& options);

}  // namespace gale::plan9
