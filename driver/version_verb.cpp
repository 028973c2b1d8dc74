// gale version [-m] [-v] [file ...]
#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/flags.h"
#include "driver/verbs.h"
#include "link/read_build_info.h"
#include "load/file_system.h"
#include "load/toolchain.h"

namespace gale::driver {
namespace {

constexpr std::string_view kVersion = "0.1";

std::string lower_error() {
  std::string text = ::strerror(errno);
  text[0] = static_cast<char>(::tolower(text[0]));
  return text;
}

// Files that could be executables are told of if they are not Go's.
bool is_candidate(const std::string& path, mode_t mode) {
  if (S_ISREG(mode) && (mode & 0111) != 0) return true;
  return path.ends_with(".so") || path.ends_with(".exe") || path.ends_with(".dll") || path.find(".so.") != path.npos;
}

class Printer {
 public:
  Printer(bool modules, bool verbose) : modules_(modules), verbose_(verbose) {}

  bool file(const std::string& path, bool tells) {
    int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat st {};
    if (fd < 0 || ::fstat(fd, &st) != 0) {
      if (tells) fmt::print(stderr, "{}\n", path);
      if (fd >= 0) ::close(fd);
      return false;
    }
    link::ReadBuildInfo info;
    std::string wrong = "unrecognized file format";
    const size_t size = static_cast<size_t>(st.st_size);
    void* at = S_ISREG(st.st_mode) && size > 0 ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    if (at != MAP_FAILED) {
      wrong = link::read_build_info({static_cast<const uint8_t*>(at), size}, &info);
      ::munmap(at, size);
    }
    ::close(fd);
    if (!wrong.empty()) {
      if (tells && is_candidate(path, st.st_mode)) fmt::print(stderr, "{}: {}\n", path, wrong);
      return false;
    }
    fmt::print("{}: {}\n", path, info.go_version);
    std::string_view rest = info.mod_info;
    while (modules_ && !rest.empty()) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      fmt::print("\t{}\n", line);
    }
    return true;
  }

  // In the order of the names; links to folders are not followed.
  void folder(const std::string& path) {
    for (const load::FolderEntry& e : load::list_folder(path)) {
      const std::string below = path.ends_with('/') ? path + e.name : path + "/" + e.name;
      struct stat st {};
      if (::lstat(below.c_str(), &st) != 0) continue;
      if (S_ISDIR(st.st_mode)) {
        folder(below);
      } else if (S_ISREG(st.st_mode) || (S_ISLNK(st.st_mode) && ::stat(below.c_str(), &st) == 0 && S_ISREG(st.st_mode))) {
        file(below, verbose_);
      }
    }
  }

 private:
  bool modules_, verbose_;
};

}  // namespace

int version_verb(Arguments args) {
  bool modules = false, verbose = false;
  std::string error;
  const Flag flags[] = {{"m", "", "modules and settings", &modules},
                        {"v", "", "tell of files that are no Go executables", &verbose},
                        {"json", "", "", nullptr, nullptr, nullptr, nullptr, "it is not there yet"}};
  Arguments given = args;
  if (!parse_flags(flags, &args, &error)) {
    fmt::print(stderr, "{}\nusage: gale version [-m] [-v] [file ...]\nRun 'gale help version' for details.\n", error);
    return 2;
  }
  if (args.empty()) {
    if (modules || verbose) {
      fmt::print(stderr, "go: 'gale version' only accepts {} flag with arguments\n", modules ? "-m" : "-v");
      return 2;
    }
    fmt::print("gale version {} {} linux/amd64\n", kVersion, load::known_release().version);
    return 0;
  }
  int code = 0;
  Printer printer(modules, verbose);
  for (const std::string& arg : args) {
    struct stat st {};
    if (::stat(arg.c_str(), &st) != 0) {
      fmt::print(stderr, "stat {}: {}\n", arg, lower_error());
      code = 1;
    } else if (S_ISDIR(st.st_mode)) {
      printer.folder(load::clean_path(arg));
    } else if (!printer.file(arg, true) && modules) {
      code = 1;
    }
  }
  return code;
}

}  // namespace gale::driver
