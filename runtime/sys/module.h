// module.h: the linker's record of the image (layout.def, Module) and queries of address ranges.

#ifndef GALE_RUNTIME_SYS_MODULE_H_
#define GALE_RUNTIME_SYS_MODULE_H_

#include "runtime/sys/gate.h"

namespace gale::rt {

struct InitUnit {
  u32* guard;
  uptr code;
};

struct ITab;

struct Module {
  u64 magic;
  const Module* next;
  uptr text, etext;
  const u8* pclntab;
  u64 pclntab_len;
  const u8* gofunc;
  const void* findfunc;
  uptr types, etypes;
  const i32* typelinks;
  u64 ntypelinks;
  const ITab* const* itabs;
  u64 nitabs;
  uptr data, edata;
  const u8* data_mask;
  uptr bss, ebss;
  const u8* bss_mask;
  uptr noptrdata, enoptrdata, noptrbss, enoptrbss;
  uptr gcroots, egcroots;
  const InitUnit* inits;
  u64 ninits;
  uptr covctrs, ecovctrs;
  GoString build_version, modinfo, godebug_default, default_goroot;
  uptr main_main;
  u64 flags;
  i64 tls_offset;
  uptr rodata, erodata;
  const void* itab_hash;
  u64 itab_hash_size;
  u64 reserved[3];
};

extern "C" const Module gale_module asm("runtime.gale_module");

inline bool in_text(uptr pc) { return pc >= gale_module.text && pc < gale_module.etext; }
inline bool in_types(uptr p) { return p >= gale_module.types && p < gale_module.etypes; }

}  // namespace gale::rt

#endif  // GALE_RUNTIME_SYS_MODULE_H_
