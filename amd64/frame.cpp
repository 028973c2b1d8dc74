// Frame layout.
#include "amd64/frame.h"

#include <algorithm>

#include "amd64/local_liveness.h"
#include "base/abi/layout.h"

namespace gale::amd64 {

Frame lay_out_frame(const MFunc& f) {
  Frame frame;
  uint32_t used = f.pointer_slots * 8;
  frame.locals.resize(f.ir.locals.size());
  frame.zero_high = used;
  enum class Kind : uint8_t { Cleared, Pointers, Scalars };
  std::vector<Kind> kinds(f.ir.locals.size());
  for (uint32_t i = 0; i < kinds.size(); i++) kinds[i] = has_pointers(f.ir.locals[ir::LocalId(i)]) ? Kind::Pointers : Kind::Scalars;
  for (uint32_t i : f.unwritten_locals) kinds[i] = Kind::Cleared;
  auto place = [&](Kind kind) {
    for (uint32_t i = 0; i < kinds.size(); i++) {
      if (kinds[i] != kind) continue;
      const ir::Local& local = f.ir.locals[ir::LocalId(i)];
      uint32_t align = kind == Kind::Scalars ? std::clamp(local.align, 1u, 8u) : 8;
      used = (used + static_cast<uint32_t>(local.size) + align - 1) / align * align;
      frame.locals[i] = -static_cast<int32_t>(used);
    }
  };
  place(Kind::Cleared);
  frame.zero_low = used;
  place(Kind::Pointers);
  frame.scalar_base = static_cast<int32_t>(used);
  used += f.scalar_slots * 8;
  place(Kind::Scalars);
  frame.size = ((used + 7) & ~7u) + ((f.outgoing + 7) & ~7u);
  frame.exists = frame.size != 0 || f.has_calls || f.needs_frame_pointer || f.ir.defers.return_block.valid();
  frame.checks_stack = (f.has_calls || frame.size >= abi::kStackSmall) && (f.ir.attrs & ir::kNoSplit) == 0;
  return frame;
}

}  // namespace gale::amd64
