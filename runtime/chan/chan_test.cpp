// Channels and select through the park protocol, without goroutine stacks.

#include "runtime/chan/chan.h"

#include <gtest/gtest.h>

#include "runtime/test/hosted.h"

namespace gale::rt {

extern "C" {
Chan* rt_makechan(G*, const ChanType*, i64);
Outcome rt_chansend1(G*, u64*);
Outcome rt_chanrecv2(G*, u64*);
void rt_closechan(G*, Chan*);
Outcome rt_selectgo(G*, u64*);
}

namespace {

const Type u64_type = {8, 0, 0, abi::kTFlagRegularMemory, 8, 8, abi::kKindUint64, nullptr, nullptr, 0, 0};
ChanType chan_type() {
  ChanType t{};
  t.size_ = 8;
  t.kind = abi::kKindChan;
  t.elem = &u64_type;
  t.dir = 3;
  return t;
}

void resume(G* g, u64* args) {
  ResumeFn f = g->resume;
  g->resume = nullptr;
  ASSERT_EQ(g->status, Status::kRunnable);
  ASSERT_EQ(f(g, args), Outcome::kDone);
  g->status = Status::kRunning;
  sched.m0.p->runnext = nullptr;
}

TEST(Chan, BufferedIsFifo) {
  G* g = hosted::start();
  ChanType t = chan_type();
  Chan* c = rt_makechan(g, &t, 3);
  for (u64 v = 1; v <= 3; ++v) {
    u64 args[2] = {word(c), word(&v)};
    ASSERT_EQ(rt_chansend1(g, args), Outcome::kDone);
  }
  for (u64 v = 1; v <= 3; ++v) {
    u64 got = 0, args[2] = {word(c), word(&got)};
    ASSERT_EQ(rt_chanrecv2(g, args), Outcome::kDone);
    EXPECT_EQ(got, v);
    EXPECT_EQ(g->ret[0] & 1, 1u);
  }
}

TEST(Chan, ReceiverParksAndIsServed) {
  G* g = hosted::start();
  G* other = hosted::waiting_goroutine();
  ChanType t = chan_type();
  Chan* c = rt_makechan(g, &t, 0);
  u64 got = 0, recv[2] = {word(c), word(&got)};
  ASSERT_EQ(rt_chanrecv2(other, recv), Outcome::kPark);
  EXPECT_TRUE(other->pinned());
  hosted::park_now(other);
  u64 v = 77, send[2] = {word(c), word(&v)};
  ASSERT_EQ(rt_chansend1(g, send), Outcome::kDone);
  resume(other, recv);
  EXPECT_EQ(got, 77u);
  EXPECT_EQ(other->ret[0], 1u);
  EXPECT_FALSE(other->pinned());
}

TEST(Chan, CloseWakesSenderWithPanic) {
  G* g = hosted::start();
  G* other = hosted::waiting_goroutine();
  ChanType t = chan_type();
  Chan* c = rt_makechan(g, &t, 0);
  u64 v = 1, send[2] = {word(c), word(&v)};
  ASSERT_EQ(rt_chansend1(other, send), Outcome::kPark);
  hosted::park_now(other);
  rt_closechan(g, c);
  resume(other, send);
  EXPECT_EQ(other->pending_code, static_cast<u32>(abi::PendingPanic::kSendClosed));
  u64 got = 5, recv[2] = {word(c), word(&got)};
  ASSERT_EQ(rt_chanrecv2(g, recv), Outcome::kDone);
  EXPECT_EQ(g->ret[0], 0u);
  EXPECT_EQ(got, 0u);
}

TEST(Chan, SelectTakesWhatComesFirstAndLeavesTheOthers) {
  G* g = hosted::start();
  G* other = hosted::waiting_goroutine();
  ChanType t = chan_type();
  Chan* a = rt_makechan(g, &t, 0);
  Chan* b = rt_makechan(g, &t, 0);
  u64 out = 9, in = 0;
  struct {
    Chan* c;
    void* elem;
  } cases[3] = {{a, &out}, {nullptr, nullptr}, {b, &in}};  // send a, send nil, receive b
  u16 order[6];
  u64 args[6] = {word(cases), word(order), 0, 2, 1, 1};
  other->gate_args = args;
  ASSERT_EQ(rt_selectgo(other, args), Outcome::kPark);
  hosted::park_now(other);
  u64 v = 4, send[2] = {word(b), word(&v)};
  ASSERT_EQ(rt_chansend1(g, send), Outcome::kDone);
  resume(other, args);
  EXPECT_EQ(other->ret[0], 2u);
  EXPECT_EQ(other->ret[1], 1u);
  EXPECT_EQ(in, 4u);
  EXPECT_EQ(a->sendq.first, nullptr);
  args[5] = 0;  // non-blocking: nothing is ready
  ASSERT_EQ(rt_selectgo(g, args), Outcome::kDone);
  EXPECT_EQ(static_cast<i64>(g->ret[0]), -1);
}

}  // namespace
}  // namespace gale::rt
