// Little-endian integers, LEB128 and text appended to a byte vector.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace gale::link {

using Bytes = std::vector<uint8_t>;

template <class T>
void store(uint8_t* at, T value) {
  std::memcpy(at, &value, sizeof value);  // the host is little-endian, as the target
}

template <class T>
T load(const uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <class T>
void append(Bytes& out, T value) {
  size_t at = out.size();
  out.resize(at + sizeof value);
  store(out.data() + at, value);
}

inline void append_u8(Bytes& out, uint8_t v) { out.push_back(v); }
inline void append_u16(Bytes& out, uint16_t v) { append(out, v); }
inline void append_u32(Bytes& out, uint32_t v) { append(out, v); }
inline void append_u64(Bytes& out, uint64_t v) { append(out, v); }

inline void append_text(Bytes& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }

inline void append_c_string(Bytes& out, std::string_view text) {
  append_text(out, text);
  out.push_back(0);
}

inline void append_uleb(Bytes& out, uint64_t v) {
  while (v >= 0x80) {
    out.push_back(static_cast<uint8_t>(v) | 0x80);
    v >>= 7;
  }
  out.push_back(static_cast<uint8_t>(v));
}

inline void append_sleb(Bytes& out, int64_t v) {
  while (true) {
    uint8_t low = v & 0x7f;
    v >>= 7;
    if ((v == 0 && (low & 0x40) == 0) || (v == -1 && (low & 0x40) != 0)) {
      out.push_back(low);
      return;
    }
    out.push_back(low | 0x80);
  }
}

inline void pad_to(Bytes& out, size_t align) { out.resize((out.size() + align - 1) / align * align); }

inline uint64_t align_up(uint64_t v, uint64_t align) { return (v + align - 1) & ~(align - 1); }

}  // namespace gale::link
