// Names of registers, and operands as messages show them.
#include "asm/statement.h"

#include <absl/container/flat_hash_map.h>
#include <fmt/core.h>

namespace gale::plan9 {

namespace {

constexpr std::string_view kGpr[] = {"AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"};
constexpr std::string_view kByte[] = {"AL", "CL", "DL", "BL", "SPB", "BPB", "SIB", "DIB", "R8B", "R9B", "R10B", "R11B", "R12B", "R13B", "R14B", "R15B"};
constexpr std::string_view kHigh[] = {"AH", "CH", "DH", "BH"};
constexpr std::string_view kSegment[] = {"ES", "CS", "SS", "DS", "FS", "GS"};

std::vector<std::pair<std::string, Register>> make_names() {
  std::vector<std::pair<std::string, Register>> names;
  for (uint8_t i = 0; i < 16; i++) {
    names.push_back({std::string(kGpr[i]), {RegClass::Gpr, i}});
    names.push_back({std::string(kByte[i]), {RegClass::Byte, i}});
    names.push_back({fmt::format("CR{}", i), {RegClass::Control, i}});
  }
  for (uint8_t i = 0; i < 4; i++) names.push_back({std::string(kHigh[i]), {RegClass::HighByte, static_cast<uint8_t>(i + 4)}});
  for (uint8_t i = 0; i < 6; i++) names.push_back({std::string(kSegment[i]), {RegClass::Segment, i}});
  for (uint8_t i = 0; i < 8; i++) {
    names.push_back({fmt::format("K{}", i), {RegClass::K, i}});
    names.push_back({fmt::format("M{}", i), {RegClass::Mmx, i}});
    names.push_back({fmt::format("F{}", i), {RegClass::X87, i}});
    names.push_back({fmt::format("DR{}", i), {RegClass::Debug, i}});
  }
  for (uint8_t i = 0; i < 32; i++) {
    names.push_back({fmt::format("X{}", i), {RegClass::X, i}});
    names.push_back({fmt::format("Y{}", i), {RegClass::Y, i}});
    names.push_back({fmt::format("Z{}", i), {RegClass::Z, i}});
  }
  names.push_back({"TLS", {RegClass::Tls, 0}});
  return names;
}

}  // namespace

Register find_register(std::string_view name) {
  static const std::vector<std::pair<std::string, Register>> all = make_names();
  static const absl::flat_hash_map<std::string_view, Register> names(all.begin(), all.end());
  auto it = names.find(name);
  return it == names.end() ? Register{} : it->second;
}

std::string register_name(Register r) {
  switch (r.kind) {
    case RegClass::Gpr: return std::string(kGpr[r.number]);
    case RegClass::Byte: return std::string(kByte[r.number]);
    case RegClass::HighByte: return std::string(kHigh[r.number - 4]);
    case RegClass::X: return fmt::format("X{}", r.number);
    case RegClass::Y: return fmt::format("Y{}", r.number);
    case RegClass::Z: return fmt::format("Z{}", r.number);
    case RegClass::K: return fmt::format("K{}", r.number);
    case RegClass::Mmx: return fmt::format("M{}", r.number);
    case RegClass::X87: return fmt::format("F{}", r.number);
    case RegClass::Segment: return std::string(kSegment[r.number]);
    case RegClass::Control: return r.number > 15 ? "PC" : fmt::format("CR{}", r.number);
    case RegClass::Debug: return fmt::format("DR{}", r.number);
    case RegClass::Tls: return "TLS";
    case RegClass::None: break;
  }
  return "NONE";
}

std::string print_operand(const Operand& o) {
  std::string s;
  switch (o.kind) {
    case OperandKind::Register: return register_name(o.reg);
    case OperandKind::RegisterRange: return fmt::format("[{}-{}]", register_name(o.reg), register_name(o.last));
    case OperandKind::Immediate: return fmt::format("${}", o.value);
    case OperandKind::Float: return fmt::format("$({})", o.real);
    case OperandKind::String: return fmt::format("$\"{}\"", o.text);
    case OperandKind::Label: return o.name.text;
    case OperandKind::Relative: return fmt::format("{}(PC)", o.value);
    case OperandKind::Address: s = "$"; break;
    case OperandKind::Memory: break;
  }
  if (o.place != Place::None) {
    s += o.name.text;
    if (o.name.is_static) s += "<>";
    if (o.value != 0 || o.place != Place::Symbol) s += fmt::format("{:+}", o.value);
    s += o.place == Place::Symbol ? "(SB)" : o.place == Place::Arg ? "(FP)" : "(SP)";
  } else {
    if (o.value != 0 || (!o.base && !o.index)) s += std::to_string(o.value);
    if (o.base) s += fmt::format("({})", register_name(o.base));
  }
  if (o.index) s += fmt::format("({}*{})", register_name(o.index), o.scale == 0 ? 1 : o.scale);
  return s;
}

std::string print_instruction(const Instruction& i) {
  std::string s = i.mnemonic + i.suffix;
  for (size_t k = 0; k < i.operands.size(); k++) s += (k == 0 ? "\t" : ", ") + print_operand(i.operands[k]);
  return s;
}

}  // namespace gale::plan9
