// start.h: what the kernel handed to the process, and debug switches.

#ifndef GALE_RUNTIME_SYS_START_H_
#define GALE_RUNTIME_SYS_START_H_

#include "runtime/sys/gate.h"

namespace gale::rt {

struct ProcessArgs {
  i64 argc;
  const char** argv;
  const char** envp;
  i64 envc;
  const u64* auxv;
  i64 auxc;  // words
  u64 page_size;
  const u8* random;  // 16 bytes from the kernel, or nullptr
  i32 ncpu;
};
extern ProcessArgs process_args;

const char* get_env(const char* name);  // nullptr if absent

// GALEDEBUG=gcstress,stackstress,poison,...
struct DebugFlags {
  bool gc_stress;     // collect at every gate edge that allocated
  bool stack_stress;  // copy the stack at every prologue check
  bool poison;        // fill freed objects and old stacks
  bool gc_check;      // walk the heap after each collection
  bool gc_concurrent; // one cycle after the other, in short slices
  bool map_check;     // overwrite what the pointer maps leave out (gc/map_check.h)
  bool gc_trace;
  bool sched_stress;       // yields and global queueing at random
  bool preempt_stress;     // yield at every allocation; sysmon stops every running goroutine at each of its rounds
  bool async_preempt_off;  // GODEBUG=asyncpreemptoff=1
};
extern DebugFlags debug_flags;

// GOTRACEBACK: 0 none, 1 single (default), 2 all; system shows runtime frames; crash aborts.
struct TracebackLevel {
  int level;
  bool all, system, crash;
};
extern TracebackLevel traceback_level;
void set_traceback_level(const char* s);

extern "C" u8 rt_has_popcnt asm("runtime.x86HasPOPCNT"), rt_has_sse41 asm("runtime.x86HasSSE41");
extern "C" bool rt_wide_vectors;  // AVX2 and POPCNT may be used: memory_amd64.S
i64 process_start();  // nanotime when the process began
void init_clock(u64 vdso);
void init_process(u64* argc);

}  // namespace gale::rt

#endif  // GALE_RUNTIME_SYS_START_H_
