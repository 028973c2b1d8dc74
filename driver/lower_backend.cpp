#include "driver/lower_backend.h"

#include "base/abi/layout.h"
#include "base/check.h"
#include "driver/border_symbols.h"
#include "rtdata/describe.h"
#include "types/predicates.h"

namespace gale::driver {

void LowerBackend::take(lower::Result result) {
  for (std::unique_ptr<ir::Func>& f : result.funcs) funcs.push_back(std::move(f));
  abi0_args.insert(abi0_args.end(), result.abi0_args.begin(), result.abi0_args.end());
  for (ir::Data& d : result.data) {
    if (!d.dup_ok || seen_data_.insert(d.name).second) data.push_back(std::move(d));
  }
}

void LowerBackend::lower_function(Symbol name, const discover::FunctionInstance& f) {
  if (defined_by_runtime(name)) return;
  CrashScope scope("lower", name.text());
  take(lowering_->function(f));
  if (assembly_ == nullptr) return;
  for (lower::Result& r : assembly_->take_results()) take(std::move(r));
}

void LowerBackend::lower_variable(Symbol name, types::Var* v) {
  if (defined_by_runtime(name) || (assembly_ != nullptr && assembly_->variable(name, v->package))) return;
  CrashScope scope("lower variable", name.text());
  take(lowering_->variable(name, v));
}

discover::InitKind LowerBackend::init_kind(types::Package* p, uint32_t unit) {
  return static_cast<discover::InitKind>(lowering_->init_unit(p, unit));
}

void LowerBackend::descriptor_references(types::Type* t, bool in_interface, discover::References& references) {
  rtdata::report_references(t, in_interface, types_, references);
}

discover::FunctionInstance LowerBackend::method_code(types::Type* t, const types::CanonicalTypes::Method& m) {
  return rtdata::method_code(t, m);
}

discover::FunctionInstance LowerBackend::method_code_in_interface(types::Type* t, const types::CanonicalTypes::Method& m) {
  return rtdata::method_code_in_interface(t, m, types_);
}

link::Object LowerBackend::describe(const discover::Discovery& discovery) {
  link::Object out;
  rtdata::DescribeContext context{types_, [&](types::Type* t, const types::CanonicalTypes::Method& m) {
                                    return discovery.keeps_method(t, m);
                                  }};
  absl::flat_hash_set<Symbol> looked_for;  // by assertions and the like
  if (!discovery.lists_methods()) {
    for (const discover::Program::TypeUse& t : discovery.program().types) {
      if (!types::is_interface(t.type)) continue;
      for (const types::CanonicalTypes::Method& m : types_.interface_methods(t.type)) looked_for.insert(m.name);
    }
    context.is_looked_for = [&](Symbol name) { return looked_for.contains(name); };
  }
  for (const discover::Program::TypeUse& t : discovery.program().types) rtdata::describe(t.type, t.in_interface, context, out);
  for (const discover::Program::Itab& i : discovery.program().itabs) rtdata::describe_itab(i.concrete, i.interface, context, out);
  uint64_t rank = 0;
  for (const discover::InitStep& step : discovery.program().init_steps) {
    link::Definition d;
    d.name = Symbol("go:init." + std::string(step.code.text()));
    d.kind = link::SymbolKind::InitUnit;
    d.flags = link::kKeepAlive | link::kLocal;
    d.align = 8;
    d.bytes = out.arena->copy(std::vector<uint8_t>(abi::InitUnit::size));
    std::vector<link::Reloc> relocs(1);
    relocs[0].offset = abi::InitUnit::code;
    relocs[0].target = step.code;
    d.relocs = out.arena->copy(relocs);
    d.rank = rank++;
    out.definitions.push_back(d);
  }
  return out;
}

}  // namespace gale::driver
