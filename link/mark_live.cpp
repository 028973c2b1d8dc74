// Finds what the image needs: the closure of the roots over relocations. The compiler has already left out what it knows to
// be unreachable; this step adds what only names can tell (C++ sections, types nobody points to, merged bodies' data).
//
// After: Atom::live is final; of live atoms every relocation's place is in Program::targets; undefined names are errors.
#include <fmt/core.h>

#include "link/got.h"
#include "link/program.h"

namespace gale::link {
namespace {

class Marker {
 public:
  explicit Marker(Program& program) : p_(program) {}

  void run() {
    index_dependents();
    mark_name(p_.input.entry, "");
    for (Symbol root : p_.input.roots) mark_name(root, "");
    for (uint32_t i = 0; i < p_.atoms.size(); i++) {
      const Definition& def = *p_.atoms[i].def;
      bool root = (def.flags & kKeepAlive) != 0 || (def.kind == SymbolKind::InitUnit && def.alive_with.empty());
      if (root && is_current(AtomId(i))) mark(AtomId(i));
    }
    while (!pending_.empty()) {
      AtomId id = pending_.back();
      pending_.pop_back();
      scan(id);
    }
    for (const Atom& a : p_.atoms) p_.stats.live += a.live;
  }

 private:
  // A weak definition that lost to another keeps its atom but not its name.
  bool is_current(AtomId id) const {
    auto it = p_.names.find(p_.atom(id).def->name);
    return it != p_.names.end() && it->second.atom == id;
  }

  void index_dependents() {
    for (uint32_t i = 0; i < p_.atoms.size(); i++) {
      Symbol with = p_.atoms[i].def->alive_with;
      if (with.empty() || !is_current(AtomId(i))) continue;
      auto it = p_.names.find(with);
      if (it != p_.names.end() && it->second.atom.valid()) dependents_[it->second.atom.index].push_back(AtomId(i));
    }
  }

  void mark_name(Symbol name, std::string_view from) {
    auto it = p_.names.find(name);
    if (it == p_.names.end() || !it->second.atom.valid()) {
      report_undefined(from, name);
      return;
    }
    mark(it->second.atom);
  }

  void mark(AtomId id) {
    Atom& a = p_.atom(id);
    if (a.live) return;
    a.live = true;
    pending_.push_back(id);
    auto it = dependents_.find(id.index);
    if (it == dependents_.end()) return;
    for (AtomId dependent : it->second) mark(dependent);  // depth: chains of alive_with, as long as the producer makes them
  }

  void scan(AtomId id) {
    const Definition& def = *p_.atom(id).def;
    p_.atom(id).first_target = static_cast<uint32_t>(p_.targets.size());
    size_t first = p_.targets.size();
    p_.targets.resize(first + def.relocs.size());
    for (size_t i = 0; i < def.relocs.size(); i++) p_.targets[first + i] = follow(def, def.relocs[i]);
    if (def.func == nullptr) return;
    for (const FuncData& data : def.func->funcdata) {
      for (const Reloc& r : data.relocs) follow(def, r);
    }
  }

  Place follow(const Definition& def, const Reloc& reloc) {
    auto it = p_.names.find(reloc.target);
    if (it == p_.names.end() || !it->second.atom.valid()) {
      if (!reloc.weak && !reloc.optional) report_undefined(def.name.text(), reloc.target);
      if (reloc.kind == RelocKind::GotPcRel32 && !can_relax_got(def.bytes, reloc)) return got_slot(reloc.target, Place{});
      return {};
    }
    Place place = it->second;
    if (reloc.kind == RelocKind::GotPcRel32 && !can_relax_got(def.bytes, reloc)) place = got_slot(reloc.target, place);
    if (!reloc.weak) mark(place.atom);
    return place;
  }

  // The atom of the 8 bytes that hold a symbol's address, for code that cannot be made to do without.
  Place got_slot(Symbol name, const Place& place) {
    auto [it, is_new] = got_slots_.try_emplace(name);
    if (is_new) {
      Definition slot;
      slot.name = Symbol(fmt::format("go:got.{}", name.text()));
      slot.kind = SymbolKind::RoData;
      slot.flags = kLocal;
      slot.align = 8;
      slot.bytes = p_.arena.make_array<uint8_t>(8);
      if (place.atom.valid()) {
        Reloc address{.offset = 0, .kind = RelocKind::Abs64, .target = name};
        slot.relocs = p_.arena.copy(std::span(&address, 1));
      }
      p_.own_definitions.push_back(slot);
      it->second = p_.add_atom(&p_.own_definitions.back());
      p_.atom(it->second).section = SectionId::RoData;
    }
    mark(it->second);
    return Place{it->second, 0};
  }

  void report_undefined(std::string_view from, Symbol name) {
    if (!reported_.emplace(fmt::format("{} {}", from, name.text()), true).second) return;
    if (name.text() == "main.main") {
      p_.error(fmt::format("{}: function main is undeclared in the main package", from.empty() ? "runtime.main" : from));
    } else if (from.empty()) {
      p_.error(fmt::format("entry point {} not defined", name.text()));
    } else {
      p_.error(fmt::format("{}: relocation target {} not defined", from, name.text()));
    }
  }

  Program& p_;
  std::vector<AtomId> pending_;
  absl::flat_hash_map<uint32_t, std::vector<AtomId>> dependents_;
  absl::flat_hash_map<Symbol, AtomId> got_slots_;
  absl::flat_hash_map<std::string, bool> reported_;
};

}  // namespace

void mark_live(Program& program) { Marker(program).run(); }

}  // namespace gale::link
