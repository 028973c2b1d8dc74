// ELF executables of either byte order and word size; the header in both of its forms: strings inline (since Go 1.18), or
// pointers to string headers in the data segment. Every offset is checked: any file may be given.
#include "link/read_build_info.h"

#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

namespace gale::link {
namespace {

constexpr std::string_view kMagic = "\xff Go buildinf:";
constexpr size_t kHeaderSize = 32, kFrame = 16, kAlign = 16;
constexpr const char* kNotExecutable = "unrecognized file format";
constexpr const char* kNotGo = "not a Go executable";

class Reader {
 public:
  explicit Reader(std::span<const uint8_t> file) : file_(file) {}

  // Reads the program headers; false: it is no ELF file that can be run.
  bool open() {
    if (file_.size() < 64 || std::memcmp(file_.data(), "\x7f" "ELF", 4) != 0) return false;
    wide_ = file_[4] == 2;
    big_ = file_[5] == 2;
    const uint64_t at = number(wide_ ? 32 : 28, wide_ ? 8 : 4);
    const uint64_t size = number(wide_ ? 54 : 42, 2), count = number(wide_ ? 56 : 44, 2);
    for (uint64_t i = 0; i < count; i++) {
      const uint64_t p = at + i * size;
      if (size < (wide_ ? 56u : 32u) || p > file_.size() || file_.size() - p < size) return false;
      if (number(p, 4) != 1) continue;  // PT_LOAD
      Segment s;
      s.writable = (number(p + (wide_ ? 4 : 24), 4) & 2) != 0;
      s.offset = number(p + (wide_ ? 8 : 4), wide_ ? 8 : 4);
      s.address = number(p + (wide_ ? 16 : 8), wide_ ? 8 : 4);
      s.size = number(p + (wide_ ? 32 : 16), wide_ ? 8 : 4);
      if (s.offset > file_.size()) continue;
      s.size = std::min(s.size, file_.size() - s.offset);
      segments_.push_back(s);
    }
    return true;
  }

  std::string read(ReadBuildInfo* out) {
    std::optional<uint64_t> header = find_header();
    if (!header) return kNotGo;
    const uint8_t word = file_[*header + 14], flags = file_[*header + 15];
    std::string mod;
    if ((flags & 2) != 0) {
      uint64_t at = *header + kHeaderSize;
      if (!inline_string(&at, &out->go_version) || !inline_string(&at, &mod)) return kNotGo;
    } else {
      if (word != 4 && word != 8) return kNotGo;
      big_ = (flags & 1) != 0;
      pointed_string(number(*header + 16, word), word, &out->go_version);
      pointed_string(number(*header + 16 + word, word), word, &mod);
    }
    if (out->go_version.empty()) return kNotGo;
    if (mod.size() >= 2 * kFrame + 1 && mod[mod.size() - kFrame - 1] == '\n') {
      out->mod_info = mod.substr(kFrame, mod.size() - 2 * kFrame);
    }
    return {};
  }

 private:
  struct Segment {
    uint64_t address = 0, offset = 0, size = 0;
    bool writable = false;
  };

  uint64_t number(uint64_t at, unsigned width) const {
    uint64_t value = 0;
    if (at > file_.size() || file_.size() - at < width) return 0;
    for (unsigned i = 0; i < width; i++) value |= uint64_t{file_[at + (big_ ? width - 1 - i : i)]} << (8 * i);
    return value;
  }

  // In the first writable segment it is found sooner, but older linkers put it elsewhere.
  std::optional<uint64_t> find_header() const {
    for (bool writable : {true, false}) {
      for (const Segment& s : segments_) {
        if (s.writable != writable) continue;
        std::string_view bytes(reinterpret_cast<const char*>(file_.data() + s.offset), s.size);
        for (size_t at = bytes.find(kMagic); at != bytes.npos; at = bytes.find(kMagic, at + 1)) {
          if ((s.address + at) % kAlign == 0 && bytes.size() - at >= kHeaderSize) return s.offset + at;
        }
      }
    }
    return std::nullopt;
  }

  bool inline_string(uint64_t* at, std::string* out) const {
    uint64_t size = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (*at >= file_.size() || shift > 56) return false;
      const uint8_t byte = file_[(*at)++];
      size |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) break;
    }
    if (size > file_.size() - *at) return false;
    out->assign(reinterpret_cast<const char*>(file_.data() + *at), size);
    *at += size;
    return true;
  }

  std::optional<uint64_t> offset_of(uint64_t address, uint64_t size) const {
    for (const Segment& s : segments_) {
      if (address >= s.address && address - s.address <= s.size && s.size - (address - s.address) >= size) {
        return s.offset + (address - s.address);
      }
    }
    return std::nullopt;
  }

  void pointed_string(uint64_t address, unsigned word, std::string* out) const {
    std::optional<uint64_t> header = offset_of(address, 2 * word);
    if (!header) return;
    const uint64_t size = number(*header + word, word);
    std::optional<uint64_t> data = offset_of(number(*header, word), size);
    if (data) out->assign(reinterpret_cast<const char*>(file_.data() + *data), size);
  }

  std::span<const uint8_t> file_;
  std::vector<Segment> segments_;
  bool wide_ = true, big_ = false;
};

}  // namespace

std::string read_build_info(std::span<const uint8_t> file, ReadBuildInfo* out) {
  Reader reader(file);
  return reader.open() ? reader.read(out) : kNotExecutable;
}

}  // namespace gale::link
