// Functions of types: equality (type:.eq.T). Hashing needs none: the runtime walks descriptors (runtime.typehash_ctx).
#include "base/abi/stackmap.h"
#include "base/check.h"
#include "discover/layout.h"
#include "discover/names.h"
#include "lower/body.h"
#include "lower/program_impl.h"

namespace gale::lower {

namespace {

void require(Body& b, ValueId cond, BlockId fail) {
  const BlockId next = b.new_block();
  b.branch(cond, next, fail);
  b.start_sealed(next);
}

void compare_parts(Body& b, Type* t, ValueId p, ValueId q, BlockId fail) {
  Type* u = types::underlying(t);
  if (auto* s = types::as<types::Struct>(u)) {
    for (const FieldComparison& c : comparison_order(s)) {
      Type* field = s->fields[c.field]->type;
      const int64_t at = types::field_offset(s, c.field);
      const ValueId x = b.offset(p, at), y = b.offset(q, at);
      if (c.length_only) {
        require(b, b.op(Op::Eq, Ty::Bool, {b.load(field, x).parts[1], b.load(field, y).parts[1]}), fail);
      } else {
        require(b, b.equal_memory(field, x, y), fail);
      }
    }
    return;
  }
  auto* a = types::as<types::Array>(u);
  if (a != nullptr && a->length == 1) return require(b, b.equal_memory(a->elem, p, q), fail);
  if (a != nullptr && a->length > 1) {
    const uint32_t i = b.new_ssa(Ty::I64);
    b.write_ssa(i, b.i64(0));
    const BlockId head = b.new_block(), body = b.new_block(), done = b.new_block();
    b.jump(head);
    b.start(head);
    const ValueId now = b.read_ssa(i);
    b.branch(b.op(Op::Lt, Ty::Bool, {now, b.i64(a->length)}), body, done);
    b.start_sealed(body);
    require(b, b.equal_memory(a->elem, b.element_address(p, now, a->elem), b.element_address(q, now, a->elem)), fail);
    b.write_ssa(i, b.op(Op::Add, Ty::I64, {b.read_ssa(i), b.i64(1)}));
    b.jump(head);
    b.seal(head);
    b.start_sealed(done);
    return;
  }
  require(b, b.equal(b.load(t, p), b.load(t, q)), fail);
}

}  // namespace

void Program::equal_function(const discover::FunctionInstance& f) {
  Body b(*this, discover::function_symbol(f));
  b.func.attrs |= ir::kDupOk | ir::kWrapper;
  b.func.func_id = abi::kFuncIdWrapper;
  Type* pointer = types.pointer_to(f.type);
  Type* boolean = types.get(types::basic(types::BasicKind::Bool));
  b.param_types = {pointer, pointer};
  b.result_types = {boolean};
  b.begin_raw();
  const ValueId p = b.param(0).parts[0], q = b.param(1).parts[0];
  const BlockId fail = b.new_block();
  if (discover::is_plain_memory(f.type)) {
    require(b, b.equal_memory(f.type, p, q), fail);
  } else {
    compare_parts(b, f.type, p, q, fail);
  }
  Val yes = b.scalar(boolean, b.bool_const(true));
  b.emit_return(std::span<const Val>(&yes, 1));
  b.start_sealed(fail);
  Val no = b.scalar(boolean, b.bool_const(false));
  b.emit_return(std::span<const Val>(&no, 1));
  b.end();
  finish(b);
}

void Program::hash_function(const discover::FunctionInstance& f) {
  error(Pos{}, "internal: no hash function is made for " + types::link_string(f.type));
}

}  // namespace gale::lower
