// DWARF 5 for debuggers: a unit for each Go package with its functions and inlined calls (.debug_info), line programs
// (.debug_line), and unwind rows from pcsp (.debug_frame). C++ code has none: its frames are found by RBP.
//
// Functions are sorted by name, so a package's functions are (nearly always) contiguous: a unit's line program is one
// sequence for each contiguous run. Addresses are final here, so nothing in these sections needs relocation.
#include <absl/container/flat_hash_map.h>

#include "link/bytes.h"
#include "link/dwarf_constants.h"
#include "link/program.h"

namespace gale::link {
namespace {

using namespace dwarf;

enum Abbrev : uint8_t { kUnit = 1, kFunction, kFunctionWithInlines, kAbstractFunction, kInlinedCall };

constexpr int kLineBase = -4, kLineRange = 10, kOpcodeBase = 13;
constexpr uint8_t kStandardOpcodeLengths[kOpcodeBase - 1] = {0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1};
constexpr uint64_t kMaxGap = 64;  // padding between functions of one run

// "encoding/json" of "encoding/json.(*Decoder).Decode".
std::string_view package_of(std::string_view name) {
  size_t limit = name.find_first_of("([");
  std::string_view head = name.substr(0, limit);
  size_t slash = head.rfind('/');
  size_t dot = name.find('.', slash == std::string_view::npos ? 0 : slash);
  return dot == std::string_view::npos ? name : name.substr(0, dot);
}

void patch_u32(Bytes& out, size_t at, uint64_t value) { store(out.data() + at, static_cast<uint32_t>(value)); }

class DwarfBuilder {
 public:
  explicit DwarfBuilder(Program& program) : p_(program), text_(program.section(SectionId::Text).address) {}

  std::vector<DebugSection> build() {
    write_abbreviations();
    write_ranges_header();
    write_frame_header();
    for (auto& [package, functions] : group_by_package()) {
      write_unit(package, functions);
      for (const FunctionRow* f : functions) write_frame(*f);
    }
    patch_u32(ranges_, 0, ranges_.size() - 4);
    std::vector<DebugSection> result;
    result.push_back({".debug_abbrev", std::move(abbrevs_)});
    result.push_back({".debug_line", std::move(lines_)});
    result.push_back({".debug_frame", std::move(frames_)});
    result.push_back({".debug_info", std::move(info_)});
    result.push_back({".debug_rnglists", std::move(ranges_)});
    return result;
  }

 private:
  using Functions = std::vector<const FunctionRow*>;

  // In order of first function.
  std::vector<std::pair<std::string_view, Functions>> group_by_package() {
    std::vector<std::pair<std::string_view, Functions>> units;
    absl::flat_hash_map<std::string_view, size_t> index;
    for (const FunctionRow& f : p_.functions) {
      if (f.func == nullptr) continue;
      std::string_view package = package_of(f.name);
      auto [it, is_new] = index.try_emplace(package, units.size());
      if (is_new) units.emplace_back(package, Functions{});
      units[it->second].second.push_back(&f);
    }
    return units;
  }

  // ---- .debug_abbrev

  void abbreviation(Abbrev code, Tag tag, bool children, std::initializer_list<std::pair<Attribute, Form>> attributes) {
    append_uleb(abbrevs_, code);
    append_uleb(abbrevs_, tag);
    append_u8(abbrevs_, children);
    for (auto [attribute, form] : attributes) {
      append_uleb(abbrevs_, attribute);
      append_uleb(abbrevs_, form);
    }
    append_u16(abbrevs_, 0);
  }

  void write_abbreviations() {
    abbreviation(kUnit, kTagCompileUnit, true,
                 {{kAtName, kFormString}, {kAtLanguage, kFormData1}, {kAtStmtList, kFormSecOffset},
                  {kAtLowPc, kFormAddr}, {kAtRanges, kFormSecOffset}, {kAtCompDir, kFormString}, {kAtProducer, kFormString}});
    for (Abbrev code : {kFunction, kFunctionWithInlines}) {
      abbreviation(code, kTagSubprogram, code == kFunctionWithInlines,
                   {{kAtName, kFormString}, {kAtLowPc, kFormAddr}, {kAtHighPc, kFormUdata}, {kAtFrameBase, kFormExprloc},
                    {kAtDeclFile, kFormUdata}, {kAtDeclLine, kFormUdata}, {kAtExternal, kFormFlagPresent}});
    }
    abbreviation(kAbstractFunction, kTagSubprogram, false,
                 {{kAtName, kFormString}, {kAtInline, kFormData1}, {kAtDeclLine, kFormUdata}, {kAtExternal, kFormFlagPresent}});
    abbreviation(kInlinedCall, kTagInlinedSubroutine, true,
                 {{kAtAbstractOrigin, kFormRef4}, {kAtRanges, kFormSecOffset}, {kAtCallFile, kFormUdata},
                  {kAtCallLine, kFormUdata}});
    append_u8(abbrevs_, 0);
  }

  // ---- .debug_rnglists: one table without an index of lists

  void write_ranges_header() {
    append_u32(ranges_, 0);
    append_u16(ranges_, 5);
    append_u8(ranges_, 8);
    append_u8(ranges_, 0);
    append_u32(ranges_, 0);
  }

  void append_range(uint64_t address, uint64_t size) {
    append_u8(ranges_, kRangeStartLength);
    append_u64(ranges_, address);
    append_uleb(ranges_, size);
  }

  static bool continues(const FunctionRow& a, const FunctionRow& b) {
    return b.offset >= a.offset + a.size && b.offset - (a.offset + a.size) < kMaxGap;
  }

  uint32_t write_unit_ranges(const Functions& functions) {
    uint32_t offset = static_cast<uint32_t>(ranges_.size());
    for (size_t i = 0; i < functions.size();) {
      size_t end = i + 1;
      while (end < functions.size() && continues(*functions[end - 1], *functions[end])) end++;
      const FunctionRow &first = *functions[i], &last = *functions[end - 1];
      append_range(text_ + first.offset, last.offset + last.size - first.offset);
      i = end;
    }
    append_u8(ranges_, kRangeEnd);
    return offset;
  }

  // ---- .debug_info

  void write_unit(std::string_view package, const Functions& functions) {
    start_files(functions);
    uint32_t line_program = write_line_program(functions);
    size_t start = info_.size();
    append_u32(info_, 0);
    append_u16(info_, 5);
    append_u8(info_, kUnitCompile);
    append_u8(info_, 8);
    append_u32(info_, 0);  // .debug_abbrev
    append_uleb(info_, kUnit);
    append_c_string(info_, package);
    append_u8(info_, kLanguageGo);
    append_u32(info_, line_program);
    append_u64(info_, 0);
    append_u32(info_, write_unit_ranges(functions));
    append_c_string(info_, ".");
    append_c_string(info_, "gale " + p_.input.options.go_version);
    write_abstract_functions(functions, start);
    for (const FunctionRow* f : functions) write_function(*f);
    append_u8(info_, 0);
    patch_u32(info_, start, info_.size() - start - 4);
  }

  void write_abstract_functions(const Functions& functions, size_t unit_start) {
    abstract_.clear();
    for (const FunctionRow* f : functions) {
      for (const InlineNode& node : f->func->inline_tree) {
        std::string_view name = display_function_name(p_.arena, node.function.text());
        auto [it, is_new] = abstract_.try_emplace(name, static_cast<uint32_t>(info_.size() - unit_start));
        if (!is_new) continue;
        append_uleb(info_, kAbstractFunction);
        append_c_string(info_, name);
        append_u8(info_, kInlined);
        append_uleb(info_, node.start_line);
      }
    }
  }

  void write_function(const FunctionRow& f) {
    const FuncInfo& func = *f.func;
    append_uleb(info_, func.inline_tree.empty() ? kFunction : kFunctionWithInlines);
    append_c_string(info_, f.name);
    append_u64(info_, text_ + f.offset);
    append_uleb(info_, f.size);
    append_uleb(info_, 1);
    append_u8(info_, kOpCallFrameCfa);
    append_uleb(info_, func.lines.empty() ? 0 : file_number(func, func.lines[0].file));
    append_uleb(info_, func.start_line);
    if (func.inline_tree.empty()) return;
    write_inlined_calls(f);
    append_u8(info_, 0);
  }

  // Children follow their parent; the tree may be deep, so no recursion: an explicit stack of siblings to do.
  void write_inlined_calls(const FunctionRow& f) {
    const std::span<const InlineNode> tree = f.func->inline_tree;
    std::vector<std::vector<size_t>> children(tree.size() + 1);  // [0]: of the function itself
    for (size_t i = 0; i < tree.size(); i++) children[static_cast<size_t>(tree[i].parent + 1)].push_back(i);
    std::vector<std::pair<size_t, size_t>> open = {{0, 0}};  // (list, next child)
    while (!open.empty()) {
      auto& [list, next] = open.back();
      if (next == children[list].size()) {
        if (open.size() > 1) append_u8(info_, 0);
        open.pop_back();
        continue;
      }
      size_t i = children[list][next++];
      write_inlined_call(f, i);
      open.push_back({i + 1, 0});
    }
  }

  void write_inlined_call(const FunctionRow& f, size_t index) {
    const InlineNode& node = f.func->inline_tree[index];
    append_uleb(info_, kInlinedCall);
    append_u32(info_, abstract_[display_function_name(p_.arena, node.function.text())]);
    append_u32(info_, static_cast<uint32_t>(ranges_.size()));
    append_uleb(info_, file_number(*f.func, node.file));
    append_uleb(info_, node.line);
    write_inlined_ranges(f, index);
  }

  bool is_within(std::span<const InlineNode> tree, int index, int ancestor) const {
    while (index > ancestor) index = tree[static_cast<size_t>(index)].parent;  // a parent comes before its children
    return index == ancestor;
  }

  void write_inlined_ranges(const FunctionRow& f, size_t index) {
    std::span<const LineRow> rows = f.func->lines;
    uint64_t start = 0;
    bool inside = false;
    for (size_t i = 0; i <= rows.size(); i++) {
      bool now = i < rows.size() && is_within(f.func->inline_tree, rows[i].inline_index, static_cast<int>(index));
      uint64_t pc = i < rows.size() ? rows[i].pc : f.size;
      if (now && !inside) start = pc;
      if (!now && inside && pc > start) append_range(text_ + f.offset + start, pc - start);
      inside = now;
    }
    append_u8(ranges_, kRangeEnd);
  }

  // ---- .debug_line

  // Numbers from 1: in DWARF 5 file 0 is the unit's own, here the same as 1.
  uint64_t file_number(const FuncInfo& func, uint16_t file) { return files_[func.files[file]] + 1; }

  void start_files(const Functions& functions) {
    files_.clear();
    file_names_.clear();
    for (const FunctionRow* f : functions) {
      for (Symbol name : f->func->files) {
        if (files_.try_emplace(name, file_names_.size()).second) file_names_.push_back(name);
      }
    }
  }

  uint32_t write_line_program(const Functions& functions) {
    size_t start = lines_.size();
    append_u32(lines_, 0);
    append_u16(lines_, 5);
    append_u8(lines_, 8);
    append_u8(lines_, 0);
    size_t header_length_at = lines_.size();
    append_u32(lines_, 0);
    append_u8(lines_, 1);  // bytes of the shortest instruction
    append_u8(lines_, 1);  // operations in an instruction
    append_u8(lines_, 1);  // rows are statements at first
    append_u8(lines_, static_cast<uint8_t>(kLineBase));
    append_u8(lines_, kLineRange);
    append_u8(lines_, kOpcodeBase);
    lines_.insert(lines_.end(), std::begin(kStandardOpcodeLengths), std::end(kStandardOpcodeLengths));
    write_file_table();
    patch_u32(lines_, header_length_at, lines_.size() - header_length_at - 4);
    const FunctionRow* previous = nullptr;
    for (const FunctionRow* f : functions) {
      if (f->func->lines.empty()) continue;
      if (previous == nullptr || !continues(*previous, *f)) {
        if (previous != nullptr) end_sequence(*previous);
        start_sequence(*f);
      }
      write_rows(*f);
      previous = f;
    }
    if (previous != nullptr) end_sequence(*previous);
    patch_u32(lines_, start, lines_.size() - start - 4);
    return static_cast<uint32_t>(start);
  }

  void write_file_table() {
    append_u8(lines_, 1);
    append_uleb(lines_, kLineContentPath);
    append_uleb(lines_, kFormString);
    append_uleb(lines_, 1);
    append_c_string(lines_, ".");
    append_u8(lines_, 2);
    append_uleb(lines_, kLineContentPath);
    append_uleb(lines_, kFormString);
    append_uleb(lines_, kLineContentDirectory);
    append_uleb(lines_, kFormUdata);
    append_uleb(lines_, file_names_.empty() ? 0 : file_names_.size() + 1);
    for (size_t i = 0; i < file_names_.size(); i++) {
      for (int copy = i == 0 ? 0 : 1; copy < 2; copy++) {
        append_c_string(lines_, file_names_[i].text());
        append_uleb(lines_, 0);
      }
    }
  }

  struct LineState {
    uint64_t address = 0;
    uint64_t file = 1;
    int64_t line = 1;
    uint32_t column = 0;
    bool is_stmt = true;
  };

  void start_sequence(const FunctionRow& f) {
    state_ = {};
    state_.address = text_ + f.offset;
    append_u8(lines_, kLnsExtended);
    append_uleb(lines_, 9);
    append_u8(lines_, kLneSetAddress);
    append_u64(lines_, state_.address);
  }

  void end_sequence(const FunctionRow& f) {
    append_u8(lines_, kLnsAdvancePc);
    append_uleb(lines_, text_ + f.offset + f.size - state_.address);
    append_u8(lines_, kLnsExtended);
    append_uleb(lines_, 1);
    append_u8(lines_, kLneEndSequence);
  }

  // The first pc at which the frame is complete, if there is one: where a breakpoint on the function stops.
  static uint32_t prologue_end(const FuncInfo& func) {
    if (func.frame_size == 0) return 0;
    for (const PcValue& row : func.pcsp) {
      if (row.value == static_cast<int32_t>(func.frame_size)) return row.pc;
    }
    return 0;
  }

  void write_rows(const FunctionRow& f) {
    std::span<const LineRow> rows = f.func->lines;
    uint32_t after_prologue = prologue_end(*f.func);
    bool marked = false;
    for (size_t i = 0; i < rows.size(); i++) {
      uint32_t end = i + 1 < rows.size() ? rows[i + 1].pc : static_cast<uint32_t>(f.size);
      bool starts_body = !marked && rows[i].pc >= after_prologue;
      write_row(f, rows[i], rows[i].pc, starts_body);
      marked |= starts_body;
      if (!marked && end > after_prologue) {
        write_row(f, rows[i], after_prologue, true);
        marked = true;
      }
    }
  }

  void write_row(const FunctionRow& f, const LineRow& row, uint32_t pc, bool ends_prologue) {
    uint64_t file = file_number(*f.func, row.file);
    if (file != state_.file) {
      append_u8(lines_, kLnsSetFile);
      append_uleb(lines_, file);
    }
    if (row.column != state_.column) {
      append_u8(lines_, kLnsSetColumn);
      append_uleb(lines_, row.column);
    }
    if (row.is_stmt != state_.is_stmt) append_u8(lines_, kLnsNegateStmt);
    if (ends_prologue) append_u8(lines_, kLnsSetPrologueEnd);
    uint64_t address = text_ + f.offset + pc;
    advance(address - state_.address, static_cast<int64_t>(row.line) - state_.line);
    state_ = {address, file, row.line, row.column, row.is_stmt};
  }

  // Moves on and emits a row.
  void advance(uint64_t pc_delta, int64_t line_delta) {
    if (line_delta < kLineBase || line_delta >= kLineBase + kLineRange) {
      append_u8(lines_, kLnsAdvanceLine);
      append_sleb(lines_, line_delta);
      line_delta = 0;
    }
    uint64_t opcode = static_cast<uint64_t>(line_delta - kLineBase) + kLineRange * pc_delta + kOpcodeBase;
    if (opcode > 255) {
      append_u8(lines_, kLnsAdvancePc);
      append_uleb(lines_, pc_delta);
      opcode = static_cast<uint64_t>(line_delta - kLineBase) + kOpcodeBase;
    }
    append_u8(lines_, static_cast<uint8_t>(opcode));
  }

  // ---- .debug_frame

  void write_frame_header() {
    append_u32(frames_, 0);
    append_u32(frames_, 0xffffffff);
    append_u8(frames_, 4);
    append_u8(frames_, 0);  // no augmentation
    append_u8(frames_, 8);
    append_u8(frames_, 0);
    append_uleb(frames_, 1);
    append_sleb(frames_, -8);
    append_uleb(frames_, kReturnAddress);
    append_u8(frames_, kCfaDefCfa);
    append_uleb(frames_, kRsp);
    append_uleb(frames_, 8);
    append_u8(frames_, kCfaOffset | kReturnAddress);
    append_uleb(frames_, 1);
    finish_frame_entry(0);
  }

  void finish_frame_entry(size_t start) {
    while ((frames_.size() - start - 4) % 8 != 0) append_u8(frames_, kCfaNop);
    patch_u32(frames_, start, frames_.size() - start - 4);
  }

  void write_frame(const FunctionRow& f) {
    size_t start = frames_.size();
    append_u32(frames_, 0);
    append_u32(frames_, 0);  // the one CIE
    append_u64(frames_, text_ + f.offset);
    append_u64(frames_, f.size);
    uint32_t pc = 0;
    int32_t depth = 0;
    for (const PcValue& row : f.func->pcsp) {
      if (row.value == depth) continue;
      advance_frame(row.pc - pc);
      pc = row.pc;
      append_u8(frames_, kCfaDefCfaOffset);
      append_uleb(frames_, static_cast<uint64_t>(row.value + 8));
      // The first push of every function with a frame saves RBP, just below the return address.
      if (depth == 0) {
        append_u8(frames_, kCfaOffset | kRbp);
        append_uleb(frames_, 2);
      } else if (row.value == 0) {
        append_u8(frames_, kCfaRestore | kRbp);
      }
      depth = row.value;
    }
    finish_frame_entry(start);
  }

  void advance_frame(uint32_t delta) {
    if (delta == 0) return;
    if (delta < 0x40) {
      append_u8(frames_, static_cast<uint8_t>(kCfaAdvanceLoc | delta));
    } else if (delta < 0x100) {
      append_u8(frames_, kCfaAdvanceLoc1);
      append_u8(frames_, static_cast<uint8_t>(delta));
    } else if (delta < 0x10000) {
      append_u8(frames_, kCfaAdvanceLoc2);
      append_u16(frames_, static_cast<uint16_t>(delta));
    } else {
      append_u8(frames_, kCfaAdvanceLoc4);
      append_u32(frames_, delta);
    }
  }

  Program& p_;
  uint64_t text_;
  Bytes abbrevs_, info_, lines_, ranges_, frames_;
  absl::flat_hash_map<std::string_view, uint32_t> abstract_;  // of the current unit, by name: offset in the unit
  absl::flat_hash_map<Symbol, size_t> files_;                 // of the current unit
  std::vector<Symbol> file_names_;
  LineState state_;
};

}  // namespace

std::vector<DebugSection> build_dwarf(Program& program) { return DwarfBuilder(program).build(); }

}  // namespace gale::link
