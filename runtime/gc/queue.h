// queue.h: objects that are marked and not scanned yet (grey). Each P has a queue of its own, of two buffers, so that neither pushing nor
// popping needs a lock but at a buffer's end; full buffers go to a list that all share, and who has none left takes from there.
//
// What lies in a P's queue is seen by that P only. A marking slice hands it over at its end (publish), so that "the shared list is empty and
// nobody marks" means that all is scanned, but for what barriers have put into Ps' queues since: the stop at the end collects that.

#ifndef GALE_RUNTIME_GC_QUEUE_H_
#define GALE_RUNTIME_GC_QUEUE_H_

#include "runtime/sched/lock.h"

namespace gale::rt {

struct Span;

struct MarkItem {
  uptr base;   // of the object; of a large one: where to go on
  Span* span;
};

struct MarkBuffer {
  static constexpr u64 kItems = 254;
  MarkBuffer* next;
  u64 n;
  MarkItem items[kItems];
};

class MarkQueue {
 public:
  void push(MarkItem item) {
    if (first_ == nullptr || first_->n == MarkBuffer::kItems) make_room();
    first_->items[first_->n++] = item;
  }
  bool pop(MarkItem* item) {
    if ((first_ == nullptr || first_->n == 0) && !refill()) return false;
    *item = first_->items[--first_->n];
    return true;
  }
  void publish();  // all of it becomes everybody's
  void share();    // a part of it, if nobody else has anything to take

  u64 marked = 0;         // bytes of objects marked through this queue in this cycle
  u64 with_pointers = 0;  // of them, those to be scanned

 private:
  void make_room();
  bool refill();
  MarkBuffer* first_ = nullptr;   // pushed to and popped from
  MarkBuffer* second_ = nullptr;  // full or empty: keeps a queue around a buffer's end from the lock
};

bool shared_marks();  // is there a buffer to take?

}  // namespace gale::rt

#endif  // GALE_RUNTIME_GC_QUEUE_H_
