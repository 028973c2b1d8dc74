// compile: every function of a program, callees first, to objects.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "discover/world_facts.h"
#include "driver/build_program.h"
#include "driver/program_data.h"
#include "ir/func.h"
#include "link/object.h"
#include "opt/remark.h"

namespace gale::driver {

struct CompileHooks {
  std::function<bool(std::string_view stage, std::string_view func)> wants_dump;  // or empty
  std::function<void(std::string_view stage, std::string_view func, std::string_view text)> dump;
  std::function<void(size_t done)> progress;  // or empty; from any thread
  std::function<void(const opt::Remark& remark)> remark;  // or empty; called in the order of functions, from one thread
};

// Object i is of function i. The functions are used up.
std::vector<link::Object> compile(std::vector<std::unique_ptr<ir::Func>>& funcs, const discover::WorldFacts& facts,
                                  const ProgramData& data, const BuildOptions& options, const SourceManager& sources, const CompileHooks& hooks);

}  // namespace gale::driver
