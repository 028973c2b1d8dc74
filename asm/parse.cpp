// Lines: labels, instructions, TEXT, DATA, GLOBL and what describes frames.
#include "asm/parse.h"

#include <algorithm>
#include <cstring>

#include <fmt/core.h>

#include "asm/table.h"

namespace gale::plan9 {

namespace {

constexpr uint32_t kMaxErrors = 10;

std::string symbol_name(const Operand& o) { return o.name.text.empty() ? print_operand(o) : o.name.text; }

}  // namespace

void Parser::error(std::string message) {
  if (failed_) return;
  failed_ = true;
  if (errors_++ < kMaxErrors) report_(line_, std::move(message));
  if (errors_ == kMaxErrors) report_(line_, "too many errors");
}

ParsedFile Parser::run() {
  while (errors_ < kMaxErrors && line()) {
  }
  finish_text();
  return std::move(file_);
}

bool Parser::line() {
  Token word;
  do {
    word = input_.next();
    if (word.kind == kEof) return false;
  } while (word.kind == '\n' || word.kind == ';');
  failed_ = false;
  for (;;) {  // labels
    line_ = word;
    if (word.kind != kIdent) {
      error(fmt::format("expected identifier, found \"{}\"", word.text));
      break;
    }
    Token t = input_.next();
    if (t.kind == ':') {
      const std::string label(word.text);
      if (!labels_.insert(label).second) error(fmt::format("label \"{}\" multiply defined", label));
      pending_labels_.push_back(label);
      word = input_.next();
      while (word.kind == '\n' || word.kind == ';') {
        // A label alone on its line.
        word = input_.next();
      }
      if (word.kind == kEof) {
        if (in_text_) {
          for (const std::string& l : pending_labels_) file_.texts.back().labels.push_back({l, static_cast<uint32_t>(file_.texts.back().instructions.size())});
        }
        pending_labels_.clear();
        return false;
      }
      continue;
    }
    std::string suffix;
    while (t.kind == '.') {
      t = input_.next();
      if (t.kind != kIdent) {
        error(fmt::format("instruction suffix expected identifier, found {}", t.text));
        break;
      }
      suffix += "." + std::string(t.text);
      t = input_.next();
    }
    std::vector<Tokens> operands;
    int depth = 0;
    if (t.kind != '\n' && t.kind != ';' && t.kind != kEof) {
      operands.emplace_back();
      for (;; t = input_.next()) {
        if (t.kind == '\n' || t.kind == ';' || t.kind == kEof) break;
        if (t.kind == '(' || t.kind == '[') depth++;
        if (t.kind == ')' || t.kind == ']') depth--;
        if (t.kind == ',' && depth <= 0) {
          if (operands.back().empty()) error("missing operand");
          operands.emplace_back();
          continue;
        }
        if (t.kind == ':') error("invalid ':' in operand");
        operands.back().push_back(t);
      }
      if (operands.back().empty()) error("missing operand");
    }
    if (!failed_) statement(word, suffix, operands);
    if (t.kind == kEof) return false;
    return true;
  }
  // After an error: the rest of the line is skipped.
  for (Token t = input_.next(); t.kind != '\n' && t.kind != ';'; t = input_.next()) {
    if (t.kind == kEof) return false;
  }
  return true;
}

void Parser::finish_text() {
  if (in_text_) {
    Text& t = file_.texts.back();
    for (const std::string& l : pending_labels_) t.labels.push_back({l, static_cast<uint32_t>(t.instructions.size())});
  }
  pending_labels_.clear();
  labels_.clear();
}

void Parser::statement(const Token& word, const std::string& suffix, std::vector<Tokens>& operands) {
  const std::string_view w = word.text;
  if (w == "TEXT") return text(operands);
  if (w == "DATA") return data(operands);
  if (w == "GLOBL") return globl(operands);
  if (w == "FUNCDATA" || w == "PCDATA") {
    if (operands.size() != 2) return error(fmt::format("expect two operands for {}", w));
    Operand index, value;
    if (!operand(operands[0], &index) || !operand(operands[1], &value)) return;
    if (index.kind != OperandKind::Immediate) {
      return error(fmt::format("{}: expected integer constant; found {}", w, print_operand(index)));
    }
    if (w == "FUNCDATA") {
      if (value.place != Place::Symbol) return error(fmt::format("FUNCDATA symbol \"{}\" must be a symbol(SB)", symbol_name(value)));
      // The arguments' map is made from the Go declaration; that of the locals can only say that there are no pointers.
      if (in_text_ && index.value == 1) file_.texts.back().no_local_pointers = true;
    } else if (value.kind != OperandKind::Immediate) {
      return error(fmt::format("{}: expected integer constant; found {}", w, print_operand(value)));
    }
    return;
  }
  instruction(word, suffix, operands);
}

bool Parser::symbol_operand(std::string_view pseudo, const Operand& o, bool offset_allowed) {
  if (o.place != Place::Symbol || o.kind != OperandKind::Memory) {
    error(fmt::format("{} symbol \"{}\" must be a symbol(SB)", pseudo, symbol_name(o)));
    return false;
  }
  if (!offset_allowed && o.value != 0) {
    error(fmt::format("{} symbol \"{}\" must not be offset from SB", pseudo, symbol_name(o)));
    return false;
  }
  return true;
}

void Parser::text(std::vector<Tokens>& operands) {
  finish_text();
  if (operands.size() != 2 && operands.size() != 3) return error("expect two or three operands for TEXT");
  Operand name;
  if (!operand(operands[0], &name)) return;
  if (!symbol_operand("TEXT", name, false)) return;
  Text t;
  t.name = name.name;
  t.line = line_.line;
  t.file = line_.file;
  size_t next = 1;
  if (operands.size() == 3) {
    Operand flags;
    if (operands[1].empty() || operands[1][0].kind == '$') {
      return error(fmt::format("TEXT: expected immediate constant; found {}", operands[1].empty() ? "" : std::string(operands[1][0].text)));
    }
    tokens_ = &operands[1];
    at_ = 0;
    t.flags = static_cast<uint32_t>(expr());
    if (!failed_ && !at_end()) error(fmt::format("expected end of operand, found {}", peek().text));
    if (failed_) return;
    next = 2;
  }
  if (t.name.internal_abi && (t.flags & kNoSplit) == 0) {
    return error(fmt::format("TEXT \"{}\": ABIInternal requires NOSPLIT", t.name.text));
  }
  // $frame or $frame-args; the minus belongs to the sizes.
  const Tokens& sizes = operands[next];
  size_t i = 0;
  if (sizes.empty() || sizes[0].kind != '$') return error(fmt::format("TEXT {}: frame size must be an immediate constant", t.name.text));
  i++;
  bool negative = i < sizes.size() && sizes[i].kind == '-';
  if (negative) i++;
  Tokens frame, args;
  bool in_args = false;
  int depth = 0;
  for (; i < sizes.size(); i++) {
    if (sizes[i].kind == '(') depth++;
    if (sizes[i].kind == ')') depth--;
    if (sizes[i].kind == '-' && depth == 0 && !in_args && !frame.empty()) {
      in_args = true;
      continue;
    }
    (in_args ? args : frame).push_back(sizes[i]);
  }
  if (frame.empty() || (frame[0].kind != kInt && frame[0].kind != '(')) {
    return error(fmt::format("TEXT {}: frame size must be an immediate constant", t.name.text));
  }
  tokens_ = &frame;
  at_ = 0;
  t.frame = static_cast<int64_t>(expr());
  if (failed_) return;
  if (negative) t.frame = -t.frame;
  if (in_args) {
    if (args.empty()) return error(fmt::format("TEXT {}: argument size must be of form -integer", t.name.text));
    tokens_ = &args;
    at_ = 0;
    t.args = static_cast<int64_t>(expr());
    if (failed_) return;
    t.args_known = true;
  }
  if (t.frame < 0) t.frame = 0;
  if (t.frame > (int64_t{1} << 30)) return error(fmt::format("TEXT {}: frame size must be an immediate constant", t.name.text));
  in_text_ = true;
  file_.texts.push_back(std::move(t));
}

Data& Parser::data_of(const Name& name) {
  const std::string key = name.is_static ? name.text + "<>" : name.text;
  auto [it, made] = data_index_.try_emplace(key, file_.data.size());
  if (made) {
    file_.data.emplace_back();
    file_.data.back().name = name;
    file_.data.back().line = line_.line;
  }
  return file_.data[it->second];
}

void Parser::data(std::vector<Tokens>& operands) {
  if (operands.size() != 2) return error("expect two operands for DATA");
  Tokens& first = operands[0];
  const size_t n = first.size();
  if (n < 3 || first[n - 2].kind != '/' || first[n - 1].kind != kInt) return error("expect /size for DATA argument");
  uint64_t width = 0;
  if (!integer(first[n - 1].text, &width)) return;
  if (width == 0 || width > 8) {
    if (width > 127) return error(fmt::format("bad size for DATA argument: \"{}\"", first[n - 1].text));
  }
  first.resize(n - 2);
  Operand name, value;
  if (!operand(first, &name) || !symbol_operand("DATA", name, true)) return;
  if (!operand(operands[1], &value)) return;
  DataItem item;
  item.offset = name.value;
  item.width = static_cast<uint8_t>(width);
  auto put = [&](uint64_t bits) {
    for (uint64_t i = 0; i < width; i++) item.bytes.push_back(static_cast<char>(bits >> (8 * i)));
  };
  switch (value.kind) {
    case OperandKind::Immediate:
      if (width != 1 && width != 2 && width != 4 && width != 8) return error(fmt::format("bad int size for DATA argument: {}", width));
      put(static_cast<uint64_t>(value.value));
      break;
    case OperandKind::Float: {
      if (width != 4 && width != 8) return error(fmt::format("bad float size for DATA argument: {}", width));
      uint64_t bits = 0;
      if (width == 4) {
        const float f = static_cast<float>(value.real);
        uint32_t b = 0;
        std::memcpy(&b, &f, 4);
        bits = b;
      } else {
        std::memcpy(&bits, &value.real, 8);
      }
      put(bits);
      break;
    }
    case OperandKind::String:
      item.bytes = value.text.substr(0, width);
      item.bytes.resize(width);
      break;
    case OperandKind::Address:
      if (value.place != Place::Symbol) return error("DATA value must be an immediate constant or address");
      if (width != 8) return error(fmt::format("bad addr size for DATA argument: {}", width));
      item.target = value.name;
      item.addend = value.value;
      item.bytes.resize(8);
      break;
    default: return error("DATA value must be an immediate constant or address");
  }
  if (item.offset < 0 || item.offset > (int64_t{1} << 28)) return error(fmt::format("bad offset for DATA argument: {}", item.offset));
  Data& d = data_of(name.name);
  if (!d.items.empty() && item.offset < d.items.back().offset + d.items.back().width) {
    return error(fmt::format("overlapping DATA entry for {}", name.name.text));
  }
  d.items.push_back(std::move(item));
}

void Parser::globl(std::vector<Tokens>& operands) {
  if (operands.size() != 2 && operands.size() != 3) return error("expect two or three operands for GLOBL");
  Operand name, size;
  if (!operand(operands[0], &name) || !symbol_operand("GLOBL", name, false)) return;
  uint32_t flags = 0;
  if (operands.size() == 3) {
    tokens_ = &operands[1];
    at_ = 0;
    flags = static_cast<uint32_t>(expr());
    if (!failed_ && !at_end()) error(fmt::format("expected end of operand, found {}", peek().text));
    if (failed_) return;
  }
  if (!operand(operands.back(), &size)) return;
  if (size.kind != OperandKind::Immediate) return error(fmt::format("GLOBL: expected immediate constant; found {}", print_operand(size)));
  if (size.value < 0 || size.value > (int64_t{1} << 30)) return error(fmt::format("GLOBL: bad size {}", size.value));
  Data& d = data_of(name.name);
  d.flags |= flags;
  d.size = size.value;
  d.global = true;
  d.line = line_.line;
}

void Parser::instruction(const Token& word, const std::string& suffix, std::vector<Tokens>& operands) {
  std::string mnemonic = canonical_mnemonic(word.text);
  if (!is_mnemonic(mnemonic)) return error(fmt::format("unrecognized instruction \"{}\"", word.text));
  if (!suffix.empty()) {
    static constexpr std::string_view kSuffixes[] = {"Z", "BCST", "SAE", "RN_SAE", "RD_SAE", "RU_SAE", "RZ_SAE"};
    std::string_view rest = suffix;
    while (!rest.empty()) {
      rest.remove_prefix(1);
      const size_t dot = rest.find('.');
      const std::string_view one = rest.substr(0, dot);
      if (std::find(std::begin(kSuffixes), std::end(kSuffixes), one) == std::end(kSuffixes)) {
        return error(fmt::format("unrecognized suffix .\"{}\"", suffix.substr(1)));
      }
      rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot);
    }
  }
  Instruction i;
  i.mnemonic = std::move(mnemonic);
  i.suffix = suffix;
  i.line = line_.line;
  i.file = line_.file;
  i.operands.resize(operands.size());
  for (size_t k = 0; k < operands.size(); k++) {
    if (!operand(operands[k], &i.operands[k])) return;
  }
  const bool branch = is_branch(i.mnemonic);
  if (branch && i.operands.size() > 2) return error(fmt::format("wrong number of arguments to {} instruction", i.mnemonic));
  if (branch && i.operands.size() == 2) i.operands.erase(i.operands.begin());  // a hint, as in JNE $0, label
  if (!branch) {
    for (const Operand& o : i.operands) {
      if (o.kind == OperandKind::Label) return error(fmt::format("illegal or missing addressing mode for symbol {}", o.name.text));
    }
    if (i.operands.size() > 6) return error(fmt::format("can't handle {} instruction with {} operands", i.mnemonic, i.operands.size()));
  }
  if (!in_text_) return;  // gc takes such lines without a word too
  Text& t = file_.texts.back();
  for (const std::string& l : pending_labels_) t.labels.push_back({l, static_cast<uint32_t>(t.instructions.size())});
  pending_labels_.clear();
  t.instructions.push_back(std::move(i));
}

}  // namespace gale::plan9
