// The gale_module record (base/abi/layout.def, Module): all that the runtime knows of the image it lives in.
#include "base/abi/layout.h"
#include "link/build_info.h"
#include "link/bytes.h"
#include "link/program.h"

namespace gale::link {
namespace {

namespace module = abi::Module;

std::string module_strings(const LinkOptions& options) {
  return options.go_version + framed_mod_info(options.mod_info) + options.godebug_default + options.default_goroot;
}

class ModuleRecord {
 public:
  explicit ModuleRecord(Program& program)
      : p_(program), record_(program.section(SectionId::Module).contents.data()) {}

  void fill() {
    put(module::magic, abi::kModuleMagic);
    range(module::text, module::etext, SectionId::Text);
    put(module::pclntab, p_.section(SectionId::FuncTab).address);
    put(module::pclntab_len, p_.section(SectionId::FuncTab).contents.size());
    put(module::gofunc, p_.section(SectionId::FuncTab).address + p_.func_data_offset);
    range(module::types, module::etypes, SectionId::Types);
    array(module::typelinks, SectionId::TypeLink, 4);
    put(module::itabs, p_.itabs.empty() ? 0 : p_.section(SectionId::ItabLink).address);
    put(module::nitabs, p_.itabs.size());
    itab_hash();
    range(module::data, module::edata, SectionId::Data);
    put(module::data_mask, p_.section(SectionId::GcMask).address);
    range(module::bss, module::ebss, SectionId::Bss);
    put(module::bss_mask, p_.section(SectionId::GcMask).address + align_up(p_.section(SectionId::Data).size, 512) / 64);
    range(module::noptrdata, module::enoptrdata, SectionId::NoPtrData);
    range(module::noptrbss, module::enoptrbss, SectionId::NoPtrBss);
    range(module::gcroots, module::egcroots, SectionId::GcRoots);
    array(module::inits, SectionId::InitUnits, abi::InitUnit::size);
    range(module::covctrs, module::ecovctrs, SectionId::CoverCounters);
    strings();
    if (const Place* main = p_.find_live(Symbol("main.main"))) put(module::main_main, p_.address(*main));
    put(module::flags, p_.input.options.module_flags);
    put(module::rodata, p_.section(SectionId::RoData).address);
    const Section& last = p_.section(SectionId::Module);
    put(module::erodata, last.address + last.size);
  }

 private:
  void put(uint32_t offset, uint64_t value) { store(record_ + offset, value); }

  void range(uint32_t start, uint32_t end, SectionId id) {
    const Section& s = p_.section(id);
    if (s.size == 0) return;
    put(start, s.address);
    put(end, s.address + s.size);
  }

  // Address and count of a section that is an array.
  void array(uint32_t start, SectionId id, uint64_t element) {
    const Section& s = p_.section(id);
    if (s.size == 0) return;
    put(start, s.address);
    put(start + 8, s.size / element);
  }

  void itab_hash() {
    if (p_.itabs.empty()) return;
    const Section& s = p_.section(SectionId::ItabLink);
    put(module::itab_hash, s.address + 8 * p_.itabs.size());
    put(module::itab_hash_size, s.size / 8 - p_.itabs.size());
  }

  void strings() {
    const LinkOptions& options = p_.input.options;
    uint64_t address = p_.section(SectionId::Module).address + module::size;
    string(module::build_version, options.go_version.size(), &address);
    string(module::modinfo, framed_mod_info(options.mod_info).size(), &address);
    string(module::godebug_default, options.godebug_default.size(), &address);
    string(module::default_goroot, options.default_goroot.size(), &address);
  }

  void string(uint32_t offset, uint64_t size, uint64_t* address) {
    if (size == 0) return;
    put(offset, *address);
    put(offset + 8, size);
    *address += size;
  }

  Program& p_;
  uint8_t* record_;
};

}  // namespace

void reserve_module_record(Program& program) {
  Section& s = program.section(SectionId::Module);
  s.align = 32;
  s.contents.resize(module::size);
  append_text(s.contents, module_strings(program.input.options));
}

void fill_module_record(Program& program) { ModuleRecord(program).fill(); }

}  // namespace gale::link
