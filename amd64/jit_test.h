// Runs emitted functions inside the test process: places an object's definitions in executable memory, resolves relocations
// among them (and to given C++ functions), and calls with ABIInternal registers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "link/object.h"

namespace gale::amd64 {

// Registers at entry and at return.
struct Registers {
  uint64_t ints[9] = {};     // RAX RBX RCX RDI RSI R8 R9 R10 R11
  uint64_t floats[15] = {};  // X0..X14
  uint64_t context = 0;      // RDX
  uint64_t stack[32] = {};   // stack arguments, results and spill area
  uint64_t x15_after = 0;
};

class Jit {
 public:
  Jit();
  ~Jit();
  Jit(const Jit&) = delete;
  Jit& operator=(const Jit&) = delete;

  // Parses, verifies, emits (with the allocation checker) and places the functions of the text. "" or what is wrong.
  std::string add(std::string_view ir_text);
  void define(std::string name, void* address) { externals_[std::move(name)] = address; }
  std::string link();  // after all add()s
  uint64_t run(std::string_view name, Registers& r);
  uint64_t run(std::string_view name, std::initializer_list<uint64_t> ints);
  const uint8_t* address(std::string_view name) const;
  link::Object& object() { return object_; }
  std::string listing;  // of the functions added last
  void set_p(void* p) { g_[25] = reinterpret_cast<uint64_t>(p); }  // G.p
  void set_features(bool on) { memory_[0] = memory_[1] = on; }  // what "the processor" has, or lacks
  void raise_guard() { g_[2] = ~uint64_t(0); }  // the next stack check fails

 private:
  link::Object object_;
  std::map<std::string, void*, std::less<>> externals_;
  std::map<std::string, uint8_t*, std::less<>> places_;
  uint8_t* memory_ = nullptr;
  size_t used_ = 0;
  uint64_t g_[100] = {};
};

}  // namespace gale::amd64
