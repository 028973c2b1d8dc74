// memory.h: pages from the kernel, and memory that is never given back (off-heap records).

#ifndef GALE_RUNTIME_SYS_MEMORY_H_
#define GALE_RUNTIME_SYS_MEMORY_H_

#include "runtime/sys/syscall.h"

namespace gale::rt {

void* sys_alloc(u64 bytes);              // zeroed, committed lazily; throws when the kernel refuses
void* sys_try_alloc(u64 bytes, uptr hint);
void sys_free(void* p, u64 bytes);
void sys_unused(void* p, u64 bytes);     // give the frames back, keep the addresses (read as zero afterwards)

inline constexpr u64 kOsPage = 4096;

// Huge pages: a range of whole ones, and whether the system lets programs ask for them.
inline constexpr u64 kHugePage = 2 << 20;
bool huge_pages_allowed();
void sys_huge(void* p, u64 bytes);
void sys_not_huge(void* p, u64 bytes);   // of ranges asked for before

void sys_protect_none(void* p, u64 bytes);

// Bump memory for records that live as long as the process. Zeroed, 8-aligned.
void* persistent_alloc(u64 bytes);

// Records of one type, recycled on a free list that the owner of the pool locks. Memory stays typed for ever, so a stale pointer is to a T.
template <class T>
class FixedPool {
 public:
  T* get() {
    T* p = free_;
    if (p != nullptr) {
      free_ = *reinterpret_cast<T**>(p);
      __builtin_memset(static_cast<void*>(p), 0, sizeof(T));
      return p;
    }
    return static_cast<T*>(persistent_alloc(sizeof(T)));
  }
  void put(T* p) {
    *reinterpret_cast<T**>(p) = free_;
    free_ = p;
  }

 private:
  T* free_ = nullptr;
};

// Growable array of words outside the Go heap (mark stack, list of all goroutines, timer heap).
template <class T>
class SysVector {
 public:
  u64 size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](u64 i) { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  T& back() { return data_[size_ - 1]; }
  void push(T v) {
    if (size_ == cap_) grow();
    data_[size_++] = v;
  }
  T pop() { return data_[--size_]; }
  void clear() { size_ = 0; }

 private:
  void grow() {
    u64 cap = cap_ == 0 ? 8192 / sizeof(T) : cap_ * 2;
    T* data = static_cast<T*>(sys_alloc(cap * sizeof(T)));
    if (size_ != 0) __builtin_memcpy(static_cast<void*>(data), data_, size_ * sizeof(T));
    if (cap_ != 0) sys_free(data_, cap_ * sizeof(T));
    data_ = data;
    cap_ = cap;
  }
  T* data_ = nullptr;
  u64 size_ = 0, cap_ = 0;
};

}  // namespace gale::rt

#endif  // GALE_RUNTIME_SYS_MEMORY_H_
