// Every pass's function. Each is defined in the file of its name.
#pragma once

#include "opt/passes.h"

namespace gale::opt {

bool remove_dead_blocks(ir::Func& f, PassContext& context);
bool fold_constants(ir::Func& f, PassContext& context);
bool remove_dead_code(ir::Func& f, PassContext& context);
bool devirtualize(ir::Func& f, PassContext& context);
bool inline_calls(ir::Func& f, PassContext& context);
bool escape(ir::Func& f, PassContext& context);
bool small_copies(ir::Func& f, PassContext& context);
bool promote(ir::Func& f, PassContext& context);
bool unroll_loops(ir::Func& f, PassContext& context);
bool number_values(ir::Func& f, PassContext& context);
bool dead_stores(ir::Func& f, PassContext& context);
bool thread_jumps(ir::Func& f, PassContext& context);
bool prove(ir::Func& f, PassContext& context);
bool merge_ranges(ir::Func& f, PassContext& context);
bool rotate_loops(ir::Func& f, PassContext& context);
bool hoist(ir::Func& f, PassContext& context);
bool if_convert(ir::Func& f, PassContext& context);
bool expand(ir::Func& f, PassContext& context);

}  // namespace gale::opt
