// emit: IR function -> Text definition with its tables.
#include "amd64/emit.h"

#include <algorithm>
#include <optional>

#include <absl/container/flat_hash_map.h>
#include <fmt/core.h>

#include "amd64/encode.h"
#include "amd64/frame.h"
#include "amd64/inst.h"
#include "amd64/regalloc/regalloc.h"
#include "amd64/select.h"
#include "base/abi/stackmap.h"
#include "base/check.h"

namespace gale::amd64 {

namespace {

// Positions as the object shows them: file index, line, column.
class Lines {
 public:
  Lines(const EmitOptions& options, Arena& arena) : options_(options), arena_(arena) {}

  struct Place {
    uint16_t file = 0;
    uint32_t line = 0;
    uint16_t column = 0;
  };

  Place place(Pos pos) {
    if (options_.sources == nullptr || !pos.valid()) return last_;
    if (source_ == nullptr || !source_->contains(pos)) source_ = options_.sources->file(pos);
    if (source_ == nullptr) return last_;
    Location where = source_->location(pos);
    last_ = {file(where.file), where.line, static_cast<uint16_t>(std::min(where.column, 0xffffu))};
    return last_;
  }
  std::span<const Symbol> files() { return arena_.copy(files_); }

 private:
  uint16_t file(std::string_view name) {
    if (!files_.empty() && name == last_name_) return last_file_;
    last_name_ = std::string(name);
    Symbol shown(options_.file_name ? options_.file_name(name) : last_name_);
    auto at = std::find(files_.begin(), files_.end(), shown);
    if (at == files_.end()) {
      files_.push_back(shown);
      at = files_.end() - 1;
    }
    return last_file_ = static_cast<uint16_t>(at - files_.begin());
  }

  const EmitOptions& options_;
  Arena& arena_;
  const SourceFile* source_ = nullptr;
  std::vector<Symbol> files_;
  std::string last_name_;
  uint16_t last_file_ = 0;
  Place last_;
};

class FuncBuilder {
 public:
  FuncBuilder(const MFunc& f, const Frame& frame, const Code& code, link::Object& object, const EmitOptions& options)
      : f_(f), frame_(frame), code_(code), object_(object), arena_(*object.arena), lines_(options, *object.arena) {}

  void run() {
    const ir::Func& ir = f_.ir;
    link::Definition d;
    d.name = ir.name;
    d.kind = link::SymbolKind::Text;
    if (ir.attrs & ir::kDupOk) d.flags |= link::kDupOk;
    if (ir.attrs & ir::kFoldable) {
      d.flags |= link::kFoldable;
      d.fold_group = ir.fold_group;
    }
    d.bytes = arena_.copy(code_.bytes);
    d.relocs = arena_.copy(code_.relocs);
    d.func = info();
    object_.definitions.push_back(d);
    for (const JumpTableData& t : code_.tables) jump_table(t);
    for (auto [width, bits] : code_.float_constants) float_constant(width, bits);
  }

 private:
  const link::FuncInfo* info() {
    const ir::Func& ir = f_.ir;
    link::FuncInfo* info = arena_.make<link::FuncInfo>();
    info->args_size = static_cast<int32_t>(ir.sig->stack_size);
    info->frame_size = frame_.exists ? frame_.size + 8 : 0;
    info->deferreturn = code_.deferreturn;
    info->func_id = ir.func_id;
    if (ir.attrs & ir::kTopFrame) info->flags |= link::kFuncTopFrame;
    if (ir.attrs & ir::kWrapper) info->flags |= link::kFuncWrapper;
    info->display_name = ir.display_name;
    info->start_line = lines_.place(ir.pos).line;
    info->lines = line_rows();
    info->inline_tree = inline_tree();
    info->pcsp = rows(code_.stack_depth);
    pcdata(info);
    funcdata(info);
    info->files = lines_.files();
    return info;
  }

  std::span<const link::LineRow> line_rows() {
    std::vector<link::LineRow> out;
    for (const PosRow& r : code_.positions) {
      Lines::Place p = lines_.place(r.pos);
      link::LineRow row{.pc = r.pc, .line = p.line, .column = p.column, .file = p.file, .inline_index = static_cast<int16_t>(r.inlined.valid() ? static_cast<int>(r.inlined.index) : -1)};
      if (!out.empty() && out.back().line == row.line && out.back().file == row.file && out.back().inline_index == row.inline_index) continue;
      out.push_back(row);
    }
    return arena_.copy(out);
  }

  std::span<const link::InlineNode> inline_tree() {
    std::vector<link::InlineNode> out;
    for (uint32_t i = 0; i < f_.ir.inlines.size(); i++) {
      const ir::InlinedCall& c = f_.ir.inlines[ir::InlineId(i)];
      Lines::Place at = lines_.place(c.call_pos);
      link::InlineNode node;
      node.parent = static_cast<int16_t>(c.parent.valid() ? static_cast<int>(c.parent.index) : -1);
      node.file = at.file;
      node.line = at.line;
      node.function = c.callee;
      node.start_line = lines_.place(c.callee_pos).line;
      node.parent_pc = code_.inline_marks[i];
      out.push_back(node);
    }
    return arena_.copy(out);
  }

  std::span<const link::PcValue> rows(const std::vector<CodeRow>& from) {
    std::vector<link::PcValue> out;
    for (const CodeRow& r : from) {
      if (out.empty() || out.back().value != r.value) out.push_back({r.pc, r.value});
    }
    return arena_.copy(out);
  }

  bool has_maps() const { return code_.args_words != 0 || code_.locals_words != 0; }

  void pcdata(link::FuncInfo* info) {
    std::vector<link::PcData> out;
    if ((f_.ir.attrs & ir::kAsyncUnsafe) != 0) {
      std::vector<link::PcValue> unsafe = {{0, abi::kUnsafePointUnsafe}};
      out.push_back({abi::kPcDataUnsafePoint, arena_.copy(unsafe)});
    } else if (!code_.unsafe_points.empty()) {
      out.push_back({abi::kPcDataUnsafePoint, rows(code_.unsafe_points)});
    }
    if (has_maps() && !code_.stack_maps.empty()) out.push_back({abi::kPcDataStackMapIndex, rows(code_.stack_maps)});
    if (f_.ir.inlines.size() != 0) {
      std::vector<link::PcValue> inl;
      for (const PosRow& r : code_.positions) {
        int32_t value = r.inlined.valid() ? static_cast<int32_t>(r.inlined.index) : -1;
        if (inl.empty() ? value != -1 : inl.back().value != value) inl.push_back({r.pc, value});
      }
      if (!inl.empty()) out.push_back({abi::kPcDataInlTreeIndex, arena_.copy(inl)});
    }
    info->pcdata = arena_.copy(out);
  }

  static void u32(std::vector<uint8_t>& out, uint32_t v) {
    for (int i = 0; i < 4; i++) out.push_back(static_cast<uint8_t>(v >> (8 * i)));
  }
  static void uvarint(std::vector<uint8_t>& out, uint64_t v) {
    for (; v >= 0x80; v >>= 7) out.push_back(static_cast<uint8_t>(v | 0x80));
    out.push_back(static_cast<uint8_t>(v));
  }

  void funcdata(link::FuncInfo* info) {
    std::vector<link::FuncData> out;
    if (has_maps()) {
      auto maps = [&](uint32_t index, uint32_t words, const std::vector<std::vector<uint8_t>>& rows) {
        std::vector<uint8_t> bytes;
        u32(bytes, static_cast<uint32_t>(rows.size()));
        u32(bytes, words);
        for (const std::vector<uint8_t>& r : rows) bytes.insert(bytes.end(), r.begin(), r.end());
        out.push_back({.index = static_cast<uint8_t>(index), .align = 4, .bytes = arena_.copy(bytes)});
      };
      maps(abi::kFuncDataArgsPointerMaps, code_.args_words, code_.args_maps);
      maps(abi::kFuncDataLocalsPointerMaps, code_.locals_words, code_.locals_maps);
    }
    const ir::DeferInfo& defers = f_.ir.defers;
    if (defers.bits.valid()) {
      std::vector<uint8_t> bytes;
      uvarint(bytes, static_cast<uint64_t>(-frame_.locals[defers.bits.index]));
      uvarint(bytes, defers.slots.valid() ? static_cast<uint64_t>(-frame_.locals[defers.slots.index]) : 0);
      out.push_back({.index = abi::kFuncDataOpenCodedDeferInfo, .align = 1, .bytes = arena_.copy(bytes)});
    }
    info->funcdata = arena_.copy(out);
  }

  void jump_table(const JumpTableData& t) {
    std::vector<link::Reloc> relocs;
    std::vector<uint8_t> bytes(t.targets.size() * 8, 0);
    for (size_t i = 0; i < t.targets.size(); i++) {
      relocs.push_back({.offset = static_cast<uint32_t>(i * 8), .kind = link::RelocKind::Abs64, .target = f_.ir.name, .addend = t.targets[i]});
    }
    link::Definition d;
    d.name = t.name;
    d.kind = link::SymbolKind::RoData;
    d.flags = link::kLocal;
    if (f_.ir.attrs & ir::kDupOk) d.flags |= link::kDupOk;
    d.align = 8;
    d.bytes = arena_.copy(bytes);
    d.relocs = arena_.copy(relocs);
    object_.definitions.push_back(d);
  }

  void float_constant(int width, uint64_t bits) {
    std::vector<uint8_t> bytes;
    for (int i = 0; i < width; i++) bytes.push_back(static_cast<uint8_t>(bits >> (8 * i)));
    link::Definition d;
    d.name = float_constant_name(width, bits);
    d.kind = link::SymbolKind::RoData;
    d.flags = link::kLocal | link::kDupOk;
    d.align = static_cast<uint32_t>(width);
    d.bytes = arena_.copy(bytes);
    object_.definitions.push_back(d);
  }

  const MFunc& f_;
  const Frame& frame_;
  const Code& code_;
  link::Object& object_;
  Arena& arena_;
  Lines lines_;
};

// Memory results with pointers are in the maps of all safepoints, so the area must be clear from the start.
bool has_pointerful_result_area(const ir::Func& f) {
  bool memory = std::any_of(f.sig->results.begin(), f.sig->results.end(), [](const ir::AbiSlot& s) { return s.kind == ir::AbiSlot::Memory; });
  return memory && std::any_of(f.sig->result_mask.begin(), f.sig->result_mask.end(), [](uint8_t b) { return b != 0; });
}

}  // namespace

void emit(const ir::Func& f, link::Object& object, const EmitOptions& options) {
  CrashScope scope("amd64", f.name.text());
  MFunc m(f);
  select(f, m);
  m.zero_result_area = has_pointerful_result_area(f);
  m.needs_frame_pointer |= m.zero_result_area;
  if (options.dump) options.dump("select", print(m));
  register_allocate(m);
  if (options.dump) options.dump("regalloc", print(m));
  if (options.verify) {
    std::string wrong = check_allocation(m);
    CHECK(wrong.empty(), "the register allocation is right:\n" + wrong);
  }
  Frame frame = lay_out_frame(m);
  Code code = encode(m, frame, static_cast<bool>(options.dump));
  if (options.dump) options.dump("asm", code.listing);
  FuncBuilder(m, frame, code, object, options).run();
}

}  // namespace gale::amd64
