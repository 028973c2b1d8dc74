#include "asm/assemble.h"

#include <algorithm>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <fmt/core.h>

#include "asm/function.h"
#include "asm/parse.h"
#include "asm/preprocess.h"
#include "base/abi/abi0.h"
#include "base/abi/stackmap.h"

namespace gale::plan9 {

namespace {

class FileAssembler {
 public:
  FileAssembler(const AssembleOptions& options, Assembled& out)
      : options_(options), out_(out), arena_(*out.object.arena),
        input_(options.include, [this](const Token& at, std::string m) { report(at, std::move(m)); }) {}

  void run(std::string text) {
    for (const auto& [name, value] : options_.defines) input_.define(name, value);
    input_.push_file(options_.file_name, std::move(text));
    Parser parser(input_, options_.package, options_.abi_selectors, [this](const Token& at, std::string m) { report(at, std::move(m)); });
    ParsedFile file = parser.run();
    if (!out_.errors.empty()) return;
    absl::flat_hash_set<std::string> seen;
    for (const Text& t : file.texts) {
      if (!seen.insert(t.name.text + (t.name.is_static ? "<>" : t.name.internal_abi ? "<ABIInternal>" : "")).second) {
        fail(t.file, t.line, fmt::format("symbol {} redeclared", t.name.text));
      }
      (t.name.is_static ? static_texts_ : texts_).insert(t.name.text);
    }
    for (const Text& t : file.texts) function(t);
    for (const Data& d : file.data) data(d);
  }

 private:
  void fail(uint16_t file, uint32_t line, std::string message) { out_.errors.push_back({input_.file_name(file), line, std::move(message)}); }
  void report(const Token& at, std::string message) {
    if (message == "too many errors") out_.errors.push_back({"", 0, std::move(message)});
    else fail(at.file, at.line, std::move(message));
  }

  // What a name is called in the object.
  Symbol symbol_of(const Name& n, bool call) {
    if (n.is_static) return Symbol(fmt::format("{}<{}:{}>", n.text, options_.package, base_name()));
    if (n.internal_abi) return Symbol(n.text);
    if (call || texts_.contains(n.text) || (options_.is_function && options_.is_function(n.text))) {
      return Symbol(n.text + std::string(abi::kAbi0Suffix));
    }
    return Symbol(n.text);
  }

  std::string_view base_name() const {
    std::string_view f = options_.file_name;
    return f.substr(f.rfind('/') + 1);
  }

  void function(const Text& t) {
    FunctionCode code;
    FunctionBuilder builder(t, [&](const Instruction* in, std::string message) {
      if (in == nullptr) {
        out_.errors.push_back({"", 0, fmt::format("{}: {}", t.name.text, message)});
      } else if (message.starts_with("undefined label")) {
        fail(in->file, in->line, std::move(message));
      } else {
        std::string_view name = input_.file_name(in->file);
        out_.errors.push_back({"", 0, fmt::format("{}: {}: {:05} ({}:{})\t{}", t.name.text, message, 0, name, in->line, print_instruction(*in))});
      }
    });
    if (!builder.run(&code)) return;
    link::Definition d;
    d.name = symbol_of(t.name, !t.name.internal_abi && !t.name.is_static);
    d.kind = link::SymbolKind::Text;
    if (t.name.is_static) d.flags |= link::kLocal;
    if ((t.flags & kDupOk) != 0) d.flags |= link::kDupOk;
    d.align = std::max<uint32_t>(code.align, 16);
    d.bytes = arena_.copy(code.bytes);
    std::vector<link::Reloc> relocs;
    for (const CodeField& f : code.fields) {
      link::Reloc r;
      r.offset = f.offset;
      r.kind = f.call ? link::RelocKind::Call32 : link::RelocKind::PcRel32;
      r.target = symbol_of(f.target, f.call);
      r.addend = f.addend;
      relocs.push_back(r);
    }
    d.relocs = arena_.copy(relocs);
    auto* info = arena_.make<link::FuncInfo>();
    info->args_size = t.args_known ? static_cast<int32_t>(t.args) : link::kArgsSizeUnknown;
    info->frame_size = code.frame_size;
    info->start_line = t.line;
    info->flags = link::kFuncAsm;
    if ((t.flags & kTopFrame) != 0) info->flags |= link::kFuncTopFrame;
    if ((t.flags & kWrapper) != 0) info->flags |= link::kFuncWrapper;
    if (code.writes_sp) info->flags |= link::kFuncSpWrite;
    info->display_name = Symbol(t.name.text);
    std::vector<Symbol> files;
    std::vector<int> index(1, -1);
    for (link::LineRow& row : code.lines) {
      if (index.size() <= row.file) index.resize(row.file + 1u, -1);
      if (index[row.file] < 0) {
        index[row.file] = static_cast<int>(files.size());
        const std::string& shown = input_.file_name(row.file);
        files.push_back(Symbol(options_.table_name ? options_.table_name(shown) : shown));
      }
      row.file = static_cast<uint16_t>(index[row.file]);
    }
    info->files = arena_.copy(files);
    info->lines = arena_.copy(code.lines);
    info->pcsp = arena_.copy(code.depth);
    // Never preempted at a signal: nothing describes its registers.
    std::vector<link::PcValue> unsafe = {{0, abi::kUnsafePointUnsafe}};
    std::vector<link::PcData> pcdata = {{abi::kPcDataUnsafePoint, arena_.copy(unsafe)}};
    info->pcdata = arena_.copy(pcdata);
    d.func = info;
    out_.object.definitions.push_back(d);
    for (const auto& [name, bytes] : code.float_constants) float_constant(name, bytes);
    if (options_.listing) {
      for (const FunctionBuilder::Piece& p : builder.pieces()) {
        options_.listing(t.name.text, p.source != nullptr ? p.source->line : t.line, p.pc, d.bytes.subspan(p.pc, p.size),
                         p.source != nullptr ? print_instruction(*p.source) : "");
      }
    }
  }

  void float_constant(const std::string& name, const std::string& bytes) {
    if (!constants_.insert(name).second) return;
    link::Definition d;
    d.name = Symbol(name);
    d.kind = link::SymbolKind::RoData;
    d.flags = link::kLocal | link::kDupOk;
    d.align = static_cast<uint32_t>(bytes.size());
    d.bytes = bytes_of(bytes);
    out_.object.definitions.push_back(d);
  }

  std::span<const uint8_t> bytes_of(const std::string& s) {
    return arena_.copy(std::span<const uint8_t>(reinterpret_cast<const uint8_t*>(s.data()), s.size()));
  }

  void data(const Data& data) {
    if (!data.global) return;  // DATA without GLOBL: gc's linker never sees it either
    int64_t end = 0;
    for (const DataItem& i : data.items) end = std::max(end, i.offset + i.width);
    if (end > data.size) {
      return fail(0, data.line, fmt::format("symbol {}: initialized data beyond its size {}", data.name.text, data.size));
    }
    link::Definition d;
    d.name = symbol_of(data.name, false);
    if (data.name.is_static) d.flags |= link::kLocal;
    if ((data.flags & kDupOk) != 0) d.flags |= link::kDupOk;
    const bool read_only = (data.flags & kRoData) != 0;
    d.kind = read_only ? link::SymbolKind::RoData : data.items.empty() ? link::SymbolKind::NoPtrBss : link::SymbolKind::NoPtrData;
    d.size = static_cast<uint64_t>(data.size);
    // gc aligns by size; vector code relies on 16 for what is at least that long.
    d.align = data.size >= 32 ? 32 : data.size >= 16 ? 16 : data.size >= 8 ? 8 : data.size >= 4 ? 4 : data.size >= 2 ? 2 : 1;
    if (d.kind != link::SymbolKind::NoPtrBss) {
      std::string bytes(static_cast<size_t>(data.size), '\0');
      std::vector<link::Reloc> relocs;
      for (const DataItem& i : data.items) {
        std::copy(i.bytes.begin(), i.bytes.end(), bytes.begin() + i.offset);
        if (i.target.text.empty()) continue;
        link::Reloc r;
        r.offset = static_cast<uint32_t>(i.offset);
        r.target = symbol_of(i.target, false);
        r.addend = i.addend;
        relocs.push_back(r);
      }
      d.bytes = bytes_of(bytes);
      d.relocs = arena_.copy(relocs);
    }
    out_.object.definitions.push_back(d);
  }

  const AssembleOptions& options_;
  Assembled& out_;
  Arena& arena_;
  Preprocessor input_;
  absl::flat_hash_set<std::string> texts_, static_texts_, constants_;
};

}  // namespace

Assembled assemble(std::string text, const AssembleOptions& options) {
  Assembled out;
  FileAssembler(options, out).run(std::move(text));
  return out;
}

}  // namespace gale::plan9
