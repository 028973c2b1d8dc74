#include "opt/remark.h"

#include "opt/passes.h"

namespace gale::opt {
namespace {

Pos outermost(const ir::Func& f, const ir::Value& v) {
  Pos pos = v.pos;
  for (ir::InlineId i = v.inlined; i.valid(); i = f.inlines[i].parent) pos = f.inlines[i].call_pos;
  return pos;
}

}  // namespace

void remark(const PassContext& context, const ir::Func& f, const ir::Value& v, std::string_view text) {
  if (context.remark) context.remark({outermost(f, v), std::string(text)});
}

void remark_object(const PassContext& context, const ir::Func& f, const ir::Value& v, std::string_view text) {
  if (context.remark) context.remark({outermost(f, v), std::string(text), v.pos, v.type});
}

}  // namespace gale::opt
