// Reads relocatable ELF64 x86-64 files (the C++ runtime, assembled stubs) into the linker's own object form: one
// definition per allocated section, one alias per symbol. So dead stripping works by section (-ffunction-sections).
//
// Not carried over: debug sections, .eh_frame (the runtime is unwound by RBP), notes. Refused: static constructors,
// common symbols, relocation types outside of the table below.
#include <cxxabi.h>
#include <elf.h>
#include <fmt/core.h>

#include <cstdlib>
#include <cstring>

#include <absl/container/flat_hash_set.h>

#include "link/program.h"

namespace gale::link {
namespace {

struct RelocRow {
  uint32_t type;
  RelocKind kind;
};
constexpr RelocRow kRelocRows[] = {
    {R_X86_64_NONE, RelocKind::Keep},          {R_X86_64_64, RelocKind::Abs64},
    {R_X86_64_PC32, RelocKind::PcRel32},       {R_X86_64_PLT32, RelocKind::Call32},
    {R_X86_64_32, RelocKind::Abs32},           {R_X86_64_32S, RelocKind::Abs32Signed},
    {R_X86_64_PC64, RelocKind::PcRel64},       {R_X86_64_TPOFF32, RelocKind::TlsOff32},
    {R_X86_64_GOTPCREL, RelocKind::GotPcRel32}, {R_X86_64_GOTPCRELX, RelocKind::GotPcRel32},
    {R_X86_64_REX_GOTPCRELX, RelocKind::GotPcRel32},
    {R_X86_64_SIZE32, RelocKind::Size32},      {R_X86_64_SIZE64, RelocKind::Size64},
};

bool starts_with(std::string_view s, std::string_view prefix) { return s.substr(0, prefix.size()) == prefix; }

// The psABI-demangled name without parameters and anonymous namespaces: what profiles and traces show for a C++ function.
std::string display_name(std::string_view mangled) {
  if (!starts_with(mangled, "_Z")) return std::string(mangled);
  int status = 0;
  char* text = abi::__cxa_demangle(std::string(mangled).c_str(), nullptr, nullptr, &status);
  if (text == nullptr) return std::string(mangled);
  std::string name = text;
  std::free(text);
  constexpr std::string_view kAnonymous = "(anonymous namespace)::";
  for (size_t at; (at = name.find(kAnonymous)) != std::string::npos;) name.erase(at, kAnonymous.size());
  if (size_t parameters = name.find('('); parameters != std::string::npos && parameters != 0) name.resize(parameters);
  return name;
}

class ElfObjectReader {
 public:
  ElfObjectReader(Program& program, const ElfInput& file, absl::flat_hash_set<Symbol>& groups)
      : p_(program), file_(file), groups_(groups) {}

  Object read() {
    if (read_headers() && collect_groups() && read_symbols()) {
      define_sections();
      read_relocations();
      define_symbols();
    }
    return std::move(object_);
  }

 private:
  bool fail(std::string_view why) {
    p_.error(fmt::format("{}: {}", file_.name, why));
    return false;
  }

  bool in_file(uint64_t offset, uint64_t size) const {
    return offset <= file_.bytes.size() && size <= file_.bytes.size() - offset;
  }

  template <class T>
  bool read_array(uint64_t offset, uint64_t count, std::vector<T>* out) const {
    if (count > file_.bytes.size() / sizeof(T) || !in_file(offset, count * sizeof(T))) return false;
    out->resize(count);
    if (count != 0) std::memcpy(out->data(), file_.bytes.data() + offset, count * sizeof(T));
    return true;
  }

  bool read_headers() {
    std::vector<Elf64_Ehdr> header;
    if (!read_array(0, 1, &header)) return fail("too short for an ELF file");
    const Elf64_Ehdr& h = header[0];
    if (std::memcmp(h.e_ident, ELFMAG, SELFMAG) != 0 || h.e_ident[EI_CLASS] != ELFCLASS64 ||
        h.e_ident[EI_DATA] != ELFDATA2LSB || h.e_machine != EM_X86_64 || h.e_type != ET_REL) {
      return fail("not a relocatable ELF64 x86-64 file");
    }
    uint64_t count = h.e_shnum;
    if (count == 0 && h.e_shoff != 0) {  // more than 65279 sections: the count is in section 0
      std::vector<Elf64_Shdr> first;
      if (!read_array(h.e_shoff, 1, &first)) return fail("section headers lie outside of the file");
      count = first[0].sh_size;
    }
    if (!read_array(h.e_shoff, count, &sections_)) return fail("section headers lie outside of the file");
    uint64_t names_index = h.e_shstrndx == SHN_XINDEX && !sections_.empty() ? sections_[0].sh_link : h.e_shstrndx;
    if (names_index >= sections_.size()) return fail("no section names");
    for (const Elf64_Shdr& s : sections_) {
      if (s.sh_type != SHT_NOBITS && !in_file(s.sh_offset, s.sh_size)) return fail("a section lies outside of the file");
    }
    section_names_ = text_of(sections_[names_index]);
    discarded_.resize(sections_.size());
    names_of_sections_.resize(sections_.size());
    definition_of_section_.assign(sections_.size(), SIZE_MAX);
    return true;
  }

  std::string_view text_of(const Elf64_Shdr& s) const {
    return {reinterpret_cast<const char*>(file_.bytes.data()) + s.sh_offset, s.sh_size};
  }

  static std::string_view string_at(std::string_view table, uint64_t offset) {
    if (offset >= table.size()) return {};
    std::string_view rest = table.substr(offset);
    return rest.substr(0, rest.find('\0'));
  }

  std::string_view section_name(size_t i) const { return string_at(section_names_, sections_[i].sh_name); }

  // Of several files with the same inline function, the sections of the first are kept.
  bool collect_groups() {
    for (size_t i = 0; i < sections_.size(); i++) {
      if (sections_[i].sh_type != SHT_GROUP) continue;
      std::vector<uint32_t> members;
      if (!read_array(sections_[i].sh_offset, sections_[i].sh_size / 4, &members) || members.empty()) {
        return fail("bad section group");
      }
      std::vector<Elf64_Sym> signature;
      const Elf64_Shdr& symtab = sections_[i].sh_link < sections_.size() ? sections_[sections_[i].sh_link] : sections_[0];
      if (symtab.sh_link >= sections_.size() ||
          !read_array(symtab.sh_offset + uint64_t{sections_[i].sh_info} * sizeof(Elf64_Sym), 1, &signature)) {
        return fail("bad section group");
      }
      bool comdat = (members[0] & GRP_COMDAT) != 0;
      Symbol name(string_at(text_of(sections_[symtab.sh_link]), signature[0].st_name));
      if (!comdat || groups_.insert(name).second) continue;
      for (size_t m = 1; m < members.size(); m++) {
        if (members[m] < discarded_.size()) discarded_[members[m]] = true;
      }
    }
    return true;
  }

  bool read_symbols() {
    for (size_t i = 0; i < sections_.size(); i++) {
      if (sections_[i].sh_type == SHT_SYMTAB_SHNDX) {
        if (!read_array(sections_[i].sh_offset, sections_[i].sh_size / 4, &wide_indices_)) return fail("bad symbol table");
      }
      if (sections_[i].sh_type != SHT_SYMTAB) continue;
      if (sections_[i].sh_link >= sections_.size() ||
          !read_array(sections_[i].sh_offset, sections_[i].sh_size / sizeof(Elf64_Sym), &symbols_)) {
        return fail("bad symbol table");
      }
      symbol_names_ = text_of(sections_[sections_[i].sh_link]);
    }
    return true;
  }

  size_t section_of_symbol(size_t i) const {
    if (symbols_[i].st_shndx != SHN_XINDEX) return symbols_[i].st_shndx;
    return i < wide_indices_.size() ? wide_indices_[i] : SHN_ABS;
  }

  std::string_view symbol_name(size_t i) const { return string_at(symbol_names_, symbols_[i].st_name); }

  static bool carried(const Elf64_Shdr& s, std::string_view name) {
    if ((s.sh_flags & SHF_ALLOC) == 0 || starts_with(name, ".eh_frame") || starts_with(name, ".note")) return false;
    return s.sh_type == SHT_PROGBITS || s.sh_type == SHT_NOBITS;
  }

  static SymbolKind kind_of(const Elf64_Shdr& s, std::string_view name) {
    if ((s.sh_flags & SHF_TLS) != 0) return SymbolKind::ThreadLocal;
    if (starts_with(name, ".gcroots")) return SymbolKind::GcRoots;
    if ((s.sh_flags & SHF_EXECINSTR) != 0) return SymbolKind::Text;
    // .data.rel.ro is written by a dynamic linker only, and there is none.
    if ((s.sh_flags & SHF_WRITE) == 0 || starts_with(name, ".data.rel.ro")) return SymbolKind::RoData;
    return s.sh_type == SHT_NOBITS ? SymbolKind::NoPtrBss : SymbolKind::NoPtrData;
  }

  void define_sections() {
    for (size_t i = 0; i < sections_.size(); i++) {
      const Elf64_Shdr& s = sections_[i];
      std::string_view name = section_name(i);
      bool constructors = s.sh_type == SHT_INIT_ARRAY || s.sh_type == SHT_FINI_ARRAY || starts_with(name, ".ctors");
      if (constructors && s.sh_size != 0 && !discarded_[i]) fail("has static constructors or destructors");
      if (discarded_[i] || !carried(s, name)) continue;
      Definition def;
      def.name = Symbol(fmt::format("{}({}):{}", file_.name, i, name));
      def.kind = kind_of(s, name);
      def.flags = kLocal | kCxx;
      def.align = s.sh_addralign == 0 ? 1 : static_cast<uint32_t>(s.sh_addralign);
      def.size = s.sh_size;
      if (s.sh_type != SHT_NOBITS) def.bytes = file_.bytes.subspan(s.sh_offset, s.sh_size);
      names_of_sections_[i] = def.name;
      definition_of_section_[i] = object_.definitions.size();
      object_.definitions.push_back(def);
    }
  }

  void read_relocations() {
    for (const Elf64_Shdr& s : sections_) {
      if (s.sh_type == SHT_REL) {
        fail("REL relocations (RELA expected)");
        continue;
      }
      if (s.sh_type != SHT_RELA || s.sh_info >= sections_.size()) continue;
      size_t definition = definition_of_section_[s.sh_info];
      if (definition == SIZE_MAX) continue;
      std::vector<Elf64_Rela> rows;
      if (!read_array(s.sh_offset, s.sh_size / sizeof(Elf64_Rela), &rows)) continue;
      std::vector<Reloc> relocs;
      relocs.reserve(rows.size());
      for (const Elf64_Rela& row : rows) {
        Reloc r;
        if (convert(row, sections_[s.sh_info].sh_size, &r)) relocs.push_back(r);
      }
      std::stable_sort(relocs.begin(), relocs.end(), [](const Reloc& a, const Reloc& b) { return a.offset < b.offset; });
      object_.definitions[definition].relocs = object_.arena->copy(relocs);
    }
  }

  bool convert(const Elf64_Rela& row, uint64_t section_size, Reloc* out) {
    const RelocRow* known = nullptr;
    for (const RelocRow& k : kRelocRows) {
      if (k.type == ELF64_R_TYPE(row.r_info)) known = &k;
    }
    if (known == nullptr) return fail(fmt::format("relocation type {} is not supported", ELF64_R_TYPE(row.r_info)));
    size_t index = ELF64_R_SYM(row.r_info);
    if (index >= symbols_.size() || row.r_offset > section_size ||
        section_size - row.r_offset < field_size(known->kind)) return fail("bad relocation");
    out->offset = static_cast<uint32_t>(row.r_offset);
    out->kind = known->kind;
    out->addend = row.r_addend;
    const Elf64_Sym& sym = symbols_[index];
    size_t section = section_of_symbol(index);
    bool local = ELF64_ST_BIND(sym.st_info) == STB_LOCAL;
    if (local) {
      // By section and offset: local names need not be unique.
      if (section >= sections_.size() || names_of_sections_[section].empty()) {
        return fail(fmt::format("relocation against local symbol {} of a dropped section", symbol_name(index)));
      }
      out->target = names_of_sections_[section];
      // Size relocations are of the symbol; all else is a place.
      out->addend += static_cast<int64_t>(sym.st_value);
    } else {
      out->target = Symbol(symbol_name(index));
      out->optional = section == SHN_UNDEF && ELF64_ST_BIND(sym.st_info) == STB_WEAK;
    }
    return true;
  }

  void define_symbols() {
    for (size_t i = 1; i < symbols_.size(); i++) {
      const Elf64_Sym& sym = symbols_[i];
      size_t section = section_of_symbol(i);
      int type = ELF64_ST_TYPE(sym.st_info);
      if (section == SHN_COMMON) {
        fail(fmt::format("common symbol {} (compile with -fno-common)", symbol_name(i)));
        continue;
      }
      if (section == SHN_UNDEF || section >= sections_.size() || names_of_sections_[section].empty()) continue;
      bool local = ELF64_ST_BIND(sym.st_info) == STB_LOCAL;
      bool function = type == STT_FUNC;
      if (type == STT_SECTION || type == STT_FILE || (local && !function)) continue;
      Alias alias;
      // A local function's name is for people only.
      alias.name = Symbol(local ? fmt::format("{}({}):{}", file_.name, i, symbol_name(i)) : std::string(symbol_name(i)));
      alias.target = names_of_sections_[section];
      alias.offset = sym.st_value;
      alias.size = sym.st_size;
      alias.function = function;
      alias.flags = kCxx;
      alias.display = Symbol(display_name(symbol_name(i)));
      if (ELF64_ST_BIND(sym.st_info) == STB_WEAK) alias.flags |= kWeakDef;
      if (local) alias.flags |= kLocal;
      object_.aliases.push_back(alias);
    }
  }

  Program& p_;
  const ElfInput& file_;
  absl::flat_hash_set<Symbol>& groups_;
  Object object_;
  std::vector<Elf64_Shdr> sections_;
  std::vector<Elf64_Sym> symbols_;
  std::vector<uint32_t> wide_indices_;
  std::string_view section_names_, symbol_names_;
  std::vector<bool> discarded_;
  std::vector<Symbol> names_of_sections_;
  std::vector<size_t> definition_of_section_;
};

}  // namespace

void read_elf_objects(Program& program) {
  absl::flat_hash_set<Symbol> groups;
  program.elf_objects.reserve(program.input.elf_objects.size());
  for (const ElfInput& file : program.input.elf_objects) {
    program.elf_objects.push_back(ElfObjectReader(program, file, groups).read());
  }
}

}  // namespace gale::link
