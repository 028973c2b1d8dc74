// map_check.h: GALEDEBUG=mapcheck: do the pointer maps list every word that is used as a pointer later?
//
// A word that a map leaves out is dead, or a missed root, and only the future tells which. So the mode makes the difference show: what
// nobody may use again is overwritten with a *trap*, an address that always faults and that says which word it stood in.
//
//   * Pointer slots of a frame that the map of its safepoint does not list are dead, says the map. They become traps at every scan and at
//     every move of the stack. So do the pointers of stack objects that a scan did not reach.
//   * The other words of a frame are no pointers, says its layout. An object to which only such words lead is not freed: it is filled with
//     traps and held, as long as a word leads to it. Integers that look like addresses do no harm, since nobody looks at the object.
//
// A right map never lets anybody read a trap. With a wrong one the program stops where it uses the word, or where the collector finds
// a trap in a word that a map lists, or a held object that was written to; and the report names the word that was missed.

#ifndef GALE_RUNTIME_GC_MAP_CHECK_H_
#define GALE_RUNTIME_GC_MAP_CHECK_H_

#include "runtime/panic/unwind.h"

namespace gale::rt {

bool is_trap(u64 value);

[[gnu::cold]] void trap_dead_words(const Frame& f);    // after the words that its map lists have been visited
[[gnu::cold]] void trap_dead_object(uptr at, const abi::StackObject& o, const u8* mask, uptr pc, uptr varp);  // nothing leads to it
[[gnu::cold]] void note_scalar_words(const Frame& f);  // while roots are marked
[[gnu::cold]] bool is_held(uptr p);
[[gnu::cold]] void hold_suspects();                    // marking is done: what the noted words lead to and nothing else does

// Prints which word the trap stood in. The print lock is held.
[[gnu::cold]] void explain_trap(u64 value, const char* found);
[[noreturn, gnu::cold]] void found_trap(u64 value, const char* found);

}  // namespace gale::rt

#endif  // GALE_RUNTIME_GC_MAP_CHECK_H_
