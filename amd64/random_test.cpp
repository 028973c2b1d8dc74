// Random IR: structured functions with loops, joins, switches, calls that destroy all registers, pressure on both register files.
// Each is emitted with the allocation checker on, run, and compared with an interpreter of the IR.
#include <emmintrin.h>

#include <bit>
#include <cmath>
#include <ctime>
#include <cstring>
#include <random>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "amd64/emit.h"
#include "amd64/jit_test.h"
#include "ir/text.h"

// Destroy everything they may, and compute: RAX = RAX*3 + RBX (and X0 = X0 + X0); stack: [2] = [0] - [1].
__asm__(R"(
.text
.globl gale_test_helper
gale_test_helper:
  lea (%rax,%rax,2), %rax
  add %rbx, %rax
  addsd %xmm0, %xmm0
gale_trash:
  mov $0x5a5a5a5a, %ebx
  mov %rbx, %rcx
  mov %rbx, %rdx
  mov %rbx, %rsi
  mov %rbx, %rdi
  mov %rbx, %r8
  mov %rbx, %r9
  mov %rbx, %r10
  mov %rbx, %r11
  mov %rbx, %r12
  mov %rbx, %r13
  mov %rbx, %r15
  movq %rbx, %xmm1
  movq %rbx, %xmm2
  movq %rbx, %xmm3
  movq %rbx, %xmm4
  movq %rbx, %xmm5
  movq %rbx, %xmm6
  movq %rbx, %xmm7
  movq %rbx, %xmm8
  movq %rbx, %xmm9
  movq %rbx, %xmm10
  movq %rbx, %xmm11
  movq %rbx, %xmm12
  movq %rbx, %xmm13
  movq %rbx, %xmm14
  ret
.globl gale_test_stack_helper
gale_test_stack_helper:
  mov 8(%rsp), %rax
  sub 16(%rsp), %rax
  mov %rax, 24(%rsp)
  movq %rax, %xmm0
  jmp gale_trash
)");
extern "C" void gale_test_helper();
extern "C" void gale_test_stack_helper();

namespace gale::amd64 {
namespace {

using ir::AbiSlot;
using ir::BlockId;
using ir::Op;
using ir::Ty;
using ir::ValueId;

constexpr int kWords = 16;  // of the memory parameter and of the Local

AbiSlot int_slot(int reg, Ty ty) { return {.kind = AbiSlot::IntReg, .reg = static_cast<uint8_t>(reg), .ty = ty}; }
AbiSlot float_slot(int reg) { return {.kind = AbiSlot::FloatReg, .reg = static_cast<uint8_t>(reg), .ty = Ty::F64}; }

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed), f_(Symbol(fmt::format("random{}", seed))) {
    args_ = {int_slot(0, Ty::I64), int_slot(1, Ty::I64), int_slot(2, Ty::I64), int_slot(3, Ty::Ptr), float_slot(0), float_slot(1)};
    results_ = {int_slot(0, Ty::I64), float_slot(0)};
    for (size_t i = 0; i < 4; i++) args_[i].spill = static_cast<uint32_t>(i * 8);
    for (size_t i = 4; i < 6; i++) args_[i].spill = static_cast<uint32_t>(i * 8);
    sig_ = {.args = args_, .results = results_, .spill_size = 48};
    f_.sig = &sig_;
    helper_args_ = {int_slot(0, Ty::I64), int_slot(1, Ty::I64), float_slot(0)};
    helper_sig_ = {.args = helper_args_, .results = results_};
    stack_args_ = {{.kind = AbiSlot::Stack, .ty = Ty::I64, .offset = 0}, {.kind = AbiSlot::Stack, .ty = Ty::I64, .offset = 8}};
    stack_results_ = {{.kind = AbiSlot::Stack, .ty = Ty::I64, .offset = 16}};
    stack_sig_ = {.args = stack_args_, .results = stack_results_, .stack_size = 24, .result_offset = 16};
    helper_ = {.callee = Symbol("helper"), .sig = &helper_sig_};
    stack_helper_ = {.callee = Symbol("stack_helper"), .sig = &stack_sig_};
  }

  const ir::Func& run(int budget) {
    budget_ = budget;
    f_.add_local({.size = kWords * 8, .align = 8});
    f_.entry = block_ = f_.add_block();
    for (int i = 0; i < 6; i++) keep(emit(Op::Param, args_[static_cast<size_t>(i)].ty, {}, i));
    memory_ = values_[index(Ty::Ptr)].back();
    ValueId local = emit(Op::LocalAddr, Ty::Ptr, {}, 0);
    emit(Op::Zero, Ty::Void, {local}, kWords * 8);
    for (int64_t c : {0, 1, -1, 12345, 1 << 20}) keep(emit(Op::Const, Ty::I64, {}, c));
    keep(emit(Op::Const, Ty::I64, {}, 0x123456789abcdef0));
    keep(emit(Op::ConstF, Ty::F64, {}, std::bit_cast<int64_t>(1.25)));
    keep(emit(Op::IToF, Ty::F64, {any(Ty::I64)}));
    keep(emit(Op::Trunc, Ty::I32, {any(Ty::I64)}));
    keep(emit(Op::Trunc, Ty::I8, {any(Ty::I64)}));
    keep(emit(Op::Lt, Ty::Bool, {any(Ty::I64), any(Ty::I64)}));
    keep(memory_);
    region(0);
    // Everything still in scope goes into the result.
    ValueId sum = emit(Op::Const, Ty::I64, {}, 7);
    for (ValueId v : values_[index(Ty::I64)]) {
      if (f_[v].op != Op::Const && chance(50)) sum = emit(Op::Xor, Ty::I64, {emit(Op::RotL, Ty::I64, {sum, emit(Op::Const, Ty::I64, {}, 5)}), v});
    }
    for (int w = 0; w < kWords; w++) sum = emit(Op::Add, Ty::I64, {sum, emit(Op::Load, Ty::I64, {local}, w * 8)});
    f_[block_].term = ir::TermKind::Return;
    f_[block_].return_args = {sum, any(Ty::F64)};
    return f_;
  }

 private:
  static size_t index(Ty ty) { return static_cast<size_t>(ty); }
  uint32_t pick(size_t n) { return static_cast<uint32_t>(random_() % n); }
  bool chance(uint32_t percent) { return random_() % 100 < percent; }

  ValueId emit(Op op, Ty ty, std::initializer_list<ValueId> args, int64_t aux = 0) { return f_.emit(block_, op, ty, args, aux); }
  ValueId keep(ValueId v) {
    values_[index(f_[v].ty)].push_back(v);
    return v;
  }
  // Recent values are likelier, old ones make long lives.
  ValueId any(Ty ty) {
    std::vector<ValueId>& list = values_[index(ty)];
    if (chance(60) && list.size() > 4) return list[list.size() - 1 - pick(4)];
    return list[pick(list.size())];
  }
  ValueId number(int64_t c) { return emit(Op::Const, Ty::I64, {}, c); }

  void statement() {
    budget_--;
    switch (pick(22)) {
      case 0: case 1: case 2: case 3: {
        constexpr Op kOps[] = {Op::Add, Op::Sub, Op::Mul, Op::And, Op::Or, Op::Xor, Op::MulHi};
        keep(emit(kOps[pick(7)], Ty::I64, {any(Ty::I64), any(Ty::I64)}));
        return;
      }
      case 4: {
        constexpr Op kOps[] = {Op::Add, Op::Sub, Op::Mul, Op::And, Op::Or, Op::Xor};
        Ty ty = chance(50) ? Ty::I32 : Ty::I8;
        keep(emit(kOps[pick(6)], ty, {any(ty), any(ty)}));
        return;
      }
      case 5: {
        constexpr Op kOps[] = {Op::Shl, Op::Shr, Op::Sar, Op::RotL};
        Ty ty = chance(60) ? Ty::I64 : chance(50) ? Ty::I32 : Ty::I8;
        keep(emit(kOps[pick(4)], ty, {any(ty), chance(50) ? any(Ty::I64) : number(pick(70))}));
        return;
      }
      case 6: {
        constexpr Op kOps[] = {Op::Div, Op::Rem, Op::UDiv, Op::URem};
        ValueId divisor = emit(Op::Or, Ty::I64, {any(Ty::I64), number(1)});
        keep(emit(kOps[pick(4)], Ty::I64, {any(Ty::I64), divisor}));
        return;
      }
      case 7: {
        constexpr Op kOps[] = {Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::ULt, Op::ULe};
        Ty ty = chance(60) ? Ty::I64 : chance(50) ? Ty::I32 : Ty::I8;
        keep(emit(kOps[pick(6)], Ty::Bool, {any(ty), any(ty)}));
        return;
      }
      case 8: {
        constexpr Op kOps[] = {Op::FEq, Op::FNe, Op::FLt, Op::FLe};
        keep(emit(kOps[pick(4)], Ty::Bool, {any(Ty::F64), any(Ty::F64)}));
        return;
      }
      case 9: case 10: {
        constexpr Op kOps[] = {Op::FAdd, Op::FSub, Op::FMul, Op::FDiv};
        keep(emit(kOps[pick(4)], Ty::F64, {any(Ty::F64), any(Ty::F64)}));
        return;
      }
      case 11: {
        Ty ty = chance(60) ? Ty::I64 : chance(50) ? Ty::F64 : Ty::I32;
        keep(emit(Op::Select, ty, {any(Ty::Bool), any(ty), any(ty)}));
        return;
      }
      case 12:
        switch (pick(8)) {
          case 0: keep(emit(Op::SExt, Ty::I64, {any(chance(50) ? Ty::I32 : Ty::I8)})); return;
          case 1: keep(emit(Op::ZExt, Ty::I64, {any(chance(50) ? Ty::I32 : Ty::Bool)})); return;
          case 2: keep(emit(Op::Trunc, chance(50) ? Ty::I32 : Ty::I8, {any(Ty::I64)})); return;
          case 3: keep(emit(Op::IToF, Ty::F64, {any(Ty::I64)})); return;
          case 4: keep(emit(Op::FToI, Ty::I64, {any(Ty::F64)})); return;
          case 5: keep(emit(Op::UToF, Ty::F64, {any(Ty::I64)})); return;
          case 6: keep(emit(Op::Not, Ty::Bool, {any(Ty::Bool)})); return;
          default: keep(emit(Op::Popcnt, Ty::I64, {any(Ty::I64)})); return;
        }
      case 13: case 14: {
        Ty ty = chance(70) ? Ty::I64 : chance(50) ? Ty::I32 : Ty::I8;
        if (chance(50)) keep(emit(Op::Load, ty, {any(Ty::Ptr)}, pick(4) * 8));
        else keep(emit(Op::Load, ty, {element()}));
        return;
      }
      case 15: {
        Ty ty = chance(70) ? Ty::I64 : chance(50) ? Ty::I32 : Ty::F64;
        ValueId p = chance(50) ? any(Ty::Ptr) : element();
        if (chance(40) && ty != Ty::F64) {  // p[i] op= x
          constexpr Op kOps[] = {Op::Add, Op::Sub, Op::And, Op::Or, Op::Xor};
          ValueId old = emit(Op::Load, ty, {p}, 8);
          emit(Op::Store, Ty::Void, {p, emit(kOps[pick(5)], ty, {old, any(ty)})}, 8);
        } else {
          emit(Op::Store, Ty::Void, {p, any(ty)}, pick(4) * 8);
        }
        return;
      }
      case 16: {
        ValueId p = emit(Op::NilCheck, Ty::Ptr, {any(Ty::Ptr)});
        keep(emit(Op::Load, Ty::I64, {p}, 8));
        return;
      }
      case 17: {
        ValueId c = emit(Op::Call, Ty::I64, {any(Ty::I64), any(Ty::I64), any(Ty::F64)});
        f_[c].call = &helper_;
        keep(c);
        if (chance(60)) keep(emit(Op::Result, Ty::F64, {c}, 1));
        return;
      }
      case 18: {
        ValueId c = emit(Op::Call, Ty::I64, {any(Ty::I64), any(Ty::I64)});
        f_[c].call = &stack_helper_;
        keep(c);
        return;
      }
      case 19:
        keep(emit(Op::OffPtr, Ty::Ptr, {memory_}, pick(8) * 8));
        return;
      case 20: {
        ValueId a = any(Ty::I64), b = any(Ty::I64), carry = emit(Op::And, Ty::I64, {any(Ty::I64), number(1)});
        keep(emit(Op::AddCarry, Ty::I64, {a, b, carry}));
        if (chance(70)) keep(emit(Op::CarryOut, Ty::I64, {a, b, carry}));
        return;
      }
      default: {
        ValueId local = emit(Op::LocalAddr, Ty::Ptr, {}, 0);
        if (chance(50)) emit(Op::Store, Ty::Void, {local, any(Ty::I64)}, pick(kWords) * 8);
        else emit(Op::Move, Ty::Void, {local, memory_}, 1 + pick(kWords * 8 - 1));
        return;
      }
    }
  }

  // &memory[i & 7]
  ValueId element() {
    ValueId i = emit(Op::And, Ty::I64, {any(Ty::I64), number(7)});
    if (chance(30)) i = emit(Op::Add, Ty::I64, {i, number(2)});
    if (chance(20)) emit(Op::BoundsCheck, Ty::Void, {i, number(kWords)});
    ValueId base = chance(40) ? emit(Op::LocalAddr, Ty::Ptr, {}, 0) : memory_;
    return emit(Op::AddPtr, Ty::Ptr, {base, i}, 8);
  }

  void region(int depth) {
    int n = 3 + static_cast<int>(pick(8));
    while (n-- > 0 && budget_ > 0) {
      uint32_t what = pick(100);
      if (depth < 4 && what < 10) conditional(depth);
      else if (depth < 3 && what < 16) loop(depth);
      else if (depth < 3 && what < 19) switch_over(depth);
      else statement();
    }
  }

  using Scope = std::array<size_t, 10>;
  Scope scope() const {
    Scope s;
    for (size_t i = 0; i < 10; i++) s[i] = values_[i].size();
    return s;
  }
  void leave(const Scope& s) {
    for (size_t i = 0; i < 10; i++) values_[i].resize(s[i]);
  }

  struct Exit {
    BlockId block;
    std::vector<ValueId> values;
  };
  static constexpr Ty kJoined[] = {Ty::I64, Ty::I64, Ty::F64, Ty::Ptr, Ty::I32, Ty::Bool};

  Exit arm(BlockId b, int depth, bool cold) {
    Scope s = scope();
    block_ = b;
    f_[b].cold = cold;
    region(depth + 1);
    Exit exit{block_, {}};
    for (Ty ty : kJoined) exit.values.push_back(any(ty));
    leave(s);
    return exit;
  }
  void join(const std::vector<Exit>& exits) {
    block_ = f_.add_block();
    for (const Exit& e : exits) f_.jump(e.block, block_);
    for (size_t i = 0; i < std::size(kJoined); i++) {
      if (chance(30)) continue;
      ValueId phi = f_.add_phi(block_, kJoined[i]);
      std::vector<ValueId> args;
      for (const Exit& e : exits) args.push_back(e.values[i]);
      f_[phi].args = f_.arena.copy(args);
      keep(phi);
    }
  }

  void conditional(int depth) {
    BlockId yes = f_.add_block(), no = f_.add_block();
    f_.branch(block_, any(Ty::Bool), yes, no);
    bool cold = chance(30);
    std::vector<Exit> exits;
    exits.push_back(arm(yes, depth, cold));
    exits.push_back(arm(no, depth, false));
    join(exits);
  }

  void switch_over(int depth) {
    uint32_t cases = 2 + pick(8);
    ValueId control = emit(Op::And, Ty::I64, {any(Ty::I64), number(15)});
    f_[block_].term = ir::TermKind::Switch;
    f_[block_].control = control;
    f_[block_].switch_low = static_cast<int64_t>(pick(4));
    BlockId from = block_;
    std::vector<Exit> exits;
    std::vector<BlockId> arms;
    for (uint32_t i = 0; i <= cases; i++) {
      BlockId b = i > 0 && chance(30) ? arms[pick(arms.size())] : f_.add_block();
      if (std::find(arms.begin(), arms.end(), b) == arms.end()) arms.push_back(b);
      f_.add_edge(from, b);
    }
    for (BlockId b : arms) exits.push_back(arm(b, depth, false));
    join(exits);
  }

  // for i = 0; i < n; i++ with carried values
  void loop(int depth) {
    BlockId from = block_, head = f_.add_block(), body = f_.add_block(), done = f_.add_block();
    ValueId zero = number(0), one = number(1), limit = number(1 + pick(4));
    std::vector<ValueId> initial = {zero};
    for (Ty ty : kJoined) initial.push_back(any(ty));
    f_.jump(from, head);
    std::vector<ValueId> phis;
    for (ValueId v : initial) phis.push_back(f_.add_phi(head, f_[v].ty));
    block_ = head;
    ValueId more = emit(Op::Lt, Ty::Bool, {phis[0], limit});
    Scope s = scope();
    for (size_t i = 1; i < phis.size(); i++) keep(phis[i]);
    Scope inside = scope();
    f_.branch(head, more, body, done);
    block_ = body;
    region(depth + 1);
    std::vector<ValueId> next = {emit(Op::Add, Ty::I64, {phis[0], one})};
    for (Ty ty : kJoined) next.push_back(any(ty));
    f_.jump(block_, head);
    for (size_t i = 0; i < phis.size(); i++) {
      std::vector<ValueId> args = {initial[i], next[i]};
      f_[phis[i]].args = f_.arena.copy(args);
    }
    (void)s;
    leave(inside);
    block_ = done;
  }

  std::mt19937 random_;
  ir::Func f_;
  int budget_ = 0;
  BlockId block_;
  ValueId memory_;
  std::vector<ValueId> values_[10];
  std::vector<AbiSlot> args_, results_, helper_args_, stack_args_, stack_results_;
  ir::CallSig sig_, helper_sig_, stack_sig_;
  ir::CallInfo helper_, stack_helper_;
};

// ---- the interpreter

int bits_of(Ty ty) { return ir::size_of(ty) * 8; }
uint64_t low(uint64_t v, Ty ty) { return bits_of(ty) == 64 ? v : v & ((uint64_t(1) << bits_of(ty)) - 1); }
int64_t sign(uint64_t v, Ty ty) { return static_cast<int64_t>(v << (64 - bits_of(ty))) >> (64 - bits_of(ty)); }
double real(uint64_t v) { return std::bit_cast<double>(v); }
uint64_t bits(double v) { return std::bit_cast<uint64_t>(v); }

class Interpreter {
 public:
  Interpreter(const ir::Func& f, const Registers& in) : f_(f), in_(in), values_(f.values.size()) {}

  std::pair<uint64_t, uint64_t> run() {
    BlockId b = f_.entry, from;
    for (;;) {
      const ir::Block& block = f_[b];
      std::vector<std::pair<ValueId, uint64_t>> phis;
      for (ValueId v : block.values) {
        if (f_[v].op != Op::Phi) break;
        size_t i = static_cast<size_t>(std::find(block.preds.begin(), block.preds.end(), from) - block.preds.begin());
        phis.push_back({v, values_[f_[v].args[i].index]});
      }
      for (auto [v, x] : phis) values_[v.index] = x;
      for (ValueId v : block.values) {
        if (f_[v].op != Op::Phi) values_[v.index] = low_or_all(f_[v].ty, eval(f_[v]));
      }
      from = b;
      switch (block.term) {
        case ir::TermKind::Jump: b = block.succs[0]; break;
        case ir::TermKind::If: b = block.succs[values_[block.control.index] != 0 ? 0 : 1]; break;
        case ir::TermKind::Switch: {
          uint64_t i = values_[block.control.index] - static_cast<uint64_t>(block.switch_low);
          b = block.succs[std::min<uint64_t>(i, block.succs.size() - 1)];
          break;
        }
        default:
          return {values_[block.return_args[0].index], values_[block.return_args[1].index]};
      }
    }
  }

 private:
  static uint64_t low_or_all(Ty ty, uint64_t v) { return ty == Ty::Void ? v : low(v, ty); }

  uint64_t eval(const ir::Value& v) {
    auto a = [&](int i) { return values_[v.args[static_cast<size_t>(i)].index]; };
    auto ty = [&](int i) { return f_[v.args[static_cast<size_t>(i)]].ty; };
    auto s = [&](int i) { return sign(a(i), ty(i)); };
    int n = v.ty == Ty::Void ? 64 : bits_of(v.ty);
    switch (v.op) {
      case Op::Param: return v.aux < 4 ? in_.ints[v.aux] : in_.floats[v.aux - 4];
      case Op::Const: case Op::ConstF: return static_cast<uint64_t>(v.aux);
      case Op::LocalAddr: return reinterpret_cast<uint64_t>(local_);
      case Op::Zero: std::memset(reinterpret_cast<void*>(a(0)), 0, static_cast<size_t>(v.aux)); return 0;
      case Op::Move: std::memmove(reinterpret_cast<void*>(a(0)), reinterpret_cast<void*>(a(1)), static_cast<size_t>(v.aux)); return 0;
      case Op::OffPtr: return a(0) + static_cast<uint64_t>(v.aux);
      case Op::AddPtr: return a(0) + a(1) * static_cast<uint64_t>(v.aux);
      case Op::NilCheck: return a(0);
      case Op::BoundsCheck: return 0;
      case Op::Load: {
        uint64_t x = 0;
        std::memcpy(&x, reinterpret_cast<void*>(a(0) + static_cast<uint64_t>(v.aux)), static_cast<size_t>(n / 8));
        return x;
      }
      case Op::Store: {
        uint64_t x = a(1);
        std::memcpy(reinterpret_cast<void*>(a(0) + static_cast<uint64_t>(v.aux)), &x, static_cast<size_t>(ir::size_of(ty(1))));
        return 0;
      }
      case Op::Add: return a(0) + a(1);
      case Op::Sub: return a(0) - a(1);
      case Op::Mul: return a(0) * a(1);
      case Op::And: return a(0) & a(1);
      case Op::Or: return a(0) | a(1);
      case Op::Xor: return a(0) ^ a(1);
      case Op::Not: return v.ty == Ty::Bool ? a(0) ^ 1 : ~a(0);
      case Op::MulHi: return static_cast<uint64_t>((static_cast<unsigned __int128>(a(0)) * a(1)) >> 64);
      case Op::Div: return s(1) == -1 ? -a(0) : static_cast<uint64_t>(s(0) / s(1));
      case Op::Rem: return s(1) == -1 ? 0 : static_cast<uint64_t>(s(0) % s(1));
      case Op::UDiv: return a(0) / a(1);
      case Op::URem: return a(0) % a(1);
      case Op::Shl: return a(1) >= static_cast<uint64_t>(n) ? 0 : a(0) << a(1);
      case Op::Shr: return a(1) >= static_cast<uint64_t>(n) ? 0 : a(0) >> a(1);
      case Op::Sar: return static_cast<uint64_t>(s(0) >> std::min<uint64_t>(a(1), 63));
      case Op::RotL: {
        uint64_t k = a(1) % static_cast<uint64_t>(n);
        return k == 0 ? a(0) : a(0) << k | a(0) >> (static_cast<uint64_t>(n) - k);
      }
      case Op::Eq: return a(0) == a(1);
      case Op::Ne: return a(0) != a(1);
      case Op::Lt: return s(0) < s(1);
      case Op::Le: return s(0) <= s(1);
      case Op::ULt: return a(0) < a(1);
      case Op::ULe: return a(0) <= a(1);
      case Op::FEq: return real(a(0)) == real(a(1));
      case Op::FNe: return real(a(0)) != real(a(1));
      case Op::FLt: return real(a(0)) < real(a(1));
      case Op::FLe: return real(a(0)) <= real(a(1));
      case Op::Select: return a(0) != 0 ? a(1) : a(2);
      case Op::SExt: return static_cast<uint64_t>(s(0));
      case Op::ZExt: case Op::Trunc: return a(0);
      case Op::IToF: return bits(static_cast<double>(s(0)));
      case Op::UToF: return bits(static_cast<double>(a(0)));
      case Op::FToI: return static_cast<uint64_t>(_mm_cvttsd_si64(_mm_set_sd(real(a(0)))));
      case Op::FAdd: return bits(real(a(0)) + real(a(1)));
      case Op::FSub: return bits(real(a(0)) - real(a(1)));
      case Op::FMul: return bits(real(a(0)) * real(a(1)));
      case Op::FDiv: return bits(real(a(0)) / real(a(1)));
      case Op::Popcnt: return static_cast<uint64_t>(__builtin_popcountll(a(0)));
      case Op::AddCarry: return a(0) + a(1) + a(2);
      case Op::CarryOut: return static_cast<uint64_t>((static_cast<unsigned __int128>(a(0)) + a(1) + a(2)) >> 64);
      case Op::Call:
        if (v.call->callee.text() == "stack_helper") return a(0) - a(1);
        float_result_ = bits(real(a(2)) + real(a(2)));
        return a(0) * 3 + a(1);
      case Op::Result: return float_result_;
      default: ADD_FAILURE() << "no rule for " << ir::name(v.op); return 0;
    }
  }

  const ir::Func& f_;
  const Registers& in_;
  std::vector<uint64_t> values_;
  uint64_t local_[kWords] = {};
  uint64_t float_result_ = 0;
};

void run_random(uint32_t seed, int budget) {
  Generator generator(seed);
  const ir::Func& f = generator.run(budget);
  std::string broken = ir::verify(f, true);
  ASSERT_EQ(broken, "") << ir::print(f);
  Jit jit;
  EmitOptions options;
  options.verify = true;
  std::string listing;
  options.dump = [&](std::string_view stage, std::string t) { listing += fmt::format("-- {}\n{}", stage, t); };
  emit(f, jit.object(), options);
  jit.define("helper", reinterpret_cast<void*>(gale_test_helper));
  jit.define("stack_helper", reinterpret_cast<void*>(gale_test_stack_helper));
  jit.define("runtime.morestack_noctxt", nullptr);
  for (const char* name : {"runtime.panicIndex"}) jit.define(name, nullptr);
  ASSERT_EQ(jit.link(), "");
  uint64_t memory[2][kWords];
  for (uint64_t input = 0; input < 4; input++) {
    for (int m = 0; m < 2; m++) {
      for (uint64_t w = 0; w < kWords; w++) memory[m][w] = (w + 1) * 0x9e3779b97f4a7c15 + input;
    }
    Registers r;
    r.ints[0] = input * 0x123456789;
    r.ints[1] = input == 1 ? ~uint64_t(0) : input * 77;
    r.ints[2] = input + 3;
    r.ints[3] = reinterpret_cast<uint64_t>(memory[0]);
    r.floats[0] = bits(static_cast<double>(input) * 1.5);
    r.floats[1] = bits(-3.25);
    Registers want = r;
    want.ints[3] = reinterpret_cast<uint64_t>(memory[1]);
    auto [wi, wf] = Interpreter(f, want).run();
    jit.run(f.name.text(), r);
    bool same_float = r.floats[0] == wf || (std::isnan(real(wf)) && std::isnan(real(r.floats[0])));
    ASSERT_TRUE(r.ints[0] == wi && same_float && std::memcmp(memory[0], memory[1], sizeof memory[0]) == 0)
        << "seed " << seed << " input " << input << ": " << r.ints[0] << " want " << wi << "; " << real(r.floats[0]) << " want " << real(wf) << "\n"
        << ir::print(f) << listing;
  }
}

TEST(Random, Small) {
  for (uint32_t seed = 1; seed <= 300; seed++) {
    run_random(seed, 40);
    if (HasFatalFailure()) return;
  }
}

TEST(Random, Large) {
  for (uint32_t seed = 1001; seed <= 1040; seed++) {
    run_random(seed, 400);
    if (HasFatalFailure()) return;
  }
}

// Functions per second; run by hand in a release build.
TEST(Random, DISABLED_Speed) {
  std::vector<std::unique_ptr<Generator>> generators;
  std::vector<const ir::Func*> funcs;
  size_t values = 0;
  for (uint32_t seed = 1; seed <= 300; seed++) {
    generators.push_back(std::make_unique<Generator>(seed));
    funcs.push_back(&generators.back()->run(100));
    values += funcs.back()->values.size();
  }
  std::clock_t start = std::clock();
  int rounds = 5;
  size_t bytes = 0;
  for (int round = 0; round < rounds; round++) {
    for (const ir::Func* f : funcs) {
      link::Object object;
      emit(*f, object, {});
      for (const link::Definition& d : object.definitions) bytes += d.bytes.size();
    }
  }
  double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  double n = static_cast<double>(rounds) * static_cast<double>(funcs.size());
  fmt::print("{:.0f} functions/s, {:.1f} values and {:.0f} bytes each, {:.0f} ns a value\n", n / seconds, static_cast<double>(values) / static_cast<double>(funcs.size()),
             static_cast<double>(bytes) / n, seconds * 1e9 / rounds / static_cast<double>(values));
}

}  // namespace
}  // namespace gale::amd64
