// sema.cpp: semaphores by address (sync.Mutex and the like) and notify lists (sync.Cond).
//
// Waiters of an address hang on one list, found in a hash table of 251 buckets. A release that finds a waiter takes the count for
// it at once (the woken goroutine owns its ticket), so a woken waiter never has to compete again.

#include "runtime/chan/chan.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"

namespace gale::rt {

namespace {

constexpr u64 kBuckets = 251;

struct SemaRoot {
  Lock lock;
  WaitQueue waiters;  // of all addresses of this bucket, in order
};
SemaRoot roots[kBuckets]{};

SemaRoot& root_of(const u32* addr) { return roots[word(addr) / 8 % kBuckets]; }

bool try_acquire(u32* addr) {
  u32 v = __atomic_load_n(addr, __ATOMIC_ACQUIRE);
  while (v != 0) {
    if (__atomic_compare_exchange_n(addr, &v, v - 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return true;
  }
  return false;
}

void unlock_root(G* g) { static_cast<SemaRoot*>(g->commit_lock)->lock.unlock(Rank::kSema); }

Outcome acquired(G* g, u64*) {
  release_sudog(g->waiting);
  g->waiting = nullptr;
  g->unpin();
  return Outcome::kDone;
}

Outcome acquire(G* g, u32* addr, bool lifo, Wait reason) {
  if (try_acquire(addr)) return Outcome::kDone;
  SemaRoot& r = root_of(addr);
  r.lock.lock(Rank::kSema);
  if (try_acquire(addr)) {
    r.lock.unlock(Rank::kSema);
    return Outcome::kDone;
  }
  Sudog* s = acquire_sudog(g);
  s->elem = addr;
  g->waiting = s;
  if (lifo) {
    r.waiters.push_front(s);
  } else {
    r.waiters.push(s);
  }
  g->pin();  // the semaphore may lie on this stack
  g->commit_lock = &r;
  return park(g, reason, acquired, unlock_root);
}

// The goroutine woken, or nullptr.
G* release(u32* addr) {
  SemaRoot& r = root_of(addr);
  r.lock.lock(Rank::kSema);
  Sudog* found = r.waiters.first;
  while (found != nullptr && found->elem != addr) found = found->next;
  if (found == nullptr) {
    __atomic_fetch_add(addr, 1, __ATOMIC_ACQ_REL);
    r.lock.unlock(Rank::kSema);
    return nullptr;
  }
  r.waiters.remove(found);
  r.lock.unlock(Rank::kSema);
  ready(found->g);
  return found->g;
}

// sync.notifyList
struct NotifyList {
  u32 wait;    // next ticket
  u32 notify;  // next ticket to wake
  Lock lock;
  Sudog* head;
  Sudog* tail;
};
static_assert(sizeof(NotifyList) == 32);

bool before(u32 a, u32 b) { return static_cast<i32>(a - b) < 0; }

Outcome notified(G* g, u64*) {
  release_sudog(g->waiting);
  g->waiting = nullptr;
  g->unpin();
  return Outcome::kDone;
}

}  // namespace

// ---- gates

RT_FN Outcome rt_semacquire(G* g, u64* a) { return acquire(g, reinterpret_cast<u32*>(a[0]), false, Wait::kSemacquire); }
RT_FN Outcome rt_semacquire_mutex(G* g, u64* a) {
  return acquire(g, reinterpret_cast<u32*>(a[0]), (a[1] & 1) != 0, Wait::kSyncMutexLock);
}
RT_FN Outcome rt_semacquire_rwmutex_r(G* g, u64* a) {
  return acquire(g, reinterpret_cast<u32*>(a[0]), (a[1] & 1) != 0, Wait::kSyncRWMutexRLock);
}
RT_FN Outcome rt_semacquire_rwmutex(G* g, u64* a) {
  return acquire(g, reinterpret_cast<u32*>(a[0]), (a[1] & 1) != 0, Wait::kSyncRWMutexLock);
}
RT_FN Outcome rt_semacquire_waitgroup(G* g, u64* a) {
  return acquire(g, reinterpret_cast<u32*>(a[0]), false, Wait::kSyncWaitGroupWait);
}

RT_FN void rt_semrelease1(G*, u32* addr) { release(addr); }

RT_FN Outcome rt_semrelease(G* g, u64* a) {
  G* woken = release(reinterpret_cast<u32*>(a[0]));
  if (woken == nullptr || (a[1] & 1) == 0 || g->m->locks > 0) return Outcome::kDone;  // pinned to its P (sync.Pool): goes on
  // Hand-off: the woken goroutine (runnext) runs now; this one goes to the end of the local queue.
  return park(g, Wait::kNone, [](G*, u64*) { return Outcome::kDone; }, [](G* self) { enqueue(self->p, self, false); });
}

RT_FN u64 rt_notify_add(NotifyList* l) { return __atomic_fetch_add(&l->wait, 1, __ATOMIC_ACQ_REL); }
RT_FN void rt_notify_check(u64 size) {
  if (size != sizeof(NotifyList)) throw_error("bad notifyList size");
}

RT_FN Outcome rt_notify_wait(G* g, u64* a) {
  auto* l = reinterpret_cast<NotifyList*>(a[0]);
  u32 ticket = static_cast<u32>(a[1]);
  l->lock.lock(Rank::kSema);
  if (before(ticket, l->notify)) {
    l->lock.unlock(Rank::kSema);
    return Outcome::kDone;
  }
  Sudog* s = acquire_sudog(g);
  s->ticket = ticket;
  g->waiting = s;
  (l->tail == nullptr ? l->head : l->tail->next) = s;
  l->tail = s;
  g->pin();
  g->commit_lock = l;
  return park(g, Wait::kSyncCondWait, notified, [](G* self) { static_cast<NotifyList*>(self->commit_lock)->lock.unlock(Rank::kSema); });
}

RT_FN void rt_notify_all(G*, NotifyList* l) {
  if (__atomic_load_n(&l->wait, __ATOMIC_ACQUIRE) == __atomic_load_n(&l->notify, __ATOMIC_ACQUIRE)) return;
  l->lock.lock(Rank::kSema);
  Sudog* s = l->head;
  l->head = l->tail = nullptr;
  __atomic_store_n(&l->notify, __atomic_load_n(&l->wait, __ATOMIC_ACQUIRE), __ATOMIC_RELEASE);
  l->lock.unlock(Rank::kSema);
  while (s != nullptr) {
    Sudog* next = s->next;
    ready(s->g);
    s = next;
  }
}

RT_FN void rt_notify_one(G*, NotifyList* l) {
  if (__atomic_load_n(&l->wait, __ATOMIC_ACQUIRE) == __atomic_load_n(&l->notify, __ATOMIC_ACQUIRE)) return;
  l->lock.lock(Rank::kSema);
  u32 ticket = l->notify;
  if (ticket == __atomic_load_n(&l->wait, __ATOMIC_ACQUIRE)) return l->lock.unlock(Rank::kSema);
  __atomic_store_n(&l->notify, ticket + 1, __ATOMIC_RELEASE);
  Sudog* prev = nullptr;
  for (Sudog* s = l->head; s != nullptr; prev = s, s = s->next) {
    if (static_cast<u32>(s->ticket) != ticket) continue;
    (prev == nullptr ? l->head : prev->next) = s->next;
    if (l->tail == s) l->tail = prev;
    l->lock.unlock(Rank::kSema);
    return ready(s->g);
  }
  // The one with this ticket has not come to wait yet: it will see that it need not.
  l->lock.unlock(Rank::kSema);
}

// ---- coroutines (iter.Pull): one goroutine hands the thread to another.
// The overlay's coro begins with the waiting goroutine's G.

struct Coro {
  G* waiting;
};

RT_FN void rt_newcoro_g(G* g, Coro* c, const Closure* fn) {
  G* created = new_goroutine(g, fn, *reinterpret_cast<uptr*>(g->sched_bp + 8));
  created->status = Status::kWaiting;
  created->waitreason = Wait::kCoroutine;
  c->waiting = created;
}

namespace {

// Runs on g0 when the switching goroutine waits already: the other one takes this thread.
void switch_to(G* self, G* next) {
  if (next == nullptr || !change_status(next, Status::kWaiting, Status::kRunnable)) throw_error("coroswitch on exited coro");
  self->m->direct = next;
}

}  // namespace

RT_FN Outcome rt_coroswitch(G* g, u64* a) {
  g->commit_lock = reinterpret_cast<Coro*>(a[0]);
  return park(g, Wait::kCoroutine, [](G*, u64*) { return Outcome::kDone; }, [](G* self) {
    auto* c = static_cast<Coro*>(self->commit_lock);
    G* next = c->waiting;
    c->waiting = self;
    switch_to(self, next);
  });
}

extern "C" Outcome rt_goexit0(G* g, u64* args);

RT_FN Outcome rt_coroexit(G* g, u64* a) {
  auto* c = reinterpret_cast<Coro*>(a[0]);
  G* next = c->waiting;
  c->waiting = nullptr;
  switch_to(g, next);
  return rt_goexit0(g, a);
}

}  // namespace gale::rt
