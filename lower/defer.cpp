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
  // The record's type is the overlay's.
  auto* declared = program.runtime != nullptr && program.runtime->scope != nullptr
                       ? program.runtime->scope->lookup(Symbol("_defer")) : nullptr;
  CHECK(declared != nullptr && declared->kind == types::ObjectKind::TypeName, "runtime._defer of the overlay");
  program.checker.object_decl(declared);
  Type* record_type = program.types.get(declared->type);
  const ValueId addr = local_addr(new_local(record_type));
  store_zero(addr, 0, record_type);
  op(Op::Store, Ty::Void, {addr, closure}, abi::Defer::fn);
  runtime_call("deferprocStack", {addr});
}

}  // namespace gale::lower
