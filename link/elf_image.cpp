// The ELF file around the sections: headers, segments, symbol table.
//
//   R X  headers, build id, .text        R  .rodata .. .go.module        R W  .go.buildinfo .. bss
//   not loaded: .debug_*, .symtab, .strtab, .shstrtab, section headers
#include "link/elf_image.h"

#include <elf.h>

#include <algorithm>

#include "base/check.h"
#include "link/bytes.h"
#include "link/program.h"

namespace gale::link {
namespace {

class ImageBuilder {
 public:
  ImageBuilder(Program& program, std::vector<DebugSection> debug) : p_(program), debug_(std::move(debug)) {}

  Bytes build() {
    image_.resize(loaded_size());
    write_sections(p_, image_);
    add_section_headers();
    if (!p_.input.options.strip_symbols) write_symbols();
    for (const DebugSection& s : debug_) append_section(s.name, SHT_PROGBITS, s.bytes, 1);
    write_section_names();
    write_headers();
    return std::move(image_);
  }

 private:
  uint64_t loaded_size() const {
    uint64_t end = 0;
    for (size_t i = 0; i < kSectionCount; i++) {
      const Section& s = p_.sections[i];
      if (!section_info(static_cast<SectionId>(i)).zero_fill) end = std::max(end, s.file_offset + s.size);
    }
    return end;
  }

  uint32_t section_name(std::string_view name) {
    uint32_t offset = static_cast<uint32_t>(section_names_.size());
    append_c_string(section_names_, name);
    return offset;
  }

  void add_section_headers() {
    headers_.push_back({});
    append_u8(section_names_, 0);
    for (size_t i = 0; i < kSectionCount; i++) {
      SectionId id = static_cast<SectionId>(i);
      const SectionInfo& info = section_info(id);
      const Section& s = p_.section(id);
      if (s.size == 0 && id != SectionId::Text) continue;
      Elf64_Shdr h = {};
      h.sh_name = section_name(info.name);
      h.sh_type = id == SectionId::BuildIdNote ? SHT_NOTE : info.zero_fill ? SHT_NOBITS : SHT_PROGBITS;
      h.sh_flags = SHF_ALLOC;
      if (id == SectionId::Text) h.sh_flags |= SHF_EXECINSTR;
      if (info.segment == Segment::Writable) h.sh_flags |= SHF_WRITE;
      if (id == SectionId::TlsData || id == SectionId::TlsBss) h.sh_flags |= SHF_TLS;
      h.sh_addr = s.address;
      h.sh_offset = info.zero_fill ? std::min<uint64_t>(s.file_offset, image_.size()) : s.file_offset;
      h.sh_size = s.size;
      h.sh_addralign = s.align;
      header_index_[i] = static_cast<uint16_t>(headers_.size());
      headers_.push_back(h);
    }
  }

  size_t append_section(std::string_view name, uint32_t type, const Bytes& bytes, uint64_t align) {
    pad_to(image_, align);
    Elf64_Shdr h = {};
    h.sh_name = section_name(name);
    h.sh_type = type;
    h.sh_offset = image_.size();
    h.sh_size = bytes.size();
    h.sh_addralign = align;
    image_.insert(image_.end(), bytes.begin(), bytes.end());
    headers_.push_back(h);
    return headers_.size() - 1;
  }

  // ---- symbols

  struct SymbolRow {
    std::string_view name;
    uint64_t address, size;
    uint8_t type;
    bool local;
    SectionId section;
  };

  void collect_symbols() {
    uint64_t text = p_.section(SectionId::Text).address;
    for (const FunctionRow& f : p_.functions) {
      rows_.push_back({f.name, text + f.offset, f.size, STT_FUNC, f.local, SectionId::Text});
    }
    for (uint32_t i = 0; i < p_.atoms.size(); i++) {
      const Atom& a = p_.atoms[i];
      bool in_image = a.is_boundary || (a.live && !a.folded_into.valid());
      if (!in_image || !is_listed(a)) continue;
      rows_.push_back({a.def->name.text(), p_.address(AtomId(i)), a.size, static_cast<uint8_t>(a.is_boundary ? STT_NOTYPE : STT_OBJECT),
                       (a.def->flags & kLocal) != 0, a.section});
    }
    for (const auto& [alias, atom] : p_.aliases) {
      const Atom& a = p_.atom(atom);
      if (!a.live || (a.section == SectionId::Text && (a.def->flags & kCxx) != 0) || (alias.flags & kLocal) != 0) continue;
      uint8_t type = a.section == SectionId::Text ? STT_FUNC : STT_OBJECT;
      if (a.section == SectionId::TlsData || a.section == SectionId::TlsBss) continue;
      std::string_view name = alias.display ? alias.display.text() : alias.name.text();
      rows_.push_back({name, p_.address(atom) + alias.offset, alias.size, type, false, a.section});
    }
    std::sort(rows_.begin(), rows_.end(), [](const SymbolRow& a, const SymbolRow& b) {
      if (a.local != b.local) return a.local;
      if (a.address != b.address) return a.address < b.address;
      return a.name < b.name;
    });
  }

  // Functions come from the function list. Not listed, as in gc's images: strings, descriptors' names, read-only tables.
  bool is_listed(const Atom& a) const {
    if (a.is_boundary) return header_index_[static_cast<size_t>(a.section)] != 0;
    switch (a.section) {
      case SectionId::Text:
      case SectionId::InitUnits:
      case SectionId::TlsData:
      case SectionId::TlsBss: return false;
      case SectionId::RoData:
      case SectionId::Types: return false;
      default: return (a.def->flags & kCxx) == 0;
    }
  }

  void write_symbols() {
    collect_symbols();
    Bytes names, table(sizeof(Elf64_Sym));
    append_u8(names, 0);
    size_t locals = 1;
    for (const SymbolRow& row : rows_) {
      Elf64_Sym sym = {};
      sym.st_name = static_cast<uint32_t>(names.size());
      append_c_string(names, row.name);
      sym.st_info = ELF64_ST_INFO(row.local ? STB_LOCAL : STB_GLOBAL, row.type);
      sym.st_shndx = header_index_[static_cast<size_t>(row.section)];
      sym.st_value = row.address;
      sym.st_size = row.size;
      append(table, sym);
      locals += row.local;
    }
    size_t symtab = append_section(".symtab", SHT_SYMTAB, table, 8);
    size_t strtab = append_section(".strtab", SHT_STRTAB, names, 1);
    headers_[symtab].sh_link = static_cast<uint32_t>(strtab);
    headers_[symtab].sh_info = static_cast<uint32_t>(locals);
    headers_[symtab].sh_entsize = sizeof(Elf64_Sym);
  }

  void write_section_names() {
    Elf64_Shdr h = {};
    h.sh_name = section_name(".shstrtab");
    h.sh_type = SHT_STRTAB;
    h.sh_offset = image_.size();
    h.sh_size = section_names_.size();
    h.sh_addralign = 1;
    image_.insert(image_.end(), section_names_.begin(), section_names_.end());
    headers_.push_back(h);
  }

  // ---- headers

  void add_segment(uint32_t type, uint32_t flags, uint64_t address, uint64_t offset, uint64_t file_size, uint64_t memory_size, uint64_t align) {
    Elf64_Phdr h = {};
    h.p_type = type;
    h.p_flags = flags;
    h.p_offset = offset;
    h.p_vaddr = h.p_paddr = address;
    h.p_filesz = file_size;
    h.p_memsz = memory_size;
    h.p_align = align;
    segments_.push_back(h);
  }

  void add_load_segment(Segment segment, uint32_t flags) {
    uint64_t start = UINT64_MAX, offset = 0, file_end = 0, memory_end = 0;
    for (size_t i = 0; i < kSectionCount; i++) {
      SectionId id = static_cast<SectionId>(i);
      const SectionInfo& info = section_info(id);
      const Section& s = p_.section(id);
      if (info.segment != segment || s.size == 0 || id == SectionId::TlsBss) continue;
      if (s.address < start) {
        start = s.address;
        offset = s.file_offset;
      }
      memory_end = std::max(memory_end, s.address + s.size);
      if (!info.zero_fill) file_end = std::max(file_end, s.address + s.size);
    }
    if (segment == Segment::Code) {
      start = kImageBase;
      offset = 0;
    }
    if (memory_end == 0) return;
    add_segment(PT_LOAD, flags, start, offset, std::max(file_end, start) - start, memory_end - start, kPage);
  }

  void add_thread_local_segment() {
    const Section &data = p_.section(SectionId::TlsData), &bss = p_.section(SectionId::TlsBss);
    if (data.size == 0 && bss.size == 0) return;
    add_segment(PT_TLS, PF_R, data.address, data.file_offset, data.size, bss.address + bss.size - data.address, std::max(data.align, bss.align));
  }

  void write_headers() {
    add_load_segment(Segment::Code, PF_R | PF_X);
    add_load_segment(Segment::ReadOnly, PF_R);
    add_load_segment(Segment::Writable, PF_R | PF_W);
    const Section& note = p_.section(SectionId::BuildIdNote);
    if (note.size != 0) add_segment(PT_NOTE, PF_R, note.address, note.file_offset, note.size, note.size, 4);
    add_thread_local_segment();
    Elf64_Phdr stack = {};
    stack.p_type = PT_GNU_STACK;
    stack.p_flags = PF_R | PF_W;
    stack.p_align = 8;
    segments_.push_back(stack);

    pad_to(image_, 8);
    Elf64_Ehdr h = {};
    std::memcpy(h.e_ident, ELFMAG, SELFMAG);
    h.e_ident[EI_CLASS] = ELFCLASS64;
    h.e_ident[EI_DATA] = ELFDATA2LSB;
    h.e_ident[EI_VERSION] = EV_CURRENT;
    h.e_type = ET_EXEC;
    h.e_machine = EM_X86_64;
    h.e_version = EV_CURRENT;
    const Place* entry = p_.find_live(p_.input.entry);
    CHECK(entry != nullptr, "the entry is defined (mark_live reports it)");
    h.e_entry = p_.address(*entry);
    h.e_phoff = sizeof h;
    h.e_shoff = image_.size();
    h.e_ehsize = sizeof h;
    h.e_phentsize = sizeof(Elf64_Phdr);
    h.e_phnum = static_cast<uint16_t>(segments_.size());
    h.e_shentsize = sizeof(Elf64_Shdr);
    h.e_shnum = static_cast<uint16_t>(headers_.size());
    h.e_shstrndx = static_cast<uint16_t>(headers_.size() - 1);
    CHECK(sizeof h + segments_.size() * sizeof(Elf64_Phdr) <= kHeaderRoom, "the headers fit in front of the first section");
    store(image_.data(), h);
    std::memcpy(image_.data() + sizeof h, segments_.data(), segments_.size() * sizeof(Elf64_Phdr));
    for (const Elf64_Shdr& header : headers_) append(image_, header);
  }

  Program& p_;
  std::vector<DebugSection> debug_;
  Bytes image_, section_names_;
  std::vector<Elf64_Shdr> headers_;
  std::vector<Elf64_Phdr> segments_;
  std::array<uint16_t, kSectionCount> header_index_ = {};
  std::vector<SymbolRow> rows_;
};

}  // namespace

std::vector<uint8_t> build_image(Program& program, std::vector<DebugSection> debug) {
  return ImageBuilder(program, std::move(debug)).build();
}

}  // namespace gale::link
