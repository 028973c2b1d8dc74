#include "asm/function.h"

#include <algorithm>
#include <cstring>

#include <fmt/core.h>

#include "base/abi/layout.h"

namespace gale::plan9 {

namespace {

constexpr uint32_t kStackSmall = abi::kStackSmall, kStackBig = abi::kStackBig;

// Intel's recommended nops of 1 to 9 bytes.
constexpr uint8_t kNops[9][9] = {
    {0x90},
    {0x66, 0x90},
    {0x0f, 0x1f, 0x00},
    {0x0f, 0x1f, 0x40, 0x00},
    {0x0f, 0x1f, 0x44, 0x00, 0x00},
    {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
    {0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00},
    {0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
    {0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
};

int32_t push_size(std::string_view m) {
  if (m == "PUSHQ" || m == "PUSHFQ") return 8;
  if (m == "POPQ" || m == "POPFQ") return -8;
  if (m == "PUSHW" || m == "PUSHFW") return 2;
  if (m == "POPW" || m == "POPFW") return -2;
  return 0;
}

bool zero_arg_runtime_call(const Instruction& in) {
  if (in.operands.empty()) return false;
  const std::string& s = in.operands.back().name.text;
  return s == "runtime.panicdivide" || s == "runtime.panicwrap" || s == "runtime.panicshift" || s == "runtime.panicBounds" || s == "runtime.panicExtend";
}

}  // namespace

bool FunctionBuilder::fail(const Instruction* in, std::string message) {
  ok_ = false;
  report_(in, std::move(message));
  return false;
}

FunctionBuilder::Item& FunctionBuilder::add(const Instruction* source) {
  Item i;
  i.depth = depth_;
  i.source = source;
  i.line = source != nullptr ? source->line : text_.line;
  i.file = source != nullptr ? source->file : text_.file;
  items_.push_back(std::move(i));
  return items_.back();
}

void FunctionBuilder::add_bytes(const Instruction* source, std::initializer_list<int> bytes) {
  Item& i = add(source);
  for (int b : bytes) i.bytes.push_back(static_cast<uint8_t>(b));
}

void FunctionBuilder::add_encoded(const Instruction* source, const Encoded& e, bool call) {
  Item& i = add(source);
  i.bytes.assign(e.bytes, e.bytes + e.size);
  if (e.field >= 0) {
    i.has_field = true;
    i.field = {static_cast<uint32_t>(e.field), call, *e.target, e.addend};
  }
}

void FunctionBuilder::move_sp(const Instruction* source, int32_t bytes) {
  if (bytes == 0) return;
  // 128 is added or taken as the other's -128, which fits a byte.
  const int32_t n = bytes == 128 || bytes == -128 ? -128 : bytes > 0 ? bytes : -bytes;
  const bool subtract = (bytes > 0) == (n > 0);
  Item& i = add(source);
  i.bytes = {0x48, static_cast<uint8_t>(n <= 127 ? 0x83 : 0x81), static_cast<uint8_t>(subtract ? 0xec : 0xc4)};
  for (int k = 0; k < (n <= 127 ? 1 : 4); k++) i.bytes.push_back(static_cast<uint8_t>(n >> (8 * k)));
  depth_ += bytes;
}

// g is loaded from the thread first: assembly need not keep R14.
void FunctionBuilder::stack_check() {
  start_item_ = static_cast<uint32_t>(items_.size());
  if (!text_.name.internal_abi) add_bytes(nullptr, {0x64, 0x4c, 0x8b, 0x34, 0x25, 0xf8, 0xff, 0xff, 0xff});
  auto jump = [&](uint8_t condition) {
    Item& i = add(nullptr);
    i.kind = Kind::Conditional;
    i.condition = condition;
    check_jumps_.push_back(static_cast<uint32_t>(items_.size() - 1));
  };
  auto imm32 = [&](uint32_t v) {
    for (int k = 0; k < 4; k++) items_.back().bytes.push_back(static_cast<uint8_t>(v >> (8 * k)));
  };
  const auto frame = static_cast<uint32_t>(frame_);
  if (frame <= kStackSmall) {
    add_bytes(nullptr, {0x49, 0x3b, 0x66, 0x10});  // cmp rsp, [r14 + 16]
    return jump(6);
  }
  const uint32_t beyond = frame - kStackSmall;
  if (frame <= kStackBig) {
    if (beyond <= 128) {
      add_bytes(nullptr, {0x4c, 0x8d, 0x64, 0x24, static_cast<int>(static_cast<uint8_t>(-static_cast<int32_t>(beyond)))});  // lea r12, [rsp - n]
    } else {
      add_bytes(nullptr, {0x4c, 0x8d, 0xa4, 0x24});
      imm32(-beyond);
    }
  } else {
    add_bytes(nullptr, {0x49, 0x89, 0xe4});  // mov r12, rsp
    add_bytes(nullptr, {0x49, 0x81, 0xec});  // sub r12, n
    imm32(beyond);
    jump(2);
  }
  add_bytes(nullptr, {0x4d, 0x3b, 0x66, 0x10});  // cmp r12, [r14 + 16]
  jump(6);
}

void FunctionBuilder::morestack() {
  if (check_jumps_.empty()) return;
  depth_ = 0;
  const auto here = static_cast<uint32_t>(items_.size());
  for (uint32_t j : check_jumps_) items_[j].target = here;
  Item& call = add(nullptr);
  call.bytes = {0xe8, 0, 0, 0, 0};
  call.has_field = true;
  call.field = {1, false, {(text_.flags & kNeedCtxt) != 0 ? "runtime.morestack" : "runtime.morestack_noctxt", false, true}, -4};
  Item& back = add(nullptr);
  back.kind = Kind::Jump;
  back.target = start_item_;
}

void FunctionBuilder::epilogue(const Instruction* source) {
  if (frame_ == 0) return;
  move_sp(source, -(frame_ - bp_size_));
  if (bp_size_ != 0) {
    add_bytes(source, {0x5d});
    depth_ -= 8;
  }
}

bool FunctionBuilder::run(FunctionCode* out) {
  out_ = out;
  frame_ = static_cast<int32_t>(text_.frame);
  bool calls = false, leaf = true;
  const bool no_frame = (text_.flags & kNoFrame) != 0;
  for (const Instruction& in : text_.instructions) calls |= in.mnemonic == "CALL";
  if (!no_frame && !(frame_ == 0 && !calls)) {
    bp_size_ = 8;
    frame_ += 8;
  }
  for (const Instruction& in : text_.instructions) {
    if (in.mnemonic != "CALL") continue;
    if (!zero_arg_runtime_call(in) || frame_ >= static_cast<int32_t>(kStackSmall) - 8) leaf = false;
  }
  const bool no_split = (text_.flags & kNoSplit) != 0 || (leaf && frame_ < static_cast<int32_t>(kStackSmall));
  if (frame_ % 8 != 0) return fail(nullptr, fmt::format("unaligned stack size {}", frame_));
  if (!no_split) stack_check();
  if (bp_size_ != 0) {
    add_bytes(nullptr, {0x55});
    depth_ += 8;
    add_bytes(nullptr, {0x48, 0x89, 0xe5});
  }
  move_sp(nullptr, frame_ - bp_size_);
  for (const Instruction& in : text_.instructions) {
    first_item_.push_back(static_cast<uint32_t>(items_.size()));
    instruction(in);
    index_++;
  }
  first_item_.push_back(static_cast<uint32_t>(items_.size()));
  morestack();
  if (!ok_) return false;
  for (auto [item, instruction] : to_instruction_) items_[item].target = first_item_[instruction];
  relax();
  if (!ok_) return false;
  for (Item& i : items_) {
    if (i.size == 0) continue;
    if (out_->depth.empty() || out_->depth.back().value != i.depth) {
      if (!out_->depth.empty() && out_->depth.back().pc == i.pc) out_->depth.back().value = i.depth;
      else out_->depth.push_back({i.pc, i.depth});
    }
    if (out_->lines.empty() || out_->lines.back().line != i.line || out_->lines.back().file != i.file) {
      link::LineRow row;
      row.pc = i.pc;
      row.line = i.line;
      row.file = i.file;
      out_->lines.push_back(row);
    }
    if (i.has_field) {
      out_->fields.push_back(i.field);
      out_->fields.back().offset += i.pc;
    }
    out_->bytes.insert(out_->bytes.end(), i.bytes.begin(), i.bytes.end());
  }
  out_->frame_size = static_cast<uint32_t>(frame_);
  return true;
}

std::vector<FunctionBuilder::Piece> FunctionBuilder::pieces() const {
  std::vector<Piece> out;
  for (const Item& i : items_) out.push_back({i.pc, i.size, i.source});
  return out;
}

void FunctionBuilder::note_sp_write(const Instruction& in) {
  if (in.operands.empty() || in.mnemonic == "CMPQ" || in.mnemonic == "CMPL" || in.mnemonic == "ADJSP" || push_size(in.mnemonic) != 0) return;
  const Operand& to = in.operands.back();
  if (to.kind == OperandKind::Register && to.reg == Register{RegClass::Gpr, 4}) out_->writes_sp = true;
}

// Pseudo registers, addresses and constants that are not what the table has.
bool FunctionBuilder::resolve(Instruction* in) {
  for (Operand& o : in->operands) {
    if (o.place == Place::Local || o.place == Place::Arg) {
      o.value += o.place == Place::Local ? depth_ - bp_size_ : depth_ + 8;
      o.place = Place::None;
      if (o.base) return fail(in, "invalid instruction");
      o.base = {RegClass::Gpr, 4};
    }
    if (o.index.kind == RegClass::Tls && o.base.kind == RegClass::Gpr) {
      o.base = {RegClass::Tls, 0};
      o.index = {};
    }
  }
  std::vector<Operand>& ops = in->operands;
  if (!ops.empty() && ops[0].kind == OperandKind::Address && (in->mnemonic == "MOVQ" || in->mnemonic == "MOVL")) {
    in->mnemonic = in->mnemonic == "MOVQ" ? "LEAQ" : "LEAL";
    ops[0].kind = OperandKind::Memory;
  }
  // The comparison kind of CMPPS and others may lack its dollar.
  if (ops.size() == 3 && in->mnemonic.size() == 5 && in->mnemonic.starts_with("CMP") && ops[2].kind == OperandKind::Memory && !ops[2].base &&
      !ops[2].index && ops[2].place == Place::None) {
    ops[2].kind = OperandKind::Immediate;
  }
  for (Operand& o : ops) {
    if (o.kind != OperandKind::Float) continue;
    const bool single = in->mnemonic.ends_with("SS");
    if (!single && !in->mnemonic.ends_with("SD")) return fail(in, "invalid instruction");
    uint64_t bits = 0;
    const auto f = static_cast<float>(o.real);
    if (single) std::memcpy(&bits, &f, 4);
    else std::memcpy(&bits, &o.real, 8);
    const Operand& to = ops.back();
    if (bits == 0 && (in->mnemonic == "MOVSD" || in->mnemonic == "MOVSS") && to.kind == OperandKind::Register && to.reg.number < 16) {
      in->mnemonic = "XORPS";
      o = to;
      continue;
    }
    const std::string name = single ? fmt::format("$f32.{:08x}", bits) : fmt::format("$f64.{:016x}", bits);
    std::string bytes;
    for (int i = 0; i < (single ? 4 : 8); i++) bytes.push_back(static_cast<char>(bits >> (8 * i)));
    out_->float_constants.push_back({name, bytes});
    o = Operand{};
    o.kind = OperandKind::Memory;
    o.place = Place::Symbol;
    o.name.text = name;
    o.name.internal_abi = true;
  }
  return true;
}

bool FunctionBuilder::target_of(const Instruction& in, const Operand& o, uint32_t* target) {
  if (o.kind == OperandKind::Relative) {
    const int64_t to = index_ + o.value;
    if (to < 0 || to > static_cast<int64_t>(text_.instructions.size())) return fail(&in, "bad jump target");
    *target = static_cast<uint32_t>(to);
    return true;
  }
  for (const Label& l : text_.labels) {
    if (l.name == o.name.text) {
      *target = l.instruction;
      return true;
    }
  }
  return fail(&in, fmt::format("undefined label {}", o.name.text));
}

// To a name(SB).
bool FunctionBuilder::far_branch(const Instruction& in, const Operand& o) {
  Encoded e;
  const int c = in.mnemonic.size() == 3 && in.mnemonic[0] == 'J' ? condition(std::string_view(in.mnemonic).substr(1)) : -1;
  if (in.mnemonic == "CALL") {
    e.put(0xe8);
  } else if (in.mnemonic == "JMP" || in.mnemonic == "RET") {
    e.put(0xe9);
  } else if (c >= 0) {
    e.put(0x0f);
    e.put(static_cast<uint64_t>(0x80 + c));
  } else {
    return fail(&in, "invalid instruction");
  }
  e.field = static_cast<int8_t>(e.size);
  e.target = &o.name;
  e.addend = o.value - 4;
  e.put(0, 4);
  add_encoded(&in, e, true);
  return true;
}

bool FunctionBuilder::branch(const Instruction& original) {
  Instruction in = original;
  if (in.mnemonic == "RET") {
    if (depth_ != frame_) return fail(nullptr, "unbalanced PUSH/POP");
    if (in.operands.size() > 1) return fail(&original, "invalid instruction");
    const int32_t before = depth_;
    epilogue(&original);
    bool ok = true;
    if (in.operands.empty()) {
      add_bytes(&original, {0xc3});
    } else if (in.operands[0].kind == OperandKind::Memory && in.operands[0].place == Place::Symbol) {
      ok = far_branch(original, original.operands[0]);
    } else {
      ok = fail(&original, "invalid instruction");
    }
    depth_ = before;
    return ok;
  }
  if (in.operands.size() != 1) return fail(&original, in.operands.empty() ? fmt::format("wrong number of arguments to {} instruction", in.mnemonic) : "invalid instruction");
  const Operand& o = original.operands[0];
  if (o.kind == OperandKind::Label || o.kind == OperandKind::Relative) {
    uint32_t target = 0;
    if (!target_of(original, o, &target)) return false;
    Item& i = add(&original);
    to_instruction_.push_back({static_cast<uint32_t>(items_.size() - 1), target});
    if (in.mnemonic == "JMP") {
      i.kind = Kind::Jump;
    } else if (in.mnemonic == "CALL") {
      return fail(&original, "invalid instruction");
    } else if (in.mnemonic == "JCXZQ" || in.mnemonic == "JCXZL" || in.mnemonic.starts_with("LOOP")) {
      i.kind = Kind::ShortOnly;
      if (in.mnemonic == "JCXZL") i.bytes = {0x67, 0xe3};
      else i.bytes = {static_cast<uint8_t>(in.mnemonic == "JCXZQ" ? 0xe3 : in.mnemonic == "LOOP" ? 0xe2 : in.mnemonic == "LOOPEQ" ? 0xe1 : 0xe0)};
    } else if (in.mnemonic == "XBEGIN") {
      return fail(&original, "invalid instruction");
    } else {
      i.kind = Kind::Conditional;
      i.condition = static_cast<uint8_t>(condition(std::string_view(in.mnemonic).substr(1)));
    }
    return true;
  }
  if (o.place == Place::Symbol && !o.star && !o.index && o.kind == OperandKind::Memory) return far_branch(original, o);
  if (in.mnemonic != "CALL" && in.mnemonic != "JMP") return fail(&original, "invalid instruction");
  if (!resolve(&in)) return false;
  Encoded e;
  std::string error;
  if (!encode_indirect(0xff, in.mnemonic == "CALL" ? 2 : 4, in.operands[0], &e, &error)) return fail(&original, error);
  add_encoded(&original, e, false);
  return true;
}

// BYTE and its like, PCALIGN, ADJSP. False: it is none of them.
bool FunctionBuilder::special(const Instruction& in) {
  const std::string& m = in.mnemonic;
  const bool constant = in.operands.size() == 1 && in.operands[0].kind == OperandKind::Immediate;
  const int width = m == "BYTE" ? 1 : m == "WORD" ? 2 : m == "LONG" ? 4 : m == "QUAD" ? 8 : 0;
  if (width != 0) {
    if (!constant) return fail(&in, "invalid instruction"), true;
    Item& i = add(&in);
    for (int k = 0; k < width; k++) i.bytes.push_back(static_cast<uint8_t>(static_cast<uint64_t>(in.operands[0].value) >> (8 * k)));
    return true;
  }
  if (m == "NOP") {
    add(&in);
    return true;
  }
  if (m == "UNDEF") {
    add_bytes(&in, {0x0f, 0x0b});
    return true;
  }
  if (m == "PCALIGN" || m == "PCALIGNMAX") {
    const int64_t n = constant ? in.operands[0].value : 0;
    if (n < 8 || n > 2048 || (n & (n - 1)) != 0) {
      return fail(&in, fmt::format("alignment value of an instruction must be a power of two and in the range [8, 2048], got {}\n", n)), true;
    }
    Item& i = add(&in);
    i.kind = Kind::Align;
    i.align = static_cast<uint32_t>(n);
    out_->align = std::max(out_->align, i.align);
    return true;
  }
  if ((m == "PUSHQ" || m == "POPQ") && in.operands.size() == 1 && in.operands[0].reg.kind == RegClass::Segment && in.operands[0].reg.number >= 4) {
    add_bytes(&in, {0x0f, (in.operands[0].reg.number == 4 ? 0xa0 : 0xa8) + (m == "POPQ" ? 1 : 0)});
    depth_ += push_size(m);
    return true;
  }
  if (m == "ADJSP") {
    if (!constant) return fail(&in, "invalid instruction"), true;
    move_sp(&in, static_cast<int32_t>(in.operands[0].value));
    return true;
  }
  if (m == "MOVQ" && in.operands.size() == 2 && in.operands[0].kind == OperandKind::Register && in.operands[0].reg.kind == RegClass::Tls) {
    add(&in);  // the base of the thread's memory is a segment register: nothing to load
    return true;
  }
  return false;
}

bool FunctionBuilder::instruction(const Instruction& original) {
  if (is_branch(original.mnemonic)) return branch(original);
  if (special(original)) return ok_;
  Instruction in = original;
  if (!resolve(&in)) return false;
  note_sp_write(in);
  Encoded e;
  std::string error;
  if (!encode(in, &e, &error)) return fail(&original, error);
  add_encoded(&original, e, false);
  depth_ += push_size(in.mnemonic);
  return true;
}

// Branches begin short and grow until all reach.
void FunctionBuilder::relax() {
  for (bool again = true; again;) {
    again = false;
    uint32_t pc = 0;
    for (Item& i : items_) {
      i.pc = pc;
      switch (i.kind) {
        case Kind::Bytes: i.size = static_cast<uint32_t>(i.bytes.size()); break;
        case Kind::Jump: i.size = i.wide ? 5 : 2; break;
        case Kind::Conditional: i.size = i.wide ? 6 : 2; break;
        case Kind::ShortOnly: i.size = static_cast<uint32_t>(i.bytes.size()) + 1; break;
        case Kind::Align: i.size = (0 - pc) & (i.align - 1); break;
      }
      pc += i.size;
    }
    for (Item& i : items_) {
      if ((i.kind != Kind::Jump && i.kind != Kind::Conditional) || i.wide) continue;
      const uint32_t to = i.target < items_.size() ? items_[i.target].pc : pc;
      const int64_t distance = static_cast<int64_t>(to) - (i.pc + i.size);
      if (distance < -128 || distance > 127) i.wide = again = true;
    }
    if (again) continue;
    for (Item& i : items_) {
      if (i.kind == Kind::Bytes) continue;
      if (i.kind == Kind::Align) {
        i.bytes.clear();
        for (uint32_t left = i.size; left > 0;) {
          const uint32_t n = std::min<uint32_t>(left, 9);
          i.bytes.insert(i.bytes.end(), kNops[n - 1], kNops[n - 1] + n);
          left -= n;
        }
        continue;
      }
      const uint32_t to = i.target < items_.size() ? items_[i.target].pc : pc;
      const int64_t distance = static_cast<int64_t>(to) - (i.pc + i.size);
      if (i.kind == Kind::ShortOnly) {
        if (distance < -128 || distance > 127) {
          fail(i.source, "loop too far");
          return;
        }
        i.bytes.push_back(static_cast<uint8_t>(distance));
        continue;
      }
      if (i.kind == Kind::Jump) {
        i.bytes = {static_cast<uint8_t>(i.wide ? 0xe9 : 0xeb)};
      } else if (i.wide) {
        i.bytes = {0x0f, static_cast<uint8_t>(0x80 + i.condition)};
      } else {
        i.bytes = {static_cast<uint8_t>(0x70 + i.condition)};
      }
      for (int k = 0; k < (i.wide ? 4 : 1); k++) i.bytes.push_back(static_cast<uint8_t>(distance >> (8 * k)));
    }
  }
}

}  // namespace gale::plan9
