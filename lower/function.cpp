// The frame of one function: signature, parameters, results, return; and the choice of what an instance is.
#include "base/abi/stackmap.h"
#include "base/check.h"
#include "discover/names.h"
#include "lower/body.h"
#include "lower/program_impl.h"
#include "lower/ssa_state.h"

namespace gale::lower {

Body::Body(Program& p, Symbol name, Body* outer_body)
    : program(p), owned_func(std::make_unique<ir::Func>(name)), func(*owned_func), outer(outer_body),
      ssa_(std::make_unique<Ssa>()) {
  if (outer != nullptr) {
    from = outer->from;
    to = outer->to;
    package = outer->package;
    go_version = outer->go_version;
  }
}

Body::~Body() = default;

void Body::set_substitution(std::span<types::TypeParam* const> params, std::span<Type* const> args) {
  from = params;
  to = args;
  substituted.clear();
}

void Body::begin_raw() {
  func.sig = program.call_sig(param_types, result_types);
  describe_arguments();
  func.entry = new_block();
  start_sealed(func.entry);
}

Val Body::param(size_t i) {
  size_t slot = 0;
  for (size_t k = 0; k < i; k++) slot += program.slot_count(param_types[k], *func.sig, slot);
  Type* t = param_types[i];
  const Shape& s = shape(t);
  if (s.size == 0) return s.split ? zero(t) : memory(t, sym_addr(Symbol("runtime.zerobase")), true);
  if (func.sig->args[slot].kind == ir::AbiSlot::Memory) {
    return memory(t, op(Op::Param, Ty::Ptr, {}, static_cast<int64_t>(slot)), true);
  }
  Val v;
  v.type = t;
  for (const Component& c : s.parts) v.parts.push_back(op(Op::Param, c.ty, {}, static_cast<int64_t>(slot++)));
  if (s.split) return v;
  // In registers, but too many to be kept as scalars.
  const ValueId home = local_addr(new_local(t));
  for (size_t k = 0; k < s.parts.size(); k++) {
    op(Op::Store, Ty::Void, {home, v.parts[k]}, static_cast<int64_t>(s.parts[k].offset));
  }
  Val m = memory(t, home, true);
  return m;
}

void Body::begin(std::span<types::Var* const> params, std::span<types::Var* const> named_results) {
  for (types::Var* v : params) param_types.push_back(subst(v->type));
  for (types::Var* v : named_results) result_types.push_back(subst(v->type));
  begin_raw();
  // All Params come first in the entry block.
  std::vector<Val> values;
  for (size_t i = 0; i < params.size(); i++) values.push_back(param(i));
  for (size_t i = 0; i < params.size(); i++) {
    types::Var* v = params[i];
    if (v->name.empty() || v->name.text() == "_") continue;
    const bool by_reference = (v->middle & kCaptured) != 0 && ((v->middle & kReassigned) != 0 || shape(values[i].type).size > 128);
    if (values[i].in_memory() && (v->middle & kAddressTaken) == 0 && !by_reference) {
      Variable x;
      x.kind = Variable::Frame;
      x.addr = values[i].addr;
      x.type = values[i].type;
      variables[v] = x;
      continue;
    }
    declare_init(v, values[i]);
  }
  const bool has_defer = facts != nullptr && facts->has_defer;
  for (size_t i = 0; i < named_results.size(); i++) {
    types::Var* v = named_results[i];
    Type* t = result_types[i];
    const bool boxed = (v->middle & (kAddressTaken | kCaptured)) != 0;
    Variable x;
    x.type = t;
    if (boxed) {
      const ValueId box = new_variable(t, v);
      if (has_defer) {
        x.kind = Variable::BoxInFrame;
        const uint8_t mask = 1;
        x.local = new_local(8, 8, {&mask, 1});
        op(Op::Store, Ty::Void, {local_addr(x.local), box});
      } else {
        x.kind = Variable::Box;
        x.ssa = new_ssa(Ty::Ptr);
        write_ssa(x.ssa, box);
      }
    } else if (has_defer || !shape(t).split) {
      x.kind = Variable::Frame;
      x.local = new_local(t, v->name.text());
      store_zero(local_addr(x.local), 0, t);
    } else {
      x.kind = Variable::Ssa;
      const Val z = zero(t);
      for (size_t k = 0; k < z.parts.size(); k++) {
        const uint32_t id = new_ssa(shape(t).parts[k].ty);
        if (k == 0) x.ssa = id;
        write_ssa(id, z.parts[k]);
      }
    }
    results.push_back(x);
    result_vars.push_back(v);
    if (!v->name.empty() && v->name.text() != "_") variables[v] = x;
  }
  if (has_defer) begin_defers();
}

namespace {

// Return of values: one per slot; values for memory slots are written to the result area.
void return_slots(Body& b, std::span<const Val> values) {
  std::vector<ValueId> args;
  std::span<const ir::AbiSlot> slots = b.func.sig->results;
  for (const Val& v : values) {
    const Shape& s = b.shape(v.type);
    if (s.size == 0) continue;
    if (slots[args.size()].kind == ir::AbiSlot::Memory) {
      const ValueId area = b.op(Op::ResultArea, Ty::Ptr, {}, static_cast<int64_t>(args.size()));
      b.store(area, 0, v);
      args.push_back(area);
    } else {
      for (ValueId p : b.scalars(v)) args.push_back(p);
    }
  }
  if (!b.block.valid()) return;
  ir::Block& block = b.func.blocks[b.block];
  block.term = ir::TermKind::Return;
  block.return_args = std::move(args);
  block.pos = b.pos;
  b.block = BlockId();
}

}  // namespace

void Body::emit_return(std::span<const Val> values) {
  if (!block.valid()) return;
  if (!func.defers.return_block.valid()) return return_slots(*this, values);
  if (nothing_deferred()) return return_slots(*this, values);
  for (size_t i = 0; i < values.size(); i++) write(results[i], values[i]);
  return_through_defers();
}

void Body::return_results() {
  if (!block.valid()) return;
  if (func.defers.return_block.valid()) return return_through_defers();
  return_loaded_results();
}

void Body::return_loaded_results() {
  if (!block.valid()) return;
  std::vector<Val> values;
  for (const Variable& v : results) values.push_back(read(v));
  return_slots(*this, values);
}

void Body::finish_with_return() {
  return_results();
  if (func.defers.return_block.valid()) finish_defers();
}

void Body::function_body(syntax::BlockStmt* body) {
  block_stmt(body);
  pos = body->right_brace;
  finish_with_return();
  end();
}

size_t Program::slot_count(Type* t, const ir::CallSig& sig, size_t first) {
  const Shape& s = shape(t);
  if (s.size == 0) return 0;
  if (first < sig.args.size() && sig.args[first].kind == ir::AbiSlot::Memory) return 1;
  return s.parts.size();
}

void Program::finish(Body& b) {
  result->funcs.push_back(std::move(b.owned_func));
}

void Program::function(const discover::FunctionInstance& f) {
  using discover::FunctionKind;
  switch (f.kind) {
    case FunctionKind::Declared:
    case FunctionKind::InitFunction: return declared(f);
    case FunctionKind::MethodWrapper: return method_wrapper(f);
    case FunctionKind::InterfaceMethod: return interface_method(f);
    case FunctionKind::MethodValue: return method_value_wrapper(f);
    case FunctionKind::InitUnit: return init_unit(f);
    case FunctionKind::Equal: return equal_function(f);
    case FunctionKind::Hash: return hash_function(f);
  }
}

void Program::declared(const discover::FunctionInstance& f) {
  types::Func* origin = f.func;
  checker.check_body(origin);
  const syntax::FuncDecl* d = origin->syntax;
  if ((d == nullptr || d->body == nullptr) && is_intrinsic(discover::object_symbol(origin))) {
    Body b(*this, linknames.symbol_of(origin));
    b.package = origin->package;
    b.pos = b.func.pos = b.func.end_pos = origin->pos;
    const types::Signature* sig = origin->signature();
    for (types::Var* v : sig->params->vars) b.param_types.push_back(types.get(v->type));
    for (types::Var* v : sig->results->vars) b.result_types.push_back(types.get(v->type));
    b.begin_raw();
    std::vector<Val> args;
    for (size_t i = 0; i < b.param_types.size(); i++) args.push_back(b.param(i));
    Callee c = b.static_callee(origin, {}, nullptr);
    const std::vector<Val> r = b.emit_call(c, args);
    b.emit_return(r);
    b.end();
    return finish(b);
  }
  if ((d == nullptr || d->body == nullptr) && assembly && assembly(linknames.symbol_of(origin), origin->package) == AssemblyKind::Abi0) {
    return assembly_wrapper(linknames.symbol_of(origin), origin);
  }
  if (d == nullptr || d->body == nullptr) {
    error(origin->pos, "missing function body: " + std::string(discover::function_symbol(f).text()));
    return;
  }
  analyze(origin);
  Symbol name = discover::function_symbol(f);
  if (f.kind == discover::FunctionKind::Declared && origin->signature()->receiver == nullptr && f.type_args.empty()) {
    name = linknames.symbol_of(origin);
  }
  Body b(*this, name);
  b.package = origin->package;
  b.go_version = origin->decl != nullptr ? origin->decl->go_version : std::string_view{};
  b.pos = d->pos;
  b.func.pos = d->pos;
  b.func.end_pos = d->body_end;
  if (!f.type_args.empty()) {
    b.set_substitution(type_params_of(origin), f.type_args);
    b.func.attrs |= ir::kGenericInstance | ir::kDupOk | ir::kFoldable;
    b.func.fold_group = discover::object_symbol(origin);
  }
  if (d->pragma.has(syntax::Pragma::kNosplit)) b.func.attrs |= ir::kNoSplit;
  if (d->pragma.has(syntax::Pragma::kNoinline)) b.func.attrs |= ir::kNoInline;
  if (d->pragma.has(syntax::Pragma::kUintptrKeepalive) || d->pragma.has(syntax::Pragma::kUintptrEscapes)) {
    b.func.attrs |= ir::kUintptrKeepAlive;
  }
  const std::string_view package_path = origin->package->path.text();
  if (package_path == "runtime" || package_path == "reflect" || package_path.starts_with("internal/runtime/")) {
    b.func.attrs |= ir::kAsyncUnsafe;
  }
  const std::string_view text = name.text();
  if (text == "runtime.gopanic") b.func.func_id = abi::kFuncIdGopanic;
  if (text == "runtime.main") b.func.func_id = abi::kFuncIdRuntimeMain;
  if (text == "runtime.runDefers") b.func.func_id = abi::kFuncIdRunDefers;
  if (text == "runtime.sigpanic") b.func.func_id = abi::kFuncIdSigpanic;
  // recover looks through them (gc marks them the same way).
  if (text == "runtime.deferreturn" || text == "reflect.callReflect" || text == "reflect.callMethod") {
    b.func.attrs |= ir::kWrapper | ir::kNoInline;
    b.func.func_id = abi::kFuncIdWrapper;
  }
  if (text == "runtime.panicwrap") b.func.func_id = abi::kFuncIdPanicwrap;
  b.facts = facts(d);
  const types::Signature* sig = origin->signature();
  std::vector<types::Var*> params;
  if (sig->receiver != nullptr) params.push_back(sig->receiver);
  params.insert(params.end(), sig->params->vars.begin(), sig->params->vars.end());
  b.begin(params, sig->results->vars);
  b.function_body(d->body);
  // The instance comes first in the result, then what was made on the way.
  result->funcs.insert(result->funcs.begin(), std::move(b.owned_func));
}

}  // namespace gale::lower
