// Pointer maps of one function: a row per distinct set of live pointers and stack objects at a safepoint (base/abi/stackmap.h).
#pragma once

#include <span>
#include <string>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "amd64/frame.h"
#include "amd64/inst.h"

namespace gale::amd64 {

class PointerMaps {
 public:
  PointerMaps(const MFunc& f, const Frame& frame);
  int32_t row(std::span<const VReg> slots, std::span<const uint32_t> locals);  // stack arguments are in every row
  uint32_t args_words() const { return args_words_; }
  uint32_t locals_bits() const { return static_cast<uint32_t>(objects.size()) + f_.pointer_slots; }
  std::vector<uint32_t> objects;  // Locals with pointers, by ascending address
  std::vector<std::vector<uint8_t>> args, locals;

 private:
  int32_t add(std::vector<uint8_t> args_row, std::vector<uint8_t> locals_row);
  const MFunc& f_;
  const Frame& frame_;
  uint32_t args_words_ = 0;
  std::vector<uint8_t> always_args_;
  std::vector<uint32_t> object_;  // number of each Local among the objects
  absl::flat_hash_map<std::string, int32_t> rows_;
};

}  // namespace gale::amd64
