// The official Go distribution as the module golang.org/toolchain: fetched, checked against the hash written here, and its
// sources unpacked into gale's cache. What is not complete and right is never seen under its final name:
//
//   CACHE/toolchain/lock                       held while one process fetches; others wait
//   CACHE/toolchain/go1.26.8.linux-amd64.tmp/  archive and folders in the making; removed by the next fetch if one was killed
//   CACHE/toolchain/go1.26.8.linux-amd64/      VERSION, src, pkg/include, lib/time, test
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "load/zip_archive.h"

namespace gale::load {

struct ToolchainRelease {
  std::string version;  // "go1.26.8"
  std::string sum;      // of the module's archive: "h1:..."
  std::string module() const { return "golang.org/toolchain"; }
  std::string module_version() const { return "v0.0.1-" + version + ".linux-amd64"; }
};

// The release that gale compiles.
const ToolchainRelease& known_release();

// Told while it works: "fetching go1.26.8", bytes done of all (0: not known).
using ToolchainProgress = std::function<void(const std::string& what, uint64_t done, uint64_t total)>;

class ToolchainCache {
 public:
  ToolchainCache(std::string cache_folder, ToolchainRelease release = known_release())
      : folder_(std::move(cache_folder)), release_(std::move(release)) {}

  std::string goroot() const { return folder_ + "/toolchain/" + release_.version + ".linux-amd64"; }
  bool is_there() const;
  // Does nothing if it is there. `proxies` as $GOPROXY has them. False: *error is ready to print, and nothing stays behind.
  bool fetch(const std::string& proxies, const ToolchainProgress& progress, const std::function<bool()>& cancelled,
             std::string* error) const;

 private:
  bool fetch_locked(const std::string& proxies, const ToolchainProgress& progress, const std::function<bool()>& cancelled,
                    std::string* error) const;
  bool unpack(const std::string& archive, const std::string& into, const ToolchainProgress& progress,
              const std::function<bool()>& cancelled, std::string* error) const;

  std::string folder_;
  ToolchainRelease release_;
};

// $GALECACHE, else gale below $XDG_CACHE_HOME, else below $HOME/.cache; "" if there is none of these.
std::string cache_folder();

// The hash "h1:" of golang.org/x/mod's dirhash over (name, SHA-256 of content in hex).
std::string module_hash(std::vector<std::pair<std::string, std::string>> files);

}  // namespace gale::load
