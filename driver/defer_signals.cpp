#include "driver/defer_signals.h"

namespace gale::driver {
namespace {

volatile sig_atomic_t deferred_signal = 0;

}  // namespace

DeferSignals::DeferSignals() {
  struct sigaction action {};
  action.sa_handler = [](int number) { deferred_signal = number; };
  for (size_t i = 0; i < kSignals.size(); i++) {
    ::sigaction(kSignals[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);
  }
}

DeferSignals::~DeferSignals() {
  for (size_t i = 0; i < kSignals.size(); i++) ::sigaction(kSignals[i], &before_[i], nullptr);
  if (deferred_signal != 0) ::raise(deferred_signal);
}

bool DeferSignals::pending() const { return deferred_signal != 0; }

}  // namespace gale::driver
