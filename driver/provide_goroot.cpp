#include "driver/provide_goroot.h"

#include <fmt/core.h>

#include "driver/defer_signals.h"
#include "driver/progress.h"
#include "load/go_env.h"
#include "load/toolchain.h"

namespace gale::driver {

bool provide_goroot(load::Goroot* goroot, std::string* error) {
  load::GorootResult result = load::look_for_goroot("", goroot, error);
  if (result == load::GorootResult::Missing) {
    std::string proxies = load::user_env("GOPROXY");
    if (proxies.empty()) proxies = "https://proxy.golang.org,direct";
    load::ToolchainCache cache(load::cache_folder());
    fmt::print(stderr, "gale: no Go distribution found: fetching {} into {}\n", load::known_release().version, cache.goroot());
    std::string why;
    bool fetched;
    {
      DeferSignals signals;
      Progress progress;
      fetched = cache.fetch(
          proxies, [&](const std::string& what, uint64_t done, uint64_t total) { progress.bytes(what, done, total); },
          [&] { return signals.pending(); }, &why);
    }
    if (!fetched) {
      *error = why + "\n" + *error;
      return false;
    }
    result = load::look_for_goroot("", goroot, error);
  }
  if (result == load::GorootResult::Found) load::use_goroot_settings(goroot->dir);
  return result == load::GorootResult::Found;
}

}  // namespace gale::driver
