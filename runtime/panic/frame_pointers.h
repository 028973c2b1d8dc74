// frame_pointers.h: the body of visit_frame_pointers: which words of a frame hold pointers, for the collector and for the copier.

#ifndef GALE_RUNTIME_PANIC_FRAME_POINTERS_H_
#define GALE_RUNTIME_PANIC_FRAME_POINTERS_H_

namespace gale::rt {

template <class Visit>
void visit_words(uptr base, const u8* mask, u32 n, Visit&& visit) {
  for (u32 i = 0; i < n; ++i) {
    if ((mask[i / 8] >> (i % 8) & 1) != 0) visit(reinterpret_cast<u64*>(base + 8 * i));
  }
}

// reflect.makeFuncImpl and methodValue begin with {fn, *bitVector, argLen}.
template <class Visit>
void visit_reflect_stub(const Frame& f, Visit&& visit) {
  struct BitVector {
    u32 n;
    u32 pad;
    const u8* data;
  };
  struct Context {
    uptr fn;
    const BitVector* stack;
    u64 arg_len;
  };
  visit(reinterpret_cast<u64*>(f.bp - 8));
  for (u32 i = 0; i < 9; ++i) visit(reinterpret_cast<u64*>(f.bp - 96 + 8 * i));
  auto* context = *reinterpret_cast<const Context**>(f.bp - 8);
  bool results_valid = *reinterpret_cast<u8*>(f.bp - 16) != 0;
  u32 n = context->stack->n;
  if (!results_valid && n > context->arg_len / 8) n = static_cast<u32>(context->arg_len / 8);
  visit_words(f.fp, context->stack->data, n, visit);
}

template <class Visit>
void visit_stub(const Frame& f, Visit&& visit) {
  const StubInfo* s = f.stub;
  if (s->kind == kReflectStub) return visit_reflect_stub(f, visit);
  uptr args = f.bp - 8u * s->nargs;
  u8 mask[2] = {static_cast<u8>(s->arg_mask), static_cast<u8>(s->arg_mask >> 8)};
  visit_words(args, mask, s->nargs, visit);
  if (s->slow != 0 && f.pc == f.fn.entry + s->slow) visit_words(args - 8u * s->nresults, &s->result_mask, s->nresults, visit);
}

// Every word that may hold a pointer in a frame that stopped at an arbitrary pc: the frame and its arguments.
template <class Visit>
void visit_conservative_frame(const Frame& f, Visit&& visit) {
  for (uptr p = f.sp; p < f.fp; p += 8) visit(reinterpret_cast<u64*>(p));
  if (f.fn.is_c()) return;
  if (BitRow args = map_row(func_data(f.fn, abi::kFuncDataArgsPointerMaps), 0); args.bits != nullptr) {
    for (u32 i = 0; i < args.nbit; ++i) visit(reinterpret_cast<u64*>(f.fp + 8u * i));
  }
}

template <class Visit>
void visit_frame_pointers(const Frame& f, Visit&& visit) {
  if (f.fn.is_c()) {
    if (f.stub != nullptr) visit_stub(f, visit);
    return;
  }
  uptr lookup = f.lookup;
  if (f.faulted) {  // only what deferred calls and the caller of a recovering function can see is alive
    if (f.fn.record->deferreturn == 0) return;
    lookup = f.fn.entry + f.fn.record->deferreturn;
  }
  i32 index = pc_data(f.fn, abi::kPcDataStackMapIndex, lookup);
  if (index < 0) index = 0;  // prologue
  if (BitRow locals = map_row(func_data(f.fn, abi::kFuncDataLocalsPointerMaps), index); locals.bits != nullptr && f.saved_bp) {
    visit_words(f.varp() - 8u * locals.nbit, locals.bits, locals.nbit, visit);
  }
  if (BitRow args = map_row(func_data(f.fn, abi::kFuncDataArgsPointerMaps), index); args.bits != nullptr) {
    visit_words(f.fp, args.bits, args.nbit, visit);
  }
}

}  // namespace gale::rt

#endif  // GALE_RUNTIME_PANIC_FRAME_POINTERS_H_
