// Operand: an expression being checked: its mode, type, constant value and syntax.
#pragma once

#include "syntax/nodes.h"
#include "types/constant.h"
#include "types/object.h"

namespace gale::types {

using syntax::Mode;

struct Operand {
  Mode mode = Mode::Invalid;
  syntax::Expr* expr = nullptr;
  Type* type = nullptr;
  Const value = nullptr;      // Mode::Constant
  BuiltinId builtin{};        // Mode::Builtin

  bool valid() const { return mode != Mode::Invalid; }
  bool is_nil() const { return mode == Mode::NilValue; }
  Pos pos() const;
};

// "slice", "map", ... for a composite underlying type; "" for basic ones.
std::string_view composite_kind(Type* t);

// As gc describes it in messages: "x (variable of type int)", `"a" (untyped string constant)`, ...
std::string operand_string(const Operand& x, const Package* relative_to);

}  // namespace gale::types
