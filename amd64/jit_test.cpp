// Executing machine code in the test process, and tests of whole small functions against C++.
#include "amd64/jit_test.h"

#include <sys/mman.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "amd64/emit.h"
#include "ir/text.h"

// void gale_jit_enter(Registers*, const void* code, void* g)
__asm__(R"(
.text
.globl gale_jit_enter
gale_jit_enter:
  push %rbp
  mov %rsp, %rbp
  push %rbx
  push %r12
  push %r13
  push %r14
  push %r15
  push %rdi
  sub $264, %rsp
  mov %rsi, %r12
  mov %rdx, %r14
  mov %rdi, %r13
  lea 200(%r13), %rsi
  mov %rsp, %rdi
  mov $32, %ecx
  rep movsq
  mov 192(%r13), %rdx
  movq 72(%r13), %xmm0
  movq 80(%r13), %xmm1
  movq 88(%r13), %xmm2
  movq 96(%r13), %xmm3
  movq 104(%r13), %xmm4
  movq 112(%r13), %xmm5
  movq 120(%r13), %xmm6
  movq 128(%r13), %xmm7
  movq 136(%r13), %xmm8
  movq 144(%r13), %xmm9
  movq 152(%r13), %xmm10
  movq 160(%r13), %xmm11
  movq 168(%r13), %xmm12
  movq 176(%r13), %xmm13
  movq 184(%r13), %xmm14
  mov 0(%r13), %rax
  mov 8(%r13), %rbx
  mov 16(%r13), %rcx
  mov 24(%r13), %rdi
  mov 32(%r13), %rsi
  mov 40(%r13), %r8
  mov 48(%r13), %r9
  mov 56(%r13), %r10
  mov 64(%r13), %r11
  xorps %xmm15, %xmm15
  call *%r12
  mov 264(%rsp), %r13
  mov %rax, 0(%r13)
  mov %rbx, 8(%r13)
  mov %rcx, 16(%r13)
  mov %rdi, 24(%r13)
  mov %rsi, 32(%r13)
  mov %r8, 40(%r13)
  mov %r9, 48(%r13)
  mov %r10, 56(%r13)
  mov %r11, 64(%r13)
  movq %xmm0, 72(%r13)
  movq %xmm1, 80(%r13)
  movq %xmm2, 88(%r13)
  movq %xmm3, 96(%r13)
  movq %xmm4, 104(%r13)
  movq %xmm5, 112(%r13)
  movq %xmm6, 120(%r13)
  movq %xmm7, 128(%r13)
  movq %xmm8, 136(%r13)
  movq %xmm9, 144(%r13)
  movq %xmm10, 152(%r13)
  movq %xmm11, 160(%r13)
  movq %xmm12, 168(%r13)
  movq %xmm13, 176(%r13)
  movq %xmm14, 184(%r13)
  movq %xmm15, 456(%r13)
  mov %rsp, %rsi
  lea 200(%r13), %rdi
  mov $32, %ecx
  rep movsq
  add $264, %rsp
  pop %rdi
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbx
  pop %rbp
  ret
)");
extern "C" void gale_jit_enter(gale::amd64::Registers* r, const void* code, void* g);

namespace gale::amd64 {

constexpr size_t kMemory = 8 << 20;

Jit::Jit() {
  memory_ = static_cast<uint8_t*>(mmap(nullptr, kMemory, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  places_["runtime.x86HasPOPCNT"] = memory_;
  places_["runtime.x86HasSSE41"] = memory_ + 1;
  used_ = 2;
  set_features(true);
}

Jit::~Jit() { munmap(memory_, kMemory); }

std::string Jit::add(std::string_view text) {
  std::string error;
  std::vector<std::unique_ptr<ir::Func>> funcs = ir::parse(text, &error);
  if (!error.empty()) return error;
  listing.clear();
  for (const auto& f : funcs) {
    std::string broken = ir::verify(*f, true);
    if (!broken.empty()) return broken;
    EmitOptions options;
    options.verify = true;
    options.dump = [&](std::string_view stage, std::string t) { listing += fmt::format("-- {}\n{}", stage, t); };
    emit(*f, object_, options);
  }
  return "";
}

std::string Jit::link() {
  for (const link::Definition& d : object_.definitions) {
    std::string name(d.name.text());
    if (places_.count(name)) continue;
    used_ = (used_ + 31) & ~size_t(31);
    places_[name] = memory_ + used_;
    std::memcpy(memory_ + used_, d.bytes.data(), d.bytes.size());
    used_ += d.bytes.size();
  }
  for (auto& [name, to] : externals_) {  // jmp [rip]; address
    used_ = (used_ + 31) & ~size_t(31);
    uint8_t* p = memory_ + used_;
    const uint8_t jump[] = {0xFF, 0x25, 0, 0, 0, 0};
    std::memcpy(p, jump, 6);
    std::memcpy(p + 6, &to, 8);
    places_[name] = p;
    used_ += 16;
  }
  for (const link::Definition& d : object_.definitions) {
    uint8_t* base = places_[std::string(d.name.text())];
    for (const link::Reloc& r : d.relocs) {
      auto at = places_.find(r.target.text());
      if (at == places_.end()) return "undefined: " + std::string(r.target.text());
      int64_t s = reinterpret_cast<int64_t>(at->second) + r.addend;
      int64_t p = reinterpret_cast<int64_t>(base + r.offset);
      if (r.kind == link::RelocKind::Abs64) {
        std::memcpy(base + r.offset, &s, 8);
      } else {
        int32_t rel = static_cast<int32_t>(s - p);
        std::memcpy(base + r.offset, &rel, 4);
      }
    }
  }
  return "";
}

const uint8_t* Jit::address(std::string_view name) const {
  auto at = places_.find(name);
  return at == places_.end() ? nullptr : at->second;
}

uint64_t Jit::run(std::string_view name, Registers& r) {
  const uint8_t* code = address(name);
  if (code == nullptr) return 0xdeadbeef;
  gale_jit_enter(&r, code, g_);
  EXPECT_EQ(r.x15_after, 0u) << "X15 is zero after " << name;
  return r.ints[0];
}

uint64_t Jit::run(std::string_view name, std::initializer_list<uint64_t> ints) {
  Registers r;
  std::copy(ints.begin(), ints.end(), r.ints);
  return run(name, r);
}

namespace {

TEST(Run, AddsAndLoops) {
  Jit jit;
  ASSERT_EQ(jit.add(R"(func "sum" sig(i64@r0 -> i64@r0) {
b0:
  v0 = Param i64 #0
  v1 = Const i64 #0
  jump b1
b1: <- b0 b2
  v2 = Phi i64 (v1, v7)
  v3 = Phi i64 (v1, v5)
  v4 = Lt bool (v2, v0)
  if v4 b2 b3 likely
b2: <- b1
  v5 = Add i64 (v3, v2)
  v6 = Const i64 #1
  v7 = Add i64 (v2, v6)
  jump b1
b3: <- b1
  return v3
}
)"), "");
  ASSERT_EQ(jit.link(), "");
  EXPECT_EQ(jit.run("sum", {10}), 45u) << jit.listing;
  EXPECT_EQ(jit.run("sum", {0}), 0u);
}

TEST(Run, CallsAndKeepsValuesInSlots) {
  Jit jit;
  ASSERT_EQ(jit.add(R"(func "fib" sig(i64@r0 -> i64@r0) stack(0 0 8) {
b0:
  v0 = Param i64 #0
  v1 = Const i64 #2
  v2 = Lt bool (v0, v1)
  if v2 b1 b2
b1: <- b0
  return v0
b2: <- b0
  v3 = Const i64 #-1
  v4 = Add i64 (v0, v3)
  v5 = Call i64 (v4) "fib" sig(i64@r0 -> i64@r0) stack(0 0 8)
  v6 = Const i64 #-2
  v7 = Add i64 (v0, v6)
  v8 = Call i64 (v7) "fib" sig(i64@r0 -> i64@r0) stack(0 0 8)
  v9 = Add i64 (v5, v8)
  return v9
}
)"), "");
  jit.define("runtime.morestack_noctxt", nullptr);
  ASSERT_EQ(jit.link(), "");
  EXPECT_EQ(jit.run("fib", {15}), 610u) << jit.listing;
}

}  // namespace
}  // namespace gale::amd64
