// Machine code as data: registers, instructions of insts.def over virtual registers, blocks, and the function that holds
// them. select makes it in SSA form (each virtual register has one definition), regalloc replaces each operand by a real
// register and inserts moves, encode turns it into bytes.
//
// Operand order of an instruction: definitions first (an explicit one is definition 0), then the uses: the reg operand if it
// is read, the r/m operand if it is a register, other explicit uses, then base and index of the memory operand, then implicit
// uses. A read-write register is a definition plus a use marked `tied`, which end in the same register.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "ir/func.h"

namespace gale::amd64 {

// Hardware numbers; X0.. are 16 up.
enum Reg : uint8_t {
  RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15,
  X0, X1, X2, X3, X4, X5, X6, X7, X8, X9, X10, X11, X12, X13, X14, X15,
  kAnyReg = 0xff,
};
constexpr int kNumRegs = 32;
using RegMask = uint32_t;
constexpr RegMask bit(int r) { return RegMask(1) << r; }
constexpr RegMask kIntMask = 0xffff & ~(bit(RSP) | bit(RBP) | bit(R14));  // what the allocator may give out
constexpr RegMask kFloatMask = 0x7fff0000;                               // X15 is zero
constexpr RegMask kAllMask = kIntMask | kFloatMask;
// What calls of the runtime's leaves change (base/abi/gates.def): C++ keeps what its convention says, LEAF rows touch little.
constexpr RegMask kCLeafClobbers = kAllMask & ~(bit(R12) | bit(R13) | bit(R15));
constexpr RegMask kLeafClobbers = bit(RAX) | bit(RBX) | bit(RCX) | bit(RDX) | bit(RDI) | bit(RSI) | 0x01ff0000;

// Registers of ABIInternal by ordinal (ir::AbiSlot::reg).
constexpr Reg kAbiInt[] = {RAX, RBX, RCX, RDI, RSI, R8, R9, R10, R11};

// Virtual register. Values below kNumRegs are the real registers themselves (R14, RSP, X15), outside of allocation.
using VReg = uint32_t;
constexpr VReg kNoVReg = 0xffffffff;
constexpr VReg kFirstVReg = kNumRegs;

enum class Cond : uint8_t { O, NO, B, AE, E, NE, BE, A, S, NS, P, NP, L, GE, LE, G };
constexpr Cond negate(Cond c) { return static_cast<Cond>(static_cast<uint8_t>(c) ^ 1); }
Cond swap_operands(Cond c);  // the condition after exchanging the compared values

enum class MOp : uint8_t {
#define INST(name, ...) name,
#include "amd64/insts.def"
#undef INST
};

enum class Form : uint8_t { RM, MR, M, MI, MI8, MC, RMI, RMI8, OI, O, ZO, PS };
enum class SizeRule : uint8_t { I, W, R, S, P, D, N, X, E };

struct InstDesc {
  std::string_view mnemonic;
  Form form;
  SizeRule size;
  uint32_t opcode;
  uint8_t digit;
  char reg, rm;  // r, w, x or -
  bool writes_flags, reads_flags, commutative, lock, copy, no_slot, cond, other_rm, other_reg;
};
const InstDesc& desc(MOp op);

struct Operand {
  VReg vreg = kNoVReg;
  Reg reg = kAnyReg;     // before allocation: required register or kAnyReg; after: the register (kAnyReg: became memory)
  bool tied = false;     // use: shares the register of definition 0
  bool early = false;    // definition: may not share a register with a use
  bool any = false;      // use (Keep, Bounds): a spilled value may stay in its slot
  uint32_t next = 0;     // use: position of the next use of the same value after this one; kNever: last
};
constexpr uint32_t kNever = 0xffffffff;

inline Operand def(VReg v) { return {v}; }
inline Operand def(VReg v, Reg r) { return {v, r}; }
inline Operand early_def(VReg v) { return {v, kAnyReg, false, true}; }
inline Operand use(VReg v) { return {v}; }
inline Operand use(VReg v, Reg r) { return {v, r}; }
inline Operand tied(VReg v) { return {v, kAnyReg, true}; }

// A memory operand. As select builds it, base and index are registers; in an Inst they are operand indices.
struct Mem {
  enum Kind : uint8_t {
    None,
    Base,      // [base + index*scale + disp]
    SymbolRip, // [rip + symbol + disp]
    Local,     // [local id + index*scale + disp]
    Incoming,  // [first stack argument + disp]
    Outgoing,  // [rsp + disp]
    Slot,      // spill slot of virtual register id
    FloatConst,// the constant of virtual register id, in read-only data
  } kind = None;
  uint8_t scale = 1;
  VReg base = kNoVReg, index = kNoVReg;
  int32_t disp = 0;
  uint32_t id = 0;
  Symbol symbol;
};

// Tables a call needs beside its operands.
struct CallSite {
  const ir::CallInfo* info = nullptr;
  bool safepoint = false;
  bool is_deferreturn = false;
  std::span<VReg> live_pointers;  // in slots, across the call (set by regalloc)
  std::span<uint32_t> live_locals;  // Locals with pointers that are in use (set by find_live_locals)
};

// What a Bump allocates.
struct BumpSite {
  uint32_t span_class = 0;
  uint32_t mask = 0;  // words that hold pointers
};

struct Inst {
  MOp op;
  uint8_t width = 8;       // operand bytes
  uint8_t width2 = 0;      // E, X: bytes of the other side
  Cond cond = Cond::O;
  uint16_t num_defs = 0, num_uses = 0;
  bool flags_live = false;  // the flags carry a value across the point before this instruction (set by regalloc)
  bool zeroes_by_xor = false;  // Remat
  Operand* operands = nullptr;
  Mem mem;                 // base and index: operand indices + 1 in base/index, 0: none (after make)
  int64_t imm = 0;
  RegMask clobbers = 0;
  union {
    CallSite* call = nullptr;          // calls, Bounds
    std::span<const uint32_t>* table;  // JumpTable: block of each case
    const BumpSite* bump;              // Bump
  };
  Symbol symbol;           // Call
  Pos pos;
  ir::InlineId inlined;

  std::span<Operand> defs() const { return {operands, num_defs}; }
  std::span<Operand> uses() const { return {operands + num_defs, num_uses}; }
  std::span<Operand> all() const { return {operands, size_t(num_defs) + num_uses}; }

  // The call, if goroutines may stop in it; or nullptr.
  CallSite* safepoint() const {
    const bool no_call = op == MOp::JumpTable || op == MOp::Bump;  // have something else in its place
    return no_call || call == nullptr || !call->safepoint ? nullptr : call;
  }
};

// Index (in uses()) of the use that is the register form of r/m and may become a memory operand; -1: none.
int rm_use(const Inst& inst);

struct VRegInfo {
  enum Kind : uint8_t { Normal, Int, Float, Address, IncomingLoad } kind = Normal;  // all but Normal are rematerialised
  ir::Ty ty = ir::Ty::I64;
  bool is_float() const { return ty == ir::Ty::F32 || ty == ir::Ty::F64; }
  bool is_pointer() const { return ty == ir::Ty::Ptr; }
  int64_t imm = 0;  // Int, Float (bits)
  Mem mem;          // Address, IncomingLoad (no base or index)
};

struct MPhi {
  VReg def;
  std::span<VReg> args;  // in the order of preds
};

struct MBlock {
  std::vector<Inst*> insts;  // the last ones are the terminator
  std::vector<MPhi> phis;
  std::vector<uint32_t> succs, preds;  // indices of MFunc::blocks
  bool cold = false;
  bool root = false;          // entered by recovery too
  uint8_t loop_depth = 0;
};

struct MFunc {
  explicit MFunc(const ir::Func& func) : ir(func) {}
  const ir::Func& ir;
  Arena arena;
  std::vector<MBlock> blocks;    // reverse postorder, blocks[0] is the entry
  std::vector<VRegInfo> vregs;   // by VReg; the first kNumRegs stand for real registers
  uint32_t outgoing = 0;         // bytes of the outgoing area
  bool has_calls = false;        // anything but calls of cold panic tails
  bool needs_frame_pointer = false;
  bool uses_closure = false;     // RDX matters at entry
  bool zero_result_area = false; // memory results with pointers
  std::span<uint32_t> recovered_locals;  // Locals with pointers that deferred calls and recovery need: in use at every safepoint
  std::span<uint32_t> unwritten_locals;  // Locals with pointers that may be looked at before the code has written all of them
  // Set by regalloc: spill slot of each virtual register (index of its kind's area), or -1.
  std::vector<int32_t> slot;
  uint32_t pointer_slots = 0, scalar_slots = 0;

  VReg new_vreg(ir::Ty ty) {
    vregs.push_back(VRegInfo{.ty = ty});
    return static_cast<VReg>(vregs.size() - 1);
  }
};

std::string_view reg_name(Reg r, int width);
std::string print(const MFunc& f, const Inst& inst);
std::string print(const MFunc& f);

}  // namespace gale::amd64
