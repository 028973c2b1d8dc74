// walk.cpp: hash and equality of any value by its descriptor (rules in base/abi/hash.def). An explicit work list, so that a
// value's nesting costs no stack; elements of large arrays are visited through one entry that counts down.

#include "runtime/iface/type.h"
#include "runtime/sched/sched.h"
#include "runtime/str/equal.h"
#include "runtime/sys/gate.h"

namespace gale::rt {

namespace {

double as_f64(const void* p) {
  double v;
  __builtin_memcpy(&v, p, 8);
  return v;
}
double as_f32(const void* p) {
  float v;
  __builtin_memcpy(&v, p, 4);
  return v;
}

u64 hash_double(double v, u64 bits, u64 seed) {
  if (v == 0) return hash_word(0, seed);
  if (v != v) return hash_word(random_word(), seed);
  return hash_word(bits, seed);
}

u64 load(const void* p, u64 n) {
  u64 w = 0;
  __builtin_memcpy(&w, p, n);
  return w;
}

bool blank(const StructField& f) {
  GoString n = name_text(f.name);
  return n.len == 1 && n.ptr[0] == '_';
}

// Work lists of the walkers live in a small array and spill to off-heap memory.
template <class T>
class WorkList {
 public:
  ~WorkList() {
    if (cap_ > 16) sys_free(data_, cap_ * sizeof(T));
  }
  bool empty() const { return size_ == 0; }
  T& top() { return data_[size_ - 1]; }
  void pop() { --size_; }
  void push(const T& v) {
    if (size_ == cap_) grow();
    data_[size_++] = v;
  }

 private:
  void grow() {
    u64 cap = cap_ * 8;
    T* data = static_cast<T*>(sys_alloc(cap * sizeof(T)));
    __builtin_memcpy(static_cast<void*>(data), data_, size_ * sizeof(T));
    if (cap_ > 16) sys_free(data_, cap_ * sizeof(T));
    data_ = data;
    cap_ = cap;
  }
  T first_[16];
  T* data_ = first_;
  u64 size_ = 0, cap_ = 16;
};

// A run of fields that are hashed or compared as memory: [i, j) of the struct, bytes [begin, end).
struct Run {
  u64 next, begin, end;
};
Run memory_run(const StructType* s, u64 i) {
  Run r{i, s->fields[i].offset, s->fields[i].offset};
  while (r.next < s->nfields) {
    const StructField& f = s->fields[r.next];
    if (blank(f) || !f.typ->regular_memory() || f.offset != r.end) break;
    r.end += f.typ->size_;
    ++r.next;
  }
  return r;
}

struct Item {
  const Type* type;
  const u8* p;
  const u8* q;
  u64 next;  // element or field to visit next
};

// What an interface word pair holds. False: nil.
bool dynamic_value(const Type* iface, const void* p, const Type** type, const void** value) {
  auto* words = static_cast<void* const*>(p);
  if (words[0] == nullptr) return false;
  const Type* t = static_cast<const InterfaceType*>(iface)->nmethods == 0 ? static_cast<const Type*>(words[0])
                                                                         : static_cast<const ITab*>(words[0])->type;
  *type = t;
  *value = t->direct_iface() ? static_cast<const void*>(&words[1]) : words[1];
  return true;
}

// The walkers' results for structs of strings and plain memory, which most keys are, without a work list. False: not such a struct.
bool hash_flat(const StructType* s, const u8* p, u64* h) {
  for (u64 i = 0; i < s->nfields;) {
    const StructField& f = s->fields[i];
    if (blank(f)) {
      ++i;
    } else if (f.typ->regular_memory()) {
      Run r = memory_run(s, i);
      *h = hash_memory(p + r.begin, r.end - r.begin, *h);
      i = r.next;
    } else if (f.typ->kind == abi::kKindString) {
      auto* text = reinterpret_cast<const GoString*>(p + f.offset);
      *h = hash_bytes(text->ptr, text->len, *h);
      ++i;
    } else {
      return false;
    }
  }
  return true;
}

bool equal_flat(const StructType* s, const u8* p, const u8* q, bool* same) {
  *same = true;
  for (u64 i = 0; i < s->nfields; ++i) {
    const StructField& f = s->fields[i];
    if (blank(f)) continue;
    if (f.typ->regular_memory()) {
      *same = *same && equal_bytes(p + f.offset, q + f.offset, f.typ->size_);
    } else if (f.typ->kind == abi::kKindString) {
      auto* x = reinterpret_cast<const GoString*>(p + f.offset);
      auto* y = reinterpret_cast<const GoString*>(q + f.offset);
      *same = *same && x->len == y->len && (x->ptr == y->ptr || equal_bytes(x->ptr, y->ptr, x->len));
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

u64 hash_bytes(const void* p, u64 n, u64 seed) {
  auto* s = static_cast<const u8*>(p);
  u64 h = seed ^ ((n << 17) | (n >> 47));
  if (n == 0) return hash_word(0, h);
  for (; n >= 8; n -= 8, s += 8) h = hash_word(word_at(s), h);
  if (n == 0) return h;
  u64 tail;  // the bytes, zero-extended, without reading beyond them
  if (n >= 4) {
    tail = half_at(s) | u64{half_at(s + n - 4)} << (8 * (n - 4));
  } else {
    tail = s[0] | u64{s[n / 2]} << (8 * (n / 2)) | u64{s[n - 1]} << (8 * (n - 1));
  }
  return hash_word(tail, h ^ abi::kHashMultiplier);
}

u64 hash_memory(const void* p, u64 n, u64 seed) {
  if (n == 8) return hash_word(word_at(static_cast<const u8*>(p)), seed);
  return n < 8 ? hash_word(n == 0 ? 0 : load(p, n), seed) : hash_bytes(p, n, seed);
}

u64 type_hash(const Type* root, const void* value, u64 seed, const Type** bad) {
  if (root->regular_memory()) return hash_memory(value, root->size_, seed);
  u64 h = seed;
  if (root->kind == abi::kKindStruct && hash_flat(static_cast<const StructType*>(root), static_cast<const u8*>(value), &h)) return h;
  h = seed;
  WorkList<Item> work;
  work.push({root, static_cast<const u8*>(value), nullptr, 0});
  while (!work.empty()) {
    Item item = work.top();
    const Type* t = item.type;
    if (item.next == 0 && t->regular_memory()) {
      work.pop();
      h = hash_memory(item.p, t->size_, h);
      continue;
    }
    switch (t->kind) {
      case abi::kKindFloat32:
        work.pop();
        h = hash_double(as_f32(item.p), load(item.p, 4), h);
        break;
      case abi::kKindFloat64:
        work.pop();
        h = hash_double(as_f64(item.p), load(item.p, 8), h);
        break;
      case abi::kKindComplex64:
        work.pop();
        h = hash_double(as_f32(item.p), load(item.p, 4), h);
        h = hash_double(as_f32(item.p + 4), load(item.p + 4, 4), h);
        break;
      case abi::kKindComplex128:
        work.pop();
        h = hash_double(as_f64(item.p), load(item.p, 8), h);
        h = hash_double(as_f64(item.p + 8), load(item.p + 8, 8), h);
        break;
      case abi::kKindString: {
        work.pop();
        auto* s = reinterpret_cast<const GoString*>(item.p);
        h = hash_bytes(s->ptr, s->len, h);
        break;
      }
      case abi::kKindInterface: {
        work.pop();
        const Type* dynamic;
        const void* v;
        if (dynamic_value(t, item.p, &dynamic, &v)) {
          if (dynamic->equal == nullptr) {
            *bad = dynamic;
            return 0;
          }
          work.push({dynamic, static_cast<const u8*>(v), nullptr, 0});
        }
        break;
      }
      case abi::kKindArray: {
        auto* a = static_cast<const ArrayType*>(t);
        if (item.next == a->len) {
          work.pop();
          break;
        }
        ++work.top().next;
        work.push({a->elem, item.p + item.next * a->elem->size_, nullptr, 0});
        break;
      }
      case abi::kKindStruct: {
        auto* s = static_cast<const StructType*>(t);
        u64 i = item.next;
        while (i < s->nfields && blank(s->fields[i])) ++i;
        if (i == s->nfields) {
          work.pop();
          break;
        }
        if (s->fields[i].typ->regular_memory()) {
          Run r = memory_run(s, i);
          h = hash_memory(item.p + r.begin, r.end - r.begin, h);
          work.top().next = r.next;
          if (r.next == s->nfields) work.pop();
          break;
        }
        work.top().next = i + 1;
        work.push({s->fields[i].typ, item.p + s->fields[i].offset, nullptr, 0});
        break;
      }
      default:
        if (t->equal != nullptr && t->size_ <= 8) {  // integers, pointers, chans without the flag
          work.pop();
          h = hash_memory(item.p, t->size_, h);
          break;
        }
        *bad = t;
        return 0;
    }
  }
  return h;
}

bool type_equal(const Type* root, const void* a, const void* b, const Type** bad) {
  bool same;
  if (root->kind == abi::kKindStruct &&
      equal_flat(static_cast<const StructType*>(root), static_cast<const u8*>(a), static_cast<const u8*>(b), &same)) {
    return same;
  }
  WorkList<Item> work;
  work.push({root, static_cast<const u8*>(a), static_cast<const u8*>(b), 0});
  while (!work.empty()) {
    Item item = work.top();
    const Type* t = item.type;
    if (item.next == 0 && t->regular_memory()) {
      work.pop();
      if (__builtin_memcmp(item.p, item.q, t->size_) != 0) return false;
      continue;
    }
    switch (t->kind) {
      case abi::kKindFloat32:
        work.pop();
        if (as_f32(item.p) != as_f32(item.q)) return false;
        break;
      case abi::kKindFloat64:
        work.pop();
        if (as_f64(item.p) != as_f64(item.q)) return false;
        break;
      case abi::kKindComplex64:
        work.pop();
        if (as_f32(item.p) != as_f32(item.q) || as_f32(item.p + 4) != as_f32(item.q + 4)) return false;
        break;
      case abi::kKindComplex128:
        work.pop();
        if (as_f64(item.p) != as_f64(item.q) || as_f64(item.p + 8) != as_f64(item.q + 8)) return false;
        break;
      case abi::kKindString: {
        work.pop();
        auto* s = reinterpret_cast<const GoString*>(item.p);
        auto* r = reinterpret_cast<const GoString*>(item.q);
        if (s->len != r->len || (s->ptr != r->ptr && __builtin_memcmp(s->ptr, r->ptr, s->len) != 0)) return false;
        break;
      }
      case abi::kKindInterface: {
        work.pop();
        auto* x = reinterpret_cast<void* const*>(item.p);
        auto* y = reinterpret_cast<void* const*>(item.q);
        if (x[0] != y[0]) return false;
        const Type* dynamic;
        const void *v, *w;
        if (!dynamic_value(t, item.p, &dynamic, &v) || !dynamic_value(t, item.q, &dynamic, &w)) break;
        if (dynamic->equal == nullptr) {
          *bad = dynamic;
          return false;
        }
        work.push({dynamic, static_cast<const u8*>(v), static_cast<const u8*>(w), 0});
        break;
      }
      case abi::kKindArray: {
        auto* e = static_cast<const ArrayType*>(t);
        if (item.next == e->len) {
          work.pop();
          break;
        }
        ++work.top().next;
        u64 off = item.next * e->elem->size_;
        work.push({e->elem, item.p + off, item.q + off, 0});
        break;
      }
      case abi::kKindStruct: {
        auto* s = static_cast<const StructType*>(t);
        u64 i = item.next;
        while (i < s->nfields && blank(s->fields[i])) ++i;
        if (i == s->nfields) {
          work.pop();
          break;
        }
        work.top().next = i + 1;
        if (i + 1 == s->nfields) work.pop();
        work.push({s->fields[i].typ, item.p + s->fields[i].offset, item.q + s->fields[i].offset, 0});
        break;
      }
      default:
        if (t->equal != nullptr && t->size_ <= 8) {
          work.pop();
          if (__builtin_memcmp(item.p, item.q, t->size_) != 0) return false;
          break;
        }
        *bad = t;
        return false;
    }
  }
  return true;
}

// ---- gates

namespace {

u64 hash_or_panic(G* g, const Type* t, const void* p, u64 seed) {
  const Type* bad = nullptr;
  u64 h = type_hash(t, p, seed, &bad);
  if (bad != nullptr) pend_panic(g, abi::PendingPanic::kUnhashableType, bad);
  return h;
}

// The two interface kinds as descriptors for the walkers.
const InterfaceType any_type = {{16, 16, 0, 0, 8, 8, abi::kKindInterface, nullptr, nullptr, 0, 0}, nullptr, nullptr, 0, 0};
const InterfaceType method_type = {{16, 16, 0, 0, 8, 8, abi::kKindInterface, nullptr, nullptr, 0, 0}, nullptr, nullptr, 1, 1};

bool equal_data(G* g, const Type* t, const void* x, const void* y) {
  if (t == nullptr) return true;
  if (t->equal == nullptr) {
    pend_panic(g, abi::PendingPanic::kUncomparableType, t);
    return false;
  }
  if (t->direct_iface()) return x == y;
  const Type* bad = nullptr;
  bool same = type_equal(t, x, y, &bad);
  if (bad != nullptr) pend_panic(g, abi::PendingPanic::kUncomparableType, bad);
  return same;
}

}  // namespace

RT_FN u64 rt_typehash(G* g, const Type* t, const void* p, u64 seed) { return hash_or_panic(g, t, p, seed); }

RT_FN u64 rt_typehash_ctx(G* g, const void* p, u64 seed, const void* closure) {
  return hash_or_panic(g, static_cast<const Type* const*>(closure)[1], p, seed);
}

RT_FN u64 rt_interhash(G* g, const void* p, u64 seed) { return hash_or_panic(g, &method_type, p, seed); }
RT_FN u64 rt_nilinterhash(G* g, const void* p, u64 seed) { return hash_or_panic(g, &any_type, p, seed); }

RT_FN u64 rt_nilinterequal(G* g, const Eface* p, const Eface* q) {
  return p->type == q->type && equal_data(g, p->type, p->data, q->data);
}

RT_FN u64 rt_interequal(G* g, const Eface* p, const Eface* q) {
  auto* tab = reinterpret_cast<const ITab*>(p->type);
  return p->type == q->type && (tab == nullptr || equal_data(g, tab->type, p->data, q->data));
}

RT_FN u64 rt_memhash(const void* p, u64 seed, u64 n) { return hash_memory(p, n, seed); }
RT_FN u64 rt_memhash_varlen(const void* p, u64 seed, const u64* closure) { return hash_memory(p, closure[1], seed); }
RT_FN u64 rt_memhash0(const void*, u64 seed) { return hash_word(0, seed); }
RT_FN u64 rt_memhash8(const void* p, u64 seed) { return hash_word(load(p, 1), seed); }
RT_FN u64 rt_memhash16(const void* p, u64 seed) { return hash_word(load(p, 2), seed); }
RT_FN u64 rt_memhash32(const void* p, u64 seed) { return hash_word(load(p, 4), seed); }
RT_FN u64 rt_memhash64(const void* p, u64 seed) { return hash_word(load(p, 8), seed); }
RT_FN u64 rt_memhash128(const void* p, u64 seed) { return hash_bytes(p, 16, seed); }
RT_FN u64 rt_strhash(const GoString* s, u64 seed) { return hash_bytes(s->ptr, s->len, seed); }
RT_FN u64 rt_f32hash(const void* p, u64 seed) { return hash_double(as_f32(p), load(p, 4), seed); }
RT_FN u64 rt_f64hash(const void* p, u64 seed) { return hash_double(as_f64(p), load(p, 8), seed); }
RT_FN u64 rt_c64hash(const u8* p, u64 seed) { return rt_f32hash(p + 4, rt_f32hash(p, seed)); }
RT_FN u64 rt_c128hash(const u8* p, u64 seed) { return rt_f64hash(p + 8, rt_f64hash(p, seed)); }

}  // namespace gale::rt
