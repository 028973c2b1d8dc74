// mem_profile.cpp: see mem_profile.h.

#include "runtime/prof/mem_profile.h"

#include "runtime/sched/lock.h"
#include "runtime/sched/sched.h"
#include "runtime/sys/gate.h"
#include "runtime/sys/memory.h"

extern "C" {
// The Go variable. Programs set it at any time.
[[gnu::weak]] extern const gale::rt::i64 go_mem_profile_rate asm("runtime.MemProfileRate");
gale::rt::i64 rt_callers(gale::rt::G* g, gale::rt::i64 skip, gale::rt::uptr* pcs, gale::rt::i64 n);
}

namespace gale::rt {

// Allocations of one size at one call stack. Never freed; the overlay's memBucket.
struct MemBucket {
  MemBucket* next;               // of all
  u64 size;                      // of an object
  i64 allocs, frees;             // as of the end of the last cycle
  u64 depth;
  const uptr* stack;             // return pcs, one for each logical frame, innermost first
  MemBucket* next_in_row;
  u64 hash;
  i64 allocs_now, frees_now;
};

namespace {

constexpr u64 kRows = 4096;
constexpr i64 kMaxDepth = 128;

Lock lock;
MemBucket** rows;      // by hash; allocated with the first sample
MemBucket* all;
bool published;        // some cycle has ended since the first sample

i64 rate() { return &go_mem_profile_rate == nullptr ? 0 : __atomic_load_n(&go_mem_profile_rate, __ATOMIC_RELAXED); }

// -ln(x / 2^52) for 0 < x <= 2^52.
double minus_log(u64 x) {
  int exponent = 63 - __builtin_clzll(x);
  double m = static_cast<double>(x) / static_cast<double>(u64{1} << exponent);  // in [1, 2)
  double s = (m - 1) / (m + 1), s2 = s * s;
  double log_m = 2 * s * (1 + s2 * (1.0 / 3 + s2 * (1.0 / 5 + s2 * (1.0 / 7 + s2 / 9))));
  return (52 - exponent) * 0.6931471805599453 - log_m;
}

MemBucket* bucket(const uptr* pcs, i64 depth, u64 size) {
  u64 hash = size;
  for (i64 i = 0; i < depth; ++i) hash = (hash ^ pcs[i]) * 0x9E3779B97F4A7C15 + (hash >> 29);
  if (rows == nullptr) rows = static_cast<MemBucket**>(persistent_alloc(kRows * sizeof(MemBucket*)));
  MemBucket** row = &rows[hash >> 52];
  static_assert(kRows == 4096, "twelve bits of the hash");
  u64 bytes = static_cast<u64>(depth) * sizeof(uptr);
  for (MemBucket* b = *row; b != nullptr; b = b->next_in_row) {
    if (b->hash == hash && b->size == size && b->depth == static_cast<u64>(depth) && __builtin_memcmp(b->stack, pcs, bytes) == 0) return b;
  }
  auto* stack = static_cast<uptr*>(persistent_alloc(bytes + sizeof(uptr)));
  __builtin_memcpy(stack, pcs, bytes);
  auto* b = static_cast<MemBucket*>(persistent_alloc(sizeof(MemBucket)));
  *b = {.next = all, .size = size, .allocs = 0, .frees = 0, .depth = static_cast<u64>(depth), .stack = stack,
        .next_in_row = *row, .hash = hash, .allocs_now = 0, .frees_now = 0};
  *row = b;
  __atomic_store_n(&all, b, __ATOMIC_RELEASE);  // it may be read meanwhile
  return b;
}

void publish() {
  for (MemBucket* b = all; b != nullptr; b = b->next) {
    b->allocs = b->allocs_now;
    b->frees = b->frees_now;
  }
}

}  // namespace

bool profile_rate_changed(P* p) {
  i64 now = rate();
  if (p->profile_rate == now) return false;
  p->profile_rate = now;
  return true;
}

u64 bytes_before_sample() {
  i64 mean = rate();
  if (mean <= 0) return ~u64{0};
  if (mean == 1) return 0;
  double distance = minus_log((random_word() >> 12) + 1) * static_cast<double>(mean);
  return distance < 1e15 ? static_cast<u64>(distance) : ~u64{0};
}

void sample_allocation(G* g, uptr object, u64 size) {
  if (g == g->m->g0) return;  // no goroutine asked for it
  uptr pcs[kMaxDepth];
  i64 depth = rt_callers(g, 0, pcs, kMaxDepth);
  MemBucket* b;
  {
    Guard guard(lock, Rank::kProfile);
    b = bucket(pcs, depth, size);
    ++b->allocs_now;
  }
  note_sampled_object(object, b);
}

void sampled_object_freed(MemBucket* b) { ++b->frees_now; }

void publish_mem_profile() {
  published = all != nullptr;
  publish();
}

// All buckets. As long as no cycle has ended, what has been allocated counts as if one ended now.
RT_FN MemBucket* rt_mem_profile(G*) {
  Guard guard(lock, Rank::kProfile);
  if (!published) publish();
  return all;
}

}  // namespace gale::rt
