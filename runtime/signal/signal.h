// signal.h: faults that become Go panics, and the state behind os/signal.

#ifndef GALE_RUNTIME_SIGNAL_SIGNAL_H_
#define GALE_RUNTIME_SIGNAL_SIGNAL_H_

#include "runtime/sched/g.h"

namespace gale::rt {

void init_signals(M* m);
bool signals_wanted();      // a goroutine waits in signal_recv
void deliver_signals();     // from the scheduler: wakes it if a signal has arrived

}  // namespace gale::rt

#endif  // GALE_RUNTIME_SIGNAL_SIGNAL_H_
