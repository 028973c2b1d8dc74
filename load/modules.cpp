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

// The go.work that would apply; "" if none does.
std::string workspace_above(const std::string& folder) {
  const std::string set = go_env("GOWORK");
  if (!set.empty()) return set == "off" ? "" : set;
  for (std::string dir = folder; !dir.empty(); dir.resize(dir.rfind('/') == dir.npos ? 0 : dir.rfind('/'))) {
    if (kind_of(dir + "/go.work") == FileKind::File) return dir + "/go.work";
  }
  return {};
}

bool first_element_has_dot(std::string_view path) { return path.substr(0, path.find('/')).find('.') != path.npos; }

}  // namespace

bool Modules::open(const std::string& working_dir, const Goroot& goroot, const std::string& overlay_dir, const std::string& mode,
                   std::vector<std::string>* errors) {
  goroot_ = goroot.dir;
  overlay_dir_ = overlay_dir;
  if (std::string work = workspace_above(working_dir); !work.empty()) {
    errors->push_back("gale: " + work + " makes a workspace, and gale does not build those yet; GOWORK=off builds the module alone");
    return false;
  }
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
  if (!parse_go_mod(text, shown, &go_mod_, &problems, root + "/go.mod")) {
    std::string message = "go: errors parsing " + shown + ":";
    for (const std::string& p : problems) message += "\n" + p;
    errors->push_back(problems.size() == 1 && problems[0].starts_with("error reading") ? "go: " + problems[0] : message);
    return false;
  }
  if (go_minor_version(go_mod_.go_version.empty() ? "1.16" : go_mod_.go_version) > kGoMinor) {
    errors->push_back("go: " + shown + " requires go >= " + go_mod_.go_version + " (running go " + goroot.version.substr(2) + "; GOTOOLCHAIN=local)");
    return false;
  }
  modules_.push_back({go_mod_.module_path, "", root, language_version(go_mod_.go_version), true});
  const bool has_vendor = kind_of(root + "/vendor/modules.txt") == FileKind::File;
  const bool vendors_by_itself = go_minor_version(go_mod_.go_version.empty() ? "1.13" : go_mod_.go_version) >= 14;
  vendor_by_flag_ = mode == "vendor";
  if (vendor_by_flag_ || (mode.empty() && has_vendor && vendors_by_itself)) {
    vendor_dir_ = root + "/vendor";
    if (!add_vendored(root, errors)) return false;
  } else {
    add_required(root);
  }
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

// The modules of vendor/modules.txt (go.dev/ref/mod#vendoring), which must agree with go.mod:
//
//   # example.org/d v1.0.0 => ./d
//   ## explicit; go 1.21
//   example.org/d/package
bool Modules::add_vendored(const std::string& root, std::vector<std::string>* errors) {
  struct Vendored {
    std::string path, version, replacement, go_version = "1.16";
    bool is_explicit = false;
  };
  std::vector<Vendored> vendored;
  std::string text;
  if (!read_file(root + "/vendor/modules.txt", &text) && !go_mod_.require.empty()) {
    errors->push_back("go: inconsistent vendoring in " + root + ":\n\tvendor/modules.txt is missing\n\n\tTo sync the vendor directory, "
                      "run:\n\t\tgo mod vendor");
    return false;
  }
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("## ") && !vendored.empty()) {
      for (line.remove_prefix(3); !line.empty();) {
        std::string_view item = line.substr(0, line.find(';'));
        line.remove_prefix(std::min(line.size(), item.size() + 1));
        while (item.starts_with(' ')) item.remove_prefix(1);
        if (item == "explicit") vendored.back().is_explicit = true;
        if (item.starts_with("go ")) vendored.back().go_version = item.substr(3);
      }
    } else if (line.starts_with("# ")) {
      line.remove_prefix(2);
      Vendored v;
      size_t arrow = line.find(" => ");
      if (arrow != line.npos) v.replacement = line.substr(arrow + 4);
      std::string_view module = line.substr(0, arrow);
      v.path = module.substr(0, module.find(' '));
      if (module.size() > v.path.size()) v.version = module.substr(v.path.size() + 1);
      vendored.push_back(std::move(v));
    }
  }

  std::string problems;
  for (const ModuleRequirement& r : go_mod_.require) {
    const Vendored* found = nullptr;
    for (const Vendored& v : vendored) {
      if (v.path == r.path && v.version == r.version) found = &v;
    }
    if (found == nullptr || !found->is_explicit) {
      problems += "\n\t" + r.path + "@" + r.version + ": is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt";
    }
  }
  for (const Vendored& v : vendored) {
    bool required = false;
    for (const ModuleRequirement& r : go_mod_.require) required = required || (r.path == v.path && r.version == v.version);
    if (v.is_explicit && !required) {
      problems += "\n\t" + v.path + "@" + v.version + ": is marked as explicit in vendor/modules.txt, but not explicitly required in go.mod";
    }
  }
  for (const ModuleReplacement& m : go_mod_.replace) {
    const std::string target = m.new_path + (m.new_version.empty() ? "" : " " + m.new_version);
    for (const Vendored& v : vendored) {
      if (v.path != m.path || (!m.version.empty() && m.version != v.version) || v.version.empty() || v.replacement == target) continue;
      const std::string name = m.path + (m.version.empty() ? "" : "@" + m.version);
      problems += v.replacement.empty()
                      ? "\n\t" + name + ": is replaced in go.mod, but not marked as replaced in vendor/modules.txt"
                      : "\n\t" + name + ": is replaced by " + target + " in go.mod, but marked as replaced by " + v.replacement +
                            " in vendor/modules.txt";
    }
  }
  if (!problems.empty()) {
    errors->push_back("go: inconsistent vendoring in " + root + ":" + problems +
                      "\n\n\tTo ignore the vendor directory, use -mod=readonly or -mod=mod.\n\tTo sync the vendor directory, run:\n\t\tgo mod vendor");
    return false;
  }
  for (const Vendored& v : vendored) {
    if (v.version.empty()) continue;  // a line about a replacement only
    Module m;
    m.path = v.path;
    m.version = v.version;
    m.dir = vendor_dir_ + "/" + v.path;
    m.go_version = language_version(v.go_version);
    if (!v.replacement.empty()) {
      m.replaced_by = v.replacement.substr(0, v.replacement.find(' '));
      if (m.replaced_by.size() < v.replacement.size()) m.replaced_version = v.replacement.substr(m.replaced_by.size() + 1);
    }
    modules_.push_back(std::move(m));
  }
  return true;
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

// Does another module begin between a module's folder and a folder in it?
static bool in_nested_module(const Module& m, const std::string& dir) {
  for (std::string d = dir; d.size() > m.dir.size(); d.resize(d.rfind('/'))) {
    if (kind_of(d + "/go.mod") == FileKind::File) return true;
  }
  return false;
}

bool Modules::find_in_modules(std::string_view path, PackagePlace* out) const {
  for (const Module& m : modules_) {
    if (!has_path_prefix(path, m.path)) continue;
    std::string dir = m.dir + std::string(path.substr(m.path.size()));
    if (!has_go_files_or_tests(dir) || in_nested_module(m, dir)) continue;
    *out = {std::string(path), dir, &m, false};
    return true;
  }
  return false;
}

// Why no module has the package.
std::string Modules::missing_in_modules(std::string_view path) const {
  const std::string p(path);
  if (!vendor_dir_.empty() && !has_path_prefix(path, main()->path)) {
    std::string text = "cannot find module providing package " + p + ": import lookup disabled by -mod=vendor";
    if (!vendor_by_flag_) text += "\n\t(Go version in go.mod is at least 1.14 and vendor directory exists.)";
    return text;
  }
  for (const ModuleReplacement& r : go_mod_.replace) {
    if (!has_path_prefix(path, r.path) || !r.new_version.empty()) continue;
    const ModuleRequirement* required = nullptr;
    for (const ModuleRequirement& q : go_mod_.require) {
      if (q.path == r.path && (r.version.empty() || r.version == q.version)) required = &q;
    }
    const std::string dir = absolute_path(r.new_path, main()->dir);
    if (required != nullptr) {
      if (kind_of(dir) != FileKind::Folder) {
        return r.path + "@" + required->version + ": replacement directory " + r.new_path + " does not exist";
      }
    } else if (has_go_files(dir + p.substr(r.path.size()))) {
      return "module " + r.path + " provides package " + p + " and is replaced but not required; to add it:\n\tgo get " + r.path;
    }
  }
  for (const ModuleRequirement& r : go_mod_.require) {
    if (!has_path_prefix(path, r.path) || find(r.path) != nullptr) continue;
    return "module " + r.path + "@" + r.version + ", which provides package " + p +
           ", is not in the module cache, and gale does not fetch modules yet; to get it:\n\tgo mod download " + r.path;
  }
  return "no required module provides package " + p + "; to add it:\n\tgo get " + p;
}

// Why an import path is none (golang.org/x/mod/module.CheckImportPath); "" if it is one.
static std::string malformed_path(std::string_view path) {
  if (path.starts_with('-')) return "leading dash";
  if (path.find("//") != path.npos) return "double slash";
  if (path.ends_with('/')) return "trailing slash";
  for (size_t at = 0; at <= path.size();) {
    std::string_view element = path.substr(at, path.find('/', at) - at);
    at += element.size() + 1;
    if (element.find_first_not_of('.') == element.npos) return "invalid path element \"" + std::string(element) + "\"";
    if (element.ends_with('.')) return "trailing dot in path element";
  }
  return {};
}

bool Modules::resolve(std::string_view path, const PackagePlace* importer, PackagePlace* out, std::string* error) const {
  if (path.starts_with("./") || path.starts_with("../") || path == "." || path == "..") {
    *error = "\"" + std::string(path) + "\" is relative, but relative import paths are not supported in module mode";
    return false;
  }
  if (path.starts_with("/")) {
    *error = "\"" + std::string(path) + "\" is not a package path; see 'go help packages'";
    return false;
  }
  if (importer == nullptr || !importer->is_std) {
    if (std::string wrong = malformed_path(path); !wrong.empty()) {
      *error = "malformed import path \"" + std::string(path) + "\": " + wrong;
      return false;
    }
    if (path.starts_with("vendor/") && importer != nullptr) {
      *error = "use of vendored package not allowed";
      return false;
    }
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
    *error = missing_in_modules(path);
  }
  return false;
}

bool Modules::package_in(const std::string& dir, PackagePlace* out) const {
  if (std::string src = goroot_ + "/src"; has_path_prefix(dir, src) && dir != src) {
    *out = {dir.substr(src.size() + 1), dir, nullptr, true};
    return true;
  }
  for (const Module& m : modules_) {
    if (!has_path_prefix(dir, m.dir) || in_nested_module(m, dir)) continue;
    *out = {m.path + dir.substr(m.dir.size()), dir, &m, false};
    return true;
  }
  return false;
}

}  // namespace gale::load
