// Backward dataflow over sets of Locals. Within a block it is known which pointers of a Local the stores further down overwrite: before
// stores to all of them, with nothing else that names it in between, the Local is not in use.
//
// What is in use where the function begins must be cleared there: some safepoint may show it before the code has written all its pointers.
// The code, too, may count on finding zeros in what it has not written (opt's escape), so for this all words count.
//
// In a function with defers each safepoint may panic and go on where recovery enters the function, and the panic loop reads the slots
// of the open-coded ones.
#include "amd64/local_liveness.h"

#include <algorithm>

namespace gale::amd64 {

namespace {

using Set = std::vector<uint64_t>;

// Bytes that an instruction writes to its memory operand without reading it; 0: it does something else.
uint32_t stored_bytes(const Inst& inst) {
  switch (inst.op) {
    case MOp::MovMR: case MOp::MovMI: case MOp::MovsMR: return inst.width;
    case MOp::MovupsMR: return 16;
    default: return 0;
  }
}

class Finder {
 public:
  explicit Finder(MFunc& f) : f_(f), number_(f.ir.locals.size(), kNever) {}

  void run() {
    for (uint32_t l = 0; l < number_.size(); l++) {
      const ir::Local& local = f_.ir.locals[ir::LocalId(l)];
      if (!has_pointers(local)) continue;
      number_[l] = static_cast<uint32_t>(locals_.size());
      locals_.push_back(l);
      pointers_.push_back(pointers(local));
      all_.push_back(local.size > 64 * 8 ? 0 : ~uint64_t{0} >> (64 - (local.size + 7) / 8));
    }
    if (locals_.empty()) return;
    words_ = (locals_.size() + 63) / 64;
    solve();
    recovered();
    for (uint32_t b = 0; b < f_.blocks.size(); b++) walk(b, true);
    whole_between_safepoints_ = true;
    solve();
    live_ = in_[0];
    add_roots();
    f_.unwritten_locals = in_use();
  }

 private:
  // Which of its words hold pointers; 0, for a large one: too many to follow the stores.
  static uint64_t pointers(const ir::Local& local) {
    uint64_t bits = 0;
    if (local.size > 64 * 8) return 0;
    for (size_t i = 0; i < local.pointer_mask.size() && i < 8; i++) bits |= uint64_t{local.pointer_mask[i]} << 8 * i;
    return bits;
  }

  void solve() {
    in_.assign(f_.blocks.size(), Set(words_, 0));
    for (bool again = true; again;) {
      again = false;
      for (uint32_t b = static_cast<uint32_t>(f_.blocks.size()); b-- > 0;) again |= walk(b, false);
    }
  }

  // Block b from its end. True if the set at its start has changed. With `record`, the safepoints learn what is in use.
  bool walk(uint32_t b, bool record) {
    const MBlock& block = f_.blocks[b];
    live_.assign(words_, 0);
    overwritten_.assign(locals_.size(), 0);
    for (uint32_t s : block.succs) {
      for (size_t w = 0; w < words_; w++) live_[w] |= in_[s][w];
      const MBlock& succ = f_.blocks[s];
      for (size_t i = 0; i < succ.preds.size(); i++) {
        if (succ.preds[i] != b) continue;
        for (const MPhi& phi : succ.phis) mention(phi.args[i]);
      }
    }
    for (size_t i = block.insts.size(); i-- > 0;) {
      Inst& inst = *block.insts[i];
      // Across the call: an argument that is used no more is the callee's to keep.
      if (CallSite* call = inst.safepoint()) {
        if (record) call->live_locals = in_use();
        if (whole_between_safepoints_) overwritten_.assign(locals_.size(), 0);
      }
      step(inst);
    }
    if (live_ == in_[b]) return false;
    in_[b] = live_;
    return true;
  }

  void step(const Inst& inst) {
    if (inst.mem.kind == Mem::Local) {
      uint32_t bytes = inst.mem.index == 0 ? stored_bytes(inst) : 0;
      if (bytes != 0) store(inst.mem.id, inst.mem.disp, bytes);
      else mention_local(inst.mem.id);
    }
    for (const Operand& u : inst.uses()) mention(u.vreg);
  }

  void mention(VReg v) {
    if (v < kFirstVReg) return;
    const VRegInfo& info = f_.vregs[v];
    if (info.kind == VRegInfo::Address && info.mem.kind == Mem::Local) mention_local(info.mem.id);
  }

  void mention_local(uint32_t local) {
    uint32_t n = number_[local];
    if (n == kNever) return;
    live_[n / 64] |= uint64_t{1} << n % 64;
    overwritten_[n] = 0;
  }

  void store(uint32_t local, int32_t at, uint32_t bytes) {
    uint32_t n = number_[local];
    if (n == kNever) return;
    for (uint32_t w = (static_cast<uint32_t>(at) + 7) / 8; w < 64 && (w + 1) * 8 <= static_cast<uint32_t>(at) + bytes; w++) overwritten_[n] |= uint64_t{1} << w;
    const uint64_t wanted = whole_between_safepoints_ ? all_[n] : pointers_[n];
    if (wanted != 0 && (wanted & ~overwritten_[n]) == 0) live_[n / 64] &= ~(uint64_t{1} << n % 64);
  }

  void add_roots() {
    for (uint32_t b = 0; b < f_.blocks.size(); b++) {
      if (!f_.blocks[b].root) continue;
      for (size_t w = 0; w < words_; w++) live_[w] |= in_[b][w];
    }
  }

  void recovered() {
    always_.assign(words_, 0);
    live_.assign(words_, 0);
    add_roots();
    if (f_.ir.defers.slots.valid()) mention_local(f_.ir.defers.slots.index);
    always_ = live_;
    f_.recovered_locals = in_use();
  }

  std::span<uint32_t> in_use() const {
    std::vector<uint32_t> out;
    for (uint32_t n = 0; n < locals_.size(); n++) {
      if (((live_[n / 64] | always_[n / 64]) >> n % 64 & 1) != 0) out.push_back(locals_[n]);
    }
    return f_.arena.copy(out);
  }

  MFunc& f_;
  std::vector<uint32_t> number_;    // of each Local among those with pointers, or kNever
  std::vector<uint32_t> locals_;    // those
  std::vector<uint64_t> pointers_;  // their words with pointers
  std::vector<uint64_t> all_;       // all of their words
  size_t words_ = 0;
  std::vector<Set> in_;
  Set always_;
  // What to clear: a Local is in use until all its words are overwritten, and one that is written in parts around a safepoint counts as
  // in use from before the first: at the safepoint it is half written.
  bool whole_between_safepoints_ = false;
  // At the point that the walk has come to.
  Set live_;
  std::vector<uint64_t> overwritten_;  // words that code further down in the block overwrites before anything else names the Local
};

}  // namespace

bool has_pointers(const ir::Local& local) {
  return std::any_of(local.pointer_mask.begin(), local.pointer_mask.end(), [](uint8_t b) { return b != 0; });
}

void find_live_locals(MFunc& f) { Finder(f).run(); }

}  // namespace gale::amd64
