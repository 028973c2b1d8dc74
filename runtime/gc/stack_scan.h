// stack_scan.h: the scan of one goroutine's stack.
//
// Slots and arguments that the pointer maps list are roots, and so are the stack objects that their functions may still use by name.
// Another stack object counts only if a pointer leads to it. Such pointers are kept until all frames have been seen; then the objects
// that they lead to are scanned, which may yield more of them. A pointer that may be none (from a frame that stopped at an arbitrary
// instruction) may lead to an object that holds stale pointers: what is found through it is taken for words of any kind.

#ifndef GALE_RUNTIME_GC_STACK_SCAN_H_
#define GALE_RUNTIME_GC_STACK_SCAN_H_

#include "runtime/panic/unwind.h"

namespace gale::rt {

struct StackPointers;  // what has been found so far; each P has one, used again

class StackScan {
 public:
  StackScan(MarkQueue& q, G* g);   // by a thread with a P
  void visit(uptr p);                 // a pointer or nil, into the heap, this stack, or memory that is neither
  void visit_conservatively(uptr p);  // any word
  void run();                         // the frames, and what all of it leads to on this stack

 private:
  void frame(const Frame& f);
  void object(uptr at, const abi::StackObject& o, const u8* mask, bool conservatively);
  void resolve();
  void trap_the_rest();

  MarkQueue& q_;
  G* g_;
  StackPointers& found_;
};

}  // namespace gale::rt

#endif  // GALE_RUNTIME_GC_STACK_SCAN_H_
