#include "load/zip_archive.h"

#include <libdeflate.h>

#include <algorithm>

#include "syntax/unicode.h"

namespace gale::load {
namespace {

constexpr uint32_t kLocalMark = 0x04034b50, kDirectoryMark = 0x02014b50, kEndMark = 0x06054b50, kDescriptorMark = 0x08074b50;
constexpr size_t kLocalSize = 30, kDirectorySize = 46, kEndSize = 22;
constexpr uint16_t kHasDescriptor = 1 << 3, kNamesAreUtf8 = 1 << 11, kDeflateOptions = 3 << 1;
constexpr uint16_t kStored = 0, kDeflated = 8;
constexpr uint8_t kMadeOnUnix = 3;
constexpr uint32_t kFileTypeMask = 0170000, kRegularFile = 0100000;
constexpr uint32_t kFolderOfDos = 1 << 4;

// Little-endian numbers out of a record whose length was checked.
class Record {
 public:
  explicit Record(std::string_view bytes) : bytes_(bytes) {}
  uint16_t u16(size_t at) const { return static_cast<uint16_t>(byte(at) | byte(at + 1) << 8); }
  uint32_t u32(size_t at) const { return u16(at) | static_cast<uint32_t>(u16(at + 2)) << 16; }
  uint8_t byte(size_t at) const { return static_cast<uint8_t>(bytes_[at]); }

 private:
  std::string_view bytes_;
};

bool fail(std::string* error, std::string message) {
  *error = std::move(message);
  return false;
}

bool is_safe_name(std::string_view name) {
  if (name.empty() || name.size() > 1024) return false;
  for (const char* at = name.data(), *end = at + name.size(); at < end;) {
    if (static_cast<unsigned char>(*at) < 0x20 || *at == 0x7f || *at == '\\') return false;
    syntax::Rune r = syntax::decode_rune(at, end);
    if (r.code == 0xfffd && r.size == 1) return false;  // not UTF-8
    at += r.size;
  }
  while (true) {
    size_t slash = name.find('/');
    std::string_view element = name.substr(0, slash);
    if (element.empty() || element == "." || element == ".." || element.size() > 255) return false;
    if (slash == name.npos) return true;
    name.remove_prefix(slash + 1);
  }
}

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (char c : name.substr(0, 200)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out + "\"";
}

}  // namespace

bool ZipArchive::open(std::string_view bytes, const ZipLimits& limits, std::string* error) {
  entries_.clear();
  return read_directory(bytes, limits, error) && check_names(error);
}

bool ZipArchive::read_directory(std::string_view bytes, const ZipLimits& limits, std::string* error) {
  if (bytes.size() < kEndSize) return fail(error, "it is too short for a zip file");
  const size_t end_at = bytes.size() - kEndSize;
  Record end(bytes.substr(end_at));
  if (end.u32(0) != kEndMark || end.u16(20) != 0) return fail(error, "it does not end as a zip file does");
  const size_t count = end.u16(10), directory_size = end.u32(12), directory_at = end.u32(16);
  if (end.u16(4) != 0 || end.u16(6) != 0 || end.u16(8) != count) return fail(error, "it is a part of several");
  if (count == 0xffff || directory_at == 0xffffffff || directory_size == 0xffffffff) return fail(error, "it is a zip64 file");
  if (count > limits.entries) return fail(error, "it has too many files");
  if (directory_at + directory_size != end_at) return fail(error, "its directory is not where it should be");

  struct Extent {
    size_t begin, end;
  };
  std::vector<Extent> extents;
  uint64_t total = 0;
  size_t at = directory_at;
  for (size_t i = 0; i < count; i++) {
    if (end_at - at < kDirectorySize) return fail(error, "its directory is cut off");
    Record d(bytes.substr(at, kDirectorySize));
    const size_t name_size = d.u16(28), extra_size = d.u16(30), comment_size = d.u16(32);
    if (d.u32(0) != kDirectoryMark || end_at - at - kDirectorySize < name_size + extra_size + comment_size) {
      return fail(error, "its directory is damaged");
    }
    ZipEntry e;
    e.name = bytes.substr(at + kDirectorySize, name_size);
    at += kDirectorySize + name_size + extra_size + comment_size;
    auto refuse = [&](std::string_view why) { return fail(error, quoted(e.name) + " " + std::string(why)); };
    if (!is_safe_name(e.name)) return refuse("is no name for a file");
    const uint16_t flags = d.u16(8), method = d.u16(10);
    if ((flags & ~(kHasDescriptor | kNamesAreUtf8 | kDeflateOptions)) != 0) return refuse("uses an unknown feature");
    if (method != kStored && method != kDeflated) return refuse("is packed by an unknown method");
    const uint32_t attributes = d.u32(38), mode = attributes >> 16;
    const bool regular = (attributes & kFolderOfDos) == 0 &&
                         (d.byte(5) != kMadeOnUnix || (mode & kFileTypeMask) == kRegularFile || (mode & kFileTypeMask) == 0);
    if (!regular) return refuse("is not a regular file");
    if (d.u16(34) != 0) return refuse("is on another disk");
    e.crc = d.u32(16);
    e.size = d.u32(24);
    e.deflated = method == kDeflated;
    const size_t packed_size = d.u32(20), local_at = d.u32(42);
    if (e.size > limits.file || (total += e.size) > limits.total) return refuse("is too large");
    if (!e.deflated && packed_size != e.size) return refuse("has two sizes");

    // The local header, then the name, then the data, then perhaps the descriptor.
    if (local_at > directory_at || directory_at - local_at < kLocalSize) return refuse("begins outside of the archive");
    Record l(bytes.substr(local_at, kLocalSize));
    const size_t local_name_size = l.u16(26), local_extra_size = l.u16(28);
    size_t left = directory_at - local_at - kLocalSize;
    if (l.u32(0) != kLocalMark || local_name_size != name_size || left < name_size + local_extra_size ||
        bytes.substr(local_at + kLocalSize, name_size) != e.name || l.u16(6) != flags || l.u16(8) != method) {
      return refuse("is described in two ways");
    }
    const bool described_later = (flags & kHasDescriptor) != 0;
    const bool same = l.u32(14) == e.crc && l.u32(18) == packed_size && l.u32(22) == e.size;
    const bool blank = l.u32(14) == 0 && l.u32(18) == 0 && l.u32(22) == 0;
    if (!same && !(described_later && blank)) return refuse("is described in two ways");
    left -= name_size + local_extra_size;
    if (left < packed_size) return refuse("ends outside of the archive");
    const size_t data_at = local_at + kLocalSize + name_size + local_extra_size;
    e.packed = bytes.substr(data_at, packed_size);
    left -= packed_size;
    size_t descriptor_size = 0;
    if (described_later) {
      constexpr size_t kSize = 16;
      if (left < kSize) return refuse("ends outside of the archive");
      Record after(bytes.substr(data_at + packed_size, kSize));
      if (after.u32(0) != kDescriptorMark || after.u32(4) != e.crc || after.u32(8) != packed_size || after.u32(12) != e.size) {
        return refuse("is described in two ways");
      }
      descriptor_size = kSize;
    }
    extents.push_back({local_at, data_at + packed_size + descriptor_size});
    entries_.push_back(e);
  }
  if (at != end_at) return fail(error, "its directory is damaged");
  std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) { return a.begin < b.begin; });
  for (size_t i = 1; i < extents.size(); i++) {
    if (extents[i].begin < extents[i - 1].end) return fail(error, "its files overlap");
  }
  return true;
}

// None twice, none a folder of another: sorted with '/' before all else, such names are neighbours.
bool ZipArchive::check_names(std::string* error) const {
  std::vector<std::string_view> names;
  for (const ZipEntry& e : entries_) names.push_back(e.name);
  std::sort(names.begin(), names.end(), [](std::string_view a, std::string_view b) {
    auto rank = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c); };
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        [&](char x, char y) { return rank(x) < rank(y); });
  });
  for (size_t i = 1; i < names.size(); i++) {
    std::string_view a = names[i - 1], b = names[i];
    if (a == b) return fail(error, quoted(a) + " is there twice");
    if (b.size() > a.size() && b.starts_with(a) && b[a.size()] == '/') return fail(error, quoted(a) + " is a file and a folder");
  }
  return true;
}

ZipUnpacker::ZipUnpacker() : inflater_(libdeflate_alloc_decompressor()) {}

ZipUnpacker::~ZipUnpacker() { libdeflate_free_decompressor(static_cast<libdeflate_decompressor*>(inflater_)); }

bool ZipUnpacker::unpack(const ZipEntry& entry, std::string* content, std::string* error) {
  if (!entry.deflated) {
    content->assign(entry.packed);
  } else {
    content->resize(entry.size);
    size_t read = 0;
    // Without room for the actual size it insists on exactly as many bytes as are wanted.
    libdeflate_result result =
        libdeflate_deflate_decompress_ex(static_cast<libdeflate_decompressor*>(inflater_), entry.packed.data(),
                                         entry.packed.size(), content->data(), content->size(), &read, nullptr);
    if (result != LIBDEFLATE_SUCCESS || read != entry.packed.size()) return fail(error, quoted(entry.name) + " is damaged");
  }
  if (libdeflate_crc32(0, content->data(), content->size()) != entry.crc) return fail(error, quoted(entry.name) + " is damaged");
  return true;
}

}  // namespace gale::load
