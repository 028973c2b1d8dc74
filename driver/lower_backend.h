// What discovery drives: lowering and type descriptions, with their results collected (discover::Backend).
#pragma once

#include <memory>
#include <vector>

#include <absl/container/flat_hash_set.h>

#include "discover/discover.h"
#include "driver/assembly.h"
#include "ir/data.h"
#include "ir/func.h"
#include "link/object.h"
#include "lower/lower.h"

namespace gale::driver {

class LowerBackend : public discover::Backend {
 public:
  explicit LowerBackend(types::CanonicalTypes& types) : types_(types) {}
  // Once, before discovery runs (the two need each other).
  void set_lowering(lower::Lowering* lowering) { lowering_ = lowering; }

  std::vector<std::unique_ptr<ir::Func>> funcs;
  std::vector<ir::Data> data;
  std::vector<lower::Abi0Args> abi0_args;
  void set_assembly(Assembly* assembly) { assembly_ = assembly; }

  // Descriptors, itabs and the init-unit table of what was found.
  link::Object describe(const discover::Discovery& discovery);

  void lower_function(Symbol name, const discover::FunctionInstance& f) override;
  void lower_variable(Symbol name, types::Var* v) override;
  discover::InitKind init_kind(types::Package* p, uint32_t unit) override;
  void descriptor_references(types::Type* t, bool in_interface, discover::References& references) override;
  discover::FunctionInstance method_code(types::Type* t, const types::CanonicalTypes::Method& m) override;
  discover::FunctionInstance method_code_in_interface(types::Type* t, const types::CanonicalTypes::Method& m) override;

 private:
  void take(lower::Result result);

  types::CanonicalTypes& types_;
  lower::Lowering* lowering_ = nullptr;
  Assembly* assembly_ = nullptr;
  absl::flat_hash_set<Symbol> seen_data_;
};

}  // namespace gale::driver
