// throw.cpp: fatal errors. A throw in a CLeaf runs on a goroutine stack that may be nearly full: it moves to g0 first.

#include "runtime/panic/traceback.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/sys/start.h"

extern "C" [[noreturn]] void rt_call_on(gale::rt::uptr sp, void (*fn)(void*), void* arg);

namespace gale::rt {

namespace {

struct Message {
  const char* text;
  u64 len;
};

u32 dying_thread = 0;  // id + 1 of the thread that reports

[[noreturn]] void die(void* text) {
  const Message message = *static_cast<const Message*>(text);
  M* m = current_m();
  if (m->throwing) {
    print("\nfatal error: error while printing a fatal error\n");
    print_flush();
    exit_process(5);
  }
  m->throwing = true;
  begin_dying();
  print("fatal error: ");
  print_bytes(message.text, message.len);
  print("\n");
  die_with_traceback(m->curg);
}

[[noreturn]] void die_from_here(const char* text, u64 len, bool show_all) {
  M* m = current_m();
  static Message messages[8];
  Message* message = &messages[m->id % 8];
  if (m->throwing) message = &messages[(m->id + 1) % 8];
  *message = {text, len};
  G* g = m->curg;
  auto frame = reinterpret_cast<uptr>(__builtin_frame_address(0));
  if (show_all) traceback_level.all = traceback_level.level > 0 || traceback_level.all;
  if (g != nullptr && frame >= g->stack_lo && frame < g->stack_hi) {
    auto* words = reinterpret_cast<uptr*>(frame);
    g->sched_bp = words[0];
    g->sched_pc = words[1];
    g->sched_sp = frame + 16;
    rt_call_on(m->g0sp, die, message);
  }
  die(message);
}

}  // namespace

void begin_dying() {
  M* m = current_m();
  u32 nobody = 0, self = static_cast<u32>(m->id) + 1;
  if (!__atomic_compare_exchange_n(&dying_thread, &nobody, self, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) && nobody != self) {
    for (;;) futex_sleep(&m->park, m->park, 1000000000);
  }
  if (nobody == 0) freeze_the_world();
  seize_print_lock();
}

bool dying() { return __atomic_load_n(&dying_thread, __ATOMIC_SEQ_CST) != 0; }

void throw_error(const char* text) { die_from_here(text, __builtin_strlen(text), true); }
void fatal_error(const char* text) { die_from_here(text, __builtin_strlen(text), true); }

RT_FN void rt_throw(G*, const char* p, u64 n) { die_from_here(p, n, true); }
RT_FN void rt_fatal(G*, const char* p, u64 n) { die_from_here(p, n, true); }

}  // namespace gale::rt
