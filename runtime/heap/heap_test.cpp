// Objects: sizes, zeroing, pointer maps, collection by explicit roots.

#include "runtime/heap/heap.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "runtime/gc/gc.h"
#include "runtime/test/hosted.h"

namespace gale::rt {
namespace {

u8 first_word[8] = {1};
const Type node_type = {16, 8, 0, 0, 8, 8, abi::kKindStruct, nullptr, first_word, 0, 0};
u8 last_word[128] = {};

struct Node {
  Node* next;
  u64 value;
};

void collect_with(G* g, const std::vector<uptr>& roots) {
  flush_runs(g->p);
  MarkQueue& q = g->p->marks;
  q.marked = 0;
  for (uptr r : roots) mark_conservative(q, r);
  drain(q);
  start_sweeping(q.marked);
  sweep_some(~u64{0});
}

TEST(Heap, RoundsLikeGc) {
  EXPECT_EQ(rounded_size(1, true), 8u);
  EXPECT_EQ(rounded_size(33, true), 48u);
  EXPECT_EQ(rounded_size(1025, true), 1152u);
  EXPECT_EQ(rounded_size(520, false), 576u - 8);
  EXPECT_EQ(rounded_size(32768, true), 32768u);
  EXPECT_EQ(rounded_size(32769, true), 40960u);
}

TEST(Heap, EveryClassFitsItsRequest) {
  for (u64 n = 1; n <= 32768; ++n) {
    u32 c = size_class_of(n);
    ASSERT_GE(abi::kSizeClasses[c].size, n);
    ASSERT_TRUE(c == 1 || abi::kSizeClasses[c - 1].size < n);
  }
}

TEST(Heap, MemoryIsZeroAfterReuse) {
  G* g = hosted::start();
  for (int round = 0; round < 3; ++round) {
    for (u64 size : {24u, 100u, 512u, 600u, 5000u, 40000u}) {
      for (int i = 0; i < 200; ++i) {
        auto* p = static_cast<u8*>(allocate(g, size, nullptr, true));
        for (u64 k = 0; k < size; ++k) ASSERT_EQ(p[k], 0) << size;
        memset(p, 0xff, size);
      }
    }
    collect_with(g, {});
  }
}

TEST(Heap, MarksThroughPointersAndFreesTheRest) {
  G* g = hosted::start();
  collect_with(g, {});
  u64 before = heap_stats.live;
  Node* head = nullptr;
  for (u64 i = 0; i < 10000; ++i) {
    auto* n = static_cast<Node*>(new_object(g, &node_type));
    new_object(g, &node_type);  // garbage beside it
    *n = {head, i};
    head = n;
  }
  collect_with(g, {word(head)});
  EXPECT_GE(heap_stats.live, before + 160000);
  EXPECT_LT(heap_stats.live, before + 200000);
  u64 count = 0;
  for (Node* n = head; n != nullptr; n = n->next) ASSERT_EQ(n->value, 9999 - count++);
  EXPECT_EQ(count, 10000u);
  collect_with(g, {});
  EXPECT_EQ(heap_stats.live, before);
}

TEST(Heap, HeaderAndLargeObjectsAreScannedByElement) {
  G* g = hosted::start();
  last_word[1] = 0x80;  // word 15 of a 128-byte element
  const Type elem = {128, 128, 0, 0, 8, 8, abi::kKindStruct, nullptr, last_word, 0, 0};
  for (u64 n : {5u, 100u, 1000u}) {
    auto* a = static_cast<u64*>(new_array(g, &elem, n));
    for (u64 i = 0; i < n; ++i) {
      auto* node = static_cast<Node*>(new_object(g, &node_type));
      node->value = i;
      a[i * 16 + 15] = word(node);
      a[i * 16 + 3] = 0x1234;  // not a pointer
    }
    collect_with(g, {word(a) + 8});
    for (u64 i = 0; i < n; ++i) {
      EXPECT_TRUE(find_object(a[i * 16 + 15]).span->alloc_bits != nullptr);
      ASSERT_EQ(reinterpret_cast<Node*>(a[i * 16 + 15])->value, i);
    }
  }
}

TEST(Heap, TinyObjectsShareABlock) {
  G* g = hosted::start();
  auto* a = static_cast<u8*>(allocate(g, 3, nullptr, true));
  auto* b = static_cast<u8*>(allocate(g, 3, nullptr, true));
  auto* c = static_cast<u8*>(allocate(g, 8, nullptr, true));
  EXPECT_EQ(word(c) % 8, 0u);
  EXPECT_TRUE(b == a + 3 || word(b) % 16 == 0);
}

TEST(Heap, FreedPagesMergeAndComeBack) {
  G* g = hosted::start();
  collect_with(g, {});
  u64 pages = heap_stats.object_pages;
  for (int i = 0; i < 50; ++i) allocate(g, 1 << 20, nullptr, true);
  EXPECT_GE(heap_stats.object_pages, pages + 50 * 128);
  collect_with(g, {});
  EXPECT_EQ(heap_stats.object_pages, pages);
  scavenge_all();
  auto* p = static_cast<u8*>(allocate(g, 1 << 20, nullptr, true));
  for (int i = 0; i < 1 << 20; ++i) ASSERT_EQ(p[i], 0);
}

// Fresh, used before, given back: an array that will be written all over is zero, and only what it used may be in huge pages.
TEST(Heap, FullArraysAreZero) {
  G* g = hosted::start();
  constexpr u64 kWords = (7 << 20) / 8;  // has huge pages inside, and edges
  const Type element = {8, 0, 0, abi::kTFlagRegularMemory, 8, 8, abi::kKindUint64, nullptr, nullptr, 0, 0};
  for (int round = 0; round < 4; ++round) {
    for (u64 n : {u64{5}, u64{10000}, kWords}) {
      auto* p = static_cast<u64*>(new_full_array(g, &element, n));
      for (u64 i = 0; i < n; ++i) {
        ASSERT_EQ(p[i], 0u) << i << " of " << n << " round " << round;
        p[i] = ~u64{0};
      }
    }
    collect_with(g, {});
    if (round == 1) scavenge_all();
  }
  scavenge_all();
  auto* small = static_cast<u64*>(allocate(g, 64, nullptr, true));
  EXPECT_FALSE(find_object(word(small)).span->huge);
}

}  // namespace
}  // namespace gale::rt
