// iterate.cpp: range over a map, with a random start.
//
// An iterator walks the bucket array that was current when it began. If the map grows meanwhile: a bucket of that array that is not
// evacuated yet is read in place, for one half of its keys at a time (check_bucket says which half, when the iterator began after
// the growth had begun); an entry that has moved is looked up again by its key, since it may have been changed or deleted.

#include "runtime/gc/gc.h"
#include "runtime/map/map.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"

namespace gale::rt {

namespace {

// Chooses the chain for it->bucket. Advances it->bucket; sets it->check_bucket.
void next_chain(MapIter* it) {
  const MapType* t = it->type;
  HMap* h = it->map;
  u64 bucket = it->bucket;
  it->check_bucket = kNoCheck;
  if (h->growing() && it->B == h->B) {  // began during this growth: old buckets feed two new ones
    Bucket* old = bucket_at(t, h->oldbuckets, bucket & (old_bucket_count(h) - 1));
    if (!evacuated(old)) {
      it->check_bucket = bucket;
      it->bucket_ptr = old;
    } else {
      it->bucket_ptr = bucket_at(t, it->buckets, bucket);
    }
  } else {
    it->bucket_ptr = bucket_at(t, it->buckets, bucket);
  }
  if (++bucket == u64{1} << it->B) {
    bucket = 0;
    it->wrapped = true;
  }
  it->bucket = bucket;
  it->i = 0;
}

// Would this key of an old bucket go to the half that is not being visited?
bool other_half(const MapIter* it, const u8* key, u8 top) {
  const MapType* t = it->type;
  const HMap* h = it->map;
  const Type* bad = nullptr;
  if (type_equal(t->key, key, key, &bad)) {
    return (type_hash(t->key, key, h->seed, &bad) & bucket_mask(it->B)) != it->check_bucket;
  }
  return it->check_bucket >> (it->B - 1) != (top & 1u);
}

// Shows slot i of b if it holds a live entry for this iterator.
bool show(MapIter* it, Bucket* b, u64 i) {
  const MapType* t = it->type;
  HMap* h = it->map;
  u8 top = b->top[i];
  if (top <= abi::kTopEmptyOne || top == abi::kTopEvacuatedEmpty) return false;
  u8* key = key_at(t, b, i);
  if (it->check_bucket != kNoCheck && (h->flags & kMapSameSizeGrow) == 0 && other_half(it, key, top)) return false;
  const Type* bad = nullptr;
  bool moved = top == abi::kTopEvacuatedX || top == abi::kTopEvacuatedY;
  if (!moved || !type_equal(t->key, key, key, &bad)) {  // a NaN cannot be deleted or changed: its old copy is right
    it->key = key;
    it->elem = elem_at(t, b, i);
    return true;
  }
  void* stored = nullptr;
  void* elem = map_find(t, h, key, &stored, &bad);
  if (elem == nullptr) return false;  // deleted since
  it->key = stored;
  it->elem = elem;
  return true;
}

}  // namespace

void map_iter_init(const MapType* t, HMap* h, MapIter* it) {
  it->type = t;
  if (h == nullptr || h->count == 0) return;
  it->map = h;
  it->B = h->B;
  it->buckets = h->buckets;
  if (!t->bucket->has_pointers() && h->extra != nullptr) {
    it->overflow = h->extra->overflow;
    it->oldoverflow = h->extra->old_overflow;
  }
  u64 r = random_word();
  it->start_bucket = r & bucket_mask(h->B);
  it->offset = static_cast<u8>(r >> 61);
  it->bucket = it->start_bucket;
  it->clear_seq = clear_seq(h);
  h->flags |= kMapIterator | kMapOldIterator;
  map_iter_next(it);
}

void map_iter_next(MapIter* it) {
  HMap* h = it->map;
  if (h == nullptr) return;
  if ((h->flags & kMapWriting) != 0) fatal_error("concurrent map iteration and map write");
  // The iterator may be on the heap (reflect.MapIter), and the only way to an entry that is no longer the map's.
  shade(word(it->key));
  shade(word(it->elem));
  shade(word(it->bucket_ptr));
  it->key = it->elem = nullptr;
  if (it->clear_seq != clear_seq(h)) return;  // cleared: what came later may be left out
  for (;;) {
    if (it->bucket_ptr == nullptr) {
      if (it->wrapped && it->bucket == it->start_bucket) return;
      next_chain(it);
    }
    Bucket* b = it->bucket_ptr;
    while (it->i < abi::kBucketCount) {
      u64 i = (it->i++ + it->offset) & (abi::kBucketCount - 1);
      if (show(it, b, i)) return;
    }
    it->bucket_ptr = overflow_of(it->type, b);
    it->i = 0;
  }
}

// ---- gates

RT_FN void rt_mapiterinit(G*, const MapType* t, HMap* h, MapIter* it) { map_iter_init(t, h, it); }
RT_FN void rt_mapiternext(G*, MapIter* it) { map_iter_next(it); }

}  // namespace gale::rt
