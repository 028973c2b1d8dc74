// Reading files and folders. Paths are absolute unless said otherwise.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gale::load {

bool read_file(const std::string& path, std::string* text);  // false if it cannot be read

enum class FileKind { None, File, Folder, Other };
FileKind kind_of(const std::string& path);  // follows symbolic links

struct FolderEntry {
  std::string name;
  FileKind kind;
};
// Sorted by name, without "." and "..". Empty if it cannot be read.
std::vector<FolderEntry> list_folder(const std::string& path);

std::string current_folder();
std::string absolute_path(std::string_view path, const std::string& base);  // joined to base and cleaned
std::string clean_path(std::string_view path);                              // without ".", ".." and repeated slashes
std::string relative_path(const std::string& path, const std::string& base);  // may start with ".."
// As messages show a file: relative to `base` ("./x.go", "a/x.go") if that is shorter than the absolute path.
std::string display_path(const std::string& path, const std::string& base);
bool has_path_prefix(std::string_view path, std::string_view prefix);  // equal, or prefix followed by a slash

}  // namespace gale::load
