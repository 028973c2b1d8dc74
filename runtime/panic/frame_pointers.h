// frame_pointers.h: which words of a frame hold pointers, for the collector and for the copier.

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

// The rows that hold for a frame of Go code. Row 0 lists no word of the locals.
struct FrameMaps {
  BitRow locals, args;
};
FrameMaps frame_maps(const Frame& f);

// The words of slots, arguments and stubs that hold pointers.
template <class Visit>
void visit_frame_pointers(const Frame& f, Visit&& visit) {
  if (f.fn.is_c()) {
    if (f.stub != nullptr) visit_stub(f, visit);
    return;
  }
  FrameMaps maps = frame_maps(f);
  if (maps.locals.bits != nullptr && f.saved_bp) {
    uptr base = f.varp() - 8u * maps.locals.nbit;
    for (u32 i = stack_objects(f.fn).n; i < maps.locals.nbit; ++i) {
      if (maps.locals.at(i)) visit(reinterpret_cast<u64*>(base + 8 * i));
    }
  }
  if (maps.args.bits != nullptr) visit_words(f.fp, maps.args.bits, maps.args.nbit, visit);
}

// The stack objects of a frame, by ascending address. `visit(uptr address, const abi::StackObject&, const u8* mask, bool in_use)`.
template <class Visit>
void visit_stack_objects(const Frame& f, Visit&& visit) {
  if (f.fn.is_c() || !f.saved_bp) return;
  StackObjects objects = stack_objects(f.fn);
  if (objects.n == 0) return;
  BitRow row = frame_maps(f).locals;
  for (u32 i = 0; i < objects.n; ++i) {
    const abi::StackObject& o = objects[i];
    visit(f.varp() - o.below, o, objects.mask(o), row.at(i));
  }
}

}  // namespace gale::rt

#endif  // GALE_RUNTIME_PANIC_FRAME_POINTERS_H_
