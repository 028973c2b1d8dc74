// While a DeferSignals lives, Ctrl-C and the like wait: what is being written would be left behind half-made.
#pragma once

#include <signal.h>

#include <array>

namespace gale::driver {

class DeferSignals {
 public:
  DeferSignals();
  ~DeferSignals();  // and what came takes its effect
  DeferSignals(const DeferSignals&) = delete;
  DeferSignals& operator=(const DeferSignals&) = delete;

  bool pending() const;  // should the work be given up?

 private:
  static constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction before_[kSignals.size()];
};

}  // namespace gale::driver
