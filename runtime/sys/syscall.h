// syscall.h: raw Linux system calls for the runtime itself. Results are the kernel's: -errno on failure.

#ifndef GALE_RUNTIME_SYS_SYSCALL_H_
#define GALE_RUNTIME_SYS_SYSCALL_H_

#include <cstddef>
#include <cstdint>

namespace gale::rt {

using i64 = std::int64_t;
using u64 = std::uint64_t;
using i32 = std::int32_t;
using u32 = std::uint32_t;
using u16 = std::uint16_t;
using u8 = std::uint8_t;
using uptr = std::uintptr_t;

namespace sysno {
inline constexpr i64 kRead = 0, kWrite = 1, kOpen = 2, kClose = 3, kMmap = 9, kMprotect = 10, kMunmap = 11, kRtSigaction = 13,
                     kRtSigprocmask = 14, kMadvise = 28, kNanosleep = 35, kGetpid = 39, kKill = 62, kFcntl = 72, kGettimeofday = 96,
                     kSigaltstack = 131, kArchPrctl = 158, kExit = 60, kGettid = 186, kFutex = 202, kSchedGetaffinity = 204,
                     kClockGettime = 228, kExitGroup = 231, kEpollWait = 232, kEpollCtl = 233, kTgkill = 234,
                     kEpollPwait = 281, kEventfd2 = 290, kEpollCreate1 = 291, kGetrandom = 318, kEpollPwait2 = 441;
}  // namespace sysno

inline i64 syscall6(i64 n, u64 a = 0, u64 b = 0, u64 c = 0, u64 d = 0, u64 e = 0, u64 f = 0) {
  i64 r;
  register u64 r10 asm("r10") = d;
  register u64 r8 asm("r8") = e;
  register u64 r9 asm("r9") = f;
  asm volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return r;
}

template <class T>
inline u64 word(T* p) {
  return reinterpret_cast<u64>(p);
}

[[noreturn]] inline void exit_process(int code) {
  for (;;) syscall6(sysno::kExitGroup, static_cast<u64>(code));
}

inline i64 write_fd(int fd, const void* p, u64 n) {
  return syscall6(sysno::kWrite, static_cast<u64>(fd), word(p), n);
}

struct Timespec {
  i64 sec, nsec;
};

i64 nanotime();            // monotonic, through the vDSO when there is one
Timespec walltime();

}  // namespace gale::rt

#endif  // GALE_RUNTIME_SYS_SYSCALL_H_
