// Allocation from a P's run in generated code: what it leaves in the run and in the span's bitmap, and that it may be started again
// from any of its instructions, on another P.
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <cstring>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "amd64/jit_test.h"
#include "base/abi/layout.h"
#include "base/abi/stackmap.h"

namespace gale::amd64 {
namespace {

constexpr uint64_t kPage = abi::kPageSize;
constexpr uint64_t kBitmapBytes = kPage / 64;

// A P whose run of one span class is a page.
struct FakeP {
  alignas(8) uint8_t bytes[abi::P::run + abi::kNumSpanClasses * abi::AllocRun::size] = {};
  uint8_t* page = nullptr;

  FakeP() {
    void* p = mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page = reinterpret_cast<uint8_t*>((reinterpret_cast<uint64_t>(p) + kPage - 1) & ~(kPage - 1));
  }
  uint64_t* run(uint32_t span_class) { return reinterpret_cast<uint64_t*>(bytes + abi::P::run + span_class * abi::AllocRun::size); }
  void fill(uint32_t span_class) {
    std::memset(page, 0, kPage);
    run(span_class)[0] = reinterpret_cast<uint64_t>(page);
    run(span_class)[1] = reinterpret_cast<uint64_t>(page) + (kPage - kBitmapBytes) / size(span_class) * size(span_class);
  }
  static uint64_t size(uint32_t span_class) { return abi::kSizeClasses[span_class / 2].size; }
  bool bit(uint64_t word) const { return (page[kPage - kBitmapBytes + word / 8] >> (word % 8) & 1) != 0; }
  uint64_t bits() const {
    uint64_t n = 0;
    for (uint64_t w = 0; w < kPage / 8; w++) n += bit(w);
    return n;
  }
};

uint32_t class_of(uint64_t size) {
  uint32_t c = 1;
  while (abi::kSizeClasses[c].size < size) c++;
  return c;
}

// f(x): a new object if there is one, else x.
std::string text(int64_t object) {
  return fmt::format(R"(func "f" sig(i64@r0 -> ptr@r0) stack(0 0 8) {{
b0:
  v0 = Param i64 #0
  v1 = Bump ptr #{}
  v2 = Const ptr #0
  v3 = Ne bool (v1, v2)
  if v3 b2 b1 likely
b1: cold <- b0
  v4 = Call ptr (v0) "empty" sig(i64@r0 -> ptr@r0) stack(0 0 8)
  jump b2
b2: <- b0 b1
  v5 = Phi ptr (v1, v4)
  return v5
}}
func "empty" sig(i64@r0 -> ptr@r0) stack(0 0 8) {{
b0:
  v0 = Param i64 #0
  v1 = IntToPtr ptr (v0)
  return v1
}}
)", object);
}

struct Case {
  uint64_t size;
  uint64_t mask;
};
constexpr Case kCases[] = {{8, 0}, {1024, 0}, {8, 1}, {16, 1}, {16, 2}, {16, 3}, {24, 5}, {24, 7}, {32, 9}, {48, 0x21}, {48, 0x3f}, {64, 0x81}, {64, 0xff}};

void build(Jit& jit, const Case& c, uint32_t* span_class) {
  *span_class = class_of(c.size) * 2 + (c.mask == 0);
  ASSERT_EQ(jit.add(text(static_cast<int64_t>(*span_class | c.mask << 8))), "");
  jit.define("runtime.morestack_noctxt", nullptr);
  ASSERT_EQ(jit.link(), "");
}

TEST(Bump, TakesSlotAfterSlotAndWritesTheirBits) {
  for (const Case& c : kCases) {
    Jit jit;
    FakeP p;
    uint32_t span_class;
    build(jit, c, &span_class);
    p.fill(span_class);
    jit.set_p(&p);
    const uint64_t first = p.run(span_class)[0], slots = (p.run(span_class)[1] - first) / c.size;
    for (uint64_t i = 0; i < slots; i++) ASSERT_EQ(jit.run("f", {6}), first + i * c.size) << jit.listing;
    EXPECT_EQ(jit.run("f", {6}), 6u) << "no slot is left";
    EXPECT_EQ(p.run(span_class)[0], p.run(span_class)[1]);
    if (c.mask == 0) continue;
    for (uint64_t i = 0; i < slots * c.size / 8; i++) ASSERT_EQ(p.bit(i), (c.mask >> (i % (c.size / 8)) & 1) != 0) << i << jit.listing;
    for (uint64_t i = slots * c.size / 8; i < kPage / 8; i++) ASSERT_FALSE(p.bit(i)) << "beyond the objects";
  }
}

// ---- every instruction of the sequence is interrupted once

struct Interruption {
  uint64_t begin, end;      // of the restartable range
  int wanted, seen;         // which of its instructions; how many have come by
  Jit* jit;
  FakeP* other;
  bool done;
} interruption;

void on_step(int, siginfo_t*, void* context) {
  greg_t* reg = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  constexpr greg_t kTrap = 0x100;
  const auto pc = static_cast<uint64_t>(reg[REG_RIP]);
  reg[REG_EFL] |= kTrap;
  if (pc < interruption.begin || pc >= interruption.end || interruption.done) {
    if (interruption.done || interruption.seen > 0) reg[REG_EFL] &= ~kTrap;
    return;
  }
  if (interruption.seen++ != interruption.wanted) return;
  interruption.done = true;
  interruption.jit->set_p(interruption.other);
  reg[REG_RIP] = static_cast<greg_t>(interruption.begin);
}

TEST(Bump, IsRightWhereverItIsStartedAgain) {
  struct sigaction action {}, old {};
  action.sa_sigaction = on_step;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGTRAP, &action, &old);
  for (const Case& c : kCases) {
    Jit jit;
    uint32_t span_class;
    build(jit, c, &span_class);
    const link::FuncInfo& info = *jit.object().definitions[0].func;
    Interruption range{};
    for (const link::PcData& column : info.pcdata) {
      if (column.index != abi::kPcDataUnsafePoint) continue;
      for (const link::PcValue& row : column.rows) {
        const auto pc = reinterpret_cast<uint64_t>(jit.address("f")) + row.pc;
        if (row.value == abi::kUnsafePointRestart1 || row.value == abi::kUnsafePointRestart2) range.begin = pc;
        else if (range.begin != 0 && range.end == 0) range.end = pc;
      }
    }
    ASSERT_LT(range.begin, range.end);
    int interrupted = 0;
    for (int wanted = 0;; wanted++) {
      FakeP p, other;
      p.fill(span_class);
      other.fill(span_class);
      jit.set_p(&p);
      interruption = range;
      interruption.wanted = wanted;
      interruption.jit = &jit;
      interruption.other = &other;
      raise(SIGTRAP);
      const uint64_t got = jit.run("f", {6});
      if (!interruption.done) break;
      interrupted++;
      ASSERT_EQ(got, reinterpret_cast<uint64_t>(other.page)) << "instruction " << wanted << jit.listing;
      EXPECT_EQ(other.run(span_class)[0], got + c.size);
      EXPECT_EQ(p.bits(), 0u) << "a slot that is lost has no bits";
      EXPECT_EQ(other.bits(), static_cast<uint64_t>(__builtin_popcountll(c.mask)));
    }
    EXPECT_GE(interrupted, c.mask == 0 ? 6 : 15) << jit.listing;
  }
  sigaction(SIGTRAP, &old, nullptr);
}

}  // namespace
}  // namespace gale::amd64
