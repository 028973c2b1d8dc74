// The link, step by step. Each step is a file; program.h has what they share.
#include "link/link.h"

#include <algorithm>

#include "base/check.h"
#include "link/program.h"

namespace gale::link {
namespace {

bool collect_errors(Program& program, LinkResult& result) {
  std::sort(program.errors.begin(), program.errors.end());
  result.errors = std::move(program.errors);
  program.errors.clear();
  return !result.errors.empty();
}

}  // namespace

LinkResult link(const LinkInput& input) {
  CrashScope scope("link", input.entry.text());
  LinkResult result;
  Program program(input);

  // The C++ runtime: relocatable ELF files become objects like any other.
  read_elf_objects(program);
  // One atom for each definition, one place for each name. No more names after this.
  resolve_symbols(program);
  // What nothing leads to stays out; what is missing is an error.
  mark_live(program);
  if (collect_errors(program, result)) return result;
  // Instances of one generic function with equal code share it.
  fold_identical_code(program);

  // Each section's atoms in order: offsets within sections are final.
  lay_out_sections(program);
  // Tables about the sections, in terms of offsets.
  build_pointer_masks(program);
  build_function_table(program);
  build_type_links(program);
  build_build_info(program);
  reserve_module_record(program);

  // All sizes are known: addresses are final.
  assign_addresses(program);
  fill_itab_links(program);
  fill_module_record(program);

  std::vector<DebugSection> debug;
  if (!input.options.strip_dwarf && !input.options.strip_symbols) debug = build_dwarf(program);
  result.image = build_image(program, std::move(debug));
  if (collect_errors(program, result)) result.image.clear();
  if (input.options.report_sizes) result.size_report = describe_sizes(program);
  result.stats = program.stats;
  return result;
}

}  // namespace gale::link
