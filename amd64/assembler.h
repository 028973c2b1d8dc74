// Assembler: one instruction form with real operands -> bytes and relocations. Knows nothing of frames or blocks.
#pragma once

#include <cstdint>
#include <vector>

#include "amd64/inst.h"
#include "link/object.h"

namespace gale::amd64 {

// A memory operand with real registers.
struct Address {
  Reg base = kAnyReg, index = kAnyReg;
  uint8_t scale = 1;
  int32_t disp = 0;
  bool rip = false;  // [rip + symbol + disp]
  Symbol symbol;
};

class Assembler {
 public:
  std::vector<uint8_t> bytes;
  std::vector<link::Reloc> relocs;

  uint32_t size() const { return static_cast<uint32_t>(bytes.size()); }
  struct Size {
    int width = 8, width2 = 0;
  };
  // reg field and r/m register; either is ignored if the form has none.
  void rr(MOp op, Size size, Reg reg, Reg rm, int64_t imm = 0, Cond cond = Cond::O);
  void rm(MOp op, Size size, Reg reg, const Address& rm, int64_t imm = 0, Cond cond = Cond::O);
  void m(MOp op, Size size, Reg rm, int64_t imm = 0, Cond cond = Cond::O) { rr(op, size, RAX, rm, imm, cond); }
  void zo(MOp op, int width = 8);
  void load_imm(Reg reg, int64_t value, bool may_clobber_flags);  // shortest of xor, mov r32, mov r/m64 imm32, mov r64
  void call(Symbol target, bool jump = false);
  void byte(int b) { bytes.push_back(static_cast<uint8_t>(b)); }
  void u32(uint32_t v);
  void reloc(link::RelocKind kind, Symbol target, int64_t addend);  // at the current offset; the caller appends the field

  // Short jumps inside one expansion: emit, then bind.
  uint32_t short_jcc(Cond c);
  uint32_t short_jmp();
  void bind(uint32_t at);            // the jump made at `at` comes here
  void jcc_back(Cond c, uint32_t to);  // to an earlier offset, near

 private:
  void encode(const InstDesc& d, Size size, Reg reg, Reg rm_reg, const Address* mem, int64_t imm, Cond cond);
  void address(int reg_field, const Address& a, int trailing);
  void imm(int bytes, int64_t value);
};

}  // namespace gale::amd64
