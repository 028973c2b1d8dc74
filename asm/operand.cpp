// Operands: registers, addresses, constants, expressions.
#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include "asm/parse.h"

namespace gale::plan9 {

namespace {

const Token kEnd{};

bool is_pseudo(std::string_view name) { return name == "FP" || name == "PC" || name == "SB" || name == "SP"; }

void append_utf8(std::string* out, uint32_t r) {
  if (r < 0x80) {
    out->push_back(static_cast<char>(r));
  } else if (r < 0x800) {
    out->push_back(static_cast<char>(0xc0 | (r >> 6)));
    out->push_back(static_cast<char>(0x80 | (r & 63)));
  } else if (r < 0x10000) {
    out->push_back(static_cast<char>(0xe0 | (r >> 12)));
    out->push_back(static_cast<char>(0x80 | ((r >> 6) & 63)));
    out->push_back(static_cast<char>(0x80 | (r & 63)));
  } else {
    out->push_back(static_cast<char>(0xf0 | (r >> 18)));
    out->push_back(static_cast<char>(0x80 | ((r >> 12) & 63)));
    out->push_back(static_cast<char>(0x80 | ((r >> 6) & 63)));
    out->push_back(static_cast<char>(0x80 | (r & 63)));
  }
}

// The inside of a quoted literal. False: a bad escape.
bool unquote(std::string_view s, std::string* out) {
  for (size_t i = 0; i < s.size(); i++) {
    if (s[i] != '\\') {
      out->push_back(s[i]);
      continue;
    }
    if (++i >= s.size()) return false;
    auto digits = [&](size_t n, int base, uint32_t* v) {
      if (i + n > s.size()) return false;
      auto [p, e] = std::from_chars(s.data() + i, s.data() + i + n, *v, base);
      return e == std::errc() && p == s.data() + i + n;
    };
    uint32_t v = 0;
    switch (s[i]) {
      case 'a': out->push_back('\a'); break;
      case 'b': out->push_back('\b'); break;
      case 'f': out->push_back('\f'); break;
      case 'n': out->push_back('\n'); break;
      case 'r': out->push_back('\r'); break;
      case 't': out->push_back('\t'); break;
      case 'v': out->push_back('\v'); break;
      case '\\': out->push_back('\\'); break;
      case '\'': out->push_back('\''); break;
      case '"': out->push_back('"'); break;
      case 'x':
        i++;
        if (!digits(2, 16, &v)) return false;
        out->push_back(static_cast<char>(v));
        i += 1;
        break;
      case 'u':
      case 'U': {
        const size_t n = s[i] == 'u' ? 4 : 8;
        i++;
        if (!digits(n, 16, &v) || v > 0x10ffff) return false;
        append_utf8(out, v);
        i += n - 1;
        break;
      }
      default:
        if (!digits(3, 8, &v) || v > 255) return false;
        out->push_back(static_cast<char>(v));
        i += 2;
    }
  }
  return true;
}

}  // namespace

const Token& Parser::peek(size_t n) const { return at_ + n < tokens_->size() ? (*tokens_)[at_ + n] : kEnd; }

Token Parser::take() {
  Token t = peek();
  at_++;
  return t;
}

void Parser::set_name(Name* name, std::string_view text) {
  name->text = text.starts_with('.') ? package_ + std::string(text) : std::string(text);
}

bool Parser::integer(std::string_view text, uint64_t* value) {
  std::string digits;
  for (char c : text) {
    if (c != '_') digits.push_back(c);
  }
  int base = 10;
  std::string_view d = digits;
  if (d.size() > 1 && d[0] == '0') {
    const char c = static_cast<char>(d[1] | 0x20);
    base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
    d.remove_prefix(c == 'x' || c == 'b' || c == 'o' ? 2 : 1);
  }
  auto [p, e] = std::from_chars(d.data(), d.data() + d.size(), *value, base);
  if (e == std::errc() && p == d.data() + d.size()) return true;
  error(e == std::errc::result_out_of_range ? fmt::format("strconv.ParseUint: parsing \"{}\": value out of range", text)
                                            : fmt::format("strconv.ParseUint: parsing \"{}\": invalid syntax", text));
  return false;
}

uint64_t Parser::expr() {
  uint64_t value = term();
  while (!failed_) {
    switch (peek().kind) {
      case '+': take(); value += term(); break;
      case '-': take(); value -= term(); break;
      case '|': take(); value |= term(); break;
      case '^': take(); value ^= term(); break;
      default: return value;
    }
  }
  return value;
}

uint64_t Parser::term() {
  uint64_t value = factor();
  while (!failed_) {
    const int op = peek().kind;
    if (op == '*') {
      take();
      value *= factor();
    } else if (op == '&') {
      take();
      value &= factor();
    } else if (op == '/' || op == '%') {
      take();
      if (static_cast<int64_t>(value) < 0) {
        error(op == '/' ? "divide of value with high bit set" : "modulo of value with high bit set");
        return 0;
      }
      const uint64_t by = factor();
      if (by == 0) {
        error(op == '/' ? "division by zero" : "modulo by zero");
        return 0;
      }
      value = op == '/' ? value / by : value % by;
    } else if (op == kShl || op == kShr) {
      take();
      const int64_t by = static_cast<int64_t>(factor());
      if (by < 0) {
        error(op == kShl ? "negative left shift count" : "negative right shift count");
        return 0;
      }
      if (op == kShr && static_cast<int64_t>(value) < 0) {
        error("right shift of value with high bit set");
        return 0;
      }
      value = by > 63 ? 0 : op == kShl ? value << by : value >> by;
    } else {
      return value;
    }
  }
  return value;
}

uint64_t Parser::factor() {
  Token t = take();
  switch (t.kind) {
    case kInt: {
      uint64_t v = 0;
      integer(t.text, &v);
      return v;
    }
    case kChar: {
      std::string bytes;
      if (t.text.size() < 3 || !unquote(t.text.substr(1, t.text.size() - 2), &bytes) || bytes.empty()) {
        error("illegal UTF-8 encoding for character constant");
        return 0;
      }
      const auto c = static_cast<unsigned char>(bytes[0]);
      if (c < 0x80) return c;
      uint32_t r = c >= 0xf0 ? c & 7 : c >= 0xe0 ? c & 15 : c & 31;
      for (size_t i = 1; i < bytes.size(); i++) r = r << 6 | (static_cast<unsigned char>(bytes[i]) & 63);
      return r;
    }
    case '+': return factor();
    case '-': return uint64_t{0} - factor();
    case '~': return ~factor();
    case '(': {
      const uint64_t v = expr();
      if (take().kind != ')' && !failed_) error("missing closing paren");
      return v;
    }
    default: break;
  }
  if (!failed_) error(fmt::format("unexpected {} evaluating expression", t.kind == kEof ? "EOF" : std::string(t.text)));
  return 0;
}

double Parser::float_expr() {
  double value = float_term();
  while (!failed_) {
    if (peek().kind == '+') {
      take();
      value += float_term();
    } else if (peek().kind == '-') {
      take();
      value -= float_term();
    } else {
      return value;
    }
  }
  return value;
}

double Parser::float_term() {
  double value = float_factor();
  while (!failed_) {
    if (peek().kind == '*') {
      take();
      value *= float_factor();
    } else if (peek().kind == '/') {
      take();
      value /= float_factor();
    } else {
      return value;
    }
  }
  return value;
}

double Parser::float_factor() {
  Token t = take();
  switch (t.kind) {
    case kInt: {
      uint64_t v = 0;
      integer(t.text, &v);
      return static_cast<double>(v);
    }
    case kFloat: return std::strtod(std::string(t.text).c_str(), nullptr);
    case '+': return float_factor();
    case '-': return -float_factor();
    case '(': {
      const double v = float_expr();
      if (take().kind != ')' && !failed_) error("missing closing paren");
      return v;
    }
    default: break;
  }
  if (!failed_) error(fmt::format("unexpected {} evaluating float expression", t.kind == kEof ? "EOF" : std::string(t.text)));
  return 0;
}

// Is there a constant before the next register? Parentheses may belong to either.
bool Parser::have_constant() {
  for (size_t i = at_; i < tokens_->size(); i++) {
    switch ((*tokens_)[i].kind) {
      case kFloat: return true;
      case '(':
      case ')':
      case '+':
      case '-':
      case '/':
      case '*':
      case kInt:
      case '~': break;
      default: return false;
    }
  }
  return false;
}

bool Parser::string_value(const Token& t, std::string* out) {
  if (t.text.size() < 2 || !unquote(t.text.substr(1, t.text.size() - 2), out)) {
    error("string parse error: invalid syntax");
    return false;
  }
  return true;
}

// name, name<>, name+off, then (reg).
bool Parser::symbol_reference(Operand* out, std::string_view name, char prefix) {
  out->kind = prefix == '$' ? OperandKind::Address : OperandKind::Memory;
  out->star = prefix == '*';
  Name n;
  set_name(&n, name);
  if (peek().kind == '<') {
    take();
    if (peek().kind == '>') {
      take();
      n.is_static = true;
    } else {
      Token abi = take();
      if (peek().kind != '>') {
        error(fmt::format("expected '>', found {}", peek().kind == kEof ? "EOF" : std::string(peek().text)));
        return false;
      }
      take();
      if (!abi_selectors_) {
        error(fmt::format("ABI selector only permitted when compiling runtime, reference was to \"{}\"", n.text));
        return false;
      }
      if (abi.text == "ABIInternal") {
        n.internal_abi = true;
      } else if (abi.text != "ABI0") {
        error(fmt::format("malformed ABI selector \"{}\" in reference to \"{}\"", abi.text, n.text));
        return false;
      }
    }
  }
  if (peek().kind == '+' || peek().kind == '-') out->value = static_cast<int64_t>(expr());
  if (failed_) return false;
  if (at_end()) {  // a label, or an error for an instruction that takes none
    if (prefix == 0 && !n.is_static) {
      out->kind = OperandKind::Label;
      out->name.text = std::string(name);
      return true;
    }
    error(fmt::format("illegal or missing addressing mode for symbol {}", name));
    return false;
  }
  if (take().kind != '(') {
    error(fmt::format("illegal or missing addressing mode for symbol {}", name));
    return false;
  }
  Token reg = take();
  if (reg.kind != kIdent) {
    error(fmt::format("expected identifier, found \"{}\"", reg.text));
    return false;
  }
  if (!is_pseudo(reg.text)) {
    error(fmt::format("expected pseudo-register; found {}", reg.text));
    return false;
  }
  if (take().kind != ')') {
    error("missing right parenthesis");
    return false;
  }
  out->name = n;
  if (reg.text == "SB") {
    out->place = Place::Symbol;
  } else if (reg.text == "FP") {
    out->place = Place::Arg;
  } else if (reg.text == "SP") {
    out->place = Place::Local;
  } else {
    error("illegal addressing mode for PC");
    return false;
  }
  // (SB)(R*scale): refused later as an invalid instruction
  if (peek().kind == '(') return register_indirect(out);
  return true;
}

// "(R)", "(R)(I*s)", "(I*s)" after an optional displacement.
bool Parser::register_indirect(Operand* out) {
  if (take().kind != '(') {
    error("expected (");
    return false;
  }
  Token name = take();
  if (name.kind != kIdent) {
    error(fmt::format("indirect through non-register {}", name.kind == kEof ? "EOF" : std::string(name.text)));
    return false;
  }
  auto scale_after = [&](Register* index) {
    take();  // *
    Token s = take();
    if (s.kind != kInt || (s.text != "1" && s.text != "2" && s.text != "4" && s.text != "8")) {
      error(fmt::format("bad scale: {}", s.text));
      return false;
    }
    out->scale = static_cast<uint8_t>(s.text[0] - '0');
    (void)index;
    return true;
  };
  Register r = find_register(name.text);
  if (name.text == "PC") {
    out->kind = OperandKind::Relative;
    if (take().kind != ')') error("missing right parenthesis");
    return !failed_;
  }
  if (!r && is_pseudo(name.text)) {
    error(fmt::format("cannot reference {} without a symbol", name.text));
    return false;
  }
  if (!r) {
    error(fmt::format("indirect through non-register {}", name.text));
    return false;
  }
  if (peek().kind == '*') {
    out->index = r;
    if (!scale_after(&out->index)) return false;
  } else {
    if (out->base || out->place != Place::None) {
      out->index = r;
    } else {
      out->base = r;
    }
  }
  if (take().kind != ')') {
    error("missing right parenthesis");
    return false;
  }
  if (peek().kind == '(' && !out->index) {
    take();
    Token index = take();
    Register i = find_register(index.text);
    if (index.text == "SB" || index.text == "FP" || index.text == "PC") i = {RegClass::Control, 31};  // refused by the encoder
    if (index.kind != kIdent || !i) {
      error(fmt::format("expected register; found {}", index.text));
      return false;
    }
    out->index = i;
    if (peek().kind == '*' && !scale_after(&out->index)) return false;
    if (out->scale == 0) out->scale = 1;
    if (take().kind != ')') {
      error("missing right parenthesis");
      return false;
    }
  }
  return true;
}

// [Z0-Z3]
bool Parser::register_range(Operand* out) {
  take();
  Token low = take();
  out->kind = OperandKind::RegisterRange;
  out->reg = find_register(low.text);
  if (!out->reg) {
    error(fmt::format("register list: bad low register in `[{}`", low.text));
    return false;
  }
  Token minus = take();
  if (minus.kind != '-') {
    error(fmt::format("register list: expected '-' after `[{}`, found {}", low.text, minus.text));
    return false;
  }
  Token high = take();
  out->last = find_register(high.text);
  if (!out->last) {
    error(fmt::format("register list: bad high register in `[{}-{}`", low.text, high.text));
    return false;
  }
  Token close = take();
  if (close.kind != ']') {
    error(fmt::format("register list: expected ']' after `[{}-{}`, found {}", low.text, high.text, close.kind == kEof ? "EOF" : std::string(close.text)));
    return false;
  }
  return true;
}

bool Parser::operand(const Tokens& tokens, Operand* out) {
  tokens_ = &tokens;
  at_ = 0;
  if (tokens.empty()) {
    error("empty operand: cannot happen");
    return false;
  }
  auto all_used = [&] {
    if (!failed_ && !at_end()) error(fmt::format("expected end of operand, found {}", peek().text));
    return !failed_;
  };
  char prefix = 0;
  if (peek().kind == '$' || peek().kind == '*') prefix = static_cast<char>(take().kind);
  if (peek().kind == '[' && prefix == 0) return register_range(out) && all_used();
  if (peek().kind == kIdent) {
    Token name = take();
    Register r = find_register(name.text);
    if (r && at_end()) {
      if (prefix != 0) {
        error(fmt::format("prefix {} not allowed for register: {}{}", prefix, prefix, name.text));
        return false;
      }
      out->kind = OperandKind::Register;
      out->reg = r;
      return true;
    }
    return symbol_reference(out, name.text, prefix) && all_used();
  }
  if (peek().kind == kString) {
    if (prefix != '$') {
      error("string constant must be an immediate");
      return false;
    }
    out->kind = OperandKind::String;
    return string_value(take(), &out->text) && all_used();
  }
  if (have_constant()) {
    if (prefix != '$') error("floating-point constant must be an immediate");
    out->kind = OperandKind::Float;
    out->real = float_expr();
    return all_used();
  }
  out->kind = prefix == '$' ? OperandKind::Immediate : OperandKind::Memory;
  // A parenthesis may begin an expression or an address.
  bool address = peek().kind == '(' && peek(1).kind == kIdent;
  if (!address) {
    out->value = static_cast<int64_t>(expr());
    if (failed_) return false;
    if (at_end()) return true;
  }
  if (prefix == '$') out->kind = OperandKind::Address;
  return register_indirect(out) && all_used();
}

}  // namespace gale::plan9
