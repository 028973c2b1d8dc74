// access.cpp: lookup, assignment, deletion, clear. One template over the kind of key: 32-bit and 64-bit words, strings, and any
// key by its address (hashed and compared by walking its descriptor).

#include "runtime/chan/chan.h"
#include "runtime/gc/gc.h"
#include "runtime/heap/heap.h"
#include "runtime/map/map.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"

namespace gale::rt {

namespace {

struct Key32 {
  u32 value;
  u64 hash(const MapType*, u64 seed) const { return hash_word(value, seed); }
  bool equals(const MapType*, const u8* k) const { return *reinterpret_cast<const u32*>(k) == value; }
  void store(const MapType*, u8* k) const { *reinterpret_cast<u32*>(k) = value; }
};
struct Key64 {
  u64 value;
  u64 hash(const MapType*, u64 seed) const { return hash_word(value, seed); }
  bool equals(const MapType*, const u8* k) const { return *reinterpret_cast<const u64*>(k) == value; }
  void store(const MapType*, u8* k) const { *reinterpret_cast<u64*>(k) = value; }
};
struct KeyString {
  GoString value;
  u64 hash(const MapType*, u64 seed) const { return hash_bytes(value.ptr, value.len, seed); }
  bool equals(const MapType*, const u8* k) const {
    auto* s = reinterpret_cast<const GoString*>(k);
    return s->len == value.len && (s->ptr == value.ptr || __builtin_memcmp(s->ptr, value.ptr, s->len) == 0);
  }
  void store(const MapType*, u8* k) const { *reinterpret_cast<GoString*>(k) = value; }
};
struct KeyAny {
  const void* p;
  const Type** bad;
  u64 hash(const MapType* t, u64 seed) const { return type_hash(t->key, p, seed, bad); }
  bool equals(const MapType* t, const u8* k) const { return type_equal(t->key, p, k, bad); }
  void store(const MapType* t, u8* k) const { copy_value(t->key, k, p); }
};

void check_not_writing(const HMap* h, const char* what) {
  if (__builtin_expect((h->flags & kMapWriting) != 0, 0)) fatal_error(what);
}

struct Place {
  Bucket* b = nullptr;
  u64 i = 0;
};

template <class K>
Place find_in(const MapType* t, Bucket* b, u64 hash, const K& key) {
  u8 top = top_of(hash);
  for (; b != nullptr; b = overflow_of(t, b)) {
    for (u32 m = Tops(b).equal(top); m != 0; m &= m - 1) {
      u64 i = static_cast<u64>(__builtin_ctz(m));
      if (key.equals(t, key_at(t, b, i))) return {b, i};
    }
  }
  return {};
}

// The chain that holds keys of this hash now.
Bucket* chain_of(const MapType* t, HMap* h, u64 hash) {
  if (h->growing()) {
    Bucket* old = bucket_at(t, h->oldbuckets, hash & (old_bucket_count(h) - 1));
    if (!evacuated(old)) return old;
  }
  return bucket_at(t, h->buckets, hash & bucket_mask(h->B));
}

template <class K>
Place find(const MapType* t, HMap* h, const K& key) {
  if (h == nullptr || h->count == 0) return {};
  check_not_writing(h, "concurrent map read and map write");
  u64 hash = key.hash(t, h->seed);
  return find_in(t, chain_of(t, h, hash), hash, key);
}

template <class K>
void* access(const MapType* t, HMap* h, const K& key) {
  Place p = find(t, h, key);
  return p.b == nullptr ? nullptr : elem_at(t, p.b, p.i);
}

// The first free slot of the chain; b == nullptr if it is full (then `last` is its end).
Place free_slot(const MapType* t, Bucket* b, Bucket** last) {
  for (;; b = overflow_of(t, b)) {
    for (u64 i = 0; i < abi::kBucketCount; ++i) {
      if (b->top[i] <= abi::kTopEmptyOne) return {b, i};
    }
    *last = b;
    if (overflow_of(t, b) == nullptr) return {};
  }
}

template <class K>
void* assign(G* g, const MapType* t, HMap* h, const K& key, const Type* const* bad) {
  if (h == nullptr) {
    pend_panic(g, abi::PendingPanic::kNilMapAssign);
    return nullptr;
  }
  check_not_writing(h, "concurrent map writes");
  u64 hash = key.hash(t, h->seed);
  if (bad != nullptr && *bad != nullptr) return nullptr;
  h->flags |= kMapWriting;
  if (h->buckets == nullptr) h->buckets = static_cast<Bucket*>(new_array(g, t->bucket, 1));
  Place p;
  for (;;) {
    u64 index = hash & bucket_mask(h->B);
    if (h->growing()) evacuate_for(g, t, h, index);
    Bucket* chain = bucket_at(t, h->buckets, index);
    p = find_in(t, chain, hash, key);
    if (p.b != nullptr) {
      if ((t->flags & abi::kMapFlagNeedKeyUpdate) != 0) {
        shade_value(t->key, key_at(t, p.b, p.i));
        key.store(t, key_at(t, p.b, p.i));
      }
      break;
    }
    if (!h->growing() && (overloaded(h->count + 1, h->B) || many_overflows(h->noverflow, h->B))) {
      start_growth(g, t, h);
      continue;
    }
    Bucket* last = nullptr;
    p = free_slot(t, chain, &last);
    if (p.b == nullptr) p = {new_overflow(g, t, h, last), 0};
    if (t->indirect_key()) *reinterpret_cast<void**>(key_slot(t, p.b, p.i)) = new_object(g, t->key);
    if (t->indirect_elem()) *reinterpret_cast<void**>(elem_slot(t, p.b, p.i)) = new_object(g, t->elem);
    key.store(t, key_at(t, p.b, p.i));
    p.b->top[p.i] = top_of(hash);
    ++h->count;
    break;
  }
  h->flags &= static_cast<u8>(~kMapWriting);
  return elem_at(t, p.b, p.i);
}

bool rest_empty(const MapType* t, Bucket* b, u64 i) {  // after slot i of b
  if (i + 1 < abi::kBucketCount) return b->top[i + 1] == abi::kTopEmptyRest;
  Bucket* next = overflow_of(t, b);
  return next == nullptr || next->top[0] == abi::kTopEmptyRest;
}

// A slot was emptied: if nothing follows it, "empty rest" spreads back over the empty slots before it.
void spread_empty_rest(const MapType* t, Bucket* chain, Bucket* b, u64 i) {
  if (!rest_empty(t, b, i)) return;
  for (;;) {
    b->top[i] = abi::kTopEmptyRest;
    if (i == 0) {
      if (b == chain) return;
      Bucket* prev = chain;
      while (overflow_of(t, prev) != b) prev = overflow_of(t, prev);
      b = prev;
      i = abi::kBucketCount - 1;
    } else {
      --i;
    }
    if (b->top[i] != abi::kTopEmptyOne) return;
  }
}

// Before an entry is wiped out.
void shade_slots(const MapType* t, Bucket* b, u64 i) {
  if (!marking()) return;
  if (t->indirect_key()) {
    shade(word(key_at(t, b, i)));
  } else {
    shade_value(t->key, key_slot(t, b, i));
  }
  if (t->indirect_elem()) {
    shade(word(elem_at(t, b, i)));
  } else {
    shade_value(t->elem, elem_slot(t, b, i));
  }
}

}  // namespace

void remove_entry(const MapType* t, HMap* h, Bucket* chain, Bucket* b, u64 i) {
  shade_slots(t, b, i);
  __builtin_memset(key_slot(t, b, i), 0, t->key_slot);
  __builtin_memset(elem_slot(t, b, i), 0, t->elem_stride());
  b->top[i] = abi::kTopEmptyOne;
  spread_empty_rest(t, chain, b, i);
  if (--h->count == 0) h->seed = random_word();  // so that a flood of colliding keys cannot be repeated
}

namespace {

template <class K>
void erase(G* g, const MapType* t, HMap* h, const K& key, const Type* const* bad) {
  if (h == nullptr || h->count == 0) {
    if (bad != nullptr && (t->flags & abi::kMapFlagHashMightPanic) != 0) key.hash(t, 0);
    return;
  }
  check_not_writing(h, "concurrent map writes");
  u64 hash = key.hash(t, h->seed);
  if (bad != nullptr && *bad != nullptr) return;
  h->flags |= kMapWriting;
  u64 index = hash & bucket_mask(h->B);
  if (h->growing()) evacuate_for(g, t, h, index);
  Bucket* chain = bucket_at(t, h->buckets, index);
  Place p = find_in(t, chain, hash, key);
  if (p.b != nullptr) remove_entry(t, h, chain, p.b, p.i);
  h->flags &= static_cast<u8>(~kMapWriting);
}

void clear(G* g, const MapType* t, HMap* h) {
  if (h == nullptr) return;
  check_not_writing(h, "concurrent map writes");
  if (h->count == 0 && !h->growing()) return;
  h->flags &= static_cast<u8>(~(kMapSameSizeGrow | kMapIterator | kMapOldIterator));
  ++map_extra(g, h)->clear_seq;  // ends iterations in progress
  if (h->buckets != nullptr) {
    shade_elements(t->bucket, h->buckets, t->bucket_size << h->B);
    __builtin_memset(h->buckets, 0, t->bucket_size << h->B);
  }
  shade(word(h->oldbuckets));
  shade(word(h->extra->overflow));
  shade(word(h->extra->old_overflow));
  h->oldbuckets = nullptr;
  h->extra->overflow = h->extra->old_overflow = nullptr;
  h->extra->nevacuate = 0;
  h->noverflow = 0;
  h->count = 0;
  h->seed = random_word();
}

void pend_if_bad(G* g, const Type* bad) {
  if (bad != nullptr) pend_panic(g, abi::PendingPanic::kUnhashableType, bad);
}

void* or_zero(void* elem) { return elem != nullptr ? elem : zero_value(); }
Pair found(void* elem) { return {word(or_zero(elem)), elem != nullptr}; }

void* access_any(G* g, const MapType* t, HMap* h, const void* key) {
  const Type* bad = nullptr;
  KeyAny k{key, &bad};
  if ((h == nullptr || h->count == 0) && (t->flags & abi::kMapFlagHashMightPanic) != 0) k.hash(t, 0);
  void* elem = bad != nullptr ? nullptr : access(t, h, k);
  pend_if_bad(g, bad);
  return elem;
}

}  // namespace

void* map_find(const MapType* t, HMap* h, const void* key, void** stored_key, const Type** bad) {
  Place p = find(t, h, KeyAny{key, bad});
  if (p.b == nullptr) return nullptr;
  if (stored_key != nullptr) *stored_key = key_at(t, p.b, p.i);
  return elem_at(t, p.b, p.i);
}

void* map_assign(G* g, const MapType* t, HMap* h, const void* key, const Type** bad) { return assign(g, t, h, KeyAny{key, bad}, bad); }

// ---- gates

RT_FN void* rt_mapaccess1(G* g, const MapType* t, HMap* h, const void* key) { return or_zero(access_any(g, t, h, key)); }
RT_FN Pair rt_mapaccess2(G* g, const MapType* t, HMap* h, const void* key) { return found(access_any(g, t, h, key)); }
RT_FN void* rt_mapaccess1_fat(G* g, const MapType* t, HMap* h, const void* key, void* zero) {
  void* e = access_any(g, t, h, key);
  return e != nullptr ? e : zero;
}
RT_FN Pair rt_mapaccess2_fat(G* g, const MapType* t, HMap* h, const void* key, void* zero) {
  void* e = access_any(g, t, h, key);
  return {word(e != nullptr ? e : zero), e != nullptr};
}
RT_FN void* rt_reflect_mapaccess(G* g, const MapType* t, HMap* h, const void* key) { return access_any(g, t, h, key); }

RT_FN void* rt_reflect_mapaccess_faststr(G*, const MapType* t, HMap* h, const u8* p, u64 n) { return access(t, h, KeyString{{p, n}}); }

RT_FN void* rt_mapassign(G* g, const MapType* t, HMap* h, const void* key) {
  const Type* bad = nullptr;
  void* e = assign(g, t, h, KeyAny{key, &bad}, &bad);
  pend_if_bad(g, bad);
  return e;
}
RT_FN void* rt_mapassign_fast32(G* g, const MapType* t, HMap* h, u32 k) { return assign(g, t, h, Key32{k}, nullptr); }
RT_FN void* rt_mapassign_fast64(G* g, const MapType* t, HMap* h, u64 k) { return assign(g, t, h, Key64{k}, nullptr); }
RT_FN void* rt_mapassign_fast64ptr(G* g, const MapType* t, HMap* h, u64 k) { return assign(g, t, h, Key64{k}, nullptr); }
RT_FN void* rt_mapassign_faststr(G* g, const MapType* t, HMap* h, const u8* p, u64 n) {
  return assign(g, t, h, KeyString{{p, n}}, nullptr);
}

RT_FN void rt_reflect_mapassign(G* g, const MapType* t, HMap* h, const void* key, const void* elem) {
  void* e = rt_mapassign(g, t, h, key);
  if (e != nullptr) copy_value(t->elem, e, elem);
}
RT_FN void rt_reflect_mapassign_faststr(G* g, const MapType* t, HMap* h, const u8* p, u64 n, const void* elem) {
  void* e = rt_mapassign_faststr(g, t, h, p, n);
  if (e != nullptr) copy_value(t->elem, e, elem);
}

RT_FN void rt_mapdelete(G* g, const MapType* t, HMap* h, const void* key) {
  const Type* bad = nullptr;
  erase(g, t, h, KeyAny{key, &bad}, &bad);
  pend_if_bad(g, bad);
}
RT_FN void rt_mapdelete_fast32(G* g, const MapType* t, HMap* h, u32 k) { erase(g, t, h, Key32{k}, nullptr); }
RT_FN void rt_mapdelete_fast64(G* g, const MapType* t, HMap* h, u64 k) { erase(g, t, h, Key64{k}, nullptr); }
RT_FN void rt_mapdelete_faststr(G* g, const MapType* t, HMap* h, const u8* p, u64 n) {
  erase(g, t, h, KeyString{{p, n}}, nullptr);
}

RT_FN void rt_mapclear(G* g, const MapType* t, HMap* h) { clear(g, t, h); }
RT_FN i64 rt_maplen(G*, const HMap* h) { return h == nullptr ? 0 : h->count; }

RT_FN Pair rt_mapclone(G* g, const MapType* t, HMap* h) {
  if (h == nullptr) return {word(t), 0};
  HMap* made = make_map(g, t, h->count, nullptr);
  MapIter it{};
  const Type* bad = nullptr;
  for (map_iter_init(t, h, &it); it.key != nullptr; map_iter_next(&it)) {
    copy_value(t->elem, map_assign(g, t, made, it.key, &bad), it.elem);
  }
  return {word(t), word(made)};
}

}  // namespace gale::rt
