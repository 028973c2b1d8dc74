// print.cpp: the print and println builtins and the runtime's own messages.
// Floats and complex numbers are printed by the overlay (shortest form, internal/strconv).

#include "runtime/print/print.h"

#include "runtime/iface/type.h"
#include "runtime/sched/sched.h"

namespace gale::rt {

namespace {

// The owner of the lock (a thread) alone touches the buffer; it may take the lock again.
u8 buffer[1024];
u64 buffered = 0;
Lock lock;
M* owner = nullptr;
int lock_depth = 0;
PrintSink* sink = nullptr;   // of the owner

int crash_fd = -1;           // also gets what a dying program says (debug.SetCrashOutput)

void put(const void* p, u64 n);

// What is said to a closed or full descriptor is lost.
void write_all(int fd, const u8* p, u64 n) {
  while (n > 0) {
    i64 done = write_fd(fd, p, n);
    if (done == -4) continue;  // EINTR
    if (done <= 0) return;
    p += done;
    n -= static_cast<u64>(done);
  }
}

void write_message(const u8* p, u64 n) {
  write_all(2, p, n);
  if (crash_fd >= 0 && dying()) write_all(crash_fd, p, n);
}

}  // namespace

// With the print lock held.
PrintSink* set_print_sink(PrintSink* s) {
  print_flush();
  PrintSink* old = sink;
  sink = s;
  return old;
}

void print_flush() {
  write_message(buffer, buffered);
  buffered = 0;
}

void print_lock() {
  M* m = current_m();
  if (__atomic_load_n(&owner, __ATOMIC_RELAXED) == m) {
    ++lock_depth;
    return;
  }
  lock.lock(Rank::kPrint);
  __atomic_store_n(&owner, m, __ATOMIC_RELAXED);
  lock_depth = 1;
}

void print_unlock() {
  if (--lock_depth != 0) return;
  print_flush();
  __atomic_store_n(&owner, nullptr, __ATOMIC_RELAXED);
  lock.unlock(Rank::kPrint);
}

// For the thread that reports a fatal error, when all others are stopped for good: whoever held the lock will not come back.
void seize_print_lock() {
  M* m = current_m();
  for (int tries = 0; tries < 50 && __atomic_load_n(&owner, __ATOMIC_RELAXED) != nullptr && owner != m; ++tries) {
    Timespec t{0, 200000};
    syscall6(sysno::kNanosleep, word(&t), 0);
  }
  if (owner != m) {
    owner = m;
    lock_depth = 0;
  }
  sink = nullptr;
  ++lock_depth;
}

void print_bytes(const void* p, u64 n) {
  print_lock();
  put(p, n);
  print_unlock();
}

namespace {

void put(const void* p, u64 n) {
  const u8* s = static_cast<const u8*>(p);
  if (sink != nullptr) {
    for (u64 i = 0; i < n && sink->len < sink->cap; ++i) sink->buf[sink->len++] = s[i];
    return;
  }
  if (n > sizeof(buffer) - buffered) print_flush();
  if (n > sizeof(buffer)) {
    return write_message(s, n);
  }
  __builtin_memcpy(buffer + buffered, s, n);
  buffered += n;
}

}  // namespace

void print(const char* s) { print_bytes(s, __builtin_strlen(s)); }
void print(GoString s) { print_bytes(s.ptr, s.len); }

void print_uint(u64 v) {
  u8 digits[20];
  u64 i = sizeof(digits);
  do {
    digits[--i] = static_cast<u8>('0' + v % 10);
    v /= 10;
  } while (v != 0);
  print_bytes(digits + i, sizeof(digits) - i);
}

void print_int(i64 v) {
  if (v < 0) {
    print("-");
    print_uint(-static_cast<u64>(v));
    return;
  }
  print_uint(static_cast<u64>(v));
}

void print_hex(u64 v) {
  u8 digits[18];
  u64 i = sizeof(digits);
  do {
    digits[--i] = static_cast<u8>("0123456789abcdef"[v & 15]);
    v >>= 4;
  } while (v != 0);
  digits[--i] = 'x';
  digits[--i] = '0';
  print_bytes(digits + i, sizeof(digits) - i);
}

// ---- gates

// The lock belongs to the thread: the goroutine must stay on it.
RT_FN void rt_printlock(G* g) {
  ++g->m->locks;
  print_lock();
}
RT_FN void rt_printunlock(G* g) {
  print_unlock();
  if (--g->m->locks == 0) reset_guard(g);
}
RT_FN void rt_printbool(G*, u8 v) { print(v != 0 ? "true" : "false"); }
RT_FN void rt_printint(G*, i64 v) { print_int(v); }
RT_FN void rt_printuint(G*, u64 v) { print_uint(v); }
RT_FN void rt_printuintptr(G*, u64 v) { print_uint(v); }
RT_FN void rt_printhex(G*, u64 v) { print_hex(v); }
RT_FN void rt_printpointer(G*, u64 v) { print_hex(v); }
RT_FN void rt_printstring(G*, const u8* p, u64 n) { print_bytes(p, n); }

RT_FN void rt_printslice(G*, u64 p, i64 len, i64 cap) {
  print("[");
  print_int(len);
  print("/");
  print_int(cap);
  print("]");
  print_hex(p);
}

RT_FN void rt_printeface(G*, u64 type, u64 data) {
  print("(");
  print_hex(type);
  print(",");
  print_hex(data);
  print(")");
}

RT_FN void rt_printnl(G*) { print("\n"); }
RT_FN void rt_printsp(G*) { print(" "); }

// ~0: none.
RT_FN u64 rt_set_crash_fd(G*, u64 fd) {
  u64 old = static_cast<u64>(static_cast<i64>(crash_fd));
  crash_fd = static_cast<int>(fd);
  return old;
}

}  // namespace gale::rt
