// type.h: type descriptors as the compiler lays them out (RUNTIME_CONTRACT section 3), and queries on them.

#ifndef GALE_RUNTIME_IFACE_TYPE_H_
#define GALE_RUNTIME_IFACE_TYPE_H_

#include "base/abi/layout.h"
#include "runtime/sys/gate.h"

namespace gale::rt {

struct Closure {
  uptr code;
};

struct Type {
  u64 size_;
  u64 ptr_bytes;
  u32 hash;
  u8 tflag;
  u8 align;
  u8 field_align;
  u8 kind;
  const Closure* equal;
  u8* gc_data;
  i32 str;
  i32 ptr_to_this;

  bool has_pointers() const { return ptr_bytes != 0; }
  bool direct_iface() const { return (tflag & abi::kTFlagDirectIface) != 0; }
  bool regular_memory() const { return (tflag & abi::kTFlagRegularMemory) != 0; }
};
struct ArrayType : Type {
  const Type* elem;
  const Type* slice;
  u64 len;
};
struct ChanType : Type {
  const Type* elem;
  i64 dir;
};
struct PtrType : Type {
  const Type* elem;
};
struct SliceType : Type {
  const Type* elem;
};
struct FuncType : Type {
  u16 in_count, out_count;
};
struct Imethod {
  i32 name, typ;
};
struct InterfaceType : Type {
  const u8* pkg_path;
  const Imethod* methods;
  u64 nmethods, cap_methods;
};
struct StructField {
  const u8* name;
  const Type* typ;
  u64 offset;
};
struct StructType : Type {
  const u8* pkg_path;
  const StructField* fields;
  u64 nfields, cap_fields;
};
struct MapType : Type {
  const Type* key;
  const Type* elem;
  const Type* bucket;
  const Closure* hasher;
  u64 bucket_size, key_slot, elem_off;
  u32 flags;
  u32 elem_slot;

  bool indirect_key() const { return (flags & abi::kMapFlagIndirectKey) != 0; }
  bool indirect_elem() const { return (flags & abi::kMapFlagIndirectElem) != 0; }
  u64 elem_stride() const { return indirect_elem() ? 8 : elem->size_; }
};
struct Method {
  i32 name, mtyp, ifn, tfn;
};
struct UncommonType {
  i32 pkg_path;
  u16 mcount, xcount;
  u32 moff, unused;
  const Method* methods() const { return reinterpret_cast<const Method*>(reinterpret_cast<const u8*>(this) + moff); }
};
struct ITab {
  const InterfaceType* inter;
  const Type* type;
  u32 hash;
  u32 pad;
  uptr fun[1];
};
struct TypeAssert {
  const void* cache;
  const InterfaceType* inter;
  bool can_fail;
};
struct InterfaceSwitch {
  const void* cache;
  u64 ncases;
  const InterfaceType* cases[1];
};
struct Eface {
  const Type* type;
  void* data;
};

// Name records: flags, uvarint length, bytes, [tag], [package path offset].
GoString name_text(const u8* name);
inline bool name_exported(const u8* name) { return (name[0] & abi::kNameExported) != 0; }
const u8* name_pkg_path(const u8* name, const void* referrer);  // a name record or nullptr

const u8* resolve_name(const void* in_module, i32 off);
const Type* resolve_type(const void* in_module, i32 off);
uptr resolve_text(const void* in_module, i32 off);

const UncommonType* uncommon(const Type* t);
GoString type_string(const Type* t);
GoString type_pkg_path(const Type* t);

// Does an array or interface word of this type hold its value directly?
inline bool is_kind(const Type* t, u64 kind) { return t->kind == kind; }

// Hash and equality by walking the descriptor. False/nullptr results: see `unhashable`.
// On an unhashable dynamic type *bad is set to it, and the value is meaningless.
u64 type_hash(const Type* t, const void* p, u64 seed, const Type** bad);
bool type_equal(const Type* t, const void* p, const void* q, const Type** bad);
u64 hash_bytes(const void* p, u64 n, u64 seed);
u64 hash_memory(const void* p, u64 n, u64 seed);  // of a value that is plain memory

inline u64 hash_word(u64 k, u64 seed) {
  u64 x = k ^ seed;
  unsigned __int128 m = static_cast<unsigned __int128>(x) * (((x << 32) | (x >> 32)) ^ abi::kHashMultiplier);
  return static_cast<u64>(m >> 64) ^ static_cast<u64>(m);
}

// The itab of (inter, type), made on first use; nullptr if a method is missing (its name record in *missing).
const ITab* get_itab(const InterfaceType* inter, const Type* t, const u8** missing);

}  // namespace gale::rt

#endif  // GALE_RUNTIME_IFACE_TYPE_H_
