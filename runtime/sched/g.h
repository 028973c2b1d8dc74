// g.h: goroutine (G), thread (M), processor (P: the right to run Go code, with what a thread needs for it without locks). Fixed offsets are those of base/abi/layout.def (checked in layout_check.cpp).
//
// States of a G: idle -> runnable <-> running <-> waiting -> dead (recycled). A G that waits has its return to Go prepared in
// `sched`; if it waits in a ParkGate, `resume` says what to try again before it goes back.
// Gs are allocated off the Go heap and never freed; what they point to is a root (gc/roots.cpp).

#ifndef GALE_RUNTIME_SCHED_G_H_
#define GALE_RUNTIME_SCHED_G_H_

#include "base/abi/layout.h"
#include "runtime/gc/queue.h"
#include "runtime/iface/type.h"
#include "runtime/panic/pc_cache.h"
#include "runtime/sched/lock.h"
#include "runtime/sys/gate.h"

namespace gale::rt {

struct M;
struct P;
struct G;
struct Sudog;
struct Timer;
struct TimerHeap;

enum class Status : u32 { kIdle = 0, kRunnable = 1, kRunning = 2, kSyscall = 3, kWaiting = 4, kDead = 6 };  // gc's numbers

// Why a goroutine waits: the texts of gc's tracebacks (wait_reason_text).
enum class Wait : u8 {
  kNone,
  kChanReceive,
  kChanReceiveNil,
  kChanSend,
  kChanSendNil,
  kSelect,
  kSelectNoCases,
  kSemacquire,
  kSyncMutexLock,
  kSyncRWMutexRLock,
  kSyncRWMutexLock,
  kSyncWaitGroupWait,
  kSyncCondWait,
  kSleep,
  kIOWait,
  kFinalizerWait,
  kCleanupWait,
  kCoroutine,
  kSignalRecv,
  kForceGC,
  kPreempted,
  kGarbageCollection,
  kCount,
};

struct Defer {
  bool heap, rangefunc, started, open;
  u32 bp_delta;
  uptr sp, pc;
  const Closure* fn;
  Defer* link;
  void* head;
  void* panics;  // the panic that started it
  u32 bits, slots;
};

struct Panic;  // the overlay's

using ResumeFn = Outcome (*)(G*, u64* args);
using CommitFn = void (*)(G*);

struct G {
  uptr stack_lo, stack_hi, stackguard0, stackguard1;
  Panic* panic;
  Defer* defer;
  M* m;
  uptr sched_sp, sched_pc;
  G* sched_g;
  const void* sched_ctxt;
  uptr sched_lr, sched_bp;
  uptr syscallsp, syscallpc, syscallbp, stktopsp;
  void* param;
  Status status;
  u32 lock;
  u64 goid;
  G* schedlink;
  i64 waitsince;
  Wait waitreason;
  u8 pad0[15];
  u32 edge;
  u16 gate;
  u16 flags;
  P* p;
  ResumeFn resume;
  CommitFn commit;
  u64 ret[4];
  u32 pending_code;
  const Type* pending_type;
  u64 pending_a, pending_b;
  i64 assist;
  void* labels;
  uptr startpc, gopc;
  u64 parent_goid;
  uptr racectx;
  void* bubble;
  Sudog* waiting;
  void* xstate;
  u64 sigcode0, sigcode1, sigpc;
  u32 sig;
  u8 fips_indicator;
  u8 pad1[3];
  u64* gate_args;        // argument words in the stub's frame, while in a gate that keeps them
  Defer* free_defers;
  // The runtime's own.
  const Closure* start;  // first function
  u64 wake;              // what the waker says (per primitive)
  void* commit_lock;     // what commit unlocks
  M* locked_m;           // LockOSThread: runs on this thread only
  u64 lock_count;
  u64 allg_index;
  i64 throwing_depth;
  Timer* sleep_timer;    // made by the first time.Sleep
  u64 scanned;           // gc/roots.cpp: the cycle in which this goroutine was scanned
  u64 spare[20];

  bool pinned() const { return (flags & abi::kGFlagStackPin) != 0; }
  void pin() { flags |= abi::kGFlagStackPin; }
  void unpin() { flags &= static_cast<u16>(~abi::kGFlagStackPin); }
};

struct M {
  G* g0;
  uptr g0sp;
  G* curg;
  P* p;
  i32 locks;
  G* gsignal;
  u64 procid;
  u64 id;
  u32 park;
  // The runtime's own.
  G* tls_g;         // FS:[-8]: g, for assembly
  M* self;          // FS:[0] points here
  u64 rand_state[4];
  bool throwing;
  bool spinning;    // looks for work with no goroutine of its own
  bool blocked;     // sleeps on `park`
  M* all_next;      // list of all threads, never shortened
  M* idle_next;
  P* next_p;        // handed over by the thread that wakes this one
  P* old_p;         // had it when the system call began
  G* locked_g;      // the only goroutine that may run here
  G* direct;        // runs next (coroutine switch)
  u32 alive;        // cleared by the kernel when the thread has ended
  u64 signal_mask;  // before fork
  PcCache pc_cache;
  u32 call_wanted;  // a system call to be made by this thread (signal/all_threads.cpp)
  u32 nheld;
  Rank held[16];    // ranks of the locks it holds (checked builds)
};

struct AllocRun {
  uptr next, limit;
};

struct Span;
struct StackPointers;

enum class PStatus : u32 { kIdle = 0, kRunning = 1, kSyscall = 2, kStopped = 3, kDead = 4 };  // gc's numbers

struct P {
  i32 id;
  PStatus status;
  M* m;
  u64* wbbuf_next;
  u64* wbbuf_end;
  G* runnext;
  u32 schedtick;
  u32 pad0;
  u32 runqhead, runqtail;
  u64 pad1;
  G* runq[256];
  AllocRun run[abi::kNumSpanClasses];
  // The runtime's own.
  Span* span[abi::kNumSpanClasses];  // the span that run[i] lies in
  uptr tiny;                         // 16-byte block that takes pointer-free objects below 16 bytes
  u64 tiny_used;
  u64 tiny_allocs;
  u64 wbbuf[512];
  P* idle_next;
  u32 syscalltick;
  u32 seen_schedtick, seen_syscalltick;  // sysmon's
  i64 seen_sched_when, seen_syscall_when;
  u64 next_goid, end_goid;
  G* dead;             // recycled goroutines
  u32 ndead;
  u32 nsudogs;
  Sudog* sudogs;
  TimerHeap* timers;
  u64 steals;          // goroutines taken from other Ps
  MarkQueue marks;
  StackPointers* stack_pointers;  // gc/stack_scan.cpp
  i64 mark_ns;         // marking as the P's share, in this cycle
  i64 assist_debt;     // bytes to be marked for what was allocated
  // The memory profile (prof/mem_profile.h).
  i64 profile_rate;    // for which the runs were cut
  u64 sample_due[(abi::kNumSpanClasses + 63) / 64];  // the next slot of the span class is for the profile
};

inline constexpr u32 kEdgePanic = static_cast<u32>(abi::Edge::kPanic), kEdgePreempt = static_cast<u32>(abi::Edge::kPreempt),
                     kEdgeStartGC = static_cast<u32>(abi::Edge::kStartGC), kEdgeMoveStack = static_cast<u32>(abi::Edge::kMoveStack);

inline Status status_of(const G* g) { return __atomic_load_n(&g->status, __ATOMIC_ACQUIRE); }
inline void set_status(G* g, Status s) { __atomic_store_n(&g->status, s, __ATOMIC_RELEASE); }
inline bool change_status(G* g, Status from, Status to) {
  return __atomic_compare_exchange_n(&g->status, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
inline PStatus status_of(const P* p) { return __atomic_load_n(&p->status, __ATOMIC_ACQUIRE); }
inline void set_status(P* p, PStatus s) { __atomic_store_n(&p->status, s, __ATOMIC_RELEASE); }
inline bool change_status(P* p, PStatus from, PStatus to) {
  return __atomic_compare_exchange_n(&p->status, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

// Bits of G.edge are set by other threads too.
inline void set_edge(G* g, u32 bits) { __atomic_fetch_or(&g->edge, bits, __ATOMIC_RELAXED); }
inline void clear_edge(G* g, u32 bits) { __atomic_fetch_and(&g->edge, ~bits, __ATOMIC_RELAXED); }

// Asks gateslow to panic when this gate returns. The first request of a gate stands.
void pend_panic(G* g, abi::PendingPanic code, const void* type = nullptr, u64 a = 0, u64 b = 0);

// Through FS. A function of the runtime stays on its thread until it returns.
#ifdef GALE_RT_CHECKED
M* current_m();  // hosted
#else
inline M* current_m() {
  M* m;
  asm volatile("mov %%fs:0, %0" : "=r"(m));  // not before FS is set, at the start of a thread
  return m;
}
#endif

}  // namespace gale::rt

#endif  // GALE_RUNTIME_SCHED_G_H_
