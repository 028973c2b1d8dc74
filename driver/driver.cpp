#include "driver/driver.h"

#include <fmt/core.h>

#include <string_view>

namespace gale::driver {

int run(int argc, char** argv) {
  std::string_view verb = argc > 1 ? argv[1] : "help";
  if (verb == "version") {
    fmt::print("gale version 0.1 go1.26.8 linux/amd64\n");
    return 0;
  }
  fmt::print(stderr, "gale {}: unknown command\nRun 'gale help' for usage.\n", verb);
  return 2;
}

}  // namespace gale::driver
