// Progress: what gale is doing, on one line of the terminal, for whatever takes more than a second. Nothing is shown before that,
// nothing stays behind, and where stderr is no terminal nothing is shown at all.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace gale::driver {

class Progress {
 public:
  Progress();
  ~Progress() { end(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // "compiling", 0 of 720 functions. Total 0: not counted.
  void stage(std::string_view what, uint64_t total = 0);
  void count(uint64_t done);                                          // from any thread
  void bytes(std::string_view what, uint64_t done, uint64_t total);   // shown in MB
  void end();                                                         // takes the line away; before anything else is printed

 private:
  void run();
  void draw();

  const bool enabled_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string what_;
  uint64_t done_ = 0, total_ = 0;
  bool in_bytes_ = false, ended_ = false, drawn_ = false;
  std::thread ticker_;
};

bool stderr_is_terminal();  // one that understands control sequences
bool wants_colours();       // that, and $NO_COLOR is not set

}  // namespace gale::driver
