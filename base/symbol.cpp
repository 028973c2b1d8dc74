#include "base/symbol.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>
#include <mutex>
#include <vector>

#include "base/arena.h"

namespace gale {

// One of 64 independent chained hash tables, chosen by the top bits of the hash.
class SymbolTable {
 public:
  const Symbol::Entry* intern(std::string_view text, uint32_t hash) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (buckets_.empty()) buckets_.resize(256);
    Symbol::Entry*& head = buckets_[hash & (buckets_.size() - 1)];
    for (Symbol::Entry* e = head; e != nullptr; e = e->next) {
      if (e->hash == hash && e->size == text.size() && std::memcmp(e + 1, text.data(), text.size()) == 0) return e;
    }
    auto* e = static_cast<Symbol::Entry*>(arena_.allocate(sizeof(Symbol::Entry) + text.size() + 1));
    e->hash = hash;
    e->size = static_cast<uint32_t>(text.size());
    char* chars = reinterpret_cast<char*>(e + 1);
    std::memcpy(chars, text.data(), text.size());
    chars[text.size()] = 0;
    e->next = head;
    head = e;
    if (++count_ > buckets_.size()) rehash();
    return e;
  }

 private:
  void rehash() {
    std::vector<Symbol::Entry*> old(buckets_.size() * 4);
    old.swap(buckets_);
    for (Symbol::Entry* e : old) {
      while (e != nullptr) {
        Symbol::Entry* next = e->next;
        Symbol::Entry*& head = buckets_[e->hash & (buckets_.size() - 1)];
        e->next = head;
        head = e;
        e = next;
      }
    }
  }

  std::mutex mutex_;
  std::vector<Symbol::Entry*> buckets_;
  size_t count_ = 0;
  Arena arena_;
};

const Symbol::Entry* Symbol::intern(std::string_view text) {
  if (text.empty()) return nullptr;
  static SymbolTable* shards = new SymbolTable[64];
  uint32_t hash = static_cast<uint32_t>(XXH3_64bits(text.data(), text.size()));
  return shards[hash >> 26].intern(text, hash);
}

}  // namespace gale
