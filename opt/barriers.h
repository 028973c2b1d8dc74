// Which stores of pointers need no write barrier (docs/runtime.md, "How memory is collected").
//
// The barrier gives the collector what a store overwrites; what is stored never matters. So a store needs none if what it
// overwrites is nil for sure, whatever has run since the object was made and wherever the collector stands:
//   * the object is one that this function has made (New, NewArray), on every way to the store;
//   * its address has not gone anywhere since: it was loaded from, stored to and compared only. So nobody else has stored to it;
//   * no store of this function to that word is on the way.
// Followed forward through the blocks, the first 64 words of an object; an object is forgotten where a loop begins, since what
// the body does is not known yet.
#pragma once

#include "ir/func.h"
#include "opt/passes.h"

namespace gale::opt {

// Of StorePtr, MoveTyped and ZeroTyped, by ValueId: every pointer that it overwrites is nil.
std::vector<bool> overwrites_nil_only(const ir::Func& f, const World& world);

}  // namespace gale::opt
