// roots.cpp: everything from which marking starts.

#include "runtime/gc/gc.h"
#include "runtime/panic/unwind.h"
#include "runtime/sched/sched.h"
#include "runtime/stack/stack.h"
#include "runtime/sys/module.h"
#include "runtime/sys/start.h"

namespace gale::rt {

namespace {

void mark_masked(uptr from, uptr to, const u8* mask) {
  if (mask == nullptr) return;
  u64 words = (to - from) / 8;
  for (u64 i = 0; i < words; ++i) {
    if (mask[i / 8] == 0) {
      i |= 7;
      continue;
    }
    if ((mask[i / 8] >> (i % 8) & 1) != 0) mark_pointer(*reinterpret_cast<uptr*>(from + i * 8));
  }
}

void mark_stack_of(G* g) {
  for (Unwinder u(g); u.valid(); u.next()) {
    if (u.frame().conservative) {
      visit_conservative_frame(u.frame(), [](u64* word) { mark_conservative(*word); });
    } else {
      if (debug_flags.gc_stress) u.check_frame_pointer();
      visit_frame_pointers(u.frame(), [](u64* word) { mark_pointer(*word); });
    }
  }
}

void mark_defers(G* g) {
  mark_pointer(reinterpret_cast<uptr>(g->defer));
  for (Defer* d = g->defer; d != nullptr; d = d->link) {
    mark_pointer(reinterpret_cast<uptr>(d->fn));
    mark_pointer(reinterpret_cast<uptr>(d->link));
    mark_pointer(reinterpret_cast<uptr>(d->head));
    mark_pointer(reinterpret_cast<uptr>(d->panics));
  }
}

void mark_g(G* g) {
  mark_defers(g);
  g->free_defers = nullptr;
  mark_conservative(reinterpret_cast<uptr>(g->panic));
  mark_conservative(reinterpret_cast<uptr>(g->param));
  mark_conservative(reinterpret_cast<uptr>(g->sched_ctxt));
  mark_conservative(reinterpret_cast<uptr>(g->labels));
  mark_conservative(reinterpret_cast<uptr>(g->bubble));
  mark_conservative(reinterpret_cast<uptr>(g->pending_type));
  mark_conservative(g->pending_a);
  mark_conservative(g->pending_b);
  // Not g->ret: its words are read as soon as the gate returns, and no gate that parks has a pointer among them. What an earlier gate
  // left there (the base that findObject found) would keep an object alive that should be finalized.
  mark_stack_of(g);
}

}  // namespace

void mark_roots() {
  for (const Module* m = &gale_module; m != nullptr; m = m->next) {
    mark_masked(m->data, m->edata, m->data_mask);
    mark_masked(m->bss, m->ebss, m->bss_mask);
    for (uptr p = m->gcroots; p < m->egcroots; p += 8) mark_conservative(*reinterpret_cast<uptr*>(p));
  }
  i64 now = nanotime();
  for (G* g : sched.all_gs) {
    if (g->status == Status::kWaiting && g->waitsince == 0) g->waitsince = now;  // as exact as a traceback needs it
    if (g->status != Status::kDead && g->status != Status::kIdle) mark_g(g);
  }
  mark_timers();
  mark_reflect_offsets();
  mark_itabs();
  mark_special_roots();
}

}  // namespace gale::rt
