// Prints a function in the IR's text form:
//
//   func "main.f" attrs 1 sig(i64@r0 ptr@r1 -> i64@r0) stack(0 0 16) {
//   local l0 size 16 align 8 mask 3 "x"
//   b0:
//     v1 = Param i64 #0
//     v2 = Call i64 (v1) "main.g" sig(i64@r0 -> i64@r0) flags 2
//     if v3 b1 b2 likely
//   b1: <- b0
//     return v2
//   }
#include <fmt/core.h>
#include <fmt/format.h>

#include <iterator>

#include "ir/text.h"

namespace gale::ir {
namespace {

using Out = std::back_insert_iterator<std::string>;

void print_symbol(Out out, Symbol s) {
  fmt::format_to(out, "\"");
  for (char c : s.text()) {
    if (c == '"' || c == '\\') fmt::format_to(out, "\\{}", c);
    else if (c == '\n') fmt::format_to(out, "\\n");
    else fmt::format_to(out, "{}", c);
  }
  fmt::format_to(out, "\"");
}

void print_slot(Out out, const AbiSlot& s) {
  switch (s.kind) {
    case AbiSlot::IntReg: fmt::format_to(out, "{}@r{}", name(s.ty), s.reg); break;
    case AbiSlot::FloatReg: fmt::format_to(out, "{}@x{}", name(s.ty), s.reg); break;
    case AbiSlot::Stack: fmt::format_to(out, "{}@s{}", name(s.ty), s.offset); break;
    case AbiSlot::Memory: fmt::format_to(out, "mem{}@s{}", s.size, s.offset); break;
  }
  if (s.kind <= AbiSlot::FloatReg && s.spill != 0) fmt::format_to(out, "/{}", s.spill);
}

void print_sig(Out out, const CallSig* sig) {
  fmt::format_to(out, " sig(");
  if (sig != nullptr) {
    for (const AbiSlot& s : sig->args) {
      print_slot(out, s);
      fmt::format_to(out, " ");
    }
    fmt::format_to(out, "->");
    for (const AbiSlot& s : sig->results) {
      fmt::format_to(out, " ");
      print_slot(out, s);
    }
  }
  fmt::format_to(out, ")");
  if (sig != nullptr && (sig->stack_size != 0 || sig->spill_size != 0)) {
    fmt::format_to(out, " stack({} {} {})", sig->stack_size, sig->result_offset, sig->spill_size);
  }
}

void print_value_to(Out out, const Func& f, ValueId id) {
  const Value& v = f[id];
  if (v.ty != Ty::Void) fmt::format_to(out, "v{} = ", id.index);
  fmt::format_to(out, "{} {}", name(v.op), name(v.ty));
  if (!v.args.empty()) {
    fmt::format_to(out, " (");
    for (size_t i = 0; i < v.args.size(); i++) fmt::format_to(out, "{}v{}", i ? ", " : "", v.args[i].index);
    fmt::format_to(out, ")");
  }
  switch (aux_kind(v.op)) {
    case AuxKind::None: break;
    case AuxKind::Int:
      if (v.aux != 0 || v.op == Op::Const || v.op == Op::Param) fmt::format_to(out, " #{}", v.aux);
      break;
    case AuxKind::Float: fmt::format_to(out, " #{:#x}", static_cast<uint64_t>(v.aux)); break;
    case AuxKind::Symbol:
      fmt::format_to(out, " ");
      print_symbol(out, v.symbol);
      if (v.aux != 0) fmt::format_to(out, " #{}", v.aux);
      break;
    case AuxKind::Type:
      fmt::format_to(out, " type ");
      print_symbol(out, v.symbol);
      break;
    case AuxKind::Local: fmt::format_to(out, " l{}", v.aux); break;
    case AuxKind::Call:
      if (v.call == nullptr) break;
      if (v.op == Op::Call) {
        fmt::format_to(out, " ");
        print_symbol(out, v.call->callee);
      }
      if (!v.call->method.empty()) {
        fmt::format_to(out, " method ");
        print_symbol(out, v.call->method);
      }
      print_sig(out, v.call->sig);
      if (v.call->flags != 0) fmt::format_to(out, " flags {}", v.call->flags);
      if (v.call->noescape_args != 0) fmt::format_to(out, " noescape {}", v.call->noescape_args);
      break;
  }
}

void print_terminator(Out out, const Func&, const Block& b) {
  switch (b.term) {
    case TermKind::None: fmt::format_to(out, "  none\n"); break;
    case TermKind::Jump: fmt::format_to(out, "  jump b{}\n", b.succs[0].index); break;
    case TermKind::If:
      fmt::format_to(out, "  if v{} b{} b{}{}\n", b.control.index, b.succs[0].index, b.succs[1].index,
                     b.likely > 0 ? " likely" : b.likely < 0 ? " unlikely" : "");
      break;
    case TermKind::Switch:
      fmt::format_to(out, "  switch v{} #{}", b.control.index, b.switch_low);
      for (BlockId s : b.succs) fmt::format_to(out, " b{}", s.index);
      fmt::format_to(out, "\n");
      break;
    case TermKind::Return:
      fmt::format_to(out, "  return");
      for (size_t i = 0; i < b.return_args.size(); i++) fmt::format_to(out, "{} v{}", i ? "," : "", b.return_args[i].index);
      fmt::format_to(out, "\n");
      break;
    case TermKind::Unreachable: fmt::format_to(out, "  unreachable\n"); break;
  }
}

void print_block(Out out, const Func& f, BlockId id) {
  const Block& b = f[id];
  fmt::format_to(out, "b{}:", id.index);
  if (b.cold) fmt::format_to(out, " cold");
  if (!b.preds.empty()) {
    fmt::format_to(out, " <-");
    for (BlockId p : b.preds) fmt::format_to(out, " b{}", p.index);
  }
  fmt::format_to(out, "\n");
  for (ValueId v : b.values) {
    fmt::format_to(out, "  ");
    print_value_to(out, f, v);
    fmt::format_to(out, "\n");
  }
  print_terminator(out, f, b);
}

}  // namespace

std::string print_value(const Func& f, ValueId v) {
  std::string s;
  print_value_to(std::back_inserter(s), f, v);
  return s;
}

std::string print(const Func& f) {
  std::string s;
  Out out = std::back_inserter(s);
  fmt::format_to(out, "func ");
  print_symbol(out, f.name);
  if (f.attrs != 0) fmt::format_to(out, " attrs {}", f.attrs);
  print_sig(out, f.sig);
  fmt::format_to(out, " {{\n");
  for (uint32_t i = 0; i < f.locals.size(); i++) {
    const Local& l = f.locals[LocalId(i)];
    fmt::format_to(out, "local l{} size {} align {}", i, l.size, l.align);
    if (!l.pointer_mask.empty()) {
      fmt::format_to(out, " mask ");
      for (uint8_t byte : l.pointer_mask) fmt::format_to(out, "{:02x}", byte);
    }
    fmt::format_to(out, " ");
    print_symbol(out, l.name);
    fmt::format_to(out, "\n");
  }
  if (f.defers.return_block.valid()) {
    fmt::format_to(out, "defers b{}", f.defers.return_block.index);
    if (f.defers.bits.valid()) fmt::format_to(out, " bits l{} slots l{}", f.defers.bits.index, f.defers.slots.index);
    fmt::format_to(out, "\n");
  }
  for (uint32_t i = 0; i < f.blocks.size(); i++) {
    BlockId b(i);
    if (!f[b].removed) print_block(out, f, b);
  }
  fmt::format_to(out, "}}\n");
  return s;
}

}  // namespace gale::ir
