// stackmap.h: binary formats of the function table: what amd64/ emits, link/ writes and the runtime reads.
//
// The table as a whole is gc's public format, magic 0xfffffff1 (Go 1.20+), as read by debug/gosym and Delve:
//
//   header (72 bytes): u32 magic, u8 0, u8 0, u8 minLC = 1, u8 ptrSize = 8, u64 nfunc, u64 nfiles, u64 0 (was textStart),
//     u64 funcnameOffset, cuOffset, filetabOffset, pctabOffset, pclnOffset       (from the header)
//   functab at pclnOffset: nfunc rows {u32 entryOff, u32 funcOff}, sorted, then one u32 entryOff of the end of text.
//     entryOff is relative to Module.text, funcOff to pclnOffset.
//   FuncRecord (44 bytes, below) then npcdata x u32 (offsets into pctab, 0 = no table), and the FUNCDATA offsets (u32, from
//     Module.gofunc). Only those are stored that there are: bit i of pcdata_mask, funcdata_mask stands for number i. (Its first
//     36 bytes are what debug/gosym and Delve read of a record.)
//   pc tables: pairs (zigzag varint value delta, varint pc delta); the value starts at -1, the pc at the entry; a value delta
//     of 0 ends the table except as the very first pair. The value holds from the pc before the pair's pc delta up to the new pc.
//   file of pcfile value v: u32 at cutab[cuOffset + v] = offset into filetab of a NUL-terminated path; 0xffffffff = none.
//
// pcsp: bytes between RSP and the return address, at each pc: 0 at entry, 8 after push rbp, frame size + 8 after sub rsp. Every
// Go function that calls anything pushes RBP first and sets RBP = RSP, so that  [RBP] = caller's RBP, [RBP + 8] = return pc.
//
// A lookup for a frame that is not the innermost uses (return pc - 1). For the innermost frame, and for the frame above a
// fault, it uses the pc itself.
//
// PCDATA
//   0 UnsafePoint    -1 safe, -2 unsafe, -3/-4 restartable sequence (go back to where this value began), -5 restart at entry
//   1 StackMapIndex  row of FUNCDATA 0 and 1 that holds at this call. -1 = no value. It must hold at (return pc - 1) of each call that
//                    is a safepoint (Go, Gate, Park, morestack), so set it before or at the call instruction and keep it
//                    until the end of that instruction. A pc in the prologue (morestack) has row 0.
//   2 InlTreeIndex   innermost inlined call at this pc, an index of FUNCDATA 3; -1 = none
//   3 ArgLiveIndex   as gc, optional
//   4 PanicBounds    as gc, optional
//
// FUNCDATA
//   0 ArgsPointerMaps     u32 n, u32 nbit, then n rows of (nbit + 7) / 8 bytes, bit i = bit (i & 7) of byte (i >> 3).
//                         Bit i: the word at FP + 8*i, where FP = address after the return pc = first stack argument; the words
//                         are stack arguments (receiver, args), stack results, then the spill area of register arguments.
//                         Row 0 is the row at entry: every pointer of stack arguments and of the spill area is live (the
//                         cold tail that calls morestack has stored the register arguments there); results are not.
//   1 LocalsPointerMaps   same form. The first bits, as many as there are StackObjects, stand for those. The others stand for the pointer
//                         slots, the words just below VARP = address of the saved RBP (frame layout of ABI.md section 4): bit i is
//                         the word at VARP - 8*(nbit - i), so bit nbit-1 is the word next to the saved RBP. Row 0 (entry) is all zero.
//                         Both have the same n. nbit = 0 or no FUNCDATA: no pointers there.
//                         A slot's bit means: holds a pointer (into a heap object, a stack object of this goroutine, static data) or nil, now.
//                         A slot that is set must have been initialised on every path. Values below 4096 other than nil crash
//                         the collector in debug modes. A slot that is not set is not read any more.
//                         A stack object's bit means: the function may still use it by name. If it is not set, the object is in use only
//                         if a pointer leads to it, from a slot or argument that is set, from a stack object in use, or from the G.
//   2 StackObjects        u32 n, then n rows StackObject (below) by ascending address, then their masks: the variables of the frame that
//                         have an address and hold pointers. Zeroed at entry; so their words hold pointers or nil, perhaps stale ones
//                         while the object is not in use.
//   3 InlTree             u8 width: F = low four bits, P = high four; then for each inlined call F bytes: number of the InlinedFunction,
//                         P bytes: pc (from entry) of the instruction that stands for the call; its line and its InlTreeIndex are the
//                         parent's
//   4 OpenCodedDeferInfo  two uvarints: VARP - address of the defer-bits byte; VARP - address of closure slot 0. Slot i is at
//                         slot0 + 8*i, holds a func() closure, valid if bit i is set. They are a stack object that is in use in every
//                         row of the function after entry (zeroed at entry).
//   5 ArgInfo             bytes: pairs {offset from FP, size | kArgsUnsure}, and ArgsOp; kArgsUnsure: in a register's home, which
//                         need not hold the value (gc has ArgLiveInfo for it)
//   6 ArgLiveInfo, 7 WrapInfo: as gc, not used
//
// InlinedFunction (below): one for each function that was inlined anywhere, number n at Module.gofunc - 8 * (n + 1).
//
// Functions of gale_runtime.o (C++ and gate stubs): the linker makes a FuncRecord for each kept STT_FUNC symbol: name = the
// symbol name, flag = kFuncFlagC, args = kArgsSizeUnknown, no tables (pcsp = pcfile = pcln = 0, no PCDATA and FUNCDATA). In an image
// without symbols (-s), only what has a Go name has a record of its own; the C++ between two such shares one.
// They are unwound by RBP. Gate stubs carry their maps in 16 bytes before their entry (runtime/sys/gates.S).

#ifndef GALE_BASE_ABI_STACKMAP_H_
#define GALE_BASE_ABI_STACKMAP_H_

#include <cstdint>

namespace gale::abi {

inline constexpr std::uint32_t kPclntabMagic = 0xfffffff1;
inline constexpr std::int32_t kArgsSizeUnknown = -0x7fffffff - 1;

struct PclnHeader {
  std::uint32_t magic;
  std::uint8_t pad1, pad2, min_lc, ptr_size;
  std::uint64_t nfunc, nfiles, unused;
  std::uint64_t funcname_offset, cu_offset, filetab_offset, pctab_offset, pcln_offset;
};
static_assert(sizeof(PclnHeader) == 72);

struct FunctabRow {
  std::uint32_t entry_off, func_off;
};

struct FuncRecord {
  std::uint32_t entry_off;
  std::int32_t name_off;  // into the function names, from funcname_offset
  std::int32_t args;      // bytes of stack arguments and results, without the spill area
  std::uint32_t deferreturn;  // pc of a `call runtime.deferreturn` instruction - entry; 0 = function has no defers
  std::uint32_t pcsp, pcfile, pcln;
  std::uint32_t npcdata;  // bits that are set in pcdata_mask
  std::uint32_t cu_offset;
  std::int32_t start_line;
  std::uint8_t func_id;  // FuncId
  std::uint8_t flag;     // FuncFlag
  std::uint8_t pcdata_mask, funcdata_mask;
};
static_assert(sizeof(FuncRecord) == 44);

struct InlinedFunction {
  std::uint32_t name;  // offset among the function names; kInlinedWrapper
  std::int32_t start_line;
};
static_assert(sizeof(InlinedFunction) == 8);
inline constexpr std::uint32_t kInlinedWrapper = 1u << 31;  // FuncId Wrapper; all others are Normal

struct StackObject {
  std::uint32_t below;      // VARP - its address
  std::uint32_t size;
  std::uint32_t ptr_words;  // up to its last pointer
  std::uint32_t mask;       // offset from the FUNCDATA: bit i of byte i/8 is word i
};
static_assert(sizeof(StackObject) == 16);

struct PointerMapHeader {
  std::uint32_t n, nbit;
};

enum FuncFlag : std::uint8_t {
  kFuncFlagTopFrame = 1,
  kFuncFlagSPWrite = 2,
  kFuncFlagAsm = 4,
  kFuncFlagC = 8,  // C++ or gate stub: unwound by RBP
};

enum FuncId : std::uint8_t {  // gc's numbers
  kFuncIdNormal = 0,
  kFuncIdAsyncPreempt = 3,
  kFuncIdGoexit = 8,
  kFuncIdGogo = 9,
  kFuncIdGopanic = 10,
  kFuncIdMorestack = 13,
  kFuncIdPanicwrap = 15,
  kFuncIdRuntimeMain = 17,
  kFuncIdSigpanic = 20,
  kFuncIdRunDefers = 64,  // ours: the panic loop, which calls deferred functions
  kFuncIdWrapper = 23,  // compiler-made: method wrappers, equality functions
};

enum PcData : std::uint32_t { kPcDataUnsafePoint, kPcDataStackMapIndex, kPcDataInlTreeIndex, kPcDataArgLiveIndex, kPcDataPanicBounds };

enum FuncData : std::uint32_t {
  kFuncDataArgsPointerMaps,
  kFuncDataLocalsPointerMaps,
  kFuncDataStackObjects,
  kFuncDataInlTree,
  kFuncDataOpenCodedDeferInfo,
  kFuncDataArgInfo,
  kFuncDataArgLiveInfo,
  kFuncDataWrapInfo,
};

enum ArgsOp : std::uint8_t { kArgsFirstSpecial = 0xf0, kArgsTooFar = 0xfb, kArgsDots, kArgsClose, kArgsOpen, kArgsEnd };
inline constexpr std::uint8_t kArgsUnsure = 0x80;  // in the size

enum UnsafePoint : std::int32_t {
  kUnsafePointSafe = -1,
  kUnsafePointUnsafe = -2,
  kUnsafePointRestart1 = -3,
  kUnsafePointRestart2 = -4,
  kUnsafePointRestartAtEntry = -5,
};

}  // namespace gale::abi

#endif  // GALE_BASE_ABI_STACKMAP_H_
