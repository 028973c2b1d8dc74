// //go:embed variables: their data is made from files (RUNTIME_CONTRACT 5.7).
//
// A string is {data, length}, a []byte {data, length, capacity} of its own writable copy, an embed.FS a pointer to a slice of
// records {name string, data string, hash [16]byte}, sorted by folder and name, in which folders (name ends in "/") have no
// data. The hash is left zero: nothing in std reads it.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>

#include "discover/names.h"
#include "load/package.h"
#include "lower/program.h"
#include "types/predicates.h"

namespace gale::lower {
namespace {

constexpr uint64_t kFileRecord = 48;

bool read_file(const std::string& path, std::string* out) {
  std::FILE* f = std::fopen(path.c_str(), "rb");
  if (f == nullptr) return false;
  char buffer[65536];
  for (size_t n = std::fread(buffer, 1, sizeof buffer, f); n > 0; n = std::fread(buffer, 1, sizeof buffer, f)) out->append(buffer, n);
  bool ok = std::ferror(f) == 0;
  std::fclose(f);
  return ok;
}

std::pair<std::string_view, std::string_view> folder_and_name(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  size_t slash = path.rfind('/');
  if (slash == path.npos) return {".", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

void put_word(ir::Data* d, uint64_t offset, uint64_t value) {
  if (d->bytes.size() < offset + 8) d->bytes.resize(offset + 8);
  std::memcpy(d->bytes.data() + offset, &value, 8);
}

void put_string(Program& program, ir::Data* d, uint64_t offset, std::string_view text) {
  put_word(d, offset, 0);
  put_word(d, offset + 8, text.size());
  if (!text.empty()) d->relocs.push_back({offset, program.string_data(text), 0});
}

// Files by name, and the folders that contain them.
std::map<std::string, std::string> embedded_files(types::Var* v) {
  std::map<std::string, std::string> files;  // name -> path; "" for a folder
  const load::Package* package = v->package->source;
  for (std::string_view pattern : v->decl->var_decl->embed_patterns) {
    for (const load::EmbedPattern& p : package->embeds) {
      if (p.pattern != pattern) continue;
      for (const load::EmbedFile& f : p.files) {
        files[f.name] = f.path;
        for (size_t slash = f.name.rfind('/'); slash != std::string::npos && slash > 0; slash = f.name.rfind('/', slash - 1)) {
          files[f.name.substr(0, slash + 1)] = "";
        }
      }
    }
  }
  return files;
}

}  // namespace

bool Program::embed_variable(types::Var* v, Type* t, ir::Data* d) {
  if (v->decl == nullptr || v->decl->var_decl == nullptr || v->decl->var_decl->embed_patterns.empty()) return false;
  const std::map<std::string, std::string> files = embedded_files(v);
  d->kind = ir::DataKind::Data;
  auto contents = [&](const std::string& path) {
    std::string text;
    if (!read_file(path, &text)) checker.error(v->pos, "embed", fmt::format("cannot read embedded file {}", path));
    return text;
  };
  const std::string name(d->name.text());
  if (types::is_string(t)) {
    for (const auto& [file, path] : files) put_string(*this, d, 0, contents(path));
    return true;
  }
  if (types::under_as<types::Slice>(t) != nullptr) {
    for (const auto& [file, path] : files) {
      const std::string text = contents(path);
      put_word(d, 0, 0);
      put_word(d, 8, text.size());
      put_word(d, 16, text.size());
      ir::Data bytes;
      bytes.name = Symbol(name + ".embed");
      bytes.kind = ir::DataKind::Data;
      bytes.bytes.assign(text.begin(), text.end());
      bytes.size = std::max<uint64_t>(bytes.bytes.size(), 1);
      d->relocs.push_back({0, bytes.name, 0});
      add_data(std::move(bytes));
    }
    return true;
  }
  std::vector<std::pair<std::string, std::string>> sorted(files.begin(), files.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return folder_and_name(a.first) < folder_and_name(b.first); });
  ir::Data list;
  list.name = Symbol(name + ".files");
  list.kind = ir::DataKind::ReadOnly;
  list.align = 8;
  list.size = 24 + kFileRecord * sorted.size();
  list.bytes.resize(list.size);
  list.relocs.push_back({0, list.name, 24});
  put_word(&list, 8, sorted.size());
  put_word(&list, 16, sorted.size());
  for (size_t i = 0; i < sorted.size(); i++) {
    put_string(*this, &list, 24 + i * kFileRecord, sorted[i].first);
    if (!sorted[i].second.empty()) put_string(*this, &list, 24 + i * kFileRecord + 16, contents(sorted[i].second));
  }
  put_word(d, 0, 0);
  d->relocs.push_back({0, list.name, 0});
  add_data(std::move(list));
  return true;
}

}  // namespace gale::lower
