#include "rtdata/masks.h"

#include <xxhash.h>

#include <string>

#include "rtdata/record.h"

namespace gale::rtdata {
namespace {

// As gc writes them in "runtime.gcbits." names: low digit first. Long masks go by their hash.
std::string mask_text(const std::vector<uint8_t>& mask) {
  constexpr size_t kMaxSpelled = 32;
  constexpr char kDigits[] = "0123456789abcdef";
  if (mask.size() > kMaxSpelled) {
    XXH128_hash_t h = XXH3_128bits(mask.data(), mask.size());
    std::vector<uint8_t> bytes(sizeof h);
    std::memcpy(bytes.data(), &h, sizeof h);
    return std::to_string(mask.size()) + "." + mask_text(bytes);
  }
  std::string text;
  for (uint8_t b : mask) {
    text += kDigits[b >> 4];
    text += kDigits[b & 15];
  }
  return text;
}

}  // namespace

Symbol define_mask(std::vector<uint8_t> mask, uint64_t pointer_bytes, link::Object& out) {
  constexpr uint64_t kWord = 8, kRow = 8;
  uint64_t bytes = (pointer_bytes / kWord + 7) / 8;
  mask.resize((bytes + kRow - 1) / kRow * kRow);
  Record record;
  record.put_text(0, {reinterpret_cast<const char*>(mask.data()), mask.size()});
  Symbol name("runtime.gcbits." + mask_text(mask));
  record.define(out, name, link::SymbolKind::RoData, 8);
  return name;
}

Symbol define_mask_on_demand(Symbol type, link::Object& out) {
  link::Definition def;
  def.name = Symbol("type:.gcmask." + std::string(type.text()));
  def.kind = link::SymbolKind::NoPtrBss;
  def.flags = link::kDupOk | link::kLocal;
  def.align = 8;
  def.size = 8;
  out.definitions.push_back(def);
  return def.name;
}

}  // namespace gale::rtdata
