// Which memory an address means, and whether two accesses may meet.
//
// An address is followed through OffPtr, NilCheck, Copy and AddPtr to its root. Two roots are apart if they are different Locals,
// different New results, a New result and a parameter, or a private Local (its address is only loaded from, stored to and
// cleared) and anything else. Pointer words are apart from words that are no integers of pointer size: code that puns types
// writes pointers as uintptr at most.
#pragma once

#include <vector>

#include "ir/func.h"

namespace gale::opt {

struct Access {
  ir::ValueId root;
  int64_t offset = 0, size = 0;
  bool exact = true;           // offset is known
  ir::Ty ty = ir::Ty::Void;    // Void: a block of memory
};

class Memory {
 public:
  explicit Memory(const ir::Func& f);
  Access access(ir::ValueId address, int64_t offset, int64_t size, ir::Ty ty) const;
  // What the op v writes, if it is one place; false: it may be anything.
  bool written(ir::ValueId v, Access* out) const;
  bool may_overlap(const Access& a, const Access& b) const;
  // Can calls not reach it?
  bool is_private(const Access& a) const;
  // Is the address surely in an object that lives, whenever it is at hand?
  bool cannot_fault(ir::ValueId address) const;

 private:
  const ir::Func& f_;
  std::vector<uint8_t> shared_;  // per Local: its address goes somewhere
};

}  // namespace gale::opt
