// .gopclntab: the function table in gc's public format (base/abi/stackmap.h describes it), which debug/gosym, Delve and
// profilers read, and the runtime unwinds by. All entries are offsets, so it is built before addresses are known.
//
// One "compilation unit" for the whole image: pcfile values index one table of all files. Per-unit tables would save about
// a byte a function but cost four for each file of each unit. Equal pc tables, FUNCDATA and names are stored once.
#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <map>
#include <string>

#include "base/abi/stackmap.h"
#include "base/check.h"
#include "link/bytes.h"
#include "link/program.h"

namespace gale::link {
namespace {

constexpr uint32_t kNone = 0xffffffff;
constexpr size_t kMaxFuncDataAlign = 8;
constexpr uint32_t kNumbers = 8;  // of PCDATA and FUNCDATA

// Stores each distinct piece of bytes once.
class PiecePool {
 public:
  uint32_t add(std::string_view piece, size_t align) {
    absl::flat_hash_map<std::string_view, uint32_t>& offsets = offsets_[align_index(align)];
    if (auto it = offsets.find(piece); it != offsets.end()) return it->second;
    uint32_t offset = add_unique(piece, align);
    offsets.emplace(keys_.copy_text(piece), offset);
    return offset;
  }
  // Not shared: has relocations.
  uint32_t add_unique(std::string_view piece, size_t align) {
    pad_to(bytes_, align);
    uint32_t offset = static_cast<uint32_t>(bytes_.size());
    append_text(bytes_, piece);
    return offset;
  }
  Bytes& bytes() { return bytes_; }

 private:
  static size_t align_index(size_t align) { return align >= 8 ? 3 : align >= 4 ? 2 : align >= 2 ? 1 : 0; }
  Bytes bytes_;
  Arena keys_;
  absl::flat_hash_map<std::string_view, uint32_t> offsets_[4];
};

std::string_view as_text(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class FunctionTable {
 public:
  explicit FunctionTable(Program& program) : p_(program) {}

  void build() {
    append_u8(pc_tables_.bytes(), 0);  // offset 0 means "no table"
    std::vector<uint32_t> record_offsets;
    record_offsets.reserve(p_.functions.size());
    uint64_t rows_size = p_.functions.size() * sizeof(abi::FunctabRow) + 4;
    records_.reserve(p_.functions.size() * 80);
    for (const FunctionRow& f : p_.functions) {
      record_offsets.push_back(static_cast<uint32_t>(rows_size + records_.size()));
      write_record(f);
    }
    Bytes rows;
    rows.reserve(rows_size);
    for (size_t i = 0; i < p_.functions.size(); i++) {
      append_u32(rows, static_cast<uint32_t>(p_.functions[i].offset));
      append_u32(rows, record_offsets[i]);
    }
    append_u32(rows, static_cast<uint32_t>(p_.section(SectionId::Text).size));
    assemble(rows);
  }

 private:
  void write_record(const FunctionRow& f) {
    abi::FuncRecord record = {};
    record.entry_off = static_cast<uint32_t>(f.offset);
    record.name_off = static_cast<int32_t>(name_offset(f.name));
    record.args = abi::kArgsSizeUnknown;
    record.cu_offset = kNone;
    uint32_t pc_data[kNumbers] = {}, func_data[kNumbers];
    std::fill(std::begin(func_data), std::end(func_data), kNone);
    if (f.func == nullptr) {
      bool cxx = (p_.atom(f.atom).def->flags & kCxx) != 0;
      record.flag = cxx ? abi::kFuncFlagC : 0;
    } else {
      describe(f, record, pc_data, func_data);
    }
    for (uint32_t i = 0; i < kNumbers; i++) {
      if (pc_data[i] != 0) record.pcdata_mask |= 1 << i, record.npcdata++;
      if (func_data[i] != kNone) record.funcdata_mask |= 1 << i;
    }
    const uint8_t* raw = reinterpret_cast<const uint8_t*>(&record);
    records_.insert(records_.end(), raw, raw + sizeof record);
    for (uint32_t table : pc_data) {
      if (table != 0) append_u32(records_, table);
    }
    for (uint32_t offset : func_data) {
      if (offset != kNone) append_u32(records_, offset);
    }
  }

  void describe(const FunctionRow& f, abi::FuncRecord& record, uint32_t* pc_data, uint32_t* func_data) {
    const FuncInfo& info = *f.func;
    record.args = info.args_size;
    record.deferreturn = info.deferreturn;
    record.start_line = static_cast<int32_t>(info.start_line);
    record.func_id = info.func_id;
    if (info.func_id == 0 && (info.flags & kFuncWrapper) != 0) record.func_id = abi::kFuncIdWrapper;
    record.flag = static_cast<uint8_t>(info.flags & (kFuncTopFrame | kFuncSpWrite | kFuncAsm));
    if ((info.flags & kFuncCxx) != 0) record.flag |= abi::kFuncFlagC;
    record.pcsp = table("pcsp", info.pcsp, f.size);
    if (!info.lines.empty()) {
      record.cu_offset = 0;
      record.pcfile = column("pcfile", info, f.size, [&](const LineRow& r) { return static_cast<int32_t>(file_index(info, r.file)); });
      record.pcln = column("pcln", info, f.size, [](const LineRow& r) { return static_cast<int32_t>(r.line); });
    }
    for (const PcData& data : info.pcdata) {
      CHECK(data.index < kNumbers, "a PCDATA number that a record has room for");
      if (data.index == abi::kPcDataInlTreeIndex) continue;  // follows from the lines
      pc_data[data.index] = table(pc_data_name(data.index), data.rows, f.size);
    }
    for (const FuncData& data : info.funcdata) {
      CHECK(data.index < kNumbers, "a FUNCDATA number that a record has room for");
      func_data[data.index] = func_data_offset(data);
    }
    inlined_calls(f, pc_data, func_data);
  }

  // The inlined calls that some instruction is left of, numbered anew.
  void inlined_calls(const FunctionRow& f, uint32_t* pc_data, uint32_t* func_data) {
    const FuncInfo& info = *f.func;
    std::vector<int32_t> number(info.inline_tree.size(), -1);
    bool any = false;
    for (const LineRow& row : info.lines) {
      for (int at = row.inline_index; at >= 0 && number[static_cast<size_t>(at)] < 0; at = info.inline_tree[static_cast<size_t>(at)].parent) {
        number[static_cast<size_t>(at)] = 0;
        any = true;
      }
    }
    if (!any) return;
    int32_t count = 0;
    for (int32_t& n : number) {
      if (n == 0) n = count++;
    }
    pc_data[abi::kPcDataInlTreeIndex] = column("PCDATA inline tree index", info, f.size, [&](const LineRow& r) {
      return r.inline_index < 0 ? -1 : number[static_cast<size_t>(r.inline_index)];
    });
    func_data[abi::kFuncDataInlTree] = inline_tree(info, number);
  }

  uint32_t name_offset(std::string_view name) {
    auto [it, is_new] = names_.try_emplace(name, static_cast<uint32_t>(name_bytes_.size()));
    if (is_new) append_c_string(name_bytes_, name);
    return it->second;
  }

  uint32_t file_index(const FuncInfo& info, uint16_t file) {
    CHECK(file < info.files.size(), "a line row's file is in the function's list");
    Symbol name = info.files[file];
    auto [it, is_new] = files_.try_emplace(name, static_cast<uint32_t>(file_offsets_.size()));
    if (is_new) {
      file_offsets_.push_back(static_cast<uint32_t>(file_bytes_.size()));
      append_c_string(file_bytes_, name.text());
    }
    return it->second;
  }

  // Pairs (value delta, pc delta); `next` ends a run of equal values.
  class TableWriter {
   public:
    void row(uint32_t pc, int32_t value) {
      if (value == value_ && started_) return;
      flush(pc);
      value_ = value;
      started_ = true;
    }
    std::string_view finish(uint64_t size) {
      flush(static_cast<uint32_t>(size));
      if (out_.empty()) return {};
      append_u8(out_, 0);
      return as_text(out_);
    }

   private:
    void flush(uint32_t pc) {
      if (pc == pc_) return;  // an empty run, or before the first
      int32_t delta = value_ - written_;
      if (delta == 0 && !out_.empty()) {  // back to what was written: the run just goes on
        extend_last(pc);
        return;
      }
      append_uleb(out_, (static_cast<uint32_t>(delta) << 1) ^ static_cast<uint32_t>(delta >> 31));
      last_pc_delta_at_ = out_.size();
      last_pc_delta_ = pc - pc_;
      append_uleb(out_, last_pc_delta_);
      written_ = value_;
      pc_ = pc;
    }
    void extend_last(uint32_t pc) {
      last_pc_delta_ += pc - pc_;
      out_.resize(last_pc_delta_at_);
      append_uleb(out_, last_pc_delta_);
      pc_ = pc;
    }
    Bytes out_;
    int32_t value_ = -1, written_ = -1;
    uint32_t pc_ = 0;
    size_t last_pc_delta_at_ = 0;
    uint32_t last_pc_delta_ = 0;
    bool started_ = false;
  };

  // For the size report: what a piece adds to its pool is `part`'s.
  uint32_t add_piece(std::string_view part, PiecePool& pool, std::string_view piece, size_t align) {
    const size_t before = pool.bytes().size();
    const uint32_t offset = pool.add(piece, align);
    sizes_[part] += pool.bytes().size() - before;
    return offset;
  }

  static std::string_view pc_data_name(uint8_t index) {
    switch (index) {
      case abi::kPcDataUnsafePoint: return "PCDATA unsafe point";
      case abi::kPcDataStackMapIndex: return "PCDATA stack map index";
      default: return "PCDATA, others";
    }
  }

  static std::string_view func_data_name(uint8_t index) {
    switch (index) {
      case abi::kFuncDataArgsPointerMaps: return "FUNCDATA argument maps";
      case abi::kFuncDataLocalsPointerMaps: return "FUNCDATA locals maps";
      case abi::kFuncDataStackObjects: return "FUNCDATA stack objects";
      case abi::kFuncDataArgInfo: return "FUNCDATA argument info";
      default: return "FUNCDATA, others";
    }
  }

  uint32_t intern(std::string_view part, TableWriter& writer, uint64_t size) {
    std::string_view bytes = writer.finish(size);
    return bytes.empty() ? 0 : add_piece(part, pc_tables_, bytes, 1);
  }

  uint32_t table(std::string_view part, std::span<const PcValue> rows, uint64_t size) {
    if (rows.empty()) return 0;
    TableWriter writer;
    for (const PcValue& r : rows) writer.row(r.pc, r.value);
    return intern(part, writer, size);
  }

  template <class ValueOf>
  uint32_t column(std::string_view part, const FuncInfo& info, uint64_t size, ValueOf value_of) {
    TableWriter writer;
    for (const LineRow& r : info.lines) writer.row(r.pc, value_of(r));
    return intern(part, writer, size);
  }

  uint32_t inline_tree(const FuncInfo& info, const std::vector<int32_t>& number) {
    std::vector<std::pair<uint32_t, uint32_t>> calls;  // function, parent pc
    uint32_t functions = 0, pcs = 0;                   // all their bits
    for (size_t i = 0; i < info.inline_tree.size(); i++) {
      if (number[i] < 0) continue;
      const InlineNode& node = info.inline_tree[i];
      calls.push_back({inlined_function(node), node.parent_pc});
      functions |= calls.back().first;
      pcs |= calls.back().second;
    }
    const uint32_t function_width = width_of(functions), pc_width = width_of(pcs);
    Bytes tree;
    append_u8(tree, static_cast<uint8_t>(function_width | pc_width << 4));
    for (const auto& [function, pc] : calls) {
      append_bytes(tree, function, function_width);
      append_bytes(tree, pc, pc_width);
    }
    return add_piece("FUNCDATA inline trees", func_data_, as_text(tree), 1);
  }

  static uint32_t width_of(uint32_t value) { return value < 1u << 8 ? 1 : value < 1u << 16 ? 2 : value < 1u << 24 ? 3 : 4; }

  static void append_bytes(Bytes& out, uint32_t value, uint32_t width) {
    for (uint32_t i = 0; i < width; i++) append_u8(out, static_cast<uint8_t>(value >> (8 * i)));
  }

  uint32_t inlined_function(const InlineNode& node) {
    CHECK(node.func_id == abi::kFuncIdNormal || node.func_id == abi::kFuncIdWrapper, "an inlined function is a plain one or a wrapper");
    abi::InlinedFunction f;
    f.name = name_offset(display_function_name(p_.arena, node.function.text()));
    CHECK(f.name < abi::kInlinedWrapper, "names take less than 2 GiB");
    if (node.func_id == abi::kFuncIdWrapper) f.name |= abi::kInlinedWrapper;
    f.start_line = static_cast<int32_t>(node.start_line);
    auto [it, is_new] = inlined_numbers_.try_emplace({f.name, f.start_line}, static_cast<uint32_t>(inlined_.size()));
    if (is_new) inlined_.push_back(f);
    return it->second;
  }

  uint32_t func_data_offset(const FuncData& data) {
    if (data.relocs.empty()) return add_piece(func_data_name(data.index), func_data_, as_text(data.bytes), data.align);
    uint32_t offset = func_data_.add_unique(as_text(data.bytes), data.align);
    for (const Reloc& r : data.relocs) apply(r, func_data_.bytes().data() + offset);
    return offset;
  }

  // Only offsets can be known here.
  void apply(const Reloc& r, uint8_t* piece) {
    const Place* place = p_.find_live(r.target);
    CHECK(r.kind == RelocKind::TextOff32 || r.kind == RelocKind::TypesOff32, "FUNCDATA refers to code and types by offset");
    uint32_t value = r.kind == RelocKind::TextOff32 ? kNone : 0;
    if (place != nullptr) {
      value = static_cast<uint32_t>(p_.atom(p_.representative(place->atom)).offset + place->offset + r.addend);
    }
    store(piece + r.offset, value);
  }

  void assemble(const Bytes& rows) {
    abi::PclnHeader header = {};
    header.magic = abi::kPclntabMagic;
    header.min_lc = 1;
    header.ptr_size = 8;
    header.nfunc = p_.functions.size();
    header.nfiles = file_offsets_.size();
    Bytes& out = p_.section(SectionId::FuncTab).contents;
    out.reserve(sizeof header + name_bytes_.size() + file_bytes_.size() + pc_tables_.bytes().size() + rows.size() +
                records_.size() + func_data_.bytes().size() + 64);
    out.resize(sizeof header);
    auto place = [&](const Bytes& part, size_t align) {
      pad_to(out, align);
      uint64_t offset = out.size();
      out.insert(out.end(), part.begin(), part.end());
      return offset;
    };
    Bytes units;
    for (uint32_t offset : file_offsets_) append_u32(units, offset);
    header.funcname_offset = place(name_bytes_, 8);
    header.cu_offset = place(units, 8);
    header.filetab_offset = place(file_bytes_, 8);
    header.pctab_offset = place(pc_tables_.bytes(), 8);
    header.pcln_offset = place(rows, 8);
    out.insert(out.end(), records_.begin(), records_.end());
    // The inlined functions end where FUNCDATA begins, the first one last.
    pad_to(out, kMaxFuncDataAlign);
    for (size_t i = inlined_.size(); i-- > 0;) append(out, inlined_[i]);
    p_.func_data_offset = place(func_data_.bytes(), kMaxFuncDataAlign);
    store(out.data(), header);
    p_.section(SectionId::FuncTab).align = 32;
    p_.stats.function_table_bytes = out.size();
    sizes_["header"] = sizeof header;
    sizes_["function names"] = name_bytes_.size();
    sizes_["file names"] = file_bytes_.size() + units.size();
    sizes_["function records"] = records_.size();
    sizes_["function rows (entry, record)"] = rows.size();
    sizes_["inlined functions"] = inlined_.size() * sizeof(abi::InlinedFunction);
    for (const auto& [part, bytes] : sizes_) p_.table_parts.push_back({SectionId::FuncTab, part, bytes});
  }

  Program& p_;
  Bytes name_bytes_, file_bytes_, records_;
  std::vector<uint32_t> file_offsets_;
  absl::flat_hash_map<std::string_view, uint32_t> names_;
  absl::flat_hash_map<Symbol, uint32_t> files_;
  std::vector<abi::InlinedFunction> inlined_;
  absl::flat_hash_map<std::pair<uint32_t, int32_t>, uint32_t> inlined_numbers_;
  PiecePool pc_tables_, func_data_;
  std::map<std::string_view, uint64_t> sizes_;  // bytes of each part, for the size report
};

}  // namespace

void build_function_table(Program& program) { FunctionTable(program).build(); }

}  // namespace gale::link
