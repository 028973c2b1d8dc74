// gc.h: the collector: precise, non-moving mark and sweep. For now the world stands still while it marks; it runs in the gate gc_run, which the overlay calls from a gate edge (bit StartGC) or from runtime.GC.
//
//   1. flush the P's allocation runs; sweep what the last cycle has left (after which no mark bit is set)
//   2. roots: module data and bss by their masks, .gcroots, fields of every G, every stack by its pointer maps, specials
//   3. drain the mark stack
//   4. specials: finalizers and cleanups of unmarked objects are queued (a finalizer's object lives on), weak handles cleared
//   5. all spans are unswept now; set the next trigger
//   After the world has been started: mark bits become allocation bits; empty spans give their pages back
//
// Invariant of marking: a marked object is on the mark stack or all it points to is marked.

#ifndef GALE_RUNTIME_GC_GC_H_
#define GALE_RUNTIME_GC_GC_H_

#include "runtime/heap/heap.h"

namespace gale::rt {

// The pointer mask of a type; builds it the first time for types with kTFlagGCMaskOnDemand.
const u8* pointer_mask(const Type* t);

void collect(G* g, bool forced);
void mark_pointer(uptr p);        // exact: nil, not the heap's, or into a live object
void mark_conservative(uptr p);   // any word
void mark_contents(uptr p);       // what the object at p refers to, not the object
void drain();
bool is_marked(uptr p);
bool mark_held(uptr p);           // marks the object without what it refers to; false: it was marked

extern u64 marked_bytes;         // by this cycle

void mark_roots();

// Sweeping, after the pause. A span is swept before anything is allocated in it, and all are before the next cycle marks.
// Pacing (gc/pacing.cpp).
void init_pacing();               // from the environment
void set_trigger();               // after a cycle, or when a parameter changes
void return_memory();             // with heap_lock: free pages that the heap will not need before its goal

void start_sweeping();            // marking is done
bool sweep_one(u32 span_class);   // false: none of this class is left
bool sweep_some(u64 spans);       // true: more are left

// Special records of objects (gc/specials.cpp).
void mark_special_roots();
void finish_specials();
u64 specials_due();               // 1: finalizers, 2: cleanups wait to be run

// Tables of other folders that hold heap pointers off the heap.
void mark_timers();
void mark_reflect_offsets();
void mark_itabs();

}  // namespace gale::rt

#endif  // GALE_RUNTIME_GC_GC_H_
