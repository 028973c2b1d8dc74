// defer. Every deferred call is a niladic closure handed to the runtime: a record in the frame where the statement runs at
// most once, else one on the heap. Function results live in the frame, since recovery goes on at defers.return_block.
#include "base/abi/layout.h"
#include "base/check.h"
#include "lower/body.h"

namespace gale::lower {

void Body::defer_stmt(syntax::CallStmt* s) {
  auto* call = syntax::as<syntax::CallExpr>(syntax::unparen(s->call));
  CHECK(call != nullptr, "defer of a call");
  const ValueId closure = suspended_call(call, false);
  pos = s->pos;
  if (range_func != nullptr) return defer_in_range_func(closure);
  if (facts != nullptr && facts->defer_in_loop) {
    runtime_call("deferproc", {closure});
    return;
  }
  const uint8_t mask = (1 << (abi::Defer::fn / 8)) | (1 << (abi::Defer::link / 8));
  const LocalId record = new_local(abi::Defer::size, 8, {&mask, 1});
  const ValueId addr = local_addr(record);
  op(Op::Zero, Ty::Void, {addr}, abi::Defer::size);
  op(Op::Store, Ty::Void, {addr, closure}, abi::Defer::fn);
  runtime_call("deferprocStack", {addr});
}

}  // namespace gale::lower
