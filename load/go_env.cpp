#include "load/go_env.h"

#include <cstdlib>
#include <mutex>
#include <optional>

#include "load/file_system.h"

namespace gale::load {
namespace {

std::string of_process(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value == nullptr ? "" : value;
}

// What was read of the two files. Read at the first question, whoever asks it.
struct Files {
  std::mutex mutex;
  std::optional<EnvLines> user, goroot;
  std::string goroot_dir;
};

Files& files() {
  static Files f;
  return f;
}

std::string find(const EnvLines& lines, std::string_view name) {
  std::string value;
  for (const auto& [n, v] : lines) {
    if (n == name) value = v;
  }
  return value;
}

}  // namespace

// One NAME=value a line; '#' begins a line of comment.
EnvLines read_env_file(const std::string& path) {
  EnvLines out;
  std::string text;
  if (path.empty() || !read_file(path, &text)) return out;
  std::string_view rest = text;
  while (!rest.empty()) {
    size_t newline = rest.find('\n');
    std::string_view line = rest.substr(0, newline);
    rest.remove_prefix(newline == rest.npos ? rest.size() : newline + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    size_t equals = line.find('=');
    if (equals == line.npos || line[0] < 'A' || line[0] > 'Z') continue;
    out.emplace_back(line.substr(0, equals), line.substr(equals + 1));
  }
  return out;
}

std::string user_env_file() {
  std::string file = of_process("GOENV");
  if (file == "off") return {};
  if (!file.empty()) return file;
  std::string config = of_process("XDG_CONFIG_HOME");
  if (config.empty() && !of_process("HOME").empty()) config = of_process("HOME") + "/.config";
  return config.starts_with('/') ? config + "/go/env" : std::string();
}

std::string user_env(std::string_view name) {
  if (std::string value = of_process(name); !value.empty()) return value;
  Files& f = files();
  std::lock_guard<std::mutex> lock(f.mutex);
  if (!f.user) f.user = read_env_file(user_env_file());
  return find(*f.user, name);
}

std::string go_env(std::string_view name) {
  if (std::string value = user_env(name); !value.empty()) return value;
  Files& f = files();
  std::lock_guard<std::mutex> lock(f.mutex);
  if (f.goroot_dir.empty()) return {};
  if (!f.goroot) f.goroot = read_env_file(f.goroot_dir + "/go.env");
  return find(*f.goroot, name);
}

void use_goroot_settings(const std::string& goroot) {
  Files& f = files();
  std::lock_guard<std::mutex> lock(f.mutex);
  f.goroot_dir = goroot;
  f.goroot.reset();
}

void reread_env_files() {
  Files& f = files();
  std::lock_guard<std::mutex> lock(f.mutex);
  f.user.reset();
  f.goroot.reset();
}

std::string module_cache() {
  if (std::string cache = go_env("GOMODCACHE"); !cache.empty()) return cache;
  std::string path = go_env("GOPATH");
  if (path.empty()) path = of_process("HOME") + "/go";
  return path.substr(0, path.find(':')) + "/pkg/mod";
}

}  // namespace gale::load
