// Copies every atom to its place in the image and fills in its relocations. Atoms do not overlap, so pieces of the list are
// done on several threads.
#include <fmt/core.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "base/check.h"
#include "link/bytes.h"
#include "link/got.h"
#include "link/program.h"

namespace gale::link {

void parallel_pieces(int threads, size_t count, size_t piece, const std::function<void(size_t, size_t)>& body) {
  std::atomic<size_t> next{0};
  auto work = [&] {
    while (true) {
      size_t begin = next.fetch_add(piece, std::memory_order_relaxed);
      if (begin >= count) return;
      body(begin, std::min(count, begin + piece));
    }
  };
  std::vector<std::thread> workers;
  for (int i = 1; i < threads && static_cast<size_t>(i) * piece < count; i++) workers.emplace_back(work);
  work();
  for (std::thread& w : workers) w.join();
}

namespace {

constexpr size_t kAtomsPerPiece = 512;
constexpr uint8_t kInt3 = 0xcc;

class Relocator {
 public:
  Relocator(Program& program, Bytes& image) : p_(program), image_(image) {
    const Section &data = p_.section(SectionId::TlsData), &bss = p_.section(SectionId::TlsBss);
    uint64_t align = std::max(data.align, bss.align);
    thread_pointer_ = align_up(bss.address + bss.size, align);
  }

  void run() {
    const Section& text = p_.section(SectionId::Text);
    std::fill_n(image_.begin() + static_cast<ptrdiff_t>(text.file_offset), text.size, kInt3);
    std::vector<AtomId> atoms;
    for (size_t i = 0; i < kSectionCount; i++) {
      SectionId id = static_cast<SectionId>(i);
      const Section& s = p_.section(id);
      if (section_info(id).zero_fill) continue;
      std::copy(s.contents.begin(), s.contents.end(), image_.begin() + static_cast<ptrdiff_t>(s.file_offset));
      atoms.insert(atoms.end(), s.atoms.begin(), s.atoms.end());
    }
    parallel_pieces(p_.input.options.threads, atoms.size(), kAtomsPerPiece, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; i++) write(atoms[i]);
    });
  }

 private:
  void write(AtomId id) {
    const Atom& a = p_.atom(id);
    const Section& s = p_.section(a.section);
    uint8_t* at = image_.data() + s.file_offset + a.offset;
    if (!a.def->bytes.empty()) std::memcpy(at, a.def->bytes.data(), a.def->bytes.size());
    for (size_t i = 0; i < a.def->relocs.size(); i++) {
      const Reloc& r = a.def->relocs[i];
      CHECK(r.kind == RelocKind::Keep || r.offset + field_size(r.kind) <= a.size, "a relocation lies inside of its symbol");
      apply(a, r, p_.targets[a.first_target + i], at + r.offset, s.address + a.offset + r.offset);
    }
  }

  bool is_dead(const Place& target) const { return !target.atom.valid() || !p_.atom(target.atom).live; }

  void apply(const Atom& from, const Reloc& r, const Place& target, uint8_t* field, uint64_t place) {
    bool dead = is_dead(target);
    uint64_t s = dead ? 0 : p_.address(target);
    uint64_t a = static_cast<uint64_t>(r.addend);
    switch (r.kind) {
      case RelocKind::Keep: return;
      case RelocKind::Abs64: return store<uint64_t>(field, dead ? 0 : s + a);
      case RelocKind::Abs32: return put_unsigned(from, r, field, dead ? 0 : s + a);
      case RelocKind::Abs32Signed: return put_signed(from, r, field, dead ? 0 : s + a);
      case RelocKind::PcRel32:
      case RelocKind::Call32: return put_signed(from, r, field, s + a - place);
      case RelocKind::PcRel64: return store<uint64_t>(field, s + a - place);
      case RelocKind::TypesOff32:
        return put_signed(from, r, field, dead ? 0 : s + a - p_.section(SectionId::Types).address);
      case RelocKind::TextOff32:
        return put_signed(from, r, field, dead ? UINT64_MAX : s + a - p_.section(SectionId::Text).address);
      case RelocKind::ModuleOff32:
        return put_signed(from, r, field, s + a - p_.section(SectionId::Module).address);
      case RelocKind::TlsOff32: return put_signed(from, r, field, s + a - thread_pointer_);
      case RelocKind::GotPcRel32: return apply_got(from, r, s, field, place);
      case RelocKind::Size32: return put_unsigned(from, r, field, (dead ? 0 : p_.atom(target.atom).size) + a);
      case RelocKind::Size64: return store<uint64_t>(field, (dead ? 0 : p_.atom(target.atom).size) + a);
    }
  }

  // `s` is the symbol if the instruction can be relaxed, else its GOT slot (mark_live.cpp decided alike).
  void apply_got(const Atom& from, const Reloc& r, uint64_t s, uint8_t* field, uint64_t place) {
    int change = 0;
    if (can_relax_got(from.def->bytes, r)) relax_got(field, &change);
    put_signed(from, r, field + change, s + static_cast<uint64_t>(r.addend) - place - static_cast<uint64_t>(change));
  }

  void put_signed(const Atom& from, const Reloc& r, uint8_t* field, uint64_t value) {
    if (static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(value))) != value) return report_overflow(from, r);
    store(field, static_cast<uint32_t>(value));
  }

  void put_unsigned(const Atom& from, const Reloc& r, uint8_t* field, uint64_t value) {
    if (value > UINT32_MAX) return report_overflow(from, r);
    store(field, static_cast<uint32_t>(value));
  }

  void report_overflow(const Atom& from, const Reloc& r) {
    std::lock_guard<std::mutex> lock(mutex_);
    p_.error(fmt::format("{}: relocation to {} at offset {} does not fit", from.def->name.text(), r.target.text(), r.offset));
  }

  Program& p_;
  Bytes& image_;
  uint64_t thread_pointer_ = 0;
  std::mutex mutex_;
};

}  // namespace

void write_sections(Program& program, std::vector<uint8_t>& image) { Relocator(program, image).run(); }

}  // namespace gale::link
