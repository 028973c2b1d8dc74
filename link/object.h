// Object: what amd64/ and rtdata/ produce and link/ consumes. A list of definitions (symbol name -> bytes, relocations,
// function tables). Nothing in it depends on addresses, dense ids or the order of arrival (DESIGN D18): other symbols are
// named, source positions are (file name, line). Every span and text points into the object's arena (or static data).
//
// Names: gc's link names ("main.main", "type:*main.T", "go:itab.*os.File,io.Writer"). Go and C++ share one namespace; a
// C++ function is known by its assembler name (extern "C" or mangled).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/symbol.h"

namespace gale::link {

// What a definition is, which decides its output section.
enum class SymbolKind : uint8_t {
  Text,        // machine code; has a FuncInfo (unless it is no function of its own, e.g. padding tables)
  RoData,      // read-only bytes, may hold addresses; equal dupok ones are folded by name
  GoString,    // bytes of string constants, no relocations; folded by name, sorted by size, packed with align 1
  Types,       // the `types` section: descriptors (order != null, sorted by it) and then names and imethods (order null)
  Itab,        // static itabs (abi.ITab); entered into the link-time hash table
  Data,        // initialised, has pointers: ptrmask tells which words
  NoPtrData,   // initialised, no pointers into the heap
  Bss,         // zero, has pointers: ptrmask (bytes empty, `size` counts)
  NoPtrBss,    // zero, no pointers
  GcRoots,     // `.gcroots`: off-heap holders of heap pointers
  InitUnit,    // one record of the init-unit table, `bytes` as base/abi lays it out; in the table by ascending `rank`
  CoverCounters,  // bss of coverage counters, contiguous
  ThreadLocal,    // offset from the thread pointer (C++ only)
};

enum class RelocKind : uint8_t {
  Keep,        // writes nothing: target is alive if this is
  Abs64,       // S + A
  Abs32,       // S + A, must fit unsigned 32 bits (the image lies below 2 GiB)
  Abs32Signed, // S + A, must fit signed 32 bits
  PcRel32,     // S + A - P, P = address of the field itself: a field that ends its instruction has A = -4
  Call32,      // as PcRel32, the target is code: "call f" has A = -4
  PcRel64,     // S + A - P
  TypesOff32,  // S + A - start of the types section. Weak and target dead: 0 (as NameOff, TypeOff: nil)
  TextOff32,   // S + A - start of text. Weak and target dead: -1 (unreachable method)
  ModuleOff32, // S + A - address of the gale_module record
  TlsOff32,    // S + A - thread pointer, signed 32
  GotPcRel32,  // C++ objects: address of an 8-byte slot that holds S, + A - P. Relaxed to a direct form where it can be
  Size32,      // size of the target + A
  Size64,
};

// Bytes that the linker writes.
constexpr uint32_t field_size(RelocKind kind) {
  switch (kind) {
    case RelocKind::Keep: return 0;
    case RelocKind::Abs64:
    case RelocKind::PcRel64:
    case RelocKind::Size64: return 8;
    default: return 4;
  }
}

struct Reloc {
  uint32_t offset = 0;  // in bytes
  RelocKind kind = RelocKind::Abs64;
  bool weak = false;  // does not keep the target alive; if the target is not alive, see the kind (Abs64 and others: 0)
  bool optional = false;  // the target may be undefined: then as if dead
  Symbol target;
  int64_t addend = 0;
};

// From `pc` (offset in the function) up to the next row's, the column has `value`. Before the first row: -1 (pcsp: 0).
struct PcValue {
  uint32_t pc = 0;
  int32_t value = -1;
};

// From `pc` on, the code belongs to this line. A table starts with pc 0.
struct LineRow {
  uint32_t pc = 0;
  uint32_t line = 0;
  uint16_t column = 0;       // 0: not known
  uint16_t file = 0;         // index into FuncInfo::files
  int16_t inline_index = -1; // innermost inlined call (index into inline_tree), -1: the function itself
  bool is_stmt = true;       // a good place for a breakpoint
};

// One inlined call. `file`, `line`: where the call stands, in its parent.
struct InlineNode {
  int16_t parent = -1;  // index of the inlined call that contains it, -1: the function itself
  uint16_t file = 0;
  uint32_t line = 0;
  Symbol function;          // link name of the inlined function
  uint32_t start_line = 0;  // its `func` line
  uint32_t parent_pc = 0;   // a pc whose position, in the parent, is that of the call
  uint8_t func_id = 0;
};

struct PcData {
  uint8_t index = 0;  // PCDATA number of base/abi
  std::span<const PcValue> rows;
};

struct FuncData {
  uint8_t index = 0;  // FUNCDATA number of base/abi
  uint8_t align = 1;  // 1, 2, 4 or 8
  std::span<const uint8_t> bytes;   // equal bytes of all functions are stored once
  std::span<const Reloc> relocs;    // TextOff32, TypesOff32, Abs64; rarely any
};

// Flags of gc's funcFlag byte (internal/abi.FuncFlag), then gale's own, which stay in the object.
enum FuncFlag : uint16_t {
  kFuncTopFrame = 1,
  kFuncSpWrite = 2,
  kFuncAsm = 4,
  kFuncWrapper = 1 << 8,   // sets FuncID wrapper if func_id is 0
  kFuncCxx = 1 << 9,       // C++: unwound by RBP, no pointer maps (set by the reader of ELF objects)
};

// A variable for debuggers. Locations: in the frame at `frame_offset` from the CFA, for the pcs in [low, high).
struct DebugVariable {
  Symbol name;
  Symbol type;  // a type descriptor's symbol
  bool parameter = false, result = false;
  uint32_t line = 0;
  int32_t frame_offset = 0;
  uint32_t low = 0, high = 0;
};

// What the function table and DWARF say of a Text definition.
struct FuncInfo {
  int32_t args_size = 0;       // bytes of stack arguments and results; kArgsSizeUnknown for some assembly
  uint32_t frame_size = 0;     // locals: SP at entry - SP in the body, less the return address
  uint32_t start_line = 0;     // line of the `func` keyword
  uint32_t deferreturn = 0;    // offset of the instruction that calls deferreturn, 0: none
  uint8_t func_id = 0;         // internal/abi.FuncID
  uint16_t flags = 0;          // FuncFlag
  Symbol display_name;         // as tracebacks show it (generics "[...]"); empty: the link name
  std::span<const Symbol> files;        // absolute (or trimmed) names
  std::span<const LineRow> lines;
  std::span<const InlineNode> inline_tree;  // a parent comes before its children
  std::span<const PcValue> pcsp;        // bytes pushed since entry, return address not counted
  std::span<const PcData> pcdata;
  std::span<const FuncData> funcdata;
  std::span<const DebugVariable> variables;
};
constexpr int32_t kArgsSizeUnknown = INT32_MIN;

// Where a descriptor stands in the types section (ABI section 8): typelinks first, then by type string, then by
// fingerprint, so that the typelink table is a prefix in order.
struct TypeOrder {
  bool typelink = false;
  std::string_view text;         // reflect's String()
  uint64_t fingerprint[2] = {};  // structural, from rtdata/
};

enum SymbolFlag : uint16_t {
  kDupOk = 1,        // several objects may define it, all alike: the first is kept
  kKeepAlive = 2,    // a root: alive whether referenced or not
  kLocal = 4,        // not in the symbol table of the image
  kFoldable = 8,     // Text: may share one address with an equal body of the same `fold_group`
  kWeakDef = 16,     // another, not weak, definition wins (C++ weak)
  kStringVariable = 32,  // a variable of type string: -X may set it
  kCxx = 64,         // from an ELF object
};

// One defined symbol.
struct Definition {
  Symbol name;
  SymbolKind kind = SymbolKind::RoData;
  uint16_t flags = 0;            // SymbolFlag
  uint32_t align = 0;            // a power of two; 0: the kind's usual (text 16 or 32, data: natural from size)
  uint64_t size = 0;             // of zero-filled kinds; for the others bytes.size() counts
  std::span<const uint8_t> bytes;
  std::span<const Reloc> relocs;  // by ascending offset
  const FuncInfo* func = nullptr;
  // Data, Bss, GcRoots: bit i of byte i/8 set: word i is a pointer. The mask is repeated every ptrmask_period words if that
  // is not 0; else words after it are no pointers.
  std::span<const uint8_t> ptrmask;
  uint32_t ptrmask_period = 0;
  const TypeOrder* order = nullptr;  // Types: a descriptor
  uint64_t rank = 0;                 // InitUnit: order of execution
  Symbol fold_group;                 // kFoldable: name of the generic origin
  Symbol alive_with;                 // alive as soon as that symbol is (pure init units; tables about another symbol)
};

// Another name for a place in a definition (linkname; the symbols of one ELF section).
struct Alias {
  Symbol name;
  Symbol target;
  uint64_t offset = 0, size = 0;  // size 0: not known
  uint16_t flags = 0;             // SymbolFlag
  bool function = false;          // has a row of its own in the function table
  Symbol display;                 // its name there; empty: `name`
};

// Values of one producer (a function, a batch of types). Movable, not copyable.
struct Object {
  std::unique_ptr<Arena> arena = std::make_unique<Arena>();
  std::vector<Definition> definitions;
  std::vector<Alias> aliases;
};

}  // namespace gale::link
