// map_check.cpp: see map_check.h.

#include "runtime/gc/map_check.h"

#include "runtime/gc/gc.h"
#include "runtime/print/print.h"
#include "runtime/sched/lock.h"
#include "runtime/sys/memory.h"
#include "runtime/sys/module.h"

namespace gale::rt {

namespace {

// A trap: kTag in the upper 16 bits, which makes no canonical address; the number of its word; the middle of the displacements that
// an instruction may add to it.
constexpr u64 kTag = 0x6d61;
constexpr u64 kMiddle = 1 << 23;

// Words of frames that traps stood in, as {pc of the frame - start of text, offset from VARP in words, in a held object}: an open hash
// set, so that a word keeps its number. Number 0 stands for the words that came when the set was full.
constexpr u64 kMaxWords = 1 << 18;
u64* words;
u64 num_words;
Lock words_lock;

constexpr u64 kOffsetBits = 31;  // with the lowest bit for objects that the word leads to

u64 key_of(uptr pc, i64 offset, bool object) {
  u64 at = static_cast<u64>(offset / 8) & ((u64{1} << kOffsetBits) - 1);
  return (pc - gale_module.text) << 32 | at << 1 | (object ? 1 : 0);
}

u64 trap_of(uptr pc, i64 offset, bool object) {
  u64 key = key_of(pc, offset, object), index = 0;
  Guard guard(words_lock, Rank::kMapCheck);
  if (words == nullptr) words = static_cast<u64*>(sys_alloc(kMaxWords * sizeof(u64)));
  if (num_words < kMaxWords / 4 * 3) {
    index = (key * 0x9e3779b97f4a7c15) >> 46;
    while (index == 0 || (words[index] != 0 && words[index] != key)) index = (index + 1) % kMaxWords;
    num_words += words[index] == 0;
    words[index] = key;
  }
  return kTag << 48 | index << 24 | kMiddle;
}

struct Suspect {
  uptr p;
  u64 trap;
};
struct Held {
  uptr base;
  u64 size, trap;
};
SysVector<Suspect> suspects;  // of this cycle
SysVector<Held> held;         // since the last one
Lock suspects_lock;

void suspect(const Frame& f, uptr at) {
  uptr p = *reinterpret_cast<uptr*>(at);
  Span* s = span_of(p);
  if (s == nullptr || s->state != SpanState::kObjects) return;
  u64 trap = trap_of(f.pc, static_cast<i64>(at - f.varp()), true);
  Guard guard(suspects_lock, Rank::kMapCheck);
  suspects.push({p, trap});
}

void check_held(const Held& h) {
  for (u64 i = 0; i < h.size; i += 8) {
    if (*reinterpret_cast<u64*>(h.base + i) != h.trap) found_trap(h.trap, "an object was written to that only this word leads to");
  }
}

bool allocated(const Span* s, u32 slot) { return slot < s->nelems && (slot < s->free_index || (s->alloc_bits[slot / 64] >> (slot % 64) & 1) != 0); }

void hold(const Suspect& suspect) {
  Span* s = span_of(suspect.p);
  if (s->state != SpanState::kObjects || !allocated(s, s->slot_of(suspect.p)) || !mark_held(current_m()->p->marks, suspect.p)) return;
  ObjectRef object = find_object(suspect.p);
  for (u64 i = 0; i < object.size; i += 8) *reinterpret_cast<u64*>(object.base + i) = suspect.trap;
  held.push({object.base, object.size, suspect.trap});
}

void print_word(u64 key) {
  i64 offset = static_cast<i64>(key << 32) >> 33;
  uptr pc = gale_module.text + (key >> 32);
  Function f = find_function(pc);
  print("\tword RBP");
  if (offset >= 0) print("+");
  print_int(offset * 8);
  print(" of ");
  print(f ? function_name(f) : "?");
  print((key & 1) != 0 ? " holds no pointer by the layout of the frame\n" : " is not in use at the call, by its pointer map\n");
  if (!f) return;
  LogicalFrame place;
  if (!InlineFrames(f, pc > f.entry ? pc - 1 : pc).next(place)) return;
  print("\tthere, last seen at ");
  print(place.file);
  print(":");
  print_int(place.line);
  print(" +");
  print_hex(pc - f.entry);
  print("\n");
}

}  // namespace

bool is_trap(u64 value) { return value >> 48 == kTag && words != nullptr && (value << 16 >> 40) < kMaxWords; }

void trap_dead_words(const Frame& f) {
  if (f.conservative || f.fn.is_c() || !f.saved_bp) return;
  BitRow locals = frame_maps(f).locals;
  for (u32 i = stack_objects(f.fn).n; i < locals.nbit; ++i) {
    i64 offset = -8 * static_cast<i64>(locals.nbit - i);
    if (!locals.at(i)) *reinterpret_cast<u64*>(f.varp() + static_cast<u64>(offset)) = trap_of(f.pc, offset, false);
  }
}

void trap_dead_object(uptr at, const abi::StackObject& o, const u8* mask, uptr pc, uptr varp) {
  visit_words(at, mask, o.ptr_words, [&](u64* word) {
    *word = trap_of(pc, static_cast<i64>(reinterpret_cast<uptr>(word) - varp), false);
  });
}

bool is_held(uptr p) {
  uptr base = find_object(p).base;
  if (!is_trap(*reinterpret_cast<u64*>(base))) return false;
  for (const Held& h : held) {
    if (h.base == base) return true;
  }
  return false;
}

void note_scalar_words(const Frame& f) {
  if (f.conservative || f.fn.is_c() || !f.saved_bp) return;
  StackObjects objects = stack_objects(f.fn);
  uptr end = f.varp() - 8u * (frame_maps(f).locals.nbit - objects.n);
  if (objects.n != 0) end = f.varp() - objects[0].below;
  for (uptr p = f.sp; p < end; p += 8) suspect(f, p);
}

void hold_suspects() {
  for (const Held& h : held) check_held(h);
  held.clear();
  for (const Suspect& s : suspects) hold(s);
  suspects.clear();
}

void explain_trap(u64 value, const char* found) {
  print("runtime: mapcheck: ");
  print(found);
  print("\n");
  u64 index = value << 16 >> 40;
  if (words[index] == 0) {
    print("\tone of too many words\n");
  } else {
    print_word(words[index]);
  }
}

void found_trap(u64 value, const char* found) {
  print_lock();
  explain_trap(value, found);
  print_unlock();
  throw_error("runtime: a pointer map misses a root");
}

}  // namespace gale::rt
