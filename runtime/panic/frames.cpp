// frames.cpp: what the overlay's panic, recover, Callers and Frames code asks of the stack and of the function table.

#include "runtime/panic/unwind.h"

#include "runtime/sched/g.h"
#include "runtime/sched/sched.h"

namespace gale::rt {

namespace {

// The overlay's `frameRecord` struct.
struct FrameRecord {
  GoString name, file;
  i64 line;
  uptr entry;
  i64 start_line;
  u8 func_id;
  bool wrapper, inlined;
  u8 pad[5];
};

static_assert(sizeof(FrameRecord) == abi::FrameRecord::size && __builtin_offsetof(FrameRecord, inlined) == abi::FrameRecord::inlined);
static_assert(__builtin_offsetof(FrameRecord, line) == abi::FrameRecord::line && __builtin_offsetof(FrameRecord, entry) == abi::FrameRecord::entry);

GoString text(const char* s) { return {reinterpret_cast<const u8*>(s), __builtin_strlen(s)}; }

u64 read_uvarint(const u8*& p) {
  u64 v = 0;
  for (int shift = 0;; shift += 7) {
    u8 b = *p++;
    v |= static_cast<u64>(b & 0x7f) << shift;
    if ((b & 0x80) == 0) return v;
  }
}

// Where the frame of f has its open-coded defers, below VARP.
struct OpenDefers {
  u64 bits, slots;
};
bool open_defers(Function f, OpenDefers* out) {
  if (f.is_c()) return false;
  const u8* p = func_data(f, abi::kFuncDataOpenCodedDeferInfo);
  if (p == nullptr) return false;
  out->bits = read_uvarint(p);
  out->slots = read_uvarint(p);
  return true;
}

// VARP - SP where the body of f, which has defers, runs.
u64 varp_delta(Function f) {
  return static_cast<u64>(place_of(current_m(), f.entry + f.record->deferreturn, true).sp_delta) - 8;
}

bool elides_wrapper(u8 callee) {
  return callee != abi::kFuncIdGopanic && callee != abi::kFuncIdSigpanic && callee != abi::kFuncIdPanicwrap;
}

// Return pcs of g, one for each logical frame, as runtime.Callers gives them.
i64 logical_callers(G* g, i64 skip, uptr* pcs, i64 n) {
  i64 count = 0;
  u8 callee = 0;
  for (Unwinder u(g); u.valid() && count < n; u.next()) {
    if (u.frame().fn.is_c()) continue;
    InlineFrames frames(u.frame().fn, u.frame().lookup);
    for (LogicalFrame f; count < n && frames.next_without_line(f);) {
      bool hidden = (f.func_id == abi::kFuncIdWrapper && elides_wrapper(callee)) || f.func_id == abi::kFuncIdRunDefers;
      callee = f.func_id;
      if (hidden) continue;
      if (skip > 0) {
        --skip;
        continue;
      }
      pcs[count++] = f.pc + 1;
    }
  }
  return count;
}

}  // namespace

// skip 0 begins with the Go function that called the gate.
RT_FN i64 rt_callers(G* g, i64 skip, uptr* pcs, i64 n) { return logical_callers(g, skip, pcs, n); }

// The world is stopped. The stack of number i of all goroutines, if it is another of the program's, and what its labels are.
// -1: it is not; -2: there are no more.
RT_FN i64 rt_goroutine_stack(G* self, u64 i, uptr* labels, uptr* pcs, i64 n) {
  if (i >= sched.all_gs.size()) return -2;
  G* g = sched.all_gs[i];
  if (g == self || g->status == Status::kDead || g->status == Status::kIdle || (g->flags & abi::kGFlagSystem) != 0) return -1;
  *labels = word(g->labels);
  return logical_callers(g, 0, pcs, n);
}

// The logical frames of a return pc, innermost first; at most n. Their number.
RT_FN i64 rt_pc_frame(G*, uptr pc, FrameRecord* out, i64 n) {
  Function fn = find_function(pc);
  if (!fn) return 0;
  InlineFrames frames(fn, pc > fn.entry ? pc - 1 : pc);
  i64 count = 0;
  for (LogicalFrame f; count < n && frames.next(f); ++count) {
    out[count] = {text(f.name), text(f.file), f.line, fn.entry, f.start_line, f.func_id, f.func_id == abi::kFuncIdWrapper, f.inlined, {}};
  }
  return count;
}

// pc -> pc of the call of deferreturn in its function, and RBP - SP there.
RT_FN Pair rt_defer_return(G*, uptr pc) {
  Function fn = find_function(pc);
  if (!fn || fn.is_c() || fn.record->deferreturn == 0) return {0, 0};
  return {fn.entry + fn.record->deferreturn, varp_delta(fn)};
}

RT_FN u64 rt_find_open_defers(G* g, Defer* out, const Defer* from, uptr pc, uptr sp) {
  Unwinder u = from == nullptr ? Unwinder(g, pc, sp, 0) : Unwinder(g, from->pc, from->sp, 0);
  if (from != nullptr && u.valid()) u.next();
  for (; u.valid(); u.next()) {
    const Frame& f = u.frame();
    OpenDefers at;
    if (!open_defers(f.fn, &at) || *reinterpret_cast<const u8*>(f.varp() - at.bits) == 0) continue;
    // As in the body: where a cold path has stopped, SP may be lower.
    uptr delta = varp_delta(f.fn), body_sp = f.varp() - delta;
    const Defer* listed = g->defer;
    while (listed != nullptr && listed->sp < body_sp) listed = listed->link;
    if (listed != nullptr && listed->sp == body_sp) {
      if (listed->started) return 0;  // the panic that started it goes on from there
      continue;
    }
    out->sp = body_sp;
    out->pc = f.fn.entry + f.fn.record->deferreturn;
    out->bp_delta = static_cast<u32>(delta);
    out->bits = static_cast<u32>(delta - at.bits);
    out->slots = static_cast<u32>(delta - at.slots);
    return 1;
  }
  return 0;
}

// Between the function that recovers and the panic loop may stand wrappers and stubs only.
RT_FN u64 rt_called_by_defer(G* g) {
  // Mostly nothing does. Such a function is never inlined, and all three have a frame pointer: the gate's stub, gorecover, and it.
  auto saved = [](uptr bp) { return *reinterpret_cast<const uptr*>(bp); };
  uptr gorecover_bp = saved(g->sched_bp), bp = saved(gorecover_bp);
  const PcPlace in = place_of(current_m(), saved(gorecover_bp + 8), false), by = place_of(current_m(), saved(bp + 8), false);
  if (in.fn && !in.fn.is_c() && in.fn.record->func_id != abi::kFuncIdWrapper && by.fn && by.fn.record->func_id == abi::kFuncIdRunDefers) return 1;
  Unwinder u(g);
  u.next();  // gorecover
  bool recovers = false;
  for (u.next(); u.valid(); u.next()) {
    if (u.frame().fn.is_c()) continue;
    InlineFrames frames(u.frame().fn, u.frame().lookup);
    for (LogicalFrame f; frames.next_without_line(f);) {
      if (f.func_id == abi::kFuncIdWrapper) continue;
      if (recovers) return f.func_id == abi::kFuncIdRunDefers;
      recovers = true;
    }
  }
  return 0;
}

RT_FN uptr rt_func_entry(G*, uptr pc) {
  Function fn = find_function(pc);
  return fn ? fn.entry : 0;
}

}  // namespace gale::rt
