// The numbers of DWARF 5 (dwarfstd.org) that the linker writes.
#pragma once

#include <cstdint>

namespace gale::link::dwarf {

enum Tag : uint8_t { kTagCompileUnit = 0x11, kTagInlinedSubroutine = 0x1d, kTagSubprogram = 0x2e };

enum Attribute : uint8_t {
  kAtName = 0x03,
  kAtStmtList = 0x10,
  kAtLowPc = 0x11,
  kAtHighPc = 0x12,
  kAtLanguage = 0x13,
  kAtCompDir = 0x1b,
  kAtInline = 0x20,
  kAtProducer = 0x25,
  kAtAbstractOrigin = 0x31,
  kAtDeclFile = 0x3a,
  kAtDeclLine = 0x3b,
  kAtExternal = 0x3f,
  kAtFrameBase = 0x40,
  kAtRanges = 0x55,
  kAtCallFile = 0x58,
  kAtCallLine = 0x59,
};

enum Form : uint8_t {
  kFormAddr = 0x01,
  kFormString = 0x08,
  kFormData1 = 0x0b,
  kFormUdata = 0x0f,
  kFormRef4 = 0x13,
  kFormSecOffset = 0x17,
  kFormExprloc = 0x18,
  kFormFlagPresent = 0x19,
};

enum LineOp : uint8_t {
  kLnsExtended = 0,
  kLnsCopy = 1,
  kLnsAdvancePc = 2,
  kLnsAdvanceLine = 3,
  kLnsSetFile = 4,
  kLnsSetColumn = 5,
  kLnsNegateStmt = 6,
  kLnsSetPrologueEnd = 10,
  kLneEndSequence = 1,
  kLneSetAddress = 2,
};

enum FrameOp : uint8_t {
  kCfaNop = 0,
  kCfaAdvanceLoc1 = 0x02,
  kCfaAdvanceLoc2 = 0x03,
  kCfaAdvanceLoc4 = 0x04,
  kCfaDefCfa = 0x0c,
  kCfaDefCfaOffset = 0x0e,
  kCfaAdvanceLoc = 0x40,  // low 6 bits: delta
  kCfaOffset = 0x80,      // low 6 bits: register
  kCfaRestore = 0xc0,
};

constexpr uint8_t kLanguageGo = 0x16;
constexpr uint8_t kUnitCompile = 1;
constexpr uint8_t kInlined = 1;
constexpr uint8_t kOpCallFrameCfa = 0x9c;
constexpr uint8_t kLineContentPath = 1, kLineContentDirectory = 2;
constexpr uint8_t kRangeEnd = 0, kRangeStartLength = 7;
constexpr uint8_t kRbp = 6, kRsp = 7, kReturnAddress = 16;

}  // namespace gale::link::dwarf
