// type.cpp: names, offsets and strings of type descriptors.

#include "runtime/iface/type.h"

#include "runtime/gc/gc.h"
#include "runtime/print/print.h"
#include "runtime/sched/g.h"
#include "runtime/sys/memory.h"
#include "runtime/sys/module.h"

namespace gale::rt {

namespace {

// Pointers that reflect has given negative offsets (addReflectOff).
SysVector<const void*> reflect_offsets;
Lock offsets_lock;

const void* reflect_offset(i32 off) {
  u64 i = static_cast<u64>(-static_cast<i64>(off)) - 1;
  Guard guard(offsets_lock, Rank::kOffsets);
  RT_CHECK(off < 0 && i < reflect_offsets.size(), "runtime: type or name offset base pointer out of range");
  return reflect_offsets[i];
}

u64 read_length(const u8*& p) {
  u64 n = 0;
  for (int shift = 0;; shift += 7) {
    u8 b = *p++;
    n |= static_cast<u64>(b & 0x7f) << shift;
    if ((b & 0x80) == 0) return n;
  }
}

u64 kind_size(u8 kind) {
  switch (kind) {
    case abi::kKindArray: return sizeof(ArrayType);
    case abi::kKindChan: return sizeof(ChanType);
    case abi::kKindFunc: return abi::FuncType::size;
    case abi::kKindInterface: return sizeof(InterfaceType);
    case abi::kKindMap: return sizeof(MapType);
    case abi::kKindPointer: return sizeof(PtrType);
    case abi::kKindSlice: return sizeof(SliceType);
    case abi::kKindStruct: return sizeof(StructType);
    default: return sizeof(Type);
  }
}

}  // namespace

GoString name_text(const u8* name) {
  if (name == nullptr) return {nullptr, 0};
  const u8* p = name + 1;
  u64 n = read_length(p);
  return {p, n};
}

const u8* name_pkg_path(const u8* name, const void* referrer) {
  if (name == nullptr || (name[0] & abi::kNameHasPkgPath) == 0) return nullptr;
  const u8* p = name + 1;
  u64 n = read_length(p);
  p += n;
  if ((name[0] & abi::kNameHasTag) != 0) {
    n = read_length(p);
    p += n;
  }
  i32 off;
  __builtin_memcpy(&off, p, 4);
  return resolve_name(referrer != nullptr ? referrer : name, off);
}

const u8* resolve_name(const void* in_module, i32 off) {
  if (off == 0) return nullptr;
  if (in_types(word(in_module))) return reinterpret_cast<const u8*>(gale_module.types + static_cast<u64>(static_cast<i64>(off)));
  return static_cast<const u8*>(reflect_offset(off));
}

const Type* resolve_type(const void* in_module, i32 off) {
  if (off == 0 || off == -1) return nullptr;
  if (in_types(word(in_module))) {
    return reinterpret_cast<const Type*>(gale_module.types + static_cast<u64>(static_cast<i64>(off)));
  }
  return static_cast<const Type*>(reflect_offset(off));
}

extern "C" const char rt_unreachable_method[] asm("runtime.unreachableMethod");

uptr resolve_text(const void* in_module, i32 off) {
  if (off == -1) return word(rt_unreachable_method);
  if (in_types(word(in_module))) return gale_module.text + static_cast<u64>(static_cast<i64>(off));
  return word(reflect_offset(off));
}

const UncommonType* uncommon(const Type* t) {
  if ((t->tflag & abi::kTFlagUncommon) == 0) return nullptr;
  return reinterpret_cast<const UncommonType*>(reinterpret_cast<const u8*>(t) + kind_size(t->kind));
}

GoString type_string(const Type* t) {
  GoString s = name_text(resolve_name(t, t->str));
  if ((t->tflag & abi::kTFlagExtraStar) != 0 && s.len > 0) return {s.ptr + 1, s.len - 1};
  return s;
}

GoString type_pkg_path(const Type* t) {
  if (const UncommonType* u = uncommon(t)) return name_text(resolve_name(t, u->pkg_path));
  if (t->kind == abi::kKindInterface) return name_text(static_cast<const InterfaceType*>(t)->pkg_path);
  if (t->kind == abi::kKindStruct) return name_text(static_cast<const StructType*>(t)->pkg_path);
  return {nullptr, 0};
}

void mark_reflect_offsets(MarkQueue& q) {
  Guard guard(offsets_lock, Rank::kOffsets);
  for (const void* p : reflect_offsets) mark_conservative(q, word(p));
}

// ---- gates

RT_FN const void* rt_resolve_name_off(G*, const void* in, i32 off) { return resolve_name(in, off); }
RT_FN const void* rt_resolve_type_off(G*, const void* in, i32 off) { return resolve_type(in, off); }
RT_FN uptr rt_resolve_text_off(G*, const void* in, i32 off) { return resolve_text(in, off); }

RT_FN i64 rt_add_reflect_off(G*, const void* p) {
  Guard guard(offsets_lock, Rank::kOffsets);
  for (u64 i = 0; i < reflect_offsets.size(); ++i) {
    if (reflect_offsets[i] == p) return -static_cast<i64>(i) - 1;
  }
  reflect_offsets.push(p);
  return -static_cast<i64>(reflect_offsets.size());
}

RT_FN Pair rt_type_string(G*, const Type* t) {
  GoString s = type_string(t);
  return {word(s.ptr), s.len};
}
RT_FN Pair rt_type_pkgpath(G*, const Type* t) {
  GoString s = type_pkg_path(t);
  return {word(s.ptr), s.len};
}

}  // namespace gale::rt
