#include "driver/assembly.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/core.h>

#include "asm/assemble.h"
#include "base/abi/abi0.h"
#include "base/abi/stackmap.h"
#include "discover/names.h"
#include "driver/border_symbols.h"
#include "load/package.h"
#include "syntax/nodes.h"
#include "types/constant.h"
#include "types/predicates.h"

namespace gale::driver {

namespace {

bool read_text(const std::string& path, std::string* text) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return false;
  std::ostringstream all;
  all << in.rdbuf();
  *text = all.str();
  return true;
}

// The packages whose assembly may name ABIs: those that the go command compiles as parts of the runtime, and a few more.
bool may_select_abi(const load::Package& p) {
  if (!p.is_std) return false;
  const std::string_view path = p.path.text();
  return path == "runtime" || path == "reflect" || path == "syscall" || path.starts_with("internal/runtime/") || path.starts_with("internal/bytealg") ||
         path.starts_with("internal/abi") || path.starts_with("internal/chacha8rand") || path.starts_with("internal/cpu") || path.starts_with("runtime/");
}

Symbol prefix_of(std::string_view symbol) {
  const size_t slash = symbol.rfind('/');
  const size_t dot = symbol.find('.', slash == symbol.npos ? 0 : slash);
  return Symbol(symbol.substr(0, dot));
}

}  // namespace

// go_asm.h: the package's integer constants, and sizes and offsets of its structs.
std::string Assembly::go_header(types::Package* p) {
  std::string out;
  for (types::Object* o : p->scope->objects()) {
    if (o->package != p) continue;
    if (o->kind == types::ObjectKind::Const) {
      if (o->type == nullptr) checker_.object_decl(o);
      const auto* c = static_cast<types::ConstObject*>(o);
      if (c->value == nullptr) continue;
      const types::ConstantKind kind = types::constant_kind(c->value);
      if (kind == types::ConstantKind::Int || kind == types::ConstantKind::Bool) {
        out += fmt::format("#define const_{} {}\n", o->name.text(), types::exact_text(c->value));
      } else if (kind == types::ConstantKind::String) {
        std::string quoted;
        for (unsigned char ch : types::string_value(c->value)) quoted += ch < 32 || ch > 126 || ch == '"' || ch == '\\' ? fmt::format("\\x{:02x}", ch) : std::string(1, static_cast<char>(ch));
        out += fmt::format("#define const_{} \"{}\"\n", o->name.text(), quoted);
      }
      continue;
    }
    if (o->kind != types::ObjectKind::TypeName) continue;
    if (o->type == nullptr) checker_.object_decl(o);
    auto* named = types::as<types::Named>(o->type);
    if (named == nullptr || !named->type_params.empty()) continue;
    auto* s = types::under_as<types::Struct>(o->type);
    if (s == nullptr) continue;
    out += fmt::format("#define {}__size {}\n", o->name.text(), types::size_of(o->type));
    for (uint32_t i = 0; i < s->fields.size(); i++) {
      if (s->fields[i]->name.text() == "_") continue;
      out += fmt::format("#define {}_{} {}\n", o->name.text(), s->fields[i]->name.text(), types::field_offset(s, i));
    }
  }
  return out;
}

void Assembly::assemble(types::Package* p) {
  if (p == nullptr || p->source == nullptr || !done_.insert(p).second) return;
  for (const std::string& path : p->source->s_files) {
    std::string text;
    if (!read_text(path, &text)) {
      errors_.push_back(fmt::format("open {}: cannot be read", path));
      continue;
    }
    const std::string folder = path.substr(0, path.rfind('/'));
    const std::string base = path.substr(path.rfind('/') + 1);
    plan9::AssembleOptions o;
    o.package = discover::package_prefix(p);
    const std::string from_here = options_.working_dir + "/";
    o.file_name = path.starts_with(from_here) ? "./" + path.substr(from_here.size()) : path;
    o.abi_selectors = may_select_abi(*p->source);
    o.defines = {{"GOOS_linux", "1"}, {"GOARCH_amd64", "1"}, {"GOAMD64_v1", "1"}};
    o.include = [&](const std::string& name, std::string* shown, std::string* out) {
      if (name == "go_asm.h") {
        *shown = name;
        *out = go_header(p);
        return true;
      }
      for (const std::string& dir : {folder, options_.goroot + "/pkg/include", options_.goroot + "/src/runtime"}) {
        if (read_text(dir + "/" + name, out)) {
          *shown = dir + "/" + name;
          return true;
        }
      }
      return false;
    };
    o.is_function = [&](std::string_view name) {
      types::Package* owner = linknames_.package(prefix_of(name));
      const size_t dot = name.rfind('.');
      if (owner == nullptr || owner->scope == nullptr || dot == name.npos) return false;
      const types::Object* object = owner->scope->lookup(Symbol(name.substr(dot + 1)));
      return object != nullptr && object->kind == types::ObjectKind::Func;
    };
    o.table_name = [&](const std::string& shown) {
      const std::string full = shown.starts_with("./") ? options_.working_dir + shown.substr(1) : shown;
      if (!options_.trimpath) return full;
      const std::string std_root = options_.goroot + "/src/";
      return full.starts_with(std_root) ? full.substr(std_root.size()) : full.starts_with(from_here) ? "./" + full.substr(from_here.size()) : base;
    };
    plan9::Assembled made = plan9::assemble(std::move(text), o);
    for (const plan9::Message& m : made.errors) {
      errors_.push_back(m.line != 0 ? fmt::format("{}:{}: {}", m.file, m.line, m.text) : "asm: " + m.text);
    }
    if (!made.errors.empty()) errors_.push_back(fmt::format("asm: assembly of {} failed", o.file_name));
    const size_t object = objects_.size();
    for (size_t i = 0; i < made.object.definitions.size(); i++) definitions_.try_emplace(made.object.definitions[i].name, object, i);
    objects_.push_back(std::move(made.object));
  }
}

lower::AssemblyKind Assembly::function(Symbol symbol, types::Package* declared_in) {
  assemble(declared_in);
  types::Package* owner = linknames_.package(prefix_of(symbol.text()));
  assemble(owner);
  const Symbol entry(std::string(symbol.text()) + std::string(abi::kAbi0Suffix));
  if (definitions_.contains(entry)) {
    want(entry);
    return lower::AssemblyKind::Abi0;
  }
  if (definitions_.contains(symbol)) {
    want(symbol);
    return lower::AssemblyKind::AbiInternal;
  }
  return lower::AssemblyKind::None;
}

bool Assembly::variable(Symbol symbol, types::Package* declared_in) {
  if (declared_in == nullptr || declared_in->source == nullptr || declared_in->source->is_std) return false;
  assemble(declared_in);
  if (!definitions_.contains(symbol)) return false;
  want(symbol);
  return true;
}

void Assembly::want(Symbol symbol) {
  if (!wanted_.insert(symbol).second) return;
  auto it = definitions_.find(symbol);
  if (it == definitions_.end()) return refer(symbol);
  for (const link::Reloc& r : objects_[it->second.first].definitions[it->second.second].relocs) want(r.target);
}

// A name that no assembly file defines: Go's or the runtime's.
void Assembly::refer(Symbol target) {
  const std::string_view text = target.text();
  const Symbol plain(abi::without_abi0(text));
  auto go_function = [&](Symbol name) -> types::Func* { return linknames_.function(name); };
  if (abi::is_abi0(text)) {
    // Perhaps assembly of a package whose Go side was not asked yet.
    if (types::Package* owner = linknames_.package(prefix_of(plain.text())); owner != nullptr && !done_.contains(owner) && owner->source != nullptr && !owner->source->s_files.empty()) {
      assemble(owner);
      wanted_.erase(target);
      return want(target);
    }
    if (defined_by_runtime(plain)) {
      results_.push_back(lowering_->abi0_gate_entry(target, plain));
    } else if (types::Func* f = go_function(plain)) {
      results_.push_back(lowering_->abi0_entry(target, f));
    } else {
      references_->external(target);
    }
    return;
  }
  if (types::Func* f = go_function(target)) {
    if (f->type == nullptr) checker_.object_decl(f);
    discover::FunctionInstance instance;
    instance.func = f;
    references_->function(target, instance);
  } else if (types::Var* v = linknames_.variable(target)) {
    if (v->type == nullptr) checker_.object_decl(v);
    references_->variable(target, v);
  } else {
    references_->external(target);
  }
}

std::vector<link::Object> Assembly::finish(std::span<const lower::Abi0Args> args) {
  for (const lower::Abi0Args& a : args) {
    auto it = definitions_.find(a.entry);
    if (it == definitions_.end()) continue;
    link::Object& object = objects_[it->second.first];
    link::Definition& d = object.definitions[it->second.second];
    if (d.func == nullptr) continue;
    auto* info = object.arena->make<link::FuncInfo>(*d.func);
    info->args_size = static_cast<int32_t>(a.size);
    std::vector<uint8_t> bytes;
    for (uint32_t v : {1u, a.arg_words}) {
      for (int i = 0; i < 4; i++) bytes.push_back(static_cast<uint8_t>(v >> (8 * i)));
    }
    std::vector<uint8_t> row(a.pointer_mask.begin(), a.pointer_mask.end());
    row.resize((a.arg_words + 7) / 8);
    bytes.insert(bytes.end(), row.begin(), row.end());
    std::vector<link::FuncData> funcdata = {{.index = abi::kFuncDataArgsPointerMaps, .align = 4, .bytes = object.arena->copy(bytes)}};
    info->funcdata = object.arena->copy(funcdata);
    d.func = info;
  }
  return std::move(objects_);
}

}  // namespace gale::driver
