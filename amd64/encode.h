// Code layout and final encoding of an allocated function. The code is made as chunks, straight runs that end in at most one
// branch; branches are then sized (short where they reach) and chunks put in place. Everything recorded on the way (relocations,
// rows of tables) is kept by (chunk, offset) and moves with its chunk.
#pragma once

#include <vector>

#include "amd64/assembler.h"
#include "amd64/frame.h"
#include "amd64/inst.h"

namespace gale::amd64 {

struct CodeRow {
  uint32_t pc;
  int32_t value;
};
struct PosRow {
  uint32_t pc;
  Pos pos;
  ir::InlineId inlined;
};

struct JumpTableData {
  Symbol name;
  std::vector<uint32_t> targets;  // pcs
};

struct Code {
  std::vector<uint8_t> bytes;
  std::vector<link::Reloc> relocs;
  std::vector<CodeRow> stack_depth;   // pcsp
  std::vector<CodeRow> stack_maps;    // StackMapIndex
  std::vector<CodeRow> unsafe_points; // UnsafePoint
  std::vector<PosRow> positions;
  std::vector<uint32_t> inline_marks; // by InlineId: a pc that stands for the call
  std::vector<JumpTableData> tables;
  std::vector<std::pair<int, uint64_t>> float_constants;  // width, bits
  uint32_t deferreturn = 0;
  uint32_t frame_size = 0;            // after the prologue: SP at entry - SP
  // Distinct pointer maps: words of the arguments; stack objects and pointer slots. Row 0 is the entry.
  uint32_t args_words = 0, locals_bits = 0;
  std::vector<std::vector<uint8_t>> args_maps, locals_maps;
  std::vector<uint32_t> stack_objects;  // Locals with pointers, by ascending address
  std::string listing;                // if asked for
};

Code encode(const MFunc& f, const Frame& frame, bool listing);
Symbol float_constant_name(int width, uint64_t bits);

}  // namespace gale::amd64
