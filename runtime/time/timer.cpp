// timer.cpp: see timer.h. The functions of time.Timer run as goroutines (the overlay's runtime.timerCall).

#include "runtime/time/timer.h"

#include "runtime/chan/chan.h"
#include "runtime/gc/gc.h"
#include "runtime/heap/heap.h"
#include "runtime/sched/sched.h"

extern "C" const char rt_timer_call_code[] asm("runtime.timerCall");

namespace gale::rt {

namespace {

SysVector<Timer*> timers;  // timers[i] has heap_index i + 1
u64 next_order = 0;

bool before(const Timer* a, const Timer* b) { return a->when != b->when ? a->when < b->when : a->order < b->order; }

void place(u64 i, Timer* t) {
  timers[i] = t;
  t->heap_index = i + 1;
}

void sift_up(u64 i) {
  Timer* t = timers[i];
  while (i > 0 && before(t, timers[(i - 1) / 2])) {
    place(i, timers[(i - 1) / 2]);
    i = (i - 1) / 2;
  }
  place(i, t);
}

void sift_down(u64 i) {
  Timer* t = timers[i];
  for (;;) {
    u64 child = 2 * i + 1;
    if (child >= timers.size()) break;
    if (child + 1 < timers.size() && before(timers[child + 1], timers[child])) ++child;
    if (!before(timers[child], t)) break;
    place(i, timers[child]);
    i = child;
  }
  place(i, t);
}

FixedPool<Timer> sleep_timers;

// time.Timer as the overlay and package time see it: {C, init} and then our own.
struct GoTimer {
  void* c;
  bool init;
  Timer timer;
  const Closure* f;
  Eface arg;
  Chan* channel;  // of a channel timer
  u64 seq;        // a call with another number is stale
};
u8 go_timer_mask[8] = {0x01, 0x0f};  // C; f, arg, channel
const Type go_timer_type = {sizeof(GoTimer), 12 * 8, 0, 0, 8, 8, abi::kKindStruct, nullptr, go_timer_mask, 0, 0};

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

void fire_go_timer(Timer* t) {
  GoTimer* go = owner(t);
  M* m = current_m();
  G fake{};  // allocation on behalf of no goroutine
  fake.p = m->p;
  auto* call = static_cast<TimerCall*>(new_object(&fake, &timer_call_type));
  *call = {reinterpret_cast<uptr>(rt_timer_call_code), go->f, go->arg, go->seq, nanotime() - t->when, go};
  enqueue(m->p, new_goroutine(nullptr, reinterpret_cast<const Closure*>(call), 0), false);
}

Outcome slept(G*, u64*) { return Outcome::kDone; }

void wake_sleeper(Timer* t) {
  G* g = static_cast<G*>(t->off_heap_arg);
  sleep_timers.put(t);
  ready(g);
}

// Takes back what the timer has put into its channel; true if there was something.
bool discard_sent(GoTimer* go) {
  ++go->seq;
  if (go->channel == nullptr) return false;
  return chan_discard(go->channel);
}

}  // namespace

void timer_start(Timer* t, i64 when, i64 period) {
  t->when = when;
  t->period = period;
  t->order = ++next_order;
  timers.push(t);
  sift_up(timers.size() - 1);
}

bool timer_stop(Timer* t) {
  if (t->heap_index == 0) return false;
  u64 i = t->heap_index - 1;
  Timer* last = timers.pop();
  t->heap_index = 0;
  if (last == t) return true;
  place(i, last);
  sift_up(i);
  sift_down(last->heap_index - 1);
  return true;
}

i64 run_timers(i64) {
  if (timers.empty()) return 0;
  i64 now = nanotime();
  while (!timers.empty() && timers[0]->when <= now) {
    Timer* t = timers[0];
    timer_stop(t);
    i64 late = now - t->when;
    if (t->period > 0) {
      i64 when = t->when;
      timer_start(t, when + t->period * (1 + late / t->period), t->period);
    }
    t->fire(t);
  }
  return timers.empty() ? 0 : timers[0]->when;
}

void mark_timers() {
  for (Timer* t : timers) mark_conservative(reinterpret_cast<uptr>(t));
}

// ---- gates

RT_FN Outcome rt_time_sleep(G* g, u64* args) {
  i64 ns = static_cast<i64>(args[0]);
  if (ns <= 0) return Outcome::kDone;
  i64 when = 0;
  if (__builtin_add_overflow(nanotime(), ns, &when)) when = INT64_MAX;
  Timer* t = sleep_timers.get();
  t->fire = wake_sleeper;
  t->off_heap_arg = g;
  timer_start(t, when, 0);
  return park(g, Wait::kSleep, slept);
}

RT_FN void* rt_new_timer(G* g, const u64* args) {
  auto* go = static_cast<GoTimer*>(new_object(g, &go_timer_type));
  go->init = true;
  go->f = reinterpret_cast<const Closure*>(args[2]);
  go->arg = {reinterpret_cast<const Type*>(args[3]), reinterpret_cast<void*>(args[4])};
  go->channel = reinterpret_cast<Chan*>(args[5]);
  go->timer.fire = fire_go_timer;
  timer_start(&go->timer, static_cast<i64>(args[0]), static_cast<i64>(args[1]));
  return go;
}

RT_FN u64 rt_stop_timer(G*, GoTimer* go) {
  bool active = timer_stop(&go->timer);
  return discard_sent(go) || active;
}

RT_FN u64 rt_reset_timer(G*, GoTimer* go, i64 when, i64 period) {
  bool active = timer_stop(&go->timer);
  active |= discard_sent(go);
  timer_start(&go->timer, when, period);
  return active;
}

}  // namespace gale::rt
