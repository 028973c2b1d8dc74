// memory.cpp: see memory.h.

#include "runtime/sys/memory.h"

#include "runtime/print/print.h"
#include "runtime/sched/lock.h"

namespace gale::rt {

namespace {
constexpr u64 kProtRW = 3, kMapPrivateAnon = 0x22, kMapNoReserve = 0x4000;
constexpr u64 kChunk = 256 << 10;
u8* chunk = nullptr;
u64 chunk_left = 0;
Lock chunk_lock;
}  // namespace

void* sys_try_alloc(u64 bytes, uptr hint) {
  i64 p = syscall6(sysno::kMmap, hint, bytes, kProtRW, kMapPrivateAnon | kMapNoReserve, ~u64{0}, 0);
  return p < 0 && p > -4096 ? nullptr : reinterpret_cast<void*>(p);
}

void* sys_alloc(u64 bytes) {
  void* p = sys_try_alloc(bytes, 0);
  if (p == nullptr) fatal_error("runtime: out of memory");
  return p;
}

void sys_free(void* p, u64 bytes) { syscall6(sysno::kMunmap, word(p), bytes); }
void sys_unused(void* p, u64 bytes) { syscall6(sysno::kMadvise, word(p), bytes, 4 /* MADV_DONTNEED */); }
void sys_huge(void* p, u64 bytes) { syscall6(sysno::kMadvise, word(p), bytes, 14 /* MADV_HUGEPAGE */); }
void sys_not_huge(void* p, u64 bytes) { syscall6(sysno::kMadvise, word(p), bytes, 15 /* MADV_NOHUGEPAGE */); }

bool huge_pages_allowed() {
  enum : u8 { kUnknown, kYes, kNo };
  static u8 known = kUnknown;
  u8 answer = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (answer == kUnknown) {  // the file says "always [madvise] never", in brackets what is chosen
    answer = kNo;
    u8 text[64];
    i64 fd = syscall6(sysno::kOpen, word("/sys/kernel/mm/transparent_hugepage/enabled"), 0x80000 /* O_CLOEXEC */);
    if (fd >= 0) {
      i64 n = syscall6(sysno::kRead, static_cast<u64>(fd), word(text), sizeof text);
      syscall6(sysno::kClose, static_cast<u64>(fd));
      for (i64 i = 0; i + 1 < n; ++i) {
        if (text[i] == '[' && text[i + 1] != 'n') answer = kYes;
      }
    }
    __atomic_store_n(&known, answer, __ATOMIC_RELAXED);
  }
  return answer == kYes;
}

void sys_protect_none(void* p, u64 bytes) { syscall6(sysno::kMprotect, word(p), bytes, 0); }

void* persistent_alloc(u64 bytes) {
  bytes = (bytes + 15) & ~u64{15};
  if (bytes > kChunk / 4) return sys_alloc(bytes);
  Guard guard(chunk_lock, Rank::kPersistent);
  if (bytes > chunk_left) {
    chunk = static_cast<u8*>(sys_alloc(kChunk));
    chunk_left = kChunk;
  }
  void* p = chunk;
  chunk += bytes;
  chunk_left -= bytes;
  return p;
}

}  // namespace gale::rt
