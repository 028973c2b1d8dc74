// The std packages whose assembly for amd64 is not used: their build constraints are evaluated with an unknown machine, so that the
// portable files are chosen (RUNTIME_CONTRACT.md 1.2). internal/bytealg: what matters is in the runtime's C++ (gates.def).
// internal/runtime/gc/scan: imported by gc's runtime only.
#include <algorithm>
#include <iterator>

#include "load/build_tags.h"

namespace gale::load {
namespace {

constexpr NoArchRule kRules[] = {
    {"internal/bytealg", true, ""},
    {"internal/runtime/gc/scan", true, ""},
};

}  // namespace

const NoArchRule* find_noarch_rule(std::string_view package) {
  const NoArchRule* r = std::lower_bound(std::begin(kRules), std::end(kRules), package,
                                         [](const NoArchRule& rule, std::string_view p) { return rule.package < p; });
  return r != std::end(kRules) && r->package == package ? r : nullptr;
}

}  // namespace gale::load
