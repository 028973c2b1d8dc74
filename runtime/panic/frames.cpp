// frames.cpp: what the overlay's panic, recover, Callers and Frames code asks of the stack and of the function table.

#include "runtime/panic/unwind.h"

#include "runtime/sched/g.h"

namespace gale::rt {

namespace {

// The overlay's `unwind` struct; fields with stack addresses are unsafe.Pointer there, so they move with its frame.
struct UnwindRecord {
  uptr pc;
  uptr sp;           // pointer
  uptr bp;           // pointer
  uptr fp;           // pointer: address of the first stack argument
  uptr entry;
  uptr deferreturn;  // pc of the deferreturn call, 0 if the function has no defers
  uptr defer_bits;   // pointer to the byte, nil if it has no open-coded defers
  uptr slots;        // pointer to closure slot 0
  u64 func_id;
  u64 is_c;          // C++ or stub
};

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

void fill(UnwindRecord* r, const Frame& f) {
  *r = {};
  r->pc = f.pc;
  r->sp = f.sp;
  r->bp = f.bp;
  r->fp = f.fp;
  r->entry = f.fn.entry;
  r->func_id = f.fn.record->func_id;
  r->is_c = f.fn.is_c();
  if (r->is_c != 0) return;
  if (f.fn.record->deferreturn != 0) r->deferreturn = f.fn.entry + f.fn.record->deferreturn;
  if (const u8* p = func_data(f.fn, abi::kFuncDataOpenCodedDeferInfo)) {
    r->defer_bits = f.varp() - read_uvarint(p);
    r->slots = f.varp() - read_uvarint(p);
  }
}

bool elides_wrapper(u8 callee) {
  return callee != abi::kFuncIdGopanic && callee != abi::kFuncIdSigpanic && callee != abi::kFuncIdPanicwrap;
}

}  // namespace

// step 0: *r = the Go frame that called this gate. step 1: *r = the frame that called the one in *r. False at the end.
RT_FN u64 rt_unwind_next(G* g, UnwindRecord* r, u64 step) {
  Unwinder u = step == 0 ? Unwinder(g) : Unwinder(g, r->pc, r->sp, r->bp);
  if (u.valid()) u.next();
  if (!u.valid()) return 0;
  fill(r, u.frame());
  return 1;
}

// Return pcs, one for each logical frame, as runtime.Callers gives them. skip 0 begins with the Go function that called the gate.
RT_FN i64 rt_callers(G* g, i64 skip, uptr* pcs, i64 n) {
  i64 count = 0;
  u8 callee = 0;
  for (Unwinder u(g); u.valid() && count < n; u.next()) {
    if (u.frame().fn.is_c()) continue;
    InlineFrames frames(u.frame().fn, u.frame().lookup);
    for (LogicalFrame f; count < n && frames.next(f);) {
      bool hidden = f.func_id == abi::kFuncIdWrapper && elides_wrapper(callee);
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

// pc (a return address) -> pc of the call of deferreturn in its function, and RBP - SP there.
RT_FN Pair rt_defer_return(G*, uptr pc) {
  Function fn = find_function(pc);
  if (!fn || fn.is_c() || fn.record->deferreturn == 0) return {0, 0};
  return {fn.entry + fn.record->deferreturn, static_cast<u64>(sp_delta(fn, pc - 1)) - 8};
}

RT_FN uptr rt_func_entry(G*, uptr pc) {
  Function fn = find_function(pc);
  return fn ? fn.entry : 0;
}

}  // namespace gale::rt
