// itab.cpp: itabs made at run time, type assertions and interface switches.
//
// All itabs, the linker's and ours, stand in one open-addressing table keyed by (interface, type). Negative results are kept too
// (fun[0] == 0). Itabs are off the Go heap and live for ever; the types they name are roots. Readers take no lock: a table is
// published whole and never freed (a larger one replaces it), a slot is written once.

#include "runtime/gc/gc.h"
#include "runtime/iface/type.h"
#include "runtime/print/print.h"
#include "runtime/sched/g.h"
#include "runtime/sched/lock.h"
#include "runtime/sys/memory.h"
#include "runtime/sys/module.h"

namespace gale::rt {

namespace {

struct Table {
  u64 capacity, count;
  const ITab* slot[1];
};
Table* table = nullptr;
Lock lock;

u64 hash_of(const InterfaceType* inter, const Type* t) { return hash_word(word(inter), word(t)); }

const ITab** find(Table* t, const InterfaceType* inter, const Type* type) {
  for (u64 i = hash_of(inter, type);; ++i) {
    const ITab** slot = &t->slot[i & (t->capacity - 1)];
    const ITab* tab = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
    if (tab == nullptr || (tab->inter == inter && tab->type == type)) return slot;
  }
}

void insert(Table* t, const ITab* tab) {
  const ITab** slot = find(t, tab->inter, tab->type);
  if (*slot == nullptr) ++t->count;
  __atomic_store_n(slot, tab, __ATOMIC_RELEASE);
}

// With the lock.
void grow() {
  Table* old = table;
  u64 capacity = old == nullptr ? 1024 : old->capacity * 2;
  while (capacity < 2 * gale_module.nitabs) capacity *= 2;
  auto* t = static_cast<Table*>(sys_alloc(sizeof(Table) + capacity * sizeof(ITab*)));
  t->capacity = capacity;
  for (u64 i = 0; old == nullptr && i < gale_module.nitabs; ++i) insert(t, gale_module.itabs[i]);
  for (u64 i = 0; old != nullptr && i < old->capacity; ++i) {
    if (old->slot[i] != nullptr) insert(t, old->slot[i]);
  }
  __atomic_store_n(&table, t, __ATOMIC_RELEASE);
}

bool same_text(GoString a, GoString b) { return a.len == b.len && __builtin_memcmp(a.ptr, b.ptr, a.len) == 0; }

// Package path of an unexported method name: its own, else its owner's.
GoString method_package(const u8* name, const Type* owner) {
  const u8* own = name_pkg_path(name, owner);
  return own != nullptr ? name_text(own) : type_pkg_path(owner);
}

// Fills fun from t's methods (both lists are in the same order). Returns the missing method's name, or nullptr.
const u8* fill(ITab* tab) {
  const InterfaceType* inter = tab->inter;
  const Type* t = tab->type;
  const UncommonType* u = uncommon(t);
  u64 ntype = u == nullptr ? 0 : u->mcount, j = 0;
  const Method* methods = u == nullptr ? nullptr : u->methods();
  uptr first = 0;
  for (u64 k = 0; k < inter->nmethods; ++k) {
    const u8* name = resolve_name(inter, inter->methods[k].name);
    const Type* type = resolve_type(inter, inter->methods[k].typ);
    GoString text = name_text(name);
    bool found = false;
    for (; j < ntype && !found; ++j) {
      if (resolve_type(t, methods[j].mtyp) != type) continue;
      const u8* candidate = resolve_name(t, methods[j].name);
      if (!same_text(name_text(candidate), text)) continue;
      if (!name_exported(candidate) && !same_text(method_package(candidate, t), method_package(name, inter))) continue;
      uptr code = resolve_text(t, methods[j].ifn);
      if (k == 0) {
        first = code;  // published last: it says that the itab is good
      } else {
        tab->fun[k] = code;
      }
      found = true;
    }
    if (!found) return name;
  }
  tab->fun[0] = first;
  return nullptr;
}

// The itab, or nullptr; *missing is then a name record.
const ITab* lookup(const InterfaceType* inter, const Type* t, const u8** missing) {
  Table* now = __atomic_load_n(&table, __ATOMIC_ACQUIRE);
  const ITab* tab = now == nullptr ? nullptr : *find(now, inter, t);
  if (tab == nullptr) {
    Guard guard(lock, Rank::kTypes);
    if (table == nullptr || (table->count + 1) * 4 > table->capacity * 3) grow();
    tab = *find(table, inter, t);
  }
  if (tab == nullptr) {
    Guard guard(lock, Rank::kTypes);
    auto* made = static_cast<ITab*>(persistent_alloc(abi::ITab::fun + 8 * (inter->nmethods == 0 ? 1 : inter->nmethods)));
    made->inter = inter;
    made->type = t;
    made->hash = t->hash;
    fill(made);
    tab = *find(table, inter, t);
    if (tab == nullptr) {
      insert(table, made);
      tab = made;
    }
  }
  if (tab->fun[0] != 0) return tab;
  if (missing != nullptr) {
    auto* again = static_cast<ITab*>(persistent_alloc(abi::ITab::fun + 8 * inter->nmethods));
    *again = {inter, t, 0, 0, {0}};
    *missing = fill(again);
  }
  return nullptr;
}

const ITab* assert_to(G* g, const InterfaceType* inter, const Type* t, bool can_fail) {
  if (t == nullptr) {
    if (!can_fail) pend_panic(g, abi::PendingPanic::kTypeAssertNil, inter);
    return nullptr;
  }
  const u8* missing = nullptr;
  const ITab* tab = lookup(inter, t, can_fail ? nullptr : &missing);
  if (tab == nullptr && !can_fail) pend_panic(g, abi::PendingPanic::kTypeAssertMissing, t, word(inter), word(missing));
  return tab;
}

}  // namespace

const ITab* get_itab(const InterfaceType* inter, const Type* t, const u8** missing) { return lookup(inter, t, missing); }

void mark_itabs(MarkQueue& q) {
  const Table* t = __atomic_load_n(&table, __ATOMIC_ACQUIRE);
  for (u64 i = 0; t != nullptr && i < t->capacity; ++i) {
    const ITab* tab = __atomic_load_n(&t->slot[i], __ATOMIC_ACQUIRE);
    if (tab == nullptr) continue;
    mark_conservative(q, word(tab->type));
    mark_conservative(q, word(tab->inter));
  }
}

// ---- gates

RT_FN const ITab* rt_getitab(G* g, const InterfaceType* inter, const Type* t, u8 can_fail) {
  return assert_to(g, inter, t, (can_fail & 1) != 0);
}
RT_FN const ITab* rt_assertE2I(G* g, const InterfaceType* inter, const Type* t) { return assert_to(g, inter, t, false); }
RT_FN const ITab* rt_assertE2I2(G* g, const InterfaceType* inter, const Type* t) { return assert_to(g, inter, t, true); }
RT_FN const ITab* rt_type_assert(G* g, const TypeAssert* site, const Type* t) { return assert_to(g, site->inter, t, site->can_fail); }

RT_FN Pair rt_interface_switch(G*, const InterfaceSwitch* s, const Type* t) {
  for (u64 i = 0; i < s->ncases; ++i) {
    if (const ITab* tab = lookup(s->cases[i], t, nullptr)) return {i, word(tab)};
  }
  return {s->ncases, 0};
}

RT_FN void rt_ifaceE2I(G* g, const InterfaceType* inter, const Type* t, void* data, void** dst) {
  const ITab* tab = assert_to(g, inter, t, false);
  if (tab == nullptr) return;
  dst[0] = const_cast<ITab*>(tab);
  dst[1] = data;
}

}  // namespace gale::rt
