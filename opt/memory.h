// Which memory an address means, and whether two accesses may meet.
//
// An address is followed through OffPtr, NilCheck, Copy and AddPtr to its root. Two roots are apart if they are different Locals,
// different New results, a New result and a parameter, or a private Local (its address is only loaded from, stored to and
// cleared) and anything else. Pointer words are apart from words that are no integers of pointer size: code that puns types
// writes pointers as uintptr at most. Elements of one array are told apart by what lies at the same place in each of them: a
// store to one element's field does not meet another element's other field.
#pragma once

#include <vector>

#include "ir/func.h"

namespace gale::opt {

struct Access {
  ir::ValueId root;
  ir::ValueId base;            // the address less constant offsets: root, or an AddPtr
  int64_t from_base = 0;       // the constant offset from there
  int64_t offset = 0, size = 0;
  int64_t stride = 0;          // the place is root + offset + any multiple of this
  ir::Ty ty = ir::Ty::Void;    // Void: a block of memory
};

class Memory {
 public:
  explicit Memory(const ir::Func& f);
  Access access(ir::ValueId address, int64_t offset, int64_t size, ir::Ty ty) const;
  // What the op v writes, if it is one place; false: it may be anything.
  bool written(ir::ValueId v, Access* out) const;
  bool may_overlap(const Access& a, const Access& b) const;
  // Are the two the same bytes?
  static bool same(const Access& a, const Access& b) { return a.base == b.base && a.from_base == b.from_base && a.size == b.size; }
  // Can calls not reach it?
  bool is_private(const Access& a) const;
  // Is the address surely in an object that lives, whenever it is at hand?
  bool cannot_fault(ir::ValueId address) const;

 private:
  const ir::Func& f_;
  std::vector<uint8_t> shared_;  // per Local: its address goes somewhere
};

}  // namespace gale::opt
