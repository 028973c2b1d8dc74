// ZipArchive: a strict reader of zip files (PKWARE APPNOTE 6.3), for archives of modules. It takes what such archives hold,
// regular files stored or deflated, and refuses whatever else the format allows or two readers could understand differently:
//
//   - the end record is the last thing in the file, the central directory ends where it begins; no comment, no zip64, one disk
//   - no encryption, no links, no folders, no sizes above the limits
//   - names are relative, in UTF-8, without "", "." and ".." as elements, backslashes and control characters; none comes
//     twice, and none is a folder of another
//   - local headers agree with the directory; no two entries share a byte
//
// Any bytes may be given to it (zip_archive_fuzz.cpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gale::load {

struct ZipLimits {
  uint64_t entries = 200'000;
  uint64_t file = uint64_t{256} << 20;   // of one file, unpacked
  uint64_t total = uint64_t{1} << 30;    // of all of them
};

struct ZipEntry {
  std::string_view name;     // inside the archive's bytes
  uint64_t size = 0;         // unpacked
  std::string_view packed;
  uint32_t crc = 0;
  bool deflated = false;
};

class ZipArchive {
 public:
  // `bytes` must outlive it. False: *error says what is wrong.
  bool open(std::string_view bytes, const ZipLimits& limits, std::string* error);
  const std::vector<ZipEntry>& entries() const { return entries_; }  // in the directory's order

 private:
  bool read_directory(std::string_view bytes, const ZipLimits& limits, std::string* error);
  bool check_names(std::string* error) const;

  std::vector<ZipEntry> entries_;
};

// One thread's unpacking of entries.
class ZipUnpacker {
 public:
  ZipUnpacker();
  ~ZipUnpacker();
  ZipUnpacker(const ZipUnpacker&) = delete;
  ZipUnpacker& operator=(const ZipUnpacker&) = delete;
  // Checks size and CRC too. False: *error says what is wrong with the entry.
  bool unpack(const ZipEntry& entry, std::string* content, std::string* error);

 private:
  void* inflater_;
};

}  // namespace gale::load
