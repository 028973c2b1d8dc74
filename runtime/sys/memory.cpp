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
