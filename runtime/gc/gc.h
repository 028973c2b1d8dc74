// gc.h: the collector: precise, non-moving mark and sweep. Marking goes on beside the program; the world stops twice a cycle, for a moment.
//
// A cycle, as the overlay drives it (golib/runtime/edge.go):
//   1. stop: sweep what is left of the last cycle (after which no mark bit is set); Ps give their runs up; the barrier is on (start_cycle)
//   2. all Ps mark (worker.cpp): as background work for a quarter of the time, whenever they are idle, and to pay for what is allocated.
//      Roots are cut into jobs (roots.cpp): module data and bss, goroutines, timers, specials, tables
//   3. nothing is left to be scanned: the goroutine that drives the cycle is woken
//   4. stop: what barriers have gathered since is marked too, or marking goes on if that is much; the barrier is off; finalizers and cleanups
//      of unmarked objects are queued (a finalizer's object lives on), weak handles cleared; all spans are unswept; the next trigger
//   5. mark bits become allocation bits; empty spans give their pages back
//
// What is marked is all that could be reached when the world stood still in 1, and all that was made since:
//   * Who overwrites a pointer in the heap, in a variable of the program, or in a table of roots shades the old one first: generated code by
//     the barrier (ABI.md section 5), C++ by the functions below. So nothing of the snapshot is lost to marking.
//   * A goroutine runs only when its stack has been scanned in this cycle (roots.cpp): by a worker, or by who is about to run it.
//     Until then its stack is as it was in 1. So neither stores to stacks nor the first stores into fresh objects need a barrier.
//   * Objects are made marked (heap/allocate.cpp): a P's run is marked when it gets it.
// So an object cannot be lost between one that is scanned already and a stack that is not; the new value need not be shaded. The whole
// argument, with what the compiler makes of it: docs/runtime.md.
//
// Invariant of marking: a marked object of the snapshot is in a queue, or all it pointed to is marked or shaded.

#ifndef GALE_RUNTIME_GC_GC_H_
#define GALE_RUNTIME_GC_GC_H_

#include "runtime/gc/queue.h"
#include "runtime/heap/heap.h"

extern "C" gale::rt::u32 rt_wb_enabled asm("runtime.wb_enabled");

namespace gale::rt {

// The pointer mask of a type; builds it the first time for types with kTFlagGCMaskOnDemand.
const u8* pointer_mask(const Type* t);

// True from stop 1 to stop 2. Changes only while the world is stopped.
inline bool marking() { return rt_wb_enabled != 0; }

// Marking (gc/mark.cpp).
void mark_pointer(MarkQueue& q, uptr p);        // exact: nil, not the heap's, or into a live object
void mark_conservative(MarkQueue& q, uptr p);   // any word
void mark_contents(MarkQueue& q, uptr p);       // what the object at p refers to, not the object
bool is_marked(uptr p);
bool mark_held(MarkQueue& q, uptr p);           // marks the object without what it refers to; false: it was marked

struct MarkLimit {
  i64 deadline = 0;            // nanotime; 0: none
  u64 bytes = ~u64{0};         // of MarkQueue::marked
  bool stop_for_world = false;
  bool reached(const MarkQueue& q) const;
};
bool drain(MarkQueue& q, const MarkLimit& limit = {});  // true: nothing is left that this thread could take

// Barriers of C++ (gc/barrier.cpp): what is about to be overwritten or dropped. Called by who has a P; they do nothing while nobody marks.
void shade(uptr p);
void shade_value(const Type* t, const void* at);                 // pointers of the value of type t at `at`; nothing if that is a stack
void shade_elements(const Type* t, const void* at, u64 bytes);   // of as many values as fit
void shade_words(const void* at, u64 bytes);                     // whatever looks like a pointer
void flush_barrier(P* p);                                        // what generated code has put into the P's buffer

// Roots (gc/roots.cpp).
void start_roots();              // a new set of jobs. The world is stopped
bool roots_left();
bool run_root_job(MarkQueue& q);  // false: none is left to be taken
void ensure_scanned(MarkQueue& q, G* g);  // g does not run, and will not until this returns
void begin_scanned(G* g);        // g is about to be made anew, by a goroutine that runs

// Cycles (gc/collect.cpp, gc/worker.cpp).
bool cycle_runs();
bool work_left();                // something to mark can be taken by any thread
void background_marking(P* p);   // if the P owes its share of marking: a slice of it
bool idle_marking(M* m);         // a slice; false: there is nothing to do
void assist(P* p);               // pays the debt for what was allocated, or a part of it
void charge(P* p, u64 bytes);    // allocated while marking
void start_marking();             // the world is stopped
struct MarkingTime {
  u64 background, assist, idle;  // ns
};
MarkingTime marking_time();      // of this cycle

// Sweeping, after the second stop. A span is swept before anything is allocated in it, and all are before the next cycle marks.
void start_sweeping(u64 marked);  // marking is done
enum class Under : u8 { kNoLock, kHeapLock };  // what the caller holds
bool sweep_one(u32 span_class, Under lock = Under::kNoLock);  // false: none of this class is left
bool sweep_some(u64 spans, Under lock = Under::kNoLock);      // true: more are left

// Pacing (gc/pacing.cpp).
void init_pacing();               // from the environment
void set_trigger();               // after a cycle, or when a parameter changes
void return_memory();             // with heap_lock: free pages that the heap will not need before its goal

// Special records of objects (gc/specials.cpp).
void mark_specials(MarkQueue& q, u64 from, u64 to);  // of heap.objects[from, to)
void mark_due_specials(MarkQueue& q);
void finish_specials(MarkQueue& q);
u64 specials_due();               // 1: finalizers, 2: cleanups wait to be run

// Tables of other folders that hold heap pointers off the heap.
u64 mark_timers(MarkQueue& q, P* p, u64 from);       // some of p's timers, from this index on; where to go on, 0 at the end
void mark_reflect_offsets(MarkQueue& q);
void mark_itabs(MarkQueue& q);

}  // namespace gale::rt

#endif  // GALE_RUNTIME_GC_GC_H_
