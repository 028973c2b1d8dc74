// signal.cpp: faults become calls of the overlay's runtime.sigpanic; other signals go to os/signal or have gc's defaults.
//
// A fault in Go code: the handler pushes the pc and enters sigpanic as if the instruction had called it. A fault in a C++
// leaf on the goroutine stack, or in a gate marked faultable: the frames of C++ and of the stub are dropped, and
// sigpanic is entered as if the stub's caller had called it instead. Any other fault in C++ is the runtime's own: fatal.

#include "runtime/signal/signal.h"

#include "base/abi/gates.h"
#include "runtime/gc/map_check.h"
#include "runtime/netpoll/netpoll.h"
#include "runtime/panic/traceback.h"
#include "runtime/panic/unwind.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/sys/module.h"
#include "runtime/sys/start.h"

extern "C" {
void rt_sigreturn();
void rt_enter_sigpanic();
extern const char rt_async_preempt_code[] asm("runtime.asyncPreempt");
}

namespace gale::rt {

namespace {

constexpr int kSigQuit = 3, kSigIll = 4, kSigTrap = 5, kSigAbrt = 6, kSigStkflt = 16, kSigBus = 7, kSigFpe = 8, kSigSegv = 11, kSigPipe = 13, kSigSys = 31;
constexpr int kHandled[] = {kSigSegv, kSigBus, kSigFpe, kSigPipe, kSigQuit, kSigIll, kSigTrap, kSigAbrt, kSigStkflt, kPreemptSignal, kThreadCallSignal};  // always
constexpr u64 kSignalStack = 32 << 10;

enum Greg { kR8, kR9, kR10, kR11, kR12, kR13, kR14, kR15, kRdi, kRsi, kRbp, kRbx, kRdx, kRax, kRcx, kRsp, kRip };

struct SigInfo {
  i32 signo, error, code, pad;
  u64 addr;
};
struct Context {
  u64 flags, link, stack_sp, stack_flags, stack_size;
  u64 reg[23];
};
struct SigAction {
  u64 handler, flags, restorer, mask;
};
constexpr u64 kSigInfoFlag = 4, kOnStack = 0x08000000, kRestorer = 0x04000000, kRestart = 0x10000000;

u64 pending[2];           // signals that arrived for os/signal
u64 wanted[2], ignored[2];
G* receiver;              // waits in signal_recv

bool has(const u64* set, u32 sig) { return sig < 128 && (set[sig / 64] >> (sig % 64) & 1) != 0; }
void add(u64* set, u32 sig) { __atomic_fetch_or(&set[sig / 64], u64{1} << (sig % 64), __ATOMIC_SEQ_CST); }
void remove(u64* set, u32 sig) { __atomic_fetch_and(&set[sig / 64], ~(u64{1} << (sig % 64)), __ATOMIC_SEQ_CST); }

constexpr u32 kGateCount = sizeof(abi::kGates) / sizeof(abi::kGates[0]);

// A set of the gates, made by the compiler: the table of rows with its texts stays out of programs.
struct GateSet {
  u64 words[(kGateCount + 63) / 64] = {};
};
constexpr GateSet kFaultableGates = [] {
  GateSet set;
  for (u32 id = 0; id < kGateCount; ++id) {
    for (const char* p = abi::kGates[id].flags; *p != 0; ++p) {
      if (p[0] == 'f' && p[1] == 'a' && p[2] == 'u') set.words[id / 64] |= u64{1} << (id % 64);
    }
  }
  return set;
}();

bool gate_faultable(u32 id) { return id < kGateCount && (kFaultableGates.words[id / 64] >> (id % 64) & 1) != 0; }

// Enters sigpanic as if the caller of the stub whose RBP is given had called it.
void drop_stub(Context* c, uptr stub_bp) {
  c->reg[kRsp] = stub_bp + 8;
  c->reg[kRbp] = *reinterpret_cast<uptr*>(stub_bp);
  c->reg[kRip] = word(&rt_enter_sigpanic);
}

// The RBP of the gate stub below the C++ frames at the fault, 0 if there is none on this goroutine's stack.
uptr leaf_stub(G* g, const Context* c) {
  uptr bp = c->reg[kRbp], pc = c->reg[kRip];
  for (int depth = 0; depth < 64; ++depth) {
    Function fn = find_function(pc);
    if (!fn || !fn.is_c() || bp < g->stack_lo || bp + 16 > g->stack_hi) return 0;
    if (stub_of(fn) != nullptr) return bp;
    pc = *reinterpret_cast<uptr*>(bp + 8);
    bp = *reinterpret_cast<uptr*>(bp);
  }
  return 0;
}

// No function is at pc: has Go code called what is no code, nil or some other address?
bool called_from_go(uptr pc, uptr sp) {
  if (pc == 0) return true;
  Function caller = find_function(*reinterpret_cast<uptr*>(sp));
  return caller && !caller.is_c();
}

// True if the thread will go on in sigpanic.
bool to_panic(int sig, const SigInfo* info, Context* c) {
  M* m = current_m();
  G* g = m->curg;
  if (g == nullptr || info->code <= 0 || m->throwing) return false;
  uptr pc = c->reg[kRip], sp = c->reg[kRsp];
  bool on_g = sp >= g->stack_lo && sp <= g->stack_hi;
  g->sig = static_cast<u32>(sig);
  g->sigcode0 = static_cast<u64>(info->code);
  g->sigcode1 = info->addr;
  g->sigpc = pc;
  Function fn = find_function(pc);
  if (fn && fn.is_c()) {
    if (const StubInfo* here = stub_of(fn); on_g && here != nullptr && here->kind == kLeafStub) {
      c->reg[kRip] = word(&rt_enter_sigpanic);  // its return address lies at RSP
    } else if (on_g) {
      uptr stub = leaf_stub(g, c);
      if (stub == 0) return false;
      drop_stub(c, stub);
    } else {
      if (!gate_faultable(g->gate)) return false;
      drop_stub(c, g->sched_bp);
    }
  } else if (fn || (on_g && called_from_go(pc, sp))) {
    if (!on_g) return false;
    if (fn) {  // a call to where no code is has pushed the caller's pc already
      c->reg[kRsp] -= 8;
      *reinterpret_cast<uptr*>(c->reg[kRsp]) = pc;
    }
    c->reg[kRip] = word(&rt_enter_sigpanic);
  } else {
    return false;
  }
  c->reg[kR14] = word(g);
  return true;
}

const char* signal_name(int sig) {
  switch (sig) {
    case kSigSegv: return "SIGSEGV: segmentation violation";
    case kSigBus: return "SIGBUS: bus error";
    case kSigFpe: return "SIGFPE: floating-point exception";
    case kSigQuit: return "SIGQUIT: quit";
    case kSigIll: return "SIGILL: illegal instruction";
    case kSigTrap: return "SIGTRAP: trace trap";
    case kSigAbrt: return "SIGABRT: abort";
    case kSigStkflt: return "SIGSTKFLT: stack fault";
    default: return "signal";
  }
}

// The traceback of g shall begin where the signal came.
void show_context(G* g, const Context* c) {
  if (g == nullptr || !in_text(c->reg[kRip]) || c->reg[kRsp] < g->stack_lo || c->reg[kRsp] >= g->stack_hi) return;
  g->sched_pc = c->reg[kRip];
  g->sched_sp = c->reg[kRsp];
  g->sched_bp = c->reg[kRbp];
}

// GALEDEBUG=mapcheck: dies if a register holds a trap.
void look_for_trap(Context* c) {
  M* m = current_m();
  for (int r = kR8; r <= kRcx; ++r) {
    if (!is_trap(c->reg[r])) continue;
    begin_dying();
    m->throwing = true;
    explain_trap(c->reg[r], "a pointer was used that no map lists");
    print("fatal error: runtime: a pointer map misses a root\n");
    show_context(m->curg, c);
    die_with_traceback(m->curg);
  }
}

// Signals whose default is a traceback and the end, whatever the thread was doing.
bool ends_program(int sig) { return sig == kSigQuit || sig == kSigIll || sig == kSigTrap || sig == kSigAbrt || sig == kSigStkflt; }

void print_instruction(uptr pc) {
  u64 n = 16, in_page = process_args.page_size - pc % process_args.page_size;
  if (n > in_page) n = in_page;
  print("instruction bytes:");
  for (u64 i = 0; i < n; ++i) {
    print(" ");
    print_hex(*reinterpret_cast<u8*>(pc + i));
  }
  print("\n");
}

void fatal_signal(int sig, const SigInfo* info, Context* c) {
  M* m = current_m();
  if (ends_program(sig)) {
    begin_dying();
    print(signal_name(sig));
    print("\nPC=");
    print_hex(c->reg[kRip]);
    print(" m=");
    print_uint(m->id);
    print(" sigcode=");
    print_uint(static_cast<u64>(info->code));
    print("\n");
    if (sig == kSigIll) print_instruction(c->reg[kRip]);
    traceback_level.all = traceback_level.level > 0;
    show_context(m->curg, c);
    die_with_traceback(m->curg);
  }
  if (!m->throwing) begin_dying();
  print("fatal error: unexpected signal during runtime execution\n");
  print("[signal ");
  print(signal_name(sig));
  print(" code=");
  print_hex(static_cast<u64>(info->code));
  print(" addr=");
  print_hex(info->addr);
  print(" pc=");
  print_hex(c->reg[kRip]);
  print("]\n\nruntime stack:\n");
  uptr pc = c->reg[kRip], bp = c->reg[kRbp];
  for (int i = 0; i < 20; ++i) {
    Function fn = find_function(pc);
    print(fn ? function_name(fn) : "?");
    print(" pc=");
    print_hex(pc);
    print("\n");
    if (!fn || bp < 4096 || bp % 8 != 0 || (m->curg == nullptr && (bp < m->g0->stack_lo || bp >= m->g0->stack_hi))) break;
    pc = *reinterpret_cast<uptr*>(bp + 8);
    bp = *reinterpret_cast<uptr*>(bp);
  }
  if (m->throwing) {
    print_flush();
    exit_process(2);
  }
  m->throwing = true;
  traceback_level.all = true;
  die_with_traceback(m->curg);
}

void install(int sig, u64 handler) {
  SigAction a{handler, kSigInfoFlag | kOnStack | kRestorer | kRestart, word(&rt_sigreturn), ~u64{0}};
  syscall6(sysno::kRtSigaction, static_cast<u64>(sig), word(&a), 0, 8);
}

// What the UnsafePoint column says of pc: {value, where this run of the value began}.
struct Point {
  i32 value;
  uptr from;
};
Point unsafe_point(Function fn, uptr pc) {
  i32 value = pc_data(fn, abi::kPcDataUnsafePoint, pc);
  uptr from = pc;
  while (from > fn.entry && pc_data(fn, abi::kPcDataUnsafePoint, from - 1) == value) --from;
  return {value, from};
}

// Lets the goroutine that this thread runs enter asyncPreempt as if the instruction at its pc had called it, if it may.
void preempt_here(M* m, Context* c) {
  constexpr uptr kFrame = 640;  // asyncPreempt and what its calls push
  G* g = m->curg;
  if (g == nullptr || m->p == nullptr || m->locks != 0 || g->m != m || status_of(g) != Status::kRunning) return;
  if ((__atomic_load_n(&g->edge, __ATOMIC_RELAXED) & kEdgePreempt) == 0) return;
  uptr pc = c->reg[kRip], sp = c->reg[kRsp];
  if (!in_text(pc) || c->reg[kR14] != word(g)) return;
  if (sp < g->stack_lo + kFrame || sp > g->stack_hi || sp % 8 != 0) return;
  Function fn = find_function(pc);
  if (!fn || fn.is_c() || (fn.record->flag & (abi::kFuncFlagAsm | abi::kFuncFlagSPWrite)) != 0) return;
  i32 value = pc_data(fn, abi::kPcDataUnsafePoint, pc);
  if (value == abi::kUnsafePointUnsafe) return;
  if (value == abi::kUnsafePointRestart1 || value == abi::kUnsafePointRestart2) pc = unsafe_point(fn, pc).from;
  if (value == abi::kUnsafePointRestartAtEntry) pc = fn.entry;
  sp -= 8;
  *reinterpret_cast<uptr*>(sp) = pc;
  c->reg[kRsp] = sp;
  c->reg[kRip] = reinterpret_cast<u64>(rt_async_preempt_code);
}

void on_signal(int sig, SigInfo* info, Context* c) {
  if (sig == kThreadCallSignal) return make_requested_call(current_m());
  if (sig == kPreemptSignal) preempt_here(current_m(), c);
  if (sig == kSigSegv || sig == kSigBus || sig == kSigFpe) {
    if (debug_flags.map_check) look_for_trap(c);
    if (!to_panic(sig, info, c)) fatal_signal(sig, info, c);
    return;
  }
  if (has(wanted, static_cast<u32>(sig))) {
    add(pending, static_cast<u32>(sig));
    wake_poller();
    return;
  }
  if (ends_program(sig)) fatal_signal(sig, info, c);
}

bool take_pending(G* g) {
  for (u32 sig = 1; sig < 65; ++sig) {
    if (!has(pending, sig)) continue;
    remove(pending, sig);
    g->ret[0] = sig;
    return true;
  }
  return false;
}

Outcome receive(G* g, u64*) {
  if (take_pending(g)) return Outcome::kDone;
  prepare_wakeups();
  return park(g, Wait::kSignalRecv, receive, [](G* self) {
    __atomic_store_n(&receiver, self, __ATOMIC_SEQ_CST);
    wake_poller();  // a signal may have come in between; and somebody must watch from now on
  });
}

}  // namespace

void make_signal_stack(M* m) {
  auto* g = static_cast<G*>(persistent_alloc(sizeof(G)));
  u8* stack = static_cast<u8*>(sys_alloc(kSignalStack));
  g->stack_lo = word(stack);
  g->stack_hi = word(stack) + kSignalStack;
  g->m = m;
  m->gsignal = g;
}

void init_thread_signals(M* m) {
  struct {
    u64 sp;
    i32 flags, pad;
    u64 size;
  } alt{m->gsignal->stack_lo, 0, 0, kSignalStack};
  syscall6(sysno::kSigaltstack, word(&alt), 0);
  __atomic_store_n(&m->procid, static_cast<u64>(syscall6(sysno::kGettid)), __ATOMIC_RELEASE);
  syscall6(sysno::kRtSigprocmask, 2 /* SIG_SETMASK */, word(&m->signal_mask), 0, 8);
}

void init_signals(M* m) {
  make_signal_stack(m);
  syscall6(sysno::kRtSigprocmask, 0, 0, word(&m->signal_mask), 8);
  init_thread_signals(m);
  for (int sig : kHandled) install(sig, word(&on_signal));
}

void signal_thread(M* m, int sig) {
  u64 tid = __atomic_load_n(&m->procid, __ATOMIC_ACQUIRE);
  if (tid != 0) syscall6(sysno::kTgkill, static_cast<u64>(syscall6(sysno::kGetpid)), tid, static_cast<u64>(sig));
}

bool signals_wanted() { return __atomic_load_n(&receiver, __ATOMIC_SEQ_CST) != nullptr; }

G* signal_receiver() {
  if (!signals_wanted() || (__atomic_load_n(&pending[0], __ATOMIC_SEQ_CST) | __atomic_load_n(&pending[1], __ATOMIC_SEQ_CST)) == 0) return nullptr;
  return __atomic_exchange_n(&receiver, nullptr, __ATOMIC_SEQ_CST);
}

// ---- gates

RT_FN Outcome rt_signal_recv(G* g, u64* args) { return receive(g, args); }

RT_FN void rt_signal_enable(u32 sig) {
  if (sig == 0 || sig > 64) return;
  prepare_wakeups();
  add(wanted, sig);
  remove(ignored, sig);
  install(static_cast<int>(sig), word(&on_signal));
}

RT_FN void rt_signal_disable(u32 sig) {
  if (sig == 0 || sig > 64) return;
  remove(wanted, sig);
  for (int handled : kHandled) {
    if (static_cast<int>(sig) == handled) return;
  }
  install(static_cast<int>(sig), 0);
}

RT_FN void rt_signal_ignore(u32 sig) {
  if (sig == 0 || sig > 64) return;
  remove(wanted, sig);
  add(ignored, sig);
  if (sig != kPreemptSignal && sig != kThreadCallSignal) install(static_cast<int>(sig), 1);
}

RT_FN u64 rt_signal_ignored(u32 sig) {
  if (sig == 0 || sig > 64) return 0;
  SigAction a{};
  syscall6(sysno::kRtSigaction, sig, 0, word(&a), 8);
  return a.handler == 1;
}

RT_FN void rt_signal_idle() {}
RT_FN void rt_ignore_sigsys() { install(kSigSys, 1); }
RT_FN void rt_restore_sigsys() { install(kSigSys, 0); }

RT_FN void rt_sigpipe() {
  install(kSigPipe, 0);
  syscall6(sysno::kTgkill, static_cast<u64>(syscall6(sysno::kGetpid)), static_cast<u64>(syscall6(sysno::kGettid)), kSigPipe);
}

// Fork: all signals are blocked from before the clone until the child has reset its handlers.
RT_FN void rt_before_fork() {
  M* m = current_m();
  ++m->locks;
  u64 all = ~u64{0};
  syscall6(sysno::kRtSigprocmask, 2 /* SIG_SETMASK */, word(&all), word(&m->signal_mask), 8);
}
RT_FN void rt_after_fork() {
  M* m = current_m();
  syscall6(sysno::kRtSigprocmask, 2, word(&m->signal_mask), 0, 8);
  if (--m->locks == 0) reset_guard(m->curg);
}
RT_FN void rt_after_fork_child() {
  for (int sig = 1; sig < 65; ++sig) {
    SigAction a{};
    syscall6(sysno::kRtSigaction, static_cast<u64>(sig), 0, word(&a), 8);
    if (a.handler > 1) {
      SigAction reset{};
      syscall6(sysno::kRtSigaction, static_cast<u64>(sig), word(&reset), 0, 8);
    }
  }
  syscall6(sysno::kRtSigprocmask, 2, word(&current_m()->signal_mask), 0, 8);
}
// No thread may be half made when exec ends all others.
RT_FN void rt_before_exec() { sched.exec_lock.lock(Rank::kExec); }
RT_FN void rt_after_exec() { sched.exec_lock.unlock(Rank::kExec); }
RT_FN void rt_breakpoint(G*) { asm volatile("int3"); }

}  // namespace gale::rt
