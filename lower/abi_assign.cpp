// Where arguments and results live at calls: ABIInternal for amd64 (RUNTIME_CONTRACT 3.7). An argument goes to registers as
// a whole or to the stack as a whole; in ABI0 all go to the stack. Stack: arguments, results (aligned), then the spill area of register arguments.
#include <vector>

#include "base/abi/gates.h"
#include "discover/layout.h"
#include "lower/program_impl.h"

namespace gale::lower {

using ir::AbiSlot;
using ir::Ty;

namespace {

constexpr uint8_t kIntRegs = 9, kFloatRegs = 15;

uint64_t align_to(uint64_t n, uint64_t align) { return (n + align - 1) & ~(align - 1); }

bool is_float(Ty t) { return t == Ty::F32 || t == Ty::F64; }

struct Sequence {
  bool registers = true;
  uint8_t ints = 0, floats = 0;
  uint64_t stack = 0, spill = 0;
  std::vector<AbiSlot> slots;
  std::vector<uint8_t> mask;  // of stack words

  void mark(uint64_t word) {
    if (mask.size() <= word / 8) mask.resize(word / 8 + 1);
    mask[word / 8] |= static_cast<uint8_t>(1u << (word % 8));
  }

  void add(Type* type, const Shape& shape, bool with_spill) {
    if (shape.size == 0) {
      stack = align_to(stack, shape.align);
      return;
    }
    if (shape.flat && registers) {
      uint8_t i = ints, f = floats;
      for (const Component& c : shape.parts) is_float(c.ty) ? f++ : i++;
      if (i <= kIntRegs && f <= kFloatRegs) {
        spill = align_to(spill, shape.align);
        for (const Component& c : shape.parts) {
          AbiSlot s{};
          s.kind = is_float(c.ty) ? AbiSlot::FloatReg : AbiSlot::IntReg;
          s.reg = is_float(c.ty) ? floats++ : ints++;
          s.ty = c.ty;
          s.spill = static_cast<uint32_t>(spill + c.offset);
          s.type = type;
          slots.push_back(s);
        }
        if (with_spill) spill += shape.size;
        return;
      }
    }
    stack = align_to(stack, shape.align);
    if (shape.split) {
      for (const Component& c : shape.parts) {
        AbiSlot s{};
        s.kind = AbiSlot::Stack;
        s.ty = c.ty;
        s.offset = static_cast<uint32_t>(stack + c.offset);
        s.type = type;
        slots.push_back(s);
      }
    } else {
      AbiSlot s{};
      s.kind = AbiSlot::Memory;
      s.ty = Ty::Ptr;
      s.offset = static_cast<uint32_t>(stack);
      s.size = static_cast<uint32_t>(shape.size);
      s.type = type;
      slots.push_back(s);
    }
    if (shape.pointers) {
      const std::vector<uint8_t> m = discover::pointer_mask(type);
      for (size_t w = 0; w < m.size() * 8; w++) {
        if ((m[w / 8] >> (w % 8)) & 1) mark(stack / 8 + w);
      }
    }
    stack += shape.size;
  }
};

using Sigs = absl::flat_hash_map<std::vector<Type*>, const ir::CallSig*>;

const ir::CallSig* assign(Program& p, Sigs& sigs, bool registers, std::span<Type* const> params, std::span<Type* const> results) {
  std::vector<Type*> key(params.begin(), params.end());
  key.push_back(nullptr);
  key.insert(key.end(), results.begin(), results.end());
  auto it = sigs.find(key);
  if (it != sigs.end()) return it->second;
  Sequence in, out;
  in.registers = out.registers = registers;
  for (Type* t : params) in.add(t, p.shape(t), true);
  in.stack = align_to(in.stack, 8);
  for (Type* t : results) out.add(t, p.shape(t), false);
  for (AbiSlot& s : out.slots) {
    if (s.kind == AbiSlot::Stack || s.kind == AbiSlot::Memory) s.offset += static_cast<uint32_t>(in.stack);
    s.spill = 0;
  }
  auto* sig = p.arena.make<ir::CallSig>();
  sig->result_offset = static_cast<uint32_t>(in.stack);
  sig->stack_size = static_cast<uint32_t>(align_to(in.stack + out.stack, 8));
  for (AbiSlot& s : in.slots) {
    if (s.kind == AbiSlot::IntReg || s.kind == AbiSlot::FloatReg) s.spill += sig->stack_size;
  }
  sig->spill_size = static_cast<uint32_t>(align_to(in.spill, 8));
  sig->args = p.arena.copy(in.slots);
  sig->results = p.arena.copy(out.slots);
  sig->pointer_mask = p.arena.copy(in.mask);
  sig->result_mask = p.arena.copy(out.mask);
  sigs.emplace(std::move(key), sig);
  return sig;
}

}  // namespace

const ir::CallSig* Program::call_sig(std::span<Type* const> params, std::span<Type* const> results) {
  return assign(*this, impl->call_sigs, true, params, results);
}

const ir::CallSig* Program::abi0_sig(std::span<Type* const> params, std::span<Type* const> results) {
  return assign(*this, impl->abi0_sigs, false, params, results);
}

const ir::CallSig* Program::gate_sig(std::string_view letters) {
  auto it = impl->gate_sigs.find(std::string(letters));
  if (it != impl->gate_sigs.end()) return it->second;
  std::vector<AbiSlot> args, results;
  std::vector<AbiSlot>* out = &args;
  uint8_t ints = 0, floats = 0;
  auto add = [&](Ty ty) {
    AbiSlot s{};
    s.kind = is_float(ty) ? AbiSlot::FloatReg : AbiSlot::IntReg;
    s.reg = is_float(ty) ? floats++ : ints++;
    s.ty = ty;
    out->push_back(s);
  };
  for (char c : letters) {
    switch (c) {
      case 'p': add(Ty::Ptr); break;
      case 'w': add(Ty::I64); break;
      case 'b': add(Ty::Bool); break;
      case 'f': add(Ty::F64); break;
      case 's': add(Ty::Ptr); add(Ty::I64); break;
      case 'l': add(Ty::Ptr); add(Ty::I64); add(Ty::I64); break;
      case 'e': add(Ty::Addr); add(Ty::Ptr); break;
      case '>': out = &results; ints = floats = 0; break;
      default: CHECK(false, "a letter of gates.def"); break;
    }
  }
  auto* sig = arena.make<ir::CallSig>();
  uint32_t spill = 0;
  for (AbiSlot& s : args) {
    s.spill = spill;
    spill += 8;
  }
  sig->spill_size = spill;
  sig->args = arena.copy(args);
  sig->results = arena.copy(results);
  impl->gate_sigs.emplace(std::string(letters), sig);
  return sig;
}

}  // namespace gale::lower
