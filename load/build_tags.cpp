#include "load/build_tags.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace gale::load {
namespace {

constexpr std::string_view kFixedTags[] = {
    "linux", "amd64", "gc", "unix", "amd64.v1", "goexperiment.regabiwrappers", "goexperiment.regabiargs",
    "goexperiment.dwarf5", "goexperiment.greenteagc", "goexperiment.randomizedheapbase64",
};

// go1.1 ... go1.26
bool is_release_tag(std::string_view tag) {
  if (!tag.starts_with("go1.")) return false;
  int minor = 0;
  auto [end, error] = std::from_chars(tag.data() + 4, tag.data() + tag.size(), minor);
  return error == std::errc() && end == tag.data() + tag.size() && tag[4] != '0' && minor >= 1 && minor <= kGoMinor;
}

}  // namespace

bool BuildTags::holds(std::string_view tag) const {
  if (std::find(std::begin(kFixedTags), std::end(kFixedTags), tag) != std::end(kFixedTags)) return true;
  if (is_release_tag(tag)) return true;
  return std::find(user_tags_.begin(), user_tags_.end(), tag) != user_tags_.end();
}

bool BuildTags::holds_in_std(std::string_view package, std::string_view tag) const {
  if (const NoArchRule* rule = find_noarch_rule(package)) {
    if (rule->hide_arch && (tag == "amd64" || tag.starts_with("amd64."))) return false;
    if (!rule->extra_tag.empty() && tag == rule->extra_tag) return true;
  }
  return holds(tag);
}

}  // namespace gale::load
