// What stands beside the code: pointer maps, pcsp, defer information, lines of inlined calls; and calls of every shape.
#include <cstring>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "amd64/jit_test.h"
#include "base/abi/stackmap.h"

__asm__(R"(
.text
.globl gale_test_barrier
gale_test_barrier:
  test %r11, %r11
  jz 1f
  push %rbx
  mov gale_test_given(%rip), %rbx
  push %rcx
  lea gale_test_slots(%rip), %rcx
  mov %r11, (%rcx,%rbx,8)
  pop %rcx
  inc %rbx
  mov %rbx, gale_test_given(%rip)
  pop %rbx
1:
  ret
.globl gale_test_swap
gale_test_swap:
  xchg %rax, %rbx
  ret
.globl gale_test_context
gale_test_context:
  mov 8(%rdx), %rax
  add %rbx, %rax
  ret
.globl gale_test_memory
gale_test_memory:
  mov 8(%rsp), %rax
  add 24(%rsp), %rax
  mov %rax, 32(%rsp)
  movq $7, 40(%rsp)
  ret
.globl gale_test_panic
gale_test_panic:
  lea 1000(%rax,%rbx), %rax
  leave
  ret
.globl gale_test_morestack
gale_test_morestack:
  movq $0, 16(%r14)
  xor %eax, %eax
  xor %ebx, %ebx
  pxor %xmm0, %xmm0
  ret
.bss
.globl gale_test_slots
gale_test_slots: .skip 64
.globl gale_test_given
gale_test_given: .skip 8
.text
)");
extern "C" {
void gale_test_barrier();
void gale_test_swap();
void gale_test_context();
void gale_test_memory();
void gale_test_panic();
void gale_test_morestack();
extern uint64_t gale_test_slots[8], gale_test_given;
}

namespace gale::amd64 {
namespace {

template <class F>
void* code(F* f) {
  return reinterpret_cast<void*>(f);
}

const link::FuncInfo* info(Jit& jit, std::string_view name) {
  for (const link::Definition& d : jit.object().definitions) {
    if (d.name.text() == name) return d.func;
  }
  return nullptr;
}

void define_word(Jit& jit, std::string_view name, uint32_t value) {
  link::Definition d;
  d.name = Symbol(name);
  d.kind = link::SymbolKind::NoPtrData;
  std::vector<uint8_t> bytes(4);
  std::memcpy(bytes.data(), &value, 4);
  d.bytes = jit.object().arena->copy(bytes);
  jit.object().definitions.push_back(d);
}

TEST(Calls, ClosuresCodeAndMemory) {
  Jit jit;
  ASSERT_EQ(jit.add(R"(func "closure" sig(ptr@r0 i64@r1 -> i64@r0) stack(0 0 16) {
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v2 = CallClosure i64 (v0, v1, v1) sig(i64@r0 i64@r1 -> i64@r0) stack(0 0 16)
  return v2
}
func "code" sig(addr@r0 i64@r1 -> i64@r0 i64@r1) stack(0 0 16) {
b0:
  v0 = Param addr #0
  v1 = Param i64 #1
  v3 = Const i64 #9
  v2 = CallCode i64 (v0, v3, v1) sig(i64@r0 i64@r1 -> i64@r0 i64@r1) stack(0 0 16)
  v4 = Result i64 (v2) #1
  return v2, v4
}
func "memory" sig(ptr@r0 -> i64@r0 i64@r1) stack(0 0 8) {
b0:
  v0 = Param ptr #0
  v1 = Call ptr (v0) "callee" sig(mem24@s0 -> mem16@s24) stack(40 24 0)
  v2 = Result ptr (v1)
  v3 = Load i64 (v2)
  v4 = Load i64 (v2) #8
  return v3, v4
}
func "stack_sum" sig(i64@s0 i32@s8 -> i64@s16) stack(24 16 0) {
b0:
  v0 = Param i64 #0
  v1 = Param i32 #1
  v2 = SExt i64 (v1)
  v3 = Add i64 (v0, v2)
  return v3
}
func "tail" sig(i64@r0 i64@r1 -> i64@r0) stack(0 0 16) {
b0:
  v0 = Param i64 #0
  v1 = Param i64 #1
  v2 = Call i64 (v1, v0) "swap" sig(i64@r0 i64@r1 -> i64@r0) stack(0 0 16) flags 64
  return v2
}
)"), "");
  jit.define("callee", code(gale_test_memory));
  jit.define("swap", code(gale_test_swap));
  jit.define("runtime.morestack_noctxt", nullptr);
  ASSERT_EQ(jit.link(), "");
  uint64_t closure[2] = {reinterpret_cast<uint64_t>(code(gale_test_context)), 30};
  EXPECT_EQ(jit.run("closure", {reinterpret_cast<uint64_t>(closure), 5}), 35u) << jit.listing;
  Registers r;
  r.ints[0] = reinterpret_cast<uint64_t>(code(gale_test_swap));
  r.ints[1] = 4;
  jit.run("code", r);
  EXPECT_EQ(r.ints[0], 4u) << jit.listing;
  EXPECT_EQ(r.ints[1], 9u);
  uint64_t words[3] = {10, 20, 30};
  r = {};
  r.ints[0] = reinterpret_cast<uint64_t>(words);
  jit.run("memory", r);
  EXPECT_EQ(r.ints[0], 40u) << jit.listing;
  EXPECT_EQ(r.ints[1], 7u);
  r = {};
  r.stack[0] = 100;
  r.stack[1] = static_cast<uint32_t>(-1);
  jit.run("stack_sum", r);
  EXPECT_EQ(r.stack[2], 99u) << jit.listing;
  EXPECT_EQ(jit.run("tail", {1, 2}), 1u) << jit.listing;
}

TEST(Calls, BoundsFailuresPassIndexAndLength) {
  Jit jit;
  std::string text;
  for (int form = 0; form < 3; form++) {
    text += fmt::format("func \"f{}\" sig(i64@r1 i64@r0 -> i64@r0) {{\nb0:\n  v0 = Param i64 #0\n  v1 = Param i64 #1\n  v2 = Const i64 #3\n"
                        "  BoundsCheck void ({}, {})\n  v3 = Const i64 #0\n  return v3\n}}\n",
                        form, form == 1 ? "v2" : "v0", form == 2 ? "v2" : "v1");
  }
  ASSERT_EQ(jit.add(text), "");
  jit.define("runtime.panicIndex", code(gale_test_panic));
  ASSERT_EQ(jit.link(), "");
  EXPECT_EQ(jit.run("f0", {10, 9}), 0u);
  EXPECT_EQ(jit.run("f0", {10, 10}), 1020u) << jit.listing;
  EXPECT_EQ(jit.run("f0", {10, ~uint64_t(0)}), 1009u);
  EXPECT_EQ(jit.run("f1", {4, 0}), 0u);
  EXPECT_EQ(jit.run("f1", {2, 0}), 1005u) << jit.listing;
  EXPECT_EQ(jit.run("f2", {0, 2}), 0u);
  EXPECT_EQ(jit.run("f2", {0, 5}), 1008u) << jit.listing;
}

TEST(Calls, StoresWithBarrier) {
  for (uint32_t enabled : {0u, 1u}) {
    Jit jit;
    ASSERT_EQ(jit.add(R"(func "store" sig(ptr@r0 ptr@r1 ->) {
b0:
  v0 = Param ptr #0
  v1 = Param ptr #1
  v2 = Const ptr #0
  StoreWB void (v0, v1) #8
  StoreWB void (v0, v2)
  return
}
)"), "");
    define_word(jit, "runtime.wb_enabled", enabled);
    jit.define("runtime.gcWriteBarrier", code(gale_test_barrier));
    ASSERT_EQ(jit.link(), "");
    uint64_t words[2] = {5, 6};
    gale_test_given = 0;
    jit.run("store", {reinterpret_cast<uint64_t>(words), 77});
    EXPECT_EQ(words[0], 0u) << jit.listing;
    EXPECT_EQ(words[1], 77u);
    EXPECT_EQ(gale_test_given, enabled ? 2u : 0u);
    if (enabled == 0) continue;
    EXPECT_EQ(gale_test_slots[0], 6u);
    EXPECT_EQ(gale_test_slots[1], 5u);
  }
}

// Stores into one object share a test, also with loads and arithmetic between them; those into another have one of their own, since
// its pointer may be nil, and so has what comes after a bounds check.
TEST(Calls, StoresIntoOneObjectShareABarrier) {
  Jit jit;
  ASSERT_EQ(jit.add(R"(func "group" sig(ptr@r0 ptr@r1 i64@r2 -> i64@r0) {
b0:
  v0 = Param ptr #0
  v1 = Param ptr #1
  v2 = Param i64 #2
  v3 = Load ptr (v1)
  StoreWB void (v0, v1)
  v4 = Load i64 (v1) #24
  v5 = Add i64 (v4, v2)
  Store void (v0, v5) #8
  StoreWB void (v0, v3) #16
  StoreWB void (v0, v1) #16
  StoreWB void (v1, v3) #8
  BoundsCheck void (v2, v4) #0
  StoreWB void (v1, v0) #8
  return v5
}
)"), "");
  define_word(jit, "runtime.wb_enabled", 1);
  jit.define("runtime.gcWriteBarrier", code(gale_test_barrier));
  jit.define("runtime.panicIndex", code(gale_test_panic));
  ASSERT_EQ(jit.link(), "");
  uint64_t a[3] = {11, 12, 13}, b[4] = {21, 22, 23, 24};
  gale_test_given = 0;
  EXPECT_EQ(jit.run("group", {reinterpret_cast<uint64_t>(a), reinterpret_cast<uint64_t>(b), 3}), 27u);
  EXPECT_EQ(a[0], reinterpret_cast<uint64_t>(b));
  EXPECT_EQ(a[1], 27u);
  EXPECT_EQ(a[2], reinterpret_cast<uint64_t>(b));
  EXPECT_EQ(b[1], reinterpret_cast<uint64_t>(a));
  const uint64_t expected[] = {11, 13, 13, 22, 21};  // each group before its first store
  ASSERT_EQ(gale_test_given, 5u);
  for (int i = 0; i < 5; i++) EXPECT_EQ(gale_test_slots[i], expected[i]) << i;
}

TEST(Calls, ExchangesWithBarrier) {
  for (uint32_t enabled : {0u, 1u}) {
    Jit jit;
    ASSERT_EQ(jit.add(R"(func "exchange" sig(ptr@r0 ptr@r1 -> bool@r0) {
b0:
  v0 = Param ptr #0
  v1 = Param ptr #1
  v2 = AtomicXchg ptr (v0, v1)
  v3 = AtomicCas bool (v0, v1, v2) #8
  v4 = AtomicCas bool (v0, v0, v2) #8
  v5 = Const ptr #0
  AtomicStore void (v0, v5) #16
  v7 = Ne bool (v3, v4)
  return v7
}
)"), "");
    define_word(jit, "runtime.wb_enabled", enabled);
    jit.define("runtime.gcWriteBarrier", code(gale_test_barrier));
    ASSERT_EQ(jit.link(), "");
    uint64_t words[3] = {5, 77, 9};
    gale_test_given = 0;
    EXPECT_EQ(jit.run("exchange", {reinterpret_cast<uint64_t>(words), 77}), 1u) << jit.listing;
    EXPECT_EQ(words[0], 77u);
    EXPECT_EQ(words[1], 5u);
    EXPECT_EQ(words[2], 0u);
    const uint64_t expected[] = {5, 77, 5, 9};  // also what an exchange finds that does not take place
    ASSERT_EQ(gale_test_given, enabled ? 4u : 0u);
    for (uint64_t i = 0; i < gale_test_given; i++) EXPECT_EQ(gale_test_slots[i], expected[i]) << i;
  }
}

constexpr std::string_view kMaps = R"(func "maps" sig(ptr@r0 i64@r1 ptr@s0 -> ptr@r0) stack(8 8 16) {
local l0 size 24 align 8 mask 05 "x"
b0:
  v0 = Param ptr #0
  v1 = Param i64 #1
  v7 = LocalAddr ptr l0
  v2 = Call ptr () "g" sig(-> ptr@r0)
  Store void (v7, v2)
  v3 = Call ptr () "g" sig(-> ptr@r0)
  v4 = AddPtr ptr (v0, v1) #1
  v5 = Load ptr (v2)
  v6 = Select ptr (v8, v4, v5)
  return v6
}
)";

TEST(Tables, MapsNameThePointersThatLiveAcrossACall) {
  Jit jit;
  std::string text(kMaps);
  size_t at = text.find("  v6 =");
  text.insert(at, "  v8 = Eq bool (v3, v7)\n");
  ASSERT_EQ(jit.add(text), "");
  const link::FuncInfo* f = info(jit, "maps");
  ASSERT_NE(f, nullptr);
  EXPECT_EQ(f->args_size, 8);
  std::span<const uint8_t> args, locals;
  for (const link::FuncData& d : f->funcdata) {
    if (d.index == abi::kFuncDataArgsPointerMaps) args = d.bytes;
    if (d.index == abi::kFuncDataLocalsPointerMaps) locals = d.bytes;
  }
  ASSERT_FALSE(args.empty());
  ASSERT_FALSE(locals.empty());
  EXPECT_EQ(args[0], locals[0]);
  EXPECT_EQ(args[0], 3) << "entry and two calls";
  EXPECT_EQ(args[4], 3) << "one stack argument, two spill words";
  // One stack object, two pointer slots: v0 and v2.
  EXPECT_EQ(locals[4], 3);
  EXPECT_EQ(locals[8], 0);
  EXPECT_EQ(locals[9] & 1, 1) << "the Local's address is needed";
  EXPECT_EQ(__builtin_popcount(locals[9]), 2);   // and v0
  EXPECT_EQ(__builtin_popcount(locals[10]), 3);  // and v2
  ASSERT_EQ(f->pcsp.size() >= 3, true);
  EXPECT_EQ(f->pcsp[0].value, 0);
  EXPECT_EQ(f->pcsp[1].value, 8);
  EXPECT_EQ(f->pcsp[2].value, static_cast<int32_t>(f->frame_size));
}

// The rows of the calls of a function with stack objects, and those objects.
struct Objects {
  std::vector<uint8_t> rows;  // of each call: bit i: object i is in use
  std::vector<abi::StackObject> objects;
  std::vector<uint8_t> bytes;
};

Objects stack_objects(const link::FuncInfo* f) {
  Objects out;
  std::span<const uint8_t> maps;
  for (const link::FuncData& d : f->funcdata) {
    if (d.index == abi::kFuncDataLocalsPointerMaps) maps = d.bytes;
    if (d.index != abi::kFuncDataStackObjects) continue;
    out.bytes.assign(d.bytes.begin(), d.bytes.end());
    out.objects.resize(d.bytes[0]);
    std::memcpy(out.objects.data(), d.bytes.data() + 4, out.objects.size() * sizeof(abi::StackObject));
  }
  for (const link::PcData& d : f->pcdata) {
    if (d.index != abi::kPcDataStackMapIndex) continue;
    for (const link::PcValue& v : d.rows) {
      if (v.value > 0) out.rows.push_back(maps[8 + static_cast<size_t>(v.value) * ((maps[4] + 7) / 8)] & ((1u << out.objects.size()) - 1));
    }
  }
  return out;
}

constexpr std::string_view kCall = "  Call void () \"g\" sig(->)\n";

TEST(Tables, AStackObjectIsInUseUntilItsLastUseByName) {
  Jit jit;
  std::string text = R"(func "f" sig(->) {
local l0 size 8 align 8 mask 01 "x"
local l1 size 32 align 8 mask 0a "y"
b0:
  v0 = LocalAddr ptr l0
  v1 = LocalAddr ptr l1
  Call void (v0) "h" sig(ptr@r0 ->) stack(0 0 8)
)";
  text += kCall;
  text += "  v2 = Load ptr (v0)\n  v3 = Load ptr (v1) #8\n  Call void (v2) \"h\" sig(ptr@r0 ->) stack(0 0 8)\n";
  text += "  v4 = Load ptr (v1) #24\n  Call void (v4) \"h\" sig(ptr@r0 ->) stack(0 0 8)\n  return\n}\n";
  ASSERT_EQ(jit.add(text), "");
  Objects o = stack_objects(info(jit, "f"));
  ASSERT_EQ(o.objects.size(), 2u);
  // By ascending address: l1 first. It is 32 bytes below l0, which lies below the saved RBP.
  EXPECT_EQ(o.objects[0].size, 32u);
  EXPECT_EQ(o.objects[0].ptr_words, 4u);
  EXPECT_EQ(o.bytes[o.objects[0].mask], 0x0a);
  EXPECT_EQ(o.objects[0].below, o.objects[1].below + 32);
  EXPECT_EQ(o.objects[1].ptr_words, 1u);
  EXPECT_EQ(o.bytes[o.objects[1].mask], 0x01);
  EXPECT_EQ(o.rows, (std::vector<uint8_t>{0b11, 0b01})) << "the first two calls share a row; the last one has the row of the entry";
}

TEST(Tables, AStackObjectIsNotInUseBeforeAllItsPointersAreOverwritten) {
  Jit jit;
  std::string text = R"(func "f" sig(i64@r0 ptr@r1 ->) stack(0 0 16) {
local l0 size 24 align 8 mask 05 "x"
b0:
  v0 = Param i64 #0
  v1 = Param ptr #1
  v2 = LocalAddr ptr l0
  jump b1
b1: <- b0 b1
)";
  text += kCall;
  text += "  Store void (v2, v1)\n" + std::string(kCall) + "  Store void (v2, v1) #16\n" + std::string(kCall);
  text += "  Call void (v2) \"h\" sig(ptr@r0 ->) stack(0 0 8)\n  v3 = Const i64 #0\n  v4 = Eq bool (v0, v3)\n  if v4 b1 b2\nb2: <- b1\n  return\n}\n";
  ASSERT_EQ(jit.add(text), "");
  Objects o = stack_objects(info(jit, "f"));
  ASSERT_EQ(o.objects.size(), 1u);
  EXPECT_EQ(o.rows, (std::vector<uint8_t>{0, 1, 0})) << "dead around the loop, in use while half of it is new";
}

// Stores of X15, which is zero.
size_t clearing_stores(Jit& jit) {
  size_t n = 0;
  for (const link::Definition& d : jit.object().definitions) {
    if (d.name.text() != "f") continue;
    for (size_t i = 0; i + 4 <= d.bytes.size(); i++) n += d.bytes[i] == 0x44 && d.bytes[i + 1] == 0x0f && d.bytes[i + 2] == 0x11 && (d.bytes[i + 3] & 0x38) == 0x38;
  }
  return n;
}

// Both words of the Local are stored, then it is used; a call comes before the first store, between them, or after them.
TEST(Tables, WhatIsWrittenBeforeASafepointShowsItIsNotCleared) {
  for (int calls_before = 0; calls_before < 3; calls_before++) {
    Jit jit;
    std::string text = R"(func "f" sig(ptr@r0 -> ptr@r0) stack(0 0 16) {
local l0 size 16 align 8 mask 03 "x"
b0:
  v0 = Param ptr #0
  v1 = LocalAddr ptr l0
)";
    if (calls_before == 0) text += kCall;
    text += "  Store void (v1, v0)\n";
    if (calls_before == 1) text += kCall;
    text += "  Store void (v1, v0) #8\n";
    if (calls_before == 2) text += kCall;
    text += "  v2 = Load ptr (v1)\n  return v2\n}\n";
    ASSERT_EQ(jit.add(text), "");
    EXPECT_EQ(clearing_stores(jit), calls_before == 1 ? 1u : 0u) << calls_before << jit.listing;
  }
}

// A word without a pointer is read that has not been written: it is zero.
TEST(Tables, WhatIsReadBeforeItIsWrittenIsCleared) {
  Jit jit;
  ASSERT_EQ(jit.add(R"(func "f" sig(ptr@r0 -> i64@r0) stack(0 0 8) {
local l0 size 24 align 8 mask 01 "x"
b0:
  v0 = Param ptr #0
  v1 = LocalAddr ptr l0
  Store void (v1, v0)
  Store void (v1, v0) #8
  v2 = Load i64 (v1) #16
  return v2
}
)"), "");
  EXPECT_EQ(clearing_stores(jit), 2u) << jit.listing;
}

TEST(Tables, MorestackKeepsArguments) {
  Jit jit;
  ASSERT_EQ(jit.add(R"(func "f" sig(i64@r0/0 f64@x0/8 i8@r1/16 -> i64@r0 f64@x0) stack(0 0 24) {
b0:
  v0 = Param i64 #0
  v1 = Param f64 #1
  v2 = Param i8 #2
  Call void () "g" sig(->)
  v3 = SExt i64 (v2)
  v4 = Add i64 (v0, v3)
  return v4, v1
}
func "big" sig(i64@r0/0 -> i64@r0) stack(0 0 8) {
local l0 size 9000 align 8 "x"
b0:
  v0 = Param i64 #0
  v1 = LocalAddr ptr l0
  Store void (v1, v0) #8000
  Call void () "g" sig(->)
  v2 = Load i64 (v1) #8000
  return v2
}
func "g" sig(->) {
b0:
  return
}
)"), "");
  jit.define("runtime.morestack_noctxt", code(gale_test_morestack));
  ASSERT_EQ(jit.link(), "");
  for (const char* name : {"f", "big"}) {
    Registers r;
    r.ints[0] = 40;
    r.ints[1] = static_cast<uint8_t>(-2);
    r.floats[0] = 99;
    jit.raise_guard();
    jit.run(name, r);
    EXPECT_EQ(r.ints[0], name[0] == 'f' ? 38u : 40u) << jit.listing;
    if (name[0] == 'f') {
      EXPECT_EQ(r.floats[0], 99u);
    }
  }
}

}  // namespace
}  // namespace gale::amd64
