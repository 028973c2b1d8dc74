// Scopes: the names of a block (spec: Blocks, Declarations and scope). Small scopes are searched linearly, larger ones
// through an open-addressing table of indices into the list of objects.
#include <bit>
#include <cstdlib>

#include "types/object.h"

namespace gale::types {

namespace {

constexpr size_t kLinearLimit = 8;

// Slots hold 1 + index into Scope::objects_ (0: free). Memory lives as long as the scope, that is as the program.
struct NameIndex {
  uint32_t mask;
  uint32_t slots[];
};

NameIndex* make_index(size_t capacity) {
  auto* x = static_cast<NameIndex*>(std::calloc(1, sizeof(NameIndex) + capacity * sizeof(uint32_t)));
  if (x == nullptr) std::abort();
  x->mask = static_cast<uint32_t>(capacity - 1);
  return x;
}

}  // namespace

// Objects imported by a dot-import sit in two scopes, so the name is read from the object, never stored apart.
Object* Scope::lookup(Symbol name) const {
  if (index_ == nullptr) {
    for (Object* o : objects_) {
      if (o->name == name) return o;
    }
    return nullptr;
  }
  const auto* x = static_cast<const NameIndex*>(index_);
  for (uint32_t i = name.hash() & x->mask; x->slots[i] != 0; i = (i + 1) & x->mask) {
    Object* o = objects_[x->slots[i] - 1];
    if (o->name == name) return o;
  }
  return nullptr;
}

Object* Scope::insert(Object* o) {
  static const Symbol blank("_");
  if (o->name == blank) return nullptr;
  if (Object* earlier = lookup(o->name)) return earlier;
  objects_.push_back(o);
  if (o->parent == nullptr) o->parent = this;
  if (objects_.size() <= kLinearLimit) return nullptr;
  auto* x = static_cast<NameIndex*>(index_);
  if (x == nullptr || objects_.size() * 2 > x->mask) {
    std::free(x);
    x = make_index(std::bit_ceil(objects_.size() * 4));
    index_ = x;
    for (uint32_t k = 0; k < objects_.size(); k++) {
      uint32_t i = objects_[k]->name.hash() & x->mask;
      while (x->slots[i] != 0) i = (i + 1) & x->mask;
      x->slots[i] = k + 1;
    }
    return nullptr;
  }
  uint32_t i = o->name.hash() & x->mask;
  while (x->slots[i] != 0) i = (i + 1) & x->mask;
  x->slots[i] = static_cast<uint32_t>(objects_.size());
  return nullptr;
}

Object* Scope::lookup_parent(Symbol name, Pos pos, Scope** found_in) const {
  for (const Scope* s = this; s != nullptr; s = s->parent) {
    Object* o = s->lookup(name);
    if (o != nullptr && (!pos.valid() || !o->scope_pos.valid() || o->scope_pos <= pos)) {
      if (found_in != nullptr) *found_in = const_cast<Scope*>(s);
      return o;
    }
  }
  if (found_in != nullptr) *found_in = nullptr;
  return nullptr;
}

}  // namespace gale::types
