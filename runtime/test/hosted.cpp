// hosted.cpp: stands in for the assembler, the linker and the overlay in hosted unit tests: a module record without tables, one
// thread, and goroutine switches that only say that they were asked for.

#include <cstdio>
#include <cstdlib>

#include "runtime/heap/heap.h"
#include "runtime/sched/sched.h"
#include "runtime/sys/module.h"
#include "runtime/sys/start.h"
#include "runtime/test/hosted.h"

namespace gale::rt {

extern "C" {
const Module gale_module = {abi::kModuleMagic};
char hosted_goexit[8] asm("runtime.goexit");
char hosted_main[8] asm("runtime.main");
char hosted_timer_call[8] asm("runtime.timerCall");
char hosted_unreachable[8] asm("runtime.unreachableMethod");

char hosted_async[8] asm("runtime.asyncPreempt");

bool rt_wide_vectors;
thread_local M* current = &sched.m0;
M* rt_current_m() { return current; }
i64 rt_clone(u64, uptr, M*, void (*)(M*), void*, u32*) { abort(); }
void rt_sigreturn() { abort(); }
void rt_enter_sigpanic() { abort(); }
[[noreturn]] void rt_call_on(uptr, void (*fn)(void*), void* arg) {
  fn(arg);
  abort();
}
[[noreturn]] void rt_gogo(G*) { abort(); }
}

// Where sys/map_amd64.S goes on: in a test it says so by 0.
asm(R"(
  .globl rt_gate_mapassign_fast32, rt_gate_mapassign_fast64, "runtime.mapReadConflict"
rt_gate_mapassign_fast32:
rt_gate_mapassign_fast64:
  xor %eax, %eax
  ret
"runtime.mapReadConflict":
  ud2
)");

namespace hosted {

G* start() {
  static G g;
  static bool started = false;
  if (started) return &g;
  started = true;
  heap_init();
  M* m = &sched.m0;
  m->self = m;
  m->g0 = &sched.g0;
  seed_random(m);
  sched.nms = sched.next_m_id = 1;
  sched.max_ms = 10000;
  sched.all_ms = m;
  sched.last_poll = 1;
  resize_procs(1);
  P* p = m->p;
  m->curg = &g;
  g.m = m;
  g.p = p;
  g.goid = 1;
  g.status = Status::kRunning;
  return &g;
}

G* waiting_goroutine() {
  auto* g = static_cast<G*>(persistent_alloc(sizeof(G)));
  g->m = &sched.m0;
  g->p = sched.m0.p;
  g->status = Status::kRunning;
  return g;
}

void add_procs(i32 n) {
  start();
  resize_procs(n);
  for (i32 i = 0; i < n; ++i) set_status(sched.ps[i], PStatus::kRunning);
}

G* enter_thread(i32 p) {
  current = nullptr;  // not the first thread's M, from now on
  auto* m = static_cast<M*>(persistent_alloc(sizeof(M)));
  m->self = m;
  m->id = static_cast<u64>(p) + 100;
  m->p = sched.ps[p];
  sched.ps[p]->m = m;
  current = m;
  seed_random(m);
  G* g = waiting_goroutine();
  g->m = m;
  g->p = m->p;
  m->curg = g;
  return g;
}

void park_now(G* g) {
  g->status = Status::kWaiting;
  if (g->commit != nullptr) g->commit(g);
  g->commit = nullptr;
}

}  // namespace hosted

}  // namespace gale::rt
