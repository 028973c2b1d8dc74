// The linker's own view of a program: atoms (one per definition), the name table, output sections. Filled step by step
// by the functions of link.cpp's table of contents; each step's comment says what holds after it.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/id.h"
#include "base/symbol.h"
#include "link/link.h"
#include "link/object.h"

namespace gale::link {

using AtomId = Id<struct AtomTag>;

// Output sections in the order of the image.
enum class SectionId : uint8_t {
  BuildIdNote,
  Text,
  RoData,
  InitUnits,
  Types,
  Itab,
  TypeLink,
  ItabLink,
  FuncTab,
  GcMask,
  Module,
  BuildInfo,
  GcRoots,
  NoPtrData,
  Data,
  TlsData,
  TlsBss,
  Bss,
  NoPtrBss,
  CoverCounters,
  kCount,
};
constexpr size_t kSectionCount = static_cast<size_t>(SectionId::kCount);

enum class Segment : uint8_t { Code, ReadOnly, Writable };

struct SectionInfo {
  const char* name;
  Segment segment;
  bool zero_fill;  // takes no room in the file
};
const SectionInfo& section_info(SectionId id);

struct Section {
  std::vector<AtomId> atoms;      // in order of address
  std::vector<uint8_t> contents;  // of sections that the linker makes itself, in front of any atoms
  uint64_t size = 0, address = 0, file_offset = 0;
  uint32_t align = 1;
};

struct Atom {
  const Definition* def = nullptr;
  uint64_t size = 0;
  uint64_t offset = 0;   // in its section, after layout
  AtomId folded_into;    // this body is not in the image: another has the same
  uint32_t first_target = UINT32_MAX;  // of its relocations' targets in Program::targets, set when marked alive
  SectionId section = SectionId::RoData;
  bool live = false;
  bool is_boundary = false, is_end = false;  // stands for the start or end of `section`
};

// A place in an atom. No atom: undefined.
struct Place {
  AtomId atom;
  uint64_t offset = 0;
};

// A function inside of an atom that the function table and .symtab list (C++ sections may hold several).
struct FunctionRow {
  uint64_t offset = 0;  // in .text
  uint64_t size = 0;
  AtomId atom;
  std::string_view name;  // as shown in traces and symbol tables
  const FuncInfo* func = nullptr;  // null: C++
  bool local = false;
};

// A part of a table that the linker made, for the size report.
struct TablePart {
  SectionId section;
  std::string_view name;
  uint64_t bytes = 0;
};

struct Program {
  explicit Program(const LinkInput& in) : input(in) {}
  Program(const Program&) = delete;

  const LinkInput& input;
  Arena arena;
  std::vector<Object> elf_objects;     // read from input.elf_objects
  std::deque<Definition> own_definitions;  // made by the linker: -X values, boundaries

  std::vector<Atom> atoms;
  absl::flat_hash_map<Symbol, Place> names;
  std::vector<Place> targets;          // of relocations, see Atom::first_target
  std::vector<std::pair<Alias, AtomId>> aliases;
  std::array<Section, kSectionCount> sections;
  std::vector<FunctionRow> functions;  // by offset; filled by layout
  std::vector<AtomId> itabs;           // live, in order of address
  uint64_t func_data_offset = 0;       // in .gopclntab: base of FUNCDATA offsets
  std::vector<TablePart> table_parts;
  std::vector<std::string> errors;
  LinkStats stats;

  Atom& atom(AtomId id) { return atoms[id.index]; }
  const Atom& atom(AtomId id) const { return atoms[id.index]; }
  Section& section(SectionId id) { return sections[static_cast<size_t>(id)]; }
  const Section& section(SectionId id) const { return sections[static_cast<size_t>(id)]; }
  AtomId add_atom(const Definition* def);
  // The atom whose bytes stand in the image for this one.
  AtomId representative(AtomId id) const {
    while (atoms[id.index].folded_into.valid()) id = atoms[id.index].folded_into;
    return id;
  }
  uint64_t address(AtomId id) const {
    const Atom& a = atoms[representative(id).index];
    return section(a.section).address + (a.is_end ? section(a.section).size : a.offset);
  }
  uint64_t address(const Place& p) const { return address(p.atom) + p.offset; }
  // Null if it is not defined or not alive.
  const Place* find_live(Symbol name) const;
  void error(std::string text) { errors.push_back(std::move(text)); }
};

// Runs body(begin, end) over [0, count) in pieces, on several threads. Pieces must not depend on each other.
void parallel_pieces(int threads, size_t count, size_t piece, const std::function<void(size_t, size_t)>& body);

// The steps, in order.
void read_elf_objects(Program& program);       // elf_object.cpp
void resolve_symbols(Program& program);        // resolve.cpp
void mark_live(Program& program);              // mark_live.cpp
void fold_identical_code(Program& program);    // fold_code.cpp
void lay_out_sections(Program& program);       // layout.cpp: offsets in sections
void build_pointer_masks(Program& program);    // pointer_masks.cpp
void build_function_table(Program& program);   // pclntab.cpp
void build_type_links(Program& program);       // type_links.cpp: .typelink, room for .itablink
void build_build_info(Program& program);       // build_info.cpp: .go.buildinfo, .note.go.buildid
void reserve_module_record(Program& program);  // module_record.cpp: its size
void assign_addresses(Program& program);       // layout.cpp
void fill_itab_links(Program& program);        // type_links.cpp
void fill_module_record(Program& program);     // module_record.cpp
void write_sections(Program& program, std::vector<uint8_t>& image);  // relocate.cpp: bytes with relocations applied

std::string describe_sizes(const Program& program);  // size_report.cpp

// What debuggers read; not loaded.
struct DebugSection {
  const char* name;
  std::vector<uint8_t> bytes;
};
std::vector<DebugSection> build_dwarf(Program& program);  // dwarf.cpp
std::vector<uint8_t> build_image(Program& program, std::vector<DebugSection> debug);  // elf_image.cpp

// A function's name as stack traces show it: type arguments become "[...]".
std::string_view display_function_name(Arena& arena, std::string_view link_name);

}  // namespace gale::link
