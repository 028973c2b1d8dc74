#include "driver/repository.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

namespace gale::driver {
namespace {

// Runs git there. The exit code, or -1 if there is no git.
int run_git(const std::string& folder, std::vector<std::string> words, std::string* output) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return -1;
  words.insert(words.begin(), {"git", "-C", folder});
  std::vector<char*> argv;
  for (std::string& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  const int failed = ::posix_spawnp(&child, "git", &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  char buffer[4096];
  while (failed == 0) {
    ssize_t n = ::read(ends[0], buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    output->append(buffer, static_cast<size_t>(n));
  }
  ::close(ends[0]);
  if (failed != 0) return -1;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? (WEXITSTATUS(status) == 127 ? -1 : WEXITSTATUS(status)) : 1;
}

// vMAJOR.MINOR.PATCH[-PRERELEASE], without build metadata (the versions that tags may name).
struct Version {
  std::tuple<uint64_t, uint64_t, uint64_t> numbers;
  std::string prerelease;

  bool operator<(const Version& o) const {
    if (numbers != o.numbers) return numbers < o.numbers;
    if (prerelease.empty() || o.prerelease.empty()) return !prerelease.empty() && o.prerelease.empty();
    return less_prerelease(prerelease, o.prerelease);
  }
  std::string text(uint64_t patch_more = 0) const {
    return fmt::format("v{}.{}.{}", std::get<0>(numbers), std::get<1>(numbers), std::get<2>(numbers) + patch_more);
  }

 private:
  // semver 2.0.0, rule 11.4: field by field, numbers before words.
  static bool less_prerelease(std::string_view a, std::string_view b) {
    while (!a.empty() && !b.empty()) {
      std::string_view x = a.substr(0, a.find('.')), y = b.substr(0, b.find('.'));
      if (x != y) {
        auto numeric = [](std::string_view s) { return s.find_first_not_of("0123456789") == s.npos; };
        if (numeric(x) != numeric(y)) return numeric(x);
        return numeric(x) && x.size() != y.size() ? x.size() < y.size() : x < y;
      }
      a.remove_prefix(std::min(a.size(), x.size() + 1));
      b.remove_prefix(std::min(b.size(), y.size() + 1));
    }
    return a.empty() && !b.empty();
  }
};

std::optional<Version> parse_version(std::string_view s) {
  Version v;
  uint64_t numbers[3];
  if (!s.starts_with('v')) return {};
  for (int i = 0; i < 3; i++) {
    s.remove_prefix(1);
    auto [end, bad] = std::from_chars(s.data(), s.data() + s.size(), numbers[i]);
    const size_t digits = static_cast<size_t>(end - s.data());
    if (bad != std::errc() || (s[0] == '0' && digits > 1)) return {};
    s.remove_prefix(digits);
    if (i < 2 && !s.starts_with('.')) return {};
  }
  if (!s.empty() && (s[0] != '-' || s.size() == 1 || s.find('+') != s.npos)) return {};
  v.numbers = {numbers[0], numbers[1], numbers[2]};
  if (!s.empty()) v.prerelease = s.substr(1);
  return v;
}

// The major version that a module's path asks for: 2 for x/v2, and 0 or 1 without a suffix.
uint64_t major_of(std::string_view path) {
  size_t v = path.rfind("/v");
  uint64_t n = 0;
  if (v == path.npos) return 0;
  auto [end, bad] = std::from_chars(path.data() + v + 2, path.data() + path.size(), n);
  return bad == std::errc() && end == path.data() + path.size() ? n : 0;
}

std::string best_version(const std::string& tags, const std::string& prefix, uint64_t major, std::optional<Version>* best) {
  std::string_view rest = tags;
  std::string text;
  while (!rest.empty()) {
    std::string_view tag = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), tag.size() + 1));
    if (!tag.starts_with(prefix)) continue;
    tag.remove_prefix(prefix.size());
    std::optional<Version> v = parse_version(tag);
    if (!v || (major >= 2 ? std::get<0>(v->numbers) != major : std::get<0>(v->numbers) > 1)) continue;
    if (!*best || **best < *v) {
      *best = v;
      text = tag;
    }
  }
  return text;
}

}  // namespace

std::string repository_above(const std::string& folder) {
  struct stat st {};
  for (std::string dir = folder; !dir.empty(); dir.resize(dir.rfind('/'))) {
    if (::stat((dir + "/.git").c_str(), &st) == 0) return dir;
    if (dir.rfind('/') == dir.npos) break;
  }
  return {};
}

bool read_repository(const std::string& repository, const std::string& module_folder, const std::string& module_path,
                     RepositoryState* out, std::string* error) {
  std::string status, log;
  int code = run_git(repository, {"status", "--porcelain"}, &status);
  if (code < 0) return false;
  if (code != 0) {
    *error = fmt::format("error obtaining VCS status: exit status {}\n\tUse -buildvcs=false to disable VCS stamping.", code);
    return false;
  }
  out->modified = !status.empty();
  code = run_git(repository, {"-c", "log.showsignature=false", "log", "-1", "--format=%H:%ct"}, &log);
  size_t colon = log.find(':');
  if (code != 0 || colon == log.npos) return true;  // no commit yet
  out->revision = log.substr(0, colon);
  std::from_chars(log.data() + colon + 1, log.data() + log.size(), out->time);

  std::string prefix = module_folder.size() > repository.size() ? module_folder.substr(repository.size() + 1) + "/" : "";
  const uint64_t major = major_of(module_path);
  std::string here, merged;
  std::optional<Version> exact, before;
  run_git(repository, {"tag", "--points-at", "HEAD"}, &here);
  out->version = best_version(here, prefix, major, &exact);
  if (!exact) {
    run_git(repository, {"tag", "--merged", "HEAD"}, &merged);
    best_version(merged, prefix, major, &before);
    char stamp[32];
    struct tm utc {};
    const time_t seconds = out->time;
    ::gmtime_r(&seconds, &utc);
    ::strftime(stamp, sizeof stamp, "%Y%m%d%H%M%S", &utc);
    const std::string tail = fmt::format("{}-{}", stamp, out->revision.substr(0, 12));
    out->version = !before                      ? fmt::format("v{}.0.0-{}", major, tail)
                   : before->prerelease.empty() ? fmt::format("{}-0.{}", before->text(1), tail)
                                                : fmt::format("{}-{}.0.{}", before->text(), before->prerelease, tail);
  }
  if (out->modified) out->version += "+dirty";
  return true;
}

}  // namespace gale::driver
