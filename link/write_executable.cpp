// The file on disk is either the old one or the whole new one, never half.
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "link/link.h"

namespace gale::link {
namespace {

std::string system_error(const char* operation, const std::string& path) {
  return fmt::format("{} {}: {}", operation, path, std::strerror(errno));
}

bool write_all(int fd, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  return true;
}

std::string write_in_place(const std::string& path, std::span<const uint8_t> image) {
  int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return system_error("open", path);
  std::string error = write_all(fd, image) ? "" : system_error("write", path);
  ::close(fd);
  return error;
}

}  // namespace

std::string write_executable(const std::string& path, std::span<const uint8_t> image) {
  struct stat existing;
  if (::stat(path.c_str(), &existing) == 0) {
    if (S_ISDIR(existing.st_mode)) return fmt::format("open {}: is a directory", path);
    if (!S_ISREG(existing.st_mode)) return write_in_place(path, image);
  }
  std::string temporary = fmt::format("{}.gale-{}.tmp", path, ::getpid());
  int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
  if (fd < 0 && errno == EEXIST) {  // left over from a killed process of the same number
    ::unlink(temporary.c_str());
    fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
  }
  if (fd < 0) return system_error("open", path);
  std::string error;
  if (!write_all(fd, image)) error = system_error("write", path);
  // close reports what the disk could not take, on some file systems.
  if (::close(fd) != 0 && error.empty()) error = system_error("write", path);
  if (error.empty() && ::rename(temporary.c_str(), path.c_str()) != 0) error = system_error("rename", path);
  if (!error.empty()) ::unlink(temporary.c_str());
  return error;
}

}  // namespace gale::link
