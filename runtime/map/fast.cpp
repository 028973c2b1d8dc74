// fast.cpp: what generated code does with maps most: lookup, assignment to a key that is there or for which there is room, for keys
// that are strings or plain memory (words: sys/map_amd64.S); removal, and the next step of an iteration. On the goroutine's stack: these do
// not allocate, grow, park or panic. What would is left to the gate (access.cpp): the fast function says {0, not done}.
//
// Keys and elements of these maps are not indirect: lower/map.cpp chooses the ones with a key by value so, flat() looks.

#include "runtime/gc/gc.h"
#include "runtime/map/map.h"
#include "runtime/print/print.h"
#include "runtime/heap/heap.h"
#include "runtime/str/equal.h"

extern "C" gale::rt::u8 rt_zero_val[1024] asm("runtime.zeroVal");

namespace gale::rt {

namespace {

struct Key32 {
  static constexpr u64 size() { return 4; }
  u32 value;
  u64 hash(u64 seed) const { return hash_word(value, seed); }
  bool equals(const u8* k) const { return *reinterpret_cast<const u32*>(k) == value; }
  void store(u8* k) const { *reinterpret_cast<u32*>(k) = value; }
};
struct Key64 {
  static constexpr u64 size() { return 8; }
  u64 value;
  u64 hash(u64 seed) const { return hash_word(value, seed); }
  bool equals(const u8* k) const { return *reinterpret_cast<const u64*>(k) == value; }
  void store(u8* k) const { *reinterpret_cast<u64*>(k) = value; }
};
struct KeyString {
  static constexpr bool kUpdated = true;  // by an equal one: what holds the old text may be larger
  static constexpr u64 size() { return 16; }
  GoString value;
  u64 hash(u64 seed) const { return hash_bytes(value.ptr, value.len, seed); }
  bool equals(const u8* k) const {
    auto* s = reinterpret_cast<const GoString*>(k);
    return s->len == value.len && (s->ptr == value.ptr || equal_bytes(s->ptr, value.ptr, s->len));
  }
  void store(u8* k) const { *reinterpret_cast<GoString*>(k) = value; }
};
struct KeyMemory {
  static constexpr bool kUpdated = false;
  const void* p;
  u64 n;
  u64 size() const { return n; }
  u64 hash(u64 seed) const { return hash_memory(p, n, seed); }
  bool equals(const u8* k) const { return equal_bytes(p, k, n); }
  void store(u8* k) const { __builtin_memcpy(k, p, n); }
};
bool flat(const MapType* t) {
  return t->key->regular_memory() && (t->flags & (abi::kMapFlagIndirectKey | abi::kMapFlagIndirectElem)) == 0;
}

struct Slot {
  Bucket* b = nullptr;
  u64 i = 0;
};

template <class K>
u8* key_of(Slot s, const K& key) {
  return reinterpret_cast<u8*>(s.b) + abi::kBucketKeys + s.i * key.size();
}
u8* elem_of(const MapType* t, Slot s) { return reinterpret_cast<u8*>(s.b) + t->elem_off + s.i * t->elem->size_; }

template <class K>
[[gnu::always_inline]] inline Slot find_in(const MapType* t, Bucket* b, u64 hash, K key) {
  u32 top = top_of(hash);
  do {
    Tops tops(b);
    for (u32 m = tops.equal(top); m != 0; m &= m - 1) {
      Slot s{b, static_cast<u64>(__builtin_ctz(m))};
      if (key.equals(key_of(s, key))) return s;
    }
    // The overflow pointer lies in another cache line than the tophash bytes, which mostly say enough.
    if (tops.equal(abi::kTopEmptyRest) != 0) break;
    b = overflow_of(t, b);
  } while (b != nullptr);
  return {};
}

template <class K>
[[gnu::always_inline]] inline u8* find(const MapType* t, HMap* h, K key) {
  if (h == nullptr || h->count == 0) return nullptr;
  if (__builtin_expect((h->flags & kMapWriting) != 0, 0)) fatal_error("concurrent map read and map write");
  u64 hash = key.hash(h->seed);
  Bucket* b = bucket_at(t, h->buckets, hash & bucket_mask(h->B));
  if (__builtin_expect(h->growing(), 0)) {
    Bucket* old = bucket_at(t, h->oldbuckets, hash & (old_bucket_count(h) - 1));
    if (!evacuated(old)) b = old;
  }
  Slot s = find_in(t, b, hash, key);
  return s.b == nullptr ? nullptr : elem_of(t, s);
}

void* or_zero(void* elem) { return elem != nullptr ? elem : rt_zero_val; }
Pair found(void* elem) { return {word(or_zero(elem)), elem != nullptr}; }

template <class K>
[[gnu::always_inline]] inline Pair assign(const MapType* t, HMap* h, K key) {
  constexpr Pair kLeft = {0, 0};
  if (h == nullptr || h->buckets == nullptr || h->growing() || (h->flags & kMapWriting) != 0) return kLeft;
  u64 hash = key.hash(h->seed);
  Bucket* b = bucket_at(t, h->buckets, hash & bucket_mask(h->B));
  if (Slot s = find_in(t, b, hash, key); s.b != nullptr) {
    if (K::kUpdated) {
      if (marking()) return kLeft;
      key.store(key_of(s, key));
    }
    return {word(elem_of(t, s)), 1};
  }
  // A new entry, in the first free slot of the main bucket. It overwrites zeros: no barrier.
  if (overloaded(h->count + 1, h->B) || many_overflows(h->noverflow, h->B)) return kLeft;
  u32 empty = Tops(b).empty();
  if (empty == 0) return kLeft;
  Slot s{b, static_cast<u64>(__builtin_ctz(empty))};
  key.store(key_of(s, key));
  b->top[s.i] = top_of(hash);
  ++h->count;
  return {word(elem_of(t, s)), 1};
}

template <class K>
[[gnu::always_inline]] inline Pair erase(const MapType* t, HMap* h, K key) {
  if (h == nullptr || h->count == 0) return {0, 1};
  if (h->growing() || (h->flags & kMapWriting) != 0 || marking()) return {0, 0};
  u64 hash = key.hash(h->seed);
  Bucket* chain = bucket_at(t, h->buckets, hash & bucket_mask(h->B));
  u32 top = top_of(hash);
  for (Bucket* b = chain; b != nullptr; b = overflow_of(t, b)) {
    for (u32 m = Tops(b).equal(top); m != 0; m &= m - 1) {
      Slot s{b, static_cast<u64>(__builtin_ctz(m))};
      if (!key.equals(key_of(s, key))) continue;
      remove_entry(t, h, chain, s.b, s.i);
      return {0, 1};
    }
  }
  return {0, 1};
}

}  // namespace

RT_FN void rt_map_read_conflict() { fatal_error("concurrent map read and map write"); }
RT_FN void* rt_mapaccess1_faststr(const MapType* t, HMap* h, const u8* p, u64 n) { return or_zero(find(t, h, KeyString{{p, n}})); }
RT_FN Pair rt_mapaccess2_faststr(const MapType* t, HMap* h, const u8* p, u64 n) { return found(find(t, h, KeyString{{p, n}})); }

RT_FN Pair rt_mapaccess1_fast(const MapType* t, HMap* h, const void* key) {
  if (!flat(t)) return {0, 0};
  return {word(or_zero(find(t, h, KeyMemory{key, t->key->size_}))), 1};
}
RT_FN Pair rt_mapaccess2_fast(const MapType* t, HMap* h, const void* key, G* g) {
  if (!flat(t)) return {0, 0};
  Pair r = found(find(t, h, KeyMemory{key, t->key->size_}));
  g->ret[1] = r.second;
  return {r.first, 1};
}
RT_FN Pair rt_mapassign_fast(const MapType* t, HMap* h, const void* key) {
  if (!flat(t)) return {0, 0};
  return assign(t, h, KeyMemory{key, t->key->size_});
}
RT_FN Pair rt_mapdelete_fast(const MapType* t, HMap* h, const void* key) {
  if (!flat(t)) return {0, 0};
  return erase(t, h, KeyMemory{key, t->key->size_});
}
RT_FN Pair rt_mapdelete_fast32_fast(const MapType* t, HMap* h, u32 k) { return erase(t, h, Key32{k}); }
RT_FN Pair rt_mapdelete_fast64_fast(const MapType* t, HMap* h, u64 k) { return erase(t, h, Key64{k}); }
RT_FN Pair rt_mapdelete_faststr_fast(const MapType* t, HMap* h, const u8* p, u64 n) { return erase(t, h, KeyString{{p, n}}); }

// The array that the iterator walks is the map's, whole: what its buckets hold is what there is, and nothing has to be looked up again.
RT_FN Pair rt_mapiternext_fast(MapIter* it) {
  HMap* h = it->map;
  if (h == nullptr) return {0, 1};
  if (h->growing() || h->buckets != it->buckets || (h->flags & kMapWriting) != 0 || it->clear_seq != clear_seq(h) ||
      it->check_bucket != kNoCheck || marking()) {
    return {0, 0};
  }
  const MapType* t = it->type;
  Bucket* b = it->bucket_ptr;
  u32 seen = it->i;
  for (;;) {
    if (b == nullptr) {
      if (it->wrapped && it->bucket == it->start_bucket) {
        it->key = it->elem = nullptr;
        break;
      }
      b = bucket_at(t, it->buckets, it->bucket++);
      if (it->bucket == u64{1} << it->B) {
        it->bucket = 0;
        it->wrapped = true;
      }
    }
    u32 taken = Tops(b).taken() * 0x101 >> it->offset & 0xff;  // bit i: the slot that comes as number i
    taken &= ~u32{0} << seen;
    if (taken != 0) {
      u32 n = static_cast<u32>(__builtin_ctz(taken));
      it->i = static_cast<u8>(n + 1);
      u64 slot = (n + it->offset) % abi::kBucketCount;
      it->key = key_at(t, b, slot);
      it->elem = elem_at(t, b, slot);
      break;
    }
    b = overflow_of(t, b);
    seen = 0;
  }
  it->bucket_ptr = b;
  return {0, 1};
}

RT_FN Pair rt_mapassign_faststr_fast(const MapType* t, HMap* h, const u8* p, u64 n) { return assign(t, h, KeyString{{p, n}}); }

}  // namespace gale::rt
