// Calls, instantiation of functions, and selectors (spec: Calls, Instantiations, Selectors, Method values, Method
// expressions, Qualified identifiers).
#include <fmt/core.h>

#include <absl/container/inlined_vector.h>

#include "types/generics.h"
#include "types/private.h"

namespace gale::types {

using syntax::Expr;

namespace {

ExprKind kind_of_builtin(BuiltinId id) {
  switch (builtin_info(id).use) {
    case BuiltinInfo::Conversion:
      return ExprKind::Conversion;
    case BuiltinInfo::Expression:
      return ExprKind::Expression;
    case BuiltinInfo::Statement:
      return ExprKind::Statement;
  }
  return ExprKind::Expression;
}

constexpr uint32_t kNoValueBuiltinOrType = 1u << static_cast<unsigned>(Mode::NoValue) |
                                           1u << static_cast<unsigned>(Mode::Builtin) |
                                           1u << static_cast<unsigned>(Mode::TypeExpr);

// Is the type set of interface t described by methods alone?
bool is_method_set(Checker& c, Interface* t) { return c.type_set(t)->is_method_set(); }

}  // namespace

// ---- calls ----

ExprKind Checker::call_expr(Operand& x, syntax::CallExpr* e) {
  syntax::IndexExpr* instance = nullptr;
  if (auto* index = syntax::as<syntax::IndexExpr>(e->fun)) {
    if (index_expr(x, index)) instance = index;  // its type arguments are looked at with the arguments
    x.expr = index;
    record(x);
  } else {
    expr_or_type(x, e->fun, true);
  }
  switch (x.mode) {
    case Mode::Invalid:
      use(e->args);
      x.expr = e;
      return ExprKind::Statement;
    case Mode::TypeExpr:
      return conversion_call(x, e);
    case Mode::Builtin: {
      BuiltinId id = x.builtin;
      if (!builtin_call(x, e, id)) x.mode = Mode::Invalid;
      x.expr = e;
      // A non-constant result comes from a call: len(<-c) and such are not constant.
      if (x.valid() && x.mode != Mode::Constant) env.has_call_or_recv = true;
      return kind_of_builtin(id);
    }
    default:
      return function_call(x, e, instance);
  }
}

ExprKind Checker::conversion_call(Operand& x, syntax::CallExpr* e) {
  non_generic(nullptr, x);
  if (!x.valid()) return ExprKind::Conversion;
  Type* t = x.type;
  x.mode = Mode::Invalid;
  if (e->args.empty()) {
    error_at(e, "WrongArgCount", fmt::format("missing argument in conversion to {}", type_text(t)));
  } else if (e->args.size() > 1) {
    use(e->args);
    error_at(e->args.back(), "WrongArgCount", fmt::format("too many arguments in conversion to {}", type_text(t)));
  } else {
    expr(nullptr, x, e->args[0]);
    if (x.valid()) {
      Interface* constraint = is_type_param(t) ? nullptr : under_as<Interface>(t);
      if (constraint != nullptr && !is_method_set(*this, constraint)) {
        error_at(e, "MisplacedConstraintIface",
                 fmt::format("cannot use interface {} in conversion (contains specific type constraints or is comparable)",
                             type_text(t)));
        x.mode = Mode::Invalid;
      } else if (e->has_dots) {
        error_at(e->args[0], "BadDotDotDotSyntax", fmt::format("invalid use of ... in conversion to {}", type_text(t)));
        x.mode = Mode::Invalid;
      } else {
        conversion(x, t);
      }
    }
  }
  x.expr = e;
  return ExprKind::Conversion;
}

ExprKind Checker::function_call(Operand& x, syntax::CallExpr* e, syntax::IndexExpr* instance) {
  bool cgo_call = x.mode == Mode::CgoFunc;
  auto fail = [&] {
    x.mode = Mode::Invalid;
    x.expr = e;
    return ExprKind::Statement;
  };
  std::string cause;
  Type* under = common_under(
      x.type,
      [&](Type* t, Type* u, std::string* why) {
        if (u == nullptr || u->kind == TypeKind::Signature) return true;
        *why = fmt::format("{} is not a function", type_text(t));
        return false;
      },
      &cause);
  if (under == nullptr) {
    error_at(x, "InvalidCall", fmt::format("invalid operation: cannot call {}: {}", operand_text(x), cause));
    return fail();
  }
  Signature* sig = static_cast<Signature*>(under);
  bool was_generic = !sig->type_params.empty();

  std::span<Expr* const> type_exprs;
  std::vector<Type*> type_args;
  if (instance != nullptr) {
    type_exprs = list_of(instance->index);
    if (!type_list(type_exprs, &type_args)) {
      use(e->args);
      return fail();
    }
    size_t got = type_args.size(), want = sig->type_params.size();
    if (got > want) {
      error_at(type_exprs[want], "WrongTypeArgCount", fmt::format("got {} type arguments but want {}", got, want));
      use(e->args);
      return fail();
    }
    // With all of them given, parameters have their final types and take part in nothing that must be inferred.
    if (got == want && want > 0) {
      verify_version(instance, "go1.18", "function instantiation");
      sig = instantiate_signature(instance->pos, instance, sig, type_args, type_exprs);
      type_args.clear();
      type_exprs = {};
    }
  }

  std::vector<std::vector<Type*>> arg_type_args;
  std::vector<Operand> args = generic_expr_list(e->args, &arg_type_args);
  sig = arguments(e, sig, std::move(type_args), type_exprs, args, arg_type_args);
  if (was_generic && sig->type_params.empty()) record_type(e->fun, Mode::Value, sig, nullptr);

  std::span<Var* const> results = sig->results->vars;
  if (results.empty()) {
    x.mode = Mode::NoValue;  // (messages about it show the function's type)
  } else if (results.size() == 1) {
    x.mode = cgo_call ? Mode::CommaErr : Mode::Value;
    x.type = results[0]->type;
  } else {
    x.mode = Mode::Value;
    x.type = sig->results;
  }
  x.expr = e;
  env.has_call_or_recv = true;
  // A result that still mentions type parameters which could not be inferred is no use.
  if (x.mode == Mode::Value && !sig->type_params.empty() && is_parameterized(sig->type_params, x.type)) x.mode = Mode::Invalid;
  return ExprKind::Statement;
}

std::vector<Operand> Checker::generic_expr_list(std::span<Expr* const> list, std::vector<std::vector<Type*>>* type_args) {
  // Before Go 1.21, partially instantiated functions as arguments were inferred on their own.
  bool infer_alone = list.empty() || !allow_version("go1.21");
  std::vector<Operand> out;
  // True: e is a function instantiation with arguments missing, now in *given.
  auto partial = [&](Expr* e, Operand& x, std::vector<Type*>* given, bool* is_instance) {
    auto* index = syntax::as<syntax::IndexExpr>(e);
    *is_instance = false;
    if (index == nullptr) return false;
    if (!index_expr(x, index)) {
      // Not generic after all: complete what raw_expr does after index_expr.
      x.expr = e;
      *is_instance = true;
      pending_type(x);
      record(x);
      exclude(x, kNoValueBuiltinOrType);
      return false;
    }
    *is_instance = true;
    *given = func_instance(nullptr, x.pos(), x, index, infer_alone);
    if (given->empty()) {
      record(x);
      return false;
    }
    x.expr = index;
    return true;
  };

  if (list.size() == 1) {
    Operand x;
    std::vector<Type*> given;
    bool is_instance;
    if (partial(list[0], x, &given, &is_instance)) type_args->push_back(std::move(given));
    if (is_instance) {
      out.push_back(x);
      return out;
    }
    raw_expr(nullptr, x, list[0], nullptr, true);
    exclude(x, kNoValueBuiltinOrType);
    if (Tuple* tuple = x.valid() ? as<Tuple>(x.type) : nullptr) {
      for (Var* v : tuple->vars) out.push_back({Mode::Value, list[0], v->type});
    } else {
      out.push_back(x);
    }
    return out;
  }
  out.resize(list.size());
  for (size_t i = 0; i < list.size(); i++) {
    std::vector<Type*> given;
    bool is_instance;
    if (partial(list[i], out[i], &given, &is_instance)) {
      type_args->resize(list.size());
      (*type_args)[i] = std::move(given);
    }
    if (!is_instance) generic_expr(out[i], list[i]);
  }
  return out;
}

// Reports a wrong number of arguments (after ... and variadic parameters are allowed for).
bool Checker::argument_count(syntax::CallExpr* call, Signature* sig, std::span<const Operand> args) {
  size_t want = sig->params->vars.size();
  size_t got = args.size();
  if (sig->variadic) {
    if (call->has_dots) {
      if (call->args.size() == 1 && got > 1) {
        error_at(call, "InvalidDotDotDot",
                 fmt::format("cannot use ... with {}-valued {}", got, syntax::expr_string(call->args[0])));
        return false;
      }
    } else if (got >= want - 1) {
      return true;
    } else {
      want--;
    }
  } else if (call->has_dots) {
    error_at(call, "NonVariadicDotDotDot",
             fmt::format("cannot use ... in call to non-variadic {}", syntax::expr_string(call->fun)));
    return false;
  }
  if (got == want) return true;

  ErrorBuilder e(*this, "WrongArgCount");
  std::string_view qualifier = got > want ? "too many" : "not enough";
  std::string text = fmt::format("{} arguments in call to {}", qualifier, syntax::expr_string(call->fun));
  if (got > want) {
    e.add_at(args[want].expr, std::move(text));  // the first one too many
  } else if (got > 0) {
    e.add_at(args[got - 1].expr, std::move(text));
  } else {
    e.add_at(call, std::move(text));
  }
  std::vector<Type*> have, wanted;
  for (const Operand& a : args) have.push_back(a.type);
  for (Var* v : sig->params->vars) wanted.push_back(v->type);
  e.add({}, fmt::format("have {}", types_summary(have, false, call->has_dots)));
  e.add({}, fmt::format("want {}", types_summary(wanted, sig->variadic, false)));
  e.report();
  return false;
}

// Checks arguments against parameters, inferring type arguments of the function and of generic functions passed to it.
// Returns the signature, instantiated if it was generic (as it was after an error).
Signature* Checker::arguments(syntax::CallExpr* call, Signature* sig, std::vector<Type*> type_args,
                              std::span<Expr* const> type_exprs, std::vector<Operand>& args,
                              std::span<const std::vector<Type*>> arg_type_args) {
  if (!argument_count(call, sig, args)) return sig;
  // One parameter type for each argument.
  absl::InlinedVector<Type*, 8> types;
  std::span<Var* const> params = sig->params->vars;
  bool spread = sig->variadic && !call->has_dots;
  for (size_t i = 0; i < args.size(); i++) {
    if (spread && i + 1 >= params.size()) {
      Type* last = params.back()->type;
      Slice* rest = as<Slice>(last);
      types.push_back(rest != nullptr ? rest->elem : last);
    } else {
      types.push_back(params[i]->type);
    }
  }

  bool generic_args = false;
  for (const Operand& a : args) {
    Signature* s = a.type != nullptr && a.type->kind == TypeKind::Signature ? static_cast<Signature*>(a.type) : nullptr;
    generic_args |= s != nullptr && !s->type_params.empty();
  }
  Signature* result = sig;
  if (!sig->type_params.empty() || generic_args) {
    result = infer_call(call, sig, std::move(type_args), type_exprs, args, arg_type_args, types);
    if (result == nullptr) return sig;
  }
  AssignContext context(call->fun);
  for (size_t i = 0; i < args.size(); i++) assignment(args[i], types[i], context);
  return result;
}

// The part of arguments() for generic functions. Replaces the parameter types by instantiated ones, and instantiates
// generic function arguments. Null after an error.
Signature* Checker::infer_call(syntax::CallExpr* call, Signature* sig, std::vector<Type*> type_args,
                               std::span<Expr* const> type_exprs, std::vector<Operand>& args,
                               std::span<const std::vector<Type*>> arg_type_args, std::span<Type*> types) {
  std::vector<Var*> vars;
  for (Type* t : types) vars.push_back(new_var(arena, VarRole::Param, call->pos, env.package, Symbol(), t));
  Tuple* params = new_tuple(arena, vars);

  // Fresh type parameters: the call may stand in the function's own body.
  std::vector<TypeParam*> type_params;
  size_t own = sig->type_params.size();
  if (own > 0) {
    if (!allow_version("go1.18")) {
      if (auto* index = syntax::as<syntax::IndexExpr>(call->fun)) {
        version_error(index, "go1.18", "function instantiation");
      } else {
        version_error(call, "go1.18", "implicit function instantiation");
      }
    }
    Signature* carrier = new_signature(arena);
    carrier->type_params = sig->type_params;
    carrier->params = params;
    params = rename_type_params(carrier, &type_params)->params;
  }
  type_args.resize(type_params.size());

  std::vector<size_t> generic_args;
  for (size_t i = 0; i < args.size(); i++) {
    Type* t = args[i].type;
    if (t == nullptr || t->kind != TypeKind::Signature || static_cast<Signature*>(t)->type_params.empty()) continue;
    std::vector<TypeParam*> renamed;
    Signature* copy = arena.make<Signature>(*rename_type_params(static_cast<Signature*>(t), &renamed));
    copy->type_params = arena.copy(renamed);
    args[i].type = copy;
    type_params.insert(type_params.end(), renamed.begin(), renamed.end());
    if (i < arg_type_args.size()) type_args.insert(type_args.end(), arg_type_args[i].begin(), arg_type_args[i].end());
    type_args.resize(type_params.size());
    generic_args.push_back(i);
  }
  if (!generic_args.empty()) {
    verify_version(args[generic_args[0]].expr, "go1.21", "implicitly instantiated function as argument");
  }

  std::vector<Operand*> pointers;
  for (Operand& a : args) pointers.push_back(&a);
  ErrorBuilder err(*this, "CannotInferTypeArgs");
  std::vector<Type*> inferred = infer(call->pos, type_params, type_args, params, pointers, false, err);
  if (inferred.empty()) {
    if (!err.empty()) {
      error(err.pos(), "CannotInferTypeArgs",
            fmt::format("in call to {}, {}", syntax::expr_string(call->fun), err.message()));
    }
    return nullptr;
  }

  Signature* result = sig;
  if (own > 0) {
    std::span<Type*> own_args(inferred.data(), own);
    result = instantiate_signature(call->pos, call->fun, sig, own_args, type_exprs);
    call->instance_args = arena.copy(own_args);
    Type* substituted = substitute(call->pos, params, std::span<TypeParam* const>(type_params.data(), own), own_args);
    params = static_cast<Tuple*>(substituted);
  }
  for (size_t i = 0; i < types.size(); i++) types[i] = params->vars[i]->type;

  size_t next = own;
  for (size_t i : generic_args) {
    Operand& a = args[i];
    auto* generic = static_cast<Signature*>(a.type);
    size_t count = generic->type_params.size();
    a.type = instantiate_signature(call->pos, a.expr, generic, std::span<Type*>(inferred).subspan(next, count), {});
    record(a);
    next += count;
  }
  return result;
}

// ---- instantiation ----

bool Checker::type_list(std::span<Expr* const> list, std::vector<Type*>* types) {
  bool ok = true;
  for (Expr* e : list) {
    Type* t = var_type(e);
    ok &= !is_invalid(t);
    types->push_back(t);
  }
  return ok;
}

std::vector<Type*> Checker::func_instance(Target target, Pos pos, Operand& x, syntax::IndexExpr* e, bool infer_args) {
  Pos at = e != nullptr ? e->pos : pos;
  if (e != nullptr) x.expr = e;
  bool version_failed = !allow_version("go1.18");
  if (version_failed) error(at, "UnsupportedFeature", "function instantiation requires go1.18 or later");

  auto fail = [&] {
    x.mode = Mode::Invalid;
    return std::vector<Type*>{};
  };
  std::vector<Type*> type_args;
  std::span<Expr* const> type_exprs;
  if (e != nullptr) {
    type_exprs = list_of(e->index);
    if (!type_list(type_exprs, &type_args)) return fail();
  }
  Signature* sig = as<Signature>(x.type);
  if (sig == nullptr) sig = under_as<Signature>(x.type);
  size_t got = type_args.size(), want = sig->type_params.size();
  if (got > want) {
    error_at(type_exprs[got - 1], "WrongTypeArgCount", fmt::format("got {} type arguments but want {}", got, want));
    return fail();
  }
  if (got < want) {
    if (!infer_args) return type_args;
    std::vector<Var*> vars;
    std::vector<Operand> args;
    std::vector<Operand*> pointers;
    bool reverse = false;
    if (target.signature != nullptr) {
      if (!version_failed && !allow_version("go1.21")) {
        error(at, "UnsupportedFeature",
              fmt::format("{} instantiated function in assignment requires go1.21 or later",
                          e != nullptr ? "partially" : "implicitly"));
      }
      // As if a function with one parameter of the generic type were called with a value of the target's type.
      Signature* plain = new_signature(arena);
      plain->params = sig->params;
      plain->results = sig->results;
      plain->variadic = sig->variadic;
      vars.push_back(new_var(arena, VarRole::Param, x.pos(), env.package, Symbol(), plain));
      auto* name = arena.make<syntax::Name>();
      name->kind = syntax::NodeKind::Name;
      name->pos = x.pos();
      name->name = Symbol(target.description);
      args.push_back({Mode::Value, name, target.signature});
      pointers.push_back(&args[0]);
      reverse = true;
    }
    Signature* carrier = new_signature(arena);
    carrier->type_params = sig->type_params;
    carrier->params = new_tuple(arena, vars);
    std::vector<TypeParam*> type_params;
    Tuple* params = rename_type_params(carrier, &type_params)->params;
    type_args.resize(type_params.size());
    ErrorBuilder err(*this, "CannotInferTypeArgs");
    type_args = infer(pos, type_params, type_args, params, pointers, reverse, err);
    if (type_args.empty()) {
      if (!err.empty()) err.report();
      return fail();
    }
  }
  x.type = instantiate_signature(x.pos(), x.expr, sig, type_args, type_exprs);
  x.mode = Mode::Value;
  return {};
}

Signature* Checker::instantiate_signature(Pos pos, Expr* e, Signature* sig, std::span<Type* const> args,
                                          std::span<Expr* const> arg_exprs) {
  Signature* result = static_cast<Signature*>(instantiate(pos, sig, args));
  record_instance(e, args);
  // Constraints can only be checked when all types of the current declaration are set up.
  std::vector<Type*> kept(args.begin(), args.end());
  std::vector<Expr*> exprs(arg_exprs.begin(), arg_exprs.end());
  later([this, pos, sig, kept = std::move(kept), exprs = std::move(exprs)] {
    std::string cause;
    int i = verify_instance(pos, sig->type_params, kept, &cause);
    if (i < 0) {
      note_instance(pos, sig->type_params, kept, exprs);
      return;
    }
    Pos at = static_cast<size_t>(i) < exprs.size() ? syntax::start_pos(exprs[static_cast<size_t>(i)]) : pos;
    soft_error(at, "InvalidTypeArg", cause);
  });
  return result;
}

// ---- selectors ----

void Checker::selector(Operand& x, syntax::SelectorExpr* e, Named*, bool want_type) {
  x.mode = Mode::Invalid;
  if (qualified_identifier(x, e)) {
    x.expr = e;
    return;
  }
  auto fail = [&] {
    x.mode = Mode::Invalid;
    x.type = basic(BasicKind::Invalid);
    x.expr = e;
  };
  expr_or_type(x, e->x, false);
  if (x.mode == Mode::Builtin) {
    error(e->pos, "UncalledBuiltin", fmt::format("invalid use of {} in selector expression", operand_text(x)));
    return fail();
  }
  if (!x.valid()) return fail();
  // No type can be selected from a value or type. Stopping here avoids looking into a type that is not set up yet.
  if (want_type) {
    error_at(e->selector, "NotAType", fmt::format("{} is not a type", syntax::expr_string(e)));
    return fail();
  }
  LookupResult found = types::lookup_field_or_method(x.type, x.mode == Mode::Variable, env.package, e->selector->name, false);
  if (found.object == nullptr) {
    missing_selector(x, e, found);
    return fail();
  }
  selected(x, e, found);
  if (!x.valid()) return fail();
  x.expr = e;
}

void Checker::selected(Operand& x, syntax::SelectorExpr* e, const LookupResult& found) {
  Func* method = as_func(found.object);
  if (method != nullptr) object_decl(method);
  if (x.mode == Mode::TypeExpr) {
    method_expr(x, e, method, found);
    return;
  }
  if (method == nullptr) {
    Var* field = static_cast<Var*>(found.object);
    record_selection(e, Selection::FieldValue, x.type, field, field->type, found.path, found.indirect);
    x.mode = x.mode == Mode::Variable || found.indirect ? Mode::Variable : Mode::Value;
    x.type = field->type;
    return;
  }
  Signature* declared = as<Signature>(method->type);
  if (declared == nullptr) {
    x.mode = Mode::Invalid;
    return;
  }
  // The value's type is the method's without its receiver.
  Signature* sig = arena.make<Signature>(*declared);
  sig->receiver = nullptr;
  sig->canonical = false;
  sig->representative = nullptr;
  bool pointer_receiver = declared->receiver != nullptr && as<Pointer>(declared->receiver->type) != nullptr;
  if (pointer_receiver && !found.indirect && x.mode == Mode::Variable && under_as<Pointer>(x.type) == nullptr) {
    mark_address_taken(e->x);
  }
  record_selection(e, Selection::MethodValue, x.type, method, sig, found.path, found.indirect);
  x.mode = Mode::Value;
  x.type = sig;
  add_dependency(method);
}

void Checker::method_expr(Operand& x, syntax::SelectorExpr* e, Func* method, const LookupResult& found) {
  std::string_view name = e->selector->name.text();
  if (method == nullptr) {
    error_at(e->selector, "MissingFieldOrMethod",
             fmt::format("{}.{} undefined (type {} has no method {})", syntax::expr_string(x.expr), name, type_text(x.type), name));
    x.mode = Mode::Invalid;
    return;
  }
  Signature* sig = as<Signature>(method->type);
  if (sig == nullptr || sig->receiver == nullptr) {
    error_at(e, "InvalidDeclCycle", "illegal cycle in method declaration");
    x.mode = Mode::Invalid;
    return;
  }
  // The receiver becomes the first parameter. Either all parameters have names or none.
  Symbol receiver_name;
  if (!sig->params->vars.empty() && !sig->params->vars[0]->name.empty()) {
    receiver_name = sig->receiver->name.empty() ? Symbol("_") : sig->receiver->name;
  }
  std::vector<Var*> params;
  params.push_back(new_var(arena, VarRole::Param, sig->receiver->pos, sig->receiver->package, receiver_name, x.type));
  params.insert(params.end(), sig->params->vars.begin(), sig->params->vars.end());
  Signature* result = new_signature(arena);
  result->type_params = sig->type_params;
  result->params = new_tuple(arena, params);
  result->results = sig->results;
  result->variadic = sig->variadic;
  record_selection(e, Selection::MethodExpr, x.type, method, result, found.path, found.indirect);
  x.mode = Mode::Value;
  x.type = result;
  add_dependency(method);
}

void Checker::missing_selector(const Operand& x, syntax::SelectorExpr* e, const LookupResult& found) {
  if (is_invalid(underlying(x.type))) return;
  Symbol name = e->selector->name;
  std::string left = syntax::expr_string(x.expr);
  if (!found.path.empty()) {
    error_at(e->selector, "AmbiguousSelector", fmt::format("ambiguous selector {}.{}", left, name.text()));
    return;
  }
  if (found.indirect) {
    std::string type = type_text(x.type);
    if (x.mode == Mode::TypeExpr) {
      error_at(e->selector, "InvalidMethodExpr",
               fmt::format("invalid method expression {}.{} (needs pointer receiver (*{}).{})", type, name.text(), type, name.text()));
    } else {
      error_at(e->selector, "InvalidMethodExpr", fmt::format("cannot call pointer method {} on {}", name.text(), type));
    }
    return;
  }
  std::string why;
  if (is_interface_pointer(x.type)) {
    Pointer* p = under_as<Pointer>(x.type);
    std::string_view what = is_type_param(p->elem) ? "type parameter" : "interface";
    why = fmt::format("type {} is pointer to {}, not {}", type_text(x.type), what, what);
  } else {
    LookupResult other = types::lookup_field_or_method(x.type, x.mode == Mode::Variable, env.package, name, true);
    why = lookup_error(x.type, name, other.object, false);
  }
  error_at(e->selector, "MissingFieldOrMethod", fmt::format("{}.{} undefined ({})", left, name.text(), why));
}

bool Checker::qualified_identifier(Operand& x, syntax::SelectorExpr* e) {
  auto* left = syntax::as<syntax::Name>(e->x);
  if (left == nullptr) return false;
  PkgName* import = as_pkg_name(lookup(left->name));
  if (import == nullptr) return false;
  left->object = import;
  import->used = true;
  x.type = basic(BasicKind::Invalid);
  Package* package = import->imported;
  Symbol name = e->selector->name;
  Object* o = package->scope == nullptr ? nullptr : package->scope->lookup(name);
  if (o != nullptr && !o->exported() && !options.show_unexported) o = nullptr;
  if (o == nullptr) {
    bool fake = package->is_fake_c || (package->source != nullptr && package->source->failed);
    if (fake || name.text() == "_") return true;
    std::string text = fmt::format("undefined: {}", syntax::expr_string(e));
    if (Object* other = exported_ignoring_case(package->scope, name)) text += fmt::format(" (but have {})", other->name.text());
    error_at(e->selector, "UndeclaredImportedName", text);
    return true;
  }
  if (!o->exported()) {
    error_at(e->selector, "UnexportedName", fmt::format("name {} not exported by package {}", name.text(), package->name.text()));
    // It is known all the same.
  }
  e->selector->object = o;
  object_decl(o);
  x.type = o->type;
  switch (o->kind) {
    case ObjectKind::Const:
      if (is_invalid(o->type)) return true;
      x.mode = Mode::Constant;
      x.value = static_cast<ConstObject*>(o)->value;
      break;
    case ObjectKind::TypeName:
      if (is_invalid(o->type)) return true;
      x.mode = Mode::TypeExpr;
      break;
    case ObjectKind::Var:
      if (is_invalid(o->type)) return true;
      x.mode = Mode::Variable;
      break;
    case ObjectKind::Func:
      x.mode = Mode::Value;
      break;
    case ObjectKind::Builtin:
      x.mode = Mode::Builtin;
      x.builtin = static_cast<Builtin*>(o)->id;
      break;
    default:
      CHECK(false, "an object that a package may declare");
  }
  return true;
}

Object* Checker::exported_ignoring_case(Scope* scope, Symbol name) {
  Object* best = nullptr;
  for (Object* o : scope->objects()) {
    if (!o->exported() || !same_id(o, o->package, name, true)) continue;
    if (best == nullptr || text_less(o->name, best->name)) best = o;
  }
  return best;
}

void Checker::record_selection(syntax::SelectorExpr* e, uint8_t kind, Type* receiver, Object* object, Type* type,
                               std::span<const uint32_t> path, bool indirect) {
  Selection* s = arena.make<Selection>();
  s->kind = static_cast<Selection::Kind>(kind);
  s->receiver = receiver;
  s->object = object;
  s->type = type;
  s->path = arena.copy(path);
  s->indirect = indirect;
  e->selection = s;
  e->selector->object = object;
  e->implicit_star = indirect;
}

// ---- variable flags ----

void Checker::mark_address_taken(Expr* e) {
  if (Var* v = root_variable(e)) v->address_taken = true;
}

void Checker::mark_reassigned(Expr* e) {
  if (Var* v = root_variable(e)) v->reassigned = true;
}

// The variable whose storage e (checked) is a part of: x for x, x.f, x[i] of an array; null if it is behind a pointer.
Var* Checker::root_variable(Expr* e) {
  for (;;) {
    switch (e->kind) {
      case syntax::NodeKind::ParenExpr:
        e = static_cast<syntax::ParenExpr*>(e)->x;
        break;
      case syntax::NodeKind::Name:
        return as_var(static_cast<syntax::Name*>(e)->object);
      case syntax::NodeKind::SelectorExpr: {
        auto* sel = static_cast<syntax::SelectorExpr*>(e);
        if (sel->selection == nullptr) return as_var(sel->selector->object);
        if (sel->selection->kind != Selection::FieldValue || sel->selection->indirect) return nullptr;
        e = sel->x;
        break;
      }
      case syntax::NodeKind::IndexExpr: {
        auto* index = static_cast<syntax::IndexExpr*>(e);
        if (index->x->type == nullptr || under_as<Array>(index->x->type) == nullptr) return nullptr;
        e = index->x;
        break;
      }
      default:
        return nullptr;
    }
  }
}

}  // namespace gale::types
