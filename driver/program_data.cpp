// One walk over the code and the data finds which variables are more than loaded from. Cost: linear.
#include "driver/program_data.h"

#include <algorithm>
#include <cstring>

namespace gale::driver {

using ir::Op;
using ir::Value;
using ir::ValueId;

ProgramData::ProgramData(const std::vector<ir::Data>& data, const std::vector<std::unique_ptr<ir::Func>>& funcs,
                         const std::function<bool(Symbol)>& is_shared, bool open_world) {
  items_.reserve(data.size());
  for (const ir::Data& d : data) {
    const bool variable = d.kind == ir::DataKind::Data || d.kind == ir::DataKind::Bss;
    const std::string_view name = d.name.text();
    const bool foreign = name.starts_with("runtime.") || name.starts_with("internal/runtime/") || name.starts_with("gale:");
    items_.try_emplace(d.name, Item{&d, variable, !variable || (!open_world && !foreign && !is_shared(d.name))});
  }
  for (const ir::Data& d : data) {
    for (const ir::DataReloc& r : d.relocs) changes(r.symbol);
  }
  for (const std::unique_ptr<ir::Func>& f : funcs) find_changes(*f);
}

void ProgramData::changes(Symbol symbol) {
  auto it = items_.find(symbol);
  if (it != items_.end() && it->second.variable) it->second.constant = false;
}

void ProgramData::find_changes(const ir::Func& f) {
  // The static data that an address is in.
  auto root = [&](ValueId v) {
    while (f[v].op == Op::OffPtr || f[v].op == Op::AddPtr || f[v].op == Op::Copy || f[v].op == Op::NilCheck) v = f[v].args[0];
    return f[v].op == Op::SymAddr ? f[v].symbol : Symbol();
  };
  auto given_away = [&](ValueId v) {
    if (!v.valid()) return;
    if (Symbol s = root(v); !s.empty()) changes(s);
  };
  for (const ir::Block& b : f.blocks) {
    if (b.removed) continue;
    for (ValueId id : b.values) {
      const Value& v = f[id];
      switch (v.op) {
        case Op::OffPtr: case Op::Copy: case Op::NilCheck: case Op::Load: case Op::Eq: case Op::Ne: case Op::DbgValue: break;
        case Op::AddPtr: break;  // its index is no address
        case Op::Move: case Op::MoveTyped: given_away(v.args[0]); break;
        default:
          for (ValueId a : v.args) given_away(a);
      }
    }
    for (ValueId v : b.return_args) given_away(v);
  }
}

opt::World::Constant ProgramData::at(Symbol symbol, int64_t offset, int size) const {
  opt::World::Constant out;
  auto it = items_.find(symbol);
  if (it == items_.end() || !it->second.constant) return out;
  const ir::Data& d = *it->second.data;
  if (offset < 0 || size <= 0 || static_cast<uint64_t>(offset + size) > d.size) return out;
  out.variable = it->second.variable;
  const auto from = static_cast<uint64_t>(offset);
  auto reloc = std::lower_bound(d.relocs.begin(), d.relocs.end(), from, [](const ir::DataReloc& r, uint64_t at) { return r.offset + 8 <= at; });
  if (reloc != d.relocs.end() && reloc->offset < from + static_cast<uint64_t>(size)) {
    if (reloc->offset != from || size != 8 || reloc->weak) return out;
    out.known = true;
    out.symbol = reloc->symbol;
    out.value = reloc->addend;
    return out;
  }
  out.known = true;
  if (from < d.bytes.size()) {
    const size_t n = std::min<size_t>(static_cast<size_t>(size), d.bytes.size() - from);
    std::memcpy(&out.value, d.bytes.data() + from, n);
    const int shift = 64 - size * 8;
    out.value = static_cast<int64_t>(static_cast<uint64_t>(out.value) << shift) >> shift;
  }
  return out;
}

bool ProgramData::is_variable(Symbol data) const {
  auto it = items_.find(data);
  return it != items_.end() && it->second.variable;
}

}  // namespace gale::driver
