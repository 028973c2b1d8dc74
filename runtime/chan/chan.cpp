// chan.cpp: send, receive, close. See chan.h.

#include "runtime/chan/chan.h"

#include "runtime/gc/gc.h"
#include "runtime/heap/heap.h"
#include "runtime/print/print.h"
#include "runtime/time/timer.h"

namespace gale::rt {

namespace {

// Pointers of the Go heap object: `buf`, the element type (reflect may have made it), the timer
static_assert(__builtin_offsetof(Chan, timer) == 12 * 8);
u8 chan_mask[8] = {0x14, 0x10};
const Type chan_type = {sizeof(Chan), 13 * 8, 0, 0, 8, 8, abi::kKindStruct, nullptr, chan_mask, 0, 0};

constexpr u32 kKeepSudogs = 128;

u8* slot(Chan* c, u64 i) { return c->buf + i * c->elem_size; }

void copy_elem(const Chan* c, void* to, const void* from) {
  if (c->elem_size == 8 && !marking()) __builtin_memcpy(to, from, 8);
  else copy_value(c->elem_type, to, from);
}
// What was taken out must not be kept alive.
void forget_elem(const Chan* c, void* at) {
  if (c->elem_type->has_pointers()) clear_value(c->elem_type, at);
}
void advance(const Chan* c, u64& x) {
  if (++x == c->dataqsiz) x = 0;
}

void unlock_commit(G* g) { static_cast<Chan*>(g->commit_lock)->lock.unlock(Rank::kChan); }

void wake(Sudog* s, bool success) {
  s->success = success;
  s->g->param = s;
  ready(s->g);
}

Outcome wait_on(G* g, Chan* c, WaitQueue& q, void* elem, Wait reason, ResumeFn resume) {
  Sudog* s = acquire_sudog(g);
  s->elem = elem;
  s->chan = c;
  g->waiting = s;
  g->param = nullptr;
  q.push(s);
  g->pin();
  g->commit_lock = c;
  return park(g, reason, resume, unlock_commit);
}

// After a wait: true if a partner came.
bool finish_wait(G* g) {
  Sudog* s = g->waiting;
  bool success = s->success;
  g->waiting = nullptr;
  g->param = nullptr;
  g->unpin();
  release_sudog(s);
  return success;
}

enum class Try { kNo, kYes, kPanic };

// With c->lock held.
Try try_send(G* g, Chan* c, const void* elem) {
  if (c->closed != 0) {
    pend_panic(g, abi::PendingPanic::kSendClosed);
    return Try::kPanic;
  }
  if (Sudog* s = c->recvq.pop()) {
    if (s->elem != nullptr) copy_elem(c, s->elem, elem);
    s->elem = nullptr;
    wake(s, true);
    return Try::kYes;
  }
  if (c->timer != nullptr) {
    if (c->timer_full) return Try::kNo;
    copy_elem(c, c->buf, elem);
    c->timer_full = true;
    return Try::kYes;
  }
  if (c->qcount == c->dataqsiz) return Try::kNo;
  copy_elem(c, slot(c, c->sendx), elem);
  advance(c, c->sendx);
  ++c->qcount;
  return Try::kYes;
}

// With c->lock held. *ok = false: closed and empty.
bool try_receive(Chan* c, void* elem, bool* ok) {
  *ok = true;
  if (c->timer_full) {
    if (elem != nullptr) copy_elem(c, elem, c->buf);
    forget_elem(c, c->buf);
    c->timer_full = false;
    return true;
  }
  if (c->qcount > 0) {
    u8* from = slot(c, c->recvx);
    if (elem != nullptr) copy_elem(c, elem, from);
    if (Sudog* s = c->sendq.pop()) {  // the buffer is full: the waiting sender takes the slot just freed
      copy_elem(c, from, s->elem);
      s->elem = nullptr;
      advance(c, c->recvx);
      c->sendx = c->recvx;
      wake(s, true);
      return true;
    }
    forget_elem(c, from);
    advance(c, c->recvx);
    --c->qcount;
    return true;
  }
  if (Sudog* s = c->sendq.pop()) {
    if (elem != nullptr) copy_elem(c, elem, s->elem);
    s->elem = nullptr;
    wake(s, true);
    return true;
  }
  if (c->closed == 0) return false;
  if (elem != nullptr) clear_value(c->elem_type, elem);
  *ok = false;
  return true;
}

Outcome send_done(G* g, u64*) {
  if (!finish_wait(g)) pend_panic(g, abi::PendingPanic::kSendClosed);
  g->ret[0] = 1;
  return Outcome::kDone;
}

Outcome send(G* g, Chan* c, void* elem, bool block) {
  g->ret[0] = 0;
  if (c == nullptr) return block ? park(g, Wait::kChanSendNil, nullptr) : Outcome::kDone;
  c->lock.lock(Rank::kChan);
  Try r = try_send(g, c, elem);
  if (r == Try::kNo && block) return wait_on(g, c, c->sendq, elem, Wait::kChanSend, send_done);
  c->lock.unlock(Rank::kChan);
  g->ret[0] = r == Try::kYes;
  return Outcome::kDone;
}

void set_received(G* g, u64 at, bool selected, bool ok) {
  if (at == 0) {
    g->ret[0] = ok;
  } else {
    g->ret[0] = selected;
    g->ret[1] = ok;
  }
}

Outcome receive_done(G* g, u64*) {
  bool ok = finish_wait(g);
  set_received(g, 0, true, ok);
  return Outcome::kDone;
}

Outcome receive_done_selected(G* g, u64*) {
  bool ok = finish_wait(g);
  set_received(g, 1, true, ok);
  return Outcome::kDone;
}

Outcome receive(G* g, Chan* c, void* elem, bool block, u64 at) {
  set_received(g, at, false, false);
  if (c == nullptr) return block ? park(g, Wait::kChanReceiveNil, nullptr) : Outcome::kDone;
  if (c->timer != nullptr) fire_if_due(c->timer);
  c->lock.lock(Rank::kChan);
  bool ok = false;
  bool done = try_receive(c, elem, &ok);
  if (!done && block) {
    return wait_on(g, c, c->recvq, elem, Wait::kChanReceive, at == 0 ? receive_done : receive_done_selected);
  }
  c->lock.unlock(Rank::kChan);
  if (done) set_received(g, at, true, ok);
  return Outcome::kDone;
}

}  // namespace

// Each P keeps some; sched.sudogs takes what is too much. A sudog is type-stable memory.
Sudog* acquire_sudog(G* g) {
  P* p = g->p;
  if (p->sudogs == nullptr && __atomic_load_n(&sched.sudogs, __ATOMIC_RELAXED) != nullptr) {
    Guard guard(sched.lock, Rank::kSched);
    for (u32 i = 0; i < kKeepSudogs / 2 && sched.sudogs != nullptr; ++i) {
      Sudog* s = sched.sudogs;
      sched.sudogs = s->next;
      s->next = p->sudogs;
      p->sudogs = s;
      ++p->nsudogs;
    }
  }
  Sudog* s = p->sudogs;
  if (s != nullptr) {
    p->sudogs = s->next;
    --p->nsudogs;
    *s = Sudog{};
  } else {
    s = static_cast<Sudog*>(persistent_alloc(sizeof(Sudog)));
  }
  s->g = g;
  return s;
}

void release_sudog(Sudog* s) {
  P* p = s->g->p;
  s->next = p->sudogs;
  p->sudogs = s;
  if (++p->nsudogs < kKeepSudogs) return;
  Guard guard(sched.lock, Rank::kSched);
  for (; p->nsudogs > kKeepSudogs / 2; --p->nsudogs) {
    Sudog* give = p->sudogs;
    p->sudogs = give->next;
    give->next = sched.sudogs;
    sched.sudogs = give;
  }
}

void WaitQueue::push(Sudog* s) {
  s->next = nullptr;
  s->prev = last;
  (last == nullptr ? first : last->next) = s;
  last = s;
  s->on_queue = true;
}

void WaitQueue::push_front(Sudog* s) {
  s->prev = nullptr;
  s->next = first;
  (first == nullptr ? last : first->prev) = s;
  first = s;
  s->on_queue = true;
}

void WaitQueue::remove(Sudog* s) {
  if (!s->on_queue) return;
  (s->prev == nullptr ? first : s->prev->next) = s->next;
  (s->next == nullptr ? last : s->next->prev) = s->prev;
  s->next = s->prev = nullptr;
  s->on_queue = false;
}

Sudog* WaitQueue::pop() {
  while (Sudog* s = first) {
    remove(s);
    if (s->is_select && __atomic_exchange_n(&s->g->wake, 1, __ATOMIC_ACQ_REL) != 0) continue;
    return s;
  }
  return nullptr;
}

void chan_send_now(Chan* c, const void* elem) {
  Guard guard(c->lock, Rank::kChan);
  G nobody{};
  try_send(&nobody, c, elem);
}

bool chan_discard(Chan* c) {
  Guard guard(c->lock, Rank::kChan);
  bool had = c->timer_full;
  if (had) forget_elem(c, c->buf);
  c->timer_full = false;
  return had;
}

// ---- gates

RT_FN Chan* rt_makechan(G* g, const ChanType* t, i64 size) {
  u64 bytes = 0;
  const Type* elem = t->elem;
  if (size < 0 || __builtin_mul_overflow(elem->size_, static_cast<u64>(size), &bytes) || bytes > (u64{1} << 47)) {
    pend_panic(g, abi::PendingPanic::kMakeChanSize);
    return nullptr;
  }
  auto* c = static_cast<Chan*>(new_object(g, &chan_type));
  c->elem_type = elem;
  c->elem_size = elem->size_;
  c->dataqsiz = static_cast<u64>(size);
  // No collection can come between the two allocations: it waits for the gate's edge.
  if (bytes != 0) c->buf = static_cast<u8*>(new_array(g, elem, static_cast<u64>(size)));
  return c;
}

RT_FN Outcome rt_chansend1(G* g, u64* a) { return send(g, reinterpret_cast<Chan*>(a[0]), reinterpret_cast<void*>(a[1]), true); }
RT_FN Outcome rt_chanrecv1(G* g, u64* a) { return receive(g, reinterpret_cast<Chan*>(a[0]), reinterpret_cast<void*>(a[1]), true, 0); }
RT_FN Outcome rt_chanrecv2(G* g, u64* a) { return receive(g, reinterpret_cast<Chan*>(a[0]), reinterpret_cast<void*>(a[1]), true, 0); }

RT_FN u64 rt_selectnbsend(G* g, Chan* c, void* elem) {
  send(g, c, elem, false);
  return g->ret[0];
}

RT_FN Pair rt_selectnbrecv(G* g, void* elem, Chan* c) {
  receive(g, c, elem, false, 1);
  return {g->ret[0], g->ret[1]};
}

RT_FN Outcome rt_reflect_chansend(G* g, u64* a) {
  return send(g, reinterpret_cast<Chan*>(a[0]), reinterpret_cast<void*>(a[1]), (a[2] & 1) == 0);
}

RT_FN Outcome rt_reflect_chanrecv(G* g, u64* a) {
  return receive(g, reinterpret_cast<Chan*>(a[0]), reinterpret_cast<void*>(a[2]), (a[1] & 1) == 0, 1);
}

RT_FN void rt_closechan(G* g, Chan* c) {
  if (c == nullptr) return pend_panic(g, abi::PendingPanic::kCloseNil);
  c->lock.lock(Rank::kChan);
  if (c->closed != 0) {
    c->lock.unlock(Rank::kChan);
    return pend_panic(g, abi::PendingPanic::kCloseClosed);
  }
  c->closed = 1;
  while (Sudog* s = c->recvq.pop()) {
    if (s->elem != nullptr) clear_value(c->elem_type, s->elem);
    s->elem = nullptr;
    wake(s, false);
  }
  while (Sudog* s = c->sendq.pop()) {
    s->elem = nullptr;
    wake(s, false);
  }
  c->lock.unlock(Rank::kChan);
}

RT_FN u64 rt_chanlen(G*, const Chan* c) { return c == nullptr ? 0 : c->qcount; }
RT_FN u64 rt_chancap(G*, const Chan* c) { return c == nullptr ? 0 : c->dataqsiz; }

// ---- select

namespace {

struct SelectCase {
  Chan* chan;
  void* elem;
};

struct SelectArgs {
  SelectCase* cases;
  u16* order;
  u64 nsends, nrecvs;
  bool block;
  u64 n() const { return nsends + nrecvs; }
};

SelectArgs select_args(const u64* a) {
  return {reinterpret_cast<SelectCase*>(a[0]), reinterpret_cast<u16*>(a[1]), a[3], a[4], (a[5] & 1) != 0};
}

// order[0, n): cases with a channel, shuffled; order[n, 2n): the same by channel address, for locking. Returns their number.
u64 make_orders(const SelectArgs& s) {
  u64 count = 0;
  for (u64 i = 0; i < s.n(); ++i) {
    if (s.cases[i].chan == nullptr) continue;
    u64 j = static_cast<u32>(random_word()) * (count + 1) >> 32;  // count < 2^16
    s.order[count] = s.order[j];
    s.order[j] = static_cast<u16>(i);
    ++count;
  }
  u16* lock = s.order + s.n();
  auto key = [&](u16 i) { return word(s.cases[i].chan); };
  if (count <= 4) {
    for (u64 i = 0; i < count; ++i) {
      u64 j = i;
      u16 v = s.order[i];
      for (; j > 0 && key(lock[j - 1]) > key(v); --j) lock[j] = lock[j - 1];
      lock[j] = v;
    }
    return count;
  }
  for (u64 i = 0; i < count; ++i) {  // heap sort: no extra memory, no bad case
    u64 j = i;
    u16 v = s.order[i];
    while (j > 0 && key(lock[(j - 1) / 2]) < key(v)) {
      lock[j] = lock[(j - 1) / 2];
      j = (j - 1) / 2;
    }
    lock[j] = v;
  }
  for (u64 end = count; end-- > 1;) {
    u16 v = lock[end];
    lock[end] = lock[0];
    u64 j = 0;
    for (;;) {
      u64 k = 2 * j + 1;
      if (k >= end) break;
      if (k + 1 < end && key(lock[k]) < key(lock[k + 1])) ++k;
      if (key(v) >= key(lock[k])) break;
      lock[j] = lock[k];
      j = k;
    }
    lock[j] = v;
  }
  return count;
}

// Calls f once for each channel. After the last call nothing is read: when all channels are unlocked, the select's frame may be gone.
template <class F>
void each_channel(const SelectArgs& s, u64 count, F&& f) {
  Chan* last = nullptr;
  for (u64 i = 0; i < count; ++i) {
    Chan* c = s.cases[s.order[s.n() + i]].chan;
    if (last != nullptr && c != last) f(last);
    last = c;
  }
  if (last != nullptr) f(last);
}

void lock_all(const SelectArgs& s, u64 count) {
  each_channel(s, count, [](Chan* c) { c->lock.lock(Rank::kChan); });
}
void unlock_all(const SelectArgs& s, u64 count) {
  each_channel(s, count, [](Chan* c) { c->lock.unlock(Rank::kChan); });
}

u64 active_cases(const SelectArgs& s) {
  u64 count = 0;
  for (u64 i = 0; i < s.n(); ++i) count += s.cases[i].chan != nullptr;
  return count;
}

void select_commit(G* g) {
  SelectArgs s = select_args(g->gate_args);
  unlock_all(s, active_cases(s));
}

// Woken: g->param is the sudog of the case that won. The others leave their queues.
Outcome select_done(G* g, u64* args) {
  SelectArgs s = select_args(args);
  u64 count = active_cases(s);
  auto* winner = static_cast<Sudog*>(g->param);
  lock_all(s, count);
  bool sent = false, success = false;
  u64 chosen = 0;
  Sudog* next = nullptr;
  for (Sudog* d = g->waiting; d != nullptr; d = next) {
    next = d->wait_link;
    if (d == winner) {
      chosen = d->ticket;
      success = d->success;
      sent = chosen < s.nsends;
    } else {
      (d->ticket < s.nsends ? d->chan->sendq : d->chan->recvq).remove(d);
    }
    release_sudog(d);
  }
  unlock_all(s, count);
  g->waiting = nullptr;
  g->param = nullptr;
  g->unpin();
  if (sent && !success) pend_panic(g, abi::PendingPanic::kSendClosed);
  g->ret[0] = chosen;
  g->ret[1] = !sent && success;
  return Outcome::kDone;
}

}  // namespace

RT_FN Outcome rt_selectgo(G* g, u64* args) {
  SelectArgs s = select_args(args);
  for (u64 i = s.nsends; i < s.n(); ++i) {
    Chan* c = s.cases[i].chan;
    if (c != nullptr && c->timer != nullptr) fire_if_due(c->timer);
  }
  u64 count = make_orders(s);
  lock_all(s, count);
  for (u64 i = 0; i < count; ++i) {
    u64 k = s.order[i];
    SelectCase& c = s.cases[k];
    bool ok = false, done = false;
    if (k < s.nsends) {
      done = try_send(g, c.chan, c.elem) != Try::kNo;
    } else {
      done = try_receive(c.chan, c.elem, &ok);
    }
    if (!done) continue;
    unlock_all(s, count);
    g->ret[0] = k;
    g->ret[1] = ok;
    return Outcome::kDone;
  }
  if (!s.block) {
    unlock_all(s, count);
    g->ret[0] = ~u64{0};
    g->ret[1] = 0;
    return Outcome::kDone;
  }
  g->wake = 0;
  g->waiting = nullptr;
  for (u64 i = 0; i < count; ++i) {
    u64 k = s.order[s.n() + i];
    Sudog* d = acquire_sudog(g);
    d->elem = s.cases[k].elem;
    d->chan = s.cases[k].chan;
    d->is_select = true;
    d->ticket = k;
    d->wait_link = g->waiting;
    g->waiting = d;
    (k < s.nsends ? d->chan->sendq : d->chan->recvq).push(d);
  }
  g->param = nullptr;
  g->pin();
  return park(g, s.n() == 0 ? Wait::kSelectNoCases : Wait::kSelect, select_done, select_commit);
}

}  // namespace gale::rt
