// map.h: hash maps: 2^B buckets of eight slots, overflow chains, doubling with incremental evacuation (ABI.md section 9).
//
//   bucket: tophash[8], keys[8], elems[8], overflow. A tophash byte says: empty and nothing after it (0), empty (1), moved (2-4), or
//   the top byte of the hash (>= 5). Low hash bits choose the bucket.
//
// While a map grows, oldbuckets holds the old array; each assignment or deletion evacuates the bucket it needs and one more.
// Old bucket i goes to i and i + oldsize (or only to i, when the growth is of the same size, to get rid of overflow chains).
// Iterators see either array: see iterate.cpp.

#ifndef GALE_RUNTIME_MAP_MAP_H_
#define GALE_RUNTIME_MAP_MAP_H_

#include <emmintrin.h>

#include "runtime/iface/type.h"
#include "runtime/sched/g.h"

namespace gale::rt {

struct Bucket {
  u8 top[8];
  // keys, elems, overflow follow
};

// Keeps overflow buckets of a pointer-free bucket type alive: their chain words are invisible to the collector.
struct KeepNode {
  KeepNode* next;
  Bucket* bucket;
};
struct KeepList {
  KeepNode* head;
};

struct MapExtra {
  KeepList* overflow;
  KeepList* old_overflow;
  u64 nevacuate;  // old buckets below it are evacuated
  u32 clear_seq;
  u32 pad;
};

struct HMap {
  i64 count;
  u8 flags;
  u8 B;
  u16 noverflow;
  u32 pad;
  Bucket* buckets;
  Bucket* oldbuckets;
  u64 seed;
  MapExtra* extra;

  bool growing() const { return oldbuckets != nullptr; }
};

inline constexpr u8 kMapIterator = abi::kMapIterator, kMapOldIterator = abi::kMapOldIterator, kMapWriting = abi::kMapWriting,
                    kMapSameSizeGrow = abi::kMapSameSizeGrow;

struct MapIter {
  void* key;
  void* elem;
  const MapType* type;
  HMap* map;
  Bucket* buckets;
  Bucket* bucket_ptr;
  KeepList* overflow;
  KeepList* oldoverflow;
  u64 start_bucket;
  u8 offset;
  bool wrapped;
  u8 B;
  u8 i;
  u32 clear_seq;
  u64 bucket;
  u64 check_bucket;  // of an old bucket only what goes here is shown
};
inline constexpr u64 kNoCheck = ~u64{0};
inline u32 clear_seq(const HMap* h) { return h->extra == nullptr ? 0 : h->extra->clear_seq; }

inline u64 bucket_mask(u8 B) { return (u64{1} << B) - 1; }
inline u8 top_of(u64 hash) {
  u8 top = static_cast<u8>(hash >> 56);
  return top < abi::kTopMin ? static_cast<u8>(top + abi::kTopMin) : top;
}
// The tophash bytes of a bucket; bit i of an answer: slot i.
class Tops {
 public:
  explicit Tops(const Bucket* b) : bytes_(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(b->top))) {}
  u32 equal(u32 top) const {  // by a multiplication: g++ sends a byte through memory, where a wider load must wait for it
    return bits(_mm_cmpeq_epi8(bytes_, _mm_shuffle_epi32(_mm_cvtsi32_si128(static_cast<i32>(top * 0x01010101)), 0)));
  }
  u32 taken() const { return bits(_mm_cmpeq_epi8(_mm_max_epu8(bytes_, _mm_set1_epi8(abi::kTopMin)), bytes_)); }
  u32 empty() const { return bits(_mm_cmpeq_epi8(_mm_min_epu8(bytes_, _mm_set1_epi8(abi::kTopEmptyOne)), bytes_)); }

 private:
  static u32 bits(__m128i equal) { return static_cast<u32>(_mm_movemask_epi8(equal)) & 0xff; }
  __m128i bytes_;
};

inline Bucket* bucket_at(const MapType* t, Bucket* base, u64 i) {
  return reinterpret_cast<Bucket*>(reinterpret_cast<u8*>(base) + i * t->bucket_size);
}
inline Bucket*& overflow_of(const MapType* t, Bucket* b) {
  return *reinterpret_cast<Bucket**>(reinterpret_cast<u8*>(b) + t->bucket_size - 8);
}
inline u8* key_slot(const MapType* t, Bucket* b, u64 i) { return reinterpret_cast<u8*>(b) + abi::kBucketKeys + i * t->key_slot; }
inline u8* elem_slot(const MapType* t, Bucket* b, u64 i) { return reinterpret_cast<u8*>(b) + t->elem_off + i * t->elem_stride(); }
inline u8* key_at(const MapType* t, Bucket* b, u64 i) {
  u8* p = key_slot(t, b, i);
  return t->indirect_key() ? *reinterpret_cast<u8**>(p) : p;
}
inline u8* elem_at(const MapType* t, Bucket* b, u64 i) {
  u8* p = elem_slot(t, b, i);
  return t->indirect_elem() ? *reinterpret_cast<u8**>(p) : p;
}
inline bool evacuated(const Bucket* b) { return b->top[0] >= abi::kTopEvacuatedX && b->top[0] <= abi::kTopEvacuatedEmpty; }
inline u64 old_bucket_count(const HMap* h) {
  return u64{1} << ((h->flags & kMapSameSizeGrow) != 0 ? h->B : h->B - 1);
}
inline bool overloaded(i64 count, u8 B) { return count > 8 && static_cast<u64>(count) > (u64{13} << B) / 2; }
inline bool many_overflows(u16 noverflow, u8 B) { return noverflow >> (B > 15 ? 15 : B) != 0; }

HMap* make_map(G* g, const MapType* t, i64 hint, HMap* into);
MapExtra* map_extra(G* g, HMap* h);
Bucket* new_overflow(G* g, const MapType* t, HMap* h, Bucket* b);
void start_growth(G* g, const MapType* t, HMap* h);
void evacuate_for(G* g, const MapType* t, HMap* h, u64 bucket);

void remove_entry(const MapType* t, HMap* h, Bucket* chain, Bucket* b, u64 i);  // slot i of b, which is in the chain

// Generic access by key address. On an unhashable key *bad is set.
void* map_find(const MapType* t, HMap* h, const void* key, void** stored_key, const Type** bad);
void* map_assign(G* g, const MapType* t, HMap* h, const void* key, const Type** bad);

void map_iter_init(const MapType* t, HMap* h, MapIter* it);
void map_iter_next(MapIter* it);

}  // namespace gale::rt

#endif  // GALE_RUNTIME_MAP_MAP_H_
