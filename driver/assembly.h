// Assembly: the .s files of the program's packages, assembled when a function of theirs is first reached, and what they refer to.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "discover/linknames.h"
#include "discover/references.h"
#include "driver/build_program.h"
#include "link/object.h"
#include "lower/lower.h"
#include "types/checker.h"

namespace gale::driver {

class Assembly {
 public:
  Assembly(types::Checker& checker, const discover::Linknames& linknames, const BuildOptions& options)
      : checker_(checker), linknames_(linknames), options_(options) {}
  void connect(lower::Lowering* lowering, discover::References* references) {
    lowering_ = lowering;
    references_ = references;
  }

  // Is `symbol`, declared without a body in `declared_in`, written in assembly? If so its code and all that it leads to is wanted.
  lower::AssemblyKind function(Symbol symbol, types::Package* declared_in);
  // Wrappers that assembly needs to call Go, made since the last call.
  std::vector<lower::Result> take_results() { return std::exchange(results_, {}); }
  // The objects, with the frames described; after discovery. Messages of the assembler.
  std::vector<link::Object> finish(std::span<const lower::Abi0Args> args);
  // Does a file of the user's package give the variable its bytes (DATA, GLOBL)? Then they are wanted.
  bool variable(Symbol symbol, types::Package* declared_in);
  // Does assembly that is wanted name the symbol?
  bool refers_to(Symbol symbol) const { return wanted_.contains(symbol); }
  const std::vector<std::string>& errors() const { return errors_; }

 private:
  void assemble(types::Package* p);
  void want(Symbol symbol);
  void refer(Symbol target);
  std::string go_header(types::Package* p);

  types::Checker& checker_;
  const discover::Linknames& linknames_;
  const BuildOptions& options_;
  lower::Lowering* lowering_ = nullptr;
  discover::References* references_ = nullptr;
  absl::flat_hash_set<const types::Package*> done_;
  std::vector<link::Object> objects_;
  absl::flat_hash_map<Symbol, std::pair<size_t, size_t>> definitions_;  // object, definition
  absl::flat_hash_set<Symbol> wanted_;
  std::vector<lower::Result> results_;
  std::vector<std::string> errors_;
};

}  // namespace gale::driver
