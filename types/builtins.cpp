// Calls of predeclared functions and those of package unsafe (spec: Built-in functions, Package unsafe), one function each.
//
// Arguments of make, new and unsafe.Offsetof are looked at by the function itself (they may be types); all others are
// evaluated first. A function sets x to the result and returns true, or reports an error and returns false.
#include <fmt/core.h>

#include <absl/container/flat_hash_set.h>

#include "types/generics.h"
#include "types/private.h"

namespace gale::types {

using syntax::Expr;
using syntax::Op;

namespace {

class BuiltinCall {
 public:
  BuiltinCall(Checker& c, Operand& x, syntax::CallExpr* call, BuiltinId id)
      : c_(c), x_(x), call_(call), id_(id), info_(builtin_info(id)) {}
  bool run();

 private:
  bool check_arg_count(size_t n);
  bool dispatch();
  bool append_();
  bool cap_or_len();
  bool clear_();
  bool close_();
  bool complex_();
  bool copy_();
  bool delete_();
  bool real_or_imag();
  bool make_();
  bool max_or_min();
  bool new_();
  bool panic_();
  bool print_();
  bool recover_();
  bool unsafe_add();
  bool unsafe_alignof();
  bool unsafe_offsetof();
  bool unsafe_sizeof();
  bool unsafe_slice();
  bool unsafe_slice_data();
  bool unsafe_string();
  bool unsafe_string_data();
  bool assert_();
  bool trace_();

  // "argument to built-in len" and such.
  std::string context() const { return fmt::format("argument to built-in {}", info_.name); }
  bool fail(const Operand& at, std::string_view code, std::string text) {
    c_.error_at(at, code, std::move(text));
    return false;
  }
  bool value(Type* t) {
    x_.mode = Mode::Value;
    x_.type = t;
    return true;
  }
  bool no_value() {
    x_.mode = Mode::NoValue;
    return true;
  }
  bool uintptr_constant(int64_t v) {
    x_.mode = Mode::Constant;
    x_.type = basic(BasicKind::Uintptr);
    x_.value = make_int64(v);
    return true;
  }
  std::string text(const Operand& x) const { return c_.operand_text(x); }
  std::string text(Type* t) const { return c_.type_text(t); }
  // The element type that x's slice types share; null with *cause if it has none.
  Type* slice_elem(const Operand& x, std::string* cause);
  bool bytes_or_string(Type* t, bool* has_string);
  Type* map_type_param(Type* (*f)(Type*));

  Checker& c_;
  Operand& x_;
  syntax::CallExpr* call_;
  BuiltinId id_;
  const BuiltinInfo& info_;
  std::vector<Operand> args_;
};

// [N]T for *[N]T; else t itself.
Type* array_pointer_base(Type* t) {
  if (Pointer* p = as<Pointer>(t)) {
    if (Array* a = under_as<Array>(p->elem)) return a;
  }
  return t;
}

// Does the size of t depend on a type parameter?
bool has_variable_size(Type* t, absl::flat_hash_set<Named*>& seen) {
  if (Named* n = as<Named>(t)) {
    if (!seen.insert(n).second) return false;  // cyclic until proven otherwise
  }
  Type* u = underlying(t);
  if (Array* a = as<Array>(u)) return has_variable_size(a->elem, seen);
  if (Struct* s = as<Struct>(u)) {
    for (Var* f : s->fields) {
      if (has_variable_size(f->type, seen)) return true;
    }
    return false;
  }
  return u->kind == TypeKind::Interface && is_type_param(t);
}

bool has_variable_size(Type* t) {
  absl::flat_hash_set<Named*> seen;
  return has_variable_size(t, seen);
}

Type* complex_of_float(Type* t) {
  Basic* b = under_as<Basic>(t);
  if (b == nullptr) return nullptr;
  switch (b->basic) {
    case BasicKind::Float32:
      return basic(BasicKind::Complex64);
    case BasicKind::Float64:
      return basic(BasicKind::Complex128);
    case BasicKind::UntypedFloat:
      return basic(BasicKind::UntypedComplex);
    default:
      return nullptr;
  }
}

Type* float_of_complex(Type* t) {
  Basic* b = under_as<Basic>(t);
  if (b == nullptr) return nullptr;
  switch (b->basic) {
    case BasicKind::Complex64:
      return basic(BasicKind::Float32);
    case BasicKind::Complex128:
      return basic(BasicKind::Float64);
    case BasicKind::UntypedComplex:
      return basic(BasicKind::UntypedFloat);
    default:
      return nullptr;
  }
}

bool BuiltinCall::run() {
  if (call_->has_dots && id_ != BuiltinId::Append) {
    c_.error_at(call_, "InvalidDotDotDot", fmt::format("invalid operation: invalid use of ... with built-in {}", info_.name));
    c_.use(call_->args);
    return false;
  }
  // len(x) and cap(x) are constant if x holds no call and no receive (spec: Length and capacity).
  bool is_length = id_ == BuiltinId::Len || id_ == BuiltinId::Cap;
  bool outer = c_.env.has_call_or_recv;
  if (is_length) c_.env.has_call_or_recv = false;
  bool ok = false;
  if (id_ == BuiltinId::Make || id_ == BuiltinId::New || id_ == BuiltinId::UnsafeOffsetof || id_ == BuiltinId::Trace) {
    ok = check_arg_count(call_->args.size()) && dispatch();
  } else {
    args_ = c_.expr_list(call_->args);
    bool valid = true;
    for (const Operand& a : args_) valid &= a.valid();
    if (valid) {
      if (!args_.empty()) x_ = args_[0];
      ok = check_arg_count(args_.size()) && dispatch();
    }
  }
  if (is_length) c_.env.has_call_or_recv = outer;
  return ok;
}

bool BuiltinCall::check_arg_count(size_t n) {
  std::string_view what;
  if (n < info_.arg_count) {
    what = "not enough";
  } else if (!info_.variadic && n > info_.arg_count) {
    what = "too many";
  } else {
    return true;
  }
  c_.error_at(call_, "WrongArgCount",
              fmt::format("invalid operation: {} arguments for {} (expected {}, found {})", what, syntax::expr_string(call_),
                          info_.arg_count, n));
  return false;
}

bool BuiltinCall::dispatch() {
  switch (id_) {
    case BuiltinId::Append: return append_();
    case BuiltinId::Cap: return cap_or_len();
    case BuiltinId::Clear: return clear_();
    case BuiltinId::Close: return close_();
    case BuiltinId::Complex: return complex_();
    case BuiltinId::Copy: return copy_();
    case BuiltinId::Delete: return delete_();
    case BuiltinId::Imag: return real_or_imag();
    case BuiltinId::Len: return cap_or_len();
    case BuiltinId::Make: return make_();
    case BuiltinId::Max: return max_or_min();
    case BuiltinId::Min: return max_or_min();
    case BuiltinId::New: return new_();
    case BuiltinId::Panic: return panic_();
    case BuiltinId::Print: return print_();
    case BuiltinId::Println: return print_();
    case BuiltinId::Real: return real_or_imag();
    case BuiltinId::Recover: return recover_();
    case BuiltinId::UnsafeAdd: return unsafe_add();
    case BuiltinId::UnsafeAlignof: return unsafe_alignof();
    case BuiltinId::UnsafeOffsetof: return unsafe_offsetof();
    case BuiltinId::UnsafeSizeof: return unsafe_sizeof();
    case BuiltinId::UnsafeSlice: return unsafe_slice();
    case BuiltinId::UnsafeSliceData: return unsafe_slice_data();
    case BuiltinId::UnsafeString: return unsafe_string();
    case BuiltinId::UnsafeStringData: return unsafe_string_data();
    case BuiltinId::Assert: return assert_();
    case BuiltinId::Trace: return trace_();
  }
  return false;
}

// ---- slices, maps, channels ----

Type* BuiltinCall::slice_elem(const Operand& x, std::string* cause) {
  Type* elem = nullptr;
  bool ok = type_set_all(x.type, [&](Type*, Type* u) {
    Slice* s = as<Slice>(u);
    if (s == nullptr) {
      *cause = x.is_nil() ? "argument must be a slice; have untyped nil" : "argument must be a slice; have " + text(x);
      return false;
    }
    if (elem != nullptr && !identical(elem, s->elem)) {
      *cause = fmt::format("mismatched slice element types {} and {} in {}", text(elem), text(s->elem), text(x));
      return false;
    }
    elem = s->elem;
    return true;
  });
  return ok ? elem : nullptr;
}

// Are all types of t's set []byte or string?
bool BuiltinCall::bytes_or_string(Type* t, bool* has_string) {
  *has_string = false;
  return type_set_all(t, [&](Type*, Type* u) {
    if (Slice* s = as<Slice>(u)) return identical(s->elem, kUniverseByte);
    if (u == nullptr || !is_string(u)) return false;
    *has_string = true;
    return true;
  });
}

bool BuiltinCall::append_() {
  std::string cause;
  Type* elem = slice_elem(x_, &cause);
  if (elem == nullptr) return fail(x_, "InvalidAppend", "invalid append: " + cause);
  Type* slice = x_.type;
  // spec: append([]byte, string...) is a special case.
  if (args_.size() == 2 && call_->has_dots && c_.assignable_to(x_, new_slice(c_.arena, kUniverseByte), nullptr)) {
    bool has_string = false;
    if (bytes_or_string(args_[1].type, &has_string) && has_string) {
      if (is_untyped(args_[1].type)) c_.convert_untyped(args_[1], basic(BasicKind::String));
      return value(slice);
    }
  }
  // Everything else is a call of func(S, ...E) S.
  Arena& arena = c_.arena;
  Var* params[] = {new_var(arena, VarRole::Param, {}, nullptr, Symbol(), slice),
                   new_var(arena, VarRole::Param, {}, nullptr, Symbol(), new_slice(arena, elem))};
  Signature* sig = new_signature(arena);
  sig->params = new_tuple(arena, params);
  sig->variadic = true;
  c_.arguments(call_, sig, {}, {}, args_, {});
  return value(slice);
}

bool BuiltinCall::cap_or_len() {
  bool is_len = id_ == BuiltinId::Len;
  // What has a length; constants are told apart below.
  auto has_length = [&](Type* u) {
    switch (u->kind) {
      case TypeKind::Basic:
        return is_len && is_string(u);
      case TypeKind::Map:
        return is_len;
      case TypeKind::Array:
      case TypeKind::Slice:
      case TypeKind::Chan:
        return true;
      default:
        return false;
    }
  };
  Type* t = array_pointer_base(underlying(x_.type));
  if (is_type_param(x_.type)) {
    bool ok = type_set_all(x_.type, [&](Type*, Type* u) { return u != nullptr && has_length(array_pointer_base(u)); });
    if (ok) return value(basic(BasicKind::Int));
  } else if (has_length(t)) {
    Const length = nullptr;
    if (t->kind == TypeKind::Basic && x_.mode == Mode::Constant) {
      length = constant_kind(x_.value) == ConstantKind::String ? make_int64(static_cast<int64_t>(string_value(x_.value).size()))
                                                               : make_unknown();
    } else if (t->kind == TypeKind::Array && !c_.env.has_call_or_recv) {
      int64_t n = static_cast<Array*>(t)->length;
      length = n >= 0 ? make_int64(n) : make_unknown();
    }
    x_.mode = length != nullptr ? Mode::Constant : Mode::Value;
    x_.type = basic(BasicKind::Int);
    x_.value = length;
    return true;
  }
  if (!is_invalid(underlying(x_.type))) {
    c_.error_at(x_, is_len ? "InvalidLen" : "InvalidCap",
                fmt::format("invalid argument: {} for built-in {}", text(x_), info_.name));
  }
  return false;
}

bool BuiltinCall::clear_() {
  c_.verify_version(call_->fun, "go1.21", "clear");
  bool ok = type_set_all(x_.type, [&](Type*, Type* u) {
    if (as<Map>(u) != nullptr || as<Slice>(u) != nullptr) return true;
    return fail(x_, "InvalidClear",
                fmt::format("invalid argument: cannot clear {}: argument must be (or constrained by) map or slice", text(x_)));
  });
  return ok && no_value();
}

bool BuiltinCall::close_() {
  bool ok = type_set_all(x_.type, [&](Type*, Type* u) {
    Chan* ch = as<Chan>(u);
    if (ch == nullptr) return fail(x_, "InvalidClose", "invalid operation: cannot close non-channel " + text(x_));
    if (ch->dir == ChanDir::RecvOnly) {
      return fail(x_, "InvalidClose", "invalid operation: cannot close receive-only channel " + text(x_));
    }
    return true;
  });
  return ok && no_value();
}

bool BuiltinCall::copy_() {
  Operand& y = args_[1];
  bool has_string = false;
  bool special = c_.assignable_to(x_, new_slice(c_.arena, kUniverseByte), nullptr) && bytes_or_string(y.type, &has_string);
  if (!special) {
    std::string cause;
    Type* to = slice_elem(x_, &cause);
    if (to == nullptr) return fail(x_, "InvalidCopy", "invalid copy: " + cause);
    Type* from = slice_elem(y, &cause);
    if (from == nullptr) {
      if (!all_string(y.type)) return fail(y, "InvalidCopy", "invalid copy: " + cause);
      from = kUniverseByte;
    }
    if (!identical(to, from)) {
      return fail(x_, "InvalidCopy",
                  fmt::format("invalid copy: arguments {} and {} have different element types {} and {}", text(x_), text(y),
                              text(to), text(from)));
    }
  }
  if (is_untyped(y.type)) c_.convert_untyped(y, default_type(y.type));
  return value(basic(BasicKind::Int));
}

bool BuiltinCall::delete_() {
  Type* key = nullptr;
  bool ok = type_set_all(x_.type, [&](Type*, Type* u) {
    Map* m = as<Map>(u);
    if (m == nullptr) return fail(x_, "InvalidDelete", fmt::format("invalid argument: {} is not a map", text(x_)));
    if (key != nullptr && !identical(m->key, key)) {
      return fail(x_, "InvalidDelete", fmt::format("invalid argument: maps of {} must have identical key types", text(x_)));
    }
    key = m->key;
    return true;
  });
  if (!ok || key == nullptr) return false;
  x_ = args_[1];
  c_.assignment(x_, key, "argument to delete");
  return x_.valid() && no_value();
}

bool BuiltinCall::make_() {
  Expr* arg = call_->args[0];
  Type* t = c_.var_type(arg);
  if (is_invalid(t)) return false;
  std::string cause;
  Type* u = c_.common_under(
      t,
      [](Type*, Type* under, std::string* why) {
        if (under == nullptr) {
          *why = "no specific type";
          return false;
        }
        if (under->kind == TypeKind::Slice || under->kind == TypeKind::Map || under->kind == TypeKind::Chan) return true;
        *why = "type must be slice, map, or channel";
        return false;
      },
      &cause);
  if (u == nullptr) {
    c_.error_at(arg, "InvalidMake", fmt::format("invalid argument: cannot make {}: {}", syntax::expr_string(arg), cause));
    return false;
  }
  size_t min = u->kind == TypeKind::Slice ? 2 : 1, n = call_->args.size();
  if (n < min || n > min + 1) {
    c_.error_at(call_, "WrongArgCount",
                fmt::format("invalid operation: {} expects {} or {} arguments; found {}", syntax::expr_string(call_), min, min + 1, n));
    return false;
  }
  std::vector<int64_t> sizes;
  for (Expr* e : call_->args.subspan(1)) {
    int64_t size;
    c_.index_value(e, -1, &size);
    if (size >= 0) sizes.push_back(size);
  }
  if (sizes.size() == 2 && sizes[0] > sizes[1]) {
    c_.error_at(call_->args[1], "SwappedMakeArgs", "invalid argument: length and capacity swapped");
    // The type is known all the same.
  }
  return value(t);
}

// ---- numbers ----

// f of x's type; for a type parameter a new one whose types are f of the old one's.
Type* BuiltinCall::map_type_param(Type* (*f)(Type*)) {
  TypeParam* p = as<TypeParam>(x_.type);
  if (p == nullptr) return f(x_.type);
  std::vector<UnionTerm> terms;
  bool ok = type_set_all(p, [&](Type* t, Type*) {
    Type* r = t == nullptr ? nullptr : f(t);
    if (r != nullptr) terms.push_back({true, r});
    return r != nullptr;
  });
  if (!ok) return nullptr;
  std::string_view code = id_ == BuiltinId::Real ? "InvalidReal" : id_ == BuiltinId::Imag ? "InvalidImag" : "InvalidComplex";
  // gc does not compile this: the result's type parameter would depend on another one.
  c_.soft_error_at(x_.expr, code,
                   fmt::format("{} not supported as argument to built-in {} for go1.18 (see go.dev/issue/50937)", text(x_), info_.name));
  Arena& arena = c_.arena;
  Union* terms_type = new_type<Union>(arena);
  terms_type->terms = arena.copy(terms);
  Interface* bound = new_type<Interface>(arena);
  Type* embedded[] = {terms_type};
  bound->embedded = arena.copy(std::span<Type*>(embedded));
  bound->complete = true;
  TypeName* name = new_type_name(arena, {}, c_.env.package, p->object->name, nullptr);
  name->color = kBlack;
  TypeParam* result = new_type_param(c_, name, bound);
  result->index = p->index;
  return result;
}

bool BuiltinCall::complex_() {
  Operand& y = args_[1];
  bool x_untyped = is_untyped(x_.type), y_untyped = is_untyped(y.type);
  if (x_untyped && y_untyped) {
    if (x_.mode == Mode::Constant && y.mode == Mode::Constant) {
      // Constants without imaginary part count as floats.
      for (Operand* o : {&x_, &y}) {
        if (is_numeric(o->type) && sign(imag_part(o->value)) == 0) o->type = basic(BasicKind::UntypedFloat);
      }
    } else {
      c_.convert_untyped(x_, basic(BasicKind::Float64));
      c_.convert_untyped(y, basic(BasicKind::Float64));
    }
  } else if (x_untyped) {
    c_.convert_untyped(x_, y.type);
  } else if (y_untyped) {
    c_.convert_untyped(y, x_.type);
  }
  if (!x_.valid() || !y.valid()) return false;
  if (!identical(x_.type, y.type)) {
    return fail(x_, "InvalidComplex",
                fmt::format("invalid operation: {} (mismatched types {} and {})", syntax::expr_string(call_), text(x_.type), text(y.type)));
  }
  Type* result = map_type_param(complex_of_float);
  if (result == nullptr) {
    return fail(x_, "InvalidComplex",
                fmt::format("invalid argument: arguments have type {}, expected floating-point", text(x_.type)));
  }
  if (x_.mode == Mode::Constant && y.mode == Mode::Constant) {
    x_.value = binary_op(to_float(x_.value), Op::Add, make_imaginary(to_float(y.value)));
    x_.type = result;
    return true;
  }
  return value(result);
}

bool BuiltinCall::real_or_imag() {
  if (is_untyped(x_.type)) {
    if (x_.mode == Mode::Constant) {
      if (is_numeric(x_.type)) x_.type = basic(BasicKind::UntypedComplex);
    } else {
      // A non-constant shift or such: it takes the default type.
      c_.convert_untyped(x_, basic(BasicKind::Complex128));
      if (!x_.valid()) return false;
    }
  }
  bool real = id_ == BuiltinId::Real;
  Type* result = map_type_param(float_of_complex);
  if (result == nullptr) {
    return fail(x_, real ? "InvalidReal" : "InvalidImag",
                fmt::format("invalid argument: argument has type {}, expected complex type", text(x_.type)));
  }
  if (x_.mode == Mode::Constant) {
    x_.value = real ? real_part(x_.value) : imag_part(x_.value);
    x_.type = result;
    return true;
  }
  return value(result);
}

bool BuiltinCall::max_or_min() {
  c_.verify_version(call_->fun, "go1.21", fmt::format("built-in {}", info_.name));
  Op op = id_ == BuiltinId::Max ? Op::Gtr : Op::Lss;
  for (size_t i = 0; i < args_.size(); i++) {
    Operand& a = args_[i];
    if (!a.valid()) return false;
    if (!all_ordered(a.type)) {
      return fail(a, "InvalidMinMaxOperand", fmt::format("invalid argument: {} cannot be ordered", text(a)));
    }
    if (i == 0) continue;
    c_.match_types(x_, a);
    if (!x_.valid()) return false;
    if (!identical(x_.type, a.type)) {
      return fail(a, "MismatchedTypes",
                  fmt::format("invalid argument: mismatched types {} (previous argument) and {} (type of {})", text(x_.type),
                              text(a.type), syntax::expr_string(a.expr)));
    }
    if (x_.mode == Mode::Constant && a.mode == Mode::Constant) {
      if (compare(a.value, op, x_.value)) x_ = a;
    } else {
      x_.mode = Mode::Value;
    }
  }
  if (x_.mode != Mode::Constant) {
    x_.mode = Mode::Value;
    // An untyped non-constant (a shift) takes its default type.
    c_.assignment(x_, kEmptyInterface, context());
    if (!x_.valid()) return false;
  }
  // All arguments have the type of the result.
  for (Operand& a : args_) c_.update_expr_type(a.expr, x_.type, true);
  return true;
}

// ---- the rest of the language's ----

bool BuiltinCall::new_() {
  Expr* arg = call_->args[0];
  c_.expr_or_type(x_, arg, false);
  c_.exclude(x_, 1u << static_cast<unsigned>(Mode::NoValue) | 1u << static_cast<unsigned>(Mode::Builtin));
  if (!x_.valid()) return false;
  if (x_.mode == Mode::TypeExpr) {
    c_.valid_var_type(arg, x_.type);
  } else {
    // new(expression): a variable initialised with its value.
    if (is_untyped(x_.type)) {
      c_.assignment(x_, nullptr, "argument to new");
      if (!x_.valid()) return false;
    }
    c_.verify_version(call_->fun, "go1.26", fmt::format("new({})", syntax::expr_string(arg)));
  }
  return value(new_pointer(c_.arena, x_.type));
}

bool BuiltinCall::panic_() {
  if (c_.env.panic_calls != nullptr) c_.env.panic_calls->emplace(call_, true);
  c_.assignment(x_, kEmptyInterface, "argument to panic");
  return x_.valid() && no_value();
}

bool BuiltinCall::print_() {
  std::string where = context();
  for (Operand& a : args_) {
    c_.assignment(a, nullptr, where);
    if (!a.valid()) {
      x_.mode = Mode::Invalid;
      return false;
    }
  }
  return no_value();
}

bool BuiltinCall::recover_() { return value(kEmptyInterface); }

// ---- package unsafe ----

bool BuiltinCall::unsafe_add() {
  c_.verify_version(call_->fun, "go1.17", "unsafe.Add");
  c_.assignment(x_, basic(BasicKind::UnsafePointer), "argument to unsafe.Add");
  if (!x_.valid() || !c_.valid_index(args_[1], "InvalidUnsafeAdd", "length", true)) return false;
  return value(basic(BasicKind::UnsafePointer));
}

bool BuiltinCall::unsafe_alignof() {
  c_.assignment(x_, nullptr, "argument to unsafe.Alignof");
  if (!x_.valid()) return false;
  return has_variable_size(x_.type) ? value(basic(BasicKind::Uintptr)) : uintptr_constant(align_of(x_.type));
}

bool BuiltinCall::unsafe_sizeof() {
  c_.assignment(x_, nullptr, "argument to unsafe.Sizeof");
  if (!x_.valid()) return false;
  if (has_variable_size(x_.type)) return value(basic(BasicKind::Uintptr));
  int64_t size = size_of(x_.type);
  if (size < 0) return fail(x_, "TypeTooLarge", text(x_) + " is too large");
  return uintptr_constant(size);
}

bool BuiltinCall::unsafe_offsetof() {
  Expr* arg = call_->args[0];
  auto* sel = syntax::as<syntax::SelectorExpr>(syntax::unparen(arg));
  if (sel == nullptr) {
    c_.error_at(arg, "BadOffsetofSyntax",
                fmt::format("invalid argument: {} is not a selector expression", syntax::expr_string(arg)));
    c_.use(arg);
    return false;
  }
  c_.expr(nullptr, x_, sel->x);
  if (!x_.valid()) return false;
  // *S as S
  Type* base = x_.type;
  if (Pointer* p = under_as<Pointer>(base); p != nullptr && under_as<Struct>(p->elem) != nullptr) base = p->elem;
  Symbol name = sel->selector->name;
  LookupResult found = lookup_field_or_method(base, false, c_.env.package, name, false);
  if (found.object == nullptr) {
    return fail(x_, "MissingFieldOrMethod", fmt::format("invalid argument: {} has no single field {}", text(base), name.text()));
  }
  if (found.object->kind == ObjectKind::Func) {
    c_.error_at(arg, "InvalidOffsetof", fmt::format("invalid argument: {} is a method value", syntax::expr_string(arg)));
    return false;
  }
  if (found.indirect) {
    return fail(x_, "InvalidOffsetof",
                fmt::format("invalid argument: field {} is embedded via a pointer in {}", name.text(), text(base)));
  }
  Type* field_type = found.object->type;
  c_.record_selection(sel, Selection::FieldValue, base, found.object, field_type, found.path, false);
  c_.record_type(sel, x_.mode == Mode::Variable ? Mode::Variable : Mode::Value, field_type, nullptr);
  if (has_variable_size(base)) return value(basic(BasicKind::Uintptr));
  int64_t offset = 0;
  Type* t = base;
  for (uint32_t index : found.path) {
    Struct* s = under_as<Struct>(t);
    int64_t step = field_offset(s, index);
    if (step < 0) return fail(x_, "TypeTooLarge", text(x_) + " is too large");
    offset += step;
    t = s->fields[index]->type;
  }
  return uintptr_constant(offset);
}

bool BuiltinCall::unsafe_slice() {
  c_.verify_version(call_->fun, "go1.17", "unsafe.Slice");
  Pointer* p = as<Pointer>(c_.common_under(x_.type, {}, nullptr));
  if (p == nullptr) return fail(x_, "InvalidUnsafeSlice", fmt::format("invalid argument: {} is not a pointer", text(x_)));
  if (!c_.valid_index(args_[1], "InvalidUnsafeSlice", "length", false)) return false;
  return value(new_slice(c_.arena, p->elem));
}

bool BuiltinCall::unsafe_slice_data() {
  c_.verify_version(call_->fun, "go1.20", "unsafe.SliceData");
  Slice* s = as<Slice>(c_.common_under(x_.type, {}, nullptr));
  if (s == nullptr) return fail(x_, "InvalidUnsafeSliceData", fmt::format("invalid argument: {} is not a slice", text(x_)));
  return value(new_pointer(c_.arena, s->elem));
}

bool BuiltinCall::unsafe_string() {
  c_.verify_version(call_->fun, "go1.20", "unsafe.String");
  c_.assignment(x_, new_pointer(c_.arena, kUniverseByte), "argument to unsafe.String");
  if (!x_.valid() || !c_.valid_index(args_[1], "InvalidUnsafeString", "length", false)) return false;
  return value(basic(BasicKind::String));
}

bool BuiltinCall::unsafe_string_data() {
  c_.verify_version(call_->fun, "go1.20", "unsafe.StringData");
  c_.assignment(x_, basic(BasicKind::String), "argument to unsafe.StringData");
  return x_.valid() && value(new_pointer(c_.arena, kUniverseByte));
}

// ---- for the checker's tests ----

bool BuiltinCall::assert_() {
  if (x_.mode != Mode::Constant || !is_boolean(x_.type)) {
    return fail(x_, "Test", fmt::format("invalid argument: {} is not a boolean constant", text(x_)));
  }
  if (constant_kind(x_.value) == ConstantKind::Bool && !bool_value(x_.value)) {
    c_.error_at(call_, "Test", syntax::expr_string(call_) + " failed");
  }
  return true;
}

bool BuiltinCall::trace_() {
  if (call_->args.empty()) return no_value();
  Operand rest;
  for (size_t i = 0; i < call_->args.size(); i++) c_.raw_expr(nullptr, i == 0 ? x_ : rest, call_->args[i], nullptr, false);
  return x_.valid();
}

}  // namespace

bool Checker::builtin_call(Operand& x, syntax::CallExpr* e, BuiltinId id) { return BuiltinCall(*this, x, e, id).run(); }

}  // namespace gale::types
