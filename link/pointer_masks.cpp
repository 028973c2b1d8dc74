// One bit for each word of .data and .bss: may it hold a pointer? The collector scans these as roots.
#include "link/bytes.h"
#include "link/program.h"

namespace gale::link {
namespace {

constexpr uint64_t kWord = 8;

bool mask_bit(const Definition& def, uint64_t word) {
  uint64_t i = def.ptrmask_period != 0 ? word % def.ptrmask_period : word;
  return i / 8 < def.ptrmask.size() && ((def.ptrmask[i / 8] >> (i % 8)) & 1) != 0;
}

void append_mask(const Program& program, SectionId id, Bytes& out) {
  const Section& s = program.section(id);
  size_t start = out.size();
  out.resize(start + align_up(s.size, kWord * 64) / (kWord * 8));
  for (AtomId atom_id : s.atoms) {
    const Atom& a = program.atom(atom_id);
    if (a.def->ptrmask.empty()) continue;
    uint64_t first = a.offset / kWord;
    uint64_t words = a.size / kWord;
    if (a.def->ptrmask_period == 0) words = std::min<uint64_t>(words, a.def->ptrmask.size() * 8);
    for (uint64_t w = 0; w < words; w++) {
      if (mask_bit(*a.def, w)) out[start + (first + w) / 8] |= static_cast<uint8_t>(1 << ((first + w) % 8));
    }
  }
}

}  // namespace

// The bss mask follows the data mask; module_record.cpp knows its size from that of .data.
void build_pointer_masks(Program& program) {
  Section& masks = program.section(SectionId::GcMask);
  masks.align = 8;
  append_mask(program, SectionId::Data, masks.contents);
  append_mask(program, SectionId::Bss, masks.contents);
}

}  // namespace gale::link
