// layout_check.cpp: every row of base/abi/layout.def against the runtime's own structs. Nothing but assertions.

#include "runtime/chan/chan.h"
#include "runtime/iface/type.h"
#include "runtime/map/map.h"
#include "runtime/sched/g.h"
#include "runtime/sys/module.h"

#pragma GCC diagnostic ignored "-Winvalid-offsetof"

namespace gale::rt::layout_check {

namespace {

struct SelectCase {
  void* chan;
  void* elem;
};
struct RegArgs {
  u64 ints[9];
  double floats[15];
  void* ptrs[9];
  u8 return_is_ptr[2];
  u8 pad[6];
};

template <class T>
struct Tag {
  using type = T;
};
template <class F, class T>
constexpr bool row_holds(F f, Tag<T>) {
  return f(static_cast<T*>(nullptr));
}

// Records whose rows carry other names than the fields are checked here by hand.
static_assert(__builtin_offsetof(P, run) == abi::P::run && sizeof(AllocRun) == abi::AllocRun::size);
static_assert(sizeof(MapType) == abi::MapType::size && sizeof(Type) == abi::Type::size);
static_assert(sizeof(StructType) == abi::StructType::size && sizeof(InterfaceType) == abi::InterfaceType::size);
static_assert(__builtin_offsetof(G, gate_args) == 392, "gen_gates.py stores there");
static_assert(sizeof(Closure) == 8 && sizeof(GoSlice) == 24);

#define CONST(name, value)
#define FIELD(record, name, offset) CHECK_##record(name, offset)

// `size` rows cannot be told apart by the preprocessor from a field, so each record's macro sends its names through a constexpr test.
#define CHECK_ANY(record, name, offset) \
  static_assert(row_holds([]<class T>(T*) constexpr { \
    if constexpr (requires(T t) { t.name; }) { \
      return __builtin_offsetof(T, name) == offset; \
    } else { \
      return sizeof(T) == offset; \
    } \
  }, Tag<record>{}), #record "." #name);

#define CHECK_G(n, o) CHECK_ANY(G, n, o)
#define CHECK_M(n, o) CHECK_ANY(M, n, o)
#define CHECK_P(n, o) CHECK_ANY(P, n, o)
#define CHECK_AllocRun(n, o) CHECK_ANY(AllocRun, n, o)
#define CHECK_Defer(n, o) CHECK_ANY(Defer, n, o)
#define CHECK_FrameRecord(n, o)  // panic/frames.cpp
#define CHECK_Type(n, o) CHECK_ANY(Type, n, o)
#define CHECK_ArrayType(n, o) CHECK_ANY(ArrayType, n, o)
#define CHECK_ChanType(n, o) CHECK_ANY(ChanType, n, o)
#define CHECK_PtrType(n, o) CHECK_ANY(PtrType, n, o)
#define CHECK_SliceType(n, o) CHECK_ANY(SliceType, n, o)
#define CHECK_FuncType(n, o) CHECK_ANY(FuncType, n, o)
#define CHECK_InterfaceType(n, o) CHECK_ANY(InterfaceType, n, o)
#define CHECK_Imethod(n, o) CHECK_ANY(Imethod, n, o)
#define CHECK_StructType(n, o) CHECK_ANY(StructType, n, o)
#define CHECK_StructField(n, o) CHECK_ANY(StructField, n, o)
#define CHECK_MapType(n, o) CHECK_ANY(MapType, n, o)
#define CHECK_UncommonType(n, o) CHECK_ANY(UncommonType, n, o)
#define CHECK_Method(n, o) CHECK_ANY(Method, n, o)
#define CHECK_ITab(n, o) CHECK_ANY(ITab, n, o)
#define CHECK_TypeAssert(n, o) CHECK_ANY(TypeAssert, n, o)
#define CHECK_InterfaceSwitch(n, o) CHECK_ANY(InterfaceSwitch, n, o)
#define CHECK_HMap(n, o) CHECK_ANY(HMap, n, o)
#define CHECK_MapIter(n, o) CHECK_ANY(MapIter, n, o)
#define CHECK_Chan(n, o) CHECK_ANY(Chan, n, o)
#define CHECK_SelectCase(n, o) CHECK_ANY(SelectCase, n, o)
#define CHECK_RegArgs(n, o) CHECK_ANY(RegArgs, n, o)
#define CHECK_Module(n, o) CHECK_ANY(Module, n, o)
#define CHECK_InitUnit(n, o) CHECK_ANY(InitUnit, n, o)

#include "base/abi/layout.def"

}  // namespace
}  // namespace gale::rt::layout_check
