// stack_scan.cpp: see stack_scan.h.

#include "runtime/gc/stack_scan.h"

#include "runtime/gc/gc.h"
#include "runtime/gc/map_check.h"
#include "runtime/sched/sched.h"
#include "runtime/sys/start.h"

namespace gale::rt {

namespace {

// A stack object that is not in use by name. They come in ascending order of addresses, since frames are walked outwards.
struct Object {
  uptr at;
  const abi::StackObject* layout;
  const u8* mask;
  uptr pc, varp;  // of its frame
  bool reached, conservatively;
};
struct Pointer {
  uptr p;
  bool conservatively;
};

}  // namespace

struct StackPointers {
  SysVector<Object> objects;
  SysVector<Pointer> pointers;
};

namespace {

StackPointers& of_this_p() {
  StackPointers*& s = current_m()->p->stack_pointers;
  if (s == nullptr) s = static_cast<StackPointers*>(persistent_alloc(sizeof(StackPointers)));
  s->objects.clear();
  s->pointers.clear();
  return *s;
}

Object* find(SysVector<Object>& objects, uptr p) {
  u64 lo = 0, hi = objects.size();
  while (lo < hi) {
    u64 middle = (lo + hi) / 2;
    if (objects[middle].at <= p) {
      lo = middle + 1;
    } else {
      hi = middle;
    }
  }
  if (lo == 0) return nullptr;
  Object& o = objects[lo - 1];
  return p - o.at < o.layout->size ? &o : nullptr;
}

}  // namespace

StackScan::StackScan(MarkQueue& q, G* g) : q_(q), g_(g), found_(of_this_p()) {}

void StackScan::visit(uptr p) {
  if (p >= g_->stack_lo && p < g_->stack_hi) return found_.pointers.push({p, false});
  mark_pointer(q_, p);
}

void StackScan::visit_conservatively(uptr p) {
  if (p >= g_->stack_lo && p < g_->stack_hi) return found_.pointers.push({p, true});
  mark_conservative(q_, p);
}

void StackScan::object(uptr at, const abi::StackObject& o, const u8* mask, bool conservatively) {
  visit_words(at, mask, o.ptr_words, [&](u64* word) {
    if (conservatively) {
      visit_conservatively(*word);
    } else {
      visit(*word);
    }
  });
}

void StackScan::frame(const Frame& f) {
  if (f.conservative) return visit_conservative_frame(f, [&](u64* word) { visit_conservatively(*word); });
  visit_frame_pointers(f, [&](u64* word) {
    if (debug_flags.map_check && is_trap(*word)) found_trap(*word, "a pointer map lists a word again that was not listed before");
    visit(*word);
  });
  visit_stack_objects(f, [&](uptr at, const abi::StackObject& o, const u8* mask, bool in_use) {
    if (in_use) {
      object(at, o, mask, false);
    } else {
      found_.objects.push({at, &o, mask, f.pc, f.varp(), false, false});
    }
  });
}

// An object that was reached through a word of any kind, and then through a pointer, is scanned twice.
void StackScan::resolve() {
  while (!found_.pointers.empty()) {
    Pointer p = found_.pointers.pop();
    Object* o = find(found_.objects, p.p);
    if (o == nullptr || (o->reached && (p.conservatively || !o->conservatively))) continue;
    o->reached = true;
    o->conservatively = p.conservatively;
    object(o->at, *o->layout, o->mask, p.conservatively);
  }
}

void StackScan::trap_the_rest() {
  for (const Object& o : found_.objects) {
    if (!o.reached) trap_dead_object(o.at, *o.layout, o.mask, o.pc, o.varp);
  }
}

void StackScan::run() {
  for (Unwinder u(g_); u.valid(); u.next()) {
    if (debug_flags.gc_stress && !u.frame().conservative) u.check_frame_pointer();
    frame(u.frame());
    if (debug_flags.map_check) {
      trap_dead_words(u.frame());
      note_scalar_words(u.frame());
    }
  }
  resolve();
  if (debug_flags.map_check) trap_the_rest();
}

}  // namespace gale::rt
