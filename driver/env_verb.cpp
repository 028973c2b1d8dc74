// gale env [names...], gale version [-m] [files]
#include <fmt/core.h>
#include <stdlib.h>

#include "driver/build_program.h"
#include "driver/flags.h"
#include "driver/build_flags.h"
#include "driver/verbs.h"
#include "load/goroot.h"

namespace gale::driver {

int env_verb(Arguments args) {
  load::Goroot goroot;
  std::string error;
  load::find_goroot("", &goroot, &error);
  auto from_env = [](const char* name, std::string fallback) {
    const char* v = ::getenv(name);
    return v == nullptr || *v == 0 ? fallback : std::string(v);
  };
  std::string home = from_env("HOME", "");
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"CGO_ENABLED", "0"},
      {"GALEOVERLAY", find_overlay()},
      {"GO111MODULE", from_env("GO111MODULE", "")},
      {"GOAMD64", from_env("GOAMD64", "v1")},
      {"GOARCH", "amd64"},
      {"GOFLAGS", from_env("GOFLAGS", "")},
      {"GOHOSTARCH", "amd64"},
      {"GOHOSTOS", "linux"},
      {"GOMODCACHE", from_env("GOMODCACHE", from_env("GOPATH", home + "/go") + "/pkg/mod")},
      {"GOOS", "linux"},
      {"GOPATH", from_env("GOPATH", home + "/go")},
      {"GOPROXY", from_env("GOPROXY", "https://proxy.golang.org,direct")},
      {"GOROOT", goroot.dir},
      {"GOVERSION", goroot.version},
  };
  if (args.empty()) {
    for (const auto& [name, value] : rows) fmt::print("{}='{}'\n", name, value);
    return 0;
  }
  for (const std::string& wanted : args) {
    std::string value;
    for (const auto& [name, v] : rows) {
      if (name == wanted) value = v;
    }
    fmt::print("{}\n", value);
  }
  return 0;
}

int version_verb(Arguments args) {
  bool modules = false;
  std::string error;
  const Flag flags[] = {{"m", "", "print the module information that executables hold", &modules}};
  if (!parse_flags(flags, &args, &error)) {
    fmt::print(stderr, "{}\nusage: gale version [-m] [files]\n", error);
    return 2;
  }
  if (args.empty()) {
    fmt::print("gale version 0.1 go1.26.8 linux/amd64\n");
    return 0;
  }
  fmt::print(stderr, "gale version: reading executables is not there yet; `go version -m` reads what gale builds\n");
  return 1;
}

}  // namespace gale::driver
