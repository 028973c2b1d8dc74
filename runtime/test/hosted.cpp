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

M* rt_current_m() { return &sched.m0; }
void rt_sigreturn() { abort(); }
void rt_enter_sigpanic() { abort(); }
[[noreturn]] void rt_call_on(uptr, void (*fn)(void*), void* arg) {
  fn(arg);
  abort();
}
[[noreturn]] void rt_gogo(G*) { abort(); }
}

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
  auto* p = static_cast<P*>(persistent_alloc(sizeof(P)));
  p->m = m;
  m->p = p;
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

void park_now(G* g) {
  g->status = Status::kWaiting;
  if (g->commit != nullptr) g->commit(g);
  g->commit = nullptr;
}

}  // namespace hosted

}  // namespace gale::rt
