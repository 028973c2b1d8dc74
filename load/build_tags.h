// BuildTags: which build tags hold (spec: `go help buildconstraint`). linux/amd64 without cgo, Go 1.26's release tags and
// the tool tags of its default experiments, and the user's -tags.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gale::load {

constexpr int kGoMinor = 26;  // gale compiles Go 1.26

class BuildTags {
 public:
  explicit BuildTags(std::vector<std::string> user_tags) : user_tags_(std::move(user_tags)) {}
  bool holds(std::string_view tag) const;
  // For one std package, by its import path: as above, but see noarch.cpp.
  bool holds_in_std(std::string_view package, std::string_view tag) const;

 private:
  std::vector<std::string> user_tags_;
};

// How the tags of a std package are bent so that it needs no assembly.
struct NoArchRule {
  std::string_view package;
  bool hide_arch;             // amd64 is unknown: neither the tag nor the file suffix holds
  std::string_view extra_tag; // holds in addition
};
const NoArchRule* find_noarch_rule(std::string_view package);

}  // namespace gale::load
