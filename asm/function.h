// FunctionBuilder: one TEXT -> machine code. The frame (saved BP, stack check, pseudo registers FP and SP), branches and their
// sizes, alignment, and what the function table says.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "asm/assemble.h"
#include "asm/encode.h"
#include "asm/statement.h"

namespace gale::plan9 {

struct CodeField {
  uint32_t offset;
  bool call;        // of a CALL, JMP or Jcc
  Name target;
  int64_t addend;
};

struct FunctionCode {
  std::vector<uint8_t> bytes;
  std::vector<CodeField> fields;
  std::vector<link::LineRow> lines;    // file: index of the preprocessor's list
  std::vector<link::PcValue> depth;
  std::vector<std::pair<std::string, std::string>> float_constants;  // symbol, bytes
  uint32_t frame_size = 0;
  uint32_t align = 0;
  bool writes_sp = false;
};

class FunctionBuilder {
 public:
  using Report = std::function<void(const Instruction*, std::string)>;
  FunctionBuilder(const Text& text, Report report) : text_(text), report_(std::move(report)) {}
  // False: an error was reported.
  bool run(FunctionCode* out);
  // After run: pc and source instruction (null: made here) of each piece.
  struct Piece {
    uint32_t pc, size;
    const Instruction* source;
  };
  std::vector<Piece> pieces() const;

 private:
  enum class Kind : uint8_t { Bytes, Jump, Conditional, ShortOnly, Align };
  struct Item {
    Kind kind = Kind::Bytes;
    std::vector<uint8_t> bytes;   // of a branch: the short opcode
    uint8_t condition = 0;
    bool wide = false;
    uint32_t target = 0;          // item
    uint32_t pc = 0, size = 0;
    int32_t depth = 0;            // of the stack before it
    uint32_t line = 0;
    uint16_t file = 0;
    const Instruction* source = nullptr;
    bool has_field = false, call = false;
    CodeField field;
    uint32_t align = 0;
  };

  Item& add(const Instruction* source);
  void add_bytes(const Instruction* source, std::initializer_list<int> bytes);
  void add_encoded(const Instruction* source, const Encoded& e, bool call);
  void stack_check();
  void morestack();
  void move_sp(const Instruction* source, int32_t bytes);
  void epilogue(const Instruction* source);
  bool instruction(const Instruction& in);
  bool resolve(Instruction* in);
  bool special(const Instruction& in);
  bool branch(const Instruction& in);
  bool far_branch(const Instruction& in, const Operand& o);
  bool target_of(const Instruction& in, const Operand& o, uint32_t* target);
  void note_sp_write(const Instruction& in);
  bool fail(const Instruction* in, std::string message);
  void relax();

  const Text& text_;
  Report report_;
  FunctionCode* out_ = nullptr;
  std::vector<Item> items_;
  std::vector<uint32_t> first_item_;   // of an instruction
  std::vector<std::pair<uint32_t, uint32_t>> to_instruction_;  // item whose target is that instruction
  int32_t frame_ = 0;                  // with the saved BP
  int32_t bp_size_ = 0;
  int32_t depth_ = 0;
  int32_t index_ = 0;                  // of the instruction at hand
  uint32_t start_item_ = 0;
  std::vector<uint32_t> check_jumps_;
  bool ok_ = true;
};

}  // namespace gale::plan9
