// Which passes run, in which order, and why there (DESIGN D16).
#include "opt/pass_list.h"

namespace gale::opt {
namespace {

constexpr Pass kDebug[] = {
    {"remove-dead-blocks", remove_dead_blocks, true, "the back end wants reachable blocks only"},
    {"expand", expand, true, "the back end knows low-level ops only"},
};

constexpr Pass kQuick[] = {
    {"remove-dead-blocks", remove_dead_blocks, true, "later passes see only what can run"},
    {"fold-constants", fold_constants, false, "lower leaves copies, constant operands and trivial phis"},
    {"remove-dead-code", remove_dead_code, false, "what folding made useless"},
    {"inline", inline_calls, false, "callees are optimised already; what follows sees through them"},
    {"inline", inline_calls, false, "bodies of closures that the first round's bodies call: loops over functions"},
    {"remove-dead-blocks", remove_dead_blocks, true, "joins the halves of blocks that inlining cut"},
    {"fold-constants", fold_constants, false, "constant arguments"},
    {"remove-dead-code", remove_dead_code, false, "arguments that the body does not use"},
    {"escape", escape, false, "as late as New is still there, when inlining has shown more of what pointers do"},
    {"promote", promote, false, "objects that escape put into the frame are often just variables"},
    {"fold-constants", fold_constants, false, "the phis of promotion"},
    {"number-values", number_values, false, "frame objects are known by now: more loads and checks are equal"},
    {"remove-dead-code", remove_dead_code, false, "operands of what was replaced"},
    {"expand", expand, true, "after all passes that know what New and StorePtr mean"},
};

}  // namespace

std::span<const Pass> pass_list(Level level) {
  if (level == Level::Debug) return kDebug;
  return kQuick;
}

}  // namespace gale::opt
