// grow.cpp: making maps, overflow buckets, growth and evacuation.

#include "runtime/chan/chan.h"
#include "runtime/gc/gc.h"
#include "runtime/heap/heap.h"
#include "runtime/map/map.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"

namespace gale::rt {

namespace {

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

void put(G* g, const MapType* t, HMap* h, Destination& d, u8 top, const u8* key, const u8* elem) {
  if (d.i == abi::kBucketCount) {
    d.b = new_overflow(g, t, h, d.b);
    d.i = 0;
  }
  d.b->top[d.i] = top;
  __builtin_memcpy(key_slot(t, d.b, d.i), key, t->key_slot);
  __builtin_memcpy(elem_slot(t, d.b, d.i), elem, t->elem_stride());
  ++d.i;
}

// Which half a key goes to, and its tophash there.
bool to_upper_half(const MapType* t, const HMap* h, const u8* key, u64 half, u8* top) {
  const Type* bad = nullptr;
  u64 hash = type_hash(t->key, key, h->seed, &bad);
  if ((h->flags & kMapIterator) != 0 && !type_equal(t->key, key, key, &bad)) {
    // NaN: its hash is random. Iterators must be able to tell where it went: the low bit of the old tophash decides.
    bool upper = (*top & 1) != 0;
    *top = top_of(hash);
    return upper;
  }
  *top = top_of(hash);
  return (hash & half) != 0;
}

void evacuate(G* g, const MapType* t, HMap* h, u64 old) {
  Bucket* first = bucket_at(t, h->oldbuckets, old);
  u64 half = old_bucket_count(h);
  if (!evacuated(first)) {
    bool same_size = (h->flags & kMapSameSizeGrow) != 0;
    Destination lower{bucket_at(t, h->buckets, old), 0};
    Destination upper{same_size ? nullptr : bucket_at(t, h->buckets, old + half), 0};
    for (Bucket* b = first; b != nullptr; b = overflow_of(t, b)) {
      for (u64 i = 0; i < abi::kBucketCount; ++i) {
        u8 top = b->top[i];
        if (top <= abi::kTopEmptyOne) {
          b->top[i] = abi::kTopEvacuatedEmpty;
          continue;
        }
        bool up = !same_size && to_upper_half(t, h, key_at(t, b, i), half, &top);
        b->top[i] = up ? abi::kTopEvacuatedY : abi::kTopEvacuatedX;
        put(g, t, h, up ? upper : lower, top, key_slot(t, b, i), elem_slot(t, b, i));
      }
    }
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

bool overloaded(i64 count, u8 B) { return count > 8 && static_cast<u64>(count) > 13 * ((u64{1} << B) / 2); }

bool many_overflows(u16 noverflow, u8 B) { return noverflow >= u16{1} << (B > 15 ? 15 : B); }

HMap* make_map(G* g, const MapType* t, i64 hint, HMap* h) {
  u64 bytes = 0;
  if (hint < 0 || __builtin_mul_overflow(static_cast<u64>(hint), t->bucket_size, &bytes) || bytes > (u64{1} << 47)) hint = 0;
  if (h == nullptr) h = static_cast<HMap*>(new_object(g, &hmap_type));
  h->seed = random_word();
  u8 B = 0;
  while (overloaded(hint, B)) ++B;
  h->B = B;
  if (B != 0) h->buckets = static_cast<Bucket*>(new_array(g, t->bucket, u64{1} << B));
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
  auto* made = static_cast<Bucket*>(new_array(g, t->bucket, u64{1} << (h->B + bigger)));
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
  if (h->growing()) evacuate(g, t, h, h->extra->nevacuate);
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
