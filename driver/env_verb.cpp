// gale env [-json] [-changed] [-u] [-w] [var ...]
#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>

#include "driver/build_flags.h"
#include "driver/verbs.h"
#include "load/file_system.h"
#include "load/go_env.h"
#include "load/goroot.h"
#include "load/toolchain.h"

namespace gale::driver {
namespace {

struct Row {
  std::string value;
  bool changed = false;
};
using Rows = std::map<std::string, Row>;

// Variables that the go command lets `env -w` set.
constexpr std::string_view kSettable[] = {
    "AR",          "CC",       "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_ENABLED", "CGO_FFLAGS", "CGO_LDFLAGS", "CXX",
    "FC",          "GALECACHE", "GCCGO",     "GO111MODULE",  "GO386",        "GOAMD64",     "GOARCH",     "GOARM",       "GOARM64",
    "GOAUTH",      "GOBIN",    "GOCACHE",    "GOCACHEPROG",  "GODEBUG",      "GOEXPERIMENT", "GOFIPS140",  "GOFLAGS",     "GOINSECURE",
    "GOMIPS",      "GOMIPS64", "GOMODCACHE", "GONOPROXY",    "GONOSUMDB",    "GOOS",        "GOPATH",     "GOPPC64",     "GOPRIVATE",
    "GOPROXY",     "GORISCV64", "GOROOT",    "GOSUMDB",      "GOTMPDIR",     "GOTOOLCHAIN", "GOVCS",      "GOWASM",      "GOWORK",
    "PKG_CONFIG"};

Rows collect() {
  Rows rows;
  load::Goroot goroot;
  std::string error;
  if (load::find_goroot("", &goroot, &error)) load::use_goroot_settings(goroot.dir);
  auto add = [&](const std::string& name, const std::string& fallback) {
    std::string value = load::go_env(name);
    rows[name] = {value.empty() ? fallback : value, !value.empty() && value != fallback};
  };
  auto fixed = [&](const std::string& name, const std::string& value) { rows[name] = {value, false}; };
  const char* home_set = ::getenv("HOME");
  const std::string home = home_set == nullptr ? "" : home_set;
  add("GO111MODULE", "");
  add("GOAMD64", "v1");
  add("GOBIN", "");
  add("GODEBUG", "");
  add("GOFLAGS", "");
  add("GOINSECURE", "");
  add("GONOPROXY", load::go_env("GOPRIVATE"));
  add("GONOSUMDB", load::go_env("GOPRIVATE"));
  add("GOPATH", home.empty() ? "" : home + "/go");
  add("GOPRIVATE", "");
  add("GOPROXY", "https://proxy.golang.org,direct");
  add("GOSUMDB", "sum.golang.org");
  add("GOTMPDIR", "");
  add("GOTOOLCHAIN", "auto");
  fixed("CGO_ENABLED", "0");
  fixed("GALECACHE", load::cache_folder());
  fixed("GALEOVERLAY", find_overlay());
  fixed("GOARCH", "amd64");
  fixed("GOENV", load::user_env_file().empty() ? "off" : load::user_env_file());
  fixed("GOEXE", "");
  fixed("GOEXPERIMENT", "");
  fixed("GOHOSTARCH", "amd64");
  fixed("GOHOSTOS", "linux");
  fixed("GOMODCACHE", load::module_cache());
  fixed("GOOS", "linux");
  fixed("GOROOT", goroot.dir);
  fixed("GOVERSION", goroot.version);
  fixed("GOWORK", "");
  std::string mod = "/dev/null";
  for (std::string dir = current_folder(); !dir.empty(); dir.resize(dir.rfind('/') == dir.npos ? 0 : dir.rfind('/'))) {
    if (load::kind_of(dir + "/go.mod") == load::FileKind::File) {
      mod = dir + "/go.mod";
      break;
    }
  }
  fixed("GOMOD", mod);
  return rows;
}

// As one word of a POSIX shell.
std::string shell_quoted(std::string_view value) {
  std::string out = "'";
  for (char c : value) {
    if (c == '\'') {
      out += "'\"'\"'";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string json_quoted(std::string_view value) {
  std::string out = "\"";
  for (char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

int fail(const std::string& message) {
  fmt::print(stderr, "go: {}\n", message);
  return 1;
}

// Writes the user's file anew: all of it or nothing, other lines as they were.
int change_file(const std::map<std::string, std::optional<std::string>>& changes) {
  const std::string path = load::user_env_file();
  if (path.empty()) return fail("cannot find 'go env' configuration: GOENV=off");
  std::string text, out;
  load::read_file(path, &text);
  auto left = changes;
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    auto it = changes.find(std::string(line.substr(0, line.find('='))));
    if (it == changes.end() || line.find('=') == line.npos) {
      out += std::string(line) + "\n";
    } else if (left.erase(it->first) > 0 && it->second) {
      out += it->first + "=" + *it->second + "\n";
    }
  }
  for (const auto& [name, value] : left) {
    if (value) out += name + "=" + *value + "\n";
  }
  for (size_t slash = path.find('/', 1); slash != path.npos; slash = path.find('/', slash + 1)) {
    ::mkdir(path.substr(0, slash).c_str(), 0777);
  }
  const std::string temporary = fmt::format("{}.{}.tmp", path, ::getpid());
  int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  bool ok = fd >= 0 && ::write(fd, out.data(), out.size()) == static_cast<ssize_t>(out.size());
  if (fd >= 0) ok = ::close(fd) == 0 && ok;
  if (ok && ::rename(temporary.c_str(), path.c_str()) == 0) return 0;
  const std::string why = ::strerror(errno);
  ::unlink(temporary.c_str());
  return fail(fmt::format("writing go env config: open {}: {}", path, why));
}

std::string check_name(const std::string& name) {
  if (name == "GOENV" || name == "GOMOD" || name == "GOVERSION" || name == "GOEXE" || name == "GOHOSTARCH" || name == "GOHOSTOS" ||
      name == "GOTOOLDIR") {
    return fmt::format("{} cannot be modified", name);
  }
  const bool known = std::find(std::begin(kSettable), std::end(kSettable), name) != std::end(kSettable);
  return known ? "" : fmt::format("unknown go command variable {}", name);
}

int write_settings(const Arguments& args) {
  if (args.empty()) return fail("no KEY=VALUE arguments given");
  std::map<std::string, std::optional<std::string>> changes;
  for (const std::string& arg : args) {
    size_t equals = arg.find('=');
    if (equals == arg.npos) return fail("arguments must be KEY=VALUE: invalid argument: " + arg);
    const std::string name = arg.substr(0, equals), value = arg.substr(equals + 1);
    if (std::string wrong = check_name(name); !wrong.empty()) return fail(wrong);
    if (value.find_first_of(std::string_view("\n\r\0", 3)) != value.npos) return fail("invalid value for " + name);
    if (changes.contains(name)) return fail("multiple values for key: " + name);
    if ((name == "GOOS" && !value.empty() && value != "linux") || (name == "GOARCH" && !value.empty() && value != "amd64")) {
      return fail(fmt::format("unsupported GOOS/GOARCH pair: gale compiles for linux/amd64, not {}={}", name, value));
    }
    if (name == "GOPATH" && !value.empty() && value[0] != '/') return fail("GOPATH entry is relative; must be absolute path: " + value);
    changes[name] = value.empty() ? std::optional<std::string>() : value;
    if (::getenv(name.c_str()) != nullptr && *::getenv(name.c_str()) != 0 && value != ::getenv(name.c_str())) {
      fmt::print(stderr, "warning: go env -w {}=... does not override conflicting OS environment variable\n", name);
    }
  }
  return change_file(changes);
}

int unset_settings(const Arguments& args) {
  if (args.empty()) return fail("'go env -u' requires an argument");
  std::map<std::string, std::optional<std::string>> changes;
  for (const std::string& name : args) {
    if (std::string wrong = check_name(name); !wrong.empty()) return fail(wrong);
    changes[name] = std::nullopt;
  }
  return change_file(changes);
}

}  // namespace

int env_verb(Arguments args) {
  bool json = false, changed = false, write = false, unset = false;
  std::string error;
  const Flag flags[] = {{"json", "", "as JSON", &json},
                        {"changed", "", "those that differ from their defaults", &changed},
                        {"w", "", "set defaults", &write},
                        {"u", "", "take defaults back", &unset}};
  if (!parse_flags(flags, &args, &error)) {
    fmt::print(stderr, "{}\nusage: gale env [-json] [-changed] [-u] [-w] [var ...]\nRun 'gale help env' for details.\n", error);
    return 2;
  }
  if (json && write) return fail("cannot use -json with -w");
  if (json && unset) return fail("cannot use -json with -u");
  if (unset && write) return fail("cannot use -u with -w");
  if (write) return write_settings(args);
  if (unset) return unset_settings(args);

  Rows rows = collect();
  if (!args.empty() && !json) {
    for (const std::string& name : args) {
      auto it = rows.find(name);
      fmt::print("{}\n", it != rows.end() ? it->second.value : load::go_env(name));
    }
    return 0;
  }
  if (!args.empty()) {
    Rows some;
    for (const std::string& name : args) some[name] = rows.contains(name) ? rows[name] : Row{load::go_env(name)};
    rows = std::move(some);
  }
  if (changed) std::erase_if(rows, [](const auto& row) { return !row.second.changed; });
  if (json) {
    std::string out;
    for (const auto& [name, row] : rows) {
      out += fmt::format("{}\n\t{}: {}", out.empty() ? "" : ",", json_quoted(name), json_quoted(row.value));
    }
    fmt::print("{{{}\n}}\n", out);
    return 0;
  }
  for (const auto& [name, row] : rows) fmt::print("{}={}\n", name, shell_quoted(row.value));
  return 0;
}

}  // namespace gale::driver
