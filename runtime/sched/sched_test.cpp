// Run queues, locks, channels and timers used by several threads at once (meant for the tsan preset too).

#include "runtime/sched/sched.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "runtime/chan/chan.h"
#include "runtime/test/hosted.h"
#include "runtime/time/timer.h"

namespace gale::rt {

extern "C" {
Chan* rt_makechan(G*, const ChanType*, i64);
u64 rt_selectnbsend(G*, Chan*, void*);
Pair rt_selectnbrecv(G*, void*, Chan*);
}

namespace {

constexpr i32 kThreads = 4;

TEST(Lock, ExcludesAndWakes) {
  hosted::add_procs(kThreads);
  Lock lock;
  u64 count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      hosted::enter_thread(t);
      for (int i = 0; i < 20000; ++i) {
        Guard guard(lock, Rank::kSched);
        ++count;
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(count, 20000u * kThreads);
}

TEST(Lock, NoteIsNotLost) {
  hosted::add_procs(kThreads);
  u32 there = 0, back = 0;
  std::thread other([&] {
    hosted::enter_thread(1);
    for (int i = 0; i < 2000; ++i) {
      note_sleep(&there);
      note_wake(&back);
    }
  });
  for (int i = 0; i < 2000; ++i) {
    note_wake(&there);
    note_sleep(&back);
  }
  other.join();
  EXPECT_FALSE(note_sleep_for(&back, 1000));
}

// Each goroutine comes out of the queues exactly once, whoever takes it.
TEST(RunQueue, StealingLosesAndDoublesNothing) {
  hosted::add_procs(kThreads);
  constexpr u64 kPerThread = 5000;
  std::vector<std::atomic<int>> seen(kThreads * kPerThread + 1);
  std::atomic<u64> taken = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      hosted::enter_thread(t);
      P* p = sched.ps[t];
      auto take = [&](G* g) {
        seen[g->goid].fetch_add(1);
        taken.fetch_add(1);
      };
      for (u64 i = 0; i < kPerThread; ++i) {
        G* g = hosted::waiting_goroutine();
        g->goid = static_cast<u64>(t) * kPerThread + i;
        runq_put(p, g, i % 3 == 0);
        bool inherit = false;
        while (i % 100 < 60 && !runq_empty(p)) {
          if (G* got = runq_get(p, &inherit)) take(got);
        }
        if (i % 7 == 0 && runq_empty(p)) {  // as find_runnable does: a full ring has no room for the loot
          P* victim = sched.ps[(t + 1 + i % (kThreads - 1)) % kThreads];
          if (victim != p) {
            if (G* got = runq_steal(p, victim, i % 2 == 0)) take(got);
          }
        }
      }
      while (taken.load() < kThreads * kPerThread) {
        bool inherit = false;
        G* got = runq_get(p, &inherit);
        if (got == nullptr) {
          Guard guard(sched.lock, Rank::kSched);
          got = global_get(p, 0);
        }
        if (got != nullptr) take(got);
      }
    });
  }
  for (auto& t : threads) t.join();
  for (u64 i = 0; i < kThreads * kPerThread; ++i) ASSERT_EQ(seen[i].load(), 1) << i;
}

TEST(RunQueue, OverflowGoesToTheGlobalQueue) {
  hosted::start();
  P* p = sched.ps[0];
  for (u32 i = 0; i < kRunQueue + 1; ++i) runq_put(p, hosted::waiting_goroutine(), false);
  EXPECT_EQ(sched.global.size, kRunQueue / 2 + 1);
  GList out;
  runq_drain(p, out);
  EXPECT_EQ(out.size, kRunQueue / 2);
  while (sched.global.pop() != nullptr) {
  }
  sched.global_size = 0;
}

TEST(Chan, ManyThreadsBuffered) {
  hosted::add_procs(kThreads);
  static const Type u64_type = {8, 0, 0, abi::kTFlagRegularMemory, 8, 8, abi::kKindUint64, nullptr, nullptr, 0, 0};
  ChanType type{};
  type.size_ = 8;
  type.kind = abi::kKindChan;
  type.elem = &u64_type;
  type.dir = 3;
  Chan* c = rt_makechan(hosted::start(), &type, 16);
  std::atomic<u64> sum = 0, received = 0;
  constexpr u64 kEach = 5000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      G* g = hosted::enter_thread(t);
      if (t % 2 == 0) {
        for (u64 v = 1; v <= kEach;) v += rt_selectnbsend(g, c, &v);
        return;
      }
      while (received.load() < kEach * kThreads / 2) {
        u64 v = 0;
        if ((rt_selectnbrecv(g, &v, c).first & 1) == 0) continue;
        sum += v;
        ++received;
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(sum.load(), kEach * (kEach + 1) / 2 * (kThreads / 2));
}

std::atomic<int> fired;
TEST(Timer, StopsAndStartsFromOtherThreads) {
  hosted::add_procs(kThreads);
  fired = 0;
  constexpr int kTimers = 200;
  static Timer timers[kTimers];
  std::atomic<int> stopped = 0, started = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      hosted::enter_thread(t);
      for (int i = t; i < kTimers; i += kThreads) {
        timers[i].fire = [](Timer*, u64) { ++fired; };
        for (int k = 0; k < 20; ++k) {
          timer_start(&timers[i], nanotime() + (k % 3) * 1000000000, 0);
          ++started;
          bool ran = false;
          run_timers(sched.ps[(t + k) % kThreads], 0, &ran);
          if (timer_stop(&timers[i])) ++stopped;
        }
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(fired + stopped, started);
}

}  // namespace
}  // namespace gale::rt
