// For tests: a World of the functions of one text, and passes run on them one by one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "opt/passes.h"

namespace gale::opt {

// Every Go type has 16 bytes; the first word is a pointer. Functions are compiled in the order of the text.
class TestWorld : public World {
 public:
  const Summary* summary(Symbol callee) const override;
  bool is_function(Symbol symbol) const override;
  const ir::Func* inline_body(Symbol callee) const override;
  std::vector<Implementation> implementations(Symbol method) const override;
  Implementation itab_entry(Symbol itab, size_t index) const override;
  bool comes_before(Symbol callee) const override;
  Constant constant_at(Symbol data, int64_t offset, int size) const override;
  const TypeLayout& layout(const types::Type*) const override { return layout_; }

  // Parses `text`, runs `passes` (comma-separated names) on each function, verifying after each, and gives the text of
  // the last; or what went wrong.
  std::string run(std::string_view text, std::string_view passes);

  // World facts, by method; the itab of type T for an interface with one method is "go:itab.T".
  absl::flat_hash_map<std::string, std::vector<Implementation>> methods;
  // What lies at offset 0 of static data, by symbol.
  absl::flat_hash_map<std::string, Constant> constants;

 private:
  struct Known {
    std::unique_ptr<ir::Func> func, body;
    Summary summary;
    bool done = false;
  };
  const Known* find(Symbol name) const;
  std::vector<Known> functions_;
  TypeLayout layout_{16, 8, {1}, Symbol("type:T")};
};

// How often `part` stands in `text`.
inline size_t count(const std::string& text, std::string_view part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) n++;
  return n;
}

}  // namespace gale::opt
