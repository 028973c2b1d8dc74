// Which atom stands where. First each section alone (offsets), so that the function table, type links and masks, which
// are about offsets, can be built; then the sections' addresses.
//
// Order never depends on order of arrival (DESIGN D14): Go text by name (so a package's code is together), C++ in the
// order of its files; descriptors as ABI.md section 8 says; data by size, then name.
#include <algorithm>

#include "base/check.h"
#include "link/bytes.h"
#include "link/elf_image.h"
#include "link/program.h"

namespace gale::link {

const SectionInfo& section_info(SectionId id) {
  static constexpr SectionInfo kInfo[kSectionCount] = {
      {".note.go.buildid", Segment::Code, false},
      {".text", Segment::Code, false},
      {".rodata", Segment::ReadOnly, false},
      {".go.inits", Segment::ReadOnly, false},
      {".go.type", Segment::ReadOnly, false},
      {".go.itab", Segment::ReadOnly, false},
      {".typelink", Segment::ReadOnly, false},
      {".itablink", Segment::ReadOnly, false},
      {".gopclntab", Segment::ReadOnly, false},
      {".go.gcmask", Segment::ReadOnly, false},
      {".go.module", Segment::ReadOnly, false},
      {".go.buildinfo", Segment::Writable, false},
      {".gcroots", Segment::Writable, false},
      {".noptrdata", Segment::Writable, false},
      {".data", Segment::Writable, false},
      {".tdata", Segment::Writable, false},
      {".tbss", Segment::Writable, true},
      {".bss", Segment::Writable, true},
      {".noptrbss", Segment::Writable, true},
      {"__covctrs", Segment::Writable, true},
  };
  return kInfo[static_cast<size_t>(id)];
}

namespace {

constexpr uint32_t kTextAlign = 16;
// Offset 0 in the types section means "no name", "no type".
constexpr uint64_t kTypesStart = 16;

uint32_t natural_align(const Definition& def, uint64_t size) {
  if (def.align != 0) return def.align;
  switch (def.kind) {
    case SymbolKind::Text: return kTextAlign;
    case SymbolKind::GoString: return 1;
    case SymbolKind::Types: return def.order != nullptr ? 8 : 1;
    default: break;
  }
  if (size >= 32 && def.kind != SymbolKind::RoData) return 32;
  if (size >= 8 || !def.relocs.empty()) return 8;
  uint32_t align = 1;
  while (align * 2 <= size) align *= 2;
  return align;
}

bool is_cxx(const Definition& def) { return (def.flags & kCxx) != 0; }

bool descriptor_before(const TypeOrder& a, const TypeOrder& b) {
  if (a.typelink != b.typelink) return a.typelink;
  if (int c = a.text.compare(b.text); c != 0) return c < 0;
  if (a.fingerprint[0] != b.fingerprint[0]) return a.fingerprint[0] < b.fingerprint[0];
  return a.fingerprint[1] < b.fingerprint[1];
}

class Layout {
 public:
  explicit Layout(Program& program) : p_(program) {}

  void run() {
    for (uint32_t i = 0; i < p_.atoms.size(); i++) {
      const Atom& a = p_.atoms[i];
      if (a.live && !a.is_boundary && !a.folded_into.valid()) p_.section(a.section).atoms.push_back(AtomId(i));
    }
    for (size_t i = 0; i < kSectionCount; i++) {
      sort_section(static_cast<SectionId>(i));
      place_atoms(static_cast<SectionId>(i));
    }
    p_.itabs = p_.section(SectionId::Itab).atoms;
    list_functions();
  }

 private:
  void sort_section(SectionId id) {
    std::vector<AtomId>& atoms = p_.section(id).atoms;
    std::sort(atoms.begin(), atoms.end(), [&](AtomId a, AtomId b) { return before(id, a, b); });
  }

  bool before(SectionId id, AtomId x, AtomId y) const {
    const Atom &a = p_.atom(x), &b = p_.atom(y);
    const Definition &da = *a.def, &db = *b.def;
    switch (id) {
      case SectionId::Text:
        if (is_cxx(da) != is_cxx(db)) return is_cxx(db);
        if (is_cxx(da)) return x < y;
        return text_less(da.name, db.name);
      case SectionId::Types:
        if ((da.order != nullptr) != (db.order != nullptr)) return da.order != nullptr;
        if (da.order != nullptr && descriptor_before(*da.order, *db.order)) return true;
        if (da.order != nullptr && descriptor_before(*db.order, *da.order)) return false;
        return text_less(da.name, db.name);
      case SectionId::InitUnits:
        if (da.rank != db.rank) return da.rank < db.rank;
        return text_less(da.name, db.name);
      case SectionId::Itab:
        return text_less(da.name, db.name);
      default:
        if ((da.kind == SymbolKind::GoString) != (db.kind == SymbolKind::GoString)) return db.kind == SymbolKind::GoString;
        if (a.size != b.size) return a.size < b.size;
        return text_less(da.name, db.name);
    }
  }

  void place_atoms(SectionId id) {
    Section& s = p_.section(id);
    if (id == SectionId::Types) s.contents.resize(kTypesStart);
    uint64_t offset = s.contents.size();
    for (AtomId atom_id : s.atoms) {
      Atom& a = p_.atom(atom_id);
      uint32_t align = natural_align(*a.def, a.size);
      CHECK((align & (align - 1)) == 0, "an alignment that is a power of two");
      s.align = std::max(s.align, align);
      a.offset = align_up(offset, align);
      offset = a.offset + a.size;
    }
    s.size = offset;
  }

  void list_functions() {
    std::vector<std::vector<const Alias*>> in_section = functions_of_cxx_sections();
    for (AtomId id : p_.section(SectionId::Text).atoms) {
      const Atom& a = p_.atom(id);
      const Definition& def = *a.def;
      if (is_cxx(def)) {
        list_cxx_functions(id, in_section[id.index]);
        continue;
      }
      if (a.size == 0) continue;
      std::string_view name = def.func != nullptr && def.func->display_name ? def.func->display_name.text()
                                                                            : display_function_name(p_.arena, def.name.text());
      p_.functions.push_back({a.offset, a.size, id, name, def.func, (def.flags & kLocal) != 0});
    }
    p_.stats.functions = p_.functions.size();
    p_.stats.text_bytes = p_.section(SectionId::Text).size;
  }

  std::vector<std::vector<const Alias*>> functions_of_cxx_sections() const {
    std::vector<std::vector<const Alias*>> result(p_.atoms.size());
    for (const auto& [alias, atom] : p_.aliases) {
      if (alias.function && is_cxx(*p_.atom(atom).def)) result[atom.index].push_back(&alias);
    }
    for (auto& list : result) {
      std::stable_sort(list.begin(), list.end(), [](const Alias* a, const Alias* b) { return a->offset < b->offset; });
    }
    return result;
  }

  void list_cxx_functions(AtomId id, const std::vector<const Alias*>& functions) {
    const Atom& a = p_.atom(id);
    if (a.size == 0) return;
    if (functions.empty()) {
      add_cxx_row({a.offset, a.size, id, a.def->name.text(), nullptr, true}, false);
    } else if (functions[0]->offset != 0 && (p_.functions.empty() || !is_cxx_row(p_.functions.back()))) {
      // What a gate stub has in front of it. After another C++ function it needs no row: no pc points there.
      add_cxx_row({a.offset, functions[0]->offset, id, a.def->name.text(), nullptr, true}, false);
    }
    for (size_t i = 0; i < functions.size(); i++) {
      const Alias& alias = *functions[i];
      if (i != 0 && functions[i - 1]->offset == alias.offset) continue;  // a second name of one function
      uint64_t end = a.size;
      bool go_name = is_go_name(alias);
      for (size_t next = i + 1; next < functions.size(); next++) {
        if (functions[next]->offset == alias.offset) {
          go_name |= is_go_name(*functions[next]);
          continue;
        }
        end = functions[next]->offset;
        break;
      }
      if (alias.offset >= end) continue;
      std::string_view name = alias.display ? alias.display.text() : alias.name.text();
      add_cxx_row({a.offset + alias.offset, end - alias.offset, id, name, nullptr, (alias.flags & kLocal) != 0}, go_name);
    }
  }

  // "runtime.growslice", not "rt_wb_slots".
  static bool is_go_name(const Alias& alias) {
    return (alias.flags & kLocal) == 0 && !alias.name.text().starts_with("rt_") && alias.name.text().find('.') != std::string_view::npos;
  }

  bool is_cxx_row(const FunctionRow& row) const { return row.func == nullptr && is_cxx(*p_.atom(row.atom).def); }

  // Without symbols, C++ functions are not told apart: half of a small program's function table would be about them.
  void add_cxx_row(FunctionRow row, bool go_name) {
    static constexpr std::string_view kAllCxx = "gale::rt";
    if (p_.input.options.strip_symbols && !go_name) {
      row.name = kAllCxx;
      row.local = true;
      if (!p_.functions.empty() && is_cxx_row(p_.functions.back()) && p_.functions.back().name == kAllCxx) {
        p_.functions.back().size = row.offset + row.size - p_.functions.back().offset;
        return;
      }
    }
    p_.functions.push_back(row);
  }

  Program& p_;
};

}  // namespace

std::string_view display_function_name(Arena& arena, std::string_view link_name) {
  size_t open = link_name.find('[');
  if (open == std::string_view::npos) return link_name;
  size_t close = link_name.rfind(']');
  if (close == std::string_view::npos || close < open) return link_name;
  std::string name(link_name.substr(0, open));
  name += "[...]";
  name += link_name.substr(close + 1);
  return arena.copy_text(name);
}

void lay_out_sections(Program& program) { Layout(program).run(); }

void assign_addresses(Program& program) {
  uint64_t address = kImageBase + kHeaderRoom, offset = kHeaderRoom;
  Segment segment = Segment::Code;
  for (size_t i = 0; i < kSectionCount; i++) {
    SectionId id = static_cast<SectionId>(i);
    const SectionInfo& info = section_info(id);
    Section& s = program.section(id);
    s.size = std::max<uint64_t>(s.size, s.contents.size());
    // The next segment has pages of its own, but not in the file: the page on both sides of the seam is mapped twice.
    if (info.segment != segment) address = align_up(address, kPage) + offset % kPage;
    segment = info.segment;
    const uint64_t gap = align_up(address, s.align) - address;
    s.address = address += gap;
    s.file_offset = offset += gap;
    // Thread-local zeros have no memory of their own: each thread's block has them.
    if (id != SectionId::TlsBss) address += s.size;
    if (!info.zero_fill) offset += s.size;
  }
}

}  // namespace gale::link
