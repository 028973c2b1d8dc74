// Calls: what is called, its arguments, its results.
#include <algorithm>

#include "base/abi/abi0.h"
#include "base/abi/layout.h"
#include "base/check.h"
#include "discover/names.h"
#include "lower/body.h"

namespace gale::lower {

using namespace syntax;

Symbol Body::function_reference(types::Func* f, std::span<Type* const> type_args, Callee* c) {
  if (f->type == nullptr) program.checker.object_decl(f);
  discover::FunctionInstance instance;
  instance.func = f;
  instance.type_args.assign(type_args.begin(), type_args.end());
  const bool plain = f->signature()->receiver == nullptr && type_args.empty();
  const Symbol name = plain ? program.linknames.symbol_of(f) : discover::function_symbol(instance);
  // Calls of intrinsics are done inline; as a func value one without a body gets one made (Program::declared).
  if (f->signature()->receiver == nullptr && is_intrinsic(discover::object_symbol(f))) {
    if (c == nullptr) program.references.function(name, instance);
    return c == nullptr ? name : plain ? discover::object_symbol(f) : name;
  }
  if (f->syntax != nullptr && f->syntax->has_body) {
    program.references.function(name, instance);
    return name;
  }
  if (f->syntax != nullptr && c != nullptr && f->syntax->pragma.has(Pragma::kNoescape)) {
    c->flags |= ir::kCallNoEscape;
    c->noescape_args = ~0ull;
  }
  if (types::Func* definer = program.linknames.function(name)) {
    if (definer->type == nullptr) program.checker.object_decl(definer);
    instance.func = definer;
    program.references.function(name, instance);
    return name;
  }
  if (const Program::Gate* gate = program.gate(name)) {
    if (c != nullptr) {
      c->flags |= gate->flags;
      c->noescape_args |= gate->noescape_args;
    }
  }
  if (plain && f->origin == nullptr && program.gate(name) == nullptr && program.assembly && program.assembly(name, f->package) == AssemblyKind::Abi0) {
    program.references.function(name, instance);  // the wrapper
    return name;
  }
  program.references.external(name);
  // The two stubs of reflect call back into Go.
  const bool make_func = name.text() == "reflect.makeFuncStub";
  if (make_func || name.text() == "reflect.methodValueCall") {
    for (const char* n : {make_func ? "reflect.callReflect" : "reflect.callMethod", "reflect.moveMakeFuncArgPtrs"}) {
      if (types::Func* callee = program.linknames.function(Symbol(n))) function_reference(callee, {}, nullptr);
    }
  }
  return name;
}

Callee Body::static_callee(types::Func* f, std::span<Type* const> type_args, Type* receiver) {
  if (f->origin != nullptr) f = f->origin;
  Callee c;
  c.func = f;
  program.checker.object_decl(f);
  const types::Signature* sig = f->signature();
  const std::span<types::TypeParam* const> params = type_params_of(f);
  auto get = [&](Type* t) { return type_args.empty() ? program.types.get(t) : program.types.get(t, params, type_args); };
  if (sig->receiver != nullptr) c.params.push_back(receiver != nullptr ? receiver : get(sig->receiver->type));
  for (types::Var* v : sig->params->vars) c.params.push_back(get(v->type));
  for (types::Var* v : sig->results->vars) c.results.push_back(get(v->type));
  c.variadic = sig->variadic;
  c.symbol = function_reference(f, type_args, &c);
  return c;
}

Callee Body::interface_callee(const Val& iface, Symbol method, types::Package* package) {
  const auto& methods = program.types.interface_methods(iface.type);
  size_t index = 0;
  while (index < methods.size() &&
         !(methods[index].name == method && (methods[index].package == nullptr || package == nullptr || methods[index].package == package))) {
    index++;
  }
  CHECK(index < methods.size(), std::string("a method of the interface: ") + std::string(method.text()));
  program.references.interface_method(iface.type, method, methods[index].package);
  Callee c;
  c.kind = Callee::Code;
  c.target = op(Op::Load, Ty::Addr, {iface.parts[0]}, static_cast<int64_t>(abi::ITab::fun + 8 * index));
  auto* sig = types::as<types::Signature>(methods[index].signature);
  Type* word = program.types.get(types::basic(types::BasicKind::UnsafePointer));
  c.params.push_back(word);
  for (types::Var* v : sig->params->vars) c.params.push_back(program.types.get(v->type));
  for (types::Var* v : sig->results->vars) c.results.push_back(program.types.get(v->type));
  c.variadic = sig->variadic;
  c.receiver.push_back(scalar(word, iface.parts[1]));
  c.interface.push_back(iface);
  c.method = method;
  c.method_package = package;
  return c;
}

Callee Body::closure_callee(ValueId closure, Type* signature) {
  auto* sig = types::under_as<types::Signature>(signature);
  CHECK(sig != nullptr, "a function type");
  Callee c;
  c.kind = Callee::Closure;
  c.target = closure;
  for (types::Var* v : sig->params->vars) c.params.push_back(program.types.get(v->type));
  for (types::Var* v : sig->results->vars) c.results.push_back(program.types.get(v->type));
  c.variadic = sig->variadic;
  return c;
}

Callee Body::method_callee(Type*, const types::CanonicalTypes::Method& m) {
  std::vector<Type*> args;
  if (auto* named = types::as<types::Named>(m.receiver_base)) args.assign(named->type_args.begin(), named->type_args.end());
  Type* receiver = m.pointer_receiver ? program.types.pointer_to(m.receiver_base) : m.receiver_base;
  return static_callee(m.func, args, receiver);
}

Callee Body::method_call_callee(SelectorExpr* s) {
  Type* xt = type_of(s->x);
  const Symbol name = s->selector->name;
  types::Package* from_package = s->selection->object->package;
  if (types::is_interface(xt)) {
    const Val iface = expr(s->x);
    pos = s->pos;
    return interface_callee(iface, name, from_package);
  }
  auto* pointer = types::as<types::Pointer>(xt);
  // A defined pointer type has no methods; x.m then means (*x).m of the element.
  if (pointer == nullptr) pointer = types::under_as<types::Pointer>(xt);
  Type* set = pointer != nullptr ? program.types.pointer_to(pointer->elem) : program.types.pointer_to(xt);
  const auto* found = program.types.find_method(set, name, from_package);
  CHECK(found != nullptr, std::string("a method of ") + types::link_string(xt) + ": " + std::string(name.text()));
  const types::CanonicalTypes::Method m = *found;
  const bool to_interface = types::is_interface(m.receiver_base);
  if (!m.pointer_receiver || to_interface) {
    Val v = expr(s->x);
    pos = s->pos;
    v = follow(v, m.path);
    if (to_interface) return interface_callee(v, name, from_package);
    if (auto* p = types::under_as<types::Pointer>(v.type); p != nullptr && v.type != m.receiver_base) {
      v = load(p->elem, nil_check(v.parts[0]));
    }
    Callee c = method_callee(m.receiver_base, m);
    c.receiver.push_back(v);
    return c;
  }
  ValueId base;
  Type* t = nullptr;
  if (pointer != nullptr) {
    base = expr(s->x).parts[0];
    t = pointer->elem;
  } else if (s->x->mode != Mode::Variable) {
    // Not addressable: a pointer lies on the way to the receiver.
    const Val v = stabilize(expr(s->x));
    pos = s->pos;
    return method_on_value(v, m);
  } else {
    base = address_of(s->x);
    t = xt;
  }
  pos = s->pos;
  base = field_address(base, &t, m.path);
  if (t != m.receiver_base) base = op(Op::Load, Ty::Ptr, {nil_check(base)});
  Callee c = method_callee(m.receiver_base, m);
  c.receiver.push_back(scalar(c.params[0], base));
  return c;
}

namespace {

// The declared function that a call's operand names, if it does.
types::Func* named_function(Expr* fun) {
  fun = unparen(fun);
  if (auto* i = as<IndexExpr>(fun)) fun = unparen(i->x);
  types::Object* o = nullptr;
  if (auto* n = as<Name>(fun)) o = n->object;
  if (auto* s = as<SelectorExpr>(fun); s != nullptr && s->selection == nullptr) o = s->selector->object;
  return o != nullptr && o->kind == types::ObjectKind::Func ? static_cast<types::Func*>(o) : nullptr;
}

bool holds_uintptrs(const types::Func* f) {
  if (f == nullptr || f->syntax == nullptr) return false;
  return f->syntax->pragma.has(syntax::Pragma::kUintptrKeepalive) || f->syntax->pragma.has(syntax::Pragma::kUintptrEscapes);
}

// p of an argument uintptr(p), p an unsafe.Pointer.
Expr* pointer_of_uintptr(Expr* e) {
  auto* conversion = as<CallExpr>(unparen(e));
  if (conversion == nullptr || unparen(conversion->fun)->mode != Mode::TypeExpr || conversion->args.size() != 1) return nullptr;
  Expr* x = conversion->args[0];
  auto* basic = types::under_as<types::Basic>(x->type);
  return basic != nullptr && basic->basic == types::BasicKind::UnsafePointer ? x : nullptr;
}

}  // namespace

Callee Body::callee(CallExpr* e) {
  Expr* fun = unparen(e->fun);
  if (types::Func* f = named_function(fun)) {
    std::span<Type*> args = program.checker.instance_args_of(fun);
    if (args.empty()) args = e->instance_args;
    if (!e->instance_args.empty() && e->instance_args.size() > args.size()) args = e->instance_args;
    return static_callee(f, subst(args), nullptr);
  }
  if (auto* s = as<SelectorExpr>(fun); s != nullptr && s->selection != nullptr && s->selection->kind == types::Selection::MethodValue) {
    Callee c = method_call_callee(s);
    if (c.kind == Callee::Code) func[c.target].pos = e->pos;  // a nil interface fails where the call stands
    return c;
  }
  const Val f = expr(fun);
  pos = e->pos;
  return closure_callee(f.parts[0], f.type);
}

Val Body::variadic_slice(std::span<const Val> values, Type* slice_type) {
  if (values.empty()) return zero(slice_type);
  Type* elem = types::under_as<types::Slice>(slice_type)->elem;
  const auto n = static_cast<int64_t>(values.size());
  const ValueId array = new_object(program.types.array_of(elem, n));
  const auto size = static_cast<int64_t>(shape(elem).size);
  for (int64_t i = 0; i < n; i++) store(array, i * size, values[static_cast<size_t>(i)]);
  return slice_of_array(array, n, slice_type);
}

std::vector<Val> Body::arguments(const Callee& c, CallExpr* e) {
  const std::span<Expr* const> args = e->args;
  const size_t first = c.receiver.size();
  const size_t n = c.params.size() - first;
  const size_t fixed = c.variadic && !e->has_dots ? n - 1 : n;
  std::vector<Val> values;
  std::vector<ValueId> held;
  const bool hold = c.kind == Callee::Static && holds_uintptrs(c.func);
  if (args.size() == 1 && as<CallExpr>(unparen(args[0])) != nullptr && types::as<types::Tuple>(args[0]->type) != nullptr) {
    values = call(as<CallExpr>(unparen(args[0])));
    for (size_t i = 0; i < values.size(); i++) {
      Type* want = i < fixed ? c.params[first + i] : types::under_as<types::Slice>(c.params.back())->elem;
      values[i] = assign_convert(values[i], want);
    }
  } else {
    // A value that lies in a variable's memory must not change while later arguments are evaluated.
    std::vector<uint8_t> later_calls(args.size() + 1);
    for (size_t i = args.size(); i-- > 0;) later_calls[i] = later_calls[i + 1] || has_calls(args[i]);
    for (size_t i = 0; i < args.size(); i++) {
      Type* want = i < fixed ? c.params[first + i] : types::under_as<types::Slice>(c.params.back())->elem;
      Expr* pointer = hold ? pointer_of_uintptr(args[i]) : nullptr;
      Val v;
      if (pointer != nullptr) {
        v = stabilize(expr(pointer));
        held.push_back(v.parts[0]);
        v = convert(v, want);
      } else {
        v = expr_as(args[i], want);
      }
      if (later_calls[i + 1]) v = stabilize(v);
      values.push_back(v);
    }
  }
  if (c.variadic && !e->has_dots) {
    pos = e->pos;
    Val rest = variadic_slice(std::span<const Val>(values).subspan(std::min(fixed, values.size())), c.params.back());
    values.resize(fixed);
    values.push_back(rest);
  }
  held_pointers = std::move(held);
  return values;
}

// Calls that hand out methods which no call in the program names. A constant name is told; any other keeps all exported methods.
// reflect's functions of these names pass on what others ask for (gc's rule, too); its iterators over methods ask themselves.
void Body::note_reflection(const Callee& c, syntax::Expr* argument) {
  static const Symbol by_index("Method"), by_name("MethodByName");
  static const Symbol of_reflect[] = {Symbol("reflect.Value.Method"),           Symbol("reflect.Value.MethodByName"),
                                      Symbol("reflect.(*rtype).Method"),        Symbol("reflect.(*rtype).MethodByName"),
                                      Symbol("reflect.(*interfaceType).Method"), Symbol("reflect.(*interfaceType).MethodByName")};
  auto is_of_reflect = [](Symbol f) { return std::find(std::begin(of_reflect), std::end(of_reflect), f) != std::end(of_reflect); };
  if (c.kind == Callee::Static) {
    if (!is_of_reflect(c.symbol)) return;
  } else {
    if (c.kind != Callee::Code || (c.method != by_index && c.method != by_name) || c.results.empty()) return;
    auto* t = types::as<types::Named>(c.results[0]);
    if (t == nullptr || t->object == nullptr || t->object->name != by_index || t->object->package == nullptr ||
        t->object->package->path.text() != "reflect") {
      return;
    }
  }
  if (is_of_reflect(func.name)) return;
  if (argument != nullptr && argument->constant != nullptr && types::is_string(argument->type)) {
    program.references.method_by_name(Symbol(types::string_value(argument->constant)));
  } else {
    program.references.method_by_name(Symbol());
  }
}

std::vector<Val> Body::emit_call(const Callee& c, std::span<const Val> args, syntax::Expr* argument) {
  note_reflection(c, argument);
  std::vector<Val> results;
  const std::vector<ValueId> held = std::exchange(held_pointers, {});
  if (c.kind == Callee::Static && c.func != nullptr && intrinsic(c, args, &results)) return results;
  auto* info = func.arena.make<ir::CallInfo>();
  info->callee = c.symbol;
  info->sig = c.kind == Callee::Static && abi::is_abi0(c.symbol.text()) ? program.abi0_sig(c.params, c.results)
                                                                      : program.call_sig(c.params, c.results);
  info->flags = c.flags;
  info->noescape_args = c.noescape_args;
  if (c.kind == Callee::Code) info->method = discover::method_symbol(c.interface[0].type, c.method, c.method_package);
  std::vector<ValueId> values;
  if (c.kind != Callee::Static) values.push_back(c.target);
  const size_t extra = values.size();
  auto add = [&](const Val& v) {
    const Shape& s = shape(v.type);
    if (s.size == 0) return;
    const size_t slot = values.size() - extra;
    CHECK(slot < info->sig->args.size(), "as many arguments as parameters");
    if (info->sig->args[slot].kind == ir::AbiSlot::Memory) {
      values.push_back(temporary(v));
    } else {
      for (ValueId p : scalars(v)) values.push_back(p);
    }
  };
  for (const Val& v : c.receiver) add(v);
  for (const Val& v : args) add(v);
  CHECK(values.size() - extra == info->sig->args.size(), "as many arguments as slots");
  const Op code = c.kind == Callee::Static ? Op::Call : c.kind == Callee::Closure ? Op::CallClosure : Op::CallCode;
  const std::span<const ir::AbiSlot> out = info->sig->results;
  const bool scalar_first = !out.empty() && out[0].kind != ir::AbiSlot::Memory;
  const ValueId call = op(code, scalar_first ? out[0].ty : Ty::Void, values);
  func[call].call = info;
  if ((info->flags & ir::kCallNoReturn) != 0) {
    unreachable();
    for (Type* t : c.results) results.push_back(zero(t));
    return results;
  }
  std::vector<ValueId> scalars_out;
  for (size_t i = 0; i < out.size(); i++) {
    scalars_out.push_back(i == 0 && scalar_first ? call
                                                 : op(Op::Result, out[i].kind == ir::AbiSlot::Memory ? Ty::Ptr : out[i].ty, {call},
                                                      static_cast<int64_t>(i)));
  }
  for (ValueId p : held) op(Op::KeepAlive, Ty::Void, {p});
  size_t next = 0;
  for (Type* t : c.results) {
    const Shape& s = shape(t);
    if (s.size == 0) {
      results.push_back(zero(t));
      continue;
    }
    Val v;
    v.type = t;
    if (out[next].kind == ir::AbiSlot::Memory) {
      const ValueId to = local_addr(new_local(t));
      op(Op::Move, Ty::Void, {to, scalars_out[next++]}, static_cast<int64_t>(s.size));
      results.push_back(memory(t, to, true));
      continue;
    }
    for (size_t i = 0; i < s.parts.size(); i++) v.parts.push_back(scalars_out[next++]);
    if (!s.split) {
      const ValueId to = local_addr(new_local(t));
      for (size_t i = 0; i < s.parts.size(); i++) {
        op(Op::Store, Ty::Void, {to, v.parts[i]}, static_cast<int64_t>(s.parts[i].offset));
      }
      v = memory(t, to, true);
    }
    results.push_back(v);
  }
  return results;
}

std::vector<Val> Body::call(CallExpr* e) {
  Expr* fun = unparen(e->fun);
  pos = e->pos;
  if (fun->mode == Mode::TypeExpr) {
    Type* t = type_of(e);
    Expr* x = unparen(e->args[0]);
    if (x->mode == Mode::NilValue) return {zero(t)};
    if (x->constant != nullptr && x->mode == Mode::Constant) {
      Type* xt = type_of(x);
      const bool numbers = types::is_numeric(xt) && types::is_numeric(t);
      const bool to_parts = types::is_complex(t) || types::is_complex(xt);
      if ((numbers && (to_parts || types::is_untyped(x->type))) || (types::is_string(xt) && types::is_string(t))) {
        return {constant(x->constant, t)};
      }
    }
    const Val v = expr(x);
    pos = e->pos;
    return {convert(v, t)};
  }
  if (fun->mode == Mode::Builtin) {
    types::Object* o = nullptr;
    if (auto* n = as<Name>(fun)) o = n->object;
    if (auto* s = as<SelectorExpr>(fun)) o = s->selector->object;
    CHECK(o != nullptr && o->kind == types::ObjectKind::Builtin, "a predeclared function");
    return builtin_call(e, static_cast<types::Builtin*>(o)->id);
  }
  Callee c = callee(e);
  bool args_call = false;
  for (Expr* a : e->args) args_call |= has_calls(a);
  if (args_call) {
    for (Val& v : c.receiver) v = stabilize(v);
  }
  const std::vector<Val> args = arguments(c, e);
  pos = e->pos;
  return emit_call(c, args, e->args.size() == 1 ? e->args[0] : nullptr);
}

}  // namespace gale::lower
