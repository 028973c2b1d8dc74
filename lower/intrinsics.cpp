// Functions whose calls become operations. The table names those that are always done inline; a func value of one without
// a Go body gets a body made of the operation (Program::declared).
#include <absl/container/flat_hash_map.h>

#include "base/check.h"
#include "lower/body.h"

namespace gale::lower {

namespace {

enum class Intrinsic : uint8_t {
  AtomicLoad, AtomicStore, AtomicAdd, AtomicXchg, AtomicCas, AtomicAnd,
  AtomicOr, AtomicAnd8, AtomicOr8,
  GetG, CallerPc, CallerSp, ClosurePtr, KeepAlive, FuncPc, Nothing, Prefetch, PrefetchStreamed, Pause, BoolToUint8,
  Ctz, LeadingZeros, Len, OnesCount, Bswap, RotateLeft, Add64, Sub64, Mul64,
  Sqrt, Abs, Copysign, Round, FloatBits, FloatFromBits,
  BoolToByte,
};

struct Entry {
  Intrinsic what;
  int bits = 64;  // of the operand; Round: the mode
};

using Table = absl::flat_hash_map<std::string, Entry>;

const Table& table() {
  static const Table* made = [] {
    auto* t = new Table;
    auto add = [&](std::string name, Intrinsic what, int bits = 64) { (*t)[std::move(name)] = {what, bits}; };
    const std::string a = "internal/runtime/atomic.";
    for (const char* n : {"Load", "Loadp", "Load64", "LoadAcq", "LoadAcq64", "LoadAcquintptr", "Load8", "Loaduintptr", "Loaduint",
                          "Loadint32", "Loadint64"}) {
      add(a + n, Intrinsic::AtomicLoad);
    }
    for (const char* n : {"Store", "Store8", "Store64", "StoreRel", "StoreRel64", "StoreReluintptr", "Storeuintptr", "StorepNoWB",
                          "Storeint32", "Storeint64"}) {
      add(a + n, Intrinsic::AtomicStore);
    }
    add(a + "storePointer", Intrinsic::AtomicStore);
    add(a + "casPointer", Intrinsic::AtomicCas);
    for (const char* n : {"Xadd", "Xadd64", "Xaddint32", "Xaddint64", "Xadduintptr"}) add(a + n, Intrinsic::AtomicAdd);
    for (const char* n : {"Xchg", "Xchg8", "Xchg64", "Xchgint32", "Xchgint64", "Xchguintptr"}) add(a + n, Intrinsic::AtomicXchg);
    for (const char* n : {"Cas", "Cas64", "Casint32", "Casint64", "Casuintptr", "Casp1", "CasRel"}) add(a + n, Intrinsic::AtomicCas);
    for (const char* n : {"And32", "And64", "Anduintptr", "And"}) add(a + n, Intrinsic::AtomicAnd);
    for (const char* n : {"Or32", "Or64", "Oruintptr", "Or"}) add(a + n, Intrinsic::AtomicOr);
    add(a + "And8", Intrinsic::AtomicAnd8);
    add(a + "Or8", Intrinsic::AtomicOr8);
    for (const char* n : {"Int32", "Int64", "Uint32", "Uint64", "Uintptr"}) {
      const std::string s = std::string("sync/atomic.");
      add(s + "Load" + n, Intrinsic::AtomicLoad);
      add(s + "Store" + n, Intrinsic::AtomicStore);
      add(s + "Add" + n, Intrinsic::AtomicAdd);
      add(s + "Swap" + n, Intrinsic::AtomicXchg);
      add(s + "CompareAndSwap" + n, Intrinsic::AtomicCas);
      add(s + "And" + n, Intrinsic::AtomicAnd);
      add(s + "Or" + n, Intrinsic::AtomicOr);
    }
    add("sync/atomic.LoadPointer", Intrinsic::AtomicLoad);
    add("sync/atomic.StorePointer", Intrinsic::AtomicStore);
    add("sync/atomic.SwapPointer", Intrinsic::AtomicXchg);
    add("sync/atomic.CompareAndSwapPointer", Intrinsic::AtomicCas);
    add("sync.runtime_LoadAcquintptr", Intrinsic::AtomicLoad);
    add("sync.runtime_StoreReluintptr", Intrinsic::AtomicStore);
    add("runtime.getg", Intrinsic::GetG);
    add("internal/runtime/sys.GetCallerPC", Intrinsic::CallerPc);
    add("internal/runtime/sys.GetCallerSP", Intrinsic::CallerSp);
    add("internal/runtime/sys.GetClosurePtr", Intrinsic::ClosurePtr);
    add("runtime.KeepAlive", Intrinsic::KeepAlive);
    add("internal/abi.FuncPCABI0", Intrinsic::FuncPc);
    add("internal/abi.FuncPCABIInternal", Intrinsic::FuncPc);
    add("internal/abi.EscapeNonString", Intrinsic::Nothing);
    add("crypto/internal/constanttime.boolToUint8", Intrinsic::BoolToUint8);
    add("internal/runtime/sys.Prefetch", Intrinsic::Prefetch);
    add("internal/runtime/sys.PrefetchStreamed", Intrinsic::PrefetchStreamed);
    add("runtime.publicationBarrier", Intrinsic::Nothing);
    for (const std::string p : {"math/bits.", "internal/runtime/sys."}) {
      for (int bits : {8, 16, 32, 64}) {
        const std::string n = std::to_string(bits);
        add(p + "TrailingZeros" + n, Intrinsic::Ctz, bits);
        add(p + "LeadingZeros" + n, Intrinsic::LeadingZeros, bits);
        add(p + "Len" + n, Intrinsic::Len, bits);
        add(p + "OnesCount" + n, Intrinsic::OnesCount, bits);
      }
    }
    add("internal/runtime/sys.Bswap64", Intrinsic::Bswap, 64);
    add("internal/runtime/sys.Bswap32", Intrinsic::Bswap, 32);
    const std::string m = "math/bits.";
    add(m + "TrailingZeros", Intrinsic::Ctz, 64);
    add(m + "LeadingZeros", Intrinsic::LeadingZeros, 64);
    add(m + "Len", Intrinsic::Len, 64);
    add(m + "OnesCount", Intrinsic::OnesCount, 64);
    add(m + "ReverseBytes", Intrinsic::Bswap, 64);
    add(m + "RotateLeft", Intrinsic::RotateLeft, 64);
    for (int bits : {16, 32, 64}) add(m + "ReverseBytes" + std::to_string(bits), Intrinsic::Bswap, bits);
    for (int bits : {8, 16, 32, 64}) add(m + "RotateLeft" + std::to_string(bits), Intrinsic::RotateLeft, bits);
    for (const char* n : {"Add64", "Add"}) add(m + n, Intrinsic::Add64);
    for (const char* n : {"Sub64", "Sub"}) add(m + n, Intrinsic::Sub64);
    for (const char* n : {"Mul64", "Mul"}) add(m + n, Intrinsic::Mul64);
    add("crypto/internal/constanttime.boolToUint8", Intrinsic::BoolToByte);
    add("math.sqrt", Intrinsic::Sqrt);
    add("math.Sqrt", Intrinsic::Sqrt);
    add("math.Abs", Intrinsic::Abs);
    add("math.Copysign", Intrinsic::Copysign);
    int mode = 0;  // Op::FRound's
    for (const char* n : {"RoundToEven", "Floor", "Ceil", "Trunc"}) add(std::string("math.") + n, Intrinsic::Round, mode++);
    add("math.Float64bits", Intrinsic::FloatBits, 64);
    add("math.Float32bits", Intrinsic::FloatBits, 32);
    add("math.Float64frombits", Intrinsic::FloatFromBits, 64);
    add("math.Float32frombits", Intrinsic::FloatFromBits, 32);
    return t;
  }();
  return *made;
}

}  // namespace

bool is_intrinsic(types::Func* f) { return f->signature()->receiver == nullptr && is_intrinsic(discover::object_symbol(f)); }

bool is_intrinsic(Symbol function) { return table().contains(std::string(function.text())); }

bool Body::intrinsic(const Callee& c, std::span<const Val> args, std::vector<Val>* results) {
  if (!c.receiver.empty()) return false;
  std::string name(c.symbol.text());
  if (const size_t generic = name.find('['); generic != std::string::npos) name.resize(generic);
  auto it = table().find(name);
  if (it == table().end()) return false;
  auto arg = [&](size_t i) { return args[i].parts[0]; };
  auto give = [&](ValueId v) { results->push_back(scalar(c.results[results->size()], v)); };
  auto result_ty = [&] { return shape(c.results[0]).parts[0].ty; };
  // Bit operations work on 32 or 64 bits.
  auto wide = [&](int bits) {
    const ValueId v = arg(0);
    return bits < 32 ? op(Op::ZExt, Ty::I32, {v}) : v;
  };
  auto as_int = [&](ValueId v) { return func[v].ty == Ty::I64 ? v : op(Op::ZExt, Ty::I64, {v}); };
  const int bits = it->second.bits;
  switch (it->second.what) {
    case Intrinsic::AtomicLoad: give(op(Op::AtomicLoad, result_ty(), {nil_check(arg(0))})); return true;
    case Intrinsic::AtomicStore:
      op(Op::AtomicStore, Ty::Void, {nil_check(arg(0)), arg(1)});
      if (!c.results.empty()) give(arg(1));  // sync.runtime_StoreReluintptr
      return true;
    case Intrinsic::AtomicAdd: {
      ValueId delta = arg(1);
      const Ty ty = result_ty();
      if (func[delta].ty != ty) delta = op(Op::Trunc, ty, {delta});
      give(op(Op::AtomicAdd, ty, {nil_check(arg(0)), delta}));
      return true;
    }
    case Intrinsic::AtomicXchg: give(op(Op::AtomicXchg, result_ty(), {nil_check(arg(0)), arg(1)})); return true;
    case Intrinsic::AtomicCas: give(op(Op::AtomicCas, Ty::Bool, {nil_check(arg(0)), arg(1), arg(2)})); return true;
    case Intrinsic::AtomicAnd:
    case Intrinsic::AtomicOr: {
      const Op o = it->second.what == Intrinsic::AtomicAnd ? Op::AtomicAnd : Op::AtomicOr;
      const ValueId r = op(o, func[arg(1)].ty, {nil_check(arg(0)), arg(1)});
      if (!c.results.empty()) give(r);
      return true;
    }
    case Intrinsic::AtomicAnd8:
    case Intrinsic::AtomicOr8:
      op(it->second.what == Intrinsic::AtomicAnd8 ? Op::AtomicAnd : Op::AtomicOr, Ty::I8, {nil_check(arg(0)), arg(1)});
      return true;
    case Intrinsic::GetG: give(op(Op::IntToPtr, Ty::Ptr, {op(Op::GetG, Ty::Addr, {})})); return true;
    case Intrinsic::CallerPc:
    case Intrinsic::CallerSp: {
      const Op o = it->second.what == Intrinsic::CallerPc ? Op::CallerPC : Op::CallerSP;
      func.attrs |= ir::kNoInline;
      give(op(Op::PtrToInt, Ty::I64, {op(o, Ty::Addr, {})}));
      return true;
    }
    case Intrinsic::ClosurePtr: {
      func.attrs |= ir::kNeedsClosure;
      // At entry only, as Closure must be.
      const BlockId here = std::exchange(block, func.entry);
      const ValueId v = func.make(func.entry, Op::Closure, Ty::Ptr, std::span<const ValueId>{});
      func[func.entry].values.insert(func[func.entry].values.begin(), v);
      block = here;
      give(op(Op::PtrToInt, Ty::I64, {v}));
      return true;
    }
    case Intrinsic::KeepAlive: op(Op::KeepAlive, Ty::Void, {args[0].parts[1]}); return true;
    case Intrinsic::FuncPc: give(op(Op::Load, Ty::I64, {args[0].parts[1]})); return true;
    case Intrinsic::Nothing: return true;
    case Intrinsic::BoolToUint8: give(op(Op::Select, Ty::I8, {arg(0), iconst(Ty::I8, 1), iconst(Ty::I8, 0)})); return true;
    case Intrinsic::Prefetch: {
      op(Op::Prefetch, Ty::Void, {op(Op::IntToPtr, Ty::Ptr, {arg(0)})}, 0);
      return true;
    }
    case Intrinsic::PrefetchStreamed: {
      op(Op::Prefetch, Ty::Void, {op(Op::IntToPtr, Ty::Ptr, {arg(0)})}, 1);
      return true;
    }
    case Intrinsic::Pause: op(Op::Pause, Ty::Void, {}); return true;
    case Intrinsic::Ctz: {
      // A bit above the operand's makes the answer for 0 its width.
      ValueId v = wide(bits);
      if (bits < 32) v = op(Op::Or, Ty::I32, {v, iconst(Ty::I32, int64_t{1} << bits)});
      give(as_int(op(Op::Ctz, func[v].ty, {v})));
      return true;
    }
    case Intrinsic::Len: {
      const ValueId v = wide(bits);
      give(as_int(op(Op::BitLen, func[v].ty, {v})));
      return true;
    }
    case Intrinsic::LeadingZeros: {
      const ValueId v = wide(bits);
      give(op(Op::Sub, Ty::I64, {i64(bits), as_int(op(Op::BitLen, func[v].ty, {v}))}));
      return true;
    }
    case Intrinsic::OnesCount: {
      const ValueId v = func[arg(0)].ty == Ty::I64 ? arg(0) : op(Op::ZExt, Ty::I64, {arg(0)});
      give(op(Op::Popcnt, Ty::I64, {v}));
      return true;
    }
    case Intrinsic::Bswap: give(op(Op::Bswap, func[arg(0)].ty, {arg(0)})); return true;
    case Intrinsic::RotateLeft: give(op(Op::RotL, func[arg(0)].ty, {arg(0), to_i64(arg(1), true)})); return true;
    case Intrinsic::Add64:
      give(op(Op::AddCarry, Ty::I64, {arg(0), arg(1), arg(2)}));
      give(op(Op::CarryOut, Ty::I64, {arg(0), arg(1), arg(2)}));
      return true;
    case Intrinsic::Sub64:
      give(op(Op::SubBorrow, Ty::I64, {arg(0), arg(1), arg(2)}));
      give(op(Op::BorrowOut, Ty::I64, {arg(0), arg(1), arg(2)}));
      return true;
    case Intrinsic::Mul64:
      give(op(Op::MulHi, Ty::I64, {arg(0), arg(1)}));
      give(op(Op::Mul, Ty::I64, {arg(0), arg(1)}));
      return true;
    case Intrinsic::BoolToByte: give(op(Op::Trunc, Ty::I8, {op(Op::ZExt, Ty::I64, {arg(0)})})); return true;
    case Intrinsic::Sqrt: give(op(Op::FSqrt, Ty::F64, {arg(0)})); return true;
    case Intrinsic::Abs: give(op(Op::FAbs, Ty::F64, {arg(0)})); return true;
    case Intrinsic::Copysign: give(op(Op::FCopysign, Ty::F64, {arg(0), arg(1)})); return true;
    case Intrinsic::Round: give(op(Op::FRound, Ty::F64, {arg(0)}, bits)); return true;
    case Intrinsic::FloatBits: give(op(Op::Bitcast, bits == 32 ? Ty::I32 : Ty::I64, {arg(0)})); return true;
    case Intrinsic::FloatFromBits: give(op(Op::Bitcast, bits == 32 ? Ty::F32 : Ty::F64, {arg(0)})); return true;
  }
  return false;
}

}  // namespace gale::lower
