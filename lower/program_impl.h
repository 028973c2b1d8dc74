// Private state of Program, shared by its .cpp files.
#pragma once

#include <string>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "lower/program.h"

namespace gale::lower {

struct Program::Impl {
  absl::flat_hash_map<Type*, std::unique_ptr<Shape>> shapes;
  absl::flat_hash_map<Type*, std::span<const uint8_t>> masks;
  absl::flat_hash_map<std::vector<Type*>, const ir::CallSig*> call_sigs, abi0_sigs;
  absl::flat_hash_map<std::string, const ir::CallSig*> gate_sigs;
  absl::flat_hash_map<Symbol, Gate> gates;
  absl::flat_hash_map<const syntax::Node*, FunctionFacts> facts;
  absl::flat_hash_set<const syntax::Node*> analyzed;
  absl::flat_hash_set<Symbol> data_made;           // whole program
  absl::flat_hash_map<const syntax::FuncLit*, Symbol> literal_names;  // outside functions
  absl::flat_hash_map<const types::Package*, uint32_t> literal_counts;
  // static_data.cpp, init.cpp
  absl::flat_hash_map<std::pair<const types::Package*, uint32_t>, UnitKind> unit_kinds;
  absl::flat_hash_map<const types::Var*, std::pair<types::Package*, uint32_t>> unit_of;
  absl::flat_hash_set<const types::Package*> indexed;  // packages whose units are in unit_of
  uint32_t static_count = 0;                       // names of anonymous static data, per variable: "pkg.v..stmp_N"
};

void analyze_function(types::Func* f, absl::flat_hash_map<const syntax::Node*, FunctionFacts>& facts);
void analyze_initializer(syntax::Expr* init, absl::flat_hash_map<const syntax::Node*, FunctionFacts>& facts);

}  // namespace gale::lower
