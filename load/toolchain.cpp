#include "load/toolchain.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "load/file_system.h"
#include "load/module_proxy.h"
#include "load/sha256.h"

namespace gale::load {
namespace {

std::string base64(const Sha256Sum& bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = static_cast<uint32_t>(bytes[i]) << 16;
    if (i + 1 < bytes.size()) group |= static_cast<uint32_t>(bytes[i + 1]) << 8;
    if (i + 2 < bytes.size()) group |= bytes[i + 2];
    for (int digit = 0; digit < 4; digit++) {
      out += i + static_cast<size_t>(digit) > bytes.size() ? '=' : kDigits[group >> (18 - 6 * digit) & 63];
    }
  }
  return out;
}

// What gale needs of a distribution.
bool is_wanted(std::string_view name) {
  if (name == "VERSION" || name == "LICENSE" || name == "PATENTS" || name == "go.env") return true;
  return name.starts_with("src/") || name.starts_with("pkg/include/") || name.starts_with("lib/time/") || name.starts_with("test/");
}

// Modules cannot hold go.mod files below their root; this one has them under another name.
std::string unpacked_name(std::string_view name) {
  constexpr std::string_view kHidden = "/_go.mod";
  if (!name.ends_with(kHidden)) return std::string(name);
  return std::string(name.substr(0, name.size() - kHidden.size())) + "/go.mod";
}

void remove_tree(const std::string& path) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0) return;
  if (S_ISDIR(st.st_mode)) {
    for (const FolderEntry& e : list_folder(path)) remove_tree(path + "/" + e.name);
    ::rmdir(path.c_str());
  } else {
    ::unlink(path.c_str());
  }
}

bool fail_with_errno(const std::string& what, std::string* error) {
  *error = "gale: " + what + ": " + ::strerror(errno);
  return false;
}

bool make_folders(const std::string& path, std::string* error) {
  for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    std::string part = path.substr(0, slash);
    if (::mkdir(part.c_str(), 0777) != 0 && errno != EEXIST) return fail_with_errno("mkdir " + part, error);
    if (slash == path.npos) return true;
  }
}

bool write_new_file(const std::string& path, std::string_view content, std::string* error) {
  int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (file < 0) return fail_with_errno("open " + path, error);
  bool ok = true;
  while (ok && !content.empty()) {
    ssize_t n = ::write(file, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      ok = fail_with_errno("write " + path, error);
    } else {
      content.remove_prefix(static_cast<size_t>(n));
    }
  }
  if (::close(file) != 0 && ok) ok = fail_with_errno("close " + path, error);
  return ok;
}

// A file in memory.
class Mapped {
 public:
  explicit Mapped(const std::string& path) {
    int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat st {};
    if (file >= 0 && ::fstat(file, &st) == 0 && st.st_size > 0) {
      void* at = ::mmap(nullptr, static_cast<size_t>(st.st_size), PROT_READ, MAP_PRIVATE, file, 0);
      if (at != MAP_FAILED) bytes_ = {static_cast<const char*>(at), static_cast<size_t>(st.st_size)};
    }
    if (file >= 0) ::close(file);
  }
  ~Mapped() {
    if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
  }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

}  // namespace

// The hash as the public checksum database has it: sum.golang.org/lookup/golang.org/toolchain@v0.0.1-go1.26.8.linux-amd64
const ToolchainRelease& known_release() {
  static const ToolchainRelease release{"go1.26.8", "h1:ZOmGe1OnfREDMIdb1Qi4G9JSuDPBLGExZMQ4nis1RXM="};
  return release;
}

std::string cache_folder() {
  auto absolute = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && value[0] == '/' ? std::string(value) : std::string();
  };
  if (std::string own = absolute("GALECACHE"); !own.empty()) return clean_path(own);
  if (std::string xdg = absolute("XDG_CACHE_HOME"); !xdg.empty()) return clean_path(xdg + "/gale");
  if (std::string home = absolute("HOME"); !home.empty()) return clean_path(home + "/.cache/gale");
  return {};
}

std::string module_hash(std::vector<std::pair<std::string, std::string>> files) {
  std::sort(files.begin(), files.end());
  std::string list;
  for (const auto& [name, hash] : files) list += hash + "  " + name + "\n";
  return "h1:" + base64(sha256(list));
}

bool ToolchainCache::is_there() const { return kind_of(goroot() + "/VERSION") == FileKind::File; }

bool ToolchainCache::fetch(const std::string& proxies, const ToolchainProgress& progress,
                           const std::function<bool()>& cancelled, std::string* error) const {
  if (is_there()) return true;
  if (folder_.empty()) {
    *error = "gale: no folder for its cache: set HOME, XDG_CACHE_HOME or GALECACHE";
    return false;
  }
  if (!make_folders(folder_ + "/toolchain", error)) return false;
  const std::string lock_path = folder_ + "/toolchain/lock";
  int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock < 0) return fail_with_errno("open " + lock_path, error);
  while (::flock(lock, LOCK_EX) != 0) {
    if (errno == EINTR && !cancelled()) continue;
    fail_with_errno("lock " + lock_path, error);
    ::close(lock);
    return false;
  }
  const std::string temporary = goroot() + ".tmp";
  remove_tree(temporary);
  const bool ok = is_there() || fetch_locked(proxies, progress, cancelled, error);
  remove_tree(temporary);
  ::close(lock);  // and unlocks; the lock file stays, since others may hold it open
  return ok;
}

bool ToolchainCache::fetch_locked(const std::string& proxies, const ToolchainProgress& progress,
                                  const std::function<bool()>& cancelled, std::string* error) const {
  const std::string name = release_.module() + "@" + release_.module_version();
  std::vector<Proxy> list;
  std::string why;
  auto fail = [&](const std::string& reason) {
    *error = "gale: cannot fetch " + name + ": " + reason;
    return false;
  };
  if (!parse_proxy_list(proxies, &list, &why)) return fail(why);

  const std::string temporary = goroot() + ".tmp", archive = temporary + "/module.zip", unpacked = temporary + "/goroot";
  if (!make_folders(unpacked, error)) return false;
  int file = ::open(archive.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) return fail_with_errno("open " + archive, error);
  Transfer transfer;
  transfer.cancelled = cancelled;
  transfer.progress = [&](uint64_t done, uint64_t total) { progress("fetching " + release_.version, done, total); };
  const std::string path = release_.module() + "/@v/" + release_.module_version() + ".zip";
  const bool fetched = fetch_from_proxies(list, path, file, transfer, &why);
  ::close(file);
  if (!fetched) return fail(why);

  if (!unpack(archive, unpacked, progress, cancelled, &why)) return why.starts_with("gale: ") ? (*error = why, false) : fail(why);
  // The name must not be on the disk before what it names is.
  int folder = ::open(unpacked.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = folder >= 0 && ::syncfs(folder) == 0;
  if (folder >= 0) ::close(folder);
  if (!synced) return fail_with_errno("sync " + unpacked, error);
  remove_tree(goroot());  // of a state without VERSION, which no fetch leaves
  if (::rename(unpacked.c_str(), goroot().c_str()) != 0) return fail_with_errno("rename " + unpacked + " to " + goroot(), error);
  return true;
}

// Unpacks and hashes every file, writes those that are wanted. Only the hash over all of them says whether to believe any.
bool ToolchainCache::unpack(const std::string& archive, const std::string& into, const ToolchainProgress& progress,
                            const std::function<bool()>& cancelled, std::string* error) const {
  Mapped mapped(archive);
  ZipArchive zip;
  if (!zip.open(mapped.bytes(), ZipLimits(), error)) {
    *error = "its archive is damaged: " + *error;
    return false;
  }
  const std::string prefix = release_.module() + "@" + release_.module_version() + "/";
  std::vector<std::string> targets(zip.entries().size());
  uint64_t total = 0;
  std::string last_folder;
  for (size_t i = 0; i < targets.size(); i++) {
    const ZipEntry& e = zip.entries()[i];
    total += e.size;
    if (!e.name.starts_with(prefix)) {
      *error = "its archive holds a file of another module: " + std::string(e.name.substr(0, 100));
      return false;
    }
    std::string_view name = e.name.substr(prefix.size());
    if (!is_wanted(name)) continue;
    targets[i] = into + "/" + unpacked_name(name);
    std::string folder = targets[i].substr(0, targets[i].rfind('/'));
    if (folder != last_folder && !make_folders(folder, error)) return false;
    last_folder = folder;
  }

  std::vector<std::pair<std::string, std::string>> hashes(targets.size());
  std::atomic<size_t> next{0};
  std::atomic<uint64_t> done{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  auto work = [&](bool tells) {
    ZipUnpacker unpacker;
    std::string content, problem;
    for (size_t i; !stop && (i = next.fetch_add(1)) < targets.size();) {
      const ZipEntry& e = zip.entries()[i];
      bool ok = unpacker.unpack(e, &content, &problem);
      if (!ok) problem = "its archive is damaged: " + problem;
      if (ok) hashes[i] = {std::string(e.name), sha256_hex(content)};
      if (ok && !targets[i].empty()) ok = write_new_file(targets[i], content, &problem);
      if (ok && cancelled()) {
        ok = false;
        problem = "interrupted";
      }
      done += e.size;
      if (tells) progress("unpacking " + release_.version, done, total);
      if (ok) continue;
      std::lock_guard<std::mutex> lock(mutex);
      if (!stop.exchange(true)) *error = problem;
    }
  };
  std::thread other(work, false);
  work(true);
  other.join();
  if (stop) return false;
  const std::string sum = module_hash(std::move(hashes));
  if (sum == release_.sum) return true;
  *error = "its archive is not the one that gale knows (its hash is " + sum + ", it should be " + release_.sum + ")";
  return false;
}

}  // namespace gale::load
