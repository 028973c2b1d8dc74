// Parses the text form that print.cpp writes. Value and block numbers may be sparse and in any order; they are renumbered
// densely by first definition.
#include <absl/container/flat_hash_map.h>
#include <fmt/core.h>

#include <charconv>

#include "ir/text.h"

namespace gale::ir {
namespace {

bool is_word(char c) { return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::vector<std::unique_ptr<Func>> run(std::string* error) {
    std::vector<std::unique_ptr<Func>> funcs;
    skip_lines();
    while (error_.empty() && at_ < text_.size()) {
      funcs.push_back(parse_func());
      skip_lines();
    }
    *error = error_;
    return funcs;
  }

 private:
  // ---- characters
  void fail(std::string_view what) {
    if (error_.empty()) {
      int line = 1;
      for (size_t i = 0; i < at_ && i < text_.size(); i++) line += text_[i] == '\n';
      error_ = fmt::format("line {}: {}", line, what);
    }
    at_ = text_.size();
  }
  char peek() {
    skip_blanks();
    return at_ < text_.size() ? text_[at_] : '\n';
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) at_++;
    if (at_ < text_.size() && text_[at_] == ';') {
      while (at_ < text_.size() && text_[at_] != '\n') at_++;  // a comment
    }
  }
  void skip_lines() {
    for (;;) {
      skip_blanks();
      if (at_ >= text_.size() || text_[at_] != '\n') return;
      at_++;
    }
  }
  bool accept(std::string_view word) {
    skip_blanks();
    if (text_.substr(at_, word.size()) != word) return false;
    if (is_word(word.back()) && at_ + word.size() < text_.size() && is_word(text_[at_ + word.size()])) return false;
    at_ += word.size();
    return true;
  }
  void expect(std::string_view word) {
    if (!accept(word)) fail(fmt::format("expected '{}'", word));
  }
  std::string_view word() {
    skip_blanks();
    size_t start = at_;
    while (at_ < text_.size() && is_word(text_[at_])) at_++;
    return text_.substr(start, at_ - start);
  }
  int64_t number() {
    skip_blanks();
    bool negative = at_ < text_.size() && text_[at_] == '-';
    if (negative) at_++;
    int base = 10;
    if (text_.substr(at_, 2) == "0x") {
      base = 16;
      at_ += 2;
    }
    uint64_t value = 0;
    auto [end, status] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value, base);
    if (status != std::errc()) {
      fail("expected a number");
      return 0;
    }
    at_ = end - text_.data();
    return static_cast<int64_t>(negative ? 0 - value : value);
  }
  Symbol symbol() {
    expect("\"");
    std::string s;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\n') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        at_++;
        s += text_[at_] == 'n' ? '\n' : text_[at_];
        at_++;
      } else {
        s += text_[at_++];
      }
    }
    expect("\"");
    return Symbol(s);
  }
  bool is_number_after(char letter) {
    skip_blanks();
    return at_ + 1 < text_.size() && text_[at_] == letter && text_[at_ + 1] >= '0' && text_[at_ + 1] <= '9';
  }
  uint32_t numbered(char letter) {
    if (!is_number_after(letter)) {
      fail(fmt::format("expected {}N", letter));
      return 0;
    }
    at_++;
    return static_cast<uint32_t>(number());
  }
  ValueId value_ref() {
    uint32_t n = numbered('v');
    auto [it, fresh] = values_.try_emplace(n);
    if (fresh) it->second = f_->values.add(Value{});
    return it->second;
  }
  BlockId block_ref() {
    uint32_t n = numbered('b');
    auto [it, fresh] = blocks_.try_emplace(n);
    if (fresh) it->second = f_->add_block();
    return it->second;
  }

  // ---- signatures
  AbiSlot slot() {
    AbiSlot s{};
    if (accept("mem") || text_.substr(at_, 3) == "mem") {
      if (text_.substr(at_, 3) == "mem") at_ += 3;
      s.kind = AbiSlot::Memory;
      s.ty = Ty::Ptr;
      s.size = static_cast<uint32_t>(number());
    } else if (!ty_from_name(word(), &s.ty)) {
      fail("expected a type");
    }
    expect("@");
    if (is_number_after('r')) {
      s.kind = AbiSlot::IntReg;
      s.reg = static_cast<uint8_t>(numbered('r'));
    } else if (is_number_after('x')) {
      s.kind = AbiSlot::FloatReg;
      s.reg = static_cast<uint8_t>(numbered('x'));
    } else {
      if (s.kind != AbiSlot::Memory) s.kind = AbiSlot::Stack;
      s.offset = numbered('s');
    }
    if (accept("/")) s.spill = static_cast<uint32_t>(number());
    return s;
  }
  const CallSig* signature() {
    expect("sig");
    expect("(");
    std::vector<AbiSlot> args, results;
    std::vector<AbiSlot>* list = &args;
    while (error_.empty() && !accept(")")) {
      if (accept("->")) list = &results;
      else list->push_back(slot());
    }
    CallSig* sig = f_->arena.make<CallSig>();
    sig->args = f_->arena.copy(args);
    sig->results = f_->arena.copy(results);
    if (accept("stack")) {
      expect("(");
      sig->stack_size = static_cast<uint32_t>(number());
      sig->result_offset = static_cast<uint32_t>(number());
      sig->spill_size = static_cast<uint32_t>(number());
      expect(")");
    }
    return sig;
  }

  // ---- functions
  std::unique_ptr<Func> parse_func() {
    expect("func");
    auto func = std::make_unique<Func>(symbol());
    f_ = func.get();
    values_.clear();
    blocks_.clear();
    if (accept("attrs")) f_->attrs = static_cast<uint32_t>(number());
    f_->sig = signature();
    expect("{");
    skip_lines();
    while (error_.empty() && accept("local")) parse_local();
    if (accept("defers")) parse_defers();
    while (error_.empty() && !accept("}")) parse_block();
    for (const auto& [n, id] : values_) {
      if (!(*f_)[id].block.valid() && error_.empty()) fail(fmt::format("v{} is used but not defined", n));
    }
    return func;
  }
  void parse_local() {
    Local l;
    numbered('l');
    expect("size");
    l.size = static_cast<uint64_t>(number());
    expect("align");
    l.align = static_cast<uint32_t>(number());
    if (accept("mask")) {
      std::string_view hex = word();
      std::vector<uint8_t> mask;
      for (size_t i = 0; i + 1 < hex.size(); i += 2) {
        uint8_t byte = 0;
        std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
        mask.push_back(byte);
      }
      l.pointer_mask = f_->arena.copy(mask);
    }
    l.name = symbol();
    f_->add_local(l);
    skip_lines();
  }
  void parse_defers() {
    f_->defers.return_block = block_ref();
    if (accept("bits")) {
      f_->defers.bits = LocalId(numbered('l'));
      expect("slots");
      f_->defers.slots = LocalId(numbered('l'));
    }
    skip_lines();
  }
  void parse_block() {
    BlockId id = block_ref();
    expect(":");
    if (!f_->entry.valid()) f_->entry = id;
    if (accept("cold")) (*f_)[id].cold = true;
    std::vector<BlockId> preds;
    if (accept("<-")) {
      while (is_number_after('b')) preds.push_back(block_ref());
    }
    (*f_)[id].preds = preds;
    skip_lines();
    while (error_.empty() && !parse_terminator(id)) parse_value(id);
    skip_lines();
  }
  bool parse_terminator(BlockId id) {
    if (accept("jump")) {
      BlockId to = block_ref();
      (*f_)[id].term = TermKind::Jump;
      (*f_)[id].succs = {to};
    } else if (accept("if")) {
      ValueId control = value_ref();
      BlockId yes = block_ref(), no = block_ref();
      Block& b = (*f_)[id];
      b.term = TermKind::If;
      b.control = control;
      b.succs = {yes, no};
      if (accept("likely")) b.likely = 1;
      if (accept("unlikely")) b.likely = -1;
    } else if (accept("switch")) {
      ValueId control = value_ref();
      expect("#");
      int64_t low = number();
      std::vector<BlockId> succs;
      while (is_number_after('b')) succs.push_back(block_ref());
      Block& b = (*f_)[id];
      b.term = TermKind::Switch;
      b.control = control;
      b.switch_low = low;
      b.succs = succs;
    } else if (accept("return")) {
      std::vector<ValueId> args;
      while (is_number_after('v')) {
        args.push_back(value_ref());
        accept(",");
      }
      (*f_)[id].term = TermKind::Return;
      (*f_)[id].return_args = args;
    } else if (accept("unreachable")) {
      (*f_)[id].term = TermKind::Unreachable;
    } else if (!accept("none")) {
      return false;
    }
    return true;
  }
  void parse_value(BlockId block) {
    ValueId id;
    bool named = is_number_after('v');
    if (named) {
      id = value_ref();
      expect("=");
      if ((*f_)[id].block.valid()) fail("the value is defined twice");
    } else {
      id = f_->values.add(Value{});
    }
    Value v{};
    if (!op_from_name(word(), &v.op)) return fail("unknown op");
    if (!ty_from_name(word(), &v.ty)) return fail("unknown type");
    v.block = block;
    std::vector<ValueId> args;
    if (accept("(")) {
      while (error_.empty() && !accept(")")) {
        args.push_back(value_ref());
        accept(",");
      }
    }
    v.args = f_->arena.copy(args);
    parse_aux(&v);
    (*f_)[id] = v;
    (*f_)[block].values.push_back(id);
    if (peek() != '\n') fail("unexpected text after the value");
    skip_lines();
  }
  void parse_aux(Value* v) {
    switch (aux_kind(v->op)) {
      case AuxKind::None: return;
      case AuxKind::Int:
      case AuxKind::Float:
        if (accept("#")) v->aux = number();
        return;
      case AuxKind::Symbol:
        v->symbol = symbol();
        if (accept("#")) v->aux = number();
        return;
      case AuxKind::Type:
        expect("type");
        v->symbol = symbol();
        return;
      case AuxKind::Local: v->aux = numbered('l'); return;
      case AuxKind::Call: {
        CallInfo* call = f_->arena.make<CallInfo>();
        if (v->op == Op::Call) call->callee = symbol();
        if (accept("method")) call->method = symbol();
        call->sig = signature();
        if (accept("flags")) call->flags = static_cast<uint32_t>(number());
        if (accept("noescape")) call->noescape_args = static_cast<uint64_t>(number());
        v->call = call;
        return;
      }
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string error_;
  Func* f_ = nullptr;
  absl::flat_hash_map<uint32_t, ValueId> values_;
  absl::flat_hash_map<uint32_t, BlockId> blocks_;
};

}  // namespace

std::vector<std::unique_ptr<Func>> parse(std::string_view text, std::string* error) { return Parser(text).run(error); }

}  // namespace gale::ir
