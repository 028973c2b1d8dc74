#include "load/patterns.h"

#include <algorithm>
#include <set>

#include "load/file_system.h"
#include "load/package_files.h"

namespace gale::load {
namespace {

// Does `path` match a pattern with "..." in it? x/... also matches x.
bool matches(std::string_view pattern, std::string_view path) {
  size_t dots = pattern.find("...");
  if (dots == pattern.npos) return pattern == path;
  if (pattern.ends_with("/...") && pattern.find("...") == pattern.size() - 3 &&
      path == pattern.substr(0, pattern.size() - 4)) {
    return true;
  }
  if (!path.starts_with(pattern.substr(0, dots))) return false;
  std::string_view rest = pattern.substr(dots + 3);
  for (size_t at = dots; at <= path.size(); at++) {
    if (matches(rest, path.substr(at))) return true;
  }
  return false;
}

class Expander {
 public:
  Expander(const std::string& working_dir, const Modules& modules, std::vector<std::string>* errors,
           std::vector<std::string>* warnings)
      : working_dir_(working_dir), modules_(modules), errors_(*errors), warnings_(*warnings) {}

  std::vector<Target> targets;

  void expand(const std::string& pattern) {
    bool local = pattern == "." || pattern == ".." || pattern.starts_with("./") || pattern.starts_with("../") ||
                 pattern.starts_with("/");
    if (pattern.find("...") != pattern.npos || pattern == "std" || pattern == "cmd" || pattern == "all") {
      size_t before = targets.size();
      wildcard(pattern, local);
      if (targets.size() == before && errors_.empty()) warnings_.push_back("go: warning: \"" + pattern + "\" matched no packages");
    } else if (local) {
      folder(pattern);
    } else {
      import_path(pattern);
    }
  }

  void named_files(const std::vector<std::string>& names) {
    Target t;
    t.place.path = "command-line-arguments";
    for (const std::string& name : names) {
      if (!name.ends_with(".go")) {
        errors_.push_back("named files must be .go files: " + name);
        return;
      }
      std::string path = absolute_path(name, working_dir_);
      FileKind kind = kind_of(path);
      if (kind == FileKind::None) {
        errors_.push_back("stat " + name + ": no such file or directory");
        return;
      }
      if (kind == FileKind::Folder) {
        errors_.push_back(name + " is a directory, should be a Go file");
        return;
      }
      std::string dir = path.substr(0, path.rfind('/'));
      if (t.place.dir.empty()) t.place.dir = dir;
      if (t.place.dir != dir) {
        auto shown = [&](const std::string& d) { return d == working_dir_ ? std::string("./") : relative_path(d, working_dir_); };
        errors_.push_back("named files must all be in one directory; have " + shown(t.place.dir) + " and " + shown(dir));
        return;
      }
      t.named_files.push_back(path);
    }
    PackagePlace place;
    if (modules_.package_in(t.place.dir, &place)) t.place.module = place.module;
    targets.push_back(std::move(t));
  }

 private:
  void add(PackagePlace place, bool by_wildcard) {
    if (seen_.insert(place.path).second) targets.push_back({std::move(place), {}, by_wildcard});
  }

  void import_path(const std::string& pattern) {
    PackagePlace place;
    std::string error;
    if (modules_.resolve(pattern, nullptr, &place, &error)) {
      add(std::move(place), false);
    } else {
      errors_.push_back(error);
    }
  }

  void folder(const std::string& pattern) {
    std::string dir = absolute_path(pattern, working_dir_);
    PackagePlace place;
    const FileKind kind = kind_of(dir);
    bool in_goroot = has_path_prefix(dir, modules_.goroot() + "/src");
    if (!in_goroot && modules_.main() == nullptr) {
      errors_.push_back("go: go.mod file not found in current directory or any parent directory; see 'go help modules'");
    } else if (kind == FileKind::None) {
      errors_.push_back("stat " + dir + ": directory not found");
    } else if (const Module* m = modules_.main();
               !in_goroot && has_path_prefix(dir, m->dir) && (kind != FileKind::Folder || !modules_.package_in(dir, &place))) {
      errors_.push_back("main module (" + m->path + ") does not contain package " + m->path + dir.substr(m->dir.size()));
    } else if (kind != FileKind::Folder) {
      errors_.push_back(pattern + " is not a directory");
    } else if (!has_go_files(dir)) {
      errors_.push_back("no Go files in " + dir);
    } else if (!modules_.package_in(dir, &place)) {
      const std::string relative = relative_path(dir, working_dir_);
      errors_.push_back("directory " + (relative.size() < dir.size() ? relative : dir) +
                        " outside main module or its selected dependencies");
    } else {
      add(std::move(place), false);
    }
  }

  void wildcard(const std::string& pattern, bool local) {
    if (pattern == "std" || pattern == "cmd") {
      walk_std(modules_.goroot() + "/src" + (pattern == "cmd" ? "/cmd" : ""), [](std::string_view) { return true; });
      return;
    }
    if (local) {
      // The folder before the first "..." is walked.
      std::string fixed = pattern.substr(0, pattern.find("..."));
      fixed = fixed.substr(0, fixed.rfind('/') + 1);
      std::string root = absolute_path(fixed.empty() ? "." : fixed, working_dir_);
      std::string absolute = root == "/" ? root : root + "/";
      absolute += pattern.substr(fixed.size());
      auto fits = [&](std::string_view dir) { return matches(absolute, dir); };
      PackagePlace place;
      if (kind_of(root) == FileKind::None) {
        errors_.push_back("pattern " + pattern + ": lstat " + fixed + ": no such file or directory");
      } else if (has_path_prefix(root, modules_.goroot() + "/src")) {
        walk_std(root, [&](std::string_view path) { return fits(modules_.goroot() + "/src/" + std::string(path)); });
      } else if (!modules_.package_in(root, &place)) {
        std::string shown = fixed.empty() ? "." : fixed.size() > 1 && fixed.ends_with('/') ? fixed.substr(0, fixed.size() - 1) : fixed;
        errors_.push_back("pattern " + pattern + ": directory prefix " + shown +
                          " does not contain main module or its selected dependencies");
      } else {
        walk(*place.module, root, [&](std::string_view dir, std::string_view) { return fits(dir); });
      }
      return;
    }
    auto fits = [&](std::string_view path) { return pattern == "all" || matches(pattern, path); };
    if (const Module* m = modules_.main()) {
      walk(*m, m->dir, [&](std::string_view, std::string_view path) { return fits(path); });
    }
    if (pattern != "all") walk_std(modules_.goroot() + "/src", fits);
  }

  template <class Fits>
  void walk(const Module& module, const std::string& root, Fits fits) {
    walk_folder(root, [&](const std::string& dir) {
      std::string path = module.path + dir.substr(module.dir.size());
      if (fits(dir, path) && has_go_files(dir)) add({path, dir, &module, false}, true);
    }, dir_is_module_boundary(module.dir));
  }

  // A folder with a go.mod of its own is another module's.
  static auto dir_is_module_boundary(const std::string& module_dir) {
    return [module_dir](const std::string& dir) { return dir != module_dir && kind_of(dir + "/go.mod") == FileKind::File; };
  }

  template <class Fits>
  void walk_std(const std::string& root, Fits fits) {
    std::string src = modules_.goroot() + "/src";
    bool commands = root != src;
    walk_folder(root, [&](const std::string& dir) {
      if (dir == src) return;
      std::string path = dir.substr(src.size() + 1);
      if (path != "builtin" && fits(path) && has_go_files(dir)) add({path, dir, nullptr, true}, true);
    }, [&](const std::string& dir) { return !commands && dir == src + "/cmd"; });
  }

  // Calls `visit` for root and the folders below it, in order, but those that never hold packages and those where `stop` holds.
  template <class Visit, class Stop>
  void walk_folder(const std::string& root, const Visit& visit, const Stop& stop) {
    std::vector<std::string> pending = {root};
    while (!pending.empty()) {
      std::string dir = pending.back();
      pending.pop_back();
      if (stop(dir)) continue;
      visit(dir);
      std::vector<FolderEntry> entries = list_folder(dir);
      for (size_t i = entries.size(); i-- > 0;) {
        const std::string& name = entries[i].name;
        bool std_vendor = dir == modules_.goroot() + "/src" || dir == modules_.goroot() + "/src/cmd";
        if (entries[i].kind != FileKind::Folder || name[0] == '.' || name[0] == '_' || name == "testdata" ||
            (name == "vendor" && !std_vendor)) {
          continue;
        }
        pending.push_back(dir + "/" + name);
      }
    }
  }

  const std::string& working_dir_;
  const Modules& modules_;
  std::vector<std::string>& errors_;
  std::vector<std::string>& warnings_;
  std::set<std::string> seen_;
};

}  // namespace

std::vector<Target> expand_patterns(const std::vector<std::string>& patterns, const std::string& working_dir,
                                    const Modules& modules, std::vector<std::string>* errors,
                                    std::vector<std::string>* warnings) {
  Expander e(working_dir, modules, errors, warnings);
  // One file that is there makes all of them files.
  auto is_file = [&](const std::string& p) { return p.ends_with(".go") && kind_of(absolute_path(p, working_dir)) == FileKind::File; };
  if (std::any_of(patterns.begin(), patterns.end(), is_file)) {
    e.named_files(patterns);
    return std::move(e.targets);
  }
  for (const std::string& p : patterns) e.expand(p);
  return std::move(e.targets);
}

}  // namespace gale::load
