// all_threads.cpp: a system call on every thread of the process (syscall.AllThreadsSyscall: setuid and the like, which Linux does by
// thread). The world is stopped, so no thread is made meanwhile; each other thread makes the call in a signal handler.

#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/signal/signal.h"

namespace gale::rt {

namespace {

const u64* request;  // number and six arguments
i64 expected;
u32 differing;

i64 call(const u64* a) { return syscall6(static_cast<i64>(a[0]), a[1], a[2], a[3], a[4], a[5], a[6]); }

}  // namespace

void make_requested_call(M* m) {
  if (__atomic_load_n(&m->call_wanted, __ATOMIC_ACQUIRE) == 0) return;
  if (call(request) != expected) __atomic_store_n(&differing, 1, __ATOMIC_RELAXED);
  __atomic_store_n(&m->call_wanted, 0, __ATOMIC_RELEASE);
}

// number, six arguments -> r1, r2, errno. If the call fails on this thread, no other one makes it.
RT_FN void rt_all_threads_syscall(G* g, const u64* args) {
  M* self = current_m();
  stop_making_threads(true);
  i64 r = call(args);
  if (r >= 0 || r < -4095) {
    request = args;
    expected = r;
    for (M* m = sched.all_ms; m != nullptr; m = m->all_next) {
      if (m == self || __atomic_load_n(&m->procid, __ATOMIC_ACQUIRE) == 0 || m->blocked) continue;
      __atomic_store_n(&m->call_wanted, 1, __ATOMIC_RELEASE);
      while (__atomic_load_n(&m->call_wanted, __ATOMIC_ACQUIRE) != 0 && !m->blocked) {
        signal_thread(m, kThreadCallSignal);
        Timespec t{0, 50000};
        for (int i = 0; i < 20 && __atomic_load_n(&m->call_wanted, __ATOMIC_ACQUIRE) != 0; ++i) syscall6(sysno::kNanosleep, word(&t), 0);
      }
    }
    if (differing != 0) fatal_error("AllThreadsSyscall results differ between threads; runtime corrupted");
  }
  stop_making_threads(false);
  bool failed = r < 0 && r >= -4095;
  g->ret[0] = failed ? ~u64{0} : static_cast<u64>(r);
  g->ret[1] = 0;
  g->ret[2] = failed ? static_cast<u64>(-r) : 0;
}

}  // namespace gale::rt
