// Algebraic identities of integers: what one operation on the results of others could have computed at once. Applied by
// fold-constants to each value after its operands; constants stand on the right of commutative operations there.
#pragma once

#include <utility>
#include <vector>

#include "ir/func.h"

namespace gale::opt {

class Identities {
 public:
  // `replacement`: values of no use any more, and what stands for them. `inserted`: new constants, each with the value that it is to
  // stand before.
  Identities(ir::Func& f, const SideTable<ir::ValueId, ir::ValueId>& replacement, std::vector<std::pair<ir::ValueId, ir::ValueId>>& inserted)
      : f_(f), replacement_(replacement), inserted_(inserted) {}

  // A value that is the same as v, or an invalid one; v itself may have become another operation: *changed.
  ir::ValueId apply(ir::ValueId v, bool* changed);

 private:
  using Op = ir::Op;
  using Ty = ir::Ty;
  using ValueId = ir::ValueId;

  ValueId apply(ValueId v);
  ValueId sum(ValueId v);
  ValueId difference(ValueId v);
  ValueId product(ValueId v);
  ValueId bits(ValueId v);       // And, Or, Xor
  ValueId shift(ValueId v);
  ValueId extension(ValueId v);  // SExt, ZExt, Trunc
  ValueId complement(ValueId v);
  ValueId equality(ValueId v);

  ValueId argument(ValueId v, size_t i) const;
  Op op(ValueId v) const { return f_[v].op; }
  bool constant(ValueId v, int64_t* c) const;
  // Is v `op` of something and a constant?
  bool with_constant(ValueId v, Op op, ValueId* x, int64_t* c) const;
  ValueId make_constant(ValueId before, Ty ty, int64_t c);
  ValueId become(ValueId v, Op op, std::initializer_list<ValueId> args);
  ValueId become_constant(ValueId v, int64_t c);

  ir::Func& f_;
  const SideTable<ValueId, ValueId>& replacement_;
  std::vector<std::pair<ValueId, ValueId>>& inserted_;
  bool changed_ = false;
};

}  // namespace gale::opt
