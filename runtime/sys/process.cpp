// process.cpp: arguments, environment, auxiliary vector, debug switches, random numbers, and the small process gates.

#include "runtime/heap/heap.h"
#include "runtime/print/print.h"
#include "runtime/sched/sched.h"
#include "runtime/sys/module.h"
#include "runtime/sys/start.h"

namespace gale::rt {

ProcessArgs process_args;
DebugFlags debug_flags;
TracebackLevel traceback_level{1, false, false, false};

namespace {

u64 length(const char* s) { return __builtin_strlen(s); }

bool starts(const char* s, const char* prefix) {
  while (*prefix != 0) {
    if (*s++ != *prefix++) return false;
  }
  return true;
}

bool list_has(const char* list, const char* item) {
  if (list == nullptr) return false;
  for (const char* p = list; *p != 0;) {
    u64 n = length(item);
    if (starts(p, item) && (p[n] == 0 || p[n] == ',')) return true;
    while (*p != 0 && *p != ',') ++p;
    if (*p == ',') ++p;
  }
  return false;
}

// The number behind `key` in a list of key=number; 0 if there is none.
i64 list_number(const char* list, const char* key) {
  for (const char* p = list; p != nullptr && *p != 0;) {
    if (starts(p, key)) {
      i64 v = 0;
      for (p += length(key); *p >= '0' && *p <= '9'; ++p) v = v * 10 + (*p - '0');
      return v;
    }
    while (*p != 0 && *p != ',') ++p;
    if (*p == ',') ++p;
  }
  return 0;
}

i64 start_time = 0;

u64 rotl(u64 x, int k) { return (x << k) | (x >> (64 - k)); }

}  // namespace

i64 process_start() { return start_time; }

const char* get_env(const char* name) {
  u64 n = length(name);
  for (i64 i = 0; i < process_args.envc; ++i) {
    const char* e = process_args.envp[i];
    if (starts(e, name) && e[n] == '=') return e + n + 1;
  }
  return nullptr;
}

void set_traceback_level(const char* s) {
  TracebackLevel t{1, false, false, false};
  if (s == nullptr || *s == 0 || starts(s, "single")) {
    // the default
  } else if (starts(s, "none")) {
    t.level = 0;
  } else if (starts(s, "all")) {
    t.all = true;
  } else if (starts(s, "system")) {
    t = {2, true, true, false};
  } else if (starts(s, "crash") || starts(s, "wer")) {
    t = {2, true, true, true};
  } else if (*s >= '0' && *s <= '9') {
    t.level = *s - '0';
    t.all = t.level >= 1;
    t.system = t.level >= 2;
  }
  traceback_level = t;
}

// What generated code asks for before it uses an instruction that not every amd64 has.
void find_features() {
  const char* godebug = get_env("GODEBUG");
  if (list_has(godebug, "cpu.all=off")) return;
  u32 a = 0, b = 0, c = 0, d = 0;
  asm("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "0"(1), "2"(0));
  rt_has_popcnt = (c >> 23 & 1) != 0 && !list_has(godebug, "cpu.popcnt=off");
  rt_has_sse41 = (c >> 19 & 1) != 0 && !list_has(godebug, "cpu.sse41=off");
}

// Of memory_amd64.S.
bool has_wide_vectors() {
  u32 a = 0, b = 0, c = 0, d = 0;
  asm("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "0"(0), "2"(0));
  if (a < 7) return false;
  asm("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "0"(1), "2"(0));
  constexpr u32 kNeeded = 1u << 23 | 1u << 27 | 1u << 28;  // POPCNT, OSXSAVE, AVX
  if ((c & kNeeded) != kNeeded) return false;
  u32 kept = 0, high = 0;
  asm("xgetbv" : "=a"(kept), "=d"(high) : "c"(0));
  if ((kept & 6) != 6) return false;
  asm("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "0"(7), "2"(0));
  return (b >> 5 & 1) != 0;
}

void init_process(u64* argc) {
  ProcessArgs& a = process_args;
  a.argc = static_cast<i64>(*argc);
  a.argv = reinterpret_cast<const char**>(argc + 1);
  a.envp = a.argv + a.argc + 1;
  while (a.envp[a.envc] != nullptr) ++a.envc;
  a.auxv = reinterpret_cast<const u64*>(a.envp + a.envc + 1);
  a.page_size = 4096;
  u64 vdso = 0;
  for (const u64* p = a.auxv; p[0] != 0; p += 2, a.auxc += 2) {
    if (p[0] == 6) a.page_size = p[1];
    if (p[0] == 25) a.random = reinterpret_cast<const u8*>(p[1]);
    if (p[0] == 33) vdso = p[1];
  }
  init_clock(vdso);
  u8 mask[1024] = {};
  i64 n = syscall6(sysno::kSchedGetaffinity, 0, sizeof(mask), word(mask));
  for (i64 i = 0; i < n * 8; ++i) a.ncpu += mask[i / 8] >> (i % 8) & 1;
  if (a.ncpu == 0) a.ncpu = 1;
  const char* debug = get_env("GALEDEBUG");
  if (!list_has(get_env("GODEBUG"), "cpu.avx2=off") && !list_has(get_env("GODEBUG"), "cpu.all=off")) rt_wide_vectors = has_wide_vectors();
  find_features();
  debug_flags.gc_stress = list_has(debug, "gcstress");
  debug_flags.gc_check = list_has(debug, "gccheck");
  debug_flags.map_check = list_has(debug, "mapcheck");
  debug_flags.gc_concurrent = list_has(debug, "gcconcurrent");
  debug_flags.stack_stress = list_has(debug, "stackstress");
  debug_flags.poison = list_has(debug, "poison");
  debug_flags.sched_stress = list_has(debug, "schedstress");
  debug_flags.preempt_stress = list_has(debug, "preemptstress");
  start_time = nanotime();
  const char* godebug = get_env("GODEBUG");
  debug_flags.async_preempt_off = list_has(godebug, "asyncpreemptoff=1");
  sched.trace_ns = list_number(godebug, "schedtrace=") * 1000000;
  sched.trace_detail = list_has(godebug, "scheddetail=1");
  debug_flags.gc_trace = list_has(get_env("GODEBUG"), "gctrace=1");
  set_traceback_level(get_env("GOTRACEBACK"));
}

// ---- random numbers: xoshiro256**, one state a thread, seeded by the kernel.

void seed_random(M* m) {
  i64 n = syscall6(sysno::kGetrandom, word(m->rand_state), sizeof(m->rand_state), 1 /* GRND_NONBLOCK */);
  if (n == sizeof(m->rand_state)) return;
  u64 a = 0, b = 0;
  if (process_args.random != nullptr) {
    __builtin_memcpy(&a, process_args.random, 8);
    __builtin_memcpy(&b, process_args.random + 8, 8);
  }
  for (u64& w : m->rand_state) {
    a = hash_word(a + 1, b ^ __builtin_ia32_rdtsc());
    w = a;
  }
}

u64 random_word() {
  u64* s = current_m()->rand_state;
  u64 result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotl(s[3], 45);
  return result;
}

RT_FN u64 rt_rand() { return random_word(); }
RT_FN u64 rt_rand32() { return random_word() >> 32; }
RT_FN u64 rt_randn(u32 n) { return (static_cast<u64>(static_cast<u32>(random_word())) * n) >> 32; }

// ---- gates

RT_FN i64 rt_write(u64 fd, const void* p, i32 n) {
  return syscall6(sysno::kWrite, fd, word(p), static_cast<u64>(static_cast<i64>(n)));
}

RT_FN void rt_exit(i32 code) {
  if (dying()) {  // another thread reports a panic: its exit status stands
    for (;;) futex_sleep(&sched.stop_note, 0, 1000000);
  }
  print_flush();
  exit_process(code);
}

RT_FN u64 rt_pagesize() { return process_args.page_size; }
RT_FN const Module* rt_module() { return &gale_module; }

RT_FN Pair rt_fcntl(i32 fd, i32 cmd, i32 arg) {
  i64 r = syscall6(sysno::kFcntl, static_cast<u64>(fd), static_cast<u64>(cmd), static_cast<u64>(arg));
  if (r < 0) return {~u64{0}, static_cast<u64>(-r)};
  return {static_cast<u64>(r), 0};
}

RT_FN Pair rt_vgetrandom(const void*, i64, i64, u32) { return {~u64{0}, 0}; }  // unsupported: std makes the system call

namespace {
void strings_result(G* g, const char** list, i64 n);
}

// A []string over the kernel's own bytes, which stay for the life of the process.
RT_FN void rt_args(G* g) { strings_result(g, process_args.argv, process_args.argc); }
RT_FN void rt_envs(G* g) { strings_result(g, process_args.envp, process_args.envc); }

RT_FN void rt_auxv(G* g) {
  g->ret[0] = word(process_args.auxv);
  g->ret[1] = g->ret[2] = static_cast<u64>(process_args.auxc);
}

namespace {
void strings_result(G* g, const char** list, i64 n) {
  static u8 string_mask[8] = {1};
  static const Type string_type = {16, 8, 0, 0, 8, 8, abi::kKindString, nullptr, string_mask, 0, 0};
  auto* out = static_cast<GoString*>(new_array(g, &string_type, static_cast<u64>(n)));
  for (i64 i = 0; i < n; ++i) out[i] = {reinterpret_cast<const u8*>(list[i]), length(list[i])};
  g->ret[0] = word(out);
  g->ret[1] = g->ret[2] = static_cast<u64>(n);
}
}  // namespace

// 0 none, 1 single, 2 all, 3 system, 4 crash. GOTRACEBACK is a floor.
RT_FN void rt_set_traceback(G*, i64 level) {
  TracebackLevel& t = traceback_level;
  if (level > 2 && t.level < 2) t.level = 2;
  if (level == 0 && get_env("GOTRACEBACK") == nullptr) t.level = 0;
  t.all |= level >= 2;
  t.system |= level >= 3;
  t.crash |= level >= 4;
}

}  // namespace gale::rt

// ---- data that generated code addresses

using gale::rt::u32;
using gale::rt::u64;
using gale::rt::u8;

extern "C" {
u32 rt_wb_enabled asm("runtime.wb_enabled") __attribute__((used, visibility("default"))) = 0;
extern u32 rt_write_barrier_alias asm("runtime.writeBarrier") __attribute__((alias("runtime.wb_enabled")));
u8 rt_has_popcnt asm("runtime.x86HasPOPCNT") __attribute__((used, visibility("default"))) = 0;
u8 rt_has_sse41 asm("runtime.x86HasSSE41") __attribute__((used, visibility("default"))) = 0;
u64 rt_zerobase asm("runtime.zerobase") __attribute__((used)) = 0;
u8 rt_zero_val[1024] asm("runtime.zeroVal") __attribute__((used, weak, aligned(16))) = {};
}

#define EIGHT(n) n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7
#define SIXTY_FOUR(n) EIGHT(n), EIGHT(n + 8), EIGHT(n + 16), EIGHT(n + 24), EIGHT(n + 32), EIGHT(n + 40), EIGHT(n + 48), EIGHT(n + 56)
extern "C" __attribute__((used)) const gale::rt::u64 rt_static_words[256] asm("runtime.staticuint64s") = {
    SIXTY_FOUR(0), SIXTY_FOUR(64), SIXTY_FOUR(128), SIXTY_FOUR(192)};
