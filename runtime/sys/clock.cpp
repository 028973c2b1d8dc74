// clock.cpp: monotonic and wall clocks. The vDSO's clock_gettime is looked up by hand in the ELF image the kernel mapped;
// without it the system call is used.

#include <elf.h>

#include "runtime/sys/gate.h"
#include "runtime/sys/start.h"
#include "runtime/sched/g.h"

namespace gale::rt {

namespace {

using ClockFn = long (*)(int, Timespec*);
ClockFn vdso_clock = nullptr;

bool same(const char* a, const char* b) {
  while (*a != 0 && *a == *b) ++a, ++b;
  return *a == *b;
}

Timespec read_clock(int id) {
  Timespec t{};
  if (vdso_clock != nullptr && vdso_clock(id, &t) == 0) return t;
  syscall6(sysno::kClockGettime, static_cast<u64>(id), word(&t));
  return t;
}

}  // namespace

void init_clock(u64 vdso) {
  if (vdso == 0) return;
  const u8* base = reinterpret_cast<const u8*>(vdso);
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(base);
  const auto* segments = reinterpret_cast<const Elf64_Phdr*>(base + header->e_phoff);
  u64 load = 0;
  const Elf64_Dyn* dynamic = nullptr;
  for (int i = 0; i < header->e_phnum; ++i) {
    if (segments[i].p_type == PT_LOAD && load == 0) load = vdso + segments[i].p_offset - segments[i].p_vaddr;
    if (segments[i].p_type == PT_DYNAMIC) dynamic = reinterpret_cast<const Elf64_Dyn*>(base + segments[i].p_offset);
  }
  if (dynamic == nullptr) return;
  const char* names = nullptr;
  const Elf64_Sym* symbols = nullptr;
  const u32* hash = nullptr;
  for (; dynamic->d_tag != DT_NULL; ++dynamic) {
    u64 p = load + dynamic->d_un.d_ptr;
    if (dynamic->d_tag == DT_STRTAB) names = reinterpret_cast<const char*>(p);
    if (dynamic->d_tag == DT_SYMTAB) symbols = reinterpret_cast<const Elf64_Sym*>(p);
    if (dynamic->d_tag == DT_HASH) hash = reinterpret_cast<const u32*>(p);
  }
  if (names == nullptr || symbols == nullptr || hash == nullptr) return;
  for (u32 i = 0; i < hash[1]; ++i) {  // nchain = number of symbols
    if (symbols[i].st_shndx == SHN_UNDEF || !same(names + symbols[i].st_name, "__vdso_clock_gettime")) continue;
    vdso_clock = reinterpret_cast<ClockFn>(load + symbols[i].st_value);
  }
}

i64 nanotime() {
  Timespec t = read_clock(1);
  return t.sec * 1000000000 + t.nsec;
}

Timespec walltime() { return read_clock(0); }

RT_FN i64 rt_nanotime(G*) { return nanotime(); }

RT_FN void rt_walltime(G* g) {
  Timespec t = walltime();
  g->ret[0] = static_cast<u64>(t.sec);
  g->ret[1] = static_cast<u64>(t.nsec);
  g->ret[2] = static_cast<u64>(nanotime());
}

RT_FN u64 rt_cputicks() { return __builtin_ia32_rdtsc(); }

}  // namespace gale::rt
