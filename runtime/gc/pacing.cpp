// pacing.cpp: when to collect (GOGC, GOMEMLIMIT), and which free memory the system gets back.
//
// The goal is what the last cycle found alive, grown by GOGC percent (stacks count as alive), at least 4 MiB * GOGC / 100. A memory
// limit lowers it, also when GOGC is off; but never so far that the program does nothing but collect.
// A cycle is triggered before the goal, by about as much as the program allocated while the last one marked.

#include "runtime/gc/gc.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/stack/stack.h"
#include "runtime/sys/start.h"

namespace gale::rt {

namespace {

constexpr u64 kMinTrigger = 4 << 20;

// Decimal digits of s up to a character that is none. False if there is none, or too many.
bool parse_digits(const char*& s, i64& value) {
  const char* first = s;
  value = 0;
  for (; *s >= '0' && *s <= '9'; ++s) {
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *s - '0', &value)) return false;
  }
  return s != first;
}

bool equal(const char* a, const char* b) {
  for (; *a == *b; ++a, ++b) {
    if (*a == '\0') return true;
  }
  return false;
}

// "off", or a number: B, KiB, MiB, GiB, TiB or no unit.
bool parse_limit(const char* s, i64& limit) {
  if (equal(s, "off")) {
    limit = INT64_MAX;
    return true;
  }
  if (!parse_digits(s, limit)) return false;
  if (*s == '\0' || equal(s, "B")) return true;
  constexpr char kUnits[] = "KMGT";
  for (int i = 0; i < 4; ++i) {
    if (s[0] == kUnits[i] && equal(s + 1, "iB")) return !__builtin_mul_overflow(limit, i64{1} << (10 * (i + 1)), &limit);
  }
  return false;
}

i64 percent_of(const char* s) {
  if (s == nullptr) return 100;
  if (equal(s, "off")) return -1;
  bool negative = *s == '-';
  if (negative || *s == '+') ++s;
  i64 value;
  if (!parse_digits(s, value) || *s != '\0' || value > INT32_MAX) return 100;
  return negative && value != 0 ? -1 : value;
}

}  // namespace

namespace {

u64 goal_of_cycle() {
  i64 percent = heap_stats.gc_percent;
  u64 result = ~u64{0};
  if (percent >= 0) {
    u64 base = heap_stats.marked + stack_in_use();
    u64 floor = kMinTrigger * static_cast<u64>(percent) / 100;
    u64 goal = heap_stats.marked + base * static_cast<u64>(percent) / 100;
    result = goal > floor ? goal : floor;
  }
  if (heap_stats.memory_limit != INT64_MAX) {
    u64 limit = static_cast<u64>(heap_stats.memory_limit), stacks = stack_in_use();
    limit = limit > stacks ? limit - stacks : 0;
    u64 least = heap_stats.marked + heap_stats.marked / 16 + (64 << 10);
    if (result > limit) result = limit > least ? limit : least;
  }
  return result;
}

}  // namespace

void set_trigger() {
  u64 goal = goal_of_cycle();
  heap_stats.goal = heap_stats.trigger = goal;
  if (goal == ~u64{0} || goal <= heap_stats.marked) return;
  u64 room = goal - heap_stats.marked, runway = heap_stats.mark_growth + heap_stats.mark_growth / 8 + room / 64;
  u64 most = room / 10 * 3, least = room / 20;
  heap_stats.trigger = goal - (runway > most ? most : runway < least ? least : runway);
}

void return_memory() {
  u64 keep = heap_stats.goal == ~u64{0} ? heap_stats.goal : heap_stats.goal + heap_stats.goal / 10;
  if (heap_stats.memory_limit != INT64_MAX && keep > static_cast<u64>(heap_stats.memory_limit)) keep = static_cast<u64>(heap_stats.memory_limit);
  u64 resident = (heap_stats.object_pages + heap_stats.dirty_free_pages) * kPage;
  if (resident > keep) scavenge((resident - keep) / kPage);
}

void init_pacing() {
  heap_stats.gc_percent = percent_of(get_env("GOGC"));
  if (const char* s = get_env("GOMEMLIMIT"); s != nullptr && *s != '\0' && !parse_limit(s, heap_stats.memory_limit)) {
    print_lock();
    print("GOMEMLIMIT=");
    print(s);
    print("\n");
    print_unlock();
    throw_error("malformed GOMEMLIMIT; see `go doc runtime/debug.SetMemoryLimit`");
  }
  set_trigger();
}

// ---- gates

RT_FN u64 rt_set_gc_percent(G*, i32 percent) {
  Guard guard(heap_lock, Rank::kHeap);
  i64 old = heap_stats.gc_percent;
  heap_stats.gc_percent = percent < 0 ? -1 : percent;
  set_trigger();
  return static_cast<u64>(old);
}

RT_FN u64 rt_set_memory_limit(G*, i64 limit) {
  Guard guard(heap_lock, Rank::kHeap);
  i64 old = heap_stats.memory_limit;
  if (limit >= 0) {
    heap_stats.memory_limit = limit;
    set_trigger();
  }
  return static_cast<u64>(old);
}

}  // namespace gale::rt
