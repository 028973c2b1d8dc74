// mem_profile.h: the memory profile: samples of allocations by call stack, one for each MemProfileRate bytes on average.
//
// mem_profile.cpp is an object of its own, linked into programs that read the profile (the gate runtime.memProfile); in others
// these functions are null. So a program without the profile has neither code nor tables of it.
//
// Which allocations are sampled is decided where slots are handed out: a run of slots ends before the next slot to be sampled,
// which is then a run of its own that the gate uses up. Allocation in place never meets one. The distance is drawn anew for each
// run from the exponential distribution, which has no memory: no P or size class need carry a count along.

#ifndef GALE_RUNTIME_PROF_MEM_PROFILE_H_
#define GALE_RUNTIME_PROF_MEM_PROFILE_H_

#include "runtime/sched/g.h"

namespace gale::rt {

struct MemBucket;

// Has the rate changed since this P asked last? Its runs were cut for another one then.
[[gnu::weak]] bool profile_rate_changed(P* p);

// How many bytes are allocated before the next sample. ~0: no more.
[[gnu::weak]] u64 bytes_before_sample();

// Counts the object that g, in a gate, has just been given, and sees to it that it is known when it is freed.
[[gnu::weak]] void sample_allocation(G* g, uptr object, u64 size);

// The world is stopped at the end of a cycle: counts a sampled object that was not marked; then the counts of that moment become
// those that are read.
[[gnu::weak]] void sampled_object_freed(MemBucket* b);
[[gnu::weak]] void publish_mem_profile();

// Of gc/specials.cpp.
void note_sampled_object(uptr object, MemBucket* b);

}  // namespace gale::rt

#endif  // GALE_RUNTIME_PROF_MEM_PROFILE_H_
