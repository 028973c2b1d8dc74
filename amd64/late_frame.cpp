// Late frames: a function that calls and uses its frame only on cold ways that do not return (panic, throw) makes the frame there. Its
// other ways have neither frame nor stack check, as if those calls were failed bounds checks.
#include <algorithm>

#include "amd64/encoder.h"
#include "base/abi/layout.h"

namespace gale::amd64 {

bool Encoder::uses_frame(const MBlock& block) const {
  auto in_frame = [](Mem::Kind k) { return k == Mem::Slot || k == Mem::Local || k == Mem::Outgoing; };
  for (const Inst* inst : block.insts) {
    switch (inst->op) {
      case MOp::Call: case MOp::CallM: case MOp::SlotMove: case MOp::SlotRemat:
        return true;
      case MOp::Remat:
        if (in_frame(f_.vregs[inst->operands[0].vreg].mem.kind)) return true;
        break;
      default:
        break;
    }
    if (in_frame(inst->mem.kind)) return true;
  }
  return false;
}

// Only the runtime is called, which looks after the stack: others might come back here, each time without a check.
bool Encoder::calls_runtime_only(const MBlock& block) {
  return std::all_of(block.insts.begin(), block.insts.end(), [](const Inst* inst) {
    if (inst->op == MOp::Call) return inst->clobbers == kAllMask && inst->symbol.text().starts_with("runtime.");
    return inst->op != MOp::CallM;
  });
}

void Encoder::find_late_frame() {
  const ir::DeferInfo& defers = f_.ir.defers;
  if (!frame_.exists || f_.needs_frame_pointer || frame_.size >= abi::kStackSmall || defers.return_block.valid() || defers.bits.valid()) return;
  if ((f_.ir.attrs & ir::kTopFrame) != 0) return;
  size_t n = f_.blocks.size();
  auto returns = [](const Inst& inst) { return inst.op == MOp::Return || inst.op == MOp::TailJump; };
  // What leads to a return: backwards.
  std::vector<char> leads(n, 0);
  std::vector<uint32_t> stack;
  for (uint32_t b = 0; b < n; b++) {
    const MBlock& block = f_.blocks[b];
    leads[b] = !block.cold || b == 0 || (!block.insts.empty() && returns(*block.insts.back()));
    if (leads[b] != 0) stack.push_back(b);
  }
  while (!stack.empty()) {
    uint32_t b = stack.back();
    stack.pop_back();
    for (uint32_t p : f_.blocks[b].preds) {
      if (leads[p] == 0) stack.push_back(p);
      leads[p] = 1;
    }
  }
  dead_end_.assign(n, 0);
  for (uint32_t b = 0; b < n; b++) {
    dead_end_[b] = leads[b] == 0;
    if (leads[b] == 0 ? !calls_runtime_only(f_.blocks[b]) : uses_frame(f_.blocks[b])) return;
  }
  // A dead end is entered from dead ends only, or never.
  std::vector<char> entered(n, 0);
  for (uint32_t b = 0; b < n; b++) {
    if (target_[b] != b) continue;
    for (uint32_t s : f_.blocks[b].succs) entered[target_[s]] |= leads[b] != 0 ? 1 : 2;
  }
  for (uint32_t b = 0; b < n; b++) {
    if (leads[b] != 0 || (entered[b] & 1) == 0) continue;
    if (entered[b] == 3) return;
    dead_end_[b] = 2;
  }
  late_frame_ = true;
}

}  // namespace gale::amd64
