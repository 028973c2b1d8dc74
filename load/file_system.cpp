#include "load/file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

namespace gale::load {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    size_t slash = path.find('/');
    if (slash != 0) parts.push_back(path.substr(0, slash));
    path.remove_prefix(slash == path.npos ? path.size() : slash + 1);
  }
  return parts;
}

FileKind kind_of_mode(mode_t mode) {
  return S_ISREG(mode) ? FileKind::File : S_ISDIR(mode) ? FileKind::Folder : FileKind::Other;
}

}  // namespace

bool read_file(const std::string& path, std::string* text) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  struct stat st;
  bool ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
  if (ok) {
    text->resize(st.st_size);
    size_t done = 0;
    while (done < text->size()) {
      ssize_t n = read(fd, text->data() + done, text->size() - done);
      if (n <= 0) break;
      done += n;
    }
    text->resize(done);
  }
  close(fd);
  return ok;
}

FileKind kind_of(const std::string& path) {
  struct stat st;
  return stat(path.c_str(), &st) == 0 ? kind_of_mode(st.st_mode) : FileKind::None;
}

std::vector<FolderEntry> list_folder(const std::string& path) {
  std::vector<FolderEntry> out;
  DIR* d = opendir(path.c_str());
  if (d == nullptr) return out;
  while (dirent* e = readdir(d)) {
    std::string name = e->d_name;
    if (name == "." || name == "..") continue;
    FileKind kind = e->d_type == DT_REG ? FileKind::File
                    : e->d_type == DT_DIR ? FileKind::Folder
                                          : kind_of(path + "/" + name);
    out.push_back({std::move(name), kind});
  }
  closedir(d);
  std::sort(out.begin(), out.end(), [](const FolderEntry& a, const FolderEntry& b) { return a.name < b.name; });
  return out;
}

std::string current_folder() {
  char buffer[PATH_MAX];
  return getcwd(buffer, sizeof buffer) == nullptr ? "/" : buffer;
}

std::string clean_path(std::string_view path) {
  bool rooted = path.starts_with('/');
  std::vector<std::string_view> kept;
  for (std::string_view part : split(path)) {
    if (part == ".") continue;
    if (part == ".." && !kept.empty() && kept.back() != "..") {
      kept.pop_back();
    } else if (part != ".." || !rooted) {
      kept.push_back(part);
    }
  }
  std::string out = rooted ? "/" : "";
  for (size_t i = 0; i < kept.size(); i++) {
    if (i > 0) out += '/';
    out += kept[i];
  }
  return out.empty() ? "." : out;
}

std::string absolute_path(std::string_view path, const std::string& base) {
  if (path.starts_with('/')) return clean_path(path);
  return clean_path(base + "/" + std::string(path));
}

std::string relative_path(const std::string& path, const std::string& base) {
  std::vector<std::string_view> a = split(path), b = split(base);
  size_t same = 0;
  while (same < a.size() && same < b.size() && a[same] == b[same]) same++;
  std::string out;
  for (size_t i = same; i < b.size(); i++) out += out.empty() ? ".." : "/..";
  for (size_t i = same; i < a.size(); i++) {
    if (!out.empty()) out += '/';
    out += a[i];
  }
  return out.empty() ? "." : out;
}

std::string display_path(const std::string& path, const std::string& base) {
  std::string relative = relative_path(path, base);
  if (relative.find('/') == relative.npos) relative = "./" + relative;
  return relative.size() < path.size() ? relative : path;
}

bool has_path_prefix(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return false;
  return path.size() == prefix.size() || path[prefix.size()] == '/' || prefix.empty();
}

}  // namespace gale::load
