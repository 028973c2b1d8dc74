// traceback.cpp: see traceback.h. Which frames are shown, and how, follows gc: frames of package runtime are hidden
// (unless exported, or GOTRACEBACK=system), wrappers too; gopanic is shown as "panic" when a user frame called it from a defer.

#include "runtime/panic/traceback.h"

#include "runtime/panic/unwind.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/sys/module.h"
#include "runtime/sys/start.h"

namespace gale::rt {

namespace {

constexpr int kMaxFrames = 100;  // then the innermost 50 and the outermost 50
constexpr int kHalf = kMaxFrames / 2;

bool has_prefix(const char* s, const char* prefix) {
  while (*prefix != 0) {
    if (*s++ != *prefix++) return false;
  }
  return true;
}

bool exported_runtime(const char* name) {  // runtime.X, runtime.(*T).X
  const char* p = name + 8;
  if (*p == '(' && p[1] == '*') {
    p += 2;
    const char* dot = p;
    while (*dot != 0 && *dot != '.') ++dot;
    return *p >= 'A' && *p <= 'Z' && dot[0] == '.' && dot[1] >= 'A' && dot[1] <= 'Z';
  }
  return *p >= 'A' && *p <= 'Z';
}

bool is_gopanic(const LogicalFrame& f) { return f.func_id == abi::kFuncIdGopanic; }

bool shown(const Frame& physical, const LogicalFrame& f, bool first) {
  if (traceback_level.system) return true;
  if (physical.fn.is_c()) return false;
  if (f.func_id == abi::kFuncIdWrapper) return false;
  if (is_gopanic(f) && !first) return true;
  bool dot = false;
  for (const char* p = f.name; *p != 0; ++p) dot |= *p == '.';
  return dot && (!has_prefix(f.name, "runtime.") || exported_runtime(f.name));
}

// Generic names carry type arguments; tracebacks show "[...]".
void print_name(const char* name) {
  const char* open = nullptr;
  const char* close = nullptr;
  for (const char* p = name; *p != 0; ++p) {
    if (*p == '[' && open == nullptr) open = p;
    if (*p == ']') close = p;
  }
  if (open == nullptr || close == nullptr || close < open) return print(name);
  print_bytes(name, static_cast<u64>(open - name));
  print("[...]");
  print(close + 1);
}

// FUNCDATA ArgInfo (base/abi/stackmap.h).
void print_args(const Frame& f) {
  const u8* p = func_data(f.fn, abi::kFuncDataArgInfo);
  if (p == nullptr) return;
  bool first = true;
  auto comma = [&] {
    if (!first) print(", ");
    first = false;
  };
  for (;;) {
    u8 op = *p++;
    switch (op) {
      case abi::kArgsEnd: return;
      case abi::kArgsOpen:
        comma();
        print("{");
        first = true;
        break;
      case abi::kArgsClose:
        print("}");
        first = false;
        break;
      case abi::kArgsDots:
        comma();
        print("...");
        break;
      case abi::kArgsTooFar:
        comma();
        print("_");
        break;
      default: {
        u8 size = *p++;
        comma();
        u64 v = 0;
        u64 n = size & ~abi::kArgsUnsure;
        __builtin_memcpy(&v, reinterpret_cast<const void*>(f.fp + op), n <= 8 ? n : 8);
        print_hex(v);
        if ((size & abi::kArgsUnsure) != 0) print("?");
      }
    }
  }
}

void print_frame(const Frame& physical, const LogicalFrame& f) {
  print_name(is_gopanic(f) ? "panic" : f.name);
  print("(");
  if (f.inlined) {
    print("...");
  } else {
    print_args(physical);
  }
  print(")\n\t");
  print(f.file);
  print(":");
  print_int(f.line);
  if (!f.inlined && physical.pc > physical.fn.entry) {
    print(" +");
    print_hex(physical.pc - physical.fn.entry);
  }
  print("\n");
}

// Calls visit(physical, logical) for each frame to show. Stops when visit returns false.
template <class Visit>
void shown_frames(G* g, Visit&& visit) {
  bool first = true;
  for (Unwinder u(g); u.valid(); u.next()) {
    InlineFrames inlined(u.frame().fn, u.frame().lookup);
    for (LogicalFrame f; inlined.next(f);) {
      if (!shown(u.frame(), f, first)) continue;
      if (!visit(u.frame(), f)) return;
      first = false;
    }
  }
}

void print_frames(G* g) {
  int total = 0;
  shown_frames(g, [&](const Frame&, const LogicalFrame&) { return ++total, true; });
  int i = 0;
  shown_frames(g, [&](const Frame& physical, const LogicalFrame& f) {
    bool skip = total > kMaxFrames && i >= kHalf && i < total - kHalf;
    if (total > kMaxFrames && i == kHalf) {
      print("...");
      print_int(total - kMaxFrames);
      print(" frames elided...\n");
    }
    ++i;
    if (!skip) print_frame(physical, f);
    return true;
  });
}

void print_created_by(G* g) {
  if (g->gopc == 0 || g->goid == 1) return;
  Function f = find_function(g->gopc);
  if (!f) return;
  uptr pc = g->gopc > f.entry ? g->gopc - 1 : g->gopc;
  InlineFrames frames(f, pc);
  LogicalFrame l;
  if (!frames.next(l)) return;
  print("created by ");
  print_name(l.name);
  if (g->parent_goid != 0) {
    print(" in goroutine ");
    print_uint(g->parent_goid);
  }
  print("\n\t");
  print(l.file);
  print(":");
  print_int(l.line);
  if (g->gopc > f.entry) {
    print(" +");
    print_hex(g->gopc - f.entry);
  }
  print("\n");
}

const char* status_text(G* g) {
  switch (g->status) {
    case Status::kIdle: return "idle";
    case Status::kRunnable: return "runnable";
    case Status::kRunning: return "running";
    case Status::kSyscall: return "syscall";
    case Status::kWaiting: return wait_reason_text(g->waitreason);
    case Status::kDead: return "dead";
  }
  return "???";
}

}  // namespace

const char* wait_reason_text(Wait w) {
  static const char* const kTexts[] = {"waiting", "chan receive", "chan receive (nil chan)", "chan send", "chan send (nil chan)",
                                       "select", "select (no cases)", "semacquire", "sync.Mutex.Lock", "sync.RWMutex.RLock",
                                       "sync.RWMutex.Lock", "sync.WaitGroup.Wait", "sync.Cond.Wait", "sleep", "IO wait",
                                       "finalizer wait", "cleanup wait", "coroutine", "syscall", "force gc (idle)", "preempted", "garbage collection"};
  static_assert(sizeof(kTexts) / sizeof(kTexts[0]) == static_cast<u64>(Wait::kCount));
  return kTexts[static_cast<u8>(w)];
}

void print_goroutine(G* g) {
  print("goroutine ");
  print_uint(g->goid);
  print(" [");
  print(status_text(g));
  if (g->status == Status::kWaiting && g->waitsince != 0) {
    i64 minutes = (nanotime() - g->waitsince) / 60000000000;
    if (minutes >= 1) {
      print(", ");
      print_int(minutes);
      print(" minutes");
    }
  }
  if (g->locked_m != nullptr) print(", locked to thread");
  print("]:\n");
  M* m = g->m;
  if (status_of(g) == Status::kRunning && m != nullptr && m != current_m() && g->syscallsp == 0) {
    print("\tgoroutine running on other thread; stack unavailable\n");
  } else {
    print_frames(g);
  }
  print_created_by(g);
}

void print_other_goroutines(G* except) {
  for (G* g : sched.all_gs) {
    if (g == except || g->status == Status::kDead || g->status == Status::kIdle) continue;
    if ((g->flags & abi::kGFlagSystem) != 0 && !traceback_level.system) continue;
    print("\n");
    print_goroutine(g);
  }
}

void die_with_traceback(G* g) {
  if (traceback_level.level > 0 || traceback_level.all) {
    if (g != nullptr) {
      print("\n");
      print_goroutine(g);
    }
    if (traceback_level.all || g == nullptr || g->throwing_depth < 0) print_other_goroutines(g);
  }
  print_flush();
  if (traceback_level.crash) {
    syscall6(sysno::kRtSigaction, 6, 0, 0, 8);
    syscall6(sysno::kKill, static_cast<u64>(syscall6(sysno::kGetpid)), 6);
  }
  exit_process(2);
}

// After begin_panic_report.
RT_FN void rt_fatalpanic_exit(G* g) { die_with_traceback(g); }
RT_FN void rt_begin_panic_report(G*) {
  ++current_m()->locks;
  begin_dying();
}

RT_FN u64 rt_traceback_text(G* g, u8* buf, u64 n, u8 all) {
  print_lock();
  PrintSink sink{buf, 0, n};
  PrintSink* old = set_print_sink(&sink);
  print_goroutine(g);
  if (all != 0) print_other_goroutines(g);
  set_print_sink(old);
  print_unlock();
  return sink.len;
}

}  // namespace gale::rt
