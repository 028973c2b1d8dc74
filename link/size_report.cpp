// What the bytes of an image are, as `gale build -dump=size` prints them: each section by kind of content, then the largest
// symbols. Only what is in the file counts.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "link/program.h"

namespace gale::link {
namespace {

constexpr size_t kLargest = 40;

struct Group {
  uint64_t bytes = 0, count = 0;
};

// "net/http.(*Server).Serve" -> "net/http"; "gopkg.in/yaml%2ev2.F" -> "gopkg.in/yaml%2ev2".
std::string_view package_of(std::string_view name) {
  const size_t type_arguments = name.find('[');
  std::string_view head = name.substr(0, type_arguments);
  const size_t slash = head.rfind('/');
  const size_t dot = head.find('.', slash == head.npos ? 0 : slash);
  return dot == head.npos ? "(no package)" : head.substr(0, dot);
}

class Report {
 public:
  explicit Report(const Program& program) : p_(program) {}

  std::string write() {
    uint64_t end = 0;
    for (size_t i = 0; i < kSectionCount; i++) {
      const SectionId id = static_cast<SectionId>(i);
      const Section& s = p_.section(id);
      if (s.size == 0 || section_info(id).zero_fill) continue;
      if (s.file_offset > end) out_ += fmt::format("{:>9}  up to the next section's start\n", s.file_offset - end);
      end = s.file_offset + s.size;
      section(id, s);
    }
    largest();
    return std::move(out_);
  }

 private:
  void section(SectionId id, const Section& s) {
    std::map<std::string, Group> groups;
    uint64_t inside = s.contents.size();
    for (AtomId atom : s.atoms) {
      const Atom& a = p_.atom(atom);
      Group& g = groups[group_of(id, *a.def)];
      g.bytes += a.size;
      g.count++;
      inside += a.size;
    }
    for (const TablePart& part : p_.table_parts) {
      if (part.section == id) groups[std::string(part.name)].bytes += part.bytes;
    }
    if (inside < s.size) groups["alignment"].bytes += s.size - inside;
    out_ += fmt::format("{:>9}  {}\n", s.size, section_info(id).name);
    std::vector<std::pair<std::string, Group>> rows(groups.begin(), groups.end());
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second.bytes > b.second.bytes; });
    for (const auto& [name, g] : rows) {
      out_ += fmt::format("{:>18}  {}", g.bytes, name);
      if (g.count != 0) out_ += fmt::format(" ({})", g.count);
      out_ += '\n';
    }
  }

  static std::string group_of(SectionId id, const Definition& def) {
    if ((def.flags & kCxx) != 0) return "C++ and assembler of the runtime";
    if (def.kind == SymbolKind::GoString) return "string constants";
    if (id == SectionId::Types) return def.order != nullptr ? "descriptors" : "names and masks";
    if (id == SectionId::Text || id == SectionId::Data || id == SectionId::NoPtrData) {
      return fmt::format("Go: {}", package_of(def.name.text()));
    }
    return "Go";
  }

  void largest() {
    std::vector<const Atom*> atoms;
    for (size_t i = 0; i < kSectionCount; i++) {
      if (section_info(static_cast<SectionId>(i)).zero_fill) continue;
      for (AtomId id : p_.sections[i].atoms) atoms.push_back(&p_.atom(id));
    }
    std::stable_sort(atoms.begin(), atoms.end(), [](const Atom* a, const Atom* b) { return a->size > b->size; });
    out_ += "largest symbols\n";
    for (size_t i = 0; i < std::min(kLargest, atoms.size()); i++) {
      out_ += fmt::format("{:>18}  {} {}\n", atoms[i]->size, section_info(atoms[i]->section).name, atoms[i]->def->name.text());
    }
  }

  const Program& p_;
  std::string out_;
};

}  // namespace

std::string describe_sizes(const Program& program) { return Report(program).write(); }

}  // namespace gale::link
