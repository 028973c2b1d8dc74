// lock.cpp: see lock.h.

#include "runtime/sched/lock.h"

#include "runtime/print/print.h"
#include "runtime/sched/g.h"

namespace gale::rt {

namespace {
constexpr u64 kWaitPrivate = 128, kWakePrivate = 129;
constexpr int kSpins = 40;
}  // namespace

void futex_sleep(u32* word_, u32 while_value, i64 timeout_ns) {
  Timespec t{timeout_ns / 1000000000, timeout_ns % 1000000000};
  syscall6(sysno::kFutex, word(word_), kWaitPrivate, while_value, timeout_ns < 0 ? 0 : word(&t));
}

void futex_wake(u32* word_, u32 threads) { syscall6(sysno::kFutex, word(word_), kWakePrivate, threads); }

void Lock::wait() {
  for (int i = 0; i < kSpins; ++i) {
    u32 free = 0;
    if (__atomic_load_n(&state, __ATOMIC_RELAXED) == 0 &&
        __atomic_compare_exchange_n(&state, &free, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
      return;
    }
    __builtin_ia32_pause();
  }
  while (__atomic_exchange_n(&state, 2, __ATOMIC_ACQUIRE) != 0) futex_sleep(&state, 2, -1);
}

namespace {

enum NoteState : u32 { kClear, kSignalled, kSleeps };

// True: the note was signalled, and is clear again. False: the caller may sleep while it is kSleeps.
bool take_or_announce(u32* note) {
  u32 clear = kClear;
  if (__atomic_compare_exchange_n(note, &clear, kSleeps, false, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) return false;
  if (clear == kSleeps) return false;  // woken for nothing
  __atomic_store_n(note, kClear, __ATOMIC_RELAXED);
  return true;
}

}  // namespace

void note_sleep(u32* note) {
  while (!take_or_announce(note)) futex_sleep(note, kSleeps, -1);
}

bool note_sleep_for(u32* note, i64 timeout_ns) {
  i64 end = nanotime() + timeout_ns;
  while (!take_or_announce(note)) {
    i64 left = end - nanotime();
    if (left <= 0) return __atomic_exchange_n(note, kClear, __ATOMIC_ACQUIRE) == kSignalled;
    futex_sleep(note, kSleeps, left);
  }
  return true;
}

bool note_spin_for(u32* note, i64 timeout_ns) {
  constexpr int kBetweenLooks = 16;
  for (i64 end = nanotime() + timeout_ns;;) {
    for (int i = 0; i < kBetweenLooks; ++i) {
      if (__atomic_load_n(note, __ATOMIC_ACQUIRE) == kSignalled) {
        __atomic_store_n(note, kClear, __ATOMIC_RELAXED);
        return true;
      }
      __builtin_ia32_pause();
    }
    if (nanotime() >= end) return false;
  }
}

void note_wake(u32* note) {
  if (__atomic_exchange_n(note, kSignalled, __ATOMIC_ACQ_REL) == kSleeps) futex_wake(note, 1);
}

// The ranks that a thread holds, as a stack; unlocking may take one out of its middle.
void check_rank(Rank rank) {
  M* m = current_m();
  if (m == nullptr) return;
  if (m->nheld > 0 && m->held[m->nheld - 1] > rank) throw_error("runtime: locks taken out of order");
  if (m->nheld < sizeof(m->held)) m->held[m->nheld] = rank;
  ++m->nheld;
}

void forget_rank(Rank rank) {
  M* m = current_m();
  if (m == nullptr) return;
  u32 i = m->nheld < sizeof(m->held) ? m->nheld : static_cast<u32>(sizeof(m->held));
  --m->nheld;
  while (i > 0 && m->held[i - 1] != rank) --i;
  if (i == 0) return;
  for (; i < m->nheld + 1 && i < sizeof(m->held); ++i) m->held[i - 1] = m->held[i];
}

}  // namespace gale::rt
