// Which Locals with pointers are in use at which safepoint.
//
// A Local is in use if code that may still run names it, unless it overwrites all its pointers first. (It may also be reached by a
// pointer; the collector finds that out by itself: FUNCDATA StackObjects in base/abi/stackmap.h.) Runs between select, after which
// each access names its Local, and register allocation.
#pragma once

#include "amd64/inst.h"

namespace gale::amd64 {

bool has_pointers(const ir::Local& local);

void find_live_locals(MFunc& f);  // fills CallSite::live_locals, MFunc::recovered_locals and MFunc::unwritten_locals

}  // namespace gale::amd64
