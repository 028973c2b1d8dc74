#include "link/got.h"

namespace gale::link {
namespace {

constexpr uint8_t kMovLoad = 0x8b, kLea = 0x8d, kGroup5 = 0xff, kAddressSizePrefix = 0x67, kCallRel = 0xe8, kJmpRel = 0xe9,
                  kNop = 0x90;
constexpr uint8_t kCallModRm = 0x15, kJmpModRm = 0x25;
constexpr uint8_t kModRmRipMask = 0xc7, kModRmRip = 0x05;

}  // namespace

bool can_relax_got(std::span<const uint8_t> bytes, const Reloc& reloc) {
  if (reloc.offset < 2 || reloc.addend != -4) return false;
  uint8_t opcode = bytes[reloc.offset - 2], mod_rm = bytes[reloc.offset - 1];
  if (opcode == kMovLoad) return (mod_rm & kModRmRipMask) == kModRmRip;
  return opcode == kGroup5 && (mod_rm == kCallModRm || mod_rm == kJmpModRm);
}

void relax_got(uint8_t* field, int* field_offset_change) {
  *field_offset_change = 0;
  if (field[-2] == kMovLoad) {
    field[-2] = kLea;
  } else if (field[-1] == kCallModRm) {
    field[-2] = kAddressSizePrefix;
    field[-1] = kCallRel;
  } else {
    field[-2] = kJmpRel;
    field[3] = kNop;
    *field_offset_change = -1;
  }
}

}  // namespace gale::link
