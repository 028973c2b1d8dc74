// The table of -time: for each stage wall time, CPU time of all threads, and memory.
#pragma once

#include <cstdint>
#include <string_view>

namespace gale::driver {

class Stages {
 public:
  explicit Stages(bool print);
  void done(std::string_view stage);
  void total();

 private:
  struct Clock {
    double wall_ms = 0, cpu_ms = 0;
  };
  static Clock now();
  void row(std::string_view name, const Clock& from, const Clock& to) const;

  bool print_;
  Clock begin_, last_;
};

}  // namespace gale::driver
