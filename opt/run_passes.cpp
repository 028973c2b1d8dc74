// Runs a pass list: timing, dumps, verification and the crash scope hang on the one loop here.
#include <algorithm>

#include "base/check.h"
#include "ir/text.h"
#include "opt/pass_list.h"

namespace gale::opt {

void run_passes(ir::Func& f, PassContext& context) {
  for (const Pass& pass : pass_list(context.level)) {
    bool disabled = std::find(context.disabled.begin(), context.disabled.end(), pass.name) != context.disabled.end();
    if (disabled && !pass.required) continue;
    if ((pass.run == expand || pass.run == rotate_loops) && context.finished_mid_level) {
      context.finished_mid_level(f);
      context.finished_mid_level = nullptr;
    }
    CrashScope scope(pass.name, f.name.text());
    if (context.dump) context.dump(pass.name, f, false);
    pass.run(f, context);
    if (context.dump) context.dump(pass.name, f, true);
    if (context.verify) {
      std::string broken = ir::verify(f);
      CHECK(broken.empty(), "the IR is sound after the pass:\n" + broken + ir::print(f));
    }
  }
  if (context.verify) {
    std::string broken = ir::verify(f, true);
    CHECK(broken.empty(), "only low-level ops are left:\n" + broken);
  }
}

}  // namespace gale::opt
