#include "driver/stages.h"

#include <fmt/core.h>
#include <sys/resource.h>
#include <time.h>

namespace gale::driver {

Stages::Clock Stages::now() {
  auto ms = [](clockid_t id) {
    timespec t {};
    ::clock_gettime(id, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
  };
  return {ms(CLOCK_MONOTONIC), ms(CLOCK_PROCESS_CPUTIME_ID)};
}

Stages::Stages(bool print) : print_(print) {
  if (!print) return;
  begin_ = last_ = now();
  fmt::print(stderr, "     wall        CPU   peak memory  stage\n");
}

void Stages::row(std::string_view name, const Clock& from, const Clock& to) const {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  fmt::print(stderr, "{:>7.1f} ms {:>7.1f} ms {:>9.1f} MB  {}\n", to.wall_ms - from.wall_ms, to.cpu_ms - from.cpu_ms,
             static_cast<double>(usage.ru_maxrss) / 1024, name);
}

void Stages::done(std::string_view stage) {
  if (!print_) return;
  Clock t = now();
  row(stage, last_, t);
  last_ = now();
}

void Stages::total() {
  if (print_) row("total", begin_, now());
}

}  // namespace gale::driver
