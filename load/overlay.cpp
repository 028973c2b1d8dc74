#include "load/overlay.h"

#include "load/file_system.h"

namespace gale::load {
namespace {

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> out;
  line = line.substr(0, line.find('#'));
  for (size_t at = 0; (at = line.find_first_not_of(" \t\r", at)) != line.npos;) {
    size_t end = line.find_first_of(" \t\r", at);
    out.push_back(line.substr(at, end == line.npos ? line.npos : end - at));
    if (end == line.npos) break;
    at = end;
  }
  return out;
}

}  // namespace

bool read_overlay_package(const std::string& overlay_dir, std::string_view path, OverlayPackage* out, std::string* error) {
  if (overlay_dir.empty()) return false;
  out->dir = overlay_dir + "/" + std::string(path);
  std::string list_path = out->dir + "/overlay.txt", text;
  if (!read_file(list_path, &text)) return false;
  int number = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    size_t newline = rest.find('\n');
    std::vector<std::string_view> w = words(rest.substr(0, newline));
    rest.remove_prefix(newline == rest.npos ? rest.size() : newline + 1);
    number++;
    if (w.empty()) continue;
    if (w.size() == 1 && w[0] == "whole") {
      out->whole = true;
    } else if (w.size() == 3 && (w[0] == "replace" || w[0] == "remove") && w[2].size() == 64) {
      out->rules.push_back({std::string(w[1]), std::string(w[2]), w[0] == "remove"});
    } else {
      *error = list_path + ":" + std::to_string(number) + ": expected `whole`, `replace NAME SHA256` or `remove NAME SHA256`";
      return false;
    }
  }
  for (const FolderEntry& e : list_folder(out->dir)) {
    if (e.kind == FileKind::File && e.name.ends_with(".go") && !e.name.ends_with("_test.go")) out->files.push_back(e.name);
  }
  return true;
}

}  // namespace gale::load
