// -explain: the remarks of passes about the program's own files, by position, each line once (a generic function, or a body inlined
// in several places, is optimised in each), in gc's words for -gcflags=-m where it has some.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <set>
#include <string>
#include <tuple>

#include "driver/build_program.h"
#include "opt/remark.h"
#include "syntax/nodes.h"

namespace gale::driver {

class Explainer {
 public:
  // `build`: checked; its trees and sources are read as long as remarks are taken.
  Explainer(const BuildOptions& options, const Build& build) : options_(options), build_(build) {}

  void take(const opt::Remark& remark);
  void print() const;  // on stderr

 private:
  // What stands at a position, for all positions of a file at once when the first is asked for. The outermost expression, or the
  // name of a variable that is declared there.
  const syntax::Expr* expression_at(Pos pos);
  std::string said_of_object(const opt::Remark& remark);

  const BuildOptions& options_;
  const Build& build_;
  absl::flat_hash_map<const SourceFile*, absl::flat_hash_map<uint32_t, const syntax::Expr*>> expressions_;
  std::set<std::tuple<std::string, uint32_t, uint32_t, std::string>> lines_;
};

}  // namespace gale::driver
