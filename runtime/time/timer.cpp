// timer.cpp: see timer.h.
//
// Channel timers have Go 1.23's meaning: the value is sent under the timer heap's lock, so that after Stop or Reset no old value can
// come; both take back a value that nobody has received and then say that the timer was active. len and cap of the channel are 0.
// A receive first fires the timer if it is due, so that a due value is there even if no thread has looked at the timers yet.

#include "runtime/time/timer.h"

#include "runtime/chan/chan.h"
#include "runtime/gc/gc.h"
#include "runtime/heap/heap.h"
#include "runtime/panic/functable.h"
#include "runtime/sched/sched.h"

extern "C" const char rt_timer_call_code[] asm("runtime.timerCall");

namespace gale::rt {

namespace {

bool before(const Timer* a, const Timer* b) { return a->when != b->when ? a->when < b->when : a->seq < b->seq; }

// Heaps of timers are roots that are marked a piece at a time. What moves, so that a piece could miss it, and what leaves, is shaded.
void place(TimerHeap& h, u64 i, Timer* t) {
  shade(word(t));
  h.timers[i] = t;
  t->heap_index = i + 1;
}

void sift_up(TimerHeap& h, u64 i) {
  Timer* t = h.timers[i];
  while (i > 0 && before(t, h.timers[(i - 1) / 2])) {
    place(h, i, h.timers[(i - 1) / 2]);
    i = (i - 1) / 2;
  }
  place(h, i, t);
}

void sift_down(TimerHeap& h, u64 i) {
  Timer* t = h.timers[i];
  for (;;) {
    u64 child = 2 * i + 1;
    if (child >= h.timers.size()) break;
    if (child + 1 < h.timers.size() && before(h.timers[child + 1], h.timers[child])) ++child;
    if (!before(h.timers[child], t)) break;
    place(h, i, h.timers[child]);
    i = child;
  }
  place(h, i, t);
}

void publish_first(TimerHeap& h) { __atomic_store_n(&h.first, h.timers.empty() ? 0 : h.timers[0]->when, __ATOMIC_SEQ_CST); }

void insert(TimerHeap& h, Timer* t) {
  h.timers.push(t);
  sift_up(h, h.timers.size() - 1);
}

bool remove(TimerHeap& h, Timer* t) {
  t->seq = ++h.next_seq;
  if (t->heap_index == 0) return false;
  shade(word(t));
  u64 i = t->heap_index - 1;
  Timer* last = h.timers.pop();
  t->heap_index = 0;
  if (last == t) return true;
  place(h, i, last);
  sift_up(h, i);
  sift_down(h, last->heap_index - 1);
  return true;
}

TimerHeap& home_of(Timer* t) {
  if (t->home == nullptr) t->home = current_m()->p->timers;
  return *t->home;
}

// With the heap's lock: t is due. Takes it out, or puts it back for its next period. The number that a late caller gets.
u64 take_due(TimerHeap& h, Timer* t, i64 now) {
  u64 seq = t->seq;
  i64 when = t->when, period = t->period;
  remove(h, t);
  t->seq = seq;
  if (period > 0) {
    t->when = when + period * (1 + (now - when) / period);
    if (t->when < 0) t->when = INT64_MAX;
    insert(h, t);
  }
  return seq;
}

// time.Timer as the overlay and package time see it: {C, init} and then our own.
struct GoTimer {
  void* c;
  bool init;
  Timer timer;
  const Closure* f;
  Eface arg;
  Chan* channel;  // of a channel timer
  i64 due;        // when the timer became due, for the function's `delta`
};
constexpr u64 kFirstPointer = __builtin_offsetof(GoTimer, f) / 8;
static_assert(kFirstPointer == 10);
u8 go_timer_mask[8] = {0x01, 0x3c};  // C; f, arg, channel
const Type go_timer_type = {sizeof(GoTimer), 14 * 8, 0, 0, 8, 8, abi::kKindStruct, nullptr, go_timer_mask, 0, 0};

struct TimerCall {
  uptr code;
  const Closure* f;
  Eface arg;
  u64 seq;
  i64 delta;
  GoTimer* timer;
};
u8 timer_call_mask[8] = {0x4e};
const Type timer_call_type = {sizeof(TimerCall), 7 * 8, 0, 0, 8, 8, abi::kKindStruct, nullptr, timer_call_mask, 0, 0};

GoTimer* owner(Timer* t) { return reinterpret_cast<GoTimer*>(reinterpret_cast<u8*>(t) - __builtin_offsetof(GoTimer, timer)); }

// Variables of package time.
const i64* start_nano;
void* const* local_location;

struct GoTime {
  u64 wall;
  i64 ext;
  void* loc;
};

// time.Now().Add(-late)
GoTime go_time(i64 late) {
  constexpr i64 kUnixToInternal = i64{62135596800}, kWallToInternal = i64{59453308800};
  constexpr u64 kHasMonotonic = u64{1} << 63;
  Timespec wall = walltime();
  i64 mono = nanotime() - *start_nano - late;
  i64 ns = wall.nsec - late % 1000000000, sec = wall.sec - late / 1000000000;
  if (ns < 0) {
    ns += 1000000000;
    --sec;
  }
  u64 since = static_cast<u64>(sec + kUnixToInternal - kWallToInternal);
  if (since >> 33 != 0) return {static_cast<u64>(ns), sec + kUnixToInternal, *local_location};
  return {kHasMonotonic | since << 30 | static_cast<u64>(ns), mono, *local_location};
}

// time.sendTime, under the heap's lock.
void send_time(Timer* t, u64) {
  GoTimer* go = owner(t);
  GoTime value = go_time(nanotime() - go->due);
  chan_send_now(go->channel, &value);
}

// time.goFunc starts arg.(func()) as a goroutine; any other function is called by one.
bool is_go_func(uptr code) {
  static uptr known = 0;
  if (code == __atomic_load_n(&known, __ATOMIC_RELAXED)) return true;
  Function fn = find_function(code);
  if (!fn) return false;
  const char* name = function_name(fn);
  for (const char* p = "time.goFunc"; *p == *name; ++p, ++name) {
    if (*p != 0) continue;
    __atomic_store_n(&known, code, __ATOMIC_RELAXED);
    return true;
  }
  return false;
}

void start_func(Timer* t, u64 seq) {
  GoTimer* go = owner(t);
  M* m = current_m();
  const auto* closure = static_cast<const Closure*>(go->arg.data);
  if (!is_go_func(go->f->code)) {
    G fake{};  // allocation on behalf of no goroutine
    fake.p = m->p;
    auto* call = static_cast<TimerCall*>(new_object(&fake, &timer_call_type));
    *call = {reinterpret_cast<uptr>(rt_timer_call_code), go->f, go->arg, seq, nanotime() - go->due, go};
    closure = reinterpret_cast<const Closure*>(call);
  }
  enqueue(m->p, new_goroutine(nullptr, closure, 0), false);
  wake_p();
}

void wake_sleeper(Timer* t, u64) { ready(static_cast<G*>(t->off_heap_arg)); }

bool is_go_timer(const Timer* t) { return t->fire == send_time || t->fire == start_func; }

}  // namespace

void init_timers(P* p) { p->timers = static_cast<TimerHeap*>(persistent_alloc(sizeof(TimerHeap))); }

u64 timer_start(Timer* t, i64 when, i64 period) {
  TimerHeap& h = home_of(t);
  u64 seq = 0;
  bool first = false;
  {
    Guard guard(h.lock, Rank::kTimers);
    remove(h, t);
    t->when = when < 1 ? 1 : when;
    t->period = period;
    seq = t->seq;
    insert(h, t);
    first = h.timers[0] == t;
    publish_first(h);
  }
  if (first) note_timer(when);
  return seq;
}

bool timer_stop(Timer* t) {
  if (t->home == nullptr) return false;
  TimerHeap& h = home_of(t);
  Guard guard(h.lock, Rank::kTimers);
  bool active = remove(h, t);
  publish_first(h);
  return active;
}

i64 next_timer(P* p) { return __atomic_load_n(&p->timers->first, __ATOMIC_SEQ_CST); }

i64 run_timers(P* p, i64 now, bool* ran) {
  TimerHeap& h = *p->timers;
  i64 first = next_timer(p);
  if (first == 0) return 0;
  if (now == 0) now = nanotime();
  if (first > now) return first;
  for (;;) {
    h.lock.lock(Rank::kTimers);
    if (h.timers.empty() || h.timers[0]->when > now) break;
    Timer* t = h.timers[0];
    if (is_go_timer(t)) owner(t)->due = t->when;
    u64 seq = take_due(h, t, now);
    publish_first(h);
    *ran = true;
    if (t->under_lock != 0) t->fire(t, seq);
    h.lock.unlock(Rank::kTimers);
    if (t->under_lock == 0) t->fire(t, seq);
  }
  i64 next = h.first;
  h.lock.unlock(Rank::kTimers);
  return next;
}

void fire_if_due(Timer* t) {
  if (t->home == nullptr || __atomic_load_n(&t->heap_index, __ATOMIC_RELAXED) == 0) return;
  TimerHeap& h = *t->home;
  i64 now = nanotime();
  if (__atomic_load_n(&t->when, __ATOMIC_RELAXED) > now) return;
  Guard guard(h.lock, Rank::kTimers);
  if (t->heap_index == 0 || t->when > now) return;
  owner(t)->due = t->when;
  u64 seq = take_due(h, t, now);
  publish_first(h);
  t->fire(t, seq);
}

void move_timers(P* from, P* to) {
  TimerHeap& h = *from->timers;
  while (!h.timers.empty()) {
    Timer* t = h.timers[0];
    u64 seq = t->seq;
    remove(h, t);
    t->home = to->timers;
    t->seq = seq;
    insert(*to->timers, t);
  }
  if (to->timers->next_seq < h.next_seq) to->timers->next_seq = h.next_seq;
  publish_first(h);
  publish_first(*to->timers);
}

u64 mark_timers(MarkQueue& q, P* p, u64 from) {
  constexpr u64 kPiece = 1024;
  TimerHeap& h = *p->timers;
  Guard guard(h.lock, Rank::kTimers);
  u64 to = from + kPiece < h.timers.size() ? from + kPiece : h.timers.size();
  for (; from < to; ++from) mark_conservative(q, word(h.timers[from]));
  return from < h.timers.size() ? from : 0;
}

// ---- gates

RT_FN void rt_time_variables(G*, const i64* start, void* const* local) {
  start_nano = start;
  local_location = local;
}

namespace {
void begin_sleep(G* g) { timer_start(g->sleep_timer, static_cast<i64>(g->wake), 0); }
}  // namespace

RT_FN Outcome rt_time_sleep(G* g, u64* args) {
  i64 ns = static_cast<i64>(args[0]);
  if (ns <= 0) return Outcome::kDone;
  i64 when = 0;
  if (__builtin_add_overflow(nanotime(), ns, &when)) when = INT64_MAX;
  if (g->sleep_timer == nullptr) {
    g->sleep_timer = static_cast<Timer*>(persistent_alloc(sizeof(Timer)));
    g->sleep_timer->fire = wake_sleeper;
    g->sleep_timer->off_heap_arg = g;
  }
  g->sleep_timer->home = nullptr;  // it is not active: the P of today
  g->wake = static_cast<u64>(when);
  return park(g, Wait::kSleep, nullptr, begin_sleep);
}

RT_FN void* rt_new_timer(G* g, const u64* args) {
  auto* go = static_cast<GoTimer*>(new_object(g, &go_timer_type));
  go->init = true;
  go->f = reinterpret_cast<const Closure*>(args[2]);
  go->arg = {reinterpret_cast<const Type*>(args[3]), reinterpret_cast<void*>(args[4])};
  go->channel = reinterpret_cast<Chan*>(args[5]);
  go->timer.fire = start_func;
  if (go->channel != nullptr) {
    go->timer.fire = send_time;
    go->timer.under_lock = 1;
    go->channel->timer = &go->timer;
    go->channel->dataqsiz = 0;  // package time made it with room for one
  }
  timer_start(&go->timer, static_cast<i64>(args[0]), static_cast<i64>(args[1]));
  return go;
}

RT_FN u64 rt_stop_timer(G*, GoTimer* go) {
  bool active = timer_stop(&go->timer);
  return (go->channel != nullptr && chan_discard(go->channel)) || active;
}

RT_FN u64 rt_reset_timer(G*, GoTimer* go, i64 when, i64 period) {
  bool active = timer_stop(&go->timer);
  if (go->channel != nullptr) active |= chan_discard(go->channel);
  timer_start(&go->timer, when, period);
  return active;
}

}  // namespace gale::rt
