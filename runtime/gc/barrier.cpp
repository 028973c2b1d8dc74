// barrier.cpp: what is overwritten while the collector marks is marked first (gc.h). Generated code gathers such words in its P's buffer;
// C++ comes here at once.

#include "runtime/gc/gc.h"
#include "runtime/sched/sched.h"

namespace gale::rt {

namespace {

MarkQueue& own_queue() { return current_m()->p->marks; }

bool on_stack(const void* at) {
  const Span* s = span_of(word(at));
  return s != nullptr && s->state == SpanState::kStack;
}

// Memory that is not the heap's (a local of C++ among them) may hold anything: no word is trusted to be a pointer.
void shade_masked(MarkQueue& q, const u8* mask, const void* at, u64 words) {
  auto* p = static_cast<const uptr*>(at);
  for (u64 i = 0; i < words; ++i) {
    if ((mask[i / 8] >> (i % 8) & 1) != 0) mark_conservative(q, p[i]);
  }
}

}  // namespace

void shade(uptr p) {
  if (marking()) mark_conservative(own_queue(), p);
}

void shade_value(const Type* t, const void* at) {
  if (!marking() || !t->has_pointers() || on_stack(at)) return;
  shade_masked(own_queue(), pointer_mask(t), at, t->ptr_bytes / 8);
}

void shade_elements(const Type* t, const void* at, u64 bytes) {
  if (!marking() || !t->has_pointers() || on_stack(at)) return;
  const u8* mask = pointer_mask(t);
  MarkQueue& q = own_queue();
  auto* p = static_cast<const u8*>(at);
  for (u64 off = 0; off + t->size_ <= bytes; off += t->size_) shade_masked(q, mask, p + off, t->ptr_bytes / 8);
}

void shade_words(const void* at, u64 bytes) {
  if (!marking() || on_stack(at)) return;
  MarkQueue& q = own_queue();
  uptr first = (word(at) + 7) & ~uptr{7}, end = word(at) + bytes;
  for (uptr p = first; p + 8 <= end; p += 8) mark_conservative(q, *reinterpret_cast<uptr*>(p));
}

void flush_barrier(P* p) {
  for (u64* w = p->wbbuf; w < p->wbbuf_next; ++w) mark_conservative(p->marks, *w);
  p->wbbuf_next = p->wbbuf;
}

// From generated code whose buffer is full, on g0.
RT_FN void rt_wb_flush(G* g) { flush_barrier(g->p); }

}  // namespace gale::rt
