// The IR: functions in SSA form. A Func owns blocks and values in dense tables; ids are 32-bit indices into them.
//
// A block is an ordered list of values and ends in a terminator. Order matters for ops with effects (ops.def); pure ops may
// stand anywhere after their arguments. There is no memory token: a pass that moves a load looks at the effects between.
// Values are scalars: strings, slices, interfaces and small structs were split by `lower`; larger aggregates live in Locals
// or behind pointers. Type Ptr is a Go pointer (nil, into an object, or to memory that is not Go's) and is what pointer maps
// record; Addr is any other address, never live across a safepoint if it points into a Go object.
//
// Levels: `lower` makes mid-level IR; after the pass `expand` no op with fact `m` is left.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/id.h"
#include "base/source.h"
#include "base/symbol.h"

namespace gale::types {
struct Type;
}

namespace gale::ir {

struct ValueTag;
struct BlockTag;
struct LocalTag;
struct InlineTag;
using ValueId = Id<ValueTag>;
using BlockId = Id<BlockTag>;
using LocalId = Id<LocalTag>;
using InlineId = Id<InlineTag>;  // one inlined call; invalid: the function itself

enum class Ty : uint8_t { Void, Bool, I8, I16, I32, I64, F32, F64, Ptr, Addr };

enum class Op : uint16_t {
#define OP(name, arity, result, effects, facts, aux, doc) name,
#include "ir/ops.def"
#undef OP
};

// Facts about ops and types (ops.cpp, read from ops.def).
std::string_view name(Op op);
std::string_view name(Ty ty);
bool op_from_name(std::string_view text, Op* op);
bool ty_from_name(std::string_view text, Ty* ty);
int arity(Op op);  // -1: any number
bool reads_memory(Op op);
bool writes_memory(Op op);
bool may_panic(Op op);
bool may_allocate(Op op);
bool is_safepoint(Op op);
bool is_ordered(Op op);     // effect C
bool is_pure(Op op);        // no effect at all
bool is_commutative(Op op);
bool is_mid_level(Op op);
enum class AuxKind : uint8_t { None, Int, Float, Symbol, Type, Local, Call };
AuxKind aux_kind(Op op);
int size_of(Ty ty);         // bytes

// What a failed BoundsCheck says (the index and length are printed).
enum class BoundsKind : uint8_t {
  Index,        // s[x], 0 <= x < len
  SliceAlen,    // s[?:x], x <= len (array or string)
  SliceAcap,    // s[?:x], x <= cap
  SliceB,       // s[x:y], x <= y
  Slice3Alen, Slice3Acap, Slice3B, Slice3C,
  Convert,      // slice to array: len < array length (args: array length, slice length)
};
constexpr int64_t kBoundsUnsigned = 1 << 8;  // added to aux: the index is of an unsigned type (for the message)

// Where one scalar (or one memory block) of an argument or result list lives at a call (ABIInternal, amd64).
struct AbiSlot {
  enum Kind : uint8_t { IntReg, FloatReg, Stack, Memory } kind;
  uint8_t reg = 0;       // IntReg, FloatReg: ordinal in the sequence (RAX RBX RCX RDI RSI R8 R9 R10 R11 / X0..X14)
  Ty ty = Ty::Void;      // of a scalar; Memory: Ptr (the value is an address)
  uint32_t offset = 0;   // Stack, Memory: from the first stack argument (caller's SP at the call)
  uint32_t size = 0;     // Memory: bytes
  uint32_t spill = 0;    // register arguments: offset of their home in the spill area, from the first stack argument
  const types::Type* type = nullptr;  // Memory: Go type (pointer mask); scalars: of the whole parameter, may be null
};

struct CallSig {
  std::span<const AbiSlot> args, results;
  uint32_t stack_size = 0;       // stack arguments and results, without the spill area
  uint32_t result_offset = 0;    // where stack results begin
  uint32_t spill_size = 0;       // of the spill area, which follows
  std::span<const uint8_t> pointer_mask;  // of the words of stack arguments [0, result_offset), bit i of byte i/8; for ArgsMap
  std::span<const uint8_t> result_mask;   // of the words of stack results
};

enum CallFlag : uint32_t {
  kCallNoReturn = 1,     // control does not come back (throw, gopanic): the block ends in Unreachable
  kCallLeaf = 2,         // no safepoint, no stack move (CLEAF): needs no pointer map
  kCallPure = 4,         // result depends on arguments only (may be merged)
  kCallNoEscape = 8,     // pointer arguments do not escape
  kCallGoSite = 16, kCallDeferSite = 32,
  kCallTail = 64,        // wrapper: jump instead of call (arguments pass through unchanged)
  kCallNoWrite = 128,    // does not write memory that Go code sees
  kCallFrameless = 256,  // with kCallLeaf: LEAF, changes few registers
  kCallOrdered = 512,    // CallCode: all that the method is known to be are compiled before (World::implementations)
  kCallUnordered = 1024,  // Call: the callee was found by world facts and may be compiled later: nothing else is known of it
};

struct CallInfo {
  Symbol callee;              // of direct calls; of a CallClosure: the closure's code, if known
  Symbol method;              // of a CallCode: the interface method, by link name (pkg.I.m), if known; args[1] is the data word
  const CallSig* sig = nullptr;
  uint32_t flags = 0;         // CallFlag
  uint64_t noescape_args = 0;  // bit i: pointer in args slot i does not escape
};

struct Value {
  Op op;
  Ty ty;
  uint16_t uses = 0;          // kept by passes that need it (count_uses); saturates
  BlockId block;              // invalid: removed
  std::span<ValueId> args;
  int64_t aux = 0;
  union {
    const types::Type* type = nullptr;  // New, MoveTyped ... ; Phi, Param, Load of Ptr: optional
    const CallInfo* call;
  };
  Symbol symbol;              // SymAddr
  Pos pos;
  InlineId inlined;
};

enum class TermKind : uint8_t {
  None,         // not set yet
  Jump,         // succs[0]
  If,           // control (Bool): succs[0] if true, else succs[1]
  Switch,       // control (I64): succs[control - low] if low <= control < low + n - 1, else succs[n-1] (jump table)
  Return,       // args: one value per slot of sig->results
  Unreachable,  // control does not get here (after a call that does not return)
};

struct Block {
  std::vector<ValueId> values;
  TermKind term = TermKind::None;
  ValueId control;
  std::vector<ValueId> return_args;
  int64_t switch_low = 0;
  std::vector<BlockId> succs, preds;
  int8_t likely = 0;          // If: 1 succs[0] is likely, -1 unlikely
  bool removed = false;
  bool cold = false;
  Pos pos;                    // of the terminator
  InlineId inlined;
};

// A piece of the frame with an address. Pointerful ones are zeroed at entry; they are stack objects (base/abi/stackmap.h): in use
// while code that may still run names them, or a pointer leads to them.
struct Local {
  Symbol name;                // of the variable, or empty
  uint64_t size = 0;
  uint32_t align = 8;
  const types::Type* type = nullptr;        // for the pointer mask
  std::span<const uint8_t> pointer_mask;    // bit i of byte i/8: word i holds a pointer; empty: none
  bool variable = false;      // a source variable (for DWARF)
  Pos pos;
};

struct InlinedCall {
  InlineId parent;            // invalid: the function itself
  Symbol callee;              // link name
  Pos call_pos;
  Pos callee_pos;             // of its declaration
  uint8_t func_id = 0;        // of the callee (base/abi FuncId)
};

enum FuncAttr : uint32_t {
  kNoSplit = 1, kNoInline = 2, kWrapper = 4, kNeedsClosure = 8, kDupOk = 16, kNoBarrier = 32, kHasDefer = 64, kHasRecover = 128,
  kGenericInstance = 256, kHidden = 512 /* no debug info */, kAsyncUnsafe = 1024, kFoldable = 2048, kUintptrKeepAlive = 4096,
  kTopFrame = 8192,
};

// Defer bookkeeping for FUNCDATA 4 and the deferreturn site (ABI section 10, base/abi/stackmap.h). The panic loop reads bits
// and slots of a frame at any of its calls and faults, though no op here loads them: stores to these two Locals stay where
// they are. So do stores to Locals that return_block reads.
struct DeferInfo {
  LocalId bits;               // one byte: bit i set, slot i is armed. Invalid: no open-coded defers
  LocalId slots;              // closure pointers
  BlockId return_block;       // begins with the call of runtime.deferreturn; entered also by recovery, with nothing live but Locals
};

struct Func {
  explicit Func(Symbol link_name) : name(link_name) {}

  Symbol name;                // link name, unique in the program
  Symbol display_name;        // as tracebacks show it; empty: name
  Symbol fold_group;          // generic origin (kFoldable)
  const CallSig* sig = nullptr;
  uint32_t attrs = 0;         // FuncAttr
  Pos pos, end_pos;           // declaration
  uint8_t func_id = 0;        // base/abi FuncId
  DeferInfo defers;
  std::span<const uint8_t> arg_info;  // FUNCDATA ArgInfo, as it is

  Table<ValueId, Value> values;
  Table<BlockId, Block> blocks;
  Table<LocalId, Local> locals;
  Table<InlineId, InlinedCall> inlines;
  BlockId entry;              // has no predecessors
  Arena arena;                // argument lists, CallInfos, masks

  // ---- building
  BlockId add_block() { return blocks.add(Block{}); }
  LocalId add_local(Local local) { return locals.add(local); }
  // Appends to the end of `block`.
  ValueId emit(BlockId block, Op op, Ty ty, std::span<const ValueId> args, int64_t aux = 0, Pos pos = {});
  ValueId emit(BlockId block, Op op, Ty ty, std::initializer_list<ValueId> args, int64_t aux = 0, Pos pos = {}) {
    return emit(block, op, ty, std::span<const ValueId>(args.begin(), args.size()), aux, pos);
  }
  // Makes a value without placing it (block is set; insert it into block.values yourself).
  ValueId make(BlockId block, Op op, Ty ty, std::span<const ValueId> args, int64_t aux = 0, Pos pos = {});
  ValueId add_phi(BlockId block, Ty ty);  // first in the block, no args yet
  void jump(BlockId from, BlockId to);
  void branch(BlockId from, ValueId cond, BlockId if_true, BlockId if_false, int8_t likely = 0);
  void add_edge(BlockId from, BlockId to);

  Value& operator[](ValueId v) { return values[v]; }
  const Value& operator[](ValueId v) const { return values[v]; }
  Block& operator[](BlockId b) { return blocks[b]; }
  const Block& operator[](BlockId b) const { return blocks[b]; }
};

bool is_const(const Func& f, ValueId v, int64_t* value);  // a Const (through Copy)

// Reverse postorder of the blocks reachable from entry (and defers.return_block).
std::vector<BlockId> reverse_postorder(const Func& f);

}  // namespace gale::ir
