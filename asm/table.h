// The instruction table: rows of mnemonic, operand pattern and encoding. insts_*.def are its parts.
//
//   ROW("VPADDD", "Mv/m,Vv,Rv", "VEX.66.0F FE /r")
//
// Operands are in Plan 9's order; each is a role and a class. Roles: R = ModRM.reg, M = ModRM.rm, V = VEX.vvvv, 4 = bits 7-4 of
// the last byte, O = low bits of the opcode, D = both ModRM.reg and ModRM.rm, - = implied. Classes: r general register, b byte register, x y z vector, v = x or y
// (sets VEX.L), e = x, y or z (sets EVEX.LL), k mask, mm MMX, s segment, c control, d debug register, m memory, vx vy vz memory
// with a vector index; "/m": or memory. Immediates: i8 signed byte, u8 byte, b8 either, u2, i16, i32 (32 bits of either sign), s32, i64, 1 (the constant).
// AX, AL, CL, CX, DX, X0: that register.
//
// Encoding: prefixes joined by dots (NP = none, 66 F2 F3, 0F 0F38 0F3A, W1 = REX.W or VEX.W, L0 L1 L2, VEX, EVEX), the opcode, then
// /r or /digit (ModRM), +r (register in the opcode), =XX (one more opcode byte), ib iw id iq is4 (immediates). EVEX rows add
// N16 (unit of the 8-bit displacement) or d1 d2 d4 (that part of the vector), b4 b8 (broadcast of that size), er, sae, z
// (zeroing), k (a mask is required), kfirst (the mask comes first), nok (no mask).
//
// The first row that fits is used; the order within a mnemonic is gc's choice among equal encodings.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gale::plan9 {

enum class Role : uint8_t { Reg, Rm, Vvvv, Is4, Opcode, Both, Implied, Imm };
enum class Class : uint8_t {
  R, B, X, Y, Z, V, E, K, Mm, Seg, Ctl, Dbg, Mem, Vx, Vy, Vz,
  I8, U8, B8, U2, U7, I16, I32, S32, I64, One, Ax, Al, Cl, Cx, Dx, X0, Zlist, Xlist,
};

struct Pattern {
  Role role = Role::Imm;
  Class cls = Class::R;
  bool or_memory = false;
};

enum class Space : uint8_t { Legacy, Vex, Evex };

struct Form {
  std::vector<Pattern> operands;
  Space space = Space::Legacy;
  uint8_t prefix66 = 0, prefix_rep = 0;  // 0x66; 0xf2 or 0xf3
  uint8_t map = 0;                       // 0: none, 1: 0F, 2: 0F38, 3: 0F3A
  bool w = false;
  int8_t length = -1;                    // -1: from the operands
  uint8_t opcode = 0;
  int8_t digit = -1;                     // /digit
  bool modrm = false, opcode_reg = false;
  int16_t extra = -1;                    // =XX
  uint8_t imm = 0;                       // bytes
  bool is4 = false;
  uint8_t unit = 0, divisor = 0;         // EVEX displacement
  uint8_t broadcast = 0;
  bool rounding = false, sae = false, zeroing = false, needs_mask = false, mask_first = false, no_mask = false;
};

// Rows of a mnemonic; empty: none. Parsed once, thread-safe.
std::span<const Form> forms(std::string_view mnemonic);
// Is it an instruction at all (in the table, or made by the encoder: branches, BYTE, ...)?
bool is_mnemonic(std::string_view mnemonic);
bool is_branch(std::string_view mnemonic);
// JZ is JEQ, MOVOA is MOVO ...
std::string canonical_mnemonic(std::string_view mnemonic);
// Condition code of EQ, NE, ... (as in JEQ); -1: none.
int condition(std::string_view name);
// All mnemonics of the table, for tests.
std::vector<std::string_view> all_mnemonics();

}  // namespace gale::plan9
