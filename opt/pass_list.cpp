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
    {"devirtualize", devirtualize, false, "calls of methods that are known can be inlined"},
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

constexpr Pass kFull[] = {
    {"remove-dead-blocks", remove_dead_blocks, true, "later passes see only what can run"},
    {"fold-constants", fold_constants, false, "lower leaves copies, constant operands and trivial phis"},
    {"remove-dead-code", remove_dead_code, false, "what folding made useless"},
    {"devirtualize", devirtualize, false, "calls of methods that are known can be inlined"},
    {"inline", inline_calls, false, "callees are optimised already; what follows sees through them"},
    {"devirtualize", devirtualize, false, "conversions to interfaces and calls have met"},
    {"inline", inline_calls, false, "literals that came with a body of the first round"},
    {"inline", inline_calls, false, "loops over functions: the loop's body, called by the iterator's"},
    {"remove-dead-blocks", remove_dead_blocks, true, "joins the halves of blocks that inlining cut"},
    {"fold-constants", fold_constants, false, "constant arguments"},
    {"remove-dead-code", remove_dead_code, false, "arguments that the body does not use"},
    {"escape", escape, false, "as late as New is still there, when inlining has shown more of what pointers do"},
    {"small-copies", small_copies, false, "sizes are constants by now, and which objects are different is known best"},
    {"promote", promote, false, "objects that escape put into the frame are often just variables"},
    {"fold-constants", fold_constants, false, "the phis of promotion"},
    {"number-values", number_values, false, "frame objects are known by now: more loads and checks are equal"},
    {"thread-jumps", thread_jumps, false, "phis of constants are plain now; fewer joins for prove to look through"},
    {"prove", prove, false, "equal lengths are one value, and loops still test before their body"},
    {"fold-constants", fold_constants, false, "phis of one argument and operands of decided branches"},
    {"remove-dead-code", remove_dead_code, false, "operands of what was replaced: hoisting should not move them"},
    {"unroll-loops", unroll_loops, false, "checks that prove removes do not count; callers get small loops unrolled"},
    {"merge-ranges", merge_ranges, false, "prove gets more out of two comparisons than of one"},
    {"rotate-loops", rotate_loops, false, "callers have taken their copies of the body: theirs is rotated in its turn"},
    {"hoist", hoist, false, "the start of a body is run in any case now"},
    {"number-values", number_values, false, "the copied test and what was hoisted may be at hand already"},
    {"fold-constants", fold_constants, false, "where a copied test was decided, phis have one argument"},
    {"dead-stores", dead_stores, false, "loads that number-values and promote have answered read nothing any more"},
    {"if-convert", if_convert, false, "nothing looks at conditions of branches any more"},
    {"remove-dead-code", remove_dead_code, false, "operands of what was replaced"},
    {"expand", expand, true, "after all passes that know what New and StorePtr mean"},
};

}  // namespace

std::span<const Pass> pass_list(Level level) {
  if (level == Level::Debug) return kDebug;
  return level == Level::Full ? std::span<const Pass>(kFull) : std::span<const Pass>(kQuick);
}

}  // namespace gale::opt
