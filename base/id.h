// Typed 32-bit references and the tables they index. An Id of one entity never converts to another's.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/check.h"

namespace gale {

template <class Tag>
struct Id {
  static constexpr uint32_t kNone = 0xffffffff;
  uint32_t index = kNone;

  constexpr Id() = default;
  constexpr explicit Id(uint32_t i) : index(i) {}
  constexpr bool valid() const { return index != kNone; }
  constexpr explicit operator bool() const { return valid(); }
  constexpr bool operator==(const Id&) const = default;
  constexpr bool operator<(const Id& o) const { return index < o.index; }
  template <class H>
  friend H AbslHashValue(H h, const Id& id) { return H::combine(std::move(h), id.index); }
};

// Owns the entities of one kind: dense, append only.
template <class IdType, class T>
class Table {
 public:
  IdType add(T value) {
    items_.push_back(std::move(value));
    return IdType(static_cast<uint32_t>(items_.size() - 1));
  }
  T& operator[](IdType id) { return items_[id.index]; }
  const T& operator[](IdType id) const { return items_[id.index]; }
  uint32_t size() const { return static_cast<uint32_t>(items_.size()); }
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  void reserve(size_t n) { items_.reserve(n); }

 private:
  std::vector<T> items_;
};

// Annotates the entities of a Table with a U each; grows on write, reads past the end give the default.
template <class IdType, class U>
class SideTable {
 public:
  explicit SideTable(uint32_t size = 0, U initial = U()) : items_(size, initial), initial_(initial) {}
  U& operator[](IdType id) {
    if (id.index >= items_.size()) items_.resize(id.index + 1, initial_);
    return items_[id.index];
  }
  U get(IdType id) const { return id.index < items_.size() ? items_[id.index] : initial_; }
  uint32_t size() const { return static_cast<uint32_t>(items_.size()); }

 private:
  std::vector<U> items_;
  U initial_;
};

}  // namespace gale
