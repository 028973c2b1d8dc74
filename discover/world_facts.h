// What holds for the whole program (DESIGN D17), once discovery is complete: the answers to questions that an optimiser may
// ask, and nothing where the world is open (plugins may bring more). Whoever uses an answer keeps it with what it made of it,
// since the answer depends on code that is elsewhere (opt::World).
//
// A method of an interface goes by its link name as a function (pkg.I.m), code by that of the function whose address is in the
// itab: it takes the data word as its receiver. Lists are in the order of discovery, the same in every run.
#pragma once

#include <span>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "base/symbol.h"

namespace gale::discover {

class WorldFacts {
 public:
  static constexpr size_t kMaxImplementations = 8;  // more are as good as unknown

  struct Implementation {
    Symbol code;
    Symbol type;  // descriptor of the first type that brings it
  };
  // All code that a call of `method` through an interface value may enter. An implementer is a type that code converts to the
  // interface, or, if itabs are looked for at run time (assertions, reflection), any type in interfaces that has its methods.
  // Empty: not known, too many, or none.
  std::span<const Implementation> implementations(Symbol method) const {
    auto it = methods_.find(method);
    return it == methods_.end() ? std::span<const Implementation>() : it->second;
  }
  // Entry `index` of a static itab, with the concrete type; code is empty if nothing calls it or the itab is not known.
  Implementation itab_entry(Symbol itab, size_t index) const {
    auto it = itabs_.find(itab);
    if (it == itabs_.end() || index >= it->second.code.size()) return {};
    return {it->second.code[index], it->second.type};
  }

  // Told twice of one name (unexported methods of two packages in one interface): not known.
  void learn(Symbol method, std::vector<Implementation> list) {
    if (list.size() > kMaxImplementations) list.clear();
    auto [it, fresh] = methods_.try_emplace(method, std::move(list));
    if (!fresh) it->second.clear();
  }
  void learn_itab(Symbol itab, std::vector<Symbol> code, Symbol type) { itabs_[itab] = {std::move(code), type}; }

 private:
  struct Itab {
    std::vector<Symbol> code;
    Symbol type;
  };
  absl::flat_hash_map<Symbol, std::vector<Implementation>> methods_;
  absl::flat_hash_map<Symbol, Itab> itabs_;
};

}  // namespace gale::discover
