// Instruction selection: IR -> machine instructions over virtual registers.
//
// Blocks are taken in postorder and each block from its end to its start, so a value is met after all its uses: a pure value that
// nobody asked for (because it was folded into its users, or is dead) costs nothing. An instruction group is built
// forwards; the groups of a block are reversed at its end.
//
// Aliases: Copy, NilCheck and Trunc are the register of their argument; upper bits of a register beyond the value's type are
// undefined. Constants and addresses of symbols and locals have no definition: regalloc makes them where needed.
#pragma once

#include <initializer_list>
#include <utility>
#include <vector>

#include "amd64/inst.h"

namespace gale::amd64 {

void select(const ir::Func& f, MFunc& m);

class Selector {
 public:
  Selector(const ir::Func& f, MFunc& m) : f_(f), m_(m) {}
  void run();

 private:
  using ValueId = ir::ValueId;
  using Ty = ir::Ty;

  // ---- select.cpp: blocks, demand, building
  void count_uses();
  void build_blocks(const std::vector<char>& cold, const std::vector<uint8_t>& depth);
  void add_edges(uint32_t from, ir::BlockId block);
  void bind_phis();
  void select_block(ir::BlockId id);
  void select_value(ValueId v);
  void select_terminator(const ir::Block& block);
  void number_effects(const ir::Block& block);
  ValueId through_copies(ValueId v) const {
    while (f_[v].op == ir::Op::Copy) v = f_[v].args[0];
    return v;
  }
  ValueId resolve(ValueId v) const;     // through aliases
  bool zero_extended(ValueId v) const;  // upper bits of its register are known to be zero
  VReg reg_of(ValueId v);               // asks for v in a register
  VReg def_of(ValueId v);               // the register v was asked in, or a fresh one
  bool asked(ValueId v) const { return vreg_[v.index] != kNoVReg; }
  bool constant(ValueId v, int64_t* value) const;
  bool constant32(ValueId v, int64_t* value) const;
  VReg int_const(int64_t value, Ty ty = Ty::I64);
  VReg float_const(uint64_t bits, Ty ty);
  VReg temp(Ty ty) { return m_.new_vreg(ty); }
  bool here(ValueId v) const { return f_[v].block == block_id_; }
  bool single_use(ValueId v) const { return uses_[v.index] == 1; }
  // A comparison of which only branches and choices ask: made again at each of them it needs no register.
  bool only_tested(ValueId v) const { return tests_[v.index] == uses_[v.index]; }
  Inst* emit(MOp op, int width, std::initializer_list<Operand> defs, std::initializer_list<Operand> uses, Mem mem = {},
             int64_t imm = 0);
  Inst* emit_list(MOp op, int width, std::span<const Operand> defs, std::span<const Operand> uses, Mem mem, int64_t imm);
  void end_group();

  // ---- select_memory.cpp
  Mem address(ValueId p, int64_t disp);
  bool fold_address_part(ValueId p, Mem& mem, int64_t& disp, ValueId* next);
  bool foldable_load(ValueId v) const;
  bool load_operand(ValueId v, Mem* mem);  // folds a load that only the current instruction uses
  void load(Ty ty, VReg dst, const Mem& mem);
  void store(Ty ty, ValueId value, const Mem& mem);
  bool store_update(const ir::Value& v);
  void select_address(ValueId v);
  void select_load(ValueId v);
  void select_store(const ir::Value& v);
  void select_store_barrier(const ir::Value& v);
  void copy_memory(const Mem& to, const Mem& from, uint64_t size);
  void clear_memory(const Mem& to, uint64_t size);
  void select_nil_check(ValueId v);
  ValueId root_of(ValueId p, int64_t* offset) const;
  bool next_access_faults(ValueId v) const;
  void select_bounds(const ir::Value& v);
  void select_atomic(ValueId v);
  void atomic_barrier(MOp op, Operand old, std::initializer_list<Operand> uses, const Mem& mem);
  static Mem at(Mem mem, int64_t more);
  VReg address_reg(const Mem& mem);
  void leaf_call(std::string_view callee, std::initializer_list<Operand> uses);

  // ---- select_arith.cpp
  void select_arith(ValueId v);
  void binary(ValueId v, MOp rm, MOp mi);
  void multiply(ValueId v);
  void times(VReg d, VReg s, int64_t c, int width);
  bool divide_by_constant(ValueId v, bool is_signed, bool remainder);
  void divide(ValueId v, bool is_signed, bool remainder);
  void shift(ValueId v);
  void rotate(ValueId v);
  void bits(ValueId v);
  void popcount(ValueId v);
  void carry(ValueId v);
  void extend(ValueId v);
  VReg widened(ValueId v, bool is_signed);  // I8, I16 as 32 bits
  Operand rm_operand(ValueId v, Mem* mem);  // register, or a folded load in *mem

  // ---- select_combine.cpp
  struct BytePlace {
    ValueId base, index;
    int64_t scale = 0, disp = 0;
  };
  struct ByteLoad {
    ValueId load;
    int shift;  // in bytes
    BytePlace place;
  };
  BytePlace byte_place(ValueId load) const;
  bool gather_bytes(ValueId v, bool root, std::vector<ByteLoad>& out) const;
  bool combine_bytes(ValueId v);
  struct StoredByte {
    ValueId store;
    BytePlace place;
    ValueId source;    // not valid: a constant
    int shift = 0;     // in bytes
    int64_t bits = 0;  // of a constant
  };
  StoredByte stored_byte(ValueId store) const;
  std::vector<StoredByte> neighbours() const;
  bool make_one_value(std::span<const StoredByte> bytes, bool* little) const;
  bool combine_stores(const ir::Value& v);
  void store_together(std::span<const StoredByte> bytes, bool little);

  // ---- select_float.cpp
  void select_float(ValueId v);
  void float_binary(ValueId v, MOp op);
  void float_convert(ValueId v);

  // ---- select_compare.cpp
  struct Test {
    Cond cond;
    bool float_equality = false;  // E and not P, or NE or P
  };
  Test compare(ValueId v);            // sets the flags for the Bool v
  Test compare_integers(const ir::Value& v, bool once);
  Test negated(Test t) const;
  void materialize(VReg d, Test t);
  void select_compare(ValueId v);
  void select_choice(ValueId v);
  bool swap_decides(const ir::Block& block) const;
  void branch(const ir::Block& block);
  void switch_on(const ir::Block& block);
  bool branch_on_bump(const ir::Block& block);

  // ---- select_call.cpp
  void select_call(ValueId v);
  void select_return(const ir::Block& block);
  void select_entry();
  void copy_registers(const std::vector<std::pair<VReg, VReg>>& copies);
  void store_stack_args(const ir::Value& v, size_t first, const ir::CallSig& sig);
  struct ResultUse {
    ValueId value;
    uint32_t slot;
  };
  std::vector<ResultUse> results_of(ValueId call);
  bool frame_value(const ir::Value& v, VRegInfo* info) const;  // parameters and areas in the caller's frame

  const ir::Func& f_;
  MFunc& m_;
  std::vector<ir::BlockId> rpo_;
  std::vector<uint32_t> block_index_;   // ir block -> index in m_.blocks
  std::vector<VReg> vreg_;              // by value
  std::vector<uint32_t> uses_, tests_;  // by value: all uses, those that want a condition
  std::vector<uint32_t> position_;      // by value, in its block
  std::vector<bool> done_;              // by value: folded into its user
  std::vector<uint32_t> effects_;       // of the current block: ops that order memory, before each position
  std::vector<std::vector<uint32_t>> targets_;  // by m_.blocks: index into succs of each ir successor
  std::vector<Inst*> insts_;            // of the current block, groups in reverse
  std::vector<uint32_t> group_ends_;
  size_t group_start_ = 0;
  ir::BlockId block_id_;
  uint32_t at_ = 0;                     // position that the current instruction is executed at
  Pos pos_;
  ir::InlineId inlined_;
  ValueId folded_;                       // a load that became an operand of the instruction made next
  bool tail_called_ = false;            // the block ends in a tail jump
};

constexpr int width_of(ir::Ty ty) {
  switch (ty) {
    case ir::Ty::Bool: case ir::Ty::I8: return 1;
    case ir::Ty::I16: return 2;
    case ir::Ty::I32: case ir::Ty::F32: return 4;
    default: return 8;
  }
}
// Of arithmetic in registers: narrow types are computed in 32 bits.
constexpr int op_width(ir::Ty ty) { return width_of(ty) < 4 ? 4 : width_of(ty); }
constexpr bool is_float_type(ir::Ty ty) { return ty == ir::Ty::F32 || ty == ir::Ty::F64; }
constexpr bool fits32(int64_t v) { return v == static_cast<int32_t>(v); }

}  // namespace gale::amd64
