// throw.cpp: fatal errors. A throw in a CLeaf runs on a goroutine stack that may be nearly full: it moves to g0 first.

#include "runtime/panic/traceback.h"
#include "runtime/print/print.h"
#include "runtime/sched/g.h"
#include "runtime/sys/start.h"

extern "C" [[noreturn]] void rt_call_on(gale::rt::uptr sp, void (*fn)(void*), void* arg);

namespace gale::rt {

namespace {

struct Message {
  const char* text;
  u64 len;
};
Message message;

[[noreturn]] void die(void*) {
  M* m = current_m();
  if (m->throwing) {
    print("\nfatal error: error while printing a fatal error\n");
    print_flush();
    exit_process(5);
  }
  m->throwing = true;
  print_lock();
  print("fatal error: ");
  print_bytes(message.text, message.len);
  print("\n");
  die_with_traceback(m->curg);
}

[[noreturn]] void die_from_here(const char* text, u64 len, bool show_all) {
  message = {text, len};
  M* m = current_m();
  G* g = m->curg;
  auto frame = reinterpret_cast<uptr>(__builtin_frame_address(0));
  if (show_all) traceback_level.all = traceback_level.level > 0 || traceback_level.all;
  if (g != nullptr && frame >= g->stack_lo && frame < g->stack_hi) {
    auto* words = reinterpret_cast<uptr*>(frame);
    g->sched_bp = words[0];
    g->sched_pc = words[1];
    g->sched_sp = frame + 16;
    rt_call_on(m->g0sp, die, nullptr);
  }
  die(nullptr);
}

}  // namespace

void throw_error(const char* text) { die_from_here(text, __builtin_strlen(text), true); }
void fatal_error(const char* text) { die_from_here(text, __builtin_strlen(text), true); }

RT_FN void rt_throw(G*, const char* p, u64 n) { die_from_here(p, n, true); }
RT_FN void rt_fatal(G*, const char* p, u64 n) { die_from_here(p, n, true); }

}  // namespace gale::rt
