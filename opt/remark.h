// Optimisation remarks: what a pass did, or would not do, as a reader of `-explain` sees it.
#pragma once

#include <string>
#include <string_view>

#include "base/source.h"

namespace gale::types {
struct Type;
}
namespace gale::ir {
struct Func;
struct Value;
}  // namespace gale::ir

namespace gale::opt {

struct PassContext;

struct Remark {
  Pos pos;           // of what was inlined: the outermost call, which stands in the function at hand (as in gc's -m)
  std::string text;
  Pos subject = {};  // valid: the text goes on from the expression or the variable that stands there
  const types::Type* made = nullptr;  // of an allocation: of what
};

// If remarks are wanted: `text` is said of v.
void remark(const PassContext& context, const ir::Func& f, const ir::Value& v, std::string_view text);
// The same of an object that v allocates; `text` goes on from what the source calls it.
void remark_object(const PassContext& context, const ir::Func& f, const ir::Value& v, std::string_view text);

}  // namespace gale::opt
