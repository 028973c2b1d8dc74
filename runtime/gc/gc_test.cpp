// Marking: the queues, several threads at one graph, barriers, objects that are made meanwhile.

#include "runtime/gc/gc.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "runtime/chan/chan.h"
#include "runtime/test/hosted.h"

namespace gale::rt {
namespace {

constexpr int kThreads = 4;

u8 two_pointers[8] = {3};
const Type pair_type = {16, 16, 0, 0, 8, 8, abi::kKindStruct, nullptr, two_pointers, 0, 0};
const Type pointer_type = {8, 8, 0, 0, 8, 8, abi::kKindPointer, nullptr, two_pointers, 0, 0};

struct Twin {
  Twin* left;
  Twin* right;
};

Twin* tree(G* g, int depth) {
  auto* p = static_cast<Twin*>(new_object(g, &pair_type));
  if (depth > 0) *p = {tree(g, depth - 1), tree(g, depth - 1)};
  return p;
}

u64 count_marked(const Twin* p) { return p == nullptr ? 0 : is_marked(word(p)) + count_marked(p->left) + count_marked(p->right); }

void begin() {
  for (i32 i = 0; i < sched.nps; ++i) {
    flush_runs(sched.ps[i]);
    sched.ps[i]->marks.marked = 0;
  }
  rt_wb_enabled = 1;
}

u64 end() {
  u64 marked = 0;
  for (i32 i = 0; i < sched.nps; ++i) {
    flush_runs(sched.ps[i]);
    marked += sched.ps[i]->marks.marked;
  }
  rt_wb_enabled = 0;
  start_sweeping(marked);
  sweep_some(~u64{0});
  return marked;
}

TEST(MarkQueue, GivesEachItemOnceToWhoeverTakesIt) {
  hosted::add_procs(kThreads);
  constexpr u64 kItems = 20000;
  std::vector<std::vector<u64>> got(kThreads);
  std::vector<std::thread> threads;
  std::atomic<u64> total = 0;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      hosted::enter_thread(t);
      MarkQueue& q = sched.ps[t]->marks;
      MarkItem item;
      auto take = [&] {
        got[static_cast<size_t>(t)].push_back(item.base);
        total.fetch_add(1);
      };
      for (u64 i = 0; i < kItems; ++i) {
        q.push({static_cast<u64>(t) * kItems + i + 1, nullptr});
        if (i % 5 < 2 && q.pop(&item)) take();
        if (i % 100 == 0) q.share();
      }
      q.publish();
      while (total.load() < kItems * kThreads) {
        if (q.pop(&item)) take();
      }
    });
  }
  for (auto& t : threads) t.join();
  std::vector<bool> seen(kItems * kThreads + 1);
  for (const auto& list : got) {
    for (u64 base : list) {
      ASSERT_FALSE(seen[base]);
      seen[base] = true;
    }
  }
  EXPECT_FALSE(shared_marks());
}

TEST(Marking, ThreadsShareAGraph) {
  hosted::add_procs(kThreads);
  G* g = hosted::start();
  Twin* root = tree(g, 13);
  constexpr u64 kNodes = (1 << 14) - 1;
  begin();
  mark_pointer(sched.ps[0]->marks, word(root));
  sched.ps[0]->marks.publish();
  std::atomic<u32> busy = kThreads;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      hosted::enter_thread(t);
      for (;;) {
        drain(sched.ps[t]->marks);
        if (busy.fetch_sub(1) == 1) return;
        while (!shared_marks()) {
          if (busy.load() == 0) return;
          std::this_thread::yield();
        }
        busy.fetch_add(1);
      }
    });
  }
  for (auto& t : threads) t.join();
  drain(sched.ps[0]->marks);
  EXPECT_EQ(count_marked(root), kNodes);
  EXPECT_EQ(end(), kNodes * 16);
  resize_procs(1);
}

TEST(Marking, StopsAtItsLimitAndGoesOn) {
  G* g = hosted::start();
  Twin* root = tree(g, 12);
  begin();
  MarkQueue& q = g->p->marks;
  mark_pointer(q, word(root));
  MarkLimit limit;
  limit.bytes = 4096;
  EXPECT_FALSE(drain(q, limit));
  EXPECT_LT(count_marked(root), 4096u);
  EXPECT_TRUE(drain(q));
  EXPECT_EQ(count_marked(root), (1u << 13) - 1);
  end();
}

TEST(Marking, LargeObjectsAreScannedInPieces) {
  G* g = hosted::start();
  constexpr u64 kPointers = 300000;  // of 8 bytes: several pieces
  auto** array = static_cast<Twin**>(new_array(g, &pointer_type, kPointers));
  for (u64 i = 0; i < kPointers; i += 999) array[i] = tree(g, 0);
  array[kPointers - 1] = tree(g, 0);
  begin();
  MarkQueue& q = g->p->marks;
  mark_pointer(q, word(array));
  drain(q);
  for (u64 i = 0; i < kPointers; i += 999) ASSERT_TRUE(is_marked(word(array[i])));
  EXPECT_TRUE(is_marked(word(array[kPointers - 1])));
  end();
}

// What could be reached at the start stays, whatever is overwritten before it is scanned.
TEST(Barrier, KeepsWhatIsOverwritten) {
  G* g = hosted::start();
  Twin* root = tree(g, 2);
  Twin *left = root->left, *deep = root->right->left, *other = tree(g, 0);
  begin();
  MarkQueue& q = g->p->marks;
  Twin empty = {};
  copy_value(&pair_type, root, &empty);  // both subtrees are on no path any more
  EXPECT_TRUE(is_marked(word(left)));
  mark_pointer(q, word(root));
  drain(q);
  EXPECT_TRUE(is_marked(word(left)));
  EXPECT_TRUE(is_marked(word(deep)));
  EXPECT_FALSE(is_marked(word(other)));
  u64* buffer = g->p->wbbuf_next;
  g->p->wbbuf_next += 2;
  buffer[0] = word(other);
  buffer[1] = 0x1234567;
  flush_barrier(g->p);
  EXPECT_TRUE(is_marked(word(other)));
  end();
}

TEST(Barrier, DoesNothingWhileNobodyMarks) {
  G* g = hosted::start();
  Twin* root = tree(g, 1);
  Twin* left = root->left;
  clear_value(&pair_type, root);
  EXPECT_FALSE(is_marked(word(left)));
}

TEST(Allocation, WhileMarkingIsMarked) {
  G* g = hosted::start();
  begin();
  Twin* young = tree(g, 5);
  auto* large = new_array(g, &pointer_type, 100000);
  EXPECT_EQ(count_marked(young), 63u);
  EXPECT_TRUE(is_marked(word(large)));
  u64 live = heap_stats.live;
  u64 marked = end();
  EXPECT_LE(marked, live);
  EXPECT_EQ(heap_stats.live, marked);  // the rest of each run is free again
  EXPECT_GE(marked, 63u * 16 + 800000);
  EXPECT_LT(marked, 63u * 16 + 800000 + kPage * 2);
}

}  // namespace
}  // namespace gale::rt
