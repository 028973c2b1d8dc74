// Symbol: an interned string. Two symbols are equal iff their texts are; comparing, hashing and copying cost a pointer.
// Symbols live as long as the process. Interning is thread-safe (64 shards), reading needs no lock. Pointer order must
// never decide the order of any output: sort by text().
#pragma once

#include <cstdint>
#include <string_view>

namespace gale {

class Symbol {
 public:
  constexpr Symbol() = default;
  // Interns `text`.
  explicit Symbol(std::string_view text) : entry_(intern(text)) {}

  std::string_view text() const {
    return entry_ == nullptr ? std::string_view{} : std::string_view(chars(), entry_->size);
  }
  bool empty() const { return entry_ == nullptr || entry_->size == 0; }
  explicit operator bool() const { return !empty(); }
  bool operator==(const Symbol&) const = default;
  // Of the text: the same in every run.
  uint32_t hash() const { return entry_ == nullptr ? 0 : entry_->hash; }

  template <class H>
  friend H AbslHashValue(H h, const Symbol& s) { return H::combine(std::move(h), s.entry_); }

 private:
  struct Entry {
    Entry* next;
    uint32_t hash, size;
    // followed by the characters and a NUL
  };
  static const Entry* intern(std::string_view text);
  const char* chars() const { return reinterpret_cast<const char*>(entry_ + 1); }

  friend class SymbolTable;
  const Entry* entry_ = nullptr;  // null and the entry of "" are never both used: intern("") gives null
};

inline bool text_less(Symbol a, Symbol b) { return a.text() < b.text(); }

}  // namespace gale
