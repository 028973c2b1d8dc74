// A piece of read-only data under construction: bytes and what they point to.
#pragma once

#include <cstring>
#include <string_view>
#include <vector>

#include "link/object.h"

namespace gale::rtdata {

class Record {
 public:
  explicit Record(size_t size = 0) : bytes_(size) {}

  template <class T>
  void put(size_t offset, T value) {
    if (bytes_.size() < offset + sizeof value) bytes_.resize(offset + sizeof value);
    std::memcpy(bytes_.data() + offset, &value, sizeof value);
  }
  void put_text(size_t offset, std::string_view text) {
    if (bytes_.size() < offset + text.size()) bytes_.resize(offset + text.size());
    std::memcpy(bytes_.data() + offset, text.data(), text.size());
  }
  // Fields that the linker fills in.
  void put_address(size_t offset, Symbol target, int64_t addend = 0) {
    put<uint64_t>(offset, 0);
    add({.offset = at(offset), .kind = link::RelocKind::Abs64, .target = target, .addend = addend});
  }
  void put_types_offset(size_t offset, Symbol target, bool weak = false) {
    put<uint32_t>(offset, 0);
    add({.offset = at(offset), .kind = link::RelocKind::TypesOff32, .weak = weak, .target = target});
  }
  // 0 if the target is not defined.
  void put_optional_types_offset(size_t offset, Symbol target) {
    put<uint32_t>(offset, 0);
    add({.offset = at(offset), .kind = link::RelocKind::TypesOff32, .optional = true, .target = target});
  }
  void put_text_offset(size_t offset, Symbol target, bool weak) {
    put<uint32_t>(offset, 0);
    add({.offset = at(offset), .kind = link::RelocKind::TextOff32, .weak = weak, .target = target});
  }

  size_t size() const { return bytes_.size(); }

  // The record as a repeatable definition in `out`.
  link::Definition& define(link::Object& out, Symbol name, link::SymbolKind kind, uint32_t align) const {
    link::Definition def;
    def.name = name;
    def.kind = kind;
    def.flags = link::kDupOk | link::kLocal;
    def.align = align;
    def.bytes = out.arena->copy(bytes_);
    def.relocs = out.arena->copy(relocs_);
    out.definitions.push_back(def);
    return out.definitions.back();
  }

 private:
  static uint32_t at(size_t offset) { return static_cast<uint32_t>(offset); }
  void add(link::Reloc r) { relocs_.push_back(r); }
  std::vector<uint8_t> bytes_;
  std::vector<link::Reloc> relocs_;
};

}  // namespace gale::rtdata
