// unwind.cpp: see unwind.h.

#include "runtime/panic/unwind.h"

#include "runtime/print/print.h"
#include "runtime/sys/module.h"

extern "C" const char rt_goexit_code[] asm("runtime.goexit");

namespace gale::rt {

Unwinder::Unwinder(G* g) : g_(g) {
  if (g->syscallsp != 0) {  // g.sched may be half written: the thread does not wait for us
    enter(g->syscallpc, g->syscallsp, g->syscallbp, false);
    return;
  }
  async_ = (g->flags & abi::kGFlagAsyncSafePoint) != 0;
  enter(g->sched_pc, g->sched_sp, g->sched_bp, true);
}

Unwinder::Unwinder(G* g, uptr pc, uptr sp, uptr bp) : g_(g) { enter(pc, sp, bp, true); }

void Unwinder::enter(uptr pc, uptr sp, uptr bp, bool innermost) {
  bool fault = !innermost && frame_.fn && !frame_.fn.is_c() && frame_.fn.record->func_id == abi::kFuncIdSigpanic;
  bool async = !innermost && async_;  // called by asyncPreempt, which stands for the instruction at pc
  async_ = async_ && innermost;
  valid_ = false;
  if (pc == reinterpret_cast<uptr>(rt_goexit_code) + 1) {
    at_goexit_ = true;
    return;
  }
  const PcPlace place = place_of(current_m(), pc, innermost || fault || async);
  const Function fn = place.fn;
  if (!fn) return;
  Frame f;
  f.fn = fn;
  f.pc = pc;
  f.lookup = place.lookup;
  f.map_row = place.map_row;
  f.faulted = fault;
  f.conservative = async || (async_ && innermost);
  f.sp = sp;
  f.bp = bp;
  if (fn.is_c()) {
    if (bp < g_->stack_lo || bp + 16 > g_->stack_hi) return;
    f.stub = stub_of(fn);
    f.saved_bp = f.stub == nullptr || f.stub->kind != kLeafStub;
    f.fp = f.saved_bp ? bp + 16 : sp + 8;
  } else {
    f.fp = sp + static_cast<u32>(place.sp_delta) + 8;
    f.saved_bp = place.sp_delta >= 8;
    if (f.fp > g_->stack_hi) return;
  }
  frame_ = f;
  valid_ = true;
}

void Unwinder::next() {
  const Frame& f = frame_;
  if ((f.fn.record->flag & abi::kFuncFlagTopFrame) != 0) {
    valid_ = false;
    return;
  }
  uptr return_pc = *reinterpret_cast<uptr*>(f.fp - 8);
  uptr bp = f.saved_bp ? *reinterpret_cast<uptr*>(f.fp - 16) : f.bp;
  enter(return_pc, f.fp, bp, false);
}

FrameMaps frame_maps(const Frame& f) {
  const u8* locals = func_data(f.fn, abi::kFuncDataLocalsPointerMaps);
  const u8* args = func_data(f.fn, abi::kFuncDataArgsPointerMaps);
  i32 index = f.map_row;
  if (f.faulted) {  // only what deferred calls and the caller of a recovering function can see is alive
    if (f.fn.record->deferreturn == 0) return {map_row(locals, 0), {}};
    index = pc_data(f.fn, abi::kPcDataStackMapIndex, f.fn.entry + f.fn.record->deferreturn);
  }
  if (index < 0) index = 0;  // prologue
  return {map_row(locals, index), map_row(args, index)};
}

void Unwinder::check_frame_pointer() const {
  const Frame& f = frame_;
  if (f.fn.is_c() || !f.saved_bp || f.pc == f.lookup || f.bp == f.varp()) return;
  print_lock();
  print("runtime: frame pointer ");
  print_hex(f.bp);
  print(" of ");
  print(function_name(f.fn));
  print(", expected ");
  print_hex(f.varp());
  print("\n");
  throw_error("runtime: stale frame pointer");
}

}  // namespace gale::rt
