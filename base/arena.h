// Arena: a bump allocator freed whole. Objects in it are never destroyed one by one, so only trivially destructible
// types may live there. Not thread-safe: each thread or each stage item has its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace gale {

class Arena {
 public:
  Arena() = default;
  ~Arena() { release(); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  void* allocate(size_t size, size_t align = 8) {
    uintptr_t p = (next_ + (align - 1)) & ~(align - 1);
    if (p + size > limit_) [[unlikely]] {
      grow(size + align);
      p = (next_ + (align - 1)) & ~(align - 1);
    }
    next_ = p + size;
    return reinterpret_cast<void*>(p);
  }

  template <class T, class... Args>
  T* make(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>, "arena objects are never destroyed");
    return new (allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
  }

  // A zeroed array of n.
  template <class T>
  std::span<T> make_array(size_t n) {
    static_assert(std::is_trivially_destructible_v<T>, "arena objects are never destroyed");
    if (n == 0) return {};
    T* p = static_cast<T*>(allocate(sizeof(T) * n, alignof(T)));
    for (size_t i = 0; i < n; i++) new (p + i) T{};
    return {p, n};
  }

  // A copy of any contiguous range (vector, span, array).
  template <class Range>
  auto copy(const Range& range) {
    using T = std::remove_cvref_t<decltype(*range.data())>;
    static_assert(std::is_trivially_copyable_v<T>);
    if (range.size() == 0) return std::span<T>{};
    T* p = static_cast<T*>(allocate(sizeof(T) * range.size(), alignof(T)));
    std::memcpy(static_cast<void*>(p), range.data(), sizeof(T) * range.size());
    return std::span<T>{p, range.size()};
  }

  std::string_view copy_text(std::string_view text) {
    auto s = copy(text);
    return {s.data(), s.size()};
  }

  size_t bytes() const { return bytes_; }

  void release() {
    for (Chunk* c = chunks_; c != nullptr;) {
      Chunk* previous = c->previous;
      std::free(c);
      c = previous;
    }
    chunks_ = nullptr;
    next_ = limit_ = 0;
    bytes_ = 0;
  }

 private:
  struct Chunk {
    Chunk* previous;
  };

  void grow(size_t at_least) {
    size_t size = chunk_size_;
    if (chunk_size_ < 1024 * 1024) chunk_size_ *= 2;
    if (size < at_least + sizeof(Chunk)) size = at_least + sizeof(Chunk);
    Chunk* c = static_cast<Chunk*>(std::malloc(size));
    if (c == nullptr) std::abort();
    c->previous = chunks_;
    chunks_ = c;
    next_ = reinterpret_cast<uintptr_t>(c + 1);
    limit_ = reinterpret_cast<uintptr_t>(c) + size;
    bytes_ += size;
  }

  Chunk* chunks_ = nullptr;
  uintptr_t next_ = 0, limit_ = 0;
  size_t chunk_size_ = 4096;
  size_t bytes_ = 0;
};

}  // namespace gale
