// unwind.h: physical frames of a goroutine's stack, from the point in G.sched outwards.
//
// Go frames are measured by the function table (pcsp), frames of C++ and of gate stubs by RBP. RBP is followed through
// both: a Go frame with a frame pointer has the caller's RBP at FP - 16. When a stack is copied, the visitor has corrected
// that word of a frame before the walk goes on (stack/copy.cpp).

#ifndef GALE_RUNTIME_PANIC_UNWIND_H_
#define GALE_RUNTIME_PANIC_UNWIND_H_

#include "runtime/panic/functable.h"
#include "runtime/sched/g.h"
#include "runtime/sys/module.h"

namespace gale::rt {

// The 16 bytes before the entry of a stub (sys/gen_gates.py).
struct StubInfo {
  static constexpr u64 kMagic = 0x425553455441474C;
  u64 magic;
  u8 nargs;
  u8 nresults;
  u16 arg_mask;
  u8 result_mask;
  u8 kind;  // 1 CLEAF, 2 GATE, 3 PARK, 4 closure stub of reflect, 5 LEAF
  u16 slow;
};
inline constexpr u8 kReflectStub = 4, kLeafStub = 5;

// What stands before the entry of a stub; null for other functions.
inline const StubInfo* stub_of(Function fn) {
  auto* stub = reinterpret_cast<const StubInfo*>(fn.entry - sizeof(StubInfo));
  return fn.entry - sizeof(StubInfo) >= gale_module.text && stub->magic == StubInfo::kMagic ? stub : nullptr;
}

struct Frame {
  Function fn;
  uptr pc = 0;      // where it will go on
  uptr lookup = 0;  // pc to look tables up with
  uptr sp = 0;
  uptr fp = 0;      // caller's SP after the return: address of the first stack argument
  uptr bp = 0;      // RBP in this frame
  bool saved_bp = false;  // the word at fp - 16 is the caller's RBP
  bool faulted = false;   // the callee is sigpanic: this frame stopped at an arbitrary pc
  i32 map_row = -1;       // of the pointer maps at `lookup`
  bool conservative = false;  // asyncPreempt's frame, or the one it stopped: any word may be a pointer (it does not move)
  const StubInfo* stub = nullptr;

  uptr varp() const { return fp - 16; }
};

class Unwinder {
 public:
  explicit Unwinder(G* g);  // from g.sched
  Unwinder(G* g, uptr pc, uptr sp, uptr bp);

  bool valid() const { return valid_; }
  const Frame& frame() const { return frame_; }
  void next();
  bool at_goexit() const { return at_goexit_; }
  void check_frame_pointer() const;  // throws if RBP of a suspended Go frame is not where its saved RBP lies

 private:
  void enter(uptr pc, uptr sp, uptr bp, bool innermost);
  G* g_;
  Frame frame_;
  bool valid_ = false, at_goexit_ = false, async_ = false;
};

}  // namespace gale::rt

#include "runtime/panic/frame_pointers.h"

#endif  // GALE_RUNTIME_PANIC_UNWIND_H_
