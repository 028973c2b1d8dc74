#include "driver/progress.h"

#include <fmt/core.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>

namespace gale::driver {

bool stderr_is_terminal() {
  const char* term = ::getenv("TERM");
  return ::isatty(2) != 0 && term != nullptr && std::string_view(term) != "dumb";
}

bool wants_colours() {
  const char* no = ::getenv("NO_COLOR");
  return stderr_is_terminal() && (no == nullptr || *no == 0);
}

Progress::Progress() : enabled_(stderr_is_terminal()) {
  if (enabled_) ticker_ = std::thread(&Progress::run, this);
}

void Progress::stage(std::string_view what, uint64_t total) {
  if (!enabled_) return;
  std::lock_guard<std::mutex> lock(mutex_);
  what_ = what;
  done_ = 0;
  total_ = total;
  in_bytes_ = false;
}

void Progress::count(uint64_t done) {
  if (!enabled_) return;
  std::lock_guard<std::mutex> lock(mutex_);
  done_ = std::max(done_, done);
}

void Progress::bytes(std::string_view what, uint64_t done, uint64_t total) {
  if (!enabled_) return;
  std::lock_guard<std::mutex> lock(mutex_);
  what_ = what;
  done_ = done;
  total_ = total;
  in_bytes_ = true;
}

void Progress::end() {
  if (!ticker_.joinable()) return;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  ticker_.join();
  if (drawn_) fmt::print(stderr, "\r\033[K");
}

void Progress::run() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (auto wait = std::chrono::milliseconds(1000);; wait = std::chrono::milliseconds(100)) {
    if (changed_.wait_for(lock, wait, [&] { return ended_; })) return;
    draw();
  }
}

void Progress::draw() {
  if (what_.empty()) return;
  std::string line = what_;
  if (in_bytes_) {
    line += fmt::format(" {:.1f}", static_cast<double>(done_) / 1e6);
    line += total_ == 0 ? " MB" : fmt::format(" of {:.1f} MB", static_cast<double>(total_) / 1e6);
  } else if (total_ != 0) {
    line += fmt::format(" {} of {}", done_, total_);
  }
  struct winsize size {};
  if (::ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 && line.size() >= size.ws_col) line.resize(size.ws_col - 1u);
  fmt::print(stderr, "\r\033[K{}", line);
  drawn_ = true;
}

}  // namespace gale::driver
