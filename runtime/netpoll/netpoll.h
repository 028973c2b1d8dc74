// netpoll.h: waiting for file descriptors with epoll, and waking the thread that waits.

#ifndef GALE_RUNTIME_NETPOLL_NETPOLL_H_
#define GALE_RUNTIME_NETPOLL_NETPOLL_H_

#include "runtime/sched/g.h"

namespace gale::rt {

void prepare_wakeups();  // makes the epoll and eventfd descriptors

}  // namespace gale::rt

#endif  // GALE_RUNTIME_NETPOLL_NETPOLL_H_
