// runq.cpp: run queues. A P's ring has one producer (its thread) and many consumers (its thread and thieves): head moves by
// compare-and-swap, tail by the owner alone; a slot between them holds a goroutine that is published by the store of tail.

#include "runtime/sched/sched.h"

#include "runtime/sys/start.h"

namespace gale::rt {

void GList::push(G* g) {
  g->schedlink = nullptr;
  (tail == nullptr ? head : tail->schedlink) = g;
  tail = g;
  ++size;
}

void GList::push_front(G* g) {
  g->schedlink = head;
  head = g;
  if (tail == nullptr) tail = g;
  ++size;
}

G* GList::pop() {
  G* g = head;
  if (g == nullptr) return nullptr;
  head = g->schedlink;
  if (head == nullptr) tail = nullptr;
  g->schedlink = nullptr;
  --size;
  return g;
}

void GList::append(GList& other) {
  if (other.head == nullptr) return;
  (tail == nullptr ? head : tail->schedlink) = other.head;
  tail = other.tail;
  size += other.size;
  other = GList{};
}

namespace {

u32 head_of(const P* p) { return __atomic_load_n(&p->runqhead, __ATOMIC_ACQUIRE); }
u32 tail_of(const P* p) { return __atomic_load_n(&p->runqtail, __ATOMIC_ACQUIRE); }
G* slot(const P* p, u32 i) { return __atomic_load_n(&p->runq[i % kRunQueue], __ATOMIC_RELAXED); }

bool take(P* p, u32 from, u32 n) {
  return __atomic_compare_exchange_n(&p->runqhead, &from, from + n, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

// The ring is full: half of it and g go to the global queue. False if a thief was faster.
bool overflow(P* p, G* g, u32 head) {
  constexpr u32 kHalf = kRunQueue / 2;
  G* batch[kHalf];
  for (u32 i = 0; i < kHalf; ++i) batch[i] = slot(p, head + i);
  if (!take(p, head, kHalf)) return false;
  GList list;
  for (G* b : batch) list.push(b);
  list.push(g);
  Guard guard(sched.lock, Rank::kSched);
  sched.global.append(list);
  __atomic_store_n(&sched.global_size, sched.global.size, __ATOMIC_RELEASE);
  return true;
}

// Copies up to half of victim's ring behind p's tail, without moving it. Their number.
u32 grab(P* p, P* victim, bool take_next) {
  for (;;) {
    u32 head = head_of(victim), n = tail_of(victim) - head;
    n -= n / 2;
    if (n == 0) {
      G* next = __atomic_load_n(&victim->runnext, __ATOMIC_ACQUIRE);
      if (!take_next || next == nullptr) return 0;
      // What a running goroutine has just made runnable is mostly run by its own thread in a moment: leave it that moment.
      if (status_of(victim) == PStatus::kRunning) {
        Timespec t{0, 3000};
        syscall6(sysno::kNanosleep, word(&t), 0);
      }
      if (!__atomic_compare_exchange_n(&victim->runnext, &next, nullptr, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) continue;
      __atomic_store_n(&p->runq[p->runqtail % kRunQueue], next, __ATOMIC_RELAXED);
      return 1;
    }
    if (n > kRunQueue / 2) continue;  // head and tail were read at different times
    for (u32 i = 0; i < n; ++i) __atomic_store_n(&p->runq[(p->runqtail + i) % kRunQueue], slot(victim, head + i), __ATOMIC_RELAXED);
    if (take(victim, head, n)) return n;
  }
}

}  // namespace

void runq_put(P* p, G* g, bool next) {
  if (debug_flags.sched_stress && (random_word() & 3) == 0) return enqueue_global(g);
  if (next) {
    g = __atomic_exchange_n(&p->runnext, g, __ATOMIC_ACQ_REL);
    if (g == nullptr) return;
  }
  for (;;) {
    u32 head = head_of(p), tail = p->runqtail;
    if (tail - head < kRunQueue) {
      __atomic_store_n(&p->runq[tail % kRunQueue], g, __ATOMIC_RELAXED);
      __atomic_store_n(&p->runqtail, tail + 1, __ATOMIC_RELEASE);
      return;
    }
    if (overflow(p, g, head)) return;
  }
}

G* runq_get(P* p, bool* inherit) {
  G* next = __atomic_load_n(&p->runnext, __ATOMIC_ACQUIRE);
  if (next != nullptr && __atomic_compare_exchange_n(&p->runnext, &next, nullptr, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    *inherit = true;
    return next;
  }
  *inherit = false;
  for (;;) {
    u32 head = head_of(p);
    if (p->runqtail == head) return nullptr;
    G* g = slot(p, head);
    if (take(p, head, 1)) return g;
  }
}

bool runq_empty(const P* p) {
  for (;;) {  // all three at one moment
    u32 head = head_of(p), tail = tail_of(p);
    G* next = __atomic_load_n(&p->runnext, __ATOMIC_ACQUIRE);
    if (tail == tail_of(p)) return head == tail && next == nullptr;
  }
}

void runq_put_list(P* p, GList& list) {
  u32 head = head_of(p), tail = p->runqtail;
  while (!list.empty() && tail - head < kRunQueue) {
    __atomic_store_n(&p->runq[tail % kRunQueue], list.pop(), __ATOMIC_RELAXED);
    ++tail;
  }
  __atomic_store_n(&p->runqtail, tail, __ATOMIC_RELEASE);
}

G* runq_steal(P* p, P* victim, bool take_next) {
  u32 n = grab(p, victim, take_next);
  if (n == 0) return nullptr;
  p->steals += n;
  --n;
  G* g = slot(p, p->runqtail + n);
  if (n != 0) __atomic_store_n(&p->runqtail, p->runqtail + n, __ATOMIC_RELEASE);
  return g;
}

void runq_drain(P* p, GList& out) {
  bool inherit = false;
  while (G* g = runq_get(p, &inherit)) out.push(g);
}

G* global_get(P* p, u32 max) {
  GList& q = sched.global;
  if (q.empty()) return nullptr;
  u32 n = q.size / static_cast<u32>(sched.gomaxprocs) + 1;
  if (n > q.size) n = q.size;
  if (max != 0 && n > max) n = max;
  if (n > kRunQueue / 2) n = kRunQueue / 2;
  G* g = q.pop();
  u32 head = head_of(p), tail = p->runqtail;
  for (u32 i = 1; i < n && tail - head < kRunQueue; ++i, ++tail) __atomic_store_n(&p->runq[tail % kRunQueue], q.pop(), __ATOMIC_RELAXED);
  __atomic_store_n(&p->runqtail, tail, __ATOMIC_RELEASE);
  __atomic_store_n(&sched.global_size, q.size, __ATOMIC_RELEASE);
  return g;
}

void enqueue_global(G* g) {
  Guard guard(sched.lock, Rank::kSched);
  sched.global.push(g);
  __atomic_store_n(&sched.global_size, sched.global.size, __ATOMIC_RELEASE);
}

}  // namespace gale::rt
