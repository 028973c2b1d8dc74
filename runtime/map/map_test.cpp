// Maps against std::map, iteration while growing, deletion and clear.

#include "runtime/map/map.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

#include "runtime/heap/heap.h"
#include "runtime/test/hosted.h"

namespace gale::rt {

extern "C" {
void* rt_mapassign_fast64(G*, const MapType*, HMap*, u64);
void* rt_mapassign_faststr(G*, const MapType*, HMap*, const u8*, u64);
extern const char go_mapaccess1_fast32[] asm("runtime.mapaccess1_fast32");
extern const char go_mapaccess2_fast32[] asm("runtime.mapaccess2_fast32");
extern const char go_mapaccess1_fast64[] asm("runtime.mapaccess1_fast64");
extern const char go_mapaccess2_fast64[] asm("runtime.mapaccess2_fast64");
extern const char go_mapassign_fast32[] asm("runtime.mapassign_fast32");
extern const char go_mapassign_fast64[] asm("runtime.mapassign_fast64");
void* rt_mapassign_fast32(G*, const MapType*, HMap*, u32);
Pair rt_mapaccess2_faststr(const MapType*, HMap*, const u8*, u64);
void rt_mapdelete_fast64(G*, const MapType*, HMap*, u64);
void rt_mapdelete(G*, const MapType*, HMap*, const void*);
void* rt_mapassign(G*, const MapType*, HMap*, const void*);
Pair rt_mapaccess2(G*, const MapType*, HMap*, const void*);
void rt_mapclear(G*, const MapType*, HMap*);
Pair rt_mapiternext_fast(MapIter*);
}

namespace {

// Calls assembler as generated code does.
Pair go_call(const char* code, const MapType* t, HMap* h, u64 key) {
  u64 a = word(t), b = word(h), c = key;
  asm volatile("sub $128, %%rsp\n call *%[code]\n add $128, %%rsp"  // past the red zone
               : "+a"(a), "+b"(b), "+c"(c)
               : [code] "r"(code)
               : "rdx", "rdi", "rsi", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "memory", "cc");
  return {a, b};
}

// Looks a word up in each way; all must agree.
void* lookup(const MapType* t, HMap* h, u64 key) {
  const bool half = t->key_slot == 4;
  const Type* bad = nullptr;
  void* elem = map_find(t, h, &key, nullptr, &bad);
  key |= half ? u64{0xabcd} << 32 : 0;  // upper bits of a register mean nothing
  Pair p = go_call(half ? go_mapaccess2_fast32 : go_mapaccess2_fast64, t, h, key);
  EXPECT_EQ(p.first, word(elem != nullptr ? elem : zero_value()));
  EXPECT_EQ(p.second & 0xff, elem != nullptr);
  EXPECT_EQ(go_call(half ? go_mapaccess1_fast32 : go_mapaccess1_fast64, t, h, key).first, p.first);
  return elem;
}

// Assigns as generated code does: assembler first, and the gate for what it leaves. Counts what it does not.
u64 in_place;
u64* assign(G* g, const MapType* t, HMap* h, u64 key) {
  const bool half = t->key_slot == 4;
  void* elem = reinterpret_cast<void*>(go_call(half ? go_mapassign_fast32 : go_mapassign_fast64, t, h, key).first);
  if (elem != nullptr) {
    ++in_place;
  } else {
    elem = half ? rt_mapassign_fast32(g, t, h, static_cast<u32>(key)) : rt_mapassign_fast64(g, t, h, key);
  }
  return static_cast<u64*>(elem);
}

const Closure some_equal = {1};
const Type u64_type = {8, 0, 0, abi::kTFlagRegularMemory, 8, 8, abi::kKindUint64, &some_equal, nullptr, 0, 0};
const Type f64_type = {8, 0, 0, 0, 8, 8, abi::kKindFloat64, &some_equal, nullptr, 0, 0};
u8 pointer_mask_byte[8] = {1};
const Type string_type = {16, 8, 0, 0, 8, 8, abi::kKindString, &some_equal, pointer_mask_byte, 0, 0};
u8 string_bucket_mask[64];
const Type word_bucket = {8 + 64 + 64 + 8, 0, 0, 0, 8, 8, abi::kKindStruct, nullptr, nullptr, 0, 0};
const Type string_bucket = {8 + 128 + 64 + 8, 8 + 128 + 64 + 8, 0, 0, 8, 8, abi::kKindStruct, nullptr, string_bucket_mask, 0, 0};

MapType word_map(const Type* key) {
  MapType t{};
  t.size_ = 8;
  t.kind = abi::kKindMap;
  t.key = key;
  t.elem = &u64_type;
  t.bucket = &word_bucket;
  t.bucket_size = word_bucket.size_;
  t.key_slot = 8;
  t.elem_off = 72;
  return t;
}

MapType string_map() {
  for (int i = 0; i < 8; ++i) string_bucket_mask[(1 + 2 * i) / 8] |= 1 << (1 + 2 * i) % 8;
  string_bucket_mask[25 / 8] |= 1 << 25 % 8;
  MapType t = word_map(&string_type);
  t.bucket = &string_bucket;
  t.bucket_size = string_bucket.size_;
  t.key_slot = 16;
  t.elem_off = 136;
  return t;
}

TEST(Map, AgreesWithAModel) {
  G* g = hosted::start();
  MapType t = word_map(&u64_type);
  HMap* h = make_map(g, &t, 0, nullptr);
  std::map<u64, u64> model;
  std::mt19937_64 r(1);
  for (int i = 0; i < 200000; ++i) {
    u64 k = r() % 5000;
    switch (r() % 3) {
      case 0:
      case 1:
        *assign(g, &t, h, k) = static_cast<u64>(i);
        model[k] = static_cast<u64>(i);
        break;
      case 2:
        if (r() % 2 == 0) {
          rt_mapdelete_fast64(g, &t, h, k);
        } else {
          rt_mapdelete(g, &t, h, &k);
        }
        model.erase(k);
    }
    ASSERT_EQ(static_cast<u64>(h->count), model.size());
    u64 q = r() % 5000;
    auto* p = static_cast<u64*>(lookup(&t, h, q));
    auto it = model.find(q);
    ASSERT_EQ(p != nullptr, it != model.end());
    if (it != model.end()) {
      ASSERT_EQ(*p, it->second);
    }
    Pair any = rt_mapaccess2(g, &t, h, &q);
    ASSERT_EQ(any.first, word(p != nullptr ? p : zero_value()));
  }
}

TEST(Map, Strings) {
  G* g = hosted::start();
  MapType t = string_map();
  HMap* h = make_map(g, &t, 100, nullptr);
  static std::string keys[3000];
  for (int i = 0; i < 3000; ++i) {
    keys[i] = "key" + std::string(static_cast<u64>(i % 40), 'x') + std::to_string(i);
    *static_cast<u64*>(rt_mapassign_faststr(g, &t, h, reinterpret_cast<const u8*>(keys[i].data()), keys[i].size())) = static_cast<u64>(i);
  }
  for (int i = 0; i < 3000; ++i) {
    GoString k = {reinterpret_cast<const u8*>(keys[i].data()), keys[i].size()};
    Pair p = rt_mapaccess2_faststr(&t, h, k.ptr, k.len);
    ASSERT_TRUE(p.second);
    ASSERT_EQ(*reinterpret_cast<u64*>(p.first), static_cast<u64>(i));
    ASSERT_EQ(rt_mapaccess2(g, &t, h, &k).first, p.first);
  }
}

// Each way in which buckets are split, with chains: keys are told apart by size and kind, or by their descriptor.
TEST(Map, EveryKindOfKeySurvivesGrowth) {
  G* g = hosted::start();
  const Type u32_type = {4, 0, 0, abi::kTFlagRegularMemory, 4, 4, abi::kKindUint32, &some_equal, nullptr, 0, 0};
  const u8 no_name[4] = {};
  const StructField two_words[2] = {{no_name, &u64_type, 0}, {no_name, &u64_type, 8}};
  const StructType pair_type{{16, 0, 0, abi::kTFlagRegularMemory, 8, 8, abi::kKindStruct, &some_equal, nullptr, 0, 0}, no_name, two_words, 2, 2};
  const Type half_bucket = {8 + 32 + 64 + 8, 0, 0, 0, 8, 8, abi::kKindStruct, nullptr, nullptr, 0, 0};
  const Type wide_bucket = {8 + 128 + 64 + 8, 0, 0, 0, 8, 8, abi::kKindStruct, nullptr, nullptr, 0, 0};
  MapType words = word_map(&u64_type), halves = word_map(&u32_type), pairs = word_map(&pair_type);
  halves.bucket = &half_bucket;
  halves.bucket_size = half_bucket.size_;
  halves.key_slot = 4;
  halves.elem_off = 40;
  pairs.bucket = &wide_bucket;
  pairs.bucket_size = wide_bucket.size_;
  pairs.key_slot = 16;
  pairs.elem_off = 136;
  for (const MapType* t : {&words, &halves, &pairs}) {
    HMap* h = make_map(g, t, 0, nullptr);
    constexpr u64 kEntries = 50000;
    for (u64 i = 0; i < kEntries; ++i) {
      u64 key[2] = {i * 7919, i};
      *(t == &pairs ? static_cast<u64*>(rt_mapassign(g, t, h, key)) : assign(g, t, h, key[0])) = i;
      if (i % 3 == 0) {  // rest-empty marks must not end a chain too early
        u64 gone[2] = {i / 2 * 7919, i / 2};
        rt_mapdelete(g, t, h, gone);
        *static_cast<u64*>(rt_mapassign(g, t, h, gone)) = i / 2;
      }
    }
    ASSERT_EQ(h->count, static_cast<i64>(kEntries));
    EXPECT_TRUE(t == &pairs || in_place > kEntries / 2) << in_place;
    in_place = 0;
    for (u64 i = 0; i < kEntries; ++i) {
      u64 key[2] = {i * 7919, i};
      Pair p = rt_mapaccess2(g, t, h, key);
      ASSERT_TRUE(p.second) << i;
      ASSERT_EQ(*reinterpret_cast<u64*>(p.first), i);
      if (t != &pairs) {
        ASSERT_EQ(lookup(t, h, key[0]), reinterpret_cast<void*>(p.first));
        ASSERT_EQ(lookup(t, h, key[0] + 1), nullptr);
      }
    }
  }
}

// As generated code does.
void next_entry(MapIter* it) {
  if (rt_mapiternext_fast(it).second == 0) map_iter_next(it);
}

TEST(Map, IterationOfAMapThatRests) {
  G* g = hosted::start();
  MapType t = word_map(&u64_type);
  for (u64 n : {0u, 1u, 7u, 8u, 9u, 100u, 5000u}) {
    HMap* h = make_map(g, &t, 0, nullptr);
    for (u64 k = 0; k < n; ++k) *assign(g, &t, h, k) = ~k;
    while (h->growing()) *assign(g, &t, h, 0) = ~u64{0};
    std::set<u64> seen;
    MapIter it{};
    for (map_iter_init(&t, h, &it); it.key != nullptr;) {
      u64 k = *static_cast<u64*>(it.key);
      ASSERT_EQ(*static_cast<u64*>(it.elem), ~k);
      ASSERT_TRUE(seen.insert(k).second);
      ASSERT_TRUE(rt_mapiternext_fast(&it).second);
    }
    EXPECT_EQ(seen.size(), n);
  }
}

// Every entry that is there from start to end is seen exactly once, whatever happens meanwhile.
TEST(Map, IterationWhileGrowing) {
  G* g = hosted::start();
  MapType t = word_map(&u64_type);
  for (u64 seed = 0; seed < 200; ++seed) {
    std::mt19937_64 r(seed);
    HMap* h = make_map(g, &t, 0, nullptr);
    u64 n = r() % 300 + 1;
    for (u64 k = 0; k < n; ++k) *static_cast<u64*>(rt_mapassign_fast64(g, &t, h, k)) = k;
    std::set<u64> seen, deleted;
    MapIter it{};
    u64 fresh = 1000000;
    for (map_iter_init(&t, h, &it); it.key != nullptr; next_entry(&it)) {
      u64 k = *static_cast<u64*>(it.key);
      ASSERT_TRUE(seen.insert(k).second) << "twice: " << k;
      ASSERT_FALSE(deleted.count(k));
      for (u64 i = r() % 12; i > 0 && fresh < 1004000; --i) *static_cast<u64*>(rt_mapassign_fast64(g, &t, h, fresh)) = fresh, ++fresh;
      u64 victim = r() % n;
      if (r() % 4 == 0 && victim != k) {
        rt_mapdelete_fast64(g, &t, h, victim);
        if (!seen.count(victim)) deleted.insert(victim);
      }
    }
    for (u64 k = 0; k < n; ++k) ASSERT_TRUE(seen.count(k) || deleted.count(k)) << k << " of " << n << " seed " << seed;
  }
}

TEST(Map, NaNsAndZeros) {
  G* g = hosted::start();
  MapType t = word_map(&f64_type);
  HMap* h = make_map(g, &t, 0, nullptr);
  double nan = __builtin_nan(""), zero = 0.0, minus = -0.0;
  for (int i = 0; i < 100; ++i) rt_mapassign(g, &t, h, &nan);
  EXPECT_EQ(h->count, 100);
  rt_mapassign(g, &t, h, &zero);
  rt_mapassign(g, &t, h, &minus);
  EXPECT_EQ(h->count, 101);
  EXPECT_FALSE(rt_mapaccess2(g, &t, h, &nan).second);
  int count = 0;
  MapIter it{};
  for (map_iter_init(&t, h, &it); it.key != nullptr; map_iter_next(&it)) {
    if (++count == 50) {
      for (int i = 0; i < 500; ++i) rt_mapassign(g, &t, h, &nan);
    }
  }
  EXPECT_GE(count, 101);
  rt_mapclear(g, &t, h);
  EXPECT_EQ(h->count, 0);
  EXPECT_FALSE(rt_mapaccess2(g, &t, h, &zero).second);
}

TEST(Map, NilAssignIsAPendingPanic) {
  G* g = hosted::start();
  MapType t = word_map(&u64_type);
  rt_mapassign_fast64(g, &t, nullptr, 1);
  EXPECT_EQ(g->pending_code, static_cast<u32>(abi::PendingPanic::kNilMapAssign));
  EXPECT_TRUE(g->edge & kEdgePanic);
  g->pending_code = 0;
  g->edge = 0;
}

}  // namespace
}  // namespace gale::rt
