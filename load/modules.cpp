#include "load/modules.h"

#include <algorithm>

#include "load/build_tags.h"
#include "load/file_system.h"
#include "load/go_env.h"
#include "load/package_files.h"

namespace gale::load {
namespace {

// Module paths and versions in the cache: capitals are written '!' and the small letter.
std::string escape_capitals(std::string_view s) {
  std::string out;
  for (char c : s) {
    if (c >= 'A' && c <= 'Z') {
      out += '!';
      out += static_cast<char>(c | 0x20);
    } else {
      out += c;
    }
  }
  return out;
}

// The language version that the go.mod in a module's folder gives.
std::string go_version_in(const std::string& dir) {
  std::string text;
  GoMod m;
  std::vector<std::string> ignored;
  if (read_file(dir + "/go.mod", &text)) parse_go_mod(text, "go.mod", &m, &ignored);
  return language_version(m.go_version);
}

bool first_element_has_dot(std::string_view path) { return path.substr(0, path.find('/')).find('.') != path.npos; }

}  // namespace

bool Modules::open(const std::string& working_dir, const Goroot& goroot, const std::string& overlay_dir,
                   std::vector<std::string>* errors) {
  goroot_ = goroot.dir;
  overlay_dir_ = overlay_dir;
  std::string root = working_dir;
  while (kind_of(root + "/go.mod") != FileKind::File) {
    size_t slash = root.rfind('/');
    if (slash == root.npos || root == "/") return true;
    root = slash == 0 ? "/" : root.substr(0, slash);
  }
  if (root == goroot_ + "/src" || root == goroot_ + "/src/cmd") return true;  // std itself is no module here
  std::string text;
  read_file(root + "/go.mod", &text);
  std::vector<std::string> problems;
  std::string shown = display_path(root + "/go.mod", working_dir);
  if (shown.starts_with("./")) shown.erase(0, 2);
  if (!parse_go_mod(text, shown, &go_mod_, &problems)) {
    std::string message = "go: errors parsing " + shown + ":";
    for (const std::string& p : problems) message += "\n" + p;
    errors->push_back(problems.size() == 1 && problems[0].starts_with("error reading") ? "go: " + problems[0] : message);
    return false;
  }
  if (go_minor_version(go_mod_.go_version.empty() ? "1.16" : go_mod_.go_version) > kGoMinor) {
    errors->push_back("go: " + shown + " requires go >= " + go_mod_.go_version + " (running " + goroot.version + ")");
    return false;
  }
  modules_.push_back({go_mod_.module_path, "", root, language_version(go_mod_.go_version), true});
  add_required(root);
  std::stable_sort(modules_.begin(), modules_.end(),
                   [](const Module& a, const Module& b) { return a.path.size() > b.path.size(); });
  for (size_t i = 0; i < modules_.size(); i++) {
    if (modules_[i].is_main) main_ = static_cast<int>(i);
  }
  return true;
}

// The modules of the require lines: for go 1.17 and later these are all that the build can need (graph pruning), with the
// versions that minimal version selection would choose.
void Modules::add_required(const std::string& root) {
  if (kind_of(root + "/vendor/modules.txt") == FileKind::File) vendor_dir_ = root + "/vendor";
  for (const ModuleRequirement& r : go_mod_.require) {
    std::string path = r.path, version = r.version, dir;
    Module module;
    for (const ModuleReplacement& m : go_mod_.replace) {
      if (m.path != r.path || (!m.version.empty() && m.version != r.version)) continue;
      module.replaced_by = m.new_path;
      module.replaced_version = m.new_version;
      if (m.new_version.empty()) {
        dir = absolute_path(m.new_path, root);
      } else {
        path = m.new_path;
        version = m.new_version;
      }
    }
    if (dir.empty()) dir = module_cache() + "/" + escape_capitals(path) + "@" + escape_capitals(version);
    if (kind_of(dir) != FileKind::Folder) continue;
    module.path = r.path;
    module.version = r.version;
    module.dir = dir;
    module.go_version = go_version_in(dir);
    modules_.push_back(std::move(module));
  }
}

const Module* Modules::find(std::string_view module_path) const {
  for (const Module& m : modules_) {
    if (m.path == module_path) return &m;
  }
  return nullptr;
}

std::string Modules::sum_of(const std::string& module_path, const std::string& version) const {
  std::string text;
  if (main() == nullptr || !read_file(main()->dir + "/go.sum", &text)) return {};
  const std::string start = module_path + " " + version + " ";
  for (size_t at = text.find(start); at != text.npos; at = text.find(start, at + 1)) {
    if (at != 0 && text[at - 1] != '\n') continue;
    at += start.size();
    return text.substr(at, text.find_first_of("\r\n", at) - at);
  }
  return {};
}

bool Modules::std_package(std::string_view path, const PackagePlace* importer, PackagePlace* out) const {
  auto take = [&](const std::string& std_path) {
    *out = {std_path, goroot_ + "/src/" + std_path, nullptr, true};
    return true;
  };
  std::string p(path);
  if (importer != nullptr && importer->is_std && first_element_has_dot(path)) {
    std::string vendored = importer->path.starts_with("cmd/") ? "cmd/vendor/" + p : "vendor/" + p;
    if (kind_of(goroot_ + "/src/" + vendored) == FileKind::Folder) return take(vendored);
  }
  if (!overlay_dir_.empty() && kind_of(overlay_dir_ + "/" + p + "/overlay.txt") == FileKind::File) return take(p);
  if (first_element_has_dot(path) || path == "builtin") return false;
  return has_go_files(goroot_ + "/src/" + p) && take(p);
}

bool Modules::find_in_modules(std::string_view path, PackagePlace* out) const {
  for (const Module& m : modules_) {
    if (!has_path_prefix(path, m.path)) continue;
    std::string dir = m.dir + std::string(path.substr(m.path.size()));
    if (!has_go_files(dir)) continue;
    *out = {std::string(path), dir, &m, false};
    return true;
  }
  if (!vendor_dir_.empty() && has_go_files(vendor_dir_ + "/" + std::string(path))) {
    *out = {std::string(path), vendor_dir_ + "/" + std::string(path), main(), false};
    return true;
  }
  return false;
}

bool Modules::resolve(std::string_view path, const PackagePlace* importer, PackagePlace* out, std::string* error) const {
  if (path.starts_with("./") || path.starts_with("../") || path == "." || path == "..") {
    *error = "\"" + std::string(path) + "\" is relative, but relative import paths are not supported in module mode";
    return false;
  }
  if (path.starts_with("/")) {
    *error = "cannot import absolute path";
    return false;
  }
  if (std_package(path, importer, out)) return true;
  if ((importer == nullptr || !importer->is_std) && find_in_modules(path, out)) return true;
  bool in_main = main() != nullptr && has_path_prefix(path, main()->path);
  if (!first_element_has_dot(path) && !in_main) {
    *error = "package " + std::string(path) + " is not in std (" + goroot_ + "/src/" + std::string(path) + ")";
  } else if (main() == nullptr) {
    *error = "no required module provides package " + std::string(path) +
             ": go.mod file not found in current directory or any parent directory; see 'go help modules'";
  } else if (!first_element_has_dot(path)) {
    *error = "package " + std::string(path) + " is not in std (" + goroot_ + "/src/" + std::string(path) + ")";
  } else {
    *error = "no required module provides package " + std::string(path) + "; to add it:\n\tgo get " + std::string(path);
  }
  return false;
}

bool Modules::package_in(const std::string& dir, PackagePlace* out) const {
  if (std::string src = goroot_ + "/src"; has_path_prefix(dir, src) && dir != src) {
    *out = {dir.substr(src.size() + 1), dir, nullptr, true};
    return true;
  }
  for (const Module& m : modules_) {
    if (!has_path_prefix(dir, m.dir)) continue;
    *out = {m.path + dir.substr(m.dir.size()), dir, &m, false};
    return true;
  }
  return false;
}

}  // namespace gale::load
