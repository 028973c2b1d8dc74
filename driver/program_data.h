// What the static data of a program is known to hold, for folding loads: read-only data, and package variables that nothing in
// this program changes (a world fact, DESIGN D17).
//
// A variable stays as it is if code only loads from it: no store, no address taken by code, by other data or by assembly, none
// of -ldflags=-X. Variables of the runtime are not regarded: C++ knows them, too.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "ir/data.h"
#include "ir/func.h"
#include "opt/passes.h"

namespace gale::driver {

class ProgramData {
 public:
  // `is_shared`: may something that is no Go code change the variable? `open_world`: variables are never constant.
  ProgramData(const std::vector<ir::Data>& data, const std::vector<std::unique_ptr<ir::Func>>& funcs,
              const std::function<bool(Symbol)>& is_shared, bool open_world);

  // What lies at [offset, offset + size), if that is known.
  opt::World::Constant at(Symbol data, int64_t offset, int size) const;
  // Does that hang on the whole program?
  bool is_variable(Symbol data) const;

 private:
  struct Item {
    const ir::Data* data;
    bool variable, constant;
  };
  void find_changes(const ir::Func& f);
  void changes(Symbol symbol);

  absl::flat_hash_map<Symbol, Item> items_;
};

}  // namespace gale::driver
