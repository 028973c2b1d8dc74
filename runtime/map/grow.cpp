// grow.cpp: making maps, overflow buckets, growth and evacuation.

#include "runtime/chan/chan.h"
#include "runtime/gc/gc.h"
#include "runtime/heap/heap.h"
#include "runtime/map/map.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"

namespace gale::rt {

namespace {

// How many buckets an assignment or deletion moves beside the one it needs. Neighbours move several times faster than buckets all over
// memory, and a growth that is soon over leaves more of the work to them, and fewer operations that must go through the gate.
constexpr u64 kEvacuateInOrder = 16;

u8 hmap_mask[8] = {0x2c};
const Type hmap_type = {sizeof(HMap), 48, 0, 0, 8, 8, abi::kKindStruct, nullptr, hmap_mask, 0, 0};
u8 two_pointers[8] = {0x03};
const Type extra_type = {sizeof(MapExtra), 16, 0, 0, 8, 8, abi::kKindStruct, nullptr, two_pointers, 0, 0};
const Type node_type = {sizeof(KeepNode), 16, 0, 0, 8, 8, abi::kKindStruct, nullptr, two_pointers, 0, 0};
const Type list_type = {sizeof(KeepList), 8, 0, 0, 8, 8, abi::kKindStruct, nullptr, two_pointers, 0, 0};

// Where evacuation puts entries: one of the two halves.
struct Destination {
  Bucket* b;
  u64 i;
};

inline void copy_slot(u8* to, const u8* from, u64 size) {
  if (size == 8) {
    __builtin_memcpy(to, from, 8);
  } else {
    __builtin_memcpy(to, from, size);
  }
}

// How the keys of a map are told apart when its buckets are split: the bit of the hash that says "upper half". The kinds that
// maps mostly have are hashed here, where the key's size is known; any other by its descriptor.
template <class Word>
struct WordKeys {
  static constexpr u64 slot(const MapType*) { return sizeof(Word); }
  static bool upper(const MapType*, const HMap* h, const u8* key, u64 half, u8*) {
    return (hash_word(*reinterpret_cast<const Word*>(key), h->seed) & half) != 0;
  }
};
struct StringKeys {
  static constexpr u64 slot(const MapType*) { return sizeof(GoString); }
  static bool upper(const MapType*, const HMap* h, const u8* key, u64 half, u8*) {
    auto* s = reinterpret_cast<const GoString*>(key);
    return (hash_bytes(s->ptr, s->len, h->seed) & half) != 0;
  }
};
struct AnyKeys {
  static u64 slot(const MapType* t) { return t->key_slot; }
  static bool upper(const MapType* t, const HMap* h, const u8* slot, u64 half, u8* top) {
    const u8* key = t->indirect_key() ? *reinterpret_cast<const u8* const*>(slot) : slot;
    const Type* bad = nullptr;
    u64 hash = type_hash(t->key, key, h->seed, &bad);
    if ((h->flags & kMapIterator) != 0 && !type_equal(t->key, key, key, &bad)) {
      // NaN: its hash is random. Iterators must be able to tell where it went: the low bit of the old tophash decides.
      bool up = (*top & 1) != 0;
      *top = top_of(hash);
      return up;
    }
    *top = top_of(hash);
    return (hash & half) != 0;
  }
};
struct SameHalf {  // growth of the same size
  static u64 slot(const MapType* t) { return t->key_slot; }
  static bool upper(const MapType*, const HMap*, const u8*, u64, u8*) { return false; }
};

template <class Keys>
void move_chain(G* g, const MapType* t, HMap* h, Bucket* first, Destination lower, Destination upper, u64 half) {
  Destination to[2] = {lower, upper};
  const u64 key_size = Keys::slot(t), elem_size = t->elem_stride(), elem_off = t->elem_off;
  for (Bucket* b = first; b != nullptr; b = overflow_of(t, b)) {
    u8* key = reinterpret_cast<u8*>(b) + abi::kBucketKeys;
    u8* elem = reinterpret_cast<u8*>(b) + elem_off;
    for (u64 i = 0; i < abi::kBucketCount; ++i, key += key_size, elem += elem_size) {
      u8 top = b->top[i];
      if (top <= abi::kTopEmptyOne) {
        b->top[i] = abi::kTopEvacuatedEmpty;
        continue;
      }
      bool up = Keys::upper(t, h, key, half, &top);
      b->top[i] = static_cast<u8>(abi::kTopEvacuatedX + up);
      Destination& d = to[up];
      if (__builtin_expect(d.i == abi::kBucketCount, 0)) d = {new_overflow(g, t, h, d.b), 0};
      d.b->top[d.i] = top;
      copy_slot(reinterpret_cast<u8*>(d.b) + abi::kBucketKeys + d.i * key_size, key, key_size);
      copy_slot(reinterpret_cast<u8*>(d.b) + elem_off + d.i * elem_size, elem, elem_size);
      ++d.i;
    }
  }
}

void split_chain(G* g, const MapType* t, HMap* h, Bucket* first, u64 old, u64 half) {
  Destination lower{bucket_at(t, h->buckets, old), 0};
  if ((h->flags & kMapSameSizeGrow) != 0) return move_chain<SameHalf>(g, t, h, first, lower, {nullptr, 0}, half);
  Destination upper{bucket_at(t, h->buckets, old + half), 0};
  if (t->indirect_key()) return move_chain<AnyKeys>(g, t, h, first, lower, upper, half);
  if (t->key->kind == abi::kKindString) return move_chain<StringKeys>(g, t, h, first, lower, upper, half);
  if (t->key->regular_memory() && t->key->size_ == 8) return move_chain<WordKeys<u64>>(g, t, h, first, lower, upper, half);
  if (t->key->regular_memory() && t->key->size_ == 4) return move_chain<WordKeys<u32>>(g, t, h, first, lower, upper, half);
  move_chain<AnyKeys>(g, t, h, first, lower, upper, half);
}

void evacuate(G* g, const MapType* t, HMap* h, u64 old) {
  Bucket* first = bucket_at(t, h->oldbuckets, old);
  u64 half = old_bucket_count(h);
  if (!evacuated(first)) {
    split_chain(g, t, h, first, old, half);
    // Let the collector have what the old bucket refers to; but while it marks, that is how it finds what was moved.
    if ((h->flags & kMapOldIterator) == 0 && t->bucket->has_pointers() && !marking()) {
      __builtin_memset(reinterpret_cast<u8*>(first) + abi::kBucketKeys, 0, t->bucket_size - abi::kBucketKeys);
    }
  }
  MapExtra* x = h->extra;
  if (old != x->nevacuate) return;
  ++x->nevacuate;
  for (u64 stop = x->nevacuate + 1024; x->nevacuate < half && x->nevacuate < stop; ++x->nevacuate) {
    if (!evacuated(bucket_at(t, h->oldbuckets, x->nevacuate))) return;
  }
  if (x->nevacuate == half) {  // done
    shade(word(h->oldbuckets));
    shade(word(x->old_overflow));
    h->oldbuckets = nullptr;
    x->old_overflow = nullptr;
    h->flags &= static_cast<u8>(~kMapSameSizeGrow);
  }
}

}  // namespace

HMap* make_map(G* g, const MapType* t, i64 hint, HMap* h) {
  u64 bytes = 0;
  if (hint < 0 || __builtin_mul_overflow(static_cast<u64>(hint), t->bucket_size, &bytes) || bytes > (u64{1} << 47)) hint = 0;
  if (h == nullptr) h = static_cast<HMap*>(new_object(g, &hmap_type));
  h->seed = random_word();
  u8 B = 0;
  while (overloaded(hint, B)) ++B;
  h->B = B;
  if (B != 0) h->buckets = static_cast<Bucket*>(new_full_array(g, t->bucket, u64{1} << B));
  return h;
}

MapExtra* map_extra(G* g, HMap* h) {
  if (h->extra == nullptr) h->extra = static_cast<MapExtra*>(new_object(g, &extra_type));
  return h->extra;
}

Bucket* new_overflow(G* g, const MapType* t, HMap* h, Bucket* b) {
  auto* made = static_cast<Bucket*>(new_object(g, t->bucket));
  // Exact up to 2^16 buckets, then a sample, so that the count fits.
  if (h->B < 16 || random_word() % (u64{1} << (h->B - 15)) == 0) ++h->noverflow;
  if (!t->bucket->has_pointers()) {
    MapExtra* x = map_extra(g, h);
    if (x->overflow == nullptr) x->overflow = static_cast<KeepList*>(new_object(g, &list_type));
    auto* node = static_cast<KeepNode*>(new_object(g, &node_type));
    *node = {x->overflow->head, made};
    shade(word(x->overflow->head));
    x->overflow->head = node;
  }
  overflow_of(t, b) = made;
  return made;
}

void start_growth(G* g, const MapType* t, HMap* h) {
  MapExtra* x = map_extra(g, h);
  u8 bigger = 1;
  if (!overloaded(h->count + 1, h->B)) {
    bigger = 0;
    h->flags |= kMapSameSizeGrow;
  }
  Bucket* old = h->buckets;
  u8 flags = static_cast<u8>(h->flags & ~(kMapIterator | kMapOldIterator));
  if ((h->flags & kMapIterator) != 0) flags |= kMapOldIterator;
  auto* made = static_cast<Bucket*>(new_full_array(g, t->bucket, u64{1} << (h->B + bigger)));
  shade(word(old));
  shade(word(x->overflow));
  shade(word(x->old_overflow));
  h->B = static_cast<u8>(h->B + bigger);
  h->flags = flags;
  h->oldbuckets = old;
  h->buckets = made;
  h->noverflow = 0;
  x->nevacuate = 0;
  x->old_overflow = x->overflow;
  x->overflow = nullptr;
}

void evacuate_for(G* g, const MapType* t, HMap* h, u64 bucket) {
  evacuate(g, t, h, bucket & (old_bucket_count(h) - 1));
  for (u64 i = 0; i < kEvacuateInOrder && h->growing(); ++i) evacuate(g, t, h, h->extra->nevacuate);
}

// ---- gates

RT_FN HMap* rt_makemap(G* g, const MapType* t, i64 hint, HMap* h) { return make_map(g, t, hint, h); }
RT_FN HMap* rt_reflect_makemap(G* g, const MapType* t, i64 hint) { return make_map(g, t, hint, nullptr); }

RT_FN HMap* rt_makemap_small(G* g) {
  auto* h = static_cast<HMap*>(new_object(g, &hmap_type));
  h->seed = random_word();
  return h;
}

}  // namespace gale::rt
