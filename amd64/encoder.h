// Encoder: turns the instructions of one function into chunks of bytes. See encode.h.
#pragma once

#include "amd64/encode.h"
#include "amd64/maps.h"
#include "base/abi/stackmap.h"

namespace gale::amd64 {

class Encoder {
 public:
  Encoder(const MFunc& f, const Frame& frame, bool listing) : f_(f), frame_(frame), maps_(f, frame), listing_(listing) {}
  Code run();

 private:
  enum class Branch : uint8_t { None, Jump, Conditional };
  struct Chunk {
    uint32_t start = 0, end = 0;  // in as_.bytes
    Branch branch = Branch::None;
    Cond cond = Cond::O;
    bool wide = false;
    uint32_t target = 0;          // label
    uint32_t address = 0;         // final
  };
  struct Row {
    uint32_t chunk, offset;
    int32_t value;
  };
  struct PosMark {
    uint32_t chunk, offset;
    Pos pos;
    ir::InlineId inlined;
  };
  // Out-of-line code of a bounds check or a write barrier.
  struct Tail {
    const Inst* inst;
    uint32_t label;
    bool in_frame;
    uint32_t back = 0;                   // label to go on at (write barrier)
    std::vector<const Inst*> more = {};  // stores that share the barrier's test
  };

  // ---- encoder.cpp: blocks, prologue, tails, layout
  void order_blocks();
  void rotate_loops();
  void thread_jumps();
  void block(uint32_t b, uint32_t next);
  void terminator_jump(uint32_t target_block, uint32_t next);
  void end_chunk(Branch branch, Cond cond, uint32_t label);
  uint32_t place_label(uint32_t label);
  uint32_t new_label();
  void prologue();
  void make_frame();
  bool checks_stack() const { return frame_.checks_stack && !late_frame_; }
  void body_depth() { depth(in_frame_ ? static_cast<int32_t>(frame_.size) + 8 : 0); }
  void load_fixed_registers();
  void epilogue();
  void clear_frame_words(int32_t low, int32_t high);
  void morestack_tail();
  void panic_tail(const Tail& tail);
  void unsafe(bool on) { interruption(on ? abi::kUnsafePointUnsafe : abi::kUnsafePointSafe); }
  void interruption(int32_t point);
  void load_panic_args(const Inst& inst);
  void relax();
  void finish(Code& code);
  uint32_t final_pc(uint32_t chunk, uint32_t offset) const { return chunks_[chunk].address + (offset - chunks_[chunk].start); }
  void mark_position(Pos pos, ir::InlineId inlined);
  void mark_inlines(ir::InlineId inlined);
  void depth(int32_t bytes);
  void stack_map(int32_t row);
  void put(const Row& row, std::vector<Row>& rows);

  // ---- late_frame.cpp
  void find_late_frame();
  bool uses_frame(const MBlock& block) const;
  static bool calls_runtime_only(const MBlock& block);

  // ---- features.cpp: instructions that not every processor has
  void feature(const Inst& inst, std::string_view flag);
  void popcount_tail(const Inst& inst);
  void round_tail(const Inst& inst);
  void feature_tail(const Tail& tail);

  // ---- encode_inst.cpp
  void inst(const Inst& inst);
  void row_form(const Inst& inst);
  void call(const Inst& inst);
  void bounds(const Inst& inst);
  void bump(const Inst& inst, uint32_t slow);
  void write_mask(const Inst& inst, uint64_t size);
  void idiv_fix(const Inst& inst);
  void unsigned_to_float(const Inst& inst);
  void float_to_unsigned(const Inst& inst);
  void atomic_loop(const Inst& inst);
  void jump_table(const Inst& inst);
  void remat(const Inst& inst);
  void slot_remat(const Inst& inst);
  void exchange(Reg a, Reg b);
  void slot_to_reg(VReg v, Reg r, VReg slot);
  Address address(const Inst& inst, const Mem& mem) const;
  Address incoming(int32_t disp) const;
  Address slot(VReg v) const;
  Address float_constant(int width, uint64_t bits);
  Reg def_reg(const Inst& i, int n) const { return i.operands[n].reg; }
  Reg use_reg(const Inst& i, int n) const { return i.operands[i.num_defs + n].reg; }
  void branch_to_tail(Cond cond, const Inst& inst);

  // ---- encode_barrier.cpp
  void store_barrier(const MBlock& block, size_t at);
  void atomic_barrier(const Inst& inst);
  Tail& barrier_test(const Inst& inst);
  void barrier_tail(const Tail& tail);
  bool shares_test(const Inst& first, const Inst& later, RegMask changed) const;

  const MFunc& f_;
  const Frame& frame_;
  PointerMaps maps_;
  bool listing_;
  Assembler as_;
  std::vector<uint32_t> order_;
  std::vector<char> dead_end_;           // by block, if the frame is late: 1: runs with a frame, 2: makes it
  bool late_frame_ = false;              // only ways that do not return need the frame: they make it
  bool in_frame_ = false;                // what is being encoded runs with the frame
  std::vector<uint32_t> target_;         // by block: where a jump to it really goes
  std::vector<uint32_t> labels_;         // label -> chunk; the first are the blocks
  std::vector<Chunk> chunks_;
  std::vector<Tail> tails_;
  std::vector<Row> depths_, stack_maps_, unsafe_;
  std::vector<PosMark> positions_;
  std::vector<std::pair<uint32_t, uint32_t>> inline_marks_;  // by InlineId: chunk, offset
  std::vector<std::pair<uint32_t, const Inst*>> tables_;     // block, jump
  std::vector<std::pair<int, uint64_t>> float_constants_;
  std::vector<std::pair<uint32_t, std::string>> listing_lines_;  // offset in as_.bytes
  std::vector<uint32_t> listing_chunks_;
  uint32_t morestack_label_ = 0, entry_label_ = 0;
  std::pair<uint32_t, uint32_t> deferreturn_{0, kNever};
  Pos pos_;
  ir::InlineId inlined_;
  uint32_t current_block_ = 0;
  int after_call_ = 0;  // this many instructions more are close behind a call
  size_t tested_until_ = 0;              // stores with barrier before this place in the block are covered by an earlier one's test
  int32_t restart_point_ = abi::kUnsafePointRestart2;  // of the last sequence: neighbours differ
};

}  // namespace gale::amd64
