// pc_cache.cpp: see pc_cache.h.

#include "runtime/panic/pc_cache.h"

#include "runtime/sched/g.h"

namespace gale::rt {

namespace {

PcPlace look_up(uptr pc, bool exact) {
  PcPlace place;
  place.map_row = -1;
  place.fn = find_function(pc);
  if (!place.fn) return place;
  place.lookup = exact || pc == place.fn.entry ? pc : pc - 1;
  if (place.fn.is_c()) return place;
  place.sp_delta = sp_delta(place.fn, place.lookup);
  place.map_row = pc_data(place.fn, abi::kPcDataStackMapIndex, place.lookup);
  return place;
}

}  // namespace

PcPlace place_of(M* m, uptr pc, bool exact) {
  PcCache& cache = m->pc_cache;
  if (cache.busy != 0) return look_up(pc, exact);
  cache.busy = 1;
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  u64 key = u64{pc} << 1 | (exact ? 1 : 0);
  static_assert(PcCache::kEntries == 64, "six bits of the hash");
  PcCache::Entry& e = cache.entries[(key * 0x9E3779B97F4A7C15) >> 58];
  if (e.key != key) {
    e.place = look_up(pc, exact);
    e.key = key;
  }
  PcPlace place = e.place;
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  cache.busy = 0;
  return place;
}

}  // namespace gale::rt
