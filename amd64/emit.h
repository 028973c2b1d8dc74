// emit(Func) -> machine code: selection, register allocation, frame layout, pointer maps, encoding.
#pragma once

#include <functional>
#include <string>

#include "base/source.h"
#include "ir/func.h"
#include "link/object.h"

namespace gale::amd64 {

struct EmitOptions {
  const SourceManager* sources = nullptr;   // for line tables; null: no lines
  std::function<std::string(std::string_view)> file_name;  // path as the binary shows it (trimpath); empty: as is
  bool verify = false;                      // run the register-allocation checker
  std::function<void(std::string_view stage, std::string text)> dump;  // "select", "regalloc", "asm"; or empty
};

// Appends the function's Text definition (and its tables) to `object`. The IR is low-level (no op with fact m). Thread-safe for
// distinct functions and objects.
void emit(const ir::Func& f, link::Object& object, const EmitOptions& options);

}  // namespace gale::amd64
