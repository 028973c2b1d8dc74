// copy.cpp: moves a stack and corrects every pointer into it.
//
// The bytes are copied first; then the frames are walked on the new stack. The walk needs return addresses (unchanged by the copy)
// and saved RBPs: those of a frame are corrected before the walk leaves it.

#include "runtime/gc/map_check.h"
#include "runtime/heap/heap.h"
#include "runtime/panic/unwind.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/stack/stack.h"
#include "runtime/sys/start.h"

namespace gale::rt {

namespace {

struct Move {
  uptr lo, hi;  // the old stack
  uptr delta;   // new - old, from the high ends

  void fix(u64* word) const {
    u64 p = *word;
    if (p >= lo && p < hi) *word = p + delta;
  }
  void fix_in_frame(u64* word) const {
    if (debug_flags.poison && *word != 0 && *word < 4096) throw_error("runtime: bad pointer in frame");
    fix(word);
  }
  template <class T>
  void fix_field(T& field) const {
    static_assert(sizeof(T) == 8);
    fix(reinterpret_cast<u64*>(&field));
  }
};

void fix_records(G* g, const Move& m) {
  m.fix_field(g->defer);
  for (Defer* d = g->defer; d != nullptr; d = d->link) {
    m.fix_field(d->fn);
    m.fix_field(d->sp);
    m.fix_field(d->link);
  }
  m.fix_field(g->panic);  // the records' own fields are in the frame of gopanic
}

void fix_g(G* g, const Move& m) {
  m.fix_field(g->sched_ctxt);
  m.fix_field(g->gate_args);
  m.fix_field(g->stktopsp);
  for (u64& w : g->ret) m.fix_field(w);
}

}  // namespace

void copy_stack(G* g, u64 new_bytes) {
  RT_CHECK(!g->pinned() && (g->flags & abi::kGFlagAsyncSafePoint) == 0, "runtime: moving a pinned stack");
  G old = *g;
  u64 used = g->stack_hi - g->sched_sp;
  allocate_stack(g, new_bytes);
  __builtin_memcpy(reinterpret_cast<void*>(g->stack_hi - used), reinterpret_cast<void*>(old.stack_hi - used), used);
  Move move{old.stack_lo, old.stack_hi, g->stack_hi - old.stack_hi};
  g->sched_sp += move.delta;
  move.fix_field(g->sched_bp);
  fix_g(g, move);
  for (Unwinder u(g); u.valid(); u.next()) {
    const Frame& f = u.frame();
    if (f.saved_bp) move.fix(reinterpret_cast<u64*>(f.fp - 16));
    visit_frame_pointers(f, [&](u64* word) { move.fix_in_frame(word); });
    visit_stack_objects(f, [&](uptr at, const abi::StackObject& o, const u8* mask, bool in_use) {
      visit_words(at, mask, o.ptr_words, [&](u64* word) {
        if (in_use) return move.fix_in_frame(word);
        move.fix(word);  // it may be reached by a pointer, or not have been written yet: then it does not matter what is there
      });
    });
    if (debug_flags.map_check) trap_dead_words(f);
  }
  fix_records(g, move);
  g->stackguard0 = g->stack_lo + abi::kStackGuard;
  free_stack(&old);
}

}  // namespace gale::rt
