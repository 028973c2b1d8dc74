// What the parser makes of a file: functions with their instructions, and data. Operands are as written; pseudo registers are
// still pseudo.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/symbol.h"

namespace gale::plan9 {

enum class RegClass : uint8_t { None, Gpr, Byte, HighByte, X, Y, Z, K, Mmx, X87, Segment, Control, Debug, Tls };

struct Register {
  RegClass kind = RegClass::None;
  uint8_t number = 0;
  bool operator==(const Register&) const = default;
  explicit operator bool() const { return kind != RegClass::None; }
};

enum class Place : uint8_t {
  None,    // registers only
  Symbol,  // name(SB)
  Arg,     // name+off(FP)
  Local,   // name-off(SP)
};

// A name as written: qualified by the package; `is_static` for name<>.
struct Name {
  std::string text;
  bool is_static = false;
  bool internal_abi = false;  // <ABIInternal>
};

enum class OperandKind : uint8_t { Register, RegisterRange, Immediate, Float, String, Memory, Address, Label, Relative };

struct Operand {
  OperandKind kind = OperandKind::Immediate;
  Register reg, last;      // Register, RegisterRange
  Register base, index;    // Memory, Address
  uint8_t scale = 0;       // 0: not written
  Place place = Place::None;
  Name name;               // Symbol, Arg, Local; Label: its text
  int64_t value = 0;       // displacement, immediate, Relative: n(PC)
  double real = 0;
  std::string text;        // String: the bytes
  bool star = false;       // *name(SB)
};

struct Instruction {
  std::string mnemonic;             // without suffixes
  std::string suffix;               // ".Z" ...
  std::vector<Operand> operands;
  uint32_t line = 0;
  uint16_t file = 0;
  bool lock_like = false;
};

struct Label {
  std::string name;
  uint32_t instruction;  // it stands before this one
};

enum TextFlag : uint32_t {
  kNoProf = 1, kDupOk = 2, kNoSplit = 4, kRoData = 8, kNoPtr = 16, kWrapper = 32, kNeedCtxt = 64, kTlsBss = 256, kNoFrame = 512,
  kReflectMethod = 1024, kTopFrame = 2048, kAbiWrapper = 4096,
};

struct Text {
  Name name;
  uint32_t flags = 0;
  int64_t frame = 0, args = 0;
  bool args_known = false;
  uint32_t line = 0;
  uint16_t file = 0;
  bool no_local_pointers = false;
  std::vector<Instruction> instructions;
  std::vector<Label> labels;
};

struct DataItem {
  int64_t offset = 0;
  uint8_t width = 0;
  std::string bytes;   // width of them
  Name target;         // address of it, if not empty
  int64_t addend = 0;
};

struct Data {
  Name name;
  uint32_t flags = 0;
  int64_t size = 0;
  bool global = false;  // a GLOBL was seen
  uint32_t line = 0;
  std::vector<DataItem> items;  // by offset
};

// A register by its name; None: not one.
Register find_register(std::string_view name);
std::string register_name(Register r);
// As messages show it.
std::string print_operand(const Operand& o);
std::string print_instruction(const Instruction& i);

}  // namespace gale::plan9
