// .typelink: offsets of the descriptors that reflect finds by their string; the types section is sorted so that they are
// its first ones (RUNTIME_CONTRACT 3.4). .itablink: addresses of all static itabs, then an open-addressing hash table of
// them: slot = (hash of the interface type ^ hash of the type) & (slots - 1), the next free slot after it, slots a power of
// two, at most half full.
#include "base/abi/layout.h"
#include "base/check.h"
#include "link/bytes.h"
#include "link/program.h"

namespace gale::link {
namespace {

uint64_t table_slots(size_t itabs) {
  if (itabs == 0) return 0;
  uint64_t slots = 8;
  while (slots < 2 * itabs) slots *= 2;
  return slots;
}

// The hash field of the descriptor that the relocation at `offset` of an itab points to.
uint32_t hash_of_type(const Program& program, const Atom& itab, uint32_t offset) {
  for (size_t i = 0; i < itab.def->relocs.size(); i++) {
    if (itab.def->relocs[i].offset != offset) continue;
    const Place& place = program.targets[itab.first_target + i];
    CHECK(place.atom.valid(), "an itab's type is defined");
    const Definition& type = *program.atom(place.atom).def;
    CHECK(type.bytes.size() >= abi::Type::size, "an itab points to type descriptors");
    return load<uint32_t>(type.bytes.data() + abi::Type::hash);
  }
  CHECK(false, "an itab has relocations for its two types");
}

}  // namespace

void build_type_links(Program& program) {
  Section& links = program.section(SectionId::TypeLink);
  links.align = 4;
  for (AtomId id : program.section(SectionId::Types).atoms) {
    const Atom& a = program.atom(id);
    if (a.def->order == nullptr || !a.def->order->typelink) break;
    append_u32(links.contents, static_cast<uint32_t>(a.offset));
  }
  Section& itabs = program.section(SectionId::ItabLink);
  itabs.align = 8;
  itabs.contents.resize(8 * (program.itabs.size() + table_slots(program.itabs.size())));
}

void fill_itab_links(Program& program) {
  uint64_t slots = table_slots(program.itabs.size());
  uint8_t* list = program.section(SectionId::ItabLink).contents.data();
  uint8_t* table = list + 8 * program.itabs.size();
  for (size_t i = 0; i < program.itabs.size(); i++) {
    const Atom& itab = program.atom(program.itabs[i]);
    uint64_t address = program.address(program.itabs[i]);
    store(list + 8 * i, address);
    uint64_t slot = hash_of_type(program, itab, abi::ITab::inter) ^ hash_of_type(program, itab, abi::ITab::type);
    slot &= slots - 1;
    while (load<uint64_t>(table + 8 * slot) != 0) slot = (slot + 1) & (slots - 1);
    store(table + 8 * slot, address);
  }
}

}  // namespace gale::link
