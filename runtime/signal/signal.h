// signal.h: faults that become Go panics, and the state behind os/signal.

#ifndef GALE_RUNTIME_SIGNAL_SIGNAL_H_
#define GALE_RUNTIME_SIGNAL_SIGNAL_H_

#include "runtime/sched/g.h"

namespace gale::rt {

inline constexpr int kPreemptSignal = 23;  // SIGURG: programs that use it must expect it at any time anyway

inline constexpr int kThreadCallSignal = 33;
void make_requested_call(M* m);   // handler of that signal (all_threads.cpp)

void init_signals(M* m);          // of the process, on its first thread
void make_signal_stack(M* m);
void init_thread_signals(M* m);   // on the thread itself: its stack for handlers, its mask
void signal_thread(M* m, int sig);
bool signals_wanted();            // a goroutine waits in signal_recv
G* signal_receiver();             // that goroutine, if a signal has come: the caller makes it runnable

}  // namespace gale::rt

#endif  // GALE_RUNTIME_SIGNAL_SIGNAL_H_
