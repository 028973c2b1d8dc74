// check.cpp: GALEDEBUG=gccheck: in the stop that ends a cycle, all is swept and the whole heap is walked. Every rule of heap.h that can be
// seen from outside is tested: the page table, the counts, and that no pointer of an object in use (one that was marked, that is), of a
// variable of the program or of a goroutine's frame leads to a free slot (one that was not). The last finds what marking or a barrier has
// missed in the cycle in which it was missed, not when the memory is used again.

#include "runtime/gc/gc.h"
#include "runtime/gc/map_check.h"
#include "runtime/panic/unwind.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/sys/module.h"
#include "runtime/sys/start.h"

namespace gale::rt {

namespace {

bool in_use(const Span* s, u32 slot) { return (s->alloc_bits[slot / 64] >> (slot % 64) & 1) != 0; }

[[noreturn]] void broken(const Span* s, uptr at, uptr value, const char* rule) {
  print_lock();
  print("runtime: heap check: span ");
  print_hex(s->base);
  print(" of ");
  print_uint(s->elem_size);
  print("-byte slots, at ");
  print_hex(at);
  print(": ");
  print_hex(value);
  print("\n");
  throw_error(rule);
}

void check_word(const Span* s, uptr at) {
  uptr p = *reinterpret_cast<uptr*>(at);
  if (is_trap(p)) found_trap(p, "the heap holds a pointer that was read from a word not listed");
  Span* to = span_of(p);
  if (to == nullptr || to->state == SpanState::kStack) return;
  if (to->state == SpanState::kFree) broken(s, at, p, "runtime: heap check: pointer to free pages");
  u32 slot = to->slot_of(p);
  if (slot >= to->nelems || !in_use(to, slot)) broken(s, at, p, "runtime: heap check: pointer to a free slot");
}

void check_masked(const Span* s, uptr base, u64 first, const u8* mask, u64 words) {
  for (u64 i = 0; i < words; ++i) {
    if ((mask[(first + i) / 8] >> ((first + i) % 8) & 1) != 0) check_word(s, base + i * 8);
  }
}

void check_elements(const Span* s, uptr base, u64 size, const Type* type) {
  const u8* mask = pointer_mask(type);
  for (u64 off = 0; off + type->ptr_bytes <= size; off += type->size_) check_masked(s, base + off, 0, mask, type->ptr_bytes / 8);
}

void check_object(const Span* s, u32 slot) {
  uptr base = s->slot(slot);
  if (debug_flags.map_check && is_held(base)) return;
  if (s->has_bitmap()) {
    check_masked(s, base, (base - s->base) / 8, s->bitmap(), s->elem_size / 8);
  } else if (s->has_header()) {
    auto* type = *reinterpret_cast<const Type**>(base);
    if (type != nullptr) check_elements(s, base + kHeaderBytes, s->elem_size - kHeaderBytes, type);
  } else if (s->large_type != nullptr) {
    check_elements(s, base, s->elem_size, s->large_type);
  }
}

void check_span(const Span* s, u64 index) {
  if (s->index != index || s->state != SpanState::kObjects) broken(s, s->base, index, "runtime: heap check: span is not where it says");
  for (uptr p = s->base; p < s->limit(); p += kPage) {
    if (span_of(p) != s) broken(s, p, word(span_of(p)), "runtime: heap check: page of another span");
  }
  u64 count = 0;
  for (u32 i = 0; i < s->nelems; ++i) count += in_use(s, i);
  if (count != s->alloc_count) broken(s, s->base, count, "runtime: heap check: wrong number of objects");
  for (u32 i = 0; i < (s->nelems + 63) / 64; ++i) {
    if (s->mark_bits[i] != 0) broken(s, s->base, s->mark_bits[i], "runtime: heap check: stale mark bits");
  }
  if (s->noscan()) return;
  for (u32 i = 0; i < s->nelems; ++i) {
    if (in_use(s, i)) check_object(s, i);
  }
}

bool lost(uptr p) {
  const Span* s = span_of(p);
  if (s == nullptr || s->state == SpanState::kStack) return false;
  if (s->state == SpanState::kFree) return true;
  u32 slot = s->slot_of(p);
  return slot >= s->nelems || !in_use(s, slot);
}

[[noreturn]] void lost_root(const char* what, const char* name, uptr at, uptr value) {
  print_lock();
  print("runtime: heap check: ");
  print(what);
  print(name);
  print(" at ");
  print_hex(at);
  print(": ");
  print_hex(value);
  print("\n");
  throw_error("runtime: heap check: a root points to a free slot");
}

void check_stack(G* g) {
  Status status = status_of(g);
  if (status == Status::kDead || status == Status::kIdle) return;
  for (Unwinder u(g); u.valid(); u.next()) {
    const Frame& f = u.frame();
    if (f.conservative) continue;
    visit_frame_pointers(f, [&](u64* at) {
      if (lost(*at)) lost_root("frame of ", function_name(f.fn), word(at), *at);
    });
  }
}

void check_data(uptr from, uptr to, const u8* mask) {
  for (u64 i = 0; mask != nullptr && i < (to - from) / 8; ++i) {
    uptr at = from + i * 8;
    if ((mask[i / 8] >> (i % 8) & 1) != 0 && lost(*reinterpret_cast<uptr*>(at))) lost_root("variable", "", at, *reinterpret_cast<uptr*>(at));
  }
}

}  // namespace

void check_heap() {
  u64 live = 0;
  for (u64 i = 0; i < heap.objects.size(); ++i) {
    check_span(heap.objects[i], i);
    live += heap.objects[i]->alloc_count * heap.objects[i]->elem_size;
  }
  for (G* g : sched.all_gs) check_stack(g);
  for (const Module* m = &gale_module; m != nullptr; m = m->next) {
    check_data(m->data, m->edata, m->data_mask);
    check_data(m->bss, m->ebss, m->bss_mask);
  }
  if (live != heap_stats.live) throw_error("runtime: heap check: wrong number of live bytes");
}

}  // namespace gale::rt
