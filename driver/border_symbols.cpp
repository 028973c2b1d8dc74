#include "driver/border_symbols.h"

#include <absl/container/flat_hash_set.h>

#include <string_view>

#include "base/abi/gates.h"

namespace gale::driver {

bool defined_by_runtime(Symbol symbol) {
  static const auto* symbols = [] {
    auto* set = new absl::flat_hash_set<Symbol>();
    for (const abi::GateRow& row : abi::kGates) {
      std::string_view list = row.symbols;
      while (!list.empty()) {
        size_t comma = list.find(',');
        set->insert(Symbol(list.substr(0, comma)));
        list = comma == list.npos ? std::string_view{} : list.substr(comma + 1);
      }
    }
#define DATA_SYMBOL(name, doc) set->insert(Symbol(name));
#include "base/abi/symbols.def"
#undef DATA_SYMBOL
    return set;
  }();
  return symbols->contains(symbol);
}

}  // namespace gale::driver
