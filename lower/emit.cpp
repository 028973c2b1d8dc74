// Single operations and calls of the runtime.
#include "base/check.h"
#include "discover/names.h"
#include "lower/body.h"

namespace gale::lower {

ValueId Body::op(Op o, Ty ty, std::span<const ValueId> args, int64_t aux) {
  if (!block.valid()) {
    block = new_block();  // code that control cannot reach: removed at the end
    seal(block);
  }
  return func.emit(block, o, ty, args, aux, pos);
}

ValueId Body::op(Op o, Ty ty, std::initializer_list<ValueId> args, int64_t aux) {
  return op(o, ty, std::span<const ValueId>(args.begin(), args.size()), aux);
}

ValueId Body::op_type(Op o, Ty ty, std::initializer_list<ValueId> args, Type* type, int64_t aux) {
  const ValueId v = op(o, ty, args, aux);
  program.references.type(type, false);  // what it expands to passes the descriptor
  func[v].type = type;
  return v;
}

ValueId Body::iconst(Ty ty, int64_t v) {
  switch (ty) {
    case Ty::I8: v = static_cast<int8_t>(v); break;
    case Ty::I16: v = static_cast<int16_t>(v); break;
    case Ty::I32: v = static_cast<int32_t>(v); break;
    default: break;
  }
  return op(Op::Const, ty, {}, v);
}

ValueId Body::fconst(Ty ty, double v) {
  int64_t bits = 0;
  if (ty == Ty::F32) {
    const auto f = static_cast<float>(v);
    uint32_t b;
    __builtin_memcpy(&b, &f, 4);
    bits = b;
  } else {
    __builtin_memcpy(&bits, &v, 8);
  }
  return op(Op::ConstF, ty, {}, bits);
}

ValueId Body::sym_addr(Symbol s, Ty ty, int64_t addend) {
  const ValueId v = op(Op::SymAddr, ty, {}, addend);
  func[v].symbol = s;
  return v;
}

ValueId Body::offset(ValueId addr, int64_t n) {
  if (n == 0) return addr;
  const ir::Value& v = func[addr];
  if (v.op == Op::OffPtr) return op(Op::OffPtr, v.ty, {v.args[0]}, v.aux + n);
  return op(Op::OffPtr, v.ty, {addr}, n);
}

ValueId Body::type_addr(Type* t, bool in_interface) {
  program.references.type(t, in_interface);
  return sym_addr(discover::type_symbol(t), Ty::Addr);
}

ValueId Body::itab_addr(Type* concrete, Type* interface, bool made) {
  program.references.itab(concrete, interface, made);
  return sym_addr(discover::itab_symbol(concrete, interface), Ty::Addr);
}

ValueId Body::nil_check(ValueId p) {
  const ir::Value& v = func[p];
  if (v.op == Op::LocalAddr || v.op == Op::New || v.op == Op::NilCheck || v.op == Op::SymAddr) return p;
  return op(Op::NilCheck, Ty::Ptr, {p});
}

ValueId Body::select(ValueId cond, ValueId a, ValueId b) { return op(Op::Select, func[a].ty, {cond, a, b}); }

ValueId Body::to_i64(ValueId v, bool is_signed) {
  const Ty ty = func[v].ty;
  if (ty == Ty::I64 || ty == Ty::Addr) return v;
  int64_t known;
  if (ir::is_const(func, v, &known)) {
    if (!is_signed) known &= (int64_t{1} << (8 * ir::size_of(ty))) - 1;
    return i64(known);
  }
  return op(is_signed ? Op::SExt : Op::ZExt, Ty::I64, {v});
}

bool Body::is_stack_address(ValueId v) const {
  while (true) {
    const ir::Value& x = func[v];
    switch (x.op) {
      case Op::LocalAddr:
      case Op::ResultArea:
        return true;
      case Op::Param:
        return x.aux < static_cast<int64_t>(func.sig->args.size()) &&
               func.sig->args[static_cast<size_t>(x.aux)].kind == ir::AbiSlot::Memory;
      case Op::OffPtr:
      case Op::AddPtr:
      case Op::Copy:
      case Op::NilCheck:
        v = x.args[0];
        continue;
      default:
        return false;
    }
  }
}

Values Body::runtime_call(std::string_view name, std::span<const ValueId> args) {
  const Symbol symbol("runtime." + std::string(name));
  auto* info = func.arena.make<ir::CallInfo>();
  info->callee = symbol;
  if (const Program::Gate* gate = program.gate(symbol)) {
    info->sig = program.gate_sig(gate->signature);
    info->flags = gate->flags;
    info->noescape_args = gate->noescape_args;
    program.references.external(symbol);
  } else if (types::Func* f = program.runtime_function(name)) {
    std::vector<Type*> params, results;
    for (types::Var* v : f->signature()->params->vars) params.push_back(program.types.get(v->type));
    for (types::Var* v : f->signature()->results->vars) results.push_back(program.types.get(v->type));
    info->sig = program.call_sig(params, results);
    discover::FunctionInstance instance;
    instance.func = f;
    program.references.function(symbol, instance);
  } else {
    not_yet("runtime function " + std::string(symbol.text()));
    return Values(4, i64(0));
  }
  Values converted;
  CHECK(args.size() == info->sig->args.size(), "a runtime call with as many scalars as its signature");
  for (size_t i = 0; i < args.size(); i++) {
    ValueId v = args[i];
    const Ty want = info->sig->args[i].ty, have = func[v].ty;
    // Gates take words: narrower integers are widened (zero-extended: callers extend signed ones themselves).
    if (want == Ty::I64 && (have == Ty::I8 || have == Ty::I16 || have == Ty::I32 || have == Ty::Bool)) {
      v = op(Op::ZExt, Ty::I64, {v});
    } else if (want == Ty::Ptr && have == Ty::I64) {
      v = op(Op::IntToPtr, Ty::Ptr, {v});
    } else if (want == Ty::I64 && have == Ty::Ptr) {
      v = op(Op::PtrToInt, Ty::I64, {v});
    }
    converted.push_back(v);
  }
  const std::span<const ir::AbiSlot> out = info->sig->results;
  const ValueId call = op(Op::Call, out.empty() ? Ty::Void : out[0].ty, converted);
  func[call].call = info;
  Values results;
  for (size_t i = 0; i < out.size(); i++) {
    results.push_back(i == 0 ? call : op(Op::Result, out[i].ty, {call}, static_cast<int64_t>(i)));
  }
  return results;
}

Values Body::runtime_call(std::string_view name, std::initializer_list<ValueId> args) {
  return runtime_call(name, std::span<const ValueId>(args.begin(), args.size()));
}

ValueId Body::rt(std::string_view name, std::initializer_list<ValueId> args) {
  const Values r = runtime_call(name, args);
  return r.empty() ? ValueId() : r[0];
}

void Body::rt_noreturn(std::string_view name, std::initializer_list<ValueId> args) {
  runtime_call(name, args);
  if (!block.valid()) return;
  const std::vector<ValueId>& values = func.blocks[block].values;
  if (!values.empty()) {
    ir::Value& call = func[values.back()];
    if (call.op == Op::Call) {
      auto* info = func.arena.make<ir::CallInfo>(*call.call);
      info->flags |= ir::kCallNoReturn;
      call.call = info;
    }
  }
  func.blocks[block].cold = true;
  unreachable();
}

void Body::reference_runtime(std::string_view name) {
  const Symbol symbol("runtime." + std::string(name));
  types::Func* f = program.runtime_function(name);
  if (f == nullptr) return program.references.external(symbol);
  discover::FunctionInstance instance;
  instance.func = f;
  program.references.function(symbol, instance);
}

void Body::not_yet(std::string_view what) {
  program.error(pos, "gale does not compile this yet: " + std::string(what) + " (in " + std::string(func.name.text()) + ")");
}

}  // namespace gale::lower
