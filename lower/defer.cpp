// defer. Every deferred call is a niladic closure.
//
// Open-coded (base/abi/stackmap.h, FUNCDATA 4) where each statement runs at most once and there are at most 8: the statement
// stores the closure in its slot of the frame and sets its bit; returns clear the bits again and make the calls themselves,
// innermost last; only a panic or Goexit reads bits and slots. Else the closure is handed to the runtime in a heap record.
// Results live in the frame, since recovery goes on at defers.return_block, where only memory is left.
#include <algorithm>

#include "base/check.h"
#include "lower/body.h"

namespace gale::lower {

namespace {

constexpr uint32_t kMaxSites = 8;       // bits of the byte
constexpr uint32_t kMaxExitCalls = 15;  // as gc: returns times sites; more returns share one exit

bool open_coded(const FunctionFacts& facts) { return !facts.defer_in_loop && facts.defer_count <= kMaxSites; }

// Makes the call that b deferred at `site`.
void call_deferred(Body& b, uint32_t site) {
  const SuspendedCall call = b.deferred[site];
  if (call.act) {
    std::vector<Val> values;
    if (!call.captured.empty()) {
      auto* object = types::under_as<types::Struct>(b.closure_type(call.captured));
      for (uint32_t i = 0; i < call.captured.size(); i++) {
        Val v = b.load(call.captured[i], b.local_addr(call.object), static_cast<int64_t>(types::field_offset(object, i + 1)));
        v.owned = v.in_memory();  // nobody else writes to the closure
        values.push_back(v);
      }
    }
    return call.act(b, values);
  }
  Callee c;
  c.kind = Callee::Closure;
  c.symbol = call.code;
  if (call.object.valid()) {
    c.target = b.local_addr(call.object);
  } else if (!call.code.empty()) {
    c.target = b.sym_addr(b.program.closure_data(call.code));
  } else {
    c.target = b.op(Op::Load, Ty::Ptr, {b.local_addr(b.func.defers.slots)}, 8 * site);
  }
  b.emit_call(c, {});
}

void set_bits(Body& b, ValueId bits) {
  b.write_ssa(b.defer_bits, bits);
  b.op(Op::Store, Ty::Void, {b.local_addr(b.func.defers.bits), bits});
}

// Runs what may have been deferred before this exit.
void run_deferred(Body& b) {
  for (auto site = static_cast<uint32_t>(b.deferred.size()); site-- > 0 && b.reachable();) {
    const auto bit = static_cast<int64_t>(1u << site);
    const ValueId bits = b.read_ssa(b.defer_bits);
    int64_t known;
    if (ir::is_const(b.func, bits, &known)) {
      if ((known & bit) == 0) continue;
      set_bits(b, b.iconst(Ty::I8, known & ~bit));
      call_deferred(b, site);
      continue;
    }
    const BlockId call = b.new_block(), next = b.new_block();
    const ValueId test = b.op(Op::And, Ty::I8, {bits, b.iconst(Ty::I8, static_cast<int8_t>(bit))});
    b.branch(b.op(Op::Ne, Ty::Bool, {test, b.iconst(Ty::I8, 0)}), call, next);
    b.start_sealed(call);
    set_bits(b, b.op(Op::And, Ty::I8, {bits, b.iconst(Ty::I8, static_cast<int8_t>(~bit))}));
    call_deferred(b, site);
    b.jump(next);
    b.start_sealed(next);
  }
}

}  // namespace

void Body::begin_defers() {
  func.attrs |= ir::kHasDefer;
  func.defers.return_block = new_block();
  if (!open_coded(*facts)) return;
  const auto pointers = static_cast<uint8_t>((1u << facts->defer_count) - 1);
  func.defers.bits = new_local(1, 1, {});
  func.defers.slots = new_local(8 * facts->defer_count, 8, {&pointers, 1});
  defer_bits = new_ssa(Ty::I8);
  write_ssa(defer_bits, iconst(Ty::I8, 0));  // as the prologue does in the frame
}

bool Body::nothing_deferred() {
  if (!func.defers.bits.valid()) return false;
  int64_t known;
  if (!ir::is_const(func, read_ssa(defer_bits), &known) || known != 0) return false;
  return std::all_of(results.begin(), results.end(), [](const Variable& v) { return v.kind == Variable::Frame; });
}

void Body::return_through_defers() {
  if (!func.defers.bits.valid()) return jump(func.defers.return_block);
  if (defer_exit.valid() || (defer_exits + 1) * facts->defer_count > kMaxExitCalls) {
    if (!defer_exit.valid()) defer_exit = new_block();
    return jump(defer_exit);
  }
  defer_exits++;
  run_deferred(*this);
  return_loaded_results();
}

void Body::finish_defers() {
  if (defer_exit.valid()) {
    start_sealed(defer_exit);
    run_deferred(*this);
    return_loaded_results();
  }
  start_sealed(func.defers.return_block);
  runtime_call("deferreturn", {});
  return_loaded_results();
}

void Body::defer_stmt(syntax::CallStmt* s) {
  auto* call = syntax::as<syntax::CallExpr>(syntax::unparen(s->call));
  CHECK(call != nullptr, "defer of a call");
  if (!func.defers.bits.valid()) {
    const ValueId closure = suspended_call(call, false).closure;
    pos = s->pos;
    if (range_func != nullptr) return defer_in_range_func(closure);
    runtime_call("deferproc", {closure});
    return;
  }
  SuspendedCall suspended = suspended_call(call, false, true);
  pos = s->pos;
  if (!reachable()) return;
  const auto site = static_cast<uint32_t>(deferred.size());
  CHECK(site < facts->defer_count, "a site for each defer statement");
  op(Op::Store, Ty::Void, {local_addr(func.defers.slots), suspended.closure}, 8 * site);
  deferred.push_back(std::move(suspended));
  const ValueId bits = read_ssa(defer_bits);
  const auto bit = static_cast<int8_t>(1u << site);
  int64_t known;
  if (ir::is_const(func, bits, &known)) {
    set_bits(*this, iconst(Ty::I8, static_cast<int8_t>(known | bit)));
  } else {
    set_bits(*this, op(Op::Or, Ty::I8, {bits, iconst(Ty::I8, bit)}));
  }
}

}  // namespace gale::lower
