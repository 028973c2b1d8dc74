// The two ways between Go's convention and that of assembly (base/abi/abi0.h): wrappers.
#include "base/abi/abi0.h"
#include "base/abi/stackmap.h"
#include "base/check.h"
#include "lower/body.h"
#include "lower/program_impl.h"
#include "syntax/nodes.h"

namespace gale::lower {

namespace {

void signature_types(Program& p, types::Func* f, std::vector<Type*>* params, std::vector<Type*>* results) {
  const types::Signature* sig = f->signature();
  if (sig->receiver != nullptr) params->push_back(p.types.get(sig->receiver->type));
  for (types::Var* v : sig->params->vars) params->push_back(p.types.get(v->type));
  for (types::Var* v : sig->results->vars) results->push_back(p.types.get(v->type));
}

std::vector<Val> all_params(Body& b) {
  std::vector<Val> args;
  for (size_t i = 0; i < b.param_types.size(); i++) args.push_back(b.param(i));
  return args;
}

}  // namespace

void Program::assembly_wrapper(Symbol name, types::Func* f) {
  const Symbol entry(std::string(name.text()) + std::string(abi::kAbi0Suffix));
  Body b(*this, name);
  b.package = f->package;
  b.pos = b.func.pos = b.func.end_pos = f->pos;
  b.func.attrs |= ir::kWrapper | ir::kNoInline;  // an inlined one would show twice in tracebacks
  b.func.func_id = abi::kFuncIdWrapper;
  signature_types(*this, f, &b.param_types, &b.result_types);
  b.begin_raw();
  const std::vector<Val> args = all_params(b);
  Callee c;
  c.symbol = entry;
  c.params = b.param_types;
  c.results = b.result_types;
  if (f->syntax != nullptr && f->syntax->pragma.has(syntax::Pragma::kNoescape)) {
    c.flags |= ir::kCallNoEscape;
    c.noescape_args = ~0ull;
  }
  const std::vector<Val> results = b.emit_call(c, args);
  b.emit_return(results);
  b.end();
  const ir::CallSig* sig = abi0_sig(b.param_types, b.result_types);
  result->abi0_args.push_back({entry, sig->stack_size, sig->result_offset / 8, sig->pointer_mask});
  finish(b);
}

void Program::abi0_entry(Symbol entry, types::Func* f) {
  if (f->type == nullptr) checker.object_decl(f);
  Body b(*this, entry);
  b.package = f->package;
  b.pos = b.func.pos = b.func.end_pos = f->pos;
  b.func.attrs |= ir::kWrapper | ir::kNoInline;
  b.func.func_id = abi::kFuncIdWrapper;
  signature_types(*this, f, &b.param_types, &b.result_types);
  b.func.sig = abi0_sig(b.param_types, b.result_types);
  b.func.entry = b.new_block();
  b.start_sealed(b.func.entry);
  const std::vector<Val> args = all_params(b);
  const Callee c = b.static_callee(f, {}, nullptr);
  const std::vector<Val> results = b.emit_call(c, args);
  b.emit_return(results);
  b.end();
  finish(b);
}

// Words of a gate's signature lie one after another; smaller integers and bools among them have a word each, which is right for
// the functions that assembly calls (memmove, memclr, memequal).
void Program::abi0_gate_entry(Symbol entry, Symbol symbol) {
  const Gate* g = gate(symbol);
  CHECK(g != nullptr, "a row of gates.def");
  Type* word = types.get(types::basic(types::BasicKind::Uintptr));
  Type* pointer = types.get(types::basic(types::BasicKind::UnsafePointer));
  Body b(*this, entry);
  b.package = runtime;
  b.func.attrs |= ir::kWrapper | ir::kNoInline;
  b.func.func_id = abi::kFuncIdWrapper;
  std::vector<Type*>* to = &b.param_types;
  for (char letter : g->signature) {
    switch (letter) {
      case '>': to = &b.result_types; break;
      case 'p': to->push_back(pointer); break;
      case 's': to->insert(to->end(), {pointer, word}); break;
      case 'l': to->insert(to->end(), {pointer, word, word}); break;
      case 'e': to->insert(to->end(), {pointer, pointer}); break;
      case 'b': to->push_back(types.get(types::basic(types::BasicKind::Bool))); break;
      case 'f': to->push_back(types.get(types::basic(types::BasicKind::Float64))); break;
      default: to->push_back(word);
    }
  }
  b.func.sig = abi0_sig(b.param_types, b.result_types);
  b.func.entry = b.new_block();
  b.start_sealed(b.func.entry);
  const std::vector<Val> args = all_params(b);
  Callee c;
  c.symbol = symbol;
  c.params = b.param_types;
  c.results = b.result_types;
  c.flags = g->flags;
  c.noescape_args = g->noescape_args;
  references.external(symbol);
  const std::vector<Val> results = b.emit_call(c, args);
  b.emit_return(results);
  b.end();
  finish(b);
}

}  // namespace gale::lower
