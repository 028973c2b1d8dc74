// Functions that the compiler makes from methods: wrappers for promoted methods and for value methods called by pointer,
// interface methods as functions, and the code of method values (-fm).
#include "base/abi/stackmap.h"
#include "base/check.h"
#include "discover/names.h"
#include "lower/body.h"
#include "lower/program_impl.h"

namespace gale::lower {

Callee Body::method_on_value(const Val& x, const types::CanonicalTypes::Method& m) {
  if (types::is_interface(m.receiver_base)) {
    return interface_callee(follow(x, m.path), m.name, m.func->package);
  }
  Callee c = method_callee(m.receiver_base, m);
  auto* pointer = types::under_as<types::Pointer>(x.type);
  if (!m.pointer_receiver) {
    Val v = follow(x, m.path);
    if (auto* p = types::under_as<types::Pointer>(v.type); p != nullptr && v.type != m.receiver_base) {
      v = load(p->elem, nil_check(v.parts[0]));
    }
    c.receiver.push_back(v);
    return c;
  }
  Type* t = pointer != nullptr ? pointer->elem : x.type;
  ValueId base = pointer != nullptr ? x.parts[0] : temporary(x);
  base = field_address(base, &t, m.path);
  if (t != m.receiver_base) base = op(Op::Load, Ty::Ptr, {nil_check(base)});
  c.receiver.push_back(scalar(c.params[0], base));
  return c;
}

namespace {

void signature_types(Body& b, Type* signature) {
  auto* sig = types::as<types::Signature>(signature);
  for (types::Var* v : sig->params->vars) b.param_types.push_back(b.program.types.get(v->type));
  for (types::Var* v : sig->results->vars) b.result_types.push_back(b.program.types.get(v->type));
}

void as_wrapper(Body& b, const types::Func* method) {
  b.func.attrs |= ir::kWrapper | ir::kDupOk;
  b.func.func_id = abi::kFuncIdWrapper;
  if (method != nullptr) b.pos = b.func.pos = b.func.end_pos = method->pos;
}


}  // namespace

void Program::method_wrapper(const discover::FunctionInstance& f) {
  const auto* found = types.find_method(f.type, f.method, f.method_package);
  CHECK(found != nullptr, "a method of the type that is wrapped");
  const types::CanonicalTypes::Method m = *found;
  Body b(*this, discover::function_symbol(f));
  as_wrapper(b, m.func);
  b.package = m.func->package;
  b.param_types.push_back(f.type);
  signature_types(b, m.signature);
  b.begin_raw();
  // Parameters are read before anything else happens.
  const Val receiver = b.param(0);
  std::vector<Val> args;
  for (size_t i = 1; i < b.param_types.size(); i++) args.push_back(b.param(i));
  if (types::as<types::Pointer>(f.type) != nullptr && m.path.empty() && !m.pointer_receiver) {
    const BlockId bad = b.new_block(), good = b.new_block();
    b.branch(b.op(Op::Eq, Ty::Bool, {receiver.parts[0], b.nil_ptr()}), bad, good, -1);
    b.start_sealed(bad);
    b.rt_noreturn("panicwrap", {});
    b.start_sealed(good);
  }
  const Callee c = b.method_on_value(receiver, m);
  const std::vector<Val> results = b.emit_call(c, args);
  b.emit_return(results);
  b.end();
  finish(b);
}

void Program::interface_method(const discover::FunctionInstance& f) {
  Body b(*this, discover::function_symbol(f));
  as_wrapper(b, nullptr);
  b.param_types.push_back(f.type);
  for (const auto& m : types.interface_methods(f.type)) {
    if (m.name == f.method && (m.package == nullptr || f.method_package == nullptr || m.package == f.method_package)) {
      signature_types(b, m.signature);
      break;
    }
  }
  b.begin_raw();
  std::vector<Val> values;
  for (size_t i = 0; i < b.param_types.size(); i++) values.push_back(b.param(i));
  const Callee c = b.interface_callee(values[0], f.method, f.method_package);
  const std::vector<Val> results = b.emit_call(c, std::span<const Val>(values).subspan(1));
  b.emit_return(results);
  b.end();
  finish(b);
}

void Program::method_value_wrapper(const discover::FunctionInstance& f) {
  Body b(*this, discover::function_symbol(f));
  as_wrapper(b, nullptr);
  Type* t = f.type;
  types::CanonicalTypes::Method m{};
  const bool is_interface = types::is_interface(t);
  if (is_interface) {
    for (const auto& x : types.interface_methods(t)) {
      if (x.name == f.method && (x.package == nullptr || f.method_package == nullptr || x.package == f.method_package)) m = x;
    }
  } else {
    const auto* found = types.find_method(t, f.method, f.method_package);
    CHECK(found != nullptr, "the method of a method value");
    m = *found;
  }
  CHECK(m.signature != nullptr, "the method of a method value");
  signature_types(b, m.signature);
  b.begin_raw();
  std::vector<Val> args;
  for (size_t i = 0; i < b.param_types.size(); i++) args.push_back(b.param(i));
  const Val receiver = b.load_captured(std::span<Type* const>(&t, 1))[0];
  const Callee c = is_interface ? b.interface_callee(receiver, f.method, f.method_package) : b.method_on_value(receiver, m);
  const std::vector<Val> results = b.emit_call(c, args);
  b.emit_return(results);
  b.end();
  finish(b);
}

}  // namespace gale::lower
