// stack.h: goroutine stacks: contiguous, doubled by copying, shrunk by the collector.
//
// Pointers into a stack are only: words of its own frames that the pointer maps name, saved RBPs, G.sched, G.gate_args, the chains
// of Defer and Panic records, and sudogs. Sudogs are not moved: a goroutine that registers stack addresses is pinned.

#ifndef GALE_RUNTIME_STACK_STACK_H_
#define GALE_RUNTIME_STACK_STACK_H_

#include "runtime/sched/g.h"

namespace gale::rt {

inline constexpr u64 kDefaultMaxStack = 1000000000;
extern u64 max_stack;

void allocate_stack(G* g, u64 bytes);  // sets stack_lo, stack_hi
void free_stack(G* g);
void copy_stack(G* g, u64 new_bytes);  // g does not run; g.sched says where it stopped
void shrink_stack(G* g);               // halves it if less than a quarter is in use
u64 stack_in_use();

}  // namespace gale::rt

#endif  // GALE_RUNTIME_STACK_STACK_H_
