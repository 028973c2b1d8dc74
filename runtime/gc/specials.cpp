// specials.cpp: records attached to objects: finalizers, cleanups, weak handles, samples of the memory profile.
//
// A span's specials form a list sorted by address. After marking: a weak handle of an unmarked object is cleared; the cleanups of an
// unmarked object are queued; a finalizer of an unmarked object is queued and the object is marked, so that it lives until the
// finalizer has run. Weak handles are cleared before a finalizer can see its object. Queued records are roots.

#include "runtime/gc/gc.h"
#include "runtime/print/print.h"
#include "runtime/prof/mem_profile.h"
#include "runtime/sched/sched.h"

namespace gale::rt {

enum class SpecialKind : u8 { kFinalizer, kCleanup, kWeak, kSample };

struct Special {
  Special* next;
  uptr p;              // address given by the program (weak, cleanup: may be interior)
  SpecialKind kind;
  const Closure* fn;   // func taking the object, or niladic for a cleanup
  u64 nret;
  const Type* fn_type;
  const Type* arg_type;
  u64 id;              // of a cleanup
  uptr* handle;        // weak: the 8-byte heap object that holds the pointer, hidden from the collector
  MemBucket* bucket;   // sample
};

namespace {

Lock lock;             // all of it; the stop that ends a cycle takes none
FixedPool<Special> pool;
SysVector<Span*> spans;  // those with specials, each at Span::special_index
u64 count_of[4];         // attached ones, by kind
// What is due, in order, and the goroutine that waits for it in next_finalizer.
struct Queue {
  Special* head;
  Special* tail;
  G* worker;
};
Queue finalizer_queue, cleanup_queue;
u64 next_cleanup_id = 0;

// The overlay's `finalizerRecord`: filled by next_finalizer.
struct FinalizerRecord {
  const Closure* fn;
  uptr object;
  u64 nret;
  const Type* fn_type;
  const Type* arg_type;
};

void enqueue_special(Special* s) {
  Queue& q = s->kind == SpecialKind::kFinalizer ? finalizer_queue : cleanup_queue;
  s->next = nullptr;
  (q.tail == nullptr ? q.head : q.tail->next) = s;
  q.tail = s;
}

void first_special(Span* span) {
  span->special_index = spans.size();
  spans.push(span);
}

void no_specials(Span* span) {
  Span* last = spans.back();
  spans[span->special_index] = last;
  last->special_index = span->special_index;
  spans.pop();
}

Special* attach(uptr p, SpecialKind kind) {
  ObjectRef o = find_object(p);
  if (o.span == nullptr) return nullptr;
  if (o.span->specials == nullptr) first_special(o.span);
  Special* s = pool.get();
  s->p = p;
  s->kind = kind;
  Special* hint = o.span->special_hint;
  Special** at = hint != nullptr && hint->p <= p ? &hint->next : &o.span->specials;
  while (*at != nullptr && (*at)->p < p) at = &(*at)->next;
  s->next = *at;
  *at = s;
  o.span->special_hint = s;
  ++count_of[static_cast<u8>(kind)];
  return s;
}

Special* find_special(uptr p, SpecialKind kind) {
  Span* span = span_of(p);
  if (span == nullptr || span->state != SpanState::kObjects) return nullptr;
  Special* hint = span->special_hint;
  for (Special* s = hint != nullptr && hint->p < p ? hint : span->specials; s != nullptr && s->p <= p; s = s->next) {
    if (s->p == p && s->kind == kind) return s;
  }
  return nullptr;
}

void detach(Special* s) {
  Span* span = span_of(s->p);
  for (Special** at = &span->specials; *at != nullptr; at = &(*at)->next) {
    if (*at != s) continue;
    *at = s->next;
    break;
  }
  span->special_hint = nullptr;
  --count_of[static_cast<u8>(s->kind)];
  if (span->specials == nullptr) no_specials(span);
}

// Handles hide their pointer from the collector by its complement.
uptr hide(uptr p) { return ~p; }

// While it waits, the goroutine is the runtime's own: a program whose other goroutines all sleep is deadlocked.
void be_system(G* g, bool system) {
  bool was = (g->flags & abi::kGFlagSystem) != 0;
  if (was == system) return;
  g->flags ^= abi::kGFlagSystem;
  __atomic_fetch_add(&sched.nsystem, system ? 1 : -1, __ATOMIC_RELAXED);
}

// args: *FinalizerRecord, kind.
Outcome take(G* g, u64* args) {
  Queue& q = args[1] == 0 ? finalizer_queue : cleanup_queue;
  lock.lock(Rank::kSpecials);
  if (q.head == nullptr) {
    q.worker = g;
    be_system(g, true);
    return park(g, args[1] == 0 ? Wait::kFinalizerWait : Wait::kCleanupWait, take, [](G*) { lock.unlock(Rank::kSpecials); });
  }
  be_system(g, false);
  Special* s = q.head;
  q.head = s->next;
  if (q.head == nullptr) q.tail = nullptr;
  // The queue was a root, and this goroutine's stack may have been scanned already.
  shade(word(s->fn));
  if (s->kind == SpecialKind::kFinalizer) {
    shade(s->p);
    shade(word(s->fn_type));
    shade(word(s->arg_type));
  }
  auto* r = reinterpret_cast<FinalizerRecord*>(args[0]);
  *r = {s->fn, s->kind == SpecialKind::kFinalizer ? s->p : 0, s->nret, s->fn_type, s->arg_type};
  pool.put(s);
  lock.unlock(Rank::kSpecials);
  return Outcome::kDone;
}

void wake_worker(Queue& q) {
  if (q.head == nullptr || q.worker == nullptr) return;
  G* g = q.worker;
  q.worker = nullptr;
  ready(g);
}

// The world is stopped, and nothing is marked meanwhile. visit returns true to detach.
template <class Visit>
void each_special(SpecialKind kind, Visit&& visit) {
  if (count_of[static_cast<u8>(kind)] == 0) return;
  for (u64 i = spans.size(); i-- > 0;) {  // backwards: no_specials moves the last one here
    Special** at = &spans[i]->specials;
    while (Special* s = *at) {
      Special* next = s->next;
      if (s->kind == kind && visit(s)) {
        *at = next;
        spans[i]->special_hint = nullptr;
        --count_of[static_cast<u8>(kind)];
      } else {
        at = &s->next;
      }
    }
    if (spans[i]->specials == nullptr) no_specials(spans[i]);
  }
}

void mark_special(MarkQueue& q, const Special* s) {
  if (s->kind == SpecialKind::kSample) return;
  mark_conservative(q, word(s->fn));
  if (s->kind == SpecialKind::kWeak) mark_conservative(q, word(s->handle));
  if (s->kind != SpecialKind::kFinalizer) return;
  mark_conservative(q, word(s->fn_type));
  mark_conservative(q, word(s->arg_type));
  // What the object refers to must be there for the finalizer: it is marked, the object itself is not. So of a chain of objects
  // with finalizers only the first is finalized in a cycle, and none of a ring.
  mark_contents(q, s->p);
}

}  // namespace

void mark_specials(MarkQueue& q, u64 from, u64 to) {
  Guard guard(lock, Rank::kSpecials);
  if (spans.empty()) return;
  Guard objects(heap_lock, Rank::kHeap);  // the list of spans may grow and move
  for (; from < to; ++from) {
    for (const Special* s = heap.objects[from]->specials; s != nullptr; s = s->next) mark_special(q, s);
  }
}

void mark_due_specials(MarkQueue& q) {
  Guard guard(lock, Rank::kSpecials);
  const Queue* queues[] = {&finalizer_queue, &cleanup_queue};
  for (const Queue* queue : queues) {
    for (Special* s = queue->head; s != nullptr; s = s->next) {
      mark_conservative(q, word(s->fn));
      if (s->kind != SpecialKind::kFinalizer) continue;
      mark_conservative(q, s->p);
      mark_conservative(q, word(s->fn_type));
      mark_conservative(q, word(s->arg_type));
    }
  }
}

void finish_specials(MarkQueue& q) {
  each_special(SpecialKind::kWeak, [](Special* s) {
    if (is_marked(s->p)) return false;
    *s->handle = 0;
    pool.put(s);
    return true;
  });
  each_special(SpecialKind::kFinalizer, [](Special* s) {
    if (is_marked(s->p)) return false;
    enqueue_special(s);
    return true;
  });
  // Only now, since several small objects may lie in one slot.
  for (Special* s = finalizer_queue.head; s != nullptr; s = s->next) mark_conservative(q, s->p);
  drain(q);
  each_special(SpecialKind::kCleanup, [](Special* s) {
    if (is_marked(s->p)) return false;
    enqueue_special(s);
    return true;
  });
  if (publish_mem_profile != nullptr) {
    each_special(SpecialKind::kSample, [](Special* s) {
      if (is_marked(s->p)) return false;
      sampled_object_freed(s->bucket);
      pool.put(s);
      return true;
    });
    publish_mem_profile();
  }
  wake_worker(finalizer_queue);
  wake_worker(cleanup_queue);
}

void note_sampled_object(uptr object, MemBucket* b) {
  Guard guard(lock, Rank::kSpecials);
  attach(object, SpecialKind::kSample)->bucket = b;
}

u64 specials_due() { return (finalizer_queue.head != nullptr ? 1 : 0) | (cleanup_queue.head != nullptr ? 2 : 0); }

// ---- gates

// (object, func or nil, words of results, func type, arg type) -> false: there is one already (or none to remove is fine).
RT_FN u64 rt_set_finalizer(G*, uptr p, const Closure* fn, u64 nret, const Type* fn_type, const Type* arg_type) {
  Guard guard(lock, Rank::kSpecials);
  Special* old = find_special(p, SpecialKind::kFinalizer);
  if (fn == nullptr) {
    if (old != nullptr) {
      detach(old);
      pool.put(old);
    }
    return 1;
  }
  if (old != nullptr) return 0;
  Special* s = attach(p, SpecialKind::kFinalizer);
  if (s == nullptr) return 1;
  s->fn = fn;
  s->nret = nret;
  s->fn_type = fn_type;
  s->arg_type = arg_type;
  return 1;
}

RT_FN u64 rt_add_cleanup(G*, uptr p, const Closure* fn, u64) {
  Guard guard(lock, Rank::kSpecials);
  Special* s = attach(p, SpecialKind::kCleanup);
  if (s == nullptr) return 0;
  s->fn = fn;
  s->id = ++next_cleanup_id;
  return s->id;
}

RT_FN void rt_stop_cleanup(G*, uptr p, u64 id) {
  Guard guard(lock, Rank::kSpecials);
  Span* span = span_of(p);
  if (span == nullptr || span->state != SpanState::kObjects) return;
  for (Special* s = span->specials; s != nullptr; s = s->next) {
    if (s->kind != SpecialKind::kCleanup || s->id != id) continue;
    detach(s);
    pool.put(s);
    return;
  }
}

RT_FN Outcome rt_next_finalizer(G* g, u64* args) { return take(g, args); }

RT_FN uptr* rt_weak_register(G* g, uptr p) {
  if (p == 0) return nullptr;
  {
    Guard guard(lock, Rank::kSpecials);
    if (Special* s = find_special(p, SpecialKind::kWeak)) return s->handle;
  }
  // The lock is not held meanwhile: this may be a sample.
  auto* handle = static_cast<uptr*>(allocate(g, 16, nullptr, true));  // not tiny: a handle of its own
  *handle = hide(p);
  Guard guard(lock, Rank::kSpecials);
  if (Special* s = find_special(p, SpecialKind::kWeak)) return s->handle;
  Special* s = attach(p, SpecialKind::kWeak);
  if (s != nullptr) s->handle = handle;
  return handle;
}

// The object may not be reachable otherwise: now it is.
RT_FN uptr rt_weak_strong(G*, const uptr* handle) {
  if (handle == nullptr || *handle == 0) return 0;
  uptr p = hide(*handle);
  shade(p);
  return p;
}

}  // namespace gale::rt
