// Program: layouts, gates, static data that every function may want (see program.h).
#include "lower/program.h"

#include "base/abi/gates.h"
#include "base/check.h"
#include "discover/layout.h"
#include "lower/program_impl.h"
#include "types/predicates.h"

namespace gale::lower {

using ir::Ty;

Program::Program(types::Checker& checker_, types::CanonicalTypes& types_, const discover::Linknames& linknames_,
                 discover::References& references_)
    : checker(checker_), types(types_), linknames(linknames_), references(references_), impl(std::make_unique<Impl>()) {
  runtime = linknames.package(Symbol("runtime"));
  for (const abi::GateRow& row : abi::kGates) {
    Gate gate{};
    gate.signature = row.signature;
    if (row.kind == abi::GateKind::CLEAF || row.kind == abi::GateKind::LEAF) gate.flags |= ir::kCallLeaf | ir::kCallNoWrite;
    if (row.kind == abi::GateKind::LEAF) gate.flags |= ir::kCallFrameless;
    std::string_view flags = row.flags;
    while (!flags.empty()) {
      const size_t comma = flags.find(',');
      const std::string_view flag = flags.substr(0, comma);
      flags = comma == std::string_view::npos ? std::string_view{} : flags.substr(comma + 1);
      if (flag == "noreturn") gate.flags |= ir::kCallNoReturn;
      if (flag == "noescape") {
        gate.flags |= ir::kCallNoEscape;
        gate.noescape_args = ~0ull;
      }
      if (flag.starts_with("noescape:")) {
        for (char c : flag.substr(9)) gate.noescape_args |= 1ull << (c - '0');
      }
    }
    // A leaf may write through its pointers; only those with a result and no effect are marked pure in the table.
    if (std::string_view(row.flags).find("pure") == std::string_view::npos) gate.flags &= ~uint32_t{ir::kCallNoWrite};
    std::string_view names = row.symbols;
    while (!names.empty()) {
      const size_t comma = names.find(',');
      impl->gates[Symbol(names.substr(0, comma))] = gate;
      names = comma == std::string_view::npos ? std::string_view{} : names.substr(comma + 1);
    }
  }
}

Program::~Program() = default;

namespace {

// Appends the scalars of t at offset. False: not flat.
bool flatten(Type* t, uint64_t offset, std::vector<Component>& out) {
  auto add = [&](Ty ty, uint64_t at, bool pointer) { out.push_back({ty, offset + at, pointer}); };
  if (out.size() > kMaxFlat) return false;
  Type* u = types::underlying(t);
  switch (u->kind) {
    case types::TypeKind::Basic:
      switch (static_cast<types::Basic*>(u)->basic) {
        case types::BasicKind::Bool:
        case types::BasicKind::UntypedBool: add(Ty::Bool, 0, false); return true;
        case types::BasicKind::Int8:
        case types::BasicKind::Uint8: add(Ty::I8, 0, false); return true;
        case types::BasicKind::Int16:
        case types::BasicKind::Uint16: add(Ty::I16, 0, false); return true;
        case types::BasicKind::Int32:
        case types::BasicKind::Uint32:
        case types::BasicKind::UntypedRune: add(Ty::I32, 0, false); return true;
        case types::BasicKind::Int:
        case types::BasicKind::Int64:
        case types::BasicKind::Uint:
        case types::BasicKind::Uint64:
        case types::BasicKind::Uintptr:
        case types::BasicKind::UntypedInt: add(Ty::I64, 0, false); return true;
        case types::BasicKind::Float32: add(Ty::F32, 0, false); return true;
        case types::BasicKind::Float64:
        case types::BasicKind::UntypedFloat: add(Ty::F64, 0, false); return true;
        case types::BasicKind::Complex64: add(Ty::F32, 0, false); add(Ty::F32, 4, false); return true;
        case types::BasicKind::Complex128:
        case types::BasicKind::UntypedComplex: add(Ty::F64, 0, false); add(Ty::F64, 8, false); return true;
        case types::BasicKind::String:
        case types::BasicKind::UntypedString: add(Ty::Ptr, 0, true); add(Ty::I64, 8, false); return true;
        case types::BasicKind::UnsafePointer:
        case types::BasicKind::UntypedNil: add(Ty::Ptr, 0, true); return true;
        case types::BasicKind::Invalid: add(Ty::I64, 0, false); return true;
      }
      return false;
    case types::TypeKind::Pointer:
    case types::TypeKind::Map:
    case types::TypeKind::Chan:
    case types::TypeKind::Signature:
      add(Ty::Ptr, 0, true);
      return true;
    case types::TypeKind::Slice:
      add(Ty::Ptr, 0, true);
      add(Ty::I64, 8, false);
      add(Ty::I64, 16, false);
      return true;
    case types::TypeKind::Interface:
      add(Ty::Addr, 0, false);
      add(Ty::Ptr, 8, true);
      return true;
    case types::TypeKind::Array: {
      auto* a = static_cast<types::Array*>(u);
      if (a->length == 0) return true;
      if (a->length > 1) return false;
      return flatten(a->elem, offset, out);
    }
    case types::TypeKind::Struct: {
      auto* s = static_cast<types::Struct*>(u);
      for (uint32_t i = 0; i < s->fields.size(); i++) {
        if (!flatten(s->fields[i]->type, offset + static_cast<uint64_t>(types::field_offset(s, i)), out)) return false;
      }
      return out.size() <= kMaxFlat;
    }
    default:
      return false;
  }
}

}  // namespace

const Shape& Program::shape(Type* t) {
  std::unique_ptr<Shape>& slot = impl->shapes[t];
  if (slot != nullptr) return *slot;
  auto s = std::make_unique<Shape>();
  s->size = static_cast<uint64_t>(types::size_of(t));
  s->align = static_cast<uint32_t>(types::align_of(t));
  s->pointers = types::has_pointers(t);
  s->flat = flatten(t, 0, s->parts);
  if (!s->flat) s->parts.clear();
  s->split = s->flat && s->parts.size() <= kMaxParts;
  return *(impl->shapes[t] = std::move(s));
}

std::span<const uint8_t> Program::pointer_mask(Type* t) {
  auto it = impl->masks.find(t);
  if (it != impl->masks.end()) return it->second;
  const std::vector<uint8_t> mask = discover::pointer_mask(t);
  const std::span<const uint8_t> kept = arena.copy(mask);
  impl->masks[t] = kept;
  return kept;
}

const Program::Gate* Program::gate(Symbol symbol) {
  auto it = impl->gates.find(symbol);
  return it == impl->gates.end() ? nullptr : &it->second;
}

types::Func* Program::runtime_function(std::string_view name) {
  types::Func* f = linknames.function(Symbol("runtime." + std::string(name)));
  if (f != nullptr && f->type == nullptr) checker.object_decl(f);
  return f;
}

const FunctionFacts* Program::facts(const syntax::Node* key) { return &impl->facts[key]; }

void Program::analyze(types::Func* f) {
  if (f->syntax == nullptr || f->syntax->body == nullptr || !impl->analyzed.insert(f->syntax).second) return;
  analyze_function(f, impl->facts);
}

void Program::analyze(const types::Initializer& init) {
  if (init.init == nullptr || !impl->analyzed.insert(init.init).second) return;
  analyze_initializer(init.init, impl->facts);
}

void Program::add_data(ir::Data d) {
  if (!impl->data_made.insert(d.name).second) return;
  CHECK(result != nullptr, "static data is made while a function or variable is lowered");
  result->data.push_back(std::move(d));
}

Symbol Program::string_data(std::string_view bytes) {
  const Symbol name = discover::string_symbol(bytes);
  if (impl->data_made.contains(name)) return name;
  ir::Data d;
  d.name = name;
  d.kind = ir::DataKind::String;
  d.bytes.assign(bytes.begin(), bytes.end());
  d.size = bytes.size();
  d.dup_ok = true;
  add_data(std::move(d));
  return name;
}

Symbol Program::closure_data(Symbol function) {
  const Symbol name = discover::closure_symbol(function);
  if (impl->data_made.contains(name)) return name;
  ir::Data d;
  d.name = name;
  d.align = 8;
  d.size = 8;
  d.bytes.resize(8);
  d.relocs.push_back({0, function, 0});
  d.dup_ok = true;
  add_data(std::move(d));
  return name;
}

void Program::error(Pos pos, std::string message) {
  Diagnostic d;
  d.pos = pos;
  d.message = std::move(message);
  d.code = "lower";
  checker.sink.report(std::move(d));
}

Symbol Program::literal_name(types::Package* p, const syntax::FuncLit* lit) {
  Symbol& name = impl->literal_names[lit];
  if (name.empty()) {
    name = Symbol(discover::package_prefix(p) + ".init.func" + std::to_string(++impl->literal_counts[p]));
  }
  return name;
}

std::span<types::TypeParam* const> type_params_of(types::Func* origin) {
  const types::Signature* sig = origin->signature();
  return sig->receiver != nullptr ? sig->receiver_type_params : sig->type_params;
}

// ---- the public face

struct Lowering::Impl {
  Program program;
};

Lowering::Lowering(types::Checker& checker, types::CanonicalTypes& types, const discover::Linknames& linknames,
                   discover::References& references)
    : impl(new Impl{Program(checker, types, linknames, references)}) {}

Lowering::~Lowering() = default;

Result Lowering::function(const discover::FunctionInstance& f) {
  Result result;
  Result* outer = std::exchange(impl->program.result, &result);
  if (f.func != nullptr && f.func->type == nullptr) impl->program.checker.object_decl(f.func);
  const Symbol name = discover::function_symbol(f);
  CrashScope scope("lower", name.text());
  impl->program.function(f);
  impl->program.result = outer;
  return result;
}

Result Lowering::variable(Symbol name, types::Var* v) {
  Result result;
  Result* outer = std::exchange(impl->program.result, &result);
  CrashScope scope("lower variable", name.text());
  impl->program.variable(name, v);
  impl->program.result = outer;
  return result;
}

void Lowering::set_assembly(std::function<AssemblyKind(Symbol, types::Package*)> ask) { impl->program.assembly = std::move(ask); }

Result Lowering::abi0_entry(Symbol entry, types::Func* f) {
  Result result;
  Result* outer = std::exchange(impl->program.result, &result);
  CrashScope scope("lower", entry.text());
  impl->program.abi0_entry(entry, f);
  impl->program.result = outer;
  return result;
}

Result Lowering::abi0_gate_entry(Symbol entry, Symbol gate) {
  Result result;
  Result* outer = std::exchange(impl->program.result, &result);
  CrashScope scope("lower", entry.text());
  impl->program.abi0_gate_entry(entry, gate);
  impl->program.result = outer;
  return result;
}

UnitKind Lowering::init_unit(types::Package* p, uint32_t unit) { return impl->program.unit_kind(p, unit); }

}  // namespace gale::lower
