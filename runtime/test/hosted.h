// hosted.h: the runtime in a hosted test: one M, one P, goroutines without stacks.

#ifndef GALE_RUNTIME_TEST_HOSTED_H_
#define GALE_RUNTIME_TEST_HOSTED_H_

#include "runtime/sched/sched.h"

namespace gale::rt::hosted {

G* start();               // the running goroutine; the first call sets the runtime up
G* waiting_goroutine();   // another one, to be parked
void add_procs(i32 n);     // Ps 0 to n-1 exist and count as running
G* enter_thread(i32 p);   // on a new thread: it holds P number p; its running goroutine
void park_now(G* g);      // what rt_park does, but for schedule()

}  // namespace gale::rt::hosted

#endif  // GALE_RUNTIME_TEST_HOSTED_H_
