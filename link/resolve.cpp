// Gives every definition an atom and every name its place. After this step no definition is added except by the linker
// itself (GOT slots), and of several equal definitions one is kept.
#include <fmt/core.h>

#include "base/check.h"
#include "link/program.h"

namespace gale::link {

AtomId Program::add_atom(const Definition* def) {
  Atom a;
  a.def = def;
  a.size = def->bytes.empty() ? def->size : def->bytes.size();
  atoms.push_back(a);
  return AtomId(static_cast<uint32_t>(atoms.size() - 1));
}

const Place* Program::find_live(Symbol name) const {
  auto it = names.find(name);
  if (it == names.end() || !it->second.atom.valid() || !atom(it->second.atom).live) return nullptr;
  return &it->second;
}

namespace {

SectionId section_of(const Definition& def) {
  switch (def.kind) {
    case SymbolKind::Text: return SectionId::Text;
    case SymbolKind::RoData:
    case SymbolKind::GoString: return SectionId::RoData;
    case SymbolKind::Types: return SectionId::Types;
    case SymbolKind::Itab: return SectionId::Itab;
    case SymbolKind::Data: return SectionId::Data;
    case SymbolKind::NoPtrData: return SectionId::NoPtrData;
    case SymbolKind::Bss: return SectionId::Bss;
    case SymbolKind::NoPtrBss: return SectionId::NoPtrBss;
    case SymbolKind::GcRoots: return SectionId::GcRoots;
    case SymbolKind::InitUnit: return SectionId::InitUnits;
    case SymbolKind::CoverCounters: return SectionId::CoverCounters;
    case SymbolKind::ThreadLocal: return def.bytes.empty() ? SectionId::TlsBss : SectionId::TlsData;
  }
  CHECK(false, "a symbol kind of the enum");
}

bool same_content(const Definition& a, const Definition& b) {
  return a.kind == b.kind && a.bytes.size() == b.bytes.size() && a.relocs.size() == b.relocs.size() &&
         std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin());
}

bool may_be_repeated(uint16_t flags) { return (flags & (kDupOk | kWeakDef)) != 0; }

class Resolver {
 public:
  explicit Resolver(Program& program) : p_(program) {}

  void run() {
    size_t count = 0;
    for (const Object* o : p_.input.objects) count += o->definitions.size();
    for (const Object& o : p_.elf_objects) count += o.definitions.size();
    p_.atoms.reserve(count + 64);
    p_.names.reserve(count + count / 4);
    for (const auto& [name, value] : p_.input.options.set_strings) overrides_.emplace(Symbol(name), &value);
    for (const Object* o : p_.input.objects) define_all(*o);
    for (const Object& o : p_.elf_objects) define_all(o);
    // Aliases come after all definitions: a linkname may name a definition of another object.
    for (const Object* o : p_.input.objects) define_aliases(*o);
    for (const Object& o : p_.elf_objects) define_aliases(o);
    define_boundaries();
    p_.stats.defined = p_.atoms.size();
  }

 private:
  void define_all(const Object& object) {
    for (const Definition& def : object.definitions) define(def);
  }

  void define(const Definition& definition) {
    const Definition* def = &definition;
    CHECK(!def->name.empty(), "a name for each definition");
    if (auto it = overrides_.find(def->name); it != overrides_.end()) def = overridden(*def, *it->second);
    auto [it, is_new] = p_.names.try_emplace(def->name);
    if (is_new) {
      it->second.atom = add(def);
      return;
    }
    Atom& old = p_.atom(it->second.atom);
    if ((old.def->flags & kWeakDef) != 0 && (def->flags & kWeakDef) == 0) {
      it->second.atom = add(def);
      return;
    }
    if (may_be_repeated(def->flags)) {
      // Equal by contract. A difference is a mistake of the producer that would show as odd behaviour far from here.
      CHECK((def->flags & kWeakDef) != 0 || same_content(*old.def, *def), def->name.text());
      return;
    }
    p_.error(fmt::format("{}: duplicate definition of symbol", def->name.text()));
  }

  AtomId add(const Definition* def) {
    AtomId id = p_.add_atom(def);
    p_.atom(id).section = section_of(*def);
    return id;
  }

  void define_aliases(const Object& object) {
    for (const Alias& alias : object.aliases) {
      auto target = p_.names.find(alias.target);
      if (target == p_.names.end() || !target->second.atom.valid()) {
        p_.error(fmt::format("{}: relocation target {} not defined", alias.name.text(), alias.target.text()));
        continue;
      }
      Place place = target->second;
      place.offset += alias.offset;
      auto [it, is_new] = p_.names.try_emplace(alias.name, place);
      if (!is_new) {
        uint16_t* flags = &alias_flags_[alias.name];
        bool old_weak = (it->second.atom.valid() ? p_.atom(it->second.atom).def->flags & kWeakDef : 0) != 0 ||
                        (*flags & kWeakDef) != 0;
        if (old_weak && (alias.flags & kWeakDef) == 0) {
          it->second = place;
        } else if (!may_be_repeated(alias.flags)) {
          p_.error(fmt::format("{}: duplicate definition of symbol", alias.name.text()));
          continue;
        } else {
          continue;
        }
      }
      alias_flags_[alias.name] = alias.flags;
      p_.aliases.emplace_back(alias, place.atom);
    }
  }

  // -X: the variable becomes data, a string header that points to the value's bytes.
  const Definition* overridden(const Definition& def, const std::string& value) {
    if ((def.flags & kStringVariable) == 0) {
      p_.error(fmt::format("{}: cannot set with -X: not a var of type string", def.name.text()));
      return &def;
    }
    Definition text;
    text.name = Symbol(fmt::format("{}.str", def.name.text()));
    text.kind = SymbolKind::RoData;
    text.flags = kLocal;
    text.align = 1;
    text.bytes = p_.arena.copy(std::span(reinterpret_cast<const uint8_t*>(value.data()), value.size()));
    p_.own_definitions.push_back(text);
    if (auto [it, is_new] = p_.names.try_emplace(text.name); is_new) it->second.atom = add(&p_.own_definitions.back());

    Definition header = def;
    header.kind = SymbolKind::Data;
    std::span<uint8_t> bytes = p_.arena.make_array<uint8_t>(16);
    for (int i = 0; i < 8; i++) bytes[8 + i] = static_cast<uint8_t>(value.size() >> (8 * i));
    header.bytes = bytes;
    header.relocs = {};
    if (!value.empty()) {
      Reloc pointer{.offset = 0, .kind = RelocKind::Abs64, .target = text.name};
      header.relocs = p_.arena.copy(std::span(&pointer, 1));
    }
    header.ptrmask = p_.arena.copy(std::span(kFirstWordIsPointer));
    p_.own_definitions.push_back(header);
    return &p_.own_definitions.back();
  }

  // Names for the start and end of output sections. A program that defines the name itself keeps its own.
  void define_boundaries() {
    struct Boundary {
      const char* name;
      SectionId section;
      bool end;
    };
    static constexpr Boundary kBoundaries[] = {
        {"runtime.text", SectionId::Text, false},           {"runtime.etext", SectionId::Text, true},
        {"runtime.rodata", SectionId::RoData, false},       {"runtime.erodata", SectionId::FuncTab, true},
        {"runtime.types", SectionId::Types, false},         {"runtime.etypes", SectionId::Types, true},
        {"runtime.itabs", SectionId::Itab, false},          {"runtime.eitabs", SectionId::Itab, true},
        {"runtime.typelink", SectionId::TypeLink, false},   {"runtime.etypelink", SectionId::TypeLink, true},
        {"runtime.itablink", SectionId::ItabLink, false},   {"runtime.eitablink", SectionId::ItabLink, true},
        {"runtime.pclntab", SectionId::FuncTab, false},     {"runtime.epclntab", SectionId::FuncTab, true},
        {"runtime.noptrdata", SectionId::NoPtrData, false}, {"runtime.enoptrdata", SectionId::NoPtrData, true},
        {"runtime.data", SectionId::Data, false},           {"runtime.edata", SectionId::Data, true},
        {"runtime.bss", SectionId::Bss, false},             {"runtime.ebss", SectionId::Bss, true},
        {"runtime.noptrbss", SectionId::NoPtrBss, false},   {"runtime.enoptrbss", SectionId::NoPtrBss, true},
        {"runtime.gcroots", SectionId::GcRoots, false},     {"runtime.egcroots", SectionId::GcRoots, true},
        {"runtime.covctrs", SectionId::CoverCounters, false}, {"runtime.ecovctrs", SectionId::CoverCounters, true},
        {"runtime.end", SectionId::CoverCounters, true},    {"runtime.gale_module", SectionId::Module, false},
        {"gale_module", SectionId::Module, false},
        {"go:buildinfo", SectionId::BuildInfo, false},
    };
    for (const Boundary& b : kBoundaries) {
      auto [it, is_new] = p_.names.try_emplace(Symbol(b.name));
      if (!is_new) continue;
      Definition def;
      def.name = Symbol(b.name);
      p_.own_definitions.push_back(def);
      it->second.atom = p_.add_atom(&p_.own_definitions.back());
      Atom& a = p_.atom(it->second.atom);
      a.section = b.section;
      a.is_boundary = true;
      a.is_end = b.end;
    }
  }

  static constexpr uint8_t kFirstWordIsPointer[] = {1};
  Program& p_;
  absl::flat_hash_map<Symbol, const std::string*> overrides_;
  absl::flat_hash_map<Symbol, uint16_t> alias_flags_;
};

}  // namespace

void resolve_symbols(Program& program) { Resolver(program).run(); }

}  // namespace gale::link
