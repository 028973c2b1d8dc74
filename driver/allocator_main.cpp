// operator new and delete of the `gale` command: a compile makes millions of small objects and ends soon, so memory is handed out and
// taken back by a thread for itself, without locks, and never returned to the system before the end.
//
// One region of address space is divided into blocks of 64 kB. A block holds objects of one size class, or is (a part of) one
// larger object; class_of_block says which, so that delete needs no header before the object. Free objects are chained through
// their first word in the list of the thread that frees them. Above 1 MB, and when there is no region, malloc serves.
// Threads that end leave their lists to later ones.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#include <sys/mman.h>

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <new>

namespace {

constexpr size_t kRegionSize = size_t{64} << 30;       // of address space; only what is touched costs memory
constexpr size_t kSmallRegionSize = size_t{4} << 30;  // where there is a limit on it
constexpr size_t kBlockShift = 16, kBlockSize = size_t{1} << kBlockShift;
constexpr size_t kSmall = 512, kMedium = 16 * 1024, kLarge = size_t{1} << 20;
// 16, 32, ... 512; then four steps to each power of two up to 16 kB; then 1 to 16 whole blocks.
constexpr size_t kSmallClasses = kSmall / 16, kMediumClasses = 5 * 4, kLargeClasses = kLarge / kBlockSize;
constexpr size_t kFirstLarge = kSmallClasses + kMediumClasses, kClasses = kFirstLarge + kLargeClasses;

size_t class_of(size_t size) {
  if (size <= kSmall) return size == 0 ? 0 : (size - 1) / 16;
  if (size > kMedium) return kFirstLarge + (size - 1) / kBlockSize;
  const size_t power = static_cast<size_t>(std::bit_width(size - 1)) - 1;  // 2^power < size <= 2^(power + 1)
  return kSmallClasses + (power - 9) * 4 + ((size - 1) >> (power - 2)) - 4;
}

size_t size_of_class(size_t c) {
  if (c < kSmallClasses) return (c + 1) * 16;
  if (c >= kFirstLarge) return (c - kFirstLarge + 1) * kBlockSize;
  const size_t step = c - kSmallClasses;
  return ((step % 4 + 5) << (step / 4 + 9)) / 4;
}

struct Free {
  Free* next;
};

// What one thread has at hand.
struct Cache {
  Free* free[kClasses] = {};
  char* fresh[kFirstLarge] = {};  // the unused rest of the block that the class takes from
  char* end[kFirstLarge] = {};
  Cache* next_idle = nullptr;
};

struct Region {
  char* begin = nullptr;
  size_t size = 0;
  std::atomic<size_t> used{0};
  std::mutex mutex;
  Cache* idle = nullptr;
};

constinit Region region;
constinit std::atomic<bool> is_set_up{false};
uint8_t class_of_block[kRegionSize >> kBlockShift];
constinit thread_local Cache* own = nullptr;

struct GiveBack {
  bool armed = false;
  ~GiveBack() {
    if (own == nullptr) return;
    std::lock_guard<std::mutex> lock(region.mutex);
    own->next_idle = region.idle;
    region.idle = own;
    own = nullptr;
  }
};
thread_local GiveBack give_back;

[[noreturn]] void out_of_memory() {
  std::fputs("gale: out of memory\n", stderr);
  std::_Exit(1);
}

// Null: there is no region.
[[gnu::noinline]] Cache* take_cache() {
  if (is_set_up && region.begin == nullptr) return nullptr;
  std::lock_guard<std::mutex> lock(region.mutex);
  if (!is_set_up) {
    for (size_t size : {kRegionSize, kSmallRegionSize}) {
      void* at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (at == MAP_FAILED) continue;
      region.begin = static_cast<char*>(at);
      region.size = size;
      ::madvise(at, size, MADV_HUGEPAGE);
      break;
    }
    is_set_up = true;
  }
  if (region.begin == nullptr) return nullptr;
  if (region.idle != nullptr) {
    own = region.idle;
    region.idle = own->next_idle;
  } else {
    void* memory = std::malloc(sizeof(Cache));
    if (memory == nullptr) out_of_memory();
    own = new (memory) Cache();
  }
  give_back.armed = true;
  return own;
}

// Fresh blocks; null: the region is used up.
char* take_blocks(size_t count, size_t c) {
  const size_t first = region.used.fetch_add(count);
  if (first + count > region.size >> kBlockShift) return nullptr;
  class_of_block[first] = static_cast<uint8_t>(c);
  return region.begin + (first << kBlockShift);
}

[[gnu::noinline]] void* allocate_slowly(Cache* cache, size_t size, size_t c) {
  if (cache == nullptr) cache = take_cache();
  void* p = nullptr;
  if (cache != nullptr && size <= kLarge) {
    if (Free* f = cache->free[c]; f != nullptr) {
      cache->free[c] = f->next;
      return f;
    }
    if (c >= kFirstLarge) {
      p = take_blocks(c - kFirstLarge + 1, c);
    } else {
      const size_t each = size_of_class(c);
      if (static_cast<size_t>(cache->end[c] - cache->fresh[c]) < each) {
        cache->fresh[c] = take_blocks(1, c);
        cache->end[c] = cache->fresh[c] == nullptr ? nullptr : cache->fresh[c] + kBlockSize;
      }
      if (cache->fresh[c] != nullptr) {
        p = cache->fresh[c];
        cache->fresh[c] += each;
      }
    }
  }
  if (p == nullptr) p = std::malloc(size == 0 ? 1 : size);
  if (p == nullptr) out_of_memory();
  return p;
}

}  // namespace

void* operator new(size_t size) {
  Cache* cache = own;
  const size_t c = size <= kLarge ? class_of(size) : 0;
  if (cache != nullptr && size <= kLarge) {
    if (Free* f = cache->free[c]; f != nullptr) {
      cache->free[c] = f->next;
      return f;
    }
  }
  return allocate_slowly(cache, size, c);
}

void operator delete(void* p) noexcept {
  const size_t offset = static_cast<size_t>(static_cast<char*>(p) - region.begin);
  if (region.size == 0 || offset >= region.size) {
    std::free(p);  // null too
    return;
  }
  Cache* cache = own != nullptr ? own : take_cache();
  const size_t c = class_of_block[offset >> kBlockShift];
  Free* f = static_cast<Free*>(p);
  f->next = cache->free[c];
  cache->free[c] = f;
}

void operator delete(void* p, size_t) noexcept { operator delete(p); }

#endif
