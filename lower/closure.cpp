// Function values: closures of literals, of plain functions, of methods; and the niladic ones of go and defer.
#include "base/abi/stackmap.h"
#include "base/check.h"
#include "discover/names.h"
#include "lower/body.h"
#include "lower/program_impl.h"

namespace gale::lower {

using namespace syntax;

Val Body::static_closure(Symbol function, Type* signature) {
  return scalar(signature, sym_addr(program.closure_data(function)));
}

Val Body::function_value(types::Func* f, std::span<Type* const> type_args, Type*, Type* signature) {
  if (f->origin != nullptr) f = f->origin;
  return static_closure(function_reference(f, type_args, nullptr), signature);
}

Type* Body::closure_type(std::span<Type* const> captured) {
  std::vector<types::Var*> fields;
  auto add = [&](std::string_view name, Type* t) {
    auto* v = program.arena.make<types::Var>();
    v->kind = types::ObjectKind::Var;
    v->role = types::VarRole::Field;
    v->name = Symbol(name);
    v->type = t;
    v->index = static_cast<uint32_t>(fields.size());
    fields.push_back(v);
  };
  add("F", program.types.get(types::basic(types::BasicKind::Uintptr)));
  for (size_t i = 0; i < captured.size(); i++) add("X" + std::to_string(i), captured[i]);
  return program.types.struct_of(fields);
}

ValueId Body::make_closure(Symbol code, std::span<const Val> captured, LocalId* in_frame) {
  if (captured.empty()) return sym_addr(program.closure_data(code));
  std::vector<Type*> field_types;
  for (const Val& v : captured) field_types.push_back(v.type);
  Type* t = closure_type(field_types);
  auto* s = types::under_as<types::Struct>(t);
  if (in_frame != nullptr) *in_frame = new_local(t);
  const ValueId object = in_frame != nullptr ? local_addr(*in_frame) : new_object(t);
  op(Op::Store, Ty::Void, {object, sym_addr(code, Ty::Addr)});
  for (uint32_t i = 0; i < captured.size(); i++) store(object, types::field_offset(s, i + 1), captured[i]);
  return object;
}

std::vector<Val> Body::load_captured(std::span<Type* const> field_types) {
  std::vector<Val> out;
  if (field_types.empty()) return out;
  Type* t = closure_type(field_types);
  auto* s = types::under_as<types::Struct>(t);
  func.attrs |= ir::kNeedsClosure;
  const ValueId object = op(Op::Closure, Ty::Ptr, {});
  for (uint32_t i = 0; i < field_types.size(); i++) {
    Val v = load(field_types[i], object, types::field_offset(s, i + 1));
    v.owned = v.in_memory();  // closures are immutable
    out.push_back(v);
  }
  return out;
}

std::vector<Capture> Body::captures_of(const Node* lit) {
  std::vector<Capture> out;
  for (types::Var* v : program.facts(lit)->used) {
    const Variable* x = lookup(v);
    if (x == nullptr) continue;
    const bool by_value = x->kind == Variable::Ssa || x->kind == Variable::Frame;
    out.push_back({v, by_value, by_value ? x->type : program.types.pointer_to(x->type)});
  }
  return out;
}

void Body::bind_captures(std::span<const Capture> captures) {
  std::vector<Type*> field_types;
  for (const Capture& c : captures) field_types.push_back(c.type);
  const std::vector<Val> values = load_captured(field_types);
  for (size_t i = 0; i < captures.size(); i++) {
    const Capture& c = captures[i];
    Variable x;
    x.type = c.by_value ? c.type : types::as<types::Pointer>(c.type)->elem;
    if (!c.by_value) {
      x.kind = Variable::Box;
      x.ssa = new_ssa(Ty::Ptr);
      write_ssa(x.ssa, values[i].parts[0]);
    } else if (values[i].in_memory()) {
      x.kind = Variable::Frame;
      x.addr = values[i].addr;
    } else {
      x.kind = Variable::Ssa;
      for (size_t k = 0; k < values[i].parts.size(); k++) {
        const uint32_t id = new_ssa(func[values[i].parts[k]].ty);
        if (k == 0) x.ssa = id;
        write_ssa(id, values[i].parts[k]);
      }
    }
    variables[c.var] = x;
  }
}

namespace {

std::vector<Val> captured_values(Body& b, std::span<const Capture> captures) {
  std::vector<Val> out;
  for (const Capture& c : captures) {
    const Variable& x = *b.lookup(c.var);
    out.push_back(c.by_value ? b.read(x) : b.scalar(c.type, b.address(x)));
  }
  return out;
}

}  // namespace

Val Body::literal(FuncLit* e, LocalId* in_frame, Symbol* code) {
  Symbol name;
  if (is_static_init) {
    name = program.literal_name(package, e);
  } else {
    const std::string prefix(func.name.text());
    name = Symbol(prefix + (outer != nullptr ? "." : ".func") + std::to_string(++literal_count));
  }
  const std::vector<Capture> captures = captures_of(e);
  Type* t = type_of(e);
  {
    Body b(program, name, this);
    b.pos = e->pos;
    b.func.pos = e->pos;
    b.func.end_pos = e->body->right_brace;
    b.func.attrs |= func.attrs & (ir::kGenericInstance | ir::kDupOk | ir::kFoldable | ir::kAsyncUnsafe | ir::kNoSplit);
    if ((func.attrs & ir::kFoldable) != 0) b.func.fold_group = Symbol(std::string(func.fold_group.text()) + ".lit");
    b.facts = program.facts(e);
    auto* sig = types::as<types::Signature>(e->type);
    CHECK(sig != nullptr, "a function literal with its signature");
    for (types::Var* v : sig->params->vars) b.param_types.push_back(subst(v->type));
    b.param_types.clear();
    b.begin(sig->params->vars, sig->results->vars);
    b.bind_captures(captures);
    b.function_body(e->body);
    program.finish(b);
  }
  pos = e->pos;
  if (code != nullptr) *code = name;
  return scalar(t, make_closure(name, captured_values(*this, captures), in_frame));
}

Val Body::method_value(SelectorExpr* e) {
  Type* t = type_of(e);
  Callee c = method_call_callee(e);
  discover::FunctionInstance f;
  f.kind = discover::FunctionKind::MethodValue;
  f.method = e->selector->name;
  Val receiver;
  if (c.kind == Callee::Code) {
    receiver = c.interface[0];
    f.type = receiver.type;
    f.method_package = c.method_package;
  } else {
    receiver = with_type(c.receiver[0], c.params[0]);
    f.type = c.params[0];
    f.method_package = c.func->package;
  }
  const Symbol name = discover::function_symbol(f);
  program.references.function(name, f);
  return scalar(t, make_closure(name, std::span<const Val>(&receiver, 1)));
}

Val Body::method_expression(SelectorExpr* e) {
  Type* receiver = type_of(e->x);
  Type* t = type_of(e);
  discover::FunctionInstance f;
  f.method = e->selector->name;
  f.method_package = e->selection->object->package;
  f.type = receiver;
  if (types::is_interface(receiver)) {
    f.kind = discover::FunctionKind::InterfaceMethod;
    program.references.interface_method(receiver, f.method, f.method_package);
  } else {
    const auto* m = program.types.find_method(receiver, f.method, f.method_package);
    CHECK(m != nullptr, "a method of the type");
    Type* declared = m->pointer_receiver ? program.types.pointer_to(m->receiver_base) : m->receiver_base;
    if (m->path.empty() && declared == receiver) {
      const types::CanonicalTypes::Method method = *m;
      const Callee c = method_callee(receiver, method);
      note_reflection(c, nullptr);
      return static_closure(c.symbol, t);
    }
    f.kind = discover::FunctionKind::MethodWrapper;
  }
  const Symbol name = discover::function_symbol(f);
  program.references.function(name, f);
  return static_closure(name, t);
}

SuspendedCall Body::synthetic_closure(std::string_view suffix, std::span<const Val> captured,
                                      const std::function<void(Body&, std::span<const Val>)>& act, uint32_t attrs, bool in_frame) {
  SuspendedCall out;
  out.code = Symbol(std::string(func.name.text()) + "." + std::string(suffix));
  for (const Val& v : captured) out.captured.push_back(v.type);
  {
    Body b(program, out.code, this);
    b.pos = pos;
    b.func.pos = pos;
    b.func.end_pos = pos;
    b.func.attrs |= attrs | (func.attrs & (ir::kGenericInstance | ir::kDupOk | ir::kAsyncUnsafe));
    if ((attrs & ir::kWrapper) != 0) b.func.func_id = abi::kFuncIdWrapper;
    b.begin_raw();
    const std::vector<Val> values = b.load_captured(out.captured);
    act(b, values);
    b.finish_with_return();
    b.end();
    program.finish(b);
  }
  out.closure = make_closure(out.code, captured, in_frame ? &out.object : nullptr);
  return out;
}

SuspendedCall Body::suspended_call(CallExpr* e, bool is_go, bool in_frame) {
  Expr* fun = unparen(e->fun);
  pos = e->pos;
  auto wrap = [&](std::span<const Val> captured, std::function<void(Body&, std::span<const Val>)> act, bool may_be_inlined) {
    uint32_t& count = is_go ? go_wrap_count : defer_wrap_count;
    SuspendedCall out =
        synthetic_closure((is_go ? "gowrap" : "deferwrap") + std::to_string(++count), captured, act, ir::kWrapper, in_frame);
    if (may_be_inlined) out.act = std::move(act);
    return out;
  };
  if (fun->mode == Mode::Builtin) {
    types::Object* o = nullptr;
    if (auto* n = as<Name>(fun)) o = n->object;
    if (auto* s = as<SelectorExpr>(fun)) o = s->selector->object;
    const types::BuiltinId id = static_cast<types::Builtin*>(o)->id;
    const std::vector<Val> operands = builtin_operands(e, id);
    pos = e->pos;
    Type* result = e->type != nullptr && types::as<types::Tuple>(e->type) == nullptr && !types::is_invalid(e->type) &&
                           !types::is_untyped(e->type)
                       ? type_of(e)
                       : nullptr;
    // A deferred recover is called by the runtime, not by the function that defers it.
    return wrap(operands, [id, result](Body& b, std::span<const Val> v) { b.builtin(id, v, result); }, id != types::BuiltinId::Recover);
  }
  if (fun->mode == Mode::TypeExpr) {
    expr(e);
    return wrap({}, [](Body&, std::span<const Val>) {}, true);
  }
  SuspendedCall out;
  Callee c;
  if (auto* lit = as<FuncLit>(fun)) {
    const Val closure = literal(lit, in_frame ? &out.object : nullptr, &out.code);
    c = closure_callee(closure.parts[0], closure.type);
    c.symbol = out.code;
  } else {
    c = callee(e);
  }
  for (Val& v : c.receiver) v = stabilize(v);
  if (c.kind == Callee::Closure && c.params.empty() && c.results.empty()) {
    out.closure = c.target;
    return out;
  }
  if (c.kind == Callee::Static && c.params.empty() && c.results.empty() && (c.flags & ir::kCallNoReturn) == 0) {
    out.closure = sym_addr(program.closure_data(c.symbol));
    out.act = [c](Body& b, std::span<const Val>) { b.emit_call(c, {}); };
    return out;
  }
  const std::vector<Val> args = arguments(c, e);
  pos = e->pos;
  std::vector<Val> captured;
  Type* word = program.types.get(types::basic(types::BasicKind::UnsafePointer));
  if (c.kind == Callee::Closure) captured.push_back(scalar(word, c.target));
  if (c.kind == Callee::Code) {
    captured.push_back(c.interface[0]);
  } else {
    captured.insert(captured.end(), c.receiver.begin(), c.receiver.end());
  }
  captured.insert(captured.end(), args.begin(), args.end());
  const size_t held = held_pointers.size();
  for (ValueId p : std::exchange(held_pointers, {})) captured.push_back(scalar(word, p));
  return wrap(
      captured,
      [c, held](Body& b, std::span<const Val> v) {
        Callee inner = c;
        size_t next = 0;
        if (c.kind == Callee::Closure) inner.target = v[next++].parts[0];
        if (c.kind == Callee::Code) {
          inner = b.interface_callee(v[next++], c.method, c.method_package);
        } else {
          for (Val& r : inner.receiver) r = v[next++];
        }
        for (const Val& p : v.last(held)) b.held_pointers.push_back(p.parts[0]);
        b.emit_call(inner, v.subspan(next, v.size() - next - held));
      },
      true);
}

}  // namespace gale::lower
