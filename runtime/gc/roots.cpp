// roots.cpp: everything from which marking starts.

#include "runtime/gc/gc.h"
#include "runtime/gc/stack_scan.h"
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

void mark_g(G* g) {
  StackScan scan(g);
  scan.visit(word(g->defer));
  for (Defer* d = g->defer; d != nullptr; d = d->link) {
    scan.visit(word(d->fn));
    scan.visit(word(d->link));
    scan.visit(word(d->head));
    scan.visit(word(d->panics));
  }
  g->free_defers = nullptr;
  scan.visit_conservatively(word(g->panic));
  scan.visit_conservatively(word(g->param));
  scan.visit_conservatively(word(g->sched_ctxt));
  scan.visit_conservatively(word(g->labels));
  scan.visit_conservatively(word(g->bubble));
  scan.visit_conservatively(word(g->pending_type));
  scan.visit_conservatively(g->pending_a);
  scan.visit_conservatively(g->pending_b);
  // Not g->ret: its words are read as soon as the gate returns, and no gate that parks has a pointer among them. What an earlier gate
  // left there (the base that findObject found) would keep an object alive that should be finalized.
  scan.run();
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
