// Initialisers that are data (DESIGN D15): constants, composite literals of such, addresses of package variables, function
// values without captures, conversions to interfaces, calls of functions that only return such a value (errors.New).
#include "lower/static_value.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "discover/layout.h"
#include "discover/names.h"
#include "lower/body.h"
#include "lower/program_impl.h"
#include "types/constant.h"

namespace gale::lower {

using namespace syntax;

namespace {

constexpr uint32_t kMaxDepth = 200;            // of nested expressions and calls
constexpr uint64_t kMaxStatic = 1u << 28;      // larger variables are filled by code

Type* type_of_constant(types::Const c) {
  switch (types::constant_kind(c)) {
    case types::ConstantKind::Bool: return types::basic(types::BasicKind::Bool);
    case types::ConstantKind::String: return types::basic(types::BasicKind::String);
    case types::ConstantKind::Float: return types::basic(types::BasicKind::Float64);
    case types::ConstantKind::Complex: return types::basic(types::BasicKind::Complex128);
    default: return types::basic(types::BasicKind::Int);
  }
}

// The declared function that x names, plain or with type arguments.
types::Func* named_function(Expr* x) {
  x = unparen(x);
  if (auto* i = as<IndexExpr>(x)) x = unparen(i->x);
  types::Object* o = nullptr;
  if (auto* n = as<Name>(x)) o = n->object;
  if (auto* s = as<SelectorExpr>(x); s != nullptr && s->selection == nullptr) o = s->selector->object;
  return o != nullptr && o->kind == types::ObjectKind::Func ? static_cast<types::Func*>(o) : nullptr;
}

types::Var* package_variable(Expr* x) {
  types::Object* o = nullptr;
  if (auto* n = as<Name>(x)) o = n->object;
  if (auto* s = as<SelectorExpr>(x); s != nullptr && s->selection == nullptr) o = s->selector->object;
  if (o == nullptr || o->kind != types::ObjectKind::Var) return nullptr;
  auto* v = static_cast<types::Var*>(o);
  return v->role == types::VarRole::Package ? v : nullptr;
}

bool is_byte(Type* t) {
  auto* b = types::under_as<types::Basic>(t);
  return b != nullptr && b->basic == types::BasicKind::Uint8;
}

}  // namespace

StaticWriter::StaticWriter(Program& program, types::Package* package, std::string name_prefix, bool dry)
    : program_(program), package_(package), prefix_(std::move(name_prefix)), dry_(dry) {}

StaticWriter::~StaticWriter() = default;

Type* StaticWriter::type_of(const Expr* x) {
  Type* t = x->type;
  if (types::is_untyped(t)) t = types::default_type(t);
  return program_.types.get(t);
}

ir::Data StaticWriter::anonymous(Type* t, ir::DataKind kind) {
  ir::Data d;
  const Shape& s = program_.shape(t);
  d.size = s.size;
  d.align = std::max(s.align, 1u);
  d.type = t;
  d.kind = kind;
  if (!dry_) {
    d.name = Symbol(prefix_ + "..stmp_" + std::to_string(program_.impl->static_count++));
    d.bytes.resize(s.size);
  }
  return d;
}

bool StaticWriter::is_zero_data(const ir::Data& d) const {
  return d.relocs.empty() && std::all_of(d.bytes.begin(), d.bytes.end(), [](uint8_t b) { return b == 0; });
}

void StaticWriter::finish(ir::Data d) {
  if (dry_) return;
  std::sort(d.relocs.begin(), d.relocs.end(), [](const ir::DataReloc& x, const ir::DataReloc& y) { return x.offset < y.offset; });
  if (d.kind == ir::DataKind::Data) {
    d.pointer_mask = discover::pointer_mask(d.type);
    if (is_zero_data(d)) {
      d.kind = ir::DataKind::Bss;
      d.bytes.clear();
    }
  }
  d.size = std::max<uint64_t>(d.size, 1);
  program_.add_data(std::move(d));
}

void StaticWriter::put_word(ir::Data* d, uint64_t at, uint64_t v) {
  if (!dry_) std::memcpy(d->bytes.data() + at, &v, 8);
}

void StaticWriter::put_address(ir::Data* d, uint64_t at, Symbol symbol, int64_t addend) {
  if (!dry_) d->relocs.push_back({at, symbol, addend});
}

bool StaticWriter::constant(types::Const c, Type* t, ir::Data* d, uint64_t at) {
  auto* b = types::under_as<types::Basic>(t);
  if (b == nullptr || b->basic == types::BasicKind::UnsafePointer) return false;
  if (dry_) return true;
  uint8_t* to = d->bytes.data() + at;
  const uint64_t size = program_.shape(t).size;
  auto put_float = [&](types::Const x, uint64_t n) {
    if (types::constant_kind(x) == types::ConstantKind::Complex) x = types::real_part(x);
    if (n == 4) {
      const float f = types::float32_value(x);
      std::memcpy(to, &f, 4);
    } else {
      const double f = types::float64_value(x);
      std::memcpy(to, &f, 8);
    }
    to += n;
  };
  if ((b->flags & types::kIsString) != 0) {
    const std::string_view s = types::string_value(c);
    if (s.empty()) return true;
    put_address(d, at, program_.string_data(s));
    put_word(d, at + 8, s.size());
  } else if ((b->flags & types::kIsBoolean) != 0) {
    *to = types::bool_value(c) ? 1 : 0;
  } else if ((b->flags & types::kIsInteger) != 0) {
    const uint64_t v = types::wrapped_uint64(types::to_int(c));
    std::memcpy(to, &v, size);
  } else if ((b->flags & types::kIsFloat) != 0) {
    put_float(c, size);
  } else {
    types::Const z = types::to_complex(c);
    put_float(types::real_part(z), size / 2);
    put_float(types::imag_part(z), size / 2);
  }
  return true;
}

bool StaticWriter::value(Expr* x, Type* t, ir::Data* d, uint64_t at) {
  if (depth_ >= kMaxDepth) return false;
  depth_++;
  struct Leave {
    uint32_t& depth;
    ~Leave() { depth--; }
  } leave{depth_};
  x = unparen(x);
  if (auto* n = as<Name>(x); n != nullptr && n->object != nullptr) {
    auto it = arguments_.find(n->object);
    if (it != arguments_.end()) {
      // An argument is a constant of the parameter's type.
      Type* pt = program_.types.get(n->object->type);
      if (types::is_interface(t) || types::is_interface(pt)) return false;
      return constant(it->second->constant, t, d, at);
    }
  }
  if (x->mode == Mode::NilValue) return true;
  if (x->mode == Mode::Constant && x->constant != nullptr) {
    if (!types::is_interface(t)) return constant(x->constant, t, d, at);
    Type* own = x->type;
    if (own == nullptr || types::under_as<types::Basic>(own) == nullptr) own = type_of_constant(x->constant);
    if (types::is_untyped(own)) own = types::default_type(own);
    return to_interface(x, program_.types.get(own), t, d, at);
  }
  if (x->type == nullptr || types::is_invalid(x->type) || types::as<types::Tuple>(x->type) != nullptr) return false;
  Type* own = type_of(x);
  if (types::is_interface(t) && !types::is_interface(own)) return to_interface(x, own, t, d, at);
  if (types::is_interface(own) && own != t) return false;
  switch (x->kind) {
    case NodeKind::CompositeLit: {
      auto* lit = static_cast<CompositeLit*>(x);
      if (auto* p = types::under_as<types::Pointer>(own)) return pointer_to_new(p->elem, x, d, at);  // element written {...} for &T{...}
      return composite(lit, own, d, at);
    }
    case NodeKind::Operation: {
      auto* o = static_cast<Operation*>(x);
      return o->y == nullptr && o->op == syntax::Op::And && address(unparen(o->x), d, at);
    }
    case NodeKind::CallExpr: {
      auto* e = static_cast<CallExpr*>(x);
      Expr* fun = unparen(e->fun);
      if (fun->mode == Mode::TypeExpr) return conversion(e, own, d, at);
      if (fun->mode == Mode::Builtin) return builtin(e, d, at);
      return call(e, t, d, at);
    }
    case NodeKind::FuncLit:
    case NodeKind::Name:
    case NodeKind::SelectorExpr:
    case NodeKind::IndexExpr:
      return function_value(x, d, at);
    default:
      return false;
  }
}

bool StaticWriter::composite(CompositeLit* e, Type* t, ir::Data* d, uint64_t at) {
  if (types::under_as<types::Slice>(t) != nullptr) return slice_literal(e, t, d, at);
  if (auto* s = types::under_as<types::Struct>(t)) {
    for (size_t k = 0; k < e->elems.size(); k++) {
      auto i = static_cast<uint32_t>(k);
      Expr* x = e->elems[k];
      if (auto* kv = as<KeyValueExpr>(x)) {
        auto* name = as<Name>(kv->key);
        CHECK(name != nullptr, "a field name");
        for (i = 0; i < s->fields.size() && s->fields[i]->name != name->name; i++) {
        }
        x = kv->value;
      }
      CHECK(i < s->fields.size(), "a field of the struct");
      if (s->fields[i]->name.text() == "_") {  // evaluated and dropped
        if (unparen(x)->mode != Mode::Constant) return false;
        continue;
      }
      if (!value(x, s->fields[i]->type, d, at + static_cast<uint64_t>(types::field_offset(s, i)))) return false;
    }
    return true;
  }
  auto* a = types::under_as<types::Array>(t);
  if (a == nullptr) return false;
  const uint64_t size = program_.shape(a->elem).size;
  int64_t next = 0;
  for (Expr* x : e->elems) {
    if (auto* kv = as<KeyValueExpr>(x)) {
      if (kv->key->constant == nullptr || !types::int64_value(types::to_int(kv->key->constant), &next)) return false;
      x = kv->value;
    }
    if (!value(x, a->elem, d, at + static_cast<uint64_t>(next) * size)) return false;
    next++;
  }
  return true;
}

bool StaticWriter::slice_literal(CompositeLit* e, Type* t, ir::Data* d, uint64_t at) {
  auto* s = types::under_as<types::Slice>(t);
  int64_t next = 0, length = 0;
  for (Expr* x : e->elems) {
    if (auto* kv = as<KeyValueExpr>(x)) {
      if (kv->key->constant == nullptr || !types::int64_value(types::to_int(kv->key->constant), &next)) return false;
    }
    length = std::max(length, ++next);
  }
  if (static_cast<uint64_t>(length) * std::max<uint64_t>(program_.shape(s->elem).size, 1) > kMaxStatic) return false;
  Type* array = program_.types.array_of(s->elem, length);
  ir::Data backing = anonymous(array, ir::DataKind::Data);
  if (!composite(e, array, &backing, 0)) return false;
  put_address(d, at, backing.name);
  put_word(d, at + 8, static_cast<uint64_t>(length));
  put_word(d, at + 16, static_cast<uint64_t>(length));
  finish(std::move(backing));
  return true;
}

bool StaticWriter::pointer_to_new(Type* t, Expr* init, ir::Data* d, uint64_t at) {
  if (program_.shape(t).size > kMaxStatic) return false;
  if (program_.shape(t).size == 0) {
    put_address(d, at, Symbol("runtime.zerobase"));
    return true;
  }
  ir::Data target = anonymous(t, ir::DataKind::Data);
  if (init != nullptr) {
    // A literal whose type (&T) was left out has the pointer's type.
    auto* lit = as<CompositeLit>(init);
    const bool ok = lit != nullptr ? composite(lit, t, &target, 0) : value(init, t, &target, 0);
    if (!ok) return false;
  }
  put_address(d, at, target.name);
  finish(std::move(target));
  return true;
}

bool StaticWriter::address(Expr* x, ir::Data* d, uint64_t at) {
  if (x->kind == NodeKind::CompositeLit) {
    Type* t = type_of(x);
    if (types::under_as<types::Map>(t) != nullptr) return false;
    return pointer_to_new(t, x, d, at);
  }
  Symbol symbol;
  int64_t offset = 0;
  if (!global_place(x, &symbol, &offset)) return false;
  put_address(d, at, symbol, offset);
  return true;
}

bool StaticWriter::global_place(Expr* x, Symbol* symbol, int64_t* offset) {
  x = unparen(x);
  if (types::Var* v = package_variable(x)) {
    if (v->type == nullptr) program_.checker.object_decl(v);
    if (program_.shape(program_.types.get(v->type)).size == 0) {
      *symbol = Symbol("runtime.zerobase");
      return true;
    }
    *symbol = program_.linknames.symbol_of(v);
    if (!dry_) {
      types::Var* definer = program_.linknames.variable(*symbol);
      program_.references.variable(*symbol, definer != nullptr ? definer : v);
    }
    return true;
  }
  if (auto* s = as<SelectorExpr>(x); s != nullptr && s->selection != nullptr && s->selection->kind == types::Selection::FieldValue) {
    if (s->selection->indirect || s->x->type == nullptr || types::under_as<types::Pointer>(s->x->type) != nullptr) return false;
    if (!global_place(s->x, symbol, offset)) return false;
    Type* t = type_of(s->x);
    for (uint32_t i : s->selection->path) {
      auto* st = types::under_as<types::Struct>(t);
      if (st == nullptr || i >= st->fields.size()) return false;
      *offset += types::field_offset(st, i);
      t = st->fields[i]->type;
    }
    return true;
  }
  if (auto* i = as<IndexExpr>(x)) {
    if (i->x->type == nullptr || i->index->constant == nullptr) return false;
    auto* a = types::under_as<types::Array>(type_of(i->x));
    int64_t k = 0;
    if (a == nullptr || !types::int64_value(types::to_int(i->index->constant), &k) || k < 0 || k >= a->length) return false;
    if (!global_place(i->x, symbol, offset)) return false;
    *offset += k * static_cast<int64_t>(program_.shape(a->elem).size);
    return true;
  }
  return false;
}

bool StaticWriter::function_value(Expr* x, ir::Data* d, uint64_t at) {
  bool is_function = x->kind == NodeKind::FuncLit || named_function(x) != nullptr;
  if (auto* s = as<SelectorExpr>(x); s != nullptr && s->selection != nullptr) {
    is_function = s->selection->kind == types::Selection::MethodExpr;
  }
  // A literal of a function that is evaluated in place belongs to that function (and may use its parameters).
  if (!is_function || (calls_ > 0 && x->kind == NodeKind::FuncLit)) return false;
  if (dry_) return true;
  // A scratch body gives the closure's symbol (and lowers a literal); nothing of it is kept.
  Body b(program_, Symbol(prefix_ + ".static"));
  b.package = package_;
  b.is_static_init = true;
  b.begin_raw();
  const Val v = b.expr(x);
  const ir::Value& p = b.func[v.parts[0]];
  CHECK(p.op == ir::Op::SymAddr, "a function value without captures");
  put_address(d, at, p.symbol, p.aux);
  return true;
}

bool StaticWriter::to_interface(Expr* x, Type* from, Type* t, ir::Data* d, uint64_t at) {
  const bool empty = program_.types.interface_methods(t).empty();
  const uint64_t size = program_.shape(from).size;
  const bool direct = discover::is_direct_iface(from);
  if (size > kMaxStatic) return false;
  if (direct) {
    if (!value(x, from, d, at + 8)) return false;
  } else if (size == 0) {
    if (!value(x, from, d, at)) return false;
    put_address(d, at + 8, Symbol("runtime.zerobase"));
  } else {
    ir::Data box = anonymous(from, ir::DataKind::ReadOnly);
    box.align = std::max(box.align, 8u);
    if (!value(x, from, &box, 0)) return false;
    put_address(d, at + 8, box.name);
    finish(std::move(box));
  }
  if (dry_) return true;
  program_.references.type(from, true);
  if (empty) {
    put_address(d, at, discover::type_symbol(from));
  } else {
    program_.references.itab(from, t, true);
    put_address(d, at, discover::itab_symbol(from, t));
  }
  return true;
}

bool StaticWriter::bytes_of_string(Expr* x, Type* t, ir::Data* d, uint64_t at) {
  const std::string_view s = types::string_value(x->constant);
  Type* array = program_.types.array_of(types::under_as<types::Slice>(t)->elem, static_cast<int64_t>(s.size()));
  ir::Data backing = anonymous(array, ir::DataKind::Data);
  if (!dry_) backing.bytes.assign(s.begin(), s.end());
  put_address(d, at, backing.name);
  put_word(d, at + 8, s.size());
  put_word(d, at + 16, s.size());
  finish(std::move(backing));
  return true;
}

bool StaticWriter::conversion(CallExpr* e, Type* t, ir::Data* d, uint64_t at) {
  if (e->args.size() != 1) return false;
  Expr* x = unparen(e->args[0]);
  if (types::is_interface(t)) return value(x, t, d, at);
  if (x->mode == Mode::NilValue) return true;
  if (x->type == nullptr) return false;
  if (x->mode == Mode::Constant && x->constant != nullptr) {
    auto* s = types::under_as<types::Slice>(t);
    return s != nullptr && is_byte(s->elem) && types::constant_kind(x->constant) == types::ConstantKind::String &&
           bytes_of_string(x, t, d, at);
  }
  Type* from = type_of(x);
  Type *fu = types::underlying(from), *tu = types::underlying(t);
  const bool from_pointer = types::is_unsafe_pointer(fu) || types::as<types::Pointer>(fu) != nullptr;
  const bool to_pointer = types::is_unsafe_pointer(tu) || types::as<types::Pointer>(tu) != nullptr;
  if (fu != tu && !(from_pointer && to_pointer)) return false;
  return value(x, from, d, at);
}

bool StaticWriter::builtin(CallExpr* e, ir::Data* d, uint64_t at) {
  auto* n = as<Name>(unparen(e->fun));
  if (n == nullptr || n->object == nullptr || n->object->kind != types::ObjectKind::Builtin) return false;
  if (static_cast<types::Builtin*>(n->object)->id != types::BuiltinId::New || e->args.size() != 1) return false;
  auto* p = types::under_as<types::Pointer>(type_of(e));
  if (p == nullptr || e->args[0]->mode != Mode::TypeExpr) return false;
  return pointer_to_new(p->elem, nullptr, d, at);
}

// A call of a function whose body is `return value`, with constant arguments: the value.
bool StaticWriter::call(CallExpr* e, Type* t, ir::Data* d, uint64_t at) {
  types::Func* f = named_function(e->fun);
  if (f == nullptr || unparen(e->fun)->kind == NodeKind::IndexExpr || !e->instance_args.empty() || e->has_dots) return false;
  if (f->origin != nullptr || f->syntax == nullptr || !f->syntax->has_body || is_intrinsic(f)) return false;
  if (f->package == nullptr || f->package->path.text() == "runtime") return false;
  const types::Signature* sig = f->signature();
  if (sig->receiver != nullptr || !sig->type_params.empty() || sig->variadic || sig->results->vars.size() != 1) return false;
  if (sig->params->vars.size() != e->args.size()) return false;
  if (f->syntax->pragma.has(Pragma::kNoinline)) return false;
  for (Expr* a : e->args) {
    Expr* x = unparen(a);
    if (x->mode != Mode::Constant || x->constant == nullptr) return false;
  }
  program_.checker.check_body(f);
  BlockStmt* body = f->syntax->body;
  if (body == nullptr || body->stmts.size() != 1) return false;
  auto* r = as<ReturnStmt>(body->stmts[0]);
  if (r == nullptr || r->results == nullptr || r->results->kind == NodeKind::ListExpr) return false;
  Arguments inner;
  for (size_t i = 0; i < e->args.size(); i++) inner[sig->params->vars[i]] = unparen(e->args[i]);
  std::swap(inner, arguments_);
  calls_++;
  Type* result = program_.types.get(sig->results->vars[0]->type);
  const bool ok = result == t && value(r->results, result, d, at);
  calls_--;
  std::swap(inner, arguments_);
  return ok;
}

// ---- package variables

void Program::variable(Symbol name, types::Var* v) {
  impl->static_count = 0;
  checker.check_var(v);
  Type* t = types.get(v->type);
  const Shape& s = shape(t);
  ir::Data d;
  d.name = name;
  d.type = t;
  d.align = std::max(s.align, 1u);
  d.size = std::max<uint64_t>(s.size, 1);
  d.pointer_mask = discover::pointer_mask(t);
  d.string_variable = types::is_string(t);
  d.kind = ir::DataKind::Bss;
  if (embed_variable(v, t, &d)) return add_data(std::move(d));
  types::Package* p = v->package;
  if (p != nullptr && !p->init_order.empty() && impl->indexed.insert(p).second) {
    for (uint32_t i = 0; i < p->init_order.size(); i++) {
      for (const types::Var* x : p->init_order[i].lhs) impl->unit_of[x] = {p, i};
    }
  }
  auto unit = impl->unit_of.find(v);
  if (unit != impl->unit_of.end() && unit_kind(unit->second.first, unit->second.second) == UnitKind::Static) {
    const types::Initializer& init = p->init_order[unit->second.second];
    analyze(init);
    StaticWriter writer(*this, p, std::string(name.text()), false);
    d.bytes.resize(s.size);
    d.kind = ir::DataKind::Data;
    CHECK(writer.value(init.init, t, &d, 0), "a static initialiser");
    std::sort(d.relocs.begin(), d.relocs.end(),
              [](const ir::DataReloc& x, const ir::DataReloc& y) { return x.offset < y.offset; });
    if (d.relocs.empty() && std::all_of(d.bytes.begin(), d.bytes.end(), [](uint8_t b) { return b == 0; })) {
      d.kind = ir::DataKind::Bss;
      d.bytes.clear();
    }
  }
  add_data(std::move(d));
}

}  // namespace gale::lower
