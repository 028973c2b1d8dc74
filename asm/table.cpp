// The table's rows, parsed when a mnemonic is first used.
#include "asm/table.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <mutex>

#include <absl/container/flat_hash_map.h>

#include "base/check.h"

namespace gale::plan9 {

namespace {

struct Row {
  std::string_view mnemonic, operands, encoding;
};

constexpr Row kRows[] = {
#define ROW(mnemonic, operands, encoding) {mnemonic, operands, encoding},
#include "asm/insts_general.def"
#include "asm/insts_sse.def"
#include "asm/insts_vex.def"
#include "asm/insts_evex.def"
#undef ROW
};

template <class F>
void each_word(std::string_view text, char separator, F f) {
  while (!text.empty()) {
    const size_t end = text.find(separator);
    if (end != 0) f(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
}

uint8_t hex(std::string_view s) {
  uint32_t v = 0;
  for (char c : s) v = v * 16 + static_cast<uint32_t>(c <= '9' ? c - '0' : c - 'A' + 10);
  return static_cast<uint8_t>(v);
}

struct ClassName {
  std::string_view name;
  Class cls;
};
constexpr ClassName kClassNames[] = {
    {"r", Class::R},   {"b", Class::B},   {"x", Class::X},     {"y", Class::Y},     {"z", Class::Z},     {"v", Class::V},
    {"e", Class::E},   {"k", Class::K},   {"mm", Class::Mm},   {"s", Class::Seg},   {"c", Class::Ctl},   {"d", Class::Dbg},
    {"m", Class::Mem}, {"vx", Class::Vx}, {"vy", Class::Vy},   {"vz", Class::Vz},   {"al", Class::Al},   {"ax", Class::Ax},
    {"cl", Class::Cl}, {"cx", Class::Cx}, {"dx", Class::Dx},
};
constexpr ClassName kImmediates[] = {
    {"i8", Class::I8},   {"u8", Class::U8},   {"b8", Class::B8},   {"u2", Class::U2},   {"u7", Class::U7}, {"i16", Class::I16},
    {"i32", Class::I32}, {"s32", Class::S32}, {"i64", Class::I64}, {"1", Class::One},
};

Pattern parse_pattern(std::string_view s) {
  Pattern p;
  for (const ClassName& c : kImmediates) {
    if (c.name == s) {
      p.cls = c.cls;
      return p;
    }
  }
  switch (s[0]) {
    case 'R': p.role = Role::Reg; break;
    case 'M': p.role = Role::Rm; break;
    case 'V': p.role = Role::Vvvv; break;
    case '4': p.role = Role::Is4; break;
    case 'O': p.role = Role::Opcode; break;
    case 'D': p.role = Role::Both; break;
    case '-': p.role = Role::Implied; break;
    default: CHECK(false, "a role in the instruction table"); break;
  }
  s.remove_prefix(1);
  if (s.ends_with("/m")) {
    p.or_memory = true;
    s.remove_suffix(2);
  }
  for (const ClassName& c : kClassNames) {
    if (c.name == s) {
      p.cls = c.cls;
      if (p.role == Role::Implied) {
        if (p.cls == Class::X) p.cls = Class::X0;
        if (p.cls == Class::R) p.cls = Class::Ax;
      }
      return p;
    }
  }
  CHECK(false, "a class in the instruction table");
  return p;
}

Form parse_form(const Row& row) {
  Form f;
  each_word(row.operands, ',', [&](std::string_view s) { f.operands.push_back(parse_pattern(s)); });
  int word = 0;
  each_word(row.encoding, ' ', [&](std::string_view s) {
    const int n = word++;
    if (n == 0) {
      each_word(s, '.', [&](std::string_view p) {
        if (p == "VEX") f.space = Space::Vex;
        if (p == "EVEX") f.space = Space::Evex;
        if (p == "66") f.prefix66 = 0x66;
        if (p == "F2") f.prefix_rep = 0xf2;
        if (p == "F3") f.prefix_rep = 0xf3;
        if (p == "0F") f.map = 1;
        if (p == "0F38") f.map = 2;
        if (p == "0F3A") f.map = 3;
        if (p == "W1") f.w = true;
        if (p == "L0" || p == "L1" || p == "L2") f.length = static_cast<int8_t>(p[1] - '0');
      });
      return;
    }
    if (n == 1) {
      f.opcode = hex(s);
      return;
    }
    if (s == "/r") f.modrm = true;
    else if (s[0] == '/') f.modrm = true, f.digit = static_cast<int8_t>(s[1] - '0');
    else if (s == "+r") f.opcode_reg = true;
    else if (s[0] == '=') f.extra = hex(s.substr(1));
    else if (s == "ib") f.imm = 1;
    else if (s == "iw") f.imm = 2;
    else if (s == "id") f.imm = 4;
    else if (s == "iq") f.imm = 8;
    else if (s == "is4") f.is4 = true;
    else if (s == "er") f.rounding = true;
    else if (s == "sae") f.sae = true;
    else if (s == "z") f.zeroing = true;
    else if (s == "k") f.needs_mask = true;
    else if (s == "kfirst") f.needs_mask = f.mask_first = true;
    else if (s == "nok") f.no_mask = true;
    else if (s[0] == 'N' || s[0] == 'd' || s[0] == 'b') {
      uint8_t v = 0;
      for (char c : s.substr(1)) v = static_cast<uint8_t>(v * 10 + (c - '0'));
      (s[0] == 'N' ? f.unit : s[0] == 'd' ? f.divisor : f.broadcast) = v;
    } else {
      CHECK(false, "an encoding in the instruction table");
    }
  });
  return f;
}

struct Entry {
  std::vector<const Row*> rows;
  std::once_flag once;
  std::vector<Form> forms;
};

absl::flat_hash_map<std::string_view, std::unique_ptr<Entry>>& table() {
  static auto* map = [] {
    auto* m = new absl::flat_hash_map<std::string_view, std::unique_ptr<Entry>>;
    for (const Row& r : kRows) {
      std::unique_ptr<Entry>& e = (*m)[r.mnemonic];
      if (e == nullptr) e = std::make_unique<Entry>();
      e->rows.push_back(&r);
    }
    return m;
  }();
  return *map;
}

struct Renamed {
  std::string_view from, to;
};
constexpr Renamed kAliases[] = {
    {"MASKMOVDQU", "MASKMOVOU"}, {"MOVD", "MOVQ"},     {"MOVDQ2Q", "MOVQ"},    {"MOVNTDQ", "MOVNTO"}, {"MOVOA", "MOVO"},
    {"PSLLDQ", "PSLLO"},         {"PSRLDQ", "PSRLO"},  {"PADDD", "PADDL"},     {"MOVBELL", "MOVBEL"}, {"MOVBEQQ", "MOVBEQ"},
    {"MOVBEWW", "MOVBEW"},       {"PSHUFD", "PSHUFD"},
};

constexpr std::string_view kConditions[] = {"OS", "OC", "CS", "CC", "EQ", "NE", "LS", "HI", "MI", "PL", "PS", "PC", "LT", "GE", "LE", "GT"};
constexpr Renamed kJumps[] = {
    {"JA", "JHI"},  {"JAE", "JCC"},  {"JB", "JCS"},  {"JBE", "JLS"},  {"JC", "JCS"},   {"JE", "JEQ"},  {"JG", "JGT"},
    {"JHS", "JCC"}, {"JL", "JLT"},   {"JLO", "JCS"}, {"JNA", "JLS"},  {"JNAE", "JCS"}, {"JNB", "JCC"}, {"JNBE", "JHI"},
    {"JNC", "JCC"}, {"JNG", "JLE"},  {"JNGE", "JLT"}, {"JNL", "JGE"}, {"JNLE", "JGT"}, {"JNO", "JOC"}, {"JNP", "JPC"},
    {"JNS", "JPL"}, {"JNZ", "JNE"},  {"JO", "JOS"},  {"JP", "JPS"},   {"JPE", "JPS"},  {"JPO", "JPC"}, {"JS", "JMI"},
    {"JZ", "JEQ"},
};
// Made by the encoder, not by the table.
constexpr std::string_view kSpecial[] = {"CALL", "JMP", "RET", "BYTE", "WORD", "LONG", "QUAD", "NOP", "PCALIGN", "ADJSP", "JCXZL", "JCXZQ",
                                         "LOOP", "LOOPEQ", "LOOPNE", "UNDEF", "XBEGIN", "PCALIGNMAX"};

}  // namespace

std::span<const Form> forms(std::string_view mnemonic) {
  auto it = table().find(mnemonic);
  if (it == table().end()) return {};
  Entry& e = *it->second;
  std::call_once(e.once, [&] {
    for (const Row* r : e.rows) e.forms.push_back(parse_form(*r));
  });
  return e.forms;
}

int condition(std::string_view name) {
  for (size_t i = 0; i < std::size(kConditions); i++) {
    if (kConditions[i] == name) return static_cast<int>(i);
  }
  return -1;
}

bool is_branch(std::string_view m) {
  return m == "CALL" || m == "JMP" || m == "RET" || m == "JCXZL" || m == "JCXZQ" || m == "XBEGIN" || m.starts_with("LOOP") ||
         (m.size() == 3 && m[0] == 'J' && condition(m.substr(1)) >= 0);
}

bool is_mnemonic(std::string_view m) {
  return table().contains(m) || is_branch(m) || std::find(std::begin(kSpecial), std::end(kSpecial), m) != std::end(kSpecial);
}

std::string canonical_mnemonic(std::string_view m) {
  for (const Renamed& r : kAliases) {
    if (r.from == m) return std::string(r.to);
  }
  if (m.starts_with('J')) {
    for (const Renamed& r : kJumps) {
      if (r.from == m) return std::string(r.to);
    }
  }
  return std::string(m);
}

std::vector<std::string_view> all_mnemonics() {
  std::vector<std::string_view> out;
  for (const auto& [name, entry] : table()) out.push_back(name);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace gale::plan9
