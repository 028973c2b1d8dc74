// roots.cpp: everything from which marking starts, cut into jobs that any thread with a P can take.
//
// A goroutine is scanned once a cycle, while it does not run: G.scanned is 2 * cycle while somebody does, 2 * cycle + 1 when it is done.
// Its stack, the fields of its G, and its chain of deferred calls change only by itself; a partner that copies a value to a waiting goroutine's stack
// copies one that is marked anyway. A goroutine that is born while marking counts as scanned: all it has comes from one that is.

#include "runtime/gc/gc.h"
#include "runtime/gc/stack_scan.h"
#include "runtime/sched/sched.h"
#include "runtime/stack/stack.h"
#include "runtime/sys/module.h"
#include "runtime/sys/start.h"

namespace gale::rt {

namespace {

constexpr u64 kDataPiece = 64 << 10, kGoroutines = 16, kSpans = 256;

// The jobs of this cycle, in this order.
struct Jobs {
  u64 data;          // pieces of data and bss of all modules
  u64 goroutines;    // batches of sched.all_gs
  u64 specials;      // batches of heap.objects
  u64 timers;        // of each P
  u64 tables;        // 1: the rest
  u64 total;
  u64 next;          // the first that is not taken
  u64 ngs;           // goroutines there were at the start
  u64 nspans;
  u64 cycle;
};
Jobs jobs;

u64 pieces(uptr from, uptr to) { return (to - from + kDataPiece - 1) / kDataPiece; }

void mark_masked(MarkQueue& q, uptr from, const u8* mask, u64 first, u64 last) {
  for (u64 i = first; i < last; ++i) {
    if (mask[i / 8] == 0) {
      i |= 7;
      continue;
    }
    if ((mask[i / 8] >> (i % 8) & 1) != 0) mark_pointer(q, *reinterpret_cast<uptr*>(from + i * 8));
  }
}

// Piece i of [from, to); if there are fewer, i is what is left of it.
bool mark_piece(MarkQueue& q, uptr from, uptr to, const u8* mask, u64& i) {
  u64 n = pieces(from, to);
  if (i >= n) {
    i -= n;
    return false;
  }
  constexpr u64 kWords = kDataPiece / 8;
  u64 words = (to - from) / 8, last = (i + 1) * kWords;
  if (mask != nullptr) mark_masked(q, from, mask, i * kWords, last < words ? last : words);
  return true;
}

void mark_data(MarkQueue& q, u64 i) {
  for (const Module* m = &gale_module; m != nullptr; m = m->next) {
    if (mark_piece(q, m->data, m->edata, m->data_mask, i) || mark_piece(q, m->bss, m->ebss, m->bss_mask, i)) return;
  }
}

void mark_g(MarkQueue& q, G* g) {
  StackScan scan(q, g);
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

u64 busy() { return jobs.cycle * 2; }
u64 done() { return jobs.cycle * 2 + 1; }

// True: the caller scans g now. False: somebody has.
bool claim(G* g) {
  for (int tries = 0;; ++tries) {
    u64 seen = __atomic_load_n(&g->scanned, __ATOMIC_ACQUIRE);
    if (seen == done()) return false;
    if (seen == busy()) {
      constexpr int kSpins = 100;
      if (tries < kSpins) {
        __builtin_ia32_pause();
      } else {
        Timespec t{0, 10000};  // a deep stack
        syscall6(sysno::kNanosleep, word(&t), 0);
      }
    } else if (__atomic_compare_exchange_n(&g->scanned, &seen, busy(), false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
      return true;
    }
  }
}

void release(G* g) { __atomic_store_n(&g->scanned, done(), __ATOMIC_RELEASE); }

void mark_goroutines(MarkQueue& q, u64 batch) {
  G* gs[kGoroutines];
  u64 n = 0;
  {
    Guard guard(sched.all_gs_lock, Rank::kAllGs);
    for (u64 i = batch * kGoroutines; i < jobs.ngs && n < kGoroutines; ++i) gs[n++] = sched.all_gs[i];
  }
  for (u64 i = 0; i < n; ++i) ensure_scanned(q, gs[i]);
}

void mark_timers_of(MarkQueue& q, P* p) {
  u64 from = 0;
  while ((from = mark_timers(q, p, from)) != 0) {}
}

void mark_tables(MarkQueue& q) {
  for (const Module* m = &gale_module; m != nullptr; m = m->next) {
    for (uptr p = m->gcroots; p < m->egcroots; p += 8) mark_conservative(q, *reinterpret_cast<uptr*>(p));
  }
  mark_reflect_offsets(q);
  mark_itabs(q);
  mark_due_specials(q);
}

void run_job(MarkQueue& q, u64 i) {
  if (i < jobs.data) return mark_data(q, i);
  i -= jobs.data;
  if (i < jobs.goroutines) return mark_goroutines(q, i);
  i -= jobs.goroutines;
  if (i < jobs.specials) {
    u64 to = (i + 1) * kSpans;
    return mark_specials(q, i * kSpans, to < jobs.nspans ? to : jobs.nspans);
  }
  i -= jobs.specials;
  if (i < jobs.timers) return mark_timers_of(q, sched.ps[i]);
  mark_tables(q);
}

}  // namespace

void start_roots() {
  ++jobs.cycle;
  jobs.data = 0;
  for (const Module* m = &gale_module; m != nullptr; m = m->next) jobs.data += pieces(m->data, m->edata) + pieces(m->bss, m->ebss);
  jobs.ngs = sched.all_gs.size();
  jobs.goroutines = (jobs.ngs + kGoroutines - 1) / kGoroutines;
  jobs.nspans = heap.objects.size();
  jobs.specials = (jobs.nspans + kSpans - 1) / kSpans;
  jobs.timers = static_cast<u64>(sched.nps);
  jobs.tables = 1;
  jobs.total = jobs.data + jobs.goroutines + jobs.specials + jobs.timers + jobs.tables;
  __atomic_store_n(&jobs.next, 0, __ATOMIC_SEQ_CST);
}

bool roots_left() { return __atomic_load_n(&jobs.next, __ATOMIC_SEQ_CST) < jobs.total; }

bool run_root_job(MarkQueue& q) {
  if (!roots_left()) return false;
  u64 i = __atomic_fetch_add(&jobs.next, 1, __ATOMIC_SEQ_CST);
  if (i >= jobs.total) return false;
  run_job(q, i);
  return true;
}

void ensure_scanned(MarkQueue& q, G* g) {
  if (__atomic_load_n(&g->scanned, __ATOMIC_ACQUIRE) == done() || !claim(g)) return;
  Status status = status_of(g);
  if (status != Status::kDead && status != Status::kIdle) {
    if (status == Status::kWaiting && g->waitsince == 0) g->waitsince = nanotime();  // as exact as a traceback needs it
    if (status == Status::kWaiting || status == Status::kRunnable) shrink_stack(g);
    mark_g(q, g);
  }
  release(g);
}

void begin_scanned(G* g) {
  if (!marking()) return;
  claim(g);
  release(g);
}

}  // namespace gale::rt
