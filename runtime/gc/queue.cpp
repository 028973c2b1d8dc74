// queue.cpp: see queue.h.

#include "runtime/gc/queue.h"

#include "runtime/sys/memory.h"

namespace gale::rt {

namespace {

Lock lock;
MarkBuffer* full;   // not empty, that is
MarkBuffer* empty;  // never given back: the next cycle needs as many

MarkBuffer* take(MarkBuffer*& list) {
  MarkBuffer* b = list;
  if (b != nullptr) __atomic_store_n(&list, b->next, __ATOMIC_RELAXED);
  return b;
}

void put(MarkBuffer*& list, MarkBuffer* b) {
  b->next = list;
  __atomic_store_n(&list, b, __ATOMIC_SEQ_CST);
}

MarkBuffer* get_empty() {
  {
    Guard guard(lock, Rank::kMark);
    if (MarkBuffer* b = take(empty)) return b;
  }
  return static_cast<MarkBuffer*>(persistent_alloc(sizeof(MarkBuffer)));
}

void give(MarkBuffer*& b) {
  if (b == nullptr || b->n == 0) return;
  Guard guard(lock, Rank::kMark);
  put(full, b);
  b = nullptr;
}

}  // namespace

bool shared_marks() { return __atomic_load_n(&full, __ATOMIC_SEQ_CST) != nullptr; }

void MarkQueue::make_room() {
  MarkBuffer* other = second_;
  second_ = first_;
  first_ = other;
  if (first_ != nullptr && first_->n == 0) return;
  MarkBuffer* fresh = get_empty();
  if (first_ != nullptr) {
    Guard guard(lock, Rank::kMark);
    put(full, first_);
  }
  first_ = fresh;
}

bool MarkQueue::refill() {
  if (second_ != nullptr && second_->n != 0) {
    MarkBuffer* other = second_;
    second_ = first_;
    first_ = other;
    return true;
  }
  if (!shared_marks()) return false;
  Guard guard(lock, Rank::kMark);
  MarkBuffer* b = take(full);
  if (b == nullptr) return false;
  if (first_ != nullptr) put(empty, first_);
  first_ = b;
  return true;
}

void MarkQueue::publish() {
  give(first_);
  give(second_);
}

void MarkQueue::share() {
  if (shared_marks()) return;
  if (second_ != nullptr && second_->n != 0) {
    Guard guard(lock, Rank::kMark);
    put(full, second_);
    second_ = nullptr;
    return;
  }
  constexpr u64 kWorthIt = 8;
  if (first_ == nullptr || first_->n < kWorthIt) return;
  MarkBuffer* half = get_empty();
  half->n = first_->n / 2;  // the older ones, which tend to lead further
  __builtin_memcpy(half->items, first_->items, half->n * sizeof(MarkItem));
  first_->n -= half->n;
  __builtin_memmove(first_->items, first_->items + half->n, first_->n * sizeof(MarkItem));
  Guard guard(lock, Rank::kMark);
  put(full, half);
}

}  // namespace gale::rt
